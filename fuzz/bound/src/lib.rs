//! Memory within a bound: an allocator that counts, and a call that must not take more than its
//! input allows.
//!
//! Counted is what lives at the same time, in bytes asked for. Leaked and returned bytes count as
//! taken.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn took(size: usize) {
    let live = LIVE.fetch_add(size, Relaxed) + size;
    PEAK.fetch_max(live, Relaxed);
}

// SAFETY: every call goes to the system's allocator unchanged; only sizes are noted beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        took(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        took(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    /// Both blocks count while one is copied into the other.
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        took(size);
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// The result of `call`, and the most bytes it had at one time.
pub fn peak_of<T>(call: impl FnOnce() -> T) -> (T, usize) {
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    let value = call();
    (value, PEAK.load(Relaxed).saturating_sub(before))
}

/// Calls, and panics where that took more than `factor` bytes for each of the input's, and 16 KiB
/// whatever the input.
pub fn within<T>(factor: usize, input: usize, call: impl FnOnce() -> T) -> T {
    let (value, peak) = peak_of(call);
    let bound = factor * input + 16 * 1024;
    assert!(peak <= bound, "an input of {input} bytes took {peak}, more than {bound}");
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_at_one_time_is_what_counts() {
        let (kept, peak) = peak_of(|| {
            drop(vec![0u8; 100_000]);
            vec![0u8; 40_000]
        });
        assert!((100_000..101_000).contains(&peak), "{peak}");
        assert_eq!(within(2, kept.len(), || kept.clone()).len(), 40_000);
        assert!(std::panic::catch_unwind(|| within(1, 10, || vec![0u8; 20_000])).is_err());
    }
}
