//! `complete`: the complaint is dealt with.

use std::path::Path;

use crate::args;
use crate::channel::act::{Target, perform};
use crate::channel::{self, Act, Channel, Command};
use crate::error::Error;
use crate::view::output;

pub(crate) fn run(arguments: &args::CompleteArguments, config: &Path) -> Result<(), Error> {
    arguments.via.check(&[("--accused", arguments.accused.mchid.is_some())])?;
    arguments.consent.check()?;
    channel::run(&arguments.via, config, arguments)
}

impl Command for args::CompleteArguments {
    async fn run<C: Channel>(&self, channel: &C) -> Result<(), Error> {
        let id = &self.complaint.id;
        let target = Target::of(channel, id, &self.accused, &self.consent).await?;
        let request = channel.signed(&target.about, &Act::Complete)?;
        if self.consent.dry_run {
            return output::print(&request);
        }
        self.consent.ask(format!("{}\nIt will be completed: for you it is dealt with.", target.describe())).await?;
        perform(channel, &target.about, &Act::Complete).await
    }
}
