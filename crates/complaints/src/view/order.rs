//! One complaint of a Mini Program as a person reads it.

use protocol_core::UnixTime;
use protocol_core::complaint::{OrderComplaint, OrderDetail, OrderItem};

use crate::language::{language, say};
use crate::view::confirm;
use crate::view::due;
use crate::view::order_words::{appeal, delivery, happened, kind, status};
use crate::view::output::visible;
use crate::view::phone::Phones;
use crate::view::sheet::Sheet;
use crate::view::words::{china_time, coded_in, joined, moment, pictures};

/// The indent of the words of an entry.
const INDENT: &str = "                     ";

/// The members that are present, a line each, and the entries below.
pub(crate) fn sheet(detail: &OrderDetail, now: UnixTime, phones: Phones) -> String {
    let mut sheet = Sheet::default();
    if let Some(complaint) = &detail.complaint_order {
        complaint_lines(&mut sheet, complaint, now, phones);
    }
    if let Some(bill) = &detail.return_bill {
        let parts = [&bill.return_id, &bill.delivery_name, &bill.waybill_id];
        let mut parts: Vec<_> =
            parts.into_iter().flatten().filter(|part| !part.is_empty()).map(|part| visible(part)).collect();
        parts.extend(bill.order_status.map(delivery));
        sheet.line("return", (!parts.is_empty()).then(|| joined(parts)));
    }
    let mut lines = vec![sheet.text()];
    lines.extend(detail.item.iter().map(item));
    lines.retain(|line| !line.is_empty());
    if lines.is_empty() { say("order-empty") } else { lines.join("\n") }
}

fn complaint_lines(sheet: &mut Sheet, complaint: &OrderComplaint, now: UnixTime, phones: Phones) {
    let time = |time: Option<UnixTime>| time.filter(|time| time.0 != 0).map(|time| moment(&time.into()));
    let text = |text: &Option<String>| text.as_deref().map(visible);
    sheet.line("complaint", text(&complaint.complaint_order_id));
    sheet.line("filed", time(complaint.create_time));
    sheet.line("status", complaint.status.map(status));
    sheet.line("until", time(complaint.expire_time));
    due::lines(sheet, &complaint.deadlines(), now);
    sheet.line("appeal", complaint.appeal_state.and_then(appeal));
    sheet.line("about", complaint.kind.map(kind));
    sheet.line("bought", text(&complaint.product_name));
    sheet.line("amount", text(&complaint.total_cost).or_else(|| text(&complaint.total_cost_str)));
    sheet.line("paid", time(complaint.pay_time));
    sheet.line("order", text(&complaint.order_id));
    sheet.line("yours", text(&complaint.out_trade_no));
    sheet.line("phone", complaint.phone_number.as_ref().map(|phone| phones.show(phone.expose())));
    if let Some(material) = &complaint.customer_material {
        if let Some(words) = &material.content {
            sheet.below("payers-words", words.expose().lines());
        }
        sheet.below("pictures", material.media_id_list.iter().map(|link| link.expose().as_str()));
    }
}

fn item(item: &OrderItem) -> String {
    let time = item.time.map(|time| china_time(&time.into())).unwrap_or_default();
    let what = item.item_type.map(happened).unwrap_or_default();
    let mut lines = vec![format!("{time:19}  {what}").trim_end().to_owned()];
    if let Some(words) = &item.content {
        lines.extend(words.expose().lines().map(|line| format!("{INDENT}{}", visible(line))));
    }
    lines.extend(pictures(item.media_id_list.len()).map(|pictures| format!("{INDENT}{pictures}")));
    lines.join("\n")
}

/// A complaint in two lines, for the confirmation.
pub(crate) fn describe(complaint_order_id: &str, detail: &OrderDetail) -> String {
    let complaint = detail.complaint_order.as_ref();
    let status = complaint.and_then(|complaint| complaint.status);
    let status = status.map(|status| coded_in(language(), "state", &status.to_string()));
    let words = complaint.and_then(|complaint| complaint.customer_material.as_ref()?.content.as_ref());
    confirm::complaint(complaint_order_id, status, words.map(|words| words.expose().as_str()))
}
