//! Search: the words that are looked for, and the text of a complaint that they are looked for in.

use crate::rules::cut;

/// The words of a filter. Each has to be in the complaint's number or in its text.
#[derive(Debug)]
pub(crate) struct Search(Vec<String>);

impl Search {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.split_whitespace().take(MAX_SEARCH_WORDS).map(str::to_lowercase).collect())
    }

    pub(crate) fn finds(&self, id: &str, text: Option<&str>) -> bool {
        let id = id.to_lowercase();
        self.0.iter().all(|word| id.contains(word) || text.is_some_and(|text| text.contains(word)))
    }
}

/// The text of a complaint, as it is kept to be searched.
pub(crate) fn searchable(text: &str) -> String {
    let mut text = text.to_lowercase();
    cut(&mut text, MAX_SEARCHED_TEXT);
    text
}

/// Most words of [`Filter::text`](crate::Filter::text). Those after them are not looked for.
pub const MAX_SEARCH_WORDS: usize = 8;

/// Longest text of a complaint that is searched, in bytes. The rest of a longer one is not found.
pub const MAX_SEARCHED_TEXT: usize = 4096;

/// Most complaints whose texts one [`list`](crate::Store::list) looks through.
pub const MAX_SEARCHED: usize = 50_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_has_to_be_there_in_whatever_case() {
        let text = searchable("42000004042019090691 WX-Order\n重复扣费，请退款");
        for (search, is_found) in [
            ("", true),
            ("  ", true),
            ("42000004042019090691", true),
            ("2019 wx-oRDER", true),
            ("退款", true),
            ("退款\u{3000}扣费", true),
            ("退款 not", false),
            ("款退", false),
            ("2002", true),
            ("2002 a1", true),
            ("2002A", true),
        ] {
            assert_eq!(Search::new(search).finds("2002A1", Some(&text)), is_found, "{search}");
        }
        assert!(Search::new("2002a").finds("2002A1", None));
        assert!(!Search::new("wx").finds("2002A1", None));
    }

    #[test]
    fn so_many_words_are_looked_for() {
        let search = |words: usize| Search::new(&vec!["a"; words].join(" ")).0.len();
        assert_eq!([1, MAX_SEARCH_WORDS, MAX_SEARCH_WORDS + 1].map(search), [1, MAX_SEARCH_WORDS, MAX_SEARCH_WORDS]);
    }

    #[test]
    fn the_text_has_a_bound() {
        let most = "a".repeat(MAX_SEARCHED_TEXT);
        assert_eq!(searchable(&most), most);
        assert_eq!(searchable(&format!("{most}a")), most);
        let most = "a".repeat(MAX_SEARCHED_TEXT - 2);
        assert_eq!(searchable(&format!("{most}投")), most, "no half of a character");
    }
}
