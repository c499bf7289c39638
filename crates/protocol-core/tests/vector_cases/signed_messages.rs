//! Messages of the platform: notifications, responses, refusals, pictures.

use crate::common::decode_json;
use protocol_core::crypto::{ApiV3Key, Certificate, CryptoError, Keyring, PublicKey, Signer as _, UnknownKeyReason};
use protocol_core::wechat_pay::{
    ApiError, Envelope, ErrorCode, EventType, NotificationError, RawResponse, RefusalProof, ResponseError,
    UploadedImage, VerificationError, verifier, verify_notification,
};
use protocol_core::{Delivery, Fault, Method, RequestParts, UnixTime};
use serde_json::Value;

use super::Outcome::{self, Accept, Refuse};
use super::signatures::rsa_signer;
use super::{base64, beside, json, number, read, refused, text, to_base64};

type Headers = Vec<(String, String)>;

fn headers(vector: &Value) -> Headers {
    let headers = vector["headers"].as_object().expect("the vector has headers");
    headers.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

fn with(headers: &Headers, name: &str, value: &str) -> Headers {
    let changed: Headers =
        headers.iter().map(|(n, v)| (n.clone(), if n == name { value.to_owned() } else { v.clone() })).collect();
    assert_ne!(&changed, headers, "the change is none");
    changed
}

fn without(headers: &Headers, name: &str) -> Headers {
    let fewer: Headers = headers.iter().filter(|(n, _)| n != name).cloned().collect();
    assert_eq!(fewer.len() + 1, headers.len());
    fewer
}

const SIGNATURE_HEADERS: [&str; 4] =
    ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature"];

/// Every change to a signed message, and the error it has to end in.
fn changes(headers: &Headers, body: &str, now: i64) -> Vec<(String, Headers, String, i64, VerificationError)> {
    let bad = VerificationError::BadSignature;
    let own = |name: &str| headers.iter().find(|(n, _)| n == name).expect("the header is there").1.clone();
    let case = |label: &str, headers: Headers, body: &str, now: i64, error: VerificationError| {
        (label.to_owned(), headers, body.to_owned(), now, error)
    };
    let signature = own("Wechatpay-Signature");
    let mut bit = base64(&signature);
    bit[100] ^= 4;
    let stale = |seconds, future| VerificationError::StaleTimestamp { seconds, future };
    let mut changes = vec![
        case("a byte more", headers.clone(), &format!("{body}\n"), now, bad.clone()),
        case("a byte less", headers.clone(), &body[..body.len() - 1], now, bad.clone()),
        case("a blank put in", headers.clone(), &body.replacen(':', ": ", 1), now, bad.clone()),
        case("no body", headers.clone(), "", now, bad.clone()),
        case("another nonce", with(headers, "Wechatpay-Nonce", "a"), body, now, bad.clone()),
        case("another time", with(headers, "Wechatpay-Timestamp", &(now + 1).to_string()), body, now, bad.clone()),
        case("a bit changed", with(headers, "Wechatpay-Signature", &to_base64(&bit)), body, now, bad.clone()),
        case("a signature cut", with(headers, "Wechatpay-Signature", &signature[4..]), body, now, bad.clone()),
        case("no base64", with(headers, "Wechatpay-Signature", "!"), body, now, bad),
        case("300 seconds late", headers.clone(), body, now + 300, stale(300, false)),
        case("300 seconds early", headers.clone(), body, now - 300, stale(300, true)),
        case(
            "a probe",
            with(headers, "Wechatpay-Signature", &format!("WECHATPAY/SIGNTEST/{signature}")),
            body,
            now,
            VerificationError::Probe,
        ),
    ];
    for name in SIGNATURE_HEADERS {
        let missing = VerificationError::MissingHeader(name);
        changes.push(case(&format!("{name} left out"), without(headers, name), body, now, missing));
        let mut twice = headers.clone();
        twice.push((name.to_ascii_lowercase(), own(name)));
        let repeated = VerificationError::RepeatedHeader(name);
        changes.push(case(&format!("{name} twice"), twice, body, now, repeated));
    }
    changes
}

fn is_unknown_key(error: &VerificationError) -> bool {
    matches!(error, VerificationError::UnknownKey { reason: UnknownKeyReason::NotConfigured, .. })
}

struct GoNotification {
    headers: Headers,
    body: String,
    now: i64,
    keys: Keyring,
}

fn go_notification(file: &[u8]) -> GoNotification {
    let vector = json(file);
    let certificate = Certificate::read(&beside("wechatpay/go", &vector, "certificate")).unwrap();
    let keys = Keyring::new();
    let validity = certificate.validity();
    keys.insert_valid(
        certificate.serial_no(),
        verifier(certificate.public_key()).unwrap(),
        validity.not_before,
        validity.not_after,
    );
    GoNotification {
        headers: headers(&vector),
        body: text(&vector, "body").to_owned(),
        now: number(&vector, "now_unix"),
        keys,
    }
}

/// Verified at the time it was sent and to the last second of the window; sealed with a 16-byte
/// key, it opens outside only.
pub(crate) fn go_payscore(file: &[u8]) -> Outcome {
    let sent = go_notification(file);
    for now in [sent.now, sent.now + 299, sent.now - 299] {
        let envelope = verify_notification(&sent.headers, sent.body.as_bytes(), &sent.keys, UnixTime(now)).unwrap();
        assert_eq!(envelope.id, "3119dfba-e649-5eec-ab1e-3412bc4d2e17");
        assert_eq!(envelope.event_type.as_str(), "PAYSCORE.USER_OPEN_SERVICE");
        assert_eq!(envelope.create_time.as_ref().unwrap().to_unix(), Some(UnixTime(sent.now)));
        assert_eq!(serde_json::to_value(&*envelope).unwrap(), json(sent.body.as_bytes()));
    }
    let vector = json(file);
    let resource = &json(sent.body.as_bytes())["resource"];
    let opened = super::sealed::reference_open(
        &<aes_gcm::Aes128Gcm as aes_gcm::KeyInit>::new_from_slice(text(&vector, "api_v3_key").as_bytes()).unwrap(),
        text(resource, "nonce").as_bytes(),
        text(resource, "associated_data").as_bytes(),
        &base64(text(resource, "ciphertext")),
    );
    assert_eq!(opened.as_deref(), Some(text(&vector, "expect_plaintext").as_bytes()));
    Accept
}

pub(crate) fn go_payscore_changed(file: &[u8]) -> Outcome {
    let sent = go_notification(file);
    for (label, headers, body, now, error) in changes(&sent.headers, &sent.body, sent.now) {
        let refused = verify_notification(&headers, body.as_bytes(), &sent.keys, UnixTime(now)).unwrap_err();
        assert_eq!(refused, NotificationError::Verification(error), "{label}");
    }
    let verify = |headers: &Headers, keys: &Keyring| match verify_notification(
        headers,
        sent.body.as_bytes(),
        keys,
        UnixTime(sent.now),
    )
    .unwrap_err()
    {
        NotificationError::Verification(error) => error,
        other => panic!("{other}"),
    };
    assert!(is_unknown_key(&verify(&with(&sent.headers, "Wechatpay-Serial", "F5765756002FDD77"), &sent.keys)));
    let mut typed = sent.headers.clone();
    typed.push(("Wechatpay-Signature-Type".to_owned(), "WECHATPAY2-SM2-WITH-SM3".to_owned()));
    assert_eq!(verify(&typed, &sent.keys), VerificationError::BadSignature);
    let serial = &sent.headers.iter().find(|(name, _)| name == "Wechatpay-Serial").unwrap().1;
    let others = Keyring::new();
    let other = PublicKey::read(&read("wechatpay/java/wechat_pay_public_key.pem")).unwrap();
    others.insert(serial, verifier(&other).unwrap());
    assert_eq!(verify(&sent.headers, &others), VerificationError::BadSignature);
    Refuse
}

pub(crate) fn go_payscore_short_key(file: &[u8]) -> Outcome {
    let sent = go_notification(file);
    let vector = json(file);
    let key = text(&vector, "api_v3_key");
    assert_eq!(ApiV3Key::new(key.as_bytes()).unwrap_err(), CryptoError::ApiV3KeyLength { found: 16 });
    let lengthened = ApiV3Key::new(format!("{key}{key}").as_bytes()).unwrap();
    let envelope = verify_notification(&sent.headers, sent.body.as_bytes(), &sent.keys, UnixTime(sent.now)).unwrap();
    assert_eq!(envelope.open(&lengthened).unwrap_err(), NotificationError::DecryptFailed);
    Refuse
}

/// Signs a body as the platform would, with a published key pair, and verifies it.
fn signed<'b>(body: &'b [u8]) -> Result<protocol_core::Verified<Envelope<'b>>, NotificationError> {
    let (now, nonce) = (1_700_000_000, "593BEC0C930BF1AFEB40B4A08C8FB242");
    let message = [format!("{now}\n{nonce}\n").as_bytes(), body, b"\n"].concat();
    let signature = rsa_signer(&read("wechatpay/go/rsa_private_key_pkcs8.pem")).sign(&[&message]).unwrap();
    let key = PublicKey::read(&read("wechatpay/go/platform_public_key.pem")).unwrap();
    let keys = Keyring::new();
    keys.insert("F5765756002FDD77", verifier(&key).unwrap());
    let headers = [
        ("Wechatpay-Timestamp", now.to_string()),
        ("Wechatpay-Nonce", nonce.to_owned()),
        ("Wechatpay-Serial", "F5765756002FDD77".to_owned()),
        ("Wechatpay-Signature", signature.to_base64()),
    ];
    verify_notification(&headers, body, &keys, UnixTime(now))
}

/// Whether a resource, in a rightly signed notification, ends in the error for "does not open".
pub(crate) fn resource_does_not_open(resource: &Value, key: &ApiV3Key) -> bool {
    let envelope = serde_json::json!({ "id": "1", "event_type": "COMPLAINT.CREATE", "resource": resource });
    let body = envelope.to_string();
    let envelope = signed(body.as_bytes()).expect("the envelope is well-formed and signed");
    envelope.open(key) == Err(NotificationError::DecryptFailed)
}

/// The documentation's sample leaves `summary` and `original_type` out, and has an empty
/// `associated_data`.
pub(crate) fn notify_doc_sample(file: &[u8]) -> Outcome {
    let envelope: Envelope<'_> = decode_json("a notification", file).unwrap();
    assert_eq!(envelope.event_type, EventType::ComplaintCreate);
    assert_eq!((&envelope.summary, &envelope.resource.original_type), (&None, &None));
    assert_eq!(envelope.resource.associated_data.as_deref(), Some(""));
    assert_eq!(serde_json::to_value(&envelope).unwrap(), json(file));
    assert_eq!(*signed(file).unwrap(), envelope);
    Accept
}

/// Its ciphertext is three dots.
pub(crate) fn notify_doc_sample_sealed(file: &[u8]) -> Outcome {
    let key = ApiV3Key::new(&[7; 32]).unwrap();
    assert_eq!(signed(file).unwrap().open(&key).unwrap_err(), NotificationError::DecryptFailed);
    Refuse
}

fn official_response(file: &[u8]) -> (Value, Headers, Keyring) {
    let vector = json(file);
    let key = PublicKey::read(&beside("wechatpay/official", &vector, "public_key")).unwrap();
    let headers = headers(&vector);
    let keys = Keyring::new();
    keys.insert(text(&vector["headers"], "Wechatpay-Serial"), verifier(&key).unwrap());
    (vector, headers, keys)
}

pub(crate) fn public_key_mode(file: &[u8]) -> Outcome {
    let (vector, headers, keys) = official_response(file);
    let now: i64 = text(&vector["headers"], "Wechatpay-Timestamp").parse().unwrap();
    let body = text(&vector, "body").as_bytes();
    let status = u16::try_from(number(&vector, "status")).unwrap();
    for now in [now, now + 299, now - 299] {
        let response = RawResponse { status, headers: &headers, body }.verify(&keys, UnixTime(now)).unwrap();
        assert_eq!((response.status, response.body), (200, body));
        assert_eq!(response.request_id, Some(text(&vector["headers"], "Request-ID")));
    }
    // The same bytes under a 4xx are a refusal that the platform signed.
    let error = RawResponse { status: 400, headers: &headers, body }.verify(&keys, UnixTime(now)).unwrap_err();
    assert!(
        matches!(error, ResponseError::Rejected { status: 400, error: None, proof: RefusalProof::Verified, .. }),
        "{error}"
    );
    Accept
}

pub(crate) fn public_key_mode_changed(file: &[u8]) -> Outcome {
    let (vector, headers, keys) = official_response(file);
    let now: i64 = text(&vector["headers"], "Wechatpay-Timestamp").parse().unwrap();
    let verify = |headers: &Headers, body: &str, keys: &Keyring, now| {
        let response = RawResponse { status: 200, headers, body: body.as_bytes() };
        match response.verify(keys, UnixTime(now)).unwrap_err() {
            ResponseError::Verification(error) => error,
            other => panic!("{other}"),
        }
    };
    let body = text(&vector, "body");
    for (label, headers, body, now, error) in changes(&headers, body, now) {
        assert_eq!(verify(&headers, &body, &keys, now), error, "{label}");
    }
    let sm2 = with(&headers, "Wechatpay-Signature-Type", "WECHATPAY2-SM2-WITH-SM3");
    assert_eq!(verify(&sm2, body, &keys, now), VerificationError::BadSignature);
    let unheard_of = with(&headers, "Wechatpay-Signature-Type", "WECHATPAY2-RSA2048-NONE");
    assert!(matches!(verify(&unheard_of, body, &keys, now), VerificationError::MalformedHeader { .. }));
    assert!(is_unknown_key(&verify(&headers, body, &Keyring::new(), now)));
    Refuse
}

/// An unsigned refusal: it is reported with its full content, and proves nothing.
fn unsigned_refusal(file: &[u8], status: u16, code: &ErrorCode) -> Outcome {
    let no_headers: Headers = Vec::new();
    let error = RawResponse { status, headers: &no_headers, body: file }
        .verify(&Keyring::new(), UnixTime(1_680_144_553))
        .unwrap_err();
    assert_eq!(
        (error.failure().fault, error.failure().delivery, error.failure().is_retryable),
        (Fault::Caller, Delivery::Unknown, false)
    );
    let ResponseError::Rejected { status: reported, error, request_id: None, proof: RefusalProof::Unsigned } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(reported, status);
    assert_eq!(&error.expect("the error body is read").code, code);
    // With 2xx on it, the same bytes are a forgery.
    let forged = RawResponse { status: 200, headers: &no_headers, body: file };
    assert_eq!(
        forged.verify(&Keyring::new(), UnixTime(0)).unwrap_err(),
        ResponseError::Verification(VerificationError::MissingHeader("Wechatpay-Timestamp"))
    );
    Refuse
}

fn error_body(file: &[u8]) -> (Value, ApiError) {
    let error = ApiError::decode(file).expect("an error body");
    let original = json(file);
    assert_eq!(error.code.as_str(), text(&original, "code"));
    assert_eq!(error.message.as_ref().map(|words| words.expose().as_str()), original["message"].as_str());
    assert_eq!(json(error.detail.as_ref().unwrap().as_json().as_bytes()), original["detail"]);
    assert_eq!(serde_json::to_value(&error).unwrap(), original);
    (original, error)
}

pub(crate) fn wild_401(file: &[u8]) -> Outcome {
    let (original, error) = error_body(file);
    assert_eq!(error.code, ErrorCode::SignError);
    assert_eq!(original["detail"]["detail"]["issue"], "sign not match");
    Accept
}

pub(crate) fn wild_401_unsigned(file: &[u8]) -> Outcome {
    unsigned_refusal(file, 401, &ErrorCode::SignError)
}

pub(crate) fn wild_400(file: &[u8]) -> Outcome {
    assert_eq!(error_body(file).1.code, ErrorCode::ParamError);
    Accept
}

pub(crate) fn wild_400_unsigned(file: &[u8]) -> Outcome {
    unsigned_refusal(file, 400, &ErrorCode::ParamError)
}

/// The upload's response, the picture's address signed unchanged, and the unsigned picture.
pub(crate) fn axios_images(file: &[u8]) -> Outcome {
    let vector = json(file);
    let uploaded: UploadedImage =
        decode_json("an upload's response", text(&vector, "upload_response").as_bytes()).unwrap();
    assert_eq!(serde_json::to_string(&uploaded).unwrap(), text(&vector, "upload_response"));
    assert_eq!(uploaded.media_id, "file752398_7983424");

    let target = format!("/v3/merchant-service/images/{}", text(&vector, "media_id_in_path"));
    let merchant =
        protocol_core::wechat_pay::Merchant::new("1900007291", "A", protocol_core::wechat_pay::Scheme::Rsa).unwrap();
    let stamp = protocol_core::Stamp { now: UnixTime(1), nonce: "n" };
    let unsigned = merchant.prepare_parts(RequestParts::without_body(Method::Get, target.as_str()), &stamp).unwrap();
    assert_eq!(unsigned.parts_to_sign().concat(), format!("GET\n{target}\n1\nn\n\n").as_bytes());

    assert_eq!(vector["download_response_signed"], false);
    let picture = base64(text(&vector, "download_body_b64_gif"));
    let headers: Headers =
        vec![("Content-Type".to_owned(), text(&vector["download_response_headers"], "Content-Type").to_owned())];
    let response = RawResponse { status: 200, headers: &headers, body: &picture };
    let accepted = response.accept_image(&Keyring::new(), UnixTime(0)).unwrap().trust_anyway();
    assert!(accepted.body.starts_with(b"GIF89a") && accepted.body == picture);
    Accept
}

/// Taken for a response like any other, the unsigned picture is a forgery.
pub(crate) fn axios_images_unsigned(file: &[u8]) -> Outcome {
    let vector = json(file);
    let picture = base64(text(&vector, "download_body_b64_gif"));
    let headers: Headers = Vec::new();
    let response = RawResponse { status: 200, headers: &headers, body: &picture };
    let verified = response.verify(&Keyring::new(), UnixTime(0));
    let refusal = RawResponse { status: 404, headers: &headers, body: &picture };
    refused([
        ("as a signed response", matches!(verified, Err(ResponseError::Verification(_)))),
        ("with 404", refusal.accept_image(&Keyring::new(), UnixTime(0)).is_err()),
    ])
}
