//! Acts through a channel, with the words of a command line.

use protocol_core::channel::{Act, ComplaintRef, Effect, Picture};
use protocol_core::complaint::{Complaint, Fen};
use protocol_core::{Misfit, Personal};
use serde::Serialize;

use super::{Channel, Platform};
use crate::error::{Error, Failure as _};
use crate::language::language;
use crate::view::confirm;
use crate::view::output::visible;
use crate::view::words::word_in;

/// A platform that acts are carried out through.
pub(crate) trait Acting: Platform {
    /// Reads the complaint for its confirmation. An error says how to go on without.
    async fn show(&self, complaint_id: &str, go_on: &str) -> Result<Shown, Error>;

    /// Uploads a picture and returns its id.
    async fn upload(&self, picture: Picture<'_>) -> Result<String, Error>;

    /// Carries out an act.
    async fn perform(&self, complaint: &ComplaintRef, act: &Act) -> Result<Effect, Error>;
}

impl Acting for dyn Channel + '_ {
    async fn show(&self, complaint_id: &str, go_on: &str) -> Result<Shown, Error> {
        let client = self.client().await.map_err(|error| error.and("nothing was sent"))?;
        let complaint = client.show(&ComplaintRef::new(complaint_id)).await;
        let complaint = complaint.map_err(|error| Error::of_preparation(error, go_on))?;
        Ok(Shown {
            description: describe(complaint_id, &complaint),
            misfits: complaint.misfits(),
            accused: complaint.complainted_mchid,
            refund: complaint.apply_refund_amount,
        })
    }

    async fn upload(&self, picture: Picture<'_>) -> Result<String, Error> {
        Ok(self.client().await?.upload_image(picture).await?)
    }

    async fn perform(&self, complaint: &ComplaintRef, act: &Act) -> Result<Effect, Error> {
        let client = self.client().await.map_err(|error| error.and("nothing was sent"))?;
        client.perform(complaint, act).await.map_err(|error| {
            let once = processed_once(act).filter(|_| error.may_have_happened());
            let error = Error::of_act(error);
            match once {
                Some(once) => error.and(once),
                None => error,
            }
        })
    }
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

fn describe(complaint_id: &str, complaint: &Complaint) -> String {
    let state = complaint.complaint_state.as_ref().map(|state| word_in(language(), "state", state.as_str()));
    confirm::complaint(complaint_id, state, complaint.complaint_detail.as_ref().map(|words| words.expose().as_str()))
}

/// The way to repeat an act that the platform processes once.
pub(crate) fn processed_once(act: &Act) -> Option<String> {
    let Act::ReplyImmediately(reply) = act else { return None };
    Some(format!("the same reply with --idempotent-id {} is processed once", visible(&reply.idempotent_id)))
}
