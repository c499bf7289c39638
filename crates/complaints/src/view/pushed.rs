//! A push to a Mini Program: the events of virtual payment typed, every other as the push has it.

use protocol_core::mini_program::Push;
use protocol_core::virtual_payment::{ComplaintNotify, Notice, RestrictionNotify};
use protocol_core::{DecodeError, Misfit, Personal, UnixTime};
use serde::Serialize;

use crate::error::Error;
use crate::language::{say, say_with};
use crate::view::output::{self, visible};
use crate::view::printed::Printed;
use crate::view::sheet::Sheet;
use crate::view::words::{explained, joined, moment};

/// The name of virtual payment's complaint among the events.
pub(crate) const XPAY_COMPLAINT: &str = "xpay_complaint_notify";

/// Prints a push: one JSON value to a pipe. On a terminal, the two events of virtual payment are
/// forms, and say what they mean.
pub(crate) fn print(push: &Push) -> Result<(), Error> {
    let (printed, problem) = printed(push)?;
    printed.print()?;
    problem.map_or(Ok(()), |problem| Err(problem.into()))
}

/// A push as it is printed, and the reason if an event of virtual payment cannot be read. Notes the
/// members that cannot be.
pub(crate) fn printed(push: &Push) -> Result<(Printed, Option<DecodeError>), Error> {
    let typed = match Notice::of(push) {
        Some(Ok(Notice::Complaint(notice))) => typed(push, &*notice, &notice.misfits(), &complaint(push, &notice)),
        Some(Ok(Notice::Restriction(notice))) => typed(push, &*notice, &notice.misfits(), &restriction(push, &notice)),
        Some(Err(error)) => return Ok((Printed::new(push)?, Some(error))),
        _ => {
            output::note_misfits(None, &push.misfits());
            Printed::new(push)
        }
    };
    Ok((typed?, None))
}

fn typed(push: &Push, content: &impl Serialize, misfits: &[Misfit], sheet: &Sheet) -> Result<Printed, Error> {
    output::note_misfits(None, misfits);
    Ok(Printed::new(&Pushed::new(push, content))?.with_sheet(sheet.text()))
}

/// An event for programs: flat, under the names of the wire.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Pushed<'a, T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    to_user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_user_name: Option<&'a Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<UnixTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a str>,
    #[serde(flatten)]
    content: &'a T,
}

impl<'a, T> Pushed<'a, T> {
    fn new(push: &'a Push, content: &'a T) -> Self {
        Self {
            to_user_name: push.to_user_name.as_deref(),
            from_user_name: push.from_user_name.as_ref(),
            create_time: push.create_time,
            msg_type: push.msg_type.as_deref(),
            event: push.event.as_deref(),
            content,
        }
    }
}

fn complaint(push: &Push, notice: &ComplaintNotify) -> Sheet {
    let text = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(visible);
    let mut sheet = head(push, say("pushed-complaint"));
    sheet.line(
        "complaint",
        Some(match notice.number() {
            Some(number) => say_with("pushed-number", [("id", visible(number).into())]),
            None => say("pushed-no-number"),
        }),
    );
    sheet.line("filed", notice.complaint_time.map(in_china));
    let numbers = [
        ("", &notice.transaction_id),
        ("wxa_out_trade_no ", &notice.mch_order_id),
        ("wx_order_id ", &notice.wx_order_id),
    ];
    let numbers = numbers.into_iter().filter_map(|(name, number)| Some(format!("{name}{}", text(number)?)));
    sheet.line("order", Some(joined(numbers)));
    sheet.line("payer", notice.open_id.as_ref().map(|openid| visible(openid.expose())));
    foot(&mut sheet, notice.retry_times, &notice.request_id);
    if let Some(words) = &notice.complaint_detail {
        sheet.below("payers-words", words.expose().lines());
    }
    sheet
}

fn restriction(push: &Push, notice: &RestrictionNotify) -> Sheet {
    let mut sheet = head(push, say("pushed-restriction"));
    for (name, value) in [
        ("merchant", &notice.merchant_code),
        ("case", &notice.business_code),
        ("state", &notice.business_state),
        ("kind", &notice.event_type),
    ] {
        sheet.line(name, value.as_deref().map(visible));
    }
    foot(&mut sheet, notice.retry_times, &notice.request_id);
    if let Some(words) = &notice.remark {
        sheet.below("platforms-words", words.expose().lines());
    }
    sheet
}

fn head(push: &Push, meaning: String) -> Sheet {
    let mut sheet = Sheet::default();
    sheet.line("event", push.event.as_deref().map(|event| explained(event.trim(), meaning)));
    sheet.line("pushed", push.create_time.map(in_china));
    sheet
}

fn foot(sheet: &mut Sheet, retry_times: Option<i64>, request_id: &Option<String>) {
    sheet.line("retry", retry_times.filter(|times| *times != 0).map(|times| times.to_string()));
    sheet.line("request", request_id.as_deref().map(visible));
}

fn in_china(time: UnixTime) -> String {
    moment(&time.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(json: &str) -> String {
        let push = Push::decode(json.as_bytes()).unwrap().trust_anyway();
        match Notice::of(&push).unwrap().unwrap() {
            Notice::Complaint(notice) => complaint(&push, &notice).text(),
            Notice::Restriction(notice) => restriction(&push, &notice).text(),
            _ => String::new(),
        }
    }

    #[test]
    fn a_complaint_says_what_happened_and_which_command_reads_it() {
        let newer = r#"{"Event":"xpay_complaint_notify","CreateTime":1714112445,"ComplaintId":"7","ComplaintTime":1714112400,
            "WxOrderId":"MP1","MchOrderId":"m1","TransactionId":"42","ComplaintDetail":"课程\u001b[2J\n打不开","RetryTimes":2}"#;
        let expected = "\
event          xpay_complaint_notify: a payer filed a complaint about virtual payment
pushed         2024-04-26 14:20:45 (China)
complaint      7: `complaints show 7 --via virtual-payment`
filed          2024-04-26 14:20:00 (China)
order          42, wxa_out_trade_no m1, wx_order_id MP1
retry          2
in the payer's words:
  课程\\u{1b}[2J
  打不开";
        assert_eq!(form(newer), expected);
        let older = form(r#"{"Event":"xpay_complaint_notify","WxOrderId":"MP1","RetryTimes":0}"#);
        assert!(older.contains("no number in this push: `complaints list --via virtual-payment`"), "{older}");
        assert!(older.contains("order          wx_order_id MP1") && !older.contains("retry"), "{older}");
    }

    #[test]
    fn a_restriction_is_told_from_a_complaint() {
        let json = r#"{"Event":"xpay_wxpay_callback_notify","MerchantCode":"19","BusinessCode":"b","BusinessState":"s",
            "EventType":"e","Remark":"限制收款"}"#;
        let expected = "\
event          xpay_wxpay_callback_notify: WeChat Pay restricts the merchant, or lifts a restriction; no complaint
merchant       19
case           b
state          s
kind           e
in the platform's words:
  限制收款";
        assert_eq!(form(json), expected);
    }
}
