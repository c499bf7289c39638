//! Pictures of complaints, and who was shown a payer's telephone number.

use protocol_core::limits::MAX_IMAGE_BODY;
use protocol_core::{Personal, UnixTime};

use crate::complaint::ComplaintKey;
use crate::reason::Reason;
use crate::rules::Wait;

/// A picture of a complaint: everything except its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureRecord {
    /// Its number in the complaint, from 1 in the order in which pictures were first seen. It stays.
    pub number: u32,
    /// The place that names it in the complaint ([`Reading::pictures`](crate::Reading::pictures)).
    pub place: String,
    /// How far it is.
    pub state: PictureState,
    /// The size of its content in bytes, if it is kept.
    pub size: Option<u64>,
    /// The reason of the last failure.
    pub reason: Option<Reason>,
    /// The time at which it was kept or given up.
    pub finished_at: Option<UnixTime>,
}

/// How far a picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PictureState {
    /// It is to be fetched.
    Wanted,
    /// An attempt failed, and another one follows.
    Failed,
    /// Its content is in the inbox.
    Kept,
    /// It is not fetched any more.
    GivenUp,
}

impl PictureState {
    /// The name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Failed => "failed",
            Self::Kept => "kept",
            Self::GivenUp => "given-up",
        }
    }

    /// The state of a picture, as the inbox keeps it.
    pub(crate) const fn of(is_finished: bool, has_content: bool, has_failed: bool) -> Self {
        match (is_finished, has_content) {
            (true, true) => Self::Kept,
            (true, false) => Self::GivenUp,
            (false, _) if has_failed => Self::Failed,
            (false, _) => Self::Wanted,
        }
    }
}

/// A picture with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The picture.
    pub record: PictureRecord,
    /// The bytes, as the platform sent them; `None` unless it is kept.
    pub content: Option<Personal<Vec<u8>>>,
}

/// The right to fetch one picture, until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureClaim {
    /// The complaint.
    pub complaint: ComplaintKey,
    /// The picture's number in it.
    pub number: u32,
    /// The place that names it there.
    pub place: String,
    /// The number of this claim: a later claim has a larger one.
    pub fence: i64,
    /// How often it failed with a growing wait.
    pub refused: u32,
    /// What was read of the complaint, as a number that grows: a failure is of this reading's link.
    pub read: i64,
    /// Whether the complaint was read since it failed last, so that its links are fresh. `true` if it
    /// did not fail yet.
    pub is_read_since: bool,
}

/// The outcome of an attempt to fetch a picture. Exhaustive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PictureOutcome {
    /// The content. One of more than [`MAX_PICTURE_BYTES`] is given up instead.
    Kept(Personal<Vec<u8>>),
    /// It failed, and is tried again after a wait.
    Failed {
        /// What failed.
        reason: Reason,
        /// The wait.
        wait: Wait,
    },
    /// It failed, and is not tried again.
    GivenUp {
        /// What failed.
        reason: Reason,
    },
}

impl PictureOutcome {
    /// Content that is too large is given up.
    pub(crate) fn bounded(self) -> Self {
        match self {
            Self::Kept(content) if content.expose().len() > MAX_PICTURE_BYTES => {
                let words = format!("the picture has more than {MAX_PICTURE_BYTES} bytes");
                Self::GivenUp { reason: Reason::new("too-large", words) }
            }
            other => other,
        }
    }
}

/// Those who were shown the payer's telephone number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhoneLooks {
    /// How often it was shown.
    pub times: u64,
    /// The latest [`MAX_PHONE_LOOKS`], newest first.
    pub latest: Vec<PhoneLook>,
}

/// One time that the payer's telephone number was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneLook {
    /// Who asked for it.
    pub by: String,
    /// The time.
    pub at: UnixTime,
}

/// Largest picture that is kept, in bytes: as large as it may be on the wire.
pub const MAX_PICTURE_BYTES: usize = MAX_IMAGE_BODY;

/// Most pictures of one complaint. Those beyond are not wanted.
pub const MAX_PICTURES: u32 = 64;

/// Most entries of [`PhoneLooks::latest`].
pub const MAX_PHONE_LOOKS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_has_a_bound() {
        let kept = |bytes: usize| PictureOutcome::Kept(vec![0; bytes].into());
        assert_eq!(kept(MAX_PICTURE_BYTES).bounded(), kept(MAX_PICTURE_BYTES));
        assert!(matches!(kept(MAX_PICTURE_BYTES + 1).bounded(), PictureOutcome::GivenUp { .. }));
    }
}
