//! The platform's side of request signing: who asks, and did they sign just this.
//!
//! The string to sign is rebuilt here from what was received, by other code than the client's, so that the two
//! cannot be wrong together. What it accepts is tested against the published vectors.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use protocol_core::UnixTime;
use protocol_core::crypto::{CryptoError, PublicKey, Verifier};
use protocol_core::wechat_pay::{Authorization, Scheme, verifier};

use crate::multipart;

/// How far a request's time may be away.
const WINDOW_SECONDS: u64 = 300;
const MAX_NONCE: usize = 32;

/// The keys that merchants sign with, by merchant number and certificate serial.
#[derive(Debug, Clone, Default)]
pub struct MerchantKeys(HashMap<(String, String), Arc<dyn Verifier>>);

impl MerchantKeys {
    /// No keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a merchant's key.
    ///
    /// # Errors
    /// None of the keys that can be read today makes it fail.
    pub fn insert(&mut self, mchid: &str, serial_no: &str, key: &PublicKey) -> Result<(), CryptoError> {
        self.insert_verifier(mchid, serial_no, verifier(key)?);
        Ok(())
    }

    pub(crate) fn insert_verifier(&mut self, mchid: &str, serial_no: &str, verifier: Arc<dyn Verifier>) {
        self.0.insert((mchid.to_owned(), serial_no.to_owned()), verifier);
    }
}

/// Who signed a request.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// Merchant number.
    pub mchid: String,
    /// Serial of the merchant's certificate.
    pub serial_no: String,
    /// What it signed with.
    pub scheme: Scheme,
    /// The nonce it signed.
    pub nonce: String,
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller").field("mchid", &self.mchid).field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// Why a request is not taken for its merchant's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// `Accept` or `User-Agent` is missing or empty: 400, not 401.
    #[error("the header {0} is missing")]
    IncompleteHeaders(&'static str),
    /// No `Authorization`, more than one, or one that cannot be read.
    #[error("the Authorization header cannot be read")]
    Authorization,
    /// Another scheme than the two.
    #[error("the scheme of the Authorization header is unknown")]
    UnknownScheme,
    /// The nonce is not 1 to 32 letters and digits, or was used before.
    #[error("the nonce is not 1 to 32 letters and digits, or was used before")]
    Nonce,
    /// More than five minutes away.
    #[error("the timestamp is {0} seconds away")]
    Clock(u64),
    /// No such merchant, or not its serial.
    #[error("no merchant has this number and serial")]
    UnknownMerchant,
    /// The merchant's key is of the other algorithm.
    #[error("the merchant's key does not belong to the scheme")]
    SchemeMismatch,
    /// A multipart body without a readable `meta` part first.
    #[error("the multipart body does not begin with a part named meta")]
    NoMeta,
    /// Signed something else, or with another key.
    #[error("the signature does not verify")]
    BadSignature {
        /// The string that was verified.
        message: String,
    },
}

/// Checks who sent a request, and that it is what they signed. Whether the nonce was used before is the caller's to know.
///
/// `target` is path and query exactly as they stood in the request line; of a multipart body, the bytes of its
/// `meta` part are what is signed.
///
/// # Errors
/// [`RequestError`].
pub fn verify_request(
    method: &str,
    target: &str,
    headers: &HeaderMap,
    body: &[u8],
    keys: &MerchantKeys,
    now: UnixTime,
) -> Result<Caller, RequestError> {
    for name in ["Accept", "User-Agent"] {
        only(headers, name).filter(|value| !value.is_empty()).ok_or(RequestError::IncompleteHeaders(name))?;
    }
    let header = only(headers, "Authorization").ok_or(RequestError::Authorization)?;
    let authorization = Authorization::parse(header).map_err(|_| RequestError::Authorization)?;
    let scheme = Scheme::from_name(&authorization.scheme).ok_or(RequestError::UnknownScheme)?;
    let nonce = &*authorization.nonce_str;
    if !(1..=MAX_NONCE).contains(&nonce.len()) || !nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(RequestError::Nonce);
    }
    let away = authorization.timestamp.distance(now);
    if away > WINDOW_SECONDS {
        return Err(RequestError::Clock(away));
    }
    let (mchid, serial_no) = (authorization.mchid.into_owned(), authorization.serial_no.into_owned());
    let key = keys.0.get(&(mchid.clone(), serial_no.clone())).ok_or(RequestError::UnknownMerchant)?;
    if key.algorithm() != scheme.algorithm() {
        return Err(RequestError::SchemeMismatch);
    }
    let signed = signed_part(headers, body)?;
    let mut message = format!("{method}\n{target}\n{}\n{nonce}\n", authorization.timestamp).into_bytes();
    message.extend_from_slice(signed);
    message.push(b'\n');
    STANDARD
        .decode(authorization.signature.as_bytes())
        .ok()
        .filter(|signature| key.verify(&[&message], signature).is_ok())
        .ok_or_else(|| RequestError::BadSignature { message: String::from_utf8_lossy(&message).into_owned() })?;
    Ok(Caller { mchid, serial_no, scheme, nonce: nonce.to_owned() })
}

/// The whole body, or the `meta` part of an upload.
fn signed_part<'b>(headers: &HeaderMap, body: &'b [u8]) -> Result<&'b [u8], RequestError> {
    let content_type = only(headers, "Content-Type").unwrap_or_default();
    let Some(boundary) = multipart::boundary_or_first_line(content_type, body) else {
        return Ok(body);
    };
    let parts = multipart::parts(body, boundary).ok_or(RequestError::NoMeta)?;
    parts.first().filter(|part| part.name == "meta").map(|part| part.content).ok_or(RequestError::NoMeta)
}

/// The value of a header that stands there once.
pub(crate) fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().map(str::trim),
        _ => None,
    }
}
