//! How many messages a store is asked for at once: fewer while it is late.
//!
//! A store that writes one message after the other (one disk, one sync each) gets later with every copy that waits for it, until
//! each step passes its timeout and nothing gets through at all. So half as many are tried at once after a late step, and one more
//! after each round in time, as TCP paces itself. What is not tried is told to come again at once, and leaves no reservation.

use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// Most steps that a store is asked for at once: as many as the listener of `http-transport` has connections.
const MAX_AT_ONCE: usize = 1024;

/// The window, for all messages of one webhook.
#[derive(Debug)]
pub(crate) struct StoreWindow(Mutex<State>);

#[derive(Debug)]
struct State {
    at_once: usize,
    /// Steps that are waited for. One that is late no longer counts: a single connection that hangs holds up nothing.
    waiting: usize,
    /// Steps in time since the window last changed.
    in_time: usize,
    halved: Option<Instant>,
}

impl Default for StoreWindow {
    fn default() -> Self {
        Self(Mutex::new(State { at_once: MAX_AT_ONCE, waiting: 0, in_time: 0, halved: None }))
    }
}

impl StoreWindow {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether another message may be tried. One that was begun is always finished.
    pub(crate) fn is_open(&self) -> bool {
        let state = self.state();
        state.waiting < state.at_once
    }

    /// A step begins. It ends when this is dropped.
    pub(crate) fn step(&self) -> Step<'_> {
        self.state().waiting += 1;
        Step(self)
    }
}

/// A step of the store that is waited for.
pub(crate) struct Step<'a>(&'a StoreWindow);

impl Step<'_> {
    pub(crate) fn was_in_time(self) {
        let mut state = self.0.state();
        state.in_time += 1;
        if state.in_time >= state.at_once {
            state.in_time = 0;
            state.at_once = (state.at_once + 1).min(MAX_AT_ONCE);
        }
    }

    /// At most once in `timeout`, since those that wait together are late together.
    pub(crate) fn was_late(self, now: Instant, timeout: Duration) {
        let mut state = self.0.state();
        if state.halved.is_none_or(|halved| now.saturating_duration_since(halved) >= timeout) {
            state.halved = Some(now);
            state.in_time = 0;
            state.at_once = (state.at_once.min(state.waiting) / 2).max(1);
        }
    }
}

impl Drop for Step<'_> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_millis(600);

    /// How many steps it lets begin at once.
    fn at_once(window: &StoreWindow) -> usize {
        let mut steps = Vec::new();
        while window.is_open() {
            steps.push(window.step());
        }
        steps.len()
    }

    #[test]
    fn a_store_in_time_is_asked_for_as_many_as_there_may_be() {
        let window = StoreWindow::default();
        assert_eq!(at_once(&window), MAX_AT_ONCE);
        (0..2 * MAX_AT_ONCE).for_each(|_| window.step().was_in_time());
        assert_eq!(at_once(&window), MAX_AT_ONCE);
    }

    #[test]
    fn a_late_store_is_asked_for_half_as_many_and_for_one_more_after_each_round_in_time() {
        let window = StoreWindow::default();
        let now = Instant::now();
        let mut together: Vec<_> = (0..16).map(|_| window.step()).collect();
        // All that wait together are late together: that counts once.
        together.drain(..10).for_each(|step| step.was_late(now, TIMEOUT));
        drop(together);
        assert_eq!(at_once(&window), 8);
        window.step().was_late(now + TIMEOUT - Duration::from_millis(1), TIMEOUT);
        assert_eq!(at_once(&window), 8);
        let others: Vec<_> = (0..7).map(|_| window.step()).collect();
        window.step().was_late(now + TIMEOUT, TIMEOUT);
        drop(others);
        assert_eq!(at_once(&window), 4);
        (0..3).for_each(|_| window.step().was_in_time());
        assert_eq!(at_once(&window), 4);
        window.step().was_in_time();
        assert_eq!(at_once(&window), 5);
        // One is always tried: else nothing would ever show that the store is back.
        for round in 2..10 {
            window.step().was_late(now + TIMEOUT * round, TIMEOUT);
        }
        assert_eq!(at_once(&window), 1);
    }
}
