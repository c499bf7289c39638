//! Allinpay's operations: each is one plain value.

use std::fmt;

use super::evidence::Evidence;
use super::form::Form;
use super::handled::Handled;
use super::merchant::Merchant;
use super::response::Members;
use super::response_error::ResponseError;
use super::seen::SeenSigns;
use crate::crypto::Verifier;
use crate::operation::{Effect, OperationInfo};
use crate::request::{BuildError, Stamp};
use crate::trust::Verified;

/// An operation of Allinpay. To add one, write its type, its [`OperationInfo`] and this trait.
///
/// A custom operation, for an interface that is not built in:
///
/// ```
/// use protocol_core::allinpay::{Form, Operation, Response, ResponseError};
/// use protocol_core::{BuildError, Idempotency, OperationInfo, Stamp};
///
/// /// Whether a merchant is on the list of frauds: `customerriskqry`.
/// struct CustomerRisk<'a> {
///     licenseno: &'a str,
///     name: &'a str,
/// }
///
/// impl OperationInfo for CustomerRisk<'_> {
///     /// JSON of the response's members.
///     type Response = Vec<(String, String)>;
///
///     const NAME: &'static str = "customerriskqry";
///     const IDEMPOTENCY: Idempotency = Idempotency::Safe;
/// }
///
/// impl Operation for CustomerRisk<'_> {
///     fn request(&self, _: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
///         if self.licenseno.is_empty() {
///             return Err(BuildError::Field {
///                 field: "licenseno",
///                 expected: "the number of a licence",
///             });
///         }
///         let mut form = Form::of_version("01");
///         form.set("licenseno", self.licenseno);
///         form.set("name", self.name);
///         Ok(form)
///     }
///
///     fn receive(&self, response: Response<'_>) -> Result<Self::Response, ResponseError> {
///         let members = response.open()?;
///         Ok(members.members().map(|(name, json)| (name.to_owned(), json.into_owned())).collect())
///     }
/// }
/// # let merchant = protocol_core::allinpay::Merchant::new("1", "2", protocol_core::allinpay::SignType::Sm2)?;
/// # let stamp = Stamp { now: protocol_core::UnixTime(1_741_936_166), nonce: "82712208" };
/// # let form = merchant.prepare(&CustomerRisk { licenseno: "91440101MA5", name: "店" }, &stamp)?;
/// # assert_eq!(form.parameters().get("version"), Some("01"));
/// # assert_eq!(form.parameters().get("name"), Some("店"));
/// # assert!(CustomerRisk { licenseno: "", name: "" }.request(&stamp).is_err());
/// # Ok::<(), BuildError>(())
/// ```
pub trait Operation: OperationInfo {
    /// The form. Its inputs are checked against the documented bounds. [`Merchant::sign`] adds the
    /// common parameters.
    ///
    /// # Errors
    /// [`BuildError::Field`] for a value out of bounds.
    fn request(&self, stamp: &Stamp<'_>) -> Result<Form<'_>, BuildError>;

    /// Verifies and reads its response. Before the content is read, a `handlestate` of 3999 is
    /// [`ResponseError::Failed`], and a refusal of WeChat's or Alipay's in `records` is
    /// [`ResponseError::Refused`].
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

/// A response as [`Operation::receive`] takes it: the body as it arrived, the merchant that asked,
/// and the platform's key.
///
/// ```
/// use protocol_core::allinpay::{
///     Merchant, Operation, Response, SignType, WxComplaintHistory, verifier,
/// };
/// use protocol_core::crypto::PublicKey;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let platform_key = include_bytes!("../../samples/allinpay/platform_sm2.pub");
/// # let body = include_bytes!("../../samples/allinpay/history.json");
/// let merchant = Merchant::new("00000051", "990581007426001", SignType::Sm2)?;
/// let verifier = verifier(&PublicKey::read(platform_key)?)?;
/// let operation = WxComplaintHistory::new("200201820200101080076610000");
/// let history = operation.receive(Response::new(body, &merchant, &*verifier))?;
/// assert!(!history.data.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Response<'a> {
    /// The body as it arrived.
    pub body: &'a [u8],
    /// The merchant that asked.
    pub merchant: &'a Merchant,
    /// The platform's key.
    pub verifier: &'a dyn Verifier,
    /// If given, a response whose signature was seen before is refused: see
    /// [`Merchant::open_once`].
    pub seen: Option<&'a SeenSigns>,
    /// Receives the platform's words beside the document, once the signature has verified.
    pub on_handled: Option<&'a dyn Fn(&Handled)>,
}

impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("body_len", &self.body.len()).finish_non_exhaustive()
    }
}

impl<'a> Response<'a> {
    /// A response to this merchant, and the key that verifies it.
    #[must_use]
    pub const fn new(body: &'a [u8], merchant: &'a Merchant, verifier: &'a dyn Verifier) -> Self {
        Self { body, merchant, verifier, seen: None, on_handled: None }
    }

    /// Verifies the response.
    ///
    /// # Errors
    /// [`ResponseError`], as [`Merchant::open`].
    pub fn open(&self) -> Result<Verified<Members<'a>>, ResponseError> {
        let members = match self.seen {
            Some(seen) => self.merchant.open_once(self.body, self.verifier, seen)?,
            None => self.merchant.open(self.body, self.verifier)?,
        };
        if let Some(hear) = self.on_handled {
            hear(&members.handled());
        }
        Ok(members)
    }

    /// Verifies the response and reads the JSON that `records` holds. Errors call it `document`.
    ///
    /// # Errors
    /// [`ResponseError`], as [`Merchant::open`] and [`Verified::records`].
    pub fn json<T: serde::de::DeserializeOwned>(&self, document: &'static str) -> Result<T, ResponseError> {
        self.open()?.records(document)
    }

    /// Verifies the response to an act.
    ///
    /// # Errors
    /// [`ResponseError`], as [`Merchant::open`] and [`Verified::done`].
    pub fn done(&self) -> Result<Effect, ResponseError> {
        self.open()?.done()
    }
}
