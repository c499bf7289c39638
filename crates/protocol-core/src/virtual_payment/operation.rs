//! The operations of virtual payment: each is one plain value.

use serde::Serialize;

use super::evidence::Evidence;
use super::merchant::Env;
use crate::codec::id::{ID, is_id};
use crate::mini_program::{Response, ResponseError};
use crate::operation::OperationInfo;
use crate::request::{BuildError, Method, RequestParts, Stamp};

/// An operation of virtual payment. To add one, write its type, its [`OperationInfo`] and this
/// trait.
///
/// A custom operation, for an interface that is not built in:
///
/// ```
/// use protocol_core::virtual_payment::{Env, Operation, Response, ResponseError};
/// use protocol_core::{
///     BuildError, Idempotency, Method, OperationInfo, RequestParts, Stamp, Unverified,
/// };
///
/// /// The merchant's balance: `POST /xpay/query_biz_balance`.
/// struct QueryBizBalance;
///
/// #[derive(serde::Deserialize)]
/// struct Balance {
///     balance_available: Amount,
/// }
///
/// #[derive(serde::Deserialize)]
/// struct Amount {
///     /// Yuan.
///     amount: String,
/// }
///
/// impl OperationInfo for QueryBizBalance {
///     type Response = Unverified<Balance>;
///
///     const NAME: &'static str = "query_biz_balance";
///     const IDEMPOTENCY: Idempotency = Idempotency::Safe;
/// }
///
/// impl Operation for QueryBizBalance {
///     fn request(&self, env: Env, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
///         let body = format!(r#"{{"env":{}}}"#, env.code());
///         Ok(RequestParts::json(Method::Post, "/xpay/query_biz_balance", body.into_bytes()))
///     }
///
///     fn receive(&self, response: Response<'_>) -> Result<Unverified<Balance>, ResponseError> {
///         response.json("a balance")
///     }
/// }
///
/// # fn main() -> Result<(), ResponseError> {
/// let response =
///     Response::new(200, br#"{"errcode":0,"balance_available":{"amount":"1.00"}}"#);
/// let balance = QueryBizBalance.receive(response)?.trust_anyway();
/// assert_eq!(balance.balance_available.amount, "1.00");
/// # Ok(())
/// # }
/// ```
pub trait Operation: OperationInfo {
    /// The request without its signature and token, which [`Merchant::sign`](super::Merchant::sign)
    /// adds. Its inputs are checked against the bounds. The body contains `env`.
    ///
    /// # Errors
    /// [`BuildError::Field`].
    fn request(&self, env: Env, stamp: &Stamp<'_>) -> Result<RequestParts, BuildError>;

    /// Reads its response. The platform signs no response: TLS and the host vouch for it, so
    /// documents stay [`Unverified`](crate::Unverified).
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

/// The body of a request: `env`, then the operation's members.
#[derive(Serialize)]
struct Body<'a, T> {
    env: u8,
    #[serde(flatten)]
    members: &'a T,
}

/// A request with these members.
pub(super) fn post(target: &'static str, env: Env, members: &impl Serialize) -> Result<RequestParts, BuildError> {
    let misfit = |_| BuildError::Field { field: "the body", expected: "something that can be written as JSON" };
    let body = serde_json::to_vec(&Body { env: env.code(), members }).map_err(misfit)?;
    Ok(RequestParts::json(Method::Post, target, body))
}

/// Checks a complaint's number.
pub(super) fn check_complaint_id(complaint_id: &str) -> Result<(), BuildError> {
    if is_id(complaint_id) { Ok(()) } else { Err(BuildError::Field { field: "complaint_id", expected: ID }) }
}
