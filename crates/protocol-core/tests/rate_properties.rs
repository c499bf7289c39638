//! The token bucket, against a count of the requests in every span of time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test states what must hold"
)]

use std::time::Duration;

use proptest::prelude::*;
use protocol_core::rate::{Bucket, MAX_WAIT, Rate, Turn};

const MILLISECOND: Duration = Duration::from_millis(1);

/// The most of these times that lie in one span of this length. A span has its begin, not its end.
fn most_within(times: &[Duration], span: Duration) -> usize {
    let within = |begin: &Duration| times.iter().filter(|time| *time >= begin && **time - *begin < span).count();
    times.iter().map(within).max().unwrap_or(0)
}

fn rates() -> impl Strategy<Value = Rate> {
    (1..=40_u32, 1..=5_000_u32, 0..=50_u32)
        .prop_map(|(requests, period, burst)| Rate::new(requests, MILLISECOND * period).with_burst(burst))
}

/// Calls with the pauses before them: many at once, or further apart than a period.
fn pauses() -> impl Strategy<Value = Vec<Duration>> {
    let pause = prop_oneof![3 => Just(0), 2 => 0..50_u32, 1 => 0..8_000_u32];
    prop::collection::vec(pause.prop_map(|pause| MILLISECOND * pause), 1..120)
}

/// The times at which the calls send, of those that have a turn within `max_wait`. `clock` is what
/// the calls read at a time.
fn sent(
    rate: Rate,
    pauses: &[Duration],
    max_wait: Duration,
    clock: impl Fn(usize, Duration) -> Duration,
) -> Vec<Duration> {
    let (mut bucket, mut now, mut times) = (Bucket::default(), Duration::ZERO, Vec::new());
    for (number, pause) in pauses.iter().enumerate() {
        now += *pause;
        if let Turn::In(wait) = bucket.take(rate, clock(number, now), max_wait, Duration::ZERO) {
            assert!(wait <= max_wait);
            times.push(now + wait);
        }
    }
    times
}

proptest! {
    #[test]
    fn no_span_has_more_requests_than_the_rate(rate in rates(), pauses in pauses(), max_wait in 0..60_000_u32) {
        let times = sent(rate, &pauses, MILLISECOND * max_wait, |_, now| now);
        prop_assert!(most_within(&times, rate.period()) <= rate.requests() as usize, "{times:?}");
        prop_assert!(most_within(&times, Duration::from_nanos(1)) <= rate.burst() as usize, "{times:?}");
        prop_assert!(times.is_sorted(), "turns are in order: {times:?}");
        prop_assert!(pauses.is_empty() || times.first() == Some(&pauses[0]), "the first goes out at once");
    }

    #[test]
    fn one_call_after_the_other_uses_the_rate_up(rate in rates()) {
        let (mut bucket, mut now, mut count) = (Bucket::default(), Duration::ZERO, 0_u32);
        while now < rate.period() * 10 {
            let Turn::In(wait) = bucket.take(rate, now, Duration::MAX, Duration::ZERO) else { panic!("{rate:?}") };
            now += wait;
            count += 1;
        }
        let steady = rate.requests() - rate.burst() + 1;
        prop_assert!(count >= steady * 10, "{count}");
    }

    #[test]
    fn a_clock_that_goes_back_lets_nothing_more_through(
        rate in rates(),
        pauses in pauses(),
        backs in prop::collection::vec(0..100_000_u32, 120),
    ) {
        let origin = Duration::from_secs(100_000);
        let total: Vec<_> = backs.iter().scan(Duration::ZERO, |sum, back| {
            // Most calls read a clock that has not moved.
            *sum += if back % 10 == 0 { MILLISECOND * *back } else { Duration::ZERO };
            Some(*sum)
        }).collect();
        let times = sent(rate, &pauses, Duration::from_secs(5), |number, now| (origin + now).saturating_sub(total[number]));
        prop_assert!(most_within(&times, rate.period()) <= rate.requests() as usize, "{times:?}");
    }

    #[test]
    fn a_clock_that_jumps_ahead_gives_one_burst(rate in rates(), pauses in pauses(), jump in any::<u32>()) {
        let jump = Duration::from_secs(jump.into());
        let times = sent(rate, &pauses, MAX_WAIT, |number, now| if number < 30 { now } else { now + jump });
        // Turns that were given before the jump are still to come.
        let bound = rate.requests() * 2;
        prop_assert!(most_within(&times, rate.period()) <= bound as usize, "{times:?}");
    }

    #[test]
    fn no_number_is_too_large(
        (requests, burst) in any::<(u32, u32)>(),
        period in any::<Duration>(),
        calls in prop::collection::vec(any::<(Duration, Duration, Duration)>(), 1..20),
    ) {
        let (rate, mut bucket) = (Rate::new(requests, period).with_burst(burst), Bucket::default());
        for (now, max_wait, waited) in calls {
            if let Turn::In(wait) = bucket.take(rate, now, max_wait, waited) {
                prop_assert!(wait <= max_wait);
            }
        }
    }
}
