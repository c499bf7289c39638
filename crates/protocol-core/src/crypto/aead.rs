//! WeChat Pay's authenticated encryption: AES-256-GCM, or SM4-GCM in SM mode, under the APIv3 key.

use std::fmt;

#[cfg(any(feature = "sm2", not(feature = "aws-lc-rs")))]
use aes_gcm::{KeyInit as _, Nonce, Tag};

use subtle::ConstantTimeEq as _;

use super::CryptoError;
use crate::codec::pasted;

#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
#[cfg(feature = "aws-lc-rs")]
use aws_lc::Aes;

/// Bytes of a GCM nonce in WeChat Pay's messages. Other lengths are refused.
pub const GCM_NONCE_LEN: usize = 12;

/// Bytes of the tag at the end of every ciphertext.
pub const GCM_TAG_LEN: usize = 16;

/// Algorithms named by `resource.algorithm` and `encrypt_certificate.algorithm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AeadAlgorithm {
    /// `AEAD_AES_256_GCM`: the key is the APIv3 key itself.
    Aes256Gcm,
    /// `AEAD_SM4_GCM`: the key is the first 16 bytes of SM3 over the APIv3 key.
    #[cfg(feature = "sm2")]
    Sm4Gcm,
}

impl AeadAlgorithm {
    /// The algorithm of a wire name, if this build has it.
    #[must_use]
    pub fn from_wire(name: &str) -> Option<Self> {
        match name {
            "AEAD_AES_256_GCM" => Some(Self::Aes256Gcm),
            #[cfg(feature = "sm2")]
            "AEAD_SM4_GCM" => Some(Self::Sm4Gcm),
            _ => None,
        }
    }

    /// The algorithm's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aes256Gcm => "AEAD_AES_256_GCM",
            #[cfg(feature = "sm2")]
            Self::Sm4Gcm => "AEAD_SM4_GCM",
        }
    }
}

/// The merchant's APIv3 key, with its ciphers set up once. It is erased when dropped, except for
/// the copy inside aws-lc, which aws-lc erases.
pub struct ApiV3Key {
    aes: Aes,
    #[cfg(feature = "sm2")]
    sm4: Box<aes_gcm::AesGcm<sm4::Sm4, aes_gcm::aead::consts::U12>>,
}

impl ApiV3Key {
    /// Bytes of an APIv3 key.
    pub const LEN: usize = 32;

    /// Reads the key from a file or a variable, as people save it. A byte-order mark and whitespace
    /// around it are removed; UTF-16 is converted. One pair of quotes is removed if the key has the
    /// wrong length with them.
    ///
    /// ```
    /// use protocol_core::crypto::ApiV3Key;
    ///
    /// assert!(ApiV3Key::read(b"\xef\xbb\xbf0123456789abcdefghijklmnopqrstuv \r\n").is_ok());
    /// assert!(ApiV3Key::read(b"'0123456789abcdefghijklmnopqrstuv'").is_ok());
    /// assert!(ApiV3Key::read(b"0123456789abcdefghijklmnopqrstu").is_err());
    /// ```
    ///
    /// # Errors
    /// [`CryptoError::ApiV3KeyLength`] when the remaining text has another length.
    pub fn read(file: &[u8]) -> Result<Self, CryptoError> {
        let text = pasted::Text::of_file(file);
        let key = text.trimmed();
        Self::new(if key.len() == Self::LEN { key } else { pasted::unquoted(key) })
    }

    /// Sets the key up. All 32 bytes count: for the content of a file, see [`ApiV3Key::read`].
    ///
    /// # Errors
    /// [`CryptoError::ApiV3KeyLength`] for any other length.
    pub fn new(key: &[u8]) -> Result<Self, CryptoError> {
        let key: &[u8; Self::LEN] = key.try_into().map_err(|_| CryptoError::ApiV3KeyLength { found: key.len() })?;
        Ok(Self {
            aes: Aes::new(key),
            #[cfg(feature = "sm2")]
            sm4: {
                let digest = zeroize::Zeroizing::new(super::sm3(&[key]));
                let (sm4_key, _) = digest.split_at(16);
                let sm4_key =
                    <&[u8; 16]>::try_from(sm4_key).map_err(|_| CryptoError::ApiV3KeyLength { found: key.len() })?;
                Box::new(aes_gcm::AesGcm::new(sm4_key.into()))
            },
        })
    }

    /// Decrypts `buffer` (ciphertext, then the 16-byte tag) in place, and shortens it to the
    /// plaintext.
    ///
    /// ```
    /// use protocol_core::crypto::{AeadAlgorithm, ApiV3Key};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let key = ApiV3Key::new(b"0123456789abcdef0123456789abcdef")?;
    /// let mut buffer =
    ///     key.seal(AeadAlgorithm::Aes256Gcm, b"0123456789ab", b"complaint", b"{}")?;
    /// key.open_in_place(AeadAlgorithm::Aes256Gcm, b"0123456789ab", b"complaint", &mut buffer)?;
    /// assert_eq!(buffer, b"{}");
    /// let opened =
    ///     key.open_in_place(AeadAlgorithm::Aes256Gcm, b"0123456789ab", b"other", &mut buffer);
    /// assert!(opened.is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`CryptoError::DecryptFailed`] for another key, another associated text, a nonce that is not
    /// 12 bytes, or a changed bit. Do not use the content of the buffer then.
    pub fn open_in_place(
        &self,
        algorithm: AeadAlgorithm,
        nonce: &[u8],
        associated_data: &[u8],
        buffer: &mut Vec<u8>,
    ) -> Result<(), CryptoError> {
        let nonce: &[u8; GCM_NONCE_LEN] = nonce.try_into().map_err(|_| CryptoError::DecryptFailed)?;
        match algorithm {
            AeadAlgorithm::Aes256Gcm => self.aes.open(nonce, associated_data, buffer),
            #[cfg(feature = "sm2")]
            AeadAlgorithm::Sm4Gcm => open(&*self.sm4, nonce, associated_data, buffer),
        }
    }

    /// Encrypts `plaintext` into ciphertext and tag. For fixtures and simulated platforms; a
    /// merchant never needs it.
    ///
    /// # Errors
    /// [`CryptoError::Encrypt`] beyond GCM's 64 GiB.
    pub fn seal(
        &self,
        algorithm: AeadAlgorithm,
        nonce: &[u8; GCM_NONCE_LEN],
        associated_data: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        match algorithm {
            AeadAlgorithm::Aes256Gcm => self.aes.seal(nonce, associated_data, plaintext),
            #[cfg(feature = "sm2")]
            AeadAlgorithm::Sm4Gcm => seal(&*self.sm4, nonce, associated_data, plaintext),
        }
    }

    /// Compares two keys in constant time. No copy of either is kept: the comparison is between the
    /// tags over an empty message.
    ///
    /// ```
    /// use protocol_core::crypto::ApiV3Key;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let key = ApiV3Key::new(b"0123456789abcdef0123456789abcdef")?;
    /// assert!(key.is_same_as(&ApiV3Key::new(b"0123456789abcdef0123456789abcdef")?));
    /// assert!(!key.is_same_as(&ApiV3Key::new(b"0123456789abcdef0123456789abcdeg")?));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        let tag = |key: &Self| key.seal(AeadAlgorithm::Aes256Gcm, &[0; GCM_NONCE_LEN], b"", b"");
        matches!((tag(self), tag(other)), (Ok(one), Ok(other)) if bool::from(one.ct_eq(&other)))
    }
}

impl fmt::Debug for ApiV3Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiV3Key(***)")
    }
}

#[cfg(any(feature = "sm2", not(feature = "aws-lc-rs")))]
fn open<C>(cipher: &C, nonce: &[u8; 12], aad: &[u8], buffer: &mut Vec<u8>) -> Result<(), CryptoError>
where
    C: aes_gcm::aead::AeadInOut<NonceSize = aes_gcm::aead::consts::U12, TagSize = aes_gcm::aead::consts::U16>,
{
    let plaintext_len = buffer.len().checked_sub(GCM_TAG_LEN).ok_or(CryptoError::DecryptFailed)?;
    let (ciphertext, tag) = buffer.split_at_mut_checked(plaintext_len).ok_or(CryptoError::DecryptFailed)?;
    let tag = Tag::try_from(&*tag).map_err(|_| CryptoError::DecryptFailed)?;
    cipher
        .decrypt_inout_detached(&Nonce::from(*nonce), aad, ciphertext.into(), &tag)
        .map_err(|_| CryptoError::DecryptFailed)?;
    buffer.truncate(plaintext_len);
    Ok(())
}

#[cfg(any(feature = "sm2", not(feature = "aws-lc-rs")))]
fn seal<C>(cipher: &C, nonce: &[u8; 12], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError>
where
    C: aes_gcm::aead::AeadInOut<NonceSize = aes_gcm::aead::consts::U12, TagSize = aes_gcm::aead::consts::U16>,
{
    let mut buffer = Vec::with_capacity(plaintext.len() + GCM_TAG_LEN);
    buffer.extend_from_slice(plaintext);
    let tag = cipher
        .encrypt_inout_detached(&Nonce::from(*nonce), aad, buffer.as_mut_slice().into())
        .map_err(|_| CryptoError::Encrypt)?;
    buffer.extend_from_slice(&tag);
    Ok(buffer)
}

/// AES-256-GCM in pure Rust.
#[cfg(not(feature = "aws-lc-rs"))]
struct Aes(Box<aes_gcm::Aes256Gcm>);

#[cfg(not(feature = "aws-lc-rs"))]
impl Aes {
    fn new(key: &[u8; ApiV3Key::LEN]) -> Self {
        Self(Box::new(aes_gcm::Aes256Gcm::new(key.into())))
    }

    fn open(&self, nonce: &[u8; 12], aad: &[u8], buffer: &mut Vec<u8>) -> Result<(), CryptoError> {
        open(&*self.0, nonce, aad, buffer)
    }

    fn seal(&self, nonce: &[u8; 12], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        seal(&*self.0, nonce, aad, plaintext)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_are_known_by_their_wire_names() {
        assert_eq!(AeadAlgorithm::from_wire("AEAD_AES_256_GCM"), Some(AeadAlgorithm::Aes256Gcm));
        assert_eq!(AeadAlgorithm::Aes256Gcm.as_str(), "AEAD_AES_256_GCM");
        #[cfg(feature = "sm2")]
        {
            assert_eq!(AeadAlgorithm::from_wire("AEAD_SM4_GCM"), Some(AeadAlgorithm::Sm4Gcm));
            assert_eq!(AeadAlgorithm::Sm4Gcm.as_str(), "AEAD_SM4_GCM");
        }
        for other in ["", "aead_aes_256_gcm", "AEAD_AES_128_GCM"] {
            assert_eq!(AeadAlgorithm::from_wire(other), None);
        }
    }
}
