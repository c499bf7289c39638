//! The logs and the configuration, as the admin interface shows them.

use serde_json::{Value, json};

use super::error::AdminError;
use crate::allinpay::Allinpay;
use crate::error::SandboxError;
use crate::mini_program::MiniProgram;
use crate::platform::Platform;

pub(super) fn notifications(platform: &Platform) -> Value {
    let list: Vec<Value> = platform
        .sent()
        .into_iter()
        .map(|sent| {
            json!({
                "id": sent.id,
                "mchid": sent.mchid,
                "event_type": sent.event_type,
                "complaint_id": sent.complaint_id,
                "action_type": sent.action_type,
                "attempt": sent.attempt,
                "status": sent.status,
                "error": sent.error,
                "acknowledged": sent.acknowledged,
                "at": sent.at.0,
            })
        })
        .collect();
    json!({"data": list})
}

pub(super) fn pushes(platform: &Platform) -> Value {
    let list: Vec<Value> = platform
        .sent_pushes()
        .into_iter()
        .map(|sent| {
            json!({
                "complaint_order_id": sent.complaint_order_id,
                "status": sent.status,
                "attempt": sent.attempt,
                "http_status": sent.http_status,
                "error": sent.error,
                "acknowledged": sent.acknowledged,
                "at": sent.at.0,
            })
        })
        .collect();
    json!({"data": list})
}

pub(super) fn notices(platform: &Platform) -> Value {
    let list: Vec<Value> = platform
        .sent_notices()
        .into_iter()
        .map(|sent| {
            json!({
                "cusid": sent.cusid,
                "task_id": sent.task_id,
                "complaint_status": sent.status,
                "attempt": sent.attempt,
                "http_status": sent.http_status,
                "error": sent.error,
                "acknowledged": sent.acknowledged,
                "at": sent.at.0,
            })
        })
        .collect();
    json!({"data": list})
}

pub(super) fn requests(platform: &Platform) -> Value {
    let list: Vec<Value> = platform
        .requests()
        .into_iter()
        .map(|request| {
            json!({
                "operation": request.operation,
                "status": request.status,
                "verified": request.verified,
                "mchid": request.mchid,
                "at": request.at.0,
            })
        })
        .collect();
    json!({"data": list})
}

/// The history of a complaint at WeChat Pay, in virtual payment or through Allinpay, oldest first.
pub(super) fn history(platform: &Platform, id: &str) -> Result<Value, AdminError> {
    let state = platform.state();
    let complaint = state.wechat_pay.complaints.get(id);
    let complaint = complaint.ok_or_else(|| SandboxError::UnknownComplaint(id.to_owned()))?;
    Ok(json!({"data": complaint.history}))
}

pub(super) fn configuration(platform: &Platform) -> Value {
    let state = platform.state();
    let merchants: Vec<Value> = state
        .wechat_pay
        .merchants
        .values()
        .map(|merchant| {
            json!({
                "mchid": merchant.account.mchid,
                "serial_no": merchant.account.serial_no,
                "algorithm": merchant.account.scheme.as_str(),
                "notification_url": merchant.notification_url,
            })
        })
        .collect();
    let keys = &state.wechat_pay.keys;
    let keys = [&keys.public, &keys.sm2_public].into_iter().chain(&keys.certificates);
    let keys: Vec<Value> = keys
        .map(|key| json!({"id": key.id, "algorithm": key.scheme.as_str(), "public_key": key.material.public_pem}))
        .collect();
    json!({
        "mchid": platform.merchant.mchid,
        "merchants": merchants,
        "platform_keys": keys,
        "mini_program": mini_program(&state.mini_program),
        "allinpay": allinpay(&state.allinpay),
    })
}

fn mini_program(mini_program: &MiniProgram) -> Value {
    json!({
        "appid": mini_program.account.appid,
        "original_id": mini_program.account.original_id,
        "push_url": mini_program.push.as_ref().map(|push| push.url.as_str()),
    })
}

fn allinpay(allinpay: &Allinpay) -> Value {
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
