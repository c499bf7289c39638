//! A merchant's replies, immediate replies and completion.

use serde_json::{Map, Value, json};

use super::super::authenticate::Caller;
use super::super::complaint::{Complaint, Entry, MERCHANT, PROCESSED};
use super::super::refusal::Refusal;
use super::super::request::Request;
use super::super::request_bodies::{BLOCK_TYPES, COMPLETE, IMMEDIATE, RESPOND};
use super::super::shape::{read_body, text, texts};
use super::super::state::WechatPay;
use crate::platform_response::PlatformResponse;

impl WechatPay {
    /// The complaint, if `complainted_mchid` is its accused merchant.
    fn accused_complaint(&self, id: &str, caller: &Caller, body: &Map<String, Value>) -> Result<&Complaint, Refusal> {
        let complaint = self.complaint_of(id, caller)?;
        let named = text(body, "complainted_mchid").unwrap_or_default();
        if named == complaint.complainted_mchid {
            return Ok(complaint);
        }
        Err(Refusal::parameter("body", "/complainted_mchid", Value::from(named), "与投诉单的被诉商户号不一致"))
    }

    /// Makes the merchant's uploads downloadable. Returns their URLs.
    pub(super) fn publish(&mut self, caller: &Caller, field: &str, ids: &[String]) -> Result<Vec<String>, Refusal> {
        let uploads: Vec<_> = ids.iter().map(|id| (id, self.images.uploaded(&caller.mchid, id))).collect();
        if let Some((id, _)) = uploads.iter().find(|(_, bytes)| bytes.is_none()) {
            return Err(Refusal::parameter("body", field, Value::from(id.as_str()), "media_id不存在"));
        }
        let bytes: Vec<_> = uploads.into_iter().filter_map(|(_, bytes)| bytes).collect();
        Ok(bytes.into_iter().map(|bytes| self.images.serve(&caller.mchid, bytes)).collect())
    }

    pub(crate) fn respond(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        let id = request.id;
        let body = read_body(request.body, RESPOND)?;
        self.accused_complaint(id, request.caller, &body)?;
        if let Some(url) = text(&body, "jump_url") {
            self.check_link(request.caller, url, &body)?;
        }
        let images = self.publish(request.caller, "/response_images", &texts(&body, "response_images"))?;
        let log_id = self.next_log_id(request.now);
        let words = text(&body, "response_content").unwrap_or_default();
        if let Some(complaint) = self.complaints.get_mut(id) {
            let entry = Entry::words(words).with_media("OPERATION_IMAGE", &images);
            complaint.record(&log_id, request.now, MERCHANT, "MERCHANT_RESPONSE", entry);
            complaint.merchant_images.extend(images);
            complaint.replied();
        }
        self.notify_of_own_act(&request.caller.mchid, id, "MERCHANT_RESPONSE", request.now);
        Ok(PlatformResponse::done())
    }

    fn check_link(&self, caller: &Caller, url: &str, body: &Map<String, Value>) -> Result<(), Refusal> {
        if !url.starts_with("https://") {
            return Err(Refusal::parameter("body", "/jump_url", Value::from(url), "必须为https"));
        }
        if text(body, "jump_url_text").is_none_or(str::is_empty) {
            return Err(Refusal::parameter("body", "/jump_url_text", Value::Null, "此字段为必填项"));
        }
        let allowed = self.merchants.get(&caller.mchid).is_some_and(|merchant| merchant.links_allowed);
        if allowed { Ok(()) } else { Err(Refusal::no_auth("该商户号暂不支持配置外部链接")) }
    }

    pub(crate) fn complete(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        let id = request.id;
        let body = read_body(request.body, COMPLETE)?;
        if self.accused_complaint(id, request.caller, &body)?.state == PROCESSED {
            return Err(Refusal::invalid("投诉单状态不支持当前操作，请检查是否重复调用"));
        }
        let log_id = self.next_log_id(request.now);
        if let Some(complaint) = self.complaints.get_mut(id) {
            let entry = Entry::words("商家反馈处理完成");
            complaint.record(&log_id, request.now, MERCHANT, "MERCHANT_CONFIRM_COMPLETE", entry);
            complaint.incoming_user_response = false;
            complaint.state = PROCESSED;
        }
        self.notify_of_own_act(&request.caller.mchid, id, "MERCHANT_CONFIRM_COMPLETE", request.now);
        Ok(PlatformResponse::done())
    }

    pub(crate) fn respond_immediate_service(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        let id = request.id;
        let body = read_body(request.body, IMMEDIATE)?;
        let complaint = self.accused_complaint(id, request.caller, &body)?;
        let idempotent_id = text(&body, "idempotent_id").unwrap_or_default();
        if let Some(log_id) = complaint.immediate.get(idempotent_id) {
            return Ok(PlatformResponse::json(&json!({"log_id": log_id})));
        }
        if !complaint.need_immediate_service {
            return Err(Refusal::invalid("该投诉单不需要即时服务"));
        }
        let message = body.get("message").cloned().unwrap_or_default();
        self.check_blocks(request.caller, &message)?;
        let log_id = self.next_log_id(request.now);
        if let Some(complaint) = self.complaints.get_mut(id) {
            let entry = Entry::default().with("normal_message", message);
            complaint.record(&log_id, request.now, MERCHANT, "MERCHANT_RESPONSE", entry);
            complaint.immediate.insert(idempotent_id.to_owned(), log_id.clone());
            complaint.replied();
        }
        self.notify_of_own_act(&request.caller.mchid, id, "MERCHANT_RESPONSE", request.now);
        Ok(PlatformResponse::json(&json!({"log_id": log_id})))
    }

    /// Checks that each block has the object of its type and no other, and that its picture was
    /// uploaded.
    fn check_blocks(&self, caller: &Caller, message: &Value) -> Result<(), Refusal> {
        let blocks = message.get("blocks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (index, block) in blocks.iter().enumerate() {
            let kind = block.get("type").and_then(Value::as_str).unwrap_or_default();
            for (of, companion) in BLOCK_TYPES {
                if (*of == kind) != block.get(companion).is_some() {
                    let field = format!("/message/blocks/{index}/{companion}");
                    return Err(Refusal::parameter("body", &field, Value::from(kind), "与type不匹配"));
                }
            }
            let media_id = block.pointer("/image/media_id").and_then(Value::as_str);
            if let Some(media_id) = media_id.filter(|id| self.images.uploaded(&caller.mchid, id).is_none()) {
                let field = format!("/message/blocks/{index}/image/media_id");
                return Err(Refusal::parameter("body", &field, Value::from(media_id), "media_id不存在"));
            }
        }
        Ok(())
    }
}
