//! Removes RSAES-OAEP's padding with SHA-1 and MGF1-SHA-1, empty label, over the bare private
//! operation.
//!
//! The `rsa` crate ignores the first octet of the encoded message since 0.10.0. RFC 8017, section
//! 7.1.2, step 3 g requires an error where it is not zero, and aws-lc returns one. With this module
//! both backends open the same ciphertexts.

use ::rsa::hazmat::rsa_decrypt_and_check;
use ::rsa::traits::PublicKeyParts as _;
use ::rsa::{BoxedUint, PrivateKey};
use sha1::{Digest as _, Sha1};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use zeroize::{Zeroize as _, Zeroizing};

use super::super::CryptoError;
use super::SysRng;
use crate::secret::Secret;

/// Octets of a SHA-1 digest.
const HASH_LEN: usize = 20;

pub(super) fn decrypt(key: &PrivateKey, ciphertext: &[u8]) -> Result<Secret, CryptoError> {
    if ciphertext.len() != key.size() {
        return Err(CryptoError::DecryptFailed);
    }
    let ciphertext =
        BoxedUint::from_be_slice(ciphertext, key.n_bits_precision()).map_err(|_| CryptoError::DecryptFailed)?;
    let mut number =
        rsa_decrypt_and_check(key, Some(&mut SysRng), &ciphertext).map_err(|_| CryptoError::DecryptFailed)?;
    let octets = Zeroizing::new(number.to_be_bytes());
    number.zeroize();
    // The number is below the modulus, so octets in its storage beyond the modulus' length are
    // zero.
    let mut encoded = Zeroizing::new(vec![0; key.size()]);
    let start = octets.len().checked_sub(encoded.len()).ok_or(CryptoError::DecryptFailed)?;
    encoded.copy_from_slice(octets.get(start..).ok_or(CryptoError::DecryptFailed)?);
    unpad(&mut encoded)
}

/// Time and memory accesses depend only on the length, up to the one decision at the end.
fn unpad(encoded: &mut [u8]) -> Result<Secret, CryptoError> {
    let (first, masked) = encoded.split_first_mut().ok_or(CryptoError::DecryptFailed)?;
    let (seed, block) = masked.split_at_mut_checked(HASH_LEN).ok_or(CryptoError::DecryptFailed)?;
    mask(block, seed);
    mask(seed, block);
    let (label, padded) = block.split_at_checked(HASH_LEN).ok_or(CryptoError::DecryptFailed)?;

    let mut valid = first.ct_eq(&0) & label.ct_eq(Sha1::digest(b"").as_slice());
    let mut in_padding = Choice::from(1);
    let mut separator = 0_u32;
    for (at, octet) in (0_u32..).zip(padded) {
        let is_one = octet.ct_eq(&1);
        separator.conditional_assign(&at, in_padding & is_one);
        valid &= !in_padding | is_one | octet.ct_eq(&0);
        in_padding &= !is_one;
    }
    valid &= !in_padding;

    if bool::from(valid) {
        let message = separator as usize + 1;
        padded.get(message..).map(|message| Secret::new(message.to_vec())).ok_or(CryptoError::DecryptFailed)
    } else {
        Err(CryptoError::DecryptFailed)
    }
}

/// XORs MGF1 with SHA-1 of `seed` into `target`.
fn mask(seed: &[u8], target: &mut [u8]) {
    for (counter, chunk) in (0_u32..).zip(target.chunks_mut(HASH_LEN)) {
        let mut digest = Zeroizing::new([0; HASH_LEN]);
        digest.copy_from_slice(&Sha1::new().chain_update(seed).chain_update(counter.to_be_bytes()).finalize());
        chunk.iter_mut().zip(digest.iter()).for_each(|(octet, mask)| *octet ^= mask);
    }
}
