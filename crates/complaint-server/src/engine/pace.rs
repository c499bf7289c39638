//! How often an engine looks, and how long it keeps.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use complaint_inbox::NearSteps;

/// How often an engine does its rounds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pace {
    /// Between two looks for what is due without news: a wait that ended, a lease that lapsed, a
    /// deadline that came near, an account that was added. Default: 5 seconds.
    pub look_every: Duration,
    /// Between two sweeps of an account's lists. Default: 10 minutes.
    pub sweep_every: Duration,
    /// Seconds after which an open complaint is read again by its number. Default: 6 hours.
    pub unread_seconds: u32,
    /// Days for which everything is kept after its last change. Default: 400.
    pub keep_days: u32,
    /// How long before its time a deadline is near. Default: 6 hours.
    pub near_steps: NearSteps,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            look_every: Duration::from_secs(5),
            sweep_every: Duration::from_secs(10 * 60),
            unread_seconds: 6 * 60 * 60,
            keep_days: 400,
            near_steps: NearSteps::default(),
        }
    }
}

impl Pace {
    /// Sets [`look_every`](Self::look_every).
    #[must_use]
    pub fn with_look_every(self, look_every: Duration) -> Self {
        Self { look_every, ..self }
    }

    /// Sets [`sweep_every`](Self::sweep_every).
    #[must_use]
    pub fn with_sweep_every(self, sweep_every: Duration) -> Self {
        Self { sweep_every, ..self }
    }

    /// Sets [`unread_seconds`](Self::unread_seconds).
    #[must_use]
    pub fn with_unread_seconds(self, unread_seconds: u32) -> Self {
        Self { unread_seconds, ..self }
    }

    /// Sets [`keep_days`](Self::keep_days).
    #[must_use]
    pub fn with_keep_days(self, keep_days: u32) -> Self {
        Self { keep_days, ..self }
    }

    /// Sets [`near_steps`](Self::near_steps).
    #[must_use]
    pub fn with_near_steps(self, near_steps: NearSteps) -> Self {
        Self { near_steps, ..self }
    }
}

/// The distances at which a deadline is near, as they are now. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct LiveSteps(Arc<RwLock<NearSteps>>);

impl LiveSteps {
    pub(crate) fn new(steps: NearSteps) -> Self {
        Self(Arc::new(RwLock::new(steps)))
    }

    pub(super) fn current(&self) -> NearSteps {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn replace(&self, steps: NearSteps) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = steps;
    }
}
