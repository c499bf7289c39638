//! Properties of every form and every response of Allinpay: order, encoding, the extent of a
//! signature, and no panics.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

#[path = "allinpay_cases/platform.rs"]
#[allow(dead_code, reason = "shared with the other tests of Allinpay")]
mod platform;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use platform::{Platform, STAMP, string_to_sign, to_base64, written};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use protocol_core::allinpay::{
    AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayFileUpload, AlipayProcessFinish, ComplaintsComplete,
    ComplaintsResp, File, Form, Members, NoticeError, NoticeFields, Operation, Parameters, Response, ResponseError,
    SignType, WxComplaintDetail, WxComplaintHistory, WxComplaintList, WxComplaintListOlder, WxComplaintOrderDetail,
    WxComplaintsRefundProgress, WxGetMerchantImage, WxMerchantImageUpload,
};
use protocol_core::crypto::{CryptoError, SignatureAlgorithm, Verifier};
use protocol_core::{BuildError, Idempotency, OperationInfo, Stamp};

static PLATFORMS: LazyLock<[Platform; 2]> = LazyLock::new(|| [Platform::rsa(), Platform::sm2()]);

/// The same, but every signature verifies.
static TRUSTING: LazyLock<[Platform; 2]> = LazyLock::new(|| {
    [Platform::rsa(), Platform::sm2()].map(|platform| {
        let verifier = Arc::new(Yes(platform.sign_type.algorithm()));
        Platform { verifier, ..platform }
    })
});

/// Parameters of any names, values with everything a form has to escape among them.
fn any_parameters() -> impl Strategy<Value = BTreeMap<String, String>> {
    let name = prop_oneof![3 => "[a-z_]{1,6}[0-9]?", 1 => "[A-Za-z0-9~=&+% 投]{1,4}"];
    let value = prop_oneof![2 => "[ -~]{0,12}", 1 => any::<String>(), 1 => "[&=+%;~*. 投\\r\\n]{0,6}"];
    prop::collection::btree_map(name, value, 0..12)
}

fn filled<'p>(pairs: impl IntoIterator<Item = (&'p String, &'p String)>) -> Parameters {
    let mut parameters = Parameters::default();
    for (name, value) in pairs {
        parameters.set(name.clone(), value.clone());
    }
    parameters
}

/// JSON of a member's value: any string, with its characters escaped or not, any other value, and
/// nothing.
fn any_member_json() -> impl Strategy<Value = String> {
    let string = (any::<String>(), any::<u64>()).prop_map(|(text, escapes)| {
        let mut json = String::from("\"");
        for (at, character) in text.chars().enumerate() {
            let must = character < ' ' || matches!(character, '"' | '\\');
            if must || escapes >> (at % 64) & 1 == 1 {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    json.push_str(&format!("\\u{unit:04x}"));
                }
            } else {
                json.push(character);
            }
        }
        json + "\""
    });
    let number = ("-?(0|[1-9][0-9]{0,24})", "(\\.[0-9]{1,4})?", "([eE][+-]?[0-9]{1,3})?")
        .prop_map(|(whole, fraction, exponent)| format!("{whole}{fraction}{exponent}"));
    let other = prop::sample::select(vec![
        "null",
        "\"\"",
        "true",
        "false",
        "[]",
        "{}",
        "[ 1, 2 ]",
        "{\"a\" : {\"a\":1.0}}",
        "\"\\/\"",
        "[\"\\u0031\"]",
    ]);
    prop_oneof![3 => string, 2 => number, 2 => other.prop_map(str::to_owned)]
}

fn any_members() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = "[A-Za-z_投]{1,5}[0-9]?".prop_filter("a member of its own meaning", |name| {
        !["retcode", "sign", "appid", "cusid"].contains(&name.as_str())
    });
    prop::collection::btree_map(name, any_member_json(), 0..8)
        .prop_map(|members| members.into_iter().collect::<Vec<_>>())
        .prop_shuffle()
}

fn borrowed(members: &[(String, String)]) -> Vec<(&str, &str)> {
    let mut all = vec![("retcode", "\"SUCCESS\"")];
    all.extend(members.iter().map(|(name, json)| (name.as_str(), json.as_str())));
    all
}

/// The signed content of a response: names and texts of members that are not empty, and the
/// signature itself.
fn signed_content(body: &[u8]) -> Option<BTreeSet<(String, String)>> {
    let response = Members::parse(body).ok()?.trust_anyway();
    Some(
        response
            .members()
            .filter_map(|(name, _)| response.get(name).map(|value| (name.to_owned(), value.to_owned())))
            .collect(),
    )
}

/// Either refused, or nothing that counts has changed.
fn refused_or_equal(platform: &Platform, body: &[u8], changed: &[u8]) -> TestCaseResult {
    match platform.open(changed) {
        Ok(_) => prop_assert_eq!(signed_content(changed), signed_content(body)),
        Err(
            ResponseError::NoSignature(_)
            | ResponseError::BadSignature
            | ResponseError::NoResponse(_)
            | ResponseError::Rejected { .. },
        ) => {}
        Err(error) => return Err(TestCaseError::fail(error.to_string())),
    }
    Ok(())
}

/// A key under which everything verifies: for what has verified already.
#[derive(Debug)]
struct Yes(SignatureAlgorithm);

impl Verifier for Yes {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.0
    }

    fn verify(&self, _: &[&[u8]], _: &[u8]) -> Result<(), CryptoError> {
        Ok(())
    }
}

/// Every decoder on a response that verified: whatever comes out, none panics.
fn decode_as_everything(platform: &Platform, body: &[u8]) {
    let platform = &TRUSTING[usize::from(platform.sign_type == SignType::Sm2)];
    let _ = platform.decode::<WxComplaintList>(body);
    let _ = platform.decode::<WxComplaintListOlder>(body);
    let _ = platform.decode::<WxComplaintDetail>(body);
    let _ = platform.decode::<WxComplaintHistory>(body);
    let _ = platform.decode::<ComplaintsResp>(body);
    let _ = platform.decode::<ComplaintsComplete>(body);
    let _ = platform.decode::<WxComplaintsRefundProgress>(body);
    let _ = platform.decode::<WxMerchantImageUpload<'_>>(body);
    let _ = platform.decode::<WxGetMerchantImage>(body);
    let _ = platform.decode::<WxComplaintOrderDetail>(body);
    let _ = platform.decode::<AlipayComplaintQueryV2>(body);
    let _ = platform.decode::<AlipayComplaintQuery>(body);
    let _ = platform.decode::<AlipayProcessFinish>(body);
    let _ = platform.decode::<AlipayFileUpload<'_>>(body);
}

const DOCUMENTS: [&str; 5] = [
    include_str!("../../../samples/wechat-pay/complaint.json"),
    include_str!("../../../samples/wechat-pay/complaint-page.json"),
    include_str!("../../../samples/wechat-pay/history.json"),
    include_str!("vectors/wechat-mp/api/WxaApiMiniShopComplaintOrderDetailResponse.json"),
    r#"{"code":"10000","total_size":1,"complaint_list":[{"id":9007199254740993001,"contactl":"1","status":"OVERDUE"}]}"#,
];

fn changed_bytes(bytes: &[u8], changes: &[(prop::sample::Index, u8)], cut: Option<prop::sample::Index>) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, byte) in changes {
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
    }
    if let Some(cut) = cut {
        bytes.truncate(cut.index(bytes.len() + 1));
    }
    bytes
}

fn any_changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    let byte = prop_oneof![2 => any::<u8>(), 1 => prop::sample::select(b"{}[]\",:\\&= nul019.eE-".to_vec())];
    prop::collection::vec((any::<prop::sample::Index>(), byte), 0..5)
}

/// An operation of any parameters, with a file or none.
#[derive(Debug)]
struct AnyOperation<'a> {
    parameters: &'a BTreeMap<String, String>,
    file: Option<&'a [u8]>,
}

impl OperationInfo for AnyOperation<'_> {
    type Response = ();

    const NAME: &'static str = "any";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
}

impl Operation for AnyOperation<'_> {
    fn request(&self, _: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        for (name, value) in self.parameters {
            form.set(name.clone(), value.clone());
        }
        form.file = self.file.map(|bytes| File::new("a.png", bytes));
        Ok(form)
    }

    fn receive(&self, _: Response<'_>) -> Result<(), ResponseError> {
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_form_does_not_depend_on_the_order_it_was_filled_in(
        (sorted, shuffled) in any_parameters().prop_flat_map(|pairs| {
            let shuffled = Just(pairs.clone().into_iter().collect::<Vec<_>>()).prop_shuffle();
            (Just(pairs), shuffled)
        }),
    ) {
        let one = filled(&sorted);
        let other = filled(shuffled.iter().map(|(name, value)| (name, value)));
        prop_assert_eq!(one.parts_to_sign(), other.parts_to_sign());
        prop_assert_eq!(one.encode(), other.encode());
        prop_assert!(one == other);

        let expected: Vec<String> = sorted
            .iter()
            .filter(|(name, value)| *name != "sign" && !value.is_empty())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        prop_assert_eq!(String::from_utf8(one.parts_to_sign().concat()).unwrap(), expected.join("&"));
    }

    #[test]
    fn another_reader_reads_the_parameters_and_another_writer_writes_the_bytes(pairs in any_parameters()) {
        let body = filled(&pairs).encode();
        let read: BTreeMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        prop_assert_eq!(&read, &pairs);
        let written = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        prop_assert_eq!(body, written);
    }

    #[test]
    fn a_signature_and_a_file_change_no_string_to_sign(
        pairs in any_parameters(),
        file in prop::collection::vec(any::<u8>(), 1..200),
        sign in "[ -~]{0,20}",
    ) {
        let merchant = PLATFORMS[1].merchant();
        let string = |pairs: &BTreeMap<String, String>, file| {
            let operation = AnyOperation { parameters: pairs, file };
            merchant.prepare(&operation, &STAMP).unwrap().parts_to_sign().concat()
        };
        let plain = string(&pairs, None);
        prop_assert_eq!(&string(&pairs, Some(&file)), &plain);
        let mut signed = pairs.clone();
        signed.insert("sign".to_owned(), sign);
        prop_assert_eq!(&string(&signed, None), &plain);
        // What is empty may come or go.
        let full: BTreeMap<_, _> = pairs.iter().filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.clone(), value.clone())).collect();
        let common = ["appid", "cusid", "orgid", "version", "randomstr", "signtype"];
        if !common.iter().any(|name| pairs.get(*name).is_some_and(String::is_empty)) {
            prop_assert_eq!(&string(&full, None), &plain);
        }
    }

    #[test]
    fn the_signed_string_is_the_specifications(
        (members, shuffled) in any_members().prop_flat_map(|members| (Just(members.clone()), Just(members).prop_shuffle())),
        which in 0..2usize,
    ) {
        let platform = &PLATFORMS[which];
        let expected = string_to_sign(&borrowed(&members));
        for members in [&members, &shuffled] {
            let body = platform.response(&borrowed(members));
            let response = Members::parse(&body).unwrap().trust_anyway();
            prop_assert_eq!(String::from_utf8(response.parts_to_sign().concat()).unwrap(), expected.clone());
            let response = platform.open(&body).unwrap();
            prop_assert_eq!(response.get("retcode"), Some("SUCCESS"));
            decode_as_everything(platform, &body);
        }
        // Left out, a member is missed unless it is empty.
        for at in 0..members.len() {
            let mut fewer = members.clone();
            let (name, json) = fewer.remove(at);
            let body = platform.seal(&written(&borrowed(&fewer)), &expected);
            prop_assert_eq!(platform.open(&body).is_ok(), matches!(&*json, "null" | "\"\""), "{}", name);
        }
    }

    #[test]
    fn a_changed_byte_is_refused_or_changes_nothing_that_counts(
        members in any_members(),
        at in any::<prop::sample::Index>(),
        byte in prop_oneof![any::<u8>(), prop::sample::select(b" \"\\,:{}[]nu0123456789.eE+-/=&".to_vec())],
        which in 0..2usize,
    ) {
        let platform = &PLATFORMS[which];
        let body = platform.response(&borrowed(&members));
        let mut changed = body.clone();
        let at = at.index(body.len());
        changed[at] = byte;
        refused_or_equal(platform, &body, &changed)?;
        // A byte less, a byte more.
        let mut shorter = body.clone();
        shorter.remove(at);
        refused_or_equal(platform, &body, &shorter)?;
        let mut longer = body.clone();
        longer.insert(at, byte);
        refused_or_equal(platform, &body, &longer)?;
    }

    #[test]
    fn no_bytes_panic(
        members in any_members(),
        changes in any_changes(),
        cut in any::<Option<prop::sample::Index>>(),
        noise in prop::collection::vec(any::<u8>(), 0..200),
        which in 0..2usize,
    ) {
        let platform = &PLATFORMS[which];
        let body = changed_bytes(&platform.response(&borrowed(&members)), &changes, cut);
        for bytes in [&body, &noise] {
            if let Ok(response) = Members::parse(bytes) {
                let response = response.trust_anyway();
                let _ = (response.signature(), response.members().count(), format!("{response:?}"));
            }
            match platform.open(bytes) {
                Ok(_) => decode_as_everything(platform, bytes),
                Err(error) => {
                    let _ = (error.to_string(), error.failure().fault, error.failure().delivery);
                }
            }
        }
    }

    #[test]
    fn no_records_panic(
        document in 0..DOCUMENTS.len(),
        changes in any_changes(),
        cut in any::<Option<prop::sample::Index>>(),
        noise in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let platform = &PLATFORMS[0];
        let document = changed_bytes(DOCUMENTS[document].as_bytes(), &changes, cut);
        for records in [to_base64(document), to_base64(&noise), String::from_utf8_lossy(&noise).into_owned()] {
            let records = serde_json::to_string(&records).unwrap();
            let body = platform.success(&[("records", &records), ("imagebase64", &records), ("total_count", &records)]);
            match platform.open(&body) {
                Ok(_) => decode_as_everything(platform, &body),
                // A code that changed is another one.
                Err(error) => assert!(matches!(error, ResponseError::Refused(_)), "{error}"),
            }
        }
    }
}

/// Every byte of one response, each in several ways.
#[test]
fn every_byte_of_a_response_counts() {
    for platform in &*PLATFORMS {
        let body = platform.response(&[
            ("retcode", "\"SUCCESS\""),
            ("appid", "\"00000051\""),
            ("retmsg", "\"\\u5904\\/x\""),
            ("total_count", "1.50"),
            ("nothing", "null"),
            ("empty", "\"\""),
            ("records", &format!("\"{}\"", to_base64(r#"{"complaint_id":"1"}"#))),
        ]);
        assert_eq!(signed_content(&body).unwrap().len(), 6);
        let mut untouched = 0;
        for at in 0..body.len() {
            for byte in (0..8).map(|bit| body[at] ^ 1 << bit).chain(*b" \"\\,0n") {
                if byte == body[at] {
                    continue;
                }
                let mut changed = body.clone();
                changed[at] = byte;
                refused_or_equal(platform, &body, &changed).unwrap_or_else(|error| panic!("byte {at}: {error}"));
                untouched += usize::from(platform.open(&changed).is_ok());
            }
        }
        assert!(untouched > 0, "names of what is empty may change");
    }
}

/// A notice of these fields and the merchant's own, encoded by another writer.
fn notice_of(platform: &Platform, fields: &BTreeMap<String, String>) -> (BTreeMap<String, String>, String) {
    let mut all = fields.clone();
    all.remove("sign");
    all.remove("signtype");
    all.extend(
        [("appid", platform::APPID), ("cusid", platform::CUSID)].map(|(name, id)| (name.to_owned(), id.to_owned())),
    );
    let signed = all.iter().filter(|(_, value)| !value.is_empty());
    let string = signed.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    all.insert("sign".to_owned(), platform.signer.sign(&[string.as_bytes()]).unwrap().to_base64());
    (all, string)
}

fn encoded(fields: &BTreeMap<String, String>) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
}

/// Fields that a platform may send, known ones among them.
fn any_notice_fields() -> impl Strategy<Value = BTreeMap<String, String>> {
    let known =
        prop::sample::select(vec!["task_id", "status", "gmt_process", "complain_content", "complaint_trade_info_list"]);
    let name = prop_oneof![2 => known.prop_map(str::to_owned), 2 => "[a-zA-Z_~]{1,6}[0-9]?", 1 => "[投é]{1,3}"];
    let value = prop_oneof![2 => "[ -~]{0,12}", 1 => any::<String>(), 1 => "[&=+%;~*. 投\\r\\n]{0,6}"];
    prop::collection::btree_map(name, value, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_notice_opens_whatever_its_fields_say(fields in any_notice_fields()) {
        let platform = &PLATFORMS[0];
        let (all, string) = notice_of(platform, &fields);
        let body = encoded(&all);
        let parsed = NoticeFields::parse(&body);
        match platform.merchant().open_notice(&body, &*platform.verifier) {
            Ok(notice) => {
                prop_assert_eq!(notice.task_id.as_deref(), all.get("task_id").map(String::as_str).filter(|task| !task.is_empty()));
                prop_assert!(!notice.dedup_key.is_empty());
            }
            // A task that cannot be asked for, or a field that may have been moved.
            Err(NoticeError::Unreadable(unread)) => prop_assert_eq!(unread.document.expose().as_bytes(), &*body),
            Err(NoticeError::Malformed(_)) => prop_assert!(all.values().any(|value| value.contains('&'))),
            Err(error) => prop_assert!(false, "{}", error),
        }
        if let Ok(parsed) = parsed {
            prop_assert_eq!(parsed.peek().parts_to_sign().concat(), string.as_bytes());
        }
    }

    #[test]
    fn a_notice_with_another_field_never_opens(fields in any_notice_fields(), at in any::<prop::sample::Index>(), other in "[a-z]{1,3}") {
        let platform = &PLATFORMS[0];
        let (all, string) = notice_of(platform, &fields);
        let mut changed = all.clone();
        let name = at.get(&all.keys().cloned().collect::<Vec<_>>()).clone();
        changed.insert(name.clone(), other.clone());
        prop_assume!(changed != all && name != "signtype");
        let (_, same) = notice_of(platform, &changed);
        prop_assume!(name == "sign" || name == "appid" || name == "cusid" || same != string);
        prop_assert!(platform.merchant().open_notice(&encoded(&changed), &*platform.verifier).is_err());
    }

    #[test]
    fn no_body_of_a_notice_panics(body in prop::collection::vec(any::<u8>(), 0..64), form in "[a-c&=%+0-9A-F]{0,40}") {
        let platform = &TRUSTING[0];
        for body in [&*body, form.as_bytes()] {
            let _ = platform.merchant().open_notice(body, &*platform.verifier);
            let Ok(fields) = NoticeFields::parse(body) else { continue };
            // The other reader replaces bytes that are not text.
            let read: BTreeMap<_, _> = form_urlencoded::parse(body).filter(|(_, value)| !value.is_empty()).collect();
            for (name, value) in fields.peek().iter().filter(|(_, value)| std::str::from_utf8(value).is_ok()) {
                prop_assert_eq!(read.get(name).map(|value| value.as_bytes()), Some(value));
            }
        }
    }
}
