//! Each feature alone, without other tests of its channel or algorithm: published values only.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

use protocol_core::complaint::Complaint;
use serde_json::Value;

fn vector(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn text<'v>(vector: &'v Value, member: &str) -> &'v str {
    vector[member].as_str().unwrap_or_else(|| panic!("the vector has {member}"))
}

#[cfg(any(feature = "wechat-pay", feature = "rsa", feature = "sm2"))]
fn base64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

/// Models need no feature.
#[test]
fn a_complaint_is_read() {
    let json = include_str!("../../../samples/wechat-pay/complaint.json");
    let complaint: Complaint = serde_json::from_str(json).unwrap();
    assert_eq!(complaint.complaint_id, text(&vector(json), "complaint_id"));
}

#[cfg(feature = "wechat-pay")]
#[test]
fn wechat_pay_seals_and_opens_without_a_signature_algorithm() {
    use protocol_core::crypto::{AeadAlgorithm, ApiV3Key, CryptoError};

    let vector = vector(include_str!("vectors/wechatpay/java/aead_aes_256_gcm.json"));
    let key = ApiV3Key::new(text(&vector, "api_v3_key").as_bytes()).unwrap();
    let (nonce, aad) = (text(&vector, "nonce").as_bytes(), text(&vector, "aad").as_bytes());
    let mut opened = base64(text(&vector, "ciphertext_b64"));
    key.open_in_place(AeadAlgorithm::Aes256Gcm, nonce, aad, &mut opened).unwrap();
    assert_eq!(opened, text(&vector, "plaintext").as_bytes());
    let mut changed = base64(text(&vector, "ciphertext_b64"));
    let other = key.open_in_place(AeadAlgorithm::Aes256Gcm, nonce, b"bad-associatedData", &mut changed);
    assert_eq!(other, Err(CryptoError::DecryptFailed));
    assert_eq!(AeadAlgorithm::from_wire("AEAD_SM4_GCM").is_some(), cfg!(feature = "sm2"));
}

#[cfg(feature = "wechat-pay")]
#[test]
fn wechat_pays_header_is_made_with_a_signature_from_elsewhere() {
    use protocol_core::crypto::Signature;
    use protocol_core::wechat_pay::{Authorization, Merchant, Scheme};
    use protocol_core::{Method, RequestParts, Stamp, UnixTime};

    let vector = vector(include_str!("vectors/wechatpay/official/request_sign.json"));
    let merchant = Merchant::new(text(&vector, "mchid"), text(&vector, "serial_no"), Scheme::Rsa).unwrap();
    let parts = RequestParts::without_body(Method::Get, "/v3/certificates");
    let stamp = Stamp { now: UnixTime(1_554_208_460), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
    let unsigned = merchant.prepare_parts(parts, &stamp).unwrap();
    let to_sign = b"GET\n/v3/certificates\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n";
    assert_eq!(unsigned.parts_to_sign().concat(), to_sign);
    let request = unsigned.attach(&Signature::new(b"made elsewhere".to_vec()));
    let (_, header) = request.headers().find(|(name, _)| *name == "Authorization").unwrap();
    let header = Authorization::parse(header).unwrap();
    assert_eq!(header.serial_no, text(&vector, "serial_no"));
}

#[cfg(feature = "allinpay")]
#[test]
fn allinpays_string_to_sign_is_made_without_a_signature_algorithm() {
    let vector = vector(include_str!("vectors/allinpay/doc_request_rsa_sha1.json"));
    let mut parameters = protocol_core::allinpay::Parameters::default();
    for (name, value) in vector["params"].as_object().unwrap() {
        parameters.set(name.clone(), value.as_str().unwrap());
    }
    assert_eq!(parameters.parts_to_sign().concat(), text(&vector, "string_to_sign").as_bytes());
}

#[cfg(feature = "rsa")]
#[test]
fn rsa_signs_as_published_and_verifies() {
    use protocol_core::crypto::{
        Certificate, CryptoError, PrivateKey, PublicKey, RsaDigest, RsaSigner, RsaVerifier, Signer as _, Verifier as _,
    };

    let vector = vector(include_str!("vectors/wechatpay/java/rsa_sha256_sign.json"));
    let certificate = Certificate::read(include_bytes!("vectors/wechatpay/java/merchant_certificate.pem")).unwrap();
    assert_eq!(certificate.serial_no(), text(&vector, "serial"));
    let PublicKey::Rsa(key) = certificate.public_key() else { panic!("an RSA key") };
    let verifier = RsaVerifier::new(key, RsaDigest::Sha256);
    let signature = base64(text(&vector, "signature_b64"));
    assert_eq!(verifier.verify(&[text(&vector, "message").as_bytes()], &signature), Ok(()));
    assert_eq!(verifier.verify(&[b"another message"], &signature), Err(CryptoError::BadSignature));
    let key = PrivateKey::read(include_bytes!("vectors/wechatpay/java/merchant_private_key.pem")).unwrap();
    let PrivateKey::Rsa(key) = key else { panic!("an RSA key") };
    let signer = RsaSigner::new(&key, RsaDigest::Sha256);
    assert_eq!(signer.sign(&[text(&vector, "message").as_bytes()]).unwrap().as_bytes(), signature);
}

#[cfg(feature = "sm2")]
#[test]
fn sm2_verifies_and_decrypts_as_published() {
    use protocol_core::crypto::{
        CryptoError, Decryptor as _, PrivateKey, Sm2Decryptor, Sm2SignatureEncoding, Sm2Verifier, Verifier as _,
    };

    let vector = vector(include_str!("vectors/wechatpay/java-shangmi/sm2.json"));
    let key = PrivateKey::read(include_bytes!("vectors/wechatpay/java-shangmi/merchant_private_key.pem")).unwrap();
    let PrivateKey::Sm2(key) = key else { panic!("an SM2 key") };
    let id = text(&vector, "sm2_id");
    let verifier = Sm2Verifier::new(&key.public_key(), id, Sm2SignatureEncoding::Der).unwrap();
    let signature = base64(text(&vector["verify"], "signature_b64_der"));
    assert_eq!(verifier.verify(&[text(&vector["verify"], "message").as_bytes()], &signature), Ok(()));
    assert_eq!(verifier.verify(&[b"false-message"], &signature), Err(CryptoError::BadSignature));
    let sealed = base64(text(&vector["decrypt"], "ciphertext_b64_asn1_c1c3c2"));
    let opened = Sm2Decryptor::new(&key).decrypt(&sealed).unwrap();
    assert_eq!(opened.expose(), text(&vector["decrypt"], "plaintext").as_bytes());
}

#[cfg(feature = "http")]
#[test]
fn a_header_map_is_read_by_name_and_never_twice() {
    use protocol_core::{Header, Headers as _};

    let mut headers = http::HeaderMap::new();
    headers.insert("Wechatpay-Serial", http::HeaderValue::from_static(" A1 "));
    assert_eq!(headers.header("wechatpay-serial"), Header::Text("A1"));
    assert_eq!(headers.header("Wechatpay-Nonce"), Header::Absent);
    headers.append("Wechatpay-Serial", http::HeaderValue::from_static("A2"));
    assert_eq!(headers.header("wechatpay-serial"), Header::Repeated);
}

#[cfg(feature = "channel")]
#[test]
fn a_channels_act_names_its_complaint() {
    use protocol_core::channel::ComplaintRef;

    let complaint: Complaint =
        serde_json::from_str(include_str!("../../../samples/wechat-pay/complaint.json")).unwrap();
    let named = ComplaintRef::from(&complaint);
    assert_eq!((named.complaint_id, named.complainted_mchid), (complaint.complaint_id, complaint.complainted_mchid));
}
