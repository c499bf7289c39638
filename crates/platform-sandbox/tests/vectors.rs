//! The sandbox verifies the published vectors. The protocol core's tests have their provenance.
#![cfg(any(feature = "aws-lc-rs", feature = "ring"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test's helpers fail by panicking")]

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use platform_sandbox::{Caller, MerchantKeys, RequestError, verify_request};
use protocol_core::UnixTime;
use protocol_core::crypto::{Certificate, PrivateKey};
use protocol_core::wechat_pay::{Scheme, signer};
use serde_json::Value;

const MCHID: &str = "1900007291";
const SERIAL: &str = "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB";

fn read(path: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../protocol-core/tests/vectors/wechatpay");
    fs::read(folder.join(path)).unwrap()
}

fn json(path: &str) -> Value {
    serde_json::from_slice(&read(path)).unwrap()
}

fn official_key() -> PrivateKey {
    PrivateKey::read(&read("official/apiclient_test_key.pem")).unwrap()
}

fn keys() -> MerchantKeys {
    let mut keys = MerchantKeys::new();
    keys.insert(MCHID, SERIAL, &official_key().public_key()).unwrap();
    keys
}

/// A request of a vector.
#[derive(Clone)]
struct Case {
    method: String,
    target: String,
    authorization: Vec<u8>,
    content_type: String,
    body: Vec<u8>,
    /// The range of the signed bytes in the body.
    signed: std::ops::Range<usize>,
    now: UnixTime,
}

impl Case {
    fn verify(&self, keys: &MerchantKeys) -> Result<Caller, RequestError> {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("Accept", b"application/json".as_slice()),
            ("User-Agent", b"vector"),
            ("Content-Type", self.content_type.as_bytes()),
            ("Authorization", &self.authorization),
        ] {
            // A value that no header can have arrives as no header.
            if let Ok(value) = HeaderValue::from_bytes(value) {
                headers.insert(HeaderName::try_from(name).unwrap(), value);
            }
        }
        verify_request(&self.method, &self.target, &headers, &self.body, keys, self.now)
    }
}

fn authorization(scheme: &str, nonce: &str, signature: &str, timestamp: &str) -> Vec<u8> {
    format!(
        "{scheme} mchid=\"{MCHID}\",nonce_str=\"{nonce}\",signature=\"{signature}\",timestamp=\"{timestamp}\",serial_no=\"{SERIAL}\""
    )
    .into_bytes()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn multipart(meta: &str) -> (String, Vec<u8>, std::ops::Range<usize>) {
    let head = "--B0\r\nContent-Disposition: form-data; name=\"meta\";\r\nContent-Type: application/json\r\n\r\n";
    let tail = "\r\n--B0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\";\r\nContent-Type: image/png\r\n\r\n\u{1}\r\n--B0--\r\n";
    let body = format!("{head}{meta}{tail}").into_bytes();
    ("multipart/form-data; boundary=B0".to_owned(), body, head.len()..head.len() + meta.len())
}

/// The five requests of the official documentation. The upload is a multipart body, as on the wire.
fn official() -> Vec<Case> {
    let document = json("official/request_sign.json");
    let cases = document["cases"].as_array().unwrap();
    cases
        .iter()
        .map(|case| {
            let meta = text(&case["body"]);
            let (content_type, body, signed) = if case["name"] == "upload_meta_only" {
                multipart(&meta)
            } else {
                ("application/json".to_owned(), meta.clone().into_bytes(), 0..meta.len())
            };
            let (nonce, timestamp) = (text(&case["nonce_str"]), text(&case["timestamp"]));
            Case {
                method: text(&case["method"]),
                target: text(&case["url"]),
                authorization: authorization(
                    Scheme::Rsa.as_str(),
                    &nonce,
                    case["signature_b64"].as_str().unwrap(),
                    &timestamp,
                ),
                content_type,
                body,
                signed,
                now: UnixTime::from_digits(&timestamp).unwrap(),
            }
        })
        .collect()
}

/// The requests of the complaint interfaces, and a whole upload.
fn complaints() -> Vec<Case> {
    let now = UnixTime(1_741_936_166);
    let document = json("synthetic/complaint_request_sign.json");
    let mut cases: Vec<Case> = document["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| {
            let body = text(&case["signed_body"]).into_bytes();
            Case {
                method: text(&case["method"]),
                target: text(&case["url"]),
                authorization: text(&case["authorization"]).into_bytes(),
                content_type: "application/json".to_owned(),
                signed: 0..body.len(),
                body,
                now,
            }
        })
        .collect();
    let upload = json("synthetic/upload_multipart.json");
    let body = STANDARD.decode(upload["body_b64"].as_str().unwrap()).unwrap();
    let meta = text(&upload["signed_body"]);
    let at = body.windows(meta.len()).position(|window| window == meta.as_bytes()).unwrap();
    let nonce = "593BEC0C930BF1AFEB40B4A08C8FB242";
    let signature = upload["signature_b64"].as_str().unwrap();
    cases.push(Case {
        method: "POST".to_owned(),
        target: "/v3/merchant-service/images/upload".to_owned(),
        authorization: authorization(Scheme::Rsa.as_str(), nonce, signature, "1741936166"),
        content_type: text(&upload["content_type"]),
        signed: at..at + meta.len(),
        body,
        now,
    });
    cases
}

#[test]
fn every_published_request_is_accepted() {
    let cases = [official(), complaints()].concat();
    assert!(cases.len() >= 13, "{}", cases.len());
    for case in cases {
        let caller = case.verify(&keys()).unwrap_or_else(|refusal| panic!("{}: {refusal}", case.target));
        assert_eq!((caller.mchid.as_str(), caller.serial_no.as_str()), (MCHID, SERIAL));
        assert_eq!(caller.scheme, Scheme::Rsa);
    }
}

#[test]
fn any_changed_byte_is_refused() {
    let keys = keys();
    for case in [official(), complaints()].concat() {
        for at in 0..case.authorization.len() {
            let mut changed = case.clone();
            changed.authorization[at] ^= 1;
            assert!(changed.verify(&keys).is_err(), "{} authorization {at}", case.target);
        }
        for at in case.signed.clone() {
            let mut changed = case.clone();
            changed.body[at] ^= 1;
            assert!(changed.verify(&keys).is_err(), "{} body {at}", case.target);
        }
        for at in 0..case.target.len() {
            let mut target = case.target.clone().into_bytes();
            target[at] ^= 1;
            let changed = Case { target: String::from_utf8(target).unwrap(), ..case.clone() };
            assert!(changed.verify(&keys).is_err(), "{} target {at}", case.target);
        }
        let changed = Case { method: "PATCH".to_owned(), ..case.clone() };
        assert!(changed.verify(&keys).is_err());
    }
}

#[test]
fn the_clock_has_five_minutes_either_way() {
    let case = official().remove(0);
    for (away, good) in [(300, true), (301, false), (-300, true), (-301, false)] {
        let moved = Case { now: UnixTime(case.now.0 + away), ..case.clone() };
        assert_eq!(moved.verify(&keys()).is_ok(), good, "{away}");
    }
}

#[test]
fn the_documented_string_of_an_upload_is_what_is_verified() {
    let sample = json("official/upload_string_to_sign_sample.json");
    let [method, target, timestamp, nonce, meta] =
        ["method", "url", "timestamp", "nonce", "body"].map(|name| text(&sample[name]));
    let string = format!("{method}\n{target}\n{timestamp}\n{nonce}\n{meta}\n");
    let signature = signer(&official_key()).unwrap().sign(&[string.as_bytes()]).unwrap().to_base64();
    let (content_type, body, signed) = multipart(&meta);
    let now = UnixTime::from_digits(&timestamp).unwrap();
    let authorization = authorization(Scheme::Rsa.as_str(), &nonce, &signature, &timestamp);
    let case = Case { method, target, authorization, content_type, body, signed, now };
    assert!(case.verify(&keys()).is_ok());
}

#[test]
fn the_official_sm_header_is_read_and_its_key_looked_up() {
    let header = text(&json("official/sm2_authorization_sample.json")["header"]);
    let case = Case {
        method: "GET".to_owned(),
        target: "/".to_owned(),
        authorization: header.into_bytes(),
        content_type: String::new(),
        body: Vec::new(),
        signed: 0..0,
        now: UnixTime(1_636_620_536),
    };
    assert_eq!(case.verify(&keys()), Err(RequestError::UnknownMerchant));
    // The merchant's key is known, so only the signature is wrong: the signed string is not
    // published.
    let mut known = MerchantKeys::new();
    let certificate = Certificate::read(&read("java-shangmi/merchant_certificate.pem")).unwrap();
    known.insert("2480467911", "157056765AB5A9EEE5D363D0329039A254D5EF49", certificate.public_key()).unwrap();
    assert!(matches!(case.verify(&known), Err(RequestError::BadSignature { .. })));
}

#[test]
fn a_published_sm_key_signs_requests_that_are_accepted() {
    let key = PrivateKey::read(&read("java-shangmi/merchant_private_key.pem")).unwrap();
    let mut known = MerchantKeys::new();
    known.insert(MCHID, SERIAL, &key.public_key()).unwrap();
    let string = b"GET\n/v3/certificates?algorithm_type=SM2\n1636620536\nfixednonce\n\n";
    let signature = signer(&key).unwrap().sign(&[string]).unwrap().to_base64();
    let case = |scheme: Scheme| Case {
        method: "GET".to_owned(),
        target: "/v3/certificates?algorithm_type=SM2".to_owned(),
        authorization: authorization(scheme.as_str(), "fixednonce", &signature, "1636620536"),
        content_type: String::new(),
        body: Vec::new(),
        signed: 0..0,
        now: UnixTime(1_636_620_536),
    };
    assert_eq!(case(Scheme::Sm2).verify(&known).unwrap().scheme, Scheme::Sm2);
    assert_eq!(case(Scheme::Rsa).verify(&known), Err(RequestError::SchemeMismatch));
}
