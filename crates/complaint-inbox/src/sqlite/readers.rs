//! The threads that read, each over a connection of its own.

use std::fmt;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::file::open_to_read;
use super::queue;
use crate::error::StoreError;

/// Threads that read.
pub(super) const READERS: usize = 4;

/// The threads' handle. Dropping it completes the calls that wait.
pub(super) struct Readers {
    calls: Option<SyncSender<Call>>,
    threads: Vec<JoinHandle<()>>,
}

type Call = Box<dyn FnOnce(&Connection) + Send>;

impl Readers {
    pub(super) fn start(path: &Path) -> Result<Self, StoreError> {
        let (calls, waiting) = sync_channel(queue::MAX_WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        let mut readers = Self { calls: Some(calls), threads: Vec::new() };
        for _ in 0..READERS {
            let (connection, waiting) = (open_to_read(path)?, Arc::clone(&waiting));
            let thread = std::thread::Builder::new().name("inbox-reader".to_owned());
            let thread = thread.spawn(move || {
                while let Some(call) = next(&waiting) {
                    call(&connection);
                }
            });
            readers.threads.push(thread.map_err(|error| StoreError::Disk(error.to_string()))?);
        }
        Ok(readers)
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (completed, outcome) = oneshot::channel();
        let call = move |connection: &Connection| {
            drop(completed.send(work(connection)));
        };
        let call: Call = Box::new(call);
        queue::run(self.calls.as_ref(), call, outcome).await
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Readers")
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        drop(self.calls.take());
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
    }
}

/// One thread at a time waits; the others wait for it.
fn next(waiting: &Mutex<Receiver<Call>>) -> Option<Call> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}
