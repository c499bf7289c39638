//! The documents of the API: complaints, acts and letters as JSON.

use std::fmt;

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use complaint_inbox::{
    ActRecord, ComplaintKey, ComplaintRecord, Entry, Letter, PhoneLook, PhoneLooks, PictureRecord, Reason, Summary,
};
use http::{HeaderValue, StatusCode, header};
use protocol_core::UnixTime;
use protocol_core::channel::Act;
use protocol_core::complaint::{Deadline, Deadlines, ToldDeadlines};
use serde::Serialize;

use super::verbatim::Verbatim;
use crate::event_document::moment;

/// A response with a JSON document, which no cache keeps.
pub(crate) fn json_response(status: StatusCode, document: &impl Serialize) -> Response {
    // The documents have string keys alone.
    let text = serde_json::to_string(document).unwrap_or_default();
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A complaint in a list, as the API writes it.
#[derive(Debug, Serialize)]
pub struct ComplaintRow<'r> {
    channel: &'r str,
    merchant: &'r str,
    id: &'r str,
    version: i64,
    state: Option<&'r str>,
    filed: Option<String>,
    reply_due: Option<String>,
    finish_due: Option<String>,
    /// The status of the deadline to look at first.
    deadline: &'static str,
    amount: Option<i64>,
    product: Option<&'r str>,
    is_open: bool,
    /// Whether the document lags behind: the complaint is due to be read.
    is_due: bool,
    read_at: Option<String>,
    refused: u32,
}

impl<'r> ComplaintRow<'r> {
    /// The row at a time.
    #[must_use]
    pub fn new(summary: &'r Summary, now: UnixTime) -> Self {
        let ComplaintKey { channel, merchant, id } = &summary.key;
        let deadlines = summary.deadlines.as_ref();
        let due = |of: fn(&Deadlines) -> Deadline| deadlines.and_then(|deadlines| of(deadlines).at()).map(moment);
        let deadline = deadlines.map_or("unknown", |deadlines| deadlines.status(now).as_str());
        Self {
            channel,
            merchant,
            id,
            version: summary.version,
            state: summary.state.as_deref(),
            filed: summary.filed.map(moment),
            reply_due: due(|deadlines| deadlines.reply),
            finish_due: due(|deadlines| deadlines.finish),
            deadline: if summary.is_closed { "met" } else { deadline },
            amount: summary.amount,
            product: summary.product.as_deref(),
            is_open: !summary.is_closed,
            is_due: summary.read < summary.heard,
            read_at: summary.read_at.map(moment),
            refused: summary.refused,
        }
    }
}

/// A complaint, whole, as the API writes it.
#[derive(Serialize)]
pub struct ComplaintDocument<'r> {
    #[serde(flatten)]
    row: ComplaintRow<'r>,
    /// The merchant that it is against, below an agent.
    accused: Option<&'r str>,
    deadlines: Option<ToldDeadlines>,
    document: Option<Verbatim<'r>>,
    history: Vec<HistoryEntry<'r>>,
    acts: Vec<ActDocument<'r>>,
    pictures: Vec<PictureDocument<'r>>,
    phone_looks: LooksDocument<'r>,
}

impl<'r> ComplaintDocument<'r> {
    /// The complaint at a time.
    #[must_use]
    pub fn new(record: &'r ComplaintRecord, now: UnixTime) -> Self {
        Self {
            row: ComplaintRow::new(&record.summary, now),
            accused: record.accused.as_deref(),
            deadlines: record.summary.deadlines.map(|deadlines| deadlines.told(now)),
            document: record.document.as_ref().map(Verbatim::new),
            history: record.entries.iter().map(HistoryEntry::new).collect(),
            acts: record.acts.iter().map(ActDocument::new).collect(),
            pictures: record.pictures.iter().map(PictureDocument::new).collect(),
            phone_looks: LooksDocument::new(&record.phone_looks),
        }
    }

    /// The same without telephone numbers: each is `***` in document and history.
    #[must_use]
    pub fn without_phones(mut self) -> Self {
        let of_history = self.history.iter_mut().map(|entry| &mut entry.document);
        self.document.iter_mut().chain(of_history).for_each(Verbatim::hide_phones);
        self
    }
}

/// The row alone: the rest has a payer's words.
impl fmt::Debug for ComplaintDocument<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComplaintDocument").field("row", &self.row).finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct HistoryEntry<'r> {
    id: &'r str,
    kind: Option<&'r str>,
    at: Option<String>,
    document: Verbatim<'r>,
}

impl<'r> HistoryEntry<'r> {
    fn new(entry: &'r Entry) -> Self {
        let Entry { id, kind, at, document } = entry;
        Self { id, kind: kind.as_deref(), at: at.map(moment), document: Verbatim::new(document) }
    }
}

/// An act, as it stands.
#[derive(Serialize)]
pub(crate) struct ActDocument<'r> {
    key: &'r str,
    channel: &'r str,
    merchant: &'r str,
    id: &'r str,
    state: &'static str,
    act: &'r Act,
    /// The event of `If-Match`.
    seen: i64,
    by: &'r str,
    asked_at: String,
    finished_at: Option<String>,
    /// The reason of a failure: a code, details in English, the platform's own words.
    code: Option<&'r str>,
    words: Option<&'r str>,
    quote: Option<&'r str>,
}

impl<'r> ActDocument<'r> {
    pub(crate) fn new(record: &'r ActRecord) -> Self {
        let ComplaintKey { channel, merchant, id } = &record.ask.complaint;
        let reason = record.reason.as_ref();
        Self {
            key: &record.ask.key,
            channel,
            merchant,
            id,
            state: record.stage.as_str(),
            act: &record.ask.act,
            seen: record.ask.seen,
            by: &record.ask.by,
            asked_at: moment(record.asked_at),
            finished_at: record.finished_at.map(moment),
            code: reason.and_then(|reason| reason.code.as_deref()),
            words: reason.map(|reason| &*reason.words),
            quote: reason.and_then(quote),
        }
    }
}

/// A picture, without its content.
#[derive(Serialize)]
pub(crate) struct PictureDocument<'r> {
    number: u32,
    /// What names it in document or history.
    place: &'r str,
    state: &'static str,
    size: Option<u64>,
    code: Option<&'r str>,
    reason: Option<&'r str>,
    quote: Option<&'r str>,
    finished_at: Option<String>,
}

impl<'r> PictureDocument<'r> {
    pub(crate) fn new(record: &'r PictureRecord) -> Self {
        let reason = record.reason.as_ref();
        Self {
            number: record.number,
            place: &record.place,
            state: record.state.as_str(),
            size: record.size,
            code: reason.and_then(|reason| reason.code.as_deref()),
            reason: reason.map(|reason| &*reason.words),
            quote: reason.and_then(quote),
            finished_at: record.finished_at.map(moment),
        }
    }
}

/// The platform's own words of a reason.
fn quote(reason: &Reason) -> Option<&str> {
    reason.quote.as_ref().map(|quote| quote.expose().as_str())
}

/// Those who were shown the payer's telephone number.
#[derive(Serialize)]
struct LooksDocument<'r> {
    times: u64,
    /// The newest first.
    latest: Vec<LookDocument<'r>>,
}

#[derive(Serialize)]
struct LookDocument<'r> {
    by: &'r str,
    at: String,
}

impl<'r> LooksDocument<'r> {
    fn new(looks: &'r PhoneLooks) -> Self {
        let look = |PhoneLook { by, at }: &'r PhoneLook| LookDocument { by, at: moment(*at) };
        Self { times: looks.times, latest: looks.latest.iter().map(look).collect() }
    }
}

/// A letter without its content.
#[derive(Serialize)]
pub(crate) struct LetterRow<'r> {
    number: i64,
    at: String,
    channel: &'r str,
    merchant: &'r str,
    complaint_id: Option<&'r str>,
    code: Option<&'r str>,
    reason: &'r str,
    /// Bytes of its content.
    size: usize,
}

impl<'r> LetterRow<'r> {
    pub(crate) fn new(letter: &'r Letter) -> Self {
        let Letter { number, at, letter } = letter;
        Self {
            number: *number,
            at: moment(*at),
            channel: &letter.source.channel,
            merchant: &letter.source.merchant,
            complaint_id: letter.complaint_id.as_deref(),
            code: letter.reason.code.as_deref(),
            reason: &letter.reason.words,
            size: letter.content.expose().len(),
        }
    }
}

/// A letter, whole.
#[derive(Serialize)]
pub(crate) struct LetterDocument<'r> {
    #[serde(flatten)]
    row: LetterRow<'r>,
    /// In base64: it may be no text.
    content: String,
}

impl<'r> LetterDocument<'r> {
    pub(crate) fn new(letter: &'r Letter) -> Self {
        Self { row: LetterRow::new(letter), content: STANDARD.encode(letter.letter.content.expose()) }
    }
}
