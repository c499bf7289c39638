//! SM2 signatures over tables of multiples: faster, with the same output. Clones of a key share its
//! table, which is made once the key has been used a few times.

use ::sm2::elliptic_curve::sec1::ToSec1Point as _;
use ::sm2::{PublicKey, SecretKey};
use sm2_precomputed::UserId;
use zeroize::Zeroizing;

pub(super) use sm2_precomputed::{Signature, SigningKey, VerifyingKey};

/// `None` for a user id that is too long.
pub(super) fn signing_key(key: &SecretKey, user_id: &str) -> Option<SigningKey> {
    let scalar: Zeroizing<[u8; 32]> = Zeroizing::new(key.to_bytes().into());
    SigningKey::new(&scalar, UserId::new(user_id.as_bytes())?)
}

/// `None` for a user id that is too long.
pub(super) fn verifying_key(key: &PublicKey, user_id: &str) -> Option<VerifyingKey> {
    VerifyingKey::new(key.to_sec1_point(false).as_bytes(), UserId::new(user_id.as_bytes())?)
}

pub(super) fn from_der(der: &[u8]) -> Option<Signature> {
    Signature::from_der(der)
}

/// r‖s.
pub(super) fn to_raw(signature: &Signature) -> [u8; 64] {
    signature.to_bytes()
}

pub(super) fn to_der(signature: &Signature) -> Vec<u8> {
    signature.to_der()
}
