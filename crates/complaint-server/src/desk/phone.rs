//! A payer's telephone number, shown to one who may act. Each time is recorded.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use complaint_channels::{Account, Channels};
use complaint_inbox::{ComplaintKey, Store};
use http::StatusCode;
use protocol_core::Personal;
use protocol_core::allinpay::AlipayComplaint;
use protocol_core::complaint::Complaint;
use serde::Serialize;

use super::Desk;
use super::documents::json_response;
use super::query::Segments;
use super::refusal::Refusal;
use crate::engine::{ALIPAY, account_of};
use crate::metrics::Family;
use crate::tokens::Bearer;

/// `POST /api/complaints/{channel}/{merchant}/{id}/phone`
pub(crate) async fn show<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    path: Segments<(String, String, String)>,
    Extension(bearer): Extension<Bearer>,
) -> Result<Response, Refusal> {
    if !bearer.may_act() {
        return Err(Refusal::MayNotAct);
    }
    let phone = shown_phone(&desk, &path.into(), bearer.name()).await?;
    Ok(json_response(StatusCode::OK, &Shown { phone: phone.expose() }))
}

/// The telephone number of a complaint, for one who may act; the look is on record.
pub(crate) async fn shown_phone<S: Store>(
    desk: &Desk<S>,
    key: &ComplaintKey,
    by: &str,
) -> Result<Personal<String>, Refusal> {
    let record = desk.store.complaint(key).await?.ok_or(Refusal::NotFound("complaint"))?;
    let document = record.document.ok_or(Refusal::NoPhone)?;
    let channels = desk.channels.as_ref().map(|live| live.current());
    let phone = phone(key, document.expose(), channels.as_deref())?;
    // It is shown only if that is on record.
    if !desk.store.note_phone_look(key, by).await? {
        return Err(Refusal::NotFound("complaint"));
    }
    desk.metrics.count(Family::PhoneLooks, &[("by", by)]);
    Ok(phone)
}

#[derive(Serialize)]
struct Shown<'r> {
    phone: &'r str,
}

/// The number in a complaint's document, decrypted if it is encrypted.
fn phone(key: &ComplaintKey, document: &str, channels: Option<&Channels>) -> Result<Personal<String>, Refusal> {
    #[cfg(feature = "mini-program")]
    if let Some(phone) = of_order(document) {
        return Ok(phone);
    }
    if key.channel == ALIPAY {
        let complaint = AlipayComplaint::decode(document.as_bytes()).map_err(|_| Refusal::NoPhone)?.trust_anyway();
        return complaint.contact().filter(|contact| !contact.expose().is_empty()).cloned().ok_or(Refusal::NoPhone);
    }
    let complaint = Complaint::decode(document.as_bytes()).map_err(|_| Refusal::NoPhone)?.trust_anyway();
    let phone = complaint.payer_phone.filter(|phone| !phone.as_wire().is_empty()).ok_or(Refusal::NoPhone)?;
    if is_clear(phone.as_wire()) {
        return Ok(Personal::new(phone.as_wire().to_owned()));
    }
    match channels.and_then(|channels| account_of(channels, &key.source())).ok_or(Refusal::NoAccount)? {
        Account::WechatPay(account) => {
            phone.decrypt(account.decryptors().iter().map(|key| &**key)).map_err(|_| Refusal::NoKey)
        }
        _ => Err(Refusal::NoKey),
    }
}

/// The number in a Mini Program's detail, which is in clear.
#[cfg(feature = "mini-program")]
fn of_order(document: &str) -> Option<Personal<String>> {
    use protocol_core::complaint::OrderDetail;

    let detail = OrderDetail::decode(document.as_bytes()).ok()?.trust_anyway();
    detail.complaint_order?.phone_number.filter(|phone| !phone.expose().is_empty())
}

/// Whether a number stands in clear, as in Allinpay's documents. No ciphertext is as short.
fn is_clear(phone: &str) -> bool {
    phone.len() <= MAX_PHONE && phone.bytes().all(|byte| byte.is_ascii_digit() || b"+-*() ".contains(&byte))
}

/// Longest number in clear, in bytes.
const MAX_PHONE: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(channel: &str, document: &str) -> Result<String, Refusal> {
        let key = ComplaintKey::new(channel, "1", "1");
        phone(&key, document, None).map(Personal::into_exposed)
    }

    #[test]
    fn a_number_in_clear_is_shown_as_it_is() {
        let document = |phone: &str| format!(r#"{{"complaint_id":"1","payer_phone":"{phone}"}}"#);
        let longest = "1".repeat(MAX_PHONE);
        for phone in ["13900001234", "+86 139-0000-1234", "139****1234", &longest] {
            assert_eq!(read("allinpay", &document(phone)), Ok(phone.to_owned()));
        }
        for phone in ["sGd=", "1390000123a", &format!("{longest}1")] {
            assert_eq!(read("allinpay", &document(phone)), Err(Refusal::NoAccount), "{phone}");
        }
        assert_eq!(read("allinpay", &document("")), Err(Refusal::NoPhone));
        assert_eq!(read("wechat-pay", r#"{"complaint_id":"1"}"#), Err(Refusal::NoPhone));
        assert_eq!(read("wechat-pay", "{}"), Err(Refusal::NoPhone));
    }

    #[test]
    fn an_alipay_complaint_has_a_contact() {
        assert_eq!(read("allinpay-alipay", r#"{"id":"1","contact":"a@b.example"}"#), Ok("a@b.example".to_owned()));
        assert_eq!(read("allinpay-alipay", r#"{"id":"1","contact":""}"#), Err(Refusal::NoPhone));
    }

    #[cfg(feature = "mini-program")]
    #[test]
    fn a_mini_programs_number_is_in_its_detail() {
        let order = r#"{"complaintOrder":{"complaintOrderId":"1","phoneNumber":"13900001234"}}"#;
        assert_eq!(read("mini-program", order), Ok("13900001234".to_owned()));
        assert_eq!(read("mini-program", r#"{"complaintOrder":{"complaintOrderId":"1"}}"#), Err(Refusal::NoPhone));
    }
}
