//! Allinpay's side of the sandbox's own interface.

use protocol_core::allinpay::SignType;
use serde_json::{Value, json};

use super::{Refused, new_complaint, no_such_path, refused};
use crate::allinpay::{Allinpay, NewAlipayComplaint};
use crate::wechat_pay::Platform;

/// `cusid` says with which merchant a complaint is filed; without it, the one that signs with RSA.
pub(super) fn handle(platform: &Platform, path: &[&str], body: &Value) -> Result<Value, Refused> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let default = platform.state().allinpay.default_account(SignType::Rsa).cusid;
    let cusid = text("cusid").unwrap_or(&default);
    match path {
        ["complaints"] => {
            let id = platform.act(|state, now| state.file_allinpay(new_complaint(body), cusid, now));
            id.map(|id| json!({"complaint_id": id})).map_err(refused)
        }
        ["alipay-complaints"] => {
            let mut new = NewAlipayComplaint::default();
            if let Some(content) = text("complain_content") {
                new = new.with_content(content);
            }
            if let Some(amount) = text("complain_amount") {
                new = new.with_amount(amount);
            }
            if let Some(contact) = text("contact") {
                new = new.with_contact(contact);
            }
            let id = platform.act(|state, now| state.file_alipay(new, cusid, now));
            id.map(|id| json!({"id": id})).map_err(refused)
        }
        _ => Err(no_such_path()),
    }
}

pub(super) fn configuration(allinpay: &Allinpay) -> Value {
    let accounts = allinpay.accounts.iter().map(|account| {
        json!({
            "appid": account.appid,
            "cusid": account.cusid,
            "orgid": account.orgid,
            "sign_type": account.sign_type.as_str(),
            "merchants": account.merchants,
            "platform_key": account.platform_key,
        })
    });
    accounts.collect()
}
