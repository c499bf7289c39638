//! An act on a complaint, from its check to the printed effect.

use std::collections::BTreeMap;
use std::path::Path;

use protocol_core::channel::{Act, ComplaintRef, Effect, Picture};
use protocol_core::complaint::{Complaint, Fen};
use protocol_core::{Misfit, Personal};
use serde::Serialize;

use super::{Channel, Platform};
use crate::args::{Consent, Via};
use crate::error::{Error, Failure as _};
use crate::input::picture::Pictures;
use crate::view::confirm::quoted;
use crate::view::output::{self, visible};

/// An act as the arguments have it.
pub(crate) struct Plan<'a> {
    pub(crate) complaint_id: &'a str,
    pub(crate) accused: Option<&'a str>,
    pub(crate) consent: &'a Consent,
    /// Uploaded first.
    pub(crate) pictures: &'a Pictures<'a>,
    /// The act, with the ids of its pictures.
    pub(crate) act: &'a dyn Fn(Vec<String>) -> Act,
    /// The act in words, for the confirmation.
    pub(crate) question: &'a dyn Fn(&Shown) -> String,
}

impl Plan<'_> {
    /// Carries the plan out through the chosen channel.
    pub(crate) fn run(&self, via: &Via, config: &Path) -> Result<(), Error> {
        super::run(via, config, async |channel| self.carry_out(channel).await)
    }

    /// Checks, confirms, uploads, acts, prints the effect. With `--dry-run`, prints the requests.
    pub(crate) async fn carry_out<C: Acting + ?Sized>(&self, channel: &C) -> Result<(), Error> {
        let Self { complaint_id, consent, .. } = self;
        let planned = (self.act)(self.pictures.future_ids());
        let mut complaint = ComplaintRef::new(*complaint_id);
        complaint.complainted_mchid = self.accused.map(str::to_owned);
        let lacks_accused = self.accused.is_none() && channel.names_the_accused(&planned);

        // Wrong values are refused before the first request, with any merchant.
        let mut checked = complaint.clone();
        checked.complainted_mchid.get_or_insert_with(|| "0".to_owned());
        channel.request(&checked, &planned)?;

        let asks = !consent.yes && !consent.dry_run;
        if asks || lacks_accused {
            let shown = channel.show(complaint_id, go_on(lacks_accused, consent.yes)).await?;
            if lacks_accused {
                complaint.complainted_mchid = Some(shown.accused.clone().ok_or_else(|| {
                    Error::usage("the complaint names no accused merchant; nothing was sent; give --accused MCHID")
                })?);
            }
            if asks {
                output::note_left_out(&shown.misfits);
                // The request is refused before the confirmation, too.
                channel.request(&complaint, &planned)?;
                consent.ask(format!("{}\n{}", shown.description, (self.question)(&shown))).await?;
            }
        }
        if consent.dry_run {
            let mut request = channel.request(&complaint, &planned)?;
            request.before = self.pictures.requests(channel)?;
            return output::print(&request);
        }
        let act = (self.act)(self.pictures.upload(channel).await?);
        let once = processed_once(&act).map(|once| format!(" ({once})")).unwrap_or_default();
        channel.watch().look_with(format!("{}{once}", channel.look(complaint_id)));
        let effect = channel.perform(&complaint, &act).await?;
        output::print(&Done { id: BTreeMap::from([(channel.id(), *complaint_id)]), effect, said: channel.said() })
    }
}

/// How to go on when the complaint cannot be read.
const fn go_on(lacks_accused: bool, yes: bool) -> &'static str {
    match (lacks_accused, yes) {
        (false, _) => "go ahead without seeing it with --yes",
        (true, true) => "name the merchant with --accused MCHID",
        (true, false) => "name the merchant with --accused MCHID, and go ahead without seeing it with --yes",
    }
}

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

/// The printed result.
#[derive(Serialize)]
struct Done<'a> {
    #[serde(flatten)]
    id: BTreeMap<&'static str, &'a str>,
    effect: Effect,
    #[serde(flatten)]
    said: Said,
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
    let state = complaint.complaint_state.as_ref().map(|state| format!(" ({})", visible(state.as_str())));
    let words = complaint.complaint_detail.as_ref().map(|words| quoted(words.expose()));
    format!("Complaint {}{}{}", visible(complaint_id), state.unwrap_or_default(), words.unwrap_or_default())
}

/// The way to repeat an act that the platform processes once.
fn processed_once(act: &Act) -> Option<String> {
    let Act::ReplyImmediately(reply) = act else { return None };
    Some(format!("the same reply with --idempotent-id {} is processed once", visible(&reply.idempotent_id)))
}
