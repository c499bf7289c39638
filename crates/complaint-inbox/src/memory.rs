//! The store in memory.

mod acts;
mod complaints;
mod handovers;
mod messages;
mod people;
mod pictures;

use std::sync::{Arc, Mutex, PoisonError};

use protocol_core::call::ActState;
use protocol_core::replay::{Deduplicate, Key, Lease, Reservation};
use protocol_core::{Clock, UnixTime};

use self::acts::Acts;
use self::complaints::Complaints;
use self::handovers::Endpoints;
use self::messages::Messages;
use self::people::People;
use self::pictures::Pictures;
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
use crate::rules::{NearSteps, Wait, forgotten_pictures, held_since, kept_since};
use crate::session::Session;
use crate::store::Store;

/// A [`Store`] in this process's memory, for tests and trials: it forgets everything when the
/// process ends, and grows without a bound.
///
/// Its futures are ready at once.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

impl MemoryStore {
    /// An empty store with this clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, state: Arc::default() }
    }

    /// One transaction.
    fn with<T>(&self, work: impl FnOnce(&mut State, UnixTime) -> T) -> Result<T, StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(work(&mut state, self.clock.now()))
    }
}

#[derive(Debug, Default)]
struct State {
    messages: Messages,
    complaints: Complaints,
    pictures: Pictures,
    acts: Acts,
    endpoints: Endpoints,
    people: People,
    fence: i64,
}

impl State {
    /// The number of the next claim, larger than that of every other.
    const fn next_fence(&mut self) -> i64 {
        self.fence = self.fence.saturating_add(1);
        self.fence
    }
}

impl Deduplicate for MemoryStore {
    type Error = StoreError;

    async fn reserve(&self, key: Key<'_>, lease: Lease, _: UnixTime) -> Result<Reservation, StoreError> {
        self.with(|state, now| state.messages.reserve(key, lease, now))?
    }

    async fn commit(&self, key: Key<'_>, lease: Lease) -> Result<bool, StoreError> {
        self.with(|state, now| state.messages.commit(key.id, lease, now))
    }

    async fn release(&self, key: Key<'_>, lease: Lease) -> Result<(), StoreError> {
        self.with(|state, _| state.messages.release(key.id, lease))
    }
}

impl Store for MemoryStore {
    async fn hear(&self, message: Message) -> Result<Heard, StoreError> {
        self.with(|state, now| state.hear(message, now))
    }

    async fn keep_letter(&self, letter: NewLetter) -> Result<bool, StoreError> {
        self.with(|state, now| state.keep_letter(letter, now))
    }

    async fn sight(&self, sightings: Vec<Sighting>) -> Result<u64, StoreError> {
        self.with(|state, now| state.complaints.sight(sightings, now))
    }

    async fn read_again(&self, source: &Source, unread_seconds: u32, limit: u32) -> Result<u64, StoreError> {
        self.with(|state, now| state.complaints.read_again(source, unread_seconds, limit, now))
    }

    async fn claim(&self, source: &Source, limit: u32, lease_seconds: u32) -> Result<Vec<Claim>, StoreError> {
        self.with(|state, now| state.claim(source, limit, lease_seconds, now))
    }

    async fn keep_reading(&self, claim: &Claim, reading: Reading) -> Result<bool, StoreError> {
        self.with(|state, now| state.keep_reading(claim, reading, now))
    }

    async fn put_back(&self, claim: &Claim, wait: Wait) -> Result<bool, StoreError> {
        self.with(|state, now| state.complaints.put_back(claim, wait, now))
    }

    async fn note_deadlines(&self, steps: &NearSteps, limit: u32) -> Result<u64, StoreError> {
        self.with(|state, now| state.complaints.note_deadlines(steps, limit, now))
    }

    async fn claim_pictures(
        &self,
        source: &Source,
        limit: u32,
        lease_seconds: u32,
    ) -> Result<Vec<PictureClaim>, StoreError> {
        self.with(|state, now| state.claim_pictures(source, limit, lease_seconds, now))
    }

    async fn finish_picture(&self, claim: &PictureClaim, outcome: PictureOutcome) -> Result<bool, StoreError> {
        self.with(|state, now| {
            let read = state.complaints.read(&claim.complaint);
            state.pictures.finish(claim, outcome, read, now)
        })
    }

    async fn picture(&self, key: &ComplaintKey, number: u32) -> Result<Option<Picture>, StoreError> {
        self.with(|state, _| state.pictures.get(key, number))
    }

    async fn ask(&self, ask: Ask) -> Result<Asked, StoreError> {
        self.with(|state, now| state.ask(ask, now))
    }

    async fn claim_acts(&self, source: &Source, limit: u32, lease_seconds: u32) -> Result<Vec<ActClaim>, StoreError> {
        self.with(|state, now| state.claim_acts(source, limit, lease_seconds, now))
    }

    async fn keep_act(
        &self,
        claim: &ActClaim,
        kept: Option<&ActState>,
        lease_seconds: u32,
    ) -> Result<bool, StoreError> {
        self.with(|state, now| state.acts.keep(claim, kept, lease_seconds, now))
    }

    async fn put_back_act(&self, claim: &ActClaim, wait: Wait) -> Result<bool, StoreError> {
        self.with(|state, now| state.acts.put_back(claim, wait, now))
    }

    async fn finish_act(
        &self,
        claim: &ActClaim,
        outcome: ActOutcome,
        reason: Option<&Reason>,
    ) -> Result<bool, StoreError> {
        self.with(|state, now| state.finish_act(claim, outcome, reason, now))
    }

    async fn list(&self, filter: &Filter, from: Option<&Cursor>, limit: u32) -> Result<Page, StoreError> {
        self.with(|state, _| state.complaints.list(filter, from, limit))
    }

    async fn choices(&self) -> Result<Choices, StoreError> {
        self.with(|state, _| state.complaints.choices())
    }

    async fn numbers(
        &self,
        from: Day,
        to: Day,
        channel: Option<&str>,
        merchant: Option<&str>,
    ) -> Result<Vec<DayNumbers>, StoreError> {
        self.with(|state, _| state.complaints.numbers(from, to, channel, merchant))
    }

    async fn export(
        &self,
        filter: &Filter,
        after: Option<&ComplaintKey>,
        limit: u32,
    ) -> Result<Vec<Exported>, StoreError> {
        self.with(|state, _| state.complaints.export(filter, after, limit))
    }

    async fn complaint(&self, key: &ComplaintKey) -> Result<Option<ComplaintRecord>, StoreError> {
        self.with(|state, _| state.complaint(key))
    }

    async fn act(&self, key: &str) -> Result<Option<ActRecord>, StoreError> {
        self.with(|state, _| state.acts.get(key))
    }

    async fn events(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.with(|state, _| state.complaints.events_after(after, limit))
    }

    async fn newest_event(&self) -> Result<i64, StoreError> {
        self.with(|state, _| state.complaints.newest_event())
    }

    async fn events_of(&self, key: &ComplaintKey, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.with(|state, _| state.complaints.events_of(key, after, limit))
    }

    async fn letters(&self, after: i64, limit: u32) -> Result<Vec<Letter>, StoreError> {
        self.with(|state, _| state.messages.letters(after, limit))
    }

    async fn remove_letter(&self, number: i64, by: &str) -> Result<bool, StoreError> {
        self.with(|state, now| state.remove_letter(number, by, now))
    }

    async fn figures(&self) -> Result<Figures, StoreError> {
        self.with(|state, _| state.figures())
    }

    async fn open_endpoint(&self, name: &str, start: StartAt) -> Result<(), StoreError> {
        self.with(|state, _| state.endpoints.open(name, start, state.complaints.newest_event()))
    }

    async fn close_endpoint(&self, name: &str) -> Result<bool, StoreError> {
        self.with(|state, _| state.endpoints.close(name))
    }

    async fn claim_handovers(
        &self,
        endpoint: &str,
        limit: u32,
        lease_seconds: u32,
    ) -> Result<Vec<Handover>, StoreError> {
        self.with(|state, now| state.claim_handovers(endpoint, limit, lease_seconds, now))
    }

    async fn finish_handover(&self, handover: &Handover, outcome: HandoverOutcome) -> Result<bool, StoreError> {
        self.with(|state, now| state.endpoints.finish(handover, outcome, now))
    }

    async fn replay(&self, endpoint: &str, replay: Replay) -> Result<u64, StoreError> {
        self.with(|state, _| state.endpoints.replay(endpoint, replay, &state.complaints))
    }

    async fn open_session(&self, session: Session) -> Result<(), StoreError> {
        self.with(|state, _| state.people.open_session(session))
    }

    async fn session(&self, digest: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        self.with(|state, now| state.people.session(digest, now))
    }

    async fn close_session(&self, digest: &[u8; 32]) -> Result<bool, StoreError> {
        self.with(|state, _| state.people.close_session(digest))
    }

    async fn close_sessions_of(&self, user: &str) -> Result<u64, StoreError> {
        self.with(|state, _| state.people.close_sessions_of(user))
    }

    async fn note(&self, deed: Deed) -> Result<bool, StoreError> {
        self.with(|state, now| state.note(deed, now))
    }

    async fn deeds(&self, before: Option<i64>, limit: u32) -> Result<Vec<DeedRecord>, StoreError> {
        self.with(|state, _| state.people.deeds(before, limit))
    }

    async fn forget(&self, keep_days: u32, limit: u32) -> Result<Forgotten, StoreError> {
        self.with(|state, now| state.forget(keep_days, limit, now))
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl State {
    fn figures(&self) -> Figures {
        let (handovers, dead) = self.endpoints.counts(&self.complaints);
        let (open, due) = self.complaints.counts();
        Figures {
            open,
            due,
            acts: self.acts.in_hand(),
            pictures: self.pictures.wanted(),
            letters: self.messages.letter_count(),
            handovers,
            dead,
            newest_event: self.complaints.newest_event(),
        }
    }

    fn forget(&mut self, keep_days: u32, limit: u32, now: UnixTime) -> Forgotten {
        if now.is_of_unset_clock() {
            return Forgotten::default();
        }
        self.messages.date(now);
        self.complaints.date(now);
        self.people.date(now);
        let (before, held_since) = (kept_since(keep_days, now), held_since(keep_days, now));
        let mut old = self.complaints.unchanged_since(before);
        old.retain(|key| !self.acts.hold(key, held_since));
        let pictures = self.pictures.forget(&old, forgotten_pictures(limit));
        old.retain(|key| !self.pictures.is_any_of(key));
        let gone = old.into_iter().take(rows(limit)).collect();
        self.complaints.forget(&gone);
        self.people.forget_complaints(&gone);
        self.acts.forget(&gone);
        self.endpoints.forget(&self.complaints);
        let (messages, letters) = self.messages.forget(before, limit, now);
        let (deeds, sessions) = self.people.forget(before, limit, now);
        Forgotten { complaints: count(gone.len()), messages, letters, pictures, deeds, sessions }
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// A limit, within [`MAX_ROWS`](crate::MAX_ROWS).
fn rows(limit: u32) -> usize {
    usize::try_from(limit.min(crate::MAX_ROWS)).unwrap_or(usize::MAX)
}

/// The end of a lease that begins now.
fn lease_end(lease_seconds: u32, now: UnixTime) -> UnixTime {
    now.plus(lease_seconds.min(crate::MAX_LEASE_SECONDS))
}
