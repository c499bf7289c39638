//! The store in one SQLite file.

mod acts;
mod arrivals;
mod claims;
mod complaints;
mod events;
mod file;
mod forgetting;
mod handovers;
mod leases;
mod looking;
mod messages;
mod numbers;
mod people;
mod pictures;
mod queue;
mod readers;
mod schema;
mod writer;

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};
use std::time::SystemTime;

use protocol_core::call::ActState;
use protocol_core::replay::{Deduplicate, Key, Lease, Reservation};
use protocol_core::{Clock, Personal, UnixTime};
use rusqlite::types::Type;
use rusqlite::{Connection, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

use tokio::sync::oneshot;

use self::arrivals::{Arrival, Arrivals};
use self::readers::Readers;
use self::writer::Writer;
use crate::abort_point::Verb;
use crate::act::{ActClaim, ActOutcome, ActRecord, Ask, Asked};
use crate::complaint::{
    Choices, ComplaintKey, ComplaintRecord, Cursor, Exported, Figures, Filter, Forgotten, Page, Source,
};
use crate::day::Day;
use crate::deed::{Deed, DeedRecord};
use crate::error::StoreError;
use crate::event::Event;
use crate::handover::{Handover, HandoverOutcome, Replay, StartAt};
use crate::message::{Heard, Letter, Message, NewLetter};
use crate::numbers::DayNumbers;
use crate::picture::{Picture, PictureClaim, PictureOutcome};
use crate::reading::{Claim, Reading, Sighting};
use crate::reason::Reason;
use crate::reservations::Reservations;
use crate::rules::{MAX_ROWS, NearSteps, Wait};
use crate::session::Session;
use crate::store::Store;

/// A [`Store`] in one SQLite file, for one process.
///
/// The file is this user's alone (mode 0600), with those that SQLite keeps beside it. One thread
/// writes. It commits the calls that wait for it together, and completes each after the commit is on
/// disk (write-ahead log, `synchronous=FULL`). A few threads read. No runtime is needed.
///
/// Dropping the last clone completes the calls that wait, and closes the file.
///
/// ```
/// use complaint_inbox::{ComplaintKey, Message, SqliteStore, Store};
///
/// # async fn story() -> Result<(), complaint_inbox::StoreError> {
/// let store = SqliteStore::open("complaints.db")?;
/// store.hear(Message::new("EV-1", ComplaintKey::new("wechat-pay", "1900000001", "1"))).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SqliteStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    // Dropped first: the last connection that is closed may write.
    readers: Readers,
    /// `None` if the file was opened to be read.
    writer: Option<Writer>,
    arrivals: Arc<Arrivals>,
}

impl Inner {
    fn new(readers: Readers, writer: Option<Writer>, clock: Clock) -> Self {
        Self { readers, writer, arrivals: Arc::new(Arrivals::new(clock)) }
    }

    fn reservations(&self) -> MutexGuard<'_, Reservations> {
        self.arrivals.reservations()
    }
}

impl SqliteStore {
    /// Opens the file, and creates it if it is not there. An older file is brought up to date. Leases
    /// and reservations of earlier processes end, since this process has the file alone. The content
    /// is looked through for damage, which takes seconds for a gigabyte.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if another process has it, [`StoreError::Newer`] and
    /// [`StoreError::NoInbox`] for a file that is not for this program, [`StoreError::OldLibrary`],
    /// [`StoreError::Damaged`], and any reason why it cannot be opened. The file is unchanged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with_clock(path, Clock::new(|| SystemTime::now().into()))
    }

    /// [`open`](Self::open), with another clock than the machine's.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with_clock(path: impl AsRef<Path>, clock: Clock) -> Result<Self, StoreError> {
        let (connection, file) = file::open(path.as_ref()).inspect_err(log)?;
        let readers = Readers::start(&file.path).inspect_err(log)?;
        let writer = Writer::start(connection, file, clock.clone()).inspect_err(log)?;
        Ok(Self(Arc::new(Inner::new(readers, Some(writer), clock))))
    }

    /// Opens the file to look at it, while another process may have it. Each verb that would change
    /// something is [`StoreError::ReadOnly`].
    ///
    /// # Errors
    /// Those of [`open`](Self::open), except [`StoreError::InUse`]; [`StoreError::Missing`] for a file
    /// that is not there, and [`StoreError::Older`] for one that has to be brought up to date first. There is no look for damage.
    pub fn open_to_read(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = file::find(path.as_ref()).inspect_err(log)?;
        let readers = Readers::start(&path).inspect_err(log)?;
        let clock = Clock::new(|| SystemTime::now().into());
        Ok(Self(Arc::new(Inner::new(readers, None, clock))))
    }

    /// Copies the inbox into a new file, for this user alone, while the store goes on. The copy is
    /// of one moment, and on disk when the future is ready. To restore it, put it in the place of the
    /// inbox's file while no process runs, and remove the files ending in `-wal` and `-shm`.
    ///
    /// # Errors
    /// [`StoreError::Disk`] if there is a file of this name, and other reasons why it cannot be
    /// written. A file that was begun is removed.
    pub async fn back_up(&self, to: impl AsRef<Path>) -> Result<(), StoreError> {
        let to = to.as_ref().to_owned();
        // No transaction: SQLite copies one moment by itself.
        self.0.readers.run(move |connection| file::back_up(connection, &to)).await.inspect_err(log)
    }

    /// One transaction, on disk when the future is ready. The work may run twice: the first time it is
    /// undone.
    async fn write<T: Send + 'static>(
        &self,
        verb: Verb,
        work: impl Fn(&Connection, UnixTime) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let writer = self.0.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        writer.run(verb, work).await.inspect_err(log)
    }

    /// Reads one moment's content.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.0.readers.run(|connection| snapshot(connection, work)).await.inspect_err(log)
    }
}

fn snapshot<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    let read = || {
        let transaction = connection.unchecked_transaction()?;
        let read = work(&transaction)?;
        transaction.commit()?;
        Ok(read)
    };
    read().map_err(|error| file::meaning(&error))
}

/// The webhooks do not repeat a store's errors, so it logs them itself.
fn log(error: &StoreError) {
    #[cfg(feature = "tracing")]
    tracing::error!(%error, "the inbox cannot be read or written");
    #[cfg(not(feature = "tracing"))]
    let _ = error;
}

impl Deduplicate for SqliteStore {
    type Error = StoreError;

    async fn reserve(&self, key: Key<'_>, lease: Lease, _: UnixTime) -> Result<Reservation, StoreError> {
        if self.0.writer.is_none() {
            return Err(StoreError::ReadOnly);
        }
        let (reserved, outcome) = oneshot::channel();
        let arrival = Arrival { id: key.id.to_owned(), signed: key.signed, lease, reserved };
        let arrivals = Arc::clone(&self.0.arrivals);
        if self.0.arrivals.add(arrival).inspect_err(log)? {
            let look = self.0.readers.run(move |connection| {
                arrivals.look(connection);
                Ok(())
            });
            if let Err(error) = look.await {
                self.0.arrivals.refuse(&error);
            }
        }
        let reserved = outcome.await.unwrap_or(Err(StoreError::Closed));
        let (outcome, is_new) = reserved.inspect_err(log)?;
        if let Some(signed) = key.signed.filter(|_| is_new) {
            let id = key.id.to_owned();
            self.write(Verb::Reserve, move |connection, now| messages::spend(connection, &id, &[signed], now)).await?;
        }
        Ok(outcome)
    }

    /// [`Store::hear`] did this already for messages about a complaint; it is left for the others.
    async fn commit(&self, key: Key<'_>, lease: Lease) -> Result<bool, StoreError> {
        if self.0.reservations().commit(key.id, lease) {
            return Ok(true);
        }
        let id = key.id.to_owned();
        if self.read(move |connection| messages::is_done(connection, &id)).await? {
            self.0.reservations().end(key.id);
            return Ok(true);
        }
        if !self.0.reservations().is_of(key.id, lease) {
            return Ok(false);
        }
        let (id, signed) = (key.id.to_owned(), self.0.reservations().signed_of(key.id));
        self.write(Verb::Commit, move |connection, now| messages::finish(connection, &id, None, &signed, now)).await?;
        self.0.reservations().end(key.id);
        Ok(true)
    }

    async fn release(&self, key: Key<'_>, lease: Lease) -> Result<(), StoreError> {
        self.0.reservations().release(key.id, lease);
        Ok(())
    }
}

impl Store for SqliteStore {
    async fn hear(&self, message: Message) -> Result<Heard, StoreError> {
        let (id, signed) = (message.dedup_key.clone(), self.0.reservations().signed_of(&message.dedup_key));
        let heard =
            self.write(Verb::Hear, move |connection, now| messages::hear(connection, &message, &signed, now)).await?;
        self.0.reservations().end_before_commit(&id);
        Ok(heard)
    }

    async fn keep_letter(&self, letter: NewLetter) -> Result<bool, StoreError> {
        self.write(Verb::KeepLetter, move |connection, now| messages::keep_letter(connection, &letter, now)).await
    }

    async fn sight(&self, sightings: Vec<Sighting>) -> Result<u64, StoreError> {
        self.write(Verb::Sight, move |connection, now| complaints::sight(connection, &sightings, now)).await
    }

    async fn read_again(&self, source: &Source, unread_seconds: u32, limit: u32) -> Result<u64, StoreError> {
        let source = source.clone();
        self.write(Verb::ReadAgain, move |connection, now| {
            complaints::read_again(connection, &source, unread_seconds, limit, now)
        })
        .await
    }

    async fn claim(&self, source: &Source, limit: u32, lease_seconds: u32) -> Result<Vec<Claim>, StoreError> {
        let source = source.clone();
        self.write(Verb::Claim, move |connection, now| claims::claim(connection, &source, limit, lease_seconds, now))
            .await
    }

    async fn keep_reading(&self, claim: &Claim, reading: Reading) -> Result<bool, StoreError> {
        let (claim, reading) = (claim.clone(), reading.bounded(&claim.key.id));
        self.write(Verb::KeepReading, move |connection, now| claims::keep_reading(connection, &claim, &reading, now))
            .await
    }

    async fn put_back(&self, claim: &Claim, wait: Wait) -> Result<bool, StoreError> {
        let claim = claim.clone();
        self.write(Verb::PutBack, move |connection, now| claims::put_back(connection, &claim, wait, now)).await
    }

    async fn note_deadlines(&self, steps: &NearSteps, limit: u32) -> Result<u64, StoreError> {
        let steps = steps.clone();
        let note = move |connection: &Connection, now| complaints::note_deadlines(connection, &steps, limit, now);
        self.write(Verb::NoteDeadlines, note).await
    }

    async fn claim_pictures(
        &self,
        source: &Source,
        limit: u32,
        lease_seconds: u32,
    ) -> Result<Vec<PictureClaim>, StoreError> {
        let source = source.clone();
        self.write(Verb::ClaimPictures, move |connection, now| {
            pictures::claim(connection, &source, limit, lease_seconds, now)
        })
        .await
    }

    async fn finish_picture(&self, claim: &PictureClaim, outcome: PictureOutcome) -> Result<bool, StoreError> {
        let (claim, outcome) = (claim.clone(), outcome.bounded());
        self.write(Verb::FinishPicture, move |connection, now| pictures::finish(connection, &claim, &outcome, now))
            .await
    }

    async fn picture(&self, key: &ComplaintKey, number: u32) -> Result<Option<Picture>, StoreError> {
        let key = key.clone();
        self.read(move |connection| pictures::get(connection, &key, number)).await
    }

    async fn ask(&self, ask: Ask) -> Result<Asked, StoreError> {
        self.write(Verb::Ask, move |connection, now| acts::ask(connection, &ask, now)).await
    }

    async fn claim_acts(&self, source: &Source, limit: u32, lease_seconds: u32) -> Result<Vec<ActClaim>, StoreError> {
        let source = source.clone();
        self.write(Verb::ClaimActs, move |connection, now| acts::claim(connection, &source, limit, lease_seconds, now))
            .await
    }

    async fn keep_act(
        &self,
        claim: &ActClaim,
        kept: Option<&ActState>,
        lease_seconds: u32,
    ) -> Result<bool, StoreError> {
        let (claim, kept) = (claim.clone(), kept.cloned());
        self.write(Verb::KeepAct, move |connection, now| {
            acts::keep(connection, &claim, kept.as_ref(), lease_seconds, now)
        })
        .await
    }

    async fn put_back_act(&self, claim: &ActClaim, wait: Wait) -> Result<bool, StoreError> {
        let claim = claim.clone();
        self.write(Verb::PutBackAct, move |connection, now| acts::put_back(connection, &claim, wait, now)).await
    }

    async fn finish_act(
        &self,
        claim: &ActClaim,
        outcome: ActOutcome,
        reason: Option<&Reason>,
    ) -> Result<bool, StoreError> {
        let (claim, reason) = (claim.clone(), reason.cloned());
        self.write(Verb::FinishAct, move |connection, now| {
            acts::finish(connection, &claim, outcome, reason.as_ref(), now)
        })
        .await
    }

    async fn list(&self, filter: &Filter, from: Option<&Cursor>, limit: u32) -> Result<Page, StoreError> {
        let (filter, from) = (filter.clone(), from.cloned());
        self.read(move |connection| looking::list(connection, &filter, from.as_ref(), limit)).await
    }

    async fn choices(&self) -> Result<Choices, StoreError> {
        self.read(looking::choices).await
    }

    async fn numbers(
        &self,
        from: Day,
        to: Day,
        channel: Option<&str>,
        merchant: Option<&str>,
    ) -> Result<Vec<DayNumbers>, StoreError> {
        let (channel, merchant) = (channel.map(str::to_owned), merchant.map(str::to_owned));
        self.read(move |connection| numbers::of(connection, from, to, channel.as_deref(), merchant.as_deref())).await
    }

    async fn export(
        &self,
        filter: &Filter,
        after: Option<&ComplaintKey>,
        limit: u32,
    ) -> Result<Vec<Exported>, StoreError> {
        let (filter, after) = (filter.clone(), after.cloned());
        self.read(move |connection| looking::export(connection, &filter, after.as_ref(), limit)).await
    }

    async fn complaint(&self, key: &ComplaintKey) -> Result<Option<ComplaintRecord>, StoreError> {
        let key = key.clone();
        self.read(move |connection| looking::complaint(connection, &key)).await
    }

    async fn act(&self, key: &str) -> Result<Option<ActRecord>, StoreError> {
        let key = key.to_owned();
        self.read(move |connection| acts::get(connection, &key)).await
    }

    async fn events(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.read(move |connection| events::after(connection, after, limit)).await
    }

    async fn newest_event(&self) -> Result<i64, StoreError> {
        self.read(events::newest).await
    }

    async fn events_of(&self, key: &ComplaintKey, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        let key = key.clone();
        self.read(move |connection| events::of(connection, &key, after, limit)).await
    }

    async fn letters(&self, after: i64, limit: u32) -> Result<Vec<Letter>, StoreError> {
        self.read(move |connection| messages::letters(connection, after, limit)).await
    }

    async fn remove_letter(&self, number: i64, by: &str) -> Result<bool, StoreError> {
        let deed = Deed::new(by, Deed::LETTER_DONE).with_detail(number.to_string()).bounded();
        self.write(Verb::RemoveLetter, move |connection, now| {
            Ok(messages::remove_letter(connection, number, now)? && people::note(connection, &deed, now)?)
        })
        .await
    }

    async fn figures(&self) -> Result<Figures, StoreError> {
        self.read(looking::figures).await
    }

    async fn open_endpoint(&self, name: &str, start: StartAt) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.write(Verb::OpenEndpoint, move |connection, _| handovers::open(connection, &name, start)).await
    }

    async fn close_endpoint(&self, name: &str) -> Result<bool, StoreError> {
        let name = name.to_owned();
        self.write(Verb::CloseEndpoint, move |connection, _| handovers::close(connection, &name)).await
    }

    async fn claim_handovers(
        &self,
        endpoint: &str,
        limit: u32,
        lease_seconds: u32,
    ) -> Result<Vec<Handover>, StoreError> {
        let name = endpoint.to_owned();
        self.write(Verb::ClaimHandovers, move |connection, now| {
            handovers::claim(connection, &name, limit, lease_seconds, now)
        })
        .await
    }

    async fn finish_handover(&self, handover: &Handover, outcome: HandoverOutcome) -> Result<bool, StoreError> {
        let handover = handover.clone();
        self.write(Verb::FinishHandover, move |connection, now| handovers::finish(connection, &handover, outcome, now))
            .await
    }

    async fn replay(&self, endpoint: &str, replay: Replay) -> Result<u64, StoreError> {
        let name = endpoint.to_owned();
        self.write(Verb::Replay, move |connection, _| handovers::replay(connection, &name, replay)).await
    }

    async fn open_session(&self, session: Session) -> Result<(), StoreError> {
        self.write(Verb::OpenSession, move |connection, _| people::open_session(connection, &session)).await
    }

    async fn session(&self, digest: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        let digest = *digest;
        let session = self.read(move |connection| people::session(connection, &digest)).await?;
        Ok(session.filter(|session| session.is_open(self.0.arrivals.now())))
    }

    async fn close_session(&self, digest: &[u8; 32]) -> Result<bool, StoreError> {
        let digest = *digest;
        self.write(Verb::CloseSession, move |connection, _| people::close_session(connection, &digest)).await
    }

    async fn close_sessions_of(&self, user: &str) -> Result<u64, StoreError> {
        let user = user.to_owned();
        self.write(Verb::CloseSessionsOf, move |connection, _| people::close_sessions_of(connection, &user)).await
    }

    async fn note(&self, deed: Deed) -> Result<bool, StoreError> {
        let deed = deed.bounded();
        self.write(Verb::Note, move |connection, now| people::note(connection, &deed, now)).await
    }

    async fn deeds(&self, before: Option<i64>, limit: u32) -> Result<Vec<DeedRecord>, StoreError> {
        self.read(move |connection| people::deeds(connection, before, limit)).await
    }

    async fn forget(&self, keep_days: u32, limit: u32) -> Result<Forgotten, StoreError> {
        self.0.arrivals.forget();
        let empties_log = self.0.writer.as_ref().ok_or(StoreError::ReadOnly)?.empties_log();
        self.write(Verb::Forget, move |connection, now| {
            let forgotten = forgetting::forget(connection, keep_days, limit, now)?;
            empties_log.fetch_or(forgotten.is_any(), Ordering::Relaxed);
            Ok(forgotten)
        })
        .await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.0.readers.run(file::check).await.inspect_err(log)
    }
}

/// A limit, within [`MAX_ROWS`].
fn rows(limit: u32) -> i64 {
    i64::from(limit.min(MAX_ROWS))
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

fn to_json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    optional_json(row, column)?.ok_or_else(|| unreadable(column))
}

fn optional_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text).map_err(|_| unreadable(column))).transpose()
}

/// The reason in three columns: words, code and quote. `None` without words.
fn reason(row: &Row<'_>, words: usize) -> rusqlite::Result<Option<Reason>> {
    let Some(text) = row.get(words)? else { return Ok(None) };
    let quote = row.get::<_, Option<String>>(words + 2)?.map(Personal::new);
    Ok(Some(Reason { code: row.get(words + 1)?, words: text, quote }))
}

/// A reason for three columns: words, code and quote.
fn reason_columns(reason: Option<&Reason>) -> [Option<&str>; 3] {
    let quote = reason.and_then(|reason| reason.quote.as_ref()).map(|quote| quote.expose().as_str());
    [reason.map(|reason| &*reason.words), reason.and_then(|reason| reason.code.as_deref()), quote]
}

/// A column that this program did not write.
fn unreadable(column: usize) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, String::new(), Type::Text)
}

#[cfg(test)]
mod file_tests;
#[cfg(test)]
mod writer_tests;
