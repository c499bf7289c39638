//! The list, one complaint, its history.

use serde_json::{Value, json};

use super::super::query::{Query, wrong};
use super::super::refusal::Refusal;
use super::super::request::Request;
use super::super::state::WechatPay;
use crate::clock::china_date;
use crate::linked::with_fresh_links;
use crate::platform_response::PlatformResponse;

const MAX_SPAN_DAYS: i64 = 30;
const MAX_LIST: usize = 50;
const MAX_HISTORY: usize = 300;

impl WechatPay {
    pub(crate) fn list_complaints(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        let known = &["limit", "offset", "begin_date", "end_date", "complainted_mchid"];
        let query = Query::read(request.target, known)?;
        let limit = query.number("limit", 10, 1, MAX_LIST)?;
        let offset = query.number("offset", 0, 0, usize::MAX)?;
        let (begin, begin_date) = query.day("begin_date")?;
        let (end, end_date) = query.day("end_date")?;
        if end < begin || end - begin > MAX_SPAN_DAYS {
            return Err(wrong("end_date", &end_date, "查询日期区间不超过30天"));
        }
        let accused = query.get("complainted_mchid");
        if let Some(mchid) = accused.filter(|mchid| !(1..=64).contains(&mchid.len())) {
            return Err(wrong("complainted_mchid", mchid, "长度范围为[1,64]"));
        }
        let mut found: Vec<_> = self
            .complaints
            .values()
            .filter(|complaint| complaint.mchid == request.caller.mchid)
            .filter(|complaint| accused.is_none_or(|mchid| complaint.complainted_mchid == mchid))
            .filter(|complaint| (&begin_date..=&end_date).contains(&&china_date(complaint.time)))
            .collect();
        // Newest first, so that a new complaint shifts the pages.
        found.sort_by(|a, b| b.time.cmp(&a.time).then_with(|| b.id.cmp(&a.id)));
        let page = found.iter().skip(offset).take(limit).map(|complaint| complaint.to_json(false)).collect();
        Ok(paged(page, limit, offset, found.len()))
    }

    pub(crate) fn get_complaint(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        Query::read(request.target, &[])?;
        Ok(PlatformResponse::json(&self.complaint_of(request.id, request.caller)?.to_json(true)))
    }

    pub(crate) fn get_negotiation_history(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        let query = Query::read(request.target, &["limit", "offset"])?;
        let limit = query.number("limit", 100, 1, MAX_HISTORY)?;
        let offset = query.number("offset", 0, 0, usize::MAX)?;
        let history = &self.complaint_of(request.id, request.caller)?.history;
        let page = history.iter().skip(offset).take(limit).cloned();
        let page = page.map(|entry| with_fresh_links(entry, request.now)).collect();
        Ok(paged(page, limit, offset, history.len()))
    }
}

/// `data` is absent from an empty page, `total_count` from all but the first.
fn paged(page: Vec<Value>, limit: usize, offset: usize, total: usize) -> PlatformResponse {
    let mut response = json!({"limit": limit, "offset": offset});
    if let Some(response) = response.as_object_mut() {
        if !page.is_empty() {
            response.insert("data".to_owned(), Value::from(page));
        }
        if offset == 0 {
            response.insert("total_count".to_owned(), Value::from(total));
        }
    }
    PlatformResponse::json(&response)
}
