//! WeChat Pay's operations: each is one plain value.

use super::evidence::Evidence;
use super::response::{ACT, RawResponse, RefusalProof, ResponseError, Success};
use crate::codec::json::{WireValue, read_document, read_json};
use crate::codec::percent::encode_into;
use crate::crypto::KeyStore;
use crate::dot_segments::may_resolve;
use crate::error::DecodeError;
use crate::headers::Headers;
use crate::limits::MAX_ID;
use crate::operation::{Effect, OperationInfo};
use crate::refusal::{Found, find_anywhere, find_of_act};
use crate::request::{BuildError, Method, RequestParts, Stamp};
use crate::time::UnixTime;
use crate::trust::Verified;
use serde::Serialize;

/// An operation of WeChat Pay. To add one, write its type, its [`OperationInfo`] and this trait.
///
/// ```
/// use protocol_core::Stamp;
/// use protocol_core::UnixTime;
/// use protocol_core::wechat_pay::{GetComplaint, Operation};
///
/// # fn main() -> Result<(), protocol_core::BuildError> {
/// let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
/// let operation = GetComplaint::new("200201820200101080076610000");
/// let parts = operation.request(&stamp)?;
/// assert_eq!(parts.target, "/v3/merchant-service/complaints-v2/200201820200101080076610000");
/// # Ok(())
/// # }
/// ```
///
/// A custom operation, for an interface that is not built in:
///
/// ```
/// use protocol_core::wechat_pay::{Operation, Response, ResponseError};
/// use protocol_core::{BuildError, Idempotency, Method, OperationInfo, RequestParts, Stamp};
/// /// The state of a refund: `GET /v3/refund/domestic/refunds/{out_refund_no}`.
/// struct GetRefund<'a>(&'a str);
///
/// #[derive(serde::Deserialize)]
/// struct Refund {
///     status: String,
/// }
///
/// impl OperationInfo for GetRefund<'_> {
///     type Response = Refund;
///
///     const NAME: &'static str = "get_refund";
///     const IDEMPOTENCY: Idempotency = Idempotency::Safe;
/// }
///
/// impl Operation for GetRefund<'_> {
///     fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
///         let Self(number) = self;
///         // The number is one segment of the path, so it holds no slash and no dot.
///         if !(1..=64).contains(&number.len())
///             || !number.bytes().all(|byte| byte.is_ascii_alphanumeric())
///         {
///             return Err(BuildError::Field {
///                 field: "out_refund_no",
///                 expected: "1 to 64 letters and digits",
///             });
///         }
///         Ok(RequestParts::without_body(
///             Method::Get,
///             format!("/v3/refund/domestic/refunds/{number}"),
///         ))
///     }
///
///     fn receive(&self, response: Response<'_>) -> Result<Refund, ResponseError> {
///         response.json("a refund")
///     }
/// }
/// # let stamp = Stamp { now: protocol_core::UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
/// # let target = GetRefund("7752501201407").request(&stamp).map(|parts| parts.target);
/// # assert_eq!(target, Ok("/v3/refund/domestic/refunds/7752501201407".to_owned()));
/// # assert!(GetRefund("../bills").request(&stamp).is_err());
/// ```
pub trait Operation: OperationInfo {
    /// The request. Its inputs are checked against the documented bounds.
    ///
    /// # Errors
    /// [`BuildError::Field`].
    fn request(&self, stamp: &Stamp<'_>) -> Result<RequestParts, BuildError>;

    /// Verifies and reads its response.
    ///
    /// # Errors
    /// [`ResponseError`].
    fn receive(&self, response: Response<'_>) -> Result<Self::Response, ResponseError>;

    /// The evidence that it happened if its response is lost, and its response in that case.
    /// Default: `None`, for an operation that may be sent again or whose outcome may stay unknown.
    fn evidence(&self) -> Option<(Evidence, Self::Response)> {
        None
    }
}

/// A response as [`Operation::receive`] takes it: the bytes that arrived, the platform's keys and
/// the time.
///
/// ```
/// use protocol_core::crypto::{Certificate, Keyring};
/// use protocol_core::wechat_pay::{ListComplaints, Operation, RawResponse, Response, verifier};
/// use protocol_core::{Headers, UnixTime};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let certificate = Certificate::read(include_bytes!("../../samples/wechat-pay/platform_certificate.pem"))?;
/// # let keys = Keyring::new();
/// # keys.insert(certificate.serial_no(), verifier(certificate.public_key())?);
/// # let headers = include_str!("../../samples/wechat-pay/complaint-page.headers").lines();
/// # let headers: Vec<_> = headers.filter_map(|line| line.split_once(": ")).collect();
/// # let body = include_bytes!("../../samples/wechat-pay/complaint-page.json");
/// let operation = ListComplaints::new("2025-03-01", "2025-03-14");
/// // An HTTP library sends the request. Its response:
/// let raw = RawResponse::<dyn Headers> { status: 200, headers: &headers, body };
/// let page = operation.receive(Response::new(raw, &keys, UnixTime(1_741_936_166)))?;
/// assert!(!page.data.is_empty());
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
pub struct Response<'a> {
    /// The response as it arrived.
    pub raw: RawResponse<'a, dyn Headers + 'a>,
    /// The platform's keys.
    pub keys: &'a dyn KeyStore,
    /// The time.
    pub now: UnixTime,
}

impl std::fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response").field("raw", &self.raw).field("now", &self.now).finish_non_exhaustive()
    }
}

impl<'a> Response<'a> {
    /// A response that arrived now, and the keys that verify it.
    #[must_use]
    pub const fn new(raw: RawResponse<'a, dyn Headers + 'a>, keys: &'a dyn KeyStore, now: UnixTime) -> Self {
        Self { raw, keys, now }
    }

    /// Verifies the response and reads its JSON. Errors call it `document`.
    ///
    /// # Errors
    /// [`ResponseError`]: the response is not proven to be the platform's, is no success, is not
    /// finished (202), or does not hold the JSON of `T`.
    pub fn json<T: serde::de::DeserializeOwned>(&self, document: &'static str) -> Result<T, ResponseError> {
        let body = self.finished()?.body;
        self.unless_refused(body, read_json(document, body), |_| false)
    }

    /// As [`json`](Self::json), but reads as much of the document as it can.
    pub(super) fn document<T: for<'x> WireValue<'x>>(&self, document: &'static str) -> Result<T, ResponseError> {
        let body = self.finished()?.body;
        self.unless_refused(body, read_document(document, body), |_| false)
    }

    /// The content of a verified body, or the refusal that the body holds instead. A body that
    /// could not be read, or `is_empty`, is searched for a refusal whatever its size.
    pub(super) fn unless_refused<T>(
        &self,
        body: &[u8],
        outcome: Result<T, DecodeError>,
        is_empty: impl FnOnce(&T) -> bool,
    ) -> Result<T, ResponseError> {
        if outcome.as_ref().is_ok_and(|read| !is_empty(read)) {
            return Ok(outcome?);
        }
        match find_anywhere(body) {
            Found::Refusal(refusal) => Err(self.raw.refused(*refusal, RefusalProof::Verified)),
            _ => Ok(outcome?),
        }
    }

    /// Verifies the response to an act: 204, or 200 with an empty document (`null`, `{}`, `[]`) or
    /// a code of success.
    ///
    /// # Errors
    /// [`ResponseError`]: the response is not proven to be the platform's, is no success, or is not
    /// finished (202). [`ResponseError::Malformed`] if it holds anything else, which may be a
    /// refusal.
    pub fn done(&self) -> Result<Effect, ResponseError> {
        let body = self.finished()?.body;
        match find_of_act(body) {
            Found::Success => Ok(Effect::Confirmed),
            Found::Refusal(refusal) => Err(self.raw.refused(*refusal, RefusalProof::Verified)),
            Found::Nothing | Found::Unreadable => {
                Err(DecodeError::at(ACT, b"", 0, "expected nothing, or a code of success").into())
            }
        }
    }

    pub(super) fn finished(&self) -> Result<Verified<Success<'_>>, ResponseError> {
        match self.raw.verify(self.keys, self.now)? {
            response if response.status == 202 => Err(ResponseError::NotFinished),
            response => Ok(response),
        }
    }
}

/// A request with a JSON body that the platform can read: no `null`, no character outside the basic
/// multilingual plane.
pub(super) fn json(method: Method, target: String, body: &impl Serialize) -> Result<RequestParts, BuildError> {
    let misfit = |expected| BuildError::Field { field: "the body", expected };
    let text = serde_json::to_string(body).map_err(|_| misfit("something that can be written as JSON"))?;
    if !is_plain_json(&text) {
        return Err(misfit("JSON without null and without characters outside the basic multilingual plane (emoji)"));
    }
    Ok(RequestParts::json(method, target, text.into_bytes()))
}

/// Checks JSON that is known to be well-formed. Outside its strings an `n` begins `null`. A
/// character outside the basic multilingual plane takes four bytes or is escaped as surrogates.
fn is_plain_json(json: &str) -> bool {
    let mut in_string = false;
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'n' if !in_string => return false,
            0xF0.. => return false,
            b'\\' => {
                let escape = bytes.next();
                let mut digits = bytes.clone();
                let surrogate = escape == Some(b'u')
                    && matches!(digits.next(), Some(b'd' | b'D'))
                    && matches!(digits.next(), Some(b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F'));
                if surrogate {
                    return false;
                }
            }
            _ => {}
        }
    }
    true
}

/// Checks that a text is within bounds, in characters, and has no character outside the basic
/// multilingual plane.
pub(super) fn text(
    field: &'static str,
    value: &str,
    characters: std::ops::RangeInclusive<usize>,
    expected: &'static str,
) -> Result<(), BuildError> {
    if !characters.contains(&value.chars().count()) {
        return Err(BuildError::Field { field, expected });
    }
    if value.chars().any(|character| character > '\u{ffff}') {
        return Err(BuildError::Field {
            field,
            expected: "without characters outside the basic multilingual plane (emoji)",
        });
    }
    Ok(())
}

/// As [`text`], for an optional text.
pub(super) fn optional_text(
    field: &'static str,
    value: Option<&str>,
    max: usize,
    expected: &'static str,
) -> Result<(), BuildError> {
    value.map_or(Ok(()), |value| text(field, value, 1..=max, expected))
}

/// Most pictures of one reply, and the longest id of one, in characters.
const MAX_PICTURES: usize = 4;
const MAX_UPLOADED_ID: usize = 512;

/// Checks the ids of uploaded pictures: at most 4, each of 1 to 512 characters.
pub(super) fn media_ids(field: &'static str, ids: &[String]) -> Result<(), BuildError> {
    if ids.len() > MAX_PICTURES || ids.iter().any(|id| !(1..=MAX_UPLOADED_ID).contains(&id.chars().count())) {
        return Err(BuildError::Field { field, expected: "at most 4 ids of uploaded pictures" });
    }
    Ok(())
}

/// A merchant's number.
pub(super) fn mchid(value: &str) -> Result<(), BuildError> {
    let fits = (1..=MAX_ID).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let expected = "1 to 64 letters or digits, as the complaint names it";
    if fits { Ok(()) } else { Err(BuildError::Field { field: "complainted_mchid", expected }) }
}

const COMPLAINTS: &str = "/v3/merchant-service/complaints-v2";

/// The target of a request about one complaint; `rest` begins with `/`, or is empty.
pub(super) fn complaint_target(complaint_id: &str, rest: &str) -> Result<String, BuildError> {
    let id = segment("complaint_id", complaint_id, MAX_ID, "1 to 64 characters")?;
    Ok(format!("{COMPLAINTS}/{id}{rest}"))
}

/// The target of the list.
pub(super) fn list_target(query: &str) -> String {
    format!("{COMPLAINTS}?{query}")
}

/// An opaque id as one segment of a path, percent-encoded where necessary.
pub(super) fn segment(field: &'static str, id: &str, max: usize, expected: &'static str) -> Result<String, BuildError> {
    if !(1..=max).contains(&id.chars().count()) {
        return Err(BuildError::Field { field, expected });
    }
    // A dot segment behind an escaped slash could be resolved on the way, and change the path.
    if may_resolve(id) {
        return Err(BuildError::Field { field, expected: "without dot segments and control characters" });
    }
    let mut encoded = String::with_capacity(id.len());
    encode_into(&mut encoded, id);
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_astral_characters_are_found_wherever_they_stand() {
        for json in [r#"{"a":null}"#, "[null]", "{\"a\":\"\u{1f600}\"}", r#"{"a":"\ud83d\ude00"}"#, r#"{"a":"\uD83D"}"#]
        {
            assert!(!is_plain_json(json), "{json}");
        }
        for json in
            [r#"{"null":"null"}"#, r#"{"a":"\"null"}"#, r#"{"a":"\\","n":1}"#, r#"{"a":"投诉\ud7ff\ue000"}"#, "true"]
        {
            assert!(is_plain_json(json), "{json}");
        }
    }

    #[test]
    fn an_id_is_one_segment_whatever_is_in_it() {
        assert_eq!(segment("id", "a/b?c=%投", 64, "").unwrap(), "a%2Fb%3Fc%3D%25%E6%8A%95");
        for id in ["", ".", "..", &"1".repeat(65)] {
            assert!(segment("id", id, 64, "").is_err(), "{id}");
        }
        assert!(segment("id", &"投".repeat(64), 64, "").is_ok());
    }
}
