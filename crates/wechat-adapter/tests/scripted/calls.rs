//! One call: signed anew for each attempt, retried and moved to another host only if that is safe.

use std::time::Duration;

use http_transport::MaxBody;
use protocol_core::limits::{MAX_IMAGE_BODY, MAX_RESPONSE_BODY};
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::{
    Authorization, Complete, DownloadImage, GetComplaint, RefusalProof, ResponseError, UpdateNotificationUrl,
    VerificationError,
};
use protocol_core::{BuildError, Delivery, Fault};
use tokio::time::Instant;
use wechat_adapter::Error;

use crate::acts::respond;
use crate::platform::{BROKEN, Reaction, Scripted, UNREACHED, builder, client, signed, signed_by, unsigned, with};

const COMPLAINT: &str = r#"{"complaint_id":"1","complaint_state":"PENDING"}"#;
const BUSY: &str = r#"{"code":"FREQUENCY_LIMITED","message":"m"}"#;
const GATEWAY: &str = "<html><h1>502</h1></html>";

fn get() -> GetComplaint {
    GetComplaint::new("1")
}

fn complete() -> Complete {
    Complete::new("1", "1900007291")
}

fn probe(status: u16) -> Reaction {
    with(signed(status, COMPLAINT), "Wechatpay-Signature", "WECHATPAY/SIGNTEST/abc")
}

fn forged(status: u16) -> Reaction {
    with(signed(status, COMPLAINT), "Wechatpay-Nonce", "another")
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_a_new_request() {
    let (client, platform) = client([signed(500, "{}"), signed(200, COMPLAINT)]);
    client.send(&get()).await.unwrap();
    let requests = platform.requests();
    let [first, second] = requests.as_slice() else { panic!("{requests:?}") };
    let authorization = |request: &http::Request<_>| {
        let header = request.headers()["Authorization"].clone();
        assert!(header.is_sensitive());
        Authorization::parse(header.to_str().unwrap()).unwrap().nonce_str.into_owned()
    };
    assert_ne!(authorization(first), authorization(second));
    assert!(first.headers()["User-Agent"].to_str().unwrap().starts_with("wechat-adapter/"));
    assert_eq!(first.headers()["Accept"], "application/json");
    assert_eq!(first.extensions().get::<MaxBody>().map(|bound| bound.0), Some(MAX_RESPONSE_BODY));
}

#[tokio::test(start_paused = true)]
async fn a_picture_may_be_larger_and_needs_no_signature() {
    let image = with(unsigned(200, "GIF89a"), "Content-Type", "image/gif");
    let (client, platform) = client([image]);
    let url = "https://api.mch.weixin.qq.com/v3/merchant-service/images/a%2Bb%3D%3D=";
    let downloaded = client.send(&DownloadImage::from_media_url(url).unwrap()).await.unwrap();
    assert_eq!(downloaded.peek().bytes.expose().as_slice(), b"GIF89a");
    assert_eq!(platform.asked(), ["GET one.example images/a%2Bb%3D%3D="]);
    assert_eq!(platform.requests()[0].extensions().get::<MaxBody>().map(|bound| bound.0), Some(MAX_IMAGE_BODY));
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_while_that_may_help() {
    for failure in [BROKEN, signed(500, "{}"), signed(429, BUSY), unsigned(429, BUSY), probe(200), signed(202, "{}")] {
        let (client, platform) = client([failure, signed(200, COMPLAINT)]);
        assert_eq!(client.send(&get()).await.unwrap().complaint_id, "1");
        assert!(platform.is_played_out());
    }
    for failure in [signed(400, "{}"), unsigned(401, "{}"), signed(403, "{}"), forged(200), signed(200, "<html>")] {
        let (client, platform) = client([failure]);
        client.send(&get()).await.unwrap_err();
        assert!(platform.is_played_out());
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_end_with_the_last_error() {
    let (client, platform) = client([unsigned(502, GATEWAY), unsigned(503, GATEWAY), unsigned(504, "")]);
    let error = client.send(&get()).await.unwrap_err();
    assert!(matches!(error, Error::Response(ResponseError::Rejected { status: 504, .. })), "{error:?}");
    assert_eq!(
        (error.failure().fault, error.failure().delivery, error.failure().is_retryable),
        (Fault::Platform, Delivery::Unknown, true)
    );
    // A gateway without a server behind it is avoided.
    let targets = ["one", "two", "one"].map(|host| format!("GET {host}.example complaints-v2/1"));
    assert_eq!(platform.asked(), targets);
}

#[tokio::test(start_paused = true)]
async fn the_platforms_wish_to_wait_is_kept() {
    let (patient, _) = client([with(signed(429, BUSY), "Retry-After", "7"), signed(200, COMPLAINT)]);
    let began = Instant::now();
    patient.send(&get()).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(7), "{:?}", began.elapsed());
    let (client, _) = client([with(signed(429, BUSY), "Retry-After", "3600")]);
    client.send(&get()).await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn what_certainly_was_not_sent_goes_to_the_backup_host_at_once() {
    let (client, platform) = client([UNREACHED, signed(204, ""), signed(204, "")]);
    let began = Instant::now();
    client.send_without_looking(&respond()).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
    // For a minute, calls begin there.
    client.send_without_looking(&complete()).await.unwrap();
    let expected = [
        "POST one.example complaints-v2/1/response",
        "POST two.example complaints-v2/1/response",
        "POST two.example complaints-v2/1/complete",
    ];
    assert_eq!(platform.asked(), expected);
}

#[tokio::test(start_paused = true)]
async fn nothing_responses_anywhere() {
    let (client, platform) = client([UNREACHED, UNREACHED, UNREACHED]);
    let error = client.send_without_looking(&respond()).await.unwrap_err();
    assert_eq!((error.failure().fault, error.failure().delivery), (Fault::Network, Delivery::NotSent));
    assert_eq!(platform.asked().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_message_to_the_payer_is_never_sent_blindly_again() {
    for failure in [
        BROKEN,
        signed(500, "{}"),
        unsigned(502, GATEWAY),
        unsigned(429, BUSY),
        probe(204),
        forged(204),
        signed(202, ""),
    ] {
        let (client, platform) = client([failure]);
        let error = client.send_without_looking(&respond()).await.unwrap_err();
        assert_eq!(error.failure().delivery, Delivery::Unknown, "{error}");
        assert!(platform.is_played_out());
    }
    // A proven refusal had no effect.
    let (client, platform) = client([signed(429, BUSY), signed(204, "")]);
    client.send_without_looking(&respond()).await.unwrap();
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn a_write_that_may_be_repeated_is() {
    let update = || UpdateNotificationUrl::new("https://merchant.example/notify");
    let updated = || signed(200, r#"{"url":"https://merchant.example/notify"}"#);
    for failure in [BROKEN, signed(500, "{}"), unsigned(502, GATEWAY), probe(200)] {
        let (client, platform) = client([failure, updated()]);
        client.send(&update()).await.unwrap();
        assert!(platform.is_played_out());
    }
    // But a forged refusal is neither believed nor retried.
    let (forging, _) = client([forged(200)]);
    let error = forging.send(&update()).await.unwrap_err();
    assert!(
        matches!(error, Error::Response(ResponseError::Verification(VerificationError::BadSignature))),
        "{error:?}"
    );
    // And an attempt that may have arrived is not forgotten because the last one did not.
    let (cut_off, _) = client([BROKEN, UNREACHED, UNREACHED]);
    let error = cut_off.send(&update()).await.unwrap_err();
    assert!(matches!(error, Error::AfterUnknown(_)), "{error:?}");
    assert_eq!((error.failure().delivery, error.failure().fault), (Delivery::Unknown, Fault::Network));
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_away_is_passed_over_even_without_a_second_attempt() {
    let scripted = Scripted::new([UNREACHED, signed(200, COMPLAINT)]);
    let client = builder().retry(RetryPolicy::NEVER).build_over(scripted.clone());
    client.send(&get()).await.unwrap_err();
    client.send(&get()).await.unwrap();
    assert_eq!(scripted.asked(), ["GET one.example complaints-v2/1", "GET two.example complaints-v2/1"]);
}

#[tokio::test(start_paused = true)]
async fn an_origin_may_end_in_a_slash() {
    let scripted = Scripted::new([signed(200, COMPLAINT)]);
    let client = builder().origins(["https://one.example/"]).build_over(scripted.clone());
    client.send(&get()).await.unwrap();
    assert_eq!(scripted.asked(), ["GET one.example complaints-v2/1"]);
}

#[tokio::test(start_paused = true)]
async fn a_forged_refusal_is_a_refusal_that_proves_nothing() {
    let (client, _) = client([signed_by("PUB_KEY_ID_9", 400, r#"{"code":"PARAM_ERROR"}"#)]);
    let error = client.send_without_looking(&complete()).await.unwrap_err();
    let Error::Response(ResponseError::Rejected { proof, .. }) = &error else { panic!("{error:?}") };
    assert!(matches!(proof, RefusalProof::Failed(VerificationError::UnknownKey { .. })), "{proof:?}");
    assert_eq!(error.failure().delivery, Delivery::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_value_out_of_bounds_is_not_sent() {
    let (client, platform) = client([]);
    let error = client.send(&GetComplaint::new(String::new())).await.unwrap_err();
    assert!(matches!(error, Error::Build(BuildError::Field { .. })), "{error:?}");
    assert_eq!((error.failure().delivery, platform.asked().len()), (Delivery::NotSent, 0));
}
