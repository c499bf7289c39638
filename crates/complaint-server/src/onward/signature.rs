//! Signatures by Standard Webhooks 1.0.0, symmetric (`v1`).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use complaint_channels::{SettingError, SettingErrorKind};
use hmac::{Hmac, KeyInit as _, Mac as _};
use protocol_core::Secret;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::random::random;

/// The secret that an endpoint verifies with: 24 to 64 random bytes, written as `whsec_` and base64.
/// Its `Debug` shows nothing.
#[derive(Clone)]
pub struct SigningSecret(Secret);

impl SigningSecret {
    /// Makes a secret of 32 random bytes.
    ///
    /// # Errors
    /// [`SettingError`]: the system has no random bytes.
    pub fn generate() -> Result<Self, SettingError> {
        random(32).map(Self)
    }

    /// Reads a secret from its file's content, as people save it.
    ///
    /// # Errors
    /// [`SettingError`]: it is no secret of this form. The text does not quote it.
    pub fn read(file: &[u8]) -> Result<Self, SettingError> {
        let text = Secret::read(file);
        let digits = text.expose().strip_prefix(PREFIX.as_bytes());
        let bytes = digits.and_then(|digits| STANDARD.decode(digits).ok()).map(Secret::new);
        let fits = |bytes: &Secret| (MIN_SECRET_BYTES..=MAX_SECRET_BYTES).contains(&bytes.expose().len());
        bytes.filter(fits).map(Self).ok_or_else(|| {
            SettingError::new(
                SettingErrorKind::Value,
                "the secret of an endpoint is whsec_ and the base64 of 24 to 64 random bytes; its text is not shown",
            )
        })
    }

    /// The content of the secret's file.
    #[must_use]
    pub fn to_text(&self) -> Secret {
        Secret::new(format!("{PREFIX}{}", STANDARD.encode(self.0.expose())).into_bytes())
    }

    /// The entry of `webhook-signature` for this secret.
    pub(super) fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        // HMAC takes a key of any length.
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(self.0.expose()) else { return String::new() };
        let mac = mac.chain_update(format!("{id}.{timestamp}.")).chain_update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// The time that it takes does not depend on the bytes.
impl PartialEq for SigningSecret {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose().ct_eq(other.0.expose()).into()
    }
}

impl Eq for SigningSecret {}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(***)")
    }
}

/// Fewest bytes of a secret.
pub const MIN_SECRET_BYTES: usize = 24;

/// Most bytes of a secret.
pub const MAX_SECRET_BYTES: usize = 64;

const PREFIX: &str = "whsec_";

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the tests of the reference libraries.
    const PUBLISHED: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// Also signed by the Python package standardwebhooks 1.1.0.
    const OTHER: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn secret(text: &str) -> SigningSecret {
        SigningSecret::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_published_message_has_its_published_signature() {
        let signed = secret(PUBLISHED).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_message_in_chinese_has_the_signature_of_the_python_package() {
        let body = r#"{"type":"complaint.filed","timestamp":"2026-11-29T08:00:00Z","data":{"channel":"wechat-pay","merchant":"1900000001","id":"200201820200101080076610000","text":"重复扣费"}}"#;
        assert_eq!(body.len(), 174);
        let signed = secret(OTHER).sign("evt_0000000000000042", 1_795_939_200, body.as_bytes());
        assert_eq!(signed, "v1,8A5RjgnZWUPjz0zwjaO3nihrDWQWZum6++HoiBWFhiI=");
    }

    #[test]
    fn a_secret_has_its_form_and_its_bounds() {
        let text = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        for bytes in [MIN_SECRET_BYTES, MAX_SECRET_BYTES] {
            assert_eq!(secret(&format!("{}\r\n", text(bytes))).to_text().expose(), text(bytes).as_bytes());
        }
        let none = OTHER.replace("whsec_", "");
        for text in ["", "whsec_", "whsec_canary", &none, &text(MIN_SECRET_BYTES - 1), &text(MAX_SECRET_BYTES + 1)] {
            let error = SigningSecret::read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("whsec_ and the base64") && !error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn a_generated_secret_is_random_and_not_shown() {
        let [one, two] = [(); 2].map(|()| SigningSecret::generate().unwrap());
        assert_ne!(one.to_text().expose(), two.to_text().expose());
        assert!(SigningSecret::read(one.to_text().expose()).is_ok());
        assert_eq!(format!("{one:?}"), "SigningSecret(***)");
    }
}
