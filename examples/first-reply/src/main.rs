//! `first-reply complaints.toml`: replies to each complaint that is filed.

use std::error::Error;

use complaint_inbox::{Ask, Asked, Event, EventKind, SqliteStore, Store as _};
use complaint_server::Server;
use protocol_core::channel::Reply;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let configuration = std::env::args_os().nth(1).ok_or("which configuration? first-reply complaints.toml")?;
    let server = Server::from_file(configuration).await?.handler("first-reply", reply)?;
    let mut terminate = signal(SignalKind::terminate())?;
    tracing::info!("listening at {}", server.webhooks_url());
    Ok(server.run(async { _ = terminate.recv().await }).await?)
}

/// Is called for each event, and again after an error. The key makes it one reply.
async fn reply(inbox: SqliteStore, event: Event) -> Result<(), Box<dyn Error>> {
    let complaint = inbox.complaint(&event.complaint).await?.filter(|_| event.kind == EventKind::Filed);
    let Some(complaint) = complaint.map(|complaint| complaint.summary) else { return Ok(()) };
    // A Mini Program's reply decides the matter, and Alipay's complaints take none.
    if ["mini-program", "allinpay-alipay"].contains(&complaint.key.channel.as_str()) {
        return Ok(());
    }
    if complaint.state.as_ref().is_some_and(|state| state != "PENDING") {
        return Ok(()); // An older complaint, which has a reply.
    }
    let act = Reply::new("您好，您的投诉已收到，我们会在 24 小时内处理。");
    match inbox.ask(Ask::once("first-reply", &complaint, act)).await? {
        Asked::New(_) | Asked::Same(_) | Asked::InHand { .. } => Ok(()),
        Asked::Stale { .. } => Err("the payer wrote meanwhile".into()),
        Asked::OtherContent | Asked::UnknownComplaint => Err("the inbox does not take the reply".into()),
    }
}
