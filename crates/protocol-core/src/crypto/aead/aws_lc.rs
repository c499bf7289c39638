//! AES-256-GCM on aws-lc: faster, with the same output.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::super::CryptoError;
use super::{ApiV3Key, GCM_NONCE_LEN};

pub(super) struct Aes(LessSafeKey);

impl Aes {
    pub(super) fn new(key: &[u8; ApiV3Key::LEN]) -> Self {
        match UnboundKey::new(&AES_256_GCM, key) {
            Ok(key) => Self(LessSafeKey::new(key)),
            // aws-lc refuses keys of a wrong length only, and the type above excludes those.
            Err(_) => unreachable!("aws-lc takes every 32-byte AES key"),
        }
    }

    pub(super) fn open(
        &self,
        nonce: &[u8; GCM_NONCE_LEN],
        aad: &[u8],
        buffer: &mut Vec<u8>,
    ) -> Result<(), CryptoError> {
        let plaintext = self
            .0
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), buffer)
            .map_err(|_| CryptoError::DecryptFailed)?
            .len();
        buffer.truncate(plaintext);
        Ok(())
    }

    pub(super) fn seal(
        &self,
        nonce: &[u8; GCM_NONCE_LEN],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let mut buffer = plaintext.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), &mut buffer)
            .map_err(|_| CryptoError::Encrypt)?;
        Ok(buffer)
    }
}
