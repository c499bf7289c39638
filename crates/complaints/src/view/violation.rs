//! A violation notification as a person reads it.

use protocol_core::wechat_pay::{EventType, Notification, RiskType, Violation};

use crate::language::say;
use crate::view::output::visible;
use crate::view::sheet::Sheet;
use crate::view::words::{explained, moment};

/// A line for each member that is present, and the meaning of the event.
pub(crate) fn sheet(notification: &Notification, violation: &Violation) -> String {
    let text = |text: &Option<String>| text.as_deref().map(visible);
    let mut sheet = Sheet::default();
    sheet.line("notification", Some(visible(&notification.id)));
    sheet.line("event", Some(event(&notification.event_type)));
    sheet.line("made", notification.create_time.as_ref().map(moment));
    sheet.line("merchant", text(&violation.sub_mchid));
    sheet.line("company", text(&violation.company_name));
    sheet.line("record", text(&violation.record_id));
    sheet.line("penalty", text(&violation.punish_plan));
    sheet.line("penalised", violation.punish_time.as_ref().map(moment));
    sheet.line("", text(&violation.punish_description));
    sheet.line("risk", violation.risk_type.as_ref().map(risk));
    sheet.line("", text(&violation.risk_description));
    sheet.text()
}

/// An event, and what it means.
fn event(event: &EventType) -> String {
    let meaning = match event {
        EventType::ViolationPunish => say("violation-punish"),
        EventType::ViolationIntercept => say("violation-intercept"),
        EventType::ViolationAppeal => say("violation-appeal"),
        _ => return visible(event.as_str()),
    };
    explained(event.as_str(), meaning)
}

/// A kind of risk. An unknown kind stays as on the wire.
fn risk(risk: &RiskType) -> String {
    match risk {
        RiskType::TransactionDispute => explained(risk.as_str(), say("risk-transaction-dispute")),
        _ => visible(risk.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use protocol_core::wechat_pay::Resource;

    use super::*;

    fn form(event: EventType, json: &str) -> String {
        let violation = Violation::decode(json.as_bytes()).unwrap().trust_anyway();
        let resource = Resource::Violation(Box::new(violation.clone()));
        sheet(&Notification::new("EV-1", event, resource), &violation)
    }

    #[test]
    fn each_event_says_what_it_means() {
        let json = r#"{"sub_mchid":"1900009231","company_name":"某公司","record_id":"r1","punish_plan":"关闭支付权限",
            "punish_time":"2025-03-14T15:09:26+08:00","punish_description":"因交易纠纷\u001b[2J","risk_type":"TRANSACTION_DISPUTE",
            "risk_description":"投诉较多"}"#;
        let expected = "\
notification   EV-1
event          VIOLATION.PUNISH: a merchant of this service provider is penalised
merchant       1900009231
company        某公司
record         r1
penalty        关闭支付权限
penalised      2025-03-14 15:09:26 (China)
               因交易纠纷\\u{1b}[2J
risk           TRANSACTION_DISPUTE: disputes with payers about transactions
               投诉较多";
        assert_eq!(form(EventType::ViolationPunish, json), expected);
        let rest = [EventType::ViolationIntercept, EventType::ViolationAppeal];
        for (event, words) in rest.into_iter().zip(["an interception at a merchant", "an appeal of a merchant"]) {
            assert!(form(event.clone(), "{}").contains(&format!("{}: ", event.as_str())));
            assert!(form(event, r#"{"risk_type":"NEW"}"#).contains(words));
        }
        assert!(form(EventType::ViolationPunish, r#"{"risk_type":"NEW"}"#).ends_with("risk           NEW"));
    }
}
