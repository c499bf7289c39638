//! An act carried out by something that sends, asks and waits: the one loop around [`ActOnce`], without a runtime of its own.

use core::future::ready;
use core::time::Duration;

use super::act::{ActOnce, ActState, ActStep, Evidence, Setback};
use crate::operation::Effect;
use crate::time::UnixTime;

/// What sends an act, asks about it, and waits.
pub trait Performer<E: Evidence>: Send {
    /// What the platform says to the act.
    type Response: Send;
    /// Why it is not done.
    type Error: Send;

    /// Stores the act's state. Default: the state ends with the process.
    fn keep(&mut self, _state: &ActState) -> impl Future<Output = Result<(), Self::Error>> + Send {
        ready(Ok(()))
    }

    /// Sends the act, calling [`ActOnce::sending`] before each attempt.
    fn send(&mut self, act: &mut ActOnce<E>) -> impl Future<Output = Result<Self::Response, Self::Error>> + Send;

    /// What a failed send leaves open. `may_have_happened`: an earlier one left something open too.
    fn setback(&self, error: &Self::Error, may_have_happened: bool) -> Setback;

    /// Asks the platform. `None`: there is no response that could be read.
    fn look(&mut self, query: E::Query) -> impl Future<Output = Option<(E::Response, Option<UnixTime>)>> + Send;

    /// Waits.
    fn sleep(&mut self, wait: Duration) -> impl Future<Output = ()> + Send;

    /// The time since any beginning, by a clock that only goes forward.
    fn now(&self) -> Duration;

    /// The same error, of an act that an earlier attempt may have done.
    fn after_unknown(error: Self::Error) -> Self::Error;
}

/// Carries an act out; its effect, and the platform's response where it is confirmed.
///
/// # Errors
/// The failure of the last send. `None` for a restored act that was not sent again, and that no look shows.
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
