//! The file: who may read it, who has it, what it may be, and how it is backed up and restored.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use protocol_core::replay::SignedDigest;
use protocol_core::{FIRST_OF_SET_CLOCK, UnixTime};
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::picture::{PhoneLook, PhoneLooks};

const NOW: UnixTime = UnixTime(1_741_936_166);

const LEASE: u32 = 60;

fn folder() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("inbox.db");
    (folder, path)
}

fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open_with_clock(path, Clock::new(|| NOW))
}

fn source() -> Source {
    Source::new("wechat-pay", "1900000001")
}

fn message(key: &str) -> Message {
    Message::new(key, ComplaintKey::new("wechat-pay", "1900000001", "1"))
}

fn signed(id: &str) -> Key<'_> {
    Key { id, signed: Some(SignedDigest::new([1; 32])) }
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_user_reads_the_file_and_those_beside_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let (folder, path) = folder();
    let modes = || {
        let files = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap());
        let mut modes: Vec<_> = files
            .map(|file| {
                (file.file_name().into_string().unwrap(), file.metadata().unwrap().permissions().mode() & 0o777)
            })
            .collect();
        modes.sort();
        modes
    };
    let store = open(&path).unwrap();
    store.hear(message("1")).await.unwrap();
    let expected = ["inbox.db", "inbox.db-shm", "inbox.db-wal", "inbox.db.lock"].map(|name| (name.to_owned(), 0o600));
    assert_eq!(modes(), expected);
    drop(store);
    // Files that a dead process left open to others.
    for name in ["inbox.db", "inbox.db-wal"] {
        let path = folder.path().join(name);
        fs::File::options().append(true).create(true).open(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    assert_eq!(modes()[1], ("inbox.db-wal".to_owned(), 0o644));
    let store = open(&path).unwrap();
    store.hear(message("2")).await.unwrap();
    assert_eq!(modes(), expected);
    store.back_up(folder.path().join("copy.db")).await.unwrap();
    assert!(modes().iter().all(|(_, mode)| *mode == 0o600), "{:?}", modes());
}

#[test]
fn one_process_has_the_file() {
    let (folder, path) = folder();
    let link = folder.path().join("link.db");
    let store = open(&path).unwrap();
    let (clone, canonical) = (store.clone(), path.canonicalize().unwrap());
    drop(store);
    assert_eq!(open(&path).unwrap_err(), StoreError::InUse(canonical.clone()));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(open(&link).unwrap_err(), StoreError::InUse(canonical));
    }
    drop(clone);
    open(&path).unwrap();
}

#[tokio::test]
async fn what_was_stored_is_there_for_the_next_process_and_its_claims_are_free() {
    let (_folder, path) = folder();
    let store = open(&path).unwrap();
    // The webhook's own commits never come.
    assert_eq!(store.reserve("1".into(), Lease::new(9), NOW).await.unwrap(), Reservation::First);
    store.hear(message("1")).await.unwrap();
    assert_eq!(store.reserve(signed("2"), Lease::new(1), NOW).await.unwrap(), Reservation::First);
    assert_eq!(store.reserve("event".into(), Lease::new(1), NOW).await.unwrap(), Reservation::First);
    assert!(store.commit("event".into(), Lease::new(1)).await.unwrap());
    let mut reading = Reading::new("{}");
    reading.pictures = vec!["a".to_owned()];
    let claims = store.claim(&source(), 9, LEASE).await.unwrap();
    assert!(store.keep_reading(&claims[0], reading).await.unwrap());
    assert_eq!(store.claim_pictures(&source(), 9, LEASE).await.unwrap().len(), 1);
    store.hear(message("4")).await.unwrap();
    let before = store.claim(&source(), 9, LEASE).await.unwrap();
    let act = Ask {
        key: "k".to_owned(),
        complaint: message("").complaint,
        act: protocol_core::channel::Act::Complete,
        seen: 0,
        by: "desk".to_owned(),
    };
    store.ask(act).await.unwrap();
    let acts = store.claim_acts(&source(), 9, LEASE).await.unwrap();
    drop(store);

    let store = open(&path).unwrap();
    assert_eq!(store.hear(message("1")).await.unwrap(), Heard::Copy);
    for done in ["1", "event"] {
        assert_eq!(store.reserve(done.into(), Lease::new(2), NOW).await.unwrap(), Reservation::Done);
    }
    assert_eq!(store.reserve("2".into(), Lease::new(2), NOW).await.unwrap(), Reservation::First);
    assert_eq!(store.reserve(signed("3"), Lease::new(2), NOW).await.unwrap(), Reservation::First);
    let after = store.claim(&source(), 9, LEASE).await.unwrap();
    assert_eq!(after.len(), 1);
    assert!(after[0].fence > before[0].fence);
    assert!(!store.keep_reading(&before[0], Reading::new("{}")).await.unwrap());
    assert_eq!(store.claim_pictures(&source(), 9, LEASE).await.unwrap().len(), 1);
    let again = store.claim_acts(&source(), 9, LEASE).await.unwrap();
    assert_eq!((again.len(), &again[0].record), (1, &acts[0].record));
}

/// A file of version 1, made by its migration alone, with the rows that a program of then would have.
#[tokio::test]
async fn a_file_of_the_first_version_is_brought_up_to_date_with_its_content() {
    let (_folder, path) = folder();
    let mut connection = Connection::open(&path).unwrap();
    schema::migrate(&mut connection, &schema::MIGRATIONS[..1]).unwrap();
    let rows = "INSERT INTO complaint (channel, merchant, id, urgency, heard, read, read_at, changed, document)
                VALUES ('wechat-pay', '1900000001', '1', 0, 1, 1, 1, 1, '{\"n\":1.00}');
                INSERT INTO event (complaint, kind, at, data) VALUES (1, 'complaint.filed', 1, '{}');";
    connection.execute_batch(rows).unwrap();
    assert!(connection.prepare("SELECT 1 FROM picture").is_err());
    drop(connection);
    assert!(matches!(SqliteStore::open_to_read(&path), Err(StoreError::Older { .. })));

    let store = open(&path).unwrap();
    let record = store.complaint(&message("").complaint).await.unwrap().unwrap();
    assert_eq!(record.document.unwrap().expose(), r#"{"n":1.00}"#);
    assert_eq!((record.pictures.len(), record.phone_looks.times), (0, 0));
    assert_eq!(store.events(0, 9).await.unwrap().len(), 1);
    store.hear(message("1")).await.unwrap();
    let claims = store.claim(&source(), 9, LEASE).await.unwrap();
    let mut reading = Reading::new("{}");
    reading.pictures = vec!["a".to_owned()];
    assert!(store.keep_reading(&claims[0], reading).await.unwrap());
    assert_eq!(store.claim_pictures(&source(), 9, LEASE).await.unwrap().len(), 1);
}

/// A file of version 2, with looks at telephone numbers in a table of their own.
#[tokio::test]
async fn the_looks_of_a_file_of_the_second_version_are_in_the_journal() {
    let (_folder, path) = folder();
    let mut connection = Connection::open(&path).unwrap();
    schema::migrate(&mut connection, &schema::MIGRATIONS[..2]).unwrap();
    let rows = "INSERT INTO complaint (channel, merchant, id, urgency, heard, changed)
                VALUES ('wechat-pay', '1900000001', '1', 0, 1, 1);
                INSERT INTO phone_look (complaint, by, at) VALUES (1, 'li', 7), (1, 'wang', 8);";
    connection.execute_batch(rows).unwrap();
    drop(connection);

    let store = open(&path).unwrap();
    let key = message("").complaint;
    let look = |by: &str, at| PhoneLook { by: by.to_owned(), at: UnixTime(at) };
    let record = store.complaint(&key).await.unwrap().unwrap();
    assert_eq!(record.phone_looks, PhoneLooks { times: 2, latest: vec![look("wang", 8), look("li", 7)] });
    let deeds = store.deeds(None, 9).await.unwrap();
    assert_eq!(
        deeds[1],
        DeedRecord { number: 1, at: UnixTime(7), deed: Deed::new("li", Deed::PHONE_SHOWN).about(key) }
    );
}

/// Closed complaints of a file of version 2: they are not read again.
#[tokio::test]
async fn the_complaints_of_a_file_of_the_second_version_are_found() {
    let (_folder, path) = folder();
    let mut connection = Connection::open(&path).unwrap();
    schema::migrate(&mut connection, &schema::MIGRATIONS[..2]).unwrap();
    let documents = [
        r#"{"complaint_detail":"重复扣费","user_complaint_times":2,"complaint_order_info":[{"transaction_id":"4200A","out_trade_no":7},null,"x"]}"#,
        r#"{"complaintOrder":{"outTradeNo":"W-1","productName":"月卡","customerMaterial":{"content":"没有发货"}}}"#,
        r#"{"complain_content":"退款","trade_no":"2025","complaintOrder":{"productName":7},"complaint_order_info":7}"#,
        "no JSON",
    ];
    for (number, document) in documents.iter().enumerate() {
        let row =
            "INSERT INTO complaint (channel, merchant, id, urgency, heard, read, read_at, closed, changed, document)
                   VALUES ('wechat-pay', '1900000001', ?1, ?2, 1, 1, 1, 1, 1, ?3)";
        connection.execute(row, rusqlite::params![format!("C{number}"), i64::MAX, document]).unwrap();
    }
    let more = "UPDATE complaint SET filed = 1741936166;
                INSERT INTO entry (complaint, place, id, kind, at, document)
                VALUES (1, 0, 'a', 'USER_CREATE_COMPLAINT', 1, '{}'), (1, 1, 'b', 'MERCHANT_RESPONSE', 1741936167, '{}'),
                       (1, 2, 'c', 'MERCHANT_CONFIRM_COMPLETE', 1741936168, '{}'), (2, 0, 'd', 'MERCHANT_RESPONSE', NULL, '{}');
                INSERT INTO event (complaint, kind, once, at, data) VALUES (3, 'deadline.over', 'reply', 1, '{}');";
    connection.execute_batch(more).unwrap();
    drop(connection);

    let store = open(&path).unwrap();
    for (text, number) in [("4200a", 0), ("扣费 7", 0), ("w-1", 1), ("月卡 发货", 1), ("2025 退款", 2), ("c3", 3)]
    {
        let filter = Filter { text: Some(text.to_owned()), ..Filter::default() };
        let rows = store.list(&filter, None, 9).await.unwrap().rows;
        assert_eq!(rows.into_iter().map(|row| row.key.id).collect::<Vec<_>>(), [format!("C{number}")], "{text}");
    }
    assert_eq!(store.choices().await.unwrap().products, ["月卡"]);
    let today = Day::of(NOW);
    let numbers = store.numbers(today, today, None, None).await.unwrap().remove(0);
    assert_eq!((numbers.filed, numbers.repeated, numbers.overdue), (4, 1, 1));
    assert_eq!((numbers.replied, numbers.replied_in_time, numbers.reply_unknown), (2, 1, 3));
    assert_eq!((numbers.finished, numbers.finished_in_time, numbers.finish_unknown), (1, 1, 3));
}

/// A file of version 3: of complaint 1 the first event is dead and two are pending, of complaint 2 one.
#[tokio::test]
async fn a_file_with_events_on_their_way_goes_on_with_the_oldest_of_each_complaint() {
    let (_folder, path) = folder();
    let mut connection = Connection::open(&path).unwrap();
    schema::migrate(&mut connection, &schema::MIGRATIONS[..3]).unwrap();
    let rows = "INSERT INTO complaint (channel, merchant, id, urgency, heard, changed)
                VALUES ('wechat-pay', '1900000001', '1', 0, 1, 1), ('wechat-pay', '1900000001', '2', 0, 1, 1);
                INSERT INTO event (complaint, kind, at, data) VALUES (1, 'complaint.filed', 1, '{}'),
                (1, 'complaint.updated', 1, '{}'), (1, 'complaint.updated', 1, '{}'), (2, 'complaint.filed', 1, '{}');
                INSERT INTO endpoint (name, position) VALUES ('shop', 4);
                INSERT INTO handover (endpoint, event, complaint, dead)
                VALUES ('shop', 1, 1, 1), ('shop', 2, 1, 0), ('shop', 3, 1, 0), ('shop', 4, 2, 0);";
    connection.execute_batch(rows).unwrap();
    drop(connection);

    let store = open(&path).unwrap();
    let claims = store.claim_handovers("shop", 9, LEASE).await.unwrap();
    let numbers = |claims: &[Handover]| claims.iter().map(|claim| claim.event.number).collect::<Vec<_>>();
    assert_eq!(numbers(&claims), [2, 4]);
    assert!(store.finish_handover(&claims[0], HandoverOutcome::Delivered).await.unwrap());
    assert_eq!(numbers(&store.claim_handovers("shop", 9, LEASE).await.unwrap()), [3]);
}

#[tokio::test]
async fn a_letter_stays_if_it_cannot_be_noted_who_removed_it() {
    let (_folder, path) = folder();
    let store = open(&path).unwrap();
    store.keep_letter(NewLetter::new(source(), "no JSON", vec![0])).await.unwrap();
    let other = Connection::open(&path).unwrap();
    let broken = "CREATE TRIGGER broken BEFORE INSERT ON deed BEGIN SELECT RAISE(ABORT, 'out of order'); END";
    other.execute_batch(broken).unwrap();
    store.remove_letter(1, "li").await.unwrap_err();
    assert_eq!(store.letters(0, 9).await.unwrap().len(), 1);
    other.execute_batch("DROP TRIGGER broken").unwrap();
    assert!(store.remove_letter(1, "li").await.unwrap());
}

/// A file of version 4: its reasons are words alone.
#[tokio::test]
async fn the_reasons_of_a_file_of_the_fourth_version_stay_as_they_were_told() {
    let (_folder, path) = folder();
    let mut connection = Connection::open(&path).unwrap();
    schema::migrate(&mut connection, &schema::MIGRATIONS[..4]).unwrap();
    let rows = "INSERT INTO complaint (channel, merchant, id, urgency, heard, changed)
                VALUES ('wechat-pay', '1900000001', '1', 0, 1, 1);
                INSERT INTO act (key, complaint, kind, content, seen, asked_by, asked_at, stage, finished_at, words)
                VALUES ('k', 1, 'complete', '{\"complete\":{}}', 0, 'li', 1, 'refused', 2, 'PARAM_ERROR');
                INSERT INTO picture (complaint, number, place, reason) VALUES (1, 1, 'a', 'down');
                INSERT INTO letter (at, channel, merchant, reason, content)
                VALUES (1, 'wechat-pay', '1900000001', 'no JSON', x'00');";
    connection.execute_batch(rows).unwrap();
    drop(connection);

    let store = open(&path).unwrap();
    let record = store.complaint(&message("").complaint).await.unwrap().unwrap();
    assert_eq!(record.acts[0].reason, Some(Reason::from("PARAM_ERROR")));
    assert_eq!(record.pictures[0].reason, Some(Reason::from("down")));
    assert_eq!(store.letters(0, 9).await.unwrap()[0].letter.reason, Reason::from("no JSON"));
}

/// A file of version 4, which kept the texts of its complaints alone.
#[tokio::test]
async fn the_complaints_of_a_file_of_the_fourth_version_are_found_by_whole_numbers_and_by_words() {
    let (_folder, path) = folder();
    let mut connection = Connection::open(&path).unwrap();
    schema::migrate(&mut connection, &schema::MIGRATIONS[..4]).unwrap();
    let documents = [
        (
            r#"{"complaint_order_info":[{"transaction_id":"4200A","out_trade_no":7},null,"x"],"service_order_info":[{"order_id":"S-1"}]}"#,
            "4200a\n7\ns-1\n重复扣费",
        ),
        (r#"{"complaintOrder":{"outTradeNo":"W-1","orderId":null}}"#, "w-1\n没有发货 70"),
        (
            r#"{"id":"2025","complaint_trade_info_list":[{"trade_no":"T","out_no":["x"]}],"complaint_order_info":{"transaction_id":"9"}}"#,
            "2025\nt",
        ),
        ("no JSON", ""),
        ("", ""),
    ];
    for (number, (document, text)) in documents.iter().enumerate() {
        let is_read = !document.is_empty();
        let row =
            "INSERT INTO complaint (channel, merchant, id, urgency, heard, read, read_at, closed, changed, document)
                   VALUES ('wechat-pay', '1900000001', ?1, 0, 1, ?2, iif(?2, 1, NULL), 1, 1, iif(?2, ?3, NULL))";
        connection.execute(row, rusqlite::params![format!("C{number}"), is_read, document]).unwrap();
        let text = (connection.last_insert_rowid(), text);
        if is_read {
            connection.execute("INSERT INTO searched (complaint, text) VALUES (?1, ?2)", text).unwrap();
        }
    }
    drop(connection);

    let store = open(&path).unwrap();
    store.check().await.unwrap();
    for (text, numbers) in [
        ("4200A", &[0][..]),
        ("420", &[0]),
        // A whole number of the first, and a part of the second's text.
        ("7", &[0]),
        ("70", &[1]),
        ("s-1", &[0]),
        ("W-1 发货", &[1]),
        ("2025", &[2]),
        ("t", &[2]),
        ("扣费", &[0]),
        ("c3", &[3]),
        ("c", &[0, 1, 2, 3, 4]),
        ("退款", &[]),
    ] {
        let filter = Filter { text: Some(text.to_owned()), ..Filter::default() };
        let rows = store.list(&filter, None, 9).await.unwrap().rows;
        let expected: Vec<_> = numbers.iter().map(|number| format!("C{number}")).collect();
        assert_eq!(rows.into_iter().map(|row| row.key.id).collect::<Vec<_>>(), expected, "{text}");
    }
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_stays() {
    let (_folder, path) = folder();
    drop(open(&path).unwrap());
    let known = i64::try_from(schema::MIGRATIONS.len()).unwrap();
    let set = |version: i64| Connection::open(&path).unwrap().pragma_update(None, "user_version", version).unwrap();
    set(known + 1);
    let before = fs::read(&path).unwrap();
    let refused = open(&path).unwrap_err();
    assert_eq!(refused, StoreError::Newer { path: path.canonicalize().unwrap(), found: known + 1, known });
    assert!(refused.to_string().contains("run the newer program"));
    assert_eq!(fs::read(&path).unwrap(), before);
    set(known);
    open(&path).unwrap();
}

#[tokio::test]
async fn a_file_that_another_process_has_can_be_read_and_not_changed() {
    let (folder, path) = folder();
    assert_eq!(SqliteStore::open_to_read(&path).unwrap_err(), StoreError::Missing(path.clone()), "it is not made");
    assert!(!path.exists());
    let store = open(&path).unwrap();
    store.hear(message("1")).await.unwrap();
    let reader = SqliteStore::open_to_read(&path).unwrap();
    assert_eq!(reader.list(&Filter::default(), None, 9).await.unwrap().rows.len(), 1);
    assert_eq!(reader.hear(message("2")).await, Err(StoreError::ReadOnly));
    assert_eq!(reader.reserve("2".into(), Lease::new(1), NOW).await, Err(StoreError::ReadOnly));
    assert_eq!(reader.claim(&source(), 9, LEASE).await, Err(StoreError::ReadOnly));
    store.hear(message("2")).await.unwrap();
    let key = message("").complaint;
    assert_eq!(reader.complaint(&key).await.unwrap().unwrap().summary.heard, 2, "it sees what is new");
    reader.back_up(folder.path().join("copy.db")).await.unwrap();
    drop((store, reader));
    assert_eq!(SqliteStore::open_to_read(&path).unwrap().figures().await.unwrap().open, 1, "no process has it");

    Connection::open(&path).unwrap().pragma_update(None, "user_version", 0).unwrap();
    let refused = SqliteStore::open_to_read(&path).unwrap_err();
    let known = i64::try_from(schema::MIGRATIONS.len()).unwrap();
    assert_eq!(refused, StoreError::Older { path: path.canonicalize().unwrap(), found: 0, known });
}

#[test]
fn a_file_of_another_program_is_refused_and_stays() {
    for (make, name) in [
        ((|path| fs::write(path, "[wechat-pay]\nmchid = \"1900000001\"\n").unwrap()) as fn(&Path), "a text"),
        (|path| Connection::open(path).unwrap().execute_batch("CREATE TABLE a (x INTEGER)").unwrap(), "a database"),
        (|path| Connection::open(path).unwrap().pragma_update(None, "application_id", 7).unwrap(), "an empty one"),
    ] {
        let (_folder, path) = folder();
        make(&path);
        let before = fs::read(&path).unwrap();
        assert_eq!(open(&path).unwrap_err(), StoreError::NoInbox(path.canonicalize().unwrap()), "{name}");
        assert_eq!(fs::read(&path).unwrap(), before, "{name}");
    }
}

#[tokio::test]
async fn damage_is_found_when_the_file_is_opened() {
    let (_folder, path) = folder();
    let store = open(&path).unwrap();
    for number in 0..200 {
        store.hear(message(&number.to_string())).await.unwrap();
    }
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let page = 4096;
    // Every page but the first, which tells what file it is.
    bytes[2 * page..].iter_mut().step_by(3).for_each(|byte| *byte ^= 0x5a);
    fs::write(&path, bytes).unwrap();
    assert!(matches!(open(&path), Err(StoreError::Damaged(_))));
}

#[test]
fn a_folder_that_is_not_there_is_an_error_that_says_so() {
    let (folder, _) = folder();
    let refused = open(&folder.path().join("missing").join("inbox.db")).unwrap_err();
    assert!(matches!(refused, StoreError::Disk(_)));
    assert!(refused.to_string().contains("check the disk"), "{refused}");
}

#[tokio::test]
async fn a_backup_is_restored_by_putting_it_in_place() {
    let (folder, path) = folder();
    let copy = folder.path().join("copy.db");
    let store = open(&path).unwrap();
    store.hear(message("before")).await.unwrap();
    store.back_up(&copy).await.unwrap();
    store.hear(message("after")).await.unwrap();
    let kept = fs::read(&copy).unwrap();
    assert!(matches!(store.back_up(&copy).await, Err(StoreError::Disk(_))), "a copy is not overwritten");
    assert_eq!(fs::read(&copy).unwrap(), kept);
    // Another process may look at a copy, and so may this one.
    drop(open(&copy).unwrap());
    drop(store);

    fs::copy(&copy, &path).unwrap();
    for suffix in ["-wal", "-shm"] {
        assert!(!folder.path().join(format!("inbox.db{suffix}")).exists(), "a closed inbox is one file");
    }
    let store = open(&path).unwrap();
    store.check().await.unwrap();
    assert_eq!(store.hear(message("before")).await.unwrap(), Heard::Copy);
    assert_eq!(store.hear(message("after")).await.unwrap(), Heard::First);
}

/// Numbered messages, each about a complaint of its own.
async fn write_until(store: SqliteStore, stop: Arc<AtomicBool>, written: Arc<AtomicUsize>) {
    while !stop.load(Ordering::SeqCst) {
        let number = written.load(Ordering::SeqCst);
        let mut message = Message::new(number.to_string(), ComplaintKey::new("wechat-pay", "1", number.to_string()));
        message.content = Some(vec![7; 4096].into());
        message.events = vec![crate::NewEvent::new(crate::EventKind::Filed, serde_json::json!({}))];
        store.hear(message).await.unwrap();
        written.store(number + 1, Ordering::SeqCst);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn copies_that_are_made_while_it_is_written_to_are_restored() {
    let (folder, path) = folder();
    let store = open(&path).unwrap();
    let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let writer = tokio::spawn(write_until(store.clone(), Arc::clone(&stop), Arc::clone(&written)));
    let reaches = async |least: usize| {
        while written.load(Ordering::SeqCst) < least {
            tokio::task::yield_now().await;
        }
    };
    let mut copies = Vec::new();
    for round in 1..=2 {
        reaches(round * 50).await;
        let copy = folder.path().join(format!("copy {round}.db"));
        let before = written.load(Ordering::SeqCst);
        if round == 1 {
            store.back_up(&copy).await.unwrap();
        } else {
            // From outside, as `sqlite3` does it.
            let (from, to) = (path.clone(), copy.clone());
            let outside = tokio::task::spawn_blocking(move || {
                Connection::open(from).unwrap().execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
            });
            outside.await.unwrap();
        }
        copies.push((copy, before, written.load(Ordering::SeqCst)));
    }
    reaches(150).await;
    stop.store(true, Ordering::SeqCst);
    writer.await.unwrap();
    // The process dies: the newest commits are in the log alone.
    let (log, index) = (path.with_extension("db-wal"), path.with_extension("db-shm"));
    let left = [fs::read(&log).unwrap(), fs::read(&index).unwrap()];
    drop(store);

    for (copy, before, after) in copies {
        fs::copy(&copy, &path).unwrap();
        fs::write(&log, &left[0]).unwrap();
        fs::write(&index, &left[1]).unwrap();
        fs::remove_file(&log).unwrap();
        fs::remove_file(&index).unwrap();
        let store = open(&path).unwrap();
        store.check().await.unwrap();
        let kept = usize::try_from(store.figures().await.unwrap().open).unwrap();
        // One that was being written may be in it, though it was not acknowledged yet.
        assert!((before..=after + 1).contains(&kept), "{before} {kept} {after}");
        assert_eq!(store.figures().await.unwrap().newest_event, i64::try_from(kept).unwrap(), "of one moment");
        for number in 0..kept {
            assert_eq!(store.hear(Message::new(number.to_string(), message("").complaint)).await, Ok(Heard::Copy));
        }
        assert_eq!(store.hear(Message::new(kept.to_string(), message("").complaint)).await, Ok(Heard::First));
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_error_that_quotes_none_of_it() {
    let (_folder, path) = folder();
    let store = open(&path).unwrap();
    let mut message = message("1");
    message.events = vec![crate::NewEvent::new(crate::EventKind::Filed, serde_json::json!({}))];
    store.hear(message.clone()).await.unwrap();
    let other = Connection::open(&path).unwrap();
    let act = "INSERT INTO act (key, complaint, kind, content, seen, asked_by, asked_at, stage)
               SELECT 'k', row, 'reply', '{\"reply\":\"canary\"}', 0, 'desk', 0, 'asked' FROM complaint";
    for (sql, looks_at) in [
        (act, "act"),
        ("UPDATE event SET data = 'canary'", "events"),
        ("UPDATE event SET data = '{}', kind = 'canary'", "events"),
        ("UPDATE complaint SET deadlines = '\"canary\"'", "list"),
    ] {
        other.execute_batch(sql).unwrap();
        let refused = match looks_at {
            "act" => store.act("k").await.unwrap_err(),
            "events" => store.events(0, 9).await.unwrap_err(),
            _ => store.list(&Filter::default(), None, 9).await.unwrap_err(),
        };
        assert_eq!(refused, StoreError::Damaged("a row cannot be read".to_owned()), "{sql}");
        assert!(!format!("{refused} {refused:?}").contains("canary"));
    }
}

#[tokio::test]
async fn a_removed_document_is_overwritten_while_the_store_goes_on() {
    let (folder, path) = folder();
    let store = SqliteStore::open_with_clock(&path, Clock::new(|| FIRST_OF_SET_CLOCK)).unwrap();
    let mut letter = NewLetter::new(source(), "no JSON", b"canary canary canary".to_vec());
    letter.complaint_id = Some("1".to_owned());
    store.keep_letter(letter).await.unwrap();
    drop(store);
    let has_it = || {
        let files = fs::read_dir(folder.path()).unwrap();
        let mut contents = files.map(|file| fs::read(file.unwrap().path()).unwrap());
        contents.any(|content| content.windows(6).any(|bytes| bytes == b"canary"))
    };
    assert!(has_it());
    let store = open(&path).unwrap();
    assert_eq!(store.forget(400, 9).await.unwrap().letters, 1);
    // The next call runs after the log was emptied.
    store.sight(Vec::new()).await.unwrap();
    assert!(!has_it());
}
