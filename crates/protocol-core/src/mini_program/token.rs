//! The access token, and the request for it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::operation::{Operation, Response, check_number};
use super::response_error::ResponseError;
use crate::codec::json::wire_object;
use crate::error::DecodeError;
use crate::operation::{Idempotency, OperationInfo, setters};
use crate::request::{BuildError, Method, RequestParts, Stamp};
use crate::secret::{Personal, Secret};
use crate::trust::Unverified;

/// Longest access token, in characters. The documentation requires room for at least 512.
pub const MAX_ACCESS_TOKEN: usize = 4096;

/// Authorises a server to act for a Mini Program. Clones share one token in memory, which is
/// overwritten when the last one is dropped, and never shown.
#[derive(Clone)]
pub struct AccessToken(Arc<Zeroizing<String>>);

impl AccessToken {
    /// The platform's token: 1 to [`MAX_ACCESS_TOKEN`] visible ASCII characters.
    ///
    /// # Errors
    /// [`BuildError::Field`].
    pub fn new(text: impl Into<String>) -> Result<Self, BuildError> {
        let text = Zeroizing::new(text.into());
        let fits = (1..=MAX_ACCESS_TOKEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        let expected = "1 to 4096 visible ASCII characters";
        if fits { Ok(Self(Arc::new(text))) } else { Err(BuildError::Field { field: "the access token", expected }) }
    }

    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Compares in the same time wherever two tokens differ.
impl PartialEq for AccessToken {
    fn eq(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}

impl Eq for AccessToken {}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(***)")
    }
}

/// Requests the stable access token: `POST /cgi-bin/stable_token`.
///
/// Every caller gets the same token while it is valid. In its last 5 minutes a new one is issued,
/// and both are valid. Limits: 10 000 a minute, 500 000 a day.
///
/// ```
/// use std::time::Duration;
/// use protocol_core::mini_program::{GetStableToken, Operation, Response, ServerRequest};
/// use protocol_core::{Secret, Stamp, UnixTime};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let operation = GetStableToken::new("wxba5fad812f8e6fb9", Secret::new(b"c0ffee".to_vec()));
/// let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
/// assert_eq!(ServerRequest::prepare(&operation, &stamp)?.target(), "/cgi-bin/stable_token");
///
/// let response = Response::new(200, br#"{"access_token":"TOKEN","expires_in":7200}"#);
/// let issued = operation.receive(response)?.trust_anyway();
/// assert_eq!(issued.expires_in, Duration::from_secs(7200));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetStableToken {
    /// The Mini Program's application id.
    pub appid: String,
    /// The Mini Program's secret, as the console shows it.
    pub secret: Secret,
    /// Makes a new token and ends the old one: at most 20 times a day, at least 30 seconds apart.
    /// Default: `false`.
    pub force_refresh: bool,
}

impl GetStableToken {
    /// Requests the current token, without making a new one.
    #[must_use]
    pub fn new(appid: impl Into<String>, secret: Secret) -> Self {
        Self { appid: appid.into(), secret, force_refresh: false }
    }
}

setters! {
    impl GetStableToken;
    with_force_refresh(force_refresh: bool) { force_refresh }
}

impl OperationInfo for GetStableToken {
    /// TLS and the host vouch for it, nothing else.
    type Response = Unverified<IssuedToken>;

    const NAME: &'static str = "get_stable_token";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
}

impl Operation for GetStableToken {
    const NEEDS_TOKEN: bool = false;

    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        #[derive(Serialize)]
        struct Body<'a> {
            grant_type: &'static str,
            appid: &'a str,
            secret: &'a str,
            force_refresh: bool,
        }

        const FIELD: &str = "the application's secret";
        const SECRET: BuildError = BuildError::Field { field: FIELD, expected: "visible ASCII characters" };
        check_number("the application id", &self.appid)?;
        let secret = std::str::from_utf8(self.secret.expose()).map_err(|_| SECRET)?;
        if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SECRET);
        }
        let (grant_type, force_refresh) = ("client_credential", self.force_refresh);
        let body = Body { grant_type, appid: &self.appid, secret, force_refresh };
        Ok(RequestParts::json(Method::Post, "/cgi-bin/stable_token", serde_json::to_vec(&body).map_err(|_| SECRET)?))
    }

    fn receive(&self, response: Response<'_>) -> Result<Unverified<IssuedToken>, ResponseError> {
        wire_object! {
            /// The response on the wire.
            struct Issued {
                /// The token.
                access_token: Personal<String>,
                /// Seconds.
                expires_in: i64,
            }
        }

        const DOCUMENT: &str = "the response to a request for a token";
        let issued = response.json::<Issued>(DOCUMENT)?.trust_anyway();
        let misfit = |problem: &'static str| DecodeError::at(DOCUMENT, response.body, 0, problem);
        let access_token = AccessToken::new(issued.access_token.into_exposed())
            .map_err(|_| misfit("the access token is not 1 to 4096 visible ASCII characters"))?;
        let seconds = u64::try_from(issued.expires_in).map_err(|_| misfit("expires_in is negative"))?;
        Ok(Unverified::new(IssuedToken { access_token, expires_in: Duration::from_secs(seconds) }))
    }
}

/// An issued token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IssuedToken {
    /// The token.
    pub access_token: AccessToken,
    /// Remaining validity, at most 7200 seconds.
    pub expires_in: Duration,
}
