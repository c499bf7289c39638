//! Messages and letters: G1 and G2.

use complaint_inbox::{EventKind, Heard, Message, NewEvent, NewLetter, RESERVATION_SECONDS, Store};
use protocol_core::replay::{CLOCK_TOLERANCE_SECONDS, Key, Lease, Reservation, SignedDigest};
use serde_json::json;

use crate::world::{NOW, World, complaint, source};

async fn reserve<S: Store>(world: &World<S>, id: &str, signed: Option<u8>, lease: u64) -> Reservation {
    let key = Key { id, signed: signed.map(|byte| SignedDigest::new([byte; 32])) };
    world.store.reserve(key, Lease::new(lease), NOW).await.unwrap()
}

fn filed() -> Message {
    let mut message = Message::new("EV-1", complaint("1"));
    message.events = vec![NewEvent::once(EventKind::Filed, "", json!({}))];
    message
}

pub(crate) async fn a_message_is_handled_by_one_copy_and_done_with_its_complaint<S: Store>(world: &World<S>) {
    let store = &world.store;
    assert_eq!(reserve(world, "EV-1", None, 1).await, Reservation::First);
    assert_eq!(reserve(world, "EV-1", None, 2).await, Reservation::InHand);
    assert_eq!(store.hear(filed()).await.unwrap(), Heard::First);
    // Before the webhook's own commit, which may never come.
    assert_eq!(reserve(world, "EV-1", None, 3).await, Reservation::Done);
    assert!(store.commit("EV-1".into(), Lease::new(1)).await.unwrap());
    assert_eq!(reserve(world, "EV-1", None, 4).await, Reservation::Done);
    assert_eq!(store.events(0, 10).await.unwrap().len(), 1);
    assert_eq!(world.claimed().await, ["1"]);
}

pub(crate) async fn a_message_is_heard_once_however_often_it_is_stored<S: Store>(world: &World<S>) {
    let store = &world.store;
    assert_eq!(reserve(world, "EV-1", None, 1).await, Reservation::First);
    assert_eq!(store.hear(filed()).await.unwrap(), Heard::First);
    let before = (store.complaint(&complaint("1")).await.unwrap(), store.events(0, 10).await.unwrap());
    for _ in 0..3 {
        let mut copy = filed();
        copy.events.push(NewEvent::new(EventKind::Updated, json!({})));
        assert_eq!(store.hear(copy).await.unwrap(), Heard::Copy);
    }
    assert_eq!((store.complaint(&complaint("1")).await.unwrap(), store.events(0, 10).await.unwrap()), before);
}

pub(crate) async fn a_released_message_is_first_again<S: Store>(world: &World<S>) {
    let store = &world.store;
    assert_eq!(reserve(world, "EV-1", Some(1), 1).await, Reservation::First);
    // Another lease holds nothing.
    store.release("EV-1".into(), Lease::new(9)).await.unwrap();
    assert_eq!(reserve(world, "EV-1", Some(1), 2).await, Reservation::InHand);
    store.release("EV-1".into(), Lease::new(1)).await.unwrap();
    assert_eq!(reserve(world, "EV-1", Some(1), 3).await, Reservation::First);
    assert!(!store.commit("EV-1".into(), Lease::new(1)).await.unwrap());
    assert!(store.commit("EV-1".into(), Lease::new(3)).await.unwrap());
    // A message that is done is not released.
    store.release("EV-1".into(), Lease::new(3)).await.unwrap();
    assert_eq!(reserve(world, "EV-1", Some(1), 4).await, Reservation::Done);
}

pub(crate) async fn a_reservation_lapses_at_its_end_and_under_a_clock_set_back<S: Store>(world: &World<S>) {
    let (lease, tolerance) = (i64::from(RESERVATION_SECONDS), i64::from(CLOCK_TOLERANCE_SECONDS));
    for (number, (seconds, expected)) in [
        (lease - 1, Reservation::InHand),
        (lease, Reservation::First),
        (-tolerance, Reservation::InHand),
        (-tolerance - 1, Reservation::First),
    ]
    .into_iter()
    .enumerate()
    {
        let (id, other) = (format!("EV-{number}"), format!("EW-{number}"));
        let digest = u8::try_from(number).unwrap();
        assert_eq!(reserve(world, &id, Some(digest), 1).await, Reservation::First);
        world.tick(seconds);
        assert_eq!(reserve(world, &other, Some(digest), 2).await, expected, "another message, {seconds}");
        assert_eq!(reserve(world, &id, None, 3).await, expected, "a copy, {seconds}");
        world.tick(-seconds);
    }
}

pub(crate) async fn a_handler_that_slept_past_its_lease_stores_nothing_twice<S: Store>(world: &World<S>) {
    let store = &world.store;
    assert_eq!(reserve(world, "EV-1", None, 1).await, Reservation::First);
    world.tick(i64::from(RESERVATION_SECONDS));
    assert_eq!(reserve(world, "EV-1", None, 2).await, Reservation::First);
    assert_eq!(store.hear(filed()).await.unwrap(), Heard::First);
    assert_eq!(store.hear(filed()).await.unwrap(), Heard::Copy);
    assert!(store.commit("EV-1".into(), Lease::new(2)).await.unwrap());
    assert_eq!(store.complaint(&complaint("1")).await.unwrap().unwrap().summary.heard, 1);
}

pub(crate) async fn a_sleeper_cannot_disturb_its_successor<S: Store>(world: &World<S>) {
    let store = &world.store;
    // Numbers beyond what SQLite counts to.
    let (sleeper, successor, third) = (u64::MAX, 1 << 63, 7);
    assert_eq!(reserve(world, "EV-1", None, sleeper).await, Reservation::First);
    world.tick(1);
    assert_eq!(reserve(world, "EV-1", None, successor).await, Reservation::InHand);
    world.tick(i64::from(RESERVATION_SECONDS) - 1);
    assert_eq!(reserve(world, "EV-1", None, successor).await, Reservation::First);
    store.release("EV-1".into(), Lease::new(sleeper)).await.unwrap();
    assert_eq!(reserve(world, "EV-1", None, third).await, Reservation::InHand);
    assert!(!store.commit("EV-1".into(), Lease::new(sleeper)).await.unwrap());
    store.release("EV-1".into(), Lease::new(successor)).await.unwrap();
    assert_eq!(reserve(world, "EV-1", None, third).await, Reservation::First);
    assert!(store.commit("EV-1".into(), Lease::new(third)).await.unwrap());
    // A task that wakes up later finds it stored, and stores no second one.
    assert_eq!(store.hear(filed()).await.unwrap(), Heard::Copy);
    assert!(world.claimed().await.is_empty());
}

pub(crate) async fn a_message_of_another_event_spends_its_signature_too<S: Store>(world: &World<S>) {
    assert_eq!(reserve(world, "event", Some(3), 1).await, Reservation::First);
    assert!(world.store.commit(signed("event", 3), Lease::new(1)).await.unwrap());
    assert_eq!(reserve(world, "EV-1", Some(3), 2).await, Reservation::Replayed);
}

fn signed(id: &str, byte: u8) -> Key<'_> {
    Key { id, signed: Some(SignedDigest::new([byte; 32])) }
}

pub(crate) async fn a_signature_serves_one_message<S: Store>(world: &World<S>) {
    let store = &world.store;
    assert_eq!(reserve(world, "EV-1", Some(1), 1).await, Reservation::First);
    assert_eq!(reserve(world, "EV-2", Some(1), 2).await, Reservation::InHand);
    // The first message failed: its signature is free.
    store.release("EV-1".into(), Lease::new(1)).await.unwrap();
    assert_eq!(reserve(world, "EV-2", Some(1), 3).await, Reservation::First);
    store.hear(Message::new("EV-2", complaint("2"))).await.unwrap();
    assert_eq!(reserve(world, "EV-1", Some(1), 4).await, Reservation::Replayed);
    assert_eq!(reserve(world, "EV-2", Some(1), 5).await, Reservation::Done);
    // Another signature of a message that is done belongs to it, too.
    assert_eq!(reserve(world, "EV-2", Some(2), 6).await, Reservation::Done);
    assert_eq!(reserve(world, "EV-3", Some(2), 7).await, Reservation::Replayed);
}

pub(crate) async fn a_message_needs_no_reservation<S: Store>(world: &World<S>) {
    assert_eq!(world.store.hear(filed()).await.unwrap(), Heard::First);
    assert_eq!(world.store.hear(filed()).await.unwrap(), Heard::Copy);
    assert_eq!(reserve(world, "EV-1", None, 1).await, Reservation::Done);
}

pub(crate) async fn a_letter_is_kept_once_and_makes_its_complaint_due<S: Store>(world: &World<S>) {
    let store = &world.store;
    let mut letter = NewLetter::new(source(), "no JSON", b"{".to_vec());
    assert!(store.keep_letter(letter.clone()).await.unwrap());
    assert!(world.claims().await.is_empty());
    assert!(!store.keep_letter(letter.clone()).await.unwrap());
    (letter.complaint_id, letter.content) = (Some("1".to_owned()), b"{\"".to_vec().into());
    assert!(store.keep_letter(letter.clone()).await.unwrap());
    assert_eq!(world.claimed().await, ["1"]);
    let letters = store.letters(0, 10).await.unwrap();
    assert_eq!(letters.len(), 2);
    assert_eq!((&letters[1].letter, letters[1].at), (&letter, NOW));
    assert_eq!(store.letters(letters[0].number, 10).await.unwrap(), letters[1..]);
}
