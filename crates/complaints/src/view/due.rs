//! Deadlines as text, and as JSON beside a list.

use complaint_texts::Value;
use protocol_core::UnixTime;
use protocol_core::complaint::{
    CountedFrom, Deadline, DeadlineSource, DeadlineStatus, Deadlines, Due, NEAR_SECONDS, ToldDeadlines, UnknownDue,
};
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use crate::error::Error;
use crate::language::{language, say, say_with};
use crate::view::output::{self, visible};
use crate::view::sheet::Sheet;
use crate::view::table::Cell;
use crate::view::tone::Tone;
use crate::view::words::{self, china_time, padded, short_time};

/// The deadline to look at first, for a table: `near     reply 2025-03-15 15:09:26`.
pub(crate) fn cell(deadlines: &Deadlines, now: UnixTime) -> Cell {
    let next = deadlines.next();
    let (reply, finish) = (say("due-act-reply"), say("due-act-finish"));
    let act_columns = reply.width().max(finish.width());
    let act = if next == deadlines.reply { reply } else { finish };
    let deadline = status(&next, now);
    let shown = padded(&word(deadline), SHOWN.map(|status| word(status).width()).into_iter().max().unwrap_or(0));
    match (deadline, next.at()) {
        (DeadlineStatus::Met, _) => Cell::new(""),
        (_, None) => Cell::new(format!("{shown}  {act}")).or(format!("{shown} {act}")),
        (_, Some(time)) => {
            let time = china_time(&time.into());
            let short = format!("{shown} {} {}", padded(&act, act_columns), short_time(&time));
            Cell::new(format!("{shown}  {act} {time}")).or(short)
        }
    }
}

/// The statuses that a cell shows.
const SHOWN: [DeadlineStatus; 4] =
    [DeadlineStatus::Open, DeadlineStatus::Near, DeadlineStatus::Over, DeadlineStatus::Unknown];

fn word(status: DeadlineStatus) -> String {
    words::word("deadline", status.as_str())
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
    let open: Vec<_> = [("reply-due", deadlines.reply), ("finish-due", deadlines.finish)]
        .into_iter()
        .filter_map(|(name, deadline)| Some((name, deadline, in_words(&deadline, now)?)))
        .collect();
    for (name, deadline, words) in &open {
        sheet.line(name, Some(tone(status(deadline, now)).paint(words)));
    }
    sheet.line("source", open.first().map(|(_, deadline, _)| source(deadline.source)));
}

/// Notes that a document which tells of the deadlines could not be read. `note` is the name of its
/// text.
pub(crate) fn note_unknown(note: &str, error: &Error) {
    let told = visible(&error.to_string());
    output::print_note(&format!("{}\n", language().text_with(note, [("told", told.into())])));
}

/// The source in words, with the address of its page.
fn source(source: DeadlineSource) -> String {
    let page = source.reference().rsplit(' ').next().unwrap_or_default();
    match source {
        DeadlineSource::WechatPayCustomerService => {
            say_with("due-says-wechat-pay-customer-service", [("page", page.into())])
        }
        DeadlineSource::Document => say("due-says-document"),
        _ => say("due-says-taken-as-wechat-pays"),
    }
}

/// A deadline in words; `None` for one that is met.
fn in_words(deadline: &Deadline, now: UnixTime) -> Option<String> {
    let china = |time: UnixTime| -> Value<'static> { china_time(&time.into()).into() };
    let status = word(status(deadline, now)).into();
    Some(match deadline.due {
        Due::Met => return None,
        Due::Lapsed { time: None } => say("due-said-over"),
        Due::Lapsed { time: Some(time) } => say_with("due-lapsed-at", [("time", china(time))]),
        Due::Unknown(UnknownDue::Continued) => say("due-unknown-continued"),
        Due::Unknown(UnknownDue::State) => say("due-unknown-state"),
        Due::Unknown(UnknownDue::NotTheMerchants) => say("due-unknown-not-the-merchants"),
        Due::Unknown(_) => say("due-unknown-time"),
        Due::At { time, counted_from: CountedFrom::Continuation(start) } => {
            say_with("due-continued-at", [("time", china(time)), ("status", status), ("start", china(start))])
        }
        Due::At { time, .. } => say_with("due-at", [("time", china(time)), ("status", status)]),
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
        assert!(sheet(&row("PENDING", 2), FILED).starts_with("reply due      not known: the payer continued"));
        let late = br#"{"complaintOrder":{"status":202}}"#;
        let late = OrderDetail::decode(late).unwrap().trust_anyway().complaint_order.unwrap().deadlines();
        let told = "reply due      overdue, says the platform\ndue, says      the platform, in the complaint itself";
        assert_eq!(sheet(&late, FILED), told);
        let asked = |time: i64| {
            let asked = format!(r#"{{"complaintOrder":{{"status":311,"expireTime":{time}}}}}"#);
            let asked = OrderDetail::decode(asked.as_bytes()).unwrap().trust_anyway().complaint_order.unwrap();
            sheet(&asked.deadlines(), FILED)
        };
        assert!(asked(FILED.0).starts_with("finish due     not known: the time that the platform gives is not the"));
        assert!(asked(0).starts_with("finish due     not known: the platform gives no time"));
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
