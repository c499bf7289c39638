//! A notice of Allinpay. Unchanged, only what the sample signs verifies; signed by a key of ours,
//! what is read has exactly the fields that another reader signs.
#![no_main]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use protocol_core::allinpay::{
    AlipayComplaintQueryV2, Merchant, NoticeError, NoticeFields, Operation, SignType, verifier,
};
use protocol_core::crypto::{PublicKey, SignatureAlgorithm, Verifier};
use protocol_core::{Stamp, UnixTime};

const SAMPLE: &[u8] = include_bytes!("../../samples/allinpay/notice.form");

static PLATFORM: LazyLock<Arc<dyn Verifier>> = LazyLock::new(|| {
    let key = PublicKey::read(include_bytes!("../../samples/allinpay/platform_sm2.pub")).expect("the sample's key");
    let platform = verifier(&key).expect("a verifier");
    // A key makes its table at one of its first uses. That memory is no input's.
    for _ in 0..16 {
        assert!(MERCHANT.open_notice(SAMPLE, &*platform).is_ok(), "the sample");
    }
    platform
});

static MERCHANT: LazyLock<Merchant> =
    LazyLock::new(|| Merchant::new("00000051", "990581007426001", SignType::Sm2).expect("a merchant"));

static SIGNED: LazyLock<Vec<u8>> =
    LazyLock::new(|| NoticeFields::parse(SAMPLE).expect("the sample").peek().parts_to_sign().concat());

/// The specification's words in other code than the library's.
fn string_to_sign(fields: &BTreeMap<String, String>) -> String {
    let signed = fields.iter().filter(|(name, value)| *name != "sign" && !value.is_empty());
    signed.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fuzz_target!(|bytes: &[u8]| {
    let fields = match fuzz::within(128, bytes.len(), || NoticeFields::parse(bytes)) {
        Ok(fields) => fields.trust_anyway(),
        Err(NoticeError::Malformed(error)) => return fuzz::placed(&error, bytes),
        Err(error) => panic!("{error}"),
    };
    let platform = &**PLATFORM;
    match fuzz::within(512, bytes.len(), || MERCHANT.open_notice(bytes, platform)) {
        Ok(_) => assert_eq!(fields.parts_to_sign().concat(), *SIGNED, "no key signed this"),
        Err(error) => fuzz::quiet(&error),
    }

    // The other reader replaces bytes that are not text.
    if fields.iter().any(|(_, value)| std::str::from_utf8(value).is_err()) {
        return;
    }
    let mut read: BTreeMap<String, String> = form_urlencoded::parse(bytes).into_owned().collect();
    let expected = string_to_sign(&read);
    assert_eq!(fields.parts_to_sign().concat(), expected.as_bytes());

    let stand_in = fuzz::StandIn(SignatureAlgorithm::Sm2Sm3);
    read.insert("sign".to_owned(), stand_in.sign(&[expected.as_bytes()]));
    let signed = form_urlencoded::Serializer::new(String::new()).extend_pairs(&read).finish();
    let is = |name: &str, id: &str| read.get(name).is_some_and(|named| named == id);
    let own = is("appid", "00000051") && is("cusid", "990581007426001");
    match MERCHANT.open_notice(signed.as_bytes(), &stand_in) {
        Ok(notice) => {
            assert!(own && notice.dedup_key.starts_with("notice:990581007426001/"));
            // The hint is one that a request takes.
            let stamp = Stamp { now: UnixTime(0), nonce: "n" };
            let takes = |task: &String| AlipayComplaintQueryV2::default().with_task_id(task).request(&stamp).is_ok();
            assert!(notice.task_id.as_ref().is_none_or(takes));
            for misfit in notice.misfits() {
                fuzz::quiet(&misfit);
            }
        }
        Err(NoticeError::OtherSignType) => assert!(!is("signtype", "SM2") && !is("signtype", "")),
        Err(NoticeError::WrongAppid) => assert!(!own),
        Err(NoticeError::Unreadable(unread)) => assert_eq!(*unread.document.expose(), signed),
        // A body just within the bound may be written larger.
        Err(NoticeError::TooLarge) => {}
        Err(error) => panic!("{error}"),
    }
});
