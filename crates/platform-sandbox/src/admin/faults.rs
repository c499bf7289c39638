//! The faults that `POST /sandbox/faults` injects.

use std::time::Duration;

use serde_json::{Value, json};

use super::error::AdminError;
use super::members::{Members, needed};
use crate::fault::{Fault, FaultKind, NoticeFault, NotificationFault, PushFault};
use crate::platform::Platform;

/// A fault of a response, of a notification, of a push or of a notice.
enum Injected {
    Response(FaultKind),
    Notification(NotificationFault),
    Push(PushFault),
    Notice(NoticeFault),
}

/// Reads the members that a kind of fault takes, and makes the fault.
type Read = fn(&mut Members) -> Result<Injected, AdminError>;

/// Every kind of fault by its name. A new kind is a row here.
#[rustfmt::skip]
const KINDS: &[(&str, Read)] = &[
    ("drop_connection", |_| response(FaultKind::DropConnection)),
    ("slow_response", |members| response(FaultKind::SlowResponse(millis(members)?))),
    ("slow_body", |members| response(FaultKind::SlowBody(millis(members)?))),
    ("truncated_body", |_| response(FaultKind::TruncatedBody)),
    ("oversize_body", |members| response(FaultKind::OversizeBody(members.number("bytes", 0..=MAX_BYTES)?.unwrap_or(64 << 20)))),
    ("forged_signature", |_| response(FaultKind::ForgedSignature)),
    ("no_signature", |_| response(FaultKind::NoSignature)),
    ("probe", |_| response(FaultKind::Probe)),
    ("unknown_serial", |_| response(FaultKind::UnknownSerial)),
    ("stale_timestamp", |_| response(FaultKind::StaleTimestamp)),
    ("rate_limited", |members| response(FaultKind::RateLimited {
        retry_after: members.number("retry_after", 0..=u64::MAX)?,
        signed: members.flag("signed")?.unwrap_or(true),
    })),
    ("server_error", |_| response(FaultKind::ServerError)),
    ("gateway_html", |members| response(FaultKind::GatewayHtml(status(members)?))),
    ("empty_body", |members| response(FaultKind::EmptyBody(status(members)?))),
    ("status_202", |_| response(FaultKind::Status202)),
    ("malformed_json", |_| response(FaultKind::MalformedJson)),
    ("body", |members| response(FaultKind::Body(needed("body", members.text("body")?)?))),
    ("handle_state", |members| response(FaultKind::HandleState(needed("state", members.text("state")?)?))),
    ("notification_duplicate", |_| notification(NotificationFault::Duplicate)),
    ("notification_duplicate_at_once", |members| notification(NotificationFault::DuplicateAtOnce(copies(members)?))),
    ("notification_out_of_order", |_| notification(NotificationFault::OutOfOrder)),
    ("notification_forged_signature", |_| notification(NotificationFault::ForgedSignature)),
    ("notification_probe", |_| notification(NotificationFault::Probe)),
    ("notification_unknown_serial", |_| notification(NotificationFault::UnknownSerial)),
    ("notification_stale", |_| notification(NotificationFault::Stale)),
    ("notification_no_signature", |_| notification(NotificationFault::NoSignature)),
    ("notification_wrong_key", |_| notification(NotificationFault::WrongKey)),
    ("notification_changed_body", |_| notification(NotificationFault::ChangedBody)),
    ("push_duplicate", |_| push(PushFault::Duplicate)),
    ("push_duplicate_at_once", |members| push(PushFault::DuplicateAtOnce(copies(members)?))),
    ("push_forged", |_| push(PushFault::Forged)),
    ("push_wrong_mode", |_| push(PushFault::WrongMode)),
    ("push_wrong_appid", |_| push(PushFault::WrongAppid)),
    ("push_stale", |_| push(PushFault::Stale)),
    ("push_truncated", |_| push(PushFault::Truncated)),
    ("push_control_characters", |_| push(PushFault::ControlCharacters)),
    ("push_entity_bomb", |_| push(PushFault::EntityBomb)),
    ("push_doctype", |_| push(PushFault::Doctype)),
    ("notice_duplicate", |_| notice(NoticeFault::Duplicate)),
    ("notice_duplicate_at_once", |members| notice(NoticeFault::DuplicateAtOnce(copies(members)?))),
    ("notice_forged", |_| notice(NoticeFault::Forged)),
    ("notice_no_signature", |_| notice(NoticeFault::NoSignature)),
    ("notice_unknown_field", |_| notice(NoticeFault::UnknownField)),
    ("notice_unsigned_field", |_| notice(NoticeFault::UnsignedField)),
    ("notice_missing_field", |_| notice(NoticeFault::MissingField)),
    ("notice_wrong_merchant", |_| notice(NoticeFault::WrongMerchant)),
];

/// Largest `bytes` of an oversize body.
const MAX_BYTES: u64 = 256 << 20;

/// Longest `millis`, an hour.
const MAX_MILLIS: u64 = 3_600_000;

/// Most `copies` at once.
const MAX_COPIES: u64 = 64;

/// Injects a fault. A fault of a response also takes `on`, `times` and `after_effect`.
pub(super) fn inject(platform: &Platform, mut members: Members) -> Result<Value, AdminError> {
    let read = needed("kind", members.word("kind", KINDS)?)?;
    match read(&mut members)? {
        Injected::Response(kind) => {
            let mut fault = Fault::once(kind);
            if let Some(name) = members.text("on")? {
                fault = fault.on_named(&name)?;
            }
            if let Some(times) = members.number("times", 1..=u64::from(u32::MAX))? {
                fault = fault.times(times);
            }
            if members.flag("after_effect")?.unwrap_or_default() {
                fault = fault.after_effect();
            }
            members.finish()?;
            platform.state().faults.add(fault);
        }
        Injected::Notification(fault) => {
            members.finish()?;
            platform.state().wechat_pay.notification_faults.push_back(fault);
        }
        Injected::Push(fault) => {
            members.finish()?;
            platform.state().mini_program.push_faults.push_back(fault);
        }
        Injected::Notice(fault) => {
            members.finish()?;
            platform.state().allinpay.notice_faults.push_back(fault);
        }
    }
    Ok(json!({}))
}

fn response(kind: FaultKind) -> Result<Injected, AdminError> {
    Ok(Injected::Response(kind))
}

fn notification(fault: NotificationFault) -> Result<Injected, AdminError> {
    Ok(Injected::Notification(fault))
}

fn push(fault: PushFault) -> Result<Injected, AdminError> {
    Ok(Injected::Push(fault))
}

fn notice(fault: NoticeFault) -> Result<Injected, AdminError> {
    Ok(Injected::Notice(fault))
}

fn millis(members: &mut Members) -> Result<Duration, AdminError> {
    Ok(Duration::from_millis(members.number("millis", 0..=MAX_MILLIS)?.unwrap_or(1000)))
}

/// A final status: 1xx responses are not final.
fn status(members: &mut Members) -> Result<u16, AdminError> {
    Ok(members.number("status", 200..=599)?.unwrap_or(502))
}

fn copies(members: &mut Members) -> Result<usize, AdminError> {
    Ok(members.number("copies", 1..=MAX_COPIES)?.unwrap_or(2))
}
