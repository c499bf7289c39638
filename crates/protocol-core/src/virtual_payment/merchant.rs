//! The merchant of a request: its environment, and the key under which requests are signed.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::operation::Operation;
use crate::mini_program::{self, AccessToken, Response, ResponseError, ServerRequest};
use crate::operation::{Idempotency, OperationInfo};
use crate::rate::RateGroup;
use crate::request::{BuildError, RequestParts, Stamp};
use crate::secret::Secret;

/// The environment of a request. Each has its own `AppKey`. Exhaustive: the platform has two.
///
/// For complaints [`Sandbox`](Self::Sandbox) only selects the key: the platform returns
/// production's complaints under both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Env {
    /// Production: `0`.
    #[default]
    Production,
    /// The platform's sandbox: `1`.
    Sandbox,
}

impl Env {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Production => 0,
            Self::Sandbox => 1,
        }
    }
}

/// The merchant that sends requests: the virtual payment of one Mini Program.
///
/// ```
/// use protocol_core::mini_program::AccessToken;
/// use protocol_core::virtual_payment::{Env, GetComplaintDetail, Merchant};
/// use protocol_core::{Secret, Stamp, UnixTime};
///
/// # fn main() -> Result<(), protocol_core::BuildError> {
/// let merchant = Merchant::new(Secret::new(b"12345".to_vec()), Env::Production)?;
/// let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
/// let operation = GetComplaintDetail::new("200000020250609150295416690");
/// let request = merchant.sign(&operation, &stamp, &AccessToken::new("ACCESS_TOKEN")?)?;
/// assert!(request.target().starts_with("/xpay/get_complaint_detail?pay_sig="));
/// assert!(request.target().ends_with("&access_token=ACCESS_TOKEN"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Merchant {
    app_key: Secret,
    env: Env,
}

impl Merchant {
    /// A merchant. `app_key` is the `AppKey` of this environment, as the console shows it.
    ///
    /// # Errors
    /// [`BuildError::Field`] for a key that is not visible ASCII characters.
    pub fn new(app_key: Secret, env: Env) -> Result<Self, BuildError> {
        let bytes = app_key.expose();
        if bytes.is_empty() || !bytes.iter().all(u8::is_ascii_graphic) {
            return Err(BuildError::Field { field: "the AppKey", expected: "visible ASCII characters" });
        }
        Ok(Self { app_key, env })
    }

    /// The environment.
    #[must_use]
    pub const fn env(&self) -> Env {
        self.env
    }

    /// The operation as one of the Mini Program's server, signed under the merchant's key. A client
    /// of the Mini Program sends it.
    pub const fn signed<'a, O: Operation>(&'a self, operation: &'a O) -> Signed<'a, O> {
        Signed { merchant: self, operation }
    }

    /// The signed request, with the access token.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn sign<O: Operation>(
        &self,
        operation: &O,
        stamp: &Stamp<'_>,
        token: &AccessToken,
    ) -> Result<ServerRequest, BuildError> {
        ServerRequest::sign(&self.signed(operation), stamp, token)
    }
}

impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merchant").field("env", &self.env).finish_non_exhaustive()
    }
}

/// A signed operation: see [`Merchant::signed`].
#[derive(Debug)]
#[must_use = "an operation does nothing until it is sent"]
pub struct Signed<'a, O> {
    merchant: &'a Merchant,
    operation: &'a O,
}

impl<O: Operation> OperationInfo for Signed<'_, O> {
    type Response = O::Response;

    const NAME: &'static str = O::NAME;
    const IDEMPOTENCY: Idempotency = O::IDEMPOTENCY;
    const RATE: RateGroup = O::RATE;
    const MAX_RESPONSE: usize = O::MAX_RESPONSE;
}

impl<O: Operation> mini_program::Operation for Signed<'_, O> {
    fn request(&self, stamp: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        let mut parts = self.operation.request(self.merchant.env, stamp)?;
        let (path, query) =
            parts.target.split_once('?').map_or((&*parts.target, None), |(path, query)| (path, Some(query)));
        let signature = pay_sig(self.merchant.app_key.expose(), path, parts.body.bytes());
        let query = query.map_or_else(String::new, |query| format!("{query}&"));
        parts.target = format!("{path}?{query}pay_sig={signature}");
        Ok(parts)
    }

    fn receive(&self, response: Response<'_>) -> Result<O::Response, ResponseError> {
        self.operation.receive(response)
    }
}

/// `pay_sig`: HMAC-SHA256 over path, `&` and body, in lower-case hexadecimal. The body is signed
/// byte for byte as it is sent.
///
/// ```
/// use protocol_core::virtual_payment::pay_sig;
///
/// let body = br#"{"openid": "xxx", "user_ip": "127.0.0.1", "env": 0}"#;
/// assert_eq!(
///     pay_sig(b"12345", "/xpay/query_user_balance", body),
///     "c37809f27c6d7fd1837ad2500a04512b66b34fd793a39a385fade56dca89a4b5"
/// );
/// ```
#[must_use]
pub fn pay_sig(app_key: &[u8], path: &str, body: &[u8]) -> String {
    // HMAC takes a key of any length. If that ever fails, the platform refuses the empty signature.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(app_key) else { return String::new() };
    [path.as_bytes(), b"&", body].iter().for_each(|piece| mac.update(piece));
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
