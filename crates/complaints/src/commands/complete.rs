//! `complete`: the complaint is dealt with.

use std::path::Path;

use protocol_core::channel::Act;

use crate::args;
use crate::channel::act::Plan;
use crate::channel::{self, Channel, Command};
use crate::error::Error;
use crate::input::picture::Pictures;

pub(crate) fn run(arguments: &args::CompleteArguments, config: &Path) -> Result<(), Error> {
    arguments.via.check(&[("--accused", arguments.accused.mchid.is_some())])?;
    arguments.consent.check()?;
    channel::run(&arguments.via, config, arguments)
}

impl Command for args::CompleteArguments {
    async fn run<C: Channel>(&self, channel: &C) -> Result<(), Error> {
        let plan = Plan {
            complaint_id: &self.complaint.id,
            accused: self.accused.mchid.as_deref(),
            consent: &self.consent,
            pictures: &Pictures::default(),
            act: &|_| Act::Complete,
            question: &|_| "The complaint will be completed: you have dealt with it.".to_owned(),
        };
        plan.carry_out(channel).await
    }
}
