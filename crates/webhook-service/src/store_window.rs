//! The number of messages that a store handles at once: fewer while it is late.
//!
//! A store that writes one message after the other (one disk, one sync each) gets later with every
//! copy that waits for it, until each step passes its timeout and no message gets through at all.
//! So half as many are tried at once after a late step, and one more after each round in time, like
//! TCP's congestion window. Once no step was late for [`CALM`], one more is tried after each step.
//! A message that is not tried is refused at once (503), and leaves no reservation.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The most steps at once: as many as the listener of `http-transport` has connections.
const MAX_AT_ONCE: usize = 1024;

/// After this time without a late step the window opens fast. It is shorter than WeChat Pay's first
/// wait (one minute).
const CALM: Duration = Duration::from_secs(10);

/// The window, for all messages of one webhook.
#[derive(Debug, Clone)]
pub(crate) struct StoreWindow(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    at_once: usize,
    /// Steps that are waited for. One that is late no longer counts: a single connection that hangs
    /// holds up nothing.
    waiting: usize,
    /// Steps in time since the window last changed.
    in_time: usize,
    halved: Option<Instant>,
    late: Option<Instant>,
}

impl Default for StoreWindow {
    fn default() -> Self {
        let state = State { at_once: MAX_AT_ONCE, waiting: 0, in_time: 0, halved: None, late: None };
        Self(Arc::new(Mutex::new(state)))
    }
}

impl StoreWindow {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first step of another message, if it may be tried.
    pub(crate) fn first_step(&self) -> Option<Step> {
        let mut state = self.state();
        if state.waiting >= state.at_once {
            return None;
        }
        state.waiting += 1;
        Some(Step(self.clone()))
    }

    /// A further step of a message: one that was begun is always finished.
    pub(crate) fn next_step(&self) -> Step {
        self.state().waiting += 1;
        Step(self.clone())
    }
}

/// A step of the store that is waited for. It ends when this is dropped.
pub(crate) struct Step(StoreWindow);

impl Step {
    pub(crate) fn was_in_time(self, now: Instant) {
        let mut state = self.0.state();
        state.in_time += 1;
        let is_calm = state.late.is_none_or(|late| now.saturating_duration_since(late) >= CALM);
        if is_calm || state.in_time >= state.at_once {
            state.in_time = 0;
            state.at_once = (state.at_once + 1).min(MAX_AT_ONCE);
        }
    }

    /// Halves the window, at most once in `timeout`, since steps that wait together are late
    /// together. A step that was alone does not halve it, since no other step delayed it.
    pub(crate) fn was_late(self, now: Instant, timeout: Duration) {
        let mut state = self.0.state();
        state.late = Some(now);
        if state.waiting > 1 && state.halved.is_none_or(|halved| now.saturating_duration_since(halved) >= timeout) {
            state.halved = Some(now);
            state.in_time = 0;
            state.at_once = (state.at_once.min(state.waiting) / 2).max(1);
        }
    }
}

impl Drop for Step {
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
        let steps: Vec<_> = std::iter::from_fn(|| window.first_step()).collect();
        steps.len()
    }

    const MOMENT: Duration = Duration::from_millis(1);

    /// So many steps that wait together, of which the first is late.
    fn late_among(window: &StoreWindow, number: usize, now: Instant) {
        let mut together: Vec<_> = (0..number).map(|_| window.next_step()).collect();
        together.remove(0).was_late(now, TIMEOUT);
    }

    #[test]
    fn a_store_in_time_is_asked_for_as_many_as_there_may_be() {
        let (window, now) = (StoreWindow::default(), Instant::now());
        assert_eq!(at_once(&window), MAX_AT_ONCE);
        (0..2 * MAX_AT_ONCE).for_each(|_| window.next_step().was_in_time(now));
        assert_eq!(at_once(&window), MAX_AT_ONCE);
    }

    #[test]
    fn a_late_store_is_asked_for_half_as_many_and_for_one_more_after_each_round_in_time() {
        let (window, now) = (StoreWindow::default(), Instant::now());
        late_among(&window, 16, now);
        assert_eq!(at_once(&window), 8);
        // All that wait together are late together: that counts once.
        late_among(&window, 8, now + TIMEOUT - MOMENT);
        assert_eq!(at_once(&window), 8);
        late_among(&window, 8, now + TIMEOUT);
        assert_eq!(at_once(&window), 4);
        (0..3).for_each(|_| window.next_step().was_in_time(now + TIMEOUT));
        assert_eq!(at_once(&window), 4);
        window.next_step().was_in_time(now + TIMEOUT);
        assert_eq!(at_once(&window), 5);
        // One is always tried: else nothing would ever show that the store is back.
        for round in 2..10 {
            late_among(&window, 2, now + TIMEOUT * round);
        }
        assert_eq!(at_once(&window), 1);
    }

    #[test]
    fn a_lapse_that_is_over_is_forgotten_soon() {
        let (window, now) = (StoreWindow::default(), Instant::now());
        late_among(&window, 8, now);
        window.next_step().was_in_time(now + CALM - MOMENT);
        assert_eq!(at_once(&window), 4);
        (0..3).for_each(|_| window.next_step().was_in_time(now + CALM));
        assert_eq!(at_once(&window), 7);
    }

    #[test]
    fn one_connection_that_hangs_closes_nothing() {
        let window = StoreWindow::default();
        for round in 0..10 {
            window.next_step().was_late(Instant::now() + TIMEOUT * round, TIMEOUT);
        }
        assert_eq!(at_once(&window), MAX_AT_ONCE);
    }
}
