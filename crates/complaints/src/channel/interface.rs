//! What the commands ask of a channel, whichever it is. They are written once, over the library's [`ComplaintChannel`]; here is
//! what a command line wants beyond it: requests that are shown and not sent, and options that one channel has alone.

use std::sync::Arc;

use futures_util::Stream;
use protocol_core::channel::{ComplaintChannel, ComplaintRef, Effect, Picture, RefundDecision, RefundRejection, Reply};
use protocol_core::complaint::Complaint;
use protocol_core::crypto::Decryptor;
use protocol_core::{Personal, PictureKind};
use serde::Serialize;

use crate::args;
use crate::channel::dry_run::SignedRequest;
use crate::error::{Error, Failure};
use crate::runtime::Watch;

/// A channel as configured.
pub(crate) trait Channel {
    type Client: ComplaintChannel<Error: Failure>;

    /// Acts name the merchant that the complaint accuses.
    const NAMES_THE_ACCUSED: bool;
    /// The payer's phone number comes in clear.
    const PHONE_IS_CLEAR: bool;

    /// What sends.
    async fn client(&self) -> Result<&Self::Client, Error>;

    /// What counts the requests that change something.
    fn watch(&self) -> &Watch;

    /// The command that shows what became of an act.
    fn look(&self, complaint_id: &str) -> String;

    /// The request of an act, signed and not sent. Values that the platform would refuse are refused.
    fn signed(&self, about: &ComplaintRef, act: &Act) -> Result<SignedRequest, Error>;

    /// The request of an upload, signed and not sent.
    fn signed_upload(&self, picture: Picture<'_>) -> Result<SignedRequest, Error>;

    /// Acts.
    async fn perform(&self, about: &ComplaintRef, act: &Act) -> Result<Effect, Error> {
        perform(self.client().await?, about, act).await
    }

    /// What the platform said beside its response to the last act.
    fn said(&self) -> Said {
        Said::default()
    }

    /// The complaints of at most 30 days.
    fn complaints(
        client: &Self::Client,
        _: &args::List,
        first: &str,
        last: &str,
    ) -> impl Stream<Item = Result<Complaint, ClientError<Self>>> {
        client.list(first, last)
    }

    /// A picture, by what the complaint calls it.
    async fn download(&self, media: &str) -> Result<Image, Error> {
        if !media.contains("://") {
            return Err(Error::usage(
                "this channel knows pictures by their address alone: give a URL of the complaint",
            ));
        }
        let image = self.client().await?.download_image(media).await.map_err(Into::into)?.trust_anyway();
        Ok(Image { kind: PictureKind::of(image.expose()), bytes: image })
    }

    /// What opens encrypted phone numbers.
    fn phone_keys(&self) -> Result<Vec<Arc<dyn Decryptor>>, Error> {
        Ok(Vec::new())
    }
}

/// What a channel's client fails with.
pub(crate) type ClientError<C> = <<C as Channel>::Client as ComplaintChannel>::Error;

/// Something to do about a complaint.
pub(crate) enum Act {
    Reply(Reply),
    /// WeChat Pay's alone.
    ReplyWithLink {
        reply: Reply,
        url: String,
        caption: String,
    },
    /// WeChat Pay's alone.
    ReplyAtOnce {
        reply: Reply,
        idempotent_id: String,
    },
    Complete,
    Refund(Decision),
}

/// A decision on a refund, with all that WeChat Pay takes.
pub(crate) struct Decision {
    pub(crate) approve: bool,
    pub(crate) days: Option<u32>,
    pub(crate) reason: Option<Personal<String>>,
    pub(crate) images: Vec<String>,
    pub(crate) remark: Option<Personal<String>>,
}

impl Decision {
    /// The decision as every channel takes it.
    pub(crate) fn common(&self) -> Result<RefundDecision, Error> {
        if !self.approve {
            let mut rejection = RefundRejection::new(self.reason.clone().unwrap_or_default());
            rejection.images.clone_from(&self.images);
            rejection.remark.clone_from(&self.remark);
            return Ok(rejection.into());
        }
        if self.remark.is_some() {
            return Err(Error::usage("this channel takes --remark with --reject only; nothing was sent"));
        }
        match self.days {
            Some(launch_refund_day) => Ok(RefundDecision::approve(launch_refund_day)),
            None => Err(Error::usage("this channel wants --days N with --approve, 0 for today; nothing was sent")),
        }
    }
}

/// A picture that was downloaded. Whoever opens it has to take it for what a stranger sent.
pub(crate) struct Image {
    /// By its first bytes.
    pub(crate) kind: Option<PictureKind>,
    pub(crate) bytes: Personal<Vec<u8>>,
}

/// What the platform said beside its response to an act.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Said {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) handlestate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) handlemsg: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retmsg: Option<Personal<String>>,
}

/// Acts through what every channel has.
pub(crate) async fn perform<C>(client: &C, about: &ComplaintRef, act: &Act) -> Result<Effect, Error>
where
    C: ComplaintChannel<Error: Failure>,
{
    let outcome = match act {
        Act::Reply(reply) => client.reply(about, reply).await,
        Act::Complete => client.complete(about).await,
        Act::Refund(decision) => client.decide_refund(about, &decision.common()?).await,
        Act::ReplyWithLink { .. } | Act::ReplyAtOnce { .. } => return Err(only_wechat_pay()),
    };
    outcome.map_err(Error::of_act)
}

/// Of an act that the arguments should have refused.
pub(crate) fn only_wechat_pay() -> Error {
    Error::usage("only WeChat Pay's own interfaces offer this: leave out --via; nothing was sent")
}

/// A command that every channel offers.
pub(crate) trait Command {
    async fn run<C: Channel>(&self, channel: &C) -> Result<(), Error>;
}
