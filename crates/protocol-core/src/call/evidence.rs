//! The evidence that an act happened: the reasons for a look, and its results.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::UnixTime;

/// The evidence that an act happened at the platform. Each channel has its own.
pub trait Evidence {
    /// A query to the platform.
    type Query: Clone;
    /// The platform's response to a query.
    type Response;

    /// Whether every act is preceded by a look.
    const LOOKS_FIRST: bool = false;

    /// The doubt after a crash of the process that sent an act.
    const AFTER_CRASH: Doubt;

    /// Begins a look. `None`: a look for this reason would show nothing.
    fn ask(&mut self, look: Look, before: Option<&Before>) -> Option<Self::Query>;

    /// Takes a response to a query.
    fn take(&mut self, response: Self::Response, moment: Moment<'_>) -> Looked<Self::Query>;

    /// The act is sent now, by the caller's clock.
    fn sending(&mut self, _now: Duration) {}

    /// The act was restored; an earlier process may have sent it.
    fn restored(&mut self, _now: Duration) {}

    /// The last send certainly had no effect.
    fn had_no_effect(&mut self) {}

    /// The act is known to have happened.
    fn done(&mut self, _now: Duration) {}
}

/// The reason for a look. Exhaustive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Before the act is sent, to know which entries are older.
    Before,
    /// After an unknown outcome, to find an act that may have happened.
    After,
    /// After a refusal, to learn whether the complaint is already in the state that the act leads
    /// to.
    State,
}

/// The next step of a look after a response. Exhaustive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked<Q> {
    /// The look goes on with this query.
    More(Q),
    /// A look [`Before`](Look::Before) ends. `None`: it shows nothing certain.
    Before(Option<Before>),
    /// Any other look ends.
    Sight(Sight),
}

/// The result of a look for an act. Exhaustive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The act is there.
    Found,
    /// Everything could be read, and the act is not there.
    NotThere,
    /// An entry may be the act, or cannot be read.
    Unclear,
}

/// The complaint before an act was first sent. Exhaustive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// The ids of a history's entries.
    Ids(BTreeSet<String>),
    /// The number of acts of the kind.
    Count(usize),
}

/// The doubt that a lost response leaves: the rule for an act that may have happened. Exhaustive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// If no look shows the act, it is treated as not done and sent again.
    Lost,
    /// If no look shows the act, it may still happen: it is not sent again.
    MayStillCome,
    /// One look suffices, and the act is not sent again.
    Settled,
}

/// The facts that are known during a look.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Moment<'a> {
    /// The reason for the look.
    pub look: Look,
    /// The complaint before the act was first sent, if it was read.
    pub before: Option<&'a Before>,
    /// The platform's clock when the act was first sent, or earlier. `None`: unknown, so that no
    /// entry is known to be newer.
    pub since: Option<UnixTime>,
    /// The platform's clock when it responded.
    pub platform_time: Option<UnixTime>,
    /// The caller's clock, which never goes backwards.
    pub now: Duration,
    /// Whether the act was restored: an earlier process may have sent it.
    pub is_restored: bool,
}
