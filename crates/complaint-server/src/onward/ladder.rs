//! The meaning of a response, and the wait before the next attempt: pure functions.

use std::fmt;
use std::io::ErrorKind;

use complaint_inbox::{HandoverOutcome, MAX_WAIT_SECONDS, Wait};
use http::StatusCode;

use super::attempt::ATTEMPT_TIMEOUT;

/// The waits after each failed attempt, in seconds. After the last one the event is dead: ten
/// attempts in 75 hours and a half.
pub const LADDER_SECONDS: [u32; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// How an attempt went. Its `Display` is for logs, and has no output of a program and no URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A service responded.
    Response {
        status: StatusCode,
        /// The seconds of `Retry-After`.
        retry_after: Option<u32>,
    },
    /// A service did not respond in time.
    NoResponse,
    /// A function of this process or a program of this machine is done.
    Local(Result<(), LocalFault>),
}

/// The reason why a function or a program did not take an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LocalFault {
    /// The function returned an error.
    Error,
    /// The function panicked.
    Panic,
    /// There was no end within the time of an attempt.
    Late,
    /// The program could not be started.
    NotStarted(ErrorKind),
    /// The program ended with this status; `None` for a signal.
    Exit(Option<i32>),
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response { status, .. } => write!(f, "status {}", status.as_u16()),
            Self::NoResponse => f.write_str("no response"),
            Self::Local(Ok(())) => f.write_str("done"),
            Self::Local(Err(fault)) => fault.fmt(f),
        }
    }
}

impl fmt::Display for LocalFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error => f.write_str("the function returned an error"),
            Self::Panic => f.write_str("the function panicked"),
            Self::Late => write!(f, "no end within {} seconds", ATTEMPT_TIMEOUT.as_secs()),
            Self::NotStarted(kind) => write!(f, "the program cannot be started: {kind}"),
            Self::Exit(Some(code)) => write!(f, "the program ended with exit code {code}"),
            Self::Exit(None) => f.write_str("the program was ended by a signal"),
        }
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
    const DELIVERED: Verdict = Verdict { outcome: HandoverOutcome::Delivered, then: Then::GoOn, word: "delivered" };

    let (then, word, retry_after) = match reply {
        Reply::Local(Ok(())) => return DELIVERED,
        // An event that it fails on holds up no other complaint, as with a service that refuses it.
        Reply::Local(Err(_)) => (Then::GoOn, "refused", None),
        Reply::NoResponse => (Then::Rest(rest(None)), "unreachable", None),
        Reply::Response { status, .. } if status.is_success() => return DELIVERED,
        // The event stays, for the day on which the endpoint is there again.
        Reply::Response { status: StatusCode::GONE, .. } => {
            let outcome = HandoverOutcome::Failed(Wait::None);
            return Verdict { outcome, then: Then::Disable, word: "gone" };
        }
        Reply::Response { status, retry_after } if status.is_redirection() => (Then::GoOn, "redirected", retry_after),
        Reply::Response { status, retry_after }
            if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS =>
        {
            (Then::GoOn, "refused", retry_after)
        }
        Reply::Response { retry_after, .. } => (Then::Rest(rest(retry_after)), "failed", retry_after),
    };
    let step = usize::try_from(failed).ok().and_then(|failed| LADDER_SECONDS.get(failed));
    let Some(step) = step else { return Verdict { outcome: HandoverOutcome::Dead, then, word: "dead" } };
    let shorter = step / 10 * u32::from(jitter) / u32::from(u8::MAX);
    let wait = (step - shorter).max(retry_after.unwrap_or(0)).min(MAX_WAIT_SECONDS);
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
        Reply::Response { status: StatusCode::from_u16(status).unwrap(), retry_after: None }
    }

    fn asking(status: u16, seconds: u32) -> Reply {
        Reply::Response { status: StatusCode::from_u16(status).unwrap(), retry_after: Some(seconds) }
    }

    const NONE: Reply = Reply::NoResponse;

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
        let after = |seconds| wait(asking(503, seconds), 1, 255);
        assert_eq!(
            [0, 270, 271, MAX_WAIT_SECONDS].map(after),
            [Some(270), Some(270), Some(271), Some(MAX_WAIT_SECONDS)]
        );
        assert_eq!(after(MAX_WAIT_SECONDS + 1), Some(MAX_WAIT_SECONDS));
    }

    #[test]
    fn a_function_or_a_program_that_fails_is_told_apart_and_holds_up_no_other() {
        for (fault, words) in [
            (LocalFault::Error, "the function returned an error"),
            (LocalFault::Panic, "the function panicked"),
            (LocalFault::Late, "no end within 15 seconds"),
            (LocalFault::NotStarted(ErrorKind::NotFound), "the program cannot be started: entity not found"),
            (LocalFault::Exit(Some(1)), "the program ended with exit code 1"),
            (LocalFault::Exit(None), "the program was ended by a signal"),
        ] {
            let failed = Reply::Local(Err(fault));
            assert_eq!((failed.to_string(), verdict(failed, 0, 0).word), (words.to_owned(), "refused"));
            assert_eq!((wait(failed, 0, 0), verdict(failed, 0, 0).then), (Some(5), Then::GoOn));
        }
        assert_eq!(verdict(Reply::Local(Ok(())), 0, 0).outcome, HandoverOutcome::Delivered);
        assert_eq!([reply(503).to_string(), NONE.to_string()], ["status 503", "no response"]);
    }

    #[test]
    fn an_endpoint_that_is_down_or_busy_rests() {
        let then = |reply: Reply| verdict(reply, 0, 0).then;
        assert_eq!([reply(200), reply(404), reply(302)].map(then), [Then::GoOn; 3]);
        assert_eq!([NONE, reply(429), reply(500), reply(502), reply(504)].map(then), [Then::Rest(REST_SECONDS); 5]);
        let asks = |seconds| then(asking(429, seconds));
        assert_eq!([4, 6, MAX_REST_SECONDS].map(asks), [Then::Rest(5), Then::Rest(6), Then::Rest(300)]);
        assert_eq!(asks(MAX_REST_SECONDS + 1), Then::Rest(300));
    }
}
