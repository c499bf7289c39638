//! `refund`: a decision on the refund that the payer asks for.

use std::path::Path;

use protocol_core::Personal;
use protocol_core::channel::{Act, RefundApproval, RefundDecision, RefundRejection};

use crate::args::{self, ChannelName};
use crate::channel;
use crate::channel::act::Plan;
use crate::error::Error;
use crate::input::picture::{Bounds, Pictures};
use crate::view::confirm::quoted;
use crate::view::words::yuan;

pub(crate) fn run(arguments: &args::Refund, config: &Path) -> Result<(), Error> {
    let args::Refund { complaint, approve, days, reason, files, ids, remark, via, consent, .. } = arguments;
    via.check(&[("--remark with --approve", *approve && remark.is_some())])?;
    if via.channel == ChannelName::Allinpay && *approve && days.is_none() {
        return Err(Error::usage("--via allinpay needs --days N with --approve, 0 for today; nothing was sent"));
    }
    consent.check()?;
    let pictures = Pictures::read(files, ids, Bounds::Image)?;
    let plan = Plan {
        complaint_id: &complaint.id,
        accused: None,
        consent,
        pictures: &pictures,
        act: &|images| Act::DecideRefund(decision(arguments, images)),
        question: &|shown| {
            let amount = shown.refund.map(|fen| format!(" of {} yuan", yuan(fen))).unwrap_or_default();
            match reason {
                None => format!("The refund{amount} will be approved. It moves no money: make the refund itself too."),
                Some(reason) => {
                    format!("The refund{amount} will be rejected. The payer reads the reason:{}", quoted(reason))
                }
            }
        },
    };
    channel::run(via, config, &plan)
}

fn decision(arguments: &args::Refund, images: Vec<String>) -> RefundDecision {
    let remark = arguments.remark.clone().map(Personal::new);
    match &arguments.reason {
        Some(reason) => {
            let mut rejection = RefundRejection::new(reason.clone());
            (rejection.images, rejection.remark) = (images, remark);
            rejection.into()
        }
        None => {
            let mut approval = RefundApproval::default();
            (approval.launch_refund_day, approval.remark) = (arguments.days, remark);
            approval.into()
        }
    }
}
