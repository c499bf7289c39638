//! A merchant's replies and completion.

use serde_json::{Map, Value};

use super::super::authenticate::Caller;
use super::super::complaint::{Entry, MERCHANT, PROCESSED};
use super::super::refusal::Refusal;
use super::super::request::Request;
use super::super::shape::{ID, MEDIA_IDS, Member, Shape, UNPUBLISHED, needed, optional, read_body, text, texts};
use super::super::state::WechatPay;
use super::accused::ACCUSED;
use crate::platform_response::PlatformResponse;

impl WechatPay {
    pub(crate) fn respond(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        let id = request.id;
        let body = read_body(request.body, REPLY)?;
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
        let body = read_body(request.body, ACCUSED)?;
        if self.accused_complaint(id, request.caller, &body)?.state == PROCESSED {
            return Err(Refusal::invalid("投诉单状态不支持当前操作，请检查是否重复调用"));
        }
        let log_id = self.next_log_id(request.now);
        if let Some(complaint) = self.complaints.get_mut(id) {
            complaint.complete(&log_id, request.now);
        }
        self.notify_of_own_act(&request.caller.mchid, id, "MERCHANT_CONFIRM_COMPLETE", request.now);
        Ok(PlatformResponse::done())
    }
}

const REPLY: &[Member] = &[
    needed("complainted_mchid", &ID),
    needed("response_content", &Shape::Text(500)),
    optional("response_images", &MEDIA_IDS),
    optional("jump_url", &Shape::Text(512)),
    optional("jump_url_text", &Shape::Text(10)),
    optional("mini_program_jump_info", &Shape::Object(REPLY_JUMP)),
];

/// A reply needs all the members; a block needs `appid` alone.
const REPLY_JUMP: &[Member] =
    &[needed("appid", &UNPUBLISHED), needed("path", &UNPUBLISHED), needed("text", &UNPUBLISHED)];
