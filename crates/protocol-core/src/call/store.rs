//! The store of an act's state: an act that must happen once survives a crash of its process.

use std::pin::Pin;
use std::time::Duration;

use super::act::ActOnce;
use super::act_state::ActState;
use super::error::{CallError, ResponseFailure};
use super::evidence::Evidence;
use super::outside_error::OutsideError;
use crate::operation::Idempotency;
use crate::retry::RetryPolicy;

/// The stored state of one act. A client loads it before it sends the act, and keeps it before each
/// send. The caller removes it once the call has succeeded.
///
/// ```
/// use protocol_core::call::{ActState, ActStore, StoreFuture};
///
/// /// A row of a database.
/// #[derive(Default)]
/// struct Row(Option<ActState>);
///
/// impl ActStore for Row {
///     fn load(&mut self) -> StoreFuture<'_, Option<ActState>> {
///         Box::pin(async { Ok(self.0.clone()) })
///     }
///
///     fn keep<'a>(&'a mut self, state: &'a ActState) -> StoreFuture<'a, ()> {
///         Box::pin(async {
///             self.0 = Some(state.clone());
///             Ok(())
///         })
///     }
/// }
/// ```
pub trait ActStore: Send {
    /// The state that was kept last. `None`: the act was never sent.
    fn load(&mut self) -> StoreFuture<'_, Option<ActState>>;

    /// Stores the state. It must be durable when this returns: the act is sent right after.
    fn keep<'a>(&'a mut self, state: &'a ActState) -> StoreFuture<'a, ()>;
}

/// A call of a store, to be awaited.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, OutsideError>> + Send + 'a>>;

/// Begins an act: anew without a store, or from the state that its store has.
///
/// # Errors
/// [`CallError::Store`] within [`CallError::AfterUnknown`]: the state could not be loaded, so that
/// an earlier process may have sent the act.
pub async fn begin_act<E: Evidence, R: ResponseFailure>(
    evidence: E,
    retry: RetryPolicy,
    recheck_delays: &[Duration],
    store: Option<&mut (dyn ActStore + '_)>,
    now: Duration,
) -> Result<ActOnce<E>, CallError<R>> {
    let Some(store) = store else { return Ok(ActOnce::new(evidence, retry, recheck_delays)) };
    Ok(match load(store).await? {
        Some(state) => ActOnce::restored(evidence, retry, recheck_delays, state, now),
        None => ActOnce::stored(evidence, retry, recheck_delays),
    })
}

/// Begins an operation without evidence: if it must not be sent twice, the store keeps that it is
/// sent.
///
/// # Errors
/// [`CallError::Unresolved`] if an earlier process may have sent it; [`CallError::Store`].
pub async fn begin_unseen_act<R: ResponseFailure>(
    idempotency: Idempotency,
    store: Option<&mut (dyn ActStore + '_)>,
) -> Result<(), CallError<R>> {
    let (Idempotency::Unsafe, Some(store)) = (idempotency, store) else { return Ok(()) };
    match load(store).await? {
        Some(_) => Err(CallError::Unresolved),
        None => keep_state(Some(store), &ActState::new()).await,
    }
}

/// Keeps the state, if there is a store.
///
/// # Errors
/// [`CallError::Store`].
pub async fn keep_state<R>(store: Option<&mut (dyn ActStore + '_)>, state: &ActState) -> Result<(), CallError<R>> {
    match store {
        Some(store) => store.keep(state).await.map_err(CallError::Store),
        None => Ok(()),
    }
}

async fn load<R: ResponseFailure>(store: &mut (dyn ActStore + '_)) -> Result<Option<ActState>, CallError<R>> {
    store.load().await.map_err(|error| CallError::Store(error).after_unknown())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::blocking;
    use crate::failure::Failure;

    #[derive(Debug, thiserror::Error)]
    #[error("refused")]
    struct Refused;

    impl ResponseFailure for Refused {
        fn failure(&self) -> Failure {
            unreachable!("no response comes")
        }
    }

    #[derive(Default)]
    struct Row(Option<ActState>);

    impl ActStore for Row {
        fn load(&mut self) -> StoreFuture<'_, Option<ActState>> {
            Box::pin(async { Ok(self.0.clone()) })
        }

        fn keep<'a>(&'a mut self, state: &'a ActState) -> StoreFuture<'a, ()> {
            Box::pin(async {
                self.0 = Some(state.clone());
                Ok(())
            })
        }
    }

    #[test]
    fn an_act_without_evidence_is_begun_once() {
        let mut row = Row::default();
        let mut begin = |idempotency| blocking(begin_unseen_act::<Refused>(idempotency, Some(&mut row)));
        assert!(begin(Idempotency::Idempotent).is_ok());
        assert!(begin(Idempotency::Unsafe).is_ok(), "the first was not kept");
        assert!(begin(Idempotency::Safe).is_ok());
        let again = begin(Idempotency::Unsafe);
        assert!(matches!(again, Err(CallError::Unresolved)), "{again:?}");
    }
}
