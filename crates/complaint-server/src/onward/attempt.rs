//! One attempt: the request, its way, and what its response says.

use std::time::Duration;

use bytes::Bytes;
use complaint_inbox::Event;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_transport::{Deadline, Transport, carry};
use protocol_core::UnixTime;

use super::endpoint::Endpoint;
use super::ladder::Reply;
use crate::event_document::EventDocument;

/// The request that hands an event on. All but the time and the signature is the same at each
/// attempt.
pub(super) fn request(endpoint: &Endpoint, event: &Event, now: UnixTime) -> Result<Request<Vec<u8>>, http::Error> {
    let body = serde_json::to_vec(&EventDocument::new(event)).unwrap_or_default();
    let (id, timestamp) = (id(event), now.0);
    let signatures: Vec<String> = endpoint.secrets.iter().map(|secret| secret.sign(&id, timestamp, &body)).collect();
    Request::post(endpoint.url.clone())
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signatures.join(" "))
        .body(body)
}

/// The id of an event, the same at each attempt and for each endpoint. It has the time, too: an inbox
/// that was restored gives some numbers to other events.
fn id(event: &Event) -> String {
    format!("evt_{:016}_{}", event.number, event.at)
}

/// Sends a request, without following a redirect; `None` if there was no response in time.
pub(crate) async fn exchange<T: Transport>(
    transport: &T,
    request: Result<Request<Vec<u8>>, http::Error>,
) -> Option<Response<Bytes>> {
    let request = request.map(|mut request| {
        request.extensions_mut().insert(Deadline(ATTEMPT_TIMEOUT));
        request
    });
    carry(transport, USER_AGENT, request, MAX_RESPONSE).await.ok()
}

/// What a response says.
pub(crate) fn reply(response: &Response<Bytes>, now: UnixTime) -> Reply {
    Reply::Response { status: response.status(), retry_after: retry_after(response.headers(), now) }
}

/// The seconds of `Retry-After`, which are digits or a date.
fn retry_after(headers: &HeaderMap, now: UnixTime) -> Option<u32> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    let seconds = UnixTime::from_digits(text).map(|seconds| seconds.0).or_else(|| {
        let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Some(date.as_second().saturating_sub(now.0).max(0))
    })?;
    Some(u32::try_from(seconds).unwrap_or(u32::MAX))
}

/// The time of one attempt.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);

/// Largest body of a response, in bytes. It is not read for anything but a robot's code.
const MAX_RESPONSE: usize = 64 * 1024;

const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("complaint-server/", env!("CARGO_PKG_VERSION")));

#[cfg(test)]
mod tests {
    use super::super::signature::SigningSecret;
    use super::*;
    use crate::event_document::samples;

    const NOW: UnixTime = UnixTime(1_795_939_205);

    fn endpoint() -> Endpoint {
        let secret = SigningSecret::read(b"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
        Endpoint::new("shop", "https://shop.example/in", secret).unwrap()
    }

    #[test]
    fn a_request_has_the_three_headers_and_the_event() {
        let request = request(&endpoint(), &samples::event(42), NOW).unwrap();
        let header = |name: &str| request.headers()[name].to_str().unwrap();
        assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/in"));
        assert_eq!(header("content-type"), "application/json");
        assert_eq!(header("webhook-id"), "evt_0000000000000042_1795939200");
        assert_eq!(header("webhook-timestamp"), "1795939205");
        let signed = endpoint().secrets[0].sign(header("webhook-id"), 1_795_939_205, request.body());
        assert_eq!(header("webhook-signature"), signed);
        let body = serde_json::to_vec(&EventDocument::new(&samples::event(42))).unwrap();
        assert_eq!(*request.body(), body);
    }

    #[test]
    fn another_attempt_differs_in_its_time_and_signature_alone() {
        let [one, two] = [NOW, NOW.plus(300)].map(|now| request(&endpoint(), &samples::event(42), now).unwrap());
        for same in ["webhook-id", "content-type"] {
            assert_eq!(one.headers()[same], two.headers()[same]);
        }
        for other in ["webhook-timestamp", "webhook-signature"] {
            assert_ne!(one.headers()[other], two.headers()[other]);
        }
        assert_eq!(one.body(), two.body());
    }

    #[test]
    fn each_secret_has_its_signature() {
        let endpoint = endpoint().and_secret(SigningSecret::generate().unwrap());
        let request = request(&endpoint, &samples::event(1), NOW).unwrap();
        let signatures = request.headers()["webhook-signature"].to_str().unwrap();
        let expected = endpoint.secrets.iter();
        let expected: Vec<_> =
            expected.map(|secret| secret.sign("evt_0000000000000001_1795939200", NOW.0, request.body())).collect();
        assert_eq!(signatures.split(' ').collect::<Vec<_>>(), expected);
    }

    #[test]
    fn retry_after_is_digits_or_a_date() {
        let after = |text: &str| {
            let response = Response::builder().status(503).header(RETRY_AFTER, text).body(Bytes::new()).unwrap();
            match reply(&response, NOW) {
                Reply::Response { retry_after, .. } => retry_after,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(["0", "120", "99999999999"].map(after), [Some(0), Some(120), Some(u32::MAX)]);
        assert_eq!(after("Sun, 29 Nov 2026 08:01:05 GMT"), Some(60));
        assert_eq!(after("Sun, 29 Nov 2020 08:01:05 GMT"), Some(0));
        assert_eq!(["", "-1", "soon", "1.5", "99999999999999999999"].map(after), [None; 5]);
    }
}
