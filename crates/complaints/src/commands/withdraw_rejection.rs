//! `withdraw-rejection`: the rejection of a refund is taken back.

use std::path::Path;

use clap::Args;
use protocol_core::Personal;
use protocol_core::channel::{Act, RejectionWithdrawal};

use crate::args::{Accused, Consent, OneComplaint, Via};
use crate::commands::plan::Plan;
use crate::error::Error;
use crate::input::picture::Pictures;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) complaint: OneComplaint,

    /// A note for the merchant, at most 200 characters.
    #[arg(long, value_name = "TEXT")]
    pub(crate) remark: Option<String>,

    #[command(flatten)]
    pub(crate) accused: Accused,

    #[command(flatten)]
    pub(crate) via: Via,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

pub(crate) fn run(arguments: &Arguments, config: &Path) -> Result<(), Error> {
    let Arguments { complaint, remark, accused, via, consent } = arguments;
    via.check(&[("--accused", accused.mchid.is_some())])?;
    consent.check()?;
    let plan = Plan {
        complaint_id: &complaint.id,
        accused: accused.mchid.as_deref(),
        consent,
        pictures: &Pictures::default(),
        act: &|_| {
            let mut withdrawal = RejectionWithdrawal::default();
            withdrawal.remark = remark.clone().map(Personal::new);
            Act::WithdrawRejection(withdrawal)
        },
        question: &|_| "The rejection of the refund will be taken back: decide on the refund again.".to_owned(),
    };
    plan.run(via, config)
}
