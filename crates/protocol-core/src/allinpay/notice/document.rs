//! The document of a notice, and one that cannot be read.

use serde_json::value::RawValue;

use super::fields::{DOCUMENT, KEY, NoticeFields};
use crate::allinpay::alipay_deadlines::deadlines;
use crate::allinpay::{AlipayComplaintStatus, AlipayTrade};
use crate::codec::id::is_id;
use crate::codec::json::{read_document, wire_object};
use crate::codec::text::{readable_json, whole};
use crate::complaint::Deadlines;
use crate::error::DecodeError;
use crate::secret::Personal;

wire_object! {
    /// A notice about a complaint of Alipay's. A hint: read the complaint again by its `task_id`.
    ///
    /// Times are `yyyy-MM-dd HH:mm:ss`; the documentation names no zone, and China's is taken.
    #[doc(alias("风控通知", "风险通知"))]
    pub struct Notice {
        /// The merchant it is for: below an agent, the merchant's own number.
        cusid: String,
        /// The application it is for.
        appid: String,
        /// The complaint's task: [`AlipayComplaintQueryV2`](crate::allinpay::AlipayComplaintQueryV2)
        /// takes it. A notice about a violation may have none (not confirmed).
        task_id: Option<String> as asked,
        /// The complaint's state.
        status: Option<AlipayComplaintStatus> as asked,
        /// The same in words.
        status_description: Option<String>,
        /// The payment channel.
        paychnl: Option<String>,
        /// The amount in yuan, as text.
        complain_amount: Option<String> as asked,
        /// The complainant's words.
        complain_content: Option<Personal<String>>,
        /// The complainant's contact.
        contact: Option<Personal<String>>,
        /// Time of creation; of what is not said.
        create_time: Option<String>,
        /// Time of filing.
        gmt_complain: Option<String> as asked,
        /// The deadline: the complaint is overdue from this time on.
        gmt_overdue: Option<String> as asked,
        /// Time of processing.
        gmt_process: Option<String> as asked,
        /// Time when the complaint was pushed to the merchant, whatever the name says.
        gmt_risk_finish_time: Option<String>,
        /// The accused merchant's name; not the complainant's.
        opposite_name: Option<String>,
        /// The accused merchant's id at Alipay.
        opposite_pid: Option<String>,
        /// The trades complained about: the field holds JSON, or the text of JSON.
        complaint_trade_info_list: Vec<AlipayTrade> as asked,
    }
    and {
        /// The same in every copy of this notice, and in no other: merchant, task, state and times
        /// as they were received; without a usable task the signature. Empty for a notice that was
        /// not received, such as a test's.
        dedup_key: String,
    }
}

impl Notice {
    /// The deadlines, as of an Alipay complaint in a list.
    #[must_use]
    pub fn deadlines(&self) -> Deadlines {
        deadlines(self.status(), self.gmt_overdue.as_deref())
    }

    /// Reads the fields of a verified notice.
    pub(super) fn read(fields: &NoticeFields<'_>, body: &[u8]) -> Result<Self, UnreadNotice> {
        let dedup_key = dedup_key(fields);
        let read = read_document::<Self>(DOCUMENT, json_of(fields).as_bytes()).and_then(Self::with_usable_task);
        match read {
            Ok(notice) => Ok(Self { dedup_key, ..notice }),
            Err(error) => {
                let document = Personal::new(whole(body).into_owned());
                Err(UnreadNotice { error, dedup_key, document })
            }
        }
    }

    /// Checks that the task is absent, or one that can be asked for.
    fn with_usable_task(self) -> Result<Self, DecodeError> {
        match &self.task_id {
            Some(task) if !is_task(task) => Err(DecodeError::at(DOCUMENT, b"", 0, TASK)),
            _ => Ok(self),
        }
    }
}

/// A notice of the platform's that cannot be read. It may be a complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadNotice {
    /// The reason.
    pub error: DecodeError,
    /// The same in every copy of this notice, as [`Notice::dedup_key`].
    pub dedup_key: String,
    /// The form, unchanged except that bytes that are not UTF-8 are U+FFFD.
    pub document: Personal<String>,
}

/// Whether a text is usable as a task. The string to sign has no escapes: a task with `&` may be a
/// field that was moved.
fn is_task(text: &str) -> bool {
    is_id(text) && !text.contains(['&', '=', '\u{fffd}'])
}

const TASK: &str = "expected `task_id` to have 1 to 64 characters, not blank, without control characters, & and =";

/// The fields as a JSON object: texts, except a list of trades that is JSON itself.
fn json_of(fields: &NoticeFields<'_>) -> String {
    let members = fields.iter().filter(|(name, _)| !matches!(*name, "sign" | "signtype"));
    let members = members.map(|(name, value)| {
        let text = whole(value);
        let json = if name == TRADES { trades(&text) } else { None };
        format!("{}:{}", quoted(name), json.unwrap_or_else(|| quoted(&text)))
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// JSON of the trades, in the field itself or in a JSON string in it; `None` for any other text.
fn trades(text: &str) -> Option<String> {
    let json = |text: &str| {
        let text = readable_json(text.as_bytes());
        let is_json = text.trim_start().starts_with(['[', '{']) && serde_json::from_str::<&RawValue>(&text).is_ok();
        is_json.then(|| text.into_owned())
    };
    json(text).or_else(|| json(&serde_json::from_str::<String>(text).ok()?))
}

/// A text as JSON, which can always be written.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// See [`Notice::dedup_key`]. Made of what was received: a state that this version does not know
/// makes a notice of its own.
fn dedup_key(fields: &NoticeFields<'_>) -> String {
    let part = |name: &str| std::str::from_utf8(fields.get(name).unwrap_or_default()).ok();
    let cusid = part("cusid").unwrap_or_default();
    let parts: Option<Vec<&str>> = KEY.into_iter().map(part).collect();
    let of_task = parts.filter(|parts| {
        let fits = |part: &&str| part.is_empty() || is_id(part);
        parts.first().is_some_and(|task| is_task(task)) && parts.iter().all(fits)
    });
    match of_task {
        // Lengths, since a part may hold the separator.
        Some(parts) => {
            let parts: String = parts.iter().map(|part| format!("/{}:{part}", part.len())).collect();
            format!("notice:{cusid}{parts}")
        }
        None => format!("notice:{cusid}/sign:{}", fields.sign()),
    }
}

const TRADES: &str = "complaint_trade_info_list";
