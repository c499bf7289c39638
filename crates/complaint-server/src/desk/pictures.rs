//! Pictures of complaints, which payers took: whatever they hold, no browser runs it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use complaint_inbox::{ComplaintKey, PictureRecord, PictureState, Store};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use protocol_core::PictureKind;
use serde::Serialize;

use super::Desk;
use super::documents::{PictureDocument, json_response};
use super::query::{Query, Segments};
use super::refusal::Refusal;

/// `GET /api/pictures/{channel}/{merchant}/{id}/{number}`
pub(crate) async fn one<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    path: Segments<(String, String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    picture(&desk, path, &uri, &headers).await
}

/// The picture of a path, for one who may see it.
pub(crate) async fn picture<S: Store>(
    desk: &Desk<S>,
    Segments((channel, merchant, id, number)): Segments<(String, String, String, String)>,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    Query::read(uri, &[])?;
    let number = number.parse().map_err(|_| Refusal::NotFound("picture"))?;
    let key = ComplaintKey { channel, merchant, id };
    let picture = desk.store.picture(&key, number).await?.ok_or(Refusal::NotFound("picture"))?;
    match picture.content {
        Some(content) => Ok(shown(&picture.record, content.into_exposed(), headers)),
        None if picture.record.state == PictureState::GivenUp => Err(Refusal::GivenUp),
        None => Ok(awaited(&picture.record)),
    }
}

/// It is not fetched yet.
fn awaited(record: &PictureRecord) -> Response {
    let mut response = json_response(StatusCode::ACCEPTED, &Awaited { picture: PictureDocument::new(record) });
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
    response
}

#[derive(Serialize)]
struct Awaited<'r> {
    picture: PictureDocument<'r>,
}

/// The bytes, by the kind that the first of them show. Any other content is only saved, never shown.
fn shown(record: &PictureRecord, content: Vec<u8>, asked: &HeaderMap) -> Response {
    let kind = PictureKind::of(&content).filter(|kind| SHOWN.contains(kind));
    let tag = tag(record);
    let is_known = tag.as_ref().is_some_and(|tag| is_named(tag, asked));
    let mut response = Response::new(if is_known { Body::empty() } else { Body::from(content) });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    let content_type = kind.map_or("application/octet-stream", PictureKind::content_type);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if kind.is_none() {
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"picture\""));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    // A cache of the reader's own may keep it, and asks whether it is still there.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Some(tag) = tag {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// A picture that is kept does not change: the time at which it was kept tells it from one under the
/// same number before.
fn tag(record: &PictureRecord) -> Option<HeaderValue> {
    let (at, size) = (record.finished_at?.0, record.size?);
    HeaderValue::try_from(format!("\"{}-{at}-{size}\"", record.number)).ok()
}

/// Whether `If-None-Match` names the tag.
fn is_named(tag: &HeaderValue, headers: &HeaderMap) -> bool {
    let lists = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
    let mut named = lists.flat_map(|list| list.split(',')).map(str::trim);
    named.any(|one| one == "*" || Some(one.strip_prefix("W/").unwrap_or(one)) == tag.to_str().ok())
}

/// The kinds that browsers show: raster pictures.
const SHOWN: [PictureKind; 5] =
    [PictureKind::Jpeg, PictureKind::Png, PictureKind::Gif, PictureKind::Bmp, PictureKind::Webp];

/// Seconds after which a picture that is not fetched yet may be there.
const RETRY_SECONDS: u32 = 5;
