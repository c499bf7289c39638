//! Nonces of signatures by RFC 6979 over SM3.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sm3::Sm3;
use zeroize::{Zeroize as _, Zeroizing};

use crate::scalar::Scalar;

/// The nonces of one signature, one after the other. Erased when dropped.
pub(crate) struct Nonces {
    key: Hmac<Sm3>,
    value: [u8; 32],
}

impl Nonces {
    /// From the private scalar, the digest modulo n, and what else is mixed in (RFC 6979, 3.6).
    pub(crate) fn new(private: &[u8; 32], digest: &Scalar, randomness: &[u8]) -> Self {
        let digest = digest.to_bytes();
        let mut nonces = Self { key: keyed(&[0; 32]), value: [1; 32] };
        nonces.update(&[&[0], private, &digest, randomness]);
        nonces.update(&[&[1], private, &digest, randomness]);
        nonces
    }

    /// The next one, from 1 to n − 1. A candidate out of range is dropped, which says no more about
    /// the next one than that it is not the first.
    pub(crate) fn next(&mut self) -> Zeroizing<Scalar> {
        loop {
            self.step();
            let candidate = Scalar::from_bytes(&self.value).map(Zeroizing::new);
            self.update(&[&[0]]);
            if let Some(nonce) = candidate.filter(|nonce| !bool::from(nonce.is_zero())) {
                return nonce;
            }
        }
    }

    /// K = HMAC(K, V ‖ parts), V = HMAC(K, V).
    fn update(&mut self, parts: &[&[u8]]) {
        let mut mac = self.key.clone();
        mac.update(&self.value);
        parts.iter().for_each(|part| mac.update(part));
        let mut key = mac.finalize().into_bytes();
        self.key = keyed(&key.into());
        key.as_mut_slice().zeroize();
        self.step();
    }

    /// V = HMAC(K, V).
    fn step(&mut self) {
        let mut mac = self.key.clone();
        mac.update(&self.value);
        self.value = mac.finalize().into_bytes().into();
    }
}

impl Drop for Nonces {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

/// The state of an HMAC after its key, which fits a block.
fn keyed(key: &[u8; 32]) -> Hmac<Sm3> {
    let mut block = Zeroizing::new([0; 64]);
    block.first_chunk_mut().into_iter().for_each(|start| *start = *key);
    Hmac::new(&(*block).into())
}
