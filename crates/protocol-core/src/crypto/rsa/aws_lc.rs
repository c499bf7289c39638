//! RSA on aws-lc: faster, with the same output. `new` returns `None` where aws-lc does not accept
//! the key.

use ::rsa::pkcs1::EncodeRsaPrivateKey as _;
use ::rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_SHA256, RsaKeyPair,
};
use zeroize::Zeroizing;

use super::super::{CryptoError, Signature};
use super::RsaDigest;
use crate::secret::Secret;

fn hash(algorithm: &'static digest::Algorithm, parts: &[&[u8]]) -> Digest {
    let mut context = digest::Context::new(algorithm);
    parts.iter().for_each(|part| context.update(part));
    context.finish()
}

/// PKCS#1 v1.5 with SHA-256, from 2048 bits.
pub(super) struct Sha256Signer(RsaKeyPair);

impl Sha256Signer {
    pub(super) fn new(key: &::rsa::PrivateKey) -> Option<Self> {
        let der = key.to_pkcs1_der().ok()?;
        RsaKeyPair::from_der(der.as_bytes()).ok().map(Self)
    }

    pub(super) fn sign(&self, parts: &[&[u8]]) -> Result<Signature, CryptoError> {
        self.sign_hash(&hash(&digest::SHA256, parts))
    }

    pub(super) fn sign_digest(&self, bytes: &[u8]) -> Result<Signature, CryptoError> {
        let digest = Digest::import_less_safe(bytes, &digest::SHA256).map_err(|_| CryptoError::Digest)?;
        self.sign_hash(&digest)
    }

    fn sign_hash(&self, digest: &Digest) -> Result<Signature, CryptoError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign_digest(&RSA_PKCS1_SHA256, digest, &mut signature).map_err(|_| CryptoError::Sign)?;
        Ok(Signature::new(signature))
    }
}

/// PKCS#1 v1.5 with either digest.
pub(super) struct Verifier {
    key: ParsedPublicKey,
    digest: &'static digest::Algorithm,
}

impl Verifier {
    pub(super) fn new(key: &::rsa::PublicKey, digest: RsaDigest) -> Option<Self> {
        let der = key.to_public_key_der().ok()?;
        let (key, digest) = match digest {
            RsaDigest::Sha256 => {
                (ParsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, der.as_bytes()), &digest::SHA256)
            }
            RsaDigest::Sha1 => (
                ParsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, der.as_bytes()),
                &digest::SHA1_FOR_LEGACY_USE_ONLY,
            ),
        };
        key.ok().map(|key| Self { key, digest })
    }

    pub(super) fn verify(&self, parts: &[&[u8]], signature: &[u8]) -> Result<(), CryptoError> {
        self.key.verify_digest_sig(&hash(self.digest, parts), signature).map_err(|_| CryptoError::BadSignature)
    }

    pub(super) fn verify_digest(&self, bytes: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let digest = Digest::import_less_safe(bytes, self.digest).map_err(|_| CryptoError::BadSignature)?;
        self.key.verify_digest_sig(&digest, signature).map_err(|_| CryptoError::BadSignature)
    }
}

/// RSAES-OAEP with SHA-1, from 2048 bits.
pub(super) struct OaepDecryptor(OaepPrivateDecryptingKey);

impl OaepDecryptor {
    pub(super) fn new(key: &::rsa::PrivateKey) -> Option<Self> {
        let der = key.to_pkcs8_der().ok()?;
        let key = PrivateDecryptingKey::from_pkcs8(der.as_bytes()).ok()?;
        OaepPrivateDecryptingKey::new(key).ok().map(Self)
    }

    pub(super) fn decrypt(&self, ciphertext: &[u8]) -> Result<Secret, CryptoError> {
        let mut buffer = Zeroizing::new(vec![0; self.0.min_output_size()]);
        let plaintext = self
            .0
            .decrypt(&OAEP_SHA1_MGF1SHA1, ciphertext, &mut buffer, None)
            .map_err(|_| CryptoError::DecryptFailed)?
            .len();
        buffer.truncate(plaintext);
        Ok(Secret::new(std::mem::take(&mut *buffer)))
    }
}
