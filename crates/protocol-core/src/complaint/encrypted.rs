//! A sensitive field: ciphertext on the wire, personal data after decryption.

use serde::{Deserialize, Deserializer, Serialize};

use crate::codec::base64;
use crate::codec::json::WireValue;
use crate::crypto::Decryptor;
use crate::secret::Personal;

/// A field encrypted to the merchant's own key (`payer_phone`): base64 of RSAES-OAEP with SHA-1, or
/// of SM2 in SM mode. The APIv3 key is not involved.
///
/// It is decrypted on demand, so a field that cannot be decrypted never fails its document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encrypted(Personal<String>);

/// Why a sensitive field did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptedFault {
    /// It is not base64, and so no ciphertext at all: documentation samples show clear text here.
    #[error("the field is not base64, so it is not a ciphertext")]
    NotBase64,
    /// None of the keys opens it. It may have been encrypted to an older merchant certificate.
    #[error("no key decrypts the field; a value from before a change of certificate needs the older key")]
    NoKeyOpens,
    /// It opened to something that is not text.
    #[error("the decrypted field is not UTF-8")]
    NotText,
}

impl Encrypted {
    /// A field from its ciphertext on the wire.
    ///
    /// ```
    /// use protocol_core::complaint::{Encrypted, EncryptedFault};
    /// use protocol_core::crypto::Decryptor;
    ///
    /// let clear = Encrypted::new("18500000000".to_owned());
    /// assert_eq!(clear.decrypt([] as [&dyn Decryptor; 0]), Err(EncryptedFault::NotBase64));
    /// ```
    #[must_use]
    pub fn new(ciphertext: String) -> Self {
        Self(Personal::new(ciphertext))
    }

    /// The ciphertext on the wire.
    #[must_use]
    pub fn as_wire(&self) -> &str {
        self.0.expose()
    }

    /// Decrypts the field with the first key that fits: pass the current merchant key first, older
    /// ones after it. An empty field decrypts to an empty text. Make each key with
    /// [`wechat_pay::decryptor`](crate::wechat_pay::decryptor), which has an example.
    ///
    /// # Errors
    /// [`EncryptedFault`]. The rest of the document is unaffected.
    pub fn decrypt<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k dyn Decryptor>,
    ) -> Result<Personal<String>, EncryptedFault> {
        if self.as_wire().is_empty() {
            return Ok(Personal::default());
        }
        let ciphertext = base64::decode(self.as_wire()).ok_or(EncryptedFault::NotBase64)?;
        let plaintext =
            keys.into_iter().find_map(|key| key.decrypt(&ciphertext).ok()).ok_or(EncryptedFault::NoKeyOpens)?;
        core::str::from_utf8(plaintext.expose())
            .map(|text| Personal::new(text.to_owned()))
            .map_err(|_| EncryptedFault::NotText)
    }
}

impl<'de> WireValue<'de> for Encrypted {
    const EXPECTED: &'static str = <String as WireValue<'_>>::EXPECTED;

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::decode(deserializer).map(Self::new)
    }
}
