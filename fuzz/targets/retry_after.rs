//! `Retry-After`, and the wait that follows it. A number of seconds and a date are read as any
//! other reader has them; no wait is longer than the policy allows, whatever the policy is.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::RawResponse;
use protocol_core::{Delivery, Failure, Fault, Idempotency, UnixTime};

/// Numbers out of the input, then zeros.
struct Numbers<'b>(&'b [u8]);

impl Numbers<'_> {
    fn next(&mut self) -> u64 {
        let (head, rest) = self.0.split_at(self.0.len().min(8));
        self.0 = rest;
        head.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    fn duration(&mut self) -> Duration {
        match self.next() {
            u64::MAX => Duration::MAX,
            number => Duration::from_millis(number),
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((header, rest)) = fuzz::first_line(bytes) else { return };
    let mut numbers = Numbers(rest);
    let now = UnixTime(numbers.next() as i64);
    let headers = [("Retry-After", header)];
    let response = RawResponse { status: 429, headers: &headers[..], body: b"" };
    let asked = fuzz::within(16, bytes.len(), || response.retry_after(now));
    if let Ok(seconds) = header.parse::<u32>()
        && seconds.to_string() == header
    {
        assert_eq!(asked, Some(Duration::from_secs(seconds.into())));
    }

    let policy = RetryPolicy::default()
        .with_attempts(numbers.next() as u32)
        .with_base(numbers.duration())
        .with_cap(numbers.duration())
        .with_max_retry_after(numbers.duration());
    let (attempt, random) = (numbers.next() as u32, numbers.next());
    for delivery in [Delivery::NotSent, Delivery::Unknown, Delivery::Processed] {
        let failure = Failure::new(Fault::Network, delivery).with_is_retryable(true).with_retry_after(asked);
        for idempotency in [Idempotency::Safe, Idempotency::Idempotent, Idempotency::Unsafe] {
            let Some(wait) = policy.wait(attempt, failure, idempotency, random) else {
                continue;
            };
            assert!(attempt < policy.attempts);
            assert!(idempotency != Idempotency::Unsafe || delivery != Delivery::Unknown, "it may have happened");
            let wished = asked.unwrap_or_default();
            assert!(wished <= policy.max_retry_after);
            assert!(wait >= wished && wait <= policy.max_retry_after.saturating_add(policy.cap));
        }
        assert_eq!(policy.wait(attempt, failure.with_is_retryable(false), Idempotency::Safe, random), None);
    }
});
