//! Retention: G7.

use complaint_inbox::{
    ActOutcome, Ask, Asked, Deed, DeedRecord, EventKind, Forgotten, Heard, Message, NewEvent, NewLetter, Reading,
    Reason, Source, StartAt, Store,
};
use protocol_core::FIRST_OF_SET_CLOCK;
use protocol_core::channel::Act;
use protocol_core::replay::{Key, Lease, Reservation, SignedDigest};
use serde_json::json;

use crate::world::{DAY, LEASE, NOW, World, complaint, source};

fn filed(key: &str, id: &str) -> Message {
    let mut message = Message::new(key, complaint(id));
    message.events = vec![NewEvent::once(EventKind::Filed, "", json!({}))];
    message
}

fn complaints(complaints: u64, messages: u64) -> Forgotten {
    Forgotten { complaints, messages, ..Forgotten::default() }
}

pub(crate) async fn an_old_complaint_goes_with_all_that_belongs_to_it<S: Store>(world: &World<S>) {
    let store = &world.store;
    store.open_endpoint("a", StartAt::Oldest).await.unwrap();
    store.hear(filed("EV-1", "1")).await.unwrap();
    let claims = world.claims().await;
    assert!(store.keep_reading(&claims[0], Reading::new("{}")).await.unwrap());
    let complete =
        Ask { key: "k".to_owned(), complaint: complaint("1"), act: Act::Complete, seen: 1, by: "desk".to_owned() };
    assert!(matches!(store.ask(complete).await.unwrap(), Asked::New(_)));
    let acts = store.claim_acts(&source(), 9, LEASE).await.unwrap();
    assert!(store.finish_act(&acts[0], ActOutcome::Done, None).await.unwrap());
    let claims = world.claims().await;
    assert_eq!(store.claim_handovers("a", 9, LEASE).await.unwrap().len(), 1);
    world.tick(DAY);
    store.hear(filed("EV-2", "2")).await.unwrap();
    world.tick(9 * DAY);
    assert_eq!(store.forget(10, 9).await.unwrap(), complaints(0, 0));
    world.tick(1);
    assert_eq!(store.forget(10, 9).await.unwrap(), complaints(1, 1));
    assert_eq!(store.complaint(&complaint("1")).await.unwrap(), None);
    assert_eq!(store.act("k").await.unwrap(), None);
    assert!(!store.keep_reading(&claims[0], Reading::new("{}")).await.unwrap());
    // Numbers are not given twice, and endpoints go on.
    let events = store.events(0, 9).await.unwrap();
    assert_eq!((events.len(), &events[0].complaint), (1, &complaint("2")));
    assert_eq!(store.claim_handovers("a", 9, LEASE).await.unwrap().len(), 1);
    assert_eq!(store.hear(filed("EV-1", "1")).await.unwrap(), Heard::First);
    let again = store.events(events[0].number, 9).await.unwrap();
    assert_eq!((again.len(), again[0].kind), (1, EventKind::Filed));
    world.tick(DAY);
    assert_eq!(store.forget(10, 0).await.unwrap(), complaints(0, 0));
    assert_eq!(store.forget(10, 9).await.unwrap(), complaints(1, 1));
    let newest = store.events(0, 9).await.unwrap().pop().unwrap().number;
    assert_eq!(store.newest_event().await.unwrap(), newest);
    store.hear(filed("EV-3", "3")).await.unwrap();
    assert!(store.events(newest, 9).await.unwrap()[0].number > newest);
}

pub(crate) async fn an_act_in_hand_keeps_its_complaint<S: Store>(world: &World<S>) {
    let store = &world.store;
    store.hear(filed("EV-1", "1")).await.unwrap();
    let complete =
        Ask { key: "k".to_owned(), complaint: complaint("1"), act: Act::Complete, seen: 1, by: "desk".to_owned() };
    assert!(matches!(store.ask(complete).await.unwrap(), Asked::New(_)));
    world.tick(11 * DAY);
    assert_eq!(store.forget(10, 9).await.unwrap(), complaints(0, 1));
    let acts = store.claim_acts(&source(), 9, LEASE).await.unwrap();
    assert!(store.finish_act(&acts[0], ActOutcome::Refused, None).await.unwrap());
    assert_eq!(store.forget(10, 9).await.unwrap(), complaints(0, 0), "it has changed");
    world.tick(11 * DAY);
    assert_eq!(store.forget(10, 9).await.unwrap(), complaints(1, 0));
}

pub(crate) async fn an_act_without_an_end_keeps_its_complaint_for_as_long_again<S: Store>(world: &World<S>) {
    let store = &world.store;
    store.hear(filed("EV-1", "1")).await.unwrap();
    let complete =
        Ask { key: "k".to_owned(), complaint: complaint("1"), act: Act::Complete, seen: 1, by: "desk".to_owned() };
    assert!(matches!(store.ask(complete).await.unwrap(), Asked::New(_)));
    world.tick(20 * DAY);
    assert_eq!(store.forget(10, 9).await.unwrap(), complaints(0, 1));
    assert!(store.act("k").await.unwrap().is_some());
    world.tick(1);
    assert_eq!(store.forget(10, 9).await.unwrap(), complaints(1, 0));
    assert_eq!(store.act("k").await.unwrap(), None);
    assert_eq!(store.figures().await.unwrap().acts, 0);
}

pub(crate) async fn the_content_of_a_message_goes_before_its_key<S: Store>(world: &World<S>) {
    let store = &world.store;
    let mut message = filed("EV-1", "1");
    message.content = Some(b"{}".to_vec().into());
    store.hear(message).await.unwrap();
    world.hear("EV-2", "2").await;
    world.tick(DAY - 1);
    let forgotten = store.forget(0, 9).await.unwrap();
    assert_eq!(forgotten, complaints(2, 1));
    assert_eq!(store.hear(filed("EV-1", "1")).await.unwrap(), Heard::Copy);
    world.tick(2);
    assert_eq!(store.forget(0, 1).await.unwrap().messages, 1);
    assert_eq!(store.forget(0, 9).await.unwrap().messages, 1);
    assert_eq!(store.hear(filed("EV-1", "1")).await.unwrap(), Heard::First);
}

pub(crate) async fn the_digest_of_a_signature_is_kept_for_a_year<S: Store>(world: &World<S>) {
    let store = &world.store;
    let reserve = async |id: &'static str, byte: u8| {
        let key = Key { id, signed: Some(SignedDigest::new([byte; 32])) };
        store.reserve(key, Lease::new(1), NOW).await.unwrap()
    };
    assert_eq!(reserve("stored", 1).await, Reservation::First);
    store.hear(filed("stored", "1")).await.unwrap();
    assert_eq!(reserve("lost", 2).await, Reservation::First);
    world.tick(365 * DAY);
    store.forget(0, 9).await.unwrap();
    assert_eq!(reserve("stored", 1).await, Reservation::Done, "though the key was forgotten");
    assert_eq!(reserve("another", 1).await, Reservation::Replayed);
    assert_eq!(reserve("another", 2).await, Reservation::First);
    world.tick(1);
    store.forget(0, 9).await.unwrap();
    assert_eq!(reserve("one more", 1).await, Reservation::First);
}

pub(crate) async fn old_letters_go<S: Store>(world: &World<S>) {
    let store = &world.store;
    for content in ["a", "b"] {
        store.keep_letter(NewLetter::new(source(), "no JSON", content.as_bytes().to_vec())).await.unwrap();
        world.tick(1);
    }
    world.tick(10 * DAY - 1);
    assert_eq!(store.forget(10, 9).await.unwrap().letters, 1);
    world.tick(1);
    assert_eq!(store.forget(10, 9).await.unwrap().letters, 1);
    assert!(store.letters(0, 9).await.unwrap().is_empty());
}

pub(crate) async fn what_was_kept_under_a_clock_that_was_not_set_is_new_once_it_is<S: Store>(world: &World<S>) {
    let store = &world.store;
    let to = |time: i64| world.tick(time - world.now().0);
    to(0);
    let key = Key { id: "EV-1", signed: Some(SignedDigest::new([1; 32])) };
    assert_eq!(store.reserve(key, Lease::new(1), NOW).await.unwrap(), Reservation::First);
    store.hear(filed("EV-1", "1")).await.unwrap();
    store.keep_letter(NewLetter::new(source(), "no JSON", b"a".to_vec())).await.unwrap();
    to(FIRST_OF_SET_CLOCK.0 - 1);
    store.hear(filed("EV-2", "2")).await.unwrap();
    assert_eq!(store.forget(10, 9).await.unwrap(), Forgotten::default(), "the clock is not set");
    to(NOW.0);
    assert_eq!(store.forget(10, 9).await.unwrap(), Forgotten::default());
    assert_eq!(store.hear(filed("EV-1", "1")).await.unwrap(), Heard::Copy);
    world.tick(10 * DAY);
    assert_eq!(store.forget(10, 9).await.unwrap(), Forgotten::default());
    assert_eq!(store.reserve(key, Lease::new(1), NOW).await.unwrap(), Reservation::Done);
    world.tick(1);
    assert_eq!(store.forget(10, 9).await.unwrap(), Forgotten { letters: 1, ..complaints(2, 2) });
}

pub(crate) async fn a_removed_letter_is_gone<S: Store>(world: &World<S>) {
    let store = &world.store;
    store.keep_letter(NewLetter::new(source(), "no JSON", b"a".to_vec())).await.unwrap();
    let number = store.letters(0, 9).await.unwrap()[0].number;
    assert!(store.remove_letter(number, "li").await.unwrap());
    assert!(!store.remove_letter(number, "wang").await.unwrap());
    assert!(store.letters(0, 9).await.unwrap().is_empty());
    let deeds = store.deeds(None, 9).await.unwrap();
    let done = Deed::new("li", Deed::LETTER_DONE).with_detail(number.to_string());
    assert_eq!(deeds, [DeedRecord { number: 1, at: world.now(), deed: done }], "who removed it, and nothing else");
}

pub(crate) async fn a_letter_is_kept_with_its_reason<S: Store>(world: &World<S>) {
    let store = &world.store;
    let reasons = [Reason::from("no JSON"), Reason::new("penalty", "VIOLATION.PUNISH")];
    for (reason, content) in reasons.iter().zip([b"a", b"b"]) {
        store.keep_letter(NewLetter::new(source(), reason.clone(), content.to_vec())).await.unwrap();
    }
    let kept = store.letters(0, 9).await.unwrap();
    assert_eq!(kept.into_iter().map(|kept| kept.letter.reason).collect::<Vec<_>>(), reasons);
}

pub(crate) async fn a_removed_letter_is_not_kept_again<S: Store>(world: &World<S>) {
    let store = &world.store;
    let letter = |merchant: &str| NewLetter::new(Source::new("wechat-pay", merchant), "no JSON", b"a".to_vec());
    assert!(store.keep_letter(letter("1")).await.unwrap());
    let number = store.letters(0, 9).await.unwrap()[0].number;
    assert!(store.remove_letter(number, "li").await.unwrap());
    assert!(!store.keep_letter(letter("1")).await.unwrap());
    assert!(store.letters(0, 9).await.unwrap().is_empty());
    assert!(store.keep_letter(letter("2")).await.unwrap(), "another merchant's");
    for (seconds, is_kept) in [(10 * DAY, false), (1, true)] {
        world.tick(seconds);
        store.forget(10, 9).await.unwrap();
        assert_eq!(store.keep_letter(letter("1")).await.unwrap(), is_kept, "{seconds}");
    }
}

pub(crate) async fn a_store_that_is_sound_says_so<S: Store>(world: &World<S>) {
    world.hear("EV-1", "1").await;
    world.store.check().await.unwrap();
}
