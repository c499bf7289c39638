//! Requests as `--dry-run` prints them.

use std::collections::BTreeMap;

use protocol_core::UnsentRequest;
use protocol_core::mini_program::ServerRequest;
use serde::Serialize;

/// A request that is not sent.
#[derive(Debug, Serialize)]
pub(crate) struct SignedRequest {
    method: &'static str,
    url: String,
    headers: BTreeMap<String, String>,
    body: SignedBody,
    /// The uploads before it, whose ids it needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) before: Vec<SignedRequest>,
}

/// The text of the body; for an upload, its length in bytes.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum SignedBody {
    None,
    Text(String),
    Length(usize),
}

impl SignedRequest {
    /// A request to this address.
    pub(crate) fn of(base_url: &str, request: &UnsentRequest) -> Self {
        let url = format!("{base_url}{}", request.target());
        Self::new(request.method().as_str(), url, request.headers(), request.body())
    }

    /// A request to the Mini Program's server. `ACCESS_TOKEN` stands for the token, which is never
    /// shown.
    pub(crate) fn without_token(origin: &str, request: &ServerRequest) -> Self {
        let target = request.target();
        let separator = if target.contains('?') { '&' } else { '?' };
        let url = format!("{origin}{target}{separator}access_token=ACCESS_TOKEN");
        Self::new(request.method().as_str(), url, request.headers(), request.body())
    }

    fn new<'r>(
        method: &'static str,
        url: String,
        headers: impl Iterator<Item = (&'r str, &'r str)>,
        body: &[u8],
    ) -> Self {
        let headers: BTreeMap<_, _> = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let is_multipart = headers
            .iter()
            .any(|(name, value)| name.eq_ignore_ascii_case("Content-Type") && value.starts_with("multipart/"));
        let body = match body {
            [] => SignedBody::None,
            body if is_multipart => SignedBody::Length(body.len()),
            body => SignedBody::Text(String::from_utf8_lossy(body).into_owned()),
        };
        Self { method, url, headers, body, before: Vec::new() }
    }
}
