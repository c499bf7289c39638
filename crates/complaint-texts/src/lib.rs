#![doc = include_str!("../README.md")]

pub mod csv;

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

/// The files of a language.
macro_rules! files {
    ($folder:literal $(, $alone:literal)?) => {
        [
            include_str!(concat!($folder, "/words.ftl")),
            include_str!(concat!($folder, "/page.ftl")),
            include_str!(concat!($folder, "/complaint.ftl")),
            include_str!(concat!($folder, "/notice.ftl")),
            include_str!(concat!($folder, "/terminal.ftl")),
            include_str!(concat!($folder, "/guide.ftl")),
            $(include_str!(concat!($folder, $alone)),)?
        ]
    };
}

/// A value in a text: a number or words.
pub type Value<'v> = fluent_bundle::FluentValue<'v>;

/// A language that every text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Simplified Chinese.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// `zh` or `en`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }

    /// The tag of an HTML page: `zh-CN` or `en`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The language of a code or of a locale, such as `zh`, `zh-TW`, `zh_CN.UTF-8` or `en_US`; `None`
    /// for any other.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = code.split(['-', '_', '.', '@']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.code()))
    }

    /// The language of a terminal: that of the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set
    /// and not empty. English, if it is none of ours.
    #[must_use]
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
        locale.and_then(|locale| Self::from_code(&locale)).unwrap_or(Self::English)
    }

    /// A text; its name, if there is none of this name.
    #[must_use]
    pub fn text(self, name: &str) -> String {
        self.text_with(name, [])
    }

    /// A text with values in it; its name, if there is none of this name.
    #[must_use]
    pub fn text_with<'v>(self, name: &str, values: impl IntoIterator<Item = (&'static str, Value<'v>)>) -> String {
        self.find(name, values).unwrap_or_else(|| name.to_owned())
    }

    /// People's words for a word of the wire, of a family such as `state`; the word itself, if it is
    /// unknown.
    #[must_use]
    pub fn word<'w>(self, family: &str, word: &'w str) -> Cow<'w, str> {
        self.known_word(family, word).map_or(Cow::Borrowed(word), Cow::Owned)
    }

    /// People's words for a word of the wire; `None` if it is unknown.
    #[must_use]
    pub fn known_word(self, family: &str, word: &str) -> Option<String> {
        let is_name =
            word.len() <= MAX_WORD && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        is_name.then(|| self.find(&word_name(family, word), []))?
    }

    fn find<'v>(self, name: &str, values: impl IntoIterator<Item = (&'static str, Value<'v>)>) -> Option<String> {
        let bundle = self.bundle();
        let text = bundle.get_message(name)?.value()?;
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set(name, value);
        }
        Some(bundle.format_pattern(text, Some(&arguments), &mut Vec::new()).into_owned())
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        static BUNDLES: [OnceLock<FluentBundle<FluentResource>>; 2] = [OnceLock::new(), OnceLock::new()];
        let [chinese, english] = &BUNDLES;
        let bundle = if self == Self::Chinese { chinese } else { english };
        bundle.get_or_init(|| {
            let tag: LanguageIdentifier = self.tag().parse().unwrap_or_default();
            let mut bundle = FluentBundle::new_concurrent(vec![tag]);
            // Marks around values would be seen in a terminal; a page has elements for it.
            bundle.set_use_isolating(false);
            for text in self.files() {
                // The tests read every file without an error.
                let (Ok(resource) | Err((resource, _))) = FluentResource::try_new((*text).to_owned());
                drop(bundle.add_resource(resource));
            }
            bundle
        })
    }

    const fn files(self) -> &'static [&'static str] {
        match self {
            // English stands in the sources of the command line.
            Self::Chinese => &files!("zh", "/help.ftl"),
            Self::English => &files!("en"),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of fen in yuan, without a sign of the currency: `12.05`.
#[must_use]
pub fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

/// The name of the text of a word: `state` and `PENDING` make `state-pending`.
fn word_name(family: &str, word: &str) -> String {
    format!("{family}-{}", word.to_ascii_lowercase().replace(['_', '.'], "-"))
}

/// Longest word of the wire that has words, in bytes.
const MAX_WORD: usize = 64;
