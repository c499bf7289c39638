//! One call: retried only if that is safe, and once more if only the token was refused.

use std::time::Duration;

use http_transport::MaxBody;
use protocol_core::call::OutsideError;
use protocol_core::complaint::CallbackStatus;
use protocol_core::limits::MAX_RESPONSE_BODY;
use protocol_core::mini_program::{GetOrderDetail, ResponseError, ServerCode, UploadTempMedia};
use protocol_core::rate::{Rate, RateGroup, Rates};
use protocol_core::retry::RetryPolicy;
use protocol_core::{BuildError, Delivery, Fault};
use tokio::time::Instant;
use wechat_adapter::mini_program::{Client, Error, ORIGIN as PLATFORM};

use crate::acts::{appeal, respond};
use crate::platform::{BROKEN, OK, ORIGIN, Scripted, UNREACHED, client, client_and_tokens, says, status, with};

const DETAIL: &str = r#"{"errcode":0,"complaintOrder":{"complaintOrderId":8622001,"status":201},"item":[]}"#;
const BUSY: &str = r#"{"errcode":-1,"errmsg":"system error"}"#;
const OLD_TOKEN: &str = r#"{"errcode":40001,"errmsg":"invalid credential rid: a-b-c"}"#;

pub fn detail() -> GetOrderDetail {
    GetOrderDetail::new("8622001")
}

#[tokio::test(start_paused = true)]
async fn the_request_is_the_cores_with_the_token_at_its_end() {
    let (client, platform) = client([says(DETAIL)]);
    let detail = client.send(&detail()).await.unwrap().trust_anyway();
    assert_eq!(detail.complaint_order.unwrap().status, Some(CallbackStatus::WaitingForMerchant));
    assert_eq!(platform.asked(), ["GET complaintOrderDetail?complaintOrderId=8622001&access_token=T1"]);
    let request = &platform.requests()[0];
    assert_eq!(request.uri().host(), Some("mini.example"));
    assert!(request.headers()["User-Agent"].to_str().unwrap().starts_with("wechat-adapter/"));
    assert_eq!(request.headers()["Accept"], "application/json");
    assert_eq!(request.extensions().get::<MaxBody>().map(|bound| bound.0), Some(MAX_RESPONSE_BODY));
    assert_eq!(PLATFORM, "https://api.weixin.qq.com");
}

#[tokio::test(start_paused = true)]
async fn a_picture_is_uploaded_with_a_new_boundary_each_time() {
    let uploaded = r#"{"type":"image","media_id":"MEDIA_ID","created_at":1744244408}"#;
    let (client, platform) = client([BROKEN, says(uploaded)]);
    let picture = UploadTempMedia::new("a.png", b"\x89PNG").unwrap();
    assert_eq!(client.send(&picture).await.unwrap().peek().media_id, "MEDIA_ID");
    assert_eq!(platform.asked(), ["POST media/upload?type=image&access_token=T1"; 2]);
    let requests = platform.requests();
    assert_ne!(requests[0].headers()["Content-Type"], requests[1].headers()["Content-Type"]);
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_while_that_may_help() {
    for failure in [BROKEN, UNREACHED, says(BUSY), says(""), says("<html>"), status(502, "<html>"), status(429, "")] {
        let (client, platform) = client([failure, says(DETAIL)]);
        client.send(&detail()).await.unwrap();
        assert!(platform.is_played_out());
    }
    for failure in [says(r#"{"errcode":1}"#), status(404, ""), status(302, "")] {
        let (client, platform) = client([failure]);
        client.send(&detail()).await.unwrap_err();
        assert!(platform.is_played_out());
    }
    let (client, _) = client([says(BUSY), BROKEN, status(503, "")]);
    let error = client.send(&detail()).await.unwrap_err();
    assert!(matches!(error, Error::Response(ResponseError::NoResponse { status: 503 })), "{error:?}");
    assert_eq!((error.failure().fault, error.failure().is_retryable), (Fault::Platform, true));
}

#[tokio::test(start_paused = true)]
async fn an_act_is_never_sent_blindly_again() {
    for failure in [BROKEN, says(BUSY), says(""), status(502, "<html>"), says(r#"{"success":false}"#)] {
        let (client, platform) = client([failure]);
        let error = client.send_without_looking(&respond()).await.unwrap_err();
        assert_eq!(error.failure().delivery, Delivery::Unknown, "{error}");
        assert!(platform.is_played_out());
    }
    // A request that certainly was not sent is retried.
    let (client, platform) = client([UNREACHED, says(OK)]);
    client.send_without_looking(&respond()).await.unwrap();
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_by_state_is_never_repeated() {
    let refusals = [
        (r#"{"code":309,"msg":" rid: 6312c9f9-5a2e6f0b","success":false}"#, ServerCode::WrongStatus),
        (r#"{"errcode":1002,"rid":"6312c9f9-5a2e6f0b"}"#, ServerCode::StateForbids),
    ];
    for (body, code) in refusals {
        let (client, platform) = client([says(body), says(body)]);
        for error in [
            client.send_without_looking(&appeal()).await.unwrap_err(),
            client.send_without_looking(&respond()).await.unwrap_err(),
        ] {
            let Error::Response(server) = &error else { panic!("{error:?}") };
            assert_eq!((server.code(), server.rid()), (Some(code), Some("6312c9f9-5a2e6f0b")));
            assert_eq!((error.failure().delivery, error.failure().is_retryable), (Delivery::Processed, false));
        }
        assert_eq!(platform.count(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_reported_and_the_call_repeated_once() {
    for code in [40001, 40014, 42001] {
        let refusal = || says(format!(r#"{{"errcode":{code}}}"#));
        // An act too: the refusal had no effect.
        let (client, platform, tokens) = client_and_tokens([refusal(), says(OK)]);
        let began = Instant::now();
        client.send_without_looking(&respond()).await.unwrap();
        assert!(began.elapsed() < Duration::from_millis(100), "nothing is waited for");
        let name = "POST bussiRespondComplaint?access_token=";
        assert_eq!(platform.asked(), [format!("{name}T1"), format!("{name}T2")]);
        assert_eq!(*tokens.refused.lock().unwrap(), ["T1"]);

        let (client, platform, tokens) = client_and_tokens([refusal(), refusal()]);
        let error = client.send(&detail()).await.unwrap_err();
        assert!(matches!(&error, Error::Response(server) if server.is_token_error()), "{error:?}");
        assert!(platform.is_played_out());
        assert_eq!(*tokens.refused.lock().unwrap(), ["T1", "T2"]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_act_is_not_repeated_where_a_refused_token_may_not_be_all() {
    let (client, platform, tokens) = client_and_tokens([status(502, OLD_TOKEN)]);
    let error = client.send_without_looking(&respond()).await.unwrap_err();
    assert_eq!((error.failure().delivery, platform.count()), (Delivery::Unknown, 1));
    assert_eq!(*tokens.refused.lock().unwrap(), ["T1"], "but its source is told");
    // Reading twice does no harm.
    let (client, platform, _) = client_and_tokens([status(502, OLD_TOKEN), says(DETAIL)]);
    client.send(&detail()).await.unwrap();
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn only_a_refused_token_is_reported() {
    let (client, _, tokens) = client_and_tokens([says(r#"{"errcode":40013}"#)]);
    client.send(&detail()).await.unwrap_err();
    assert!(tokens.refused.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_source_of_ones_own_may_be_a_closure_and_may_fail() {
    let platform = Scripted::new([says(OLD_TOKEN), says(DETAIL)]);
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = std::sync::Arc::clone(&asked);
    let tokens = move || {
        let number = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move {
            protocol_core::mini_program::AccessToken::new(format!("R{number}")).map_err(OutsideError::before_sending)
        }
    };
    let client = Client::builder(tokens).origin(ORIGIN).build_over(platform.clone());
    client.send(&detail()).await.unwrap();
    assert!(platform.asked()[0].ends_with("access_token=R0") && platform.asked()[1].ends_with("access_token=R1"));

    let platform = Scripted::new([]);
    let client =
        Client::builder(|| async { Err(OutsideError::before_sending("Redis is away")) }).build_over(platform.clone());
    let error = client.send_without_looking(&respond()).await.unwrap_err();
    assert_eq!(error.to_string(), "no access token: Redis is away");
    assert_eq!(
        (error.failure().delivery, error.failure().fault, error.failure().is_retryable),
        (Delivery::NotSent, Fault::Local, true)
    );
    assert_eq!(platform.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_platforms_wish_to_wait_is_kept() {
    let quota = || says(r#"{"errcode":45011}"#);
    // A minute is longer than a call waits.
    let (client, platform) = client([quota()]);
    client.send(&detail()).await.unwrap_err();
    assert!(platform.is_played_out());
    let platform = Scripted::new([quota(), says(DETAIL), with(status(503, ""), "Retry-After", "7"), says(DETAIL)]);
    let retry = RetryPolicy::default().with_max_retry_after(Duration::from_secs(60));
    let patient = Client::builder(crate::platform::Elsewhere::default()).retry(retry).build_over(platform);
    for wished in [60, 7] {
        let began = Instant::now();
        patient.send(&detail()).await.unwrap();
        assert!(began.elapsed() >= Duration::from_secs(wished), "{:?}", began.elapsed());
    }
}

/// No rate is documented; one that is set is shared by the clones, and counts the attempt with a new
/// token.
#[tokio::test(start_paused = true)]
async fn a_rate_that_is_set_is_kept() {
    let second = Duration::from_secs(1);
    let rates = Rates::NONE.with(RateGroup::Other, Some(Rate::per_second(1))).with_max_wait(second);
    let platform = Scripted::new([says(DETAIL), says(OLD_TOKEN), says(DETAIL)]);
    let client = Client::builder(crate::platform::Elsewhere::default()).rates(rates).build_over(platform.clone());
    client.send(&detail()).await.unwrap();
    // Both attempts would wait for nearly two seconds.
    let error = client.clone().send(&detail()).await.unwrap_err();
    assert!(matches!(error, Error::OverRate { .. }), "{error:?}");
    assert_eq!((error.failure().fault, platform.count()), (Fault::Local, 2));
    tokio::time::sleep(second).await;
    client.send(&detail()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_value_out_of_bounds_is_not_sent() {
    let (client, platform) = client([]);
    let error = client.send(&GetOrderDetail::new(String::new())).await.unwrap_err();
    assert!(matches!(error, Error::Build(BuildError::Field { .. })), "{error:?}");
    assert_eq!((error.failure().delivery, platform.count()), (Delivery::NotSent, 0));
}
