//! Calls of a program without a runtime.

use std::future::Future;
use std::hint::spin_loop;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs a future whose steps block instead of waiting, such as a call of a client without a
/// runtime: the first poll completes it. A future that waits for a wake-up is polled again and
/// again without a pause.
///
/// ```
/// use protocol_core::call::blocking;
///
/// assert_eq!(blocking(async { 6 * 7 }), 42);
/// ```
pub fn blocking<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        spin_loop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_future_that_is_not_ready_at_once_is_polled_again() {
        let mut polls = 0;
        let third = std::future::poll_fn(|_| {
            polls += 1;
            if polls == 3 { Poll::Ready(polls) } else { Poll::Pending }
        });
        assert_eq!(blocking(third), 3);
    }
}
