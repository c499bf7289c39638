//! Events on their way to endpoints: G5.

use complaint_inbox::{
    EventKind, FIRST_WAIT_SECONDS, Handover, HandoverOutcome, Message, NewEvent, Replay, StartAt, Store, Wait,
};
use serde_json::json;

use crate::world::{LEASE, World, complaint};

/// Writes an event for each complaint: 1, 2, …
async fn happen<S: Store>(world: &World<S>, ids: &[&str]) {
    for id in ids {
        let number = world.store.figures().await.unwrap().newest_event + 1;
        let mut message = Message::new(format!("EV-{number}"), complaint(id));
        message.events = vec![NewEvent::new(EventKind::Updated, json!({}))];
        world.store.hear(message).await.unwrap();
        assert_eq!(world.store.figures().await.unwrap().newest_event, number);
    }
}

async fn claims<S: Store>(world: &World<S>, endpoint: &str) -> Vec<Handover> {
    world.store.claim_handovers(endpoint, 100, LEASE).await.unwrap()
}

fn numbers(handovers: &[Handover]) -> Vec<i64> {
    handovers.iter().map(|handover| handover.event.number).collect()
}

async fn finish<S: Store>(world: &World<S>, handovers: &[Handover], outcome: HandoverOutcome) {
    for handover in handovers {
        assert!(world.store.finish_handover(handover, outcome).await.unwrap());
    }
}

pub(crate) async fn an_endpoint_receives_every_event_once_in_order<S: Store>(world: &World<S>) {
    world.store.open_endpoint("a", StartAt::Oldest).await.unwrap();
    happen(world, &["1", "2", "3"]).await;
    let first = claims(world, "a").await;
    assert_eq!(numbers(&first), [1, 2, 3]);
    assert_eq!(
        first.iter().map(|handover| handover.event.clone()).collect::<Vec<_>>(),
        world.store.events(0, 9).await.unwrap()
    );
    assert!(claims(world, "a").await.is_empty());
    finish(world, &first, HandoverOutcome::Delivered).await;
    world.tick(i64::from(LEASE));
    assert!(claims(world, "a").await.is_empty());
    happen(world, &["1", "1"]).await;
    assert_eq!(numbers(&claims(world, "a").await), [4]);
    let limited = world.store.claim_handovers("a", 0, LEASE).await.unwrap();
    assert!(limited.is_empty());
}

pub(crate) async fn an_event_waits_for_the_one_before_it_of_its_complaint_alone<S: Store>(world: &World<S>) {
    world.store.open_endpoint("a", StartAt::Oldest).await.unwrap();
    happen(world, &["1", "1", "2", "1", "2"]).await;
    let first = claims(world, "a").await;
    assert_eq!(numbers(&first), [1, 3]);
    assert!(claims(world, "a").await.is_empty());
    finish(world, &first[..1], HandoverOutcome::Failed(Wait::Seconds(600))).await;
    finish(world, &first[1..], HandoverOutcome::Delivered).await;
    let second = claims(world, "a").await;
    assert_eq!(numbers(&second), [5]);
    finish(world, &second, HandoverOutcome::Delivered).await;
    world.tick(600);
    for number in [1, 2, 4] {
        let next = claims(world, "a").await;
        assert_eq!(numbers(&next), [number]);
        finish(world, &next, HandoverOutcome::Delivered).await;
    }
    assert!(claims(world, "a").await.is_empty());
}

pub(crate) async fn an_endpoint_that_is_down_holds_up_no_other<S: Store>(world: &World<S>) {
    for endpoint in ["a", "b"] {
        world.store.open_endpoint(endpoint, StartAt::Oldest).await.unwrap();
    }
    happen(world, &["1"]).await;
    let down = claims(world, "a").await;
    finish(world, &down, HandoverOutcome::Failed(Wait::Seconds(600))).await;
    let up = claims(world, "b").await;
    assert_eq!((numbers(&up), &up[0].endpoint), (vec![1], &"b".to_owned()));
    finish(world, &up, HandoverOutcome::Delivered).await;
    assert_eq!(world.store.figures().await.unwrap().handovers, 1);
}

pub(crate) async fn an_event_is_tried_again_after_its_wait<S: Store>(world: &World<S>) {
    world.store.open_endpoint("a", StartAt::Oldest).await.unwrap();
    happen(world, &["1"]).await;
    let first = i64::from(FIRST_WAIT_SECONDS);
    for (failed, (wait, seconds)) in [
        (Wait::Seconds(5), 5),
        (Wait::BackOff { at_least: 0 }, 2 * first),
        (Wait::BackOff { at_least: 0 }, 4 * first),
        (Wait::None, 0),
    ]
    .into_iter()
    .enumerate()
    {
        let next = claims(world, "a").await;
        assert_eq!((numbers(&next), next[0].failed), (vec![1], u32::try_from(failed).unwrap()));
        finish(world, &next, HandoverOutcome::Failed(wait)).await;
        if seconds > 0 {
            world.tick(seconds - 1);
            assert!(claims(world, "a").await.is_empty());
            world.tick(1);
        }
    }
    assert_eq!(numbers(&claims(world, "a").await), [1]);
}

pub(crate) async fn a_dead_event_is_left_out_until_it_is_replayed<S: Store>(world: &World<S>) {
    let store = &world.store;
    store.open_endpoint("a", StartAt::Oldest).await.unwrap();
    happen(world, &["1", "1"]).await;
    finish(world, &claims(world, "a").await, HandoverOutcome::Dead).await;
    let figures = store.figures().await.unwrap();
    assert_eq!((figures.handovers, figures.dead), (1, 1));
    let next = claims(world, "a").await;
    assert_eq!(numbers(&next), [2], "it holds up none");
    finish(world, &next, HandoverOutcome::Delivered).await;
    world.tick(1_000_000);
    assert!(claims(world, "a").await.is_empty());
    assert_eq!(store.replay("a", Replay::Dead).await.unwrap(), 1);
    assert_eq!(store.replay("a", Replay::Dead).await.unwrap(), 0);
    let next = claims(world, "a").await;
    assert_eq!((numbers(&next), next[0].failed), (vec![1], 0));
    finish(world, &next, HandoverOutcome::Delivered).await;
    let figures = store.figures().await.unwrap();
    assert_eq!((figures.handovers, figures.dead), (0, 0));
}

pub(crate) async fn those_that_have_waited_longest_are_claimed_in_their_order<S: Store>(world: &World<S>) {
    world.store.open_endpoint("a", StartAt::Oldest).await.unwrap();
    happen(world, &["1", "2", "3"]).await;
    let claimed = claims(world, "a").await;
    for (handover, wait) in claimed.iter().zip([30, 10, 20]) {
        finish(world, std::slice::from_ref(handover), HandoverOutcome::Failed(Wait::Seconds(wait))).await;
    }
    world.tick(30);
    let longest = world.store.claim_handovers("a", 2, LEASE).await.unwrap();
    assert_eq!(numbers(&longest), [2, 3]);
    happen(world, &["4"]).await;
    assert_eq!(numbers(&claims(world, "a").await), [1, 4]);
}

pub(crate) async fn a_dead_event_that_is_replayed_holds_up_those_after_it<S: Store>(world: &World<S>) {
    world.store.open_endpoint("a", StartAt::Oldest).await.unwrap();
    happen(world, &["1", "1", "1"]).await;
    finish(world, &claims(world, "a").await, HandoverOutcome::Dead).await;
    let second = claims(world, "a").await;
    assert_eq!(numbers(&second), [2]);
    world.store.replay("a", Replay::Dead).await.unwrap();
    assert_eq!(numbers(&claims(world, "a").await), [1]);
    // It is on its way, and its end is taken. The third waits for the first.
    finish(world, &second, HandoverOutcome::Delivered).await;
    assert!(claims(world, "a").await.is_empty());
    world.tick(i64::from(LEASE));
    let first = claims(world, "a").await;
    assert_eq!(numbers(&first), [1]);
    finish(world, &first, HandoverOutcome::Delivered).await;
    assert_eq!(numbers(&claims(world, "a").await), [3]);
}

pub(crate) async fn an_attempt_that_was_taken_over_ends_nothing<S: Store>(world: &World<S>) {
    world.store.open_endpoint("a", StartAt::Oldest).await.unwrap();
    happen(world, &["1"]).await;
    let first = claims(world, "a").await;
    world.tick(i64::from(LEASE) - 1);
    assert!(claims(world, "a").await.is_empty());
    world.tick(1);
    let second = claims(world, "a").await;
    assert!(second[0].fence > first[0].fence);
    for outcome in [HandoverOutcome::Delivered, HandoverOutcome::Dead, HandoverOutcome::Failed(Wait::None)] {
        assert!(!world.store.finish_handover(&first[0], outcome).await.unwrap());
    }
    finish(world, &second, HandoverOutcome::Delivered).await;
    // A claim from before the replay is none after it.
    assert_eq!(world.store.replay("a", Replay::After(0)).await.unwrap(), 1);
    assert_eq!(numbers(&claims(world, "a").await), [1]);
    for old in [&first[0], &second[0]] {
        assert!(!world.store.finish_handover(old, HandoverOutcome::Delivered).await.unwrap());
    }
}

pub(crate) async fn a_new_endpoint_begins_where_it_should<S: Store>(world: &World<S>) {
    happen(world, &["1"]).await;
    for (endpoint, start) in [("all", StartAt::Oldest), ("new", StartAt::Next), ("all", StartAt::Next)] {
        world.store.open_endpoint(endpoint, start).await.unwrap();
    }
    happen(world, &["2"]).await;
    // Opened again, it goes on where it was.
    world.store.open_endpoint("new", StartAt::Oldest).await.unwrap();
    assert_eq!(numbers(&claims(world, "all").await), [1, 2]);
    assert_eq!(numbers(&claims(world, "new").await), [2]);
    assert!(claims(world, "another").await.is_empty());
}

pub(crate) async fn events_are_replayed_from_a_number<S: Store>(world: &World<S>) {
    world.store.open_endpoint("a", StartAt::Oldest).await.unwrap();
    happen(world, &["1", "2", "3"]).await;
    finish(world, &claims(world, "a").await, HandoverOutcome::Delivered).await;
    assert_eq!(world.store.replay("a", Replay::After(1)).await.unwrap(), 2);
    assert_eq!(numbers(&claims(world, "a").await), [2, 3]);
    happen(world, &["4"]).await;
    assert_eq!(world.store.replay("a", Replay::After(3)).await.unwrap(), 0, "it is due anyway");
    assert_eq!(numbers(&claims(world, "a").await), [4]);
    assert_eq!(world.store.replay("another", Replay::After(0)).await.unwrap(), 0);
}

pub(crate) async fn a_closed_endpoint_is_forgotten<S: Store>(world: &World<S>) {
    world.store.open_endpoint("a", StartAt::Oldest).await.unwrap();
    happen(world, &["1"]).await;
    let first = claims(world, "a").await;
    assert!(world.store.close_endpoint("a").await.unwrap());
    assert!(!world.store.close_endpoint("a").await.unwrap());
    assert!(!world.store.finish_handover(&first[0], HandoverOutcome::Delivered).await.unwrap());
    assert!(claims(world, "a").await.is_empty());
    assert_eq!(world.store.figures().await.unwrap().handovers, 0);
}
