//! A response of Allinpay. Unchanged, only what the sample signs verifies; signed by a key of ours,
//! what is read has exactly the members that another reader signs.
#![no_main]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use protocol_core::allinpay::{Members, Merchant, ResponseError, SignType, verifier};
use protocol_core::crypto::{PublicKey, SignatureAlgorithm, Verifier};
use serde_json::value::RawValue;

const SAMPLE: &[u8] = include_bytes!("../../samples/allinpay/history.json");

static PLATFORM: LazyLock<Arc<dyn Verifier>> = LazyLock::new(|| {
    let key = PublicKey::read(include_bytes!("../../samples/allinpay/platform_sm2.pub")).expect("the sample's key");
    verifier(&key).expect("a verifier")
});

static MERCHANT: LazyLock<Merchant> =
    LazyLock::new(|| Merchant::new("00000051", "990581007426001", SignType::Sm2).expect("a merchant"));

static SIGNED: LazyLock<Vec<u8>> =
    LazyLock::new(|| Members::parse(SAMPLE).expect("the sample").peek().parts_to_sign().concat());

/// The specification's words in other code than the library's.
fn string_to_sign(members: &BTreeMap<String, Box<RawValue>>) -> String {
    let mut pairs = Vec::new();
    for (name, json) in members {
        let value = match serde_json::from_str::<Option<String>>(json.get()) {
            Ok(text) => text.unwrap_or_default(),
            Err(_) => json.get().to_owned(),
        };
        if name != "sign" && !value.is_empty() {
            pairs.push(format!("{name}={value}"));
        }
    }
    pairs.join("&")
}

fuzz_target!(|bytes: &[u8]| {
    let response = match fuzz::within(64, bytes.len(), || Members::parse(bytes)) {
        Ok(response) => response.trust_anyway(),
        Err(ResponseError::NoResponse(error)) => return fuzz::placed(&error, bytes),
        Err(error) => panic!("{error}"),
    };
    match MERCHANT.open(bytes, &**PLATFORM) {
        Ok(verified) => assert_eq!(verified.parts_to_sign().concat(), *SIGNED, "no key signed this"),
        Err(error) => fuzz::quiet(&error),
    }

    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    // Control characters and half a surrogate pair are read, and no other reader does.
    if !fuzz::is_json(bytes) {
        return;
    }
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(text).expect("an object of members");
    assert_eq!(response.members().count(), members.len());
    let expected = string_to_sign(&members);
    assert_eq!(response.parts_to_sign().concat(), expected.as_bytes());

    let stand_in = fuzz::StandIn(SignatureAlgorithm::Sm2Sm3);
    let sign = serde_json::value::to_raw_value(&stand_in.sign(&[expected.as_bytes()])).expect("a string");
    members.insert("sign".to_owned(), sign);
    let signed = serde_json::to_vec(&members).expect("an object");
    let own = |name, id| response.get(name).is_none_or(|named| named == id);
    match MERCHANT.open(&signed, &stand_in) {
        Ok(verified) => {
            assert_eq!(verified.get("retcode"), Some("SUCCESS"));
            assert!(own("appid", "00000051") && own("cusid", "990581007426001"));
            assert_eq!(verified.parts_to_sign().concat(), expected.as_bytes());
        }
        Err(ResponseError::Rejected { retcode, .. }) => assert_ne!(retcode, "SUCCESS"),
        Err(ResponseError::WrongAppid) => assert!(!own("appid", "00000051") || !own("cusid", "990581007426001")),
        Err(ResponseError::Failed { .. }) => assert_eq!(response.get("handlestate"), Some("3999")),
        Err(ResponseError::NoResponse(_)) => assert_eq!(response.get("retcode"), None),
        Err(ResponseError::Refused(_)) => assert!(response.get("records").is_some()),
        Err(error) => panic!("{error}"),
    }
});
