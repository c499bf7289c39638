//! Search: the words that are looked for, and what of a complaint they are looked for in.

use crate::rules::cut;

/// The words of a filter. Each has to be in the complaint's number or in its text.
#[derive(Debug)]
pub(crate) struct Search(Vec<String>);

impl Search {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.split_whitespace().take(MAX_SEARCH_WORDS).map(str::to_lowercase).collect())
    }

    #[cfg(any(feature = "sqlite", test))]
    pub(crate) fn words(&self) -> &[String] {
        &self.0
    }

    /// Leaves out the words that are whole numbers of complaints: an index has those.
    pub(crate) fn leave_out<E>(&mut self, mut is_number: impl FnMut(&str) -> Result<bool, E>) -> Result<(), E> {
        for word in std::mem::take(&mut self.0) {
            if !is_number(&word)? {
                self.0.push(word);
            }
        }
        Ok(())
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

/// The numbers of a complaint, as they are kept to be found whole.
pub(crate) fn whole_numbers(id: &str, orders: &[String]) -> Vec<String> {
    let numbers = std::iter::once(id).chain(orders.iter().map(String::as_str)).map(str::to_lowercase);
    let mut kept: Vec<String> = Vec::new();
    for number in numbers.filter(|number| !number.is_empty() && number.len() <= MAX_NUMBER) {
        if kept.len() < MAX_NUMBERS && !kept.contains(&number) {
            kept.push(number);
        }
    }
    kept
}

/// Most words of [`Filter::text`](crate::Filter::text). Those after them are not looked for.
pub const MAX_SEARCH_WORDS: usize = 8;

/// Longest text of a complaint that is searched, in bytes. The rest of a longer one is not found.
pub const MAX_SEARCHED_TEXT: usize = 4096;

/// Most complaints that one [`list`](crate::Store::list) looks through for words.
pub const MAX_SEARCHED: usize = 50_000;

/// Most numbers by which a complaint is found whole, its own among them. Others are a part of its text.
pub const MAX_NUMBERS: usize = 64;

/// Longest number by which a complaint is found whole, in bytes. A longer one is a part of its text.
pub const MAX_NUMBER: usize = 128;

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

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

    #[test]
    fn whole_numbers_are_each_once_and_have_bounds() {
        let (most, number) = ("7".repeat(MAX_NUMBER), |number: usize| number.to_string());
        let orders = ["W-1".to_owned(), String::new(), "w-1".to_owned(), most.clone(), format!("{most}7")];
        assert_eq!(whole_numbers("2002A", &orders), ["2002a".to_owned(), "w-1".to_owned(), most]);
        for orders in [MAX_NUMBERS - 1, MAX_NUMBERS] {
            let orders: Vec<_> = (0..orders).map(number).collect();
            assert_eq!(whole_numbers("own", &orders).len(), MAX_NUMBERS);
        }
    }

    #[test]
    fn words_that_are_whole_numbers_are_left_to_their_index() {
        let mut search = Search::new("退款 42 W-1");
        search.leave_out(|word| Ok::<_, Infallible>(word == "42" || word == "w-1")).unwrap();
        assert!(search.finds("", Some("退款")) && !search.finds("", Some("42 w-1")));
    }
}
