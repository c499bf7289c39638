//! The poller over a great many complaints while more arrive.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use allinpay_adapter::{Cursor, Found, Polling};
use futures_util::StreamExt as _;
use platform_sandbox::NewComplaint;
use protocol_core::UnixTime;

use crate::world::{client, sandbox};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_none_is_missed_and_none_comes_twice() {
    none_is_missed_and_none_comes_twice(200, 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a long load"]
async fn of_five_thousand_none_is_missed_and_none_comes_twice() {
    none_is_missed_and_none_comes_twice(5_000, 200).await;
}

async fn none_is_missed_and_none_comes_twice(filed: usize, arriving: usize) {
    let sandbox = sandbox().await;
    let account = sandbox.allinpay();
    let client = client(&sandbox, &account);
    let file = |sandbox: &platform_sandbox::Sandbox, cusid: &str| {
        sandbox.file_allinpay_complaint(NewComplaint::default(), cusid).unwrap()
    };
    let mut ids: Vec<String> = (0..filed).map(|_| file(&sandbox, &account.cusid)).collect();

    // More arrive while the pages are read.
    let done = Arc::new(AtomicBool::new(false));
    let arrivals = tokio::spawn({
        let (sandbox, cusid, done) = (sandbox.clone(), account.cusid.clone(), Arc::clone(&done));
        async move {
            let mut arrived = Vec::new();
            for _ in 0..arriving {
                arrived.push(sandbox.file_allinpay_complaint(NewComplaint::default(), &cusid).unwrap());
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            done.store(true, Ordering::Relaxed);
            arrived
        }
    });

    let since = jiff::Timestamp::now().as_second() - 3600;
    let mut cursor = Cursor::since(UnixTime(since));
    let mut found: HashMap<String, usize> = HashMap::new();
    let mut entries: HashSet<String> = HashSet::new();
    let mut rounds = 0;
    // Round after round, each from the last one's cursor, like a service that restarts. Another
    // test covers the waits.
    while !done.load(Ordering::Relaxed) || rounds < 2 || found.len() < filed + arriving {
        rounds += 1;
        assert!(rounds < 500, "{} of {}", found.len(), filed + arriving);
        let polling = Polling::default().with_page_size(200).once();
        let mut poller = client.poller(cursor.clone(), polling);
        while let Some(news) = poller.next().await {
            match news.unwrap() {
                Found::Complaint(complaint) => *found.entry(complaint.complaint_id.clone()).or_default() += 1,
                Found::Entry { record, .. } => {
                    assert!(entries.insert(record.log_id.clone()), "{} twice", record.log_id)
                }
                _ => {}
            }
        }
        cursor = poller.cursor().clone();
        // As stored on disk in between.
        cursor = serde_json::from_str(&serde_json::to_string(&cursor).unwrap()).unwrap();
        tokio::time::sleep(Duration::from_millis(1100)).await;
    }
    ids.extend(arrivals.await.unwrap());
    assert!(ids.iter().all(|id| found.get(id) == Some(&1)), "each exactly once");
    assert_eq!(found.len(), ids.len());
    assert!(entries.len() >= filed, "each complaint has an entry that says who filed it");
}

#[tokio::test]
async fn what_happens_to_a_complaint_is_found() {
    let sandbox = sandbox().await;
    let account = sandbox.allinpay_sm2();
    let client = client(&sandbox, &account);
    let id = sandbox.file_allinpay_complaint(NewComplaint::default(), &account.cusid).unwrap();
    let since = jiff::Timestamp::now().as_second() - 3600;
    let round = async |cursor: Cursor| {
        let mut poller = client.poller(cursor, Polling::default().once());
        let mut entries = Vec::new();
        while let Some(news) = poller.next().await {
            if let Found::Entry { record, complaint_id, .. } = news.unwrap() {
                assert_eq!(complaint_id, id);
                entries.push(record.log_id.clone());
            }
        }
        (poller.cursor().clone(), entries)
    };
    let (cursor, first) = round(Cursor::since(UnixTime(since))).await;
    assert_eq!(first.len(), sandbox.history(&id).len());
    sandbox.user_message(&id, "在吗").unwrap();
    let (cursor, second) = round(cursor).await;
    assert_eq!(second.len(), 1);
    let (_, third) = round(cursor).await;
    assert!(third.is_empty());
}
