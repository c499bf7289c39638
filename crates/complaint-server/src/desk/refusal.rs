//! The refusals of the API: each says what to do, in JSON.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use complaint_inbox::StoreError;
use http::{HeaderValue, StatusCode, header};
use http_transport::BodyError;
use serde_json::{Value, json};

use super::documents::json_response;

/// A request that was refused. Nothing was changed. Its words quote neither the request nor a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A parameter, a header or the body is not of the documented form.
    Malformed(String),
    /// No token, or one that is not in the file.
    NoToken,
    /// The token may read only.
    MayNotAct,
    /// A page of another site sent the request.
    ForeignOrigin,
    /// A form came without an origin.
    #[cfg(feature = "page")]
    NoOrigin,
    /// A form has not the token of its session.
    #[cfg(feature = "page")]
    StaleForm,
    /// The one-time link was used, is over, or is another one.
    #[cfg(feature = "page")]
    UsedLink,
    /// The request names another host.
    UnknownHost,
    /// No such address in the API.
    NoSuchPath,
    /// The address is for another method.
    Method,
    /// The inbox has none of this name.
    NotFound(&'static str),
    /// The picture could not be fetched.
    GivenUp,
    /// The payer left no telephone number.
    NoPhone,
    /// The configuration has not the complaint's account.
    NoAccount,
    /// No key of the account decrypts the telephone number.
    NoKey,
    /// The endpoint is one that events are handed on to.
    Configured,
    /// Another request has this idempotency key.
    OtherContent,
    /// Another act of this kind is in hand.
    InHand {
        /// Its key.
        act: String,
    },
    /// The complaint has changed since the asker saw it.
    Stale {
        /// The number of its last event.
        version: i64,
    },
    /// No `If-Match`.
    NotSeen,
    /// The feed is asked for events after one that does not exist.
    AheadOfFeed {
        /// The number of the newest event.
        newest: i64,
    },
    /// The body.
    Body(BodyError),
    /// Too many requests for this token.
    TooMany {
        /// When there is a turn again.
        wait: Duration,
    },
    /// Too many requests wait for events.
    TooManyWaiting,
    /// The store.
    Store(StoreError),
}

impl Refusal {
    pub(crate) fn malformed(words: impl Into<String>) -> Self {
        Self::Malformed(words.into())
    }

    /// The status, a word for programs, and a sentence for people.
    fn parts(&self) -> (StatusCode, &'static str, String) {
        let (status, code, words) = match self {
            Self::Malformed(words) => return (StatusCode::BAD_REQUEST, "malformed", words.clone()),
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                "no-token",
                "send the header Authorization: Bearer TOKEN with a token of this server's file; each token is shown once, when it is made",
            ),
            Self::MayNotAct => (
                StatusCode::FORBIDDEN,
                "may-not-act",
                "this token may only read; use one for which the server's file says may = \"act\"",
            ),
            Self::ForeignOrigin => (
                StatusCode::FORBIDDEN,
                "foreign-origin",
                "a page of another site sent this request; send it from a program, or add the page's host to the desk's hosts",
            ),
            #[cfg(feature = "page")]
            Self::NoOrigin => (
                StatusCode::FORBIDDEN,
                "no-origin",
                "a form comes with the header Origin, which every browser sends; programs have the API",
            ),
            #[cfg(feature = "page")]
            Self::StaleForm => (
                StatusCode::FORBIDDEN,
                "stale-form",
                "the form was made for another session; load the page again, and send it from there",
            ),
            #[cfg(feature = "page")]
            Self::UsedLink => (
                StatusCode::FORBIDDEN,
                "used-link",
                "the link was used, is over, or is another one; start the server again for a new one, or add a user",
            ),
            Self::UnknownHost => (
                StatusCode::MISDIRECTED_REQUEST,
                "unknown-host",
                "the request names another host; use the desk's address, or add the name to the desk's hosts",
            ),
            Self::NoSuchPath => {
                (StatusCode::NOT_FOUND, "no-such-path", "there is no such address; GET /api lists those that there are")
            }
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method",
                "this address does not take the method; the header Allow has those that it takes",
            ),
            Self::NotFound(what) => {
                let words = format!("the inbox has no such {what}; check channel, merchant and number");
                return (StatusCode::NOT_FOUND, "not-found", words);
            }
            Self::GivenUp => (
                StatusCode::GONE,
                "given-up",
                "the picture could not be fetched and is not asked for again; the complaint's pictures have the reason",
            ),
            Self::NoPhone => (
                StatusCode::NOT_FOUND,
                "no-phone",
                "the complaint has no telephone number, or was not read yet: see is_due in the complaint",
            ),
            Self::NoAccount => (
                StatusCode::CONFLICT,
                "no-account",
                "the server's configuration has not the complaint's account; add its section, and reload",
            ),
            Self::NoKey => (
                StatusCode::CONFLICT,
                "no-key",
                "no key of the account decrypts the telephone number; if the key was renewed, add the older one to decryption_keys, and reload",
            ),
            Self::Configured => (
                StatusCode::CONFLICT,
                "configured",
                "the server hands events on to this endpoint; take it out of the configuration, and reload",
            ),
            Self::OtherContent => (
                StatusCode::CONFLICT,
                "other-content",
                "another request used this Idempotency-Key for another act or complaint; choose a new key",
            ),
            Self::InHand { .. } => (
                StatusCode::CONFLICT,
                "in-hand",
                "another act of this kind on the complaint has not ended; wait for it at /api/acts/{act}",
            ),
            Self::Stale { .. } => (
                StatusCode::PRECONDITION_FAILED,
                "stale",
                "the payer has done something since the event of If-Match; read the complaint again, then ask with its version",
            ),
            Self::NotSeen => (
                StatusCode::PRECONDITION_REQUIRED,
                "no-if-match",
                "send the header If-Match with the complaint's version in quotes, such as If-Match: \"7\"",
            ),
            Self::AheadOfFeed { .. } => (
                StatusCode::CONFLICT,
                "ahead-of-feed",
                "there is no event of this number: the inbox is another one, or was restored; begin again at the newest event",
            ),
            Self::Body(BodyError::TooLarge { limit }) => {
                let words = format!("the body is larger than {limit} bytes; shorten it");
                return (StatusCode::PAYLOAD_TOO_LARGE, "too-large", words);
            }
            Self::Body(BodyError::TimedOut) => {
                (StatusCode::REQUEST_TIMEOUT, "timed-out", "the body did not arrive in time; send it again")
            }
            Self::Body(BodyError::NoRoom) => {
                (StatusCode::SERVICE_UNAVAILABLE, "busy", "too many bodies arrive at once; send it again")
            }
            Self::Body(_) => (StatusCode::BAD_REQUEST, "malformed", "the body broke off; send it again"),
            Self::TooMany { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                "this token has sent too many requests; wait as long as Retry-After says",
            ),
            Self::TooManyWaiting => (
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-waiting",
                "too many requests wait for events; close some, or ask with wait=0",
            ),
            // Its words are for the operator, and may have a path.
            Self::Store(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "store",
                "the inbox cannot be read or written now, and nothing was changed; send it again, and look into the server's log",
            ),
        };
        (status, code, words.to_owned())
    }

    /// Seconds for `Retry-After`.
    fn wait(&self) -> Option<u64> {
        match self {
            Self::TooMany { wait } => Some(wait.as_secs().saturating_add(1)),
            Self::TooManyWaiting | Self::Store(_) | Self::Body(BodyError::NoRoom) => Some(1),
            _ => None,
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, code, message) = self.parts();
        let mut error = json!({ "code": code, "message": message });
        if let Value::Object(members) = &mut error {
            match &self {
                Self::InHand { act } => drop(members.insert("act".to_owned(), json!(act))),
                Self::Stale { version } => drop(members.insert("version".to_owned(), json!(version))),
                Self::AheadOfFeed { newest } => drop(members.insert("newest".to_owned(), json!(newest))),
                _ => {}
            }
        }
        let mut response = json_response(status, &json!({ "error": error }));
        let headers = response.headers_mut();
        if self == Self::NoToken {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.wait() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Reason(code));
        response
    }
}

/// The reason of a refusal, for the log and the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reason(pub(crate) &'static str);
