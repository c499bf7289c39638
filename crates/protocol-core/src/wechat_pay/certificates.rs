//! The platform's certificates. The list is decrypted with the APIv3 key and loaded into a keyring;
//! its response is verified with the certificates in it.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::keys::verifier;
use super::operation::{Operation, Response};
use super::response::{RawResponse, ResponseError};
use super::verification::{SignatureHeaders, VerificationError};
use crate::codec::base64;
use crate::codec::json::{Members, read_document, read_json, wire_object};
use crate::codec::text::readable_json;
use crate::complaint::{Timestamp, check_frame};
use crate::crypto::{AeadAlgorithm, ApiV3Key, Certificate, KeyError, KeyStore, Keyring, Verifier, is_same_key_id};
use crate::error::{DecodeError, Delivery, Fault};
use crate::failure::Failure;
use crate::headers::Headers;
use crate::open_enum::open_enum;
use crate::operation::{Idempotency, OperationInfo};
use crate::refusal::{Found, find};
use crate::request::{BuildError, Method, RequestParts, Stamp};
use crate::time::UnixTime;
use crate::trust::Verified;

wire_object! {
    /// The response of `GET /v3/certificates`: one entry, or several during a change of keys.
    pub struct CertificateList {
        /// The entries.
        data: Vec<CertificateEntry>,
    }
}

wire_object! {
    /// An entry of the list. Its own serial and times are ignored: those of the certificate count.
    pub struct CertificateEntry {
        /// Serial, upper-case hexadecimal.
        serial_no: Option<String> as decisive,
        /// First moment of validity.
        effective_time: Option<Timestamp>,
        /// Last moment of validity.
        expire_time: Option<Timestamp>,
        /// The encrypted certificate.
        encrypt_certificate: EncryptedCertificate,
    }
}

wire_object! {
    /// An encrypted certificate.
    pub struct EncryptedCertificate {
        /// `AEAD_AES_256_GCM`, or `AEAD_SM4_GCM` in SM mode.
        algorithm: String,
        /// 12 bytes.
        nonce: String,
        /// `certificate`; empty if absent.
        associated_data: Option<String> as decisive,
        /// Base64 of ciphertext and tag.
        ciphertext: String,
    }
}

/// A decrypted platform certificate.
#[derive(Debug, Clone)]
pub struct PlatformCertificate {
    pem: String,
    certificate: Certificate,
    verifier: Arc<dyn Verifier>,
}

/// Why a certificate list is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The list is not of the documented shape.
    #[error("{0}")]
    Malformed(#[from] DecodeError),
    /// An entry is not of the documented shape.
    #[error("entry {entry} cannot be read: {error}")]
    Entry {
        /// The entry's number, from 0.
        entry: usize,
        /// The problem.
        error: DecodeError,
    },
    /// An entry cannot be decrypted: another APIv3 key, or a damaged entry.
    #[error("entry {entry} cannot be decrypted: the APIv3 key is another one, or the entry is damaged")]
    DecryptFailed {
        /// The entry's number, from 0.
        entry: usize,
    },
    /// An entry decrypts to something other than a certificate.
    #[error("entry {entry} is not a certificate: {error}")]
    Key {
        /// The entry's number, from 0.
        entry: usize,
        /// The problem.
        error: KeyError,
    },
    /// An entry names another serial than its certificate has.
    #[error("entry {entry} names another serial than its certificate has")]
    SerialMismatch {
        /// The entry's number, from 0.
        entry: usize,
    },
    /// The list has no entry: newer accounts have a public key instead.
    #[error("the list holds no certificate")]
    Empty,
    /// The response was refused, or none of its own certificates verifies it.
    #[error(transparent)]
    Response(#[from] ResponseError),
}

impl CertificateError {
    /// The meaning for the call.
    #[must_use]
    pub fn failure(&self) -> Failure {
        match self {
            Self::DecryptFailed { .. } => Failure::new(Fault::Local, Delivery::Unknown),
            Self::Response(error) => error.failure(),
            Self::Malformed(_) | Self::Entry { .. } | Self::Key { .. } | Self::SerialMismatch { .. } | Self::Empty => {
                Failure::new(Fault::Platform, Delivery::Unknown)
            }
        }
    }
}

/// The result of decrypting a certificate list.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OpenedCertificates {
    /// The usable certificates, at least one.
    pub certificates: Vec<PlatformCertificate>,
    /// Entries that could not be used, for example because of an unknown algorithm. Report them;
    /// the others are usable.
    pub failed: Vec<CertificateError>,
}

/// The name of the list in errors.
const DOCUMENT: &str = "a certificate list";

impl CertificateList {
    /// Decrypts the entries of a list. The APIv3 key authenticates each. With the response's
    /// headers at hand, call [`CertificateList::receive`] instead.
    ///
    /// ```
    /// use protocol_core::crypto::{ApiV3Key, Keyring};
    /// use protocol_core::wechat_pay::CertificateList;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let api_v3_key = include_bytes!("../../samples/wechat-pay/apiv3.key");
    /// # let body = include_bytes!("../../samples/wechat-pay/certificates.json");
    /// let key = ApiV3Key::new(api_v3_key.trim_ascii_end())?;
    /// let opened = CertificateList::open(body, &key)?;
    /// let keys = Keyring::new();
    /// opened.certificates.iter().for_each(|certificate| certificate.load(&keys));
    /// assert_eq!(keys.key_ids().len(), opened.certificates.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`CertificateError`] if the list cannot be read, or no entry can be used.
    pub fn open(body: &[u8], key: &ApiV3Key) -> Result<OpenedCertificates, CertificateError> {
        let mut opened = OpenedCertificates { certificates: Vec::new(), failed: Vec::new() };
        let entries = Self::entries(body)?;
        if entries.is_empty() {
            check_frame(DOCUMENT, body, "data")?;
        }
        for (entry, sealed) in entries.into_iter().enumerate() {
            let certificate = sealed.map_err(|error| CertificateError::Entry { entry, error });
            match certificate.and_then(|sealed| sealed.open(entry, key)) {
                Ok(certificate) => opened.certificates.push(certificate),
                Err(error) => opened.failed.push(error),
            }
        }
        if opened.certificates.is_empty() {
            return Err(opened.failed.into_iter().next().unwrap_or(CertificateError::Empty));
        }
        Ok(opened)
    }

    /// The entries, read one by one if they cannot be read together.
    fn entries(body: &[u8]) -> Result<Vec<Result<CertificateEntry, DecodeError>>, DecodeError> {
        let error = match read_json::<Self>(DOCUMENT, body) {
            Ok(list) => return Ok(list.data.into_iter().map(Ok).collect()),
            Err(error) => error,
        };
        let text = readable_json(body);
        let Ok(json) = serde_json::from_str::<&RawValue>(&text) else { return Err(error) };
        let entries = Members::of(json.get()).and_then(|mut list| list.take::<Vec<&RawValue>>("data", true));
        let entries = entries.map_err(|unread| unread.into_error(DOCUMENT, &text))?;
        let read = |entry: &RawValue| read_document("an entry of a certificate list", entry.get().as_bytes());
        Ok(entries.into_iter().map(read).collect())
    }

    /// Decrypts the list of a response, and verifies the response with a certificate of that list
    /// or with a `known` key: the platform's public key, or earlier certificates. Pass an empty
    /// keyring the first time.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn receive<H: Headers + ?Sized>(
        response: &RawResponse<'_, H>,
        key: &ApiV3Key,
        known: &dyn KeyStore,
        now: UnixTime,
    ) -> Result<Verified<OpenedCertificates>, CertificateError> {
        if !response.is_success() {
            return Err(response.verify(known, now).err().map_or(CertificateError::Empty, Into::into));
        }
        // Cheap refusals first: no entry is decrypted for a response without signature headers.
        SignatureHeaders::read(response.headers).map_err(ResponseError::from)?;
        // A refusal contains no certificate, so only a known key can verify it.
        if matches!(find(response.body), Found::Refusal(_)) {
            response.verify(known, now)?;
        }
        let opened = Self::open(response.body, key)?;
        let brought = Keyring::new();
        opened.certificates.iter().for_each(|certificate| certificate.load(&brought));
        response.verify(&Either { brought, known }, now)?;
        Ok(Verified::new(opened))
    }
}

/// The keys of a list first, then the known ones.
struct Either<'k> {
    brought: Keyring,
    known: &'k dyn KeyStore,
}

impl KeyStore for Either<'_> {
    fn find(&self, key_id: &str, now: UnixTime) -> Result<Arc<dyn Verifier>, VerificationError> {
        self.brought.find(key_id, now).or_else(|_| self.known.find(key_id, now))
    }
}

impl CertificateEntry {
    fn open(&self, entry: usize, key: &ApiV3Key) -> Result<PlatformCertificate, CertificateError> {
        let failed = CertificateError::DecryptFailed { entry };
        let sealed = &self.encrypt_certificate;
        let algorithm = AeadAlgorithm::from_wire(&sealed.algorithm).ok_or(failed.clone())?;
        let mut buffer = base64::decode(&sealed.ciphertext).ok_or(failed.clone())?;
        let associated_data = sealed.associated_data.as_deref().unwrap_or_default();
        key.open_in_place(algorithm, sealed.nonce.as_bytes(), associated_data.as_bytes(), &mut buffer)
            .map_err(|_| failed.clone())?;
        let certificate = Certificate::read(&buffer).map_err(|error| CertificateError::Key { entry, error })?;
        if self.serial_no.as_deref().is_some_and(|serial| !is_same_key_id(serial, certificate.serial_no())) {
            return Err(CertificateError::SerialMismatch { entry });
        }
        let verifier = verifier(certificate.public_key())
            .map_err(|_| CertificateError::Key { entry, error: KeyError::Damaged })?;
        let pem = String::from_utf8(buffer).map_err(|_| failed)?;
        Ok(PlatformCertificate { pem, certificate, verifier })
    }
}

impl PlatformCertificate {
    /// The certificate as PEM, unchanged.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Serial, validity and key.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Adds it to a keyring, under its serial and with its validity. If the keyring already has a
    /// platform certificate with the same key, that verifier is kept, with its tables.
    pub fn load(&self, keys: &Keyring) {
        keys.insert_certificate(&self.certificate, &self.verifier);
    }
}

open_enum! {
    /// The algorithm of the requested certificates.
    pub enum AlgorithmType {
        /// RSA.
        Rsa = "RSA",
        /// SM2.
        Sm2 = "SM2",
        /// Both.
        All = "ALL",
    }
}

/// Requests the platform's certificates: `GET /v3/certificates`.
///
/// Newer accounts have none (404 `RESOURCE_NOT_EXISTS`), but a public key.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ListCertificates<'k> {
    /// Default: the account's own algorithm.
    pub algorithm_type: Option<&'k AlgorithmType>,
    /// Decrypts and authenticates each certificate.
    pub api_v3_key: &'k ApiV3Key,
}

impl<'k> ListCertificates<'k> {
    /// Requests the certificates of the account's own algorithm, and decrypts them with this key.
    #[must_use]
    pub const fn new(api_v3_key: &'k ApiV3Key) -> Self {
        Self { algorithm_type: None, api_v3_key }
    }

    /// Selects the algorithm. Default: the account's own.
    #[must_use]
    pub fn with_algorithm_type(mut self, algorithm_type: &'k AlgorithmType) -> Self {
        self.algorithm_type = Some(algorithm_type);
        self
    }
}

impl OperationInfo for ListCertificates<'_> {
    type Response = Verified<OpenedCertificates>;

    const NAME: &'static str = "list_certificates";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
}

impl Operation for ListCertificates<'_> {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        let target = match self.algorithm_type {
            None => "/v3/certificates".to_owned(),
            Some(known) if known.is_known() => format!("/v3/certificates?algorithm_type={known}"),
            Some(_) => return Err(BuildError::Field { field: "algorithm_type", expected: "RSA, SM2 or ALL" }),
        };
        Ok(RequestParts::without_body(Method::Get, target))
    }

    fn receive(&self, response: Response<'_>) -> Result<Verified<OpenedCertificates>, ResponseError> {
        CertificateList::receive(&response.raw, self.api_v3_key, response.keys, response.now).map_err(|error| {
            match error {
                CertificateError::Response(error) => error,
                other => ResponseError::Certificates(Box::new(other)),
            }
        })
    }
}
