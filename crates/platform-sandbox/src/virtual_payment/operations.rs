//! The handlers of verified requests about complaints. A merchant's act goes to WeChat Pay's own
//! handler.

use bytes::Bytes;
use protocol_core::wechat_pay::Scheme;
use serde_json::{Value, json};

use super::notice::wx_order_id;
use crate::clock::{china_date, start_of_day};
use crate::mini_program::{Refusal, Request};
use crate::state::State;
use crate::wechat_pay::{self, Caller, Complaint, WechatPay};

const MAX_LIST: u64 = 50;
const MAX_HISTORY: u64 = 300;

/// A member that is missing or wrong; a complaint that does not exist, or does not allow the act.
pub(super) const BAD_MEMBER: Refusal = Refusal::Code(268_490_002, "请求参数字段错误");

pub(super) fn list(state: &mut State, request: &Request<'_>) -> Result<Value, Refusal> {
    let body = members(request)?;
    let (offset, limit) = page(&body, MAX_LIST)?;
    let (begin, end) = (day(&body, "begin_date")?, day(&body, "end_date")?);
    let owner = state.owner(request.now).map_err(|_| SYSTEM_ERROR)?.mchid.clone();
    let mut found: Vec<_> = state.wechat_pay.complaints.values().filter(|complaint| complaint.mchid == owner).collect();
    found.retain(|complaint| (begin..=end).contains(&china_date(complaint.time).as_str()));
    // Newest first, so that a new complaint shifts the pages.
    found.sort_by(|a, b| b.time.cmp(&a.time).then_with(|| b.id.cmp(&a.id)));
    let rows: Vec<_> = found.iter().skip(offset).take(limit).map(|complaint| shown(complaint, false)).collect();
    Ok(done(json!({"total": found.len(), "complaints": rows})))
}

pub(super) fn detail(state: &mut State, request: &Request<'_>) -> Result<Value, Refusal> {
    let body = members(request)?;
    Ok(done(json!({"complaint": shown(complaint(state, request, &body)?, true)})))
}

pub(super) fn history(state: &mut State, request: &Request<'_>) -> Result<Value, Refusal> {
    let body = members(request)?;
    let (offset, limit) = page(&body, MAX_HISTORY)?;
    let history = &complaint(state, request, &body)?.history;
    let rows: Vec<_> = history.iter().skip(offset).take(limit).collect();
    Ok(done(json!({"total": history.len(), "history": rows})))
}

pub(super) fn respond(state: &mut State, request: &Request<'_>) -> Result<Value, Refusal> {
    let body = members(request)?;
    let images = body.get("response_images").and_then(Value::as_array).ok_or(BAD_MEMBER)?;
    let accused = complaint(state, request, &body)?.complainted_mchid.clone();
    let mut reply = json!({"complainted_mchid": accused, "response_content": text(&body, "response_content")?});
    if let Some(reply) = reply.as_object_mut().filter(|_| !images.is_empty()) {
        reply.insert("response_images".to_owned(), Value::from(images.clone()));
    }
    hand_on(state, request, &body, &reply, WechatPay::respond)
}

pub(super) fn complete(state: &mut State, request: &Request<'_>) -> Result<Value, Refusal> {
    let body = members(request)?;
    let accused = complaint(state, request, &body)?.complainted_mchid.clone();
    hand_on(state, request, &body, &json!({"complainted_mchid": accused}), WechatPay::complete)
}

/// Lets WeChat Pay's own handler decide.
fn hand_on(
    state: &mut State,
    request: &Request<'_>,
    body: &Value,
    act: &Value,
    handler: wechat_pay::Handler,
) -> Result<Value, Refusal> {
    let complaint = complaint(state, request, body)?;
    let (id, mchid) = (complaint.id.clone(), complaint.mchid.clone());
    let caller = Caller { mchid, serial_no: String::new(), scheme: Scheme::Rsa, nonce: String::new() };
    let request = wechat_pay::Request {
        caller: &caller,
        target: "",
        id: &id,
        content_type: "application/json",
        platform_key: None,
        body: &Bytes::from(act.to_string()),
        now: request.now,
    };
    handler(&mut state.wechat_pay, &request).map(|_| done(json!({}))).map_err(|_| BAD_MEMBER)
}

/// A complaint as virtual payment shows it.
fn shown(complaint: &Complaint, with_openid: bool) -> Value {
    let mut json = complaint.to_json(with_openid);
    if let Some(members) = json.as_object_mut() {
        for unknown in ["complainted_mchid", "in_platform_service", "need_immediate_service", "is_agent_mode"] {
            members.remove(unknown);
        }
        let order = json!([{
            "transaction_id": complaint.transaction_id,
            "out_trade_no": format!("VP{}", complaint.out_trade_no),
            "amount": complaint.amount,
            "wxa_out_trade_no": complaint.out_trade_no,
            "wx_order_id": wx_order_id(complaint),
        }]);
        members.insert("complaint_order_info".to_owned(), order);
    }
    json
}

/// The complaint that a body names.
pub(super) fn complaint<'s>(
    state: &'s mut State,
    request: &Request<'_>,
    body: &Value,
) -> Result<&'s Complaint, Refusal> {
    let owner = state.owner(request.now).map_err(|_| SYSTEM_ERROR)?;
    let complaint = state.wechat_pay.complaints.get(text(body, "complaint_id")?);
    complaint.filter(|complaint| complaint.mchid == owner.mchid).ok_or(BAD_MEMBER)
}

pub(super) fn members(request: &Request<'_>) -> Result<Value, Refusal> {
    serde_json::from_slice(request.body).map_err(|_| BAD_MEMBER)
}

pub(super) fn text<'b>(body: &'b Value, name: &str) -> Result<&'b str, Refusal> {
    body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or(BAD_MEMBER)
}

/// A day that exists, `yyyy-mm-dd`.
fn day<'b>(body: &'b Value, name: &str) -> Result<&'b str, Refusal> {
    text(body, name).and_then(|text| start_of_day(text).map(|_| text).ok_or(BAD_MEMBER))
}

/// Offset and limit.
fn page(body: &Value, most: u64) -> Result<(usize, usize), Refusal> {
    let number = |name: &str| body.get(name).and_then(Value::as_u64).ok_or(BAD_MEMBER);
    let (offset, limit) = (number("offset")?, number("limit")?);
    if !(1..=most).contains(&limit) {
        return Err(BAD_MEMBER);
    }
    let size = |number: u64| usize::try_from(number).map_err(|_| BAD_MEMBER);
    Ok((size(offset)?, size(limit)?))
}

/// A success with these members.
pub(super) fn done(mut members: Value) -> Value {
    if let Some(members) = members.as_object_mut() {
        members.insert("errcode".to_owned(), Value::from(0));
        members.insert("errmsg".to_owned(), Value::from("ok"));
    }
    members
}

pub(super) const SYSTEM_ERROR: Refusal = Refusal::Code(-1, "system error");

#[cfg(test)]
mod tests {
    use protocol_core::UnixTime;

    use super::*;

    fn is_listed(begin: &str, end: &str) -> bool {
        let now = UnixTime(1_741_936_166);
        let (mut state, _) = State::new(Scheme::Rsa, false, now).unwrap();
        let body = json!({"env": 0, "begin_date": begin, "end_date": end, "offset": 0, "limit": 1}).to_string();
        let body = Bytes::from(body);
        let request =
            Request { path: "", query: &[], is_post: true, content_type: "application/json", body: &body, now };
        list(&mut state, &request).is_ok()
    }

    #[test]
    fn a_list_takes_days_that_exist() {
        assert!(is_listed("2026-02-28", "2026-12-31"));
        for bad in ["2026-13-01", "2026-02-29", "2026-1-1", "20260101", "2026-01-01T00:00:00", "yesterday", ""] {
            assert!(!is_listed(bad, "2026-12-31") && !is_listed("2026-01-01", bad), "{bad}");
        }
    }
}
