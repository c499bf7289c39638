//! The journal: who did something, and when.

use protocol_core::UnixTime;

use crate::complaint::ComplaintKey;
use crate::rules::cut;

/// Something that a person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// The name of the person.
    pub user: String,
    /// The word for it, such as `log-in`.
    pub word: String,
    /// The complaint that it is about.
    pub complaint: Option<ComplaintKey>,
    /// More about it, without personal data.
    pub detail: Option<String>,
}

impl Deed {
    /// The word for a look at a payer's telephone number. [`PhoneLooks`](crate::PhoneLooks) are the deeds
    /// of this word.
    pub const PHONE_SHOWN: &str = "phone-shown";

    /// The word for a letter that was dealt with. The detail is its number.
    pub const LETTER_DONE: &str = "letter-done";

    /// A deed about no complaint, without a detail.
    #[must_use]
    pub fn new(user: impl Into<String>, word: impl Into<String>) -> Self {
        Self { user: user.into(), word: word.into(), complaint: None, detail: None }
    }

    /// The same, about a complaint.
    #[must_use]
    pub fn about(mut self, complaint: ComplaintKey) -> Self {
        self.complaint = Some(complaint);
        self
    }

    /// The same, with a detail.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Longer texts are cut.
    pub(crate) fn bounded(mut self) -> Self {
        for text in [&mut self.user, &mut self.word].into_iter().chain(&mut self.detail) {
            cut(text, MAX_DEED_TEXT);
        }
        self
    }
}

/// A deed in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeedRecord {
    /// Its number, from 1, in the order in which deeds were noted. Numbers may be left out, and are never
    /// given twice.
    pub number: i64,
    /// The time, by the store's clock.
    pub at: UnixTime,
    /// The deed.
    pub deed: Deed,
}

/// Longest user, word and detail of a deed, in bytes. A longer text is cut, at the end of a character.
pub const MAX_DEED_TEXT: usize = 256;
