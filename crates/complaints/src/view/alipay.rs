//! One complaint of Alipay's, through Allinpay, as a person reads it.

use protocol_core::UnixTime;
use protocol_core::allinpay::AlipayComplaint;

use crate::language::say_with;
use crate::view::due;
use crate::view::output::visible;
use crate::view::phone::Phones;
use crate::view::sheet::Sheet;
use crate::view::words::{in_china, joined, word};

/// A line for each member that is present; long texts and lists below their names.
pub(crate) fn sheet(complaint: &AlipayComplaint, now: UnixTime, phones: Phones) -> String {
    let mut sheet = Sheet::default();
    let text = |text: &Option<String>| text.as_deref().map(visible);
    let time = |time: &Option<String>| text(time).map(|time| in_china(&time));
    let with_words = |code: Option<&str>, words: &Option<String>| {
        let mut parts: Vec<_> = [code, words.as_deref()].into_iter().flatten().map(visible).collect();
        // The platform's words may be ours.
        parts.dedup();
        Some(joined(parts))
    };
    sheet.line("complaint", Some(visible(&complaint.id)));
    sheet.line("task", text(&complaint.task_id));
    sheet.line("filed", time(&complaint.gmt_complain));
    let status = complaint.status.as_ref().map(|status| word("state", status.as_str()));
    sheet.line("status", with_words(status.as_deref(), &complaint.status_description));
    due::lines(&mut sheet, &complaint.deadlines(), now);
    sheet.line("against", with_words(complaint.opposite_pid.as_deref(), &complaint.opposite_name));
    sheet.line("merchant", text(&complaint.merchant_no));
    sheet.line("amount", text(&complaint.complain_amount).map(|yuan| say_with("amount-yuan", [("yuan", yuan.into())])));
    sheet.line("trade", text(&complaint.trade_no));
    for trade in &complaint.complaint_trade_info_list {
        let numbers = [("", &trade.trade_no), ("out_no ", &trade.out_no)];
        let numbers = numbers.into_iter().filter_map(|(name, number)| Some(format!("{name}{}", text(number)?)));
        let refunded = text(&trade.gmt_refund).map(|time| say_with("order-refunded", [("time", time.into())]));
        sheet.line("order", Some(joined(numbers.chain(refunded))));
    }
    let contact = complaint.contact().filter(|contact| !contact.expose().is_empty());
    sheet.line("phone", contact.map(|contact| phones.show(contact.expose())));
    let handling = complaint.process_code.as_ref().map(|code| word("outcome", code.as_str()));
    sheet.line("handled", with_words(handling.as_deref(), &complaint.process_message));
    sheet.line("handled-at", time(&complaint.gmt_process));
    if let Some(words) = &complaint.complain_content {
        sheet.below("payers-words", words.expose().lines());
    }
    if let Some(words) = &complaint.process_remark {
        sheet.below("your-words", words.expose().lines());
    }
    sheet.below("pictures", complaint.certify_info.iter().map(|link| link.expose().as_str()));
    sheet.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_members_of_a_complaint_are_shown_and_its_telephone_is_masked() {
        let document = r#"{"id":"2025","task_id":"7","complain_amount":"12.50","gmt_complain":"2025-03-14 15:09:26",
            "gmt_overdue":"2025-03-15 15:09:26","status":"WAIT_PROCESS","contact":"13900001234","trade_no":"4100",
            "complain_content":"没有\u001b收到","complaint_trade_info_list":[{"trade_no":"4200","out_no":"20190906"}]}"#;
        let complaint = AlipayComplaint::decode(document.as_bytes()).unwrap().trust_anyway();
        let text = sheet(&complaint, UnixTime(1_741_936_166), Phones::Masked);
        for line in [
            "complaint      2025",
            "task           7",
            "filed          2025-03-14 15:09:26 (China)",
            "status         WAIT_PROCESS",
            "amount         12.50 yuan",
            "trade          4100",
            "order          4200, out_no 20190906",
            "phone          139****1234",
            "  没有\\u{1b}收到",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}: {text}");
        }
        assert!(text.contains("finish due") && !text.contains("13900001234"), "{text}");
        let bare = AlipayComplaint::decode(br#"{"id":"2025"}"#).unwrap().trust_anyway();
        assert!(sheet(&bare, UnixTime(0), Phones::Masked).starts_with("complaint      2025"));
    }
}
