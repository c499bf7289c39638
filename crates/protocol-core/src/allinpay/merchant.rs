//! The merchant of a request, and the signature of a form: non-empty parameters, sorted by name,
//! raw values.

use std::borrow::Cow;
use std::fmt;

use super::form::{File, Form};
use super::operation::Operation;
use crate::codec::Parameters;
use crate::codec::multipart::Multipart;
use crate::crypto::{Signature, SignatureAlgorithm, Signer};
use crate::request::{BuildError, Method, Stamp, UnsentRequest, check_id};

/// `signtype`: the algorithm of both sides' signatures. It is configured, never taken from a
/// response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignType {
    /// `RSA`: PKCS#1 v1.5 with SHA-1.
    Rsa,
    /// `SM2`: SM2 with SM3, r‖s. Requests are signed under the `appid`, responses under `Allinpay`.
    Sm2,
}

impl SignType {
    /// The value on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Sm2 => "SM2",
        }
    }

    /// The signature algorithm.
    #[must_use]
    pub const fn algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::Rsa => SignatureAlgorithm::RsaSha1,
            Self::Sm2 => SignatureAlgorithm::Sm2Sm3,
        }
    }
}

/// The merchant that sends requests: application, merchant number, and for a group or an agent its
/// organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merchant {
    appid: String,
    cusid: String,
    orgid: Option<String>,
    sign_type: SignType,
}

impl Merchant {
    /// A merchant that acts for itself.
    ///
    /// # Errors
    /// [`BuildError::Field`] for an invalid id.
    pub fn new(appid: impl Into<String>, cusid: impl Into<String>, sign_type: SignType) -> Result<Self, BuildError> {
        Ok(Self {
            appid: check_id("appid", appid.into())?,
            cusid: check_id("cusid", cusid.into())?,
            orgid: None,
            sign_type,
        })
    }

    /// Acts for a group or an agent: `appid` and keys are the organisation's. If `cusid` equals
    /// `orgid`, an agent's lists hold the complaints of all merchants below it.
    ///
    /// # Errors
    /// [`BuildError::Field`]: `orgid` is not a valid id.
    pub fn with_orgid(mut self, orgid: impl Into<String>) -> Result<Self, BuildError> {
        self.orgid = Some(check_id("orgid", orgid.into())?);
        Ok(self)
    }

    /// The same organisation for one merchant below it, by the `merchantNo` of the list. An agent
    /// needs this for detail, history and replies.
    ///
    /// # Errors
    /// [`BuildError::Field`]: `cusid` is not a valid merchant number.
    pub fn about(&self, cusid: impl Into<String>) -> Result<Self, BuildError> {
        Ok(Self { cusid: check_id("cusid", cusid.into())?, ..self.clone() })
    }

    /// The application's id. It is also the SM2 user id of requests.
    #[must_use]
    pub fn appid(&self) -> &str {
        &self.appid
    }

    /// The merchant that requests are about.
    #[must_use]
    pub fn cusid(&self) -> &str {
        &self.cusid
    }

    /// The algorithm of both sides' signatures.
    #[must_use]
    pub const fn sign_type(&self) -> SignType {
        self.sign_type
    }

    /// Whether a response may name this merchant.
    pub(super) fn responses_to(&self, cusid: &str) -> bool {
        cusid == self.cusid || self.orgid.as_deref() == Some(cusid)
    }

    /// Whether a notice for a merchant is this caller's. An agent gets those of all merchants below
    /// it: they have its `appid`.
    pub(super) fn is_notified_for(&self, cusid: &str) -> bool {
        self.responses_to(cusid) || self.orgid.as_deref() == Some(&self.cusid)
    }

    /// Adds the common parameters that are not set: `appid`, `cusid`, `orgid`, `version`,
    /// `randomstr`, `signtype`.
    ///
    /// # Errors
    /// [`BuildError::Field`] for an invalid nonce.
    pub fn complete(
        &self,
        parameters: &mut Parameters,
        version: &'static str,
        stamp: &Stamp<'_>,
    ) -> Result<(), BuildError> {
        stamp.check()?;
        parameters.set_default("appid", &self.appid);
        parameters.set_default("cusid", &self.cusid);
        if let Some(orgid) = &self.orgid {
            parameters.set_default("orgid", orgid);
        }
        parameters.set_default("version", version);
        parameters.set_default("randomstr", stamp.nonce);
        parameters.set_default("signtype", self.sign_type.as_str());
        Ok(())
    }

    /// First step of two: makes the form and the string to sign. With a local key,
    /// [`Merchant::sign`] takes both steps.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn prepare<'o, O: Operation>(
        &self,
        operation: &'o O,
        stamp: &Stamp<'o>,
    ) -> Result<UnsignedForm<'o>, BuildError> {
        stamp.check()?;
        let Form { version, mut parameters, file } = operation.request(stamp)?;
        self.complete(&mut parameters, version, stamp)?;
        let (target, sign_type) = (format!("/riskfeeback/{}", O::NAME), self.sign_type);
        Ok(UnsignedForm { target, parameters, file, boundary: stamp.nonce, sign_type })
    }

    /// Takes both steps with a local signer.
    ///
    /// ```
    /// use protocol_core::allinpay::{Merchant, SignType, WxComplaintDetail, signer};
    /// use protocol_core::crypto::PrivateKey;
    /// use protocol_core::{Stamp, UnixTime};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let merchant_key = include_bytes!("../../samples/allinpay/merchant_sm2.key");
    /// let merchant = Merchant::new("00000051", "990581007426001", SignType::Sm2)?;
    /// let signer = signer(&PrivateKey::read(merchant_key)?, merchant.appid())?;
    /// let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "82712208" };
    /// let request = merchant.sign(
    ///     &WxComplaintDetail::new("200201820200101080076610000"),
    ///     &stamp,
    ///     &*signer,
    /// )?;
    /// assert_eq!(request.target(), "/riskfeeback/wxcomplaintdetail");
    /// let form = std::str::from_utf8(request.body())?;
    /// assert!(
    ///     form.starts_with("appid=00000051&complaint_id=200201820200101080076610000&")
    ///         && form.contains("&sign=")
    /// );
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn sign<O: Operation>(
        &self,
        operation: &O,
        stamp: &Stamp<'_>,
        signer: &dyn Signer,
    ) -> Result<UnsentRequest, BuildError> {
        self.prepare(operation, stamp)?.sign(signer)
    }
}

/// A form that waits for its signature.
#[must_use = "a request does nothing until it is signed and sent"]
pub struct UnsignedForm<'o> {
    target: String,
    parameters: Parameters,
    file: Option<File<'o>>,
    boundary: &'o str,
    sign_type: SignType,
}

impl fmt::Debug for UnsignedForm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsignedForm")
            .field("target", &self.target)
            .field("parameters", &self.parameters)
            .finish_non_exhaustive()
    }
}

impl UnsignedForm<'_> {
    /// The string to sign, in parts.
    #[must_use]
    pub fn parts_to_sign(&self) -> Vec<&[u8]> {
        self.parameters.parts_to_sign()
    }

    /// The parameters so far.
    #[must_use]
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Takes the second step with a local signer.
    ///
    /// # Errors
    /// [`BuildError::Algorithm`] for a signer of another algorithm than the merchant's; otherwise
    /// as [`attach`](Self::attach).
    pub fn sign(self, signer: &dyn Signer) -> Result<UnsentRequest, BuildError> {
        if signer.algorithm() != self.sign_type.algorithm() {
            return Err(BuildError::Algorithm(self.sign_type.as_str()));
        }
        let signature = signer.sign(&self.parts_to_sign())?;
        self.attach(&signature)
    }

    /// Second step: adds `sign` to the parameters and fixes the request. Its target is relative to
    /// the base address (`https://cus.allinpay.com/cusapi`).
    ///
    /// # Errors
    /// [`BuildError::Field`] if the nonce occurs in the file, so that it cannot separate the parts.
    pub fn attach(mut self, signature: &Signature) -> Result<UnsentRequest, BuildError> {
        self.parameters.set("sign", signature.to_base64());
        let (content_type, body) = match self.file {
            None => (Cow::Borrowed("application/x-www-form-urlencoded"), self.parameters.encode().into_bytes()),
            Some(file) => {
                let mut multipart = Multipart::new(self.boundary, file.bytes)?;
                for (name, value) in self.parameters.iter() {
                    multipart.part(&format!("name=\"{name}\""), None, value.as_bytes());
                }
                let disposition = format!("name=\"file\"; filename=\"{}\"", file.filename);
                multipart.part(&disposition, Some("application/octet-stream"), file.bytes);
                let (content_type, body) = multipart.finish();
                (Cow::Owned(content_type), body)
            }
        };
        let headers = vec![("Accept", Cow::Borrowed("application/json")), ("Content-Type", content_type)];
        Ok(UnsentRequest { method: Method::Post, target: self.target, headers, body })
    }
}
