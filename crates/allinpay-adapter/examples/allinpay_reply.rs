//! Replies to a payer with a picture, once, although the response is lost.
//!
//! Runs against the simulated gateway: `cargo run -p allinpay-adapter --example allinpay_reply`.
#![allow(clippy::print_stdout, reason = "an example tells what it does")]

mod gateway;

use std::error::Error;

use allinpay_adapter::Effect;
use platform_sandbox::{Fault, FaultKind, NewComplaint};
use protocol_core::allinpay::{ComplaintsResp, File, WxMerchantImageUpload};

/// The first bytes of a PNG: the simulated gateway reads no further.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, client) = gateway::start().await?;
    let complaint_id = gateway::file(&sandbox, NewComplaint::default())?;

    let media_id = client.send(&WxMerchantImageUpload::new(File::new("receipt.png", PICTURE))).await?;
    let reply = ComplaintsResp::new(&complaint_id, "您好，已为您退款").with_response_images(vec![media_id]);

    // The connection breaks after the gateway has taken the reply. The client cannot know whether
    // it arrived, so it looks into the history before it would send the reply again.
    sandbox.inject(Fault::once(FaultKind::DropConnection).on::<ComplaintsResp>().after_effect());
    let effect = client.send(&reply).await?;
    println!("{complaint_id}: {effect:?}");
    sandbox.stop().await;
    if effect == Effect::Found { Ok(()) } else { Err("the reply was not found".into()) }
}
