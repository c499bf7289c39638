//! The list of complaints, and one of them.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use complaint_inbox::{Cursor, Filter, Store};
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
    let query = Query::read(&uri, &["open", "channel", "merchant", "due_before", "cursor", "limit"])?;
    let filter = Filter {
        is_open: query.flag("open")?,
        channel: query.text("channel").map(str::to_owned),
        merchant: query.text("merchant").map(str::to_owned),
        due_by: query.time("due_before")?.map(|time| UnixTime(time.0.saturating_sub(1))),
        ..Filter::default()
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
