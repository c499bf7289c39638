//! Properties of every input: signatures, encodings, documents, and no panics.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

mod common;

use std::sync::{Arc, LazyLock};

use common::decode_json;
use proptest::prelude::*;
use protocol_core::complaint::{Complaint, ComplaintPage, Encrypted, NegotiationHistory, OperateType, Timestamp};
use protocol_core::crypto::{
    AeadAlgorithm, ApiV3Key, Certificate, Decryptor, Keyring, MessageCipher, PrivateKey, PublicKey, RsaDigest,
    RsaSigner, RsaVerifier, Signer, Sm2SignatureEncoding, Sm2Signer, Sm2Verifier, Verifier, sm2_der_to_raw,
    sm2_raw_to_der, unpad,
};
use protocol_core::wechat_pay::{
    ApiError, Authorization, CertificateList, Merchant, RawResponse, Scheme, decryptor, encryptor, signer, verifier,
    verify_notification,
};
use protocol_core::{Method, RequestParts, Stamp, UnixTime};
use serde_json::Value;
use sm2::dsa;
use sm2::dsa::signature::{Signer as _, Verifier as _};

const RSA_KEY: &[u8] = include_bytes!("vectors/wechatpay/java/merchant_private_key.pem");
const SM2_KEY: &[u8] = include_bytes!("vectors/wechatpay/java-shangmi/merchant_private_key.pem");
const COMPLAINT: &str = include_str!("../../../samples/wechat-pay/complaint.json");
const PAGE: &str = include_str!("../../../samples/wechat-pay/complaint-page.json");
const HISTORY: &str = include_str!("../../../samples/wechat-pay/history.json");
const ENVELOPE: &str = include_str!("../../../samples/wechat-pay/notification.json");
const CERTIFICATES: &str = include_str!("../../../samples/wechat-pay/certificates.json");

type Pair = (Box<dyn Signer>, Box<dyn Verifier>);

/// Every way to sign here, with what verifies it.
static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let PrivateKey::Rsa(rsa) = PrivateKey::read(RSA_KEY).unwrap() else { panic!("an RSA key") };
    let PrivateKey::Sm2(sm2) = PrivateKey::read(SM2_KEY).unwrap() else { panic!("an SM2 key") };
    let mut pairs: Vec<Pair> = Vec::new();
    for digest in [RsaDigest::Sha256, RsaDigest::Sha1] {
        pairs.push((Box::new(RsaSigner::new(&rsa, digest)), Box::new(RsaVerifier::new(&rsa.public_key(), digest))));
    }
    for (user, encoding) in [("1234567812345678", Sm2SignatureEncoding::Der), ("00000051", Sm2SignatureEncoding::Raw)] {
        pairs.push((
            Box::new(Sm2Signer::new(&sm2, user, encoding).unwrap()),
            Box::new(Sm2Verifier::new(&sm2.public_key(), user, encoding).unwrap()),
        ));
    }
    pairs
});

/// A randomness that a test can repeat.
struct Repeatable(u64);

impl rand_core::TryRng for Repeatable {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.try_next_u64().map(|word| (word >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(word ^ (word >> 31))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.try_next_u64()?.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Repeatable {}

/// JSON a platform might add one day.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("\\PC{0,6}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Adds a member to the object at each path where one stands.
fn add_member(document: &mut Value, paths: &[&str], name: &str, value: &Value) {
    for path in paths {
        document.pointer_mut(path).unwrap().as_object_mut().unwrap().insert(name.to_owned(), value.clone());
    }
}

/// A valid document with a few bytes changed, or bytes that never were one.
fn spoilt(valid: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    let cut = any::<prop::sample::Index>();
    prop_oneof![
        4 => (changes, cut, any::<bool>()).prop_map(move |(changes, cut, whole)| {
            let mut bytes = valid.as_bytes().to_vec();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if !whole {
                bytes.truncate(cut.index(bytes.len()));
            }
            bytes
        }),
        1 => prop::collection::vec(any::<u8>(), 0..200),
    ]
}

/// Encoding what was decoded gives a document that decodes to the same.
fn stable<T: serde::de::DeserializeOwned + serde::Serialize + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    if let Ok(value) = decode_json::<T>("a document", bytes) {
        let written = serde_json::to_vec(&value).unwrap();
        assert_eq!(decode_json::<T>("a document", &written).unwrap(), value);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn signatures_verify_in_any_split_and_for_no_other_message(
        message in prop::collection::vec(any::<u8>(), 1..300),
        cut in any::<prop::sample::Index>(),
        change in any::<prop::sample::Index>(),
        bit in 0..8u32,
        which in 0..4usize,
    ) {
        let (signer, verifier) = &PAIRS[which];
        let (head, tail) = message.split_at(cut.index(message.len()));
        let signature = signer.sign(&[head, tail]).unwrap();
        assert_eq!(verifier.verify(&[&message], signature.as_bytes()), Ok(()));
        assert_eq!(signer.sign(&[&message]).unwrap(), signature.clone(), "signatures are deterministic");

        let mut other = message.clone();
        other[change.index(message.len())] ^= 1 << bit;
        assert!(verifier.verify(&[&other], signature.as_bytes()).is_err());
        let mut spoilt = signature.as_bytes().to_vec();
        let at = change.index(spoilt.len());
        spoilt[at] ^= 1 << bit;
        assert!(verifier.verify(&[&message], &spoilt).is_err());
        assert!(verifier.verify(&[&message], &signature.as_bytes()[1..]).is_err());
        assert!(verifier.verify(&[&message], &[signature.as_bytes(), &[0]].concat()).is_err());
    }

    #[test]
    fn any_changed_byte_of_a_notification_is_refused(
        part in 0..4usize,
        at in any::<prop::sample::Index>(),
        bit in 0..7u32,
    ) {
        let key = PrivateKey::read(RSA_KEY).unwrap();
        let keys = Keyring::new();
        keys.insert("AB", verifier(&key.public_key()).unwrap());
        let mut parts = [b"1741936166".to_vec(), b"n0nce".to_vec(), ENVELOPE.as_bytes().to_vec(), Vec::new()];
        let signed = [&parts[0], &b"\n"[..], &parts[1], b"\n", &parts[2], b"\n"];
        parts[3] = signer(&key).unwrap().sign(&signed).unwrap().to_base64().into_bytes();
        let at = at.index(parts[part].len());
        parts[part][at] ^= 1 << bit;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = [
            ("Wechatpay-Timestamp", text(&parts[0])),
            ("Wechatpay-Nonce", text(&parts[1])),
            ("Wechatpay-Serial", "AB".to_owned()),
            ("Wechatpay-Signature", text(&parts[3])),
        ];
        assert!(verify_notification(&headers, &parts[2], &keys, UnixTime(1_741_936_166)).is_err());
    }

    /// Under every feature, by the crate `sm2` itself.
    #[test]
    fn sm2_signs_and_verifies_as_its_reference(
        scalar in any::<[u8; 32]>(),
        message in prop::collection::vec(any::<u8>(), 0..100),
        at in 0..64_usize,
        user in "\\PC{0,20}",
    ) {
        let hexadecimal: String = scalar.iter().map(|byte| format!("{byte:02x}")).collect();
        let Ok(PrivateKey::Sm2(key)) = PrivateKey::read(hexadecimal.as_bytes()) else { return Ok(()) };
        let reference = dsa::SigningKey::from_slice(&user, &scalar).unwrap();
        let expected: dsa::Signature = reference.try_sign(&message).unwrap();
        let (raw, der) = (expected.to_bytes(), expected.to_der());
        for (encoding, expected) in [(Sm2SignatureEncoding::Raw, &raw[..]), (Sm2SignatureEncoding::Der, der.as_ref())] {
            let signature = Sm2Signer::new(&key, &user, encoding).unwrap().sign(&[&message]).unwrap();
            assert_eq!(signature.as_bytes(), expected);
        }

        let verifier = Sm2Verifier::new(&key.public_key(), &user, Sm2SignatureEncoding::Raw).unwrap();
        let mut other = raw;
        for spoilt in [0, 1] {
            other[at] ^= spoilt;
            let reference = dsa::Signature::from_bytes(&other)
                .is_ok_and(|signature| reference.verifying_key().verify(&message, &signature).is_ok());
            // Seven times, so that the last ones are by the key's table.
            for _ in 0..7 {
                assert_eq!(verifier.verify(&[&message], &other).is_ok(), reference);
            }
        }
    }

    #[test]
    fn der_and_raw_are_two_ways_to_write_one_signature(bytes in prop::collection::vec(any::<u8>(), 64), zeros in 0..34usize) {
        let mut raw = bytes;
        raw[..zeros].fill(0);
        if let Some(der) = sm2_raw_to_der(&raw) {
            assert_eq!(sm2_der_to_raw(&der).unwrap().as_slice(), &raw[..]);
            assert!(sm2_der_to_raw(&[&der[..], &[0]].concat()).is_none());
        } else {
            assert!(raw[..32].iter().all(|&byte| byte == 0) || raw[..4] == [0xff; 4] || raw[32..36] == [0xff; 4]);
        }
    }

    #[test]
    fn der_that_is_not_canonical_is_no_signature(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Some(raw) = sm2_der_to_raw(&bytes) {
            assert_eq!(sm2_raw_to_der(&raw).unwrap(), bytes);
        }
    }

    #[test]
    fn sensitive_fields_open_with_the_right_key_only(plaintext in "\\PC{1,40}", seed in any::<u64>(), flip in any::<prop::sample::Index>()) {
        let [rsa, sm2] = [RSA_KEY, SM2_KEY].map(|pem| PrivateKey::read(pem).unwrap());
        for (key, other) in [(&rsa, &sm2), (&sm2, &rsa)] {
            let sealed = encryptor(&key.public_key()).encrypt(plaintext.as_bytes(), &mut Repeatable(seed)).unwrap();
            let field = Encrypted::new(protocol_core::crypto::Signature::new(sealed.clone()).to_base64());
            let [right, wrong]: [Arc<dyn Decryptor>; 2] = [decryptor(key), decryptor(other)];
            assert_eq!(field.decrypt([&*wrong, &*right]).unwrap().expose(), &plaintext);
            assert!(field.decrypt([&*wrong]).is_err());
            let mut spoilt = sealed;
            let at = flip.index(spoilt.len());
            spoilt[at] ^= 1;
            if let Ok(opened) = right.decrypt(&spoilt) {
                assert_ne!(opened.expose(), plaintext.as_bytes());
            }
        }
    }

    #[test]
    fn sealed_resources_open_with_every_byte_in_its_place_only(
        plaintext in prop::collection::vec(any::<u8>(), 0..100),
        aad in prop::collection::vec(any::<u8>(), 0..20),
        nonce in any::<[u8; 12]>(),
        at in any::<prop::sample::Index>(),
    ) {
        let key = ApiV3Key::new(&[7; 32]).unwrap();
        for algorithm in [AeadAlgorithm::Aes256Gcm, AeadAlgorithm::Sm4Gcm] {
            let sealed = key.seal(algorithm, &nonce, &aad, &plaintext).unwrap();
            let mut opened = sealed.clone();
            key.open_in_place(algorithm, &nonce, &aad, &mut opened).unwrap();
            assert_eq!(&opened, &plaintext);
            let mut spoilt = sealed.clone();
            let at = at.index(sealed.len());
            spoilt[at] ^= 0x80;
            assert!(key.open_in_place(algorithm, &nonce, &aad, &mut spoilt).is_err());
            assert!(key.open_in_place(algorithm, &nonce[..11], &aad, &mut sealed.clone()).is_err());
            assert!(key.open_in_place(algorithm, &nonce, &[&aad[..], b"x"].concat(), &mut sealed.clone()).is_err());
            assert!(key.open_in_place(algorithm, &nonce, &aad, &mut sealed[1..].to_vec()).is_err());
        }
    }

    #[test]
    fn messages_come_back_from_the_cipher(message in prop::collection::vec(any::<u8>(), 0..200), key in any::<[u8; 32]>()) {
        let cipher = MessageCipher::new(&key);
        let sealed = cipher.encrypt(&message);
        assert_eq!(sealed.len() % 32, 0);
        assert_eq!(unpad(cipher.decrypt(sealed).unwrap().expose()).unwrap(), &message[..]);
    }

    #[test]
    fn additions_of_the_platform_survive(name in "x_[a-z]{1,8}", value in any_json(), unknown in "[A-Z_]{1,30}") {
        let mut complaint: Value = serde_json::from_str(COMPLAINT).unwrap();
        add_member(&mut complaint, &["", "/complaint_order_info/0", "/complaint_media_list/0"], &name, &value);
        complaint["complaint_state"] = unknown.clone().into();
        complaint["user_tag_list"] = serde_json::json!([unknown]);
        let decoded: Complaint = decode_json("a complaint", complaint.to_string().as_bytes()).unwrap();
        assert_eq!(serde_json::to_value(&decoded).unwrap(), complaint);

        let mut history: Value = serde_json::from_str(HISTORY).unwrap();
        history["data"][0]["operate_type"] = unknown.clone().into();
        let button = "/data/1/normal_message/blocks/0/button_group/buttons/0";
        let action = format!("{button}/action");
        add_member(&mut history, &["", "/data/0", "/data/1/normal_message", button, &action, "/data/2/click_message"], &name, &value);
        let decoded: NegotiationHistory = decode_json("a history", history.to_string().as_bytes()).unwrap();
        let written = serde_json::to_value(&decoded).unwrap();
        for path in ["", "/data/0", "/data/1/normal_message", button, &action, "/data/2/click_message"] {
            assert_eq!(&written.pointer(path).unwrap()[&name], &value);
        }
        assert_eq!(written["data"][0]["operate_type"].as_str().unwrap(), unknown);
    }

    #[test]
    fn an_enumeration_loses_no_value(value in "\\PC{0,40}") {
        assert_eq!(OperateType::from(value.as_str()).as_str(), value.as_str());
        assert_eq!(OperateType::from(value.as_str()).is_known(), OperateType::KNOWN.iter().any(|known| known.as_str() == value));
    }

    #[test]
    fn an_authorization_comes_back_from_its_header(
        mchid in "[0-9A-Za-z_-]{1,20}", serial_no in "[0-9A-F]{1,40}", nonce in "[0-9A-Za-z]{1,32}", now in 0..i64::MAX,
    ) {
        let merchant = Merchant::new(&mchid, &serial_no, Scheme::Rsa).unwrap();
        let parts = RequestParts::without_body(Method::Get, "/v3/x?a=%2F");
        let unsigned = merchant.prepare_parts(parts, &Stamp { now: UnixTime(now), nonce: &nonce }).unwrap();
        let request = unsigned.attach(&protocol_core::crypto::Signature::new(vec![1, 2, 3]));
        let header = request.headers().find(|(name, _)| *name == "Authorization").unwrap().1;
        let read = Authorization::parse(header).unwrap();
        assert_eq!(read.to_string(), header);
        assert_eq!((&*read.mchid, &*read.serial_no, &*read.nonce_str), (&*mchid, &*serial_no, &*nonce));
        assert_eq!((read.timestamp, &*read.signature), (UnixTime(now), "AQID"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_document_panics_and_what_decodes_is_stable(
        complaint in spoilt(COMPLAINT), page in spoilt(PAGE), history in spoilt(HISTORY),
        envelope in spoilt(ENVELOPE), certificates in spoilt(CERTIFICATES),
    ) {
        stable::<Complaint>(&complaint);
        stable::<ComplaintPage>(&page);
        stable::<NegotiationHistory>(&history);
        stable::<CertificateList>(&certificates);
        let _ = ApiError::decode(&envelope);
        let key = ApiV3Key::new(b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb").unwrap();
        let _ = CertificateList::open(&certificates, &key);
    }

    /// Validly signed, but with an envelope like none the platform sends.
    #[test]
    fn no_signed_envelope_panics(envelope in spoilt(ENVELOPE)) {
        let key = PrivateKey::read(SM2_KEY).unwrap();
        let keys = Keyring::new();
        keys.insert("AB", verifier(&key.public_key()).unwrap());
        let signature = signer(&key).unwrap().sign(&[b"5\nn\n", &envelope, b"\n"]).unwrap().to_base64();
        let headers = [
            ("Wechatpay-Timestamp", "5"),
            ("Wechatpay-Nonce", "n"),
            ("Wechatpay-Serial", "AB"),
            ("Wechatpay-Signature", &signature),
            ("Wechatpay-Signature-Type", "WECHATPAY2-SM2-WITH-SM3"),
        ];
        if let Ok(envelope) = verify_notification(&headers, &envelope, &keys, UnixTime(5)) {
            let _ = envelope.open(&ApiV3Key::new(b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb").unwrap());
        }
    }

    #[test]
    fn no_header_panics(status in any::<u16>(), values in prop::collection::vec("\\PC{0,40}", 5), now in any::<i64>(), body in prop::collection::vec(any::<u8>(), 0..50)) {
        let names = ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature", "Wechatpay-Signature-Type"];
        let headers: Vec<_> = names.into_iter().zip(values.iter().cloned()).collect();
        let keys = Keyring::new();
        let response = RawResponse { status, headers: &headers, body: &body };
        assert!(response.verify(&keys, UnixTime(now)).is_err());
        let _ = response.accept_image(&keys, UnixTime(now));
        assert!(verify_notification(&headers, &body, &keys, UnixTime(now)).is_err());
        let _ = Authorization::parse(&values.concat());
        let _ = Timestamp::from(&*values[0]).to_unix();
    }

    #[test]
    fn no_key_file_panics(
        pem in spoilt(include_str!("vectors/wechatpay/java-shangmi/merchant_private_key.pem")),
        certificate in spoilt(include_str!("vectors/wechatpay/java/wechat_pay_certificate.pem")),
        der in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        for bytes in [&pem, &certificate, &der] {
            let _ = PrivateKey::read(bytes);
            let _ = PublicKey::read(bytes);
            let _ = PublicKey::read_with_certificate(bytes);
            let _ = Certificate::read(bytes);
        }
    }

    #[test]
    fn no_ciphertext_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let key = ApiV3Key::new(&[1; 32]).unwrap();
        for algorithm in [AeadAlgorithm::Aes256Gcm, AeadAlgorithm::Sm4Gcm] {
            assert!(key.open_in_place(algorithm, &[0; 12], b"", &mut bytes.clone()).is_err());
        }
        let sm2 = decryptor(&PrivateKey::read(SM2_KEY).unwrap());
        assert!(sm2.decrypt(&bytes).is_err());
        let _ = unpad(&bytes);
        let _ = MessageCipher::new(&[1; 32]).decrypt(bytes);
    }
}
