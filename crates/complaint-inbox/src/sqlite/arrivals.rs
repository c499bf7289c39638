//! Messages that arrive: the reservations that wait share one look into the file.

use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol_core::replay::{Key, Lease, Reservation, SignedDigest};
use protocol_core::{Clock, UnixTime};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::messages::Done;
use super::queue::MAX_WAITING;
use crate::error::StoreError;
use crate::reservations::Reservations;

/// The messages in hand, and those that are about to be.
#[derive(Debug)]
pub(super) struct Arrivals {
    reservations: Mutex<Reservations>,
    waiting: Mutex<Vec<Arrival>>,
    clock: Clock,
}

/// A message to be reserved.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) id: String,
    pub(super) signed: Option<SignedDigest>,
    pub(super) lease: Lease,
    /// Takes the outcome of [`Reservations::reserve`].
    pub(super) reserved: oneshot::Sender<Result<(Reservation, bool), StoreError>>,
}

impl Arrivals {
    pub(super) fn new(clock: Clock) -> Self {
        Self { reservations: Mutex::default(), waiting: Mutex::default(), clock }
    }

    pub(super) fn reservations(&self) -> MutexGuard<'_, Reservations> {
        locked(&self.reservations)
    }

    pub(super) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// Forgets what is old.
    pub(super) fn forget(&self) {
        let now = self.now();
        self.reservations().forget(now);
    }

    /// Adds one that waits. `true`: it is the first, and the caller has to call for a
    /// [look](Self::look).
    pub(super) fn add(&self, arrival: Arrival) -> Result<bool, StoreError> {
        let mut waiting = locked(&self.waiting);
        if waiting.len() == MAX_WAITING {
            return Err(StoreError::Busy);
        }
        waiting.push(arrival);
        Ok(waiting.len() == 1)
    }

    /// Reserves all that wait.
    pub(super) fn look(&self, connection: &Connection) {
        let waiting = std::mem::take(&mut *locked(&self.waiting));
        // What is done is looked up under the lock: a message that was stored before its reservation
        // ended is seen.
        let mut reservations = self.reservations();
        let now = self.clock.now();
        // One snapshot for all. Without it, each look would lock the log for itself.
        let _snapshot = connection.unchecked_transaction();
        for Arrival { id, signed, lease, reserved } in waiting {
            let outcome = reservations.reserve(Key { id: &id, signed }, lease, now, &Done(connection));
            drop(reserved.send(outcome));
        }
    }

    /// Fails all that wait: there is no look.
    pub(super) fn refuse(&self, error: &StoreError) {
        for arrival in std::mem::take(&mut *locked(&self.waiting)) {
            drop(arrival.reserved.send(Err(error.clone())));
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
