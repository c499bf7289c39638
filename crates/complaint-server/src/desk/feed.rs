//! The feed of events: a page, a page that is waited for, or a stream.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use complaint_inbox::{Event, Store};
use futures_util::stream;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, TryAcquireError};
use tokio::time::Instant;

use super::Desk;
use super::bounds::{FEED_POLL, FEED_SIGN_OF_LIFE, FEED_STREAM_SECONDS, MAX_FEED_WAIT_SECONDS, MAX_ROWS};
use super::documents::json_response;
use super::query::{Query, accepts};
use super::refusal::Refusal;
use crate::engine::pause;
use crate::event_document::EventDocument;

/// `GET /api/events`
pub(crate) async fn events<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let query = Query::read(&uri, &["after", "limit", "wait"])?;
    let wait = query.number("wait", 0..=MAX_FEED_WAIT_SECONDS)?.unwrap_or(MAX_FEED_WAIT_SECONDS);
    let (after, limit) = (query.after()?, query.limit()?);
    if accepts(&headers, "text/event-stream") {
        // A browser that connects again says what it has seen.
        let after = last_event_id(&headers)?.unwrap_or(after);
        return streamed(desk, after).await;
    }
    let mut events = desk.store.events(after, limit).await?;
    if events.is_empty() {
        refuse_ahead(&desk, after).await?;
        if wait > 0 {
            let _place = place(&desk)?;
            let until = Instant::now() + Duration::from_secs(wait.into());
            events = wait_for(&desk, after, limit, until).await?;
        }
    }
    let next = events.last().map_or(after, |event| event.number);
    Ok(json_response(StatusCode::OK, &Feed { events: events.iter().map(EventDocument::new).collect(), next }))
}

#[derive(Serialize)]
struct Feed<'e> {
    events: Vec<EventDocument<'e>>,
    /// To be passed as `after`.
    next: i64,
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>, Refusal> {
    let Some(value) = headers.get("last-event-id").filter(|value| !value.is_empty()) else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.parse().ok()).filter(|number| *number >= 0);
    number.map(Some).ok_or_else(|| Refusal::malformed("Last-Event-ID is the number of an event of this feed"))
}

/// A reader that is ahead of the feed would wait for ever, and miss what happens meanwhile.
async fn refuse_ahead<S: Store>(desk: &Desk<S>, after: i64) -> Result<(), Refusal> {
    let newest = desk.store.newest_event().await?;
    if after > newest { Err(Refusal::AheadOfFeed { newest }) } else { Ok(()) }
}

/// The place of one that waits.
fn place<S>(desk: &Desk<S>) -> Result<OwnedSemaphorePermit, Refusal> {
    Arc::clone(&desk.waiting).try_acquire_owned().map_err(|_: TryAcquireError| Refusal::TooManyWaiting)
}

/// The next events; none if there are none until then, or the server stops.
async fn wait_for<S: Store>(desk: &Desk<S>, after: i64, limit: u32, until: Instant) -> Result<Vec<Event>, Refusal> {
    let mut news = desk.events.listener();
    loop {
        let events = desk.store.events(after, limit).await?;
        let left = until.saturating_duration_since(Instant::now());
        if !events.is_empty() || left.is_zero() || !pause(&desk.stopping, &mut news, left.min(FEED_POLL)).await {
            return Ok(events);
        }
    }
}

/// The feed as `text/event-stream`. It ends after a while, when the store fails, and when the server
/// stops; its reader connects again and goes on after the last event.
async fn streamed<S: Store>(desk: Arc<Desk<S>>, after: i64) -> Result<Response, Refusal> {
    let place = place(&desk)?;
    if desk.store.events(after, 1).await?.is_empty() {
        refuse_ahead(&desk, after).await?;
    }
    let end = Instant::now() + Duration::from_secs(FEED_STREAM_SECONDS.into());
    // The first piece makes proxies hand the head on.
    let first = Bytes::from_static(b": events follow\n\n");
    let reader = Reader { desk, after, end, _place: place };
    let pieces = stream::unfold((Some(first), reader), |(first, mut reader)| async move {
        let piece = match first {
            Some(first) => first,
            None => reader.next().await?,
        };
        Some((Ok::<_, Infallible>(piece), (None, reader)))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    Ok(response)
}

struct Reader<S> {
    desk: Arc<Desk<S>>,
    after: i64,
    end: Instant,
    _place: OwnedSemaphorePermit,
}

impl<S: Store> Reader<S> {
    /// Some events, or a sign of life; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        if self.end <= Instant::now() || self.desk.stopping.is_wished() {
            return None;
        }
        let until = self.end.min(Instant::now() + FEED_SIGN_OF_LIFE);
        let events = wait_for(&self.desk, self.after, MAX_ROWS, until).await.ok()?;
        let Some(last) = events.last() else { return Some(Bytes::from_static(b":\n\n")) };
        self.after = last.number;
        Some(events.iter().map(in_stream).collect::<String>().into())
    }
}

/// JSON has no line ends of its own, so an event is one line of data.
fn in_stream(event: &Event) -> String {
    let data = serde_json::to_string(&EventDocument::new(event)).unwrap_or_default();
    format!("id: {}\nevent: {}\ndata: {data}\n\n", event.number, event.kind.as_str())
}
