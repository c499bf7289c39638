//! SM3, SM4-GCM and the decryption of SM2, beside the bare crates and `openssl speed`. No goals:
//! others' crates do the work.
//!
//! OpenSSL has SM4-GCM from 3.1 on; before, its figure is SM4-CTR's, without the tag. Its `speed`
//! does not decrypt SM2.

use std::hint::black_box;

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::aead::consts::U12;
use aes_gcm::{AesGcm, KeyInit as _};
use getrandom::SysRng;
use protocol_core::crypto::{AeadAlgorithm, ApiV3Key, GCM_TAG_LEN, PrivateKey, sm3};
use protocol_core::wechat_pay::{decryptor, encryptor};
use rand_core::UnwrapErr;
use sm2::pkcs8::DecodePrivateKey as _;
use sm2::pke::DecryptingKey;
use sm3::{Digest as _, Sm3};
use sm4::Sm4;

use benches::alternate::Alternate;
use benches::comparison::Comparison;

use crate::openssl;
use crate::signatures::SM2_KEY;

/// As many bytes as a notification has.
const BYTES: usize = 2048;

const API_V3_KEY: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
const NONCE: &[u8; 12] = b"0123456789ab";
const ASSOCIATED_DATA: &[u8] = b"complaint";
const PHONE: &[u8] = b"18500000000";

pub(crate) fn compare(bench: Alternate) -> Vec<Comparison> {
    let text = vec![b'7'; BYTES];
    vec![
        bench
            .compare(
                "national_sm3",
                || -> [u8; 32] { Sm3::digest(black_box(&text)).into() },
                || sm3(&[black_box(&text)]),
            )
            .beside(openssl::bytes(&["sm3"], BYTES)),
        sm4_gcm(bench, &text),
        sm2_decryption(bench),
    ]
}

fn sm4_gcm(bench: Alternate, text: &[u8]) -> Comparison {
    let key = ApiV3Key::new(API_V3_KEY).unwrap();
    let sealed = key.seal(AeadAlgorithm::Sm4Gcm, NONCE, ASSOCIATED_DATA, text).unwrap();
    let ours = || -> Vec<u8> {
        let mut buffer = black_box(&sealed).clone();
        key.open_in_place(AeadAlgorithm::Sm4Gcm, NONCE, ASSOCIATED_DATA, &mut buffer).unwrap();
        buffer
    };
    let sm4_key: [u8; 16] = *sm3(&[API_V3_KEY]).first_chunk().unwrap();
    let cipher = AesGcm::<Sm4, U12>::new(&sm4_key.into());
    let floor = || -> Vec<u8> {
        let mut buffer = black_box(&sealed).clone();
        let (ciphertext, tag) = buffer.split_last_chunk_mut::<GCM_TAG_LEN>().unwrap();
        let tag = (*tag).into();
        cipher.decrypt_inout_detached(&(*NONCE).into(), ASSOCIATED_DATA, ciphertext.into(), &tag).unwrap();
        buffer.truncate(BYTES);
        buffer
    };
    assert_eq!((floor(), ours()), (text.to_vec(), text.to_vec()));
    bench.compare("national_sm4_gcm_open", floor, ours).beside(openssl::bytes(&["sm4-gcm", "sm4-ctr"], BYTES))
}

fn sm2_decryption(bench: Alternate) -> Comparison {
    let key = PrivateKey::read(SM2_KEY.as_bytes()).unwrap();
    let sealed = encryptor(&key.public_key()).encrypt(PHONE, &mut UnwrapErr(SysRng)).unwrap();
    let decryptor = decryptor(&key);
    let ours = || decryptor.decrypt(black_box(&sealed)).unwrap();
    let bare = DecryptingKey::new(sm2::SecretKey::from_pkcs8_pem(SM2_KEY).unwrap());
    let floor = || bare.decrypt_der(black_box(&sealed)).unwrap();
    assert_eq!((&*floor(), ours().expose()), (PHONE, PHONE));
    bench.compare("national_sm2_decrypt", floor, ours)
}
