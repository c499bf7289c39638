//! The state of an act that must survive a crash.

use serde::{Deserialize, Serialize};

use super::evidence::{Before, Doubt};
use crate::time::UnixTime;

/// The state of an act that must survive a crash: a plain value. Store it at each
/// [`ActStep::Keep`](super::ActStep::Keep): before each send, and once the act must not be sent
/// again.
///
/// It holds no time of the caller's clock, since the clock of a machine may be set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActState {
    pub(super) attempt: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<Before>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) platform_time: Option<i64>,
    /// The doubt that the last attempt left, if the act must not be sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) doubt: Option<Doubt>,
}

impl ActState {
    /// Of an act that was never sent.
    pub(super) const fn new() -> Self {
        Self { attempt: 1, before: None, platform_time: None, doubt: None }
    }

    /// The attempt that follows, or was the last, from 1.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The complaint before the first attempt, if it was read.
    #[must_use]
    pub const fn before(&self) -> Option<&Before> {
        self.before.as_ref()
    }

    /// The platform's clock before the first attempt, if it was read.
    #[must_use]
    pub fn platform_time(&self) -> Option<UnixTime> {
        self.platform_time.map(UnixTime)
    }
}
