//! Allinpay's real notifies of payments, which are signed as its notices of complaints are.

use form_urlencoded::Serializer;
use protocol_core::allinpay::{
    Merchant, NoSignature, NoticeError, NoticeFields, PUBLISHED_PLATFORM_KEYS, SignType, verifier,
};
use protocol_core::crypto::{PublicKey, Verifier};
use serde_json::Value;
use std::sync::Arc;

use super::Outcome::{self, Accept};
use super::{json, refused, text};

fn published(name: &str) -> Arc<dyn Verifier> {
    let key = PUBLISHED_PLATFORM_KEYS.iter().find(|key| key.name == name).expect("the key is published");
    verifier(&PublicKey::read(key.spki.as_bytes()).unwrap()).unwrap()
}

fn fields(vector: &Value) -> Vec<(&str, &str)> {
    let fields = vector["fields"].as_object().unwrap();
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect()
}

fn body(fields: &[(&str, &str)]) -> Vec<u8> {
    Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
}

fn merchant(vector: &Value, sign_type: SignType) -> Merchant {
    Merchant::new(text(&vector["fields"], "appid"), text(&vector["fields"], "cusid"), sign_type).unwrap()
}

pub(crate) fn of_production(file: &[u8]) -> Outcome {
    let vector = json(file);
    let body = body(&fields(&vector));
    let parsed = NoticeFields::parse(&body).unwrap();
    assert_eq!(parsed.peek().parts_to_sign().concat(), text(&vector, "string_to_sign").as_bytes());

    let key = published("the platform's RSA production key");
    let notice = merchant(&vector, SignType::Rsa).open_notice(&body, &*key).unwrap();
    // A payment, so every other field is unknown here.
    assert_eq!((notice.cusid.as_str(), notice.task_id.as_deref()), (text(&vector["fields"], "cusid"), None));
    assert_eq!(notice.extra.get("trxcode"), Some(r#""VSP501""#));
    assert_eq!(notice.extra.iter().count(), fields(&vector).len() - ["appid", "cusid", "sign", "signtype"].len());
    Accept
}

pub(crate) fn of_production_changed(file: &[u8]) -> Outcome {
    let vector = json(file);
    let fields = fields(&vector);
    let whole = body(&fields);
    let merchant = merchant(&vector, SignType::Rsa);
    let key = published("the platform's RSA production key");
    let bad = |body: &[u8], merchant: &Merchant, key: &dyn Verifier| merchant.open_notice(body, key).is_err();
    let mut attempts = Vec::new();
    for other in PUBLISHED_PLATFORM_KEYS.iter().filter(|other| other.name != "the platform's RSA production key") {
        attempts.push((other.name.to_owned(), bad(&whole, &merchant, &*published(other.name))));
    }
    for (appid, cusid) in [("00231936", "650586057220HNX"), ("00231935", "650586057220HNY")] {
        let other = Merchant::new(appid, cusid, SignType::Rsa).unwrap();
        attempts.push((format!("{appid} {cusid}"), other.open_notice(&whole, &*key) == Err(NoticeError::WrongAppid)));
    }
    let sm2 = self::merchant(&vector, SignType::Sm2);
    attempts.push(("SM2 configured".to_owned(), sm2.open_notice(&whole, &*key) == Err(NoticeError::OtherSignType)));
    for at in 0..fields.len() {
        let mut fewer = fields.clone();
        let (name, value) = fewer.remove(at);
        attempts.push((format!("without {name}"), bad(&body(&fewer), &merchant, &*key)));
        for position in 0..value.len() {
            let changed = format!("{}~{}", &value[..position], &value[position + 1..]);
            let mut other = fields.clone();
            other[at].1 = &changed;
            attempts.push((format!("{name} changed at {position}"), bad(&body(&other), &merchant, &*key)));
        }
    }
    refused(attempts)
}

pub(crate) fn of_the_demo(file: &[u8]) -> Outcome {
    let vector = json(file);
    let parsed = NoticeFields::parse(text(&vector, "body").as_bytes()).unwrap();
    assert_eq!(parsed.peek().parts_to_sign().concat(), text(&vector, "string_to_sign").as_bytes());
    assert_eq!(parsed.peek().get("trxreserved"), Some("李红梅测Dd试支付".as_bytes()));
    Accept
}

pub(crate) fn of_the_demo_opened(file: &[u8]) -> Outcome {
    let vector = json(file);
    let attempts =
        [(SignType::Rsa, "the platform's RSA production key"), (SignType::Sm2, "the platform's SM2 production key")];
    refused(attempts.map(|(sign_type, name)| {
        let merchant = Merchant::new("00000003", "990440148166000", sign_type).unwrap();
        let opened = merchant.open_notice(text(&vector, "body").as_bytes(), &*published(name));
        (name.to_owned(), opened == Err(NoticeError::NoSignature(NoSignature::Md5)))
    }))
}
