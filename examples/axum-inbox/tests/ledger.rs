//! The service's own table, beside an inbox that hears of complaints.
#![allow(clippy::unwrap_used, reason = "a test states what must hold")]

use std::time::Duration;

use axum_inbox::{Ledger, LedgerError};
use complaint_inbox::{ComplaintKey, Event, EventKind, Message, NewEvent, Replay, SqliteStore, Store as _};
use complaint_server::{Onward, Stopping};
use http_transport::{ClientConfig, HttpsClient};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// Far longer than anything here takes, on a busy machine too.
const SOON: Duration = Duration::from_secs(120);

#[tokio::test]
async fn an_event_is_taken_down_once_though_it_is_handed_on_twice() {
    let folder = TempDir::new().unwrap();
    let inbox = SqliteStore::open(folder.path().join("inbox.db")).unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
    let complaint = ComplaintKey::new("wechat-pay", "1900000001", "2000");
    let mut message = Message::new("EV-1", complaint.clone());
    message.events = [EventKind::Filed, EventKind::PayerResponded].map(|kind| NewEvent::new(kind, ().into())).into();
    inbox.hear(message).await.unwrap();

    let (book, stopping) = (ledger.clone(), Stopping::default());
    let onward = Onward::new(inbox.clone(), HttpsClient::new(ClientConfig::default()).unwrap())
        .handler("ledger", move |_inbox, event: Event| {
            let book = book.clone();
            async move { book.take_down(event).await }
        })
        .unwrap();
    let running = tokio::spawn(onward.with_stopping(stopping.clone()).run());
    let kinds = ["complaint.filed", "payer.responded"];
    let all = async || {
        while inbox.figures().await.unwrap().handovers > 0 || ledger.kinds(complaint.clone()).await.unwrap() != kinds {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(SOON, all()).await.unwrap();
    assert_eq!(inbox.replay("ledger", Replay::After(0)).await, Ok(2));
    timeout(SOON, all()).await.unwrap();
    stopping.stop();
    running.await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_user_reads_the_ledger() -> Result<(), LedgerError> {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = TempDir::new()?;
    let path = folder.path().join("ledger.db");
    let _ledger = Ledger::open(&path)?;
    assert_eq!(std::fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
    Ok(())
}
