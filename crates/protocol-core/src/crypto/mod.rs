//! Signing, verifying, decrypting: small object-safe traits, and the types that do it.
//!
//! Messages are given as slices of parts, hashed where they lie: nobody concatenates a body in
//! order to sign it. A key is read once ([`PrivateKey`], [`PublicKey`], [`Certificate`]), made into
//! what it is for ([`RsaSigner`], [`Sm2Verifier`] and so on), and shared from then on.
//!
//! Errors here are opaque by intent: a decryption that says why it failed is an oracle.

use core::fmt::Debug;

use crate::error::Fault;
use crate::secret::Secret;

mod keyring;
pub use keyring::{KeyStore, Keyring, UnknownKey, UnknownKeyReason, is_same_key_id};

#[cfg(feature = "wechat-pay")]
mod aead;
#[cfg(feature = "wechat-pay")]
pub use aead::{AeadAlgorithm, ApiV3Key, ApiV3KeyLength, GCM_NONCE_LEN, GCM_TAG_LEN};

#[cfg(feature = "mini-program")]
mod cbc;
#[cfg(feature = "mini-program")]
pub use cbc::{BadPadding, CBC_PADDING_BLOCK, MessageCipher, unpad};

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

/// What a signature is made with. The wire names of WeChat Pay's two are in [`crate::wechat_pay`].
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
    /// A signature made elsewhere: by a key service, a hardware module.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Standard base64 on one line, as every platform here wants it.
    #[must_use]
    pub fn to_base64(&self) -> String {
        crate::codec::base64::encode(&self.0)
    }
}

/// Makes signatures with a private key, at once. A key service that responds over a network is
/// served in two steps instead: see `prepare` of [WeChat Pay's
/// merchant](crate::wechat_pay::Merchant::prepare) and of
/// [Allinpay's](crate::allinpay::Merchant::prepare). A module that takes a digest is given it: for
/// SM2 [the one that the user id goes into](Sm2PublicKey::message_digest).
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
///         // The module says why; whoever reads the error need not know.
///         let mut signing = self.module.sha256_rsa_pkcs(self.slot).map_err(|_| CryptoError::Sign)?;
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
    /// What it signs with.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// Signs the concatenation of `parts` without concatenating them.
    ///
    /// # Errors
    /// [`CryptoError::Sign`]: the key cannot sign (too small for the digest) or the operating
    /// system has no randomness.
    fn sign(&self, parts: &[&[u8]]) -> Result<Signature, CryptoError>;
}

/// Checks signatures with a public key.
pub trait Verifier: Debug + Send + Sync {
    /// What it verifies.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// Checks the signature of the concatenation of `parts`.
    ///
    /// # Errors
    /// [`BadSignature`], whatever is wrong with it.
    fn verify(&self, parts: &[&[u8]], signature: &[u8]) -> Result<(), BadSignature>;
}

/// Opens what was encrypted to a public key of ours.
pub trait Decryptor: Debug + Send + Sync {
    /// Decrypts one sensitive field.
    ///
    /// # Errors
    /// [`DecryptFailed`], whatever is wrong with it.
    fn decrypt(&self, ciphertext: &[u8]) -> Result<Secret, DecryptFailed>;
}

/// Encrypts to somebody's public key.
pub trait Encryptor: Debug + Send + Sync {
    /// Encrypts one sensitive field, with the caller's randomness.
    ///
    /// # Errors
    /// [`CryptoError::Encrypt`]: the plaintext is too long for the key, or (SM2) empty.
    fn encrypt(&self, plaintext: &[u8], rng: &mut dyn rand_core::CryptoRng) -> Result<Vec<u8>, CryptoError>;
}

/// The signature does not belong to the message under this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify")]
pub struct BadSignature;

/// The ciphertext does not open under this key. It is not said why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ciphertext does not open")]
pub struct DecryptFailed;

/// A private-key or encryption operation that could not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// The signature could not be made.
    #[error("the private key could not sign: it is damaged, or the operating system gives no randomness")]
    Sign,
    /// The plaintext could not be encrypted.
    #[error("the plaintext could not be encrypted: it is too long for the key, or empty")]
    Encrypt,
    /// A digest that was computed apart is not as long as the signer's.
    #[error("the digest has another length than the signer's: SHA-256 gives 32 bytes, SHA-1 gives 20")]
    Digest,
    /// The SM2 user id is too long.
    #[error("the SM2 user id is longer than 8191 bytes")]
    UserId,
}

impl CryptoError {
    /// The caller's, but for a machine without randomness.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Sign => Fault::Local,
            Self::Encrypt | Self::Digest | Self::UserId => Fault::Caller,
        }
    }
}
