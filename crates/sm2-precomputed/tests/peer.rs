//! The same bytes and the same verdicts as the crate `sm2`.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::convert::Infallible;

use proptest::prelude::*;
use sm2::dsa;
use sm2::dsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _, RandomizedPrehashSigner as _};
use sm2::dsa::signature::rand_core::{TryCryptoRng, TryRng};
use sm2::dsa::signature::{MultipartSigner as _, MultipartVerifier as _, Signer, Verifier};
use sm2::{ProjectivePoint, Scalar};
use sm2_precomputed::{Signature, SigningKey, UserId, VerifyingKey, Window};

const ID: &str = "1234567812345678";

fn peer(scalar: &[u8; 32]) -> dsa::SigningKey {
    dsa::SigningKey::from_slice(ID, scalar).unwrap()
}

fn key(scalar: &[u8; 32]) -> SigningKey {
    SigningKey::new(scalar, UserId::DEFAULT).unwrap()
}

fn bytes(signature: &dsa::Signature) -> [u8; 64] {
    signature.to_bytes().into()
}

/// Scalars from 1 to n − 2: the first byte is not that of n.
fn scalars() -> impl Strategy<Value = [u8; 32]> {
    any::<[u8; 32]>().prop_map(|mut scalar| {
        scalar[0] &= 0x7f;
        scalar[31] |= 1;
        scalar
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn signs_the_same_bytes(scalar in scalars(), digest: [u8; 32], message: Vec<u8>) {
        let (key, peer) = (key(&scalar), peer(&scalar));
        let expected: dsa::Signature = peer.sign_prehash(&digest).unwrap();
        let signature = key.sign_digest(&digest);
        prop_assert_eq!(signature.to_bytes(), bytes(&expected));
        let der = expected.to_der();
        prop_assert_eq!(&signature.to_der()[..], der.as_ref());
        prop_assert_eq!(Signature::from_der(der.as_ref()), Some(signature));

        let expected: dsa::Signature = peer.try_multipart_sign(&[&message, b"tail"]).unwrap();
        let signature = key.sign([&message[..], b"tail"]);
        prop_assert_eq!(signature.to_bytes(), bytes(&expected));
        let joined = [&message[..], b"tail"].concat();
        prop_assert!(key.verifying_key().verify([&joined[..]], &signature).is_ok());
        prop_assert!(peer.verifying_key().multipart_verify(&[&joined], &expected).is_ok());
    }

    #[test]
    fn mixes_randomness_in_as_the_peer_does(scalar in scalars(), digest: [u8; 32], random: [u8; 32]) {
        let expected: dsa::Signature = peer(&scalar).sign_prehash_with_rng(&mut Given(random), &digest).unwrap();
        let key = key(&scalar);
        let signature = key.sign_digest_with(&digest, &random);
        prop_assert_eq!(signature.to_bytes(), bytes(&expected));
        prop_assert_ne!(signature, key.sign_digest(&digest));
    }

    #[test]
    fn has_the_same_public_key(scalar in scalars()) {
        let (key, peer) = (key(&scalar), peer(&scalar));
        let point = peer.verifying_key().to_sec1_bytes();
        prop_assert_eq!(&key.verifying_key().to_bytes()[..], &point[..]);
        let read = VerifyingKey::new(&point, UserId::DEFAULT).unwrap();
        prop_assert!(&read == key.verifying_key());
        for window in Window::ALL {
            let key = key.clone().with_window(window);
            key.prepare();
            key.verifying_key().prepare();
            let signature = key.sign([&b"message"[..]]);
            prop_assert!(read.verify([&b"message"[..]], &signature).is_ok());
            prop_assert!(key.verifying_key().verify([&b"message"[..]], &signature).is_ok());
            prop_assert!(key.verifying_key().verify([&b"another"[..]], &signature).is_err());
        }
    }

    #[test]
    fn reads_the_same_points(mut point: [u8; 65], scalar in scalars(), at in 0_usize..65, bit in 0_u32..8) {
        let expect = |point: &[u8]| dsa::VerifyingKey::from_sec1_bytes(ID, point).is_ok();
        point[0] = 4;
        prop_assert_eq!(VerifyingKey::new(&point, UserId::DEFAULT).is_some(), expect(&point));
        let mut point = key(&scalar).verifying_key().to_bytes();
        point[at] ^= 1 << bit;
        prop_assert!(VerifyingKey::new(&point, UserId::DEFAULT).is_none());
    }

    #[test]
    fn reads_the_same_der(scalar in scalars(), at in 0_usize..72, byte: u8, length in 0_usize..80) {
        let agrees = |der: &[u8]| {
            let ours = Signature::from_der(der).map(|signature| signature.to_bytes());
            ours == dsa::Signature::from_der(der).ok().map(|signature| bytes(&signature))
        };
        let mut der = key(&scalar).sign_digest(&scalar).to_der();
        if let Some(slot) = der.get_mut(at) {
            *slot = byte;
        }
        prop_assert!(agrees(&der));
        der.resize(length, byte);
        prop_assert!(agrees(&der));
    }
}

/// n.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x72, 0x03, 0xdf,
    0x6b, 0x21, 0xc6, 0x05, 0x2b, 0x53, 0xbb, 0xf4, 0x09, 0x39, 0xd5, 0x41, 0x23,
];

/// "Random" bytes that were given.
struct Given([u8; 32]);

impl TryRng for Given {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("bytes alone are asked for")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("bytes alone are asked for")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&self.0);
        Ok(())
    }
}

impl TryCryptoRng for Given {}

/// x of the sum is between n and p here: r − e is x − n. No signer meets this by chance, so that the
/// key is made for it: P = (X − s · G) / t.
#[test]
fn an_x_above_n_is_reduced() {
    let mut found = 0;
    for above in 0..16_u8 {
        let mut compressed = [2; 33];
        compressed[1..].copy_from_slice(&ORDER);
        compressed[32] += above;
        let Ok(x) = sm2::PublicKey::from_sec1_bytes(&compressed) else { continue };
        let (s, t) = (Scalar::from(1_234_567_u64), Scalar::from(89_u64));
        let point = (ProjectivePoint::from(*x.as_affine()) - ProjectivePoint::GENERATOR * s) * t.invert().unwrap();
        let theirs = dsa::VerifyingKey::from_affine(ID, point.to_affine()).unwrap();
        let ours = VerifyingKey::new(&theirs.to_sec1_bytes(), UserId::DEFAULT).unwrap();
        let r = t - s;
        let raw: [u8; 64] = [r.to_bytes(), s.to_bytes()].concat().try_into().unwrap();
        let signature = Signature::from_bytes(&raw).unwrap();
        for (offset, accepted) in [(0, true), (1, false)] {
            let e: [u8; 32] = (r - Scalar::from(u64::from(above) + offset)).to_bytes().into();
            assert_eq!(ours.verify_digest(&e, &signature).is_ok(), accepted, "{above}");
            let peer = theirs.verify_prehash(&e, &dsa::Signature::from_slice(&raw).unwrap());
            assert_eq!(peer.is_ok(), accepted, "{above}");
        }
        found += 1;
    }
    assert!(found >= 4, "{found} points");
}

/// The traits do as the methods, and take digests of 32 bytes alone.
#[test]
fn the_traits_do_as_the_methods() {
    let key = key(&[7; 32]);
    let verifying = key.verifying_key();
    let digest = verifying.digest_of([&b"message"[..]]);
    let expected = key.sign([&b"message"[..]]);
    let signed: Signature = Signer::sign(&key, b"message");
    assert_eq!(signed, expected);
    assert_eq!(key.try_multipart_sign(&[b"mess", b"age"]).unwrap(), expected);
    assert_eq!(key.sign_prehash(&digest).unwrap(), expected);
    assert!(key.sign_prehash(&digest[1..]).is_err());

    assert!(Verifier::verify(verifying, b"message", &expected).is_ok());
    assert!(Verifier::verify(verifying, b"another", &expected).is_err());
    assert!(verifying.multipart_verify(&[b"mess", b"age"], &expected).is_ok());
    assert!(verifying.multipart_verify(&[b"mess"], &expected).is_err());
    assert!(verifying.verify_prehash(&digest, &expected).is_ok());
    assert!(verifying.verify_prehash(&[0; 32], &expected).is_err());
    assert!(verifying.verify_prehash(&digest[1..], &expected).is_err());

    let bytes: [u8; 64] = expected.into();
    assert_eq!(Signature::try_from(&bytes[..]).unwrap(), expected);
    assert!(Signature::try_from(&bytes[1..]).is_err());
    assert!(Signature::try_from(&[0; 64][..]).is_err());
}
