//! The plan of a command that acts: checked, confirmed, carried out, its effect printed.

use std::collections::BTreeMap;

use protocol_core::channel::{Act, ComplaintRef, Effect};
use serde::Serialize;

use crate::args::{Consent, Via};
use crate::channel;
use crate::channel::acting::{Acting, Said, Shown, processed_once};
use crate::config::Config;
use crate::error::Error;
use crate::input::picture::Pictures;
use crate::view::output;

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
    pub(crate) fn run(&self, via: &Via, config: &Config) -> Result<(), Error> {
        channel::run(via, config, async |channel| self.carry_out(channel).await)
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
        consent.check()?;

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

/// The printed result.
#[derive(Serialize)]
struct Done<'a> {
    #[serde(flatten)]
    id: BTreeMap<&'static str, &'a str>,
    effect: Effect,
    #[serde(flatten)]
    said: Said,
}
