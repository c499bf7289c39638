//! What follows a call that failed: how long a reading or a picture waits, and how an act ends. Decisions, without
//! I/O.

use complaint_inbox::{ActOutcome, PictureOutcome, Reason, Wait};
use protocol_core::{Effect, Failure, Fault};

/// The wait before a complaint is read again.
///
/// A network that is down says nothing about the complaint: it is read soon, and the wait does not
/// grow. A refusal is met with a growing one, and a complaint that the platform does not know is
/// hardly ever worth a request.
pub(super) fn before_reading(failure: &Failure, is_missing: bool) -> Wait {
    let asked = seconds(failure);
    match failure.fault {
        _ if is_missing => Wait::BackOff { at_least: MISSING_SECONDS },
        Fault::Network | Fault::Local if failure.is_retryable => Wait::Seconds(asked.max(NETWORK_SECONDS)),
        _ => Wait::BackOff { at_least: asked },
    }
}

/// What becomes of an act. Exhaustive.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AfterAct {
    /// It ended.
    Finish(ActOutcome),
    /// It is tried again: looked for if it may have happened, sent if it certainly did not.
    Again(Wait),
}

/// What becomes of an act that was put back so often before.
pub(super) fn after_act(outcome: &Result<Effect, Failure>, put_back: u32) -> AfterAct {
    let failure = match outcome {
        Ok(Effect::Found) => return AfterAct::Finish(ActOutcome::Found),
        Ok(_) => return AfterAct::Finish(ActOutcome::Done),
        Err(failure) => failure,
    };
    let again = AfterAct::Again(Wait::BackOff { at_least: seconds(failure) });
    if failure.may_have_happened {
        // A look that failed may succeed later. Without one, it is a person's turn.
        if put_back < MAX_LOOKS { again } else { AfterAct::Finish(ActOutcome::Unknown) }
    } else if failure.is_retryable && put_back < MAX_SENDS {
        again
    } else {
        AfterAct::Finish(ActOutcome::Refused)
    }
}

/// What becomes of a picture that was refused so often before.
///
/// A network that is down says nothing about the picture, and neither does a configuration that lacks
/// something: these waits do not count. What arrived and is no picture will be none later.
pub(super) fn after_fetch(failure: &Failure, refused: u32, reason: Reason) -> PictureOutcome {
    let asked = seconds(failure);
    let wait = match failure.fault {
        Fault::Local => Wait::Seconds(asked.max(CONFIGURATION_SECONDS)),
        Fault::Network if failure.is_retryable => Wait::Seconds(asked.max(PICTURE_SECONDS)),
        Fault::Network | Fault::Platform if !failure.is_retryable => return PictureOutcome::GivenUp { reason },
        _ if refused >= MAX_FETCHES - 1 => return PictureOutcome::GivenUp { reason },
        _ => Wait::BackOff { at_least: asked },
    };
    PictureOutcome::Failed { reason, wait }
}

fn seconds(failure: &Failure) -> u32 {
    failure.retry_after.map_or(0, |wait| u32::try_from(wait.as_secs()).unwrap_or(u32::MAX))
}

/// The wait after the network failed, in seconds.
pub(super) const NETWORK_SECONDS: u32 = 15;

/// The first wait before a complaint is asked about again that the platform does not know.
pub(super) const MISSING_SECONDS: u32 = 3600;

/// How often an act that may have happened is looked for again: within a quarter of an hour.
pub(super) const MAX_LOOKS: u32 = 4;

/// How often an act that certainly did not happen is sent again: within six hours. The earliest
/// deadline is a day.
pub(super) const MAX_SENDS: u32 = 10;

/// The wait for a picture after the network failed, in seconds.
pub(super) const PICTURE_SECONDS: u32 = 300;

/// The wait for a picture that the configuration does not allow to be fetched, in seconds.
pub(super) const CONFIGURATION_SECONDS: u32 = 6 * 3600;

/// How often a picture is asked for that the platform refuses: within four hours.
pub(super) const MAX_FETCHES: u32 = 8;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use protocol_core::Delivery;

    use super::*;

    fn failure(fault: Fault, is_retryable: bool) -> Failure {
        Failure::new(fault, Delivery::NotSent).with_is_retryable(is_retryable)
    }

    #[test]
    fn a_reading_waits_for_what_failed() {
        let network = failure(Fault::Network, true);
        assert_eq!(before_reading(&network, false), Wait::Seconds(NETWORK_SECONDS));
        let later = network.with_retry_after(Some(Duration::from_secs(16)));
        assert_eq!(before_reading(&later, false), Wait::Seconds(16));
        let busy = failure(Fault::Platform, true).with_retry_after(Some(Duration::from_secs(7)));
        assert_eq!(before_reading(&busy, false), Wait::BackOff { at_least: 7 });
        let refused = failure(Fault::Caller, false);
        assert_eq!(before_reading(&refused, false), Wait::BackOff { at_least: 0 });
        assert_eq!(before_reading(&refused, true), Wait::BackOff { at_least: MISSING_SECONDS });
        let no_key = failure(Fault::Local, false);
        assert_eq!(before_reading(&no_key, false), Wait::BackOff { at_least: 0 });
    }

    #[test]
    fn an_act_ends_by_what_is_known_of_it() {
        assert_eq!(after_act(&Ok(Effect::Confirmed), 0), AfterAct::Finish(ActOutcome::Done));
        assert_eq!(after_act(&Ok(Effect::Found), 0), AfterAct::Finish(ActOutcome::Found));
        let refused = Err(failure(Fault::Caller, false));
        assert_eq!(after_act(&refused, 0), AfterAct::Finish(ActOutcome::Refused));
    }

    #[test]
    fn an_act_that_may_have_happened_is_looked_for_so_often_and_never_called_refused() {
        let lost = Err(Failure::new(Fault::Network, Delivery::Unknown).with_is_retryable(true));
        let again = AfterAct::Again(Wait::BackOff { at_least: 0 });
        assert_eq!(after_act(&lost, MAX_LOOKS - 1), again);
        assert_eq!(after_act(&lost, MAX_LOOKS), AfterAct::Finish(ActOutcome::Unknown));
        let unclear = Err(Failure::new(Fault::Local, Delivery::Unknown));
        assert_eq!(after_act(&unclear, MAX_LOOKS), AfterAct::Finish(ActOutcome::Unknown));
    }

    #[test]
    fn an_act_that_was_not_sent_is_sent_again_so_often() {
        let busy = Err(failure(Fault::Platform, true).with_retry_after(Some(Duration::from_secs(90))));
        assert_eq!(after_act(&busy, MAX_SENDS - 1), AfterAct::Again(Wait::BackOff { at_least: 90 }));
        assert_eq!(after_act(&busy, MAX_SENDS), AfterAct::Finish(ActOutcome::Refused));
    }

    #[test]
    fn a_picture_ends_or_waits_by_what_is_known_of_it() {
        let after = |failure: &Failure, refused| after_fetch(failure, refused, "words".into());
        let failed = |wait| PictureOutcome::Failed { reason: "words".into(), wait };
        let given_up = PictureOutcome::GivenUp { reason: "words".into() };
        let network = failure(Fault::Network, true);
        assert_eq!(after(&network, u32::MAX), failed(Wait::Seconds(PICTURE_SECONDS)));
        assert_eq!(after(&failure(Fault::Local, false), u32::MAX), failed(Wait::Seconds(CONFIGURATION_SECONDS)));
        for unusable in [failure(Fault::Platform, false), failure(Fault::Network, false)] {
            assert_eq!(after(&unusable, 0), given_up);
        }
        let busy = failure(Fault::Platform, true).with_retry_after(Some(Duration::from_secs(90)));
        assert_eq!(after(&busy, MAX_FETCHES - 2), failed(Wait::BackOff { at_least: 90 }));
        assert_eq!(after(&busy, MAX_FETCHES - 1), given_up);
        let refused = failure(Fault::Caller, false);
        assert_eq!(after(&refused, 0), failed(Wait::BackOff { at_least: 0 }));
        assert_eq!(after(&refused, MAX_FETCHES - 1), given_up);
    }
}
