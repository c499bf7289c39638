//! The one loop around [`ActOnce`], over a [`Performer`] that sends, queries and waits. It needs no
//! runtime.

use std::future::ready;
use std::time::Duration;

use super::act::{ActOnce, ActStep, Setback};
use super::act_state::ActState;
use super::evidence::Evidence;
use crate::operation::Effect;
use crate::time::UnixTime;

/// The I/O of an act: it sends the act, queries the platform, and waits.
pub trait Performer<E: Evidence>: Send {
    /// The platform's response to the act.
    type Response: Send;
    /// The error of a send.
    type Error: Send;

    /// Stores the act's state: see [`keep_state`](super::keep_state). Default: the state is not
    /// stored, and ends with the process.
    fn keep(&mut self, _state: &ActState) -> impl Future<Output = Result<(), Self::Error>> + Send {
        ready(Ok(()))
    }

    /// Sends the act, calling [`ActOnce::sending`] before each attempt.
    fn send(&mut self, act: &mut ActOnce<E>) -> impl Future<Output = Result<Self::Response, Self::Error>> + Send;

    /// The doubt that a failed send leaves. `may_have_happened`: an earlier send left one too.
    fn setback(&self, error: &Self::Error, may_have_happened: bool) -> Setback;

    /// Sends a query to the platform. `None`: there is no readable response.
    fn look(&mut self, query: E::Query) -> impl Future<Output = Option<(E::Response, Option<UnixTime>)>> + Send;

    /// Waits.
    fn sleep(&mut self, wait: Duration) -> impl Future<Output = ()> + Send;

    /// The time of a monotonic clock. Its starting point does not matter.
    fn now(&self) -> Duration;

    /// The same error, for an act that an earlier attempt may have done.
    fn after_unknown(error: Self::Error) -> Self::Error;
}

/// Carries out an act. Returns its effect, and the platform's response if that confirmed it.
///
/// # Errors
/// The error of the last send, or of [`Performer::keep`]. `None`: a restored act was not sent
/// again, and no look shows it.
pub async fn perform<E, P>(
    act: &mut ActOnce<E>,
    performer: &mut P,
) -> Result<(Effect, Option<P::Response>), Option<P::Error>>
where
    E: Evidence<Query: Send> + Send,
    E::Response: Send,
    P: Performer<E>,
{
    let mut failure = None;
    let mut response = None;
    loop {
        match act.step() {
            ActStep::Keep => {
                if let Err(error) = performer.keep(act.state()).await {
                    return Err(Some(if act.may_have_happened() { P::after_unknown(error) } else { error }));
                }
                act.kept();
            }
            ActStep::Send => match performer.send(act).await {
                Ok(confirmed) => {
                    response = Some(confirmed);
                    act.confirmed(performer.now());
                }
                Err(error) => {
                    act.failed(performer.setback(&error, act.may_have_happened()));
                    failure = Some(if act.may_have_happened() { P::after_unknown(error) } else { error });
                }
            },
            ActStep::Wait(wait) => {
                performer.sleep(wait).await;
                act.waited();
            }
            ActStep::Look(query) => {
                let (shown, platform_time) = performer.look(query).await.unzip();
                act.looked(shown, platform_time.flatten(), performer.now());
            }
            ActStep::Done(effect) => return Ok((effect, response)),
            ActStep::GiveUp => return Err(failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::blocking;
    use crate::call::{Before, Doubt, Look, Looked, Moment, RECHECK_DELAYS};
    use crate::failure::Failure;
    use crate::retry::RetryPolicy;
    use crate::{Delivery, Fault};

    /// Shows nothing.
    struct Blind;

    impl Evidence for Blind {
        type Query = ();
        type Response = ();

        const AFTER_CRASH: Doubt = Doubt::Lost;

        fn ask(&mut self, _: Look, _: Option<&Before>) -> Option<()> {
            None
        }

        fn take(&mut self, (): (), _: Moment<'_>) -> Looked<()> {
            Looked::Before(None)
        }
    }

    /// Fails to store a state once so many were stored, and to send.
    struct Failing {
        kept: u32,
        keeps: u32,
    }

    impl Performer<Blind> for Failing {
        type Response = ();
        type Error = String;

        async fn keep(&mut self, _: &ActState) -> Result<(), String> {
            self.kept += 1;
            if self.kept > self.keeps { Err("not stored".to_owned()) } else { Ok(()) }
        }

        async fn send(&mut self, _: &mut ActOnce<Blind>) -> Result<(), String> {
            Err("not sent".to_owned())
        }

        fn setback(&self, _: &String, _: bool) -> Setback {
            Setback::new(Failure::new(Fault::Network, Delivery::Unknown), Doubt::MayStillCome)
        }

        async fn look(&mut self, (): ()) -> Option<((), Option<UnixTime>)> {
            None
        }

        async fn sleep(&mut self, _: Duration) {}

        fn now(&self) -> Duration {
            Duration::ZERO
        }

        fn after_unknown(error: String) -> String {
            format!("{error}, perhaps done")
        }
    }

    #[test]
    fn a_state_that_is_not_stored_hides_no_doubt() {
        for (keeps, told) in [(0, "not stored"), (1, "not stored, perhaps done"), (2, "not sent, perhaps done")] {
            let mut act = ActOnce::new(Blind, RetryPolicy::default(), &RECHECK_DELAYS);
            let outcome = blocking(perform(&mut act, &mut Failing { kept: 0, keeps }));
            assert_eq!(outcome, Err(Some(told.to_owned())), "{keeps} states are stored");
        }
    }
}
