//! The reason why something failed: a code, and words.

use protocol_core::Personal;

/// The reason why an act, a picture or a message failed.
///
/// ```
/// use complaint_inbox::Reason;
///
/// let reason = Reason::new("network", "connection refused");
/// assert_eq!((reason.code.as_deref(), &*reason.words), (Some("network"), "connection refused"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reason {
    /// The code, by which the words for people are chosen in their language, such as `network`. `None`
    /// for a reason in words alone, as earlier versions kept it.
    pub code: Option<String>,
    /// The details in English, without personal data.
    pub words: String,
    /// The platform's own words, if it refused in some.
    pub quote: Option<Personal<String>>,
}

impl Reason {
    /// A reason that has a code, without words of a platform.
    #[must_use]
    pub fn new(code: impl Into<String>, words: impl Into<String>) -> Self {
        Self { code: Some(code.into()), words: words.into(), quote: None }
    }

    /// Sets the platform's own words.
    #[must_use]
    pub fn with_quote(self, quote: Option<Personal<String>>) -> Self {
        Self { quote, ..self }
    }
}

/// A reason in words alone.
impl From<&str> for Reason {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}

/// A reason in words alone.
impl From<String> for Reason {
    fn from(words: String) -> Self {
        Self { code: None, words, quote: None }
    }
}
