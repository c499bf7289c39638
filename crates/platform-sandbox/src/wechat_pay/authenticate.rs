//! The verification of requests: finds the caller, and verifies the signature.
//!
//! The string to sign is rebuilt from the received request. No code is shared with the client, so
//! that the two cannot be wrong together. The published vectors test it.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use protocol_core::UnixTime;
use protocol_core::crypto::{CryptoError, PublicKey, Verifier};
use protocol_core::wechat_pay::{Authorization, Scheme, verifier};

use crate::multipart;
use crate::request_error::RequestError;

/// The longest distance of a request's timestamp, in seconds.
const WINDOW_SECONDS: u64 = 300;
const MAX_NONCE: usize = 32;

/// The merchants' public keys, by merchant number and certificate serial.
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
    /// [`CryptoError`] for a key of a kind that no merchant has. Every key that can be read today
    /// succeeds.
    pub fn insert(&mut self, mchid: &str, serial_no: &str, key: &PublicKey) -> Result<(), CryptoError> {
        self.insert_verifier(mchid, serial_no, verifier(key)?);
        Ok(())
    }

    pub(crate) fn insert_verifier(&mut self, mchid: &str, serial_no: &str, verifier: Arc<dyn Verifier>) {
        self.0.insert((mchid.to_owned(), serial_no.to_owned()), verifier);
    }
}

/// The merchant that signed a request.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// Merchant number.
    pub mchid: String,
    /// Serial of the merchant's certificate.
    pub serial_no: String,
    /// The scheme that it signed with.
    pub scheme: Scheme,
    /// The nonce it signed.
    pub nonce: String,
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller").field("mchid", &self.mchid).field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// Verifies a request and returns its signer. It does not check whether the nonce was used before.
///
/// `target` is path and query, unchanged from the request line. The signature of a multipart body
/// covers the bytes of its `meta` part.
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

/// The signed bytes: the whole body, or the `meta` part of an upload.
fn signed_part<'b>(headers: &HeaderMap, body: &'b [u8]) -> Result<&'b [u8], RequestError> {
    let content_type = only(headers, "Content-Type").unwrap_or_default();
    let Some(boundary) = multipart::boundary_or_first_line(content_type, body) else {
        return Ok(body);
    };
    let parts = multipart::parts(body, boundary).ok_or(RequestError::NoMeta)?;
    parts.first().filter(|part| part.name == "meta").map(|part| part.content).ok_or(RequestError::NoMeta)
}

/// The value of a header that occurs once.
pub(crate) fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().map(str::trim),
        _ => None,
    }
}
