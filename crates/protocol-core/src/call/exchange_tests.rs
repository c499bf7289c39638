use std::collections::VecDeque;

use super::*;
use crate::call::blocking::blocking;
use crate::call::{Hosts, OutsideError, Turns};
use crate::error::{Delivery, Fault};
use crate::operation::Idempotency;
use crate::rate::{Rate, RateGroup, Rates};
use crate::retry::RetryPolicy;

/// A response, distinguished by its failure.
#[derive(Debug, thiserror::Error)]
#[error("refused")]
struct Refused(Failure);

impl ResponseFailure for Refused {
    fn failure(&self) -> Failure {
        self.0
    }
}

const TOKEN_REFUSED: Failure = Failure::new(Fault::Local, Delivery::Processed);
const BUSY: Failure = Failure::new(Fault::Platform, Delivery::Processed).with_is_retryable(true);
const LOST: Failure =
    Failure::new(Fault::Network, Delivery::Unknown).with_is_retryable(true).with_may_have_happened(true);
const NOT_REACHED: Failure =
    Failure::new(Fault::Network, Delivery::NotSent).with_is_retryable(true).with_is_at_this_host(true);

/// Attempts that fail one after the other, then succeed.
#[derive(Default)]
struct Scripted {
    failures: VecDeque<(Failure, Option<Duration>)>,
    /// Attempts for which there is a credential.
    credentials: Option<usize>,
    made: Vec<(u32, String)>,
    /// By a clock that nothing but a wait moves.
    waits: Vec<Duration>,
}

impl Scripted {
    fn new(failures: impl IntoIterator<Item = Failure>) -> Self {
        Self { failures: failures.into_iter().map(|failure| (failure, None)).collect(), ..Self::default() }
    }

    fn run(&mut self, idempotency: Idempotency) -> Result<u32, FailedCall<Refused>> {
        self.run_at(&Turns::default(), idempotency)
    }

    fn run_at(&mut self, turns: &Turns, idempotency: Idempotency) -> Result<u32, FailedCall<Refused>> {
        let hosts = Hosts::new(["https://a.example", "https://b.example"]);
        let attempts = Attempts::new(RetryPolicy::default(), idempotency, &hosts, UnixTime(0));
        blocking(exchange(attempts.with_turns(turns, RateGroup::Reply), self))
    }
}

impl Exchanger for Scripted {
    type Response = u32;
    type Refusal = Refused;

    async fn prepare(&mut self) -> Result<(), FailedCall<Refused>> {
        match self.credentials {
            Some(credentials) if credentials == self.made.len() => {
                Err(CallError::Credential(OutsideError::before_sending("there is no token")).into())
            }
            _ => Ok(()),
        }
    }

    async fn attempt(&mut self, number: u32, origin: &str) -> Result<u32, FailedCall<Refused>> {
        self.made.push((number, origin.to_owned()));
        match self.failures.pop_front() {
            Some((failure, retry_after)) => {
                Err(FailedCall { error: CallError::Response(Refused(failure)), retry_after })
            }
            None => Ok(number),
        }
    }

    async fn renew(&mut self, failed: &FailedCall<Refused>) -> bool {
        failed.failure() == TOKEN_REFUSED
    }

    async fn sleep(&mut self, wait: Duration) {
        self.waits.push(wait);
    }

    fn now(&self) -> UnixTime {
        UnixTime(0)
    }

    fn elapsed(&self) -> Duration {
        self.waits.iter().sum()
    }

    fn random(&mut self) -> u64 {
        u64::MAX
    }
}

fn replies(rate: Rate) -> Turns {
    Turns::new(Rates::NONE.with(RateGroup::Reply, Some(rate)))
}

#[test]
fn a_host_that_is_not_reached_is_left_for_its_backup() {
    let mut call = Scripted::new([NOT_REACHED]);
    assert_eq!(call.run(Idempotency::Unsafe).unwrap(), 2);
    let made = [(1, "https://a.example".to_owned()), (2, "https://b.example".to_owned())];
    assert_eq!((call.made.as_slice(), call.waits.as_slice()), (made.as_slice(), [Duration::ZERO].as_slice()));
}

#[test]
fn the_longer_wait_is_waited() {
    for (of_error, beside, waited) in [(None, Some(3), 3), (Some(3), Some(2), 3), (Some(2), Some(3), 3)] {
        let failure = BUSY.with_retry_after(of_error.map(Duration::from_secs));
        let failures = VecDeque::from([(failure, beside.map(Duration::from_secs))]);
        let mut call = Scripted { failures, ..Scripted::default() };
        assert_eq!(call.run(Idempotency::Safe).unwrap(), 2);
        assert_eq!(call.waits, [Duration::from_secs(waited) + Duration::from_millis(200)], "with the jitter");
    }
}

#[test]
fn a_refused_credential_is_replaced_once_a_call_and_is_no_attempt() {
    let mut call = Scripted::new([TOKEN_REFUSED]);
    assert_eq!(call.run(Idempotency::Unsafe).unwrap(), 1);
    assert_eq!((call.made.len(), call.waits.len()), (2, 0));

    let mut call = Scripted::new([TOKEN_REFUSED; 2]);
    assert_eq!(call.run(Idempotency::Unsafe).unwrap_err().failure(), TOKEN_REFUSED);
    assert_eq!(call.made.len(), 2);
}

#[test]
fn what_may_have_happened_is_told_with_the_last_failure() {
    let mut unsafe_call = Scripted::new([LOST]);
    assert!(matches!(unsafe_call.run(Idempotency::Unsafe).unwrap_err().error, CallError::Response(_)));
    assert_eq!(unsafe_call.made.len(), 1);

    let mut refused = Scripted::new([LOST, Failure::new(Fault::Caller, Delivery::Processed)]);
    let error = refused.run(Idempotency::Idempotent).unwrap_err().error;
    assert!(matches!(error, CallError::AfterUnknown(_)), "{error:?}");
}

#[test]
fn without_a_credential_nothing_is_sent_and_an_earlier_attempt_is_not_forgotten() {
    let mut call = Scripted { credentials: Some(0), ..Scripted::default() };
    assert!(matches!(call.run(Idempotency::Idempotent).unwrap_err().error, CallError::Credential(_)));
    assert!(call.made.is_empty() && call.waits.is_empty());

    let mut call = Scripted { credentials: Some(1), ..Scripted::new([LOST]) };
    let failed = call.run(Idempotency::Idempotent).unwrap_err();
    assert!(failed.failure().may_have_happened, "{failed:?}");
    assert!(matches!(failed.error, CallError::AfterUnknown(_)), "{failed:?}");
}

#[test]
fn an_earlier_attempt_is_not_forgotten_because_the_last_was_refused_without_a_signature() {
    let unsigned = Failure::new(Fault::Caller, Delivery::Unknown).with_may_have_happened(false);
    let failed = Scripted::new([LOST, unsigned]).run(Idempotency::Idempotent).unwrap_err();
    assert!(failed.failure().may_have_happened, "{failed:?}");
    let failed = Scripted::new([unsigned]).run(Idempotency::Idempotent).unwrap_err();
    assert!(!failed.failure().may_have_happened, "{failed:?}");
}

#[test]
fn each_attempt_waits_for_its_turn() {
    // A host that is not reached, and a credential that is renewed, are not free.
    let mut call = Scripted::new([NOT_REACHED, TOKEN_REFUSED]);
    let second = Duration::from_secs(1);
    assert_eq!(call.run_at(&replies(Rate::per_second(1)), Idempotency::Unsafe).unwrap(), 2);
    assert_eq!(call.waits, [Duration::ZERO, second, second]);
}

#[test]
fn turns_come_back_during_a_back_off() {
    let busy = |wait| Scripted::new([BUSY.with_retry_after(Some(Duration::from_millis(wait)))]);
    // Jitter adds 200 ms.
    for (asked, waits) in [(300, vec![500, 500]), (800, vec![1_000]), (5_000, vec![5_200])] {
        let mut call = busy(asked);
        assert_eq!(call.run_at(&replies(Rate::per_second(1)), Idempotency::Safe).unwrap(), 2);
        assert_eq!(call.waits, waits.into_iter().map(Duration::from_millis).collect::<Vec<_>>(), "{asked}");
    }
}

#[test]
fn a_turn_that_comes_too_late_is_an_error_and_sends_nothing() {
    let (minute, second) = (Duration::from_secs(60), Duration::from_secs(1));
    let turns = replies(Rate::new(1, minute + second));
    Scripted::default().run_at(&turns, Idempotency::Unsafe).unwrap();
    let mut late = Scripted::default();
    let failed = late.run_at(&turns, Idempotency::Unsafe).unwrap_err();
    assert!(matches!(failed.error, CallError::OverRate { wait } if wait == minute + second), "{failed:?}");
    let failure = failed.failure();
    assert_eq!((failure.fault, failure.delivery, failure.may_have_happened), (Fault::Local, Delivery::NotSent, false));
    assert_eq!((failure.is_retryable, failure.retry_after), (true, Some(minute + second)));
    assert!(late.made.is_empty() && late.waits.is_empty());
    assert_eq!(
        failed.error.to_string(),
        "the client's own rate has no turn for another 61 s, longer than a call waits, and nothing was sent: send it \
         later, or change the client's rates"
    );

    let never = Scripted::default().run_at(&replies(Rate::per_second(0)), Idempotency::Safe).unwrap_err();
    assert_eq!((never.failure().is_retryable, never.failure().retry_after), (false, None));
    assert_eq!(
        never.error.to_string(),
        "the client's own rate is zero, and nothing was sent: change the client's rates"
    );
}

#[test]
fn an_earlier_attempt_is_not_forgotten_because_the_next_had_no_turn() {
    let turns = replies(Rate::new(1, Duration::from_secs(61)));
    let mut call = Scripted::new([LOST]);
    let failed = call.run_at(&turns, Idempotency::Idempotent).unwrap_err();
    assert!(matches!(failed.error, CallError::AfterUnknown(_)) && failed.failure().may_have_happened, "{failed:?}");
    assert_eq!(call.made.len(), 1);
}
