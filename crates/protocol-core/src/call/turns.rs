//! The turns of a client's requests, which its clones share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::rate::{Bucket, RateGroup, Rates, Turn};

/// The rates of a client, and the state of their buckets. All calls of a client share it, from any
/// thread, and wait for no lock.
///
/// ```
/// use std::time::Duration;
/// use protocol_core::call::Turns;
/// use protocol_core::rate::{Rate, RateGroup, Rates, Turn};
///
/// let turns = Turns::new(Rates::NONE.with(RateGroup::Reply, Some(Rate::per_second(1))));
/// let turn = |group| turns.take(group, Duration::ZERO, Duration::ZERO);
/// assert_eq!(turn(RateGroup::Reply), Turn::In(Duration::ZERO));
/// assert_eq!(turn(RateGroup::Reply), Turn::In(Duration::from_secs(1)));
/// assert_eq!(turn(RateGroup::List), Turn::In(Duration::ZERO)); // no limit
/// ```
#[derive(Debug, Default)]
pub struct Turns {
    rates: Rates,
    /// One [`Bucket`] a group.
    buckets: [AtomicU64; RateGroup::ALL.len()],
}

impl Turns {
    /// Full buckets.
    #[must_use]
    pub fn new(rates: Rates) -> Self {
        Self { rates, ..Self::default() }
    }

    /// The rates.
    #[must_use]
    pub const fn rates(&self) -> Rates {
        self.rates
    }

    /// Takes a turn for a request of this group. `now` is the client's monotonic clock, and `waited`
    /// the time that the call has waited for earlier turns.
    pub fn take(&self, group: RateGroup, now: Duration, waited: Duration) -> Turn {
        let Some(rate) = self.rates.of(group) else { return Turn::In(Duration::ZERO) };
        let Some(state) = self.buckets.get(group as usize) else { return Turn::In(Duration::ZERO) };
        let mut seen = state.load(Ordering::Relaxed);
        loop {
            let mut bucket = Bucket::from_bits(seen);
            let turn = bucket.take(rate, now, self.rates.max_wait, waited);
            // One number is the whole state, so that no other memory has to be in order.
            match state.compare_exchange_weak(seen, bucket.to_bits(), Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return turn,
                Err(changed) => seen = changed,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::Rate;

    #[test]
    fn each_group_has_its_own_bucket() {
        let slow = Rate::per_minute(1);
        let rates = RateGroup::ALL.into_iter().fold(Rates::NONE, |rates, group| rates.with(group, Some(slow)));
        let turns = Turns::new(rates);
        assert_eq!(turns.rates(), rates);
        for group in RateGroup::ALL {
            assert_eq!(turns.take(group, Duration::ZERO, Duration::ZERO), Turn::In(Duration::ZERO));
            assert_eq!(turns.take(group, Duration::ZERO, Duration::ZERO), Turn::In(Duration::from_secs(60)));
        }
    }

    #[test]
    fn threads_take_each_turn_once() {
        let turns = Turns::new(Rates::NONE.with(RateGroup::List, Some(Rate::new(1_000, Duration::from_secs(1)))));
        let taken = || {
            let turn = |_| match turns.take(RateGroup::List, Duration::ZERO, Duration::ZERO) {
                Turn::In(wait) => wait,
                Turn::TooLate(wait) => panic!("{wait:?}"),
            };
            (0..500).map(turn).collect::<Vec<_>>()
        };
        let mut waits = std::thread::scope(|scope| {
            let threads = [(); 4].map(|()| scope.spawn(taken));
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        waits.sort_unstable();
        let one_after_the_other: Vec<_> = {
            let turns = Turns::new(turns.rates());
            let turn = |_| turns.take(RateGroup::List, Duration::ZERO, Duration::ZERO);
            (0..2_000).map(turn).collect()
        };
        assert_eq!(waits.into_iter().map(Turn::In).collect::<Vec<_>>(), one_after_the_other);
    }
}
