//! The targets' common parts: documents that come back, refusals that say nothing of the input, and
//! a stand-in for a platform.

use std::fmt::{Debug, Display};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
pub use bound::within;
use protocol_core::crypto::{CryptoError, KeyStore, Keyring, SignatureAlgorithm, Verifier, sm3};
use protocol_core::{DecodeError, UnixTime};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

pub mod sm2_arithmetic;

/// The time that every target's messages are signed at.
pub const NOW: UnixTime = UnixTime(1_741_936_166);

/// A stand-in for a platform's slow signature: a keyed digest, under the name of a real algorithm.
#[derive(Debug, Clone, Copy)]
pub struct StandIn(pub SignatureAlgorithm);

impl StandIn {
    /// Base64 of the signature of a message.
    pub fn sign(self, parts: &[&[u8]]) -> String {
        STANDARD.encode(Self::digest(parts))
    }

    /// A key store that has this one key, whatever it is asked for: under `id`.
    pub fn under(self, id: &str) -> impl KeyStore + use<> {
        let keys = Keyring::new();
        keys.insert(id, Arc::new(self));
        keys
    }

    fn digest(parts: &[&[u8]]) -> [u8; 32] {
        let mut keyed: Vec<&[u8]> = vec![b"a key that no input knows"];
        keyed.extend(parts);
        sm3(&keyed)
    }
}

impl Verifier for StandIn {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.0
    }

    fn verify(&self, parts: &[&[u8]], signature: &[u8]) -> Result<(), CryptoError> {
        if Self::digest(parts) == signature { Ok(()) } else { Err(CryptoError::BadSignature) }
    }
}

/// Standard base64.
pub fn to_base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of standard base64.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A JSON document. Decoded within `factor` bytes for each of its own; what decodes is JSON to any
/// other reader too, and what is written of it decodes to the same and is written the same.
pub fn document<T>(name: &'static str, bytes: &[u8], factor: usize) -> Option<T>
where
    T: DeserializeOwned + Serialize + PartialEq + Debug,
{
    let decode = |bytes: &[u8]| protocol_core::codec::decode_json::<T>(name, bytes).map(|value| value.trust_anyway());
    match within(factor, bytes.len(), || decode(bytes)) {
        Ok(value) => {
            let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
            assert!(serde_json::from_slice::<IgnoredAny>(text).is_ok(), "{name}: this is no JSON");
            let written = serde_json::to_vec(&value).expect("what was read can be written");
            let again = decode(&written).expect("what was written can be read");
            assert_eq!(again, value);
            assert_eq!(serde_json::to_vec(&again).expect("it can be written again"), written);
            Some(value)
        }
        Err(error) => {
            placed(&error, bytes);
            None
        }
    }
}

/// Whether a document is JSON to any reader. Other documents may be read all the same, their text
/// mended.
pub fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)).is_ok()
}

/// A decoding error points into its document, or into its mended text, where one byte may stand as
/// three; it quotes nothing of it.
pub fn placed(error: &DecodeError, bytes: &[u8]) {
    let lines = bytes.iter().filter(|&&byte| byte == b'\n').count() + 1;
    assert!((1..=lines).contains(&error.line()), "{error}");
    assert!(error.column() <= 3 * bytes.len() + 1, "{error}");
    quiet(error);
}

/// A refusal is short, and in our own words.
pub fn quiet(error: &impl Display) {
    let message = error.to_string();
    assert!(!message.is_empty() && message.len() < 300 && message.is_ascii(), "{message}");
}

/// The first line of an input, and the rest.
pub fn first_line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    Some((std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 1..]))
}
