//! Canary secrets planted in every type that holds one: none of them may come out of a `Debug` or
//! an error.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

mod common;

use common::decode_json;
use protocol_core::complaint::{Complaint, NegotiationHistory};
use protocol_core::crypto::{
    AeadAlgorithm, ApiV3Key, Certificate, Keyring, MessageCipher, PrivateKey, PublicKey, Signature,
    Sm2SignatureEncoding, Sm2Signer,
};
use protocol_core::wechat_pay::{
    ApiError, Authorization, Merchant, RawResponse, Scheme, UploadImage, decryptor, encryptor, signer, verifier,
    verify_notification,
};
use protocol_core::{Method, Personal, RequestParts, Secret, Stamp, UnixTime};

const CANARY: &str = "canary13900001234";

const SM2_KEY: &[u8] = include_bytes!("vectors/wechatpay/java-shangmi/merchant_private_key.pem");
const RSA_KEY: &[u8] = include_bytes!("vectors/wechatpay/java/merchant_private_key.pem");

#[track_caller]
fn silent(shown: &impl std::fmt::Debug) {
    silent_text(&format!("{shown:?}"));
    silent_text(&format!("{shown:#?}"));
}

/// The text that is shown instead must be useful.
#[track_caller]
fn tells(shown: &impl std::fmt::Debug, told: &[&str]) {
    let text = format!("{shown:?}");
    told.iter().for_each(|told| assert!(text.contains(told), "{told} is not in: {text}"));
}

#[track_caller]
fn silent_text(text: &str) {
    assert!(!text.contains("canary"), "a canary sings in: {text}");
}

#[test]
fn documents_show_no_personal_data() {
    let complaint: Complaint = decode_json(
        "a complaint",
        format!(
            r#"{{"complaint_id":"1","payer_phone":"{CANARY}","payer_openid":"{CANARY}","complaint_detail":"{CANARY}",
                "additional_info":{{"share_power_info":{{"return_address_info":
                    {{"return_address":"{CANARY}","longitude":"{CANARY}","latitude":"{CANARY}"}}}}}},
                "unknown":"{CANARY}"}}"#
        )
        .as_bytes(),
    )
    .unwrap();
    silent(&complaint);
    assert!(serde_json::to_string(&complaint).unwrap().matches(CANARY).count() == 7, "but they are all there");

    let history: NegotiationHistory = decode_json(
        "a history",
        format!(
            r#"{{"data":[{{"log_id":"1","operate_details":"{CANARY}","image_list":["{CANARY}"],"x":"{CANARY}",
                "user_appy_platform_service_reason_description":"{CANARY}",
                "user_appy_platform_service_reason":"{CANARY}",
                "complaint_media_list":{{"media_url":["{CANARY}"]}},
                "normal_message":{{"custom_data":"{CANARY}","blocks":[
                    {{"type":"TEXT","text":{{"text":"{CANARY}"}}}},
                    {{"button":{{"action":{{"message_info":{{"content":"{CANARY}","custom_data":"{CANARY}"}}}}}}}}]}},
                "click_message":{{"message_content":"{CANARY}"}}}}]}}"#
        )
        .as_bytes(),
    )
    .unwrap();
    silent(&history);

    for json in [
        format!(r#"{{"complainted_mchid":"1","response_content":"{CANARY}"}}"#),
        format!(r#"{{"action":"REJECT","reject_reason":"{CANARY}","remark":"{CANARY}"}}"#),
    ] {
        if let Ok(response) = serde_json::from_str::<protocol_core::wechat_pay::Respond>(&json) {
            silent(&response);
        } else {
            silent(&serde_json::from_str::<protocol_core::wechat_pay::UpdateRefundProgress>(&json).unwrap());
        }
    }

    let error = ApiError::decode(
        format!(r#"{{"code":"PARAM_ERROR","message":"{CANARY}","detail":{{"value":"{CANARY}"}}}}"#).as_bytes(),
    );
    silent(&error.unwrap());
}

#[test]
fn decoding_errors_quote_nothing() {
    for text in [
        format!(r#"{{"complaint_id":"1","complaint_order_info":[{{"amount":"{CANARY}"}}]}}"#),
        format!(r#"{{"complaint_id":"1","complaint_order_info":[{{"amount":"{CANARY}, expected {CANARY}"}}]}}"#),
        format!(r#"{{"complaint_id":"1","complaint_full_refunded":"{CANARY}"}}"#),
        format!(r#"{{"complaint_id":"1","additional_info":"{CANARY}"}}"#),
        format!(r#"{{"complaint_id":"1","payer_phone":["{CANARY}"]}}"#),
        format!(r#"["{CANARY}"]"#),
        format!(r#""{CANARY}""#),
        format!(r#"{{"complaint_id":"1" {CANARY}"#),
        format!(r#"{{"{CANARY}":"1"}}"#),
    ] {
        let error = decode_json::<Complaint>("a complaint", text.as_bytes()).unwrap_err();
        silent(&error);
        silent_text(&error.to_string());
    }
}

#[test]
fn keys_and_secrets_show_nothing() {
    let canary_key: [u8; 32] = format!("{CANARY}{CANARY}").as_bytes()[..32].try_into().unwrap();
    silent(&ApiV3Key::new(&canary_key).unwrap());
    silent(&ApiV3Key::new(CANARY.as_bytes()).unwrap_err());
    silent(&MessageCipher::new(&canary_key));
    silent(&Secret::new(CANARY.into()));
    silent(&Personal::new(CANARY));

    for (pem, scalar) in [(SM2_KEY, sm2_scalar()), (RSA_KEY, rsa_prime())] {
        let key = PrivateKey::read(pem).unwrap();
        let signer = signer(&key).unwrap();
        let verifier = verifier(&key.public_key()).unwrap();
        let keyring = Keyring::new();
        keyring.insert("AB", verifier.clone());
        let shown = format!(
            "{key:?} {signer:?} {verifier:?} {:?} {:?} {keyring:?}",
            decryptor(&key),
            encryptor(&key.public_key())
        );
        // As hexadecimal of either case and as a list of numbers.
        let hexadecimal: String = scalar.iter().map(|byte| format!("{byte:02x}")).collect();
        let list = format!("{scalar:?}");
        assert!(!shown.to_lowercase().contains(&hexadecimal[..16]), "{shown}");
        assert!(!shown.contains(&list[1..20]), "{shown}");
    }
    let PrivateKey::Sm2(sm2) = PrivateKey::read(SM2_KEY).unwrap() else { panic!("an SM2 key") };
    silent(&Sm2Signer::new(&sm2, CANARY, Sm2SignatureEncoding::Raw).unwrap());
    silent(&Sm2Signer::new(&sm2, &CANARY.repeat(1000), Sm2SignatureEncoding::Raw).unwrap_err());
}

/// A log line has to tell what something is, and nothing else of it.
#[test]
fn keys_are_shown_as_what_they_are() {
    let (rsa, sm2) = (PrivateKey::read(RSA_KEY).unwrap(), PrivateKey::read(SM2_KEY).unwrap());
    for (key, shown) in [
        (
            &rsa,
            [
                "Rsa(RsaPrivateKey(2048 bits, ***))",
                "Rsa(RsaPublicKey(2048 bits))",
                "RsaSigner(Sha256, ***)",
                "RsaVerifier(Sha256)",
                "RsaDecryptor(***)",
                "RsaEncryptor(OAEP with SHA-1)",
            ],
        ),
        (
            &sm2,
            [
                "Sm2(Sm2PrivateKey(***))",
                "Sm2(Sm2PublicKey)",
                "Sm2Signer(Der, ***)",
                "Sm2Verifier(Der)",
                "Sm2Decryptor(***)",
                "Sm2Encryptor(ASN.1, C1C3C2)",
            ],
        ),
    ] {
        let public = key.public_key();
        assert_eq!(
            [
                format!("{key:?}"),
                format!("{public:?}"),
                format!("{:?}", signer(key).unwrap()),
                format!("{:?}", verifier(&public).unwrap()),
                format!("{:?}", decryptor(key)),
                format!("{:?}", encryptor(&public)),
            ],
            shown
        );
    }
    assert_eq!(format!("{:?}", ApiV3Key::new(&[7; 32]).unwrap()), "ApiV3Key(***)");
    assert_eq!(format!("{:?}", MessageCipher::new(&[7; 32])), "MessageCipher(***)");
}

fn sm2_scalar() -> Vec<u8> {
    pkcs8_tail(SM2_KEY, 32, &[0x04, 0x20])
}

fn rsa_prime() -> Vec<u8> {
    pkcs8_tail(RSA_KEY, 128, &[0x02, 0x81, 0x81, 0x00])
}

/// The bytes that follow a marker in a PEM file's inside.
fn pkcs8_tail(pem: &[u8], length: usize, marker: &[u8]) -> Vec<u8> {
    use base64::Engine as _;
    let text: String = std::str::from_utf8(pem).unwrap().lines().filter(|line| !line.starts_with('-')).collect();
    let der = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    let at = der.windows(marker.len()).position(|window| window == marker).unwrap() + marker.len();
    der[at..at + length].to_vec()
}

#[test]
fn key_errors_quote_nothing() {
    for text in [CANARY.to_owned(), format!("-----BEGIN {CANARY}-----\n{CANARY}\n-----END {CANARY}-----")] {
        for error in [
            PrivateKey::read(text.as_bytes()).unwrap_err(),
            PublicKey::read(text.as_bytes()).unwrap_err(),
            Certificate::read(text.as_bytes()).unwrap_err(),
        ] {
            silent(&error);
            silent_text(&error.to_string());
        }
    }
}

#[test]
fn requests_and_responses_show_no_secret() {
    let merchant = Merchant::new("1900007291", "AB", Scheme::Sm2).unwrap();
    let stamp = Stamp { now: UnixTime(5), nonce: "canary" };
    silent(&stamp);
    let unsigned = merchant.prepare_parts(RequestParts::json(Method::Post, "/v3/x", CANARY.into()), &stamp).unwrap();
    silent(&unsigned);
    tells(&unsigned, &["UnsignedRequest", "1900007291", "/v3/x"]);
    let request = unsigned.attach(&Signature::new(CANARY.into()));
    silent(&request);
    let header = request.headers().find(|(name, _)| *name == "Authorization").unwrap().1.to_owned();
    let authorization = Authorization::parse(&header).unwrap();
    silent(&authorization);
    tells(&authorization, &["WECHATPAY2-SM2-WITH-SM3", "1900007291", "timestamp: UnixTime(5)", "\"AB\""]);
    let picture = [b"\x89PNG", CANARY.as_bytes()].concat();
    silent(&UploadImage::new(&format!("{CANARY}.png"), &picture).unwrap());

    let key = PrivateKey::read(SM2_KEY).unwrap();
    let keys = Keyring::new();
    keys.insert("AB", verifier(&key.public_key()).unwrap());
    let body = format!(r#"{{"openid":"{CANARY}"}}"#);
    let refusal = format!(r#"{{"code":"{CANARY}","message":"{CANARY}"}}"#);
    for (status, body) in [(200, body), (400, refusal)] {
        let signature = signer(&key).unwrap().sign(&[b"5\ncanary\n", body.as_bytes(), b"\n"]).unwrap().to_base64();
        let headers = [
            ("Wechatpay-Timestamp", "5"),
            ("Wechatpay-Nonce", "canary"),
            ("Wechatpay-Serial", "AB"),
            ("Wechatpay-Signature", &signature),
            ("Wechatpay-Signature-Type", "WECHATPAY2-SM2-WITH-SM3"),
        ];
        let response = RawResponse { status, headers: &headers, body: body.as_bytes() };
        silent(&response);
        tells(&response, &[&format!("RawResponse {{ status: {status}, body_len: {}", body.len())]);
        assert!(!format!("{response:?}").contains("99, 97, 110"), "nor as a list of bytes");
        match response.verify(&keys, UnixTime(5)) {
            Ok(response) => {
                silent(&response);
                tells(
                    &response,
                    &[&format!("Success {{ status: {status}, request_id: None, body_len: {}", body.len())],
                );
            }
            Err(error) => silent_text(&error.to_string()),
        }
    }
}

#[test]
fn notifications_show_no_personal_data() {
    let api_v3_key = ApiV3Key::new(&[7; 32]).unwrap();
    let key = PrivateKey::read(SM2_KEY).unwrap();
    let keys = Keyring::new();
    keys.insert("AB", verifier(&key.public_key()).unwrap());
    for (event_type, resource) in [
        (
            "COMPLAINT.CREATE",
            format!(r#"{{"complaint_id":"1","payer_phone":"{CANARY}","complaint_detail":"{CANARY}","x":"{CANARY}"}}"#),
        ),
        ("OTHER", format!(r#"{{"openid":"{CANARY}"}}"#)),
    ] {
        let sealed = api_v3_key.seal(AeadAlgorithm::Aes256Gcm, &[b'n'; 12], b"", resource.as_bytes()).unwrap();
        let ciphertext = Signature::new(sealed).to_base64();
        let body = format!(
            r#"{{"id":"1","event_type":"{event_type}","resource":{{"algorithm":"AEAD_AES_256_GCM","nonce":"nnnnnnnnnnnn","ciphertext":"{ciphertext}"}}}}"#
        );
        let signature = signer(&key).unwrap().sign(&[b"5\nn\n", body.as_bytes(), b"\n"]).unwrap().to_base64();
        let headers = [
            ("Wechatpay-Timestamp", "5"),
            ("Wechatpay-Nonce", "n"),
            ("Wechatpay-Serial", "AB"),
            ("Wechatpay-Signature", &signature),
            ("Wechatpay-Signature-Type", "WECHATPAY2-SM2-WITH-SM3"),
        ];
        let envelope = verify_notification(&headers, body.as_bytes(), &keys, UnixTime(5)).unwrap();
        silent(&envelope);
        let notification = envelope.open(&api_v3_key).unwrap();
        silent(&notification);
        tells(&notification, if event_type == "OTHER" { &["Other(***)"] } else { &["complaint_id: \"1\""] });
    }
}
