//! The meaning of a failure for its call.

use std::time::Duration;

use crate::error::{Delivery, Fault};

/// The meaning of an error for its call: the side at fault, whether the request may have taken
/// effect, and whether and when to retry. Each error that can fail a call has a method `failure`
/// that returns it.
///
/// ```
/// use std::time::Duration;
/// use protocol_core::{Delivery, Failure, Fault};
///
/// let busy = Failure::new(Fault::Platform, Delivery::Processed)
///     .with_is_retryable(true)
///     .with_retry_after(Some(Duration::from_secs(60)));
/// assert!(busy.is_retryable && !busy.may_have_happened);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The side at fault.
    pub fault: Fault,
    /// Whether the request may have taken effect.
    pub delivery: Delivery,
    /// Whether the same request may succeed later. Whether it may be *sent* again depends on
    /// [`Failure::delivery`] too.
    pub is_retryable: bool,
    /// The wait that the platform asks for, or that the client's own rate requires.
    pub retry_after: Option<Duration>,
    /// Whether to look for the request's effect: it may have happened despite the failure. An
    /// unsigned refusal does not prove that the request had no effect. If it says that the request
    /// was wrong (WeChat Pay: 4xx except 429), this is `false`: no look is needed. For 429 and 5xx
    /// it is `true`.
    pub may_have_happened: bool,
    /// Whether only this host failed: the next attempt goes to another host.
    pub is_at_this_host: bool,
}

impl Failure {
    /// A failure that no retry remedies, at no particular host. It may have happened if its
    /// delivery is unknown.
    #[must_use]
    pub const fn new(fault: Fault, delivery: Delivery) -> Self {
        Self {
            fault,
            delivery,
            is_retryable: false,
            retry_after: None,
            may_have_happened: matches!(delivery, Delivery::Unknown),
            is_at_this_host: false,
        }
    }

    /// Sets [`Failure::is_retryable`].
    #[must_use]
    pub const fn with_is_retryable(mut self, is_retryable: bool) -> Self {
        self.is_retryable = is_retryable;
        self
    }

    /// Sets [`Failure::retry_after`].
    #[must_use]
    pub const fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.retry_after = retry_after;
        self
    }

    /// Sets [`Failure::may_have_happened`].
    #[must_use]
    pub const fn with_may_have_happened(mut self, may_have_happened: bool) -> Self {
        self.may_have_happened = may_have_happened;
        self
    }

    /// Sets [`Failure::is_at_this_host`].
    #[must_use]
    pub const fn with_is_at_this_host(mut self, is_at_this_host: bool) -> Self {
        self.is_at_this_host = is_at_this_host;
        self
    }
}
