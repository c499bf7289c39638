//! What is wrong with a form, in words for the person who filled it in.

use complaint_inbox::Reason;
use complaint_texts::Language;

use super::reason::told;

/// The reason why a form was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    Empty,
    Long {
        count: usize,
        limit: usize,
    },
    Emoji(char),
    Placeholder(String),
    Nothing,
    Choice,
    Days {
        most: u32,
    },
    Pictures {
        most: usize,
    },
    PictureLarge {
        bytes: usize,
    },
    PictureKind,
    /// The platform or the way to it refused a picture, for this reason.
    Upload(Reason),
    UploadLate,
    NoAccount,
    NotPossible,
}

impl Wrong {
    pub(crate) fn words(&self, language: Language) -> String {
        match self {
            Self::Empty => language.text("wrong-empty"),
            Self::Long { count, limit } => {
                language.text_with("wrong-long", [("count", (*count).into()), ("limit", (*limit).into())])
            }
            Self::Emoji(character) => language.text_with("wrong-emoji", [("character", character.to_string().into())]),
            Self::Placeholder(placeholder) => {
                language.text_with("wrong-placeholder", [("placeholder", placeholder.as_str().into())])
            }
            Self::Nothing => language.text("wrong-nothing"),
            Self::Choice => language.text("wrong-choice"),
            Self::Days { most } => language.text_with("wrong-days", [("most", (*most).into())]),
            Self::Pictures { most } => language.text_with("wrong-pictures", [("most", (*most).into())]),
            Self::PictureLarge { bytes } => {
                language.text_with("wrong-picture-large", [("megabytes", megabytes(*bytes).into())])
            }
            Self::PictureKind => language.text("wrong-picture-kind"),
            Self::Upload(reason) => language.text_with("wrong-upload", [("reason", told(language, reason).into())]),
            Self::UploadLate => language.text("wrong-upload-late"),
            Self::NoAccount => language.text("act-no-account"),
            Self::NotPossible => language.text("wrong-not-possible"),
        }
    }

    /// Whether the fault is not the form's.
    pub(crate) const fn is_of_upload(&self) -> bool {
        matches!(self, Self::Upload(_) | Self::UploadLate)
    }
}

/// A size in MB, as platforms count them.
pub(crate) const fn megabytes(bytes: usize) -> usize {
    bytes / (1024 * 1024)
}
