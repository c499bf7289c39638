//! Keys that sign.

use alloc::sync::Arc;
use core::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::digest::UserId;
use crate::lazy::LazyTable;
use crate::limbs;
use crate::nonce::{NonceSeed, Nonces};
use crate::scalar::Scalar;
use crate::signature::Signature;
use crate::verifying::VerifyingKey;
use crate::window::Window;

/// A private key under a user id. Clones share its secrets, which are erased with the last of them.
///
/// Signatures are deterministic (RFC 6979 over SM3) unless randomness is mixed in. No branch and no
/// index depends on a secret, except that an unusable nonce is dropped.
#[derive(Clone)]
pub struct SigningKey {
    secret: Arc<Secret>,
    verifying: VerifyingKey,
}

struct Secret {
    /// d.
    scalar: Zeroizing<Scalar>,
    /// (1 + d)⁻¹ in Montgomery's form.
    inverse: Zeroizing<Scalar>,
    seed: NonceSeed,
}

impl SigningKey {
    /// A key from its scalar d, big-endian. `None` if that is not from 1 to n − 2 (GB/T 32918.1,
    /// 6.1): with n − 1, 1 + d would have no inverse.
    #[must_use]
    pub fn new(scalar: &[u8; 32], user_id: UserId<'_>) -> Option<Self> {
        let scalar = Zeroizing::new(Scalar::from_bytes(scalar)?);
        let next = Zeroizing::new(scalar.add(&Scalar::ONE));
        // Public: the scalar of a key is neither.
        if bool::from(scalar.is_zero() | next.is_zero()) {
            return None;
        }
        let inverse = Zeroizing::new(Zeroizing::new(next.to_montgomery()).invert_montgomery());
        let point = LazyTable::of_generator(Window::default()).multiply(scalar.as_integer()).affine();
        let seed = NonceSeed::new(&Zeroizing::new(scalar.to_bytes()));
        let secret = Arc::new(Secret { scalar, inverse, seed });
        Some(Self { secret, verifying: VerifyingKey::from_point(point, user_id) })
    }

    /// The same key with tables of another width. Default: [`Window::Bits6`]. Signing takes the
    /// generator's table alone, which all keys share.
    #[must_use]
    pub fn with_window(self, window: Window) -> Self {
        Self { verifying: self.verifying.with_window(window), ..self }
    }

    /// Makes the generator's table now, if it is not made yet. Otherwise the first signatures of a
    /// program work without it. A table that another thread is making is not waited for.
    pub fn prepare(&self) {
        self.verifying.generator().prepare();
    }

    /// The public half. Its table is made by its own uses, or [ahead](VerifyingKey::prepare).
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// Signs a message, given in parts.
    #[must_use]
    pub fn sign<'p>(&self, parts: impl IntoIterator<Item = &'p [u8]>) -> Signature {
        self.sign_digest(&self.verifying.digest_of(parts))
    }

    /// Signs a digest, e. The digest already covers the user id, so this key's user id is not used.
    #[must_use]
    pub fn sign_digest(&self, digest: &[u8; 32]) -> Signature {
        self.sign_digest_with(digest, &[])
    }

    /// Signs a digest with randomness mixed into the nonce (RFC 6979, 3.6): 32 bytes of a good
    /// generator make a fault attack on repeated signatures harder. A bad generator does no harm.
    #[must_use]
    pub fn sign_digest_with(&self, digest: &[u8; 32], randomness: &[u8]) -> Signature {
        let Secret { scalar, inverse, seed } = &*self.secret;
        let digest = Scalar::reduce(&limbs::from_bytes(digest));
        let mut nonces = Nonces::new(seed, &Zeroizing::new(scalar.to_bytes()), &digest, randomness);
        loop {
            let nonce = nonces.next();
            let point = self.verifying.generator().multiply(nonce.as_integer());
            let x = Scalar::reduce(&Zeroizing::new(point.affine()).x.to_integer());
            if let Some(signature) = combine(inverse, &nonce, &digest.add(&x)) {
                return signature;
            }
        }
    }
}

/// The signature of r = e + x, unless r = 0, r + k = n or s = 0. Its s = (1 + d)⁻¹ (k − r · d) is
/// (1 + d)⁻¹ (k + r) − r.
fn combine(inverse: &Scalar, nonce: &Scalar, r: &Scalar) -> Option<Signature> {
    let sum = Zeroizing::new(nonce.add(r));
    let s = inverse.multiply_montgomery(&sum).subtract(r);
    // Public: a nonce with such a sum is dropped.
    if sum.is_zero().into() { None } else { Signature::new(*r, s) }
}

impl ConstantTimeEq for SigningKey {
    /// Whether both are the same scalar, under whichever user id.
    fn ct_eq(&self, other: &Self) -> Choice {
        self.secret.scalar.ct_eq(&other.secret.scalar)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::N;
    use alloc::format;
    use zeroize::ZeroizeOnDrop;

    fn number(small: u64) -> Scalar {
        Scalar::reduce(&[small, 0, 0, 0])
    }

    /// (1 + d)⁻¹ as a key keeps it.
    fn inverse(d: &Scalar) -> Scalar {
        d.add(&Scalar::ONE).to_montgomery().invert_montgomery()
    }

    #[test]
    fn each_reason_for_another_nonce_is_seen() {
        let d = number(5);
        let (k, r) = (number(12), number(7));
        let signature = combine(&inverse(&d), &k, &r).unwrap();
        // s (1 + d) = k − r · d
        let left = signature.s.to_montgomery().multiply_montgomery(&number(6));
        assert!(bool::from(left.ct_eq(&k.subtract(&number(35)))));

        assert_eq!(combine(&inverse(&d), &k, &Scalar::ZERO), None, "r = 0");
        assert_eq!(combine(&inverse(&d), &k, &Scalar::ZERO.subtract(&k)), None, "r + k = n");
        assert_eq!(combine(&inverse(&d), &number(35), &r), None, "s = 0");
    }

    #[test]
    fn a_scalar_is_from_1_to_n_minus_2() {
        let less = |distance| limbs::to_bytes(&limbs::subtract_wide(&N, &[distance, 0, 0, 0]).0);
        let key = |scalar: &[u8; 32]| SigningKey::new(scalar, UserId::DEFAULT);
        let mut one = [0; 32];
        assert!(key(&one).is_none(), "0");
        one[31] = 1;
        for scalar in [one, less(2)] {
            let key = key(&scalar).unwrap();
            assert!(key.verifying_key().verify([&b"message"[..]], &key.sign([&b"message"[..]])).is_ok());
        }
        assert!(key(&less(1)).is_none(), "n − 1");
        assert!(key(&less(0)).is_none(), "n");
        assert!(key(&[0xff; 32]).is_none(), "2²⁵⁶ − 1");
    }

    #[test]
    fn keys_are_compared_and_printed_without_their_scalar() {
        let scalar = [0x5a; 32];
        let key = SigningKey::new(&scalar, UserId::DEFAULT).unwrap();
        assert_eq!(format!("{key:?} {:?}", key.verifying_key()), "SigningKey(***) VerifyingKey");
        let other_id = SigningKey::new(&scalar, UserId::new(b"another").unwrap()).unwrap();
        let other = SigningKey::new(&[0x5b; 32], UserId::DEFAULT).unwrap();
        assert!(bool::from(key.ct_eq(&other_id)));
        assert!(!bool::from(key.ct_eq(&other)));
        assert!(key.verifying_key() == key.clone().verifying_key());
        assert!(key.verifying_key() != other_id.verifying_key());
        assert!(key.verifying_key() != other.verifying_key());
    }

    #[test]
    fn secrets_are_erased_when_dropped() {
        fn erased<T: ZeroizeOnDrop>(_: &T) {}
        let key = SigningKey::new(&[0x5a; 32], UserId::DEFAULT).unwrap();
        let Secret { scalar, inverse, seed } = &*key.secret;
        erased(scalar);
        erased(inverse);
        erased(seed);
        let mut nonces = Nonces::new(seed, &scalar.to_bytes(), &Scalar::ONE, &[]);
        erased(&nonces.next());
        erased(&nonces);
    }
}
