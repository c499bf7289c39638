//! Complaints about a Mini Program's orders, the URL for pushes, and access tokens.

use serde_json::{Value, json};

use super::error::AdminError;
use super::members::{Members, needed};
use super::wechat_pay::text_alone;
use crate::mini_program::{self, NewOrderComplaint, PushConfig, PushFormat, PushMode};
use crate::platform::Platform;

const MODES: &[(&str, PushMode)] =
    &[("plain", PushMode::Plain), ("compatible", PushMode::Compatible), ("secure", PushMode::Secure)];

const FORMATS: &[(&str, PushFormat)] =
    &[("xml", PushFormat::Xml), ("flat_xml", PushFormat::FlatXml), ("json", PushFormat::Json)];

pub(super) async fn set_push(platform: &Platform, mut members: Members) -> Result<Value, AdminError> {
    let url = members.text("url")?;
    let (mode, format) = (members.word("mode", MODES)?, members.word("format", FORMATS)?);
    members.finish()?;
    let config =
        PushConfig::new(needed("url", url)?).with_mode(needed("mode", mode)?).with_format(needed("format", format)?);
    mini_program::set_push(platform, config).await?;
    Ok(json!({}))
}

pub(super) fn file(platform: &Platform, mut members: Members) -> Result<Value, AdminError> {
    let new = new_order(&mut members)?;
    members.finish()?;
    let id = platform.act(|state, now| state.mini_program.file(new, now));
    Ok(done(&id))
}

fn new_order(members: &mut Members) -> Result<NewOrderComplaint, AdminError> {
    let mut new = NewOrderComplaint::default();
    if let Some(kind) = members.number("type", 0..=u64::from(u32::MAX))? {
        new = new.with_type(kind);
    }
    if let Some(content) = members.text("content")? {
        new = new.with_content(content);
    }
    if let Some(phone) = members.text("phone_number")? {
        new = new.with_phone_number(phone);
    }
    if let Some(name) = members.text("product_name")? {
        new = new.with_product_name(name);
    }
    if let Some(fen) = members.number("total_cost", 0..=u64::MAX)? {
        new = new.with_total_cost(fen);
    }
    Ok(new)
}

pub(super) fn message(platform: &Platform, id: &str, members: Members) -> Result<Value, AdminError> {
    let text = text_alone(members)?;
    platform.act(|state, now| state.mini_program.message(id, &text, now))?;
    Ok(done(id))
}

pub(super) fn set_status(platform: &Platform, id: &str, members: Members) -> Result<Value, AdminError> {
    let status = number_alone("status", members)?;
    platform.act(|state, now| state.mini_program.set_status(id, status, now))?;
    Ok(done(id))
}

pub(super) fn set_appeal_state(platform: &Platform, id: &str, members: Members) -> Result<Value, AdminError> {
    let appeal_state = number_alone("state", members)?;
    platform.act(|state, now| state.mini_program.set_appeal_state(id, appeal_state, now))?;
    Ok(done(id))
}

pub(super) fn expire_tokens(platform: &Platform, members: Members) -> Result<Value, AdminError> {
    members.finish()?;
    platform.act(|state, now| state.mini_program.expire_tokens(now));
    Ok(json!({}))
}

fn number_alone(name: &'static str, mut members: Members) -> Result<u32, AdminError> {
    let number = members.number(name, 0..=u64::from(u32::MAX))?;
    members.finish()?;
    needed(name, number)
}

fn done(id: &str) -> Value {
    json!({"complaint_order_id": id})
}
