//! The list of complaints, the earliest deadline first.

use std::future::ready;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use complaint_inbox::{Cursor, Deed, Filter, Page, Store, StoreError, Summary};
use complaint_texts::Language;
use complaint_texts::csv::{Dialect, Field};
use futures_util::{StreamExt as _, stream};
use http::{HeaderValue, StatusCode, Uri, header};
use protocol_core::UnixTime;
use protocol_core::complaint::{DeadlineStatus, NEAR_SECONDS};

use super::filters::{FilterForm, Filters};
use super::frame::{Frame, Section, show};
use super::merchants::Merchants;
use super::visitor::Visitor;
use crate::desk::{Desk, MAX_ROWS, Query, Refusal};
use crate::moments::{Moment, china_time, left};
use crate::url::complaint_path;

/// `GET /`
pub(super) async fn open<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, Refusal> {
    let filters = Filters::read(&Query::read(&uri, &Filters::NAMES)?)?;
    let (language, now) = (visitor.language(), desk.clock().now());
    let (store, filter) = (desk.store(), filters.filter());
    let list = |from: Option<Cursor>| async move { store.list(filter, from.as_ref(), ROWS).await };
    let page = search_on(filters.cursor.clone(), list).await?;
    let counts = Counts::of(&desk, &filters, now).await?.words(language);
    let merchants = Merchants::of(&desk, language);
    let form = FilterForm::new(language, &filters, desk.store().choices().await?, &merchants);
    let title = if filters.shows_all() { "list-show-all" } else { "list-title" };
    let list = List {
        frame: Frame::of(&visitor, Section::Complaints, language.text(title), &uri),
        counts,
        form,
        rows: page.rows.iter().map(|summary| Row::new(language, summary, &merchants, now)).collect(),
        next: page.next.map(|cursor| filters.address("/", Some(&cursor))),
        csv: filters.address("/complaints.csv", None),
    };
    Ok(show(StatusCode::OK, &list))
}

/// The first page that has a row, or the last one. A search in many complaints has pages without one.
async fn search_on<F>(mut from: Option<Cursor>, list: impl Fn(Option<Cursor>) -> F) -> Result<Page, StoreError>
where
    F: Future<Output = Result<Page, StoreError>>,
{
    loop {
        let page = list(from).await?;
        if !page.rows.is_empty() || page.next.is_none() {
            return Ok(page);
        }
        from = page.next;
    }
}

#[derive(Template)]
#[template(path = "list.html")]
struct List {
    frame: Frame,
    counts: Vec<Count>,
    form: FilterForm,
    rows: Vec<Row>,
    next: Option<String>,
    csv: String,
}

/// How many open complaints of the filters are over or near, among those that the list begins with.
#[derive(Default)]
struct Counts {
    over: usize,
    near: usize,
    are_all: bool,
}

/// A count with its status, for the style.
struct Count {
    status: &'static str,
    words: String,
}

impl Counts {
    async fn of<S: Store>(desk: &Desk<S>, filters: &Filters, now: UnixTime) -> Result<Self, Refusal> {
        let due_by = Some(now.plus(NEAR_SECONDS));
        let filter = Filter { is_open: Some(true), due_by, ..filters.filter().clone() };
        let page = desk.store().list(&filter, None, MAX_ROWS).await?;
        let count = |status| page.rows.iter().filter(|row| status_of(row, now) == status).count();
        let (over, near) = (count(DeadlineStatus::Over), count(DeadlineStatus::Near));
        Ok(Self { over, near, are_all: page.next.is_none() })
    }

    fn words(&self, language: Language) -> Vec<Count> {
        let count = |status, name: &str, number: usize| {
            let words = language.text_with(name, [("number", number.into())]);
            // None is no reason for a colour.
            let status = if number == 0 { "none" } else { status };
            Count { status, words: if self.are_all { words } else { format!("{words}+") } }
        };
        vec![count("over", "count-over", self.over), count("near", "count-near", self.near)]
    }
}

/// A complaint in the list.
struct Row {
    href: String,
    id: String,
    /// `open`, `near`, `over`, `met` or `unknown`: the class of the style.
    status: &'static str,
    status_word: String,
    left: String,
    /// Which deadline it is.
    due_name: Option<String>,
    due: Option<Moment>,
    state: String,
    channel: String,
    merchant: String,
    filed: Option<Moment>,
    amount: String,
}

impl Row {
    fn new(language: Language, summary: &Summary, merchants: &Merchants, now: UnixTime) -> Self {
        let key = &summary.key;
        let status = status_of(summary, now);
        let due = due_of(summary, status);
        Self {
            href: complaint_path(&key.channel, &key.merchant, &key.id),
            id: key.id.clone(),
            status: status.as_str(),
            status_word: language.word("deadline", status.as_str()).into_owned(),
            due_name: due.map(|_| language.text(due_name(summary))),
            left: due.map_or_else(String::new, |due| left(language, now, due)),
            due: due.map(Moment::new),
            state: state_word(language, summary),
            channel: language.word("channel", &key.channel).into_owned(),
            merchant: merchants.words(&key.channel, &key.merchant),
            filed: summary.filed.map(Moment::new),
            amount: summary.amount.map_or_else(String::new, yuan),
        }
    }
}

fn status_of(summary: &Summary, now: UnixTime) -> DeadlineStatus {
    let status = summary.deadlines.as_ref().map_or(DeadlineStatus::Unknown, |deadlines| deadlines.status(now));
    if summary.is_closed { DeadlineStatus::Met } else { status }
}

/// The name of the deadline to look at.
fn due_name(summary: &Summary) -> &'static str {
    let is_reply = summary.deadlines.as_ref().is_some_and(|deadlines| deadlines.next() == deadlines.reply);
    if is_reply { "due-reply" } else { "due-finish" }
}

/// The deadline to look at; `None` if nothing is due.
fn due_of(summary: &Summary, status: DeadlineStatus) -> Option<UnixTime> {
    let deadlines = summary.deadlines.as_ref().filter(|_| status != DeadlineStatus::Met)?;
    deadlines.next().at()
}

fn state_word(language: Language, summary: &Summary) -> String {
    summary.state.as_deref().map_or_else(String::new, |state| language.word("state", state).into_owned())
}

/// `GET /complaints.csv`: the rows of the list as it is filtered, for a spreadsheet.
pub(super) async fn csv<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, Refusal> {
    let filters = Filters::read(&Query::read(&uri, &Filters::NAMES)?)?;
    // It is on record before the first row is sent.
    desk.store().note(Deed::new(visitor.name(), "export")).await?;
    let language = visitor.language();
    let head = Dialect::Excel.line(columns(language).iter().map(|name| Field::Text(name)));
    let head = Bytes::from(format!("{}{head}", Dialect::Excel.mark()));
    let begin: Option<Option<Cursor>> = Some(None);
    // If the store fails, the transfer breaks off, so that the browser does not take a part for the whole.
    let rows = stream::try_unfold((desk, filters, begin), move |(desk, filters, from)| async move {
        let Some(from) = from else { return Ok::<_, StoreError>(None) };
        let page = desk.store().list(filters.filter(), from.as_ref(), MAX_ROWS).await?;
        let now = desk.clock().now();
        let lines: String = page.rows.iter().map(|summary| line(language, summary, now)).collect();
        Ok(Some((Bytes::from(lines), (desk, filters, page.next.map(Some)))))
    });
    let pieces = stream::once(ready(Ok(head))).chain(rows);
    Ok(attachment(Body::from_stream(pieces), "attachment; filename=\"complaints.csv\""))
}

fn columns(language: Language) -> [String; 8] {
    [
        language.text("list-id"),
        language.text("list-status"),
        language.text("list-due"),
        language.text("list-state"),
        language.text("list-channel"),
        language.text("list-merchant"),
        language.text("list-amount"),
        language.text("list-filed"),
    ]
}

fn line(language: Language, summary: &Summary, now: UnixTime) -> String {
    let status = status_of(summary, now);
    let time = |time: Option<UnixTime>| Field::Plain(time.map_or_else(String::new, china_time));
    Dialect::Excel.line([
        Field::Ids(std::slice::from_ref(&summary.key.id)),
        Field::Text(&language.word("deadline", status.as_str())),
        time(due_of(summary, status)),
        Field::Text(&state_word(language, summary)),
        Field::Text(&language.word("channel", &summary.key.channel)),
        Field::Ids(std::slice::from_ref(&summary.key.merchant)),
        Field::Plain(summary.amount.map_or_else(String::new, complaint_texts::yuan)),
        time(summary.filed),
    ])
}

/// A table that the browser saves.
pub(super) fn attachment(body: Body, disposition: &'static str) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
    response
}

/// An amount of fen: `¥12.34`.
pub(crate) fn yuan(fen: i64) -> String {
    let yuan = complaint_texts::yuan(fen);
    yuan.strip_prefix('-').map_or_else(|| format!("¥{yuan}"), |amount| format!("-¥{amount}"))
}

/// Rows of a page.
const ROWS: u32 = 50;

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[tokio::test]
    async fn a_search_goes_on_until_it_finds_or_ends() {
        let [first, next] = ["1", "2"].map(|id| {
            let text = format!(r#"[1,"wechat-pay","1","{id}"]"#);
            Cursor::parse(&text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>())
        });
        assert!(first.is_some() && next.is_some());
        let asked = RefCell::new(Vec::new());
        let list = |from: Option<Cursor>| {
            asked.borrow_mut().push(from);
            let next = next.clone().filter(|_| asked.borrow().len() < 3);
            ready(Ok(Page { rows: Vec::new(), next }))
        };
        let page = search_on(first.clone(), list).await.unwrap();
        assert!(page.rows.is_empty() && page.next.is_none());
        assert_eq!(*asked.borrow(), [first, next.clone(), next]);
    }

    #[test]
    fn an_amount_has_two_places() {
        assert_eq!([1, 1234, -5].map(yuan), ["¥0.01", "¥12.34", "-¥0.05"]);
    }
}
