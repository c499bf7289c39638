//! A process that is killed at any instant: what it acknowledged is in the file, once.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test states what must hold")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use complaint_inbox::{ComplaintKey, EventKind, Heard, MAX_ROWS, Message, NewEvent, SqliteStore, Store};
use serde_json::json;

/// The variable that has the file, in the process that is killed.
const FILE: &str = "COMPLAINT_INBOX_KILLED";

/// Tasks that write at once.
const WRITERS: usize = 8;

fn message(key: &str) -> Message {
    let mut message = Message::new(key, ComplaintKey::new("wechat-pay", "1900000001", key));
    message.events = vec![NewEvent::once(EventKind::Filed, "", json!({}))];
    message
}

/// The process that is killed: it prints the key of each message that is stored.
#[tokio::test]
async fn writes_until_it_is_killed() {
    let Ok(file) = std::env::var(FILE) else { return };
    let store = SqliteStore::open(&file).unwrap();
    let process = std::process::id();
    let write = |writer: usize| {
        let store = store.clone();
        tokio::spawn(async move {
            for number in 0_u64.. {
                let key = format!("{process}-{writer}-{number}");
                store.hear(message(&key)).await.unwrap();
                let mut out = std::io::stdout().lock();
                writeln!(out, "\nacknowledged {key}").and_then(|()| out.flush()).unwrap();
            }
        })
    };
    let writers: Vec<_> = (0..WRITERS).map(write).collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

/// Runs the process until it has acknowledged so many messages, and kills it. All that it
/// acknowledged.
fn kill_after(file: &Path, messages: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writes_until_it_is_killed", "--nocapture"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = Vec::new();
    // Its last words, too: they were written before it died.
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let Some(key) = line.unwrap().strip_prefix("acknowledged ").map(str::to_owned) else { continue };
        acknowledged.push(key);
        if acknowledged.len() == messages {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    acknowledged
}

#[tokio::test]
async fn no_acknowledged_message_is_lost_or_stored_twice() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("inbox.db");
    let mut acknowledged = Vec::new();
    for messages in [1, 7, 40, 90] {
        let more = kill_after(&file, messages);
        assert!(more.len() >= messages, "{} of {messages}", more.len());
        acknowledged.extend(more);
    }
    let store = SqliteStore::open(&file).unwrap();
    store.check().await.unwrap();
    let mut filed = Vec::new();
    loop {
        let after = filed.last().map_or(0, |event: &complaint_inbox::Event| event.number);
        let events = store.events(after, MAX_ROWS).await.unwrap();
        if events.is_empty() {
            break;
        }
        filed.extend(events);
    }
    for key in &acknowledged {
        let events = filed.iter().filter(|event| event.complaint.id == *key).count();
        assert_eq!(events, 1, "{key}");
        assert_eq!(store.hear(message(key)).await.unwrap(), Heard::Copy, "{key}");
    }
    // One that was stored and not acknowledged is a copy when the platform retries.
    assert!(filed.len() >= acknowledged.len());
    assert_eq!(store.figures().await.unwrap().due, u64::try_from(filed.len()).unwrap());
}
