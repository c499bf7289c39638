//! What a platform sends is read and told once.

use complaint_inbox::{EventKind, Filter, Store as _};
use complaint_server::Pace;
use platform_sandbox::{NewComplaint, NewOrderComplaint, NotificationFault, PushFault};
use protocol_core::complaint::{CountedFrom, Due};

use crate::letters::UNTIL_STORED;
use crate::world::{SOON, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_that_is_filed_is_read_and_due() {
    let world = World::listening().await;
    let phone = "13800138000";
    let new = NewComplaint::default().with_complaint_detail("充值没有到账").with_payer_phone(phone).with_amount(300);
    let id = world.sandbox.file_complaint(new);
    let record = world.read(&world.wechat_pay(&id)).await;
    assert_eq!(record.summary.heard, 1, "it was pushed, and no sweep saw it");
    assert!(world.sandbox.settled(SOON).await);
    let statuses = world.sandbox.sent_notifications().into_iter().filter(|sent| sent.status == Some(204));
    assert_eq!(statuses.count(), 1);
    assert_eq!((record.summary.state.as_deref(), record.summary.amount), (Some("PENDING"), Some(300)));
    let filed = record.summary.filed.unwrap();
    let due = record.summary.deadlines.unwrap().reply.due;
    assert_eq!(due, Due::At { time: filed.plus(86_400), counted_from: CountedFrom::Filing(filed) });
    let document = record.document.unwrap();
    assert!(document.expose().contains("充值没有到账") && !document.expose().contains(phone), "phones stay encrypted");
    assert_eq!(record.entries[0].kind.as_deref(), Some("USER_CREATE_COMPLAINT"));
    assert_eq!(world.events(&world.wechat_pay(&id)).await, [EventKind::Filed]);
    let page = world.store().list(&Filter::default(), None, 10).await.unwrap();
    assert_eq!(page.rows.iter().map(|row| &row.key.id).collect::<Vec<_>>(), [&id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_deed_of_the_payer_is_told_once_by_message_and_reading() {
    let world = World::listening().await;
    let id = world.sandbox.file_complaint(NewComplaint::default().with_refund(10));
    let key = world.wechat_pay(&id);
    world.read(&key).await;
    let mut told = vec![EventKind::Filed, EventKind::RefundRequested];
    assert_eq!(world.events(&key).await, told);
    for text in ["在吗", "还在吗"] {
        world.sandbox.user_message(&id, text).unwrap();
        assert!(world.sandbox.settled(SOON).await);
        world.read(&key).await;
        told.push(EventKind::PayerResponded);
        assert_eq!(world.events(&key).await, told);
    }
    let record = world.record(&key).await.unwrap();
    assert_eq!((record.summary.heard, record.summary.version > 0), (3, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_arrives_after_the_reading_of_its_entry_takes_no_later_one_away() {
    let mut world = World::new().await;
    let id = world.sandbox.file_complaint(NewComplaint::default());
    let key = world.wechat_pay(&id);
    world.start().await;
    world.read(&key).await;
    world.stop().await;
    // The platform reaches no webhook: the complaint is read again at the start, by its number.
    world.sandbox.user_message(&id, "在吗").unwrap();
    world.pass(Pace::default().unread_seconds);
    let merchant = &world.sandbox.merchant().mchid;
    let late = world.sandbox.signed_notification(merchant, &id, "USER_RESPONSE", None).unwrap();
    world.start().await;
    let told = [EventKind::Filed, EventKind::PayerResponded];
    world.until(async |world| world.events(&key).await == told).await;
    world.listen().await;
    assert_eq!(world.notify(&late, UNTIL_STORED).await, 204);
    world.read(&key).await;
    assert_eq!(world.events(&key).await, told);
    world.sandbox.user_message(&id, "还在吗").unwrap();
    assert!(world.sandbox.settled(SOON).await);
    world.read(&key).await;
    assert_eq!(world.events(&key).await, [told[0], told[1], told[1]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_change_nothing() {
    let world = World::listening().await;
    for fault in [NotificationFault::DuplicateAtOnce(8), NotificationFault::Duplicate] {
        world.sandbox.inject_notification(fault);
        let id = world.sandbox.file_complaint(NewComplaint::default());
        assert!(world.sandbox.settled(SOON).await);
        let record = world.read(&world.wechat_pay(&id)).await;
        assert_eq!(record.summary.heard, 1);
        assert!(world.sandbox.sent_notifications().iter().filter(|sent| sent.complaint_id == id).count() > 1);
        assert_eq!(world.events(&world.wechat_pay(&id)).await, [EventKind::Filed]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mini_programs_pushes_are_read_by_its_detail() {
    let world = World::listening().await;
    world.sandbox.inject_push(PushFault::Duplicate);
    let id = world.sandbox.file_order_complaint(NewOrderComplaint::default().with_content("没有收到货"));
    let key = world.mini_program(&id);
    assert!(world.sandbox.settled(SOON).await);
    let record = world.read(&key).await;
    assert!(record.document.unwrap().expose().contains("没有收到货"));
    assert_eq!((record.summary.heard, record.summary.state.as_deref()), (1, Some("201")));
    assert!(record.summary.deadlines.unwrap().reply.at().is_some());
    assert_eq!(world.events(&key).await, [EventKind::Filed]);
    world.sandbox.order_message(&id, "还没有").unwrap();
    assert!(world.sandbox.settled(SOON).await);
    world.read(&key).await;
    assert_eq!(world.events(&key).await, [EventKind::Filed, EventKind::PayerResponded]);
}

#[tokio::test(flavor = "multi_thread")]
async fn virtual_payments_pushes_are_read_with_and_without_a_number() {
    let world = World::listening().await;
    let id = world.sandbox.file_virtual_payment_complaint(NewComplaint::default()).unwrap();
    let key = world.virtual_payment(&id);
    assert_eq!(world.read(&key).await.summary.heard, 1);
    assert_eq!(world.events(&key).await, [EventKind::Filed]);
    // The older form names an order alone, and the list is read.
    world.sandbox.push_older_complaint_notices();
    let id = world.sandbox.file_virtual_payment_complaint(NewComplaint::default()).unwrap();
    world.read(&world.virtual_payment(&id)).await;
    assert_eq!(world.events(&world.virtual_payment(&id)).await, [EventKind::Filed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_engine_has_let_go_of_what_it_did_not_begin() {
    let mut world = World::listening().await;
    let (_, key) = world.file_and_read().await;
    world.stop().await;
    let store = world.open().await;
    assert_eq!(store.claim(&key.source(), 10, 60).await.unwrap(), []);
    assert_eq!(store.figures().await.unwrap().due, 0);
}
