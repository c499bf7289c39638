//! Acts whose state is stored: another process goes on after a crash, and the act happens once.

use protocol_core::Delivery;
use protocol_core::channel::{Act, ComplaintChannel, ComplaintRef, Reply};
use protocol_core::complaint::NormalMessage;
use protocol_core::wechat_pay::{CreateNotificationUrl, Operation, Respond, RespondImmediateService};

use wechat_adapter::{Effect, Error};

use crate::platform::{BROKEN, Reaction, UNREACHED, client, signed, unsigned};
use crate::row::{Mood, Row, crashes};

const POST: &str = "POST one.example complaints-v2/1/response";

fn respond() -> Respond {
    Respond::new("1", "1900007291", "已退款")
}

const FILED: &str = r#"{"log_id":"1","operate_type":"USER_CREATE_COMPLAINT"}"#;
const REPLIED: &str = r#"{"log_id":"2","operate_type":"MERCHANT_RESPONSE","operate_details":"已退款"}"#;
const OTHER: &str = r#"{"log_id":"2","operate_type":"MERCHANT_RESPONSE","operate_details":"再见"}"#;

/// A history of these entries, and the empty page at its end.
fn history(entries: &[&str]) -> [Reaction; 2] {
    let page = signed(200, format!(r#"{{"data":[{}]}}"#, entries.join(",")));
    [page, signed(200, r#"{"data":[]}"#)]
}

fn posts(asked: &[String]) -> usize {
    asked.iter().filter(|line| *line == POST).count()
}

/// The row of a reply whose process died before it was sent.
async fn kept() -> Row {
    let row = Row::default();
    let (client, platform) = client(history(&[FILED]));
    crashes(client.send_stored(&respond(), &mut row.that(Mood::DiesOnceKept))).await;
    assert_eq!(posts(&platform.asked()), 0);
    assert!(platform.is_played_out() && !row.is_empty());
    row
}

/// The row of a reply whose process died after it was sent.
async fn sent() -> Row {
    let mut row = Row::default();
    let (client, platform) = client(history(&[FILED]).into_iter().chain([BROKEN]));
    crashes(client.send_stored(&respond(), &mut row)).await;
    assert_eq!(posts(&platform.asked()), 1);
    row
}

#[tokio::test(start_paused = true)]
async fn a_stored_reply_is_sent_after_a_look() {
    let mut row = Row::default();
    let (client, platform) = client(history(&[FILED]).into_iter().chain([signed(204, "")]));
    assert_eq!(client.send_stored(&respond(), &mut row).await.unwrap(), Effect::Confirmed);
    assert_eq!(posts(&platform.asked()), 1);
    assert_eq!(platform.asked().last().unwrap(), POST, "the history is read first");
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_was_kept_and_not_sent_is_sent_by_the_next_process() {
    let mut row = kept().await;
    let looks = (0..3).flat_map(|_| history(&[FILED]));
    let (client, platform) = client(looks.chain([signed(204, "")]));
    assert_eq!(client.send_stored(&respond(), &mut row).await.unwrap(), Effect::Confirmed);
    assert_eq!(posts(&platform.asked()), 1);
    assert_eq!(platform.asked().last().unwrap(), POST, "it looks before it sends");
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_was_sent_is_found_by_the_next_process() {
    for mut row in [sent().await, kept().await] {
        let (client, platform) = client(history(&[FILED, REPLIED]));
        assert_eq!(client.send_stored(&respond(), &mut row).await.unwrap(), Effect::Found);
        assert_eq!(posts(&platform.asked()), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_may_be_another_one_is_left_to_a_person() {
    for mut row in [sent().await, kept().await] {
        let (client, platform) = client((0..5).flat_map(|_| history(&[FILED, OTHER])));
        let error = client.send_stored(&respond(), &mut row).await.unwrap_err();
        assert!(matches!(error, Error::Unresolved), "{error}");
        assert!(error.failure().may_have_happened);
        assert_eq!(posts(&platform.asked()), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_sends_nothing() {
    let (client, platform) = client(history(&[FILED]));
    let error = client.send_stored(&respond(), &mut Row::default().that(Mood::CannotLoad)).await.unwrap_err();
    // An earlier process may have sent it.
    assert_eq!((error.failure().delivery, error.failure().may_have_happened), (Delivery::Unknown, true));
    assert_eq!(platform.asked(), [""; 0]);
    let error = client.send_stored(&respond(), &mut Row::default().that(Mood::CannotKeep)).await.unwrap_err();
    assert!(matches!(error, Error::Store(_)), "{error}");
    assert_eq!(error.to_string(), "the act's state could not be stored: the disk is full");
    assert_eq!((error.failure().delivery, error.failure().may_have_happened), (Delivery::NotSent, false));
    assert_eq!(posts(&platform.asked()), 0);
}

#[tokio::test(start_paused = true)]
async fn an_operation_with_an_id_of_its_own_needs_no_store() {
    let mut row = Row::default();
    let (client, _) = client([signed(200, r#"{"log_id":"2"}"#)]);
    let reply = RespondImmediateService::new("1", "1900007291", NormalMessage::new(Vec::new()), "0f8b1a52");
    assert!(reply.evidence().is_none());
    client.send_stored(&reply, &mut row).await.unwrap();
    assert!(row.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_act_is_stored_through_the_interface_of_every_channel() {
    let mut complaint = ComplaintRef::new("1");
    complaint.complainted_mchid = Some("1900007291".to_owned());
    let act = Act::from(Reply::new("已退款"));
    let row = Row::default();
    let (first, _) = client(history(&[FILED]));
    let channel: &dyn ComplaintChannel = &first;
    crashes(channel.perform_stored(&complaint, &act, &mut row.that(Mood::DiesOnceKept))).await;
    let (second, platform) = client(history(&[FILED, REPLIED]));
    let channel: &dyn ComplaintChannel = &second;
    assert_eq!(channel.perform_stored(&complaint, &act, &mut row.clone()).await.unwrap(), Effect::Found);
    assert_eq!(posts(&platform.asked()), 0);
}

#[tokio::test(start_paused = true)]
async fn a_complaint_that_cannot_be_read_hides_no_earlier_process() {
    // It is read for the merchant that it accuses.
    let (complaint, act) = (ComplaintRef::new("1"), Act::from(Reply::new("已退款")));
    for (mut row, may_have_happened) in [(kept().await, true), (sent().await, true), (Row::default(), false)] {
        let (client, platform) = client([BROKEN, BROKEN, BROKEN]);
        let channel: &dyn ComplaintChannel = &client;
        let error = channel.perform_stored(&complaint, &act, &mut row).await.unwrap_err();
        assert_eq!(error.failure().may_have_happened, may_have_happened, "{error}");
        assert!(platform.is_played_out() && posts(&platform.asked()) == 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_certainly_did_not_happen_can_be_sent_by_the_next_call() {
    let refused = || signed(400, r#"{"code":"INVALID_REQUEST","message":"m"}"#);
    for failure in [vec![UNREACHED, UNREACHED, UNREACHED], vec![refused()], vec![unsigned(401, "{}")]] {
        let mut row = Row::default();
        let (first, platform) = client(history(&[FILED]).into_iter().chain(failure));
        let error = first.send_stored(&respond(), &mut row).await.unwrap_err();
        assert!(!error.failure().may_have_happened && row.is_empty(), "{error}");
        assert!(platform.is_played_out());
        let (next, _) = client(history(&[FILED]).into_iter().chain([signed(204, "")]));
        assert_eq!(next.send_stored(&respond(), &mut row).await.unwrap(), Effect::Confirmed);
    }
    // A reply that cannot be built.
    let mut row = Row::default();
    let (first, _) = client(history(&[FILED]));
    let endless = Respond::new("1", "1900007291", "字".repeat(10_000));
    assert!(matches!(first.send_stored(&endless, &mut row).await, Err(Error::Build(_))));
    assert!(row.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_unsafe_operation_without_evidence_is_stuck_only_if_it_may_have_happened() {
    let create = CreateNotificationUrl::new("https://merchant.example/notify");
    for (failure, is_left) in [(vec![UNREACHED, UNREACHED, UNREACHED], false), (vec![BROKEN], true)] {
        let mut row = Row::default();
        let (first, platform) = client(failure);
        first.send_stored(&create, &mut row).await.unwrap_err();
        assert_eq!(!row.is_empty(), is_left);
        assert!(platform.is_played_out());
        let (next, platform) = client([UNREACHED, UNREACHED, UNREACHED]);
        let error = next.send_stored(&create, &mut row).await.unwrap_err();
        assert_eq!(matches!(error, Error::Unresolved), is_left, "{error}");
        assert_eq!(platform.is_played_out(), !is_left);
    }
}
