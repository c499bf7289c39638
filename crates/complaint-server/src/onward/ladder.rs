//! The meaning of a response, and the wait before the next attempt: pure functions.

use complaint_inbox::{HandoverOutcome, MAX_WAIT_SECONDS, Wait};
use http::StatusCode;

/// The waits after each failed attempt, in seconds. After the last one the event is dead: ten
/// attempts in 75 hours and a half.
pub const LADDER_SECONDS: [u32; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// The response to an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The status; `None` if there was no response.
    pub(crate) status: Option<StatusCode>,
    /// The seconds of `Retry-After`.
    pub(crate) retry_after: Option<u32>,
}

impl Reply {
    /// There was no response.
    pub(crate) const NONE: Self = Self { status: None, retry_after: None };

    /// The outcome of a function of this process. An event that it fails on holds up no other
    /// complaint, as with a service that refuses it.
    pub(crate) const fn of_handler(is_handled: bool) -> Self {
        let status = if is_handled { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        Self { status: Some(status), retry_after: None }
    }
}

/// What an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// For the store.
    pub(crate) outcome: HandoverOutcome,
    /// For the endpoint.
    pub(crate) then: Then,
    /// For the metrics.
    pub(crate) word: &'static str,
}

/// How the endpoint goes on. Ordered: of several events, the last one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Then {
    /// As before.
    GoOn,
    /// It is given so many seconds of rest.
    Rest(u32),
    /// It is not called any more.
    Disable,
}

/// The verdict on an attempt after `failed` failures. `jitter` shortens the wait: by nothing at 0, by
/// a tenth at 255, so that events that failed together are not sent together.
pub(crate) fn verdict(reply: Reply, failed: u32, jitter: u8) -> Verdict {
    let (then, word) = match reply.status {
        Some(status) if status.is_success() => {
            return Verdict { outcome: HandoverOutcome::Delivered, then: Then::GoOn, word: "delivered" };
        }
        // The event stays, for the day on which the endpoint is there again.
        Some(StatusCode::GONE) => {
            let outcome = HandoverOutcome::Failed(Wait::None);
            return Verdict { outcome, then: Then::Disable, word: "gone" };
        }
        Some(status) if status.is_redirection() => (Then::GoOn, "redirected"),
        Some(status) if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => (Then::GoOn, "refused"),
        Some(_) => (Then::Rest(rest(reply.retry_after)), "failed"),
        None => (Then::Rest(rest(None)), "unreachable"),
    };
    let step = usize::try_from(failed).ok().and_then(|failed| LADDER_SECONDS.get(failed));
    let Some(step) = step else { return Verdict { outcome: HandoverOutcome::Dead, then, word: "dead" } };
    let shorter = step / 10 * u32::from(jitter) / u32::from(u8::MAX);
    let wait = (step - shorter).max(reply.retry_after.unwrap_or(0)).min(MAX_WAIT_SECONDS);
    Verdict { outcome: HandoverOutcome::Failed(Wait::Seconds(wait)), then, word }
}

/// The rest of an endpoint that is down or slow.
fn rest(retry_after: Option<u32>) -> u32 {
    retry_after.unwrap_or(REST_SECONDS).clamp(REST_SECONDS, MAX_REST_SECONDS)
}

/// The rest of an endpoint that failed, in seconds.
const REST_SECONDS: u32 = 5;

/// The longest rest of an endpoint, in seconds, whatever it asks for.
const MAX_REST_SECONDS: u32 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16) -> Reply {
        Reply { status: Some(StatusCode::from_u16(status).unwrap()), retry_after: None }
    }

    const NONE: Reply = Reply::NONE;

    fn wait(reply: Reply, failed: u32, jitter: u8) -> Option<u32> {
        match verdict(reply, failed, jitter).outcome {
            HandoverOutcome::Failed(Wait::Seconds(seconds)) => Some(seconds),
            HandoverOutcome::Dead => None,
            other => panic!("{other:?}"),
        }
    }

    /// The example of the specification: ten attempts, the last one after 75:35:05.
    #[test]
    fn an_event_is_sent_ten_times_in_the_ladder_of_the_specification() {
        let waits: Vec<u32> = (0..).map_while(|failed| wait(NONE, failed, 0)).collect();
        assert_eq!(waits, LADDER_SECONDS);
        assert_eq!(waits.iter().sum::<u32>(), 75 * 3600 + 35 * 60 + 5);
        assert_eq!(verdict(NONE, 9, 0).outcome, HandoverOutcome::Dead);
        assert_eq!(verdict(reply(500), u32::MAX, 0).outcome, HandoverOutcome::Dead);
    }

    #[test]
    fn jitter_takes_a_tenth_at_most() {
        assert_eq!([0, 255].map(|jitter| wait(NONE, 8, jitter)), [Some(86_400), Some(77_760)]);
        for (failed, step) in (0..).zip(LADDER_SECONDS) {
            let waits: Vec<u32> = (0..=u8::MAX).filter_map(|jitter| wait(NONE, failed, jitter)).collect();
            assert!(waits.len() == 256 && waits.is_sorted_by(|one, two| one >= two));
            assert!(waits.iter().all(|wait| (step - step / 10..=step).contains(wait)));
        }
    }

    #[test]
    fn only_2xx_delivers() {
        let outcome = |status| verdict(reply(status), 0, 0).outcome;
        for status in [200, 201, 204, 299] {
            assert_eq!(outcome(status), HandoverOutcome::Delivered, "{status}");
        }
        for status in [301, 302, 304, 307, 400, 401, 404, 408, 429, 500, 502, 503, 504, 999] {
            assert_eq!(outcome(status), HandoverOutcome::Failed(Wait::Seconds(5)), "{status}");
        }
    }

    #[test]
    fn gone_disables_the_endpoint_and_keeps_the_event() {
        for failed in [0, 9, 100] {
            let verdict = verdict(reply(410), failed, 0);
            assert_eq!((verdict.then, verdict.outcome), (Then::Disable, HandoverOutcome::Failed(Wait::None)));
        }
    }

    #[test]
    fn retry_after_lengthens_the_wait_up_to_a_day() {
        let after = |seconds| wait(Reply { retry_after: Some(seconds), ..reply(503) }, 1, 255);
        assert_eq!(
            [0, 270, 271, MAX_WAIT_SECONDS].map(after),
            [Some(270), Some(270), Some(271), Some(MAX_WAIT_SECONDS)]
        );
        assert_eq!(after(MAX_WAIT_SECONDS + 1), Some(MAX_WAIT_SECONDS));
    }

    #[test]
    fn an_endpoint_that_is_down_or_busy_rests() {
        let then = |reply: Reply| verdict(reply, 0, 0).then;
        assert_eq!([reply(200), reply(404), reply(302)].map(then), [Then::GoOn; 3]);
        assert_eq!([NONE, reply(429), reply(500), reply(502), reply(504)].map(then), [Then::Rest(REST_SECONDS); 5]);
        let asks = |seconds| then(Reply { retry_after: Some(seconds), ..reply(429) });
        assert_eq!([4, 6, MAX_REST_SECONDS].map(asks), [Then::Rest(5), Then::Rest(6), Then::Rest(300)]);
        assert_eq!(asks(MAX_REST_SECONDS + 1), Then::Rest(300));
    }
}
