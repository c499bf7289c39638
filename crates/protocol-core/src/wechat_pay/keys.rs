//! From a key to its uses at WeChat Pay.

use std::sync::Arc;

use crate::crypto::{CryptoError, Decryptor, Encryptor, PrivateKey, PublicKey, Signer, Verifier};
#[cfg(feature = "rsa")]
use crate::crypto::{RsaDecryptor, RsaDigest, RsaEncryptor, RsaSigner, RsaVerifier};
#[cfg(feature = "sm2")]
use crate::crypto::{SM2_DEFAULT_USER_ID, Sm2Decryptor, Sm2Encryptor, Sm2SignatureEncoding, Sm2Signer, Sm2Verifier};

/// Signs requests: RSA with SHA-256, or SM2 under the default user id, in DER.
///
/// # Errors
/// Never for a key that this version reads.
pub fn signer(key: &PrivateKey) -> Result<Arc<dyn Signer>, CryptoError> {
    Ok(match key {
        #[cfg(feature = "rsa")]
        PrivateKey::Rsa(key) => Arc::new(RsaSigner::new(key, RsaDigest::Sha256)),
        #[cfg(feature = "sm2")]
        PrivateKey::Sm2(key) => Arc::new(Sm2Signer::new(key, SM2_DEFAULT_USER_ID, Sm2SignatureEncoding::Der)?),
    })
}

/// Verifies responses and notifications with the platform's key.
///
/// # Errors
/// Never for a key that this version reads.
pub fn verifier(key: &PublicKey) -> Result<Arc<dyn Verifier>, CryptoError> {
    Ok(match key {
        #[cfg(feature = "rsa")]
        PublicKey::Rsa(key) => Arc::new(RsaVerifier::new(key, RsaDigest::Sha256)),
        #[cfg(feature = "sm2")]
        PublicKey::Sm2(key) => Arc::new(Sm2Verifier::new(key, SM2_DEFAULT_USER_ID, Sm2SignatureEncoding::Der)?),
    })
}

/// Decrypts sensitive fields (`payer_phone`) with the merchant's key.
///
/// ```
/// use protocol_core::complaint::Encrypted;
/// use protocol_core::crypto::PrivateKey;
/// use protocol_core::wechat_pay::decryptor;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let merchant_key = include_bytes!("../../samples/wechat-pay/merchant_key.pem");
/// # let ciphertext = "bm90IGVuY3J5cHRlZA==".to_owned();
/// // The current key, then earlier ones, which decrypt fields from before a change.
/// let keys = [decryptor(&PrivateKey::read(merchant_key)?)];
/// let payer_phone = Encrypted::new(ciphertext);
/// match payer_phone.decrypt(keys.iter().map(|key| &**key)) {
///     Ok(phone) => { let _call = phone.expose(); }
///     Err(fault) => println!("{fault}"),
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn decryptor(key: &PrivateKey) -> Arc<dyn Decryptor> {
    match key {
        #[cfg(feature = "rsa")]
        PrivateKey::Rsa(key) => Arc::new(RsaDecryptor::new(key)),
        #[cfg(feature = "sm2")]
        PrivateKey::Sm2(key) => Arc::new(Sm2Decryptor::new(key)),
    }
}

/// Encrypts sensitive fields to the platform's key.
#[must_use]
pub fn encryptor(key: &PublicKey) -> Arc<dyn Encryptor> {
    match key {
        #[cfg(feature = "rsa")]
        PublicKey::Rsa(key) => Arc::new(RsaEncryptor::new(key)),
        #[cfg(feature = "sm2")]
        PublicKey::Sm2(key) => Arc::new(Sm2Encryptor::new(key)),
    }
}
