//! Replies to a payer with a picture, once, although the response is lost.
//!
//! Runs against the simulated platform: `cargo run -p wechat-adapter --example reply`.
#![allow(clippy::print_stdout, reason = "an example tells what it does")]

mod platform;

use std::error::Error;

use platform_sandbox::{Fault, FaultKind, NewComplaint};
use protocol_core::wechat_pay::{GetComplaint, Respond, UploadImage};
use wechat_adapter::Effect;

/// A white pixel.
const PICTURE: &[u8] = include_bytes!("platform/pixel.png");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, client) = platform::start().await?;
    let complaint_id = sandbox.file_complaint(NewComplaint::default());

    let complaint = client.send(&GetComplaint::new(&complaint_id)).await?;
    let accused = complaint.complainted_mchid.ok_or("the complaint names no merchant")?;
    let picture = client.send(&UploadImage::new("receipt.png", PICTURE)?).await?;
    let reply = Respond::new(&complaint_id, accused, "您好，已为您退款").with_response_images(vec![picture.media_id]);

    // The connection breaks after the platform has taken the reply. The client cannot know whether
    // it arrived, so it looks into the history before it would send the reply again.
    sandbox.inject(Fault::once(FaultKind::DropConnection).on::<Respond>().after_effect());
    let effect = client.send(&reply).await?;
    println!("{complaint_id}: {effect:?}");
    sandbox.stop().await;
    if effect == Effect::Found { Ok(()) } else { Err("the reply was not found".into()) }
}
