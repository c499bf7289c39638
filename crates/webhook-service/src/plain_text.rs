//! A response in plain text.

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use http_body_util::Full;

/// A body that no browser takes for a page, with status 200: some responses repeat a caller's own
/// words.
#[must_use]
pub fn plain_text(body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
