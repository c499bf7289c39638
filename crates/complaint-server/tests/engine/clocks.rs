//! Clocks that are not set yet, or jump.

use std::time::{SystemTime, UNIX_EPOCH};

use complaint_inbox::{ActStage, EventKind, Filter, Store as _};
use platform_sandbox::NewComplaint;
use protocol_core::OperationInfo as _;
use protocol_core::channel::Reply;
use protocol_core::wechat_pay::Respond;

use crate::world::World;

/// A machine without a battery starts in 1970, until the network tells it the time.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_starts_in_1970_loses_and_repeats_nothing_once_its_clock_is_set() {
    let mut world = World::new().await;
    let behind = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    world.set_ahead(-i64::try_from(behind).unwrap());
    world.start().await;
    world.listen().await;
    let id = world.sandbox.file_complaint(NewComplaint::default());
    let key = world.wechat_pay(&id);
    let record = world.read(&key).await;
    assert!(record.summary.read_at.unwrap().is_of_unset_clock());
    world.ask(&key, Reply::new("您好"), "1").await;
    assert_eq!(world.ended("1").await.stage, ActStage::Done);
    world.read(&key).await;
    let told = world.events(&key).await;
    world.set_ahead(0);
    // An engine that starts forgets what is old.
    for _ in 0..2 {
        world.crash().await;
        world.start().await;
        world
            .until(async |world| !world.record(&key).await.unwrap().summary.read_at.unwrap().is_of_unset_clock())
            .await;
    }
    assert_eq!(world.read(&key).await.acts.len(), 1);
    assert_eq!(world.events(&key).await, told);
    assert_eq!(world.store().list(&Filter::default(), None, 10).await.unwrap().rows.len(), 1);
    assert_eq!(world.asked(Respond::NAME), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_tells_a_deadline_once_and_loses_no_message() {
    let world = World::listening().await;
    let (id, key) = world.file_and_read().await;
    let mut told = vec![EventKind::Filed, EventKind::DeadlineOver];
    for (ahead, message) in [(25 * 3600, "一"), (-25 * 3600, "二"), (25 * 3600, "三"), (0, "四")] {
        world.set_ahead(ahead);
        world.until(async |world| world.events(&key).await.contains(&EventKind::DeadlineOver)).await;
        world.sandbox.user_message(&id, message).unwrap();
        told.push(EventKind::PayerResponded);
        world.until(async |world| world.events(&key).await.len() == told.len()).await;
        world.read(&key).await;
        assert_eq!(world.events(&key).await, told, "{ahead}");
    }
}
