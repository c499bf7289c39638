//! The platform's certificates: the list, opened with the APIv3 key, loaded into a keyring, and the
//! answer that brought them verified with what it brought.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::keys::verifier;
use super::operation::{Operation, Response};
use super::response::{RawResponse, ResponseError};
use super::verification::SignatureHeaders;
use crate::codec::base64;
use crate::codec::json::{Members, read_document, read_json, wire_object};
use crate::codec::text::readable_json;
use crate::complaint::{Timestamp, check_frame};
use crate::crypto::{
    AeadAlgorithm, ApiV3Key, Certificate, KeyError, KeyStore, Keyring, UnknownKey, Verifier, is_same_key_id,
};
use crate::error::{DecodeError, Fault};
use crate::headers::Headers;
use crate::open_enum::open_enum;
use crate::operation::{Idempotency, OperationInfo};
use crate::refusal::{Found, find};
use crate::request::{BuildError, Method, RequestParts, Stamp};
use crate::time::UnixTime;
use crate::trust::Verified;

wire_object! {
    /// The response of `GET /v3/certificates`: one entry, or several while keys change.
    pub struct CertificateList {
        /// The entries.
        data: Vec<CertificateEntry>,
    }
}

wire_object! {
    /// An entry of the list. Its own serial and times are not believed: the certificate's are used.
    pub struct CertificateEntry {
        /// Serial, upper-case hexadecimal.
        serial_no: Option<String> as decisive,
        /// First moment of validity.
        effective_time: Option<Timestamp>,
        /// Last moment of validity.
        expire_time: Option<Timestamp>,
        /// The certificate, sealed.
        encrypt_certificate: EncryptedCertificate,
    }
}

wire_object! {
    /// A sealed certificate.
    pub struct EncryptedCertificate {
        /// `AEAD_AES_256_GCM`, or `AEAD_SM4_GCM` in SM mode.
        algorithm: String,
        /// 12 bytes.
        nonce: String,
        /// `certificate`; empty where absent.
        associated_data: Option<String> as decisive,
        /// Base64 of ciphertext and tag.
        ciphertext: String,
    }
}

/// A platform certificate, opened.
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
        /// Which entry, from 0.
        entry: usize,
        /// What is wrong.
        error: DecodeError,
    },
    /// An entry does not open: another APIv3 key, or a damaged entry.
    #[error("entry {entry} does not open: the APIv3 key is another one, or the entry is damaged")]
    DecryptFailed {
        /// Which entry, from 0.
        entry: usize,
    },
    /// An entry opened to something that is no certificate.
    #[error("entry {entry} is no certificate: {error}")]
    Key {
        /// Which entry, from 0.
        entry: usize,
        /// What is wrong.
        error: KeyError,
    },
    /// An entry names another serial than its certificate has.
    #[error("entry {entry} names another serial than its certificate has")]
    SerialMismatch {
        /// Which entry, from 0.
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
    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::DecryptFailed { .. } => Fault::Local,
            Self::Response(error) => error.fault(),
            _ => Fault::Platform,
        }
    }
}

/// What opened of a certificate list, and what did not.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OpenedCertificates {
    /// At least one.
    pub certificates: Vec<PlatformCertificate>,
    /// Entries that did not open: of an algorithm nobody knows yet, say. To be looked at; the others serve.
    pub failed: Vec<CertificateError>,
}

/// What errors call the list.
const DOCUMENT: &str = "a certificate list";

impl CertificateList {
    /// Opens the entries of a list that open. The APIv3 key authenticates each; whoever has the response's
    /// headers too takes [`CertificateList::receive`].
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
    /// [`CertificateError`] where the list cannot be read or none of it opens.
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

    /// The entries, read one by one where they cannot be read at once.
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

    /// Opens the list of a response and verifies the response with what it brought, or with a key that is known already
    /// (`known`: the platform's public key, certificates of before; an empty keyring the first time).
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
        // Cheap refusals first: nothing is opened for a response without signature headers.
        SignatureHeaders::read(response.headers).map_err(ResponseError::from)?;
        // A refusal brings no certificate: who knows the platform's key knows whether it is the platform's.
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

/// The keys of a list, then the known ones.
struct Either<'k> {
    brought: Keyring,
    known: &'k dyn KeyStore,
}

impl KeyStore for Either<'_> {
    fn find(&self, key_id: &str, now: UnixTime) -> Result<Arc<dyn Verifier>, UnknownKey> {
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
    /// The certificate as PEM, as it came.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Serial, validity and key.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Puts it into a keyring, under its serial and with its validity.
    pub fn load(&self, keys: &Keyring) {
        let validity = self.certificate.validity();
        keys.insert_valid(
            self.certificate.serial_no(),
            Arc::clone(&self.verifier),
            validity.not_before,
            validity.not_after,
        );
    }
}

open_enum! {
    /// Which platform certificates are asked for.
    pub enum AlgorithmType {
        /// RSA.
        Rsa = "RSA",
        /// SM2.
        Sm2 = "SM2",
        /// Both.
        All = "ALL",
    }
}

/// The platform's certificates: `GET /v3/certificates`.
///
/// Newer accounts have none (404 `RESOURCE_NOT_EXISTS`) but a public key.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ListCertificates<'k> {
    /// `None` for what the account has.
    pub algorithm_type: Option<&'k AlgorithmType>,
    /// Opens and authenticates each.
    pub api_v3_key: &'k ApiV3Key,
}

impl<'k> ListCertificates<'k> {
    /// The certificates of the platform's default algorithm, to be opened with this key.
    #[must_use]
    pub const fn new(api_v3_key: &'k ApiV3Key) -> Self {
        Self { algorithm_type: None, api_v3_key }
    }

    /// `None` for what the account has.
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
