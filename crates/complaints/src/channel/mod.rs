//! The channels as configured, and the commands' interface to them.
//!
//! The library's [`ComplaintChannel`] does the work. A command line adds requests that are printed
//! and not sent, and the options of a single channel.

pub(crate) mod acting;
mod allinpay;
pub(crate) mod dry_run;
mod mini_program;
mod virtual_payment;
pub(crate) mod watch;
mod wechat_pay;

use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use protocol_core::Personal;
use protocol_core::channel::{Act, ChannelStream, ComplaintChannel, ComplaintRef, Picture};
use protocol_core::complaint::{Complaint, Deadlines};
use protocol_core::crypto::Decryptor;
use protocol_core::wechat_pay::ListComplaints;

use self::acting::Said;
use self::allinpay::AllinpayChannel;
use self::dry_run::SignedRequest;
pub(crate) use self::mini_program::MiniProgramChannel;
pub(crate) use self::virtual_payment::VirtualPaymentChannel;
use self::watch::Watch;
pub(crate) use self::wechat_pay::WechatPayChannel;
use crate::args::{ChannelName, Via};
use crate::config::Config;
use crate::error::Error;

/// A platform that requests are sent to, or printed for.
pub(crate) trait Platform {
    /// The name of a complaint's number in the output.
    fn id(&self) -> &'static str {
        "complaint_id"
    }

    /// Counts the requests that change something.
    fn watch(&self) -> &Watch;

    /// The command that shows the effect of an act.
    fn look(&self, complaint_id: &str) -> String;

    /// Whether the request of an act names the merchant that the complaint accuses.
    fn names_the_accused(&self, _: &Act) -> bool {
        false
    }

    /// The request of an act, not sent. Refuses values that the platform would refuse.
    fn request(&self, complaint: &ComplaintRef, act: &Act) -> Result<SignedRequest, Error>;

    /// The request of an upload, not sent.
    fn upload_request(&self, picture: Picture<'_>) -> Result<SignedRequest, Error>;

    /// The platform's words beside its response to the last act.
    fn said(&self) -> Said {
        Said::default()
    }
}

/// A channel of complaints.
pub(crate) trait Channel: Platform {
    /// The library's client.
    fn client(&self) -> Task<'_, &dyn ComplaintChannel>;

    /// The complaints of at most 30 days.
    fn complaints<'a>(
        &'a self,
        client: &'a dyn ComplaintChannel,
        list: ListComplaints,
    ) -> ChannelStream<'a, Complaint> {
        client.list(&list.begin_date, &list.end_date)
    }

    /// A picture of a complaint, by its address or id.
    fn download<'a>(&'a self, complaint: &'a ComplaintRef, media: &'a str) -> Task<'a, Personal<Vec<u8>>> {
        Box::pin(async move {
            if !media.contains("://") {
                return Err(Error::usage("this channel finds pictures by address only; give a URL of the complaint"));
            }
            Ok(self.client().await?.download_image(complaint, media).await?.trust_anyway())
        })
    }

    /// The deadlines, by the source of this channel.
    fn deadlines(&self, deadlines: Deadlines) -> Deadlines {
        deadlines
    }

    /// Whether the payer's phone number arrives in clear.
    fn phone_is_clear(&self) -> bool {
        true
    }

    /// The keys that decrypt phone numbers.
    fn phone_keys(&self) -> Result<Vec<Arc<dyn Decryptor>>, Error> {
        Ok(Vec::new())
    }
}

/// A call, to be awaited.
pub(crate) type Task<'a, T> = LocalBoxFuture<'a, Result<T, Error>>;

/// Runs a command through the chosen channel.
pub(crate) fn run(
    via: &Via,
    config: &Config,
    command: impl AsyncFnOnce(&dyn Channel) -> Result<(), Error>,
) -> Result<(), Error> {
    let channel: Box<dyn Channel> = match via.channel {
        ChannelName::WechatPay => Box::new(WechatPayChannel::open(config)?),
        ChannelName::VirtualPayment => Box::new(VirtualPaymentChannel::open(config)?),
        ChannelName::Allinpay => Box::new(AllinpayChannel::open(config, via.merchant.as_deref())?),
    };
    channel.watch().block_on(command(&*channel))
}

/// Runs a command on a platform.
pub(crate) fn run_on<P: Platform>(
    platform: Result<P, Error>,
    command: impl AsyncFnOnce(&P) -> Result<(), Error>,
) -> Result<(), Error> {
    let platform = platform?;
    platform.watch().block_on(command(&platform))
}
