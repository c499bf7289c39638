//! The one loop around [`ActOnce`], over a [`Performer`] that sends, queries and waits. It needs no
//! runtime.

use core::future::ready;
use core::time::Duration;

use super::act::{ActOnce, ActState, ActStep, Evidence, Setback};
use crate::operation::Effect;
use crate::time::UnixTime;

/// The I/O of an act: it sends the act, queries the platform, and waits.
pub trait Performer<E: Evidence>: Send {
    /// The platform's response to the act.
    type Response: Send;
    /// The error of a send.
    type Error: Send;

    /// Stores the act's state. Default: the state is not stored, and ends with the process.
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
                performer.keep(act.state()).await.map_err(Some)?;
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
