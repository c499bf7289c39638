//! Approves a refund that a payer asks for. The approval moves no money.
//!
//! Runs against the simulated platform: `cargo run -p wechat-adapter --example refund`.
#![allow(clippy::print_stdout, reason = "an example tells what it does")]

mod platform;

use std::error::Error;
use std::pin::pin;

use futures_util::StreamExt as _;
use platform_sandbox::NewComplaint;
use protocol_core::complaint::OperateType;
use protocol_core::wechat_pay::UpdateRefundProgress;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, client) = platform::start().await?;
    let complaint_id = sandbox.file_complaint(NewComplaint::default().with_refund(1_500));

    // The refund starts within three working days. `UpdateRefundProgress::reject` says no.
    let effect = client.send(&UpdateRefundProgress::approve(&complaint_id, 3)).await?;
    println!("{complaint_id}: {effect:?}");

    let mut is_approved = false;
    let mut history = pin!(client.negotiation_history(&complaint_id));
    while let Some(entry) = history.next().await {
        is_approved |= entry?.operate_type == Some(OperateType::MerchantApproveRefund);
    }
    sandbox.stop().await;
    if is_approved { Ok(()) } else { Err("the history shows no approval".into()) }
}
