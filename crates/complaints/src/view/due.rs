//! Deadlines as text, and as JSON beside a list.

use protocol_core::UnixTime;
use protocol_core::complaint::{
    CountedFrom, Deadline, DeadlineStatus, Deadlines, Due, NEAR_SECONDS, ToldDeadlines, UnknownDue,
};
use serde::Serialize;

use crate::error::Error;
use crate::view::output::{self, visible};
use crate::view::sheet::Sheet;
use crate::view::table::Cell;
use crate::view::tone::Tone;
use crate::view::words::{china_time, short_time};

/// The deadline to look at first, for a table: `near     reply 2025-03-15 15:09:26`.
pub(crate) fn cell(deadlines: &Deadlines, now: UnixTime) -> Cell {
    let next = deadlines.next();
    let act = if next == deadlines.reply { "reply" } else { "finish" };
    match (status(&next, now), next.at()) {
        (DeadlineStatus::Met, _) => Cell::new(""),
        (status, None) => Cell::new(format!("{:7}  {act}", status.as_str())).or(format!("{:7} {act}", status.as_str())),
        (status, Some(time)) => {
            let (status, time) = (status.as_str(), china_time(&time.into()));
            Cell::new(format!("{status:7}  {act} {time}")).or(format!("{status:7} {act:6} {}", short_time(&time)))
        }
    }
}

/// The colour of a status.
pub(crate) fn tone(status: DeadlineStatus) -> Tone {
    match status {
        DeadlineStatus::Over => Tone::Over,
        DeadlineStatus::Near => Tone::Near,
        _ => Tone::Plain,
    }
}

/// A line for each deadline that is not met, and one for their source.
pub(crate) fn lines(sheet: &mut Sheet, deadlines: &Deadlines, now: UnixTime) {
    let open: Vec<_> = [("reply due", deadlines.reply), ("finish due", deadlines.finish)]
        .into_iter()
        .filter_map(|(name, deadline)| Some((name, deadline, words(&deadline, now)?)))
        .collect();
    for (name, deadline, words) in &open {
        sheet.line(name, Some(tone(status(deadline, now)).paint(words)));
    }
    sheet.line("due, says", open.first().map(|(_, deadline, _)| deadline.source.reference().to_owned()));
}

/// Notes that a document which tells of the deadlines could not be read.
pub(crate) fn note_unknown(document: &str, error: &Error) {
    let told = visible(&error.to_string());
    output::print_note(&format!("note: the deadlines are not known, since {document} cannot be read: {told}\n"));
}

/// A deadline in words; `None` for one that is met.
fn words(deadline: &Deadline, now: UnixTime) -> Option<String> {
    let moment = |time: UnixTime| format!("{} (China)", china_time(&time.into()));
    let status = status(deadline, now).as_str();
    Some(match deadline.due {
        Due::Met => return None,
        Due::Lapsed { time: None } => format!("{status}: the platform says so"),
        Due::Lapsed { time: Some(time) } => format!("{}, {status}: the platform says so", moment(time)),
        Due::Unknown(UnknownDue::Continued) => {
            "unknown: the payer continued the complaint, or may have; its history tells when".to_owned()
        }
        Due::Unknown(UnknownDue::State) => "unknown: the state cannot be read, or is a new one".to_owned(),
        Due::Unknown(UnknownDue::NotTheMerchants) => {
            "unknown: the time that the platform gives is not the merchant's".to_owned()
        }
        Due::Unknown(_) => "unknown: the platform gives no time that can be read".to_owned(),
        Due::At { time, counted_from: CountedFrom::Continuation(start) } => format!(
            "{}, {status}; counted from the payer's continuation, {} (not confirmed)",
            moment(time),
            china_time(&start.into())
        ),
        Due::At { time, .. } => format!("{}, {status}", moment(time)),
    })
}

/// The deadlines of one complaint, for programs.
#[derive(Serialize)]
pub(crate) struct Told<'a> {
    complaint_id: &'a str,
    #[serde(flatten)]
    deadlines: ToldDeadlines,
}

impl<'a> Told<'a> {
    pub(crate) fn new(complaint_id: &'a str, deadlines: &Deadlines, now: UnixTime) -> Self {
        Self { complaint_id, deadlines: deadlines.told(now) }
    }
}

fn status(deadline: &Deadline, now: UnixTime) -> DeadlineStatus {
    deadline.status(now, NEAR_SECONDS)
}

#[cfg(test)]
mod tests {
    use protocol_core::complaint::{Complaint, OrderDetail};

    use super::*;

    const FILED: UnixTime = UnixTime(1_741_936_166);

    fn row(state: &str, times: u32) -> Deadlines {
        let text = format!(
            r#"{{"complaint_id":"1","complaint_time":"2025-03-14T15:09:26+08:00","complaint_state":"{state}","user_complaint_times":{times}}}"#
        );
        Complaint::decode(text.as_bytes()).unwrap().trust_anyway().deadlines()
    }

    fn sheet(deadlines: &Deadlines, now: UnixTime) -> String {
        let mut sheet = Sheet::default();
        lines(&mut sheet, deadlines, now);
        sheet.text()
    }

    #[test]
    fn a_table_has_the_deadline_to_look_at_first() {
        let at = |hours: u32| FILED.plus(hours * 3600);
        let due = |row: Deadlines, hours: u32| cell(&row, at(hours));
        let expected = |whole: &str, short: &str| Cell::new(whole).or(short);
        let reply = |status: &str| {
            expected(&format!("{status}     reply 2025-03-15 15:09:26"), &format!("{status}    reply  03-15 15:09"))
        };
        assert_eq!(due(row("PENDING", 1), 0), reply("open"));
        assert_eq!(due(row("PENDING", 1), 18), reply("near"));
        assert_eq!(due(row("PENDING", 1), 24), reply("over"));
        let finish = expected("open     finish 2025-03-17 15:09:26", "open    finish 03-17 15:09");
        assert_eq!(due(row("PROCESSING", 1), 24), finish);
        assert_eq!(due(row("PENDING", 2), 99), expected("unknown  reply", "unknown reply"));
        assert_eq!(due(row("PROCESSED", 1), 99), Cell::new(""));
    }

    #[test]
    fn a_sheet_has_both_and_their_source() {
        let source =
            "due, says      WeChat Pay's customer service, https://kf.qq.com/faq/230125a6NbmA230125vMNZnE.html";
        let both =
            "reply due      2025-03-15 15:09:26 (China), open\nfinish due     2025-03-17 15:09:26 (China), open\n";
        assert_eq!(sheet(&row("PENDING", 1), FILED), format!("{both}{source}"));
        assert_eq!(sheet(&row("PROCESSED", 1), FILED), "");
        assert!(sheet(&row("PENDING", 2), FILED).starts_with("reply due      unknown: the payer continued"));
        let late = br#"{"complaintOrder":{"status":202}}"#;
        let late = OrderDetail::decode(late).unwrap().trust_anyway().complaint_order.unwrap().deadlines();
        let told = "reply due      over: the platform says so\ndue, says      the platform, in the complaint itself";
        assert_eq!(sheet(&late, FILED), told);
        let asked = |time: i64| {
            let asked = format!(r#"{{"complaintOrder":{{"status":311,"expireTime":{time}}}}}"#);
            let asked = OrderDetail::decode(asked.as_bytes()).unwrap().trust_anyway().complaint_order.unwrap();
            sheet(&asked.deadlines(), FILED)
        };
        assert!(asked(FILED.0).starts_with("finish due     unknown: the time that the platform gives is not the"));
        assert!(asked(0).starts_with("finish due     unknown: the platform gives no time"));
    }

    #[test]
    fn a_program_gets_the_status_the_times_and_the_source() {
        let told = serde_json::to_value(Told::new("1", &row("PROCESSING", 1), FILED)).unwrap();
        let source = "WeChat Pay's customer service, https://kf.qq.com/faq/230125a6NbmA230125vMNZnE.html";
        let expected = serde_json::json!({
            "complaint_id": "1",
            "reply": {"status": "met", "source": source},
            "finish": {"status": "open", "due": "2025-03-17T07:09:26Z", "since": "2025-03-14T07:09:26Z", "source": source},
        });
        assert_eq!(told, expected);
    }
}
