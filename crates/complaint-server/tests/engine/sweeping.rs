//! What no message told of is found.

use std::time::SystemTime;

use complaint_inbox::{ComplaintKey, EventKind, Store as _};
use complaint_server::Pace;
use platform_sandbox::{Fault, FaultKind, NewComplaint, NewOrderComplaint};
use protocol_core::channel::Reply;
use protocol_core::mini_program::{GetOrderDetail, GetPenaltyList};
use protocol_core::wechat_pay::{GetComplaint, ListComplaints};
use protocol_core::{OperationInfo as _, UnixTime};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn complaints_whose_pushes_are_lost_are_found_in_every_list() {
    let mut world = World::new().await;
    let sandbox = &world.sandbox;
    let cusid = sandbox.allinpay().cusid;
    let keys = [
        world.wechat_pay(&sandbox.file_complaint(NewComplaint::default())),
        world.virtual_payment(&sandbox.file_virtual_payment_complaint(NewComplaint::default()).unwrap()),
        ComplaintKey::new(
            "allinpay",
            &cusid,
            sandbox.file_allinpay_complaint(NewComplaint::default(), &cusid).unwrap(),
        ),
    ];
    world.start().await;
    for key in &keys {
        let record = world.read(key).await;
        assert_eq!(record.summary.state.as_deref(), Some("PENDING"), "{key:?}");
        assert_eq!(world.events(key).await, [EventKind::Filed], "{key:?}");
        assert!(!record.entries.is_empty(), "{key:?}");
    }
    // The next sweep sees nothing new.
    let details = world.asked(GetComplaint::NAME);
    world.crash().await;
    let lists = world.asked(ListComplaints::NAME);
    world.start().await;
    world.until(async |world| world.asked(ListComplaints::NAME) > lists).await;
    world.stop().await;
    assert_eq!(world.asked(GetComplaint::NAME), details);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_message_is_found_by_the_list_if_that_shows_a_change() {
    let mut world = World::new().await;
    let id = world.sandbox.file_complaint(NewComplaint::default());
    let key = world.wechat_pay(&id);
    world.start().await;
    world.read(&key).await;
    // From now on no message waits for a reply.
    world.ask(&key, Reply::new("您好"), "1").await;
    world.ended("1").await;
    world.read(&key).await;
    world.stop().await;
    world.sandbox.user_message(&id, "在吗").unwrap();
    world.start().await;
    world.until(async |world| world.events(&key).await.contains(&EventKind::PayerResponded)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_complaint_is_read_again_by_its_number_if_the_list_shows_no_change() {
    let mut world = World::new().await;
    let id = world.sandbox.file_complaint(NewComplaint::default());
    let key = world.wechat_pay(&id);
    world.start().await;
    world.read(&key).await;
    world.stop().await;
    // The payer waited for a reply before.
    world.sandbox.user_message(&id, "在吗").unwrap();
    world.pass(Pace::default().unread_seconds);
    world.start().await;
    world.until(async |world| world.events(&key).await.contains(&EventKind::PayerResponded)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_message_of_a_complaint_that_no_list_shows_any_more_is_made_up_for() {
    let mut world = World::new().await;
    world.start().await;
    world.listen().await;
    let filed = UnixTime(UnixTime::from(SystemTime::now()).0 - 31 * 86_400);
    let old = world.sandbox.file_complaint(NewComplaint::default().with_complaint_time(filed));
    let key = world.wechat_pay(&old);
    world.read(&key).await;
    world.stop().await;
    world.sandbox.user_message(&old, "在吗").unwrap();
    world.pass(Pace::default().unread_seconds);
    world.start().await;
    world.until(async |world| world.events(&key).await.contains(&EventKind::PayerResponded)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_penalty_brings_its_complaint_once_and_leaves_the_others() {
    let mut world = World::new().await;
    let [lost, open] = [(); 2].map(|()| world.sandbox.file_order_complaint(NewOrderComplaint::default()));
    world.sandbox.order_status(&lost, LOST).unwrap();
    let key = world.mini_program(&lost);
    world.start().await;
    let record = world.read(&key).await;
    assert_eq!((record.summary.state, record.summary.heard), (Some(LOST.to_string()), 1));
    assert_eq!(world.events(&key).await.first(), Some(&EventKind::Filed));
    world.stop().await;
    // A penalty says nothing of how the complaint stands now: the next sweep reads it no more.
    let (lists, details) = (world.asked(GetPenaltyList::NAME), world.asked(GetOrderDetail::NAME));
    assert_eq!(details, 1, "the other one is in no list");
    world.start().await;
    world.until(async |world| world.asked(GetPenaltyList::NAME) > lists).await;
    assert_eq!(world.record(&key).await.unwrap().summary.heard, 1);
    assert_eq!(world.record(&world.mini_program(&open)).await, None);
    world.stop().await;
    assert_eq!(world.asked(GetOrderDetail::NAME), details);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_penalty_from_before_what_is_kept_brings_nothing_back() {
    let mut world = World::new().await;
    let [old, new] = [(); 2].map(|()| world.sandbox.file_order_complaint(NewOrderComplaint::default()));
    let kept_since = UnixTime::from(SystemTime::now()).0 - i64::from(Pace::default().keep_days) * 86_400;
    let penalty = |id: &str, at: i64| format!(r#"{{"complaintOrderId":"{id}","illegalTime":1,"updateTime":{at}}}"#);
    let rows = [penalty(&old, kept_since - 3600), penalty(&new, kept_since + 3600)].join(",");
    let page = format!(r#"{{"errcode":0,"totalNum":2,"appealList":[{rows}]}}"#);
    world.sandbox.inject(Fault::once(FaultKind::Body(page)).on::<GetPenaltyList>());
    world.start().await;
    world.read(&world.mini_program(&new)).await;
    assert_eq!(world.record(&world.mini_program(&old)).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_number_cannot_be_read_is_kept_once_for_a_person() {
    let mut world = World::new().await;
    let row = r#"{"complaint_id":{"number":1}}"#;
    let page = format!(r#"{{"data":[{row}],"limit":50,"offset":0,"total_count":1}}"#);
    let penalties = r#"{"errcode":0,"totalNum":2,"appealList":[{"illegalOrderId":"1"},7]}"#;
    for _ in 0..2 {
        let lists = [ListComplaints::NAME, GetPenaltyList::NAME].map(|list| (list, world.asked(list)));
        world.sandbox.inject(Fault::once(FaultKind::Body(page.clone())).on::<ListComplaints>());
        world.sandbox.inject(Fault::once(FaultKind::Body(penalties.to_owned())).on::<GetPenaltyList>());
        world.start().await;
        world.until(async |world| lists.iter().all(|(list, before)| world.asked(list) > *before)).await;
        world.until(async |world| world.store().figures().await.unwrap().letters >= 3).await;
        // A sweep in hand is finished.
        world.stop().await;
    }
    let letters = world.open().await.letters(0, 10).await.unwrap();
    let mut contents: Vec<_> = letters.iter().map(|letter| letter.letter.content.expose().as_slice()).collect();
    contents.sort_unstable();
    assert_eq!(contents, [b"7".as_slice(), br#"{"complaint_id":{"number":1}}"#, br#"{"illegalOrderId":"1"}"#]);
}

/// The state of a complaint that was decided against the merchant.
const LOST: u32 = 208;
