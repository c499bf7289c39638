//! Receives notifications: each is verified, decrypted, and handed to the service once.
//!
//! Runs against the simulated platform: `cargo run -p wechat-adapter --example receive`.
#![allow(clippy::print_stdout, reason = "an example tells what it does")]

mod platform;

use std::error::Error;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use http_transport::{Listener, ListenerConfig, ServerTls};
use platform_sandbox::{NewComplaint, WEBHOOK_HOST};
use protocol_core::crypto::ApiV3Key;
use protocol_core::replay::MemoryDeduplicate;
use protocol_core::wechat_pay::Resource;
use tokio::sync::mpsc;
use wechat_adapter::{Account, Notifications, Received, Webhook};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, client) = platform::start().await?;
    let merchant = sandbox.merchant();
    let api_v3_key = Arc::new(ApiV3Key::new(merchant.api_v3_key.as_bytes())?);
    let account = Account::new(&*merchant.mchid, client.keys(), api_v3_key);

    // The handler returns once the notification is stored; here a queue is the store.
    let (queue, mut stored) = mpsc::unbounded_channel();
    let store = MemoryDeduplicate::new(NonZeroUsize::new(10_000).ok_or("zero")?, 60);
    let webhook = Webhook::builder(Notifications::of(account), store, move |received: Received| {
        let is_stored = queue.send(received).map_err(|_| io::Error::other("the queue is closed"));
        async move { is_stored }
    })
    .build();

    let (chain, key) = sandbox.webhook_identity();
    let config = ListenerConfig::default().with_tls(ServerTls::from_pem(chain.as_bytes(), key.as_bytes())?);
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), config).await?;
    let url = format!("https://{WEBHOOK_HOST}:{}/notify", listener.local_addr().port());
    tokio::spawn(listener.serve(webhook, std::future::pending()));
    client.ensure_notification_url(&url).await?;

    let complaint_id = sandbox.file_complaint(NewComplaint::default());
    sandbox.settled(Duration::from_secs(60)).await;
    let received = stored.try_recv()?;
    sandbox.stop().await;
    match &received.notification.resource {
        Resource::Complaint(event) if event.complaint_id == complaint_id => {
            println!("{}: {} for {}", event.complaint_id, received.notification.event_type, received.mchid);
            Ok(())
        }
        _ => Err("another notification came".into()),
    }
}
