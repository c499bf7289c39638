//! Messages in hand, in the memory of the process that has the store.
//!
//! A reservation ends with its process, so it needs no disk: a message that is done is on disk before
//! its reservation ends.

use std::collections::HashMap;

use protocol_core::UnixTime;
use protocol_core::replay::{Key, Lease, Reservation, SignedDigest};

use crate::error::StoreError;
use crate::rules::{REMEMBERED_SECONDS, RESERVATION_SECONDS, still_holds};

/// The messages in hand, and the signatures that they came with.
#[derive(Debug, Default)]
pub(crate) struct Reservations {
    messages: HashMap<String, InHand>,
    signed: Signatures,
    /// Messages that are done, until their callers commit them.
    uncommitted: HashMap<String, Lease>,
}

#[derive(Debug)]
struct InHand {
    lease: Lease,
    until: UnixTime,
}

/// The signatures of messages that are not done, found by themselves and by their message.
#[derive(Debug, Default)]
struct Signatures {
    owners: HashMap<SignedDigest, Signed>,
    of: HashMap<String, Vec<SignedDigest>>,
}

#[derive(Debug)]
struct Signed {
    message: String,
    at: UnixTime,
}

/// The messages that are done. They are looked up while the reservations are locked, and not before.
pub(crate) trait DoneMessages {
    fn is_done(&self, id: &str) -> Result<bool, StoreError>;

    /// The message that is done with this signature.
    fn owner(&self, signed: &SignedDigest) -> Result<Option<String>, StoreError>;
}

impl Reservations {
    /// [`Deduplicate::reserve`](protocol_core::replay::Deduplicate::reserve), and whether the
    /// signature is a new one of a message that is done: the store then keeps it.
    pub(crate) fn reserve(
        &mut self,
        key: Key<'_>,
        lease: Lease,
        now: UnixTime,
        done: &impl DoneMessages,
    ) -> Result<(Reservation, bool), StoreError> {
        let owner = key.signed.map(|signed| done.owner(&signed)).transpose()?.flatten();
        if done.is_done(key.id)? {
            let is_new = owner.is_none() && key.signed.is_some_and(|signed| !self.signed.owners.contains_key(&signed));
            return Ok((Reservation::Done, is_new));
        }
        if let Some(owner) = owner {
            let outcome = if owner == key.id { Reservation::Done } else { Reservation::Replayed };
            return Ok((outcome, false));
        }
        let other =
            key.signed.and_then(|signed| self.signed.owners.get(&signed)).filter(|other| other.message != key.id);
        if self.is_held(key.id, now) || other.is_some_and(|other| self.is_held(&other.message, now)) {
            return Ok((Reservation::InHand, false));
        }
        self.make_room(now)?;
        self.messages.insert(key.id.to_owned(), InHand { lease, until: now.plus(RESERVATION_SECONDS) });
        if let Some(signed) = key.signed {
            self.signed.insert(signed, key.id, now);
        }
        Ok((Reservation::First, false))
    }

    /// Whether this lease reserved the message, and no other did since.
    pub(crate) fn is_of(&self, id: &str, lease: Lease) -> bool {
        self.messages.get(id).is_some_and(|message| message.lease == lease)
    }

    /// Frees the message. Its signatures stay: a handler that was cut off may still store it.
    pub(crate) fn release(&mut self, id: &str, lease: Lease) {
        if let Some(message) = self.messages.get_mut(id).filter(|message| message.lease == lease) {
            message.until = UnixTime(0);
        }
    }

    /// The signatures that are done with a message.
    pub(crate) fn signed_of(&self, id: &str) -> Vec<SignedDigest> {
        self.signed.of.get(id).cloned().unwrap_or_default()
    }

    /// Forgets a message once it is done.
    pub(crate) fn end(&mut self, id: &str) {
        self.messages.remove(id);
        self.signed.remove(id);
    }

    #[cfg(any(feature = "sqlite", test))]
    /// [`end`](Self::end), and the caller that reserved the message is remembered: its commit need not
    /// look into the file. A few callers never commit, and too many are not remembered.
    pub(crate) fn end_before_commit(&mut self, id: &str) {
        let lease = self.messages.get(id).map(|message| message.lease);
        self.end(id);
        if let Some(lease) = lease.filter(|_| self.uncommitted.len() < MAX_IN_HAND) {
            self.uncommitted.insert(id.to_owned(), lease);
        }
    }

    #[cfg(any(feature = "sqlite", test))]
    /// Whether the message is done, as far as that is remembered for its caller.
    pub(crate) fn commit(&mut self, id: &str, lease: Lease) -> bool {
        self.uncommitted.get(id) == Some(&lease) && self.uncommitted.remove(id).is_some()
    }

    /// Forgets messages that were never stored once their reservation lapsed, and a day later their
    /// signatures: a handler that was cut off may still store one.
    pub(crate) fn forget(&mut self, now: UnixTime) {
        self.uncommitted.clear();
        self.messages.retain(|_, message| still_holds(message.until, RESERVATION_SECONDS, now));
        let before = UnixTime(now.0.saturating_sub(i64::from(REMEMBERED_SECONDS)));
        self.signed.retain(|signed| signed.at >= before);
    }

    fn is_held(&self, id: &str, now: UnixTime) -> bool {
        self.messages.get(id).is_some_and(|message| still_holds(message.until, RESERVATION_SECONDS, now))
    }

    /// Forgets what lapsed, if there is much.
    fn make_room(&mut self, now: UnixTime) -> Result<(), StoreError> {
        if self.messages.len() < MAX_IN_HAND && self.signed.owners.len() < MAX_IN_HAND {
            return Ok(());
        }
        self.messages.retain(|_, message| still_holds(message.until, RESERVATION_SECONDS, now));
        self.signed.retain(|signed| self.messages.contains_key(&signed.message));
        if self.messages.len() < MAX_IN_HAND && self.signed.owners.len() < MAX_IN_HAND {
            Ok(())
        } else {
            Err(StoreError::Busy)
        }
    }
}

impl Signatures {
    fn insert(&mut self, digest: SignedDigest, message: &str, at: UnixTime) {
        if let Some(former) = self.owners.insert(digest, Signed { message: message.to_owned(), at }) {
            unlist(&mut self.of, &former.message, digest);
        }
        self.of.entry(message.to_owned()).or_default().push(digest);
    }

    /// Removes those of a message.
    fn remove(&mut self, message: &str) {
        for digest in self.of.remove(message).unwrap_or_default() {
            self.owners.remove(&digest);
        }
    }

    fn retain(&mut self, is_kept: impl Fn(&Signed) -> bool) {
        self.owners.retain(|digest, signed| {
            let is_kept = is_kept(signed);
            if !is_kept {
                unlist(&mut self.of, &signed.message, *digest);
            }
            is_kept
        });
    }
}

/// Takes a digest from the list of a message.
fn unlist(of: &mut HashMap<String, Vec<SignedDigest>>, message: &str, digest: SignedDigest) {
    if let Some(digests) = of.get_mut(message) {
        digests.retain(|other| *other != digest);
        if digests.is_empty() {
            of.remove(message);
        }
    }
}

/// Most messages in hand, and most of their signatures; one more is [`StoreError::Busy`].
const MAX_IN_HAND: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    struct NoneDone;

    impl DoneMessages for NoneDone {
        fn is_done(&self, _: &str) -> Result<bool, StoreError> {
            Ok(false)
        }

        fn owner(&self, _: &SignedDigest) -> Result<Option<String>, StoreError> {
            Ok(None)
        }
    }

    const NOW: UnixTime = UnixTime(1_741_936_166);

    #[test]
    fn a_signature_of_a_message_that_was_never_stored_goes_after_a_day() {
        let mut reservations = Reservations::default();
        let key = Key { id: "a", signed: Some(SignedDigest::new([1; 32])) };
        reservations.reserve(key, Lease::new(1), NOW, &NoneDone).unwrap();
        reservations.release("a", Lease::new(1));
        for (seconds, kept) in [(86_400, 1), (86_401, 0)] {
            reservations.forget(NOW.plus(seconds));
            assert_eq!(reservations.signed_of("a").len(), kept, "{seconds}");
        }
    }

    #[test]
    fn a_signature_is_listed_under_its_latest_message_until_it_goes() {
        let mut reservations = Reservations::default();
        let digests = [1, 2].map(|byte| SignedDigest::new([byte; 32]));
        let mut reserve = |id, digest: usize, now: UnixTime| {
            let key = Key { id, signed: Some(digests[digest]) };
            assert_eq!(reservations.reserve(key, Lease::new(1), now, &NoneDone), Ok((Reservation::First, false)));
            reservations.release(id, Lease::new(1));
        };
        reserve("a", 0, NOW);
        reserve("a", 0, NOW);
        reserve("a", 1, NOW);
        reserve("b", 0, NOW.plus(1));
        assert_eq!(reservations.signed_of("a"), digests[1..]);
        assert_eq!(reservations.signed_of("b"), digests[..1]);
        reservations.forget(NOW.plus(86_401));
        assert_eq!((reservations.signed_of("a"), reservations.signed.of.len()), (Vec::new(), 1));
        reservations.end("b");
        assert!(reservations.signed.of.is_empty() && reservations.signed.owners.is_empty());
    }

    #[test]
    fn a_message_whose_handler_was_cut_off_goes_once_its_reservation_lapsed() {
        let mut reservations = Reservations::default();
        reservations.reserve(Key::from("a"), Lease::new(1), NOW, &NoneDone).unwrap();
        for (seconds, kept) in [(RESERVATION_SECONDS - 1, 1), (RESERVATION_SECONDS, 0)] {
            reservations.forget(NOW.plus(seconds));
            assert_eq!(reservations.messages.len(), kept, "{seconds}");
        }
    }

    #[test]
    fn so_many_messages_are_in_hand_and_what_lapsed_makes_room() {
        let mut reservations = Reservations::default();
        let mut reserve = |number: usize, now| {
            let key = number.to_string();
            reservations.reserve(Key::from(&*key), Lease::new(1), now, &NoneDone)
        };
        for number in 0..MAX_IN_HAND {
            assert_eq!(reserve(number, NOW), Ok((Reservation::First, false)));
        }
        assert_eq!(reserve(MAX_IN_HAND, NOW.plus(RESERVATION_SECONDS - 1)), Err(StoreError::Busy));
        assert_eq!(reserve(0, NOW), Ok((Reservation::InHand, false)));
        assert_eq!(reserve(MAX_IN_HAND, NOW.plus(RESERVATION_SECONDS)), Ok((Reservation::First, false)));
        assert_eq!(reservations.messages.len(), 1);
    }

    #[test]
    fn the_commit_of_its_caller_is_remembered_once_up_to_a_bound() {
        const NOW: UnixTime = UnixTime(1_741_936_166);

        let mut reservations = Reservations::default();
        let lease = Lease::new(1);
        for number in 0..=MAX_IN_HAND {
            let id = number.to_string();
            reservations.reserve(Key::from(&*id), lease, NOW, &NoneDone).unwrap();
            reservations.end_before_commit(&id);
        }
        let last = (MAX_IN_HAND - 1).to_string();
        assert!(!reservations.commit(&last, Lease::new(2)), "another caller's");
        assert!(reservations.commit(&last, lease));
        assert!(!reservations.commit(&last, lease));
        assert!(!reservations.commit(&MAX_IN_HAND.to_string(), lease), "one more is looked up in the file");
        reservations.end_before_commit("of no caller");
        assert!(!reservations.commit("of no caller", lease));
        assert!(reservations.commit("0", lease));
        reservations.forget(NOW);
        assert!(!reservations.commit("1", lease));
    }
}
