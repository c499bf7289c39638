//! Request signing: the five signed lines, and the `Authorization` header with the signature.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

use super::operation::Operation;
use super::verification::VerificationError;
use crate::crypto::{Signature, SignatureAlgorithm, Signer};
use crate::request::{Body, BuildError, RequestParts, Stamp, UnsentRequest, check_id as id};
use crate::time::UnixTime;

/// The merchant that signs: its number, certificate serial and algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merchant {
    mchid: String,
    serial_no: String,
    scheme: Scheme,
    platform_key_id: Option<String>,
}

/// The scheme of a signature: the first word of an `Authorization`, and `Wechatpay-Signature-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// `WECHATPAY2-SHA256-RSA2048`
    Rsa,
    /// `WECHATPAY2-SM2-WITH-SM3`
    Sm2,
}

impl Scheme {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "WECHATPAY2-SHA256-RSA2048",
            Self::Sm2 => "WECHATPAY2-SM2-WITH-SM3",
        }
    }

    /// The signature algorithm.
    #[must_use]
    pub const fn algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::Rsa => SignatureAlgorithm::RsaSha256,
            Self::Sm2 => SignatureAlgorithm::Sm2Sm3,
        }
    }

    /// The scheme of an algorithm; `None` for one that WeChat Pay does not use.
    #[must_use]
    pub const fn of(algorithm: SignatureAlgorithm) -> Option<Self> {
        match algorithm {
            SignatureAlgorithm::RsaSha256 => Some(Self::Rsa),
            SignatureAlgorithm::Sm2Sm3 => Some(Self::Sm2),
            SignatureAlgorithm::RsaSha1 => None,
        }
    }

    /// The scheme with this word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Rsa, Self::Sm2].into_iter().find(|scheme| scheme.as_str() == name)
    }
}

impl Merchant {
    /// A merchant by number and by serial of its API *certificate* (40 upper-case hexadecimal
    /// digits).
    ///
    /// # Errors
    /// [`BuildError::Field`] for a value no header can carry.
    pub fn new(mchid: impl Into<String>, serial_no: impl Into<String>, scheme: Scheme) -> Result<Self, BuildError> {
        Ok(Self {
            mchid: id("mchid", mchid.into())?,
            serial_no: id("serial_no", serial_no.into())?,
            scheme,
            platform_key_id: None,
        })
    }

    /// Names the platform's key in every request (`Wechatpay-Serial`): the response is then signed
    /// with a key of that kind.
    ///
    /// # Errors
    /// [`BuildError::Field`] for a value no header can carry.
    pub fn with_platform_key(mut self, key_id: impl Into<String>) -> Result<Self, BuildError> {
        self.platform_key_id = Some(id("the platform key's id", key_id.into())?);
        Ok(self)
    }

    /// Serial of the merchant's certificate.
    #[must_use]
    pub fn serial_no(&self) -> &str {
        &self.serial_no
    }

    /// First step of two: makes the bytes to sign. With a local key, [`Merchant::sign`] takes both
    /// steps.
    ///
    /// ```
    /// use protocol_core::crypto::Signature;
    /// use protocol_core::wechat_pay::{GetComplaint, Merchant, Scheme};
    /// use protocol_core::{Stamp, UnixTime};
    ///
    /// # fn main() -> Result<(), protocol_core::BuildError> {
    /// let merchant =
    ///     Merchant::new("1900007291", "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB", Scheme::Rsa)?;
    /// let stamp =
    ///     Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
    /// let unsigned =
    ///     merchant.prepare(&GetComplaint::new("200201820200101080076610000"), &stamp)?;
    ///
    /// // A key service signs these bytes, one after the other.
    /// let string_to_sign = unsigned.parts_to_sign().concat();
    /// assert!(
    ///     string_to_sign.starts_with(
    ///         b"GET\n/v3/merchant-service/complaints-v2/200201820200101080076610000\n"
    ///     )
    /// );
    /// # let signature_of_the_service = vec![0; 256];
    /// let request = unsigned.attach(&Signature::new(signature_of_the_service));
    /// assert!(request.headers().any(|(name, _)| name == "Authorization"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn prepare<O: Operation>(&self, operation: &O, stamp: &Stamp<'_>) -> Result<UnsignedRequest<'_>, BuildError> {
        self.prepare_parts(operation.request(stamp)?, stamp)
    }

    /// As [`prepare`](Self::prepare), for a request without an [`Operation`].
    ///
    /// # Errors
    /// [`BuildError::Field`] for a nonce or a target that cannot be signed.
    pub fn prepare_parts(&self, parts: RequestParts, stamp: &Stamp<'_>) -> Result<UnsignedRequest<'_>, BuildError> {
        stamp.check()?;
        let target_fits = parts.target.starts_with('/')
            && parts.target.bytes().all(|byte| matches!(byte, b'!'..=b'~') && byte != b'#');
        if !target_fits {
            return Err(BuildError::Field {
                field: "the target",
                expected: "a path from '/' and a query, percent-encoded, without host and fragment",
            });
        }
        let head = format!("{}\n{}\n{}\n{}\n", parts.method.as_str(), parts.target, stamp.now, stamp.nonce);
        Ok(UnsignedRequest { merchant: self, parts, head, now: stamp.now, nonce: stamp.nonce.to_owned() })
    }

    /// Takes both steps with a local signer.
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

/// A request that waits for its signature, by a local signer or a remote key service.
///
/// ```
/// use protocol_core::crypto::{PrivateKey, Signer};
/// use protocol_core::wechat_pay::{Merchant, Scheme, signer};
/// use protocol_core::{Method, RequestParts, Stamp, UnixTime};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let pem = include_bytes!("../../tests/vectors/wechatpay/official/apiclient_test_key.pem");
/// let merchant =
///     Merchant::new("1900007291", "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB", Scheme::Rsa)?;
/// let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
/// let parts =
///     RequestParts::without_body(Method::Get, "/v3/merchant-service/complaint-notifications");
///
/// let unsigned = merchant.prepare_parts(parts, &stamp)?;
/// // The key service signs the concatenation of these slices …
/// let signature = signer(&PrivateKey::read(pem)?)?.sign(&unsigned.parts_to_sign())?;
/// // … and the request is ready to be sent by any HTTP client.
/// let request = unsigned.attach(&signature);
/// assert!(
///     request.headers().any(|(name, value)| name == "Authorization"
///         && value.starts_with("WECHATPAY2-SHA256-RSA2048 "))
/// );
/// # Ok(())
/// # }
/// ```
#[must_use = "a request does nothing until it is signed and sent"]
pub struct UnsignedRequest<'m> {
    merchant: &'m Merchant,
    parts: RequestParts,
    head: String,
    now: UnixTime,
    nonce: String,
}

impl fmt::Debug for UnsignedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsignedRequest")
            .field("merchant", &self.merchant)
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

impl UnsignedRequest<'_> {
    /// The string to sign, in parts: method, target, time and nonce, each on its own line; the
    /// signed part of the body; a line feed.
    #[must_use]
    pub fn parts_to_sign(&self) -> [&[u8]; 3] {
        [self.head.as_bytes(), self.parts.body.signed_bytes(), b"\n"]
    }

    /// Takes the second step with a local signer.
    ///
    /// # Errors
    /// [`BuildError::Algorithm`] for a signer of another scheme than the merchant's,
    /// [`BuildError::Crypto`].
    pub fn sign(self, signer: &dyn Signer) -> Result<UnsentRequest, BuildError> {
        let scheme = self.merchant.scheme;
        if signer.algorithm() != scheme.algorithm() {
            return Err(BuildError::Algorithm(scheme.as_str()));
        }
        let signature = signer.sign(&self.parts_to_sign())?;
        Ok(self.attach(&signature))
    }

    /// Second step: puts the signature into `Authorization` and fixes the request.
    pub fn attach(self, signature: &Signature) -> UnsentRequest {
        let authorization = Authorization {
            scheme: Cow::Borrowed(self.merchant.scheme.as_str()),
            mchid: Cow::Borrowed(&self.merchant.mchid),
            nonce_str: Cow::Borrowed(&self.nonce),
            signature: Cow::Owned(signature.to_base64()),
            timestamp: self.now,
            serial_no: Cow::Borrowed(&self.merchant.serial_no),
        };
        let mut headers: Vec<(&'static str, Cow<'static, str>)> = Vec::with_capacity(4);
        headers.push(("Authorization", Cow::Owned(authorization.to_string())));
        headers.push(("Accept", Cow::Borrowed(self.parts.accept)));
        headers.extend(self.parts.content_type.map(|content_type| ("Content-Type", content_type)));
        headers.extend(self.merchant.platform_key_id.clone().map(|id| ("Wechatpay-Serial", Cow::Owned(id))));
        let RequestParts { method, target, body, .. } = self.parts;
        UnsentRequest { method, target, headers, body: Body::into_bytes(body) }
    }
}

/// The parts of an `Authorization` header.
///
/// Members are written in the order of the platform's own examples, and read in any order.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authorization<'a> {
    /// The scheme's word.
    pub scheme: Cow<'a, str>,
    /// Merchant number.
    pub mchid: Cow<'a, str>,
    /// The nonce that was signed.
    pub nonce_str: Cow<'a, str>,
    /// Base64 of the signature.
    pub signature: Cow<'a, str>,
    /// The time that was signed.
    pub timestamp: UnixTime,
    /// Serial of the merchant's certificate.
    pub serial_no: Cow<'a, str>,
}

impl fmt::Display for Authorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.scheme)?;
        f.write_str(" mchid=\"")?;
        f.write_str(&self.mchid)?;
        f.write_str("\",nonce_str=\"")?;
        f.write_str(&self.nonce_str)?;
        f.write_str("\",signature=\"")?;
        f.write_str(&self.signature)?;
        f.write_str("\",timestamp=\"")?;
        write!(f, "{}", self.timestamp)?;
        f.write_str("\",serial_no=\"")?;
        f.write_str(&self.serial_no)?;
        f.write_char('"')
    }
}

impl<'a> Authorization<'a> {
    /// Parses a header. Unknown members are skipped.
    ///
    /// ```
    /// use protocol_core::wechat_pay::Authorization;
    ///
    /// # fn main() -> Result<(), protocol_core::wechat_pay::VerificationError> {
    /// let header = "WECHATPAY2-SHA256-RSA2048 mchid=\"1900007291\",nonce_str=\"593BEC0C930BF1AFEB40B4A08C8FB242\",\
    ///               signature=\"c2ln\",timestamp=\"1554208460\",serial_no=\"408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB\"";
    /// let authorization = Authorization::parse(header)?;
    /// assert_eq!(authorization.mchid, "1900007291");
    /// assert_eq!(authorization.to_string(), header);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`VerificationError::MalformedHeader`].
    pub fn parse(header: &'a str) -> Result<Self, VerificationError> {
        let (scheme, list) = header.trim().split_once(' ').ok_or(malformed(LIST))?;
        let [mut mchid, mut nonce_str, mut signature, mut timestamp, mut serial_no] = [None; 5];
        for member in list.split(',') {
            let (name, value) = member.trim().split_once('=').ok_or(malformed(LIST))?;
            let value = value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'))
                .filter(|value| !value.contains('"'))
                .ok_or(malformed(LIST))?;
            let (expected, slot) = match name {
                "mchid" => (MCHID, &mut mchid),
                "nonce_str" => (NONCE_STR, &mut nonce_str),
                "signature" => (SIGNATURE, &mut signature),
                "timestamp" => (TIMESTAMP, &mut timestamp),
                "serial_no" => (SERIAL_NO, &mut serial_no),
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(malformed(expected));
            }
        }
        let member = |expected, value: Option<&'a str>| value.ok_or(malformed(expected));
        Ok(Self {
            scheme: Cow::Borrowed(scheme),
            mchid: member(MCHID, mchid)?.into(),
            nonce_str: member(NONCE_STR, nonce_str)?.into(),
            signature: member(SIGNATURE, signature)?.into(),
            timestamp: UnixTime::from_digits(member(TIMESTAMP, timestamp)?).ok_or(malformed(TIMESTAMP))?,
            serial_no: member(SERIAL_NO, serial_no)?.into(),
        })
    }
}

/// The expected form of an `Authorization` header, in errors.
const LIST: &str = "a scheme and a list of name=\"value\"";
const MCHID: &str = "a list with mchid once";
const NONCE_STR: &str = "a list with nonce_str once";
const SIGNATURE: &str = "a list with signature once";
const TIMESTAMP: &str = "a list with timestamp once, in seconds";
const SERIAL_NO: &str = "a list with serial_no once";

const fn malformed(expected: &'static str) -> VerificationError {
    VerificationError::MalformedHeader { header: "Authorization", expected }
}

/// Leaves out the nonce and the signature: for five minutes they suffice to repeat the request.
impl fmt::Debug for Authorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization")
            .field("scheme", &self.scheme)
            .field("mchid", &self.mchid)
            .field("timestamp", &self.timestamp)
            .field("serial_no", &self.serial_no)
            .finish_non_exhaustive()
    }
}
