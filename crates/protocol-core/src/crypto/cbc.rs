//! The Mini Program's message cipher: AES-256-CBC, with PKCS#7 padding to blocks of 32 bytes.
//!
//! Decryption and padding are two steps. [`MessageCipher::decrypt`] never checks the padding, so
//! that a message of an unknown sender reveals no padding error. Call it, and [`unpad`] after it,
//! only on a message whose signature verified.

use std::fmt;

use aes::Aes256;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _, ConstantTimeLess as _};
use zeroize::Zeroizing;

use super::CryptoError;
use crate::secret::Secret;

/// The block size of the padding, in bytes: twice the cipher's own.
pub const CBC_PADDING_BLOCK: usize = 32;

const CIPHER_BLOCK: usize = 16;

/// AES-256-CBC under an `EncodingAESKey`. The initialisation vector is the key's first 16 bytes, as
/// the platform defines it.
pub struct MessageCipher(Zeroizing<[u8; 32]>);

impl MessageCipher {
    /// A cipher from the 32 bytes that the 43 characters of `EncodingAESKey` encode.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*key))
    }

    /// It is half of the key, so it is kept as secret as the key.
    fn iv(&self) -> Zeroizing<[u8; CIPHER_BLOCK]> {
        let mut iv = Zeroizing::new([0; CIPHER_BLOCK]);
        iv.iter_mut().zip(self.0.iter()).for_each(|(to, from)| *to = *from);
        iv
    }

    /// Decrypts, without removing the padding.
    ///
    /// # Errors
    /// [`CryptoError::DecryptFailed`] when the ciphertext is empty or does not consist of whole
    /// blocks.
    pub fn decrypt(&self, mut ciphertext: Vec<u8>) -> Result<Secret, CryptoError> {
        let (blocks, rest) = aes::Block::slice_as_chunks_mut(&mut ciphertext);
        if blocks.is_empty() || !rest.is_empty() {
            return Err(CryptoError::DecryptFailed);
        }
        cbc::Decryptor::<Aes256>::new((&*self.0).into(), (&*self.iv()).into()).decrypt_blocks(blocks);
        Ok(Secret::new(ciphertext))
    }

    /// Adds the padding and encrypts.
    #[must_use]
    pub fn encrypt(&self, plaintext: &[u8]) -> Vec<u8> {
        let padding = CBC_PADDING_BLOCK - plaintext.len() % CBC_PADDING_BLOCK;
        let mut buffer = Vec::with_capacity(plaintext.len() + padding);
        buffer.extend_from_slice(plaintext);
        buffer.resize(plaintext.len() + padding, padding as u8);
        let mut encryptor = cbc::Encryptor::<Aes256>::new((&*self.0).into(), (&*self.iv()).into());
        let (blocks, _) = aes::Block::slice_as_chunks_mut(&mut buffer);
        encryptor.encrypt_blocks(blocks);
        buffer
    }
}

impl fmt::Debug for MessageCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessageCipher(***)")
    }
}

/// Removes the padding: n bytes of value n, 1 to 32. All of them are checked, in constant time.
///
/// # Errors
/// [`CryptoError::BadPadding`].
pub fn unpad(padded: &[u8]) -> Result<&[u8], CryptoError> {
    let padding = *padded.last().ok_or(CryptoError::BadPadding)?;
    let mut good = !padding.ct_eq(&0) & padding.ct_lt(&(CBC_PADDING_BLOCK as u8 + 1));
    for (distance, byte) in padded.iter().rev().take(CBC_PADDING_BLOCK).enumerate() {
        let inside = (distance as u8).ct_lt(&padding);
        let expected = u8::conditional_select(byte, &padding, inside);
        good &= byte.ct_eq(&expected);
    }
    let message = padded.len().checked_sub(usize::from(padding)).and_then(|end| padded.get(..end));
    match message {
        Some(message) if bool::from(good) => Ok(message),
        _ => Err(CryptoError::BadPadding),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_one_to_thirty_two_equal_bytes() {
        for length in 1..=32u8 {
            let mut padded = vec![0xAA; 64 - usize::from(length)];
            padded.resize(64, length);
            assert_eq!(unpad(&padded), Ok(&padded[..64 - usize::from(length)]), "{length}");
            for spoilt in 0..usize::from(length) {
                let mut padded = padded.clone();
                padded[63 - spoilt] ^= 0x40;
                assert_eq!(unpad(&padded), Err(CryptoError::BadPadding), "{length}, byte {spoilt} from the end");
            }
        }
        assert_eq!(unpad(&[]), Err(CryptoError::BadPadding));
        assert_eq!(unpad(&[0; 32]), Err(CryptoError::BadPadding));
        assert_eq!(unpad(&[33; 64]), Err(CryptoError::BadPadding));
        assert_eq!(unpad(&[3, 3]), Err(CryptoError::BadPadding));
    }

    #[test]
    fn only_whole_blocks_decrypt() {
        let cipher = MessageCipher::new(&[7; 32]);
        assert!(cipher.decrypt(vec![]).is_err());
        assert!(cipher.decrypt(vec![0; 17]).is_err());
        let sealed = cipher.encrypt(b"message");
        assert_eq!(sealed.len(), 32);
        assert_eq!(unpad(cipher.decrypt(sealed).unwrap().expose()), Ok(&b"message"[..]));
    }
}
