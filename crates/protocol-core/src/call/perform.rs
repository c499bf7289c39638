//! The one loop around [`ActOnce`], over a [`Performer`] that sends, queries and waits, and an
//! [`ActStore`]. It needs no runtime.

use std::time::Duration;

use super::act::{ActOnce, ActStep, Setback};
use super::act_state::ActState;
use super::error::{CallError, ResponseFailure};
use super::evidence::Evidence;
use super::exchange::FailedCall;
use super::store::{ActStore, forget, load};
use crate::operation::Idempotency;
use crate::retry::RetryPolicy;
use crate::time::UnixTime;

/// The I/O of an act: it sends the act, queries the platform, and waits.
pub trait Performer<E: Evidence>: Send {
    /// The platform's response to the act.
    type Response: Send;
    /// The channel's error of a response.
    type Refusal: ResponseFailure + Send + Sync;

    /// Sends the act, calling [`ActOnce::sending`] before each attempt.
    fn send(
        &mut self,
        act: &mut ActOnce<E>,
    ) -> impl Future<Output = Result<Self::Response, FailedCall<Self::Refusal>>> + Send;

    /// The doubt that a failed send leaves. `may_have_happened`: an earlier send left one too.
    fn setback(&self, failed: &FailedCall<Self::Refusal>, may_have_happened: bool) -> Setback;

    /// Sends a query to the platform. `None`: there is no readable response.
    fn look(&mut self, query: E::Query) -> impl Future<Output = Option<(E::Response, Option<UnixTime>)>> + Send;

    /// Waits.
    fn sleep(&mut self, wait: Duration) -> impl Future<Output = ()> + Send;

    /// The time of a monotonic clock. Its starting point does not matter.
    fn now(&self) -> Duration;
}

/// Carries out an act once, and returns its response, or `found` if a look shows the act. With a
/// store, the act goes on from the state there, and its state is kept before each send. A state is
/// removed again if the act certainly did not happen.
///
/// # Errors
/// The error of the last send, or [`CallError::Store`]. [`CallError::Unresolved`]: an earlier
/// process may have sent the act, and no look shows it.
pub async fn perform<E, P>(
    evidence: E,
    found: P::Response,
    retry: RetryPolicy,
    recheck_delays: &[Duration],
    mut store: Option<&mut (dyn ActStore + '_)>,
    performer: &mut P,
) -> Result<P::Response, CallError<P::Refusal>>
where
    E: Evidence<Query: Send> + Send,
    E::Response: Send,
    P: Performer<E>,
{
    let mut act = match store.as_deref_mut() {
        None => ActOnce::new(evidence, retry, recheck_delays),
        Some(store) => match load(store).await? {
            Some(state) => ActOnce::restored(evidence, retry, recheck_delays, state, performer.now()),
            None => ActOnce::stored(evidence, retry, recheck_delays),
        },
    };
    let mut failure = None;
    let mut response = found;
    let mut is_kept = true;
    loop {
        match act.step() {
            ActStep::Keep => match keep(store.as_deref_mut(), act.state()).await {
                Ok(()) => act.kept(),
                Err(error) => {
                    is_kept = false;
                    // The error of an earlier send says more.
                    let may_have_happened = act.may_have_happened();
                    failure.get_or_insert_with(|| if may_have_happened { error.after_unknown() } else { error });
                    act.not_kept();
                }
            },
            ActStep::Send => match performer.send(&mut act).await {
                Ok(confirmed) => {
                    response = confirmed;
                    act.confirmed(performer.now());
                }
                Err(failed) => {
                    act.failed(performer.setback(&failed, act.may_have_happened()));
                    failure = Some(if act.may_have_happened() { failed.error.after_unknown() } else { failed.error });
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
            ActStep::Done(_) => return Ok(response),
            ActStep::GiveUp => break,
        }
    }
    if let Some(store) = store {
        if !act.may_have_happened() {
            forget(store).await;
        } else if !is_kept && act.state().doubt.is_some() {
            // The looks took seconds, and the store may be back.
            drop(store.keep(act.state()).await);
        }
    }
    Err(failure.unwrap_or(CallError::Unresolved))
}

/// Sends an operation without evidence. If it must not be sent twice, the store keeps that it is
/// sent, unless it certainly had no effect.
///
/// # Errors
/// The error of `send`. [`CallError::Unresolved`] if an earlier process may have sent the
/// operation; [`CallError::Store`].
pub async fn perform_unseen<T, R: ResponseFailure>(
    idempotency: Idempotency,
    store: Option<&mut (dyn ActStore + '_)>,
    send: impl Future<Output = Result<T, CallError<R>>>,
) -> Result<T, CallError<R>> {
    let (Idempotency::Unsafe, Some(store)) = (idempotency, store) else { return send.await };
    if load(store).await?.is_some() {
        return Err(CallError::Unresolved);
    }
    let outcome = match keep(Some(&mut *store), &ActState::new()).await {
        Ok(()) => send.await,
        Err(error) => Err(error),
    };
    if outcome.as_ref().is_err_and(|error| !error.failure().may_have_happened) {
        forget(store).await;
    }
    outcome
}

async fn keep<R>(store: Option<&mut (dyn ActStore + '_)>, state: &ActState) -> Result<(), CallError<R>> {
    match store {
        Some(store) => store.keep(state).await.map_err(CallError::Store),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;
    use crate::call::{Before, Doubt, Look, Looked, Moment, OutsideError, RECHECK_DELAYS, StoreFuture, blocking};
    use crate::failure::Failure;
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

    #[derive(Debug, thiserror::Error)]
    #[error("refused")]
    struct Refused;

    impl ResponseFailure for Refused {
        fn failure(&self) -> Failure {
            unreachable!("no response comes")
        }
    }

    fn not_sent() -> CallError<Refused> {
        CallError::Send(OutsideError::before_sending("not sent"))
    }

    /// Fails to send. The act may be on its way, or certainly is not.
    struct Failing {
        delivery: Delivery,
    }

    impl Performer<Blind> for Failing {
        type Response = ();
        type Refusal = Refused;

        async fn send(&mut self, _: &mut ActOnce<Blind>) -> Result<(), FailedCall<Refused>> {
            Err(not_sent().into())
        }

        fn setback(&self, _: &FailedCall<Refused>, _: bool) -> Setback {
            Setback::new(Failure::new(Fault::Network, self.delivery), Doubt::MayStillCome)
        }

        async fn look(&mut self, (): ()) -> Option<((), Option<UnixTime>)> {
            None
        }

        async fn sleep(&mut self, _: Duration) {}

        fn now(&self) -> Duration {
            Duration::ZERO
        }
    }

    /// Fails to keep the states with these numbers, from 1.
    #[derive(Default)]
    struct Row {
        state: Option<ActState>,
        keeps: u32,
        fails: Vec<u32>,
        removed: u32,
    }

    impl ActStore for Row {
        fn load(&mut self) -> StoreFuture<'_, Option<ActState>> {
            Box::pin(ready(Ok(self.state.clone())))
        }

        fn keep<'a>(&'a mut self, state: &'a ActState) -> StoreFuture<'a, ()> {
            self.keeps += 1;
            if self.fails.contains(&self.keeps) {
                return Box::pin(ready(Err(OutsideError::before_sending("not stored"))));
            }
            self.state = Some(state.clone());
            Box::pin(ready(Ok(())))
        }

        fn remove(&mut self) -> StoreFuture<'_, ()> {
            self.removed += 1;
            self.state = None;
            Box::pin(ready(Ok(())))
        }
    }

    fn act(row: &mut Row, delivery: Delivery) -> CallError<Refused> {
        let mut failing = Failing { delivery };
        let policy = RetryPolicy::default();
        blocking(perform(Blind, (), policy, &RECHECK_DELAYS, Some(row), &mut failing)).unwrap_err()
    }

    #[test]
    fn a_state_that_is_not_stored_hides_no_doubt() {
        let (unstored, unsure) =
            ("the act's state could not be stored: not stored", "not sent; an earlier attempt may have taken effect");
        for (fails, told) in [(vec![1, 2, 3], unstored), (vec![2, 3], unsure), (vec![2], unsure), (vec![], unsure)] {
            let mut row = Row { fails: fails.clone(), ..Row::default() };
            assert_eq!(act(&mut row, Delivery::Unknown).to_string(), told, "{fails:?} fail");
            let is_sent = fails.first() != Some(&1);
            assert_eq!((row.state.is_some(), row.removed), (is_sent, u32::from(!is_sent)));
            // The doubt is kept at the end, if the store is back.
            let doubt = row.state.and_then(|state| state.doubt);
            assert_eq!(doubt.is_some(), is_sent && !fails.contains(&3), "{fails:?} fail");
        }
    }

    #[test]
    fn an_act_that_certainly_did_not_happen_leaves_no_state() {
        for (delivery, is_left) in [(Delivery::NotSent, false), (Delivery::Processed, false), (Delivery::Unknown, true)]
        {
            let mut row = Row::default();
            act(&mut row, delivery);
            assert_eq!((row.state.is_some(), row.removed), (is_left, u32::from(!is_left)), "{delivery:?}");
            let is_unresolved = matches!(act(&mut row, delivery), CallError::Unresolved);
            assert_eq!(is_unresolved, is_left, "{delivery:?}");
        }
    }

    #[test]
    fn an_act_without_evidence_is_begun_once() {
        let mut row = Row::default();
        let mut begin = |idempotency| {
            let sent = ready(Ok::<_, CallError<Refused>>(()));
            blocking(perform_unseen(idempotency, Some(&mut row), sent))
        };
        assert!(begin(Idempotency::Idempotent).is_ok());
        assert!(begin(Idempotency::Unsafe).is_ok(), "the first was not kept");
        assert!(begin(Idempotency::Safe).is_ok());
        let again = begin(Idempotency::Unsafe);
        assert!(matches!(again, Err(CallError::Unresolved)), "{again:?}");
    }

    #[test]
    fn an_operation_without_evidence_that_had_no_effect_leaves_no_state() {
        let lost = || CallError::Send(OutsideError::new(Failure::new(Fault::Network, Delivery::Unknown), "lost"));
        for (error, fails, is_left) in [(not_sent(), vec![], false), (lost(), vec![], true), (lost(), vec![1], false)] {
            let mut row = Row { fails, ..Row::default() };
            let sent = ready(Err::<(), _>(error));
            blocking(perform_unseen(Idempotency::Unsafe, Some(&mut row), sent)).unwrap_err();
            assert_eq!((row.state.is_some(), row.removed), (is_left, u32::from(!is_left)));
        }
    }
}
