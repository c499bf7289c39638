//! What the commands that act on a complaint share: whom it accuses, how it went.

use protocol_core::complaint::Complaint;
use protocol_core::wechat_pay::GetComplaint;
use serde::Serialize;
use wechat_adapter::Effect;

use crate::args;
use crate::confirm::quoted;
use crate::error::Error;
use crate::network::Network;
use crate::output::{self, visible};

/// The complaint that is acted on, as far as it was asked for.
pub(crate) struct Target {
    pub(crate) complainted_mchid: String,
    complaint: Option<Complaint>,
}

impl Target {
    /// Asks the complaint whom it accuses, unless that is given and nobody wants to see the complaint.
    pub(crate) async fn of(
        network: &Network,
        complaint_id: &str,
        accused: &args::Accused,
        consent: &args::Consent,
    ) -> Result<Self, Error> {
        if let (Some(mchid), true) = (&accused.mchid, consent.yes || consent.dry_run) {
            return Ok(Self { complainted_mchid: mchid.clone(), complaint: None });
        }
        let complaint = get(network, complaint_id).await?;
        let complainted_mchid =
            accused.mchid.clone().or_else(|| complaint.complainted_mchid.clone()).ok_or_else(|| {
                Error::config("the complaint does not say whom it accuses; give --accused MCHID; nothing was sent")
            })?;
        Ok(Self { complainted_mchid, complaint: Some(complaint) })
    }

    /// The complaint, for the question.
    pub(crate) fn describe(&self, complaint_id: &str) -> String {
        describe(complaint_id, self.complaint.as_ref())
    }
}

/// A complaint.
pub(crate) async fn get(network: &Network, complaint_id: &str) -> Result<Complaint, Error> {
    Ok(network.client().await?.send(&GetComplaint { complaint_id: complaint_id.to_owned() }).await?)
}

/// A complaint in two lines.
pub(crate) fn describe(complaint_id: &str, complaint: Option<&Complaint>) -> String {
    let state = complaint.and_then(|complaint| complaint.complaint_state.as_ref());
    let state = state.map(|state| format!(" ({})", visible(state.as_str()))).unwrap_or_default();
    let words = complaint.and_then(|complaint| complaint.complaint_detail.as_ref());
    let words = words.map(|words| quoted(words.expose())).unwrap_or_default();
    format!("Complaint {}{state}{words}", visible(complaint_id))
}

/// What is printed once it is done.
#[derive(Serialize)]
struct Done<'a> {
    complaint_id: &'a str,
    effect: &'static str,
}

pub(crate) fn print_effect(complaint_id: &str, effect: Effect) -> Result<(), Error> {
    let effect = match effect {
        Effect::Found => "found",
        _ => "confirmed",
    };
    output::print(&Done { complaint_id, effect })
}
