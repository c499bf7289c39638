//! What is older than it is to be kept is removed.

use std::time::SystemTime;

use complaint_inbox::{ComplaintKey, EventKind, Message, NewEvent, NewLetter, Source, Store as _};
use complaint_server::Pace;
use platform_sandbox::NewComplaint;
use protocol_core::UnixTime;
use protocol_core::channel::Act;
use serde_json::json;

use crate::world::{World, ask};

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_removes_what_is_older_than_it_keeps_and_nothing_in_hand() {
    let mut world = World::listening().await;
    // No list shows it any more.
    let filed = UnixTime(UnixTime::from(SystemTime::now()).0 - 40 * 86_400);
    let old = NewComplaint::default().with_complaint_time(filed);
    let old = world.wechat_pay(&world.sandbox.file_complaint(old));
    world.read(&old).await;
    // A closed one has no deadlines, which would change it.
    world.ask(&old, Act::Complete, "0").await;
    world.ended("0").await;
    world.until(async |world| world.record(&old).await.unwrap().summary.is_closed).await;
    world.store().keep_letter(NewLetter::new(old.source(), "no JSON", b"a".to_vec())).await.unwrap();
    // A letter that is removed two hours before.
    world.set_ahead(-2 * 3600);
    world.store().keep_letter(NewLetter::new(old.source(), "no JSON", b"b".to_vec())).await.unwrap();
    world.set_ahead(0);
    // An act that no account is there to carry out.
    let in_hand = ComplaintKey::new("wechat-pay", "1900000999", "1");
    let mut filed = Message::new("EV-1", in_hand.clone());
    filed.events = vec![NewEvent::once(EventKind::Filed, "", json!({}))];
    world.store().hear(filed).await.unwrap();
    ask(world.store(), &in_hand, Act::Complete, "1").await;
    let keep = i64::from(Pace::default().keep_days) * 86_400;
    // An engine that starts removes what is old.
    for (ahead, is_old_kept) in [(keep - 3600, true), (keep + 3600, false)] {
        world.stop().await;
        world.set_ahead(ahead);
        let fresh = Source::new("wechat-pay", "1900000998");
        let store = world.open().await;
        store
            .hear(Message::new(ahead.to_string(), ComplaintKey::new(fresh.channel, fresh.merchant, "1")))
            .await
            .unwrap();
        drop(store);
        world.start().await;
        world.until(async |world| world.store().figures().await.unwrap().letters == u64::from(is_old_kept)).await;
        if !is_old_kept {
            world.until(async |world| world.record(&old).await.is_none()).await;
        }
        assert_eq!(world.record(&old).await.is_some(), is_old_kept);
        assert_eq!(world.events(&old).await.is_empty(), !is_old_kept);
        assert!(world.record(&in_hand).await.is_some(), "its act is in hand");
        assert!(world.record(&ComplaintKey::new("wechat-pay", "1900000998", "1")).await.is_some());
    }
}
