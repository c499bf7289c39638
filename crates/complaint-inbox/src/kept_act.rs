//! The state of a claimed act, for the machine that carries it out.

use protocol_core::call::{ActState, ActStore, OutsideError, StoreFuture};
use protocol_core::{Delivery, Failure, Fault};

use crate::act::ActClaim;
use crate::error::StoreError;
use crate::store::Store;

/// The [`ActStore`] of a claim: `send_stored` and `perform_stored` keep the state in the inbox,
/// before each send. Once another process has taken the act over, a state cannot be kept, and so
/// the act is not sent.
///
/// It takes no other step: the caller ends the act with [`Store::finish_act`].
///
/// ```
/// use complaint_inbox::{ActClaim, ActOutcome, KeptAct, Store, StoreError};
/// use protocol_core::channel::{ComplaintChannel, ComplaintRef};
///
/// async fn carry_out<S: Store>(
///     store: &S,
///     channel: &dyn ComplaintChannel,
///     claim: &ActClaim,
/// ) -> Result<(), StoreError> {
///     let about = ComplaintRef::new(&*claim.record.ask.complaint.id);
///     let mut kept = KeptAct::new(store.clone(), claim.clone(), 60);
///     let done = channel.perform_stored(&about, &claim.record.ask.act, &mut kept).await;
///     if done.is_ok() {
///         store.finish_act(claim, ActOutcome::Done, None).await?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct KeptAct<S> {
    store: S,
    claim: ActClaim,
    lease_seconds: u32,
}

impl<S: Store> KeptAct<S> {
    /// The state of this claim. Each state that is kept makes the lease begin anew, with these
    /// seconds.
    #[must_use]
    pub const fn new(store: S, claim: ActClaim, lease_seconds: u32) -> Self {
        Self { store, claim, lease_seconds }
    }

    async fn change(&mut self, state: Option<&ActState>) -> Result<(), OutsideError> {
        let kept = self.store.keep_act(&self.claim, state, self.lease_seconds).await.map_err(outside)?;
        if !kept {
            return Err(OutsideError::new(Failure::new(Fault::Local, Delivery::NotSent), TAKEN_OVER));
        }
        self.claim.record.state = state.cloned();
        Ok(())
    }
}

impl<S: Store> ActStore for KeptAct<S> {
    fn load(&mut self) -> StoreFuture<'_, Option<ActState>> {
        Box::pin(async { Ok(self.claim.record.state.clone()) })
    }

    fn keep<'a>(&'a mut self, state: &'a ActState) -> StoreFuture<'a, ()> {
        Box::pin(self.change(Some(state)))
    }

    fn remove(&mut self) -> StoreFuture<'_, ()> {
        Box::pin(self.change(None))
    }
}

const TAKEN_OVER: &str = "another process has taken the act over; this one sends nothing";

fn outside(error: StoreError) -> OutsideError {
    let failure = Failure::new(Fault::Local, Delivery::NotSent).with_is_retryable(error.is_retryable());
    OutsideError::new(failure, error)
}
