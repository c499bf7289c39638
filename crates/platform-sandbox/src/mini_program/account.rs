//! The Mini Program's account, for users of the sandbox.

use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use protocol_core::crypto::MessageCipher;

use crate::random;

/// The sandbox's Mini Program: the credentials that a client and a webhook need.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MiniProgramAccount {
    /// Application id, `wx…`.
    pub appid: String,
    /// Original id, `gh_…`.
    pub original_id: String,
    /// The secret that a client asks for access tokens with.
    pub app_secret: String,
    /// The token that signs pushes.
    pub token: String,
    /// The key that encrypts pushes: 43 letters and digits. The last one has spare bits set, as
    /// real keys have.
    pub encoding_aes_key: String,
}

impl fmt::Debug for MiniProgramAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MiniProgramAccount")
            .field("appid", &self.appid)
            .field("original_id", &self.original_id)
            .finish_non_exhaustive()
    }
}

impl MiniProgramAccount {
    pub(super) fn open() -> Self {
        // Of the last character, 4 bits count: `B`, `F`, `J` … end in 01.
        let last = fastrand::choice(['B', 'F', 'J', 'N', 'R', 'V', 'Z', 'd', 'h', 'l', 'p', 't', 'x']).unwrap_or('B');
        Self {
            appid: format!("wx{}", lower_hex(8)),
            original_id: format!("gh_{}", lower_hex(6)),
            app_secret: lower_hex(16),
            token: random::alphanumeric(32),
            encoding_aes_key: format!("{}{last}", random::alphanumeric(42)),
        }
    }
}

/// The cipher of pushes, from an `EncodingAESKey`.
pub(super) fn cipher(encoding_aes_key: &str) -> MessageCipher {
    let engine = GeneralPurpose::new(&STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));
    let bytes = engine.decode(encoding_aes_key).unwrap_or_default();
    MessageCipher::new(&<[u8; 32]>::try_from(bytes).unwrap_or_default())
}

fn lower_hex(bytes: usize) -> String {
    (0..bytes).map(|_| format!("{:02x}", fastrand::u8(..))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_has_43_characters_and_spare_bits_as_real_ones_do() {
        for _ in 0..20 {
            let key = MiniProgramAccount::open().encoding_aes_key;
            assert_eq!(key.len(), 43);
            let strict = GeneralPurpose::new(&STANDARD, NO_PAD);
            assert!(strict.decode(&key).is_err(), "{key} is canonical");
            let lenient = GeneralPurpose::new(&STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));
            assert_eq!(lenient.decode(&key).unwrap().len(), 32);
        }
    }
}
