//! What the commands that act on a complaint share: whom it accuses, how it went.

use protocol_core::channel::{ComplaintChannel as _, ComplaintRef, Effect};
use protocol_core::complaint::Complaint;
use serde::Serialize;

use crate::args;
use crate::channel::{Act, Channel, Said};
use crate::error::Error;
use crate::view::confirm::quoted;
use crate::view::output::{self, visible};

/// The complaint that is acted on, as far as it was asked for.
pub(crate) struct Target {
    pub(crate) about: ComplaintRef,
    complaint: Option<Complaint>,
}

impl Target {
    /// Asks the complaint whom it accuses, unless that is given or of no use, and nobody wants to see the complaint.
    pub(crate) async fn of<C: Channel>(
        channel: &C,
        complaint_id: &str,
        accused: &args::Accused,
        consent: &args::Consent,
    ) -> Result<Self, Error> {
        let mut about = ComplaintRef::new(complaint_id);
        about.complainted_mchid.clone_from(&accused.mchid);
        let is_complete = about.complainted_mchid.is_some() || !C::NAMES_THE_ACCUSED;
        if is_complete && (consent.yes || consent.dry_run) {
            return Ok(Self { about, complaint: None });
        }
        let go_on = match (is_complete, consent.yes) {
            (true, _) => "go ahead without seeing it with --yes",
            (false, true) => "name the merchant with --accused MCHID",
            (false, false) => "name the merchant with --accused MCHID, and go ahead without seeing it with --yes",
        };
        let complaint = get_first(channel, complaint_id, go_on).await?;
        if !consent.yes && !consent.dry_run {
            output::note_left_out(&complaint.misfits());
        }
        if !is_complete {
            about.complainted_mchid.clone_from(&complaint.complainted_mchid);
            if about.complainted_mchid.is_none() {
                let what = "the complaint does not say whom it accuses; give --accused MCHID; nothing was sent";
                return Err(Error::usage(what));
            }
        }
        Ok(Self { about, complaint: Some(complaint) })
    }

    /// The complaint, for the question.
    pub(crate) fn describe(&self) -> String {
        describe(&self.about.complaint_id, self.complaint.as_ref())
    }
}

/// A complaint.
pub(crate) async fn get<C: Channel>(channel: &C, complaint_id: &str) -> Result<Complaint, Error> {
    channel.client().await?.show(&ComplaintRef::new(complaint_id)).await.map_err(Into::into)
}

/// A complaint that something is to be done about; how to go on where it cannot be read.
pub(crate) async fn get_first<C: Channel>(channel: &C, complaint_id: &str, go_on: &str) -> Result<Complaint, Error> {
    let client = channel.client().await.map_err(|error| error.and("nothing was sent"))?;
    client.show(&ComplaintRef::new(complaint_id)).await.map_err(|error| Error::of_preparation(error, go_on))
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
    #[serde(flatten)]
    said: Said,
}

/// Acts, and prints what came of it. Interrupted, it says how to find out.
pub(crate) async fn perform<C: Channel>(channel: &C, about: &ComplaintRef, act: &Act) -> Result<(), Error> {
    let mut look = channel.look(&about.complaint_id);
    if let Act::ReplyAtOnce { idempotent_id, .. } = act {
        let id = visible(idempotent_id);
        look.push_str(&format!(" (the same reply with --idempotent-id {id} is processed once)"));
    }
    channel.watch().look_with(look);
    let effect = channel.perform(about, act).await?;
    print_effect(&about.complaint_id, effect, channel.said())
}

fn print_effect(complaint_id: &str, effect: Effect, said: Said) -> Result<(), Error> {
    output::print(&Done { complaint_id, effect: effect_word(effect), said })
}

pub(crate) const fn effect_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Found => "found",
        _ => "confirmed",
    }
}
