//! From a key to its uses at Allinpay.

use std::sync::Arc;

use super::merchant::SignType;
use crate::crypto::{CryptoError, PrivateKey, PublicKey, Signer, Verifier};
#[cfg(feature = "rsa")]
use crate::crypto::{RsaDigest, RsaSigner, RsaVerifier};
#[cfg(feature = "sm2")]
use crate::crypto::{Sm2SignatureEncoding, Sm2Signer, Sm2Verifier};

/// The SM2 user id under which the platform signs. Requests are signed under the `appid`.
pub const PLATFORM_USER_ID: &str = "Allinpay";

/// A platform key that the vendor publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishedKey {
    /// The key's name.
    pub name: &'static str,
    /// The algorithm of the signatures it verifies.
    pub sign_type: SignType,
    /// Base64 of `SubjectPublicKeyInfo`.
    pub spki: &'static str,
}

/// The platform's keys in the vendor's demos and documentation. Configure your key from the
/// console; use these to distinguish test from production.
pub const PUBLISHED_PLATFORM_KEYS: [PublishedKey; 4] = [
    PublishedKey {
        name: "the platform's RSA production key",
        sign_type: SignType::Rsa,
        spki: "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCm9OV6zH5DYH/ZnAVYHscEELdCNfNTHGuBv1nYYEY9FrOzE0/4kLl9f7Y9dkWHlc2ocDwbrFSm0Vqz0q2rJPxXUYBCQl5yW3jzuKSXif7q1yOwkFVtJXvuhf5WRy+1X5FOFoMvS7538No0RpnLzmNi3ktmiqmhpcY/1pmt20FHQQIDAQAB",
    },
    PublishedKey {
        name: "the platform's RSA test key",
        sign_type: SignType::Rsa,
        spki: "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDYXfu4b7xgDSmEGQpQ8Sn3RzFgl5CE4gL4TbYrND4FtCYOrvbgLijkdFgIrVVWi2hUW4K0PwBsmlYhXcbR+JSmqv9zviVXZiym0lK3glJGVCN86r9EPvNTusZZPm40TOEKMVENSYaUjCxZ7JzeZDfQ4WCeQQr2xirqn6LdJjpZ5wIDAQAB",
    },
    PublishedKey {
        name: "the platform's SM2 production key",
        sign_type: SignType::Sm2,
        spki: "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEBQicgWm0KAMqhO3bdqMUEDrKQvYg8cCXHhdGwq7CGE6oJDzJ1P/94HpuVdBf1KidmPxr7HOH+0DAnpeCcx9TcQ==",
    },
    PublishedKey {
        name: "the platform's SM2 test key",
        sign_type: SignType::Sm2,
        spki: "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAE/BnA8BawehBtH0ksPyayo4pmzL/u1FQ2sZcqwOp6bjVqQX4tjo930QAvHZPJ2eez8sCz/RYghcqv4LvMq+kloQ==",
    },
];

/// Signs requests: RSA with SHA-1, or SM2 under the `appid`, as r‖s.
///
/// # Errors
/// [`CryptoError::UserId`] for an `appid` that is too long to be a merchant's.
pub fn signer(key: &PrivateKey, appid: &str) -> Result<Arc<dyn Signer>, CryptoError> {
    let _ = appid;
    Ok(match key {
        #[cfg(feature = "rsa")]
        PrivateKey::Rsa(key) => Arc::new(RsaSigner::new(key, RsaDigest::Sha1)),
        #[cfg(feature = "sm2")]
        PrivateKey::Sm2(key) => Arc::new(Sm2Signer::new(key, appid, Sm2SignatureEncoding::Raw)?),
    })
}

/// Verifies responses: RSA with SHA-1, or SM2 under [`PLATFORM_USER_ID`], as r‖s.
///
/// # Errors
/// Never for a key that this version reads.
pub fn verifier(key: &PublicKey) -> Result<Arc<dyn Verifier>, CryptoError> {
    Ok(match key {
        #[cfg(feature = "rsa")]
        PublicKey::Rsa(key) => Arc::new(RsaVerifier::new(key, RsaDigest::Sha1)),
        #[cfg(feature = "sm2")]
        PublicKey::Sm2(key) => Arc::new(Sm2Verifier::new(key, PLATFORM_USER_ID, Sm2SignatureEncoding::Raw)?),
    })
}
