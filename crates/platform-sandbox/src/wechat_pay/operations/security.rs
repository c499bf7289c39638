//! The platform's certificates, and the self-test.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::wechat_pay::Scheme;
use serde_json::{Value, json};

use super::super::notification::{Notification, seal};
use super::super::query::{Query, wrong};
use super::super::refusal::Refusal;
use super::super::request::Request;
use super::super::shape::{Member, Shape, UNPUBLISHED, needed, optional, read_body, text};
use super::super::state::WechatPay;
use super::notification_url::check_url;
use crate::clock::rfc3339;
use crate::platform_response::PlatformResponse;

impl WechatPay {
    pub(crate) fn list_certificates(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        let query = Query::read(request.target, &["algorithm_type"])?;
        let schemes: &[Scheme] = match query.get("algorithm_type") {
            None | Some("RSA") => &[Scheme::Rsa],
            Some("SM2") => &[Scheme::Sm2],
            Some("ALL") => &[Scheme::Rsa, Scheme::Sm2],
            Some(other) => return Err(wrong("algorithm_type", other, "不是枚举值")),
        };
        if !self.has_certificates {
            return Err(Refusal::missing(404, "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥"));
        }
        let merchant = self.merchants.get(&request.caller.mchid).ok_or_else(Refusal::system)?;
        let listed = self.keys.certificates.iter().filter(|key| schemes.contains(&key.scheme));
        let data: Vec<Value> = listed
            .filter_map(|key| key.certificate.as_ref().map(|certificate| (key.scheme, certificate)))
            .map(|(scheme, certificate)| {
                let (algorithm, nonce, ciphertext) =
                    seal(&merchant.api_v3_key, scheme, "certificate", certificate.pem.as_bytes());
                json!({
                    "serial_no": certificate.serial_no,
                    "effective_time": rfc3339(certificate.not_before),
                    "expire_time": rfc3339(certificate.not_after),
                    "encrypt_certificate": {
                        "algorithm": algorithm,
                        "nonce": nonce,
                        "associated_data": "certificate",
                        "ciphertext": ciphertext,
                    },
                })
            })
            .collect();
        Ok(PlatformResponse::json(&json!({"data": data})))
    }

    pub(crate) fn echo(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        let body = read_body(request.body, ECHO)?;
        let message = text(&body, "echo_message").unwrap_or_default();
        let mut response = json!({"echo_message": message});
        if let Some(encrypted) = text(&body, "encrypted_echo_message") {
            let again = self.re_encrypt(encrypted, request)?;
            if let Some(response) = response.as_object_mut() {
                response.insert("encrypted_echo_message".to_owned(), Value::from(again));
            }
        }
        if let Some(url) = text(&body, "notify_url") {
            check_url(url).map_err(|issue| Refusal::parameter("body", "/notify_url", Value::from(url), issue))?;
            let notification = Notification::of_echo(&request.caller.mchid, message, url.to_owned(), request.now);
            self.queue(notification);
        }
        Ok(PlatformResponse::json(&response))
    }

    /// Decrypts with the platform's key, and encrypts with the merchant's.
    fn re_encrypt(&self, encrypted: &str, request: &Request<'_>) -> Result<String, Refusal> {
        let wrong = |issue| Refusal::parameter("body", "/encrypted_echo_message", Value::from(encrypted), issue);
        let key = request.platform_key.and_then(|id| self.keys.find(id)).ok_or_else(|| {
            let issue = "加密所用的微信支付公钥或平台证书不存在";
            Refusal::parameter("header", "Wechatpay-Serial", Value::Null, issue)
        })?;
        let ciphertext = STANDARD.decode(encrypted).map_err(|_| wrong("不是合法的base64"))?;
        let plaintext = key.material.decryptor.decrypt(&ciphertext).map_err(|_| wrong("解密失败"))?;
        self.encrypt_to(&request.caller.mchid, plaintext.expose()).ok_or_else(|| wrong("加密失败"))
    }
}

const ECHO: &[Member] = &[
    needed("echo_message", &UNPUBLISHED),
    optional("encrypted_echo_message", &UNPUBLISHED),
    optional("notify_url", &Shape::Text(255)),
];
