//! What can be asked of the Mini Program's server: one plain value an operation.

use serde::{Serialize, Serializer};

use super::evidence::Evidence;
use super::response;
use super::server_error::ServerError;
use crate::codec::id::{ID, is_id};
use crate::error::DecodeError;
use crate::request::{BuildError, Idempotency, RequestParts};
use crate::trust::Unverified;

/// An operation. To add one, write its type and this.
///
/// ```
/// use protocol_core::mini_program::{AccessToken, GetOrderDetail, Operation, ServerRequest};
///
/// # fn main() -> Result<(), protocol_core::BuildError> {
/// let operation = GetOrderDetail::new("8622001");
/// let request = ServerRequest::new(operation.request("n0nce")?).with_token(&AccessToken::new("ACCESS_TOKEN")?);
/// assert_eq!(
///     request.target(),
///     "/wxaapi/minishop/complaintOrderDetail?complaintOrderId=8622001&access_token=ACCESS_TOKEN"
/// );
/// # Ok(())
/// # }
/// ```
///
/// One of your own, where none is built in:
///
/// ```
/// use protocol_core::codec::decode_json;
/// use protocol_core::mini_program::Operation;
/// use protocol_core::{BuildError, DecodeError, Idempotency, Method, RequestParts};
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
/// impl Operation for GetCallbackIp {
///     type Response = Addresses;
///
///     const NAME: &'static str = "get_callback_ip";
///     const IDEMPOTENCY: Idempotency = Idempotency::Safe;
///
///     fn request(&self, _: &str) -> Result<RequestParts, BuildError> {
///         Ok(RequestParts::without_body(Method::Get, "/cgi-bin/getcallbackip"))
///     }
///
///     fn decode(body: &[u8]) -> Result<Addresses, DecodeError> {
///         // `receive` marks it as unverified.
///         Ok(decode_json("the addresses", body)?.trust_anyway())
///     }
/// }
///
/// # fn main() -> Result<(), protocol_core::mini_program::ServerError> {
/// let addresses = GetCallbackIp.receive(200, br#"{"ip_list":["127.0.0.1","101.226.103.0/25"]}"#)?.trust_anyway();
/// assert_eq!(addresses.ip_list.len(), 2);
/// assert!(GetCallbackIp.receive(200, br#"{"errcode":40013,"errmsg":"invalid appid"}"#).is_err());
/// # Ok(())
/// # }
/// ```
pub trait Operation {
    /// What its response says.
    type Response;

    /// Its name, for traces and tables.
    const NAME: &'static str;

    /// What sending it twice does.
    const IDEMPOTENCY: Idempotency;

    /// Whether an access token goes with it: [`ServerRequest::with_token`](super::ServerRequest::with_token).
    const NEEDS_TOKEN: bool = true;

    /// The request without its token, its inputs checked. `nonce`, 1 to 70 letters and digits, separates the parts of an upload.
    ///
    /// # Errors
    /// [`BuildError::Field`].
    fn request(&self, nonce: &str) -> Result<RequestParts, BuildError>;

    /// Reads the body of a success.
    ///
    /// # Errors
    /// [`DecodeError`].
    fn decode(body: &[u8]) -> Result<Self::Response, DecodeError>;

    /// Reads its response. Nobody signs it: TLS and the host vouch for it, so it stays [`Unverified`].
    ///
    /// The HTTP status is 200 for most refusals too. A body is a success where `errcode` is 0; or where there is none, `code` is
    /// 0 or absent too, and `success` is not `false`.
    ///
    /// ```
    /// use protocol_core::mini_program::{GetOrderDetail, Operation, ServerCode, ServerError};
    ///
    /// # fn main() -> Result<(), protocol_core::mini_program::ServerError> {
    /// let operation = GetOrderDetail::new("8622001");
    /// let detail = operation.receive(200, br#"{"errcode":0,"complaintOrder":{"status":201}}"#)?.trust_anyway();
    /// assert!(detail.complaint_order.is_some());
    ///
    /// let refused = operation.receive(200, br#"{"errcode":40001,"errmsg":"invalid credential"}"#);
    /// let error = refused.err().ok_or(ServerError::TooLarge)?;
    /// assert!(error.is_token_error() && error.code() == Some(ServerCode::InvalidToken));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ServerError`].
    fn receive(&self, status: u16, body: &[u8]) -> Result<Unverified<Self::Response>, ServerError> {
        response::check(status, body)?;
        Ok(Unverified::new(Self::decode(body)?))
    }

    /// How it is recognised where its response is lost, and what its response is then. Default: `None`, for an operation that may
    /// be sent again or whose outcome may stay unknown.
    fn evidence(&self) -> Option<(Evidence, Self::Response)> {
        None
    }
}

/// A number that is opaque: written as a JSON number where the platform's own would be, and as a string otherwise.
pub(super) struct Number<'a>(pub(super) &'a str);

impl Serialize for Number<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.parse::<u64>() {
            Ok(number) if number.to_string() == self.0 => serializer.serialize_u64(number),
            _ => serializer.serialize_str(self.0),
        }
    }
}

/// A number of the platform's, an id.
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
