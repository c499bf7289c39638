//! Accounts that a reload adds, changes or removes.

use complaint_inbox::{ActStage, EventKind, Message, Store as _};
use platform_sandbox::{NewAlipayComplaint, NewComplaint};
use protocol_core::channel::Reply;

use crate::world::{SOON, STORE_IS_SLOW, World};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_a_reload_adds_is_swept_read_noticed_and_acted_for() {
    let mut world = World::new().await;
    let text = world.configuration();
    let cusid = world.sandbox.allinpay().cusid;
    let (others, _) = text.split_once("[allinpay]").unwrap();
    world.configure(others);
    let swept = world.allinpay(&world.sandbox.file_allinpay_complaint(NewComplaint::default(), &cusid).unwrap());
    world.start().await;
    world.listen().await;
    world.configure(&text);
    world.read(&swept).await;
    world.ask(&swept, Reply::new("您好"), "1").await;
    assert_eq!(world.ended("1").await.stage, ActStage::Done);
    world.notice_url(&cusid);
    let noticed = world.sandbox.file_alipay_complaint(NewAlipayComplaint::default(), &cusid).unwrap();
    assert!(world.sandbox.settled(SOON).await);
    let sent = world.sandbox.sent_notices();
    let statuses: Vec<_> = sent.iter().map(|sent| sent.http_status).filter(|status| *status != STORE_IS_SLOW).collect();
    assert_eq!(statuses, [Some(200)]);
    world.read(&world.alipay(&cusid, &noticed)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_changes_loses_no_message() {
    let world = World::listening().await;
    let text = world.configuration();
    for number in 0..3 {
        // Another client, with connections of its own.
        world.configure(&text.replace("[wechat-pay]\n", &format!("[wechat-pay]\nname = \"shop {number}\"\n")));
        let key = world.wechat_pay(&world.sandbox.file_complaint(NewComplaint::default()));
        assert_eq!(world.read(&key).await.summary.heard, 1);
        assert_eq!(world.events(&key).await, [EventKind::Filed]);
    }
    assert!(world.sandbox.settled(SOON).await);
    let sent = world.sandbox.sent_notifications();
    assert!(sent.iter().all(|sent| sent.status == Some(204) || sent.status == STORE_IS_SLOW), "{sent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_removed_and_added_again_loses_no_message() {
    let world = World::listening().await;
    let text = world.configuration();
    let before = world.wechat_pay(&world.sandbox.file_complaint(NewComplaint::default()));
    world.read(&before).await;
    let begin = text.find("[wechat-pay]").unwrap();
    let end = text.find("[mini-program]").unwrap();
    world.configure(&format!("{}{}", &text[..begin], &text[end..]));
    // A message that arrives meanwhile is refused, and the platform retries.
    let refused = world.wechat_pay(&world.sandbox.file_complaint(NewComplaint::default()));
    let statuses = |world: &World| -> Vec<_> {
        let sent = world.sandbox.sent_notifications();
        sent.iter().filter(|sent| sent.complaint_id == refused.id).filter_map(|sent| sent.status).collect()
    };
    world.until(async |world| !statuses(world).is_empty()).await;
    assert!(statuses(&world).iter().all(|status| *status >= 400), "{:?}", statuses(&world));
    // One that had arrived stays due.
    world.store().hear(Message::new("EV-1", before.clone())).await.unwrap();
    world.configure(&text);
    assert_eq!(world.read(&before).await.summary.heard, 2);
    assert!(world.sandbox.settled(SOON).await);
    assert_eq!(statuses(&world).last(), Some(&204));
    let record = world.read(&refused).await;
    assert!(record.summary.heard >= 1);
    assert_eq!(world.events(&refused).await, [EventKind::Filed]);
}
