//! Signing, verifying, encrypting and decrypting: small object-safe traits, and types that
//! implement them.
//!
//! Messages are passed as slices of parts and hashed in place, so that no body is copied in order
//! to sign it. Read a key once ([`PrivateKey`], [`PublicKey`], [`Certificate`]), make a signer,
//! verifier or decryptor of it ([`RsaSigner`], [`Sm2Verifier`] and so on), and share that.
//!
//! Errors are opaque on purpose: a decryption that shows why it failed is an oracle.

use std::fmt::Debug;

use crate::error::Fault;
use crate::secret::Secret;

#[cfg(feature = "wechat-pay")]
mod keyring;
#[cfg(feature = "wechat-pay")]
pub use keyring::{KeyStore, Keyring, UnknownKeyReason, is_same_key_id};

#[cfg(feature = "wechat-pay")]
mod aead;
#[cfg(feature = "wechat-pay")]
pub use aead::{AeadAlgorithm, ApiV3Key, GCM_NONCE_LEN, GCM_TAG_LEN};

#[cfg(feature = "mini-program")]
mod cbc;
#[cfg(feature = "mini-program")]
pub use cbc::{CBC_PADDING_BLOCK, MessageCipher, unpad};

#[cfg(any(feature = "rsa", feature = "sm2"))]
mod keys;
#[cfg(any(feature = "rsa", feature = "sm2"))]
pub use keys::{AlgorithmOid, Certificate, Expected, Found, KeyError, PrivateKey, PublicKey, Validity};

#[cfg(feature = "rsa")]
mod rsa;
#[cfg(feature = "rsa")]
pub use rsa::{RsaDecryptor, RsaDigest, RsaEncryptor, RsaPrivateKey, RsaPublicKey, RsaSigner, RsaVerifier};

#[cfg(feature = "sm2")]
mod sm2;
#[cfg(feature = "sm2")]
pub use sm2::{
    SM2_DEFAULT_USER_ID, Sm2Decryptor, Sm2Encryptor, Sm2PrivateKey, Sm2PublicKey, Sm2SignatureEncoding, Sm2Signer,
    Sm2Verifier, sm2_der_to_raw, sm2_raw_to_der, sm3,
};

/// The algorithm of a signature. Its wire names at WeChat Pay are in [`crate::wechat_pay`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (WeChat Pay).
    RsaSha256,
    /// RSASSA-PKCS1-v1_5 with SHA-1 (Allinpay).
    RsaSha1,
    /// SM2 with SM3 (WeChat Pay in SM mode, Allinpay).
    Sm2Sm3,
}

/// Signature bytes, before any base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature(Vec<u8>);

impl Signature {
    /// A signature made elsewhere, for example by a key service or a hardware module.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Standard base64 on one line, as every supported platform requires it.
    #[must_use]
    pub fn to_base64(&self) -> String {
        crate::codec::base64::encode(&self.0)
    }
}

/// Signs with a private key, synchronously. For a key service on the network, sign in two steps
/// instead: see `prepare` of [WeChat Pay's merchant](crate::wechat_pay::Merchant::prepare) and of
/// [Allinpay's](crate::allinpay::Merchant::prepare). Pass a hardware module that takes a digest the
/// digest; for SM2 [the one that includes the user id](Sm2PublicKey::message_digest).
///
/// ```
/// use protocol_core::crypto::{CryptoError, Signature, SignatureAlgorithm, Signer};
///
/// # #[derive(Debug)]
/// # struct Module;
/// # impl Module {
/// #     fn sha256_rsa_pkcs(&self, _: u32) -> Result<Signing, std::io::Error> { Ok(Signing) }
/// # }
/// # struct Signing;
/// # impl Signing {
/// #     fn update(&mut self, _: &[u8]) -> Result<(), std::io::Error> { Ok(()) }
/// #     fn finish(self) -> Result<Vec<u8>, std::io::Error> { Ok(vec![0; 256]) }
/// # }
/// /// A key in a hardware module of this machine.
/// #[derive(Debug)] // shows no key
/// struct ModuleKey {
///     module: Module,
///     slot: u32,
/// }
///
/// impl Signer for ModuleKey {
///     fn algorithm(&self) -> SignatureAlgorithm {
///         SignatureAlgorithm::RsaSha256
///     }
///
///     fn sign(&self, parts: &[&[u8]]) -> Result<Signature, CryptoError> {
///         // Log the module's reason here; the error does not show it.
///         let mut signing =
///             self.module.sha256_rsa_pkcs(self.slot).map_err(|_| CryptoError::Sign)?;
///         for part in parts {
///             signing.update(part).map_err(|_| CryptoError::Sign)?;
///         }
///         signing.finish().map(Signature::new).map_err(|_| CryptoError::Sign)
///     }
/// }
/// # let signed = ModuleKey { module: Module, slot: 1 }.sign(&[b"GET\n", b"/v3/certificates\n"]);
/// # assert_eq!(signed, Ok(Signature::new(vec![0; 256])));
/// ```
pub trait Signer: Debug + Send + Sync {
    /// The algorithm of its signatures.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// Signs the concatenation of `parts` without concatenating them.
    ///
    /// # Errors
    /// [`CryptoError::Sign`] when the key cannot sign (too small for the digest) or the operating
    /// system provides no randomness.
    fn sign(&self, parts: &[&[u8]]) -> Result<Signature, CryptoError>;
}

/// Verifies signatures with a public key.
pub trait Verifier: Debug + Send + Sync {
    /// The algorithm of the signatures it verifies.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// Verifies the signature of the concatenation of `parts`.
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`], for every reason.
    fn verify(&self, parts: &[&[u8]], signature: &[u8]) -> Result<(), CryptoError>;
}

/// Decrypts data that was encrypted to our public key.
pub trait Decryptor: Debug + Send + Sync {
    /// Decrypts one sensitive field.
    ///
    /// # Errors
    /// [`CryptoError::DecryptFailed`], for every reason.
    fn decrypt(&self, ciphertext: &[u8]) -> Result<Secret, CryptoError>;
}

/// Encrypts to another party's public key.
pub trait Encryptor: Debug + Send + Sync {
    /// Encrypts one sensitive field, with the caller's randomness.
    ///
    /// # Errors
    /// [`CryptoError::Encrypt`] when the plaintext is too long for the key, or (SM2) empty.
    fn encrypt(&self, plaintext: &[u8], rng: &mut dyn rand_core::CryptoRng) -> Result<Vec<u8>, CryptoError>;
}

/// A cryptographic operation that could not be done. Each kind of operation has one error, so that
/// none tells why it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// The signature does not belong to the message under this key.
    #[error("the signature does not verify")]
    BadSignature,
    /// The ciphertext does not open under this key.
    #[error("the ciphertext does not open")]
    DecryptFailed,
    /// The padding is not what PKCS#7 with blocks of 32 writes.
    #[error("the padding of the decrypted message is not PKCS#7")]
    BadPadding,
    /// The field is not base64, and so no ciphertext: documentation samples show clear text there.
    #[error("the field is not base64, so it is not a ciphertext")]
    NotBase64,
    /// None of the keys opens the field. It may have been encrypted to an older merchant
    /// certificate.
    #[error("no key decrypts the field; a value from before a change of certificate needs the older key")]
    NoKeyOpens,
    /// The field opened to something that is not text.
    #[error("the decrypted field is not UTF-8")]
    NotText,
    /// The APIv3 key's length is wrong: it must be 32 bytes.
    #[error("an APIv3 key has 32 bytes, this one has {found}")]
    ApiV3KeyLength {
        /// How many bytes were given.
        found: usize,
    },
    /// The text is not an `EncodingAESKey`.
    #[error("an EncodingAESKey has 43 letters and digits")]
    EncodingAesKey,
    /// The signature could not be made.
    #[error("the private key could not sign: it is damaged, or the operating system gives no randomness")]
    Sign,
    /// The plaintext could not be encrypted.
    #[error("the plaintext could not be encrypted: it is too long for the key, or empty")]
    Encrypt,
    /// A digest that was computed elsewhere has another length than the signer's.
    #[error("the digest has another length than the signer's: SHA-256 gives 32 bytes, SHA-1 gives 20")]
    Digest,
    /// The SM2 user id is too long.
    #[error("the SM2 user id is longer than 8191 bytes")]
    UserId,
}

impl CryptoError {
    /// The side at fault. There is no `failure()`: an error of signing reaches a call as
    /// [`BuildError::Crypto`](crate::BuildError::Crypto), and no other one does.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Sign | Self::DecryptFailed | Self::NoKeyOpens => Fault::Local,
            Self::BadSignature | Self::BadPadding | Self::NotBase64 | Self::NotText => Fault::Peer,
            Self::Encrypt | Self::Digest | Self::UserId | Self::ApiV3KeyLength { .. } | Self::EncodingAesKey => {
                Fault::Caller
            }
        }
    }
}
