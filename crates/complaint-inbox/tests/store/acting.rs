//! Acts: G4.

use complaint_inbox::{
    ActOutcome, ActRecord, ActStage, Ask, Asked, EventKind, FIRST_WAIT_SECONDS, KeptAct, NewEvent, Reading, Reason,
    Source, Store, Wait,
};
use protocol_core::Delivery;
use protocol_core::call::{ActState, ActStore as _};
use protocol_core::channel::{Act, Reply};
use serde_json::json;

use crate::world::{LEASE, World, complaint, source};

fn reply(words: &str) -> Act {
    Act::from(Reply::new(words))
}

fn ask(key: &str, act: Act, seen: i64) -> Ask {
    Ask { key: key.to_owned(), complaint: complaint("1"), act, seen, by: "desk".to_owned() }
}

/// A complaint that was filed: event 1.
async fn file<S: Store>(world: &World<S>, id: &str) {
    let mut reading = Reading::new("{}");
    reading.events = vec![NewEvent::once(EventKind::Filed, "", json!({}))];
    world.put(id, reading).await;
}

async fn asked<S: Store>(world: &World<S>, ask: Ask) -> ActRecord {
    match world.store.ask(ask).await.unwrap() {
        Asked::New(record) => record,
        other => panic!("{other:?}"),
    }
}

fn sent(attempt: u32) -> ActState {
    serde_json::from_value(json!({ "attempt": attempt })).unwrap()
}

pub(crate) async fn an_act_is_asked_for_once_under_its_key<S: Store>(world: &World<S>) {
    let store = &world.store;
    file(world, "1").await;
    let first = asked(world, ask("k", reply("已退款"), 1)).await;
    assert_eq!((first.stage, first.asked_at, &first.ask.by), (ActStage::Asked, world.now(), &"desk".to_owned()));
    // By another asker, who has seen nothing: the key decides before anything else.
    let again = Ask { by: "api".to_owned(), ..ask("k", reply("已退款"), 0) };
    assert_eq!(store.ask(again.clone()).await.unwrap(), Asked::Same(first.clone()));
    let claims = store.claim_acts(&source(), 9, LEASE).await.unwrap();
    assert_eq!(claims.len(), 1);
    assert!(store.finish_act(&claims[0], ActOutcome::Done, None).await.unwrap());
    let Asked::Same(done) = store.ask(again).await.unwrap() else { panic!("not the same") };
    assert_eq!((done.stage, done.ask), (ActStage::Done, first.ask));
    assert!(store.claim_acts(&source(), 9, LEASE).await.unwrap().is_empty());
}

pub(crate) async fn a_key_with_other_content_is_refused<S: Store>(world: &World<S>) {
    let store = &world.store;
    file(world, "1").await;
    file(world, "2").await;
    asked(world, ask("k", reply("一"), 2)).await;
    assert_eq!(store.ask(ask("k", reply("二"), 2)).await.unwrap(), Asked::OtherContent);
    assert_eq!(store.ask(ask("k", Act::Complete, 2)).await.unwrap(), Asked::OtherContent);
    let elsewhere = Ask { complaint: complaint("2"), ..ask("k", reply("一"), 2) };
    assert_eq!(store.ask(elsewhere).await.unwrap(), Asked::OtherContent);
    assert_eq!(store.act("k").await.unwrap().unwrap().ask.act, reply("一"));
}

pub(crate) async fn one_act_of_a_kind_is_in_hand<S: Store>(world: &World<S>) {
    let store = &world.store;
    file(world, "1").await;
    file(world, "2").await;
    asked(world, ask("a", reply("一"), 2)).await;
    assert_eq!(store.ask(ask("b", reply("二"), 2)).await.unwrap(), Asked::InHand { key: "a".to_owned() });
    assert_eq!(store.act("b").await.unwrap(), None);
    asked(world, ask("c", Act::Complete, 2)).await;
    asked(world, Ask { complaint: complaint("2"), ..ask("d", reply("二"), 2) }).await;
    let claims = store.claim_acts(&source(), 9, LEASE).await.unwrap();
    store.keep_act(&claims[0], Some(&sent(1)), LEASE).await.unwrap();
    assert_eq!(store.ask(ask("b", reply("二"), 2)).await.unwrap(), Asked::InHand { key: "a".to_owned() });
    store.finish_act(&claims[0], ActOutcome::Unknown, None).await.unwrap();
    asked(world, ask("b", reply("二"), 2)).await;
}

pub(crate) async fn an_act_is_stale_once_the_payer_has_done_more<S: Store>(world: &World<S>) {
    let store = &world.store;
    file(world, "1").await;
    assert_eq!(store.ask(ask("a", reply("一"), 0)).await.unwrap(), Asked::Stale { version: 1 });
    for (kind, is_the_payers) in [
        (EventKind::Updated, false),
        (EventKind::PayerResponded, true),
        (EventKind::RefundRequested, true),
        (EventKind::Continued, true),
        (EventKind::Completed, false),
    ] {
        let seen = store.figures().await.unwrap().newest_event;
        let mut reading = Reading::new("{}");
        reading.events = vec![NewEvent::new(kind, json!({}))];
        world.put("1", reading).await;
        let key = kind.as_str();
        let outcome = store.ask(ask(key, reply("一"), seen)).await.unwrap();
        if is_the_payers {
            assert_eq!(outcome, Asked::Stale { version: seen + 1 }, "{kind:?}");
            asked(world, ask(key, reply("一"), seen + 1)).await;
        } else {
            assert!(matches!(outcome, Asked::New(_)), "{kind:?}");
        }
        for claim in store.claim_acts(&source(), 9, LEASE).await.unwrap() {
            store.finish_act(&claim, ActOutcome::Refused, None).await.unwrap();
        }
    }
}

pub(crate) async fn an_event_that_does_not_exist_was_not_seen<S: Store>(world: &World<S>) {
    file(world, "1").await;
    file(world, "2").await;
    // The feed's newest event is another complaint's.
    assert_eq!(world.store.ask(ask("a", reply("一"), 3)).await.unwrap(), Asked::Stale { version: 1 });
    asked(world, ask("a", reply("一"), 2)).await;
}

pub(crate) async fn an_act_on_an_unknown_complaint_is_refused<S: Store>(world: &World<S>) {
    assert_eq!(world.store.ask(ask("a", reply("一"), 0)).await.unwrap(), Asked::UnknownComplaint);
    assert_eq!(world.store.act("a").await.unwrap(), None);
}

pub(crate) async fn an_act_goes_from_asked_to_done<S: Store>(world: &World<S>) {
    let store = &world.store;
    file(world, "1").await;
    asked(world, ask("k", reply("一"), 1)).await;
    let stage = async || store.act("k").await.unwrap().unwrap().stage;
    let claims = store.claim_acts(&source(), 9, LEASE).await.unwrap();
    assert_eq!((claims[0].record.ask.act.clone(), stage().await), (reply("一"), ActStage::Asked));
    assert!(store.keep_act(&claims[0], Some(&sent(1)), LEASE).await.unwrap());
    assert_eq!(stage().await, ActStage::Sending);
    // It certainly did not happen.
    assert!(store.keep_act(&claims[0], None, LEASE).await.unwrap());
    assert_eq!(stage().await, ActStage::Asked);
    assert!(store.keep_act(&claims[0], Some(&sent(2)), LEASE).await.unwrap());
    assert!(world.claims().await.is_empty());
    world.tick(5);
    assert!(store.finish_act(&claims[0], ActOutcome::Done, None).await.unwrap());
    let done = store.act("k").await.unwrap().unwrap();
    assert_eq!((done.stage, done.finished_at), (ActStage::Done, Some(world.now())));
    let events = store.events(1, 9).await.unwrap();
    assert_eq!((events.len(), events[0].kind), (1, EventKind::ActFinished));
    assert_eq!(events[0].data, json!({ "act": "k", "kind": "reply", "state": "done" }));
    assert_eq!(world.claimed().await, ["1"], "the complaint is read again");
    let record = store.complaint(&complaint("1")).await.unwrap().unwrap();
    assert_eq!(record.acts, [done]);
}

pub(crate) async fn a_kept_state_survives_the_process_that_kept_it<S: Store>(world: &World<S>) {
    let store = &world.store;
    file(world, "1").await;
    asked(world, ask("k", reply("一"), 1)).await;
    let first = store.claim_acts(&source(), 9, LEASE).await.unwrap();
    assert_eq!(first[0].record.state, None);
    world.tick(i64::from(LEASE) - 1);
    // The lease begins anew with each state.
    assert!(store.keep_act(&first[0], Some(&sent(2)), LEASE).await.unwrap());
    world.tick(i64::from(LEASE) - 1);
    assert!(store.claim_acts(&source(), 9, LEASE).await.unwrap().is_empty());
    world.tick(1);
    let second = store.claim_acts(&source(), 9, LEASE).await.unwrap();
    assert_eq!((second[0].record.state.clone(), second[0].record.stage), (Some(sent(2)), ActStage::Sending));
}

pub(crate) async fn an_act_that_was_taken_over_keeps_and_ends_nothing<S: Store>(world: &World<S>) {
    let store = &world.store;
    file(world, "1").await;
    asked(world, ask("k", reply("一"), 1)).await;
    let first = store.claim_acts(&source(), 9, LEASE).await.unwrap();
    world.tick(i64::from(LEASE));
    let second = store.claim_acts(&source(), 9, LEASE).await.unwrap();
    assert!(second[0].fence > first[0].fence);
    assert!(!store.keep_act(&first[0], Some(&sent(1)), LEASE).await.unwrap());
    assert!(!store.put_back_act(&first[0], Wait::None).await.unwrap());
    assert!(!store.finish_act(&first[0], ActOutcome::Done, None).await.unwrap());
    assert_eq!(store.act("k").await.unwrap().unwrap().stage, ActStage::Asked);
    assert!(store.finish_act(&second[0], ActOutcome::Found, None).await.unwrap());
    assert!(!store.finish_act(&second[0], ActOutcome::Done, None).await.unwrap(), "it ended");
    assert!(!store.keep_act(&second[0], Some(&sent(1)), LEASE).await.unwrap());
    assert_eq!(store.act("k").await.unwrap().unwrap().stage, ActStage::Found);
    assert_eq!(store.events(1, 9).await.unwrap().len(), 1);
}

pub(crate) async fn the_state_of_a_claim_is_kept_and_removed_until_it_is_taken_over<S: Store>(world: &World<S>) {
    let store = &world.store;
    file(world, "1").await;
    asked(world, ask("k", reply("一"), 1)).await;
    let state = async || store.act("k").await.unwrap().unwrap().state;
    let claim = async || store.claim_acts(&source(), 9, LEASE).await.unwrap().remove(0);
    let mut first = KeptAct::new(store.clone(), claim().await, LEASE);
    assert_eq!(first.load().await.unwrap(), None);
    first.keep(&sent(1)).await.unwrap();
    assert_eq!((state().await, first.load().await.unwrap()), (Some(sent(1)), Some(sent(1))));
    first.remove().await.unwrap();
    assert_eq!((state().await, first.load().await.unwrap()), (None, None));
    first.keep(&sent(2)).await.unwrap();
    world.tick(i64::from(LEASE));

    let mut second = KeptAct::new(store.clone(), claim().await, LEASE);
    assert_eq!(second.load().await.unwrap(), Some(sent(2)), "the machine looks before it sends");
    let refused = first.keep(&sent(3)).await.unwrap_err();
    assert_eq!((refused.failure().delivery, refused.failure().is_retryable), (Delivery::NotSent, false));
    assert!(first.remove().await.is_err());
    assert_eq!(state().await, Some(sent(2)));
    second.keep(&sent(3)).await.unwrap();
}

pub(crate) async fn acts_on_one_complaint_go_one_after_the_other<S: Store>(world: &World<S>) {
    let store = &world.store;
    file(world, "1").await;
    file(world, "2").await;
    asked(world, ask("a", reply("一"), 2)).await;
    asked(world, ask("b", Act::Complete, 2)).await;
    asked(world, Ask { complaint: complaint("2"), ..ask("c", Act::Complete, 2) }).await;
    assert!(store.claim_acts(&Source::new("wechat-pay", "2"), 9, LEASE).await.unwrap().is_empty());
    let keys = async |limit| {
        let claims = store.claim_acts(&source(), limit, LEASE).await.unwrap();
        claims.into_iter().map(|claim| claim.record.ask.key.clone()).collect::<Vec<_>>()
    };
    assert_eq!(keys(1).await, ["a"]);
    assert_eq!(keys(9).await, ["c"]);
    world.tick(i64::from(LEASE));
    let claims = store.claim_acts(&source(), 9, LEASE).await.unwrap();
    assert_eq!(claims.len(), 2);
    // The first one waits, and so does the second.
    store.put_back_act(&claims[0], Wait::Seconds(600)).await.unwrap();
    assert!(keys(9).await.is_empty());
    world.tick(600);
    let claims = store.claim_acts(&source(), 9, LEASE).await.unwrap();
    store.finish_act(&claims[0], ActOutcome::Done, None).await.unwrap();
    assert_eq!(keys(9).await, ["b"]);
}

pub(crate) async fn an_act_that_was_put_back_waits<S: Store>(world: &World<S>) {
    let store = &world.store;
    file(world, "1").await;
    asked(world, ask("a", reply("一"), 1)).await;
    let first = i64::from(FIRST_WAIT_SECONDS);
    for (refused, wait) in [first, 2 * first].into_iter().enumerate() {
        let claims = store.claim_acts(&source(), 9, LEASE).await.unwrap();
        assert_eq!(claims[0].refused, u32::try_from(refused).unwrap());
        assert!(store.put_back_act(&claims[0], Wait::BackOff { at_least: 0 }).await.unwrap());
        assert!(!store.keep_act(&claims[0], Some(&sent(1)), LEASE).await.unwrap(), "the claim is over");
        world.tick(wait - 1);
        assert!(store.claim_acts(&source(), 9, LEASE).await.unwrap().is_empty());
        world.tick(1);
    }
    assert_eq!(store.claim_acts(&source(), 9, LEASE).await.unwrap().len(), 1);
}

pub(crate) async fn every_outcome_is_kept_with_its_reason<S: Store>(world: &World<S>) {
    let store = &world.store;
    file(world, "1").await;
    for (outcome, stage) in [
        (ActOutcome::Done, ActStage::Done),
        (ActOutcome::Found, ActStage::Found),
        (ActOutcome::Refused, ActStage::Refused),
        (ActOutcome::Unknown, ActStage::Unknown),
    ] {
        let key = stage.as_str();
        asked(world, ask(key, reply("一"), 1)).await;
        let claims = store.claim_acts(&source(), 9, LEASE).await.unwrap();
        store.keep_act(&claims[0], Some(&sent(3)), LEASE).await.unwrap();
        let quote = Some("投诉单状态不允许".to_owned().into());
        let is_failure = matches!(outcome, ActOutcome::Refused | ActOutcome::Unknown);
        let reason = is_failure.then(|| Reason::new("rejected", "status 400").with_quote(quote));
        assert!(store.finish_act(&claims[0], outcome, reason.as_ref()).await.unwrap());
        let record = store.act(key).await.unwrap().unwrap();
        assert_eq!((record.stage, record.reason), (stage, reason));
        assert_eq!(record.state, Some(sent(3)), "what was sent stays to be seen");
    }
    assert_eq!(store.figures().await.unwrap().acts, 0);
}
