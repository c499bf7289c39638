//! `refund`: a decision on the refund that the payer asks for.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use protocol_core::Personal;
use protocol_core::channel::{Act, RefundApproval, RefundDecision, RefundRejection};

use crate::args::{ChannelName, Consent, OneComplaint, Via};
use crate::commands::plan::Plan;
use crate::config::Config;
use crate::error::Error;
use crate::input::picture::{Bounds, Pictures};
use crate::language::language;
use crate::view::confirm::quoted;
use crate::view::words::yuan;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("decision").required(true))]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) complaint: OneComplaint,

    /// Approve the refund. The refund itself is made elsewhere.
    #[arg(long, group = "decision")]
    pub(crate) approve: bool,

    /// Reject the refund.
    #[arg(long, group = "decision", requires = "reason")]
    pub(crate) reject: bool,

    /// With `--approve`: working days until the refund starts; 0 is today. Allinpay requires it.
    #[arg(long, value_name = "N", requires = "approve", conflicts_with = "reject")]
    pub(crate) days: Option<u32>,

    /// With `--reject`: the reason, at most 200 characters. The payer reads it.
    #[arg(long, value_name = "TEXT", requires = "reject", conflicts_with = "approve")]
    pub(crate) reason: Option<String>,

    /// With `--reject`: a picture to upload and send; at most 4 in all.
    #[arg(long = "image", value_name = "FILE", requires = "reject", conflicts_with = "approve")]
    pub(crate) files: Vec<PathBuf>,

    /// With `--reject`: the id of an uploaded picture.
    #[arg(long = "image-id", value_name = "ID", requires = "reject", conflicts_with = "approve")]
    pub(crate) ids: Vec<String>,

    /// A note for the merchant, at most 200 characters. With `--approve`, WeChat Pay only.
    #[arg(long, value_name = "TEXT")]
    pub(crate) remark: Option<String>,

    #[command(flatten)]
    pub(crate) via: Via,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    let Arguments { complaint, approve, days, reason, files, ids, remark, via, consent, .. } = arguments;
    via.check(&[("--remark with --approve", *approve && remark.is_some())])?;
    if via.channel == ChannelName::Allinpay && *approve && days.is_none() {
        return Err(Error::usage("--via allinpay needs --days N with --approve, 0 for today; nothing was sent"));
    }
    let pictures = Pictures::read(files, ids, Bounds::of(via.channel))?;
    let plan = Plan {
        complaint_id: &complaint.id,
        accused: None,
        consent,
        pictures: &pictures,
        act: &|images| Act::DecideRefund(decision(arguments, images)),
        question: &|shown| {
            let ask = |of_an_amount: &str, question: &str| match shown.refund {
                Some(fen) => language().text_with(of_an_amount, [("yuan", yuan(fen).into())]),
                None => language().text(question),
            };
            match reason {
                None => ask("ask-approve-of", "ask-approve"),
                Some(reason) => format!("{}{}", ask("ask-reject-of", "ask-reject"), quoted(reason)),
            }
        },
    };
    plan.run(via, config)
}

fn decision(arguments: &Arguments, images: Vec<String>) -> RefundDecision {
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
