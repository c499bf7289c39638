//! The attempts of one call: whether there is another one, where it goes, and after how long.

use std::time::Duration;

use super::hosts::Hosts;
use super::turns::Turns;
use crate::error::Delivery;
use crate::failure::Failure;
use crate::operation::Idempotency;
use crate::rate::{RateGroup, Turn};
use crate::retry::RetryPolicy;
use crate::time::UnixTime;

/// The step after a failed attempt. Exhaustive: there are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Another attempt after this wait, at [`Attempts::origin`].
    Again(Duration),
    /// No other attempt: the call fails with this failure.
    GiveUp,
}

/// The attempts of one call. Each is signed anew.
///
/// An unsafe call is attempted again only if the last attempt certainly had no effect. If a host
/// cannot be reached, the call moves to its backup at once, and later calls avoid the host for a
/// while.
///
/// ```
/// use std::time::Duration;
/// use protocol_core::call::{Attempts, Hosts, Next};
/// use protocol_core::retry::RetryPolicy;
/// use protocol_core::{Delivery, Failure, Fault, Idempotency, UnixTime};
///
/// let hosts = Hosts::new(["https://a.example", "https://b.example"]);
/// let mut attempts =
///     Attempts::new(RetryPolicy::default(), Idempotency::Safe, &hosts, UnixTime(0));
/// let response = loop {
///     // A client sends to `attempts.origin()` here. This one reaches the second host alone.
///     if attempts.origin() == "https://b.example" {
///         break Some("a response");
///     }
///     let not_reached = Failure::new(Fault::Network, Delivery::NotSent)
///         .with_is_retryable(true)
///         .with_is_at_this_host(true);
///     match attempts.failed(not_reached, UnixTime(0), 7) {
///         Next::Again(wait) => assert_eq!(wait, Duration::ZERO), // … and waits here
///         Next::GiveUp => break None,
///     }
/// };
/// assert_eq!((response, attempts.number()), (Some("a response"), 2));
/// ```
#[derive(Debug)]
pub struct Attempts<'h> {
    policy: RetryPolicy,
    idempotency: Idempotency,
    hosts: &'h Hosts,
    turns: Option<(&'h Turns, RateGroup)>,
    /// The time that the call has waited for its turns.
    waited: Duration,
    host: usize,
    number: u32,
    renewed: bool,
    may_have_happened: bool,
}

impl<'h> Attempts<'h> {
    /// Before the first attempt.
    #[must_use]
    pub fn new(policy: RetryPolicy, idempotency: Idempotency, hosts: &'h Hosts, now: UnixTime) -> Self {
        let host = hosts.first(now);
        Self {
            policy,
            idempotency,
            hosts,
            turns: None,
            waited: Duration::ZERO,
            host,
            number: 1,
            renewed: false,
            may_have_happened: false,
        }
    }

    /// Takes a turn for each attempt, as an operation of this group. Default: no turns, no waits.
    #[must_use]
    pub const fn with_turns(mut self, turns: &'h Turns, group: RateGroup) -> Self {
        self.turns = Some((turns, group));
        self
    }

    /// Takes the turn of the current attempt, right before it is sent, by the client's monotonic
    /// clock. The turns of all attempts of a call have to fit into
    /// [`Rates::max_wait`](crate::rate::Rates::max_wait); after [`Turn::TooLate`] the call fails
    /// with [`CallError::OverRate`](super::CallError::OverRate).
    ///
    /// Back-off comes first, and turns come back meanwhile: nothing is waited for twice.
    pub fn turn(&mut self, now: Duration) -> Turn {
        let Some((turns, group)) = self.turns else { return Turn::In(Duration::ZERO) };
        let turn = turns.take(group, now, self.waited);
        if let Turn::In(wait) = turn {
            self.waited = self.waited.saturating_add(wait);
        }
        turn
    }

    /// The current attempt, from 1.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// The origin for the current attempt.
    #[must_use]
    pub fn origin(&self) -> &'h str {
        self.hosts.origin(self.host)
    }

    /// Whether an attempt before the current one may have taken effect: a refusal of the last
    /// attempt then does not prove that the call had no effect. Always `false` for an operation
    /// that only reads.
    #[must_use]
    pub const fn may_have_happened(&self) -> bool {
        self.may_have_happened
    }

    /// The current attempt failed. `random` is uniform over all of `u64`.
    pub fn failed(&mut self, failure: Failure, now: UnixTime, random: u64) -> Next {
        let not_reached = failure.is_at_this_host && failure.delivery == Delivery::NotSent;
        if not_reached {
            self.hosts.avoid(self.host, now);
        }
        let Some(wait) = self.policy.wait(self.number, failure, self.idempotency, random) else { return Next::GiveUp };
        // The first attempt at a backup needs no wait.
        let at_once = not_reached && self.hosts.has_backup() && self.number == 1;
        if failure.is_at_this_host {
            self.host = self.hosts.after(self.host);
        }
        self.may_have_happened |= failure.may_have_happened && self.idempotency != Idempotency::Safe;
        self.number += 1;
        Next::Again(if at_once { Duration::ZERO } else { wait })
    }

    /// The current attempt was refused for its credential, which the caller replaces. Returns
    /// whether it is sent once more, at once. The repetition is not counted as an attempt, happens
    /// once a call, and never if an unsafe operation may have taken effect.
    pub fn is_renewed(&mut self, delivery: Delivery) -> bool {
        let is_harmless = self.idempotency != Idempotency::Unsafe || delivery == Delivery::Processed;
        is_harmless && !std::mem::replace(&mut self.renewed, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault;
    use crate::rate::{Rate, Rates};

    const NOW: UnixTime = UnixTime(1_000);
    const BROKEN: Failure = Failure::new(Fault::Network, Delivery::Unknown).with_is_retryable(true);
    const NOT_REACHED: Failure =
        Failure::new(Fault::Network, Delivery::NotSent).with_is_retryable(true).with_is_at_this_host(true);

    fn hosts(count: usize) -> Hosts {
        Hosts::new(["https://a.example", "https://b.example", "https://c.example"].into_iter().take(count))
    }

    fn attempts(hosts: &Hosts, idempotency: Idempotency) -> Attempts<'_> {
        Attempts::new(RetryPolicy::default(), idempotency, hosts, NOW)
    }

    #[test]
    fn a_host_that_is_not_reached_is_left_at_once_and_passed_over_for_a_while() {
        let hosts = hosts(2);
        let mut first = attempts(&hosts, Idempotency::Unsafe);
        assert_eq!((first.origin(), first.number()), ("https://a.example", 1));
        assert_eq!(first.failed(NOT_REACHED, NOW, u64::MAX), Next::Again(Duration::ZERO));
        assert_eq!((first.origin(), first.number()), ("https://b.example", 2));
        assert_eq!(first.failed(NOT_REACHED, NOW, u64::MAX), Next::Again(Duration::from_millis(400)));
        assert_eq!(first.origin(), "https://a.example");
        assert_eq!(first.failed(NOT_REACHED, NOW, u64::MAX), Next::GiveUp);
        assert_eq!(attempts(&hosts, Idempotency::Safe).origin(), "https://b.example", "the next call");
    }

    #[test]
    fn one_host_is_tried_again_after_a_wait() {
        let hosts = hosts(1);
        let mut attempts = attempts(&hosts, Idempotency::Unsafe);
        assert_eq!(attempts.failed(NOT_REACHED, NOW, u64::MAX), Next::Again(Duration::from_millis(200)));
        assert_eq!(attempts.origin(), "https://a.example");
    }

    #[test]
    fn a_failure_says_whether_it_is_the_hosts() {
        let hosts = hosts(2);
        let mut attempts = attempts(&hosts, Idempotency::Safe);
        // Nothing was sent, because there was no signature, for instance.
        attempts.failed(NOT_REACHED.with_is_at_this_host(false), NOW, 0);
        assert_eq!(attempts.origin(), "https://a.example");
        attempts.failed(BROKEN.with_is_at_this_host(true), NOW, 0);
        assert_eq!(attempts.origin(), "https://b.example");
    }

    #[test]
    fn what_may_have_happened_is_known_to_the_end_and_never_sent_again_where_that_is_unsafe() {
        let hosts = hosts(2);
        let mut write = attempts(&hosts, Idempotency::Idempotent);
        assert!(!write.may_have_happened());
        write.failed(BROKEN, NOW, 0);
        write.failed(NOT_REACHED, NOW, 0);
        assert!(write.may_have_happened());
        let mut read = attempts(&hosts, Idempotency::Safe);
        read.failed(BROKEN, NOW, 0);
        assert!(!read.may_have_happened(), "it only asked");
        assert_eq!(attempts(&hosts, Idempotency::Unsafe).failed(BROKEN, NOW, 0), Next::GiveUp);
        // The caller says what certainly happened, or needs no look.
        let mut told = attempts(&hosts, Idempotency::Idempotent);
        told.failed(BROKEN.with_may_have_happened(false), NOW, 0);
        assert!(!told.may_have_happened());
    }

    #[test]
    fn the_turns_of_all_attempts_count_together() {
        let second = Duration::from_secs(1);
        let rates = Rates::NONE.with(RateGroup::Reply, Some(Rate::per_second(1))).with_max_wait(second * 3);
        let (turns, hosts) = (Turns::new(rates), hosts(1));
        let call = || attempts(&hosts, Idempotency::Safe).with_turns(&turns, RateGroup::Reply);
        let mut first = call();
        let waits = [0, 1, 2].map(|wait| Turn::In(second * wait));
        assert_eq!([(); 3].map(|()| first.turn(Duration::ZERO)), waits);
        assert_eq!(first.turn(Duration::ZERO), Turn::TooLate(second * 3), "it has waited 3 s already");
        assert_eq!(call().turn(Duration::ZERO), Turn::In(second * 3), "another call has not");
        assert_eq!(attempts(&hosts, Idempotency::Safe).turn(Duration::ZERO), Turn::In(Duration::ZERO));
    }

    #[test]
    fn a_credential_is_renewed_once_and_costs_no_attempt() {
        let hosts = hosts(1);
        let mut attempt = attempts(&hosts, Idempotency::Unsafe);
        assert!(!attempt.is_renewed(Delivery::Unknown), "it may have happened");
        assert!(attempt.is_renewed(Delivery::Processed));
        assert!(!attempt.is_renewed(Delivery::Processed), "once");
        assert_eq!(attempt.number(), 1);
        assert!(attempts(&hosts, Idempotency::Safe).is_renewed(Delivery::Unknown));
    }
}
