//! The filters of the list, from its address and back into it.

use complaint_inbox::{Choices, Cursor, Filter};
use complaint_texts::Language;

use super::merchants::Merchants;
use crate::desk::{Query, Refusal};

/// What the list is asked for.
pub(super) struct Filters {
    filter: Filter,
    pub(super) cursor: Option<Cursor>,
}

impl Filters {
    /// The parameters of the address.
    pub(super) const NAMES: [&'static str; 7] = ["show", "channel", "merchant", "state", "product", "search", "cursor"];

    /// Reads the parameters. Default: open complaints, all of them.
    pub(super) fn read(query: &Query) -> Result<Self, Refusal> {
        let text = |name: &str| query.text(name).map(str::to_owned);
        let no_cursor = || Refusal::malformed("cursor is what the link to the next page has, unchanged");
        let cursor = query.text("cursor").map(|text| Cursor::parse(text).ok_or_else(no_cursor)).transpose()?;
        let filter = Filter {
            is_open: (query.text("show") != Some(ALL)).then_some(true),
            channel: text("channel"),
            merchant: text("merchant"),
            state: text("state"),
            product: text("product"),
            text: text("search"),
            ..Filter::default()
        };
        Ok(Self { filter, cursor })
    }

    pub(super) const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Whether closed complaints are among them.
    pub(super) const fn shows_all(&self) -> bool {
        self.filter.is_open.is_none()
    }

    /// The same filters at another address, from a cursor on.
    pub(super) fn address(&self, path: &str, cursor: Option<&Cursor>) -> String {
        let Filter { is_open, channel, merchant, state, product, text, .. } = &self.filter;
        let all = is_open.is_none().then(|| ALL.to_owned());
        let values = [
            all,
            channel.clone(),
            merchant.clone(),
            state.clone(),
            product.clone(),
            text.clone(),
            cursor.map(Cursor::to_string),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in Self::NAMES.into_iter().zip(values) {
            value.map(|value| query.append_pair(name, &value));
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// The form of the filters.
pub(super) struct FilterForm {
    pub(super) shows_all: bool,
    pub(super) boxes: Vec<FilterBox>,
    pub(super) search: String,
}

/// A choice among values.
pub(super) struct FilterBox {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) values: Vec<FilterValue>,
}

/// A value of a choice.
pub(super) struct FilterValue {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) is_chosen: bool,
}

impl FilterForm {
    pub(super) fn new(language: Language, filters: &Filters, choices: Choices, merchants: &Merchants) -> Self {
        let Filter { is_open, channel, merchant, state, product, text, .. } = &filters.filter;
        let filter_box = |name, label: String, words: Words<'_>, values: Vec<String>, chosen: &Option<String>| {
            let value =
                |value: String| FilterValue { label: words(&value), is_chosen: Some(&value) == chosen.as_ref(), value };
            FilterBox { name, label, values: values.into_iter().map(value).collect() }
        };
        let word = |family: &'static str| move |value: &str| language.word(family, value).into_owned();
        let boxes = vec![
            filter_box("channel", language.text("list-channel"), &word("channel"), choices.channels, channel),
            filter_box(
                "merchant",
                language.text("list-merchant"),
                &|value| merchants.words_anywhere(value),
                choices.merchants,
                merchant,
            ),
            filter_box("state", language.text("list-state"), &word("state"), choices.states, state),
            filter_box("product", language.text("list-product"), &str::to_owned, choices.products, product),
        ];
        // A box with one value chooses nothing.
        let boxes =
            boxes.into_iter().filter(|one| one.values.len() > 1 || one.values.iter().any(|value| value.is_chosen));
        Self { shows_all: is_open.is_none(), boxes: boxes.collect(), search: text.clone().unwrap_or_default() }
    }
}

/// People's words for a value.
type Words<'w> = &'w dyn Fn(&str) -> String;

/// The value of `show` for open and closed complaints.
const ALL: &str = "all";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Filters, Refusal> {
        Filters::read(&Query::read(&format!("/?{query}").parse().unwrap(), &Filters::NAMES)?)
    }

    #[test]
    fn filters_are_written_as_they_were_read() {
        for query in
            ["", "show=all", "channel=wechat-pay&search=%E9%80%80%E6%AC%BE+%26x", "merchant=1&state=A&product=B"]
        {
            let address = read(query).unwrap().address("/", None);
            assert_eq!(address, if query.is_empty() { "/".to_owned() } else { format!("/?{query}") });
        }
        assert!(
            read("").unwrap().filter().is_open == Some(true) && read("show=all").unwrap().filter().is_open.is_none()
        );
        assert!(read("cursor=x").is_err() && read("other=1").is_err());
    }
}
