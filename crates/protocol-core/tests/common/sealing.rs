//! SM2 encryption step by step (GB/T 32918.4, 6.1), with a nonce of the test's own: for ciphertexts
//! that no encryptor makes.

use protocol_core::crypto::sm3;
use sm2::elliptic_curve::Group as _;
use sm2::elliptic_curve::sec1::ToSec1Point as _;
use sm2::{ProjectivePoint, PublicKey, Scalar};

/// Seals a message of at most 32 bytes to a point (4, x, y).
pub(crate) fn seal(point: &[u8], message: &[u8], nonce: u64) -> Vec<u8> {
    let nonce = Scalar::from(nonce);
    let ours = coordinates(ProjectivePoint::generator() * nonce);
    let shared = coordinates(PublicKey::from_sec1_bytes(point).unwrap().to_projective() * nonce);
    let sealed: Vec<u8> = message.iter().zip(stream(&shared)).map(|(byte, stream)| byte ^ stream).collect();
    let digest = sm3(&[&shared[..32], message, &shared[32..]]);
    let integer = |number: &[u8]| {
        let number = &number[number.iter().position(|&byte| byte != 0).unwrap()..];
        value(0x02, &[if number[0] < 0x80 { &[][..] } else { &[0] }, number].concat())
    };
    let members = [integer(&ours[..32]), integer(&ours[32..]), value(0x04, &digest), value(0x04, &sealed)];
    value(0x30, &members.concat())
}

/// The first nonce whose key stream starts with a zero (one in 256 does), and the first whose does
/// not.
pub(crate) fn nonces(point: &[u8]) -> [u64; 2] {
    let step = PublicKey::from_sec1_bytes(point).unwrap().to_projective();
    let nonce = |zero| {
        let shared = std::iter::successors(Some(step), |shared| Some(*shared + step));
        (1..).zip(shared).find(|(_, shared)| (stream(&coordinates(*shared))[0] == 0) == zero).unwrap().0
    };
    [nonce(true), nonce(false)]
}

/// The first 32 bytes of KDF(x2 ‖ y2).
fn stream(shared: &[u8; 64]) -> [u8; 32] {
    sm3(&[shared, &[0, 0, 0, 1]])
}

fn coordinates(point: ProjectivePoint) -> [u8; 64] {
    point.to_affine().to_sec1_point(false).as_bytes()[1..].try_into().unwrap()
}

fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap();
    let length = if length < 0x80 { vec![length] } else { vec![0x81, length] };
    [&[tag], &*length, content].concat()
}
