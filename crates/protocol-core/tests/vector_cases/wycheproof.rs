//! Project Wycheproof: every test of every group, counted, so that none drops out unseen.

use aes_gcm::AesGcm;
use aes_gcm::KeyInit as _;
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::{U0, U1, U2, U4, U6, U8, U10, U12, U15, U16, U20, U32, U64, U128, U257};
use protocol_core::crypto::{
    AeadAlgorithm, ApiV3Key, CryptoError, Decryptor as _, GCM_NONCE_LEN, KeyError, PrivateKey, PublicKey, RsaDecryptor,
    RsaDigest, RsaPrivateKey, RsaPublicKey, RsaSigner, RsaVerifier, Signer as _, Verifier as _, sm3,
};
use serde_json::Value;
use sm4::Sm4;

use super::Outcome::{self, Accept, Refuse};
use super::sealed::{reference_open, reference_seal};
use super::{hex, json, list, number, text};

fn rsa_public(document: &[u8]) -> RsaPublicKey {
    match PublicKey::read(document) {
        Ok(PublicKey::Rsa(key)) => key,
        other => panic!("{other:?}"),
    }
}

fn rsa_private(document: &[u8]) -> RsaPrivateKey {
    match PrivateKey::read(document) {
        Ok(PrivateKey::Rsa(key)) => key,
        other => panic!("{other:?}"),
    }
}

/// Each test of a group, with its number for the message.
fn tests(group: &Value) -> impl Iterator<Item = (&Value, i64)> {
    list(group, "tests").iter().map(|test| (test, number(test, "tcId")))
}

fn groups(vector: &Value) -> &[Value] {
    let groups = list(vector, "testGroups");
    let count: usize = groups.iter().map(|group| list(group, "tests").len()).sum();
    assert_eq!(count, vector["numberOfTests"].as_u64().unwrap() as usize, "the file says how many it holds");
    groups
}

/// The three writings of the group's key read alike.
fn verify_group_key(group: &Value) -> RsaPublicKey {
    let key = rsa_public(text(group, "publicKeyPem").as_bytes());
    assert_eq!(key, rsa_public(&hex(text(group, "publicKeyDer"))), "SubjectPublicKeyInfo");
    assert_eq!(key, rsa_public(&hex(text(group, "publicKeyAsn"))), "PKCS#1");
    key
}

/// The signatures of a result, verified; how many there were. `taken` is what each has to end in.
fn verify_all(file: &[u8], results: &[&str], taken: bool) -> usize {
    let vector = json(file);
    let mut count = 0;
    for group in groups(&vector) {
        assert_eq!(text(group, "sha"), "SHA-256");
        let verifier = RsaVerifier::new(&verify_group_key(group), RsaDigest::Sha256);
        for (test, id) in tests(group).filter(|(test, _)| results.contains(&text(test, "result"))) {
            let verified = verifier.verify(&[&hex(text(test, "msg"))], &hex(text(test, "sig")));
            assert_eq!(verified.is_ok(), taken, "test {id}: {}", text(test, "comment"));
            count += 1;
        }
    }
    count
}

pub(crate) fn rsa_verify(file: &[u8]) -> Outcome {
    assert_eq!(verify_all(file, &["valid"], true), 9);
    Accept
}

/// 249 invalid ones, and the one "acceptable": a digest without its NULL, which no platform here
/// sends.
pub(crate) fn rsa_verify_invalid(file: &[u8]) -> Outcome {
    assert_eq!(verify_all(file, &["invalid"], false), 249);
    assert_eq!(verify_all(file, &["acceptable"], false), 1);
    Refuse
}

fn digest(group: &Value) -> Option<RsaDigest> {
    match text(group, "sha") {
        "SHA-1" => Some(RsaDigest::Sha1),
        "SHA-256" => Some(RsaDigest::Sha256),
        "SHA-224" | "SHA-384" | "SHA-512" => None,
        other => panic!("{other} is a digest this test does not know"),
    }
}

/// The keys with a small public exponent have one prime twice as long as the other.
fn has_unequal_primes(group: &Value) -> bool {
    text(&group["privateKey"], "publicExponent") == "03"
}

fn hash(digest: RsaDigest, message: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    match digest {
        RsaDigest::Sha256 => sha2::Sha256::digest(message).to_vec(),
        RsaDigest::Sha1 => sha1::Sha1::digest(message).to_vec(),
        other => panic!("{other:?}"),
    }
}

/// SHA-256 and SHA-1: the same signatures again, over the message and over its digest. Of the keys
/// that are refused, the public half verifies.
pub(crate) fn rsa_sign(file: &[u8]) -> Outcome {
    let vector = json(file);
    let (mut sha1, mut sha256, mut only_verified) = (0, 0, 0);
    for group in groups(&vector) {
        let Some(digest) = digest(group) else { continue };
        let public = rsa_public(text(group, "keyPem").as_bytes());
        let verifier = RsaVerifier::new(&public, digest);
        let signer = (!has_unequal_primes(group)).then(|| {
            let key = rsa_private(&hex(text(group, "privateKeyPkcs8")));
            assert_eq!(key.public_key(), public);
            assert_eq!(key.public_key(), rsa_private(text(group, "privateKeyPem").as_bytes()).public_key());
            RsaSigner::new(&key, digest)
        });
        for (test, id) in tests(group) {
            let (message, signature) = (hex(text(test, "msg")), hex(text(test, "sig")));
            assert_eq!(verifier.verify(&[&message], &signature), Ok(()), "test {id}");
            match (&signer, digest) {
                (Some(_), RsaDigest::Sha1) => sha1 += 1,
                (Some(_), RsaDigest::Sha256) => sha256 += 1,
                (Some(_), other) => panic!("{other:?}"),
                (None, _) => only_verified += 1,
            }
            if let Some(signer) = &signer {
                assert_eq!(signer.sign(&[&message]).unwrap().as_bytes(), signature, "test {id}");
                let apart = hash(digest, &message);
                assert_eq!(signer.sign_prehashed(&apart).unwrap().as_bytes(), signature, "test {id}, apart");
                for other in [&apart[1..], &[&*apart, &[0]].concat(), b""] {
                    assert_eq!(signer.sign_prehashed(other), Err(CryptoError::Digest), "test {id}");
                }
            }
            assert_eq!(verifier.verify_prehashed(&hash(digest, &message), &signature), Ok(()), "test {id}, apart");
            let (short, other) = (&hash(digest, &message)[1..], hash(digest, &[&*message, b"!"].concat()));
            for digest in [short, &other, &message, b""] {
                assert!(verifier.verify_prehashed(digest, &signature).is_err(), "test {id}, apart");
            }
        }
    }
    assert_eq!((sha1, sha256, only_verified), (8, 8, 2));
    Accept
}

/// Primes of unequal length are no key that anybody issues: `rsa` sizes its arithmetic by half the
/// modulus, so that its time says nothing about the primes, and refuses them.
pub(crate) fn rsa_unequal_primes(file: &[u8]) -> Outcome {
    let vector = json(file);
    let unequal: Vec<_> = groups(&vector).iter().filter(|group| has_unequal_primes(group)).collect();
    assert_eq!(unequal.len(), 3);
    for group in unequal {
        let refused = PrivateKey::read(&hex(text(group, "privateKeyPkcs8"))).unwrap_err();
        assert_eq!(refused, KeyError::Damaged);
    }
    Refuse
}

/// SHA-224, SHA-384 and SHA-512 are not supported: their signatures verify with neither supported
/// digest.
pub(crate) fn rsa_sign_other_digests(file: &[u8]) -> Outcome {
    let vector = json(file);
    let mut count = 0;
    for group in groups(&vector).iter().filter(|group| digest(group).is_none()) {
        let key = rsa_public(text(group, "keyPem").as_bytes());
        for (test, id) in tests(group) {
            for digest in [RsaDigest::Sha256, RsaDigest::Sha1] {
                let verified =
                    RsaVerifier::new(&key, digest).verify(&[&hex(text(test, "msg"))], &hex(text(test, "sig")));
                assert!(verified.is_err(), "test {id} under {digest:?}");
            }
            count += 1;
        }
    }
    assert_eq!(count, 25);
    Refuse
}

/// The tests that `ours` picks, decrypted; `None` for what stays closed.
fn oaep_all(file: &[u8], ours: impl Fn(&Value) -> bool) -> Vec<(i64, Value, Option<Vec<u8>>)> {
    let vector = json(file);
    let mut opened = Vec::new();
    for group in groups(&vector) {
        assert_eq!((text(group, "sha"), text(group, "mgfSha")), ("SHA-1", "SHA-1"));
        let decryptor = RsaDecryptor::new(&rsa_private(&hex(text(group, "privateKeyPkcs8"))));
        for (test, id) in tests(group).filter(|(test, _)| ours(test)) {
            let plaintext = decryptor.decrypt(&hex(text(test, "ct"))).ok().map(|plaintext| plaintext.expose().to_vec());
            opened.push((id, test.clone(), plaintext));
        }
    }
    opened
}

fn is_valid(test: &Value) -> bool {
    text(test, "result") == "valid"
}

fn has_label(test: &Value) -> bool {
    !text(test, "label").is_empty()
}

pub(crate) fn oaep(file: &[u8]) -> Outcome {
    let opened = oaep_all(file, |test| is_valid(test) && !has_label(test));
    assert_eq!(opened.len(), 10);
    for (id, test, plaintext) in opened {
        assert_eq!(plaintext, Some(hex(text(&test, "msg"))), "test {id}: {}", text(&test, "comment"));
    }
    Accept
}

/// The 19 invalid ones, and the 7 that are valid under a label: the protocol's label is empty.
pub(crate) fn oaep_invalid(file: &[u8]) -> Outcome {
    let closed = oaep_all(file, |test| !is_valid(test) || has_label(test));
    assert_eq!(closed.iter().filter(|(_, test, _)| has_label(test)).count(), 7);
    assert_eq!(closed.len(), 26);
    for (id, test, plaintext) in closed {
        assert_eq!(plaintext, None, "test {id}: {}", text(&test, "comment"));
    }
    Refuse
}

/// The library makes the SM4 key from an APIv3 key by SM3, so a published SM4 key cannot be put in.
/// The file's own ciphertexts check the reference (the same construction from the same crates); the
/// reference, under a key that both can have, then checks the library on the file's nonces,
/// associated texts and messages.
const API_V3_KEY: &[u8; 32] = b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb";

fn derived_sm4_key() -> Vec<u8> {
    sm3(&[API_V3_KEY])[..16].to_vec()
}

struct Sm4Case {
    key: Vec<u8>,
    nonce: Vec<u8>,
    associated_data: Vec<u8>,
    message: Vec<u8>,
    sealed: Vec<u8>,
    valid: bool,
    id: i64,
}

fn sm4_cases(file: &[u8]) -> Vec<Sm4Case> {
    let vector = json(file);
    let case = |(test, id): (&Value, i64)| Sm4Case {
        key: hex(text(test, "key")),
        nonce: hex(text(test, "iv")),
        associated_data: hex(text(test, "aad")),
        message: hex(text(test, "msg")),
        sealed: [hex(text(test, "ct")), hex(text(test, "tag"))].concat(),
        valid: is_valid(test),
        id,
    };
    let cases: Vec<_> = groups(&vector).iter().flat_map(tests).map(case).collect();
    assert_eq!(cases.len(), 104);
    cases
}

/// The reference against the file: it opens what is valid, and makes it; it refuses what is not.
fn reference_agrees<C: AeadInOut<TagSize = U16>>(cipher: &C, case: &Sm4Case) {
    let opened = reference_open(cipher, &case.nonce, &case.associated_data, &case.sealed);
    assert_eq!(opened, case.valid.then(|| case.message.clone()), "test {}", case.id);
    if case.valid {
        let sealed = reference_seal(cipher, &case.nonce, &case.associated_data, &case.message);
        assert_eq!(sealed, case.sealed, "test {}", case.id);
    }
}

fn api_v3_key() -> ApiV3Key {
    ApiV3Key::new(API_V3_KEY).unwrap()
}

/// 12-byte nonces that are valid: the library makes what the reference makes, and opens it.
pub(crate) fn sm4_gcm(file: &[u8]) -> Outcome {
    let reference = AesGcm::<Sm4, U12>::new_from_slice(&derived_sm4_key()).unwrap();
    let key = api_v3_key();
    let mut count = 0;
    for case in sm4_cases(file).iter().filter(|case| case.valid && case.nonce.len() == GCM_NONCE_LEN) {
        reference_agrees(&AesGcm::<Sm4, U12>::new_from_slice(&case.key).unwrap(), case);
        let nonce: &[u8; GCM_NONCE_LEN] = case.nonce.as_slice().try_into().unwrap();
        let sealed = key.seal(AeadAlgorithm::Sm4Gcm, nonce, &case.associated_data, &case.message).unwrap();
        assert_eq!(sealed, reference_seal(&reference, nonce, &case.associated_data, &case.message), "test {}", case.id);
        let mut opened = sealed;
        assert_eq!(key.open_in_place(AeadAlgorithm::Sm4Gcm, nonce, &case.associated_data, &mut opened), Ok(()));
        assert_eq!(opened, case.message, "test {}", case.id);
        count += 1;
    }
    assert_eq!(count, 38);
    Accept
}

/// 12-byte nonces with a changed tag: the change of the file's tag, made to a tag of our own key,
/// is refused.
pub(crate) fn sm4_gcm_invalid(file: &[u8]) -> Outcome {
    let key = api_v3_key();
    let mut count = 0;
    for case in sm4_cases(file).iter().filter(|case| !case.valid && case.nonce.len() == GCM_NONCE_LEN) {
        let own = AesGcm::<Sm4, U12>::new_from_slice(&case.key).unwrap();
        reference_agrees(&own, case);
        let nonce: &[u8; GCM_NONCE_LEN] = case.nonce.as_slice().try_into().unwrap();
        let right = reference_seal(&own, nonce, &case.associated_data, &case.message);
        let mut sealed = key.seal(AeadAlgorithm::Sm4Gcm, nonce, &case.associated_data, &case.message).unwrap();
        sealed.iter_mut().zip(right.iter().zip(&case.sealed)).for_each(|(byte, (right, wrong))| *byte ^= right ^ wrong);
        let mut buffer = sealed;
        let opened = key.open_in_place(AeadAlgorithm::Sm4Gcm, nonce, &case.associated_data, &mut buffer);
        assert!(opened.is_err(), "test {}", case.id);
        count += 1;
    }
    assert_eq!(count, 27);
    Refuse
}

/// SM4-GCM outside the library, for nonces of any length that the file has.
trait Reference {
    fn check(&self, case: &Sm4Case);
    fn seal(&self, case: &Sm4Case) -> Vec<u8>;
}

impl<C: AeadInOut<TagSize = U16>> Reference for C {
    fn check(&self, case: &Sm4Case) {
        reference_agrees(self, case);
    }

    fn seal(&self, case: &Sm4Case) -> Vec<u8> {
        reference_seal(self, &case.nonce, &case.associated_data, &case.message)
    }
}

fn reference(nonce_len: usize, key: &[u8]) -> Box<dyn Reference> {
    macro_rules! by_length {
        ($($length:literal => $size:ident),+) => {
            match nonce_len {
                $( $length => Box::new(AesGcm::<Sm4, $size>::new_from_slice(key).unwrap()), )+
                other => panic!("no reference takes nonces of {other} bytes"),
            }
        };
    }
    by_length!(
        0 => U0, 1 => U1, 2 => U2, 4 => U4, 6 => U6, 8 => U8, 10 => U10, 15 => U15, 16 => U16, 20 => U20, 32 => U32,
        64 => U64, 128 => U128, 257 => U257
    )
}

/// GCM allows nonces of other lengths than 12 bytes; the protocol does not. Messages that the
/// reference seals with the file's nonces under our key are valid GCM, and are refused all the
/// same. So is the file's own key, which has 16 bytes.
pub(crate) fn sm4_gcm_nonces(file: &[u8]) -> Outcome {
    let key = api_v3_key();
    let (mut count, mut empty) = (0, 0);
    for case in sm4_cases(file).iter().filter(|case| case.nonce.len() != GCM_NONCE_LEN) {
        // The two empty nonces are invalid by GCM itself; the reference does not mind, so only the
        // rest is checked with it.
        if case.nonce.is_empty() {
            assert!(!case.valid, "test {}", case.id);
            empty += 1;
        } else {
            reference(case.nonce.len(), &case.key).check(case);
        }
        assert_eq!(
            ApiV3Key::new(&case.key).unwrap_err(),
            CryptoError::ApiV3KeyLength { found: 16 },
            "test {}",
            case.id
        );
        let mut sealed = reference(case.nonce.len(), &derived_sm4_key()).seal(case);
        let opened = key.open_in_place(AeadAlgorithm::Sm4Gcm, &case.nonce, &case.associated_data, &mut sealed);
        assert!(opened.is_err(), "test {} with a nonce of {} bytes", case.id, case.nonce.len());
        count += 1;
    }
    assert_eq!((count, empty), (39, 2));
    Refuse
}
