//! How many requests go out, as a pure function: a token bucket over integers.

use std::time::Duration;

/// Operations that count against one limit. A client has one bucket for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RateGroup {
    /// Lists of complaints.
    List,
    /// Pages of a complaint's history.
    History,
    /// Replies to a payer.
    Reply,
    /// Uploads of pictures.
    Upload,
    /// Completions.
    Complete,
    /// All other operations.
    Other,
}

impl RateGroup {
    /// Every group, in the order of their numbers.
    pub(crate) const ALL: [Self; 6] =
        [Self::List, Self::History, Self::Reply, Self::Upload, Self::Complete, Self::Other];
}

/// The rates of a client, one a group, and the longest wait of a call.
///
/// A channel's documented rates are a constant of it: `wechat_pay::RATES`. No rate is documented for
/// the other channels, so their clients begin with [`Rates::NONE`].
///
/// ```
/// use protocol_core::rate::{Rate, RateGroup, Rates};
///
/// // Two processes share the platform's limit of 200 lists a minute.
/// let rates = Rates::NONE.with(RateGroup::List, Some(Rate::per_minute(100)));
/// assert_eq!(rates.of(RateGroup::List), Some(Rate::per_minute(100)));
/// assert_eq!(rates.of(RateGroup::Reply), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rates {
    /// The rate of [`RateGroup::List`]. `None`: no limit.
    pub list: Option<Rate>,
    /// The rate of [`RateGroup::History`].
    pub history: Option<Rate>,
    /// The rate of [`RateGroup::Reply`].
    pub reply: Option<Rate>,
    /// The rate of [`RateGroup::Upload`].
    pub upload: Option<Rate>,
    /// The rate of [`RateGroup::Complete`].
    pub complete: Option<Rate>,
    /// The rate of [`RateGroup::Other`].
    pub other: Option<Rate>,
    /// The longest time that one call waits for its turns, all attempts together. A call that would
    /// wait longer fails at once with `CallError::OverRate`.
    pub max_wait: Duration,
}

impl Rates {
    /// No limit.
    pub const NONE: Self =
        Self { list: None, history: None, reply: None, upload: None, complete: None, other: None, max_wait: MAX_WAIT };

    /// The rate of a group. `None`: no limit.
    #[must_use]
    pub const fn of(&self, group: RateGroup) -> Option<Rate> {
        match group {
            RateGroup::List => self.list,
            RateGroup::History => self.history,
            RateGroup::Reply => self.reply,
            RateGroup::Upload => self.upload,
            RateGroup::Complete => self.complete,
            RateGroup::Other => self.other,
        }
    }

    /// Sets the rate of a group. `None`: no limit.
    #[must_use]
    pub const fn with(mut self, group: RateGroup, rate: Option<Rate>) -> Self {
        match group {
            RateGroup::List => self.list = rate,
            RateGroup::History => self.history = rate,
            RateGroup::Reply => self.reply = rate,
            RateGroup::Upload => self.upload = rate,
            RateGroup::Complete => self.complete = rate,
            RateGroup::Other => self.other = rate,
        }
        self
    }

    /// Sets [`Rates::max_wait`].
    #[must_use]
    pub const fn with_max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait;
        self
    }
}

/// No limit.
impl Default for Rates {
    fn default() -> Self {
        Self::NONE
    }
}

/// At most so many requests in any span of `period`, wherever the span begins. Of these, `burst`
/// may go out at once; the others are spread over the period.
///
/// A platform that counts in fixed minutes is satisfied too: the bursts of two minutes never meet.
/// The price is that a steady stream has `burst` − 1 requests less a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    requests: u32,
    period: Duration,
    burst: u32,
}

impl Rate {
    /// At most `requests` in any span of `period`. With 0 requests nothing is sent; with a period of
    /// zero there is no limit. A tenth of the requests may go out at once.
    #[must_use]
    pub const fn new(requests: u32, period: Duration) -> Self {
        Self { requests, period, burst: 0 }.with_burst(requests / BURST_PART)
    }

    /// At most `requests` in any minute.
    #[must_use]
    pub const fn per_minute(requests: u32) -> Self {
        Self::new(requests, Duration::from_secs(60))
    }

    /// At most `requests` in any second.
    #[must_use]
    pub const fn per_second(requests: u32) -> Self {
        Self::new(requests, Duration::from_secs(1))
    }

    /// Sets the number of requests that may go out at once: at least 1, and at most all of a period.
    #[must_use]
    pub const fn with_burst(mut self, burst: u32) -> Self {
        self.burst = if burst > self.requests { self.requests } else { burst };
        if self.burst == 0 {
            self.burst = 1;
        }
        self
    }

    /// The most requests in any span of [`period`](Self::period).
    #[must_use]
    pub const fn requests(&self) -> u32 {
        self.requests
    }

    /// The span.
    #[must_use]
    pub const fn period(&self) -> Duration {
        self.period
    }

    /// The number of requests that may go out at once.
    #[must_use]
    pub const fn burst(&self) -> u32 {
        self.burst
    }

    /// The time in which one turn comes back, in nanoseconds, rounded up: a span of a period that
    /// begins with a burst then has room for the others.
    const fn interval(&self) -> u64 {
        let others = self.requests.saturating_sub(self.burst).saturating_add(1);
        nanoseconds(self.period).div_ceil(others as u64)
    }
}

/// A token bucket. It is full at first.
///
/// It stores when it will be full again, by the caller's monotonic clock. So a turn can be given
/// before it is there: each caller waits once, for its own turn, and turns are in order.
///
/// ```
/// use std::time::Duration;
/// use protocol_core::rate::{Bucket, Rate, Turn};
///
/// let (rate, patience) = (Rate::per_minute(60).with_burst(1), Duration::from_secs(2));
/// let mut bucket = Bucket::default();
/// let mut turn = |now| bucket.take(rate, now, patience, Duration::ZERO);
/// let now = Duration::from_secs(7);
/// assert_eq!(turn(now), Turn::In(Duration::ZERO));
/// assert_eq!(turn(now), Turn::In(Duration::from_secs(1)));
/// assert_eq!(turn(now), Turn::In(Duration::from_secs(2)));
/// assert_eq!(turn(now), Turn::TooLate(Duration::from_secs(3)));
/// assert_eq!(turn(now + Duration::from_secs(3)), Turn::In(Duration::ZERO));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bucket {
    /// In nanoseconds of the caller's clock.
    full_at: u64,
}

impl Bucket {
    /// Takes a turn. A call that has `waited` already waits at most until `max_wait` is used up;
    /// otherwise no turn is taken.
    ///
    /// A clock that goes back costs at most `max_wait`, and no turn comes back twice. A clock that
    /// jumps ahead gives a burst.
    pub fn take(&mut self, rate: Rate, now: Duration, max_wait: Duration, waited: Duration) -> Turn {
        if rate.requests == 0 {
            return Turn::TooLate(Duration::MAX);
        }
        let (now, interval) = (nanoseconds(now), rate.interval());
        let capacity = interval.saturating_mul(u64::from(rate.burst));
        // A bucket is never further from full, except by a clock that has gone back.
        let emptiest = now.saturating_add(nanoseconds(max_wait)).saturating_add(capacity);
        self.full_at = self.full_at.clamp(now, emptiest);
        let taken = self.full_at.saturating_add(interval);
        let wait = Duration::from_nanos(taken.saturating_sub(capacity).saturating_sub(now));
        if waited.saturating_add(wait) > max_wait {
            return Turn::TooLate(wait);
        }
        self.full_at = taken;
        Turn::In(wait)
    }

    pub(crate) const fn from_bits(full_at: u64) -> Self {
        Self { full_at }
    }

    pub(crate) const fn to_bits(self) -> u64 {
        self.full_at
    }
}

/// The next turn. Exhaustive: there are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Taken: send after this wait.
    In(Duration),
    /// Not taken, since it is too late for the call. It would come after this wait;
    /// [`Duration::MAX`]: never.
    TooLate(Duration),
}

/// The longest time that one call waits for its turns, by default: a period of the documented rates.
pub const MAX_WAIT: Duration = Duration::from_secs(60);

/// The part of a period's requests that may go out at once, by default.
const BURST_PART: u32 = 10;

/// 584 years at most.
const fn nanoseconds(duration: Duration) -> u64 {
    let nanoseconds = duration.as_nanos();
    if nanoseconds > u64::MAX as u128 { u64::MAX } else { nanoseconds as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn wait(bucket: &mut Bucket, rate: Rate, now: Duration) -> Duration {
        match bucket.take(rate, now, MAX_WAIT, Duration::ZERO) {
            Turn::In(wait) => wait,
            Turn::TooLate(wait) => panic!("{wait:?}"),
        }
    }

    #[test]
    fn a_burst_goes_out_at_once_and_the_others_are_spread_over_the_period() {
        let rate = Rate::per_minute(60);
        assert_eq!((rate.requests(), rate.burst()), (60, 6));
        let mut bucket = Bucket::default();
        let waits: Vec<_> = (0..60).map(|_| wait(&mut bucket, rate, SECOND)).collect();
        assert!(waits[..6].iter().all(Duration::is_zero), "{waits:?}");
        assert!(waits[6] > SECOND && waits[6] < SECOND * 11 / 10, "{waits:?}");
        assert!(waits[59] < MAX_WAIT);
        assert!(matches!(bucket.take(rate, SECOND, MAX_WAIT, Duration::ZERO), Turn::TooLate(wait) if wait >= MAX_WAIT));
    }

    #[test]
    fn a_burst_has_bounds() {
        for (burst, kept) in [(0, 1), (1, 1), (200, 200), (201, 200)] {
            assert_eq!(Rate::per_minute(200).with_burst(burst).burst(), kept, "{burst}");
        }
        assert_eq!(Rate::per_second(25).burst(), 2);
        assert_eq!(Rate::per_second(9).burst(), 1);
        // All at once, and then nothing for a period.
        let (all, mut bucket) = (Rate::per_minute(3).with_burst(3), Bucket::default());
        let waits = [(); 4].map(|()| wait(&mut bucket, all, SECOND));
        assert_eq!(waits, [Duration::ZERO, Duration::ZERO, Duration::ZERO, MAX_WAIT]);
    }

    #[test]
    fn a_call_waits_as_long_as_it_may_and_no_longer() {
        let (rate, ms) = (Rate::per_second(1), Duration::from_millis);
        for (max_wait, waited, turn) in [
            (ms(1_000), ms(0), Turn::In(SECOND)),
            (ms(999), ms(0), Turn::TooLate(SECOND)),
            (ms(1_500), ms(500), Turn::In(SECOND)),
            (ms(1_500), ms(501), Turn::TooLate(SECOND)),
        ] {
            let mut bucket = Bucket::default();
            assert_eq!(bucket.take(rate, SECOND, max_wait, Duration::ZERO), Turn::In(Duration::ZERO));
            let before = bucket;
            assert_eq!(bucket.take(rate, SECOND, max_wait, waited), turn);
            assert_eq!(bucket == before, matches!(turn, Turn::TooLate(_)), "no turn is taken");
        }
    }

    #[test]
    fn zero_is_nothing_or_everything() {
        let mut bucket = Bucket::default();
        let none = bucket.take(Rate::per_second(0), SECOND, Duration::MAX, Duration::ZERO);
        assert_eq!(none, Turn::TooLate(Duration::MAX));
        let all = Rate::new(1, Duration::ZERO);
        assert!((0..1_000).all(|_| wait(&mut bucket, all, Duration::ZERO).is_zero()));
    }

    #[test]
    fn a_clock_that_goes_back_costs_no_more_than_the_longest_wait() {
        let (rate, mut bucket) = (Rate::per_second(1), Bucket::default());
        wait(&mut bucket, rate, SECOND * 1_000_000);
        let turn = |bucket: &mut Bucket, now| bucket.take(rate, now, SECOND * 5, Duration::ZERO);
        assert_eq!(turn(&mut bucket, SECOND * 10), Turn::TooLate(SECOND * 6));
        assert_eq!(turn(&mut bucket, SECOND * 11), Turn::In(SECOND * 5));
    }

    #[test]
    fn no_number_is_too_large() {
        let mut bucket = Bucket::default();
        let slow = Rate::new(u32::MAX, Duration::MAX).with_burst(u32::MAX);
        for now in [Duration::ZERO, SECOND, Duration::MAX, Duration::from_nanos(u64::MAX), SECOND] {
            for rate in [slow, Rate::new(1, Duration::MAX), Rate::new(u32::MAX, Duration::from_nanos(1))] {
                bucket.take(rate, now, Duration::MAX, Duration::MAX);
                bucket.take(rate, now, Duration::ZERO, Duration::ZERO);
            }
        }
    }

    #[test]
    fn each_group_has_its_own_rate() {
        for group in RateGroup::ALL {
            let rates = Rates::default().with(group, Some(Rate::per_second(1)));
            let limited = RateGroup::ALL.into_iter().filter(|group| rates.of(*group).is_some());
            assert_eq!(limited.collect::<Vec<_>>(), [group]);
            assert_eq!(rates.with(group, None), Rates::NONE);
        }
    }
}
