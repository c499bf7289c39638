//! The list of complaints, and one of them.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use complaint_inbox::{Cursor, Filter, MAX_PRODUCT, MAX_SEARCH_WORDS, Store};
use http::{HeaderValue, StatusCode, Uri, header};
use protocol_core::UnixTime;
use serde::Serialize;

use super::Desk;
use super::documents::{ComplaintDocument, ComplaintRow, json_response};
use super::query::{Query, Segments};
use super::refusal::Refusal;
use crate::tokens::Bearer;

/// `GET /api/complaints`
pub(crate) async fn list<S: Store>(State(desk): State<Arc<Desk<S>>>, uri: Uri) -> Result<Response, Refusal> {
    let query = Query::read(&uri, &PARAMETERS)?;
    let text = |name: &str| query.text(name).map(str::to_owned);
    let filter = Filter {
        is_open: query.flag("open")?,
        channel: text("channel"),
        merchant: text("merchant"),
        id: None,
        due_by: query.time("due_before")?.map(|time| UnixTime(time.0.saturating_sub(1))),
        state: text("state"),
        product: product(&query)?,
        text: words(&query)?,
    };
    let cursor = query.text("cursor").map(|text| {
        Cursor::parse(text).ok_or_else(|| Refusal::malformed("cursor is the member next of a page, unchanged"))
    });
    let page = desk.store.list(&filter, cursor.transpose()?.as_ref(), query.limit()?).await?;
    let now = desk.clock.now();
    let rows: Vec<ComplaintRow<'_>> = page.rows.iter().map(|row| ComplaintRow::new(row, now)).collect();
    let next = page.next.map(|cursor| cursor.to_string());
    Ok(json_response(StatusCode::OK, &List { complaints: rows, next }))
}

const PARAMETERS: [&str; 9] =
    ["open", "channel", "merchant", "state", "product", "text", "due_before", "cursor", "limit"];

/// A longer name is none that the inbox has.
fn product(query: &Query) -> Result<Option<String>, Refusal> {
    match query.text("product") {
        Some(name) if name.len() > MAX_PRODUCT => Err(Refusal::malformed(format!(
            "product is the name as a row has it, at most {MAX_PRODUCT} bytes; a longer one is cut there"
        ))),
        name => Ok(name.map(str::to_owned)),
    }
}

/// The search. Words that are not looked for would show more than was asked for.
fn words(query: &Query) -> Result<Option<String>, Refusal> {
    let Some(text) = query.text("text") else { return Ok(None) };
    match text.split_whitespace().count() {
        0 => Ok(None),
        1..=MAX_SEARCH_WORDS => Ok(Some(text.to_owned())),
        _ => {
            Err(Refusal::malformed(format!("text has at most {MAX_SEARCH_WORDS} words between blanks; leave some out")))
        }
    }
}

#[derive(Serialize)]
struct List<'r> {
    complaints: Vec<ComplaintRow<'r>>,
    /// The cursor of the next page.
    next: Option<String>,
}

/// `GET /api/complaints/{channel}/{merchant}/{id}`
pub(crate) async fn one<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    path: Segments<(String, String, String)>,
    Extension(bearer): Extension<Bearer>,
    uri: Uri,
) -> Result<Response, Refusal> {
    Query::read(&uri, &[])?;
    let record = desk.store.complaint(&path.into()).await?.ok_or(Refusal::NotFound("complaint"))?;
    let document = ComplaintDocument::new(&record, desk.clock.now());
    let document = if bearer.may_act() { document } else { document.without_phones() };
    let mut response = json_response(StatusCode::OK, &document);
    let version = format!("\"{}\"", record.summary.version);
    if let Ok(version) = HeaderValue::try_from(version) {
        response.headers_mut().insert(header::ETAG, version);
    }
    Ok(response)
}
