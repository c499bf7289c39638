//! `refund`: a decision on the refund that the payer asks for.

use std::path::Path;

use protocol_core::Personal;
use protocol_core::channel::{Act, RefundApproval, RefundDecision, RefundRejection};

use crate::args::{self, ChannelName};
use crate::channel::act::Plan;
use crate::channel::{self, Channel, Command, Shown};
use crate::error::Error;
use crate::input::picture::{Bounds, Pictures};
use crate::view::confirm::quoted;
use crate::view::words::yuan;

pub(crate) fn run(arguments: &args::Refund, config: &Path) -> Result<(), Error> {
    let args::Refund { approve, days, remark, via, .. } = arguments;
    via.check(&[("--remark with --approve", *approve && remark.is_some())])?;
    if via.channel == ChannelName::Allinpay && *approve && days.is_none() {
        return Err(Error::usage("--via allinpay needs --days N with --approve, 0 for today; nothing was sent"));
    }
    arguments.consent.check()?;
    let pictures = Pictures::read(&arguments.files, &arguments.ids, Bounds::Image)?;
    channel::run(via, config, &Refund { arguments, pictures })
}

struct Refund<'a> {
    arguments: &'a args::Refund,
    pictures: Pictures<'a>,
}

impl Command for Refund<'_> {
    async fn run<C: Channel>(&self, channel: &C) -> Result<(), Error> {
        let plan = Plan {
            complaint_id: &self.arguments.complaint.id,
            accused: None,
            consent: &self.arguments.consent,
            pictures: &self.pictures,
            act: &|images| Act::DecideRefund(self.decision(images)),
            question: &|shown| self.question(shown),
        };
        plan.carry_out(channel).await
    }
}

impl Refund<'_> {
    fn decision(&self, images: Vec<String>) -> RefundDecision {
        let args::Refund { days, reason, remark, .. } = self.arguments;
        let remark = remark.clone().map(Personal::new);
        match reason {
            Some(reason) => {
                let mut rejection = RefundRejection::new(reason.clone());
                (rejection.images, rejection.remark) = (images, remark);
                rejection.into()
            }
            None => {
                let mut approval = RefundApproval::default();
                (approval.launch_refund_day, approval.remark) = (*days, remark);
                approval.into()
            }
        }
    }

    fn question(&self, shown: &Shown) -> String {
        let amount = shown.refund.map(|fen| format!(" of {} yuan", yuan(fen))).unwrap_or_default();
        match &self.arguments.reason {
            None => format!("The refund{amount} will be approved. It moves no money: make the refund itself too."),
            Some(reason) => {
                format!("The refund{amount} will be rejected. The payer reads the reason:{}", quoted(reason))
            }
        }
    }
}
