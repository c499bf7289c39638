//! Completes a complaint. A second completion succeeds too.
//!
//! Runs against the simulated platform: `cargo run -p wechat-adapter --example complete`.
#![allow(clippy::print_stdout, reason = "an example tells what it does")]

mod platform;

use std::error::Error;

use platform_sandbox::NewComplaint;
use protocol_core::complaint::ComplaintState;
use protocol_core::wechat_pay::{Complete, GetComplaint, Respond};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, client) = platform::start().await?;
    let complaint_id = sandbox.file_complaint(NewComplaint::default());
    let complaint = client.send(&GetComplaint::new(&complaint_id)).await?;
    let accused = complaint.complainted_mchid.ok_or("the complaint names no merchant")?;

    client.send(&Respond::new(&complaint_id, &accused, "您好，已为您补发")).await?;
    let complete = Complete::new(&complaint_id, accused);
    println!("{complaint_id}: {:?}", client.send(&complete).await?);
    println!("{complaint_id}: {:?} again", client.send(&complete).await?);

    let complaint = client.send(&GetComplaint::new(&complaint_id)).await?;
    sandbox.stop().await;
    let is_complete = complaint.complaint_state == Some(ComplaintState::Processed);
    if is_complete { Ok(()) } else { Err("the complaint is not complete".into()) }
}
