//! The store of an act's state: an act that must happen once survives a crash of its process.

use std::pin::Pin;

use super::act_state::ActState;
use super::error::{CallError, ResponseFailure};
use super::outside_error::OutsideError;

/// The stored state of one act. A client loads it before it sends the act, keeps it before each
/// send, and removes it if the act certainly did not happen. Once the call has succeeded the
/// caller removes it, together with its own order for the act: without a state the act would be sent
/// again.
///
/// One call at a time uses a row: two calls on one row both send. The Mini Program tells acts of a
/// kind on a complaint by their number, so one of them at a time is carried out there.
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
///
///     fn remove(&mut self) -> StoreFuture<'_, ()> {
///         Box::pin(async {
///             self.0 = None;
///             Ok(())
///         })
///     }
/// }
/// ```
pub trait ActStore: Send {
    /// The state that was kept last. `None`: the act was never sent.
    fn load(&mut self) -> StoreFuture<'_, Option<ActState>>;

    /// Stores the state. It must be durable when this returns: the act is sent right after.
    ///
    /// It is called again after a send that must not be repeated (a 202 of WeChat Pay). If the store
    /// fails both then and after the looks, the act is restored as after a crash.
    fn keep<'a>(&'a mut self, state: &'a ActState) -> StoreFuture<'a, ()>;

    /// Removes the state, if there is one: the act certainly did not happen.
    fn remove(&mut self) -> StoreFuture<'_, ()>;
}

/// A call of a store, to be awaited.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, OutsideError>> + Send + 'a>>;

/// Whether the store has a state: an earlier process may have sent the act.
///
/// # Errors
/// [`CallError::Store`] within [`CallError::AfterUnknown`]: the state could not be loaded, so that
/// an earlier process may have sent the act.
pub async fn is_kept<R: ResponseFailure>(store: Option<&mut (dyn ActStore + '_)>) -> Result<bool, CallError<R>> {
    match store {
        Some(store) => Ok(load(store).await?.is_some()),
        None => Ok(false),
    }
}

pub(super) async fn load<R: ResponseFailure>(
    store: &mut (dyn ActStore + '_),
) -> Result<Option<ActState>, CallError<R>> {
    store.load().await.map_err(|error| CallError::Store(error).after_unknown())
}

/// Removes the state of an act that certainly did not happen. A state that stays costs looks only.
pub(super) async fn forget(store: &mut (dyn ActStore + '_)) {
    drop(store.remove().await);
}
