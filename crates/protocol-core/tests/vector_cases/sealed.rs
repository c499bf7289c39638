//! Everything encrypted: AEAD under the APIv3 key, certificate lists, sensitive fields.
//!
//! wechatpay-go tests with 16-byte keys, which the protocol never has. An outside AES-128-GCM shows
//! that those files are right in all but the key; the library has to refuse the key.

use crate::common::decode_json;
use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{AeadInOut, Nonce, Tag};
use aes_gcm::{Aes128Gcm, KeyInit as _};
use protocol_core::complaint::Encrypted;
use protocol_core::crypto::{AeadAlgorithm, ApiV3Key, Certificate, CryptoError, Decryptor, GCM_NONCE_LEN, PrivateKey};
use protocol_core::wechat_pay::{CertificateError, CertificateList, EncryptedResource, Envelope, decryptor};
use serde_json::Value;

use super::Outcome::{self, Accept, Refuse};
use super::{base64, beside, json, list, read, refused, text, to_base64};

/// GCM over any cipher, outside the library; `None` when it does not open.
pub(crate) fn reference_open<C: AeadInOut<TagSize = U16>>(
    cipher: &C,
    nonce: &[u8],
    associated_data: &[u8],
    sealed: &[u8],
) -> Option<Vec<u8>> {
    let (ciphertext, tag) = sealed.split_last_chunk::<16>()?;
    let nonce = Nonce::<C>::try_from(nonce).expect("the reference has the nonce's length");
    let mut buffer = ciphertext.to_vec();
    cipher
        .decrypt_inout_detached(&nonce, associated_data, buffer.as_mut_slice().into(), &Tag::<C>::from(*tag))
        .ok()
        .map(|()| buffer)
}

pub(crate) fn reference_seal<C: AeadInOut<TagSize = U16>>(
    cipher: &C,
    nonce: &[u8],
    associated_data: &[u8],
    plaintext: &[u8],
) -> Vec<u8> {
    let nonce = Nonce::<C>::try_from(nonce).expect("the reference has the nonce's length");
    let mut buffer = plaintext.to_vec();
    let tag = cipher
        .encrypt_inout_detached(&nonce, associated_data, buffer.as_mut_slice().into())
        .expect("the reference seals");
    buffer.extend_from_slice(&tag);
    buffer
}

fn aes_128(key: &str) -> Option<Aes128Gcm> {
    Aes128Gcm::new_from_slice(key.as_bytes()).ok()
}

/// The library refuses the key; and the ciphertext, where the key is lengthened to the size it
/// takes.
fn short_key_is_refused(key: &str, nonce: &str, associated_data: &str, ciphertext: &str) -> bool {
    let refused =
        ApiV3Key::new(key.as_bytes()).is_err_and(|error| error == CryptoError::ApiV3KeyLength { found: key.len() });
    let lengthened: Vec<u8> = key.bytes().cycle().take(ApiV3Key::LEN).collect();
    let lengthened = ApiV3Key::new(&lengthened).expect("32 bytes");
    // What is no base64 goes in as its own characters: it has to be refused as any wrong
    // ciphertext.
    let sealed = lenient_base64(ciphertext);
    refused && open(&lengthened, AeadAlgorithm::Aes256Gcm, nonce.as_bytes(), associated_data, &sealed).is_err()
}

fn lenient_base64(text: &str) -> Vec<u8> {
    use ::base64::Engine as _;
    ::base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_else(|_| text.as_bytes().to_vec())
}

pub(crate) fn open(
    key: &ApiV3Key,
    algorithm: AeadAlgorithm,
    nonce: &[u8],
    associated_data: &str,
    sealed: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let mut buffer = sealed.to_vec();
    key.open_in_place(algorithm, nonce, associated_data.as_bytes(), &mut buffer).map(|()| buffer)
}

pub(crate) fn go_aes_gcm(file: &[u8]) -> Outcome {
    let vector = json(file);
    let (key, nonce) = (text(&vector, "api_v3_key"), text(&vector, "nonce"));
    let (associated_data, ciphertext) = (text(&vector, "aad"), text(&vector, "ciphertext_b64"));
    let outside = |key: &str, ciphertext: &str| {
        reference_open(&aes_128(key)?, nonce.as_bytes(), associated_data.as_bytes(), &lenient_base64(ciphertext))
    };
    assert_eq!(outside(key, ciphertext).as_deref(), Some(text(&vector, "plaintext").as_bytes()));
    let variants = list(&vector, "must_fail").iter().map(|variant| {
        let key = variant["api_v3_key"].as_str().unwrap_or(key);
        let ciphertext = variant["ciphertext_b64"].as_str().unwrap_or(ciphertext);
        assert_eq!(outside(key, ciphertext), None, "{variant} opens outside");
        (variant.to_string(), short_key_is_refused(key, nonce, associated_data, ciphertext))
    });
    let right = ("the right one".to_owned(), short_key_is_refused(key, nonce, associated_data, ciphertext));
    refused(variants.chain([right]).collect::<Vec<_>>())
}

/// The Java SDK's AES-256 and SM4 vectors have the protocol's own key: sealed again they give the
/// same bytes.
fn aead(file: &[u8], algorithm: AeadAlgorithm) -> Outcome {
    let vector = json(file);
    let key = ApiV3Key::new(text(&vector, "api_v3_key").as_bytes()).unwrap();
    let nonce = text(&vector, "nonce").as_bytes();
    let (associated_data, plaintext) = (text(&vector, "aad"), text(&vector, "plaintext").as_bytes());
    let sealed = base64(text(&vector, "ciphertext_b64"));
    assert_eq!(open(&key, algorithm, nonce, associated_data, &sealed).as_deref(), Ok(plaintext));
    let nonce: &[u8; GCM_NONCE_LEN] = nonce.try_into().unwrap();
    assert_eq!(key.seal(algorithm, nonce, associated_data.as_bytes(), plaintext), Ok(sealed));
    Accept
}

pub(crate) fn java_aes(file: &[u8]) -> Outcome {
    aead(file, AeadAlgorithm::Aes256Gcm)
}

pub(crate) fn shangmi_sm4(file: &[u8]) -> Outcome {
    aead(file, AeadAlgorithm::Sm4Gcm)
}

pub(crate) fn java_aes_must_fail(file: &[u8]) -> Outcome {
    let vector = json(file);
    let key = ApiV3Key::new(text(&vector, "api_v3_key").as_bytes()).unwrap();
    let attempts = list(&vector, "must_fail").iter().map(|variant| {
        let nonce = variant["nonce"].as_str().unwrap_or(text(&vector, "nonce"));
        let associated_data = variant["aad"].as_str().unwrap_or(text(&vector, "aad"));
        let sealed = match variant["ciphertext"].as_str() {
            None => base64(text(&vector, "ciphertext_b64")),
            Some("128 zero bytes") => vec![0; 128],
            Some(other) => panic!("the vector describes a ciphertext this test does not know: {other}"),
        };
        let opened = open(&key, AeadAlgorithm::Aes256Gcm, nonce.as_bytes(), associated_data, &sealed);
        (variant.to_string(), opened.is_err())
    });
    refused(attempts.collect::<Vec<_>>())
}

pub(crate) fn shangmi_sm4_must_fail(file: &[u8]) -> Outcome {
    let vector = json(file);
    let key = ApiV3Key::new(text(&vector, "api_v3_key").as_bytes()).unwrap();
    let (nonce, associated_data) = (text(&vector, "nonce").as_bytes(), text(&vector, "aad"));
    let wrong = base64(text(&vector, "must_fail_ciphertext_b64"));
    let right = base64(text(&vector, "ciphertext_b64"));
    assert_ne!(wrong, right);
    refused([
        ("the tag", open(&key, AeadAlgorithm::Sm4Gcm, nonce, associated_data, &wrong).is_err()),
        ("the other cipher", open(&key, AeadAlgorithm::Aes256Gcm, nonce, associated_data, &right).is_err()),
    ])
}

/// The file gives no plaintext: that of any other AES-256-GCM is "我是要加密的数据", the data to encrypt.
pub(crate) fn gopay_well_formed(file: &[u8]) -> Outcome {
    let vector = json(file);
    let key = ApiV3Key::new(text(&vector, "api_v3_key").as_bytes()).unwrap();
    let (associated_data, nonce) = (text(&vector, "aad"), text(&vector, "good_length_nonce").as_bytes());
    let sealed = base64(text(&vector, "ciphertext_b64"));
    let plaintext = open(&key, AeadAlgorithm::Aes256Gcm, nonce, associated_data, &sealed).unwrap();
    assert_eq!(plaintext, "我是要加密的数据".as_bytes());
    let nonce: &[u8; GCM_NONCE_LEN] = nonce.try_into().unwrap();
    assert_eq!(key.seal(AeadAlgorithm::Aes256Gcm, nonce, associated_data.as_bytes(), &plaintext), Ok(sealed));
    Accept
}

/// No nonce but a 12-byte one, and no ciphertext that is too short or no base64, goes any further
/// than a typed error.
pub(crate) fn gopay_malformed(file: &[u8]) -> Outcome {
    let vector = json(file);
    let key = ApiV3Key::new(text(&vector, "api_v3_key").as_bytes()).unwrap();
    let (associated_data, ciphertext) = (text(&vector, "aad"), text(&vector, "ciphertext_b64"));
    let good_nonce = text(&vector, "good_length_nonce");
    let strings = |member| list(&vector, member).iter().map(|value| value.as_str().unwrap());
    let attempts = strings("bad_nonces")
        .map(|nonce| (nonce, ciphertext))
        .chain(strings("bad_ciphertexts").map(|ciphertext| (good_nonce, ciphertext)));
    refused(attempts.map(|(nonce, ciphertext)| {
        let sealed = lenient_base64(ciphertext);
        let bare = open(&key, AeadAlgorithm::Aes256Gcm, nonce.as_bytes(), associated_data, &sealed).is_err();
        let resource = serde_json::json!({
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": ciphertext,
            "associated_data": associated_data,
            "nonce": nonce,
        });
        let in_envelope = super::signed_messages::resource_does_not_open(&resource, &key);
        (format!("nonce {nonce:?}, ciphertext {ciphertext:?}"), bare && in_envelope)
    }))
}

/// The resource of wechatpay-java's file, with the key and the plaintext that wechatpay-go
/// publishes for the same ciphertext.
pub(crate) fn java_resource(file: &[u8]) -> Outcome {
    let vector = json(file);
    let resource = vector["resource"].to_string();
    let resource: EncryptedResource<'_> = decode_json("a resource", resource.as_bytes()).unwrap();
    assert_eq!(resource.original_type.as_deref(), Some("payscore"));
    assert_eq!(resource.algorithm, "AEAD_AES_256_GCM");
    let go = json(&read("wechatpay/go/notify_payscore.json"));
    let opened = reference_open(
        &aes_128(text(&go, "api_v3_key")).unwrap(),
        resource.nonce.as_bytes(),
        resource.associated_data.as_deref().unwrap().as_bytes(),
        &base64(&resource.ciphertext),
    );
    assert_eq!(opened.as_deref(), Some(text(&go, "expect_plaintext").as_bytes()));
    assert_eq!(serde_json::to_value(&resource).unwrap(), vector["resource"]);
    Accept
}

/// It is no envelope: `id` and `event_type` are missing, and its key has 16 bytes.
pub(crate) fn java_resource_alone(file: &[u8]) -> Outcome {
    let resource = &json(file)["resource"];
    let error = decode_json::<Envelope<'_>>("a notification", file).unwrap_err();
    assert_eq!(error.document(), "a notification");
    let go = json(&read("wechatpay/go/notify_payscore.json"));
    refused([(
        "the 16-byte key",
        short_key_is_refused(
            text(&go, "api_v3_key"),
            text(resource, "nonce"),
            text(resource, "associated_data"),
            text(resource, "ciphertext"),
        ),
    )])
}

/// The list is read; its one entry opens outside to the certificate in the file beside it, and
/// sealed again under a key of the right size it opens inside.
pub(crate) fn go_certificates(file: &[u8]) -> Outcome {
    let list: CertificateList = decode_json("a certificate list", file).unwrap();
    let [entry] = list.data.as_slice() else { panic!("one entry") };
    let sealed = &entry.encrypt_certificate;
    let associated_data = sealed.associated_data.as_deref().unwrap();
    let plaintext = reference_open(
        &aes_128("mockAPIv3Key1234").unwrap(),
        sealed.nonce.as_bytes(),
        associated_data.as_bytes(),
        &base64(&sealed.ciphertext),
    )
    .expect("the key that wechatpay-go's mock server has");
    let published = read("wechatpay/go/notify_cert_D7CE59D1F522D701.pem");
    assert_eq!(plaintext.trim_ascii(), published.trim_ascii());
    let certificate = Certificate::read(&plaintext).unwrap();
    assert_eq!(Some(certificate.serial_no()), entry.serial_no.as_deref());
    assert_eq!(Some(certificate.validity().not_before), entry.effective_time.as_ref().unwrap().to_unix());
    assert_eq!(Some(certificate.validity().not_after), entry.expire_time.as_ref().unwrap().to_unix());

    let key = ApiV3Key::new(b"mockAPIv3Key1234mockAPIv3Key1234").unwrap();
    let nonce: &[u8; GCM_NONCE_LEN] = sealed.nonce.as_bytes().try_into().unwrap();
    let again = key.seal(AeadAlgorithm::Aes256Gcm, nonce, associated_data.as_bytes(), &plaintext).unwrap();
    let mut document: Value = json(file);
    document["data"][0]["encrypt_certificate"]["ciphertext"] = to_base64(&again).into();
    let opened = CertificateList::open(document.to_string().as_bytes(), &key).unwrap();
    assert_eq!(opened.certificates[0].pem().as_bytes(), plaintext);
    assert_eq!(opened.certificates[0].certificate(), &certificate);
    Accept
}

pub(crate) fn go_certificates_short_key(file: &[u8]) -> Outcome {
    let list: CertificateList = decode_json("a certificate list", file).unwrap();
    let sealed = &list.data[0].encrypt_certificate;
    let lengthened = ApiV3Key::new(b"mockAPIv3Key1234mockAPIv3Key1234").unwrap();
    assert_eq!(CertificateList::open(file, &lengthened).unwrap_err(), CertificateError::DecryptFailed { entry: 0 });
    let associated_data = sealed.associated_data.as_deref().unwrap();
    refused([(
        "the 16-byte key",
        short_key_is_refused("mockAPIv3Key1234", &sealed.nonce, associated_data, &sealed.ciphertext),
    )])
}

/// The key wechatpay-java's tests have; the provenance table names it too.
const JAVA_API_V3_KEY: &[u8] = b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb";

pub(crate) fn java_certificates(file: &[u8]) -> Outcome {
    let key = ApiV3Key::new(JAVA_API_V3_KEY).unwrap();
    let opened = CertificateList::open(file, &key).unwrap();
    let [certificate] = opened.certificates.as_slice() else { panic!("one entry") };
    let plaintext = read("wechatpay/java/certificates_response_aes256.plaintext.pem");
    assert_eq!(certificate.pem().as_bytes(), plaintext);
    assert_eq!(certificate.certificate(), &Certificate::read(&plaintext).unwrap());
    let entry = &json(file)["data"][0];
    assert_eq!(certificate.certificate().serial_no(), text(entry, "serial_no"));
    let keys = protocol_core::crypto::Keyring::new();
    certificate.load(&keys);
    assert_eq!(keys.key_ids(), [text(entry, "serial_no")]);
    Accept
}

pub(crate) fn java_certificates_must_fail(file: &[u8]) -> Outcome {
    let key = ApiV3Key::new(JAVA_API_V3_KEY).unwrap();
    let other = ApiV3Key::new(&JAVA_API_V3_KEY.to_ascii_lowercase()).unwrap();
    let failed = CertificateError::DecryptFailed { entry: 0 };
    assert_eq!(CertificateList::open(file, &other).unwrap_err(), failed);
    let changed = |pointer: &str, value: &str| {
        let mut document = json(file);
        *document.pointer_mut(pointer).expect("the member is there") = value.into();
        CertificateList::open(document.to_string().as_bytes(), &key).unwrap_err()
    };
    assert_eq!(changed("/data/0/encrypt_certificate/associated_data", "certificates"), failed);
    assert_eq!(changed("/data/0/encrypt_certificate/nonce", "14b16c03dc1"), failed);
    assert_eq!(changed("/data/0/encrypt_certificate/algorithm", "AEAD_SM4_GCM"), failed);
    assert_eq!(
        changed("/data/0/serial_no", "D7CE59D1F522D701"),
        CertificateError::SerialMismatch { entry: 0 },
        "an entry under another certificate's serial"
    );
    Refuse
}

/// The old documentation writes blanks into two member names: unknown members, kept as they are.
pub(crate) fn java_certificates_doc(file: &[u8]) -> Outcome {
    let list: CertificateList = decode_json("a certificate list", file).unwrap();
    let [entry] = list.data.as_slice() else { panic!("one entry") };
    let original = json(file);
    assert_eq!(entry.serial_no.as_deref(), original["data"][0]["serial_no"].as_str());
    assert_eq!((&entry.effective_time, &entry.expire_time), (&None, &None));
    assert_eq!(entry.extra.get("effective_time "), Some(r#""2018-06-08T10:34:56+08:00""#));
    assert_eq!(serde_json::to_value(&list).unwrap(), original);
    Accept
}

pub(crate) fn java_certificates_doc_sealed(file: &[u8]) -> Outcome {
    let key = ApiV3Key::new(JAVA_API_V3_KEY).unwrap();
    assert_eq!(CertificateList::open(file, &key).unwrap_err(), CertificateError::DecryptFailed { entry: 0 });
    Refuse
}

fn decryptor_of(folder: &str, vector: &Value) -> std::sync::Arc<dyn Decryptor> {
    decryptor(&PrivateKey::read(&beside(folder, vector, "private_key")).expect("a private key"))
}

/// A sensitive field as it comes in a complaint, and as bare bytes.
fn opens_to(key: &dyn Decryptor, ciphertext: &str, plaintext: &str) {
    let field = Encrypted::new(ciphertext.to_owned());
    assert_eq!(field.decrypt([key]).unwrap().expose(), plaintext);
    if !ciphertext.is_empty() {
        assert_eq!(key.decrypt(&base64(ciphertext)).unwrap().expose(), plaintext.as_bytes());
    }
}

fn stays_closed(key: &dyn Decryptor, ciphertext: &str) -> bool {
    let field = Encrypted::new(ciphertext.to_owned());
    field.decrypt([key]) == Err(CryptoError::NoKeyOpens) && key.decrypt(&base64(ciphertext)).is_err()
}

pub(crate) fn go_oaep(file: &[u8]) -> Outcome {
    let vector = json(file);
    let key = decryptor_of("wechatpay/go", &vector);
    let cases = list(&vector, "cases");
    assert_eq!(cases.len(), 2);
    cases.iter().for_each(|case| opens_to(&*key, text(case, "ciphertext_b64"), text(case, "plaintext")));
    Accept
}

pub(crate) fn java_oaep(file: &[u8]) -> Outcome {
    let vector = json(file);
    opens_to(&*decryptor_of("wechatpay/java", &vector), text(&vector, "ciphertext_b64"), text(&vector, "plaintext"));
    Accept
}

pub(crate) fn java_oaep_must_fail(file: &[u8]) -> Outcome {
    let vector = json(file);
    let other = PrivateKey::read(&read("wechatpay/java/wechat_pay_private_key.pem")).unwrap();
    let own = decryptor_of("wechatpay/java", &vector);
    refused([
        ("4 bytes", stays_closed(&*own, text(&vector, "must_fail_ciphertext"))),
        ("another key", stays_closed(&*decryptor(&other), text(&vector, "ciphertext_b64"))),
    ])
}

pub(crate) fn payer_phone(file: &[u8]) -> Outcome {
    let vector = json(file);
    assert_eq!(text(&vector, "ciphertext_b64").len(), vector["b64_len"].as_u64().unwrap() as usize);
    let key = decryptor_of("wechatpay/synthetic", &vector);
    opens_to(&*key, text(&vector, "ciphertext_b64"), text(&vector, "plaintext"));
    // An older key tried first does not keep the right one from opening.
    let older = PrivateKey::read(&read("wechatpay/go/rsa_private_key_pkcs8.pem")).unwrap();
    let field = Encrypted::new(text(&vector, "ciphertext_b64").to_owned());
    let opened = field.decrypt([&*decryptor(&older), &*key]).unwrap();
    assert_eq!(opened.expose(), text(&vector, "plaintext"));
    Accept
}

pub(crate) fn payer_phone_must_fail(file: &[u8]) -> Outcome {
    let vector = json(file);
    let key = decryptor_of("wechatpay/synthetic", &vector);
    refused([("OAEP with SHA-256", stays_closed(&*key, text(&vector, "must_fail_oaep_sha256_b64")))])
}

pub(crate) fn shangmi_sm2_decrypt(file: &[u8]) -> Outcome {
    let vector = json(file);
    let case = &vector["decrypt"];
    let key = decryptor_of("wechatpay/java-shangmi", &vector);
    opens_to(&*key, text(case, "ciphertext_b64_asn1_c1c3c2"), text(case, "plaintext"));
    Accept
}

pub(crate) fn shangmi_sm2_decrypt_must_fail(file: &[u8]) -> Outcome {
    let vector = json(file);
    let case = &vector["decrypt"];
    let key = decryptor_of("wechatpay/java-shangmi", &vector);
    let mut wrong_tag = base64(text(case, "ciphertext_b64_asn1_c1c3c2"));
    // The first byte of C3: behind the two coordinates, 34 bytes each with their heads, and 2 bytes
    // of the sequence's.
    wrong_tag[2 + 34 + 34 + 2] ^= 1;
    refused([
        ("the published one", stays_closed(&*key, text(case, "must_fail_ciphertext_b64"))),
        ("another hash", stays_closed(&*key, &to_base64(&wrong_tag))),
    ])
}
