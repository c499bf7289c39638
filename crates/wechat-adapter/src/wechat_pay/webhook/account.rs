//! The merchants of one listener, told apart by path or by the key that a notification names.

use core::fmt;
use std::sync::Arc;

use http::HeaderMap;
use protocol_core::UnixTime;
use protocol_core::crypto::{ApiV3Key, KeyStore};
use protocol_core::wechat_pay::{NotificationError, VerificationError, verify_notification};

use super::received::Received;
use super::setup_error::SetupError;

/// A merchant that receives notifications.
#[derive(Clone)]
pub struct Account {
    mchid: Arc<str>,
    keys: Arc<dyn KeyStore>,
    api_v3_key: Arc<ApiV3Key>,
}

impl Account {
    /// The merchant's number, the platform's keys (those of a [`Client`](crate::Client), say), its APIv3 key.
    pub fn new(mchid: impl Into<Arc<str>>, keys: Arc<dyn KeyStore>, api_v3_key: Arc<ApiV3Key>) -> Self {
        Self { mchid: mchid.into(), keys, api_v3_key }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("mchid", &self.mchid).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
pub(super) struct Accounts(Vec<(Option<String>, Account)>);

impl Accounts {
    pub(super) fn add(&mut self, path: Option<String>, account: Account) {
        self.0.push((path, account));
    }

    /// Whether every merchant's notifications can be told from every other's: at one path, by what opens them. A merchant may be
    /// there several times, with the APIv3 key it had and the one it has, say.
    pub(super) fn check(&self) -> Result<(), SetupError> {
        for (at, (path, account)) in self.0.iter().enumerate() {
            let earlier = self.0.iter().take(at).filter(|(other_path, _)| other_path == path);
            for (_, other) in earlier {
                if other.mchid != account.mchid && other.api_v3_key.is_same_as(&account.api_v3_key) {
                    let (one, other) = (other.mchid.clone(), account.mchid.clone());
                    return Err(SetupError::SharedKey { one, other, path: path.clone() });
                }
            }
        }
        Ok(())
    }

    /// Those that have this path to themselves, or else those of any path; `None` where nobody has it.
    pub(super) fn at(&self, path: &str) -> Option<Candidates<'_>> {
        let of = |wanted: Option<&str>| -> Vec<&Account> {
            self.0.iter().filter(|(own, _)| own.as_deref() == wanted).map(|(_, account)| account).collect()
        };
        [of(Some(path)), of(None)].into_iter().find(|accounts| !accounts.is_empty()).map(Candidates)
    }
}

/// The merchants a notification may be for.
#[derive(Debug)]
pub(super) struct Candidates<'a>(Vec<&'a Account>);

impl Candidates<'_> {
    /// Those that know the key.
    pub(super) fn that_know(mut self, serial: &str, now: UnixTime) -> Result<Self, VerificationError> {
        let mut unknown = None;
        self.0.retain(|account| account.keys.find(serial, now).map_err(|error| unknown = Some(error)).is_ok());
        match unknown {
            Some(error) if self.0.is_empty() => Err(error.into()),
            _ => Ok(self),
        }
    }

    /// Verifies the notification and opens it, for the first account whose key does: the encryption is authenticated.
    pub(super) fn open(self, headers: &HeaderMap, body: &[u8], now: UnixTime) -> Result<Received, Unopened> {
        let mut unopened: Option<Unopened> = None;
        for account in self.0 {
            let opened = verify_notification(headers, body, &*account.keys, now)
                .and_then(|verified| verified.open(&account.api_v3_key));
            match opened {
                Ok(notification) => return Ok(Received::new(account.mchid.clone(), notification)),
                Err(error) => match &mut unopened {
                    Some(other) if distance(&error) < distance(&other.error) => {}
                    // It may be for either.
                    Some(other) if distance(&error) == distance(&other.error) => {
                        other.mchid.take_if(|mchid| *mchid != account.mchid);
                    }
                    _ => unopened = Some(Unopened { mchid: Some(account.mchid.clone()), error }),
                },
            }
        }
        // Where nobody is asked, nobody proved it.
        Err(unopened.unwrap_or(Unopened { mchid: None, error: VerificationError::BadSignature.into() }))
    }
}

/// A notification that does not open.
#[derive(Debug)]
pub(super) struct Unopened {
    /// The account for which it came furthest, if that is one.
    pub(super) mchid: Option<Arc<str>>,
    /// Why.
    pub(super) error: NotificationError,
}

/// How far a notification came: of several accounts' reasons, that of the one it came furthest for is the true one, should
/// another know a different key by the same id, or have another APIv3 key.
const fn distance(error: &NotificationError) -> u8 {
    match error {
        NotificationError::Verification(_) => 0,
        NotificationError::DecryptFailed => 1,
        _ => 2,
    }
}
