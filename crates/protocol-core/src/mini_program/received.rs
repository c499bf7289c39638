//! A push that was opened, and whether its signature covers it.

use super::document::Document;
use super::push::Push;
use crate::trust::{Unverified, Verified};

/// A push, verified or not; or the [`Document`] of one that cannot be read. Exhaustive: callers
/// decide on both, and no unverified push passes through a `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received<T = Push> {
    /// Compatible and secure mode: the signature covers the message, which names the configured
    /// application.
    Verified(Verified<T>),
    /// Plain mode: anyone who knows one signed query can write any message under it. At best TLS
    /// and a secret path protect it.
    Unverified(Unverified<T>),
}

impl Received {
    /// The push, verified or not.
    #[must_use]
    pub fn push(&self) -> &Push {
        self.peek()
    }
}

impl Received<Document> {
    /// [`Document::dedup_key`], verified or not.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        self.peek().dedup_key()
    }

    /// The message's text, verified or not.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.peek().as_str()
    }
}

impl<T> Received<T> {
    pub(super) const fn verified(value: T) -> Self {
        Self::Verified(Verified::new(value))
    }

    pub(super) const fn unverified(value: T) -> Self {
        Self::Unverified(Unverified::new(value))
    }

    pub(super) const fn is_verified(&self) -> bool {
        matches!(self, Self::Verified(_))
    }

    fn peek(&self) -> &T {
        match self {
            Self::Verified(value) => value,
            Self::Unverified(value) => value.peek(),
        }
    }
}
