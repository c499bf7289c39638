//! Points at which a test ends the process, as a crash does.
//!
//! `COMPLAINTS_ABORT_AT=act.kept` aborts where this point is reached first, `act.kept:3` where it
//! is reached for the third time. Only builds with debug assertions read the variable: in a release
//! build a point is no code.

use std::fmt;

/// A point between two effects of the inbox or of the server, where a crash must lose nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbortPoint {
    /// A verb has done its work in the transaction.
    Uncommitted(Verb),
    /// The transaction is on disk. The caller does not know it yet.
    Committed(Verb),
    /// A message is kept, and not acknowledged.
    MessageKept,
    /// A letter is kept, and not acknowledged.
    LetterKept,
    /// The platform has shown a complaint, which is not kept.
    ReadingAsked,
    /// An act was asked for and is kept, and the asker has no response.
    ActAsked,
    /// The state of an act is kept, and the act is not sent.
    ActKept,
    /// The channel is done with an act, and its outcome is not kept.
    ActSent,
    /// An endpoint has responded to an event, and that is not kept.
    EventSent,
}

/// The verbs with a name each.
macro_rules! verbs {
    ($($verb:ident $name:literal)*) => {
        /// A verb that writes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each is the verb of its name")]
        pub enum Verb { $($verb),* }

        impl Verb {
            const ALL: &[Self] = &[$(Self::$verb),*];

            const fn as_str(self) -> &'static str {
                match self { $(Self::$verb => $name),* }
            }
        }
    };
}

verbs! {
    Migrate "migrate"
    Reserve "reserve"
    Commit "commit"
    Hear "hear"
    KeepLetter "keep_letter"
    Sight "sight"
    ReadAgain "read_again"
    Claim "claim"
    KeepReading "keep_reading"
    PutBack "put_back"
    NoteDeadlines "note_deadlines"
    ClaimPictures "claim_pictures"
    FinishPicture "finish_picture"
    Ask "ask"
    ClaimActs "claim_acts"
    KeepAct "keep_act"
    PutBackAct "put_back_act"
    FinishAct "finish_act"
    RemoveLetter "remove_letter"
    OpenEndpoint "open_endpoint"
    CloseEndpoint "close_endpoint"
    ClaimHandovers "claim_handovers"
    FinishHandover "finish_handover"
    Replay "replay"
    OpenSession "open_session"
    CloseSession "close_session"
    CloseSessionsOf "close_sessions_of"
    Note "note"
    Forget "forget"
}

impl AbortPoint {
    /// Every point.
    pub fn all() -> impl Iterator<Item = Self> {
        let verbs = Verb::ALL.iter().flat_map(|verb| [Self::Uncommitted(*verb), Self::Committed(*verb)]);
        verbs.chain([
            Self::MessageKept,
            Self::LetterKept,
            Self::ReadingAsked,
            Self::ActAsked,
            Self::ActKept,
            Self::ActSent,
            Self::EventSent,
        ])
    }

    /// Ends the process if it is to end here.
    #[inline]
    pub fn reach(self) {
        #[cfg(debug_assertions)]
        asked::reach(self);
    }
}

/// The name in `COMPLAINTS_ABORT_AT`.
impl fmt::Display for AbortPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (of, step) = match self {
            Self::Uncommitted(verb) => (verb.as_str(), "uncommitted"),
            Self::Committed(verb) => (verb.as_str(), "committed"),
            Self::MessageKept => ("message", "kept"),
            Self::LetterKept => ("letter", "kept"),
            Self::ReadingAsked => ("reading", "asked"),
            Self::ActAsked => ("act", "asked"),
            Self::ActKept => ("act", "kept"),
            Self::ActSent => ("act", "sent"),
            Self::EventSent => ("event", "sent"),
        };
        write!(f, "{of}.{step}")
    }
}

#[cfg(debug_assertions)]
mod asked {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::AbortPoint;

    /// The point that the environment asks for, and how often it is passed before.
    static ASKED: LazyLock<Option<(AbortPoint, AtomicU32)>> = LazyLock::new(|| {
        let (point, passes) = read(&std::env::var("COMPLAINTS_ABORT_AT").ok()?)?;
        Some((point, AtomicU32::new(passes)))
    });

    pub(super) fn reach(point: AbortPoint) {
        let Some((asked, passes)) = &*ASKED else { return };
        let pass = || passes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |passes| passes.checked_sub(1));
        if *asked == point && pass().is_err() {
            std::process::abort();
        }
    }

    pub(super) fn read(text: &str) -> Option<(AbortPoint, u32)> {
        let (name, count) = text.split_once(':').unwrap_or((text, "1"));
        let point = AbortPoint::all().find(|point| point.to_string() == name)?;
        Some((point, count.parse::<u32>().ok()?.checked_sub(1)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_has_a_name_of_its_own() {
        let mut names: Vec<String> = AbortPoint::all().map(|point| point.to_string()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[cfg(debug_assertions)]
    #[test]
    fn a_point_is_asked_for_by_its_name_and_count() {
        for point in AbortPoint::all() {
            assert_eq!(asked::read(&point.to_string()), Some((point, 0)));
        }
        assert_eq!(asked::read("act.kept:3"), Some((AbortPoint::ActKept, 2)));
        for none in ["", "act", "act.kept:0", "act.kept:", "act.kept:-1", "act.kept:4294967296", "ACT.KEPT"] {
            assert_eq!(asked::read(none), None, "{none}");
        }
    }
}
