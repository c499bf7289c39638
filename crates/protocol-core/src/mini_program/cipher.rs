//! The envelope's ciphertext: 16 random bytes, a length, the message, the receiver's id, padded and
//! encrypted.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::codec::base64 as strict;
use crate::crypto::{CryptoError, MessageCipher, unpad};
use crate::secret::Secret;

/// Random bytes before the length.
const RANDOM: usize = 16;

/// Bytes of the length: unsigned, big-endian.
const LENGTH: usize = 4;

/// The cipher of an `EncodingAESKey`, made from its 43 characters.
///
/// The last character has two spare bits, which are dropped. They are usually not zero, also in the
/// platform's own examples.
#[derive(Debug)]
pub struct EncodingAesKey(MessageCipher);

impl EncodingAesKey {
    /// Reads the key as the console shows it.
    ///
    /// ```
    /// use protocol_core::crypto::CryptoError;
    /// use protocol_core::mini_program::EncodingAesKey;
    ///
    /// assert!(EncodingAesKey::read("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG").is_ok());
    /// assert_eq!(EncodingAesKey::read("too short").err(), Some(CryptoError::EncodingAesKey));
    /// ```
    ///
    /// # Errors
    /// [`CryptoError::EncodingAesKey`].
    pub fn read(text: &str) -> Result<Self, CryptoError> {
        let engine = GeneralPurpose::new(
            &STANDARD,
            GeneralPurposeConfig::new()
                .with_decode_allow_trailing_bits(true)
                .with_decode_padding_mode(DecodePaddingMode::RequireNone),
        );
        let bytes = Zeroizing::new(engine.decode(text).map_err(|_| CryptoError::EncodingAesKey)?);
        let key: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| CryptoError::EncodingAesKey)?;
        Ok(Self(MessageCipher::new(key)))
    }

    /// Decrypts the text of `Encrypt`. Call it only after its signature verified. There is one
    /// error for every problem.
    pub(super) fn open(&self, encrypt: &str) -> Result<Opened, CryptoError> {
        let plaintext = self.0.decrypt(strict::decode(encrypt).ok_or(CryptoError::DecryptFailed)?)?;
        let framed = unpad(plaintext.expose()).map_err(|_| CryptoError::DecryptFailed)?;
        let length = framed
            .get(RANDOM..RANDOM + LENGTH)
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(CryptoError::DecryptFailed)?;
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| CryptoError::DecryptFailed)?;
        let message_end = (RANDOM + LENGTH)
            .checked_add(length)
            .filter(|end| *end <= framed.len())
            .ok_or(CryptoError::DecryptFailed)?;
        let end = framed.len();
        Ok(Opened { plaintext, message_end, end })
    }

    /// Encrypts a message for a receiver.
    pub(super) fn seal(&self, random: &[u8; RANDOM], message: &str, receiver: &str) -> String {
        // No message exceeds 4 GiB; its length would saturate.
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
        let framed = [random.as_slice(), &length, message.as_bytes(), receiver.as_bytes()].concat();
        strict::encode(&self.0.encrypt(&framed))
    }
}

/// A decrypted message.
pub(super) struct Opened {
    plaintext: Secret,
    message_end: usize,
    end: usize,
}

impl Opened {
    pub(super) fn message(&self) -> &[u8] {
        self.plaintext.expose().get(RANDOM + LENGTH..self.message_end).unwrap_or_default()
    }

    /// The addressee of the message: the application id.
    pub(super) fn receiver(&self) -> &[u8] {
        self.plaintext.expose().get(self.message_end..self.end).unwrap_or_default()
    }
}
