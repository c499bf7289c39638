//! A store of one act's state, and a process that crashes.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use protocol_core::call::{ActState, ActStore, OutsideError, StoreFuture};

/// A row of a database, as JSON: it survives its process. Clones are the same row.
#[derive(Clone, Default)]
pub struct Row {
    state: Arc<Mutex<Option<String>>>,
    mood: Mood,
}

/// How the store behaves.
#[derive(Clone, Copy, Default)]
pub enum Mood {
    #[default]
    Works,
    /// Stores the state, and the process dies before the act is sent.
    DiesOnceKept,
    CannotLoad,
    CannotKeep,
}

impl Row {
    /// The same row behind a store of this mood.
    pub fn that(&self, mood: Mood) -> Self {
        Self { mood, ..self.clone() }
    }

    pub fn is_empty(&self) -> bool {
        self.state.lock().unwrap().is_none()
    }
}

impl ActStore for Row {
    fn load(&mut self) -> StoreFuture<'_, Option<ActState>> {
        Box::pin(async {
            if matches!(self.mood, Mood::CannotLoad) {
                return Err(OutsideError::before_sending("the disk is gone"));
            }
            Ok(self.state.lock().unwrap().as_deref().map(|json| serde_json::from_str(json).unwrap()))
        })
    }

    fn keep<'a>(&'a mut self, state: &'a ActState) -> StoreFuture<'a, ()> {
        Box::pin(async {
            if matches!(self.mood, Mood::CannotKeep) {
                return Err(OutsideError::before_sending("the disk is full"));
            }
            *self.state.lock().unwrap() = Some(serde_json::to_string(state).unwrap());
            if matches!(self.mood, Mood::DiesOnceKept) {
                pending::<()>().await;
            }
            Ok(())
        })
    }

    fn remove(&mut self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            *self.state.lock().unwrap() = None;
            Ok(())
        })
    }
}

/// Runs a call whose process dies while it waits for a store, or before the first look after a lost
/// response, which is a second later.
pub async fn crashes<T>(call: impl Future<Output = T>) {
    assert!(tokio::time::timeout(Duration::from_millis(500), call).await.is_err(), "the call has ended");
}
