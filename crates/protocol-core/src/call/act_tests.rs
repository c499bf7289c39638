//! Tests every order of outcomes, against a platform that applies an act now, later or never, and a
//! process that may die at any step.

use std::cell::RefCell;
use std::rc::Rc;

use super::*;
use crate::call::Before;
use crate::error::{Delivery, Fault};

const DELAYS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];
const ATTEMPTS: u32 = 2;
const CRASHES: usize = 1;

/// Runs through all sequences of choices, one run each.
#[derive(Default)]
struct Choices {
    /// The choices made in this run, each with the number of branches.
    made: Vec<(usize, usize)>,
    next: usize,
}

impl Choices {
    fn choose<T: Copy>(&mut self, options: &[T]) -> T {
        if self.next == self.made.len() {
            self.made.push((0, options.len()));
        }
        let (choice, _) = self.made[self.next];
        self.next += 1;
        options[choice]
    }

    /// Whether there is another run.
    fn another(&mut self) -> bool {
        self.next = 0;
        while let Some((choice, options)) = self.made.pop() {
            if choice + 1 < options {
                self.made.push((choice + 1, options));
                return true;
            }
        }
        false
    }
}

/// The outcome of a request that was sent.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Confirmed,
    Refused,
    NotSent,
    /// The response is lost; the act happened.
    LostDone,
    /// The response is lost; the act did not happen.
    LostUndone,
    /// The response is lost; the act happens before the last look.
    LostLate,
    /// It may be on its way for ever.
    OnItsWay,
    /// It may be on its way for ever, and one look must suffice.
    SettledLate,
    /// The process dies; the act happened, did not, or happens before the last look.
    CrashDone,
    CrashUndone,
    CrashLate,
}

const FATES: [Fate; 11] = [
    Fate::Confirmed,
    Fate::Refused,
    Fate::NotSent,
    Fate::LostDone,
    Fate::LostUndone,
    Fate::LostLate,
    Fate::OnItsWay,
    Fate::SettledLate,
    Fate::CrashDone,
    Fate::CrashUndone,
    Fate::CrashLate,
];

/// The entries that the platform shows.
#[derive(Debug, Clone)]
struct Shown {
    ids: Vec<String>,
    is_clear: bool,
}

/// An act is told from earlier ones by its id, as Allinpay's are; a blind one is a fault.
#[derive(Debug, Clone, Copy)]
struct Ids<const LOOKS_FIRST: bool> {
    is_blind: bool,
}

impl<const FIRST: bool> Evidence for Ids<FIRST> {
    type Query = ();
    type Response = Shown;

    const LOOKS_FIRST: bool = FIRST;
    const AFTER_CRASH: Doubt = Doubt::Lost;

    fn ask(&mut self, look: Look, before: Option<&Before>) -> Option<()> {
        (look == Look::Before || before.is_some() || self.is_blind).then_some(())
    }

    fn take(&mut self, Shown { ids, is_clear }: Shown, moment: Moment<'_>) -> Looked<()> {
        if moment.look == Look::Before {
            return Looked::Before(is_clear.then(|| Before::Ids(ids.into_iter().collect())));
        }
        let before = |id: &String| matches!(moment.before, Some(Before::Ids(before)) if before.contains(id));
        Looked::Sight(match ids.iter().all(before) {
            _ if self.is_blind => Sight::NotThere,
            _ if !is_clear => Sight::Unclear,
            false => Sight::Found,
            true => Sight::NotThere,
        })
    }
}

#[derive(Debug, Default)]
struct Platform {
    applied: usize,
    /// Acts that may still be applied: whether each must be before the looks end.
    late: Vec<bool>,
    /// Whether an attempt may have happened that no look has ruled out.
    is_open: bool,
    sends: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Restore {
    FromState,
    /// A fault: as if nothing had ever been sent.
    Anew,
}

struct Run<'c> {
    choices: &'c mut Choices,
    platform: Rc<RefCell<Platform>>,
    crashes: usize,
}

type Outcome = Result<(), String>;

impl Run<'_> {
    fn crashes(&mut self) -> bool {
        let dies = self.crashes < CRASHES && self.choices.choose(&[false, true]);
        self.crashes += usize::from(dies);
        dies
    }

    /// Late acts happen now or later; before the last look, those happen that must.
    fn time_passes(&mut self, is_last_look: bool) {
        let mut late = std::mem::take(&mut self.platform.borrow_mut().late);
        late.retain(|is_bounded| {
            let now = (*is_bounded && is_last_look) || self.choices.choose(&[false, true]);
            self.platform.borrow_mut().applied += usize::from(now);
            !now
        });
        self.platform.borrow_mut().late = late;
    }

    fn shown(&mut self) -> Option<Shown> {
        let applied = self.platform.borrow().applied;
        // The payer's complaint is there from the beginning.
        let ids: Vec<_> = (0..=applied).map(|id| id.to_string()).collect();
        match self.choices.choose(&["clear", "unclear", "nothing"]) {
            "clear" => Some(Shown { ids, is_clear: true }),
            "unclear" => Some(Shown { ids: ids[..1].to_vec(), is_clear: false }),
            _ => None,
        }
    }

    fn send(&mut self) -> Result<Fate, String> {
        let options: &[Fate] = if self.crashes < CRASHES { &FATES } else { &FATES[..8] };
        let fate = self.choices.choose(options);
        let mut platform = self.platform.borrow_mut();
        platform.sends += 1;
        if platform.is_open {
            return Err("sent again, although it may have happened and was not looked for".to_owned());
        }
        match fate {
            Fate::Confirmed | Fate::LostDone | Fate::CrashDone => platform.applied += 1,
            Fate::LostLate | Fate::CrashLate => platform.late.push(true),
            Fate::OnItsWay | Fate::SettledLate => platform.late.push(false),
            Fate::Refused | Fate::NotSent | Fate::LostUndone | Fate::CrashUndone => {}
        }
        platform.is_open = !matches!(fate, Fate::Confirmed | Fate::Refused | Fate::NotSent);
        if matches!(fate, Fate::CrashDone | Fate::CrashUndone | Fate::CrashLate) {
            self.crashes += 1;
        }
        Ok(fate)
    }

    fn run<const FIRST: bool>(&mut self, evidence: Ids<FIRST>, restore: Restore) -> Outcome {
        let retry = RetryPolicy::default().with_attempts(ATTEMPTS);
        let new = || ActOnce::stored(evidence, retry, &DELAYS);
        let (mut act, mut kept, mut looks) = (new(), None::<ActState>, 0);
        loop {
            let mut dies = false;
            match act.step() {
                ActStep::Keep => {
                    dies = self.crashes();
                    if dies {
                        // A process that dies before it could store its state leaves the doubt of a
                        // lost response.
                        self.platform.borrow_mut().late.iter_mut().for_each(|is_bounded| *is_bounded = true);
                    } else {
                        kept = Some(through_a_store(act.state()));
                        act.kept();
                    }
                }
                ActStep::Send => {
                    looks = 0;
                    act.sending(Duration::ZERO);
                    let unknown = Failure::new(Fault::Network, Delivery::Unknown);
                    match self.send()? {
                        Fate::Confirmed => act.confirmed(Duration::ZERO),
                        Fate::Refused => {
                            act.failed(Setback::new(Failure::new(Fault::Network, Delivery::Processed), Doubt::Settled));
                        }
                        Fate::NotSent => {
                            act.failed(Setback::new(
                                Failure::new(Fault::Network, Delivery::NotSent),
                                Doubt::MayStillCome,
                            ));
                        }
                        Fate::OnItsWay => act.failed(Setback::new(unknown, Doubt::MayStillCome)),
                        Fate::SettledLate => act.failed(Setback::new(unknown, Doubt::Settled)),
                        Fate::LostDone | Fate::LostUndone | Fate::LostLate => {
                            act.failed(Setback::new(unknown, Doubt::Lost));
                        }
                        Fate::CrashDone | Fate::CrashUndone | Fate::CrashLate => dies = true,
                    }
                }
                ActStep::Wait(_) => act.waited(),
                ActStep::Look(()) => {
                    let is_before = kept.is_none();
                    looks += usize::from(!is_before);
                    self.time_passes(looks >= DELAYS.len());
                    let shown = self.shown();
                    let has_ruled_out = shown.as_ref().is_some_and(|shown| shown.is_clear && shown.ids.len() == 1);
                    if has_ruled_out && !is_before && looks >= DELAYS.len() {
                        self.platform.borrow_mut().is_open = false;
                    }
                    dies = self.crashes();
                    if !dies {
                        act.looked(shown, Some(UnixTime(0)), Duration::ZERO);
                    }
                }
                ActStep::Done(_) if self.platform.borrow().applied == 0 => {
                    return Err("called done, and is not".to_owned());
                }
                ActStep::Done(_) => return self.ended(true),
                ActStep::GiveUp => return self.ended(act.may_have_happened()),
            }
            if dies {
                looks = 0;
                act = match &kept {
                    Some(state) if restore == Restore::FromState => {
                        ActOnce::restored(evidence, retry, &DELAYS, state.clone(), Duration::ZERO)
                    }
                    _ => new(),
                };
            }
        }
    }

    /// The remaining acts are applied after the end.
    fn ended(&self, may_have_happened: bool) -> Outcome {
        let Platform { applied, late, sends, .. } = &*self.platform.borrow();
        let in_the_end = applied + late.len();
        if in_the_end > 1 {
            return Err(format!("done {in_the_end} times"));
        }
        if *sends > ATTEMPTS {
            return Err(format!("sent {sends} times"));
        }
        if in_the_end > 0 && !may_have_happened { Err("done, and called refused".to_owned()) } else { Ok(()) }
    }
}

fn through_a_store(state: &ActState) -> ActState {
    serde_json::from_str(&serde_json::to_string(state).unwrap()).unwrap()
}

/// Runs through every order. Returns their number, or the first failure and its order.
fn explore<const FIRST: bool>(evidence: Ids<FIRST>, restore: Restore) -> Result<usize, String> {
    let mut choices = Choices::default();
    let mut runs = 0;
    loop {
        let platform = Rc::default();
        let mut run = Run { choices: &mut choices, platform: Rc::clone(&platform), crashes: 0 };
        let outcome = run.run(evidence, restore);
        runs += 1;
        outcome.map_err(|wrong| format!("{wrong} after {:?}: {platform:?}", choices.made))?;
        if !choices.another() {
            return Ok(runs);
        }
    }
}

#[test]
fn in_every_order_an_act_is_done_once_at_most_and_what_is_unknown_is_said() {
    let runs = explore(Ids::<true> { is_blind: false }, Restore::FromState).unwrap();
    assert!(runs > 10_000, "{runs}");
}

#[test]
fn the_model_notices_an_act_that_is_sent_again_without_a_look() {
    let wrong = explore(Ids::<true> { is_blind: false }, Restore::Anew).unwrap_err();
    assert!(wrong.contains("was not looked for"), "{wrong}");
}

#[test]
fn the_model_notices_evidence_that_sees_nothing() {
    let wrong = explore(Ids::<true> { is_blind: true }, Restore::FromState).unwrap_err();
    assert!(wrong.contains("was not looked for"), "{wrong}");
}

/// Runs a machine over evidence that needs no look before, through these outcomes in order.
fn act(doubts: impl IntoIterator<Item = Doubt>, shows: Sight) -> (u32, usize, Option<Effect>) {
    struct Always(Sight);

    impl Evidence for Always {
        type Query = ();
        type Response = ();

        const AFTER_CRASH: Doubt = Doubt::Lost;

        fn ask(&mut self, look: Look, _: Option<&Before>) -> Option<()> {
            (look == Look::After).then_some(())
        }

        fn take(&mut self, (): (), _: Moment<'_>) -> Looked<()> {
            Looked::Sight(self.0)
        }
    }

    let mut doubts = doubts.into_iter();
    let mut act = ActOnce::new(Always(shows), RetryPolicy::default(), &RECHECK_DELAYS);
    let (mut sends, mut looks) = (0, 0);
    loop {
        match act.step() {
            ActStep::Keep => act.kept(),
            ActStep::Send => {
                sends += 1;
                act.sending(Duration::ZERO);
                match doubts.next() {
                    None => act.confirmed(Duration::ZERO),
                    Some(doubt) => act.failed(Setback::new(Failure::new(Fault::Network, Delivery::Unknown), doubt)),
                }
            }
            ActStep::Wait(_) => act.waited(),
            ActStep::Look(()) => {
                looks += 1;
                act.looked(Some(()), None, Duration::ZERO);
            }
            ActStep::Done(effect) => return (sends, looks, Some(effect)),
            ActStep::GiveUp => return (sends, looks, None),
        }
    }
}

#[test]
fn a_confirmed_act_costs_no_query() {
    assert_eq!(act([], Sight::NotThere), (1, 0, Some(Effect::Confirmed)));
}

#[test]
fn a_doubt_says_how_often_to_look_and_whether_to_send_again() {
    use Doubt::{Lost, MayStillCome, Settled};

    assert_eq!(act([Lost], Sight::NotThere), (2, 3, Some(Effect::Confirmed)));
    assert_eq!(act([Lost; 9], Sight::NotThere), (3, 9, None), "as many attempts as the policy has");
    assert_eq!(act([Lost], Sight::Unclear), (1, 3, None));
    assert_eq!(act([Lost], Sight::Found), (1, 1, Some(Effect::Found)));
    assert_eq!(act([MayStillCome], Sight::NotThere), (1, 3, None));
    assert_eq!(act([Settled], Sight::NotThere), (1, 1, None));
    assert_eq!(act([Lost, Settled], Sight::NotThere), (2, 4, None));
}

/// The looks ruled the lost send out, and the next one was certainly not sent.
#[test]
fn a_send_without_effect_leaves_no_doubt_to_a_restored_act() {
    let not_there = || Shown { ids: vec!["0".to_owned()], is_clear: true };
    let evidence = Ids::<true> { is_blind: false };
    let look = |act: &mut ActOnce<Ids<true>>| {
        while matches!(act.step(), ActStep::Wait(_) | ActStep::Look(())) {
            act.waited();
            act.looked(Some(not_there()), None, Duration::ZERO);
        }
    };
    for (second, resends) in [(Delivery::NotSent, true), (Delivery::Unknown, false)] {
        let mut act = ActOnce::stored(evidence, RetryPolicy::default(), &DELAYS);
        look(&mut act);
        act.kept();
        act.failed(Setback::new(Failure::new(Fault::Network, Delivery::Unknown), Doubt::Lost));
        look(&mut act);
        assert_eq!((act.step(), act.state().attempt()), (ActStep::Keep, 2));
        act.kept();
        act.failed(Setback::new(Failure::new(Fault::Network, second), Doubt::MayStillCome));
        act.kept();
        look(&mut act);
        assert_eq!((act.step(), act.may_have_happened()), (ActStep::GiveUp, true), "of this process");
        let state = through_a_store(act.state());
        let mut restored = ActOnce::restored(evidence, RetryPolicy::default(), &DELAYS, state, Duration::ZERO);
        look(&mut restored);
        assert_eq!(restored.step() == ActStep::Keep, resends, "{second:?}");
    }
}

#[test]
fn the_time_that_passed_is_measured_here_or_not_at_all() {
    struct Since;

    impl Evidence for Since {
        type Query = ();
        type Response = ();

        const AFTER_CRASH: Doubt = Doubt::Lost;

        fn ask(&mut self, _: Look, _: Option<&Before>) -> Option<()> {
            Some(())
        }

        fn take(&mut self, (): (), moment: Moment<'_>) -> Looked<()> {
            match moment.look {
                Look::Before => Looked::Before(None),
                _ if moment.since == Some(UnixTime(970)) => Looked::Sight(Sight::Found),
                _ if moment.since.is_none() => Looked::Sight(Sight::Unclear),
                _ => Looked::Sight(Sight::NotThere),
            }
        }
    }

    let seconds = Duration::from_secs;
    let policy = RetryPolicy::NEVER;
    // Thirty seconds passed here since it was sent; the platform's clock says 1000.
    let mut fresh = ActOnce::new(Since, policy, &DELAYS);
    fresh.kept();
    fresh.sending(seconds(5));
    fresh.sending(seconds(7));
    fresh.failed(Setback::new(Failure::new(Fault::Network, Delivery::Unknown), Doubt::Lost));
    fresh.waited();
    fresh.looked(Some(()), Some(UnixTime(1000)), seconds(35));
    assert_eq!(fresh.step(), ActStep::Done(Effect::Found), "the first attempt counts");
    // A state that was stored after a look has the platform's time; another one has none.
    let mut stored = ActOnce::stored(Since, policy, &DELAYS);
    stored.looked(Some(()), Some(UnixTime(970)), Duration::ZERO);
    let restored = |state: &ActState| {
        let mut act = ActOnce::restored(Since, policy, &DELAYS, through_a_store(state), Duration::ZERO);
        act.waited();
        act.looked(Some(()), Some(UnixTime(1000)), seconds(30));
        (act.step(), act.sight)
    };
    assert_eq!(restored(stored.state()).0, ActStep::Done(Effect::Found));
    assert_eq!(restored(fresh.state()), (ActStep::Wait(DELAYS[1]), Sight::Unclear));
}

#[test]
fn a_wish_to_wait_is_kept_or_ends_the_act() {
    struct NotThere;

    impl Evidence for NotThere {
        type Query = ();
        type Response = ();

        const AFTER_CRASH: Doubt = Doubt::Lost;

        fn ask(&mut self, _: Look, _: Option<&Before>) -> Option<()> {
            Some(())
        }

        fn take(&mut self, (): (), _: Moment<'_>) -> Looked<()> {
            Looked::Sight(Sight::NotThere)
        }
    }

    for (wish, next) in [(10, ActStep::Wait(Duration::from_secs(10))), (11, ActStep::GiveUp)] {
        let mut act = ActOnce::new(NotThere, RetryPolicy::default(), &DELAYS[..1]);
        act.kept();
        let failure = Failure::new(Fault::Network, Delivery::Unknown).with_retry_after(Some(Duration::from_secs(wish)));
        act.failed(Setback::new(failure, Doubt::Lost));
        act.waited();
        act.looked(Some(()), None, Duration::ZERO);
        assert_eq!(act.step(), next);
    }
}

#[test]
fn steps_out_of_turn_change_nothing() {
    let mut act = ActOnce::new(Ids::<true> { is_blind: false }, RetryPolicy::default(), &DELAYS);
    act.kept();
    act.not_kept();
    act.waited();
    act.confirmed(Duration::ZERO);
    act.failed(Setback::new(Failure::new(Fault::Network, Delivery::Unknown), Doubt::Lost));
    assert_eq!(act.step(), ActStep::Look(()));
}
