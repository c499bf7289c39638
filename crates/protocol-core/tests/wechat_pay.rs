//! WeChat Pay offline: responses, certificate lists, requests, and every bound on both of its
//! sides.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

use std::sync::Arc;

use protocol_core::crypto::{
    AeadAlgorithm, ApiV3Key, Certificate, KeyError, KeyStore as _, Keyring, PrivateKey, PublicKey, Signature,
    SignatureAlgorithm, UnknownKeyReason,
};
use protocol_core::limits::{
    MAX_HEADER_VALUE, MAX_ID, MAX_IMAGE_BODY, MAX_KEY_FILE, MAX_NONCE, MAX_NOTIFICATION_BODY, MAX_RESPONSE_BODY,
};
use protocol_core::wechat_pay::{
    CertificateError, CertificateList, ComplaintEvent, EventType, Merchant, Notification, NotificationError,
    NotificationUrl, RawResponse, RefusalProof, Resource, ResponseError, Scheme, SignatureHeaders, UnreadNotification,
    UploadImage, VerificationError, signer, verifier, verify_notification,
};
use protocol_core::{BuildError, Delivery, Fault, Method, RequestParts, Stamp, UnixTime, Verified};

const PLATFORM_KEY: &[u8] = include_bytes!("vectors/wechatpay/java/wechat_pay_private_key.pem");
const PLATFORM_CERTIFICATE: &str = include_str!("vectors/wechatpay/java/wechat_pay_certificate.pem");
const SERIAL: &str = "440024045C4A427599D09BB4E3DE0279F2E813FD";
const SM2_KEY: &[u8] = include_bytes!("vectors/wechatpay/java-shangmi/merchant_private_key.pem");
const NOW: UnixTime = UnixTime(1_741_936_166);

type SignedHeaders = Vec<(&'static str, String)>;

fn sign_with(pem: &[u8], serial: &str, body: &[u8]) -> SignedHeaders {
    sign_nonce(pem, serial, "n0nce", body)
}

fn sign_nonce(pem: &[u8], serial: &str, nonce: &str, body: &[u8]) -> SignedHeaders {
    let signer = signer(&PrivateKey::read(pem).unwrap()).unwrap();
    let signature = signer.sign(&[b"1741936166\n", nonce.as_bytes(), b"\n", body, b"\n"]).unwrap().to_base64();
    vec![
        ("Request-ID", "08E6-268435484".to_owned()),
        ("Wechatpay-Timestamp", "1741936166".to_owned()),
        ("Wechatpay-Nonce", nonce.to_owned()),
        ("Wechatpay-Serial", serial.to_owned()),
        ("Wechatpay-Signature", signature),
        ("Wechatpay-Signature-Type", Scheme::of(signer.algorithm()).unwrap().as_str().to_owned()),
    ]
}

fn sign(body: &[u8]) -> SignedHeaders {
    sign_with(PLATFORM_KEY, SERIAL, body)
}

fn keys() -> Keyring {
    let keys = Keyring::new();
    for (id, pem) in [(SERIAL, PLATFORM_KEY), ("PUB_KEY_ID_1", SM2_KEY)] {
        keys.insert(id, verifier(&PrivateKey::read(pem).unwrap().public_key()).unwrap());
    }
    keys
}

fn verify(status: u16, headers: &SignedHeaders, body: &[u8]) -> Result<(u16, Vec<u8>), ResponseError> {
    let response = RawResponse { status, headers, body }.verify(&keys(), NOW)?;
    Ok((response.status, response.body.to_vec()))
}

#[test]
fn success_has_to_be_signed() {
    assert_eq!(verify(200, &sign(b"{}"), b"{}"), Ok((200, b"{}".to_vec())));
    assert_eq!(verify(202, &sign(b"{}"), b"{}"), Ok((202, b"{}".to_vec())));
    assert_eq!(verify(204, &sign(b""), b""), Ok((204, vec![])));
    assert_eq!(verify(200, &sign_with(SM2_KEY, "PUB_KEY_ID_1", b"{}"), b"{}"), Ok((200, b"{}".to_vec())));
    let unsigned = verify(204, &vec![], b"").unwrap_err();
    assert_eq!(unsigned, VerificationError::MissingHeader("Wechatpay-Timestamp").into());
    let forged = verify(200, &sign(b"{}"), b"{ }").unwrap_err();
    assert_eq!(forged, VerificationError::BadSignature.into());
    assert_eq!((forged.failure().fault, forged.failure().delivery), (Fault::Peer, Delivery::Unknown));
    assert!(!forged.failure().is_retryable);
}

#[test]
fn a_probe_on_a_response_says_nothing_about_the_request() {
    let mut headers = sign(b"");
    headers[4].1 = "WECHATPAY/SIGNTEST/abc".to_owned();
    let probe = verify(204, &headers, b"").unwrap_err();
    assert_eq!(probe, VerificationError::Probe.into());
    assert_eq!((probe.failure().fault, probe.failure().delivery), (Fault::Platform, Delivery::Unknown));
}

#[test]
fn refusals_are_typed_whether_signed_or_not() {
    let body = br#"{"code":"INVALID_REQUEST","message":"m","detail":{"field":"/a","detail":{"issue":"i"}}}"#;
    let unknown = keys().find("7777", NOW).unwrap_err();
    for (status, headers, expected, delivery) in [
        (400, sign(body), RefusalProof::Verified, Delivery::Processed),
        (400, vec![("Request-ID", "08E6-268435484".to_owned())], RefusalProof::Unsigned, Delivery::Unknown),
        (500, sign(body), RefusalProof::Verified, Delivery::Unknown),
        (429, sign_with(PLATFORM_KEY, "7777", body), RefusalProof::Failed(unknown), Delivery::Unknown),
    ] {
        let refusal = verify(status, &headers, body).unwrap_err();
        assert_eq!(refusal.failure().delivery, delivery);
        let ResponseError::Rejected { status: seen, error: Some(error), request_id, proof } = refusal else {
            panic!("{refusal:?}")
        };
        assert_eq!((seen, proof), (status, expected));
        assert_eq!(error.code.as_str(), "INVALID_REQUEST");
        assert_eq!(error.detail.unwrap().as_json(), r#"{"field":"/a","detail":{"issue":"i"}}"#);
        assert_eq!(request_id.as_deref(), Some("08E6-268435484"));
    }
    let forged = verify(400, &sign(body), br#"{"code":"NO_AUTH"}"#).unwrap_err();
    let failed = RefusalProof::Failed(VerificationError::BadSignature);
    assert!(matches!(&forged, ResponseError::Rejected { proof, .. } if *proof == failed), "{forged:?}");
    assert_eq!(forged.failure().delivery, Delivery::Unknown);
    for (status, page) in [(502, &b"<html><h1>502</h1></html>"[..]), (404, b""), (302, b"{}"), (0, b"")] {
        let refusal = verify(status, &vec![], page).unwrap_err();
        assert!(
            matches!(refusal, ResponseError::Rejected { error: None, proof: RefusalProof::Unsigned, .. }),
            "{refusal:?}"
        );
        assert_eq!(refusal.to_string(), format!("the platform responded with {status}"));
    }
    let hostile = verify(400, &vec![], b"{\"code\":\"\\u001b[2J\"}").unwrap_err();
    assert_eq!(hostile.to_string(), "the platform responded with 400", "a strange code is not repeated");
}

#[test]
fn errors_declare_whether_a_retry_may_help() {
    for (status, again, fault) in [
        (400, false, Fault::Caller),
        (401, false, Fault::Caller),
        (429, true, Fault::Platform),
        (500, true, Fault::Platform),
        (503, true, Fault::Platform),
    ] {
        let refusal = verify(status, &vec![], b"").unwrap_err();
        assert_eq!((refusal.failure().is_retryable, refusal.failure().fault), (again, fault), "{status}");
    }
}

#[test]
fn how_long_to_wait_is_read_in_seconds_or_as_a_date() {
    for (value, seconds) in [
        ("0", Some(0)),
        ("120", Some(120)),
        // NOW is 2025-03-14T07:09:26Z.
        ("Fri, 14 Mar 2025 07:10:26 GMT", Some(60)),
        ("Fri, 14 Mar 2025 07:09:25 GMT", Some(0)),
        ("soon", None),
        ("-1", None),
        ("", None),
    ] {
        let headers = [("Retry-After", value)];
        let response = RawResponse { status: 429, headers: &headers, body: b"" };
        assert_eq!(response.retry_after(NOW), seconds.map(std::time::Duration::from_secs), "{value}");
    }
    assert_eq!(RawResponse { status: 429, headers: &[("a", "b")], body: b"" }.retry_after(NOW), None);
}

#[test]
fn images_come_without_signature_and_their_refusals_do_not() {
    let keys = keys();
    let image = RawResponse { status: 200, headers: &[("Content-Type", "image/png")], body: b"\x89PNG" };
    assert_eq!(image.accept_image(&keys, NOW).unwrap().trust_anyway().body, b"\x89PNG");
    assert!(image.verify(&keys, NOW).is_err(), "for images only");
    let body = br#"{"code":"NO_AUTH","message":"m"}"#;
    let headers = sign(body);
    let refusal = RawResponse { status: 403, headers: &headers, body }.accept_image(&keys, NOW).unwrap_err();
    assert!(matches!(refusal, ResponseError::Rejected { status: 403, proof: RefusalProof::Verified, .. }));
    let redirect = RawResponse { status: 302, headers: &[("Location", "https://elsewhere")], body: b"" };
    assert!(redirect.accept_image(&keys, NOW).is_err());
}

fn api_v3_key() -> ApiV3Key {
    ApiV3Key::new(b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb").unwrap()
}

fn certificate_list(serial: &str, algorithm: AeadAlgorithm) -> Vec<u8> {
    list_of(PLATFORM_CERTIFICATE, serial, algorithm)
}

fn list_of(certificate: &str, serial: &str, algorithm: AeadAlgorithm) -> Vec<u8> {
    let sealed = api_v3_key().seal(algorithm, b"14b16c03dc1b", b"certificate", certificate.as_bytes()).unwrap();
    let ciphertext = Signature::new(sealed).to_base64();
    let algorithm = algorithm.as_str();
    format!(
        r#"{{"data":[{{"serial_no":"{serial}","encrypt_certificate":{{"algorithm":"{algorithm}","nonce":"14b16c03dc1b","associated_data":"certificate","ciphertext":"{ciphertext}"}}}}]}}"#
    )
    .into_bytes()
}

#[test]
fn the_first_certificates_verify_the_response_that_brought_them() {
    for algorithm in [AeadAlgorithm::Aes256Gcm, AeadAlgorithm::Sm4Gcm] {
        let body = certificate_list(SERIAL, algorithm);
        let headers = sign(&body);
        let response = RawResponse { status: 200, headers: &headers, body: &body };
        let certificates = CertificateList::receive(&response, &api_v3_key(), &Keyring::new(), NOW).unwrap();
        assert_eq!(certificates.certificates[0].certificate().serial_no(), SERIAL);

        let ring = Keyring::new();
        certificates.certificates[0].load(&ring);
        assert!(ring.find(SERIAL, NOW).is_ok());
        let reason = |at| match ring.find(SERIAL, UnixTime(at)) {
            Err(VerificationError::UnknownKey { reason, .. }) => Some(reason),
            _ => None,
        };
        assert_eq!(reason(1_746_756_271), Some(UnknownKeyReason::Expired));
        assert_eq!(reason(1_652_148_269), Some(UnknownKeyReason::NotYetValid));
    }
}

#[test]
fn a_refreshed_certificate_keeps_its_verifier_while_its_key_is_the_same() {
    // A certificate's own signature is not checked, so a few changed bits make another one.
    let renewed = PLATFORM_CERTIFICATE.replacen("MIIDozCCAougAwIBAgIURAAk", "MIIDozCCAougAwIBAgIURAAl", 1);
    let renewed_serial = "440025045C4A427599D09BB4E3DE0279F2E813FD";
    let other_key = PLATFORM_CERTIFICATE.replacen("PynUbBFN", "PynUbBFO", 1);
    let ring = Keyring::new();
    let load = |certificate: &str, serial: &str| {
        let list = list_of(certificate, serial, AeadAlgorithm::Aes256Gcm);
        let opened = CertificateList::open(&list, &api_v3_key()).unwrap();
        opened.certificates[0].load(&ring);
        ring.find(serial, NOW).unwrap()
    };

    let first = load(PLATFORM_CERTIFICATE, SERIAL);
    assert!(Arc::ptr_eq(&first, &load(PLATFORM_CERTIFICATE, SERIAL)), "the same certificate");
    assert!(Arc::ptr_eq(&first, &load(&renewed, renewed_serial)), "another one with the same key");
    assert!(ring.remove(SERIAL));
    assert!(Arc::ptr_eq(&first, &load(PLATFORM_CERTIFICATE, SERIAL)), "the other one kept it");

    assert!(!Arc::ptr_eq(&first, &load(&other_key, SERIAL)), "another key under its serial");
    // A verifier of the caller's may check other signatures, so it is not kept.
    let callers = verifier(&PrivateKey::read(PLATFORM_KEY).unwrap().public_key()).unwrap();
    ring.insert(SERIAL, Arc::clone(&callers));
    assert!(ring.remove(renewed_serial));
    assert!(!Arc::ptr_eq(&callers, &load(PLATFORM_CERTIFICATE, SERIAL)), "a verifier alone");
}

#[test]
fn one_strange_certificate_spoils_no_other() {
    let body = String::from_utf8(certificate_list(SERIAL, AeadAlgorithm::Aes256Gcm)).unwrap();
    let strange = r#"{"data":[{"encrypt_certificate":{"algorithm":"AEAD_NEW","nonce":"n","ciphertext":""}},"#;
    let body = body.replace("{\"data\":[", strange);
    let opened = CertificateList::open(body.as_bytes(), &api_v3_key()).unwrap();
    assert_eq!(opened.certificates[0].certificate().serial_no(), SERIAL);
    assert_eq!(opened.failed, [CertificateError::DecryptFailed { entry: 0 }]);
    assert_eq!(CertificateList::open(b"{\"data\":[]}", &api_v3_key()).unwrap_err(), CertificateError::Empty);
}

#[test]
fn an_entry_that_is_no_certificate_spoils_no_other() {
    let body = String::from_utf8(certificate_list(SERIAL, AeadAlgorithm::Aes256Gcm)).unwrap();
    for strange in ["7", "[7]", r#"{"serial_no":{}}"#, r#"{"serial_no":"1","encrypt_certificate":7}"#] {
        let body = body.replace("{\"data\":[", &format!("{{\"data\":[{strange},"));
        let opened = CertificateList::open(body.as_bytes(), &api_v3_key()).unwrap();
        assert_eq!(opened.certificates.len(), 1, "{strange}");
        assert_eq!(opened.certificates[0].certificate().serial_no(), SERIAL);
        assert!(matches!(opened.failed[..], [CertificateError::Entry { entry: 0, .. }]), "{strange}");
    }
    for none in [r#"{"data":7}"#, r#"{"data":[],"data":[7]}"#, "[]"] {
        CertificateList::open(none.as_bytes(), &api_v3_key()).unwrap_err();
    }
}

#[test]
fn a_list_may_be_signed_with_a_key_that_is_known_already() {
    let body = certificate_list(SERIAL, AeadAlgorithm::Aes256Gcm);
    let headers = sign_with(SM2_KEY, "PUB_KEY_ID_1", &body);
    let response = RawResponse { status: 200, headers: &headers, body: &body };
    assert!(CertificateList::receive(&response, &api_v3_key(), &keys(), NOW).is_ok());
    assert!(CertificateList::receive(&response, &api_v3_key(), &Keyring::new(), NOW).is_err());
}

#[test]
fn a_verified_response_is_decoded_verified() {
    let body = br#"{"mchid":1900012181,"url":"https://www.xxx.com/notify"}"#;
    let headers = sign(body);
    let keys = keys();
    let response = RawResponse { status: 200, headers: &headers, body }.verify(&keys, NOW).unwrap();
    let url: Verified<NotificationUrl> = response.decode("a notification URL").unwrap();
    assert_eq!(url.mchid.as_deref(), Some("1900012181"));
    assert!(response.decode::<CertificateList>("x").is_ok() && response.decode::<Vec<u8>>("x").is_err());
}

#[test]
fn no_header_value_is_more_than_a_bad_signature() {
    let good = sign(b"{}");
    for (at, value) in [(2, "n0nc\u{e9}"), (2, "n\u{1}"), (4, "\u{80}"), (4, &"A".repeat(MAX_HEADER_VALUE + 1))] {
        let mut headers = good.clone();
        headers[at].1 = value.to_owned();
        assert_eq!(verify(200, &headers, b"{}").unwrap_err(), VerificationError::BadSignature.into(), "{value}");
    }
    let mut headers = good;
    headers[4].1 = format!("WECHATPAY/SIGNTEST/{}", "x".repeat(2 * MAX_HEADER_VALUE));
    assert_eq!(verify(200, &headers, b"{}").unwrap_err(), VerificationError::Probe.into());
}

#[test]
fn a_certificate_list_that_does_not_prove_itself_is_refused() {
    let body = certificate_list(SERIAL, AeadAlgorithm::Aes256Gcm);
    let receive = |status, headers: &SignedHeaders, body: &[u8], now| {
        CertificateList::receive(&RawResponse { status, headers, body }, &api_v3_key(), &Keyring::new(), now)
            .unwrap_err()
    };
    let verification = |error| CertificateError::Response(ResponseError::Verification(error));
    assert_eq!(
        receive(200, &vec![], &body, NOW),
        verification(VerificationError::MissingHeader("Wechatpay-Timestamp"))
    );
    let other = sign_with(SM2_KEY, SERIAL, &body);
    assert_eq!(receive(200, &other, &body, NOW), verification(VerificationError::BadSignature));
    let stale = receive(200, &sign(&body), &body, NOW.plus(300));
    assert_eq!(stale, verification(VerificationError::StaleTimestamp { seconds: 300, future: false }));
    let small = certificate_list(&format!("0{}", SERIAL.to_lowercase()), AeadAlgorithm::Aes256Gcm);
    let same = RawResponse { status: 200, headers: &sign(&small), body: &small[..] };
    assert!(CertificateList::receive(&same, &api_v3_key(), &Keyring::new(), NOW).is_ok());
    let wrong_serial = certificate_list("AB", AeadAlgorithm::Aes256Gcm);
    assert_eq!(receive(200, &sign(&wrong_serial), &wrong_serial, NOW), CertificateError::SerialMismatch { entry: 0 });
    let none = br#"{"code":"RESOURCE_NOT_EXISTS"}"#;
    for headers in [vec![], sign(none)] {
        let refusal = receive(404, &headers, none, NOW);
        assert!(matches!(refusal, CertificateError::Response(ResponseError::Rejected { status: 404, .. })));
    }
    assert!(matches!(receive(200, &sign(b"{"), b"{", NOW), CertificateError::Malformed(_)));
    let other_key = ApiV3Key::new(&[0; 32]).unwrap();
    assert_eq!(CertificateList::open(&body, &other_key).unwrap_err(), CertificateError::DecryptFailed { entry: 0 });
    let sealed = api_v3_key().seal(AeadAlgorithm::Aes256Gcm, b"nnnnnnnnnnnn", b"", b"no PEM").unwrap();
    let no_certificate = format!(
        r#"{{"data":[{{"encrypt_certificate":{{"algorithm":"AEAD_AES_256_GCM","nonce":"nnnnnnnnnnnn","ciphertext":"{}"}}}}]}}"#,
        Signature::new(sealed).to_base64()
    );
    let error = CertificateList::open(no_certificate.as_bytes(), &api_v3_key()).unwrap_err();
    assert!(matches!(error, CertificateError::Key { entry: 0, .. }), "{error}");
    assert_eq!(error.failure().fault, Fault::Platform);
    assert_eq!(CertificateError::DecryptFailed { entry: 0 }.failure().fault, Fault::Local);
    assert_eq!(CertificateError::Response(VerificationError::BadSignature.into()).failure().fault, Fault::Peer);
}

/// A notification as the platform seals and signs it, opened; `members` join the envelope.
fn open(event_type: &str, members: &str, resource: &[u8]) -> Result<Notification, NotificationError> {
    let sealed = api_v3_key().seal(AeadAlgorithm::Aes256Gcm, b"nnnnnnnnnnnn", b"", resource).unwrap();
    let ciphertext = Signature::new(sealed).to_base64();
    let body = format!(
        r#"{{"id":"1","event_type":"{event_type}",{members}"resource":{{"algorithm":"AEAD_AES_256_GCM","nonce":"nnnnnnnnnnnn","ciphertext":"{ciphertext}"}}}}"#
    );
    verify_notification(&sign(body.as_bytes()), body.as_bytes(), &keys(), NOW).unwrap().open(&api_v3_key())
}

#[test]
fn inputs_of_decryption_are_never_guessed() {
    let told = r#""summary":{"a":1},"create_time":{"a":1},"resource_type":{"a":1},"#;
    let opened = open("COMPLAINT.CREATE", told, br#"{"complaint_id":"1"}"#).unwrap();
    assert!(matches!(opened.resource, Resource::Complaint(_)));
    assert_eq!(opened.misfits().len(), 3);

    let sealed = api_v3_key().seal(AeadAlgorithm::Aes256Gcm, b"nnnnnnnnnnnn", b"", br#"{"complaint_id":"1"}"#).unwrap();
    let ciphertext = Signature::new(sealed).to_base64();
    let good = format!(
        r#"{{"id":"1","event_type":"COMPLAINT.CREATE","resource":{{"algorithm":"AEAD_AES_256_GCM","nonce":"nnnnnnnnnnnn","associated_data":"","ciphertext":"{ciphertext}"}}}}"#
    );
    let open =
        |body: &str| verify_notification(&sign(body.as_bytes()), body.as_bytes(), &keys(), NOW)?.open(&api_v3_key());
    open(&good).unwrap();
    let listed = good.replace(r#""event_type":"COMPLAINT.CREATE""#, r#""event_type":["COMPLAINT.CREATE"]"#);
    assert!(matches!(open(&listed).unwrap().resource, Resource::Complaint(_)));
    for (member, other) in [
        (r#""associated_data":"""#, r#""associated_data":{}"#),
        (r#""nonce":"nnnnnnnnnnnn""#, r#""nonce":["nnnnnnnnnnnn"]"#),
        (r#""ciphertext":""#, r#""ciphertext":"AAAA","ciphertext":""#),
        (r#""id":"1""#, r#""id":"2","id":"1""#),
        (r#""id":"1""#, r#""id":["1"]"#),
        (r#""algorithm":"AEAD_AES_256_GCM""#, r#""algorithm":7.5e3"#),
    ] {
        let body = good.replace(member, other);
        assert_ne!(body, good, "{member}");
        let error = open(&body).unwrap_err();
        assert!(matches!(error, NotificationError::Malformed(_)), "{other}: {error}");
    }
}

/// The unread notification in an error.
fn unread<T: std::fmt::Debug>(opened: Result<T, NotificationError>) -> UnreadNotification {
    match opened.unwrap_err() {
        NotificationError::Malformed(unread) => *unread,
        other => panic!("{other}"),
    }
}

#[test]
fn the_number_alone_decides_whether_a_complaint_opens() {
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    let values = ["1", "-7.5e300", "true", "null", r#""\ud83d""#, r#"["a",{"b":1}]"#, r#"{"a":[1]}"#, &deep];
    for hint in [
        "action_type",
        "out_trade_no",
        "complaint_time",
        "amount",
        "payer_phone",
        "complaint_detail",
        "complaint_state",
        "transaction_id",
        "complaint_handle_state",
        "unknown",
    ] {
        for value in values {
            let resource = format!(r#"{{"{hint}":{value},"complaint_id":"1"}}"#);
            let opened = open("COMPLAINT.CREATE", "", resource.as_bytes());
            let Resource::Complaint(event) = opened.unwrap().resource else { panic!("{resource}") };
            assert_eq!(event.complaint_id, "1", "{resource}");
        }
    }
    for unambiguous in [
        r#"[{"complaint_id":"1"}]"#,
        "\u{feff} [ {\"complaint_id\":\"1\",\"complaint_detail\":\"\u{7}\"} ]\n",
        r#"{"complaint_id":"1","action_type":"X","complaint_id":"1"}"#,
        r#"{"complaint_id":1}"#,
        r#"{"action_type":"A","complaint_id":"1","action_type":"B"}"#,
    ] {
        for event_type in ["COMPLAINT.CREATE", "COMPLAINT.SOMETHING_NEW"] {
            let opened = open(event_type, "", unambiguous.as_bytes()).unwrap();
            let Resource::Complaint(event) = opened.resource else { panic!("{unambiguous}") };
            assert_eq!(event.complaint_id, "1", "{unambiguous}");
        }
    }
}

#[test]
fn a_complaint_whose_number_cannot_be_told_is_handed_out_unread() {
    let long = |length: usize| format!(r#"{{"complaint_id":"{}"}}"#, "投".repeat(length));
    assert!(open("COMPLAINT.CREATE", "", long(MAX_ID).as_bytes()).is_ok());
    let too_long = long(MAX_ID + 1);
    for (resource, hint) in [
        ("{}", None),
        (r#"{"complaint_id":""}"#, None),
        (r#"{"complaint_id":" "}"#, None),
        (&*too_long, None),
        (r#"{"complaint_id":"1\n"}"#, None),
        (r#"{"complaint_id":["1"]}"#, None),
        (r#"{"complaint_id":"1","complaint_id":"2"}"#, None),
        (r#"[{"complaint_id":"1"},{"complaint_id":"2"}]"#, None),
        (r#"{"complaint_detail":"canary"b","complaint_id":"1"}"#, None),
        (r#"{"complaint_id":"1","complaint_detail":"canary"b"}"#, Some("1")),
        (r#"{"complaint_id":"1","complaint_detail":"#, Some("1")),
        (r#"[[{"complaint_id":"1"}]]"#, Some("1")),
        (r#"[{"complaint_id":"1"},null]"#, Some("1")),
        ("<html>canary", None),
    ] {
        let unread = unread(open("COMPLAINT.CREATE", "", resource.as_bytes()));
        assert_eq!((unread.id.as_deref(), unread.complaint_id.as_deref()), (Some("1"), hint), "{resource}");
        assert_eq!((unread.document.expose().as_str(), unread.is_sealed), (resource, false));
        let shown = format!("{unread:?} {}", unread.error);
        assert!(!shown.contains("canary"), "{shown}");
        assert!(ComplaintEvent::decode(resource.as_bytes()).is_err(), "{resource}");
    }
    // An unknown event need not be about a complaint.
    let other = open("COMPLAINT.SOMETHING_NEW", "", br#"{"complaint_id":""}"#).unwrap();
    assert!(matches!(other.resource, Resource::Other(_)));
    let cut = unread(open("COMPLAINT.CREATE", "", b"{\"complaint_id\":\"1\xe6\"}"));
    assert_eq!(cut.document.expose(), "{\"complaint_id\":\"1\u{fffd}\"}");
    assert_eq!(unread(open("OTHER", "", b"<html>")).document.expose(), "<html>");
}

#[test]
fn an_unreadable_envelope_is_returned_unchanged() {
    let verify = |body: &str| {
        verify_notification(&sign(body.as_bytes()), body.as_bytes(), &keys(), NOW).map(|envelope| envelope.id.clone())
    };
    let envelope = |id: &str| {
        format!(r#"{{"id":{id},"event_type":"A","resource":{{"algorithm":"a","nonce":"n","ciphertext":"canary"}}}}"#)
    };
    let long = |length: usize| envelope(&format!("\"{}\"", "1".repeat(length)));
    assert!(verify(&long(MAX_ID)).is_ok());
    for (body, id) in [
        (long(MAX_ID + 1), None),
        (envelope("\"\""), None),
        (envelope("null"), None),
        (envelope(r#"["7"]"#), None),
        (envelope(r#""7","id":"8""#), None),
        (r#"{"id":"7","resource":"canary"}"#.to_owned(), Some("7")),
        (r#"{"id":"7","resource":{"ciphertext":"canary""#.to_owned(), Some("7")),
        ("<html>canary".to_owned(), None),
        (String::new(), None),
    ] {
        let unread = unread(verify(&body));
        assert_eq!((unread.id.as_deref(), unread.complaint_id.as_deref()), (id, None), "{body}");
        assert_eq!((unread.document.expose().as_str(), unread.is_sealed), (&*body, true));
        assert!(id.is_none_or(|id| unread.dedup_key() == id));
        let shown = format!("{unread:?} {}", unread.error);
        assert!(!shown.contains("canary"), "{shown}");
    }
}

#[test]
fn copies_of_what_cannot_be_read_have_one_key() {
    let key = |body: &str| {
        unread(verify_notification(&sign(body.as_bytes()), body.as_bytes(), &keys(), NOW).map(drop)).dedup_key()
    };
    // `sha256sum` of the body.
    assert_eq!(key("{}"), "letter:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    assert_ne!(key("{}"), key("{ }"));
    assert_eq!(key(r#"{"id":"7","resource":1}"#), "7");
}

#[test]
fn a_notification_is_written_with_its_resource_in_clear() {
    let members =
        r#""create_time":"2025-03-14T15:09:26+08:00","resource_type":"encrypt-resource","summary":"s","x":1,"#;
    for (event_type, resource) in
        [("COMPLAINT.CREATE", r#"{"complaint_id":"1","y":"z"}"#), ("REFUND.SUCCESS", r#"{"x": [1.50]}"#)]
    {
        let written = serde_json::to_string(&open(event_type, members, resource.as_bytes()).unwrap()).unwrap();
        let expected = format!(
            r#"{{"id":"1","create_time":"2025-03-14T15:09:26+08:00","event_type":"{event_type}","resource_type":"encrypt-resource","summary":"s","resource":{resource},"x":1}}"#
        );
        assert_eq!(written, expected);
        let bare = serde_json::to_string(&open(event_type, "", resource.as_bytes()).unwrap()).unwrap();
        assert_eq!(bare, format!(r#"{{"id":"1","event_type":"{event_type}","resource":{resource}}}"#));
    }
}

#[test]
fn notifications_are_equal_when_their_resources_are() {
    let complaint =
        |id: &str| open("COMPLAINT.CREATE", "", format!(r#"{{"complaint_id":"{id}"}}"#).as_bytes()).unwrap();
    let other = |json: &str| open("OTHER", "", json.as_bytes()).unwrap();
    assert_eq!(complaint("1"), complaint("1"));
    assert_ne!(complaint("1"), complaint("2"));
    assert_eq!(other("1"), other("1"));
    assert_ne!(other("1"), other("2"));
    assert_ne!(complaint("1").resource, other("1").resource);
}

#[test]
fn errors_of_a_notification_name_the_side_at_fault() {
    let body = br#"{"id":"1","event_type":"OTHER","resource":{"algorithm":"AEAD_AES_256_GCM","nonce":"nnnnnnnnnnnn","ciphertext":"AAAA"}}"#;
    let envelope = verify_notification(&sign(body), body, &keys(), NOW).unwrap();
    let told = |error: NotificationError| (error.fault(), error.is_proven());
    assert_eq!(told(envelope.open(&api_v3_key()).unwrap_err()), (Fault::Local, true), "the key is another one");
    assert_eq!(told(open("COMPLAINT.CREATE", "", b"{}").unwrap_err()), (Fault::Platform, true));
    let forged = verify_notification(&sign(b"{}"), body, &keys(), NOW).unwrap_err();
    assert_eq!(told(forged), (Fault::Peer, false));
    let mut probe = sign(body);
    probe[4].1 = "WECHATPAY/SIGNTEST/abc".to_owned();
    assert_eq!(told(verify_notification(&probe, body, &keys(), NOW).unwrap_err()), (Fault::Platform, false));
}

#[test]
fn signature_headers_tell_what_is_verified_and_show_no_signature() {
    let signed = sign_with(SM2_KEY, "PUB_KEY_ID_1", b"{}");
    let headers = SignatureHeaders::read(&signed).unwrap();
    assert_eq!((headers.time(), headers.serial()), (NOW, "PUB_KEY_ID_1"));
    assert_eq!(headers.signature(), signed[4].1);
    assert_eq!(headers.algorithm(), SignatureAlgorithm::Sm2Sm3);
    assert_eq!(headers.parts_to_verify(b"{}").concat(), b"1741936166\nn0nce\n{}\n");
    let shown = format!("{headers:?}");
    assert!(shown.contains("PUB_KEY_ID_1") && !shown.contains(&signed[4].1) && !shown.contains("n0nce"), "{shown}");
}

#[test]
fn another_complaint_event_opens_as_one_if_it_looks_like_one() {
    let open = |event_type: &str, resource: &[u8]| open(event_type, "", resource);
    let complaint = br#"{"complaint_id":"1","action_type":"NEW_ACTION"}"#;
    for event_type in ["COMPLAINT.CREATE", "COMPLAINT.STATE_CHANGE", "COMPLAINT.SOMETHING_NEW"] {
        assert!(matches!(open(event_type, complaint).unwrap().resource, Resource::Complaint(_)), "{event_type}");
    }
    let other = open("COMPLAINT.SOMETHING_NEW", br#"{"x":1}"#).unwrap();
    assert!(matches!(&other.resource, Resource::Other(json) if json.get() == r#"{"x":1}"#));
    assert!(!other.event_type.is_known());
    assert_eq!(EventType::from("COMPLAINT.CREATE"), EventType::ComplaintCreate);
    assert!(matches!(open("COMPLAINT.CREATE", b"{}"), Err(NotificationError::Malformed(_))));
    assert!(matches!(open("OTHER", b"\xff"), Err(NotificationError::Malformed(_))));
}

#[test]
fn the_three_events_of_a_violation_are_typed() {
    let open = |event_type: &str, resource: &[u8]| open(event_type, "", resource).unwrap();
    let resource = br#"{"sub_mchid":"1900013511","record_id":"1","punish_time":{"odd":1},"new":2}"#;
    for (name, event_type) in [
        ("VIOLATION.PUNISH", EventType::ViolationPunish),
        ("VIOLATION.INTERCEPT", EventType::ViolationIntercept),
        ("VIOLATION.APPEAL", EventType::ViolationAppeal),
    ] {
        let notification = open(name, resource);
        assert_eq!(notification.event_type, event_type);
        let Resource::Violation(violation) = &notification.resource else { panic!("{name}") };
        assert_eq!(violation.sub_mchid.as_deref(), Some("1900013511"));
        // A member that does not fit costs that member, and both are written back.
        assert!(violation.punish_time().is_err() && notification.misfits().len() == 1);
        let written = serde_json::to_value(&notification).unwrap();
        assert_eq!(written["resource"], serde_json::from_slice::<serde_json::Value>(resource).unwrap());
        // A list is none.
        assert!(matches!(open(name, b"[1]").resource, Resource::Other(_)));
    }
    assert!(matches!(open("VIOLATION.NEW", resource).resource, Resource::Other(_)));
}

#[test]
fn bodies_are_bounded() {
    let keys = keys();
    let large = |limit| ResponseError::Verification(VerificationError::TooLarge { limit });
    let body = vec![b' '; MAX_IMAGE_BODY + 1];
    let response = |status, length: usize| RawResponse { status, headers: &[("a", "b")], body: &body[..length] };
    assert_ne!(response(200, MAX_RESPONSE_BODY).verify(&keys, NOW).unwrap_err(), large(MAX_RESPONSE_BODY));
    assert_eq!(response(200, MAX_RESPONSE_BODY + 1).verify(&keys, NOW).unwrap_err(), large(MAX_RESPONSE_BODY));
    assert!(response(200, MAX_IMAGE_BODY).accept_image(&keys, NOW).is_ok());
    assert_eq!(response(200, MAX_IMAGE_BODY + 1).accept_image(&keys, NOW).unwrap_err(), large(MAX_IMAGE_BODY));
    let notification = |length: usize| verify_notification(&[("a", "b")], &body[..length], &keys, NOW).unwrap_err();
    let too_large = VerificationError::TooLarge { limit: MAX_NOTIFICATION_BODY }.into();
    assert_ne!(notification(MAX_NOTIFICATION_BODY), too_large);
    assert_eq!(notification(MAX_NOTIFICATION_BODY + 1), too_large);
}

#[test]
fn header_values_are_bounded() {
    let mut headers = sign(b"{}");
    headers[3].1 = "n".repeat(MAX_HEADER_VALUE);
    let error = verify(200, &headers, b"{}").unwrap_err();
    assert!(matches!(error, ResponseError::Verification(VerificationError::UnknownKey { .. })));
    headers[3].1.push('n');
    let error = verify(200, &headers, b"{}").unwrap_err();
    assert!(matches!(
        error,
        ResponseError::Verification(VerificationError::MalformedHeader { header: "Wechatpay-Serial", .. })
    ));
    // A nonce of any length is signed rightly here: what is too long is refused for its length.
    let nonce = |length| verify(200, &sign_nonce(PLATFORM_KEY, SERIAL, &"n".repeat(length), b"{}"), b"{}");
    assert_eq!(nonce(MAX_HEADER_VALUE), Ok((200, b"{}".to_vec())));
    assert_eq!(nonce(MAX_HEADER_VALUE + 1).unwrap_err(), VerificationError::BadSignature.into());
    assert_eq!(nonce(0).unwrap_err(), VerificationError::MissingHeader("Wechatpay-Nonce").into());
}

/// They are compared as numbers, and sent as they were given.
#[test]
fn serials_are_sent_as_they_are_configured() {
    let merchant = Merchant::new("1", "0ab1", Scheme::Rsa).unwrap().with_platform_key("00Cd").unwrap();
    let stamp = Stamp { now: NOW, nonce: "n" };
    let unsigned = merchant.prepare_parts(RequestParts::without_body(Method::Get, "/v3/x".to_owned()), &stamp).unwrap();
    let signer = signer(&PrivateKey::read(PLATFORM_KEY).unwrap()).unwrap();
    let signature = signer.sign(&unsigned.parts_to_sign()).unwrap();
    let request = unsigned.attach(&signature);
    let header = |name: &str| {
        request.headers().find(|(candidate, _)| candidate.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    assert!(header("Authorization").unwrap().contains("serial_no=\"0ab1\""));
    assert_eq!(header("Wechatpay-Serial").as_deref(), Some("00Cd"));
}

#[test]
fn values_for_a_header_are_bounded() {
    let merchant = |id: &str| Merchant::new(id, "AB", Scheme::Rsa);
    assert!(merchant(&"1".repeat(MAX_ID)).is_ok());
    for id in ["", &"1".repeat(MAX_ID + 1), "1\"", "1,2", "1\r\n2", "商"] {
        assert!(matches!(merchant(id), Err(BuildError::Field { field: "mchid", .. })), "{id}");
        assert!(Merchant::new("1", id, Scheme::Rsa).is_err());
        assert!(merchant("1").unwrap().with_platform_key(id).is_err());
    }
    let merchant = merchant("1").unwrap();
    let prepare = |target: &str, nonce: &str| {
        merchant.prepare_parts(RequestParts::without_body(Method::Get, target), &Stamp { now: NOW, nonce }).map(drop)
    };
    assert!(prepare("/v3/x?a=%2F&b", &"n".repeat(MAX_NONCE)).is_ok());
    for (target, nonce) in [
        ("/", ""),
        ("/", &*"n".repeat(MAX_NONCE + 1)),
        ("/", "a\n"),
        ("", "n"),
        ("x", "n"),
        ("/a b", "n"),
        ("/#", "n"),
        ("/\u{e9}", "n"),
    ] {
        assert_eq!(prepare(target, nonce).unwrap_err().failure().fault, Fault::Caller, "{target} {nonce}");
    }
}

#[test]
fn schemes_are_the_platforms_two() {
    for (scheme, name, algorithm) in [
        (Scheme::Rsa, "WECHATPAY2-SHA256-RSA2048", SignatureAlgorithm::RsaSha256),
        (Scheme::Sm2, "WECHATPAY2-SM2-WITH-SM3", SignatureAlgorithm::Sm2Sm3),
    ] {
        assert_eq!((scheme.as_str(), scheme.algorithm()), (name, algorithm));
        assert_eq!((Scheme::from_name(name), Scheme::of(algorithm)), (Some(scheme), Some(scheme)));
    }
    assert_eq!(Scheme::from_name("WECHATPAY2-SHA256-RSA4096"), None);
    assert_eq!(Scheme::of(SignatureAlgorithm::RsaSha1), None, "Allinpay's");
}

#[test]
fn the_platforms_key_is_named_on_request() {
    let merchant = Merchant::new("1", "AB", Scheme::Sm2).unwrap().with_platform_key("PUB_KEY_ID_1").unwrap();
    assert_eq!(merchant.serial_no(), "AB");
    let key = signer(&PrivateKey::read(SM2_KEY).unwrap()).unwrap();
    let stamp = Stamp { now: NOW, nonce: "n" };
    let request = merchant
        .prepare_parts(RequestParts::json(Method::Post, "/v3/x", b"{}".to_vec()), &stamp)
        .unwrap()
        .sign(&*key)
        .unwrap();
    let headers: Vec<_> = request.headers().skip(1).collect();
    assert_eq!(
        headers,
        [("Accept", "application/json"), ("Content-Type", "application/json"), ("Wechatpay-Serial", "PUB_KEY_ID_1")]
    );
    let rsa = signer(&PrivateKey::read(PLATFORM_KEY).unwrap()).unwrap();
    let mixed_up =
        merchant.prepare_parts(RequestParts::without_body(Method::Get, "/"), &stamp).unwrap().sign(&*rsa).unwrap_err();
    assert_eq!(mixed_up, BuildError::Algorithm("WECHATPAY2-SM2-WITH-SM3"));
    assert_eq!(mixed_up.failure().delivery, Delivery::NotSent);
}

#[test]
fn images_are_bounded_and_their_boundary_separates() {
    let mut two_mib = vec![0; 2 * 1024 * 1024 + 1];
    two_mib[..4].copy_from_slice(b"\x89PNG");
    assert!(UploadImage::new("a.PNG", &two_mib[..2 * 1024 * 1024]).is_ok());
    assert!(UploadImage::new("a.png", &two_mib).is_err());
    assert!(UploadImage::new("a.png", b"").is_err());
    let long = |length: usize| format!("{}.jpg", "图".repeat(length - 4));
    assert!(UploadImage::new(&long(128), b"\xff\xd8\xff").is_ok());
    for name in [&*long(129), "a.gif", "png", "a\".png", "a\r\nb.png", "a\\.bmp"] {
        assert!(UploadImage::new(name, b"\xff\xd8\xff").is_err(), "{name}");
    }
    for other in [&b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"[..], b"GIF89a", b"BM", b"x"] {
        let error = UploadImage::new("a.png", other).unwrap_err().to_string();
        assert!(error.contains("JPEG, BMP or PNG, by its first bytes"), "{error}");
    }
    let upload = UploadImage::new("a.bmp", b"BM\x1a\0\0\0\0\0\0\0--boundary--").unwrap();
    for boundary in ["", "boundary", "bound", "a b", &"a".repeat(71)] {
        assert!(upload.request_with_boundary(boundary).is_err(), "{boundary}");
    }
    assert!(upload.request_with_boundary(&"a".repeat(70)).is_ok());
}

#[test]
fn a_jpeg_is_sent_under_an_ending_that_the_platform_names() {
    for (name, sent) in [
        ("a.jpeg", "a.jpg"),
        ("照片.JPEG", "照片.jpg"),
        ("a.png.Jpeg", "a.png.jpg"),
        (".jpeg", ".jpg"),
        ("jpeg.jpg", "jpeg.jpg"),
        ("a.JPG", "a.JPG"),
    ] {
        let request = UploadImage::new(name, b"\xff\xd8\xff").unwrap().request_with_boundary("b").unwrap();
        let body = String::from_utf8_lossy(request.body.bytes()).into_owned();
        assert!(body.contains(&format!("{{\"filename\":\"{sent}\",")), "{body}");
        assert!(body.contains(&format!("filename=\"{sent}\";\r\nContent-Type: image/jpeg")), "{body}");
    }
    for name in ["jpeg", "a.jpeg ", "a.jpegs", "a.jpe", "a.gif"] {
        assert!(UploadImage::new(name, b"\xff\xd8\xff").is_err(), "{name}");
    }
}

#[test]
fn key_files_are_bounded() {
    let padded = |length: usize| {
        let mut pem = PLATFORM_CERTIFICATE.as_bytes().to_vec();
        pem.resize(length, b'\n');
        pem
    };
    assert!(Certificate::read(&padded(MAX_KEY_FILE)).is_ok());
    let error = Certificate::read(&padded(MAX_KEY_FILE + 1)).unwrap_err();
    assert_eq!(error.to_string(), "this is longer than any key; a certificate is needed");
    assert!(matches!(PublicKey::read(&[]), Err(KeyError::Mismatch { .. })));
}

#[cfg(feature = "http")]
#[test]
fn a_request_becomes_the_http_crates_unchanged() {
    let merchant = Merchant::new("1", "AB", Scheme::Sm2).unwrap();
    let key = signer(&PrivateKey::read(SM2_KEY).unwrap()).unwrap();
    let parts = RequestParts::json(Method::Put, "/v3/x?a=%2F%3D", b"{\"a\":\"\\/\"}".to_vec());
    let request = merchant.prepare_parts(parts, &Stamp { now: NOW, nonce: "n" }).unwrap().sign(&*key).unwrap();
    let converted = request.clone().into_http("https://api.mch.weixin.qq.com").unwrap();
    assert_eq!(converted.uri().to_string(), "https://api.mch.weixin.qq.com/v3/x?a=%2F%3D");
    assert_eq!((converted.method().as_str(), &**converted.body()), ("PUT", request.body()));
    for (name, value) in request.headers() {
        assert_eq!(converted.headers()[name], value);
    }
    assert!(request.into_http("not an origin ").is_err());
}
