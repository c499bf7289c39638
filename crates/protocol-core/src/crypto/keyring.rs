//! Finds the key that verifies a message, by certificate serial or public-key id. Keys are
//! replaceable while in use.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::Verifier;
#[cfg(any(feature = "rsa", feature = "sm2"))]
use super::{Certificate, PublicKey};
use crate::time::UnixTime;
use crate::wechat_pay::VerificationError;

/// Finds a platform's verifier by the id in a message (`Wechatpay-Serial`).
///
/// The store is called before the message is verified, so strangers choose the ids. It responds at
/// once: missing keys are fetched elsewhere.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::mpsc::SyncSender;
/// use protocol_core::UnixTime;
/// use protocol_core::crypto::{KeyStore, Keyring, Verifier};
/// use protocol_core::wechat_pay::VerificationError;
///
/// /// Keys that another task fetches; it is notified when one is missing.
/// struct Watched {
///     keys: Arc<Keyring>,
///     missing: SyncSender<()>,
/// }
///
/// impl KeyStore for Watched {
///     fn find(&self, key_id: &str, now: UnixTime) -> Result<Arc<dyn Verifier>, VerificationError> {
///         // Once is enough: if the channel is full, the fetcher was notified already.
///         self.keys.find(key_id, now).inspect_err(|_| drop(self.missing.try_send(())))
///     }
/// }
/// # let (missing, fetcher) = std::sync::mpsc::sync_channel(1);
/// # let keys = Watched { keys: Arc::default(), missing };
/// # assert!(keys.find("7777", UnixTime(0)).is_err() && keys.find("7777", UnixTime(0)).is_err());
/// # assert_eq!(fetcher.try_iter().count(), 1);
/// ```
pub trait KeyStore: Send + Sync {
    /// Finds the verifier of a certificate serial or public-key id.
    ///
    /// # Errors
    /// [`VerificationError::UnknownKey`]: the id is not configured, or `now` is outside its
    /// validity. Never fall back to another key.
    fn find(&self, key_id: &str, now: UnixTime) -> Result<Arc<dyn Verifier>, VerificationError>;
}

/// Why no key was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownKeyReason {
    /// No key has this id.
    NotConfigured,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate has expired.
    Expired,
}

impl fmt::Display for UnknownKeyReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotConfigured => "is configured",
            Self::NotYetValid => "is valid yet",
            Self::Expired => "is valid any more",
        })
    }
}

/// Verifiers by id: platform certificates (with their validity) and public keys (without).
///
/// Certificate serials are compared as numbers: the case of their digits and leading zeros are
/// ignored. Public-key ids, `PUB_KEY_ID_…`, are compared exactly. Share a keyring by reference
/// between threads; keys may be added and removed while it is in use.
///
/// ```
/// use protocol_core::crypto::{Certificate, KeyStore, Keyring, UnknownKeyReason};
/// use protocol_core::wechat_pay::{VerificationError, verifier};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let pem = include_bytes!("../../samples/wechat-pay/platform_certificate.pem");
/// let certificate = Certificate::read(pem)?;
/// let (validity, serial) = (certificate.validity(), certificate.serial_no());
/// let keys = Keyring::new();
/// let key = verifier(certificate.public_key())?;
/// keys.insert_valid(serial, key, validity.not_before, validity.not_after);
///
/// assert!(keys.find(serial, validity.not_after).is_ok());
/// let expired = keys.find(serial, validity.not_after.plus(1)).err().ok_or("expired")?;
/// assert!(matches!(expired, VerificationError::UnknownKey { reason: UnknownKeyReason::Expired, .. }));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Keyring(RwLock<HashMap<Box<str>, Entry>>);

#[derive(Debug)]
struct Entry {
    /// The id as configured.
    key_id: Box<str>,
    verifier: Arc<dyn Verifier>,
    /// The key of a certificate; `None` if the verifier alone was given.
    #[cfg(any(feature = "rsa", feature = "sm2"))]
    public_key: Option<PublicKey>,
    not_before: UnixTime,
    not_after: UnixTime,
}

impl Keyring {
    /// An empty keyring.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key without a validity window, or replaces the one of this id.
    pub fn insert(&self, key_id: &str, verifier: Arc<dyn Verifier>) {
        self.insert_valid(key_id, verifier, UnixTime(i64::MIN), UnixTime(i64::MAX));
    }

    /// Adds a key that is valid from `not_before` to `not_after`, both included, or replaces the
    /// one of this id.
    pub fn insert_valid(&self, key_id: &str, verifier: Arc<dyn Verifier>, not_before: UnixTime, not_after: UnixTime) {
        let entry = Entry {
            key_id: key_id.into(),
            verifier,
            #[cfg(any(feature = "rsa", feature = "sm2"))]
            public_key: None,
            not_before,
            not_after,
        };
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(comparable(key_id).into(), entry);
    }

    /// Adds a platform certificate with the verifier of its key, or replaces the one of its serial.
    /// If a platform certificate with the same key is here already, its verifier is kept instead:
    /// it may have tables by now.
    #[cfg(any(feature = "rsa", feature = "sm2"))]
    pub(crate) fn insert_certificate(&self, certificate: &Certificate, verifier: &Arc<dyn Verifier>) {
        let (key_id, validity, key) = (certificate.serial_no(), certificate.validity(), certificate.public_key());
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let kept = entries.values().find(|entry| entry.public_key.as_ref() == Some(key));
        let entry = Entry {
            key_id: key_id.into(),
            verifier: Arc::clone(kept.map_or(verifier, |entry| &entry.verifier)),
            public_key: Some(key.clone()),
            not_before: validity.not_before,
            not_after: validity.not_after,
        };
        entries.insert(comparable(key_id).into(), entry);
    }

    /// Removes a key and returns whether there was one.
    pub fn remove(&self, key_id: &str) -> bool {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&*comparable(key_id)).is_some()
    }

    /// Removes expired keys.
    pub fn remove_expired(&self, now: UnixTime) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).retain(|_, entry| now <= entry.not_after);
    }

    /// The ids as configured, in no order.
    #[must_use]
    pub fn key_ids(&self) -> Vec<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values().map(|entry| entry.key_id.to_string()).collect()
    }

    /// The last second at which a key is valid; `None` for a key without a validity window, and for
    /// an id that no key has.
    #[must_use]
    pub fn not_after(&self, key_id: &str) -> Option<UnixTime> {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let not_after = entries.get(&*comparable(key_id))?.not_after;
        (not_after != UnixTime(i64::MAX)).then_some(not_after)
    }
}

impl KeyStore for Keyring {
    fn find(&self, key_id: &str, now: UnixTime) -> Result<Arc<dyn Verifier>, VerificationError> {
        let unknown = |reason| VerificationError::UnknownKey { key_id: key_id.to_owned(), reason };
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        // The map has comparable ids, so an id that is found unchanged is one.
        match entries.get(key_id).or_else(|| entries.get(&*comparable(key_id))) {
            None => Err(unknown(UnknownKeyReason::NotConfigured)),
            Some(entry) if now < entry.not_before => Err(unknown(UnknownKeyReason::NotYetValid)),
            Some(entry) if now > entry.not_after => Err(unknown(UnknownKeyReason::Expired)),
            Some(entry) => Ok(Arc::clone(&entry.verifier)),
        }
    }
}

/// Whether two ids name the same key, compared as [`Keyring`] does.
///
/// ```
/// use protocol_core::crypto::is_same_key_id;
///
/// assert!(is_same_key_id("0AB1", "ab1"));
/// assert!(!is_same_key_id("PUB_KEY_ID_01", "PUB_KEY_ID_1"));
/// ```
#[must_use]
pub fn is_same_key_id(one: &str, other: &str) -> bool {
    comparable(one) == comparable(other)
}

/// Normalises a certificate serial, which is hexadecimal: some programs drop its leading zero, or
/// write lower-case letters. Any other id stays unchanged.
fn comparable(key_id: &str) -> Cow<'_, str> {
    let is_serial = !key_id.is_empty() && key_id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_serial {
        return Cow::Borrowed(key_id);
    }
    let number = match key_id.trim_start_matches('0') {
        "" => "0",
        number => number,
    };
    if number.contains(|digit: char| digit.is_ascii_lowercase()) {
        Cow::Owned(number.to_ascii_uppercase())
    } else {
        Cow::Borrowed(number)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CryptoError, SignatureAlgorithm};
    use super::*;

    #[derive(Debug)]
    struct Never;

    impl Verifier for Never {
        fn algorithm(&self) -> SignatureAlgorithm {
            SignatureAlgorithm::RsaSha256
        }

        fn verify(&self, _: &[&[u8]], _: &[u8]) -> Result<(), CryptoError> {
            Err(CryptoError::BadSignature)
        }
    }

    /// The id and the reason.
    fn named(error: VerificationError) -> (String, UnknownKeyReason) {
        match error {
            VerificationError::UnknownKey { key_id, reason } => (key_id, reason),
            other => panic!("{other}"),
        }
    }

    fn reason(keys: &Keyring, id: &str, now: i64) -> Option<UnknownKeyReason> {
        keys.find(id, UnixTime(now)).err().map(|error| named(error).1)
    }

    #[test]
    fn the_end_of_a_window_is_told() {
        let keys = Keyring::new();
        keys.insert("PUB_KEY_ID_1", Arc::new(Never));
        keys.insert_valid("0AB1", Arc::new(Never), UnixTime(1), UnixTime(5));
        let ends = ["PUB_KEY_ID_1", "ab1", "AB2"].map(|id| keys.not_after(id));
        assert_eq!(ends, [None, Some(UnixTime(5)), None]);
    }

    #[test]
    fn windows_are_kept_to_the_second() {
        let keys = Keyring::new();
        keys.insert("PUB_KEY_ID_1", Arc::new(Never));
        keys.insert_valid("AB", Arc::new(Never), UnixTime(10), UnixTime(20));
        assert_eq!(reason(&keys, "PUB_KEY_ID_1", i64::MIN), None);
        assert_eq!(reason(&keys, "AB", 9), Some(UnknownKeyReason::NotYetValid));
        assert_eq!(reason(&keys, "AB", 10), None);
        assert_eq!(reason(&keys, "AB", 20), None);
        assert_eq!(reason(&keys, "AB", 21), Some(UnknownKeyReason::Expired));
    }

    #[test]
    fn a_serial_is_a_number_and_a_public_keys_id_a_text() {
        let keys = Keyring::new();
        keys.insert("0AB1", Arc::new(Never));
        keys.insert("PUB_KEY_ID_0a1", Arc::new(Never));
        for id in ["0AB1", "AB1", "ab1", "000Ab1", "PUB_KEY_ID_0a1"] {
            assert_eq!(reason(&keys, id, 0), None, "{id}");
        }
        for id in ["AB10", "B1", "", "0", "00", "PUB_KEY_ID_a1", "PUB_KEY_ID_0A1", "0PUB_KEY_ID_0a1", "0xAB1", " AB1"] {
            let unknown = named(keys.find(id, UnixTime(0)).unwrap_err());
            assert_eq!(unknown, (id.to_owned(), UnknownKeyReason::NotConfigured));
        }
        // The id is shown as configured; the same serial is the same key.
        keys.insert("ab1", Arc::new(Never));
        let mut ids = keys.key_ids();
        ids.sort();
        assert_eq!(ids, ["PUB_KEY_ID_0a1", "ab1"]);
        assert!(keys.remove("00AB1"));
        assert!(!keys.remove("ab1"));
        assert!(is_same_key_id("00", "0") && !is_same_key_id("0", ""));
    }

    #[test]
    fn keys_come_and_go_while_in_use() {
        let keys = Keyring::new();
        keys.insert_valid("AB", Arc::new(Never), UnixTime(10), UnixTime(20));
        keys.insert("CD", Arc::new(Never));
        let held = keys.find("AB", UnixTime(15)).unwrap();
        keys.remove_expired(UnixTime(21));
        assert_eq!(reason(&keys, "AB", 15), Some(UnknownKeyReason::NotConfigured));
        assert!(held.verify(&[], &[]).is_err());
        assert!(keys.remove("CD"));
        assert!(!keys.remove("CD"));
        assert!(keys.key_ids().is_empty());
    }

    #[test]
    fn the_last_second_of_a_key_is_kept_and_its_id_reported() {
        let keys = Keyring::new();
        keys.insert_valid("AB", Arc::new(Never), UnixTime(10), UnixTime(20));
        keys.remove_expired(UnixTime(20));
        assert_eq!(keys.key_ids(), ["AB"]);
        assert!(!keys.remove("CD"));
        assert_eq!(reason(&keys, "AB", 20), None);
    }

    #[test]
    fn an_unknown_key_is_named_and_so_is_the_reason() {
        let keys = Keyring::new();
        keys.insert_valid("AB", Arc::new(Never), UnixTime(10), UnixTime(20));
        for (id, now, told) in [
            ("7777", 0, "no key with the id 7777 is configured"),
            ("AB", 9, "no key with the id AB is valid yet"),
            ("AB", 21, "no key with the id AB is valid any more"),
        ] {
            assert_eq!(keys.find(id, UnixTime(now)).unwrap_err().to_string(), told);
        }
    }
}
