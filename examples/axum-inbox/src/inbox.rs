//! The inbox: complaints, and the messages that told of them, in one SQLite file.
//!
//! A message is done in the transaction that stores its complaint ([`Inbox::hear`]): there is no
//! moment in which one of the two survives a crash without the other. The webhook's own commit then
//! finds it done.
//!
//! One process has the file ([`Inbox::open`] takes a lock). So reservations that are there at the
//! start are of a process that is dead, and end.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use protocol_core::UnixTime;
use protocol_core::replay::{CLOCK_TOLERANCE_SECONDS, Deduplicate, Key, Lease, Reservation};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use settings::{beside, private_database, private_file};
use tokio::sync::Notify;

use crate::document::Document;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS message (
        id TEXT PRIMARY KEY,
        lease INTEGER NOT NULL,         -- the webhook's random number
        lapses INTEGER,                 -- until when it is reserved; NULL once it is done
        reserved INTEGER NOT NULL       -- when it was reserved last
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS signed (
        digest TEXT PRIMARY KEY,        -- of what a push was signed over
        message TEXT NOT NULL,          -- the message that it was signed for
        done INTEGER NOT NULL,          -- whether that message is stored; until then the digest is free for another
        seen INTEGER NOT NULL           -- when
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS signed_message ON signed (message);
    CREATE TABLE IF NOT EXISTS complaint (
        channel TEXT NOT NULL,
        number TEXT NOT NULL,
        heard INTEGER NOT NULL,         -- how often there was reason to read it
        read INTEGER NOT NULL,          -- of which so many were followed
        refused INTEGER NOT NULL DEFAULT 0, -- how often the platform refused it since it was heard of or read last
        later INTEGER NOT NULL DEFAULT 0, -- not to be read before
        document TEXT,                  -- the complaint as it was read last
        closed INTEGER NOT NULL DEFAULT 0, -- nothing more happens to it
        PRIMARY KEY (channel, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS dead_letter (
        document TEXT PRIMARY KEY       -- a message that is the platform's, and cannot be read or names no complaint
    ) STRICT, WITHOUT ROWID;";

/// How long a message stays reserved: longer than a handler may take, shorter than the wait for the
/// last try of the Mini Program's push. How soon that comes is not confirmed: a guess on the safe
/// side.
const LEASE_SECONDS: u32 = 6;

/// How long a statement waits for another program that has the file open, such as `sqlite3` (no
/// other inbox has): less than the webhook waits for the store.
const BUSY: Duration = Duration::from_millis(400);

/// How long a done message is remembered: the platforms give up after two hours.
const REMEMBERED_SECONDS: i64 = 86_400;

/// How long what was signed is remembered: a nonce may read as a time that far ahead.
const SIGNED_SECONDS: i64 = 365 * 86_400;

/// The pace at which complaints are read again that WeChat Pay's list no longer shows: there are
/// more of them from day to day.
const SLOW_SECONDS: i64 = 6 * 3600;

/// Which platform a complaint is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// WeChat Pay.
    WechatPay,
    /// The Mini Program.
    MiniProgram,
}

impl Channel {
    /// As it stands in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WechatPay => "wechat-pay",
            Self::MiniProgram => "mini-program",
        }
    }
}

/// A failed store; it stored no message.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// SQLite refused: the disk is full, say.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The file cannot be created, or is not this user's.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// Another process has it. Two would not know of each other's reservations.
    #[error("{}: another process has this inbox; stop it first, or name another file in INBOX", .0.display())]
    InUse(PathBuf),
    /// A message cannot be written as JSON.
    #[error("the message cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// The runtime is shutting down, or the statement panicked.
    #[error("the statement did not come to its end")]
    Interrupted,
}

/// A complaint that there is reason to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Its number.
    pub number: String,
    /// How often it had been heard of.
    pub heard: i64,
}

/// The inbox. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Inbox {
    connection: Arc<Mutex<Connection>>,
    news: Arc<Notify>,
    /// Held for as long as the inbox is; the system lets go of it when the process dies.
    _lock: Arc<File>,
}

impl Inbox {
    /// Opens the file, and creates it if it is not there, for this user alone. The reservations of
    /// earlier processes are free again.
    ///
    /// # Errors
    /// [`InboxError::InUse`] where another process has it, or whatever keeps it from being opened.
    pub fn open(path: &Path) -> Result<Self, InboxError> {
        // The lock is beside the file itself, so a process that comes through a link meets it too.
        let path = private_database(path).map_err(|error| InboxError::File { path: path.to_owned(), error })?;
        let lock = lock(&path)?;
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // An acknowledgement is a promise: the default of WAL would survive a crash of the process,
        // but not of the machine.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(SCHEMA)?;
        connection.execute_batch("DELETE FROM message WHERE lapses IS NOT NULL; DELETE FROM signed WHERE NOT done;")?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), news: Arc::default(), _lock: Arc::new(lock) })
    }

    /// Stores that a message told of a complaint: once for each message, in one transaction with
    /// the message's being done.
    ///
    /// # Errors
    /// [`InboxError`]: neither happened.
    pub async fn hear(&self, id: String, channel: Channel, number: String) -> Result<(), InboxError> {
        self.with(move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Another copy may have taken over and stored it while this one slept past its lease.
            let ours = "UPDATE message SET lapses = NULL WHERE id = ?1 AND lapses IS NOT NULL";
            if transaction.execute(ours, [&id])? == 1 {
                spend(&transaction, &id)?;
                let hear = "INSERT INTO complaint (channel, number, heard, read) VALUES (?1, ?2, 1, 0)
                            ON CONFLICT (channel, number) DO UPDATE SET heard = heard + 1, refused = 0, later = 0";
                transaction.execute(hear, [channel.as_str(), &number])?;
            }
            transaction.commit()
        })
        .await?;
        self.news.notify_one();
        Ok(())
    }

    /// There is reason to read a complaint though no message told of it.
    ///
    /// # Errors
    /// [`InboxError`].
    pub async fn sight(&self, channel: Channel, number: String) -> Result<(), InboxError> {
        self.with(move |connection| {
            let sight = "INSERT INTO complaint (channel, number, heard, read) VALUES (?1, ?2, 1, 0)
                         ON CONFLICT (channel, number) DO UPDATE SET heard = heard + 1 WHERE read = heard";
            connection.execute(sight, [channel.as_str(), &number]).map(drop)
        })
        .await
    }

    /// Ready once something was heard since the last time.
    pub async fn news(&self) {
        self.news.notified().await;
    }

    /// The complaints that there is reason to read.
    ///
    /// # Errors
    /// [`InboxError`].
    pub async fn due(&self, channel: Channel) -> Result<Vec<Due>, InboxError> {
        self.with(move |connection| {
            let mut due = connection.prepare(
                "SELECT number, heard FROM complaint WHERE channel = ?1 AND read < heard AND later <= unixepoch()",
            )?;
            let rows = due.query_map([channel.as_str()], |row| Ok(Due { number: row.get(0)?, heard: row.get(1)? }))?;
            rows.collect()
        })
        .await
    }

    /// Stores a complaint as it was just read. A message about it that arrived meanwhile stays due.
    ///
    /// # Errors
    /// [`InboxError`].
    pub async fn store(&self, channel: Channel, due: Due, document: Document) -> Result<(), InboxError> {
        self.with(move |connection| {
            let store = "UPDATE complaint SET document = ?1, closed = ?2, read = ?3, refused = 0, later = 0
                         WHERE channel = ?4 AND number = ?5";
            let Document { text, closed } = document;
            connection.execute(store, params![text, closed, due.heard, channel.as_str(), due.number]).map(drop)
        })
        .await
    }

    /// The platform refused to show a complaint. It stays due, but is asked for less and less
    /// often, once an hour in the end; at once if it is heard of again.
    ///
    /// # Errors
    /// [`InboxError`].
    pub async fn postpone(&self, channel: Channel, due: Due) -> Result<(), InboxError> {
        self.with(move |connection| {
            let postpone = "UPDATE complaint SET refused = refused + 1, later = unixepoch() + (60 << min(refused, 6))
                            WHERE channel = ?1 AND number = ?2 AND heard = ?3";
            connection.execute(postpone, params![channel.as_str(), due.number, due.heard]).map(drop)
        })
        .await
    }

    /// Keeps a message that cannot be read or names no complaint, once however often it arrives. If
    /// its number can be told, the complaint is due to be read.
    ///
    /// # Errors
    /// [`InboxError`].
    pub async fn keep(&self, document: String, number: Option<(Channel, String)>) -> Result<(), InboxError> {
        self.with(move |connection| {
            connection.execute("INSERT OR IGNORE INTO dead_letter (document) VALUES (?1)", [document]).map(drop)
        })
        .await?;
        if let Some((channel, number)) = number {
            self.sight(channel, number).await?;
            self.news.notify_one();
        }
        Ok(())
    }

    /// A complaint as it was read last.
    ///
    /// # Errors
    /// [`InboxError`].
    pub async fn document(&self, channel: Channel, number: String) -> Result<Option<String>, InboxError> {
        self.with(move |connection| {
            let document = "SELECT document FROM complaint WHERE channel = ?1 AND number = ?2";
            let found = connection.query_row(document, [channel.as_str(), &number], |row| row.get(0)).optional()?;
            Ok(found.flatten())
        })
        .await
    }

    /// Makes complaints due that are not closed and on no list to compare with: the Mini Program's
    /// at once, for its platform has none; WeChat Pay's that were filed before its list begins,
    /// `YYYY-MM-DD` in China, six hours from now. And forgets messages that are not sent again.
    ///
    /// # Errors
    /// [`InboxError`].
    pub async fn tidy(&self, now: UnixTime, begin_date: &str) -> Result<(), InboxError> {
        let begin = format!("{begin_date}T00:00:00+08:00");
        self.with(move |connection| {
            let again = "UPDATE complaint SET heard = heard + 1 WHERE channel = ?1 AND read = heard AND NOT closed";
            connection.execute(again, [Channel::MiniProgram.as_str()])?;
            let slowly = "UPDATE complaint SET heard = heard + 1, later = unixepoch() + ?3
                          WHERE channel = ?1 AND read = heard AND NOT closed
                          AND ifnull(unixepoch(document ->> 'complaint_time'), 0) < unixepoch(?2)";
            connection.execute(slowly, params![Channel::WechatPay.as_str(), begin, SLOW_SECONDS])?;
            let forget = "DELETE FROM message WHERE reserved < ?1";
            connection.execute(forget, [now.0.saturating_sub(REMEMBERED_SECONDS)])?;
            // A signature of a message that was never stored is of no further use.
            let forget = "DELETE FROM signed WHERE seen < ?1 OR (NOT done AND seen < ?2)";
            let before = [SIGNED_SECONDS, REMEMBERED_SECONDS].map(|seconds| now.0.saturating_sub(seconds));
            connection.execute(forget, before).map(drop)
        })
        .await
    }

    /// [`Deduplicate::reserve`], asked for at this instant. The statement may wait for long, behind
    /// copies that read the clock later.
    async fn reserve_since(
        &self,
        asked: Instant,
        key: Key<'_>,
        lease: Lease,
        now: UnixTime,
    ) -> Result<Reservation, InboxError> {
        let (id, signed) = (key.id.to_owned(), key.signed.map(|signed| signed.to_string()));
        self.with(move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let now = now.plus(u32::try_from(asked.elapsed().as_secs()).unwrap_or(u32::MAX));
            let reservation = reserve(&transaction, &id, signed.as_deref(), lease, now)?;
            transaction.commit()?;
            Ok(reservation)
        })
        .await
    }

    /// SQLite waits for the disk and for locks: not on the runtime's own threads. Its errors are
    /// logged here: the webhook repeats none of them.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, InboxError> {
        let connection = Arc::clone(&self.connection);
        let working = tokio::task::spawn_blocking(move || {
            work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner)).map_err(InboxError::Sqlite)
        });
        let worked = working.await.unwrap_or(Err(InboxError::Interrupted));
        worked.inspect_err(|error| tracing::error!(%error, "the inbox cannot be read or written"))
    }
}

impl Deduplicate for Inbox {
    type Error = InboxError;

    async fn reserve(&self, key: Key<'_>, lease: Lease, now: UnixTime) -> Result<Reservation, InboxError> {
        self.reserve_since(Instant::now(), key, lease, now).await
    }

    /// [`Inbox::hear`] did this already for messages about a complaint; it is left for the others.
    async fn commit(&self, key: Key<'_>, lease: Lease) -> Result<bool, InboxError> {
        let id = key.id.to_owned();
        self.with(move |connection| {
            // Most are: a transaction that changes nothing waits for no disk.
            if is_done(connection, &id)? {
                return Ok(true);
            }
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let commit = "UPDATE message SET lapses = NULL WHERE id = ?1 AND (lapses IS NULL OR lease = ?2)";
            let is_ours = transaction.execute(commit, params![id, lease.number().cast_signed()])? == 1;
            if is_ours {
                spend(&transaction, &id)?;
            }
            transaction.commit()?;
            Ok(is_ours)
        })
        .await
    }

    /// Lapsed at once. The row stays: a handler that was cut off may still be writing, and what it
    /// stores is done.
    async fn release(&self, key: Key<'_>, lease: Lease) -> Result<(), InboxError> {
        let id = key.id.to_owned();
        self.with(move |connection| {
            let release = "UPDATE message SET lapses = 0 WHERE id = ?1 AND lapses IS NOT NULL AND lease = ?2";
            connection.execute(release, params![id, lease.number().cast_signed()]).map(drop)
        })
        .await
    }
}

/// [`Deduplicate::reserve`], within a transaction.
fn reserve(
    transaction: &Transaction<'_>,
    id: &str,
    signed: Option<&str>,
    lease: Lease,
    now: UnixTime,
) -> rusqlite::Result<Reservation> {
    let until = now.plus(LEASE_SECONDS);
    // A reservation is live until it ends. One that ends after this was made under a clock that has
    // been set back since.
    let latest = until.plus(CLOCK_TOLERANCE_SECONDS).0;
    if is_done(transaction, id)? {
        if let Some(signed) = signed {
            let remember = "INSERT OR IGNORE INTO signed (digest, message, done, seen) VALUES (?1, ?2, 1, ?3)";
            transaction.execute(remember, params![signed, id, now.0])?;
        }
        return Ok(Reservation::Done);
    }
    let owner = "SELECT message, done, ifnull(lapses > ?2 AND lapses <= ?3, 0) FROM signed
                 LEFT JOIN message ON message.id = signed.message WHERE digest = ?1";
    let owner: Option<(String, bool, bool)> = transaction
        .query_row(owner, params![signed, now.0, latest], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match owner {
        Some((owner, true, _)) if owner == id => return Ok(Reservation::Done),
        Some((_, true, _)) => return Ok(Reservation::Replayed),
        Some((owner, false, true)) if owner != id => return Ok(Reservation::InHand),
        _ => {}
    }
    let reserve = "INSERT INTO message (id, lease, lapses, reserved) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (id) DO UPDATE SET lease = ?2, lapses = ?3, reserved = ?4
                   WHERE lapses <= ?4 OR lapses > ?5";
    if transaction.execute(reserve, params![id, lease.number().cast_signed(), until.0, now.0, latest])? == 0 {
        return Ok(Reservation::InHand);
    }
    if let Some(signed) = signed {
        let take = "INSERT INTO signed (digest, message, done, seen) VALUES (?1, ?2, 0, ?3)
                    ON CONFLICT (digest) DO UPDATE SET message = ?2, seen = ?3 WHERE NOT done";
        transaction.execute(take, params![signed, id, now.0])?;
    }
    Ok(Reservation::First)
}

fn is_done(connection: &Connection, id: &str) -> rusqlite::Result<bool> {
    let is_done = "SELECT lapses IS NULL FROM message WHERE id = ?1";
    Ok(connection.query_row(is_done, [id], |row| row.get(0)).optional()?.unwrap_or(false))
}

/// A message is done, and so is what it was signed over: in the transaction that stores it.
fn spend(transaction: &Transaction<'_>, id: &str) -> rusqlite::Result<()> {
    transaction.execute("UPDATE signed SET done = 1 WHERE message = ?1", [id]).map(drop)
}

/// The lock of the inbox's process. The file stays: deleting it could take it from the next
/// process.
fn lock(path: &Path) -> Result<File, InboxError> {
    let beside = beside(path, ".lock");
    let opened = private_file(&beside).map(|file| (file.try_lock(), file));
    match opened {
        Ok((Ok(()), file)) => Ok(file),
        Ok((Err(TryLockError::WouldBlock), _)) => Err(InboxError::InUse(path.to_owned())),
        Ok((Err(TryLockError::Error(error)), _)) | Err(error) => Err(InboxError::File { path: beside, error }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test states what must hold")]

    use tempfile::TempDir;

    use super::*;

    const NOW: UnixTime = UnixTime(1_741_936_166);

    fn inbox_in(folder: &TempDir) -> Inbox {
        Inbox::open(&folder.path().join("inbox.db")).unwrap()
    }

    /// As of this moment, however long the machine takes.
    async fn reserve_at(
        inbox: &Inbox,
        id: &'static str,
        signed: Option<&'static str>,
        number: u64,
        now: UnixTime,
    ) -> Reservation {
        let reserving = inbox.with(move |connection| {
            let transaction = connection.transaction()?;
            let reservation = reserve(&transaction, id, signed, Lease::new(number), now)?;
            transaction.commit()?;
            Ok(reservation)
        });
        reserving.await.unwrap()
    }

    #[tokio::test]
    async fn the_bounds_of_a_reservation_are_exact() {
        let folder = TempDir::new().unwrap();
        let inbox = inbox_in(&folder);
        let back = |seconds: u32| UnixTime(NOW.0 - i64::from(seconds));
        for (id, digest, other, now, expected) in [
            ("a", "1", "b", NOW.plus(LEASE_SECONDS - 1), Reservation::InHand),
            ("c", "2", "d", NOW.plus(LEASE_SECONDS), Reservation::First),
            ("e", "3", "f", back(CLOCK_TOLERANCE_SECONDS), Reservation::InHand),
            ("g", "4", "h", back(CLOCK_TOLERANCE_SECONDS + 1), Reservation::First),
        ] {
            assert_eq!(reserve_at(&inbox, id, Some(digest), 1, NOW).await, Reservation::First);
            assert_eq!(reserve_at(&inbox, other, Some(digest), 2, now).await, expected, "another message, {id}");
            assert_eq!(reserve_at(&inbox, id, None, 3, now).await, expected, "a copy, {id}");
        }
    }

    #[tokio::test]
    async fn a_reservation_that_waited_takes_nothing_from_the_copy_in_hand() {
        let folder = TempDir::new().unwrap();
        let inbox = inbox_in(&folder);
        let key = Key::from("a");
        let wait = 2 * CLOCK_TOLERANCE_SECONDS;
        assert_eq!(inbox.reserve(key, Lease::new(2), NOW.plus(wait)).await.unwrap(), Reservation::First);
        let asked = Instant::now().checked_sub(Duration::from_secs(u64::from(wait))).unwrap();
        assert_eq!(inbox.reserve_since(asked, key, Lease::new(1), NOW).await.unwrap(), Reservation::InHand);
        // The waiting task tidies up.
        inbox.release(key, Lease::new(1)).await.unwrap();
        assert_eq!(inbox.reserve(key, Lease::new(3), NOW.plus(wait)).await.unwrap(), Reservation::InHand);
        assert!(inbox.commit(key, Lease::new(2)).await.unwrap());
    }

    #[tokio::test]
    async fn what_was_signed_for_a_message_that_was_never_stored_goes_after_a_day() {
        let folder = TempDir::new().unwrap();
        let inbox = inbox_in(&folder);
        let count = "SELECT count(*) FROM signed";
        let rows = || inbox.with(move |connection| connection.query_row(count, [], |row| row.get::<_, i64>(0)));
        for (lease, is_stored) in [(1, false), (2, true)] {
            assert_eq!(reserve_at(&inbox, "a", Some("1"), lease, NOW).await, Reservation::First);
            if is_stored {
                assert!(inbox.commit("a".into(), Lease::new(lease)).await.unwrap());
            } else {
                inbox.release("a".into(), Lease::new(lease)).await.unwrap();
            }
            for (seconds, kept) in [(86_400, 1), (86_401, i64::from(is_stored))] {
                inbox.tidy(NOW.plus(seconds), "2025-01-01").await.unwrap();
                assert_eq!(rows().await.unwrap(), kept, "{seconds}");
            }
        }
    }
}
