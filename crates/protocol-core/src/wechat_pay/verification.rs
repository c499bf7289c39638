//! The verification of every response and every notification, before any part of it is read.
//!
//! Order: headers present, once each and well-formed; probe; clock; key by serial; signature.

use super::auth::Scheme;
use crate::codec::base64;
use crate::crypto::{KeyStore, SignatureAlgorithm, UnknownKeyReason, Verifier};
use crate::error::{Delivery, Fault};
use crate::failure::Failure;
use crate::headers::{Header, Headers};
use crate::limits::{CLOCK_WINDOW_SECONDS, MAX_HEADER_VALUE};
use crate::time::UnixTime;

const TIMESTAMP: &str = "Wechatpay-Timestamp";
const NONCE: &str = "Wechatpay-Nonce";
const SERIAL: &str = "Wechatpay-Serial";
const SIGNATURE: &str = "Wechatpay-Signature";
const SIGNATURE_TYPE: &str = "Wechatpay-Signature-Type";

/// The prefix by which the platform tests whether receivers verify signatures.
const PROBE: &str = "WECHATPAY/SIGNTEST/";

/// Why a message is refused. No part of it was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerificationError {
    /// The message is larger than anything the platform sends.
    #[error("the body has more than {limit} bytes")]
    TooLarge {
        /// The bound, in bytes.
        limit: usize,
    },
    /// A signature header is missing or empty, for example because a proxy strips `Wechatpay-*`.
    #[error("the header {0} is missing")]
    MissingHeader(&'static str),
    /// A signature header occurs twice.
    #[error("the header {0} occurs more than once")]
    RepeatedHeader(&'static str),
    /// A signature header, or `Authorization`, has a value that its sender never writes.
    #[error("the header {header} is not {expected}")]
    MalformedHeader {
        /// The header's name.
        header: &'static str,
        /// The expected value.
        expected: &'static str,
    },
    /// A deliberately wrong signature, by which the platform tests the receiver. Refuse it like any
    /// other (4xx or 5xx): the platform then sends the message with the right signature. It is not
    /// an attack; do not count it as one.
    #[error("the platform is probing whether signatures are verified; refusing is the right response")]
    Probe,
    /// The message's clock and ours are too far apart.
    #[error("the message is dated {seconds} seconds {direction}; {CLOCK_WINDOW_SECONDS} are too many", direction = if *.future { "from now" } else { "ago" })]
    StaleTimestamp {
        /// The difference between the clocks.
        seconds: u64,
        /// Whether the message is ahead of our clock.
        future: bool,
    },
    /// No usable key has the id that the message names. Fetch the platform's certificates, or add
    /// its public key; never try another key.
    #[error("no key with the id {key_id} {reason}")]
    UnknownKey {
        /// The id, as the message has it.
        key_id: String,
        /// Why there is none.
        reason: UnknownKeyReason,
    },
    /// The signature does not belong to these bytes: forged, or changed in transit (re-serialised,
    /// re-encoded).
    #[error("the signature does not verify")]
    BadSignature,
}

impl VerificationError {
    /// The meaning for the call whose response is refused. For a notification, only the fault has a
    /// meaning. After a probe, the platform sends the message again with the right signature.
    #[must_use]
    pub const fn failure(&self) -> Failure {
        match self {
            Self::Probe => Failure::new(Fault::Platform, Delivery::Unknown).with_is_retryable(true),
            _ => Failure::new(Fault::Peer, Delivery::Unknown),
        }
    }
}

/// The signature headers of a response or a notification.
///
/// ```
/// use protocol_core::UnixTime;
/// use protocol_core::crypto::{Certificate, KeyStore, Keyring};
/// use protocol_core::wechat_pay::{SignatureHeaders, VerificationError, verifier};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let certificate = Certificate::read(include_bytes!("../../samples/wechat-pay/platform_certificate.pem"))?;
/// # let keys = Keyring::new();
/// # keys.insert(certificate.serial_no(), verifier(certificate.public_key())?);
/// # let headers: Vec<_> = include_str!("../../samples/wechat-pay/notification.headers").lines().filter_map(|line| line.split_once(": ")).collect();
/// # let body = include_bytes!("../../samples/wechat-pay/notification.json");
/// // Step by step, to show which step failed; `verify` does all of them.
/// let signed = SignatureHeaders::read(&headers)?;
/// signed.check_probe()?;
/// signed.check_clock(UnixTime(1_741_936_166))?;
/// let key = keys.find(signed.serial(), UnixTime(1_741_936_166))?;
/// signed.check_signature(body, &*key)?;
/// assert_eq!(signed.check_signature(b"{}", &*key), Err(VerificationError::BadSignature));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct SignatureHeaders<'a> {
    timestamp: &'a str,
    time: UnixTime,
    /// `None` for a value that is not text: no signature fits then.
    nonce: Option<&'a str>,
    serial: &'a str,
    /// `None` as for the nonce.
    signature: Option<&'a str>,
    algorithm: SignatureAlgorithm,
}

impl std::fmt::Debug for SignatureHeaders<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignatureHeaders")
            .field("time", &self.time)
            .field("serial", &self.serial)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl<'a> SignatureHeaders<'a> {
    /// Reads the headers. Each is required once, in the platform's format.
    ///
    /// # Errors
    /// [`VerificationError`] about a header.
    pub fn read(headers: &'a (impl Headers + ?Sized)) -> Result<Self, VerificationError> {
        let timestamp = required(headers, TIMESTAMP)?;
        let nonce = required_to_verify(headers, NONCE)?;
        let serial = required(headers, SERIAL)?;
        let signature = required_to_verify(headers, SIGNATURE)?;
        let algorithm = match optional(headers, SIGNATURE_TYPE)? {
            None => SignatureAlgorithm::RsaSha256,
            Some(name) => {
                let malformed = VerificationError::MalformedHeader {
                    header: SIGNATURE_TYPE,
                    expected: "WECHATPAY2-SHA256-RSA2048 or WECHATPAY2-SM2-WITH-SM3",
                };
                Scheme::from_name(name).ok_or(malformed)?.algorithm()
            }
        };
        let time = UnixTime::from_digits(timestamp)
            .ok_or(VerificationError::MalformedHeader { header: TIMESTAMP, expected: "a number of seconds" })?;
        Ok(Self { timestamp, time, nonce, serial, signature, algorithm })
    }

    /// Whether any of the four signature headers is present. A message without any is not signed.
    #[must_use]
    pub fn any(headers: &(impl Headers + ?Sized)) -> bool {
        [TIMESTAMP, NONCE, SERIAL, SIGNATURE].into_iter().any(|name| headers.header(name) != Header::Absent)
    }

    /// The time that the platform signed.
    #[must_use]
    pub const fn time(&self) -> UnixTime {
        self.time
    }

    /// The serial or public-key id of the platform's key.
    #[must_use]
    pub const fn serial(&self) -> &'a str {
        self.serial
    }

    /// The signature, unchanged and not yet decoded; empty if it is not text.
    #[must_use]
    pub fn signature(&self) -> &'a str {
        self.signature.unwrap_or_default()
    }

    /// The signature's algorithm, from `Wechatpay-Signature-Type`. Default: RSA.
    #[must_use]
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The string to verify, in parts: time, nonce and body, each followed by a line feed.
    #[must_use]
    pub fn parts_to_verify<'p>(&'p self, body: &'p [u8]) -> [&'p [u8]; 6] {
        [self.timestamp.as_bytes(), b"\n", self.nonce.unwrap_or_default().as_bytes(), b"\n", body, b"\n"]
    }

    /// Refuses probes.
    ///
    /// # Errors
    /// [`VerificationError::Probe`].
    pub fn check_probe(&self) -> Result<(), VerificationError> {
        if self.signature.is_some_and(|signature| signature.starts_with(PROBE)) {
            Err(VerificationError::Probe)
        } else {
            Ok(())
        }
    }

    /// Refuses a time 300 seconds or more away from `now`, either way.
    ///
    /// # Errors
    /// [`VerificationError::StaleTimestamp`].
    pub fn check_clock(&self, now: UnixTime) -> Result<(), VerificationError> {
        let seconds = self.time.distance(now);
        if seconds < CLOCK_WINDOW_SECONDS {
            Ok(())
        } else {
            Err(VerificationError::StaleTimestamp { seconds, future: self.time > now })
        }
    }

    /// Checks everything except the headers: probe, clock, key, signature.
    ///
    /// # Errors
    /// [`VerificationError`].
    pub fn verify(&self, body: &[u8], keys: &dyn KeyStore, now: UnixTime) -> Result<(), VerificationError> {
        self.check_probe()?;
        self.check_clock(now)?;
        self.check_signature(body, &*keys.find(self.serial, now)?)
    }

    /// Refuses a signature that does not fit these bytes under this key.
    ///
    /// # Errors
    /// [`VerificationError::BadSignature`].
    pub fn check_signature(&self, body: &[u8], key: &dyn Verifier) -> Result<(), VerificationError> {
        let signature = self.signature.filter(|_| self.nonce.is_some()).and_then(base64::decode);
        let signature =
            signature.filter(|_| key.algorithm() == self.algorithm).ok_or(VerificationError::BadSignature)?;
        key.verify(&self.parts_to_verify(body), &signature).map_err(|_| VerificationError::BadSignature)
    }
}

/// A required header. A value that is not text, or is too long, is reported as a bad signature
/// rather than a malformed header, so that probes of any length are still recognised.
fn required_to_verify<'a>(
    headers: &'a (impl Headers + ?Sized),
    name: &'static str,
) -> Result<Option<&'a str>, VerificationError> {
    match headers.header(name) {
        Header::Text(value) if value.starts_with(PROBE) => Ok(Some(value)),
        Header::Text(value) if value.len() > MAX_HEADER_VALUE => Ok(None),
        Header::NotText => Ok(None),
        header => value(header, name)?.map(Some).ok_or(VerificationError::MissingHeader(name)),
    }
}

fn required<'a>(headers: &'a (impl Headers + ?Sized), name: &'static str) -> Result<&'a str, VerificationError> {
    optional(headers, name)?.ok_or(VerificationError::MissingHeader(name))
}

fn optional<'a>(
    headers: &'a (impl Headers + ?Sized),
    name: &'static str,
) -> Result<Option<&'a str>, VerificationError> {
    value(headers.header(name), name)
}

fn value<'a>(header: Header<'a>, name: &'static str) -> Result<Option<&'a str>, VerificationError> {
    let malformed =
        VerificationError::MalformedHeader { header: name, expected: "up to 1024 visible ASCII characters" };
    match header {
        Header::Text(value) if value.len() > MAX_HEADER_VALUE => Err(malformed),
        Header::Text("") | Header::Absent => Ok(None),
        Header::Text(value) => Ok(Some(value)),
        Header::Repeated => Err(VerificationError::RepeatedHeader(name)),
        Header::NotText => Err(malformed),
    }
}
