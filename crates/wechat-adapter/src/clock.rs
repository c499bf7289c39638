//! The machine's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use protocol_core::{Clock, UnixTime};

/// The machine's clock. A time before 1970 reads as 1970, so that no signature verifies.
pub(crate) fn machine() -> Clock {
    Clock::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixTime(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    })
}
