//! News for pages that are open: a stream that says that something changed, and never what.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use complaint_inbox::Store;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, header};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::sessions::{self, Ticket};
use super::visitor::Visitor;
use crate::desk::{Desk, FEED_POLL, FEED_SIGN_OF_LIFE, FEED_STREAM_SECONDS, Refusal};
use crate::engine::{Listener, pause};

/// `GET /live`, as `text/event-stream`. It ends with the session, after a while, and when the server
/// stops; a browser connects again by itself.
pub(super) async fn changes<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    _visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let place = Arc::clone(&desk.page().live.0).try_acquire_owned().map_err(|_| Refusal::TooManyWaiting)?;
    let Some(ticket) = Ticket::of(&headers) else { return Ok(Refusal::StaleForm.into_response()) };
    // Rings from here on are heard, and the page asks for what came before when it hears the first.
    let news = desk.events().listener();
    let seen = desk.store().newest_event().await?;
    let end = Instant::now() + Duration::from_secs(FEED_STREAM_SECONDS.into());
    let stream = Stream { desk, ticket, news, seen, end, _place: place };
    let pieces = stream::unfold((Some(CHANGED), stream), |(first, mut stream)| async move {
        let piece = match first {
            Some(first) => first,
            None => stream.next().await?,
        };
        Some((Ok::<_, Infallible>(Bytes::from_static(piece)), (None, stream)))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    Ok(response)
}

struct Stream<S> {
    desk: Arc<Desk<S>>,
    ticket: Ticket,
    news: Listener,
    /// The newest event that the browser was told of.
    seen: i64,
    end: Instant,
    _place: OwnedSemaphorePermit,
}

impl<S: Store> Stream<S> {
    /// The next piece; `None` at the end.
    async fn next(&mut self) -> Option<&'static [u8]> {
        let until = self.end.min(Instant::now() + FEED_SIGN_OF_LIFE);
        loop {
            let now = Instant::now();
            let goes_on = pause(self.desk.stopping(), &mut self.news, FEED_POLL.min(until - now)).await;
            if !goes_on || self.end <= Instant::now() {
                return None;
            }
            let newest = self.desk.store().newest_event().await.ok()?;
            if newest > self.seen || until <= Instant::now() {
                // Before anything is told; not for each look, which there are many of.
                if !sessions::is_open_still(&self.desk, &self.ticket).await {
                    return None;
                }
                let piece = if newest > self.seen { CHANGED } else { SIGN_OF_LIFE };
                self.seen = newest;
                return Some(piece);
            }
        }
    }
}

/// The places of those who wait for news.
#[derive(Debug)]
pub(super) struct Places(Arc<tokio::sync::Semaphore>);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(tokio::sync::Semaphore::new(MAX_LIVE_PAGES)))
    }
}

/// Most pages that wait for news at a time. Others show what is new when they are loaded.
pub const MAX_LIVE_PAGES: usize = 128;

const CHANGED: &[u8] = b"event: changed\ndata:\n\n";
const SIGN_OF_LIFE: &[u8] = b":\n\n";
