//! Signatures and their verification, 2048 bits of RSA and SM2.
//!
//! The floor is the bare crate's call with a parsed key, over the parts: aws-lc for RSA with
//! SHA-256; without the feature `aws-lc-rs` the `rsa` crate, blinded as ours is. Ours adds a virtual
//! call, so there is no goal.
//!
//! For SM2 it is the `sm2` crate, with OpenSSL's figures beside it. Ours has tables, which the goals
//! are set for.

use std::hint::black_box;

use protocol_core::crypto::PrivateKey;
use protocol_core::wechat_pay::{signer, verifier};
use sm2::dsa;
use sm2::dsa::signature::{MultipartSigner as _, MultipartVerifier as _};
use sm2::pkcs8::DecodePrivateKey as _;

use benches::alternate::Alternate;
use benches::comparison::{Comparison, Goal};

use crate::openssl;

pub(crate) const RSA_KEY: &str =
    include_str!("../../crates/protocol-core/tests/vectors/wechatpay/official/apiclient_test_key.pem");
pub(crate) const SM2_KEY: &str =
    include_str!("../../crates/protocol-core/tests/vectors/wechatpay/java-shangmi/merchant_private_key.pem");
const SM2_USER_ID: &str = "1234567812345678";

/// 3.2 times as fast as the `sm2` crate.
const SM2_SIGN: f64 = 0.3125;
/// 13 times as fast.
const SM2_VERIFY: f64 = 0.0769;

/// The parts of a request's string to sign, of the usual lengths.
const PARTS: [&[u8]; 8] = [
    b"GET\n",
    b"/v3/merchant-service/complaints-v2/200201820200101080076610000",
    b"\n",
    b"1741936166",
    b"\n",
    b"593BEC0C930BF1AFEB40B4A08C8FB242",
    b"\n",
    b"\n",
];

pub(crate) fn rsa(bench: Alternate) -> Vec<Comparison> {
    let key = PrivateKey::read(RSA_KEY.as_bytes()).unwrap();
    let (signer, verifier) = (signer(&key).unwrap(), verifier(&key.public_key()).unwrap());
    let bare = bare_rsa::Key::read(RSA_KEY);
    let [sign_name, verify_name] = bare_rsa::NAMES;
    let signature = signer.sign(&PARTS).unwrap();
    assert_eq!(bare.sign(&PARTS), signature.as_bytes());
    bare.verify(&PARTS, signature.as_bytes());
    verifier.verify(&PARTS, signature.as_bytes()).unwrap();
    vec![
        bench.compare(sign_name, || bare.sign(black_box(&PARTS)), || signer.sign(black_box(&PARTS)).unwrap()),
        bench.compare(
            verify_name,
            || bare.verify(black_box(&PARTS), signature.as_bytes()),
            || verifier.verify(black_box(&PARTS), signature.as_bytes()).unwrap(),
        ),
    ]
}

type Parts<'p> = &'p [&'p [u8]];

#[cfg(feature = "aws-lc-rs")]
mod bare_rsa {
    use aws_lc_rs::digest::{Context, Digest, SHA256};
    use aws_lc_rs::signature::{
        KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
    };

    use super::Parts;

    pub(super) const NAMES: [&str; 2] = ["rsa_sign_aws_lc", "rsa_verify_aws_lc"];

    pub(super) struct Key {
        private: RsaKeyPair,
        public: ParsedPublicKey,
    }

    impl Key {
        pub(super) fn read(pem: &str) -> Self {
            let private = RsaKeyPair::from_pkcs8(&crate::keys::der(pem)).unwrap();
            let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, private.public_key().as_ref()).unwrap();
            Self { private, public }
        }

        pub(super) fn sign(&self, parts: Parts<'_>) -> Vec<u8> {
            let mut signature = vec![0; self.private.public_modulus_len()];
            self.private.sign_digest(&RSA_PKCS1_SHA256, &digest(parts), &mut signature).unwrap();
            signature
        }

        pub(super) fn verify(&self, parts: Parts<'_>, signature: &[u8]) {
            self.public.verify_digest_sig(&digest(parts), signature).unwrap();
        }
    }

    fn digest(parts: Parts<'_>) -> Digest {
        let mut digest = Context::new(&SHA256);
        parts.iter().for_each(|part| digest.update(part));
        digest.finish()
    }
}

#[cfg(not(feature = "aws-lc-rs"))]
mod bare_rsa {
    use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
    use rsa::pkcs8::DecodePrivateKey as _;
    use rsa::signature::{DigestVerifier as _, Keypair as _, RandomizedMultipartSigner as _, SignatureEncoding as _};
    use sha2::{Digest as _, Sha256};

    use super::Parts;

    pub(super) const NAMES: [&str; 2] = ["rsa_sign_pure", "rsa_verify_pure"];

    pub(super) struct Key {
        private: SigningKey<Sha256>,
        public: VerifyingKey<Sha256>,
    }

    impl Key {
        pub(super) fn read(pem: &str) -> Self {
            let private = SigningKey::new(rsa::PrivateKey::from_pkcs8_der(&crate::keys::der(pem)).unwrap());
            Self { public: private.verifying_key(), private }
        }

        pub(super) fn sign(&self, parts: Parts<'_>) -> Vec<u8> {
            self.private.try_multipart_sign_with_rng(&mut getrandom::SysRng, parts).unwrap().to_vec()
        }

        pub(super) fn verify(&self, parts: Parts<'_>, signature: &[u8]) {
            let update = |digest: &mut Sha256| {
                parts.iter().for_each(|part| digest.update(part));
                Ok(())
            };
            self.public.verify_digest(update, &Signature::try_from(signature).unwrap()).unwrap();
        }
    }
}

pub(crate) fn sm2(bench: Alternate) -> Vec<Comparison> {
    let key = PrivateKey::read(SM2_KEY.as_bytes()).unwrap();
    let (signer, verifier) = (signer(&key).unwrap(), verifier(&key.public_key()).unwrap());
    let bare = dsa::SigningKey::new(SM2_USER_ID, &sm2::SecretKey::from_pkcs8_pem(SM2_KEY).unwrap()).unwrap();
    let sign = |parts: Parts<'_>| -> Vec<u8> {
        let signature: dsa::Signature = bare.try_multipart_sign(parts).unwrap();
        signature.to_der().as_ref().to_vec()
    };
    let verify = |parts: Parts<'_>, signature: &[u8]| {
        bare.verifying_key().multipart_verify(parts, &dsa::Signature::from_der(signature).unwrap()).unwrap();
    };
    let signature = signer.sign(&PARTS).unwrap();
    assert_eq!(sign(&PARTS), signature.as_bytes());
    verify(&PARTS, signature.as_bytes());
    // The first uses of a key go without tables.
    for _ in 0..8 {
        signer.sign(&PARTS).unwrap();
        verifier.verify(&PARTS, signature.as_bytes()).unwrap();
    }
    let [openssl_sign, openssl_verify] = openssl::sm2();
    vec![
        bench
            .compare("sm2_sign", || sign(black_box(&PARTS)), || signer.sign(black_box(&PARTS)).unwrap())
            .goal(Goal::Ratio(SM2_SIGN))
            .beside(openssl_sign),
        bench
            .compare(
                "sm2_verify",
                || verify(black_box(&PARTS), signature.as_bytes()),
                || verifier.verify(black_box(&PARTS), signature.as_bytes()).unwrap(),
            )
            .goal(Goal::Ratio(SM2_VERIFY))
            .beside(openssl_verify),
    ]
}
