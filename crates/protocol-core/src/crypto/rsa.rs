//! RSA: PKCS#1 v1.5 signatures with SHA-256 and SHA-1, OAEP with SHA-1.
//!
//! Private-key operations are always blinded: `rsa` uses the operating system's randomness here,
//! aws-lc its own. With the feature `aws-lc-rs` the same types use aws-lc where it accepts the key
//! and the digest. Signing with SHA-1 or with fewer than 2048 bits stays on `rsa`. Module `keys`
//! decides which keys are accepted, before any backend sees them.
//!
//! `wasm32-unknown-unknown` has no randomness: signing and decrypting fail there, verifying and
//! encrypting work.

use std::fmt;

use ::rsa::Pkcs1v15Sign;
use ::rsa::oaep::EncryptingKey;
use ::rsa::pkcs1v15::{SigningKey, VerifyingKey};
use ::rsa::signature::hazmat::PrehashVerifier;
use ::rsa::signature::{RandomizedMultipartSigner as _, SignatureEncoding as _};
use ::rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _, RandomizedEncryptor as _};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use getrandom::SysRng;
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{CryptoError, Decryptor, Encryptor, Signature, SignatureAlgorithm, Signer, Verifier};
use crate::secret::Secret;

#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod no_randomness;
mod oaep;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
use no_randomness::SysRng;

/// The digest of a PKCS#1 v1.5 signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RsaDigest {
    /// SHA-256, for WeChat Pay.
    Sha256,
    /// SHA-1, for Allinpay's `signtype=RSA`.
    Sha1,
}

impl RsaDigest {
    const fn algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::Sha256 => SignatureAlgorithm::RsaSha256,
            Self::Sha1 => SignatureAlgorithm::RsaSha1,
        }
    }

    /// Length of the digest, in bytes.
    const fn len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha1 => 20,
        }
    }
}

/// An RSA private key of 1024 to 4096 bits. Erased when dropped.
#[derive(Clone)]
pub struct RsaPrivateKey(Box<::rsa::PrivateKey>);

impl RsaPrivateKey {
    /// `keys` has checked its size.
    pub(super) fn new(key: ::rsa::PrivateKey) -> Self {
        Self(Box::new(key))
    }

    /// Whether these are the key's numbers for the Chinese remainder theorem (RFC 8017, 3.2): d mod
    /// p − 1, d mod q − 1, q⁻¹ mod p.
    pub(super) fn has_remainders(&self, written: [&[u8]; 3]) -> bool {
        let (Some(dp), Some(dq), Some(inverse)) = (self.0.dp(), self.0.dq(), self.0.qinv()) else { return false };
        let inverse = Zeroizing::new(inverse.retrieve());
        [dp, dq, &*inverse].iter().zip(written).all(|(number, written)| {
            let number = Zeroizing::new(number.to_be_bytes());
            let start = number.len().checked_sub(written.len());
            start
                .and_then(|start| number.split_at_checked(start))
                .is_some_and(|(zeros, number)| zeros.iter().all(|&byte| byte == 0) && bool::from(number.ct_eq(written)))
        })
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> RsaPublicKey {
        RsaPublicKey(self.0.to_public_key())
    }
}

impl fmt::Debug for RsaPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPrivateKey({} bits, ***)", self.0.n().bit_width_vartime())
    }
}

/// An RSA public key of 1024 to 4096 bits with an odd exponent from 3 to 2^33 - 1.
#[derive(Clone, PartialEq, Eq)]
pub struct RsaPublicKey(::rsa::PublicKey);

impl RsaPublicKey {
    /// `keys` has checked its size.
    pub(super) const fn new(key: ::rsa::PublicKey) -> Self {
        Self(key)
    }
}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPublicKey({} bits)", self.0.n().bit_width_vartime())
    }
}

/// Signs with PKCS#1 v1.5.
pub struct RsaSigner {
    digest: RsaDigest,
    backend: SignerBackend,
}

enum SignerBackend {
    Sha256(Box<SigningKey<Sha256>>),
    Sha1(Box<SigningKey<Sha1>>),
    #[cfg(feature = "aws-lc-rs")]
    AwsLc(aws_lc::Sha256Signer),
}

impl RsaSigner {
    /// A signer from a key and a digest.
    #[must_use]
    pub fn new(key: &RsaPrivateKey, digest: RsaDigest) -> Self {
        #[cfg(feature = "aws-lc-rs")]
        if digest == RsaDigest::Sha256
            && let Some(signer) = aws_lc::Sha256Signer::new(&key.0)
        {
            return Self { digest, backend: SignerBackend::AwsLc(signer) };
        }
        let backend = match digest {
            RsaDigest::Sha256 => SignerBackend::Sha256(Box::new(SigningKey::new((*key.0).clone()))),
            RsaDigest::Sha1 => SignerBackend::Sha1(Box::new(SigningKey::new((*key.0).clone()))),
        };
        Self { digest, backend }
    }

    /// Signs a digest that was computed elsewhere: 32 bytes for SHA-256, 20 for SHA-1.
    ///
    /// # Errors
    /// [`CryptoError::Digest`] for another length, otherwise as [`Signer::sign`].
    pub fn sign_prehashed(&self, digest: &[u8]) -> Result<Signature, CryptoError> {
        if digest.len() != self.digest.len() {
            return Err(CryptoError::Digest);
        }
        let signature = match &self.backend {
            SignerBackend::Sha256(key) => sign_digest(key.as_ref().as_ref(), Pkcs1v15Sign::new::<Sha256>(), digest),
            SignerBackend::Sha1(key) => sign_digest(key.as_ref().as_ref(), Pkcs1v15Sign::new::<Sha1>(), digest),
            #[cfg(feature = "aws-lc-rs")]
            SignerBackend::AwsLc(key) => return key.sign_digest(digest),
        };
        signature.map(Signature::new).map_err(|_| CryptoError::Sign)
    }
}

/// Blinds explicitly: the trait for digests does not, since the crate has no generator of its own
/// here.
fn sign_digest(key: &::rsa::PrivateKey, scheme: Pkcs1v15Sign, digest: &[u8]) -> ::rsa::Result<Vec<u8>> {
    key.sign_with_rng(&mut SysRng, scheme, digest)
}

impl Signer for RsaSigner {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.digest.algorithm()
    }

    fn sign(&self, parts: &[&[u8]]) -> Result<Signature, CryptoError> {
        let signature = match &self.backend {
            SignerBackend::Sha256(key) => key.try_multipart_sign_with_rng(&mut SysRng, parts),
            SignerBackend::Sha1(key) => key.try_multipart_sign_with_rng(&mut SysRng, parts),
            #[cfg(feature = "aws-lc-rs")]
            SignerBackend::AwsLc(key) => return key.sign(parts),
        };
        signature.map(|signature| Signature::new(signature.to_vec())).map_err(|_| CryptoError::Sign)
    }
}

impl fmt::Debug for RsaSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaSigner({:?}, ***)", self.digest)
    }
}

/// Verifies PKCS#1 v1.5 signatures.
pub struct RsaVerifier {
    digest: RsaDigest,
    backend: VerifierBackend,
}

enum VerifierBackend {
    Sha256(Box<VerifyingKey<Sha256>>),
    Sha1(Box<VerifyingKey<Sha1>>),
    #[cfg(feature = "aws-lc-rs")]
    AwsLc(aws_lc::Verifier),
}

impl RsaVerifier {
    /// A verifier from a key and a digest.
    #[must_use]
    pub fn new(key: &RsaPublicKey, digest: RsaDigest) -> Self {
        #[cfg(feature = "aws-lc-rs")]
        if let Some(verifier) = aws_lc::Verifier::new(&key.0, digest) {
            return Self { digest, backend: VerifierBackend::AwsLc(verifier) };
        }
        let backend = match digest {
            RsaDigest::Sha256 => VerifierBackend::Sha256(Box::new(VerifyingKey::new(key.0.clone()))),
            RsaDigest::Sha1 => VerifierBackend::Sha1(Box::new(VerifyingKey::new(key.0.clone()))),
        };
        Self { digest, backend }
    }

    /// Verifies the signature of a digest that was computed elsewhere.
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`], for every reason, including a digest of another length.
    pub fn verify_prehashed(&self, digest: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        if digest.len() != self.digest.len() {
            return Err(CryptoError::BadSignature);
        }
        match &self.backend {
            VerifierBackend::Sha256(key) => verify_digest(&**key, digest, signature),
            VerifierBackend::Sha1(key) => verify_digest(&**key, digest, signature),
            #[cfg(feature = "aws-lc-rs")]
            VerifierBackend::AwsLc(key) => key.verify_digest(digest, signature),
        }
    }
}

fn verify_digest(
    key: &impl PrehashVerifier<::rsa::pkcs1v15::Signature>,
    digest: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let signature = ::rsa::pkcs1v15::Signature::try_from(signature).map_err(|_| CryptoError::BadSignature)?;
    key.verify_prehash(digest, &signature).map_err(|_| CryptoError::BadSignature)
}

impl Verifier for RsaVerifier {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.digest.algorithm()
    }

    fn verify(&self, parts: &[&[u8]], signature: &[u8]) -> Result<(), CryptoError> {
        match &self.backend {
            VerifierBackend::Sha256(key) => verify_pure(&**key, parts, signature),
            VerifierBackend::Sha1(key) => verify_pure(&**key, parts, signature),
            #[cfg(feature = "aws-lc-rs")]
            VerifierBackend::AwsLc(key) => key.verify(parts, signature),
        }
    }
}

fn verify_pure<D: sha2::digest::Update>(
    key: &impl ::rsa::signature::DigestVerifier<D, ::rsa::pkcs1v15::Signature>,
    parts: &[&[u8]],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let signature = ::rsa::pkcs1v15::Signature::try_from(signature).map_err(|_| CryptoError::BadSignature)?;
    key.verify_digest(
        |digest: &mut D| {
            parts.iter().for_each(|part| digest.update(part));
            Ok(())
        },
        &signature,
    )
    .map_err(|_| CryptoError::BadSignature)
}

impl fmt::Debug for RsaVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaVerifier({:?})", self.digest)
    }
}

/// Decrypts RSAES-OAEP with SHA-1 and MGF1-SHA-1, empty label: WeChat Pay's sensitive fields.
pub struct RsaDecryptor(DecryptorBackend);

enum DecryptorBackend {
    Pure(RsaPrivateKey),
    #[cfg(feature = "aws-lc-rs")]
    AwsLc(aws_lc::OaepDecryptor),
}

impl RsaDecryptor {
    /// A decryptor from the merchant's private key.
    #[must_use]
    pub fn new(key: &RsaPrivateKey) -> Self {
        #[cfg(feature = "aws-lc-rs")]
        if let Some(decryptor) = aws_lc::OaepDecryptor::new(&key.0) {
            return Self(DecryptorBackend::AwsLc(decryptor));
        }
        Self(DecryptorBackend::Pure(key.clone()))
    }
}

impl Decryptor for RsaDecryptor {
    fn decrypt(&self, ciphertext: &[u8]) -> Result<Secret, CryptoError> {
        match &self.0 {
            DecryptorBackend::Pure(key) => oaep::decrypt(&key.0, ciphertext),
            #[cfg(feature = "aws-lc-rs")]
            DecryptorBackend::AwsLc(key) => key.decrypt(ciphertext),
        }
    }
}

impl fmt::Debug for RsaDecryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaDecryptor(***)")
    }
}

/// Encrypts with RSAES-OAEP, SHA-1 and MGF1-SHA-1, empty label. At 2048 bits the plaintext is at
/// most 214 bytes.
///
/// It uses `rsa` under every feature: aws-lc does not accept the caller's generator.
#[derive(Clone)]
pub struct RsaEncryptor(EncryptingKey<Sha1>);

impl RsaEncryptor {
    /// An encryptor to a public key.
    #[must_use]
    pub fn new(key: &RsaPublicKey) -> Self {
        Self(EncryptingKey::new(key.0.clone()))
    }
}

impl Encryptor for RsaEncryptor {
    fn encrypt(&self, plaintext: &[u8], rng: &mut dyn rand_core::CryptoRng) -> Result<Vec<u8>, CryptoError> {
        self.0.encrypt_with_rng(rng, plaintext).map_err(|_| CryptoError::Encrypt)
    }
}

impl fmt::Debug for RsaEncryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaEncryptor(OAEP with SHA-1)")
    }
}
