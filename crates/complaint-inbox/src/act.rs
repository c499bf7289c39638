//! Acts that were asked for: from the request under an idempotency key to the outcome.

use protocol_core::UnixTime;
use protocol_core::call::ActState;
use protocol_core::channel::Act;
use serde_json::json;

use crate::complaint::{ComplaintKey, Summary};
use crate::event::{EventKind, NewEvent};
use crate::reason::Reason;

/// A request for an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The asker's idempotency key: two requests with one key are one.
    pub key: String,
    /// The complaint.
    pub complaint: ComplaintKey,
    /// The act.
    pub act: Act,
    /// The number of the last event that the asker had seen.
    pub seen: i64,
    /// The name of the asker.
    pub by: String,
}

impl Ask {
    /// Asks for an act that an asker wants once of a complaint, as it was read. The key is of both names, so
    /// the same request again is the same act.
    ///
    /// ```
    /// use complaint_inbox::{Ask, Summary};
    /// use protocol_core::channel::Reply;
    ///
    /// fn first_reply(complaint: &Summary) -> Ask {
    ///     Ask::once("first-reply", complaint, Reply::new("您好，已收到"))
    /// }
    /// # let _ = first_reply;
    /// ```
    #[must_use]
    pub fn once(by: &str, complaint: &Summary, act: impl Into<Act>) -> Self {
        let ComplaintKey { channel, merchant, id } = &complaint.key;
        Self {
            key: format!("{by}:{channel}:{merchant}:{id}"),
            complaint: complaint.key.clone(),
            act: act.into(),
            seen: complaint.version,
            by: by.to_owned(),
        }
    }
}

/// The outcome of [`Store::ask`](crate::Store::ask). Exhaustive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It will be carried out.
    New(ActRecord),
    /// It was asked for before, under this key: the act as it stands.
    Same(ActRecord),
    /// Another act, or one on another complaint, has this key. The request changed nothing.
    OtherContent,
    /// Another act of this kind on this complaint has not ended. The request changed nothing.
    InHand {
        /// Its key.
        key: String,
    },
    /// The payer has done something that the asker had not seen, or the asker names an event that
    /// does not exist. The request changed nothing.
    Stale {
        /// The number of the complaint's last event.
        version: i64,
    },
    /// The inbox has no such complaint.
    UnknownComplaint,
}

/// An act, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActRecord {
    /// The request.
    pub ask: Ask,
    /// The time of the request.
    pub asked_at: UnixTime,
    /// How far it is.
    pub stage: ActStage,
    /// The state that was kept last; `None`: it was certainly not sent.
    pub state: Option<ActState>,
    /// The time at which it ended.
    pub finished_at: Option<UnixTime>,
    /// The reason, if it ended with a failure.
    pub reason: Option<Reason>,
}

/// How far an act is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ActStage {
    /// Asked for, and certainly not sent.
    Asked,
    /// A state is kept: it may have been sent.
    Sending,
    /// Done, by the response of the platform.
    Done,
    /// Done, as its trace in the complaint shows.
    Found,
    /// Refused by the platform, or by this side before it was sent.
    Refused,
    /// It may have happened: a person has to look.
    Unknown,
}

impl ActStage {
    /// Every stage.
    pub const ALL: [Self; 6] = [Self::Asked, Self::Sending, Self::Done, Self::Found, Self::Refused, Self::Unknown];

    /// The name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Sending => "sending",
            Self::Done => "done",
            Self::Found => "found",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }

    /// The stage of this name; `None` if no stage has it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == name)
    }

    /// Whether the act ended.
    #[must_use]
    pub const fn is_finished(self) -> bool {
        !matches!(self, Self::Asked | Self::Sending)
    }
}

/// The end of an act. Exhaustive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActOutcome {
    /// [`ActStage::Done`].
    Done,
    /// [`ActStage::Found`].
    Found,
    /// [`ActStage::Refused`].
    Refused,
    /// [`ActStage::Unknown`].
    Unknown,
}

impl ActOutcome {
    /// The stage of an act that ended so.
    #[must_use]
    pub const fn stage(self) -> ActStage {
        match self {
            Self::Done => ActStage::Done,
            Self::Found => ActStage::Found,
            Self::Refused => ActStage::Refused,
            Self::Unknown => ActStage::Unknown,
        }
    }
}

/// The event of an act that ended.
pub(crate) fn finished(ask: &Ask, outcome: ActOutcome) -> NewEvent {
    let data = json!({ "act": ask.key, "kind": ask.act.kind().as_str(), "state": outcome.stage().as_str() });
    NewEvent::new(EventKind::ActFinished, data)
}

/// The right to carry out one act, until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActClaim {
    /// The act.
    pub record: ActRecord,
    /// The number of this claim: a later claim has a larger one.
    pub fence: i64,
    /// How often it was put back with a growing wait.
    pub refused: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_is_found_by_its_name() {
        for stage in ActStage::ALL {
            assert_eq!(ActStage::from_name(stage.as_str()), Some(stage));
        }
        assert_eq!(ActStage::from_name("running"), None);
    }
}
