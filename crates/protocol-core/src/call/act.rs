//! An act that must happen once: when to send it, when to look for it, and when to give up.
//!
//! A reply that is sent twice is two messages to the payer. A lost response proves nothing: the act
//! may have happened, or may happen later. So the complaint is read before the act is sent again.
//! Each channel has its own evidence of an act: see [`Evidence`].

use std::time::Duration;

use super::act_state::ActState;
use super::evidence::{Doubt, Evidence, Look, Looked, Moment, Sight};
use crate::failure::Failure;
use crate::operation::Effect;
use crate::retry::RetryPolicy;
use crate::time::UnixTime;

/// An act that is being carried out. All times are durations of the caller's monotonic clock. Its
/// starting point does not matter.
///
/// ```
/// use std::time::Duration;
/// use protocol_core::call::{
///     ActOnce, ActStep, Before, Doubt, Evidence, Look, Looked, Moment, RECHECK_DELAYS, Setback,
///     Sight,
/// };
/// use protocol_core::retry::RetryPolicy;
/// use protocol_core::{Delivery, Effect, Failure, Fault};
///
/// /// The platform says whether the act is there.
/// struct Asked;
///
/// impl Evidence for Asked {
///     type Query = &'static str;
///     type Response = bool;
///
///     const AFTER_CRASH: Doubt = Doubt::Lost;
///
///     fn ask(&mut self, _: Look, _: Option<&Before>) -> Option<&'static str> {
///         Some("is it there?")
///     }
///
///     fn take(&mut self, is_there: bool, _: Moment<'_>) -> Looked<&'static str> {
///         Looked::Sight(if is_there { Sight::Found } else { Sight::NotThere })
///     }
/// }
///
/// let mut act = ActOnce::new(Asked, RetryPolicy::default(), &RECHECK_DELAYS);
/// let effect = loop {
///     match act.step() {
///         ActStep::Keep => act.kept(),
///         ActStep::Send => {
///             // A client sends here. The connection broke.
///             act.sending(Duration::ZERO);
///             act.failed(Setback::new(
///                 Failure::new(Fault::Network, Delivery::Unknown),
///                 Doubt::Lost,
///             ));
///         }
///         ActStep::Wait(_) => act.waited(), // … waits here,
///         ActStep::Look(_) => act.looked(Some(true), None, Duration::ZERO), // … and asks here.
///         ActStep::Done(effect) => break Some(effect),
///         ActStep::GiveUp => break None,
///     }
/// };
/// assert_eq!(effect, Some(Effect::Found));
/// ```
#[derive(Debug)]
pub struct ActOnce<E: Evidence> {
    evidence: E,
    retry: RetryPolicy,
    recheck_delays: Vec<Duration>,
    state: ActState,
    stage: Stage<E::Query>,
    /// When the act was first sent by this process.
    sent: Option<Duration>,
    is_restored: bool,
    may_have_happened: bool,
    last: Option<Setback>,
    /// Looks since the last send, and the result of the last one.
    looks: usize,
    sight: Sight,
}

impl<E: Evidence> ActOnce<E> {
    /// An act that was never sent. It looks first only if the channel's evidence requires it.
    #[must_use]
    pub fn new(evidence: E, retry: RetryPolicy, recheck_delays: &[Duration]) -> Self {
        let mut act = Self::unsent(evidence, retry, recheck_delays);
        if E::LOOKS_FIRST {
            act.look_first();
        }
        act
    }

    /// An act that was never sent and whose state is stored. It looks first, so that a restored one
    /// knows what is new.
    #[must_use]
    pub fn stored(evidence: E, retry: RetryPolicy, recheck_delays: &[Duration]) -> Self {
        let mut act = Self::unsent(evidence, retry, recheck_delays);
        act.look_first();
        act
    }

    /// An act that is restored from a stored state. It may have been sent, so it looks before it
    /// sends.
    #[must_use]
    pub fn restored(
        evidence: E,
        retry: RetryPolicy,
        recheck_delays: &[Duration],
        state: ActState,
        now: Duration,
    ) -> Self {
        let mut act = Self { state, is_restored: true, ..Self::unsent(evidence, retry, recheck_delays) };
        act.evidence.restored(now);
        let doubt = act.state.doubt.unwrap_or(E::AFTER_CRASH);
        act.last = Some(Setback { may_have_happened: true, retry_after: None, doubt, is_about_state: true });
        act.begin_looks();
        act
    }

    fn unsent(evidence: E, retry: RetryPolicy, recheck_delays: &[Duration]) -> Self {
        Self {
            evidence,
            retry,
            recheck_delays: recheck_delays.to_vec(),
            state: ActState::new(),
            stage: Stage::Keep,
            sent: None,
            is_restored: false,
            may_have_happened: false,
            last: None,
            looks: 0,
            sight: Sight::Unclear,
        }
    }

    /// The step to do now. It stays the same until it is done.
    #[must_use]
    pub fn step(&self) -> ActStep<E::Query> {
        match &self.stage {
            Stage::Keep | Stage::KeepDoubt => ActStep::Keep,
            Stage::Send => ActStep::Send,
            Stage::Pause(wait) | Stage::Recheck(wait, _) => ActStep::Wait(*wait),
            Stage::Look(_, query) => ActStep::Look(query.clone()),
            Stage::Done(effect) => ActStep::Done(*effect),
            Stage::GiveUp => ActStep::GiveUp,
        }
    }

    /// The state to store.
    #[must_use]
    pub const fn state(&self) -> &ActState {
        &self.state
    }

    /// Whether any attempt may have taken effect. The last failure describes its own attempt only.
    #[must_use]
    pub const fn may_have_happened(&self) -> bool {
        self.may_have_happened
    }

    /// The state was stored, or does not have to be.
    pub fn kept(&mut self) {
        match self.stage {
            Stage::Keep => self.stage = Stage::Send,
            Stage::KeepDoubt => self.begin_looks(),
            _ => {}
        }
    }

    /// The state could not be stored. The act is not sent, and is looked for if it was just sent.
    pub fn not_kept(&mut self) {
        match self.stage {
            Stage::Keep => self.stage = Stage::GiveUp,
            Stage::KeepDoubt => self.begin_looks(),
            _ => {}
        }
    }

    /// An attempt of the act is sent now. Call this before each attempt.
    pub fn sending(&mut self, now: Duration) {
        self.sent.get_or_insert(now);
        self.evidence.sending(now);
    }

    /// The platform confirmed the act.
    pub fn confirmed(&mut self, now: Duration) {
        if matches!(self.stage, Stage::Send) {
            self.end(Effect::Confirmed, now);
        }
    }

    /// The send of the act failed, or the act could not be sent.
    pub fn failed(&mut self, setback: Setback) {
        if !matches!(self.stage, Stage::Send) {
            return;
        }
        if !setback.may_have_happened {
            self.evidence.had_no_effect();
        }
        self.last = Some(setback);
        if !(setback.may_have_happened || self.may_have_happened) {
            return self.look_at_the_state();
        }
        self.may_have_happened = true;
        // A send without effect leaves no doubt that the looks after an earlier one did not have.
        if setback.may_have_happened && E::AFTER_CRASH == Doubt::Lost && setback.doubt != Doubt::Lost {
            self.state.doubt = Some(setback.doubt);
            self.stage = Stage::KeepDoubt;
        } else {
            self.begin_looks();
        }
    }

    /// The wait is over.
    pub fn waited(&mut self) {
        self.stage = match std::mem::replace(&mut self.stage, Stage::GiveUp) {
            Stage::Pause(_) => Stage::Keep,
            Stage::Recheck(_, query) => Stage::Look(Look::After, query),
            stage => stage,
        };
    }

    /// Takes the response to a query, and the platform's clock when it responded. `None`: there was
    /// no readable response.
    pub fn looked(&mut self, response: Option<E::Response>, platform_time: Option<UnixTime>, now: Duration) {
        let Stage::Look(look, _) = self.stage else { return };
        if look == Look::Before && response.is_some() {
            self.state.platform_time = self.state.platform_time.or(platform_time.map(|time| time.0));
        }
        let moment = Moment {
            look,
            before: self.state.before.as_ref(),
            since: self.since(platform_time, now),
            platform_time,
            now,
            is_restored: self.is_restored,
        };
        let looked = response.map(|response| self.evidence.take(response, moment));
        match (look, looked) {
            (_, Some(Looked::More(query))) => self.stage = Stage::Look(look, query),
            (Look::Before, looked) => {
                self.state.before = match looked {
                    Some(Looked::Before(before)) => before,
                    _ => None,
                };
                self.stage = Stage::Keep;
            }
            (_, Some(Looked::Sight(Sight::Found))) => self.end(Effect::Found, now),
            (Look::After, looked) => {
                self.sight = match looked {
                    Some(Looked::Sight(sight)) => sight,
                    _ => Sight::Unclear,
                };
                self.look_again();
            }
            (Look::State, _) => self.stage = Stage::GiveUp,
        }
    }

    /// The platform's clock when the act was first sent: its clock now, less the time that has
    /// passed here. Two clocks are never compared.
    fn since(&self, platform_time: Option<UnixTime>, now: Duration) -> Option<UnixTime> {
        let stored = self.state.platform_time();
        if stored.is_some() || self.is_restored {
            return stored;
        }
        let elapsed = i64::try_from(now.saturating_sub(self.sent?).as_secs()).unwrap_or(i64::MAX);
        platform_time.map(|time| UnixTime(time.0.saturating_sub(elapsed)))
    }

    fn look_first(&mut self) {
        if let Some(query) = self.evidence.ask(Look::Before, None) {
            self.stage = Stage::Look(Look::Before, query);
        }
    }

    fn begin_looks(&mut self) {
        self.may_have_happened = true;
        self.looks = 0;
        self.sight = Sight::Unclear;
        self.look_again();
    }

    fn look_again(&mut self) {
        let is_last = self.looks > 0 && self.last.is_some_and(|last| last.doubt == Doubt::Settled);
        let wait = self.recheck_delays.get(self.looks).filter(|_| !is_last).copied();
        let query = wait.and_then(|_| self.evidence.ask(Look::After, self.state.before.as_ref()));
        match wait.zip(query) {
            Some((wait, query)) => {
                self.looks += 1;
                self.stage = Stage::Recheck(wait, query);
            }
            None => self.end_looks(),
        }
    }

    /// The act is sent again only if it is certainly neither there nor on its way.
    fn end_looks(&mut self) {
        let again = self.last.filter(|last| {
            let may_wait = last.retry_after.is_none_or(|wait| wait <= self.retry.max_retry_after);
            let is_lost = last.doubt == Doubt::Lost && self.sight == Sight::NotThere;
            is_lost && may_wait && self.state.attempt < self.retry.attempts
        });
        match again {
            Some(Setback { retry_after, .. }) => {
                self.state.attempt += 1;
                self.stage = retry_after.map_or(Stage::Keep, Stage::Pause);
            }
            None => self.look_at_the_state(),
        }
    }

    fn look_at_the_state(&mut self) {
        let is_about_state = self.last.is_some_and(|last| last.is_about_state);
        let query = if is_about_state { self.evidence.ask(Look::State, self.state.before.as_ref()) } else { None };
        self.stage = query.map_or(Stage::GiveUp, |query| Stage::Look(Look::State, query));
    }

    fn end(&mut self, effect: Effect, now: Duration) {
        self.evidence.done(now);
        self.stage = Stage::Done(effect);
    }
}

#[derive(Debug)]
enum Stage<Q> {
    Keep,
    /// The state is stored before the looks for an act that must not be sent again.
    KeepDoubt,
    Send,
    /// Before another send.
    Pause(Duration),
    /// Before a look.
    Recheck(Duration, Q),
    Look(Look, Q),
    Done(Effect),
    GiveUp,
}

/// The next step. Exhaustive: a caller does each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActStep<Q> {
    /// Store [`ActOnce::state`] if the act must survive a crash, then call [`ActOnce::kept`] or
    /// [`ActOnce::not_kept`].
    Keep,
    /// Send the act: [`ActOnce::sending`] before each attempt, then [`ActOnce::confirmed`] or
    /// [`ActOnce::failed`].
    Send,
    /// Wait, then call [`ActOnce::waited`].
    Wait(Duration),
    /// Send this query to the platform, then call [`ActOnce::looked`].
    Look(Q),
    /// The act happened.
    Done(Effect),
    /// Return the last failure. If [`ActOnce::may_have_happened`], the act may have taken effect.
    GiveUp,
}

/// A send that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setback {
    /// Whether the act may have happened despite the failure.
    pub may_have_happened: bool,
    /// The wait that the platform asks for.
    pub retry_after: Option<Duration>,
    /// The doubt that is left.
    pub doubt: Doubt,
    /// Whether the refusal may be due to the complaint's state. The complaint may then already be
    /// in the state that the act leads to.
    pub is_about_state: bool,
}

impl Setback {
    /// A failed send, and the doubt that it leaves.
    #[must_use]
    pub const fn new(failure: Failure, doubt: Doubt) -> Self {
        let Failure { may_have_happened, retry_after, .. } = failure;
        Self { may_have_happened, retry_after, doubt, is_about_state: false }
    }

    /// Sets whether the refusal may be due to the complaint's state.
    #[must_use]
    pub const fn with_is_about_state(mut self, is_about_state: bool) -> Self {
        self.is_about_state = is_about_state;
        self
    }
}

/// The default recheck delays: the waits before each look, in which the platform can record the
/// act.
pub const RECHECK_DELAYS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

#[cfg(test)]
#[path = "act_tests.rs"]
mod tests;
