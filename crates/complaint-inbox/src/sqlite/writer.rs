//! The thread that writes: it commits the calls that wait for it together.
//!
//! A commit takes as long as the disk takes to sync, so calls that arrive meanwhile share the next
//! one. Those that a commit completed are often about to call again, so the next one waits for them at
//! most a quarter of that time. A call is completed after the commit.
//!
//! The calls of a group run without savepoints, which cost a copy of each page that they change. If one
//! fails, all are rolled back and run once more with a savepoint each: one that fails takes none of the
//! others with it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use protocol_core::{Clock, UnixTime};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::file::{InboxFile, meaning};
use super::queue;
use crate::abort_point::{AbortPoint, Verb};
use crate::error::StoreError;

/// Most calls of one commit, so that none waits for all of the others.
pub(super) const MAX_GROUP: usize = 256;

/// The thread's handle. Dropping it completes the calls that wait, and closes the file.
pub(super) struct Writer {
    calls: Option<SyncSender<Box<dyn Call>>>,
    thread: Option<JoinHandle<()>>,
    empties_log: Arc<AtomicBool>,
}

/// What a caller waits for. It runs again if a call of its group fails, and is completed once.
trait Call: Send {
    /// Runs within the transaction.
    fn run(&mut self, connection: &Connection, now: UnixTime) -> Result<(), StoreError>;

    /// Tells the caller, once the outcome of the commit is known.
    fn complete(self: Box<Self>, committed: Result<(), StoreError>);
}

impl Writer {
    pub(super) fn start(connection: Connection, file: InboxFile, clock: Clock) -> Result<Self, StoreError> {
        let (calls, waiting) = sync_channel(queue::MAX_WAITING);
        let empties_log = Arc::new(AtomicBool::new(false));
        let is_to_empty = Arc::clone(&empties_log);
        let run = move || {
            write(&connection, &waiting, &clock, &is_to_empty);
            drop(connection);
            // The lock ends after the file is closed.
            drop(file);
        };
        let thread = std::thread::Builder::new().name("inbox-writer".to_owned()).spawn(run);
        let thread = thread.map_err(|error| StoreError::Disk(error.to_string()))?;
        Ok(Self { calls: Some(calls), thread: Some(thread), empties_log })
    }

    /// To be set by a call that removes what must not stay in the log: the log is copied into the file
    /// and cut to nothing right after the commit, unless another program looks at it for longer than
    /// [`BUSY`](super::file::BUSY).
    pub(super) fn empties_log(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.empties_log)
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        verb: Verb,
        work: impl Fn(&Connection, UnixTime) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (completed, outcome) = oneshot::channel();
        let call: Box<dyn Call> = Box::new(Work { verb, work, outcome: Err(StoreError::Closed), completed });
        queue::run(self.calls.as_ref(), call, outcome).await
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer")
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.calls.take());
        drop(self.thread.take().map(JoinHandle::join));
    }
}

/// The work of a verb, and its newest outcome.
struct Work<W, T> {
    verb: Verb,
    work: W,
    outcome: Result<T, StoreError>,
    completed: oneshot::Sender<Result<T, StoreError>>,
}

impl<W, T> Call for Work<W, T>
where
    W: Fn(&Connection, UnixTime) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn run(&mut self, connection: &Connection, now: UnixTime) -> Result<(), StoreError> {
        self.outcome = (self.work)(connection, now).map_err(|error| meaning(&error));
        AbortPoint::Uncommitted(self.verb).reach();
        self.outcome.as_ref().err().cloned().map_or(Ok(()), Err)
    }

    fn complete(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = committed.and(self.outcome);
        if outcome.is_ok() {
            AbortPoint::Committed(self.verb).reach();
        }
        drop(self.completed.send(outcome));
    }
}

fn write(connection: &Connection, waiting: &Receiver<Box<dyn Call>>, clock: &Clock, empties_log: &AtomicBool) {
    let (mut size, mut took) = (0, Duration::ZERO);
    while let Ok(first) = waiting.recv() {
        // A single caller waits for the disk alone.
        let pause = if size > 1 { took / PAUSES_OF_A_COMMIT } else { Duration::ZERO };
        let mut group =
            Group { waiting, first: Some(first), room: MAX_GROUP, pause, pauses: MAX_PAUSES, is_new: false }.peekable();
        size = 0;
        // More than once if SQLite ends the transaction by itself.
        while group.peek().is_some() {
            let mut ran = Vec::new();
            let mut ended = transact(connection, &mut group, &mut ran, clock, Undo::All, &mut took);
            if let Err(Failed::Call(_)) = ended {
                let again = std::mem::take(&mut ran).into_iter().chain(&mut group);
                ended = transact(connection, again, &mut ran, clock, Undo::TheCall, &mut took);
            }
            let committed = ended.map_err(|(Failed::Call(error) | Failed::Transaction(error))| error);
            size += ran.len();
            for call in ran {
                call.complete(committed.clone());
            }
            if empties_log.swap(false, Ordering::Relaxed) {
                drop(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
            }
        }
    }
}

/// The calls of a commit. It ends once none arrives for a pause, or after the last pause.
struct Group<'w> {
    waiting: &'w Receiver<Box<dyn Call>>,
    first: Option<Box<dyn Call>>,
    room: usize,
    pause: Duration,
    pauses: u32,
    /// Whether a call arrived since the last pause.
    is_new: bool,
}

impl Iterator for Group<'_> {
    type Item = Box<dyn Call>;

    fn next(&mut self) -> Option<Box<dyn Call>> {
        self.room = self.room.checked_sub(1)?;
        let mut call = self.first.take().or_else(|| self.waiting.try_recv().ok());
        if call.is_none() && self.is_new && self.pauses > 0 && !self.pause.is_zero() {
            self.is_new = false;
            self.pauses -= 1;
            std::thread::sleep(self.pause);
            call = self.waiting.try_recv().ok();
        }
        self.is_new |= call.is_some();
        if call.is_none() {
            self.room = 0;
        }
        call
    }
}

/// A pause is such a part of the last commit's time.
const PAUSES_OF_A_COMMIT: u32 = 16;

/// Most pauses before a commit: one call after the other would lengthen it without end.
const MAX_PAUSES: u32 = 4;

/// What a call that fails undoes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Undo {
    All,
    TheCall,
}

/// The reason for which nothing was committed.
enum Failed {
    /// A call failed that undoes all: without it, the others may succeed.
    Call(StoreError),
    Transaction(StoreError),
}

/// One transaction of calls, until they end or one of them ends it.
fn transact(
    connection: &Connection,
    mut calls: impl Iterator<Item = Box<dyn Call>>,
    ran: &mut Vec<Box<dyn Call>>,
    clock: &Clock,
    undo: Undo,
    took: &mut Duration,
) -> Result<(), Failed> {
    let run = |sql| {
        let run = || connection.prepare_cached(sql)?.execute([]).map(drop);
        run().map_err(|error| Failed::Transaction(meaning(&error)))
    };
    if let Err(error) = run("BEGIN IMMEDIATE") {
        // None is tried: each would wait as long for the lock.
        ran.extend(calls);
        return Err(error);
    }
    let mut work = || {
        for mut call in &mut calls {
            if undo == Undo::TheCall {
                run("SAVEPOINT call")?;
            }
            let outcome = call.run(connection, clock.now());
            ran.push(call);
            match (outcome, undo) {
                // SQLite has rolled everything back, as it may for a full disk.
                (outcome, Undo::TheCall) if connection.is_autocommit() => {
                    return Err(Failed::Transaction(outcome.err().unwrap_or(StoreError::Busy)));
                }
                (outcome, Undo::TheCall) => {
                    if outcome.is_err() {
                        run("ROLLBACK TO call")?;
                    }
                    run("RELEASE call")?;
                }
                (Err(error), Undo::All) => return Err(Failed::Call(error)),
                (Ok(()), Undo::All) => {}
            }
        }
        let begun = Instant::now();
        let committed = run("COMMIT");
        *took = begun.elapsed();
        committed
    };
    let ended = work();
    if ended.is_err() && !connection.is_autocommit() {
        drop(connection.execute_batch("ROLLBACK"));
    }
    ended
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    /// A call that sends the next one, as a task does whose call was completed.
    struct Chain(SyncSender<Box<dyn Call>>);

    impl Call for Chain {
        fn run(&mut self, _: &Connection, _: UnixTime) -> Result<(), StoreError> {
            Ok(())
        }

        fn complete(self: Box<Self>, _: Result<(), StoreError>) {
            let calls = self.0.clone();
            let _ = calls.try_send(self);
        }
    }

    fn chain(calls: &SyncSender<Box<dyn Call>>) -> Box<dyn Call> {
        Box::new(Chain(calls.clone()))
    }

    #[test]
    fn a_group_takes_so_many_calls_and_pauses_so_often() {
        let (calls, waiting) = sync_channel(1);
        let group = |pauses| Group {
            waiting: &waiting,
            first: Some(chain(&calls)),
            room: MAX_GROUP,
            pause: Duration::from_nanos(1),
            pauses,
            is_new: false,
        };
        // Each call is there when the next one is asked for.
        let mut full = group(MAX_PAUSES);
        let mut count = 0;
        for call in full.by_ref() {
            call.complete(Ok(()));
            count += 1;
        }
        assert_eq!((count, full.pauses), (MAX_GROUP, MAX_PAUSES));
        assert!(waiting.try_recv().is_ok());
        // None arrives: the first pause ends it.
        let mut single = group(MAX_PAUSES);
        assert!(single.next().is_some() && single.next().is_none() && single.next().is_none());
        assert_eq!(single.pauses, MAX_PAUSES - 1);
        let mut hurried = group(0);
        assert!(hurried.next().is_some() && hurried.next().is_none());
    }
}
