//! A store under a clock that the test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use complaint_inbox::{Claim, ComplaintKey, MemoryStore, Message, Reading, Source, Store};
use protocol_core::complaint::{Complaint, Deadlines};
use protocol_core::{Clock, UnixTime};
use tempfile::TempDir;

/// 2025-03-14 15:09:26 in China.
pub(crate) const NOW: UnixTime = UnixTime(1_741_936_166);

pub(crate) const HOUR: i64 = 3600;

pub(crate) const DAY: i64 = 24 * HOUR;

/// A lease of the tests, in seconds.
pub(crate) const LEASE: u32 = 60;

pub(crate) struct World<S> {
    pub(crate) store: S,
    time: Arc<AtomicI64>,
    /// Where its file is.
    _folder: Option<TempDir>,
}

pub(crate) fn memory() -> World<MemoryStore> {
    World::new(None, MemoryStore::new)
}

#[cfg(feature = "sqlite")]
pub(crate) fn sqlite() -> World<complaint_inbox::SqliteStore> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("inbox.db");
    World::new(Some(folder), |clock| complaint_inbox::SqliteStore::open_with_clock(path, clock).unwrap())
}

impl<S: Store> World<S> {
    pub(crate) fn new(folder: Option<TempDir>, open: impl FnOnce(Clock) -> S) -> Self {
        let time = Arc::new(AtomicI64::new(NOW.0));
        let read = Arc::clone(&time);
        Self { store: open(Clock::new(move || UnixTime(read.load(Ordering::SeqCst)))), time, _folder: folder }
    }

    /// Moves the clock, forward or back.
    pub(crate) fn tick(&self, seconds: i64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> UnixTime {
        UnixTime(self.time.load(Ordering::SeqCst))
    }

    /// Hears of a complaint.
    pub(crate) async fn hear(&self, message: &str, id: &str) {
        self.store.hear(Message::new(message, complaint(id))).await.unwrap();
    }

    /// Claims everything that is due.
    pub(crate) async fn claims(&self) -> Vec<Claim> {
        self.store.claim(&source(), 100, LEASE).await.unwrap()
    }

    /// The ids of the complaints that are claimed now.
    pub(crate) async fn claimed(&self) -> Vec<String> {
        self.claims().await.into_iter().map(|claim| claim.key.id).collect()
    }

    /// Hears of a complaint, and keeps a reading of it.
    pub(crate) async fn put(&self, id: &str, reading: Reading) {
        let message = format!("put {id} {}", self.store.figures().await.unwrap().newest_event);
        let message =
            format!("{message} {}", self.store.complaint(&complaint(id)).await.unwrap().map_or(0, |c| c.summary.heard));
        self.hear(&message, id).await;
        let claims = self.claims().await;
        let claim = claims.iter().find(|claim| claim.key.id == id).unwrap();
        assert!(self.store.keep_reading(claim, reading).await.unwrap());
    }
}

pub(crate) fn source() -> Source {
    Source::new("wechat-pay", "1900000001")
}

pub(crate) fn complaint(id: &str) -> ComplaintKey {
    ComplaintKey::new("wechat-pay", "1900000001", id)
}

/// The deadlines of a complaint that was filed so many seconds from [`NOW`]: the reply is due a day
/// later, the end three days later.
pub(crate) fn filed(seconds: i64) -> Deadlines {
    deadlines("PENDING", 1, seconds)
}

pub(crate) fn deadlines(state: &str, times: u32, seconds: i64) -> Deadlines {
    let (days, rest) =
        ((15 * HOUR + 9 * 60 + 26 + seconds).div_euclid(DAY), (15 * HOUR + 9 * 60 + 26 + seconds).rem_euclid(DAY));
    let (day, hour, minute, second) = (14 + days, rest / HOUR, rest % HOUR / 60, rest % 60);
    let row = format!(
        r#"{{"complaint_id":"1","complaint_time":"2025-03-{day:02}T{hour:02}:{minute:02}:{second:02}+08:00","complaint_state":"{state}","user_complaint_times":{times}}}"#
    );
    Complaint::decode(row.as_bytes()).unwrap().trust_anyway().deadlines()
}

/// A reading with these deadlines.
pub(crate) fn due(deadlines: Deadlines) -> Reading {
    let mut reading = Reading::new("{}");
    reading.deadlines = Some(deadlines);
    reading
}

pub(crate) fn closed() -> Reading {
    let mut reading = Reading::new("{}");
    reading.is_closed = true;
    reading
}
