//! The rate of each token.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use protocol_core::rate::{Bucket, Turn};
use tokio::time::Instant;

use super::bounds::TOKEN_RATE;
use super::refusal::Refusal;
use crate::tokens::Bearer;

/// A bucket for each token that was used; their number is that of the file's tokens.
pub(crate) struct Turns {
    began: Instant,
    buckets: Mutex<BTreeMap<String, Bucket>>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { began: Instant::now(), buckets: Mutex::default() }
    }
}

impl Turns {
    /// A turn for the bearer of a token, now or not at all.
    pub(crate) fn take(&self, bearer: &Bearer) -> Result<(), Refusal> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(bearer.name().to_owned()).or_default();
        match bucket.take(TOKEN_RATE, self.began.elapsed(), Duration::ZERO, Duration::ZERO) {
            Turn::In(_) => Ok(()),
            Turn::TooLate(wait) => Err(Refusal::TooMany { wait }),
        }
    }
}
