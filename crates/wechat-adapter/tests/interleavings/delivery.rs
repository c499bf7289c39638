//! The push webhook's delivery: simultaneous copies, a slow store, a clock that passes the store's
//! timeout.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use protocol_core::mini_program::{Mode, Receiver, push_signature};
use protocol_core::replay::{Deduplicate, Key, Lease, MemoryDeduplicate, MemoryFullError, Reservation};
use protocol_core::{Secret, UnixTime};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tower_service::Service as _;
use wechat_adapter::mini_program::{Pushed, Pushes};
use wechat_adapter::{Clock, Handler, Webhook, WebhookTimeouts};

use crate::explorer::{Gates, Ticks, ensure, explore};

const NOW: UnixTime = UnixTime(1_744_244_408);
const STORE_TIMEOUT: Duration = Duration::from_millis(600);

/// Each tick passes the store's timeout, but not the handler's, nor a lease.
const TICKS: Ticks = Ticks { each: Duration::from_millis(700), number: 1 };

/// How the store under test looks for a reservation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// By the contract.
    Sound,
    /// Looks, waits, and then reserves regardless: the planted fault.
    LooksFirst,
    /// Never releases: another planted fault.
    KeepsHold,
}

struct Store {
    memory: MemoryDeduplicate,
    gates: Gates,
    kind: Kind,
    seen: Mutex<Vec<String>>,
}

impl Deduplicate for Store {
    type Error = MemoryFullError;

    async fn reserve(&self, key: Key<'_>, lease: Lease, now: UnixTime) -> Result<Reservation, MemoryFullError> {
        if self.kind == Kind::LooksFirst {
            let is_new = !self.seen.lock().unwrap().contains(&key.id.to_owned());
            self.gates.pass("reserve").await;
            self.seen.lock().unwrap().push(key.id.to_owned());
            if is_new {
                let _ = self.memory.reserve(key, lease, now).await;
                return Ok(Reservation::First);
            }
            return self.memory.reserve(key, lease, now).await;
        }
        self.gates.pass("reserve").await;
        let reserved = self.memory.reserve(key, lease, now).await;
        self.gates.pass("reserved").await;
        reserved
    }

    async fn commit(&self, key: Key<'_>, lease: Lease) -> Result<bool, MemoryFullError> {
        self.gates.pass("commit").await;
        self.memory.commit(key, lease).await
    }

    async fn release(&self, key: Key<'_>, lease: Lease) -> Result<(), MemoryFullError> {
        if self.kind == Kind::KeepsHold { Ok(()) } else { self.memory.release(key, lease).await }
    }
}

/// The handler's record.
#[derive(Default)]
struct Ledger {
    stored: Vec<String>,
    in_hand: usize,
    most_in_hand: usize,
    calls: usize,
}

fn message(number: u32) -> String {
    format!(r#"{{"Event":"complaint_callback","complaint_order_id":"{number}","status":"201"}}"#)
}

fn push(nonce: &str, number: u32) -> Request<Full<Bytes>> {
    let time = NOW.to_string();
    let signature = push_signature(b"AAAAA", &time, nonce, None);
    let uri = format!("/push?signature={signature}&timestamp={time}&nonce={nonce}");
    Request::post(uri).body(Full::from(message(number))).unwrap()
}

type Shared = Arc<Mutex<Ledger>>;

/// A webhook in plain mode, where one query opens any message; the handler fails the first
/// `failing` times.
fn webhook(
    gates: &Gates,
    kind: Kind,
    failing: usize,
) -> (Webhook<Pushes, impl Handler<Pushed> + use<>, Store>, Shared) {
    let memory = MemoryDeduplicate::new(NonZeroUsize::new(100).unwrap(), 60);
    let store = Store { memory, gates: gates.clone(), kind, seen: Mutex::default() };
    let ledger = Shared::default();
    let (book, doors) = (Arc::clone(&ledger), gates.clone());
    let handler = move |pushed: Pushed| {
        let (book, doors) = (Arc::clone(&book), doors.clone());
        async move {
            let fails = {
                let mut book = book.lock().unwrap();
                book.calls += 1;
                book.in_hand += 1;
                book.most_in_hand = book.most_in_hand.max(book.in_hand);
                book.calls <= failing
            };
            doors.pass("handle").await;
            let mut book = book.lock().unwrap();
            book.in_hand -= 1;
            if fails {
                return Err("away");
            }
            let number = pushed.received.push().complaint().and_then(|complaint| complaint.complaint_order_id.clone());
            book.stored.push(number.unwrap_or_default());
            Ok(())
        }
    };
    let began = Instant::now();
    let clock = Clock::new(move || NOW.plus(u32::try_from(began.elapsed().as_secs()).unwrap()));
    let receiver = Receiver::new("wx1", Secret::new(b"AAAAA".to_vec()), Mode::Plain, None).unwrap();
    let timeouts = WebhookTimeouts::default().with_store(STORE_TIMEOUT);
    let building = Webhook::builder(Pushes::of(receiver), store, handler).clock(clock).timeouts(timeouts);
    (building.build(), ledger)
}

fn send<H: Handler<Pushed>>(webhook: &Webhook<Pushes, H, Store>, request: Request<Full<Bytes>>) -> JoinHandle<u16> {
    let mut webhook = webhook.clone();
    tokio::spawn(async move {
        let response: Result<_, Infallible> = webhook.call(request).await;
        response.unwrap().status().as_u16()
    })
}

/// Three simultaneous copies, then more when all are settled.
async fn copies(gates: Gates, kind: Kind, failing: usize) -> Result<(), String> {
    let (webhook, ledger) = webhook(&gates, kind, failing);
    let copies = [0, 1, 2].map(|_| send(&webhook, push("n0nce", 7)));
    let mut acknowledged = 0;
    for copy in copies {
        acknowledged += usize::from(copy.await.unwrap() == 200);
    }
    let stored_before = ledger.lock().unwrap().stored.len();
    ensure(acknowledged == 0 || stored_before > 0, || "acknowledged, but not stored".to_owned())?;
    // What is late settles within the next copy's wait.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut tries = 0;
    while send(&webhook, push("n0nce", 7)).await.unwrap() != 200 {
        tries += 1;
        tokio::time::sleep(Duration::from_secs(2)).await;
        // Far less than the lease of 60 seconds.
        ensure(tries < 8, || "held although nobody has it in hand".to_owned())?;
    }
    let ledger = ledger.lock().unwrap();
    ensure(ledger.most_in_hand == 1, || format!("{} at once", ledger.most_in_hand))?;
    ensure(ledger.stored.len() == 1, || format!("stored {} times", ledger.stored.len()))
}

const STILL: Ticks = Ticks { each: TICKS.each, number: 0 };

#[test]
fn copies_at_once_are_delivered_once_and_none_is_held_afterwards() {
    for failing in [0, 1] {
        let runs = explore(STILL, |gates| copies(gates, Kind::Sound, failing)).unwrap();
        assert!(runs >= 20, "{runs}");
    }
}

#[test]
fn faults_that_were_planted_are_found() {
    let found = explore(STILL, |gates| copies(gates, Kind::LooksFirst, 0)).unwrap_err();
    assert!(found.what.contains("at once") || found.what.contains("stored"), "{found:?}");
    let found = explore(STILL, |gates| copies(gates, Kind::KeepsHold, 1)).unwrap_err();
    assert!(found.what.contains("held"), "{found:?}");
}

/// Two simultaneous copies; the store passes its timeout with one or both, anywhere. Then more
/// copies.
async fn late(gates: Gates, kind: Kind) -> Result<(), String> {
    let (webhook, ledger) = webhook(&gates, kind, 0);
    let first = send(&webhook, push("n0nce", 7));
    let second = send(&webhook, push("n0nce", 7));
    let mut acknowledged = false;
    for copy in [first, second] {
        acknowledged |= copy.await.unwrap() == 200;
    }
    let stored = ledger.lock().unwrap().stored.len();
    ensure(!acknowledged || stored > 0, || "acknowledged, but not stored".to_owned())?;
    // The platform's next copies, far within the lease of the first.
    let mut tries = 0;
    while send(&webhook, push("n0nce", 7)).await.unwrap() != 200 {
        tries += 1;
        ensure(tries < 8, || "held although nobody has it in hand".to_owned())?;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let ledger = ledger.lock().unwrap();
    ensure(ledger.most_in_hand == 1, || format!("{} at once", ledger.most_in_hand))?;
    ensure(ledger.stored.len() == 1, || format!("stored {} times", ledger.stored.len()))
}

#[test]
fn a_late_step_of_the_store_neither_loses_nor_holds_a_message() {
    let runs = explore(TICKS, |gates| late(gates, Kind::Sound)).unwrap();
    assert!(runs > 100, "{runs}");
    assert!(explore(TICKS, |gates| late(gates, Kind::KeepsHold)).unwrap_err().what.contains("held"));
}

/// A genuine push and a forged one under the same query, simultaneously.
async fn forgery(gates: Gates) -> Result<(), String> {
    let (webhook, ledger) = webhook(&gates, Kind::Sound, 0);
    let both = [send(&webhook, push("n0nce", 7)), send(&webhook, push("n0nce", 8))];
    let mut statuses = Vec::new();
    for one in both {
        statuses.push(one.await.unwrap());
    }
    let stored = ledger.lock().unwrap().stored.clone();
    ensure(stored.len() == 1, || format!("{stored:?} under one signature"))?;
    ensure(statuses.iter().filter(|status| **status == 200).count() == 1, || format!("{statuses:?}"))?;
    ensure(statuses.iter().all(|status| matches!(status, 200 | 401 | 503)), || format!("{statuses:?}"))
}

#[test]
fn one_signature_lets_one_message_in_whatever_comes_first() {
    let runs = explore(STILL, forgery).unwrap();
    assert!(runs >= 20, "{runs}");
}
