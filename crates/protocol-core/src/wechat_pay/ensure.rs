//! Sets the notification URL or the violation URL from any state: decides the next request, and when
//! to stop.

use super::notification_url::check_url;
use crate::request::BuildError;

/// The next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnsureStep {
    /// [`RegisteredUrl::QUERY`](super::RegisteredUrl::QUERY).
    Query,
    /// [`RegisteredUrl::create`](super::RegisteredUrl::create).
    Create,
    /// [`RegisteredUrl::update`](super::RegisteredUrl::update).
    Update,
    /// No request: the platform has the URL.
    Done,
    /// No request: report the last outcome as an error.
    GiveUp,
}

/// The outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnsureOutcome<'a> {
    /// The platform has this URL.
    Url(&'a str),
    /// The platform has no URL (`RESOURCE_NOT_EXISTS`).
    NotThere,
    /// The platform refused for another reason, perhaps because there is a URL already.
    Refused,
    /// The outcome is unknown: no response, or none that is proven.
    Unknown,
}

/// Converges on one URL: query, then create or update, then query again after an unknown outcome or
/// a concurrent change. At most [`EnsureUrl::MAX_STEPS`] requests.
///
/// ```
/// use protocol_core::wechat_pay::{EnsureUrl, EnsureOutcome, EnsureStep};
///
/// # fn main() -> Result<(), protocol_core::BuildError> {
/// let mut ensure = EnsureUrl::new("https://merchant.example/notify")?;
/// assert_eq!(ensure.step(), EnsureStep::Query);
/// assert_eq!(ensure.heard(EnsureOutcome::NotThere), EnsureStep::Create);
/// let outcome = EnsureOutcome::Url("https://merchant.example/notify");
/// assert_eq!(ensure.heard(outcome), EnsureStep::Done);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct EnsureUrl {
    url: String,
    step: EnsureStep,
    taken: u32,
}

impl EnsureUrl {
    /// Maximum number of requests of one convergence.
    pub const MAX_STEPS: u32 = 8;

    /// The URL to register.
    ///
    /// # Errors
    /// [`BuildError::Field`] for a URL that the platform would refuse.
    pub fn new(url: impl Into<String>) -> Result<Self, BuildError> {
        let url = url.into();
        check_url(&url)?;
        Ok(Self { url, step: EnsureStep::Query, taken: 0 })
    }

    /// The step to do now.
    #[must_use]
    pub const fn step(&self) -> EnsureStep {
        self.step
    }

    /// The URL to register.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Records the outcome of the step, and returns the next one.
    pub fn heard(&mut self, outcome: EnsureOutcome<'_>) -> EnsureStep {
        self.taken += 1;
        self.step = match (self.step, outcome) {
            (EnsureStep::Done | EnsureStep::GiveUp, _) => self.step,
            (_, EnsureOutcome::Url(url)) if url == self.url => EnsureStep::Done,
            (EnsureStep::Query | EnsureStep::Create | EnsureStep::Update, _) if self.taken >= Self::MAX_STEPS => {
                EnsureStep::GiveUp
            }
            (_, EnsureOutcome::Url(_)) => EnsureStep::Update,
            (EnsureStep::Query | EnsureStep::Update, EnsureOutcome::NotThere) => EnsureStep::Create,
            (EnsureStep::Create, EnsureOutcome::NotThere) => EnsureStep::GiveUp,
            // There is no code for an existing URL: query.
            (EnsureStep::Create, EnsureOutcome::Refused) if self.taken <= 2 => EnsureStep::Query,
            (EnsureStep::Create | EnsureStep::Update, EnsureOutcome::Unknown) => EnsureStep::Query,
            (_, EnsureOutcome::Refused | EnsureOutcome::Unknown) => EnsureStep::GiveUp,
        };
        self.step
    }
}

#[cfg(test)]
mod tests {
    use super::EnsureOutcome::{NotThere, Refused, Unknown, Url};
    use super::EnsureStep::{Create, Done, GiveUp, Query, Update};
    use super::*;

    const WANTED: &str = "https://a.example/";

    #[track_caller]
    fn runs(heard: &[(EnsureOutcome<'_>, EnsureStep)]) {
        let mut ensure = EnsureUrl::new(WANTED).unwrap();
        for (outcome, next) in heard {
            assert_eq!(ensure.heard(*outcome), *next, "after {outcome:?}");
        }
    }

    #[test]
    fn every_state_ends_with_the_url() {
        runs(&[(Url(WANTED), Done)]);
        runs(&[(NotThere, Create), (Url(WANTED), Done)]);
        runs(&[(Url("https://b.example/"), Update), (Url(WANTED), Done)]);
    }

    #[test]
    fn it_begins_with_a_look_and_ends_for_good() {
        let mut ensure = EnsureUrl::new(WANTED).unwrap();
        assert_eq!((ensure.step(), ensure.url()), (Query, WANTED));
        ensure.heard(NotThere);
        assert_eq!(ensure.step(), Create);
        ensure.heard(NotThere);
        for late in [NotThere, Url(WANTED), Unknown] {
            assert_eq!(ensure.heard(late), GiveUp, "after {late:?}");
        }
        assert!(EnsureUrl::new("http://a.example/").is_err(), "the platform takes https only");
    }

    #[test]
    fn a_concurrent_change_is_converged_on() {
        runs(&[(NotThere, Create), (Refused, Query), (Url("https://b.example/"), Update), (Url(WANTED), Done)]);
        runs(&[(Url("https://b.example/"), Update), (NotThere, Create), (Url(WANTED), Done)]);
    }

    #[test]
    fn an_unknown_outcome_is_queried() {
        runs(&[(NotThere, Create), (Unknown, Query), (Url(WANTED), Done)]);
        runs(&[(Url("https://b.example/"), Update), (Unknown, Query), (Url(WANTED), Done)]);
    }

    #[test]
    fn a_sequence_that_does_not_converge_ends() {
        runs(&[(Unknown, GiveUp)]);
        runs(&[(Refused, GiveUp)]);
        runs(&[(NotThere, Create), (Refused, Query), (NotThere, Create), (Refused, GiveUp)]);
        let mut ensure = EnsureUrl::new(WANTED).unwrap();
        let mut steps = 0;
        while !matches!(ensure.heard(Url("https://b.example/")), GiveUp | Done) {
            steps += 1;
        }
        assert_eq!(steps + 1, EnsureUrl::MAX_STEPS);
    }
}
