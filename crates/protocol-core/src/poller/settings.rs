//! The settings of a poller.

use std::time::Duration;

use super::cursor::LOOK_BACK_DAYS;

const DAY: Duration = Duration::from_secs(86_400);

/// The shortest horizon: the tolerance for clocks and for late complaints.
const MIN_HORIZON: Duration = Duration::from_secs(3600);

/// The longest one.
const MAX_HORIZON: Duration = DAY.saturating_mul(LOOK_BACK_DAYS);

/// The number of failures of a page in a row that ends a poller of one round.
const MOST_FAILURES: u32 = 5;

/// The settings of a poller: its interval, its horizon, its waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Polling {
    interval: Duration,
    jitter: Duration,
    horizon: Duration,
    watch: Duration,
    page_size: Option<u32>,
    back_off: (Duration, Duration),
    once: bool,
}

/// A round a minute, 30 days back, histories of closed complaints for 3 days.
impl Default for Polling {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(60),
            jitter: Duration::from_secs(10),
            horizon: DAY * 30,
            watch: DAY * 3,
            page_size: None,
            back_off: (Duration::from_secs(5), Duration::from_secs(300)),
            once: false,
        }
    }
}

impl Polling {
    /// The pause between rounds, and a random addition to it. Default: a minute and up to 10
    /// seconds.
    pub const fn with_interval(mut self, interval: Duration, jitter: Duration) -> Self {
        self.interval = interval;
        self.jitter = jitter;
        self
    }

    /// How long after its filing a complaint is listed, from an hour to [`LOOK_BACK_DAYS`]; values
    /// beyond are clamped. Default: 30 days. Each round lists everything filed within it, a page a
    /// request; the [`Cursor`](super::Cursor) remembers as much.
    pub fn with_horizon(mut self, horizon: Duration) -> Self {
        self.horizon = horizon.clamp(MIN_HORIZON, MAX_HORIZON);
        self
    }

    /// How long the history of a `PROCESSED` complaint is still read in each round after its last
    /// change, and once more after that. Default: 3 days.
    pub const fn with_watch(mut self, watch: Duration) -> Self {
        self.watch = watch;
        self
    }

    /// Complaints per page, clamped to what the platform takes: 1 to 50 for WeChat Pay and virtual
    /// payment, 1 to 999 999 for Allinpay. Default: 50, and Allinpay's 20, the most that it advises.
    pub const fn with_page_size(mut self, page_size: u32) -> Self {
        self.page_size = Some(page_size);
        self
    }

    /// The wait after an error: about `base`, doubled after each further one, at most `cap`.
    /// Default: 5 seconds and 5 minutes. A failure that asks for a longer wait
    /// ([`Failure::retry_after`](crate::Failure::retry_after)) gets it, up to an hour. The client's own
    /// attempts come before it. A history whose
    /// error is not retryable causes no wait.
    pub const fn with_back_off(mut self, base: Duration, cap: Duration) -> Self {
        self.back_off = (base, cap);
        self
    }

    /// Ends the stream after one round, for a scheduled job. Errors on the way are handled as by
    /// any poller, but a page that fails five times in a row ends the stream. Its error is then the
    /// last item, the round does not count as read
    /// ([`Cursor::read_until`](super::Cursor::read_until) stays), and the next round begins as far
    /// back.
    pub const fn once(mut self) -> Self {
        self.once = true;
        self
    }

    pub(super) fn pause(&self, random: u64) -> Duration {
        self.interval.saturating_add(self.jitter.mul_f64(part(random)))
    }

    /// A wait between half and all of a bound that doubles.
    pub(super) fn back_off_after(&self, errors: u32, random: u64) -> Duration {
        let (base, cap) = self.back_off;
        let doublings = errors.saturating_sub(1).min(31);
        let bound = base.saturating_mul(1 << doublings).min(cap);
        bound.mul_f64(0.5 + part(random) / 2.0)
    }

    pub(super) fn horizon_seconds(&self) -> i64 {
        i64::try_from(self.horizon.as_secs()).unwrap_or(i64::MAX)
    }

    pub(super) fn watch_seconds(&self) -> i64 {
        i64::try_from(self.watch.as_secs()).unwrap_or(i64::MAX)
    }

    pub(super) const fn page_size(&self) -> Option<u32> {
        self.page_size
    }

    /// Whether a page with this number of failures is not requested again.
    pub(super) const fn gives_up(&self, failures: u32) -> bool {
        self.once && failures >= MOST_FAILURES
    }

    pub(super) const fn ends_after_a_round(&self) -> bool {
        self.once
    }
}

/// A random number as a fraction of all numbers.
fn part(random: u64) -> f64 {
    random as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_horizon_is_an_hour_at_least_and_the_look_back_at_most() {
        assert_eq!(Polling::default().with_horizon(Duration::ZERO).horizon_seconds(), 3600);
        assert_eq!(Polling::default().with_horizon(MIN_HORIZON * 2).horizon_seconds(), 7200);
        let most = i64::from(LOOK_BACK_DAYS) * 86_400;
        for (horizon, taken) in [(MAX_HORIZON, most), (MAX_HORIZON + MIN_HORIZON, most), (Duration::MAX, most)] {
            assert_eq!(Polling::default().with_horizon(horizon).horizon_seconds(), taken);
        }
        assert_eq!(Polling::default().with_horizon(MAX_HORIZON - MIN_HORIZON).horizon_seconds(), most - 3600);
    }

    #[test]
    fn waits_after_errors_double_up_to_the_cap() {
        let polling = Polling::default().with_back_off(Duration::from_secs(4), Duration::from_secs(60));
        for (errors, bound) in [(1, 4), (2, 8), (3, 16), (5, 60), (u32::MAX, 60)] {
            let bound = Duration::from_secs(bound);
            for random in [0, 1, u64::MAX / 3, u64::MAX] {
                let wait = polling.back_off_after(errors, random);
                assert!((bound / 2..=bound).contains(&wait), "{errors}: {wait:?}");
            }
        }
    }

    #[test]
    fn pauses_are_the_interval_and_a_little() {
        let polling = Polling::default().with_interval(Duration::from_secs(7), Duration::from_secs(2));
        assert_eq!([0, u64::MAX].map(|random| polling.pause(random).as_secs()), [7, 9]);
    }
}
