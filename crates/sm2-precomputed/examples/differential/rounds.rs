//! Signatures of every kind, each judged by this crate and by the crate `sm2`.

use sm2::dsa::signature::hazmat::PrehashVerifier as _;
use sm2::elliptic_curve::ops::Reduce as _;
use sm2::elliptic_curve::point::AffineCoordinates as _;
use sm2::{FieldBytes, NonZeroScalar, ProjectivePoint, Scalar, dsa};
use sm2_precomputed::{Signature, SigningKey, UserId, VerifyingKey, Window};

use random::Random;

// The path holds for the test as well, which includes this file.
#[path = "random.rs"]
mod random;

/// The number of verifications with each verdict; both crates gave it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Accepted.
    pub(crate) accepted: u64,
    /// Refused.
    pub(crate) refused: u64,
}

/// Makes `count` verifications with both crates. The same seed makes the same ones.
///
/// # Panics
/// When the crates disagree, a valid signature is refused, or a forged one is accepted.
pub(crate) fn run(seed: u64, count: u64) -> Tally {
    let mut random = Random(seed);
    let keys: Vec<Key> = (0..KEYS).map(|index| Key::new(index, &mut random)).collect();
    let mut tally = Tally::default();
    for round in 0..count {
        let key = &keys[random.below(keys.len() as u64) as usize];
        let case = Case::new(key, round % KINDS, &mut random);
        // Some by a key that has no table yet.
        let fresh = (random.below(16) == 0).then(|| key.ours.clone().with_window(Window::default()));
        let ours = Signature::from_bytes(&case.signature).is_some_and(|signature| {
            fresh.as_ref().unwrap_or(&key.ours).verify_digest(&case.digest, &signature).is_ok()
        });
        let theirs = dsa::Signature::from_slice(&case.signature)
            .is_ok_and(|signature| key.theirs.verify_prehash(&case.digest, &signature).is_ok());
        assert!(ours == theirs, "we say {ours}, the peer {theirs}: seed {seed}, round {round}, {case:02x?}");
        assert!(case.valid.is_none_or(|valid| ours == valid), "{ours}: seed {seed}, round {round}, {case:02x?}");
        *if ours { &mut tally.accepted } else { &mut tally.refused } += 1;
    }
    tally
}

struct Key {
    scalar: Scalar,
    ours: VerifyingKey,
    theirs: dsa::VerifyingKey,
    signing: SigningKey,
}

const KEYS: usize = 10;

impl Key {
    /// Small and large scalars: multiples of their points meet those of the generator. The others
    /// are random. Each window is in use.
    fn new(index: usize, random: &mut Random) -> Self {
        let scalar = match index {
            0 => Scalar::ONE,
            1 => Scalar::from(2_u64),
            2 => Scalar::from(64_u64),
            3 => -Scalar::from(2_u64),
            _ => random.scalar(),
        };
        let bytes: [u8; 32] = scalar.to_bytes().into();
        let signing = SigningKey::new(&bytes, UserId::DEFAULT)
            .expect("in range")
            .with_window(Window::ALL[index % Window::ALL.len()]);
        let peer = dsa::SigningKey::from_nonzero_scalar(ID, NonZeroScalar::new(scalar).expect("in range"));
        let theirs = peer.expect("a user id").verifying_key().clone();
        Self { scalar, ours: signing.verifying_key().clone(), theirs, signing }
    }
}

#[derive(Debug)]
struct Case {
    digest: [u8; 32],
    signature: [u8; 64],
    /// The verdict, where it is known.
    valid: Option<bool>,
}

const KINDS: u64 = 8;

impl Case {
    fn new(key: &Key, kind: u64, random: &mut Random) -> Self {
        let digest = random.bytes();
        let signed = || key.signing.sign_digest(&digest).to_bytes();
        match kind {
            0 => Self { digest, signature: signed(), valid: Some(true) },
            1 => {
                let mut signature = signed();
                random.change_bit(&mut signature);
                Self { digest, signature, valid: Some(false) }
            }
            2 => {
                let signature = signed();
                let mut digest = digest;
                random.change_bit(&mut digest);
                Self { digest, signature, valid: Some(false) }
            }
            // An edge as r, as s, or as both.
            3 => {
                let mut signature = signed();
                let choice = random.below(3);
                if choice != 0 {
                    signature[..32].copy_from_slice(&random.edge());
                }
                if choice != 1 {
                    signature[32..].copy_from_slice(&random.edge());
                }
                Self { digest, signature, valid: None }
            }
            // t = r + s = 0.
            4 => {
                let s = random.any_scalar();
                Self { digest, signature: joined(&-s, &s), valid: Some(false) }
            }
            5 => Self { digest, signature: joined(&random.any_scalar(), &random.any_scalar()), valid: None },
            // Made from the sum: for any s and t there is a digest that makes them valid.
            6 => Self::from_sum(key, random.any_scalar(), random.any_scalar()),
            // s · G and t · P are equal, opposite, or close by.
            _ => {
                let t = random.any_scalar();
                let s = [t * key.scalar, -(t * key.scalar)][random.below(2) as usize];
                Self::from_sum(key, s + [Scalar::ZERO, Scalar::ONE, -Scalar::ONE][random.below(3) as usize], t)
            }
        }
    }

    /// The digest e = r − x for which r = t − s and s are a signature, if they are in range and the
    /// sum of s · G and t · P is not infinity.
    fn from_sum(key: &Key, s: Scalar, t: Scalar) -> Self {
        let r = t - s;
        let sum = ProjectivePoint::GENERATOR * (s + t * key.scalar);
        let infinity = sum == ProjectivePoint::IDENTITY;
        let e = r - Scalar::reduce(&sum.to_affine().x());
        let out_of_range = [r, s, t].contains(&Scalar::ZERO);
        Self { digest: e.to_bytes().into(), signature: joined(&r, &s), valid: Some(!infinity && !out_of_range) }
    }
}

fn joined(r: &Scalar, s: &Scalar) -> [u8; 64] {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&r.to_bytes());
    bytes[32..].copy_from_slice(&s.to_bytes());
    bytes
}

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn scalar(&mut self) -> Scalar {
        Scalar::reduce(&FieldBytes::from(self.bytes()))
    }

    /// Random, small, close to n, or a single bit.
    fn any_scalar(&mut self) -> Scalar {
        match self.below(8) {
            0 => Scalar::from(self.below(70)),
            1 => -Scalar::from(self.below(70)),
            2 => (0..self.below(256)).fold(Scalar::ONE, |power, _| power + power),
            _ => self.scalar(),
        }
    }

    /// 0, 1, n − 1, n, n + 1 or 2²⁵⁶ − 1.
    fn edge(&mut self) -> [u8; 32] {
        let mut bytes = ORDER;
        match self.below(6) {
            0 => bytes = [0; 32],
            1 => {
                bytes = [0; 32];
                bytes[31] = 1;
            }
            2 => bytes[31] -= 1,
            3 => {}
            4 => bytes[31] += 1,
            _ => bytes = [0xff; 32],
        }
        bytes
    }

    fn change_bit(&mut self, bytes: &mut [u8]) {
        bytes[self.below(bytes.len() as u64) as usize] ^= 1 << self.below(8);
    }
}

const ID: &str = "1234567812345678";

/// n.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x72, 0x03, 0xdf,
    0x6b, 0x21, 0xc6, 0x05, 0x2b, 0x53, 0xbb, 0xf4, 0x09, 0x39, 0xd5, 0x41, 0x23,
];
