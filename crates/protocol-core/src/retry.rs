//! When to send a request again, as a pure function: full jitter, the operation's idempotency, the
//! platform's wish.

use std::time::Duration;

use crate::error::Delivery;
use crate::failure::Failure;
use crate::operation::Idempotency;

/// How often and how fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Most attempts of one call, the first included.
    pub attempts: u32,
    /// The bound of the first wait; each further one doubles it.
    pub base: Duration,
    /// The bound of every wait.
    pub cap: Duration,
    /// Longest `Retry-After` that is waited for; beyond it the call fails, and the caller decides.
    pub max_retry_after: Duration,
}

/// Three attempts within a few seconds: what the platform's documentation advises after
/// `SYSTEM_ERROR`.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(200),
            cap: Duration::from_secs(5),
            max_retry_after: Duration::from_secs(10),
        }
    }
}

impl RetryPolicy {
    /// No second attempt.
    pub const NEVER: Self =
        Self { attempts: 1, base: Duration::ZERO, cap: Duration::ZERO, max_retry_after: Duration::ZERO };

    /// Most attempts of one call, the first included.
    #[must_use]
    pub const fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The bound of the first wait; each further one doubles it.
    #[must_use]
    pub const fn with_base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// The bound of every wait.
    #[must_use]
    pub const fn with_cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// Longest `Retry-After` that is waited for; beyond it the call fails, and the caller decides.
    #[must_use]
    pub const fn with_max_retry_after(mut self, max_retry_after: Duration) -> Self {
        self.max_retry_after = max_retry_after;
        self
    }

    /// How long to wait before attempt number `attempt + 1`; `None` to give up.
    ///
    /// An [`Idempotency::Unsafe`] request is sent again only where the last one certainly had no
    /// effect: it was not sent, or the platform refused it in proven words. `random` is uniform
    /// over all of `u64`.
    ///
    /// ```
    /// use protocol_core::retry::RetryPolicy;
    /// use protocol_core::{Delivery, Failure, Fault, Idempotency};
    /// use std::time::Duration;
    ///
    /// let policy = RetryPolicy::default();
    /// let broken = Failure::new(Fault::Network, Delivery::Unknown).with_is_retryable(true);
    /// assert_eq!(
    ///     policy.wait(1, broken, Idempotency::Safe, u64::MAX),
    ///     Some(Duration::from_millis(200))
    /// );
    /// assert_eq!(policy.wait(1, broken, Idempotency::Unsafe, 0), None);
    /// ```
    #[must_use]
    pub fn wait(&self, attempt: u32, failure: Failure, idempotency: Idempotency, random: u64) -> Option<Duration> {
        let harmless = idempotency != Idempotency::Unsafe || failure.delivery != Delivery::Unknown;
        if attempt >= self.attempts || !failure.is_retryable || !harmless {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(31);
        let bound = self.base.saturating_mul(1 << doublings).min(self.cap);
        // Rounded up, the longest wait of all is longer than any.
        let part = random as f64 / u64::MAX as f64;
        let jitter = Duration::try_from_secs_f64(bound.as_secs_f64() * part).map_or(bound, |jitter| jitter.min(bound));
        match failure.retry_after {
            Some(wished) if wished > self.max_retry_after => None,
            Some(wished) => Some(wished.saturating_add(jitter)),
            None => Some(jitter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault;

    const BROKEN: Failure = Failure::new(Fault::Network, Delivery::Unknown).with_is_retryable(true);

    #[test]
    fn waits_double_up_to_the_cap_and_are_jittered_in_full() {
        let policy = RetryPolicy { attempts: 100, ..RetryPolicy::default() };
        let longest = |attempt| policy.wait(attempt, BROKEN, Idempotency::Safe, u64::MAX).unwrap();
        assert_eq!([1, 2, 3].map(longest), [200, 400, 800].map(Duration::from_millis));
        assert_eq!([6, 40, 99].map(longest), [5, 5, 5].map(Duration::from_secs));
        assert_eq!(policy.wait(3, BROKEN, Idempotency::Idempotent, 0), Some(Duration::ZERO));
        let half = policy.wait(3, BROKEN, Idempotency::Safe, u64::MAX / 2).unwrap();
        assert!(half.abs_diff(Duration::from_millis(400)) < Duration::from_micros(1));
    }

    #[test]
    fn no_wait_is_too_long_to_be_told() {
        let policy =
            RetryPolicy { attempts: u32::MAX, base: Duration::MAX, cap: Duration::MAX, max_retry_after: Duration::MAX };
        for random in [u64::MAX, u64::MAX - 1] {
            assert_eq!(policy.wait(40, BROKEN, Idempotency::Safe, random), Some(Duration::MAX));
            let wished = Failure { retry_after: Some(Duration::MAX), ..BROKEN };
            assert_eq!(policy.wait(1, wished, Idempotency::Safe, random), Some(Duration::MAX));
        }
    }

    #[test]
    fn attempts_end() {
        assert!(RetryPolicy::default().wait(2, BROKEN, Idempotency::Safe, 0).is_some());
        assert_eq!(RetryPolicy::default().wait(3, BROKEN, Idempotency::Safe, 0), None);
        assert_eq!(RetryPolicy::NEVER.wait(1, BROKEN, Idempotency::Safe, 0), None);
    }

    #[test]
    fn a_write_that_may_have_happened_is_never_sent_again() {
        let policy = RetryPolicy::default();
        for (delivery, again) in [(Delivery::NotSent, true), (Delivery::Processed, true), (Delivery::Unknown, false)] {
            let failure = Failure { delivery, ..BROKEN };
            assert_eq!(policy.wait(1, failure, Idempotency::Unsafe, 0).is_some(), again, "{delivery:?}");
            assert!(policy.wait(1, failure, Idempotency::Idempotent, 0).is_some());
        }
        let refused = Failure { is_retryable: false, ..BROKEN };
        assert_eq!(policy.wait(1, refused, Idempotency::Safe, 0), None);
    }

    #[test]
    fn the_platforms_wish_is_kept_within_bounds() {
        let policy = RetryPolicy::default();
        let asked = |seconds| Failure { retry_after: Some(Duration::from_secs(seconds)), ..BROKEN };
        assert_eq!(policy.wait(1, asked(10), Idempotency::Safe, 0), Some(Duration::from_secs(10)));
        assert_eq!(policy.wait(1, asked(11), Idempotency::Safe, 0), None);
    }
}
