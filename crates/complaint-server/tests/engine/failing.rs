//! Platforms that refuse, and a store that is down.

use complaint_inbox::{EventKind, FIRST_WAIT_SECONDS, Store as _};
use platform_sandbox::{Fault, FaultKind, NewComplaint};
use protocol_core::OperationInfo as _;
use protocol_core::wechat_pay::GetComplaint;

use crate::world::{SOON, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_refuses_is_asked_again_after_a_wait() {
    let world = World::listening().await;
    world.sandbox.inject(Fault::once(FaultKind::EmptyBody(403)).times(1000).on::<GetComplaint>());
    let id = world.sandbox.file_complaint(NewComplaint::default());
    let key = world.wechat_pay(&id);
    world.until(async |world| world.record(&key).await.is_some_and(|record| record.summary.refused == 1)).await;
    // The complaint is due, and is not claimed before its wait ended.
    assert_eq!(world.store().claim(&key.source(), 1, 1).await.unwrap(), []);
    world.pass(FIRST_WAIT_SECONDS);
    world.until(async |world| world.record(&key).await.unwrap().summary.refused == 2).await;
    // A message ends the wait.
    world.sandbox.clear_faults();
    world.sandbox.user_message(&id, "在吗").unwrap();
    let record = world.read(&key).await;
    assert_eq!((record.summary.refused, record.summary.heard), (0, 2));
    let events = world.events(&key).await;
    assert_eq!(events, [EventKind::Filed, EventKind::PayerResponded]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_down_is_a_503_and_the_message_is_kept_by_a_retry() {
    let world = World::listening().await;
    let other = rusqlite::Connection::open(world.path("inbox.db")).unwrap();
    other.busy_timeout(SOON).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let id = world.sandbox.file_complaint(NewComplaint::default());
    let statuses = |world: &World| -> Vec<_> {
        world.sandbox.sent_notifications().iter().filter_map(|sent| sent.status).collect()
    };
    world.until(async |world| statuses(world).len() > 1).await;
    assert!(statuses(&world).iter().all(|status| *status == 503), "{:?}", statuses(&world));
    assert_eq!(world.record(&world.wechat_pay(&id)).await, None);
    other.execute_batch("ROLLBACK").unwrap();
    assert!(world.sandbox.settled(SOON).await);
    let record = world.read(&world.wechat_pay(&id)).await;
    assert_eq!(record.summary.heard, 1);
    assert_eq!(statuses(&world).iter().filter(|status| **status == 204).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_complaint_cannot_be_stored_is_not_done() {
    let world = World::listening().await;
    let other = rusqlite::Connection::open(world.path("inbox.db")).unwrap();
    other.busy_timeout(SOON).unwrap();
    let broken = "CREATE TRIGGER broken BEFORE INSERT ON complaint BEGIN SELECT RAISE(ABORT, 'out of order'); END";
    other.execute_batch(broken).unwrap();
    let id = world.sandbox.file_complaint(NewComplaint::default());
    let count = |status| world.sandbox.sent_notifications().iter().filter(|sent| sent.status == Some(status)).count();
    world.until(async |_| count(503) > 1).await;
    assert_eq!(world.record(&world.wechat_pay(&id)).await, None);
    other.execute_batch("DROP TRIGGER broken").unwrap();
    assert!(world.sandbox.settled(SOON).await);
    assert_eq!(world.read(&world.wechat_pay(&id)).await.summary.heard, 1);
    assert_eq!(count(204), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_that_cannot_be_read_now_is_read_later_and_holds_up_no_other() {
    let world = World::listening().await;
    // As often as one call tries.
    world.sandbox.inject(Fault::once(FaultKind::ServerError).on::<GetComplaint>().times(3));
    let id = world.sandbox.file_complaint(NewComplaint::default());
    let key = world.wechat_pay(&id);
    world.until(async |world| world.asked(GetComplaint::NAME) >= 3).await;
    assert!(world.record(&key).await.unwrap().document.is_none());
    let other = world.sandbox.file_complaint(NewComplaint::default());
    world.read(&world.wechat_pay(&other)).await;
    world.sandbox.user_message(&id, "在吗").unwrap();
    let record = world.read(&key).await;
    assert_eq!((record.summary.heard, record.document.is_some()), (2, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_comes_near_is_told() {
    let world = World::listening().await;
    let (_, key) = world.file_and_read().await;
    world.pass(19 * 3600);
    world.until(async |world| world.events(&key).await.len() == 2).await;
    world.pass(6 * 3600);
    world.until(async |world| world.events(&key).await.len() == 3).await;
    let told = [EventKind::Filed, EventKind::DeadlineNear, EventKind::DeadlineOver];
    assert_eq!(world.events(&key).await, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_that_are_not_signed_are_not_taken() {
    let mut world = World::new().await;
    let settings = std::fs::read_to_string(world.path("complaints.toml")).unwrap();
    let plain = settings.replace("mode = \"secure\"", "mode = \"plain\"");
    assert_ne!(plain, settings);
    std::fs::write(world.path("complaints.toml"), plain).unwrap();
    world.start().await;
    let error = world.engine().webhooks().unwrap_err();
    assert!(error.to_string().contains("set `mode` to secure or compatible"), "{error}");
}
