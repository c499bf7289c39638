//! Grouped commits: what shares one, what fails alone, what fails together; a locked and a full disk.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Waker};

use protocol_core::{Clock, UnixTime};
use rusqlite::{Connection, StatementStatus};
use tempfile::TempDir;

use super::looking::{Among, export_statement, list_statement};
use super::queue::MAX_WAITING;
use super::writer::MAX_GROUP;
use super::*;
use crate::complaint::MAX_CHOICES;

const NOW: UnixTime = UnixTime(1_741_936_166);

/// A store, and the path of its file.
fn store() -> (TempDir, PathBuf, SqliteStore) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("inbox.db");
    let store = SqliteStore::open_with_clock(&path, Clock::new(|| NOW)).unwrap();
    (folder, path, store)
}

fn complaint() -> ComplaintKey {
    ComplaintKey::new("wechat-pay", "1900000001", "1")
}

fn message(key: &str) -> Message {
    Message::new(key, complaint())
}

type Waiting<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + 'a>>;

/// Hands a call to the writer, without waiting for it. `Some` if it is completed at once.
fn hand_over<T>(call: &mut Waiting<'_, T>) -> Option<Result<T, StoreError>> {
    match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        std::task::Poll::Ready(outcome) => Some(outcome),
        std::task::Poll::Pending => None,
    }
}

/// Holds the writer until the sender is dropped: calls that are handed over meanwhile share its
/// commit.
fn hold(store: &SqliteStore) -> (Sender<()>, Waiting<'_, ()>) {
    let (go, wait) = channel::<()>();
    let (started, begun) = channel();
    let mut holding: Waiting<'_, ()> = Box::pin(store.write(Verb::Hear, move |_, _| {
        // Again, if a call of its group fails.
        let _ = started.send(());
        let _ = wait.recv();
        Ok(())
    }));
    assert!(hand_over(&mut holding).is_none());
    begun.recv().unwrap();
    (go, holding)
}

#[tokio::test]
async fn a_call_that_fails_takes_none_of_its_group_with_it() {
    let (_folder, path, store) = store();
    let (go, holding) = hold(&store);
    let mut first: Waiting<'_, _> = Box::pin(store.hear(message("first")));
    let mut failing: Waiting<'_, ()> = Box::pin(store.write(Verb::Hear, |connection, now| {
        messages::hear(connection, &message("failing"), &[], now)?;
        connection.execute_batch("INSERT INTO missing VALUES (1)")
    }));
    let mut last: Waiting<'_, _> = Box::pin(store.hear(message("last")));
    assert!(hand_over(&mut first).is_none() && hand_over(&mut failing).is_none() && hand_over(&mut last).is_none());
    let committed = Connection::open(&path).unwrap();
    let count = || committed.query_row("SELECT count(*) FROM message", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count(), 0);
    drop(go);
    assert_eq!((holding.await, first.await, last.await), (Ok(()), Ok(Heard::First), Ok(Heard::First)));
    assert!(failing.await.is_err());
    assert_eq!(count(), 2);
    assert_eq!(store.hear(message("failing")).await, Ok(Heard::First));
}

#[tokio::test]
async fn a_group_runs_once_more_if_a_call_of_it_fails_and_no_third_time() {
    for (failing, expected) in [(&[][..], 1), (&[4], 2), (&[0, 3, 6], 2)] {
        let (_folder, _path, store) = store();
        let (go, holding) = hold(&store);
        let runs: Vec<_> = (0..7).map(|_| Arc::new(AtomicUsize::new(0))).collect();
        let mut calls: Vec<Waiting<'_, Heard>> = Vec::new();
        for (number, runs) in runs.iter().enumerate() {
            let (runs, fails) = (Arc::clone(runs), failing.contains(&number));
            let mut call: Waiting<'_, _> = Box::pin(store.write(Verb::Hear, move |connection, now| {
                runs.fetch_add(1, Ordering::SeqCst);
                let heard = messages::hear(connection, &message(&number.to_string()), &[], now)?;
                if fails {
                    connection.execute_batch("INSERT INTO missing VALUES (1)").map(|()| heard)
                } else {
                    Ok(heard)
                }
            }));
            assert!(hand_over(&mut call).is_none());
            calls.push(call);
        }
        drop(go);
        holding.await.unwrap();
        for (number, call) in calls.into_iter().enumerate() {
            let outcome = call.await;
            assert_eq!(outcome.is_err(), failing.contains(&number), "{number}: {outcome:?}");
            // A call behind the last that failed has run once alone.
            let ran = runs[number].load(Ordering::SeqCst);
            let first = failing.first().is_none_or(|first| number > *first);
            assert_eq!(ran, if first { 1 } else { expected }, "{failing:?}: {number}");
        }
        let heard = store.complaint(&complaint()).await.unwrap().unwrap().summary.heard;
        assert_eq!(heard, 7 - i64::try_from(failing.len()).unwrap(), "{failing:?}");
    }
}

#[tokio::test]
async fn what_sqlite_rolls_back_by_itself_was_not_stored() {
    let (_folder, _path, store) = store();
    let (go, holding) = hold(&store);
    let mut first: Waiting<'_, _> = Box::pin(store.hear(message("first")));
    let mut fatal: Waiting<'_, ()> = Box::pin(store.write(Verb::Hear, |connection, _| {
        connection.execute_batch("ROLLBACK")?;
        connection.execute_batch("INSERT INTO missing VALUES (1)")
    }));
    let mut last: Waiting<'_, _> = Box::pin(store.hear(message("last")));
    assert!(hand_over(&mut first).is_none() && hand_over(&mut fatal).is_none() && hand_over(&mut last).is_none());
    drop(go);
    assert!(holding.await.is_err() && first.await.is_err() && fatal.await.is_err());
    assert_eq!(last.await, Ok(Heard::First), "it came after");
    assert_eq!(store.hear(message("first")).await, Ok(Heard::First), "it was not stored");
    assert_eq!(store.hear(message("last")).await, Ok(Heard::Copy));
}

#[tokio::test]
async fn so_many_calls_wait_and_one_more_is_refused() {
    let (_folder, _path, store) = store();
    let (go, holding) = hold(&store);
    let mut calls: Vec<Waiting<'_, _>> = Vec::new();
    for number in 0..MAX_WAITING {
        let mut call: Waiting<'_, _> = Box::pin(store.hear(message(&number.to_string())));
        assert!(hand_over(&mut call).is_none());
        calls.push(call);
    }
    let mut more: Waiting<'_, _> = Box::pin(store.hear(message("more")));
    assert_eq!(hand_over(&mut more), Some(Err(StoreError::Busy)));
    drop(go);
    assert_eq!(holding.await, Ok(()));
    for call in calls {
        assert_eq!(call.await, Ok(Heard::First));
    }
    assert_eq!(store.hear(message("more")).await, Ok(Heard::First), "it was not stored");
}

/// Holds each reader until its sender is dropped.
fn hold_readers(store: &SqliteStore) -> Vec<(Sender<()>, Waiting<'_, ()>)> {
    let (started, begun) = channel();
    let mut holding: Vec<(Sender<()>, Waiting<'_, ()>)> = Vec::new();
    for _ in 0..readers::READERS {
        let (go, wait) = channel::<()>();
        let started = started.clone();
        let mut hold: Waiting<'_, ()> = Box::pin(store.read(move |_| {
            started.send(()).unwrap();
            let _ = wait.recv();
            Ok(())
        }));
        assert!(hand_over(&mut hold).is_none());
        begun.recv().unwrap();
        holding.push((go, hold));
    }
    holding
}

#[tokio::test]
async fn so_many_calls_wait_to_be_read_and_one_more_is_refused() {
    let (_folder, _path, store) = store();
    let holding = hold_readers(&store);
    let mut calls: Vec<Waiting<'_, _>> = Vec::new();
    for _ in 0..MAX_WAITING {
        let mut call: Waiting<'_, _> = Box::pin(store.act("k"));
        assert!(hand_over(&mut call).is_none());
        calls.push(call);
    }
    let mut more: Waiting<'_, _> = Box::pin(store.act("k"));
    assert_eq!(hand_over(&mut more), Some(Err(StoreError::Busy)));
    let mut arriving: Waiting<'_, _> = Box::pin(store.reserve("1".into(), Lease::new(1), NOW));
    assert_eq!(hand_over(&mut arriving), Some(Err(StoreError::Busy)));
    for (go, hold) in holding {
        drop(go);
        assert_eq!(hold.await, Ok(()));
    }
    for call in calls {
        assert_eq!(call.await, Ok(None));
    }
    assert_eq!(store.reserve("1".into(), Lease::new(1), NOW).await, Ok(Reservation::First));
}

#[tokio::test]
async fn so_many_messages_wait_to_be_reserved_and_one_more_is_refused() {
    let (_folder, _path, store) = store();
    let holding = hold_readers(&store);
    let keys: Vec<String> = (0..=MAX_WAITING).map(|number| number.to_string()).collect();
    let (more, waiting) = keys.split_last().unwrap();
    let mut calls: Vec<Waiting<'_, _>> = Vec::new();
    for key in waiting {
        let mut call: Waiting<'_, _> = Box::pin(store.reserve((&**key).into(), Lease::new(1), NOW));
        assert!(hand_over(&mut call).is_none());
        calls.push(call);
    }
    let mut copy: Waiting<'_, _> = Box::pin(store.reserve((&**more).into(), Lease::new(2), NOW));
    assert_eq!(hand_over(&mut copy), Some(Err(StoreError::Busy)));
    // The one that called for the look is gone: the others are reserved all the same.
    drop(calls.remove(0));
    for (go, hold) in holding {
        drop(go);
        assert_eq!(hold.await, Ok(()));
    }
    for call in calls {
        assert_eq!(call.await, Ok(Reservation::First));
    }
    assert_eq!(store.reserve((&**more).into(), Lease::new(2), NOW).await, Ok(Reservation::First));
}

#[tokio::test]
async fn so_many_calls_share_a_commit() {
    let (_folder, path, store) = store();
    let (go, holding) = hold(&store);
    let mut calls: Vec<Waiting<'_, i64>> = Vec::new();
    // Each writes a row, and counts those that are committed. The one that holds is the first.
    for number in 1..=MAX_GROUP {
        let path = path.clone();
        let mut call: Waiting<'_, i64> = Box::pin(store.write(Verb::Hear, move |connection, now| {
            messages::hear(connection, &message(&number.to_string()), &[], now)?;
            Connection::open(&path)?.query_row("SELECT count(*) FROM message", [], |row| row.get(0))
        }));
        assert!(hand_over(&mut call).is_none());
        calls.push(call);
    }
    drop(go);
    assert_eq!(holding.await, Ok(()));
    let mut counted = Vec::new();
    for call in calls {
        counted.push(call.await.unwrap());
    }
    let most = i64::try_from(MAX_GROUP).unwrap();
    assert_eq!((counted.pop(), counted.iter().max()), (Some(most - 1), Some(&0)));
}

#[tokio::test]
async fn a_message_that_is_done_is_no_longer_in_hand() {
    let (_folder, _path, store) = store();
    for (key, is_heard) in [("heard", true), ("of no complaint", false)] {
        let lease = Lease::new(1);
        assert_eq!(store.reserve(key.into(), lease, NOW).await, Ok(Reservation::First));
        assert!(store.0.reservations().is_of(key, lease));
        if is_heard {
            store.hear(message(key)).await.unwrap();
        } else {
            assert_eq!(store.commit(key.into(), lease).await, Ok(true));
        }
        assert!(!store.0.reservations().is_of(key, lease), "{key}");
        assert_eq!(store.reserve(key.into(), lease, NOW).await, Ok(Reservation::Done));
    }
}

#[tokio::test]
async fn a_lock_of_another_program_makes_the_inbox_busy_and_no_more() {
    let (_folder, path, store) = store();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = store.hear(message("1")).await;
    assert_eq!(refused, Err(StoreError::Busy));
    assert!(refused.unwrap_err().is_retryable());
    assert!(store.list(&Filter::default(), None, 9).await.unwrap().rows.is_empty(), "it can be read");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store.hear(message("1")).await, Ok(Heard::First));
}

#[tokio::test]
async fn a_full_disk_refuses_what_it_cannot_store_until_there_is_room() {
    const LARGE: usize = 20_000;

    let (_folder, _path, store) = store();
    let bound = |pages: i64| {
        store.write(Verb::Hear, move |connection, _| {
            let used: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
            connection.query_row(&format!("PRAGMA max_page_count = {}", used + pages), [], |row| row.get::<_, i64>(0))
        })
    };
    bound(60).await.unwrap();
    let large = |number: usize| {
        let mut message = message(&number.to_string());
        message.content = Some(vec![0; LARGE].into());
        message
    };
    // Together, so that those that fit share commits with those that do not.
    let mut calls: Vec<Waiting<'_, _>> = (0..40).map(|number| Box::pin(store.hear(large(number))) as _).collect();
    for call in &mut calls {
        assert!(hand_over(call).is_none());
    }
    let mut stored = Vec::new();
    for call in calls {
        stored.push(match call.await {
            Ok(heard) => heard == Heard::First,
            Err(error) => {
                assert_eq!(error, StoreError::Full);
                assert!(error.is_retryable());
                false
            }
        });
    }
    assert!(stored.contains(&false));
    store.check().await.unwrap();
    bound(1000).await.unwrap();
    for (number, was_stored) in stored.into_iter().enumerate() {
        let expected = if was_stored { Heard::Copy } else { Heard::First };
        assert_eq!(store.hear(large(number)).await, Ok(expected), "{number}");
    }
}

#[tokio::test]
async fn a_commit_is_on_disk_before_its_calls_are_completed() {
    let (_folder, _path, store) = store();
    let pragmas = store.write(Verb::Hear, |connection, _| {
        let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        Ok((mode, number("PRAGMA synchronous")?, number("PRAGMA foreign_keys")?, number("PRAGMA secure_delete")?))
    });
    assert_eq!(pragmas.await.unwrap(), ("wal".to_owned(), 2, 1, 1));
}

/// Two pages a message in the log, with all its indices: each page of it that is written elsewhere,
/// too, would be a page more.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_message_in_a_group_writes_a_few_pages() {
    const MESSAGES: usize = 200;
    const PAGE: u64 = 4096;
    const MOST_PAGES: u64 = 4;

    let (_folder, _path, store) = store();
    // The writer's own thread.
    let written = || store.write(Verb::Hear, |_, _| Ok(std::fs::read_to_string("/proc/thread-self/io").unwrap()));
    let bytes =
        |io: &str| -> u64 { io.lines().find_map(|line| line.strip_prefix("wchar: ")).unwrap().parse().unwrap() };
    let before = bytes(&written().await.unwrap());
    let (go, holding) = hold(&store);
    let mut calls: Vec<Waiting<'_, _>> = Vec::new();
    for number in 0..MESSAGES {
        let id = number.to_string();
        let mut message = Message::new(&*id, ComplaintKey::new("wechat-pay", "1900000001", &*id));
        message.events = vec![crate::NewEvent::once(crate::EventKind::Filed, "", serde_json::json!({}))];
        let mut call: Waiting<'_, _> = Box::pin(store.hear(message));
        assert!(hand_over(&mut call).is_none());
        calls.push(call);
    }
    drop(go);
    holding.await.unwrap();
    for call in calls {
        assert_eq!(call.await, Ok(Heard::First));
    }
    let pages = (bytes(&written().await.unwrap()) - before) / PAGE;
    assert!(pages <= MOST_PAGES * MESSAGES as u64, "{pages} pages for {MESSAGES} messages");
}

/// The steps by which SQLite carries a statement out.
async fn plan(store: &SqliteStore, sql: String) -> Vec<String> {
    let plan = store.read(move |connection| {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        // Without values: it is explained, not run.
        plan.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<rusqlite::Result<Vec<_>>>()
    });
    plan.await.unwrap()
}

#[tokio::test]
async fn the_list_is_one_scan_of_its_index() {
    let (_folder, _path, store) = store();
    let list = plan(&store, list_statement(Among::All)).await;
    assert_eq!(list.len(), 1, "{list:?}");
    assert!(list[0].starts_with("SEARCH complaint USING COVERING INDEX complaint_by_deadline"), "{list:?}");
    let export = plan(&store, export_statement(Among::All)).await;
    assert_eq!(export.len(), 1, "{export:?}");
    assert!(export[0].starts_with("SEARCH complaint USING INDEX sqlite_autoindex_complaint_1"), "{export:?}");
    let due = plan(&store, claims::DUE.to_owned()).await;
    assert_eq!(due.len(), 1, "{due:?}");
    assert!(due[0].starts_with("SEARCH complaint USING INDEX complaint_due"), "{due:?}");
    let filed = plan(&store, numbers::FILED.to_owned()).await;
    assert_eq!(filed, ["SEARCH complaint USING COVERING INDEX complaint_numbers (filed>? AND filed<?)"]);
    let wanted = plan(&store, pictures::DUE.to_owned()).await;
    assert_eq!(wanted.len(), 2, "{wanted:?}");
    assert!(wanted[0].starts_with("SCAN picture USING INDEX picture_wanted"), "{wanted:?}");
    assert!(wanted[1].starts_with("SEARCH complaint USING INTEGER PRIMARY KEY"), "{wanted:?}");
    let handed = plan(&store, handovers::due_statement()).await;
    assert_eq!(handed.len(), 3, "{handed:?}");
    assert!(handed[0].starts_with("SEARCH handover USING INDEX handover_due"), "{handed:?}");
    assert!(handed[1..].iter().all(|table| table.contains("USING INTEGER PRIMARY KEY")), "{handed:?}");
}

/// The rows that have a number are taken by it, and by nothing else.
#[tokio::test]
async fn a_number_is_looked_up() {
    let (_folder, _path, store) = store();
    let number = plan(&store, looking::OF_NUMBER.to_owned()).await;
    assert_eq!(number, ["SEARCH number USING PRIMARY KEY (number=?)"]);
    for known in [list_statement(Among::Known), export_statement(Among::Known)] {
        let known = plan(&store, known).await;
        assert_eq!(known[0], "SEARCH complaint USING INTEGER PRIMARY KEY (rowid=?)", "{known:?}");
        assert_eq!(known.iter().filter(|step| step.contains(" complaint ")).count(), 1, "{known:?}");
    }
}

/// A claim looks at what it may send, however much waits.
#[tokio::test]
async fn a_claim_of_few_events_takes_the_same_steps_however_many_wait() {
    let (_folder, _path, store) = store();
    store.open_endpoint("a", StartAt::Oldest).await.unwrap();
    let mut steps = Vec::new();
    for complaints in [100, 10_000] {
        store
            .write(Verb::Hear, move |connection, now| {
                let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) ";
                let complaint = "INSERT OR IGNORE INTO complaint (row, channel, merchant, id, urgency, heard, changed)
                                 SELECT i, 'wechat-pay', '1900000001', i, 0, 1, 0 FROM n";
                connection.execute(&format!("{many}{complaint}"), [complaints])?;
                let event = "INSERT OR IGNORE INTO event (number, complaint, kind, at, data)
                             SELECT 2 * i + e, i, 'complaint.updated', 0, '{}'
                             FROM n, (SELECT 0 AS e UNION ALL SELECT 1)";
                connection.execute(&format!("{many}{event}"), [complaints])?;
                // The first of each complaint waits, and the second waits for it.
                let handover = "INSERT OR IGNORE INTO handover (endpoint, event, complaint, later, is_oldest)
                                SELECT 'a', number, complaint, iif(number % 2, 0, ?1), number % 2 = 0 FROM event";
                connection.execute(handover, [now.plus(600).0])?;
                let due = "UPDATE handover SET later = 0 WHERE event IN (2, 4, 6)";
                connection.execute(due, [])
            })
            .await
            .unwrap();
        let counted = store.read(|connection| {
            let mut due = connection.prepare(&handovers::due_statement())?;
            let numbers = due.query_map(("a", NOW.0, 8), |row| row.get::<_, i64>(0))?;
            assert_eq!(numbers.collect::<rusqlite::Result<Vec<_>>>()?, [2, 4, 6]);
            Ok(due.get_status(StatementStatus::VmStep))
        });
        steps.push(counted.await.unwrap());
    }
    assert_eq!(steps[0], steps[1]);
}

/// Every combination of a filter's members.
fn filters() -> Vec<Filter> {
    let texts = |text: &str| [None, Some(text.to_owned())];
    let mut filters = Vec::new();
    for channel in texts("wechat-pay") {
        for merchant in texts("1900000001") {
            for id in texts("7") {
                for is_open in [None, Some(true), Some(false)] {
                    for due_by in [None, Some(NOW)] {
                        let (channel, merchant, id) = (channel.clone(), merchant.clone(), id.clone());
                        filters.push(Filter { is_open, channel, merchant, id, due_by, ..Filter::default() });
                    }
                }
            }
        }
    }
    let of_more = |filter: Filter| {
        let (state, product, text) = (Some("PENDING".to_owned()), Some("五".to_owned()), Some("退款 1".to_owned()));
        let mut more = Vec::new();
        for (has_state, has_product, has_text) in (0..8).map(|of| (of & 1 > 0, of & 2 > 0, of & 4 > 0)) {
            let mut filter = filter.clone();
            filter.state = state.clone().filter(|_| has_state);
            filter.product = product.clone().filter(|_| has_product);
            filter.text = text.clone().filter(|_| has_text);
            more.push(filter);
        }
        more
    };
    filters.into_iter().flat_map(of_more).collect()
}

#[tokio::test]
async fn no_filter_sorts_or_leaves_the_index() {
    let (_folder, _path, store) = store();
    store.hear(message("1")).await.unwrap();
    let mut filters = filters();
    // A number is looked up.
    filters.retain(|filter| filter.id.is_none());
    assert_eq!(filters.len(), 24 * 8);
    store
        .read(move |connection| {
            for filter in filters {
                let from = Cursor::new(i64::MIN, ComplaintKey::new("a", "b", "c"));
                looking::list(connection, &filter, None, 9)?;
                looking::list(connection, &filter, Some(&from), 9)?;
                looking::export(connection, &filter, None, 9)?;
                looking::export(connection, &filter, Some(&from.key), 9)?;
                for sql in [list_statement(Among::All), export_statement(Among::All)] {
                    // The one that just ran: it counts on.
                    let statement = connection.prepare_cached(&sql)?;
                    let count = |of| statement.get_status(of);
                    assert!(count(StatementStatus::Run) > 0);
                    assert_eq!(count(StatementStatus::Sort), 0, "{filter:?}");
                    assert_eq!(count(StatementStatus::FullscanStep), 0, "{filter:?}");
                    assert_eq!(count(StatementStatus::AutoIndex), 0, "{filter:?}");
                }
            }
            Ok(())
        })
        .await
        .unwrap();
}

/// The first page of many complaints reads no more than that of a few.
#[tokio::test]
async fn a_page_of_many_complaints_takes_the_steps_of_a_page_of_few() {
    let (_folder, _path, store) = store();
    let mut steps = Vec::new();
    for complaints in [100, 10_000] {
        store
            .write(Verb::Hear, move |connection, _| {
                connection.execute(
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                     INSERT OR IGNORE INTO complaint (channel, merchant, id, urgency, heard, changed)
                     SELECT 'wechat-pay', '1900000001', i, 7919 * i % 10007, 1, 0 FROM n",
                    [complaints],
                )
            })
            .await
            .unwrap();
        let counted = store.read(|connection| {
            let page = looking::list(connection, &Filter::default(), None, 50)?;
            assert_eq!((page.rows.len(), page.next.is_some()), (50, true));
            let list = connection.prepare_cached(&list_statement(Among::All))?;
            Ok(list.reset_status(StatementStatus::VmStep))
        });
        steps.push(counted.await.unwrap());
    }
    assert_eq!(steps[0], steps[1]);
}

/// So many complaints of two merchants, each with a text and with its number.
async fn fill(store: &SqliteStore, complaints: u32) {
    let filled = store.write(Verb::Hear, move |connection, _| {
        let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) ";
        for insert in [
            "INSERT OR IGNORE INTO complaint (row, channel, merchant, id, urgency, heard, read, read_at, changed, signature)
             SELECT i, 'wechat-pay', 1900000001 + i % 2, i, 7919 * i % 10007, 1, 1, 1, 0, ?2 FROM n",
            "INSERT OR IGNORE INTO searched (complaint, text) SELECT i, '重复扣费' FROM n WHERE ?2 IS NOT NULL",
            "INSERT OR IGNORE INTO number (number, complaint) SELECT i, i FROM n WHERE ?2 IS NOT NULL",
        ] {
            let signature = crate::signature::signature("重复扣费");
            connection.execute(&format!("{many}{insert}"), rusqlite::params![complaints, signature])?;
        }
        Ok(())
    });
    filled.await.unwrap();
}

/// Looks by a filter: the rows, and how often the statement ran and how many steps it took.
async fn counted(store: &SqliteStore, filter: Filter, sql: String) -> (usize, i32, i32) {
    let counted = store.read(move |connection| {
        let count = || {
            let statement = connection.prepare_cached(&sql)?;
            Ok::<_, rusqlite::Error>(
                [StatementStatus::Run, StatementStatus::VmStep].map(|of| statement.reset_status(of)),
            )
        };
        // Those of other looks of this connection.
        count()?;
        let rows = looking::list(connection, &filter, None, 50)?.rows.len();
        let [runs, steps] = count()?;
        Ok((rows, runs, steps))
    });
    counted.await.unwrap()
}

#[tokio::test]
async fn a_number_and_the_choices_take_the_same_steps_among_many_complaints_as_among_few() {
    let (_folder, _path, store) = store();
    let mut steps = Vec::new();
    for complaints in [100, 10_000] {
        fill(&store, complaints).await;
        let number = || Some("7".to_owned());
        for filter in [Filter { id: number(), ..Filter::default() }, Filter { text: number(), ..Filter::default() }] {
            let (rows, _, steps_taken) = counted(&store, filter, list_statement(Among::Known)).await;
            assert_eq!(rows, 1);
            steps.push(steps_taken);
        }
        let chosen = store.read(|connection| {
            let steps = |sql: &str| Ok(connection.prepare_cached(sql)?.reset_status(StatementStatus::VmStep));
            let steps = || looking::CHOICES.map(steps).into_iter().sum::<rusqlite::Result<i32>>();
            // Those of other looks of this connection.
            steps()?;
            assert_eq!(looking::choices(connection)?.merchants.len(), 2);
            steps()
        });
        steps.push(chosen.await.unwrap());
    }
    assert_eq!(steps[..3], steps[3..], "{steps:?}");
}

#[tokio::test]
async fn a_word_that_no_complaint_has_is_looked_for_in_no_text() {
    let (_folder, _path, store) = store();
    fill(&store, 1000).await;
    let texts = async |word: &str| {
        let filter = Filter { text: Some(word.to_owned()), ..Filter::default() };
        counted(&store, filter, looking::TEXT.to_owned()).await
    };
    assert_eq!(texts("发货").await.1, 0);
    let (found, read, _) = texts("扣费").await;
    assert_eq!((found, read), (50, 51), "those of the page, and the one that says that there are more");
}

/// A thousand merchants, states and products are looked up by their indices.
#[tokio::test]
async fn choices_take_a_step_for_each_value() {
    let (_folder, _path, store) = store();
    let insert = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4999)
                  INSERT INTO complaint (channel, merchant, id, urgency, heard, changed, state, product)
                  SELECT 'wechat-pay', 1000 + i / 5, i, 0, 1, 0, 2000 + i % 1000, 3000 + i % 1000 FROM n";
    store.write(Verb::Hear, move |connection, _| connection.execute(insert, [])).await.unwrap();
    let choices = store.choices().await.unwrap();
    let most = |first: usize| (first..first + MAX_CHOICES).map(|number| number.to_string()).collect::<Vec<_>>();
    assert_eq!((choices.channels, choices.merchants), (vec!["wechat-pay".to_owned()], most(1000)));
    assert_eq!((choices.states, choices.products), (most(2000), most(3000)));
    for sql in looking::CHOICES {
        let plan = plan(&store, sql.to_owned()).await;
        assert_eq!(plan.len(), 1, "{plan:?}");
        assert!(plan[0].starts_with("SEARCH complaint USING COVERING INDEX"), "{plan:?}");
    }
}
