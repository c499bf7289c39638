//! A member that does not fit is lost alone: every member of every document in turn.

use protocol_core::Misfit;
use protocol_core::allinpay::{AlipayComplaint, AlipayComplaintQuery, AlipayComplaintQueryV2, WxComplaintDetail};
use protocol_core::complaint::{Complaint, ComplaintPage, NegotiationHistory, OrderDetail};
use protocol_core::mini_program::{Operation as _, Push, Response, TempMedia, UploadTempMedia};
use protocol_core::wechat_pay::ComplaintEvent;
use serde::Serialize;
use serde_json::{Value, json};

use crate::documents::{document, json as read, part};
use crate::platform::Platform;

/// The outcome of a document: its text when written back, and its misfits.
type Read = Option<(Value, Vec<Misfit>)>;

fn told<T: Serialize>(document: Result<T, impl Sized>, misfits: impl Fn(&T) -> Vec<Misfit>) -> Read {
    let document = document.ok()?;
    Some((serde_json::to_value(&document).unwrap(), misfits(&document)))
}

fn complaint(bytes: &[u8]) -> Read {
    told(Complaint::decode(bytes).map(|read| read.trust_anyway()), Complaint::misfits)
}

fn page(bytes: &[u8]) -> Read {
    let page = ComplaintPage::decode(bytes).ok()?.trust_anyway();
    if page.unreadable.is_empty() { told(Ok::<_, ()>(page), ComplaintPage::misfits) } else { None }
}

fn history(bytes: &[u8]) -> Read {
    let history = NegotiationHistory::decode(bytes).ok()?.trust_anyway();
    assert_eq!(history.is_clear(), history.unreadable.is_empty() && history.misfits().is_empty());
    if history.unreadable.is_empty() { told(Ok::<_, ()>(history), NegotiationHistory::misfits) } else { None }
}

fn order_detail(bytes: &[u8]) -> Read {
    told(OrderDetail::decode(bytes).map(|read| read.trust_anyway()), OrderDetail::misfits)
}

fn event(bytes: &[u8]) -> Read {
    told(ComplaintEvent::decode(bytes).map(|read| read.trust_anyway()), ComplaintEvent::misfits)
}

fn push(bytes: &[u8]) -> Read {
    let push = Push::decode(bytes).ok()?.trust_anyway();
    if push.complaint().is_some() { told(Ok::<_, ()>(push), Push::misfits) } else { None }
}

fn media(bytes: &[u8]) -> Read {
    let upload = UploadTempMedia::new("a.png", b"\x89PNG").unwrap();
    told(upload.receive(Response::new(200, bytes)).map(|read| read.trust_anyway()), TempMedia::misfits)
}

fn through_allinpay(bytes: &[u8]) -> Read {
    let platform = Platform::sm2();
    told(platform.decode::<WxComplaintDetail>(&platform.records(bytes)), Complaint::misfits)
}

fn alipay(bytes: &[u8]) -> Read {
    let platform = Platform::sm2();
    told(platform.decode::<AlipayComplaintQuery>(&platform.records(bytes)), AlipayComplaint::misfits)
}

fn alipay_list(bytes: &[u8]) -> Read {
    let platform = Platform::sm2();
    let list = platform.decode::<AlipayComplaintQueryV2>(&platform.records(bytes)).ok()?;
    if list.unreadable.is_empty() { told(Ok::<_, ()>(list), |list| list.misfits()) } else { None }
}

/// The members of a document: where each stands, in the words of [`Misfit::place`] and as a JSON
/// pointer.
fn members(value: &Value, place: &str, pointer: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let dot = if place.is_empty() { "" } else { "." };
                let (place, pointer) = (format!("{place}{dot}{name}"), format!("{pointer}/{name}"));
                found.push((place.clone(), pointer.clone()));
                members(value, &place, &pointer, found);
            }
        }
        Value::Array(elements) => {
            for (at, element) in elements.iter().enumerate() {
                members(element, &format!("{place}[{at}]"), &format!("{pointer}/{at}"), found);
            }
        }
        _ => {}
    }
}

/// Replaces each member by what fits none. `decisive` are those that the document cannot do
/// without, by the end of their place.
#[track_caller]
fn each_costs_itself(original: &[u8], decisive: &[&str], decode: fn(&[u8]) -> Read) {
    let (whole, misfits) = decode(original).expect("the document is read");
    assert_eq!(misfits, []);
    let mut places = Vec::new();
    members(&whole, "", "", &mut places);
    let mut refused = Vec::new();
    for (place, pointer) in &places {
        let mut document = whole.clone();
        *document.pointer_mut(pointer).unwrap() = json!([[true]]);
        match decode(document.to_string().as_bytes()) {
            None => refused.push(place.as_str()),
            Some((written, misfits)) => {
                let told: Vec<_> = misfits.iter().map(Misfit::place).collect();
                // Whose number cannot be read is no complaint.
                let place = place.strip_suffix(".complaintOrderId").unwrap_or(place);
                assert_eq!(told, [place], "what did not fit is told");
                assert_eq!(written, document, "{place}: it is kept as it came, and the others are what they were");
            }
        }
    }
    assert_eq!(refused, decisive);
    assert!(places.len() > 2 * decisive.len(), "there is something to misread");
}

#[test]
fn complaints() {
    let decisive = ["complaint_id", "complainted_mchid"];
    each_costs_itself(&document("wechat-pay/complaint.json"), &decisive, complaint);
    let at_allinpay = ["complaint_id", "complainted_mchid", "merchantNo"];
    let document = document("allinpay/complaint.json");
    let named = at_allinpay.iter().filter(|name| read(&document).get(**name).is_some()).copied();
    each_costs_itself(&document, &named.collect::<Vec<_>>(), through_allinpay);
}

#[test]
fn pages_and_histories() {
    let rows = ["data", "data[0].complaint_id", "data[0].complainted_mchid"];
    let frame = ["limit", "offset", "total_count"];
    each_costs_itself(&document("wechat-pay/complaint-page.json"), &[&rows[..], &frame].concat(), page);
    let rows = ["data", "data[0].log_id"];
    each_costs_itself(&document("wechat-pay/history.json"), &[&rows[..], &frame].concat(), history);
}

#[test]
fn notifications_and_pushes() {
    each_costs_itself(&document("wechat-pay/complaint-event.json"), &["complaint_id"], event);
    each_costs_itself(&document("mini-program/push.json"), &["Event", "appid", "complaint_order_id"], push);
}

#[test]
fn the_mini_programs_server() {
    each_costs_itself(&document("mini-program/order-detail.json"), &["errcode"], order_detail);
    each_costs_itself(&part("mini-program/responses.json", "uploadTempMedia"), &["media_id"], media);
}

#[test]
fn alipays_complaints() {
    let list = document("allinpay/alipay-list.json");
    let one = read(&list)["complaint_list"][0].to_string();
    each_costs_itself(one.as_bytes(), &["id"], alipay);
    let frame = ["code", "complaint_list", "complaint_list[0].id", "current_page", "page_size", "total_size"];
    each_costs_itself(&list, &frame, alipay_list);
}
