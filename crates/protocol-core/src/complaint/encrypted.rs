//! A sensitive field: ciphertext on the wire, personal data after decryption.

use serde::{Deserialize, Deserializer, Serialize};

use crate::codec::base64;
use crate::codec::json::WireValue;
use crate::crypto::{CryptoError, Decryptor};
use crate::secret::Personal;

/// A field encrypted to the merchant's own key (`payer_phone`): base64 of RSAES-OAEP with SHA-1, or
/// of SM2 in SM mode. The APIv3 key is not involved.
///
/// It is decrypted on demand, so a field that cannot be decrypted never fails its document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encrypted(Personal<String>);

impl Encrypted {
    /// A field from its ciphertext on the wire.
    ///
    /// ```
    /// use protocol_core::complaint::Encrypted;
    /// use protocol_core::crypto::{CryptoError, Decryptor};
    ///
    /// let clear = Encrypted::new("18500000000".to_owned());
    /// assert_eq!(clear.decrypt([] as [&dyn Decryptor; 0]), Err(CryptoError::NotBase64));
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
    /// [`CryptoError::NotBase64`], [`CryptoError::NoKeyOpens`], [`CryptoError::NotText`]. The rest
    /// of the document is unaffected.
    pub fn decrypt<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k dyn Decryptor>,
    ) -> Result<Personal<String>, CryptoError> {
        if self.as_wire().is_empty() {
            return Ok(Personal::default());
        }
        let ciphertext = base64::decode(self.as_wire()).ok_or(CryptoError::NotBase64)?;
        let plaintext =
            keys.into_iter().find_map(|key| key.decrypt(&ciphertext).ok()).ok_or(CryptoError::NoKeyOpens)?;
        std::str::from_utf8(plaintext.expose())
            .map(|text| Personal::new(text.to_owned()))
            .map_err(|_| CryptoError::NotText)
    }
}

impl<'de> WireValue<'de> for Encrypted {
    const EXPECTED: &'static str = <String as WireValue<'_>>::EXPECTED;

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::decode(deserializer).map(Self::new)
    }
}
