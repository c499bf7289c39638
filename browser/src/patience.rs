//! Waits for what happens elsewhere.

use std::time::{Duration, Instant};

/// Waits until there is something. `what` says in the panic what never came.
#[track_caller]
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "it does not happen: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The longest wait for anything, on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
