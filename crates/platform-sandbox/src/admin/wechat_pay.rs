//! Complaints about WeChat Pay and virtual payment, filed and continued by the payer; violations and
//! restrictions of merchants.

use serde_json::{Value, json};

use super::error::AdminError;
use super::members::{Members, needed};
use crate::platform::Platform;
use crate::virtual_payment::Shape;
use crate::wechat_pay::{NewComplaint, NewViolation, ViolationEvent};

pub(super) fn file(platform: &Platform, mut members: Members) -> Result<Value, AdminError> {
    let new = new_complaint(&mut members)?;
    members.finish()?;
    let id = platform.act(|state, now| state.wechat_pay.file(new, &platform.merchant.mchid, now));
    Ok(done(&id))
}

pub(super) fn file_virtual_payment(platform: &Platform, mut members: Members) -> Result<Value, AdminError> {
    let new = new_complaint(&mut members)?;
    let is_older = members.flag("older_notice")?.unwrap_or_default();
    members.finish()?;
    let id = platform.act(|state, now| {
        state.virtual_payment.shape = if is_older { Shape::Older } else { Shape::Newer };
        state.file_virtual_payment(new, now)
    })?;
    Ok(done(&id))
}

pub(super) fn restrict_virtual_payment(platform: &Platform, mut members: Members) -> Result<Value, AdminError> {
    let mut text = |name, default: &str| members.text(name).map(|text| text.unwrap_or_else(|| default.to_owned()));
    let words = [text("business_state", "LIMITED")?, text("event_type", "RISK")?, text("remark", "交易异常")?];
    members.finish()?;
    let code = platform.act(|state, now| state.restrict_virtual_payment(words, now))?;
    Ok(json!({"business_code": code}))
}

pub(super) fn notify_violation(platform: &Platform, mut members: Members) -> Result<Value, AdminError> {
    let mut new = NewViolation::default();
    if let Some(event) = members.word("event", EVENTS)? {
        new = new.with_event(event);
    }
    if let Some(sub_mchid) = members.text("sub_mchid")? {
        new = new.with_sub_mchid(sub_mchid);
    }
    if let Some(risk_type) = members.text("risk_type")? {
        new = new.with_risk_type(risk_type);
    }
    if let Some(punish_plan) = members.text("punish_plan")? {
        new = new.with_punish_plan(punish_plan);
    }
    members.finish()?;
    let record_id = platform.act(|state, now| state.wechat_pay.notify_violation(&new, &platform.merchant.mchid, now));
    Ok(json!({"record_id": record_id}))
}

const EVENTS: &[(&str, ViolationEvent)] =
    &[("punish", ViolationEvent::Punish), ("intercept", ViolationEvent::Intercept), ("appeal", ViolationEvent::Appeal)];

/// A complaint from its members.
pub(super) fn new_complaint(members: &mut Members) -> Result<NewComplaint, AdminError> {
    let mut new = NewComplaint::default();
    if let Some(detail) = members.text("complaint_detail")? {
        new = new.with_complaint_detail(detail);
    }
    if let Some(fen) = members.number("amount", 0..=u64::MAX)? {
        new = new.with_amount(fen);
    }
    if let Some(problem_type) = members.text("problem_type")? {
        new = new.with_problem_type(problem_type);
    }
    if let Some(fen) = members.number("apply_refund_amount", 0..=u64::MAX)? {
        new = new.with_refund(fen);
    }
    if let Some(phone) = members.text("payer_phone")? {
        new = new.with_payer_phone(phone);
    }
    if members.flag("need_immediate_service")?.unwrap_or_default() {
        new = new.with_immediate_service();
    }
    Ok(new)
}

pub(super) fn message(platform: &Platform, id: &str, members: Members) -> Result<Value, AdminError> {
    let text = text_alone(members)?;
    platform.act(|state, now| state.wechat_pay.user_message(id, &text, now))?;
    Ok(done(id))
}

pub(super) fn continue_complaint(platform: &Platform, id: &str, members: Members) -> Result<Value, AdminError> {
    let text = text_alone(members)?;
    platform.act(|state, now| state.wechat_pay.user_continues(id, &text, now))?;
    Ok(done(id))
}

pub(super) fn refund_received(platform: &Platform, id: &str, members: Members) -> Result<Value, AdminError> {
    members.finish()?;
    platform.act(|state, now| state.wechat_pay.refund_received(id, now))?;
    Ok(done(id))
}

/// The member `text`, which is the only one.
pub(super) fn text_alone(mut members: Members) -> Result<String, AdminError> {
    let text = members.text("text")?;
    members.finish()?;
    needed("text", text)
}

fn done(id: &str) -> Value {
    json!({"complaint_id": id})
}
