//! The memory of a process with a store: the same with many complaints as with few. A binary of its
//! own, since it looks at its whole process.
#![cfg(all(feature = "sqlite", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a test states what must hold")]
#![allow(clippy::print_stdout, reason = "a load tells its figures")]

use std::path::Path;

use complaint_inbox::{ComplaintKey, Entry, EventKind, Filter, Message, NewEvent, Reading, Source, SqliteStore, Store};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinSet;

/// The most that the memory grows from some complaints to ten times as many, in KiB. The documents of
/// the shorter test would take four times as much.
const MOST_GROWTH: u64 = 8 * 1024;

/// Bytes of a document with its history.
const DOCUMENT: usize = 4000;

/// Complaints that are stored at once.
const AT_ONCE: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_stays_flat_over_some_complaints() {
    memory_stays_flat(1000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a long load"]
async fn memory_stays_flat_over_a_hundred_thousand_complaints() {
    memory_stays_flat(10_000).await;
}

async fn memory_stays_flat(few: usize) {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("inbox.db");
    let store = SqliteStore::open(&path).unwrap();
    put(&store, 0..few).await;
    let before = resident();
    put(&store, few..10 * few).await;
    let after = resident();
    let bytes = size(&path) / (10 * few) as u64;
    println!("{before} KiB with {few} complaints, {after} KiB with ten times as many; {bytes} bytes each on disk");
    assert_eq!(store.figures().await.unwrap().open, 10 * few as u64);
    assert!(after <= before + MOST_GROWTH, "{before} KiB, then {after} KiB");
}

/// Hears of complaints, reads them, and looks at them, as a server does.
async fn put(store: &SqliteStore, numbers: std::ops::Range<usize>) {
    let source = Source::new("wechat-pay", "1900000001");
    for first in numbers.step_by(AT_ONCE) {
        let mut hearing = JoinSet::new();
        for number in first..first + AT_ONCE {
            let store = store.clone();
            let mut message =
                Message::new(format!("EV-{number}"), ComplaintKey::new("wechat-pay", "1900000001", id(number)));
            message.events = vec![NewEvent::once(EventKind::Filed, "", json!({}))];
            hearing.spawn(async move { store.hear(message).await.unwrap() });
        }
        hearing.join_all().await;
        let mut reading = JoinSet::new();
        for claim in store.claim(&source, AT_ONCE as u32, 60).await.unwrap() {
            let store = store.clone();
            reading.spawn(async move { store.keep_reading(&claim, document()).await.unwrap() });
        }
        assert!(reading.join_all().await.into_iter().all(|is_kept| is_kept));
        store.complaint(&ComplaintKey::new("wechat-pay", "1900000001", id(first))).await.unwrap().unwrap();
        store.list(&Filter::default(), None, 50).await.unwrap();
        store.events(first as i64, 200).await.unwrap();
    }
}

fn id(number: usize) -> String {
    format!("2002018202001010800{number:08}")
}

fn document() -> Reading {
    let text = "x".repeat(DOCUMENT / 4);
    let mut reading = Reading::new(json!({ "complaint_detail": text }).to_string());
    let entry = |number: i64| Entry {
        id: number.to_string(),
        kind: None,
        at: None,
        document: json!({ "operate_details": text }).to_string().into(),
    };
    reading.entries = Some((0..3).map(entry).collect());
    reading
}

/// The file's bytes, with its log's.
fn size(path: &Path) -> u64 {
    std::fs::read_dir(path.parent().unwrap()).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

/// This process's memory, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
