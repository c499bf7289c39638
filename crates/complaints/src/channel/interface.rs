//! The commands' interface to a channel.
//!
//! The library's [`ComplaintChannel`] does the work. A command line adds requests that are printed
//! and not sent, and the options of a single channel.

use std::sync::Arc;

use futures_util::Stream;
use protocol_core::channel::{Act, ActKind, ChannelError, ComplaintChannel, ComplaintRef, Effect, Picture};
use protocol_core::complaint::{Complaint, Fen};
use protocol_core::crypto::Decryptor;
use protocol_core::{Misfit, Personal, PictureKind};
use serde::Serialize;

use crate::args;
use crate::channel::dry_run::SignedRequest;
use crate::channel::watch::Watch;
use crate::error::Error;

/// A channel that acts are carried out through.
pub(crate) trait Acting {
    /// The name of a complaint's number in the output.
    const ID: &str = "complaint_id";

    /// Counts the requests that change something.
    fn watch(&self) -> &Watch;

    /// The command that shows the effect of an act.
    fn look(&self, complaint_id: &str) -> String;

    /// Whether the request of an act names the merchant that the complaint accuses.
    fn names_the_accused(_: ActKind) -> bool {
        false
    }

    /// The request of an act, not sent. Refuses values that the platform would refuse.
    fn request(&self, complaint: &ComplaintRef, act: &Act) -> Result<SignedRequest, Error>;

    /// The request of an upload, not sent.
    fn upload_request(&self, picture: Picture<'_>) -> Result<SignedRequest, Error>;

    /// Reads the complaint for its confirmation. An error says how to go on without.
    async fn show(&self, complaint_id: &str, go_on: &str) -> Result<Shown, Error>;

    /// Uploads a picture and returns its id.
    async fn upload(&self, picture: Picture<'_>) -> Result<String, Error>;

    /// Carries out an act.
    async fn perform(&self, complaint: &ComplaintRef, act: &Act) -> Result<Effect, Error>;

    /// The platform's words beside its response to the last act.
    fn said(&self) -> Said {
        Said::default()
    }
}

/// A channel that complaints are also listed and read through.
pub(crate) trait Channel: Acting {
    type Client: ComplaintChannel;

    /// Whether the payer's phone number arrives in clear.
    const PHONE_IS_CLEAR: bool;

    /// The library's client.
    async fn client(&self) -> Result<&Self::Client, Error>;

    /// The complaints of at most 30 days.
    fn complaints(
        client: &Self::Client,
        _: &args::List,
        first: &str,
        last: &str,
    ) -> impl Stream<Item = Result<Complaint, ChannelError>> {
        client.list(first, last)
    }

    /// A picture, by its address or id.
    async fn download(&self, media: &str) -> Result<Image, Error> {
        if !media.contains("://") {
            return Err(Error::usage("this channel finds pictures by address only; give a URL of the complaint"));
        }
        let image = self
            .client()
            .await?
            .download_image(&ComplaintRef::new(""), media)
            .await
            .map_err(Error::from)?
            .trust_anyway();
        Ok(Image { kind: PictureKind::of(image.expose()), bytes: image })
    }

    /// The keys that decrypt phone numbers.
    fn phone_keys(&self) -> Result<Vec<Arc<dyn Decryptor>>, Error> {
        Ok(Vec::new())
    }
}

/// A command that every channel offers.
pub(crate) trait Command {
    async fn run<C: Channel>(&self, channel: &C) -> Result<(), Error>;
}

/// A complaint before an act on it.
pub(crate) struct Shown {
    /// In two lines.
    pub(crate) description: String,
    pub(crate) misfits: Vec<Misfit>,
    /// The merchant that it accuses.
    pub(crate) accused: Option<String>,
    /// The refund that the payer asks for.
    pub(crate) refund: Option<Fen>,
}

/// The platform's words beside its response to an act.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Said {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) handlestate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) handlemsg: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retmsg: Option<Personal<String>>,
}

/// A downloaded picture. A stranger sent it.
pub(crate) struct Image {
    /// By its first bytes.
    pub(crate) kind: Option<PictureKind>,
    pub(crate) bytes: Personal<Vec<u8>>,
}
