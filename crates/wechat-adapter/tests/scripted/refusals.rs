//! Refusals inside a signed success, and reads before an act that fail.

use protocol_core::channel::{ComplaintChannel as _, ComplaintRef, Reply};
use protocol_core::wechat_pay::{Complete, RefusalProof, Respond, ResponseError, UpdateRefundProgress};
use protocol_core::{Delivery, Fault};
use wechat_adapter::{Effect, Error};

use crate::platform::{BROKEN, NOW, Reaction, UNREACHED, client as scripted, signed, unsigned};

const REFUSED: &str = r#"{"code":"PARAM_ERROR","message":"参数错误"}"#;

fn respond() -> Respond {
    Respond::new("1", "1900007291", "x")
}

fn said() -> Reaction {
    let time = protocol_core::complaint::Timestamp::from(NOW);
    let entry = r#"{"log_id":"1","operate_type":"MERCHANT_RESPONSE","operate_details":"x","operate_time":"#;
    signed(200, format!(r#"{{"data":[{entry}"{time}"}}]}}"#))
}

#[tokio::test(start_paused = true)]
async fn an_act_that_is_refused_within_a_success_is_not_done() {
    let (client, platform) = scripted([signed(200, REFUSED), signed(200, REFUSED), signed(200, REFUSED)]);
    for error in [
        client.send(&respond()).await.unwrap_err(),
        client.send(&UpdateRefundProgress::approve("1", 0)).await.unwrap_err(),
        client.delete_notification_url().await.unwrap_err(),
    ] {
        let said = (error.failure().delivery, error.failure().is_retryable, error.failure().fault);
        assert_eq!(said, (Delivery::Processed, false, Fault::Caller), "{error}");
        let Error::Response(ResponseError::Rejected { status: 200, error: Some(refusal), proof, .. }) = error else {
            panic!("a refusal")
        };
        assert_eq!((refusal.code.as_str(), proof), ("PARAM_ERROR", RefusalProof::Verified));
    }
    assert!(platform.is_played_out(), "nothing was looked for: a signed refusal is known");
}

#[tokio::test(start_paused = true)]
async fn a_completion_that_is_refused_within_a_success_is_looked_at() {
    let done = signed(200, r#"{"complaint_id":"1","complaint_state":"PROCESSED"}"#);
    let (client, _) = scripted([signed(200, r#"{"code":"INVALID_REQUEST","message":"m"}"#), done]);
    assert_eq!(client.send(&Complete::new("1", "1900007291")).await.unwrap(), Effect::Found);
}

#[tokio::test(start_paused = true)]
async fn what_may_be_done_all_the_same_is_looked_for() {
    for response in
        [r#"{"code":"SYSTEM_ERROR","message":"m"}"#, r#"{"code":{"a":1}}"#, r#"{"code":777,"message":"m"}"#, "{"]
    {
        let (client, platform) = scripted([signed(200, response), said()]);
        assert_eq!(client.send(&respond()).await.unwrap(), Effect::Found, "{response}");
        assert!(platform.is_played_out(), "{response}");
    }
    // A request with a response of success is not sent a second time.
    let nothing = || signed(200, r#"{"data":[],"total_count":0}"#);
    let (client, platform) = scripted([signed(200, "{"), nothing(), nothing(), nothing()]);
    let error = client.send(&respond()).await.unwrap_err();
    assert_eq!((error.failure().delivery, platform.asked().len()), (Delivery::Unknown, 4));
}

#[tokio::test(start_paused = true)]
async fn a_read_before_an_act_that_fails_sends_nothing() {
    let complaint = ComplaintRef::new("1");
    for (reactions, fault, again) in [
        (vec![signed(200, r#"{"complaint_state":"PENDING"}"#)], Fault::Platform, false),
        (vec![signed(200, REFUSED)], Fault::Caller, false),
        (vec![signed(403, r#"{"code":"NO_AUTH","message":"m"}"#)], Fault::Caller, false),
        (vec![unsigned(200, "{}")], Fault::Peer, false),
        (vec![BROKEN, BROKEN, BROKEN], Fault::Network, true),
        (vec![UNREACHED, UNREACHED, UNREACHED], Fault::Network, true),
    ] {
        let (client, platform) = scripted(reactions.clone());
        let replied = client.reply(&complaint, &Reply::new("x")).await.unwrap_err();
        assert!(platform.is_played_out());
        let (client, _) = scripted(reactions);
        let completed = client.complete(&complaint).await.unwrap_err();
        for error in [replied, completed] {
            assert_eq!(error.failure().delivery, Delivery::NotSent, "{error}");
            assert_eq!((error.failure().fault, error.failure().is_retryable), (fault, again), "{error}");
            let text = error.to_string();
            assert!(text.starts_with("the complaint could not be read, and nothing was sent: "), "{text}");
            assert!(!text.contains("succeeded"), "{text}");
        }
    }
    // The URL is read before it is changed.
    let (client, platform) = scripted([signed(200, r#"{"new":1}"#)]);
    let error = client.ensure_notification_url("https://merchant.example/notify").await.unwrap_err();
    assert_eq!((error.failure().delivery, platform.asked().len()), (Delivery::NotSent, 1), "{error}");
    // After the change was sent, its own error counts.
    let refused = || signed(400, REFUSED);
    let missing = || signed(404, r#"{"code":"RESOURCE_NOT_EXISTS","message":"m"}"#);
    let (client, _) = scripted([missing(), refused(), missing(), refused()]);
    let error = client.ensure_notification_url("https://merchant.example/notify").await.unwrap_err();
    assert_eq!(error.failure().delivery, Delivery::Processed, "{error}");
}
