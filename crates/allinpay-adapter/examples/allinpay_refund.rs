//! Approves a refund that a payer asks for. The approval moves no money.
//!
//! Runs against the simulated gateway: `cargo run -p allinpay-adapter --example allinpay_refund`.
#![allow(clippy::print_stdout, reason = "an example tells what it does")]

mod gateway;

use std::error::Error;
use std::pin::pin;

use futures_util::StreamExt as _;
use platform_sandbox::NewComplaint;
use protocol_core::allinpay::WxComplaintsRefundProgress;
use protocol_core::complaint::OperateType;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, client) = gateway::start().await?;
    let complaint_id = gateway::file(&sandbox, NewComplaint::default().with_refund(1_500))?;

    // The refund starts within three days. `WxRefundRejection` says no.
    let effect = client.send(&WxComplaintsRefundProgress::approve(&complaint_id, 3)).await?;
    println!("{complaint_id}: {effect:?}");

    let mut is_approved = false;
    let mut history = pin!(client.negotiation_history(&complaint_id));
    while let Some(entry) = history.next().await {
        is_approved |= entry?.operate_type == Some(OperateType::MerchantApproveRefund);
    }
    sandbox.stop().await;
    if is_approved { Ok(()) } else { Err("the history shows no approval".into()) }
}
