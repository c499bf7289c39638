//! [`MemoryDeduplicate`] against a model: operations in any order, under a clock that goes forward
//! and back.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test states what must hold")]

use std::num::NonZeroUsize;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use protocol_core::UnixTime;
use protocol_core::replay::{
    CLOCK_TOLERANCE_SECONDS, Deduplicate as _, Key, Lease, MemoryDeduplicate, MemoryFullError, Reservation,
    SignedDigest,
};

const LEASE_SECONDS: u32 = 10;
const IDS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// One message with one signature.
#[derive(Debug, Clone, Copy)]
struct Message {
    id: &'static str,
    signed: Option<u8>,
}

impl Message {
    fn key(self) -> Key<'static> {
        Key { id: self.id, signed: self.signed.map(|number| SignedDigest::new([number; 32])) }
    }
}

#[derive(Debug, Clone, Copy)]
enum Operation {
    Reserve(Message),
    /// Of the reservation that was granted so many before the last one.
    Commit(usize),
    Release(usize),
    /// The clock moves by so many seconds.
    Tick(i64),
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let message = (0..IDS.len(), proptest::option::of(0..4_u8))
        .prop_map(|(id, signed)| Message { id: IDS.get(id).copied().unwrap_or_default(), signed });
    let operation = prop_oneof![
        4 => message.prop_map(Operation::Reserve),
        3 => (0..4_usize).prop_map(Operation::Commit),
        1 => (0..4_usize).prop_map(Operation::Release),
        1 => prop_oneof![1..12_i64, Just(3600), -12_i64..0, Just(-3600)].prop_map(Operation::Tick),
    ];
    proptest::collection::vec(operation, 0..60)
}

/// The contract, said in the plainest way: lists that are searched from end to end.
struct Model {
    capacity: usize,
    in_hand: Vec<(Message, Lease, UnixTime)>,
    done: Vec<&'static str>,
    signed: Vec<(u8, &'static str)>,
}

impl Model {
    fn is_live(now: UnixTime, until: UnixTime) -> bool {
        now < until && until <= now.plus(LEASE_SECONDS + CLOCK_TOLERANCE_SECONDS)
    }

    fn remember(&mut self, message: Message) {
        let Some(signed) = message.signed else { return };
        if self.signed.iter().all(|(known, _)| *known != signed) {
            self.signed.push((signed, message.id));
        }
        if self.signed.len() > self.capacity {
            self.signed.remove(0);
        }
    }

    fn reserve(&mut self, message: Message, lease: Lease, now: UnixTime) -> Result<Reservation, MemoryFullError> {
        if self.done.contains(&message.id) {
            self.remember(message);
            return Ok(Reservation::Done);
        }
        if let Some(signed) = message.signed {
            if let Some((_, owner)) = self.signed.iter().find(|(known, _)| *known == signed) {
                return Ok(if *owner == message.id { Reservation::Done } else { Reservation::Replayed });
            }
            let elsewhere = |(other, _, until): &(Message, Lease, UnixTime)| {
                other.signed == Some(signed) && other.id != message.id && Self::is_live(now, *until)
            };
            if self.in_hand.iter().any(elsewhere) {
                return Ok(Reservation::InHand);
            }
        }
        let own = self.in_hand.iter().position(|(other, ..)| other.id == message.id);
        if let Some(own) = own {
            if Self::is_live(now, self.in_hand.get(own).unwrap().2) {
                return Ok(Reservation::InHand);
            }
            self.in_hand.remove(own);
        } else if self.in_hand.len() + self.done.len() >= self.capacity {
            // The one that ended first; else the one that ends last, if it cannot be of this clock;
            // else what is done longest.
            self.in_hand.sort_by_key(|(message, _, until)| (*until, message.id));
            if self.in_hand.first().is_some_and(|(.., until)| *until <= now) {
                self.in_hand.remove(0);
            } else if self.in_hand.last().is_some_and(|(.., until)| !Self::is_live(now, *until)) {
                self.in_hand.pop();
            } else if self.done.is_empty() {
                return Err(MemoryFullError);
            } else {
                self.done.remove(0);
            }
        }
        // A digest is in hand with one message at a time: one whose reservation has lapsed loses
        // it.
        let losers = self.in_hand.iter_mut().filter(|(other, ..)| other.signed == message.signed);
        losers.for_each(|(other, ..)| other.signed = None);
        self.in_hand.push((message, lease, now.plus(LEASE_SECONDS)));
        Ok(Reservation::First)
    }

    fn take(&mut self, lease: Lease) -> bool {
        let before = self.in_hand.len();
        self.in_hand.retain(|(_, held, _)| *held != lease);
        self.in_hand.len() < before
    }

    fn commit(&mut self, message: Message, lease: Lease) -> bool {
        let held = self.take(lease);
        if held {
            self.remember(message);
            self.done.push(message.id);
        }
        held
    }
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the memory is always ready"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_memory_does_what_the_contract_says(capacity in 1..6_usize, operations in operations()) {
        let store = MemoryDeduplicate::new(NonZeroUsize::new(capacity).unwrap(), LEASE_SECONDS);
        let mut model = Model { capacity, in_hand: Vec::new(), done: Vec::new(), signed: Vec::new() };
        let mut now = UnixTime(1_000_000);
        let mut granted: Vec<(Message, Lease)> = Vec::new();
        for (number, operation) in operations.into_iter().enumerate() {
            let chosen = |back: usize| granted.len().checked_sub(back + 1).and_then(|at| granted.get(at)).copied();
            match operation {
                Operation::Tick(seconds) => now = UnixTime(now.0 + seconds),
                Operation::Reserve(message) => {
                    let lease = Lease::new(number as u64);
                    let outcome = ready(store.reserve(message.key(), lease, now));
                    prop_assert_eq!(outcome, model.reserve(message, lease, now));
                    if outcome == Ok(Reservation::First) {
                        granted.push((message, lease));
                    }
                }
                Operation::Commit(back) => if let Some((message, lease)) = chosen(back) {
                    prop_assert_eq!(ready(store.commit(message.key(), lease)), Ok(model.commit(message, lease)));
                },
                Operation::Release(back) => if let Some((message, lease)) = chosen(back) {
                    prop_assert_eq!(ready(store.release(message.key(), lease)), Ok(()));
                    model.take(lease);
                },
            }
        }
    }
}
