//! Acts are carried out once, whatever crashes.

use std::time::Duration;

use complaint_inbox::{ActClaim, ActStage, ComplaintKey, EventKind, SqliteStore, Store as _};
use platform_sandbox::{Fault, FaultKind, NewOrderComplaint};
use protocol_core::OperationInfo as _;
use protocol_core::call::{ActState, ActStore, StoreFuture};
use protocol_core::channel::{Act, ComplaintChannel as _, ComplaintRef, Reply};
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::Respond;
use tokio::sync::Notify;

use crate::world::{SOON, World, ask};

const REPLY: &str = "MERCHANT_RESPONSE";

fn reply() -> Act {
    Reply::new("您好，已为您退款").into()
}

fn count(kinds: &[String], kind: &str) -> usize {
    kinds.iter().filter(|other| *other == kind).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_is_sent_once_and_its_complaint_read_again() {
    let world = World::listening().await;
    let (id, key) = world.file_and_read().await;
    world.ask(&key, reply(), "1").await;
    assert_eq!(world.ended("1").await.stage, ActStage::Done);
    world.ask(&key, Act::Complete, "2").await;
    assert_eq!(world.ended("2").await.stage, ActStage::Done);
    let record = world.read(&key).await;
    assert_eq!((record.summary.state.as_deref(), record.summary.is_closed), (Some("PROCESSED"), true));
    assert_eq!(count(&world.history(&id), REPLY), 1);
    let events = world.events(&key).await;
    let of = |kind| events.iter().filter(|other| **other == kind).count();
    assert_eq!((of(EventKind::ActFinished), of(EventKind::Completed)), (2, 1), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mini_programs_acts_are_carried_out() {
    let world = World::listening().await;
    let id = world.sandbox.file_order_complaint(NewOrderComplaint::default());
    let key = world.mini_program(&id);
    world.read(&key).await;
    let mut reply = Reply::new("已退款");
    reply.agrees = Some(true);
    world.ask(&key, reply, "1").await;
    let act = world.ended("1").await;
    assert_eq!((act.stage, act.reason), (ActStage::Done, None));
    // A channel that does not take an act refuses it, and says so.
    world.ask(&key, Act::Complete, "2").await;
    let act = world.ended("2").await;
    assert_eq!((act.stage, act.reason.is_some()), (ActStage::Refused, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_between_keeping_and_sending_the_act_is_sent_once() {
    let mut world = World::listening().await;
    let (id, key) = world.file_and_read().await;
    world.crash().await;
    ask(&world.open().await, &key, reply(), "1").await;
    die_once_kept(&world, &key).await;
    assert_eq!(count(&world.history(&id), REPLY), 0);
    world.start().await;
    assert_eq!(world.ended("1").await.stage, ActStage::Done);
    assert_eq!(count(&world.history(&id), REPLY), 1);
    assert_eq!(world.asked(Respond::NAME), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_of_which_each_attempt_was_cut_off_is_unknown_and_is_not_sent() {
    let mut world = World::listening().await;
    let (id, key) = world.file_and_read().await;
    world.crash().await;
    ask(&world.open().await, &key, reply(), "1").await;
    for _ in 0..RetryPolicy::default().attempts {
        die_once_kept(&world, &key).await;
    }
    // It is as if it had been looked for often enough.
    let row = rusqlite::Connection::open(world.path("inbox.db")).unwrap();
    row.execute("UPDATE act SET refused = 100", []).unwrap();
    drop(row);
    world.start().await;
    let act = world.ended("1").await;
    assert_eq!((act.stage, act.reason.is_some()), (ActStage::Unknown, true));
    assert_eq!((count(&world.history(&id), REPLY), world.asked(Respond::NAME)), (0, 0));
}

/// A process takes the act, and dies once its state is kept, before it is sent.
async fn die_once_kept(world: &World, key: &ComplaintKey) {
    let store = world.open().await;
    let claim = store.claim_acts(&key.source(), 1, 900).await.unwrap().remove(0);
    let channels = world.channels();
    let client = channels.wechat_pay().next().unwrap().client();
    let kept = Notify::new();
    let mut row = DiesOnceKept { store: &store, claim, kept: &kept };
    let (complaint, act) = (ComplaintRef::new(&*key.id), reply());
    tokio::select! {
        _ = client.perform_stored(&complaint, &act, &mut row) => panic!("it dies before it sends"),
        () = kept.notified() => {}
    }
}

/// The row of an act whose process dies once the state is kept, before the act is sent.
struct DiesOnceKept<'a> {
    store: &'a SqliteStore,
    claim: ActClaim,
    kept: &'a Notify,
}

impl ActStore for DiesOnceKept<'_> {
    fn load(&mut self) -> StoreFuture<'_, Option<ActState>> {
        let state = self.claim.record.state.clone();
        Box::pin(async { Ok(state) })
    }

    fn keep<'a>(&'a mut self, state: &'a ActState) -> StoreFuture<'a, ()> {
        Box::pin(async {
            assert!(self.store.keep_act(&self.claim, Some(state), 900).await.unwrap());
            self.kept.notify_one();
            std::future::pending().await
        })
    }

    fn remove(&mut self) -> StoreFuture<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_between_sending_and_storing_the_act_is_found() {
    let mut world = World::listening().await;
    let (id, key) = world.file_and_read().await;
    world.sandbox.inject(Fault::once(FaultKind::SlowResponse(SOON)).on::<Respond>());
    world.ask(&key, reply(), "1").await;
    world.until(async |world| count(&world.history(&id), REPLY) == 1).await;
    world.crash().await;
    world.start().await;
    assert_eq!(world.ended("1").await.stage, ActStage::Found);
    assert_eq!(count(&world.history(&id), REPLY), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_the_store_does_not_take_at_once_is_stored_later() {
    let world = World::listening().await;
    let (id, key) = world.file_and_read().await;
    let other = rusqlite::Connection::open(world.path("inbox.db")).unwrap();
    other.busy_timeout(SOON).unwrap();
    let broken = "CREATE TRIGGER broken BEFORE UPDATE OF finished_at ON act
                  BEGIN SELECT RAISE(ABORT, 'out of order'); END";
    other.execute_batch(broken).unwrap();
    world.ask(&key, reply(), "1").await;
    world.until(async |world| count(&world.history(&id), REPLY) == 1).await;
    // Time for a first attempt to fail.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.store().act("1").await.unwrap().unwrap().stage, ActStage::Sending);
    other.execute_batch("DROP TRIGGER broken").unwrap();
    assert_eq!(world.ended("1").await.stage, ActStage::Done, "its lease is not over");
    assert_eq!(world.asked(Respond::NAME), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_stops_finishes_the_act_in_hand() {
    let mut world = World::listening().await;
    let (id, key) = world.file_and_read().await;
    let slow = FaultKind::SlowResponse(Duration::from_millis(200));
    world.sandbox.inject(Fault::once(slow).on::<Respond>());
    world.ask(&key, reply(), "1").await;
    world.until(async |world| count(&world.history(&id), REPLY) == 1).await;
    world.stop().await;
    let store = world.open().await;
    assert_eq!(store.act("1").await.unwrap().unwrap().stage, ActStage::Done);
}
