//! What is due, since when it is counted, and who says so.

use complaint_inbox::Summary;
use complaint_texts::Language;
use protocol_core::UnixTime;
use protocol_core::complaint::{CountedFrom, Deadline, DeadlineSource, Due, NEAR_SECONDS, UnknownDue};

use crate::moments::{Moment, china_time, left};

/// A deadline that is not met.
pub(crate) struct DueLine {
    pub(crate) name: String,
    /// `open`, `near`, `over` or `unknown`: the class of the style.
    pub(crate) status: &'static str,
    pub(crate) status_word: String,
    pub(crate) left: Option<String>,
    pub(crate) at: Option<Moment>,
    pub(crate) counted: String,
    pub(crate) source: String,
}

/// The deadlines of a complaint that are not met.
pub(crate) fn lines(language: Language, summary: &Summary, now: UnixTime) -> Vec<DueLine> {
    let Some(deadlines) = summary.deadlines.filter(|_| !summary.is_closed) else { return Vec::new() };
    let of = |name: String, deadline: Deadline| line(language, name, &deadline, now);
    let reply = of(language.text("due-reply"), deadlines.reply);
    let finish = of(language.text("due-finish"), deadlines.finish);
    reply.into_iter().chain(finish).collect()
}

fn line(language: Language, name: String, deadline: &Deadline, now: UnixTime) -> Option<DueLine> {
    let from = |start: UnixTime| [("start", china_time(start).into())];
    let counted = match deadline.due {
        Due::Met => return None,
        Due::Lapsed { .. } => language.text("due-said-over"),
        Due::At { counted_from: CountedFrom::Filing(start), .. } => language.text_with("due-from-filing", from(start)),
        Due::At { counted_from: CountedFrom::Continuation(start), .. } => {
            language.text_with("due-from-continuation", from(start))
        }
        Due::At { .. } => language.text("due-from-platform"),
        Due::Unknown(UnknownDue::Continued) => language.text("due-unknown-continued"),
        Due::Unknown(UnknownDue::State) => language.text("due-unknown-state"),
        Due::Unknown(UnknownDue::NotTheMerchants) => language.text("due-unknown-not-the-merchants"),
        Due::Unknown(_) => language.text("due-unknown-time"),
    };
    let source = match deadline.source {
        DeadlineSource::WechatPayCustomerService => language.text("due-source-wechat-pay-customer-service"),
        DeadlineSource::Document => language.text("due-source-document"),
        _ => language.text("due-source-taken-as-wechat-pays"),
    };
    let status = deadline.status(now, NEAR_SECONDS).as_str();
    let at = deadline.at();
    Some(DueLine {
        name,
        status,
        status_word: language.word("deadline", status).into_owned(),
        left: at.map(|at| left(language, now, at)),
        at: at.map(Moment::new),
        counted,
        source,
    })
}

#[cfg(test)]
mod tests {
    use protocol_core::complaint::{Complaint, Deadlines};

    use super::*;

    const FILED: UnixTime = UnixTime(1_741_936_166);

    fn deadlines(state: &str, times: u32) -> Deadlines {
        let row = format!(
            r#"{{"complaint_id":"1","complaint_time":"2025-03-14T15:09:26+08:00","complaint_state":"{state}","user_complaint_times":{times}}}"#
        );
        Complaint::decode(row.as_bytes()).unwrap().trust_anyway().deadlines()
    }

    fn told(deadline: &Deadline, hours: u32) -> Option<String> {
        let line = line(Language::English, "Reply".to_owned(), deadline, FILED.plus(hours * 3600))?;
        let at = line.at.map(|at| at.people).unwrap_or_default();
        Some(format!("{} {} {at}; {}. {}", line.status, line.left.unwrap_or_default(), line.counted, line.source))
    }

    #[test]
    fn a_deadline_says_what_it_is_counted_from_and_who_says_so() {
        let pending = deadlines("PENDING", 1);
        let counted = "counted from the filing, 2025-03-14 15:09 (China). Source: WeChat Pay's customer service";
        assert_eq!(told(&pending.reply, 0), Some(format!("open 24 hours left 2025-03-15 15:09; {counted}")));
        assert_eq!(told(&pending.reply, 18), Some(format!("near 6 hours left 2025-03-15 15:09; {counted}")));
        assert_eq!(told(&pending.reply, 26), Some(format!("over over for 2 hours 2025-03-15 15:09; {counted}")));
        let continued = told(&deadlines("PENDING", 2).reply, 0).unwrap();
        assert!(continued.starts_with("unknown  ; not known: the payer continued the complaint"), "{continued}");
        assert_eq!(told(&deadlines("PROCESSING", 1).reply, 99), None);
    }
}
