//! A store on a slow disk and sixteen simultaneous senders, in Tokio's paused time. Every
//! acknowledged message is stored, and the number of messages a second is the same on every
//! machine. `docs/performance.md` has the figures.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use protocol_core::UnixTime;
use protocol_core::mini_program::{Mode, push_signature};
use protocol_core::replay::{Deduplicate, Key, Lease, MemoryDeduplicate, MemoryFullError, Reservation};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use wechat_adapter::mini_program::{Pushed, Pushes};
use wechat_adapter::{Clock, Webhook};

use crate::platform::NOW;
use crate::webhook::{TOKEN, post, receiver, status};

const SENDERS: usize = 16;
/// The wait of a sender after a message that was not acknowledged.
const PAUSE: Duration = Duration::from_secs(1);
const LASTS: Duration = Duration::from_secs(60);

/// How the store uses its disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disk {
    /// One sync for each write, one after the other.
    Alone,
    /// One sync for all writes that were waiting when it began.
    Grouped,
}

struct Slow {
    memory: MemoryDeduplicate,
    disk: Disk,
    sync: Duration,
    began: Instant,
    turn: tokio::sync::Mutex<()>,
}

impl Slow {
    async fn write(&self) {
        match self.disk {
            Disk::Alone => {
                let _turn = self.turn.lock().await;
                sleep(self.sync).await;
            }
            Disk::Grouped => {
                let syncs = self.began.elapsed().as_millis() / self.sync.as_millis();
                sleep_until(self.began + self.sync * u32::try_from(syncs + 2).unwrap()).await;
            }
        }
    }
}

impl Deduplicate for Slow {
    type Error = MemoryFullError;

    async fn reserve(&self, key: Key<'_>, lease: Lease, now: UnixTime) -> Result<Reservation, MemoryFullError> {
        self.write().await;
        self.memory.reserve(key, lease, now).await
    }

    async fn commit(&self, key: Key<'_>, lease: Lease) -> Result<bool, MemoryFullError> {
        self.write().await;
        self.memory.commit(key, lease).await
    }

    async fn release(&self, key: Key<'_>, lease: Lease) -> Result<(), MemoryFullError> {
        self.write().await;
        self.memory.release(key, lease).await
    }
}

/// Acknowledged messages a second, in tenths.
async fn acknowledged_a_second(disk: Disk, sync: Duration) -> usize {
    let began = Instant::now();
    let memory = MemoryDeduplicate::new(NonZeroUsize::new(100_000).unwrap(), 6);
    let store = Slow { memory, disk, sync, began, turn: tokio::sync::Mutex::default() };
    let stored: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let book = Arc::clone(&stored);
    let handler = move |pushed: Pushed| {
        let number = pushed.received.push().complaint().unwrap().complaint_order_id.clone();
        book.lock().unwrap().insert(number.unwrap());
        async { Ok::<(), Infallible>(()) }
    };
    let clock = Clock::new(move || NOW.plus(u32::try_from(began.elapsed().as_secs()).unwrap()));
    let webhook = Webhook::builder(Pushes::of(receiver(Mode::Plain)), store, handler).clock(clock).build();
    let senders = (0..SENDERS).map(|sender| {
        let webhook = webhook.clone();
        tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for message in 0.. {
                let number = format!("{sender}00{message}");
                let body =
                    format!(r#"{{"Event":"complaint_callback","complaint_order_id":"{number}","status":"201"}}"#);
                let time = NOW.to_string();
                let signature = push_signature(TOKEN.as_bytes(), &time, &number, None);
                let push = (format!("signature={signature}&timestamp={time}&nonce={number}"), body);
                loop {
                    match timeout_at(began + LASTS, status(&webhook, post(&push))).await {
                        Ok(200) => break,
                        Ok(status) => assert_eq!(status, 503),
                        Err(_) => return acknowledged,
                    }
                    sleep(PAUSE).await;
                }
                acknowledged.push(number);
            }
            acknowledged
        })
    });
    let mut count = 0;
    for sender in senders.collect::<Vec<_>>() {
        for number in sender.await.unwrap() {
            assert!(stored.lock().unwrap().contains(&number), "{number} was acknowledged, and is missing");
            count += 1;
        }
    }
    count * 10 / usize::try_from(LASTS.as_secs()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_a_slow_store_acknowledges_is_stored_and_so_many_get_through() {
    // Tenths of a message. A push takes two writes: alone, the disk would have time for 166, 83 and
    // 50.
    for (disk, milliseconds, expected) in [
        (Disk::Grouped, 30, 1300),
        (Disk::Grouped, 60, 650),
        (Disk::Grouped, 100, 390),
        (Disk::Alone, 30, 160),
        (Disk::Alone, 60, 50),
        (Disk::Alone, 100, 18),
    ] {
        let rate = acknowledged_a_second(disk, Duration::from_millis(milliseconds)).await;
        assert!(rate >= expected, "{disk:?}, {milliseconds} ms: {rate} in ten seconds instead of {expected}");
    }
}
