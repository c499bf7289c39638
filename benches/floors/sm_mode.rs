//! A notification of 2 kB in SM mode (SM2 with SM3, SM4-GCM) beside the same in RSA mode (RSA with
//! SHA-256, AES-GCM), both ours, in one run. Goal: at most 3 times.

use std::hint::black_box;

use protocol_core::UnixTime;
use protocol_core::crypto::{AeadAlgorithm, ApiV3Key, Keyring, PrivateKey, Signature};
use protocol_core::wechat_pay::{Notification, signer, verifier, verify_notification};

use benches::alternate::Alternate;
use benches::comparison::{Comparison, Goal};

use crate::notification::API_V3_KEY;
use crate::signatures::{RSA_KEY, SM2_KEY};

const NOW: UnixTime = UnixTime(1_741_936_166);
const TIMESTAMP: &str = "1741936166";
const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";
const KEY_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";

/// Characters of the payer's words: the body then has about 2 kB.
const WORDS: usize = 1200;

pub(crate) fn compare(bench: Alternate) -> Vec<Comparison> {
    let rsa = Message::signed(RSA_KEY, AeadAlgorithm::Aes256Gcm, "WECHATPAY2-SHA256-RSA2048");
    let sm = Message::signed(SM2_KEY, AeadAlgorithm::Sm4Gcm, "WECHATPAY2-SM2-WITH-SM3");
    assert_eq!(rsa.open(), sm.open());
    vec![bench.compare("sm_mode_notification", || rsa.open(), || sm.open()).goal(Goal::Ratio(3.0))]
}

/// A notification of one mode, and the keys that open it.
struct Message {
    headers: Vec<(String, String)>,
    body: String,
    keys: Keyring,
    api_v3_key: ApiV3Key,
}

impl Message {
    fn signed(private_key: &str, aead: AeadAlgorithm, signature_type: &str) -> Self {
        let api_v3_key = ApiV3Key::new(API_V3_KEY.trim_ascii_end()).unwrap();
        let private_key = PrivateKey::read(private_key.as_bytes()).unwrap();
        let keys = Keyring::new();
        keys.insert(KEY_ID, verifier(&private_key.public_key()).unwrap());

        let words = "x".repeat(WORDS);
        let event = format!(
            r#"{{"complaint_id":"200201820200101080076610000","action_type":"CREATE_COMPLAINT","complaint_detail":"{words}"}}"#
        );
        let sealed = api_v3_key.seal(aead, b"0123456789ab", b"complaint", event.as_bytes()).unwrap();
        let body = format!(
            r#"{{"id":"EV-2018022511223320873","create_time":"2025-03-14T15:09:26+08:00","resource_type":"encrypt-resource","event_type":"COMPLAINT.CREATE","summary":"产生新投诉","resource":{{"original_type":"complaint","algorithm":"{}","ciphertext":"{}","associated_data":"complaint","nonce":"0123456789ab"}}}}"#,
            aead.as_str(),
            Signature::new(sealed).to_base64()
        );

        let parts = [TIMESTAMP, "\n", NONCE, "\n", &body, "\n"].map(str::as_bytes);
        let signature = signer(&private_key).unwrap().sign(&parts).unwrap().to_base64();
        let headers = [
            ("Wechatpay-Timestamp", TIMESTAMP),
            ("Wechatpay-Nonce", NONCE),
            ("Wechatpay-Serial", KEY_ID),
            ("Wechatpay-Signature", &signature),
            ("Wechatpay-Signature-Type", signature_type),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { headers, body, keys, api_v3_key }
    }

    fn open(&self) -> Notification {
        let body = black_box(self.body.as_bytes());
        verify_notification(black_box(&self.headers), body, &self.keys, NOW).unwrap().open(&self.api_v3_key).unwrap()
    }
}
