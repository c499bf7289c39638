//! The store: every promise of the inbox, as verbs.

use std::future::Future;

use protocol_core::call::ActState;
use protocol_core::replay::Deduplicate;

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
use crate::rules::{NearSteps, Wait};
use crate::session::Session;

/// The future of a verb.
macro_rules! verb {
    ($done:ty) => { impl Future<Output = Result<$done, StoreError>> + Send };
}

/// A durable inbox. It is a handle: clones share the store.
///
/// Every verb is one transaction, on disk when the future is ready. If it fails, nothing was
/// changed. A future that is dropped may still take effect.
///
/// **Time** is the store's clock alone. **Claims** are leases: while one holds, no other caller gets
/// the same row. A verb that takes a claim returns whether the claim still was the newest of its
/// row; if not, another caller took over, and nothing was changed. A claim is no lock on time: after
/// its lease it stays good until another caller takes over. **Limits** above
/// [`MAX_ROWS`](crate::MAX_ROWS) and leases above [`MAX_LEASE_SECONDS`](crate::MAX_LEASE_SECONDS) are
/// taken as these.
///
/// **Events** are written in the transaction that makes the change, and numbered in the order of
/// commits: a reader that has seen number N misses nothing by asking for those after N.
///
/// The half [`Deduplicate`] reserves messages. [`hear`](Self::hear) marks the message as done in the
/// transaction that keeps it; the webhook's own commit then finds it done. The store ignores the
/// caller's `now`.
pub trait Store: Deduplicate<Error = StoreError> + Clone + 'static {
    // What arrives.

    /// Keeps a message, marks it as done, makes its complaint due to be read, and writes its events.
    /// A message that is done changes nothing. A reservation is not required.
    fn hear(&self, message: Message) -> verb!(Heard);

    /// Keeps a letter. `false` if the same content was kept for this source. If it names a complaint,
    /// the complaint becomes due to be read.
    fn keep_letter(&self, letter: NewLetter) -> verb!(bool);

    // Reading.

    /// Makes those complaints due to be read that were never read, or stand otherwise than when they
    /// were read. One that is due already stays as it is. Returns how many became due.
    fn sight(&self, sightings: Vec<Sighting>) -> verb!(u64);

    /// Makes open complaints of a source due to be read that were read last so many seconds ago or
    /// before, the longest first. Returns how many became due.
    fn read_again(&self, source: &Source, unread_seconds: u32, limit: u32) -> verb!(u64);

    /// Claims complaints of a source that are due to be read, by deadline. Among those whose deadline is
    /// unknown, those that were never read come first. Of two that are alike, the one with the newer, that
    /// is larger, number comes first: a first sweep finds many old ones, and one that is filed meanwhile
    /// does not wait for them.
    fn claim(&self, source: &Source, limit: u32, lease_seconds: u32) -> verb!(Vec<Claim>);

    /// Keeps a reading: document, deadlines, history, events and the places of pictures. The claim
    /// ends. A message that arrived meanwhile keeps the complaint due. Pictures that are wanted no
    /// longer wait, since the reading has fresh links to them.
    fn keep_reading(&self, claim: &Claim, reading: Reading) -> verb!(bool);

    /// Ends a claim without a reading. The complaint stays due, and is claimed again after the wait,
    /// or as soon as it is heard of.
    fn put_back(&self, claim: &Claim, wait: Wait) -> verb!(bool);

    /// Writes an event for each deadline that has become near, at each of the distances, or over, once
    /// each, for as many complaints as the limit says. Returns the number of complaints that were
    /// looked at: call again while it is the limit. A new distance counts for complaints that are read
    /// from then on.
    fn note_deadlines(&self, steps: &NearSteps, limit: u32) -> verb!(u64);

    // Pictures.

    /// Claims pictures of a source that are wanted, in the order in which they were first seen.
    fn claim_pictures(&self, source: &Source, limit: u32, lease_seconds: u32) -> verb!(Vec<PictureClaim>);

    /// Ends a claim with the outcome of the attempt.
    fn finish_picture(&self, claim: &PictureClaim, outcome: PictureOutcome) -> verb!(bool);

    /// A picture of a complaint with its content; `None` if the complaint has none of this number.
    fn picture(&self, key: &ComplaintKey, number: u32) -> verb!(Option<Picture>);

    // Acts.

    /// Takes a request for an act.
    fn ask(&self, ask: Ask) -> verb!(Asked);

    /// Claims acts of a source, oldest first. Of one complaint's acts, the oldest that has not ended
    /// is claimed; the others wait for it.
    fn claim_acts(&self, source: &Source, limit: u32, lease_seconds: u32) -> verb!(Vec<ActClaim>);

    /// Keeps the state of an act, before each send; `None` if it certainly did not happen. The lease
    /// begins anew, with these seconds.
    fn keep_act(&self, claim: &ActClaim, state: Option<&ActState>, lease_seconds: u32) -> verb!(bool);

    /// Ends a claim without an outcome. The act is claimed again after the wait.
    fn put_back_act(&self, claim: &ActClaim, wait: Wait) -> verb!(bool);

    /// Ends an act with its outcome and the reason of a failure, makes its complaint due to be read,
    /// and writes an event.
    fn finish_act(&self, claim: &ActClaim, outcome: ActOutcome, reason: Option<&Reason>) -> verb!(bool);

    // Looking.

    /// Complaints by deadline, the earliest first.
    fn list(&self, filter: &Filter, from: Option<&Cursor>, limit: u32) -> verb!(Page);

    /// The values that a filter may take.
    fn choices(&self) -> verb!(Choices);

    /// The numbers of the complaints that were filed from one day to another, both included, by day,
    /// channel and merchant. A day without complaints has none. A span of more than
    /// [`MAX_DAYS`](crate::MAX_DAYS) ends after so many.
    fn numbers(&self, from: Day, to: Day, channel: Option<&str>, merchant: Option<&str>) -> verb!(Vec<DayNumbers>);

    /// Complaints by key with their documents, those after a key. A key does not move, so that pages
    /// show each complaint once, whatever is read meanwhile.
    fn export(&self, filter: &Filter, after: Option<&ComplaintKey>, limit: u32) -> verb!(Vec<Exported>);

    /// One complaint, whole; `None` if the inbox has none.
    fn complaint(&self, key: &ComplaintKey) -> verb!(Option<ComplaintRecord>);

    /// The act of an idempotency key; `None` if none was asked for.
    fn act(&self, key: &str) -> verb!(Option<ActRecord>);

    /// Events with a number larger than `after`, in their order.
    fn events(&self, after: i64, limit: u32) -> verb!(Vec<Event>);

    /// The number of the newest event, though it may be forgotten; 0 if there was none.
    fn newest_event(&self) -> verb!(i64);

    /// The events of one complaint with a number larger than `after`, in their order.
    fn events_of(&self, key: &ComplaintKey, after: i64, limit: u32) -> verb!(Vec<Event>);

    /// Letters with a number larger than `after`, in their order.
    fn letters(&self, after: i64, limit: u32) -> verb!(Vec<Letter>);

    /// Removes a letter that a person dealt with, and notes in the journal who did
    /// ([`Deed::LETTER_DONE`]). `false` if there is none of this number. The same content is not kept
    /// again for as long as a message is remembered.
    fn remove_letter(&self, number: i64, by: &str) -> verb!(bool);

    /// How the inbox stands, in numbers.
    fn figures(&self) -> verb!(Figures);

    // Handing on.

    /// Makes an endpoint known, if it is not. From then on its events are kept for it.
    fn open_endpoint(&self, name: &str, start: StartAt) -> verb!(());

    /// Forgets an endpoint. `false` if it is not known.
    fn close_endpoint(&self, name: &str) -> verb!(bool);

    /// Claims events for an endpoint, in their order; if there are more than the limit, those that have
    /// waited longest. Of one complaint's events, the oldest that is neither delivered nor dead is
    /// claimed; the others wait for it. An unknown endpoint has none.
    fn claim_handovers(&self, endpoint: &str, limit: u32, lease_seconds: u32) -> verb!(Vec<Handover>);

    /// Ends a claim with the outcome of the attempt.
    fn finish_handover(&self, handover: &Handover, outcome: HandoverOutcome) -> verb!(bool);

    /// Hands events to an endpoint once more, under the same numbers. Returns how many.
    fn replay(&self, endpoint: &str, replay: Replay) -> verb!(u64);

    // People.

    /// Keeps a session. An earlier one of the same digest is replaced.
    fn open_session(&self, session: Session) -> verb!(());

    /// The session of a digest; `None` if there is none, or it is over.
    fn session(&self, digest: &[u8; 32]) -> verb!(Option<Session>);

    /// Ends a session. `false` if there is none of this digest.
    fn close_session(&self, digest: &[u8; 32]) -> verb!(bool);

    /// Ends the sessions of a user. Returns how many.
    fn close_sessions_of(&self, user: &str) -> verb!(u64);

    /// Notes in the journal that a person did something now. `false` if the inbox has no such complaint.
    fn note(&self, deed: Deed) -> verb!(bool);

    /// Notes that a person is shown the payer's telephone number now. `false` if the inbox has no such
    /// complaint.
    fn note_phone_look(&self, key: &ComplaintKey, by: &str) -> verb!(bool) {
        self.note(Deed::new(by, Deed::PHONE_SHOWN).about(key.clone()))
    }

    /// The journal, newest first: deeds with a number less than `before`, or the newest.
    fn deeds(&self, before: Option<i64>, limit: u32) -> verb!(Vec<DeedRecord>);

    // Keeping.

    /// Removes what is older than so many days: messages, letters, deeds about no complaint,
    /// and complaints whose last change is, with their history, events, acts and deeds. Sessions
    /// that are over are removed, too. An act in hand keeps its complaint for as many days again: its
    /// account may be gone. Pictures go before their complaint. The key of a message is kept
    /// for a day, the digest of a signature for a year. Each kind is removed up to the limit, pictures up
    /// to a tenth of it: call again while [`Forgotten::is_any`].
    ///
    /// Under a clock that is not set nothing is old, and what was kept under one counts from the
    /// first call after it was set
    /// ([`UnixTime::is_of_unset_clock`](protocol_core::UnixTime::is_of_unset_clock)).
    fn forget(&self, keep_days: u32, limit: u32) -> verb!(Forgotten);

    /// Looks whether the store is sound, while it goes on. It takes seconds for a gigabyte.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], besides the others.
    fn check(&self) -> verb!(());
}
