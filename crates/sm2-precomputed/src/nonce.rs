//! Nonces of signatures by RFC 6979 over SM3.

use hmac::digest::FixedOutput as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sm3::{Sm3, Sm3Core};
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use crate::scalar::Scalar;

/// The start of all nonces of a private scalar: the HMAC under zeros of V = 1…1, a zero and the
/// scalar. Erased when dropped.
pub(crate) struct NonceSeed(Hmac<Sm3>);

impl NonceSeed {
    pub(crate) fn new(private: &[u8; 32]) -> Self {
        let mut mac = keyed(&[0; 32]);
        [&FIRST_VALUE[..], &[0], private].iter().for_each(|part| mac.update(part));
        Self(mac)
    }
}

/// The hash erases its state.
impl ZeroizeOnDrop for NonceSeed {}

/// Compiles only while `sm3` has its feature `zeroize`.
const _: fn() = || {
    const fn is_erased<T: ZeroizeOnDrop>() {}
    is_erased::<Sm3Core>();
};

/// The nonces of one signature, one after the other. Erased when dropped.
pub(crate) struct Nonces {
    key: Hmac<Sm3>,
    value: [u8; 32],
    is_first: bool,
}

impl Nonces {
    /// From the private scalar with its seed, the digest modulo n, and what else is mixed in (RFC
    /// 6979, 3.6).
    pub(crate) fn new(seed: &NonceSeed, private: &[u8; 32], digest: &Scalar, randomness: &[u8]) -> Self {
        let digest = digest.to_bytes();
        let mut mac = seed.0.clone();
        [&digest[..], randomness].iter().for_each(|part| mac.update(part));
        let mut nonces = Self { key: next_key(mac), value: FIRST_VALUE, is_first: true };
        nonces.step();
        nonces.change_key(&[&[1], private, &digest, randomness]);
        nonces
    }

    /// The next one, from 1 to n − 1. Candidates out of range are dropped: they are independent of
    /// the one that is taken, so that their number says nothing about it.
    pub(crate) fn next(&mut self) -> Zeroizing<Scalar> {
        loop {
            if !self.is_first {
                self.change_key(&[&[0]]);
            }
            self.is_first = false;
            self.step();
            let Some(nonce) = Scalar::from_bytes(&self.value).map(Zeroizing::new) else { continue };
            // Public: zero is no nonce.
            if !bool::from(nonce.is_zero()) {
                return nonce;
            }
        }
    }

    /// K = HMAC(K, V ‖ parts), V = HMAC(K, V).
    fn change_key(&mut self, parts: &[&[u8]]) {
        let mut mac = self.key.clone();
        mac.update(&self.value);
        parts.iter().for_each(|part| mac.update(part));
        self.key = next_key(mac);
        self.step();
    }

    /// V = HMAC(K, V).
    fn step(&mut self) {
        let mut mac = self.key.clone();
        mac.update(&self.value);
        mac.finalize_into((&mut self.value).into());
    }
}

impl Drop for Nonces {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl ZeroizeOnDrop for Nonces {}

/// The HMAC under the result of another.
fn next_key(mac: Hmac<Sm3>) -> Hmac<Sm3> {
    let mut key = Zeroizing::new([0; 32]);
    mac.finalize_into((&mut *key).into());
    keyed(&key)
}

/// The HMAC under a key, which fits a block.
fn keyed(key: &[u8; 32]) -> Hmac<Sm3> {
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(key).for_each(|(slot, byte)| *slot = *byte);
    Hmac::new((&*block).into())
}

/// V before the first step.
const FIRST_VALUE: [u8; 32] = [1; 32];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limbs;
    use crate::scalar::N;
    use alloc::vec::Vec;
    use crypto_bigint::U256;
    use proptest::prelude::*;
    use rfc6979::KGenerator;

    proptest! {
        /// Later nonces are taken when a signature cannot be made from the first.
        #[test]
        fn nonces_are_those_of_the_peer(private: [u8; 32], digest: [u8; 32], randomness: Vec<u8>) {
            let order = U256::from_be_slice(&limbs::to_bytes(&N));
            let mut peer = KGenerator::<Sm3, U256>::new(&private, &digest, &randomness, &order);
            let digest = Scalar::reduce(&limbs::from_bytes(&digest));
            let mut nonces = Nonces::new(&NonceSeed::new(&private), &private, &digest, &randomness);
            for _ in 0..4 {
                let mut expected = [0; 32];
                peer.fill_next_k(&mut expected);
                prop_assert_eq!(nonces.next().to_bytes(), expected);
            }
        }
    }
}
