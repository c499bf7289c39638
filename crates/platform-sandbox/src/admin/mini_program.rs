//! The Mini Program's side of the sandbox's own interface.

use serde_json::{Value, json};

use super::{Refused, bad, no_such_path, refused};
use crate::fault::PushFault;
use crate::mini_program::{MiniProgram, NewOrderComplaint, PushConfig, PushFormat, PushMode, set_push};
use crate::wechat_pay::Platform;

pub(super) async fn handle(platform: &Platform, path: &[&str], body: &Value) -> Result<Value, Refused> {
    let done = |id: &str| json!({"complaint_order_id": id});
    let number = |name: &str| {
        let number = body.get(name).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok());
        number.ok_or_else(|| bad(&format!("the number {name} is missing")))
    };
    match path {
        ["complaints"] => {
            let id = platform.act(|state, now| state.mini_program.file(new_order(body), now));
            Ok(done(&id))
        }
        ["complaints", id, "messages"] => {
            let text = body.get("text").and_then(Value::as_str).ok_or_else(|| bad("the member text is missing"))?;
            let said = platform.act(|state, now| state.mini_program.message(id, text, now));
            said.map(|()| done(id)).map_err(refused)
        }
        ["complaints", id, "status"] => {
            let status = number("status")?;
            let set = platform.act(|state, now| state.mini_program.set_status(id, status, now));
            set.map(|()| done(id)).map_err(refused)
        }
        ["complaints", id, "appeal-state"] => {
            let state = number("state")?;
            let set = platform.act(|all, now| all.mini_program.set_appeal_state(id, state, now));
            set.map(|()| done(id)).map_err(refused)
        }
        ["push"] => {
            let config = push_config(body).ok_or_else(|| bad("url, mode or format is missing or none"))?;
            set_push(platform, config).await.map(|()| json!({})).map_err(refused)
        }
        ["expire-tokens"] => {
            platform.act(|state, now| state.mini_program.expire_tokens(now));
            Ok(json!({}))
        }
        _ => Err(no_such_path()),
    }
}

fn new_order(body: &Value) -> NewOrderComplaint {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let number = |name: &str| body.get(name).and_then(Value::as_u64);
    let mut new = NewOrderComplaint::default();
    if let Some(kind) = number("type").and_then(|kind| u32::try_from(kind).ok()) {
        new = new.with_type(kind);
    }
    if let Some(content) = text("content") {
        new = new.with_content(content);
    }
    if let Some(phone) = text("phone_number") {
        new = new.with_phone_number(phone);
    }
    if let Some(name) = text("product_name") {
        new = new.with_product_name(name);
    }
    if let Some(fen) = number("total_cost") {
        new = new.with_total_cost(fen);
    }
    new
}

fn push_config(body: &Value) -> Option<PushConfig> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    Some(PushConfig {
        url: text("url")?.to_owned(),
        mode: match text("mode")? {
            "plain" => PushMode::Plain,
            "compatible" => PushMode::Compatible,
            "secure" => PushMode::Secure,
            _ => return None,
        },
        format: match text("format")? {
            "xml" => PushFormat::Xml,
            "flat_xml" => PushFormat::FlatXml,
            "json" => PushFormat::Json,
            _ => return None,
        },
    })
}

pub(super) fn push_fault(kind: &str, body: &Value) -> Option<PushFault> {
    let copies = body.get("copies").and_then(Value::as_u64).unwrap_or(2);
    Some(match kind {
        "duplicate" => PushFault::Duplicate,
        "duplicate_at_once" => PushFault::DuplicateAtOnce(usize::try_from(copies).ok()?.min(64)),
        "forged" => PushFault::Forged,
        "wrong_mode" => PushFault::WrongMode,
        "wrong_appid" => PushFault::WrongAppid,
        "stale" => PushFault::Stale,
        "truncated" => PushFault::Truncated,
        "control_characters" => PushFault::ControlCharacters,
        "entity_bomb" => PushFault::EntityBomb,
        "doctype" => PushFault::Doctype,
        _ => return None,
    })
}

pub(super) fn pushes(platform: &Platform) -> Value {
    let list: Vec<Value> = platform
        .sent_pushes()
        .into_iter()
        .map(|sent| {
            json!({
                "complaint_order_id": sent.complaint_order_id,
                "status": sent.status,
                "attempt": sent.attempt,
                "http_status": sent.http_status,
                "error": sent.error,
                "acknowledged": sent.acknowledged,
                "at": sent.at.0,
            })
        })
        .collect();
    json!({"data": list})
}

pub(super) fn configuration(mini_program: &MiniProgram) -> Value {
    json!({
        "appid": mini_program.account.appid,
        "original_id": mini_program.account.original_id,
        "push_url": mini_program.push.as_ref().map(|push| push.url.as_str()),
    })
}
