//! A platform in the test: it signs responses with a published demo key.

use std::any::type_name;
use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use protocol_core::allinpay::{
    AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayFileUpload, AlipayProcessCode, AlipayProcessFinish,
    ComplaintsComplete, ComplaintsResp, File, Members, Merchant, Operation, PLATFORM_USER_ID, Response, ResponseError,
    SignType, WxComplaintDetail, WxComplaintHistory, WxComplaintList, WxComplaintListOlder, WxComplaintOrderDetail,
    WxComplaintsRefundProgress, WxGetMerchantImage, WxMerchantImageUpload, verifier as response_verifier,
};
use protocol_core::crypto::{PrivateKey, RsaDigest, RsaSigner, Signer, Sm2SignatureEncoding, Sm2Signer, Verifier};
use protocol_core::rate::RateGroup;
use protocol_core::{Idempotency, OperationInfo as _, Stamp, UnixTime, Verified};
use serde_json::Value;

pub(crate) const APPID: &str = "00000051";
pub(crate) const CUSID: &str = "990581007426001";
pub(crate) const NONCE: &str = "82712208";
/// 2025-03-14 15:09:26 in China.
pub(crate) const STAMP: Stamp<'_> = Stamp { now: UnixTime(1_741_936_166), nonce: NONCE };

const PUBLISHED: &str = include_str!("../vectors/allinpay/published_keys.json");

/// A demo merchant's private key, such as `("test", "rsa")`.
pub(crate) fn demo_key(merchant: &str, algorithm: &str) -> PrivateKey {
    let published: Value = serde_json::from_str(PUBLISHED).unwrap();
    let key = &published["demo_merchants"][merchant][format!("{algorithm}_private_pkcs8_b64")];
    PrivateKey::read(key.as_str().expect("the demo has this key").as_bytes()).unwrap()
}

pub(crate) fn to_base64(bytes: impl AsRef<[u8]>) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(crate) fn from_base64(text: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

/// Signs responses, and verifies them.
pub(crate) struct Platform {
    pub(crate) sign_type: SignType,
    pub(crate) signer: Box<dyn Signer>,
    pub(crate) verifier: Arc<dyn Verifier>,
}

impl Platform {
    pub(crate) fn rsa() -> Self {
        let key = demo_key("test", "rsa");
        let verifier = response_verifier(&key.public_key()).unwrap();
        let PrivateKey::Rsa(key) = key else { panic!("an RSA key") };
        Self { sign_type: SignType::Rsa, signer: Box::new(RsaSigner::new(&key, RsaDigest::Sha1)), verifier }
    }

    pub(crate) fn sm2() -> Self {
        let key = demo_key("production_demo", "sm2");
        let verifier = response_verifier(&key.public_key()).unwrap();
        let PrivateKey::Sm2(key) = key else { panic!("an SM2 key") };
        let signer = Sm2Signer::new(&key, PLATFORM_USER_ID, Sm2SignatureEncoding::Raw).unwrap();
        Self { sign_type: SignType::Sm2, signer: Box::new(signer), verifier }
    }

    pub(crate) fn merchant(&self) -> Merchant {
        Merchant::new(APPID, CUSID, self.sign_type).unwrap()
    }

    /// An object of `members`, as they are written, and the signature of a string that the test
    /// gives.
    pub(crate) fn seal(&self, members: &str, string_to_sign: &str) -> Vec<u8> {
        let sign = self.signer.sign(&[string_to_sign.as_bytes()]).unwrap().to_base64();
        let separator = if members.is_empty() { "" } else { "," };
        format!("{{{members}{separator}\"sign\":\"{sign}\"}}").into_bytes()
    }

    /// A response of these members: names, and JSON of their values.
    pub(crate) fn response(&self, members: &[(&str, &str)]) -> Vec<u8> {
        self.seal(&written(members), &string_to_sign(members))
    }

    /// A success with more members.
    pub(crate) fn success(&self, members: &[(&str, &str)]) -> Vec<u8> {
        let all = [&[("retcode", "\"SUCCESS\""), ("randomstr", "\"abc\"")], members].concat();
        self.response(&all)
    }

    /// A success whose `records` is the base64 of a document.
    pub(crate) fn records(&self, document: impl AsRef<[u8]>) -> Vec<u8> {
        self.success(&[("records", &format!("\"{}\"", to_base64(document)))])
    }

    pub(crate) fn open<'b>(&self, body: &'b [u8]) -> Result<Verified<Members<'b>>, ResponseError> {
        self.merchant().open(body, &*self.verifier)
    }

    /// Opens a response and decodes it as an operation's.
    pub(crate) fn decode<O: Sample>(&self, body: &[u8]) -> Result<O::Response, ResponseError> {
        O::sample().receive(Response::new(body, &self.merchant(), &*self.verifier))
    }
}

/// An operation that asks for something.
pub(crate) trait Sample: Operation {
    fn sample() -> Self;
}

macro_rules! samples {
    ($($operation:ty = $sample:expr;)+) => {
        $(impl Sample for $operation {
            fn sample() -> Self {
                $sample
            }
        })+

        /// Every operation. A new one is a row of `samples!`.
        pub(crate) fn every_operation() -> Vec<AnyOperation> {
            vec![$(AnyOperation {
                name: <$operation>::NAME,
                type_name: type_name::<$operation>(),
                is_act: <$operation>::IDEMPOTENCY == Idempotency::Unsafe,
                rate: <$operation>::RATE,
                decode: |platform, body| platform.decode::<$operation>(body).map(drop),
            }),+]
        }
    };
}

/// An operation, whatever its response.
pub(crate) struct AnyOperation {
    pub(crate) name: &'static str,
    pub(crate) type_name: &'static str,
    /// Whether a second one would take effect, too.
    pub(crate) is_act: bool,
    pub(crate) rate: RateGroup,
    /// [`Platform::decode`] as this operation's response.
    pub(crate) decode: fn(&Platform, &[u8]) -> Result<(), ResponseError>,
}

samples! {
    WxComplaintList = Self::new("2025-03-01 00:00:00", "2025-03-14 00:00:00");
    WxComplaintListOlder = Self::new("2025-03-01", "2025-03-14");
    WxComplaintDetail = Self::new("1");
    WxComplaintHistory = Self::new("1");
    ComplaintsResp = Self::new("1", "a");
    ComplaintsComplete = Self::new("1");
    WxComplaintsRefundProgress = Self::approve("1", 0);
    WxMerchantImageUpload<'_> = Self::new(File::new("a.png", b""));
    WxGetMerchantImage = Self::new("a");
    WxComplaintOrderDetail = Self::new("1");
    AlipayComplaintQueryV2 = Self::default();
    AlipayComplaintQuery = Self::new("1");
    AlipayProcessFinish = Self::new(Vec::new(), AlipayProcessCode::Refund);
    AlipayFileUpload<'_> = Self::new(File::new("a.png", b""));
}

/// Members as they stand in an object.
pub(crate) fn written(members: &[(&str, &str)]) -> String {
    members.iter().map(|(name, json)| format!("\"{name}\":{json}")).collect::<Vec<_>>().join(",")
}

/// The specification's words in other code than the library's: every member but `sign` whose value
/// is not empty, sorted by name, strings unescaped, anything else as it is written.
pub(crate) fn string_to_sign(members: &[(&str, &str)]) -> String {
    let sorted: BTreeMap<&str, String> = members
        .iter()
        .map(|&(name, json)| {
            let value = match json.as_bytes()[0] {
                b'"' => serde_json::from_str(json).unwrap(),
                b'n' => String::new(),
                _ => json.to_owned(),
            };
            (name, value)
        })
        .filter(|(name, value)| *name != "sign" && !value.is_empty())
        .collect();
    sorted.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}
