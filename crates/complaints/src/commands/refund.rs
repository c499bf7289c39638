//! `refund`: yes or no to the refund that the payer asks for.

use std::path::Path;

use protocol_core::Personal;
use protocol_core::channel::ComplaintRef;

use crate::args;
use crate::channel::act::{describe, get_first, perform};
use crate::channel::{self, Act, Channel, Command, Decision};
use crate::error::Error;
use crate::input::picture::Pictures;
use crate::view::confirm::quoted;
use crate::view::output;
use crate::view::words::yuan;

pub(crate) fn run(arguments: &args::Refund, config: &Path) -> Result<(), Error> {
    arguments.via.check(&[])?;
    arguments.consent.check()?;
    let pictures = Pictures::read(&arguments.files, &arguments.ids)?;
    channel::run(&arguments.via, config, &Refund { arguments, pictures })
}

struct Refund<'a> {
    arguments: &'a args::Refund,
    pictures: Pictures<'a>,
}

impl Refund<'_> {
    fn act(&self, images: Vec<String>) -> Act {
        let args::Refund { approve, days, reason, remark, .. } = self.arguments;
        let (reason, remark) = (reason.clone().map(Personal::new), remark.clone().map(Personal::new));
        Act::Refund(Decision { approve: *approve, days: *days, reason, images, remark })
    }
}

impl Command for Refund<'_> {
    async fn run<C: Channel>(&self, channel: &C) -> Result<(), Error> {
        let id = &self.arguments.complaint.id;
        let consent = &self.arguments.consent;
        let about = ComplaintRef::new(id);
        let mut request = channel.signed(&about, &self.act(self.pictures.future_ids()))?;
        if consent.dry_run {
            request.before = self.pictures.signed(channel)?;
            return output::print(&request);
        }
        if !consent.yes {
            let complaint = get_first(channel, id, "go ahead without seeing it with --yes").await?;
            output::note_left_out(&complaint.misfits());
            let asked = complaint.apply_refund_amount.map(|fen| format!(" of {} yuan", yuan(fen))).unwrap_or_default();
            let outcome = match &self.arguments.reason {
                None => format!("The refund{asked} will be approved. It moves no money: make the refund itself too."),
                Some(reason) => {
                    let reason = quoted(reason);
                    format!("The refund{asked} will be refused, for a reason that the payer reads:{reason}")
                }
            };
            consent.ask(format!("{}\n{outcome}", describe(id, Some(&complaint)))).await?;
        }
        let act = self.act(self.pictures.upload(channel).await?);
        perform(channel, &about, &act).await
    }
}
