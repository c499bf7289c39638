//! The events of a webhook's requests. A refusal that a person should look at is a WARN line.
//! Everyday refusals (a copy in hand, a probe) are DEBUG lines. All other refusals, which any
//! client can cause at will, are DEBUG lines and are counted by name. The counts are one WARN line,
//! at most once a minute, with the first request after the minute. There is no timer, so without
//! another request they are not told.

use std::fmt;

use http::StatusCode;
use protocol_core::UnixTime;
#[cfg(feature = "tracing")]
use tracing::{Level, event};

/// How much a response says to a reader of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// An everyday response.
    Everyday,
    /// A genuine message is not getting through.
    Alarming,
    /// Any client can cause it.
    Strange,
}

/// The events of one webhook.
#[derive(Debug)]
pub(crate) struct Requests {
    #[cfg(feature = "tracing")]
    operation: &'static str,
    #[cfg(feature = "tracing")]
    strangers: strangers::Strangers,
}

#[cfg(feature = "tracing")]
impl Requests {
    /// The events of a webhook that receives this.
    pub(crate) fn of(operation: &'static str) -> Self {
        Self { operation, strangers: strangers::Strangers::default() }
    }

    /// A request got its response; a refused one has a reason, which holds no word of the message.
    pub(crate) fn tell(
        &self,
        outcome: &'static str,
        weight: Weight,
        status: StatusCode,
        request_id: Option<&str>,
        reason: Option<&dyn fmt::Display>,
        now: UnixTime,
    ) {
        let (operation, status, reason) = (self.operation, status.as_u16(), reason.map(tracing::field::display));
        if let Some(reasons) = self.strangers.due(now) {
            event!(Level::WARN, operation, outcome = "strangers-refused", reasons);
        }
        match weight {
            Weight::Everyday => event!(Level::DEBUG, operation, outcome, status, request_id, reason),
            Weight::Alarming => event!(Level::WARN, operation, outcome, status, request_id, reason),
            Weight::Strange => {
                self.strangers.count(outcome, now);
                event!(Level::DEBUG, operation, outcome, status, request_id, reason);
            }
        }
    }
}

#[cfg(not(feature = "tracing"))]
impl Requests {
    pub(crate) const fn of(_: &'static str) -> Self {
        Self {}
    }

    pub(crate) fn tell(
        &self,
        _: &'static str,
        _: Weight,
        _: StatusCode,
        _: Option<&str>,
        _: Option<&dyn fmt::Display>,
        _: UnixTime,
    ) {
    }
}

#[cfg(feature = "tracing")]
mod strangers {
    use std::collections::BTreeMap;
    use std::sync::{Mutex, PoisonError};

    use protocol_core::UnixTime;

    /// The counts are told at most this often.
    pub(super) const TOLD_EVERY_SECONDS: u32 = 60;

    /// Refusals of strangers since they were told last, by reason. The reasons are names of this
    /// crate's, so they are few.
    #[derive(Debug, Default)]
    pub(super) struct Strangers(Mutex<Option<Minute>>);

    #[derive(Debug)]
    struct Minute {
        since: UnixTime,
        counts: BTreeMap<&'static str, u64>,
    }

    impl Strangers {
        pub(super) fn count(&self, reason: &'static str, now: UnixTime) {
            let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let minute = minute.get_or_insert_with(|| Minute { since: now, counts: BTreeMap::new() });
            *minute.counts.entry(reason).or_default() += 1;
        }

        /// The counts, once a minute is over since the first of them; at once where the clock was
        /// set back by as much. Requests read the clock in another order than they come here: a
        /// moment back is none.
        pub(super) fn due(&self, now: UnixTime) -> Option<String> {
            let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let told = minute.take_if(|minute| now.0.abs_diff(minute.since.0) >= u64::from(TOLD_EVERY_SECONDS))?;
            let counts: Vec<_> = told.counts.into_iter().map(|(reason, count)| format!("{reason}: {count}")).collect();
            Some(counts.join(", "))
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        const START: UnixTime = UnixTime(1_741_936_166);

        fn at(seconds: u32) -> UnixTime {
            START.plus(seconds)
        }

        #[test]
        fn strangers_are_counted_by_reason_and_told_once_a_minute() {
            let strangers = Strangers::default();
            assert_eq!(strangers.due(at(1000)), None, "there was none");
            for (seconds, reason) in [(0, "unverified"), (1, "wrong-path"), (59, "unverified")] {
                assert_eq!(strangers.due(at(seconds)), None, "{seconds}");
                strangers.count(reason, at(seconds));
            }
            assert_eq!(strangers.due(at(TOLD_EVERY_SECONDS - 1)), None);
            assert_eq!(strangers.due(at(TOLD_EVERY_SECONDS)).as_deref(), Some("unverified: 2, wrong-path: 1"));
            assert_eq!(strangers.due(at(1000)), None, "they were told");
            // The next minute begins with the next stranger.
            strangers.count("unverified", at(1000));
            assert_eq!(strangers.due(at(999 + TOLD_EVERY_SECONDS)), None);
            assert!(strangers.due(at(1000 + TOLD_EVERY_SECONDS)).is_some());
        }

        #[test]
        fn a_clock_that_is_set_back_silences_no_count() {
            let strangers = Strangers::default();
            strangers.count("unverified", at(3600));
            assert_eq!(strangers.due(at(3601 - TOLD_EVERY_SECONDS)), None, "a request that read the clock before");
            assert_eq!(strangers.due(at(3600 - TOLD_EVERY_SECONDS)).as_deref(), Some("unverified: 1"));
        }
    }
}
