//! Words that others wrote: shown as text, each in a direction of its own, and cut where they are
//! long.

use askama::Template;
use complaint_texts::Language;

/// Words of a payer, a platform or an operator. They never become markup or a link.
#[derive(Template)]
#[template(path = "foreign.html")]
pub(crate) struct Foreign {
    shown: String,
    rest: Option<Rest>,
}

struct Rest {
    /// The words that open the rest.
    all: String,
    text: String,
}

/// Its template escapes the words.
impl askama::filters::HtmlSafe for Foreign {}

impl Foreign {
    pub(crate) fn new(language: Language, text: &str) -> Self {
        let mut shown = visible(text);
        let cut = shown.char_indices().nth(MAX_SHOWN).map(|(place, _)| place);
        let rest = cut.map(|cut| Rest { text: shown.split_off(cut), all: language.text("complaint-all") });
        Self { shown, rest }
    }

    /// `None` for an empty text.
    pub(crate) fn of(language: Language, text: Option<&str>) -> Option<Self> {
        text.filter(|text| !text.trim().is_empty()).map(|text| Self::new(language, text))
    }
}

/// A text as HTML can have it: without control characters except line ends and tabs.
pub(super) fn visible(text: &str) -> String {
    let is_hidden = |character: &char| character.is_control() && !matches!(character, '\n' | '\t');
    let visible = |character| if is_hidden(&character) { char::REPLACEMENT_CHARACTER } else { character };
    text.replace("\r\n", "\n").chars().map(visible).collect()
}

/// Characters that are shown at first; the rest is opened by hand.
const MAX_SHOWN: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str) -> String {
        Foreign::new(Language::English, text).to_string()
    }

    #[test]
    fn words_are_text_whatever_they_hold() {
        let html = drawn("<script>alert('1')</script> & \"x\"\0\r\nnext");
        assert!(!html.contains("<script>") && !html.contains('\0'), "{html}");
        assert!(html.contains("&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;"), "{html}");
        assert!(html.contains("\u{fffd}\nnext"), "{html}");
        // An override of the direction ends with its element.
        let html = drawn("\u{202e}gnp.exe");
        assert!(html.starts_with("<bdi class=\"foreign\">\u{202e}gnp.exe</bdi>"), "{html}");
    }

    #[test]
    fn long_words_are_cut_and_whole_behind_it() {
        assert!(!drawn(&"投".repeat(MAX_SHOWN)).contains("<details"));
        let html = drawn(&"诉".repeat(MAX_SHOWN + 1));
        assert!(html.contains("<summary>Show all</summary>"), "{html}");
        assert_eq!(html.matches('诉').count(), MAX_SHOWN + 1);
        let marks = format!("a{}", "\u{301}".repeat(300));
        assert_eq!(drawn(&marks).matches('\u{301}').count(), 300);
    }

    #[test]
    fn nothing_is_no_words() {
        for empty in [None, Some(""), Some(" \n")] {
            assert!(Foreign::of(Language::Chinese, empty).is_none());
        }
    }
}
