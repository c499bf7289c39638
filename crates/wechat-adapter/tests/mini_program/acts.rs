//! Acts whose outcome is unknown: the complaint is read, and no act is sent twice.

use protocol_core::Delivery;
use protocol_core::call::OutsideError;
use protocol_core::mini_program::{
    AccessToken, Appeal, BussiHandle, RespondComplaint, ServerCode, SubmitRefund, SupplyProof,
};
use wechat_adapter::Effect;
use wechat_adapter::mini_program::{Client, Error};

use crate::platform::{BROKEN, NOW, OK, ORIGIN, Reaction, Scripted, UNREACHED, client, says, status, with};

const WRONG_STATUS: &str = r#"{"code":309,"msg":" rid: a-b","success":false}"#;
const STATE_FORBIDS: &str = r#"{"errcode":1002,"rid":"a-b"}"#;

pub fn respond() -> RespondComplaint {
    RespondComplaint::new("8622001", BussiHandle::Agree).with_content("已退款")
}

fn proof() -> SupplyProof {
    SupplyProof::new("8622001").with_media_id_list(vec!["MEDIA_ID".to_owned()])
}

fn refund() -> SubmitRefund {
    SubmitRefund::new("8622001").with_content("c")
}

pub fn appeal() -> Appeal {
    Appeal::new("8622001").with_content("c")
}

/// A detail with one item, written `seconds` from now.
fn item(item_type: i64, seconds: i64) -> Reaction {
    let time = NOW.0 + seconds;
    says(format!(r#"{{"errcode":0,"item":[{{"itemType":{item_type},"time":{time},"content":"已退款"}}]}}"#))
}

fn appeal_state(state: i64, items: &str) -> Reaction {
    says(format!(r#"{{"errcode":0,"complaintOrder":{{"appealState":{state}}},"item":[{items}]}}"#))
}

fn appeal_item(seconds: i64) -> String {
    format!(r#"{{"itemType":3,"appealItemType":403,"time":{}}}"#, NOW.0 + seconds)
}

#[tokio::test(start_paused = true)]
async fn an_act_that_is_confirmed_is_not_looked_for() {
    let (client, platform) = client([says(OK), says(OK), says(OK), says(r#"{"errcode":0}"#)]);
    assert_eq!(client.send(&respond()).await.unwrap(), Effect::Confirmed);
    assert_eq!(client.send(&proof()).await.unwrap(), Effect::Confirmed);
    assert_eq!(client.send(&refund()).await.unwrap(), Effect::Confirmed);
    assert_eq!(client.send(&appeal()).await.unwrap(), Effect::Confirmed);
    let names = ["bussiRespondComplaint", "bussiSupplyProof", "bussiSupplyRefund", "busiAppeal"];
    assert_eq!(platform.asked(), names.map(|name| format!("POST {name}?access_token=T1")));
}

#[tokio::test(start_paused = true)]
async fn an_act_whose_response_was_lost_is_found() {
    let busy = || says(r#"{"errcode":-1}"#);
    for lost in [BROKEN, status(502, "<html>"), says(""), busy(), status(500, r#"{"errcode":1}"#)] {
        let (client, platform) = client([lost, item(109, 0)]);
        assert_eq!(client.send(&respond()).await.unwrap(), Effect::Found);
        let expected = [
            "POST bussiRespondComplaint?access_token=T1",
            "GET complaintOrderDetail?complaintOrderId=8622001&access_token=T1",
        ];
        assert_eq!(platform.asked(), expected);
    }
    let (client, platform) = client([BROKEN, item(8, 0), BROKEN, item(110, 1), BROKEN, appeal_state(403, "")]);
    assert_eq!(client.send(&proof()).await.unwrap(), Effect::Found);
    assert_eq!(client.send(&refund()).await.unwrap(), Effect::Found);
    assert_eq!(client.send(&appeal()).await.unwrap(), Effect::Found);
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn what_does_not_show_stays_unknown_and_is_not_sent_again() {
    let undated = with(item(109, 0), "Date", "soon");
    // Another client's act, an earlier one, an item without a time, no detail at all, one without
    // the platform's clock.
    for shown in [
        item(3, 0),
        item(8, 0),
        item(109, -10),
        says(r#"{"errcode":0,"item":[{"itemType":109}]}"#),
        says(r#"{"errcode":1}"#),
        says(r#"{"errcode":0}"#),
        undated,
    ] {
        let (client, platform) = client([BROKEN, shown]);
        let error = client.send(&respond()).await.unwrap_err();
        assert!(matches!(error, Error::Send(_)), "{error:?}");
        assert_eq!(error.failure().delivery, Delivery::Unknown);
        assert!(platform.is_played_out());
    }
}

#[tokio::test(start_paused = true)]
async fn clocks_may_differ_by_two_seconds() {
    for (seconds, found) in [(-2, true), (-3, false)] {
        let (client, _) = client([BROKEN, item(109, seconds)]);
        assert_eq!(client.send(&respond()).await.is_ok(), found, "{seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_older_appeal_is_not_this_one() {
    for (state, items, found) in [
        (403, appeal_item(0), true),
        (403, appeal_item(-100), false),
        (403, [appeal_item(-100), appeal_item(0)].join(","), true),
        (403, r#"{"itemType":3,"appealItemType":403}"#.to_owned(), true),
        (401, String::new(), false),
        (118, String::new(), false),
    ] {
        let (client, _) = client([BROKEN, appeal_state(state, &items)]);
        assert_eq!(client.send(&appeal()).await.is_ok(), found, "{state} {items}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_by_state_is_a_refusal() {
    for refusal in [WRONG_STATUS, STATE_FORBIDS] {
        // No attempt of ours can have done it: the detail is not read.
        let (client, platform) = client([says(refusal)]);
        let error = client.send(&respond()).await.unwrap_err();
        assert!(matches!(&error, Error::Response(server) if server.is_state_error()), "{error:?}");
        assert!(platform.is_played_out());
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_by_state_after_an_unknown_attempt_is_looked_into() {
    // The first attempt arrived late; the caller retries.
    let bad_parameter = says(r#"{"errcode":10001}"#);
    let script = [BROKEN, item(3, 0), bad_parameter, says(WRONG_STATUS), item(109, 1), says(WRONG_STATUS)];
    let (client, platform) = client(script);
    client.send(&respond()).await.unwrap_err();
    // Any other refusal says nothing about it.
    client.send(&respond()).await.unwrap_err();
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    assert_eq!(client.send(&respond()).await.unwrap(), Effect::Found);
    // Once found, it is settled.
    client.send(&respond()).await.unwrap_err();
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn an_act_whose_call_was_dropped_is_looked_for_all_the_same() {
    let (client, platform) = client([says(OK), says(WRONG_STATUS), item(109, 0)]);
    let act = respond();
    let hasty = tokio::time::timeout(std::time::Duration::from_millis(10), client.send(&act));
    assert!(hasty.await.is_err());
    assert_eq!(platform.count(), 1);
    assert_eq!(client.send(&respond()).await.unwrap(), Effect::Found);
    assert!(platform.is_played_out());
}

/// A detail with a proof at each of these seconds from now.
fn proofs(seconds: &[i64]) -> Reaction {
    let items = seconds.iter().map(|second| format!(r#"{{"itemType":8,"time":{}}}"#, NOW.0 + second));
    says(format!(r#"{{"errcode":0,"item":[{}]}}"#, items.collect::<Vec<_>>().join(",")))
}

fn second_proof() -> SupplyProof {
    proof().with_media_id_list(vec!["ANOTHER".to_owned()])
}

#[tokio::test(start_paused = true)]
async fn a_proof_is_not_found_in_another_of_our_own() {
    // One that was confirmed a moment ago, though the clocks are two seconds apart.
    for (shown, found) in [(&[0][..], false), (&[2], false), (&[0, 0], true), (&[2, 1], true)] {
        let (client, platform) = client([says(OK), BROKEN, proofs(shown)]);
        assert_eq!(client.send(&proof()).await.unwrap(), Effect::Confirmed);
        assert_eq!(client.send(&second_proof()).await.is_ok(), found, "{shown:?}");
        assert!(platform.is_played_out());
    }
    // One whose outcome is still unknown: it may arrive late.
    for (shown, found) in [(&[1][..], false), (&[1, 2], true)] {
        let (client, platform) = client([BROKEN, proofs(&[]), BROKEN, proofs(shown)]);
        client.send(&proof()).await.unwrap_err();
        assert_eq!(client.send(&second_proof()).await.is_ok(), found, "{shown:?}");
        assert!(platform.is_played_out());
    }
    // One that was refused, an old one, one for another complaint: they do not count.
    let (client, platform) = client([says(r#"{"errcode":10001}"#), BROKEN, proofs(&[0]), BROKEN, proofs(&[0, 30])]);
    client.send(&proof()).await.unwrap_err();
    assert_eq!(client.send(&second_proof()).await.unwrap(), Effect::Found);
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    assert_eq!(client.send(&proof()).await.unwrap(), Effect::Found);
    platform.then(BROKEN);
    platform.then(proofs(&[30]));
    let mut elsewhere = second_proof();
    elsewhere.complaint_order_id = "8622002".to_owned();
    assert_eq!(client.send(&elsewhere).await.unwrap(), Effect::Found);
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn what_others_did_while_the_token_was_fetched_is_not_this() {
    let slow = || async {
        tokio::time::sleep(std::time::Duration::from_secs(30)).await;
        AccessToken::new("T1").map_err(OutsideError::before_sending)
    };
    for (seconds, found) in [(20, false), (30, true)] {
        let platform = Scripted::new([BROKEN, item(109, seconds)]);
        let client = Client::builder(slow).origin(ORIGIN).build_over(platform.clone());
        assert_eq!(client.send(&respond()).await.is_ok(), found, "{seconds}");
        assert!(platform.is_played_out());
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_very_same_act_was_attempted_before() {
    let (client, platform) = client([BROKEN, item(3, 0), says(WRONG_STATUS), says(STATE_FORBIDS)]);
    client.send(&respond()).await.unwrap_err();
    let mut refusing = respond();
    refusing.bussi_handle = BussiHandle::Refuse;
    let error = client.send(&refusing).await.unwrap_err();
    assert!(matches!(&error, Error::Response(server) if server.code() == Some(ServerCode::WrongStatus)), "{error:?}");
    client.send(&appeal()).await.unwrap_err();
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_or_not_sent_is_not_looked_for() {
    for refusal in [says(r#"{"errcode":1}"#), says(r#"{"errcode":10001}"#), status(404, "<html>"), status(413, "")] {
        let (client, platform) = client([refusal]);
        client.send(&proof()).await.unwrap_err();
        assert!(platform.is_played_out());
    }
    let (client, platform) = client([UNREACHED, UNREACHED, UNREACHED]);
    assert_eq!(client.send(&proof()).await.unwrap_err().failure().delivery, Delivery::NotSent);
    assert!(platform.is_played_out());
    let empty = proof().with_media_id_list(Vec::new());
    assert!(matches!(client.send(&empty).await, Err(Error::Build(_))));
}
