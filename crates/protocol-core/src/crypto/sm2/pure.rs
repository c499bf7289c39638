//! SM2 signatures by the crate `sm2`.

use ::sm2::{PublicKey, SecretKey};

pub(super) use ::sm2::dsa::{Signature, SigningKey, VerifyingKey};

/// `None` for a user id that is too long.
pub(super) fn signing_key(key: &SecretKey, user_id: &str) -> Option<SigningKey> {
    SigningKey::new(user_id, key).ok()
}

/// `None` for a user id that is too long.
pub(super) fn verifying_key(key: &PublicKey, user_id: &str) -> Option<VerifyingKey> {
    VerifyingKey::new(user_id, *key).ok()
}

pub(super) fn from_der(der: &[u8]) -> Option<Signature> {
    Signature::from_der(der).ok()
}

/// r‖s.
pub(super) fn to_raw(signature: &Signature) -> [u8; 64] {
    signature.to_bytes().into()
}

pub(super) fn to_der(signature: &Signature) -> Vec<u8> {
    signature.to_der().as_ref().to_vec()
}
