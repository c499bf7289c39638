//! The paths with budgets, each ready to be called: its input is made, and its verifier accepts
//! every signature.
//!
//! Without cryptography the rest is ours: parsing, the strings to sign, the headers. SM2 signatures
//! are ours too, in paths of their own.

use std::hint::black_box;
use std::sync::Arc;

use protocol_core::allinpay::{Merchant as AllinpayMerchant, SignType};
use protocol_core::codec::decode_json;
use protocol_core::complaint::ComplaintPage;
use protocol_core::crypto::{
    ApiV3Key, CryptoError, Keyring, PrivateKey, Signature, SignatureAlgorithm, Signer, Verifier,
};
use protocol_core::mini_program::{EncodingAesKey, Format, Mode, Push, Receiver};
use protocol_core::wechat_pay::{Merchant, Scheme, signer, verifier, verify_notification};
use protocol_core::{Method, RequestParts, Secret, Stamp, UnixTime};

use crate::{allinpay_response, history, push_xml};

const COMPLAINT_PAGE: &[u8] = include_bytes!("../../samples/wechat-pay/complaint-page.json");
const NOTIFICATION_HEADERS: &str = include_str!("../../samples/wechat-pay/notification.headers");
const NOTIFICATION: &[u8] = include_bytes!("../../samples/wechat-pay/notification.json");
const API_V3_KEY: &[u8] = include_bytes!("../../samples/wechat-pay/apiv3.key");
const SM2_KEY: &[u8] =
    include_bytes!("../../crates/protocol-core/tests/vectors/wechatpay/java-shangmi/merchant_private_key.pem");
const SIGNED: &[u8] = b"GET\n/v3/merchant-service/complaints-v2/200201820200101080076610000\n1741936166\nNONCE\n\n";
const NOW: UnixTime = UnixTime(1_741_936_166);
const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";

/// A path of the library, and its floor if it has one without cryptography.
pub struct Path {
    pub name: &'static str,
    pub ours: Call,
    pub floor: Option<Call>,
    /// Whether ciphers run in it. Their instructions depend on the processor.
    pub deciphers: bool,
}

pub type Call = Box<dyn Fn()>;

/// Every path with a budget.
pub fn all() -> Vec<Path> {
    let history = Arc::new(history::document(history::PAGE));
    let push = Arc::new(push_xml::document(push_xml::ENTRIES));
    let with_floor = |name, ours, floor| Path { name, ours, floor: Some(floor), deciphers: false };
    let parsing = |name, ours| Path { name, ours, floor: None, deciphers: false };
    let deciphering = |name, ours| Path { name, ours, floor: None, deciphers: true };
    vec![
        with_floor(
            "history",
            call(&history, |document| history::ours(document.as_bytes())),
            call(&history, |document| history::floor(document)),
        ),
        with_floor(
            "push_xml",
            call(&push, |document| push_xml::ours(document.as_bytes())),
            call(&push, |document| push_xml::floor::least(document)),
        ),
        parsing("push_json", push_json(&push)),
        parsing(
            "complaint_page",
            call(&Arc::new(()), |()| decode_json::<ComplaintPage>("a page", COMPLAINT_PAGE).unwrap()),
        ),
        parsing("authorization", authorization()),
        with_floor(
            "allinpay_response",
            allinpay(&history, |merchant, body| allinpay_response::ours(body, merchant, &VERIFIES)),
            allinpay(&history, |_, body| allinpay_response::least(body, |_, _| ())),
        ),
        parsing("sm2_sign", sm2_sign()),
        parsing("sm2_verify", sm2_verify()),
        deciphering("notification", notification()),
        deciphering("secure_push", secure_push(&push)),
    ]
}

/// A path with a document of this size, by the path's name. Its cost has to grow as the document
/// does.
pub fn grown(path: &str, entries: usize) -> Call {
    match path {
        "history" => call(&Arc::new(history::document(entries)), |document| history::ours(document.as_bytes())),
        "push_xml" => call(&Arc::new(push_xml::document(entries)), |document| push_xml::ours(document.as_bytes())),
        _ => unreachable!("no document of {path} grows"),
    }
}

fn call<I: 'static, O>(input: &Arc<I>, function: impl Fn(&I) -> O + 'static) -> Call {
    let input = Arc::clone(input);
    Box::new(move || drop(black_box(function(black_box(&input)))))
}

fn push_json(push: &str) -> Call {
    let json = serde_json::to_string(&push_xml::ours(push.as_bytes())).unwrap();
    call(&Arc::new(json), |json| Push::decode(json.as_bytes()).unwrap())
}

fn authorization() -> Call {
    let merchant = Merchant::new("1900007291", "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB", Scheme::Rsa).unwrap();
    call(&Arc::new(merchant), |merchant| {
        let target = "/v3/merchant-service/complaints-v2/200201820200101080076610000";
        let stamp = Stamp { now: NOW, nonce: NONCE };
        merchant
            .prepare_parts(RequestParts::without_body(Method::Get, target), &stamp)
            .unwrap()
            .sign(&Yes(SignatureAlgorithm::RsaSha256))
            .unwrap()
    })
}

fn allinpay<O>(history: &str, function: impl Fn(&AllinpayMerchant, &[u8]) -> O + 'static) -> Call {
    let merchant = AllinpayMerchant::new(allinpay_response::APPID, allinpay_response::CUSID, SignType::Rsa).unwrap();
    let body = allinpay_response::document(history, &VERIFIES);
    call(&Arc::new((merchant, body)), move |(merchant, body)| function(merchant, body.as_bytes()))
}

const VERIFIES: Yes = Yes(SignatureAlgorithm::RsaSha1);

/// A request's signature in SM mode, by the table of the generator.
fn sm2_sign() -> Call {
    let signer = signer(&PrivateKey::read(SM2_KEY).unwrap()).unwrap();
    let sign = move || signer.sign(&[SIGNED]).unwrap();
    often(&sign);
    call(&Arc::new(sign), |sign| sign())
}

/// The verification of a message in SM mode, by the tables of the generator and the key.
fn sm2_verify() -> Call {
    let key = PrivateKey::read(SM2_KEY).unwrap();
    let signature = signer(&key).unwrap().sign(&[SIGNED]).unwrap();
    let verifier = verifier(&key.public_key()).unwrap();
    let verify = move || verifier.verify(&[SIGNED], signature.as_bytes()).unwrap();
    often(&verify);
    call(&Arc::new(verify), |verify| verify())
}

/// The first uses of a key go without a table.
fn often<O>(function: impl Fn() -> O) {
    for _ in 0..8 {
        function();
    }
}

fn notification() -> Call {
    let headers: Vec<(String, String)> = NOTIFICATION_HEADERS
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let serial_no = headers.iter().find(|(name, _)| name == "Wechatpay-Serial").unwrap().1.clone();
    let keys = Keyring::new();
    keys.insert(&serial_no, Arc::new(Yes(SignatureAlgorithm::RsaSha256)));
    let key = ApiV3Key::new(API_V3_KEY.trim_ascii_end()).unwrap();
    call(&Arc::new((headers, keys, key)), |(headers, keys, key)| {
        verify_notification(headers, NOTIFICATION, keys, NOW).unwrap().open(key).unwrap()
    })
}

fn secure_push(push: &str) -> Call {
    let key = EncodingAesKey::read("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG").unwrap();
    let receiver = Receiver::new(push_xml::APPID, Secret::new("AAAAA".into()), Mode::Secure, Some(key)).unwrap();
    let (query, body) = receiver.secure_push(Format::Xml, push, &[7; 16], NOW, "1514711492").unwrap();
    call(&Arc::new((receiver, query, body)), |(receiver, query, body)| {
        receiver.open(query, body.as_bytes(), NOW).unwrap()
    })
}

/// Makes the same signature for every text, and accepts every signature.
#[derive(Debug)]
pub struct Yes(pub SignatureAlgorithm);

impl Signer for Yes {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.0
    }

    fn sign(&self, _: &[&[u8]]) -> Result<Signature, CryptoError> {
        Ok(Signature::new(vec![7; 256]))
    }
}

impl Verifier for Yes {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.0
    }

    fn verify(&self, _: &[&[u8]], _: &[u8]) -> Result<(), CryptoError> {
        Ok(())
    }
}
