//! Alipay's complaints through the gateway.

use std::collections::BTreeSet;

use protocol_core::UnixTime;
use serde_json::{Value, json};

use super::alipay_complaint::{AlipayComplaint, Processed};
use super::call::Call;
use super::response::{Members, Refusal, fail, records};
use crate::random;
use crate::state::State;

const PROCESS_CODES: [&str; 5] =
    ["REFUND", "CONSENSUS_WITH_CLIENT", "RECTIFICATION_NO_REFUND", "SUBMIT_PROOF_NOT_CONTACTED", "ORTHER"];

pub(super) fn list(state: &mut State, call: &Call<'_>) -> Result<Members, Refusal> {
    let number = call.number("current_page_num", 1, 1)?;
    let size = call.number("page_size", 10, 1)?;
    let filed = span(call, ("gmt_complaint_start", "gmt_complaint_end"))?;
    let processed = span(call, ("gmt_process_start", "gmt_process_end"))?;
    let (statuses, tasks) = (texts(call, "status_list")?, texts(call, "task_id_list")?);
    let is_in = |span: Option<(i64, i64)>, time: Option<UnixTime>| match (span, time) {
        (Some((from, to)), Some(time)) => (from..=to).contains(&time.0),
        (span, _) => span.is_none(),
    };
    let mut found: Vec<&AlipayComplaint> = state
        .allinpay
        .alipay
        .values()
        .filter(|complaint| call.caller.scope.contains(&complaint.cusid))
        .filter(|complaint| is_in(filed, Some(complaint.time)) && is_in(processed, complaint.processed_at()))
        .filter(|complaint| statuses.as_ref().is_none_or(|list| list.contains(&complaint.status)))
        .filter(|complaint| tasks.as_ref().is_none_or(|list| list.contains(&complaint.task_id)))
        .filter(|complaint| call.get("trade_no").is_none_or(|trade_no| complaint.trade_no == trade_no))
        .filter(|complaint| call.get("task_id").is_none_or(|task_id| complaint.task_id == task_id))
        .collect();
    found.reverse();
    let page: Vec<Value> =
        found.iter().skip((number - 1) * size).take(size).map(|complaint| listed(complaint, call)).collect();
    Ok(records(&json!({
        "code": "10000",
        "msg": "Success",
        "total_size": found.len(),
        "current_page": number,
        "page_size": size,
        "complaint_list": page,
    })))
}

/// A complaint in a list. An agent sees the merchant's number, as in the list of WeChat's complaints.
fn listed(complaint: &AlipayComplaint, call: &Call<'_>) -> Value {
    let mut json = complaint.to_json();
    if let Some(members) = json.as_object_mut().filter(|_| call.caller.orgid.is_some()) {
        members.insert("merchantNo".to_owned(), Value::from(complaint.cusid.as_str()));
    }
    json
}

/// A span of time, if one is asked for.
fn span(call: &Call<'_>, names: (&str, &str)) -> Result<Option<(i64, i64)>, Refusal> {
    match call.get(names.0).or_else(|| call.get(names.1)) {
        Some(_) => call.span(names, "%Y-%m-%d %H:%M:%S", 1).map(Some),
        None => Ok(None),
    }
}

/// The texts of a JSON array, if one is given.
fn texts(call: &Call<'_>, name: &str) -> Result<Option<Vec<String>>, Refusal> {
    let Some(json) = call.get(name) else { return Ok(None) };
    match serde_json::from_str(json) {
        Ok(texts) => Ok(Some(texts)),
        Err(_) => fail(format!("参数[{name}]格式错误")),
    }
}

pub(super) fn detail(state: &mut State, call: &Call<'_>) -> Result<Members, Refusal> {
    let id = call.text("complain_id", 64)?.parse().ok();
    let complaint = id.and_then(|id: u64| state.allinpay.alipay.get(&id));
    match complaint.filter(|complaint| call.caller.scope.contains(&complaint.cusid)) {
        Some(complaint) => Ok(records(&complaint.to_json())),
        None => fail("投诉单不存在"),
    }
}

/// Processes all the complaints, or none.
pub(super) fn process_finish(state: &mut State, call: &Call<'_>) -> Result<Members, Refusal> {
    let ids: Vec<String> = match serde_json::from_str(call.text("id_list", 4096)?) {
        Ok(ids) => ids,
        Err(_) => return fail("参数[id_list]格式错误"),
    };
    for complaint in ids.iter().filter_map(|id| id.parse().ok()).collect::<BTreeSet<u64>>() {
        if let Some(complaint) = state.allinpay.alipay.get_mut(&complaint) {
            complaint.process_requests += 1;
        }
    }
    let code = call.text("process_code", 64)?;
    if ids.is_empty() || !PROCESS_CODES.contains(&code) {
        return fail("参数[process_code]不合法");
    }
    let remark = call.get("remark").unwrap_or_default();
    let processed =
        Processed { time: call.now, code: code.to_owned(), remark: remark.to_owned(), images: images(state, call)? };
    let mut changed = Vec::new();
    for id in ids {
        let complaint =
            id.parse().ok().and_then(|id: u64| state.allinpay.alipay.get(&id).map(|complaint| (id, complaint)));
        let Some((id, complaint)) = complaint.filter(|(_, complaint)| call.caller.scope.contains(&complaint.cusid))
        else {
            return fail("投诉单不存在");
        };
        let mut complaint = complaint.clone();
        complaint.process(processed.clone()).map_err(|why| Refusal::Handling(why.to_owned()))?;
        changed.push((id, complaint));
    }
    state.allinpay.alipay.extend(changed);
    Ok(Members::from_iter([("complaint_process_success".to_owned(), Value::from(true))]))
}

/// The URLs of uploaded pictures, each named with its key.
fn images(state: &State, call: &Call<'_>) -> Result<Vec<String>, Refusal> {
    let list: Vec<Value> = match serde_json::from_str(call.get("img_file_list").unwrap_or("[]")) {
        Ok(list) => list,
        Err(_) => return fail("参数[img_file_list]格式错误"),
    };
    let mut urls = Vec::new();
    for image in list {
        let member = |name: &str| image.get(name).and_then(Value::as_str).unwrap_or_default();
        match state.allinpay.alipay_files.get(member("img_url_key")).filter(|url| *url == member("img_url")) {
            Some(url) => urls.push(url.clone()),
            None => return fail("图片不存在"),
        }
    }
    Ok(urls)
}

pub(super) fn upload(state: &mut State, _: &Call<'_>) -> Result<Members, Refusal> {
    let key = random::alphanumeric(32);
    let url = format!("https://mdn.alipayobjects.com/afts/img/{key}/original");
    state.allinpay.alipay_files.insert(key.clone(), url.clone());
    Ok(records(&json!({"file_key": key, "file_url": url})))
}
