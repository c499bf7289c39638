use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;

const NOW: UnixTime = UnixTime(1_000);
const LEASE_SECONDS: u32 = 10;

fn memory(capacity: usize) -> MemoryDeduplicate {
    MemoryDeduplicate::new(NonZeroUsize::new(capacity).unwrap(), LEASE_SECONDS)
}

/// The in-memory store is always ready.
fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("not ready"),
    }
}

/// A lease that no other call has.
fn lease() -> Lease {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    Lease::new(NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
}

fn reserve<'a>(
    store: &MemoryDeduplicate,
    key: impl Into<Key<'a>>,
    now: UnixTime,
) -> Result<Reservation, MemoryFullError> {
    now_or_never(store.reserve(key.into(), lease(), now))
}

fn first<'a>(store: &MemoryDeduplicate, key: impl Into<Key<'a>>, now: UnixTime) -> Lease {
    let lease = lease();
    assert_eq!(now_or_never(store.reserve(key.into(), lease, now)), Ok(Reservation::First));
    lease
}

fn commit<'a>(store: &MemoryDeduplicate, key: impl Into<Key<'a>>, lease: Lease) -> bool {
    now_or_never(store.commit(key.into(), lease)).unwrap()
}

fn release<'a>(store: &MemoryDeduplicate, key: impl Into<Key<'a>>, lease: Lease) {
    now_or_never(store.release(key.into(), lease)).unwrap();
}

/// A push: its id, and its signature's digest.
fn push(id: &str, signed: u8) -> Key<'_> {
    Key { id, signed: Some(SignedDigest::new([signed; 32])) }
}

#[test]
fn a_committed_id_is_done() {
    let store = memory(4);
    let lease = first(&store, "a", NOW);
    assert_eq!(reserve(&store, "a", NOW), Ok(Reservation::InHand));
    assert!(commit(&store, "a", lease));
    assert_eq!(reserve(&store, "a", NOW), Ok(Reservation::Done));
    // A late release, after the response to the commit was lost, changes nothing.
    release(&store, "a", lease);
    assert_eq!(reserve(&store, "a", NOW), Ok(Reservation::Done));
}

#[test]
fn a_failed_handler_loses_nothing() {
    let store = memory(4);
    let lease = first(&store, "a", NOW);
    release(&store, "a", lease);
    first(&store, "a", NOW);
}

#[test]
fn a_crashed_handler_loses_nothing_and_cannot_disturb_its_successor() {
    let store = memory(4);
    let crashed = first(&store, "a", NOW);
    assert_eq!(reserve(&store, "a", NOW.plus(9)), Ok(Reservation::InHand));
    let successor = first(&store, "a", NOW.plus(10));
    release(&store, "a", crashed);
    assert_eq!(reserve(&store, "a", NOW.plus(11)), Ok(Reservation::InHand));
    assert!(!commit(&store, "a", crashed));
    assert!(commit(&store, "a", successor));
}

#[test]
fn a_clock_that_is_set_back_holds_nothing() {
    let store = memory(4);
    first(&store, "a", NOW.plus(3600));
    first(&store, "a", NOW);
    // On both sides of the bound, for an id and for a digest.
    let back = |seconds: u32| UnixTime(NOW.0 - i64::from(seconds));
    assert_eq!(reserve(&store, "a", back(CLOCK_TOLERANCE_SECONDS)), Ok(Reservation::InHand));
    first(&store, "a", back(CLOCK_TOLERANCE_SECONDS + 1));
    first(&store, push("b", 1), NOW);
    assert_eq!(reserve(&store, push("c", 1), back(CLOCK_TOLERANCE_SECONDS)), Ok(Reservation::InHand));
    first(&store, push("c", 1), back(CLOCK_TOLERANCE_SECONDS + 1));
    // The same holds for making room.
    let full = memory(1);
    first(&full, "a", NOW);
    assert_eq!(reserve(&full, "b", back(CLOCK_TOLERANCE_SECONDS)), Err(MemoryFullError));
    first(&full, "b", back(CLOCK_TOLERANCE_SECONDS + 1));
}

#[test]
fn of_two_copies_at_once_one_is_first_whichever_read_the_clock_before() {
    for signed in [None, Some(SignedDigest::new([1; 32]))] {
        let store = memory(4);
        let key = Key { id: "a", signed };
        let lease = first(&store, key, NOW.plus(1));
        // This call read the clock a moment earlier, before the second was over.
        assert_eq!(reserve(&store, key, NOW), Ok(Reservation::InHand));
        assert!(commit(&store, key, lease));
    }
}

#[test]
fn the_memory_is_bounded_and_forgets_the_oldest_committed_id_only() {
    let store = memory(2);
    for id in ["a", "b"] {
        let lease = first(&store, id, NOW);
        assert!(commit(&store, id, lease));
    }
    let in_hand = first(&store, "c", NOW);
    assert_eq!(reserve(&store, "b", NOW), Ok(Reservation::Done));
    first(&store, "a", NOW);
    assert_eq!(reserve(&store, "d", NOW), Err(MemoryFullError));
    assert!(commit(&store, "c", in_hand));
    first(&store, "d", NOW);
}

#[test]
fn a_memory_without_a_bound_is_one() {
    let store = memory(usize::MAX);
    for id in ["a", "b"] {
        let lease = first(&store, id, NOW);
        assert!(commit(&store, id, lease));
        assert_eq!(reserve(&store, id, NOW), Ok(Reservation::Done));
    }
}

#[test]
fn the_end_of_time_is_no_panic() {
    let store = memory(1);
    for now in [UnixTime(i64::MAX), UnixTime(i64::MIN)] {
        let lease = first(&store, "a", now);
        release(&store, "a", lease);
    }
}

#[test]
fn a_memory_full_of_lapsed_reservations_frees_itself() {
    let store = memory(1);
    first(&store, "a", NOW);
    assert_eq!(reserve(&store, "b", NOW), Err(MemoryFullError));
    first(&store, "b", NOW.plus(10));
}

#[test]
fn lapsed_reservations_go_before_committed_ids() {
    let store = memory(4);
    for id in ["x", "y", "z"] {
        first(&store, id, NOW);
    }
    for (id, seconds) in [("a", 20), ("b", 21), ("c", 22)] {
        let lease = first(&store, id, NOW.plus(seconds));
        assert!(commit(&store, id, lease));
    }
    for id in ["a", "b", "c"] {
        assert_eq!(reserve(&store, id, NOW.plus(23)), Ok(Reservation::Done), "{id}");
    }
}

#[test]
fn a_lapsed_reservation_behind_a_live_one_goes_before_a_committed_id() {
    // After the clock was set back, the order of reserving differs from the order of lapsing. A
    // reservation at either end has lapsed.
    for (lapsed_at, live_at) in [(NOW.plus(3600), NOW), (NOW, NOW.plus(9))] {
        for lapsed_first in [true, false] {
            let store = memory(3);
            let lease = first(&store, "done", NOW);
            assert!(commit(&store, "done", lease));
            let mut reservations = [("lapsed", lapsed_at), ("live", live_at)];
            if !lapsed_first {
                reservations.reverse();
            }
            for (id, at) in reservations {
                first(&store, id, at);
            }
            let now = if live_at == NOW { NOW } else { NOW.plus(10) };
            first(&store, "new", now);
            assert_eq!(reserve(&store, "done", now), Ok(Reservation::Done));
            assert_eq!(reserve(&store, "live", now), Ok(Reservation::InHand));
        }
    }
}

#[test]
fn a_signature_stands_for_one_message() {
    let store = memory(8);
    let (genuine, forged) = (push("a", 1), push("b", 1));
    let lease = first(&store, genuine, NOW);
    // While the outcome is open, the forged message is neither delivered nor refused for good.
    assert_eq!(reserve(&store, forged, NOW), Ok(Reservation::InHand));
    assert_eq!(reserve(&store, genuine, NOW), Ok(Reservation::InHand));
    assert!(commit(&store, genuine, lease));
    assert_eq!(reserve(&store, genuine, NOW), Ok(Reservation::Done));
    assert_eq!(reserve(&store, forged, NOW), Ok(Reservation::Replayed));
    // A genuine message with the same content under a new signature is a copy; its signature is
    // spent too.
    assert_eq!(reserve(&store, push("a", 2), NOW), Ok(Reservation::Done));
    assert_eq!(reserve(&store, push("b", 2), NOW), Ok(Reservation::Replayed));
    first(&store, push("b", 3), NOW);
}

#[test]
fn a_failed_delivery_spends_no_signature() {
    let store = memory(8);
    let lease = first(&store, push("a", 1), NOW);
    release(&store, push("a", 1), lease);
    let lease = first(&store, push("a", 1), NOW);
    // A crash does not end it either.
    let taken = first(&store, push("b", 1), NOW.plus(10));
    // The sleeper's message was stored too; the signature belongs to the first that committed.
    assert!(commit(&store, push("b", 1), taken));
    assert!(commit(&store, push("a", 1), lease));
    assert_eq!(reserve(&store, push("c", 1), NOW.plus(10)), Ok(Reservation::Replayed));
    assert_eq!(reserve(&store, push("a", 1), NOW.plus(10)), Ok(Reservation::Done));
}

#[test]
fn a_spent_signature_outlives_its_id() {
    let store = memory(2);
    let lease = first(&store, push("a", 1), NOW);
    assert!(commit(&store, push("a", 1), lease));
    for id in ["x", "y"] {
        let lease = first(&store, id, NOW);
        assert!(commit(&store, id, lease));
    }
    assert_eq!(reserve(&store, push("a", 1), NOW), Ok(Reservation::Done));
    assert_eq!(reserve(&store, push("b", 1), NOW), Ok(Reservation::Replayed));
    // A genuine message with the same content, newly signed.
    first(&store, push("a", 2), NOW);
}

#[test]
fn the_digests_are_bounded_too() {
    let store = memory(4);
    for number in 0..=255 {
        let id = number.to_string();
        let lease = first(&store, push(&id, number), NOW);
        if number % 3 == 0 {
            release(&store, push(&id, number), lease);
        } else {
            assert!(commit(&store, push(&id, number), lease));
        }
    }
    // One message with ever new signatures does not fill it either.
    for number in 0..=255 {
        let signed = Some(SignedDigest::new([number; 32].map(|byte: u8| byte ^ 0x55)));
        let _ = reserve(&store, Key { id: "254", signed }, NOW);
    }
    let state = store.state();
    assert!(state.entries.len() <= 4 && state.committed.len() <= 4 && state.reserved.is_empty());
    assert_eq!((state.signed.len(), state.digests.len(), state.signed_in_hand.len()), (4, 4, 0));
}

#[test]
fn copies_at_once_are_handled_once() {
    let store = memory(64);
    let firsts = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for id in 0..32 {
                    let (id, lease) = (id.to_string(), lease());
                    if now_or_never(store.reserve((&*id).into(), lease, NOW)) == Ok(Reservation::First) {
                        firsts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        assert!(commit(&store, &*id, lease));
                    }
                }
            });
        }
    });
    assert_eq!(firsts.into_inner(), 32);
}
