//! The attempts of a call, made by something that sends and waits: the one loop around
//! [`Attempts`], without a runtime of its own.

use std::future::ready;
use std::time::Duration;

use super::attempts::{Attempts, Next};
use super::error::{CallError, ResponseFailure};
use crate::failure::Failure;
use crate::rate::Turn;
use crate::time::UnixTime;

/// A response, and the platform's clock when it responded. Exhaustive: a client builds it.
#[derive(Debug, Clone)]
pub struct CallResponse<T> {
    /// The content.
    pub response: T,
    /// The platform's clock. `None`: unknown, or not proven where the channel proves it.
    pub platform_time: Option<UnixTime>,
}

/// A failed attempt, or a failed call. Exhaustive: a client builds it.
#[derive(Debug, Clone)]
pub struct FailedCall<R> {
    /// The error.
    pub error: CallError<R>,
    /// The wait that the platform asks for, apart from the one in the error. The longer one counts.
    pub retry_after: Option<Duration>,
}

impl<R> From<CallError<R>> for FailedCall<R> {
    fn from(error: CallError<R>) -> Self {
        Self { error, retry_after: None }
    }
}

impl<R: ResponseFailure> FailedCall<R> {
    /// The meaning for the call, with the longer of both waits.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let failure = self.error.failure();
        failure.with_retry_after(failure.retry_after.max(self.retry_after))
    }

    /// The same, of a call of which an earlier attempt may have taken effect.
    #[must_use]
    pub fn after_unknown(self) -> Self {
        Self { error: self.error.after_unknown(), ..self }
    }
}

/// The sender of the attempts of one call, and its clock.
pub trait Exchanger: Send {
    /// The result of an attempt that succeeded.
    type Response: Send;
    /// The channel's error of a response.
    type Refusal: ResponseFailure + Send + Sync;

    /// Fetches the credential of the next attempt. An error ends the call. Default: there is none.
    fn prepare(&mut self) -> impl Future<Output = Result<(), FailedCall<Self::Refusal>>> + Send {
        ready(Ok(()))
    }

    /// Makes an attempt, numbered from 1, at this origin. It is stamped and signed anew.
    fn attempt(
        &mut self,
        number: u32,
        origin: &str,
    ) -> impl Future<Output = Result<Self::Response, FailedCall<Self::Refusal>>> + Send;

    /// Gives up the credential that this failure refuses. `true`: another attempt may have a new
    /// one. Default: `false`.
    fn renew(&mut self, _failed: &FailedCall<Self::Refusal>) -> impl Future<Output = bool> + Send {
        ready(false)
    }

    /// Waits.
    fn sleep(&mut self, wait: Duration) -> impl Future<Output = ()> + Send;

    /// The time.
    fn now(&self) -> UnixTime;

    /// The time of a monotonic clock. It has the same starting point for all calls that share their
    /// [`Turns`](super::Turns).
    fn elapsed(&self) -> Duration;

    /// A number that is uniform over all of `u64`: waits differ by it.
    fn random(&mut self) -> u64;
}

/// Makes the attempts of one call until one succeeds, or another would be unsafe or useless. Each
/// waits for its turn.
///
/// # Errors
/// The failure of the last attempt. [`CallError::OverRate`]: its turn would have come too late.
pub async fn exchange<X: Exchanger>(
    mut attempts: Attempts<'_>,
    exchanger: &mut X,
) -> Result<X::Response, FailedCall<X::Refusal>> {
    let last = loop {
        if let Err(failed) = exchanger.prepare().await {
            break failed;
        }
        match attempts.turn(exchanger.elapsed()) {
            Turn::In(Duration::ZERO) => {}
            Turn::In(wait) => exchanger.sleep(wait).await,
            Turn::TooLate(wait) => break CallError::OverRate { wait }.into(),
        }
        let failed = match exchanger.attempt(attempts.number(), attempts.origin()).await {
            Ok(response) => return Ok(response),
            Err(failed) => failed,
        };
        if exchanger.renew(&failed).await && attempts.is_renewed(failed.failure().delivery) {
            continue;
        }
        match attempts.failed(failed.failure(), exchanger.now(), exchanger.random()) {
            Next::Again(wait) => exchanger.sleep(wait).await,
            Next::GiveUp => break failed,
        }
    };
    Err(if attempts.may_have_happened() { last.after_unknown() } else { last })
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
