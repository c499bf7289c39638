//! `demo`: sandbox, webhooks and clients together. Each step has its command's name and its time.

mod allinpay;
mod allinpay_notice;
mod listening;
mod mini_program;
mod steps;
mod virtual_payment;
mod wechat_pay;
mod words;

use clap::Args;
use platform_sandbox::{Sandbox, SandboxConfig};
use protocol_core::complaint::NegotiationRecord;
use serde::Serialize;

use self::steps::{Step, Steps};
use self::words::failed;
use crate::error::Error;
use crate::language::say_with;
use crate::runtime;
use crate::view::output;
use crate::view::screen;
use crate::view::timeline::timeline;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Pause before each step.
    #[arg(long)]
    pub(crate) slow: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    runtime::block_on(async {
        let mut steps = Steps { slow: arguments.slow, to_a_person: screen::is_for_a_person(), done: Vec::new() };
        let records = play(&mut steps).await?;
        if steps.to_a_person {
            let steps = say_with("demo-steps", [("count", steps.done.len().into())]);
            return output::print_text(&format!("\n{steps}\n\n{}", timeline(&records)));
        }
        output::print(&Report { steps: steps.done, timeline: records })
    })
}

/// Plays each story in turn, on the same platforms.
async fn play(steps: &mut Steps) -> Result<Vec<NegotiationRecord>, Error> {
    let sandbox = steps
        .take("sandbox", start(), |sandbox| say_with("demo-platforms", [("url", sandbox.base_url().into())]))
        .await?;
    let records = wechat_pay::play(steps, &sandbox).await?;
    mini_program::play(steps, &sandbox).await?;
    virtual_payment::play(steps, &sandbox).await?;
    allinpay::play(steps, &sandbox).await?;
    allinpay_notice::play(steps, &sandbox).await?;
    sandbox.stop().await;
    Ok(records)
}

async fn start() -> Result<Sandbox, Error> {
    Sandbox::start(SandboxConfig::default().with_delivery_timeout(listening::PATIENCE)).await.map_err(failed)
}

/// The printed JSON.
#[derive(Serialize)]
struct Report {
    steps: Vec<Step>,
    timeline: Vec<NegotiationRecord>,
}
