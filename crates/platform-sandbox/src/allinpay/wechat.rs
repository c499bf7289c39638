//! WeChat's complaints through the gateway. A merchant's act goes to WeChat Pay's own handler; a
//! refusal there becomes `handlestate` 3999.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use protocol_core::wechat_pay::Scheme;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::response::{Members, Refusal, fail, handled, records};
use crate::linked::with_fresh_links;
use crate::state::State;
use crate::wechat_pay::{Caller, Complaint, Handler, IMAGE_URL, Request, WechatPay};

const MAX_HISTORY: usize = 300;

/// A complaint without the accused merchant's number at WeChat Pay.
fn without_mchid(complaint: &Complaint, in_detail: bool) -> Value {
    let mut json = complaint.to_json(in_detail);
    if let Some(members) = json.as_object_mut() {
        members.remove("complainted_mchid");
    }
    json
}

/// A complaint in a list. An agent sees the merchant's number.
fn listed(complaint: &Complaint, call: &Call<'_>) -> Value {
    let mut json = without_mchid(complaint, false);
    if let Some(members) = json.as_object_mut().filter(|_| call.caller.orgid.is_some()) {
        members.insert("merchantNo".to_owned(), Value::from(complaint.mchid.as_str()));
    }
    json
}

/// The complaints of a span within the caller's scope, newest first.
fn found<'s>(state: &'s State, call: &Call<'_>, span: (i64, i64)) -> Vec<&'s Complaint> {
    let mut found: Vec<&Complaint> = state
        .wechat_pay
        .complaints
        .values()
        .filter(|complaint| call.caller.scope.contains(&complaint.mchid))
        .filter(|complaint| (span.0..=span.1).contains(&complaint.time.0))
        .collect();
    found.sort_by(|a, b| b.time.cmp(&a.time).then_with(|| b.id.cmp(&a.id)));
    found
}

fn page(found: &[&Complaint], call: &Call<'_>, offset: usize, limit: usize) -> Members {
    let page: Vec<Value> = found.iter().skip(offset).take(limit).map(|complaint| listed(complaint, call)).collect();
    records(&Value::from(page))
}

pub(super) fn list(state: &mut State, call: &Call<'_>) -> Result<Members, Refusal> {
    let number = call.number("current_page_num", 1, 1)?;
    let size = call.number("page_size", 10, 1)?;
    let span = call.span(("begindate", "enddate"), "%Y-%m-%d %H:%M:%S", 1)?;
    if call.get("groupall").is_some_and(|all| all != "1" || call.caller.orgid.is_none()) {
        return fail("参数[groupall]不合法");
    }
    let found = found(state, call, span);
    let mut members = page(&found, call, (number - 1) * size, size);
    members.insert("total_count".to_owned(), Value::from(found.len()));
    Ok(members)
}

/// `total_count` is a text here. The documents do not say whether it is a number.
pub(super) fn older_list(state: &mut State, call: &Call<'_>) -> Result<Members, Refusal> {
    let offset = call.number("offset", 0, 0)?;
    let limit = call.number("limit", 10, 1)?;
    let span = call.span(("begin_date", "end_date"), "%Y-%m-%d", 86_400)?;
    let found = found(state, call, span);
    let mut members = page(&found, call, offset, limit);
    members.insert("total_count".to_owned(), Value::from(found.len().to_string()));
    Ok(members)
}

pub(super) fn detail(state: &mut State, call: &Call<'_>) -> Result<Members, Refusal> {
    let complaint = call.complaint(state)?;
    Ok(records(&without_mchid(complaint, true)))
}

pub(super) fn history(state: &mut State, call: &Call<'_>) -> Result<Members, Refusal> {
    let offset = call.number("offset", 0, 0)?;
    let limit = call.number("limit", 100, 1)?;
    if limit > MAX_HISTORY {
        return fail("参数[limit]不合法");
    }
    let history = &call.complaint(state)?.history;
    let rows: Vec<&Value> = history.iter().rev().skip(offset).take(limit).collect();
    let mut object = json!({"offset": offset, "limit": limit, "data": rows});
    if let Some(object) = object.as_object_mut().filter(|_| offset == 0) {
        object.insert("total_count".to_owned(), Value::from(history.len()));
    }
    Ok(records(&with_fresh_links(object, call.now)))
}

pub(super) fn respond(state: &mut State, call: &Call<'_>) -> Result<Members, Refusal> {
    let words = call.text("response_content", 500)?;
    let images = call.media_ids("response_images")?;
    let accused = call.complaint(state)?.complainted_mchid.as_str();
    let body = json!({"complainted_mchid": accused, "response_content": words, "response_images": images});
    hand_on(state, call, &body, WechatPay::respond)
}

pub(super) fn complete(state: &mut State, call: &Call<'_>) -> Result<Members, Refusal> {
    let body = json!({"complainted_mchid": call.complaint(state)?.complainted_mchid.as_str()});
    hand_on(state, call, &body, WechatPay::complete)
}

pub(super) fn refund_progress(state: &mut State, call: &Call<'_>) -> Result<Members, Refusal> {
    let mut body = Map::new();
    let action = call.text("action", 16)?;
    body.insert("action".to_owned(), Value::from(action));
    match action {
        "APPROVE" => {
            body.insert("launch_refund_day".to_owned(), Value::from(call.number("launch_refund_day", 0, 0)?));
        }
        "REJECT" => {
            body.insert("reject_reason".to_owned(), Value::from(call.text("reject_reason", 200)?));
            body.insert("reject_media_list".to_owned(), Value::from(call.media_ids("reject_media_list")?));
            if let Some(remark) = call.get("remark") {
                body.insert("remark".to_owned(), Value::from(remark));
            }
        }
        _ => return fail("参数[action]不合法"),
    }
    hand_on(state, call, &Value::from(body), WechatPay::update_refund_progress)
}

/// Lets WeChat Pay's own handler decide.
fn hand_on(state: &mut State, call: &Call<'_>, body: &Value, handler: Handler) -> Result<Members, Refusal> {
    let id = call.complaint(state)?.id.clone();
    let caller = Caller {
        mchid: call.caller.cusid.clone(),
        serial_no: String::new(),
        scheme: Scheme::Rsa,
        nonce: String::new(),
    };
    let request = Request {
        caller: &caller,
        target: "",
        id: &id,
        content_type: "application/json",
        platform_key: None,
        body: &Bytes::from(body.to_string()),
        now: call.now,
    };
    match handler(&mut state.wechat_pay, &request) {
        Ok(_) => Ok(handled()),
        Err(refusal) => Err(Refusal::Handling(refusal.message().to_owned())),
    }
}

pub(super) fn upload(state: &mut State, call: &Call<'_>) -> Result<Members, Refusal> {
    let bytes = call.form.file.as_ref().map(|file| Bytes::copy_from_slice(&file.bytes)).unwrap_or_default();
    let id = state.wechat_pay.images.upload(&call.caller.cusid, bytes);
    Ok(Members::from_iter([("mediaid".to_owned(), Value::from(id))]))
}

pub(super) fn download(state: &mut State, call: &Call<'_>) -> Result<Members, Refusal> {
    let url = call.text("imgurl", 512)?;
    let picture = url.strip_prefix(IMAGE_URL).and_then(|id| state.wechat_pay.images.served(&call.caller.cusid, id));
    match picture {
        Some(bytes) => Ok(Members::from_iter([("imagebase64".to_owned(), Value::from(STANDARD.encode(bytes)))])),
        None => fail("图片不存在"),
    }
}

/// A Mini Program's complaint. The sandbox does not know the Mini Program's merchant, so every
/// merchant sees it.
pub(super) fn order_detail(state: &mut State, call: &Call<'_>) -> Result<Members, Refusal> {
    let id = call.text("complaintorderid", 32)?;
    match state.mini_program.order(id) {
        Some(order) => Ok(records(&with_fresh_links(order.to_json(), call.now))),
        None => fail("投诉单不存在"),
    }
}
