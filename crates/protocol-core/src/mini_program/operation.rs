//! The operations of the Mini Program's server: each is one plain value.

use serde::{Serialize, Serializer};

use super::evidence::Evidence;
use super::response;
use super::response_error::ResponseError;
use crate::codec::id::{ID, is_id};
use crate::codec::json::{WireValue, read_document, read_json};
use crate::operation::{Effect, OperationInfo};
use crate::request::{BuildError, RequestParts, Stamp};
use crate::trust::Unverified;

/// An operation of the Mini Program's server. To add one, write its type, its [`OperationInfo`] and
/// this trait.
///
/// ```
/// use protocol_core::mini_program::{AccessToken, GetOrderDetail, ServerRequest};
/// use protocol_core::{Stamp, UnixTime};
///
/// # fn main() -> Result<(), protocol_core::BuildError> {
/// let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
/// let token = AccessToken::new("ACCESS_TOKEN")?;
/// let request = ServerRequest::sign(&GetOrderDetail::new("8622001"), &stamp, &token)?;
/// assert_eq!(
///     request.target(),
///     "/wxaapi/minishop/complaintOrderDetail?complaintOrderId=8622001&access_token=ACCESS_TOKEN"
/// );
/// # Ok(())
/// # }
/// ```
///
/// A custom operation, for an interface that is not built in:
///
/// ```
/// use protocol_core::mini_program::{Operation, Response, ResponseError};
/// use protocol_core::{
///     BuildError, Idempotency, Method, OperationInfo, RequestParts, Stamp, Unverified,
/// };
///
/// /// Where pushes come from, for a firewall: `GET /cgi-bin/getcallbackip`.
/// struct GetCallbackIp;
///
/// #[derive(serde::Deserialize)]
/// struct Addresses {
///     /// Addresses, and networks such as `101.226.103.0/25`.
///     ip_list: Vec<String>,
/// }
///
/// impl OperationInfo for GetCallbackIp {
///     type Response = Unverified<Addresses>;
///
///     const NAME: &'static str = "get_callback_ip";
///     const IDEMPOTENCY: Idempotency = Idempotency::Safe;
/// }
///
/// impl Operation for GetCallbackIp {
///     fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
///         Ok(RequestParts::without_body(Method::Get, "/cgi-bin/getcallbackip"))
///     }
///
///     fn receive(&self, response: Response<'_>) -> Result<Unverified<Addresses>, ResponseError> {
///         response.json("the addresses")
///     }
/// }
///
/// # fn main() -> Result<(), protocol_core::mini_program::ResponseError> {
/// let response = Response::new(200, br#"{"ip_list":["127.0.0.1","101.226.103.0/25"]}"#);
/// assert_eq!(GetCallbackIp.receive(response)?.trust_anyway().ip_list.len(), 2);
/// let response = Response::new(200, br#"{"errcode":40013,"errmsg":"invalid appid"}"#);
/// assert!(GetCallbackIp.receive(response).is_err());
/// # Ok(())
/// # }
/// ```
pub trait Operation: OperationInfo {
    /// Whether the request has an access token.
    const NEEDS_TOKEN: bool = true;

    /// The request without its token. Its inputs are checked against the documented bounds.
    /// [`ServerRequest::sign`](super::ServerRequest::sign) adds the token.
    ///
    /// # Errors
    /// [`BuildError::Field`].
    fn request(&self, stamp: &Stamp<'_>) -> Result<RequestParts, BuildError>;

    /// Reads its response. The platform signs no response: TLS and the host vouch for it, so
    /// documents stay [`Unverified`].
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

/// A response as [`Operation::receive`] takes it: status and body as they arrived. It needs no key,
/// since it is not signed.
///
/// The HTTP status is 200 for most refusals too. A body is a success if `errcode` is 0. Without an
/// `errcode`, it is a success if `code` is 0 or absent, and `success` is not `false`.
///
/// ```
/// use protocol_core::mini_program::{GetOrderDetail, Operation, Response, ServerCode, ResponseError};
///
/// # fn main() -> Result<(), protocol_core::mini_program::ResponseError> {
/// let operation = GetOrderDetail::new("8622001");
/// let response = Response::new(200, br#"{"errcode":0,"complaintOrder":{"status":201}}"#);
/// assert!(operation.receive(response)?.trust_anyway().complaint_order.is_some());
///
/// let response = Response::new(200, br#"{"errcode":40001,"errmsg":"invalid credential"}"#);
/// let error = operation.receive(response).err().ok_or(ResponseError::TooLarge)?;
/// assert!(error.is_token_error() && error.code() == Some(ServerCode::InvalidToken));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Response<'a> {
    /// HTTP status.
    pub status: u16,
    /// The body as it arrived.
    pub body: &'a [u8],
}

impl std::fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response").field("status", &self.status).field("body_len", &self.body.len()).finish()
    }
}

impl<'a> Response<'a> {
    /// A response of this status with this body.
    #[must_use]
    pub const fn new(status: u16, body: &'a [u8]) -> Self {
        Self { status, body }
    }

    /// Reads the JSON of a success. Errors call it `document`.
    ///
    /// # Errors
    /// [`ResponseError`].
    pub fn json<T: serde::de::DeserializeOwned>(&self, document: &'static str) -> Result<Unverified<T>, ResponseError> {
        self.done()?;
        Ok(Unverified::new(read_json(document, self.body)?))
    }

    /// As [`json`](Self::json), but reads as much of the document as it can.
    pub(crate) fn document<T: for<'x> WireValue<'x>>(
        &self,
        document: &'static str,
    ) -> Result<Unverified<T>, ResponseError> {
        self.done()?;
        Ok(Unverified::new(read_document(document, self.body)?))
    }

    /// Reads the response to an act: a success, or the reason why it is none.
    ///
    /// # Errors
    /// [`ResponseError`].
    pub fn done(&self) -> Result<Effect, ResponseError> {
        response::check(self.status, self.body).map(|()| Effect::Confirmed)
    }
}

/// An opaque number: written as a JSON number if it looks like one of the platform's, and as a
/// string otherwise.
pub(super) struct Number<'a>(pub(super) &'a str);

impl Serialize for Number<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.parse::<u64>() {
            Ok(number) if number.to_string() == self.0 => serializer.serialize_u64(number),
            _ => serializer.serialize_str(self.0),
        }
    }
}

/// Checks a number of the platform's, which is an id.
pub(super) fn check_number(field: &'static str, value: &str) -> Result<(), BuildError> {
    if is_id(value) { Ok(()) } else { Err(BuildError::Field { field, expected: ID }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_json_number_only_where_nothing_is_lost() {
        for (text, json) in [
            ("0", "0"),
            ("8622001", "8622001"),
            ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", r#""18446744073709551616""#),
            ("007", r#""007""#),
            ("+7", r#""+7""#),
            ("-7", r#""-7""#),
            ("sadfasdf", r#""sadfasdf""#),
        ] {
            assert_eq!(serde_json::to_string(&Number(text)).unwrap(), json);
        }
    }
}
