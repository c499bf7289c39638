//! The server's interfaces: tokens, the five complaint calls, media.

use bytes::Bytes;
use protocol_core::UnixTime;
use serde_json::{Map, Value, json};

use super::order::{AGENT_HANDLING, AWAITING_RETURN, MERCHANT_RESPONDED, VERIFYING_PROOF, WAITING_FOR_MERCHANT, item};
use super::response::{Refused, done};
use super::state::MiniProgram;
use super::token::{BadToken, Limit};
use crate::form::single;
use crate::multipart;
use crate::random;

/// Largest picture, in bytes: the smaller of the two documented sizes.
const MAX_MEDIA: usize = 2 * 1024 * 1024;

/// An interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    GetToken,
    GetStableToken,
    Respond,
    SupplyProof,
    SubmitRefund,
    GetOrderDetail,
    Appeal,
    UploadTempMedia,
}

/// A request.
pub(super) struct Request<'r> {
    /// The query, decoded.
    pub(super) query: &'r [(String, String)],
    pub(super) is_post: bool,
    pub(super) content_type: &'r str,
    pub(super) body: &'r Bytes,
    pub(super) now: UnixTime,
}

impl Operation {
    pub(super) fn of(path: &str) -> Option<Self> {
        Some(match path {
            "/cgi-bin/token" => Self::GetToken,
            "/cgi-bin/stable_token" => Self::GetStableToken,
            "/wxaapi/minishop/bussiRespondComplaint" => Self::Respond,
            "/wxaapi/minishop/bussiSupplyProof" => Self::SupplyProof,
            "/wxaapi/minishop/bussiSupplyRefund" => Self::SubmitRefund,
            "/wxaapi/minishop/complaintOrderDetail" => Self::GetOrderDetail,
            "/wxaapi/minishop/busiAppeal" => Self::Appeal,
            "/cgi-bin/media/upload" => Self::UploadTempMedia,
            _ => return None,
        })
    }

    /// The operation's name, in faults and logs.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::GetToken => "get_token",
            Self::GetStableToken => "get_stable_token",
            Self::Respond => "respond_complaint",
            Self::SupplyProof => "supply_proof",
            Self::SubmitRefund => "submit_refund",
            Self::GetOrderDetail => "get_order_detail",
            Self::Appeal => "appeal",
            Self::UploadTempMedia => "upload_temp_media",
        }
    }
}

impl MiniProgram {
    /// Whether the request has what authenticates it: the secret, or a token that is taken.
    pub(super) fn authenticate(&self, operation: Operation, request: &Request<'_>) -> Result<(), Refused> {
        match operation {
            Operation::GetToken if request.is_post => Err(Refused::Code(43_001, "require GET method")),
            Operation::GetStableToken if !request.is_post => Err(Refused::Code(43_002, "require POST method")),
            Operation::GetToken => self.check_secret(&|name| single(request.query, name).map(str::to_owned)),
            Operation::GetStableToken => {
                let body: Value = serde_json::from_slice(request.body).unwrap_or_default();
                self.check_secret(&|name| body.get(name).and_then(Value::as_str).map(str::to_owned))
            }
            Operation::GetOrderDetail if request.is_post => Err(Refused::Code(43_001, "require GET method")),
            Operation::GetOrderDetail => self.check_token(request),
            _ if !request.is_post => Err(Refused::Code(43_002, "require POST method")),
            _ => self.check_token(request),
        }
    }

    fn check_secret(&self, given: &dyn Fn(&str) -> Option<String>) -> Result<(), Refused> {
        let given = |name: &str| given(name).filter(|value| !value.is_empty());
        if given("grant_type").as_deref() != Some("client_credential") {
            return Err(Refused::Code(40_002, "invalid grant_type"));
        }
        let appid = given("appid").ok_or(Refused::Code(41_002, "appid missing"))?;
        let secret = given("secret").ok_or(Refused::Code(41_004, "appsecret missing"))?;
        if appid != self.account.appid {
            return Err(Refused::Code(40_013, "invalid appid"));
        }
        if secret != self.account.app_secret {
            return Err(Refused::Code(40_125, "invalid appsecret"));
        }
        Ok(())
    }

    fn check_token(&self, request: &Request<'_>) -> Result<(), Refused> {
        let token = single(request.query, "access_token").filter(|token| !token.is_empty());
        let token = token.ok_or(Refused::Code(41_001, "access_token missing"))?;
        match self.tokens.check(token, request.now) {
            Ok(_) => Ok(()),
            Err(BadToken::Malformed) => Err(Refused::Code(40_014, "invalid access_token")),
            Err(BadToken::NotLatest) => {
                Err(Refused::Code(40_001, "invalid credential, access_token is invalid or not latest"))
            }
            Err(BadToken::Expired) => Err(Refused::Code(42_001, "access_token expired")),
        }
    }

    /// Carries an authenticated request out.
    pub(super) fn carry_out(&mut self, operation: Operation, request: &Request<'_>) -> Result<Value, Refused> {
        match operation {
            Operation::GetToken => Ok(token(self.tokens.classic(request.now))),
            Operation::GetStableToken => self.stable_token(request),
            Operation::UploadTempMedia => self.upload(request),
            Operation::GetOrderDetail => {
                let id = single(request.query, "complaintOrderId").ok_or(Refused::PARAMETER)?;
                self.orders.get(id).map(|order| order.to_json()).ok_or(Refused::NO_COMPLAINT)
            }
            Operation::Respond => self.respond(&Reply::read(request.body, &["bussiHandle"])?, request.now),
            Operation::SupplyProof => self.supply_proof(&Reply::read(request.body, &[])?, request.now),
            Operation::SubmitRefund => {
                self.submit_refund(&Reply::read(request.body, &["acceptReturn", "returnId"])?, request.now)
            }
            Operation::Appeal => self.appeal(&Reply::read(request.body, &[])?, request.now),
        }
    }

    fn stable_token(&mut self, request: &Request<'_>) -> Result<Value, Refused> {
        let body: Value = serde_json::from_slice(request.body).unwrap_or_default();
        let force = match body.get("force_refresh") {
            None => false,
            Some(force) => force.as_bool().ok_or(Refused::Code(47_001, "data format error"))?,
        };
        match self.tokens.stable(force, request.now) {
            Ok(issued) => Ok(token(issued)),
            Err(Limit::TooSoon) => {
                Err(Refused::Code(45_011, "api minute-quota reach limit must slower, retry next minute"))
            }
            Err(Limit::TooOften) => Err(Refused::Code(45_009, "reach max api daily quota limit")),
        }
    }

    fn respond(&mut self, reply: &Reply, now: UnixTime) -> Result<Value, Refused> {
        let agrees = match reply.body.get("bussiHandle").and_then(Value::as_u64) {
            Some(1) => true,
            Some(2) => false,
            _ => return Err(Refused::PARAMETER),
        };
        self.check(reply, &[WAITING_FOR_MERCHANT], now)?;
        self.change(&reply.id, now, |order| {
            order.enter(MERCHANT_RESPONDED, now);
            let words = if reply.content.is_empty() && agrees { "商家同意协商" } else { &reply.content };
            order.happened(item::MERCHANT_RESPONDED, now, words, reply.media.clone());
        });
        Ok(done(true))
    }

    fn supply_proof(&mut self, reply: &Reply, now: UnixTime) -> Result<Value, Refused> {
        self.check(reply, &[106, 108], now)?;
        self.change(&reply.id, now, |order| {
            order.enter(AGENT_HANDLING, now);
            order.happened(item::MERCHANT_EVIDENCE, now, &reply.content, reply.media.clone());
        });
        Ok(done(false))
    }

    fn submit_refund(&mut self, reply: &Reply, now: UnixTime) -> Result<Value, Refused> {
        let order = self.check(reply, &[206, 208, 308, 309, 311], now)?;
        if AWAITING_RETURN.contains(&order.status) {
            // The number is text in the detail and a number in the documentation of this call.
            let named = match reply.body.get("returnId") {
                Some(Value::String(text)) => Some(text.clone()),
                Some(Value::Number(number)) => Some(number.to_string()),
                _ => None,
            };
            if named != order.return_id || !reply.body.get("acceptReturn").is_some_and(Value::is_u64) {
                return Err(Refused::PARAMETER);
            }
        }
        self.change(&reply.id, now, |order| {
            order.enter(VERIFYING_PROOF, now);
            order.happened(item::MERCHANT_PROOF, now, &reply.content, reply.media.clone());
        });
        Ok(done(true))
    }

    fn appeal(&mut self, reply: &Reply, now: UnixTime) -> Result<Value, Refused> {
        let order = self.orders.get(&reply.id).ok_or(Refused::NO_COMPLAINT)?;
        if !self.has_media(&reply.media, now) {
            return Err(Refused::Code(2, "invalid mediaIdList or content"));
        }
        if !order.may_appeal(now) {
            return Err(Refused::NoAppeal);
        }
        self.change(&reply.id, now, |order| order.appealed(now, &reply.content, reply.media.clone()));
        Ok(done(false))
    }

    /// The complaint, if it is in one of these states and the pictures are there.
    fn check(&self, reply: &Reply, states: &[u32], now: UnixTime) -> Result<&super::order::Order, Refused> {
        let order = self.orders.get(&reply.id).ok_or(Refused::NO_COMPLAINT)?;
        if !self.has_media(&reply.media, now) {
            return Err(Refused::PARAMETER);
        }
        if order.waits_in(states, now) { Ok(order) } else { Err(Refused::MovedOn) }
    }

    fn upload(&mut self, request: &Request<'_>) -> Result<Value, Refused> {
        if single(request.query, "type") != Some("image") {
            return Err(Refused::Code(40_004, "invalid media type"));
        }
        let missing = Refused::Code(41_005, "media data missing");
        let boundary = multipart::boundary(request.content_type).ok_or(missing)?;
        let parts = multipart::parts(request.body, boundary).ok_or(missing)?;
        let part = parts.iter().find(|part| part.name == "media" && part.filename.is_some()).ok_or(missing)?;
        if part.content.is_empty() {
            return Err(missing);
        }
        if part.content.len() > MAX_MEDIA {
            return Err(Refused::Code(40_006, "invalid media size"));
        }
        let media_id = format!("{}-{}", random::alphanumeric(31), random::alphanumeric(32));
        self.media.insert(media_id.clone(), request.now);
        Ok(json!({"type": "image", "media_id": media_id, "created_at": request.now.0}))
    }
}

fn token((token, expires_in): (String, i64)) -> Value {
    json!({"access_token": token, "expires_in": expires_in})
}

/// What a merchant says.
struct Reply {
    id: String,
    content: String,
    media: Vec<String>,
    body: Map<String, Value>,
}

impl Reply {
    /// Reads a body with these members beside the common ones. What is no JSON object was seen to be taken for an empty one.
    fn read(body: &[u8], more: &[&str]) -> Result<Self, Refused> {
        let body: Map<String, Value> = serde_json::from_slice(body).map_err(|_| Refused::EMPTY)?;
        let known = |name: &str| ["complaintOrderId", "content", "mediaIdList"].contains(&name) || more.contains(&name);
        if !body.keys().all(|name| known(name)) {
            return Err(Refused::PARAMETER);
        }
        let content = match body.get("content") {
            None => "",
            Some(content) => content.as_str().ok_or(Refused::PARAMETER)?,
        };
        let media: Option<Vec<String>> = match body.get("mediaIdList") {
            None => Some(Vec::new()),
            Some(list) => {
                list.as_array().and_then(|list| list.iter().map(|id| id.as_str().map(str::to_owned)).collect())
            }
        };
        let media = media.ok_or(Refused::PARAMETER)?;
        if content.is_empty() && media.is_empty() {
            return Err(Refused::EMPTY);
        }
        let id = match body.get("complaintOrderId") {
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::String(text)) => text.clone(),
            _ => return Err(Refused::PARAMETER),
        };
        Ok(Self { id, content: content.to_owned(), media, body })
    }
}
