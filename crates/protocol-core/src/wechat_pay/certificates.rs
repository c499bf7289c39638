//! The platform's certificates: the list, opened with the APIv3 key, loaded into a keyring, and the
//! answer that brought them verified with what it brought.

use std::sync::Arc;

use super::answer::{AnswerError, RawAnswer};
use super::keys::verifier;
use super::verification::SignatureHeaders;
use crate::codec::json::wire_object;
use crate::codec::{base64, decode_json};
use crate::complaint::Timestamp;
use crate::crypto::{AeadAlgorithm, ApiV3Key, Certificate, KeyError, Keyring, Verifier};
use crate::error::{DecodeError, Fault};
use crate::headers::Headers;
use crate::time::UnixTime;
use crate::trust::Verified;

wire_object! {
    /// The answer of `GET /v3/certificates`: one entry, or several while keys change.
    pub struct CertificateList {
        /// The entries.
        data: Vec<CertificateEntry>,
    }
}

wire_object! {
    /// An entry of the list. Its own serial and times are not believed: the certificate's are used.
    pub struct CertificateEntry {
        /// Serial, upper-case hexadecimal.
        serial_no: Option<String>,
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
        associated_data: Option<String>,
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
    /// The answer was refused, or none of its own certificates verifies it.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

impl CertificateError {
    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::DecryptFailed { .. } => Fault::Local,
            Self::Answer(error) => error.fault(),
            _ => Fault::Platform,
        }
    }
}

impl CertificateList {
    /// Opens a list: every entry, or none. The APIv3 key authenticates each; whoever has the answer's
    /// headers too takes [`CertificateList::receive`].
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn open(body: &[u8], key: &ApiV3Key) -> Result<Vec<PlatformCertificate>, CertificateError> {
        let list: Self = decode_json("a certificate list", body)?;
        list.data.iter().enumerate().map(|(entry, sealed)| sealed.open(entry, key)).collect()
    }

    /// Opens the list of an answer and verifies the answer with what it brought: nobody can slip in an
    /// old list, or leave a certificate out. For the first download, when no key is known yet; afterwards the same.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn receive<H: Headers + ?Sized>(
        answer: &RawAnswer<'_, H>,
        key: &ApiV3Key,
        now: UnixTime,
    ) -> Result<Verified<Vec<PlatformCertificate>>, CertificateError> {
        // No key is known yet that could verify a refusal.
        if !answer.is_success() {
            return Err(answer.rejected(false).into());
        }
        // Cheap refusals first: nothing is opened for an answer without signature headers.
        SignatureHeaders::read(answer.headers).map_err(AnswerError::from)?;
        let certificates = Self::open(answer.body, key)?;
        let keys = Keyring::new();
        certificates.iter().for_each(|certificate| certificate.load(&keys));
        answer.verify(&keys, now)?;
        Ok(Verified::new(certificates))
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
        if self.serial_no.as_deref().is_some_and(|serial| serial != certificate.serial_no()) {
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
