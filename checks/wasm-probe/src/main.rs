//! Published messages verified, opened and refused: what `checks/wasm` runs on
//! `wasm32-unknown-unknown`, where nothing can be printed and no file be read. The exit status is
//! 0, or the number of the first statement that does not hold.

use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::complaint::{NegotiationHistory, OperateType};
use protocol_core::crypto::{
    ApiV3Key, Certificate, CryptoError, Keyring, PrivateKey, PublicKey, RsaDigest, RsaSigner, Signer as _,
    Sm2SignatureEncoding, Sm2Signer, Sm2Verifier, Verifier as _,
};
use protocol_core::mini_program::{EncodingAesKey, Event, Mode, Received, Receiver};
use protocol_core::wechat_pay::{RawResponse, Resource, verifier, verify_notification};
use protocol_core::{Secret, UnixTime, allinpay, codec};
use serde_json::Value;

macro_rules! file {
    ($($path:tt)*) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../", $($path)*))
    };
}

macro_rules! vector {
    ($path:literal) => {
        file!("crates/protocol-core/tests/vectors/", $path)
    };
}

/// `None` where an input could not even be read.
const STATEMENTS: [fn() -> Option<bool>; 8] = [
    wechat_pays_published_response_verifies,
    a_byte_more_does_not,
    a_notification_opens,
    an_encrypted_push_opens,
    allinpays_published_signature_verifies,
    a_history_is_read,
    sm2_signs,
    rsa_signs_where_there_is_randomness,
];

fn main() -> ExitCode {
    let holds = |statement: &fn() -> Option<bool>| statement() == Some(true);
    match STATEMENTS.iter().position(|statement| !holds(statement)) {
        None => ExitCode::SUCCESS,
        Some(index) => ExitCode::from(u8::try_from(index + 1).unwrap_or(u8::MAX)),
    }
}

/// The response of WeChat Pay's documentation, with `more` behind its body.
fn published_response_verifies(more: &str) -> Option<bool> {
    let vector: Value = serde_json::from_slice(vector!("wechatpay/official/response_verify_pubkey_mode.json")).ok()?;
    let key = PublicKey::read(vector!("wechatpay/official/wechatpay_public_key.pem")).ok()?;
    let headers = vector.get("headers")?.as_object()?;
    let headers: Vec<_> = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect();
    let keys = Keyring::new();
    keys.insert("PUB_KEY_ID_0000000000000024101100397200000006", verifier(&key).ok()?);
    let body = format!("{}{more}", vector.get("body")?.as_str()?);
    let response = RawResponse { status: 200, headers: &headers, body: body.as_bytes() };
    Some(response.verify(&keys, UnixTime(1_722_850_421)).is_ok())
}

fn wechat_pays_published_response_verifies() -> Option<bool> {
    published_response_verifies("")
}

fn a_byte_more_does_not() -> Option<bool> {
    published_response_verifies("\n").map(|verifies| !verifies)
}

fn a_notification_opens() -> Option<bool> {
    let certificate = Certificate::read(file!("samples/wechat-pay/platform_certificate.pem")).ok()?;
    let keys = Keyring::new();
    keys.insert(certificate.serial_no(), verifier(certificate.public_key()).ok()?);
    let headers = str::from_utf8(file!("samples/wechat-pay/notification.headers")).ok()?;
    let headers: Vec<_> = headers.lines().filter_map(|line| line.split_once(": ")).collect();
    let key = ApiV3Key::new(file!("samples/wechat-pay/apiv3.key").trim_ascii_end()).ok()?;
    let body = file!("samples/wechat-pay/notification.json");
    let notification = verify_notification(&headers, body, &keys, UnixTime(1_741_936_166)).ok()?.open(&key).ok()?;
    let Resource::Complaint(event) = &notification.resource else { return None };
    Some(event.complaint_id == "200201820200101080076610000")
}

fn an_encrypted_push_opens() -> Option<bool> {
    let token = Secret::new(file!("samples/mini-program/token").trim_ascii_end().to_vec());
    let key = str::from_utf8(file!("samples/mini-program/encoding_aes_key")).ok()?;
    let key = EncodingAesKey::read(key.trim_end()).ok()?;
    let receiver = Receiver::new("wxba5fad812f8e6fb9", token, Mode::Secure, Some(key)).ok()?;
    let query = str::from_utf8(file!("samples/mini-program/push.query")).ok()?;
    let push = receiver.open(query.trim_end(), file!("samples/mini-program/push.xml"), UnixTime(1_714_112_445)).ok()?;
    let Received::Verified(push) = push else { return None };
    Some(matches!(push.content, Event::Complaint(_)))
}

fn allinpays_published_signature_verifies() -> Option<bool> {
    let vector: Value = serde_json::from_slice(vector!("allinpay/demo_response_sm2.json")).ok()?;
    let member = |name| vector.get(name).and_then(Value::as_str);
    let PublicKey::Sm2(key) = PublicKey::read(member("platform_public_key_spki_der_b64")?.as_bytes()).ok()? else {
        return None;
    };
    let verifier = Sm2Verifier::new(&key, allinpay::PLATFORM_USER_ID, Sm2SignatureEncoding::Raw).ok()?;
    let signature = STANDARD.decode(member("sign_b64_raw_r_s")?).ok()?;
    let message = member("message_utf8")?.as_bytes();
    Some(verifier.verify(&[message], &signature).is_ok() && verifier.verify(&[message, b" "], &signature).is_err())
}

fn a_history_is_read() -> Option<bool> {
    let history = file!("samples/wechat-pay/history.json");
    let history = codec::decode_json::<NegotiationHistory>("a history", history).ok()?.trust_anyway();
    let first = history.data.first()?;
    let at = first.operate_time.as_ref()?.to_unix()?;
    Some(first.operate_type == Some(OperateType::UserCreateComplaint) && at == UnixTime(1_665_995_516))
}

/// Deterministic: it needs no randomness.
fn sm2_signs() -> Option<bool> {
    let PrivateKey::Sm2(key) = PrivateKey::read(file!("samples/allinpay/merchant_sm2.key")).ok()? else { return None };
    let signer = Sm2Signer::new(&key, "00000051", Sm2SignatureEncoding::Raw).ok()?;
    let verifier = Sm2Verifier::new(&key.public_key(), "00000051", Sm2SignatureEncoding::Raw).ok()?;
    Some(verifier.verify(&[b"a"], signer.sign(&[b"a"]).ok()?.as_bytes()).is_ok())
}

/// Blinding needs randomness: without it nothing is signed, rather than unblinded.
fn rsa_signs_where_there_is_randomness() -> Option<bool> {
    let PrivateKey::Rsa(key) = PrivateKey::read(file!("samples/wechat-pay/merchant_key.pem")).ok()? else {
        return None;
    };
    let signed = RsaSigner::new(&key, RsaDigest::Sha256).sign(&[b"a"]);
    Some(if cfg!(target_family = "wasm") { signed == Err(CryptoError::Sign) } else { signed.is_ok() })
}
