//! SM2 signatures of digests: this project's crate and the crate `sm2` accept the same ones and make
//! the same ones; those made from any sum of two multiples are accepted.
//!
//! An input is a byte that chooses the key, 32 bytes for a scalar, and 32 each for r, s and a digest.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sm2::dsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use sm2::elliptic_curve::ops::Reduce as _;
use sm2::elliptic_curve::point::AffineCoordinates as _;
use sm2::{FieldBytes, NonZeroScalar, ProjectivePoint, Scalar, dsa};
use sm2_precomputed::{Signature, SigningKey, UserId, VerifyingKey, Window};

const ID: &str = "1234567812345678";

struct Key {
    scalar: Scalar,
    ours: SigningKey,
    theirs: dsa::SigningKey,
}

impl Key {
    /// `None` if the scalar is 0, or −1, with which no key signs.
    fn new(scalar: Scalar, window: Window) -> Option<Self> {
        let theirs = dsa::SigningKey::from_nonzero_scalar(ID, NonZeroScalar::new(scalar).into_option()?).ok()?;
        let ours = SigningKey::new(&scalar.to_bytes().into(), UserId::DEFAULT).map(|key| key.with_window(window));
        assert_eq!(ours.is_none(), scalar == -Scalar::ONE);
        Some(Self { scalar, ours: ours?, theirs })
    }

    /// Both say the same about a signature; the verdict.
    fn judge(&self, digest: &[u8; 32], signature: &[u8; 64]) -> bool {
        let verifier: &VerifyingKey = self.ours.verifying_key();
        let ours = Signature::from_bytes(signature)
            .is_some_and(|signature| verifier.verify_digest(digest, &signature).is_ok());
        let theirs = dsa::Signature::from_slice(signature)
            .is_ok_and(|signature| self.theirs.verifying_key().verify_prehash(digest, &signature).is_ok());
        assert_eq!(ours, theirs);
        ours
    }
}

/// Keys with tables. Multiples of the points of the first ones meet those of the generator.
static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let scalars = [Scalar::ONE, Scalar::from(2_u64), Scalar::from(64_u64), -Scalar::from(2_u64), random(&[7; 32])];
    let key = |(scalar, window)| {
        let key = Key::new(scalar, window)?;
        key.ours.verifying_key().prepare();
        Some(key)
    };
    scalars.into_iter().zip(Window::ALL).filter_map(key).collect()
});

fn random(bytes: &[u8; 32]) -> Scalar {
    Scalar::reduce(&FieldBytes::from(*bytes))
}

fn joined(r: &Scalar, s: &Scalar) -> [u8; 64] {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&r.to_bytes());
    bytes[32..].copy_from_slice(&s.to_bytes());
    bytes
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&[choice], rest)) = bytes.split_first_chunk() else { return };
    let Some((scalar, rest)) = rest.split_first_chunk::<32>() else { return };
    let Some((signature, rest)) = rest.split_first_chunk::<64>() else { return };
    let Some(digest) = rest.first_chunk::<32>() else { return };
    let fresh;
    let key = match KEYS.get(usize::from(choice)) {
        Some(key) => key,
        None => {
            fresh = Key::new(random(scalar), Window::ALL[usize::from(choice) % Window::ALL.len()]);
            let Some(key) = &fresh else { return };
            key
        }
    };
    key.judge(digest, signature);

    // Deterministic signatures are the same bytes, and both accept them.
    let ours = key.ours.sign_digest(digest).to_bytes();
    let theirs: dsa::Signature = key.theirs.sign_prehash(digest).expect("one in 2²⁵⁶ is refused");
    assert_eq!(ours[..], theirs.to_bytes()[..]);
    assert!(key.judge(digest, &ours));

    // For any s and t there is a digest under which r = t − s and s are a signature.
    let (s, t) = signature.split_at(32);
    let [s, t] = [s, t].map(|bytes| random(bytes.try_into().expect("32 bytes")));
    let r = t - s;
    let sum = ProjectivePoint::GENERATOR * (s + t * key.scalar);
    let digest = (r - Scalar::reduce(&sum.to_affine().x())).to_bytes().into();
    let valid = sum != ProjectivePoint::IDENTITY && ![r, s, t].contains(&Scalar::ZERO);
    assert_eq!(key.judge(&digest, &joined(&r, &s)), valid);
});
