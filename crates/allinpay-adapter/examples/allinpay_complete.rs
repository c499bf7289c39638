//! Completes a complaint.
//!
//! Runs against the simulated gateway: `cargo run -p allinpay-adapter --example allinpay_complete`.
#![allow(clippy::print_stdout, reason = "an example tells what it does")]

mod gateway;

use std::error::Error;

use platform_sandbox::NewComplaint;
use protocol_core::allinpay::{ComplaintsComplete, ComplaintsResp, WxComplaintDetail};
use protocol_core::complaint::ComplaintState;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, client) = gateway::start().await?;
    let complaint_id = gateway::file(&sandbox, NewComplaint::default())?;

    client.send(&ComplaintsResp::new(&complaint_id, "您好，已为您补发")).await?;
    println!("{complaint_id}: {:?}", client.send(&ComplaintsComplete::new(&complaint_id)).await?);

    let complaint = client.send(&WxComplaintDetail::new(&complaint_id)).await?;
    sandbox.stop().await;
    let is_complete = complaint.complaint_state == Some(ComplaintState::Processed);
    if is_complete { Ok(()) } else { Err("the complaint is not complete".into()) }
}
