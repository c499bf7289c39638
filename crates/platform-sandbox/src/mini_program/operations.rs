//! The handlers of authenticated requests: tokens, the five complaint operations, media.

use protocol_core::UnixTime;
use serde_json::{Map, Value, json};

use super::order::{
    AGENT_HANDLING, AWAITING_RETURN, MERCHANT_RESPONDED, Order, VERIFYING_PROOF, WAITING_FOR_MERCHANT, item,
};
use super::request::Request;
use super::response::{Refusal, done};
use super::state::MiniProgram;
use super::token::Limit;
use crate::form::single;
use crate::multipart;
use crate::random;

/// Largest picture, in bytes: the smaller of the two documented sizes.
const MAX_MEDIA: usize = 2 * 1024 * 1024;

/// Most penalties of a page.
const MAX_PENALTIES: usize = 100;

/// The states of complaints that were decided against the merchant: late, or liable.
const LOST: [u32; 3] = [202, 208, 312];

impl MiniProgram {
    pub(super) fn classic_token(&mut self, request: &Request<'_>) -> Result<Value, Refusal> {
        Ok(token(self.tokens.classic(request.now)))
    }

    pub(super) fn stable_token(&mut self, request: &Request<'_>) -> Result<Value, Refusal> {
        let body: Value = serde_json::from_slice(request.body).unwrap_or_default();
        let force = match body.get("force_refresh") {
            None => false,
            Some(force) => force.as_bool().ok_or(Refusal::Code(47_001, "data format error"))?,
        };
        match self.tokens.stable(force, request.now) {
            Ok(issued) => Ok(token(issued)),
            Err(Limit::TooSoon) => {
                Err(Refusal::Code(45_011, "api minute-quota reach limit must slower, retry next minute"))
            }
            Err(Limit::TooOften) => Err(Refusal::Code(45_009, "reach max api daily quota limit")),
        }
    }

    pub(super) fn respond(&mut self, request: &Request<'_>) -> Result<Value, Refusal> {
        let (reply, now) = (MerchantReply::read(request.body, &["bussiHandle"])?, request.now);
        let agrees = match reply.body.get("bussiHandle").and_then(Value::as_u64) {
            Some(1) => true,
            Some(2) => false,
            _ => return Err(Refusal::PARAMETER),
        };
        self.check(&reply, &[WAITING_FOR_MERCHANT], now)?;
        self.change(&reply.id, now, |order| {
            order.enter(MERCHANT_RESPONDED, now);
            let words = if reply.content.is_empty() && agrees { "商家同意协商" } else { &reply.content };
            order.record(item::MERCHANT_RESPONDED, now, words, reply.media.clone());
        });
        Ok(done(true))
    }

    pub(super) fn supply_proof(&mut self, request: &Request<'_>) -> Result<Value, Refusal> {
        let (reply, now) = (MerchantReply::read(request.body, &[])?, request.now);
        self.check(&reply, &[106, 108], now)?;
        self.change(&reply.id, now, |order| {
            order.enter(AGENT_HANDLING, now);
            order.record(item::MERCHANT_EVIDENCE, now, &reply.content, reply.media.clone());
        });
        Ok(done(false))
    }

    pub(super) fn submit_refund(&mut self, request: &Request<'_>) -> Result<Value, Refusal> {
        let (reply, now) = (MerchantReply::read(request.body, &["acceptReturn", "returnId"])?, request.now);
        let order = self.check(&reply, &[206, 208, 308, 309, 311], now)?;
        if AWAITING_RETURN.contains(&order.status) {
            // The number is text in the detail, and a number in the documentation of this
            // operation.
            let named = match reply.body.get("returnId") {
                Some(Value::String(text)) => Some(text.clone()),
                Some(Value::Number(number)) => Some(number.to_string()),
                _ => None,
            };
            if named != order.return_id || !reply.body.get("acceptReturn").is_some_and(Value::is_u64) {
                return Err(Refusal::PARAMETER);
            }
        }
        self.change(&reply.id, now, |order| {
            order.enter(VERIFYING_PROOF, now);
            order.record(item::MERCHANT_PROOF, now, &reply.content, reply.media.clone());
        });
        Ok(done(true))
    }

    pub(super) fn appeal(&mut self, request: &Request<'_>) -> Result<Value, Refusal> {
        let (reply, now) = (MerchantReply::read(request.body, &[])?, request.now);
        let order = self.orders.get(&reply.id).ok_or(Refusal::NO_COMPLAINT)?;
        if !self.has_media(&reply.media, now) {
            return Err(Refusal::Code(2, "invalid mediaIdList or content"));
        }
        if !order.may_appeal(now) {
            return Err(Refusal::NoAppeal);
        }
        self.change(&reply.id, now, |order| order.record_appeal(now, &reply.content, reply.media.clone()));
        Ok(done(false))
    }

    /// The complaint, if it is in one of these states and its pictures were uploaded.
    fn check(&self, reply: &MerchantReply, states: &[u32], now: UnixTime) -> Result<&Order, Refusal> {
        let order = self.orders.get(&reply.id).ok_or(Refusal::NO_COMPLAINT)?;
        if !self.has_media(&reply.media, now) {
            return Err(Refusal::PARAMETER);
        }
        if order.is_open_in(states, now) { Ok(order) } else { Err(Refusal::MovedOn) }
    }

    pub(super) fn order_detail(&mut self, request: &Request<'_>) -> Result<Value, Refusal> {
        let id = single(request.query, "complaintOrderId").ok_or(Refusal::PARAMETER)?;
        self.orders.get(id).map(Order::to_json).ok_or(Refusal::NO_COMPLAINT)
    }

    /// The complaints that were decided against the merchant, the newest first.
    pub(super) fn penalty_list(&mut self, request: &Request<'_>) -> Result<Value, Refusal> {
        let number = |name| single(request.query, name).and_then(|text| text.parse::<usize>().ok());
        let (Some(offset), Some(limit @ 1..=MAX_PENALTIES)) = (number("offset"), number("limit")) else {
            return Err(Refusal::PARAMETER);
        };
        let lost: Vec<_> = self.orders.values().rev().filter(|order| LOST.contains(&order.status)).collect();
        let page: Vec<_> = lost.iter().skip(offset).take(limit).map(|order| order.to_penalty()).collect();
        Ok(json!({"errcode": 0, "errmsg": "ok", "currentScore": 100, "totalNum": lost.len(), "appealList": page}))
    }

    pub(super) fn upload_temp_media(&mut self, request: &Request<'_>) -> Result<Value, Refusal> {
        if single(request.query, "type") != Some("image") {
            return Err(Refusal::Code(40_004, "invalid media type"));
        }
        let missing = Refusal::Code(41_005, "media data missing");
        let boundary = multipart::boundary(request.content_type).ok_or(missing)?;
        let parts = multipart::parts(request.body, boundary).ok_or(missing)?;
        let part = parts.iter().find(|part| part.name == "media" && part.filename.is_some()).ok_or(missing)?;
        if part.content.is_empty() {
            return Err(missing);
        }
        if part.content.len() > MAX_MEDIA {
            return Err(Refusal::Code(40_006, "invalid media size"));
        }
        let media_id = format!("{}-{}", random::alphanumeric(31), random::alphanumeric(32));
        self.media.insert(media_id.clone(), request.now);
        Ok(json!({"type": "image", "media_id": media_id, "created_at": request.now.0}))
    }
}

fn token((token, expires_in): (String, i64)) -> Value {
    json!({"access_token": token, "expires_in": expires_in})
}

/// The body of a merchant's reply, proof, refund or appeal.
struct MerchantReply {
    id: String,
    content: String,
    media: Vec<String>,
    body: Map<String, Value>,
}

impl MerchantReply {
    /// Reads a body with these members beside the common ones. A body that is not a JSON object is
    /// refused as an empty one (seen).
    fn read(body: &[u8], more: &[&str]) -> Result<Self, Refusal> {
        let body: Map<String, Value> = serde_json::from_slice(body).map_err(|_| Refusal::EMPTY)?;
        let known = |name: &str| ["complaintOrderId", "content", "mediaIdList"].contains(&name) || more.contains(&name);
        if !body.keys().all(|name| known(name)) {
            return Err(Refusal::PARAMETER);
        }
        let content = match body.get("content") {
            None => "",
            Some(content) => content.as_str().ok_or(Refusal::PARAMETER)?,
        };
        let media: Option<Vec<String>> = match body.get("mediaIdList") {
            None => Some(Vec::new()),
            Some(list) => {
                list.as_array().and_then(|list| list.iter().map(|id| id.as_str().map(str::to_owned)).collect())
            }
        };
        let media = media.ok_or(Refusal::PARAMETER)?;
        if content.is_empty() && media.is_empty() {
            return Err(Refusal::EMPTY);
        }
        let id = match body.get("complaintOrderId") {
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::String(text)) => text.clone(),
            _ => return Err(Refusal::PARAMETER),
        };
        Ok(Self { id, content: content.to_owned(), media, body })
    }
}
