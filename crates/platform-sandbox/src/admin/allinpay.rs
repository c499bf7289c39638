//! Complaints of Allinpay's merchants. `cusid` names the merchant. Default: the one that signs with
//! RSA.

use protocol_core::allinpay::SignType;
use serde_json::{Value, json};

use super::error::AdminError;
use super::members::{Members, needed};
use super::wechat_pay::new_complaint;
use crate::allinpay::NewAlipayComplaint;
use crate::platform::Platform;

pub(super) fn file_wechat(platform: &Platform, mut members: Members) -> Result<Value, AdminError> {
    let cusid = cusid(platform, &mut members)?;
    let new = new_complaint(&mut members)?;
    members.finish()?;
    let id = platform.act(|state, now| state.allinpay.file_wechat(&mut state.wechat_pay, new, &cusid, now))?;
    Ok(json!({"complaint_id": id}))
}

pub(super) fn file_alipay(platform: &Platform, mut members: Members) -> Result<Value, AdminError> {
    let cusid = cusid(platform, &mut members)?;
    let mut new = NewAlipayComplaint::default();
    if let Some(content) = members.text("complain_content")? {
        new = new.with_content(content);
    }
    if let Some(amount) = members.text("complain_amount")? {
        new = new.with_amount(amount);
    }
    if let Some(contact) = members.text("contact")? {
        new = new.with_contact(contact);
    }
    members.finish()?;
    let id = platform.act(|state, now| state.allinpay.file_alipay(new, &cusid, now))?;
    Ok(json!({"id": id}))
}

pub(super) fn set_status(platform: &Platform, id: &str, mut members: Members) -> Result<Value, AdminError> {
    let status = members.text("status")?;
    members.finish()?;
    let status = needed("status", status)?;
    platform.act(|state, now| state.allinpay.set_alipay_status(id, &status, now))?;
    Ok(json!({"id": id}))
}

pub(super) fn set_notice_url(platform: &Platform, mut members: Members) -> Result<Value, AdminError> {
    let cusid = cusid(platform, &mut members)?;
    let url = members.text("url")?;
    members.finish()?;
    platform.state().allinpay.set_notice_url(&cusid, &needed("url", url)?)?;
    Ok(json!({}))
}

fn cusid(platform: &Platform, members: &mut Members) -> Result<String, AdminError> {
    let given = members.text("cusid")?;
    Ok(given.unwrap_or_else(|| platform.state().allinpay.default_account(SignType::Rsa).cusid))
}
