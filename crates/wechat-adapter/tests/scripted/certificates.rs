//! The platform's certificates: fetched once for all clones of a client, separately for each
//! merchant, and only for a response to our own request.

use std::sync::Arc;
use std::time::Duration;

use protocol_core::crypto::{AeadAlgorithm, Certificate, KeyStore as _, Keyring};
use protocol_core::wechat_pay::{Complete, ResponseError, VerificationError};
use wechat_adapter::{Client, Error, Refreshed};

use crate::platform::{
    NOW, Reaction, Scripted, api_v3_key, builder, merchant, merchant_signer, signed, signed_by, unsigned,
};

const CERTIFICATE: &str =
    include_str!("../../../protocol-core/tests/vectors/wechatpay/java/wechat_pay_certificate.pem");

fn serial() -> String {
    Certificate::read(CERTIFICATE.as_bytes()).unwrap().serial_no().to_owned()
}

/// The list with the certificate of the platform's key, signed by that key.
fn list() -> Reaction {
    let sealed = api_v3_key().seal(AeadAlgorithm::Aes256Gcm, b"0123456789ab", b"certificate", CERTIFICATE.as_bytes());
    let ciphertext = protocol_core::crypto::Signature::new(sealed.unwrap()).to_base64();
    let body = format!(
        r#"{{"data":[{{"serial_no":"{}","encrypt_certificate":{{"algorithm":"AEAD_AES_256_GCM","nonce":"0123456789ab","associated_data":"certificate","ciphertext":"{ciphertext}"}}}}]}}"#,
        serial()
    );
    signed_by(&serial(), 200, body)
}

fn complete() -> Complete {
    Complete::new("1", "1900007291")
}

/// A client that knows only the keys that it fetches.
fn client(script: impl IntoIterator<Item = Reaction>) -> (Client<Scripted>, Scripted) {
    let scripted = Scripted::new(script);
    let client = builder().keys(Arc::new(Keyring::new())).certificates(api_v3_key()).build_over(scripted.clone());
    (client, scripted)
}

#[tokio::test(start_paused = true)]
async fn certificates_are_loaded_at_start_up() {
    let (client, platform) = client([list()]);
    let loaded = client.refresh_certificates().await.unwrap();
    assert_eq!(loaded, Refreshed::Loaded { certificates: 1, failed: 0 });
    assert_eq!(platform.asked(), ["GET one.example /v3/certificates"]);
    assert!(client.keys().find(&serial(), NOW).is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_account_without_certificates_starts_too() {
    for refusal in
        [signed(404, r#"{"code":"RESOURCE_NOT_EXISTS"}"#), unsigned(404, r#"{"code":"RESOURCE_NOT_EXISTS"}"#)]
    {
        let (client, _) = client([refusal]);
        assert_eq!(client.refresh_certificates().await.unwrap(), Refreshed::None);
    }
    let (client, _) = client([unsigned(401, r#"{"code":"SIGN_ERROR"}"#)]);
    client.refresh_certificates().await.unwrap_err();
    let without = builder().build_over(Scripted::default());
    assert_eq!(without.refresh_certificates().await.unwrap(), Refreshed::NotAsked);
}

#[tokio::test(start_paused = true)]
async fn a_forged_list_loads_nothing() {
    let (client, _) = client([list().map(|mut response| {
        response.headers_mut().insert("Wechatpay-Nonce", "another".parse().unwrap());
        response
    })]);
    let error = client.refresh_certificates().await.unwrap_err();
    assert!(
        matches!(error, Error::Response(ResponseError::Verification(VerificationError::BadSignature))),
        "{error:?}"
    );
    assert!(client.keys().key_ids().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_response_under_a_new_key_is_read_again_and_nothing_is_sent_twice() {
    let (client, platform) = client([signed_by(&serial(), 204, ""), list()]);
    client.send_without_looking(&complete()).await.unwrap();
    assert_eq!(platform.asked(), ["POST one.example complaints-v2/1/complete", "GET one.example /v3/certificates"]);
}

#[tokio::test(start_paused = true)]
async fn strange_serials_do_not_make_it_fetch_again_and_again() {
    let strange = || signed_by("7777", 204, "");
    let (client, platform) = client([strange(), list(), strange(), strange(), list()]);
    for _ in 0..2 {
        let error = client.send_without_looking(&complete()).await.unwrap_err();
        assert!(
            matches!(error, Error::Response(ResponseError::Verification(VerificationError::UnknownKey { .. }))),
            "{error:?}"
        );
    }
    tokio::time::advance(Duration::from_secs(60)).await;
    client.send_without_looking(&complete()).await.unwrap_err();
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_failed_is_tried_again_soon() {
    let strange = || signed_by(&serial(), 204, "");
    let (client, platform) = client([strange(), unsigned(401, "{}"), strange(), strange(), list()]);
    client.send_without_looking(&complete()).await.unwrap_err();
    client.send_without_looking(&complete()).await.unwrap_err();
    tokio::time::advance(Duration::from_secs(5)).await;
    client.send_without_looking(&complete()).await.unwrap();
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn each_merchant_has_certificates_of_its_own() {
    let (client, platform) = client([list(), list(), signed_by("7777", 204, ""), list()]);
    let other = client.for_merchant(merchant("1900000109"), merchant_signer());
    assert_eq!(other.refresh_certificates().await.unwrap(), Refreshed::NotAsked);

    let other = other.with_certificates(api_v3_key());
    let loaded = Refreshed::Loaded { certificates: 1, failed: 0 };
    assert_eq!(client.refresh_certificates().await.unwrap(), loaded);
    assert_eq!(other.refresh_certificates().await.unwrap(), loaded);
    tokio::time::advance(Duration::from_secs(60)).await;
    other.send_without_looking(&complete()).await.unwrap_err();
    let asked_by: Vec<_> = platform
        .requests()
        .iter()
        .map(|request| request.headers()["Authorization"].to_str().unwrap().contains("1900000109"))
        .collect();
    assert_eq!(asked_by, [false, true, true, true], "also where a response to it names a key nobody knows");
}

#[tokio::test(start_paused = true)]
async fn a_keeper_keeps_on_after_failures_and_ends_when_dropped() {
    let down = || unsigned(401, "{}");
    let (client, platform) = client([down(), down(), list(), list()]);
    let keeper = client.keep_certificates();
    for (minutes, asked) in [(0, 1), (2, 2), (3, 3), (30, 3), (35, 4)] {
        tokio::time::sleep(Duration::from_secs(minutes * 60)).await;
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(platform.asked().len(), asked, "after {minutes} minutes more");
    }
    drop(keeper);
    tokio::time::sleep(Duration::from_secs(7200)).await;
    assert!(platform.is_played_out());
}
