//! `complete`: the complaint is dealt with.

use clap::Args;
use protocol_core::channel::Act;

use crate::args::{Accused, Consent, OneComplaint, Via};
use crate::commands::plan::Plan;
use crate::config::Config;
use crate::error::Error;
use crate::input::picture::Pictures;
use crate::language::language;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) complaint: OneComplaint,

    #[command(flatten)]
    pub(crate) accused: Accused,

    #[command(flatten)]
    pub(crate) via: Via,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    let Arguments { complaint, accused, via, consent } = arguments;
    via.check(&[("--accused", accused.mchid.is_some())])?;
    consent.check()?;
    let plan = Plan {
        complaint_id: &complaint.id,
        accused: accused.mchid.as_deref(),
        consent,
        pictures: &Pictures::default(),
        act: &|_| Act::Complete,
        question: &|_| language().text("ask-complete"),
    };
    plan.run(via, config)
}
