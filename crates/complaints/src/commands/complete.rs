//! `complete`: the complaint is dealt with.

use std::path::Path;

use protocol_core::channel::Act;

use crate::channel::act::Plan;
use crate::error::Error;
use crate::input::picture::Pictures;
use crate::{args, channel};

pub(crate) fn run(arguments: &args::Complete, config: &Path) -> Result<(), Error> {
    let args::Complete { complaint, accused, via, consent } = arguments;
    via.check(&[("--accused", accused.mchid.is_some())])?;
    consent.check()?;
    let plan = Plan {
        complaint_id: &complaint.id,
        accused: accused.mchid.as_deref(),
        consent,
        pictures: &Pictures::default(),
        act: &|_| Act::Complete,
        question: &|_| "The complaint will be completed: you have dealt with it.".to_owned(),
    };
    channel::run(via, config, &plan)
}
