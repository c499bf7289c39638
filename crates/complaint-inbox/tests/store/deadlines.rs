//! The events of deadlines: near once, over once.

use complaint_inbox::{Event, EventKind, MAX_NEAR_SECONDS, MAX_ROWS, NearSteps, Store};
use protocol_core::complaint::NEAR_SECONDS;

use crate::world::{DAY, HOUR, World, closed, deadlines, due, filed};

const NEAR: i64 = NEAR_SECONDS as i64;

/// Notes all deadlines. The events so far: their kinds and deadlines.
async fn noted<S: Store>(world: &World<S>) -> Vec<(EventKind, String)> {
    world.store.note_deadlines(&NearSteps::default(), MAX_ROWS).await.unwrap();
    let told = |event: Event| (event.kind, event.data["deadline"].as_str().unwrap().to_owned());
    world.store.events(0, MAX_ROWS).await.unwrap().into_iter().map(told).collect()
}

fn near(name: &str) -> (EventKind, String) {
    (EventKind::DeadlineNear, name.to_owned())
}

fn over(name: &str) -> (EventKind, String) {
    (EventKind::DeadlineOver, name.to_owned())
}

pub(crate) async fn each_deadline_is_near_once_and_over_once<S: Store>(world: &World<S>) {
    world.put("1", due(filed(0))).await;
    let mut expected = Vec::new();
    for (seconds, event) in [
        (DAY - NEAR - 1, None),
        (1, Some(near("reply"))),
        (NEAR - 1, None),
        (1, Some(over("reply"))),
        (2 * DAY - NEAR - 1, None),
        (1, Some(near("finish"))),
        (NEAR - 1, None),
        (1, Some(over("finish"))),
        (DAY, None),
    ] {
        world.tick(seconds);
        expected.extend(event);
        assert_eq!(noted(world).await, expected);
        assert_eq!(noted(world).await, expected);
    }
    let events = world.store.events(0, 9).await.unwrap();
    assert_eq!(events[0].data["due"], filed(0).reply.at().unwrap().0);
    let record = world.store.complaint(&crate::world::complaint("1")).await.unwrap().unwrap();
    assert_eq!(record.summary.version, events[3].number);
}

pub(crate) async fn a_deadline_that_moves_is_near_again<S: Store>(world: &World<S>) {
    world.put("1", due(filed(0))).await;
    world.tick(DAY - NEAR);
    assert_eq!(noted(world).await, [near("reply")]);
    // Read again, the same.
    world.put("1", due(filed(0))).await;
    assert_eq!(noted(world).await, [near("reply")]);
    world.put("1", due(filed(HOUR))).await;
    assert_eq!(noted(world).await, [near("reply")]);
    world.tick(HOUR);
    assert_eq!(noted(world).await, [near("reply"), near("reply")]);
}

pub(crate) async fn a_deadline_that_passed_unseen_is_over_alone<S: Store>(world: &World<S>) {
    world.put("1", due(filed(-DAY))).await;
    assert_eq!(noted(world).await, [over("reply")]);
}

pub(crate) async fn a_clock_that_jumps_repeats_no_event<S: Store>(world: &World<S>) {
    world.put("1", due(filed(0))).await;
    world.tick(30 * DAY);
    assert_eq!(noted(world).await, [over("reply"), over("finish")]);
    world.tick(-30 * DAY);
    assert_eq!(noted(world).await.len(), 2);
    world.put("1", due(filed(0))).await;
    world.tick(DAY);
    assert_eq!(noted(world).await.len(), 2);
}

pub(crate) async fn a_closed_complaint_has_no_deadlines<S: Store>(world: &World<S>) {
    world.put("1", due(filed(0))).await;
    world.put("1", closed()).await;
    let mut reading = closed();
    reading.deadlines = Some(filed(0));
    world.put("2", reading).await;
    world.put("3", due(deadlines("PENDING", 2, 0))).await;
    world.tick(30 * DAY);
    assert!(noted(world).await.is_empty());
}

pub(crate) async fn deadlines_are_noted_up_to_the_limit<S: Store>(world: &World<S>) {
    for id in ["1", "2", "3"] {
        world.put(id, due(filed(-DAY))).await;
    }
    for (limit, noted) in [(0, 0), (2, 2), (2, 1), (2, 0)] {
        assert_eq!(world.store.note_deadlines(&NearSteps::default(), limit).await.unwrap(), noted);
    }
    assert_eq!(world.store.events(0, 9).await.unwrap().len(), 3);
}

/// Each distance is told at its second; all that were reached unseen are told together.
pub(crate) async fn each_distance_is_near_once<S: Store>(world: &World<S>) {
    let hour = u32::try_from(HOUR).unwrap();
    let steps = NearSteps::default().and(hour).and(MAX_NEAR_SECONDS);
    let within = async || {
        while world.store.note_deadlines(&steps, 1).await.unwrap() == 1 {}
        let events = world.store.events(0, MAX_ROWS).await.unwrap();
        let told = |event: &Event| event.data["within_seconds"].as_i64().unwrap_or(0);
        events.iter().filter(|event| event.data["deadline"] == "finish").map(told).collect::<Vec<_>>()
    };
    let longest = i64::from(MAX_NEAR_SECONDS);
    world.put("1", due(filed(1))).await;
    assert_eq!(within().await, [0; 0]);
    world.tick(1);
    assert_eq!(within().await, [longest]);
    world.tick(longest - NEAR - 1);
    assert_eq!(within().await, [longest]);
    world.tick(1);
    assert_eq!(within().await, [longest, NEAR]);
    // Read again, the same.
    world.put("1", due(filed(1))).await;
    world.tick(NEAR - HOUR - 1);
    assert_eq!(within().await, [longest, NEAR]);
    world.tick(1);
    assert_eq!(within().await, [longest, NEAR, HOUR]);
    world.tick(HOUR);
    assert_eq!(within().await, [longest, NEAR, HOUR, 0]);
    // This one is due in half an hour.
    world.put("2", due(filed(1 + HOUR / 2))).await;
    assert_eq!(within().await, [longest, NEAR, HOUR, 0, longest, NEAR, HOUR]);
}
