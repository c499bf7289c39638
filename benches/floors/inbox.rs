//! The inbox on its disk: 64 tasks store a notification each, one after the other.
//!
//! Each task does what the webhook does: it reserves the message, hears it with its event, and
//! commits it. The floor is a log with the same tasks: one thread takes the notification of each of
//! them, appends all in one write, syncs once, and lets each know. Both are in the same folder. The
//! ratio by the wall is the cost of finding copies, of tables with their indices, and of groups that
//! are smaller than 64. Goal: 0.8 of the floor's rate, which is a ratio of 1.25. It depends on the
//! disk, so the ratio of processor times is held in its place.

use std::cell::RefCell;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};

use complaint_inbox::{ComplaintKey, EventKind, Heard, Message, NewEvent, SqliteStore, Store as _};
use protocol_core::UnixTime;
use protocol_core::replay::{Deduplicate as _, Lease, Reservation};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use benches::alternate::Alternate;
use benches::comparison::{Comparison, Goal};

const TASKS: u64 = 64;

/// Notifications of a task in one call.
const EACH: u64 = 4;

pub(crate) fn compare(bench: Alternate) -> Vec<Comparison> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    // The disk of the build: `/tmp` may be memory.
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let store = SqliteStore::open(folder.path().join("inbox.db")).unwrap();
    let log = start_log(&folder.path().join("log"));
    let (kept, appended) = (RefCell::new(0), RefCell::new(0));
    let ours = || {
        let keep = |number| keep(store.clone(), number);
        run(&runtime, &mut kept.borrow_mut(), keep);
    };
    let floor = || {
        let append = |number| append(log.clone(), number);
        run(&runtime, &mut appended.borrow_mut(), append);
    };

    floor();
    ours();
    let stored = runtime.block_on(store.figures()).unwrap();
    assert_eq!(stored.due, TASKS * EACH);
    let appended = std::fs::metadata(folder.path().join("log")).unwrap().len();
    assert_eq!(appended, (0..TASKS * EACH).map(|number| record(number).len() as u64).sum::<u64>());

    let compared = bench.fewer(5).compare("inbox_64_at_once", floor, ours);
    vec![compared.goal(Goal::WallRatio(1.25)).held(Goal::Ratio(9.0))]
}

/// Runs the next notifications in the tasks, and waits for all.
fn run<F>(runtime: &Runtime, next: &mut u64, work: impl Fn(u64) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let numbers = |task| (0..EACH).map(move |turn| turn * TASKS + task);
    let tasks: Vec<_> = (0..TASKS).map(|task| numbers(task).map(|number| work(*next + number)).collect()).collect();
    *next += TASKS * EACH;
    let each = |turns: Vec<F>| async move {
        for turn in turns {
            turn.await;
        }
    };
    let running: Vec<_> = tasks.into_iter().map(|turns| runtime.spawn(each(turns))).collect();
    runtime.block_on(async {
        for task in running {
            task.await.unwrap();
        }
    });
}

/// A notification, as `complaint-server` keeps it.
async fn keep(store: SqliteStore, number: u64) {
    let (key, id, lease) = (key(number), id(number), Lease::new(number));
    assert_eq!(store.reserve((&*key).into(), lease, UnixTime(0)).await, Ok(Reservation::First));
    let mut message = Message::new(&*key, ComplaintKey::new(CHANNEL, MERCHANT, id));
    message.kind = Some(KIND.to_owned());
    message.events = vec![NewEvent::once(EventKind::Filed, "", json!({ "message": KIND }))];
    assert_eq!(store.hear(message).await, Ok(Heard::First));
    assert_eq!(store.commit((&*key).into(), lease).await, Ok(true));
}

const CHANNEL: &str = "wechat-pay";
const MERCHANT: &str = "1900000001";
const KIND: &str = "CREATE_COMPLAINT";

fn key(number: u64) -> String {
    format!("{MERCHANT}/EV-{number:026}")
}

fn id(number: u64) -> String {
    format!("2002018202001010800{number:08}")
}

/// The same in a log.
async fn append(log: SyncSender<Call>, number: u64) {
    let (written, is_on_disk) = oneshot::channel();
    log.send((record(number), written)).unwrap();
    is_on_disk.await.unwrap();
}

fn record(number: u64) -> Vec<u8> {
    let event = json!({ "message": KIND });
    format!("{}\t{CHANNEL}\t{MERCHANT}\t{}\t{KIND}\t{event}\n", key(number), id(number)).into_bytes()
}

type Call = (Vec<u8>, oneshot::Sender<()>);

fn start_log(path: &Path) -> SyncSender<Call> {
    let (calls, waiting) = sync_channel::<Call>(TASKS as usize);
    let mut file = File::create(path).unwrap();
    std::thread::spawn(move || {
        loop {
            let group: Vec<Call> = waiting.iter().take(TASKS as usize).collect();
            if group.is_empty() {
                return;
            }
            let records: Vec<u8> = group.iter().flat_map(|(record, _)| record.iter().copied()).collect();
            file.write_all(&records).unwrap();
            file.sync_data().unwrap();
            for (_, written) in group {
                written.send(()).unwrap();
            }
        }
    });
    calls
}
