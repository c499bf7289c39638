//! The signature of a push, and its digest.

use sha1::{Digest as _, Sha1};
use sha2::Sha256;

use crate::replay::SignedDigest;

/// The signature of a push, in lower-case hexadecimal: SHA-1 over token, timestamp, nonce and, for
/// an encrypted message, `Encrypt`, sorted byte by byte and concatenated.
///
/// ```
/// use protocol_core::mini_program::push_signature;
///
/// let signature = push_signature(b"AAAAA", "1714112445", "486452656", None);
/// assert_eq!(signature.len(), 40);
/// assert_ne!(signature, push_signature(b"AAAAA", "1714112445", "486452656", Some("sealed")));
/// ```
#[must_use]
pub fn push_signature(token: &[u8], timestamp: &str, nonce: &str, encrypt: Option<&str>) -> String {
    String::from_utf8_lossy(&sign(token, timestamp, nonce, encrypt)).into_owned()
}

/// The digest of a verified signature. A replay must contain this signature, for whichever string
/// it is used. The store gets a digest, since the signature itself is still valid and worth
/// stealing.
pub(super) fn digest(signature: &str) -> SignedDigest {
    SignedDigest::new(Sha256::digest(signature.as_bytes()).into())
}

/// SHA-1 in lower-case hexadecimal over the sorted and concatenated pieces.
pub(super) fn sign(token: &[u8], timestamp: &str, nonce: &str, encrypt: Option<&str>) -> [u8; 40] {
    let mut pieces = [token, timestamp.as_bytes(), nonce.as_bytes(), encrypt.unwrap_or_default().as_bytes()];
    pieces.sort_unstable();
    hex_sha1(&pieces)
}

/// SHA-1 in lower-case hexadecimal over the concatenated pieces.
pub(super) fn hex_sha1(pieces: &[&[u8]]) -> [u8; 40] {
    let mut hasher = Sha1::new();
    pieces.iter().for_each(|piece| hasher.update(piece));
    let mut text = [0; 40];
    for (pair, byte) in text.chunks_exact_mut(2).zip(hasher.finalize()) {
        let digits =
            [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).map_or(0, |digit| digit as u8));
        pair.copy_from_slice(&digits);
    }
    text
}
