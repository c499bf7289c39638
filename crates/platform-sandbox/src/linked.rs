//! Pictures behind plain links. A link changes at each reading, and expires.

use std::collections::HashMap;

use bytes::Bytes;
use http::{Request, header};
use protocol_core::UnixTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::log::ReceivedRequest;
use crate::platform::Platform;
use crate::platform_response::PlatformResponse;
use crate::random;
use crate::sandbox::Sandbox;
use crate::transfer::{Served, Transfer, with_headers};
use crate::wechat_pay::{content_type, in_base64};

/// The name of a request for a picture behind a plain link, in [`Sandbox::requests`].
pub const LINKED_PICTURE: &str = "linked_picture";

/// How long the links of a response lead to their pictures, in seconds of the sandbox's clock.
pub const LINK_SECONDS: i64 = 3600;

/// What plain links lead to, by the last segment of their path: a redirect's location, which is empty
/// if there is none, and the content.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Linked(#[serde(with = "in_base64")] HashMap<String, (String, Bytes)>);

impl Sandbox {
    /// Makes a picture, or any other content, readable by a plain link. Returns the link, for
    /// [`NewOrderComplaint::with_media_link`](crate::NewOrderComplaint::with_media_link) or
    /// [`NewComplaint::with_linked_image`](crate::NewComplaint::with_linked_image). In a detail or a
    /// history it is another one each second, which lasts for [`LINK_SECONDS`]; the link itself leads
    /// nowhere.
    #[must_use]
    pub fn link_picture(&self, content: impl Into<Bytes>) -> String {
        self.link((String::new(), content.into()))
    }

    /// A link as [`link_picture`](Self::link_picture) returns it, which leads to a redirect.
    #[must_use]
    pub fn link_redirect(&self, location: impl Into<String>) -> String {
        self.link((location.into(), Bytes::new()))
    }

    /// Changes what a link of [`link_picture`](Self::link_picture) or
    /// [`link_redirect`](Self::link_redirect) leads to.
    pub fn change_linked_picture(&self, link: &str, content: impl Into<Bytes>) {
        let id = link.rsplit('/').next().unwrap_or_default();
        let target = (String::new(), content.into());
        self.platform().act(|state, _| state.linked.0.insert(id.to_owned(), target));
    }

    fn link(&self, target: (String, Bytes)) -> String {
        let id = random::alphanumeric(24);
        let link = start(&self.base_url()) + &id;
        self.platform().act(|state, _| state.linked.0.insert(id, target));
        link
    }
}

impl Platform {
    /// Serves a picture behind a plain link. A request with a signature is refused: it went to a
    /// stranger.
    pub(crate) fn serve_linked(&self, request: &Request<Bytes>) -> Served {
        let now = self.now();
        let id = request.uri().path().strip_prefix(PATH).unwrap_or_default();
        let written = request.uri().query().and_then(|query| query.strip_prefix(WRITTEN)?.parse::<i64>().ok());
        let is_valid = written.is_some_and(|written| (0..LINK_SECONDS).contains(&(now.0 - written)));
        let mut headers = Vec::new();
        let mut response = match self.state().linked.0.get(id) {
            _ if request.headers().contains_key(header::AUTHORIZATION) => PlatformResponse::gateway(400),
            Some(_) if !is_valid => PlatformResponse::gateway(403),
            Some((location, content)) if location.is_empty() => {
                PlatformResponse::image(content.clone(), content_type(content))
            }
            Some((location, _)) => {
                headers.push(("Location", location.clone()));
                PlatformResponse::empty(302)
            }
            None => PlatformResponse::gateway(404),
        };
        headers.extend(response.content_type.map(|content_type| ("Content-Type", content_type.to_owned())));
        let status = Some(response.status);
        self.log_request(ReceivedRequest { operation: LINKED_PICTURE, status, verified: false, mchid: None, at: now });
        Transfer::of(None, &mut response).serve(with_headers(&response, headers))
    }
}

/// The links of a sandbox, up to the id.
pub(crate) fn start(base_url: &str) -> String {
    format!("{base_url}{PATH}")
}

/// Whether a path is a linked picture's.
pub(crate) fn is_path(path: &str) -> bool {
    path.starts_with(PATH)
}

/// A document with links that are valid from now on.
pub(crate) fn with_fresh_links(mut document: Value, now: UnixTime) -> Value {
    freshen(&mut document, now);
    document
}

fn freshen(value: &mut Value, now: UnixTime) {
    match value {
        Value::String(text) if text.starts_with("https://") && text.contains(PATH) => {
            *text = format!("{text}?{WRITTEN}{now}");
        }
        Value::Array(values) => values.iter_mut().for_each(|value| freshen(value, now)),
        Value::Object(members) => members.values_mut().for_each(|value| freshen(value, now)),
        _ => {}
    }
}

const PATH: &str = "/linked-pictures/";

/// The time when a link was written.
const WRITTEN: &str = "written=";
