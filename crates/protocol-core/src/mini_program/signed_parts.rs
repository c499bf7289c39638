//! The signed parts of a push, for showing what was signed.

use std::fmt;

use super::push_error::PushError;
use super::query::Query;
use super::sealed::Sealed;

/// The signed parts of a push, before any check: for showing what was signed.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedParts {
    /// `timestamp`, unchanged.
    pub timestamp: String,
    /// `nonce`, unchanged.
    pub nonce: String,
    /// `signature`: over token, timestamp and nonce.
    pub signature: Option<String>,
    /// `msg_signature`: over those and `Encrypt`.
    pub msg_signature: Option<String>,
    /// The body's `Encrypt`; absent from an unencrypted message.
    pub encrypt: Option<String>,
}

impl SignedParts {
    /// Reads the parts from query and body.
    ///
    /// # Errors
    /// [`PushError`] if they cannot be read.
    pub fn read(query: &str, body: &[u8]) -> Result<Self, PushError> {
        let query = Query::of_push(query, body)?;
        Ok(Self {
            timestamp: query.timestamp()?.0.to_owned(),
            nonce: query.nonce()?.to_owned(),
            signature: query.signature().ok().map(str::to_owned),
            msg_signature: query.msg_signature().ok().map(str::to_owned),
            encrypt: Sealed::read(body).ok().and_then(|sealed| sealed.encrypt().map(str::to_owned)),
        })
    }
}

impl fmt::Debug for SignedParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedParts").field("timestamp", &self.timestamp).finish_non_exhaustive()
    }
}
