//! The one-time link: the way in while there is no user.

use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use complaint_channels::SettingError;
use protocol_core::UnixTime;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::random::random;

/// A link that works once, for a while.
#[derive(Debug, Default)]
pub(super) struct OneTimeLink {
    digest: [u8; 32],
    /// The end of the link; `None` if there is none, or it was used.
    until: Mutex<Option<UnixTime>>,
}

impl OneTimeLink {
    /// A link from now on. Returns its token.
    pub(super) fn open(now: UnixTime) -> Result<(Self, String), SettingError> {
        let token = URL_SAFE_NO_PAD.encode(random(32)?.expose());
        let until = Mutex::new(Some(now.plus(LINK_SECONDS)));
        Ok((Self { digest: Sha256::digest(&token).into(), until }, token))
    }

    /// Uses the link up; whether it was this one, and in time. The time that it takes does not depend
    /// on the token.
    pub(super) fn take(&self, token: &str, now: UnixTime) -> bool {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = until.is_some_and(|until| bool::from(self.digest.ct_eq(&digest)) && now < until);
        if is_it {
            *until = None;
        }
        is_it
    }

    /// A text that each link has alone, also after its use.
    pub(super) fn stamp(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.digest)
    }
}

/// The one-time link is over so long after the start.
pub const LINK_SECONDS: u32 = 3600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_once_and_in_time() {
        let (start, last) = (UnixTime(0), UnixTime(i64::from(LINK_SECONDS) - 1));
        let (link, token) = OneTimeLink::open(start).unwrap();
        assert!(!link.take("", start) && !link.take(&token[1..], start));
        assert!(link.take(&token, last) && !link.take(&token, last));
        let (link, token) = OneTimeLink::open(start).unwrap();
        assert!(!link.take(&token, UnixTime(i64::from(LINK_SECONDS))));
        assert!(!OneTimeLink::default().take("", start));
    }
}
