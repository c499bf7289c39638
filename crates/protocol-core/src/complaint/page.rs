//! Pages: of complaints, and of one complaint's negotiation history.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use super::unreadable::{ComplaintNumber, Rows};
use super::{Complaint, NegotiationRecord, UnreadableComplaint};
use crate::codec::json::{read_json, wire_object};
use crate::error::DecodeError;
use crate::trust::Unverified;

wire_object! {
    /// One page of the complaint list.
    ///
    /// Read on until a page is empty, or is shorter than `limit` while `total_count` says no more; rows that are `unreadable`
    /// count in. New complaints shift the offsets, so tell complaints apart by `complaint_id`.
    ///
    /// Where a row cannot be read, [`ListComplaints`](crate::wechat_pay::ListComplaints) and [`ComplaintPage::decode`] read
    /// the others; serde alone reads all of them or none.
    pub struct ComplaintPage {
        /// The complaints.
        data: Vec<Complaint>,
        /// The page size asked for, 1 to 50.
        limit: Option<i64>,
        /// The offset asked for.
        offset: Option<i64>,
        /// How many there are in all; only on the first page.
        total_count: Option<i64>,
    }
    and {
        /// Complaints that stand on the page but cannot be read. They are not written back.
        unreadable: Vec<UnreadableComplaint>,
    }
}

wire_object! {
    /// A page without its rows: `data` stands among the members it does not know.
    struct BarePage {
        limit: Option<i64>,
        offset: Option<i64>,
        total_count: Option<i64>,
    }
}

impl ComplaintPage {
    /// Decodes a page that stands alone, as [`decode_json`](crate::codec::decode_json) does; but complaints that cannot be
    /// read are told as [`unreadable`](Self::unreadable), and the others are read.
    ///
    /// ```
    /// use protocol_core::complaint::ComplaintPage;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let text = br#"{"data":[{"complaint_id":"1"},{"complaint_id":"2","user_complaint_times":"twice"}]}"#;
    /// let page = ComplaintPage::decode(text)?.trust_anyway();
    /// assert_eq!(page.data.len(), 1);
    /// assert_eq!(page.unreadable[0].complaint_id.as_deref(), Some("2"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`DecodeError`] where it is no page.
    pub fn decode(document: &[u8]) -> Result<Unverified<Self>, DecodeError> {
        Self::read(PAGE, document)?.framed(PAGE, document).map(Unverified::new)
    }

    /// As [`ComplaintPage::decode`], for a caller that knows what vouches for the bytes.
    pub(crate) fn read(document: &'static str, json: &[u8]) -> Result<Self, DecodeError> {
        read_json(document, json).or_else(|error| Self::read_by_rows(json).ok_or(error))
    }

    fn read_by_rows(json: &[u8]) -> Option<Self> {
        let BarePage { limit, offset, total_count, mut extra } = read_json("a page", json).ok()?;
        let Rows { read, unreadable } = Rows::one_by_one::<ComplaintNumber>(extra.take("data")?.get().as_bytes())?;
        Some(Self { data: read, limit, offset, total_count, extra, unreadable })
    }
}

/// What errors call a page.
const PAGE: &str = "a complaint page";

/// A page without rows says that it is one: where it has none of `limit`, `offset` and `total_count`, its list has to stand
/// there, be it empty or `null`. Anything else is a document of another kind, and not a page with nothing on it.
pub(crate) fn check_frame(document: &'static str, json: &[u8], rows: &str) -> Result<(), DecodeError> {
    if read_json::<BTreeMap<String, IgnoredAny>>(document, json)?.contains_key(rows) {
        return Ok(());
    }
    Err(DecodeError::at(document, b"", 0, format!("neither `{rows}` nor a count: this is no page")))
}

impl ComplaintPage {
    /// This page, where it is one.
    pub(crate) fn framed(self, document: &'static str, json: &[u8]) -> Result<Self, DecodeError> {
        let has_rows = !self.data.is_empty() || !self.unreadable.is_empty();
        let is_framed = [self.limit, self.offset, self.total_count].iter().any(Option::is_some);
        if has_rows || is_framed { Ok(self) } else { check_frame(document, json, "data").map(|()| self) }
    }
}

#[cfg(any(feature = "wechat-pay", feature = "allinpay"))]
impl NegotiationHistory {
    /// This history, where it is one.
    pub(crate) fn framed(self, document: &'static str, json: &[u8]) -> Result<Self, DecodeError> {
        let is_framed = [self.limit, self.offset, self.total_count].iter().any(Option::is_some);
        if !self.data.is_empty() || is_framed { Ok(self) } else { check_frame(document, json, "data").map(|()| self) }
    }
}

wire_object! {
    /// One page of a complaint's negotiation history, oldest first.
    pub struct NegotiationHistory {
        /// The entries.
        data: Vec<NegotiationRecord>,
        /// The page size asked for, 1 to 300.
        limit: Option<i64>,
        /// The offset asked for.
        offset: Option<i64>,
        /// How many there are in all; only on the first page.
        total_count: Option<i64>,
    }
}

#[cfg(feature = "allinpay")]
impl NegotiationHistory {
    /// A history without paging.
    pub(crate) fn of(data: Vec<NegotiationRecord>) -> Self {
        Self { data, limit: None, offset: None, total_count: None, extra: crate::codec::Extra::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_LIST;

    fn decode(text: &str) -> Result<ComplaintPage, DecodeError> {
        ComplaintPage::decode(text.as_bytes()).map(Unverified::trust_anyway)
    }

    #[test]
    fn one_row_that_cannot_be_read_does_not_hide_the_others() {
        let page = decode(
            "\u{feff}{\"data\":[{\"complaint_id\":\"1\"},null,
            {\"complaint_id\":2,\"complaint_detail\":\"CANARY\",\"user_complaint_times\":\"1次\"},
            {\"complaint_time\":\"CANARY\"},{\"complaint_id\":{\"CANARY\":1}},[],\"CANARY\",{\"complaint_id\":\"3\"}],
            \"limit\":10,\"offset\":0,\"total_count\":7,\"new\":1.50}",
        )
        .unwrap();
        let ids: Vec<_> = page.data.iter().map(|complaint| complaint.complaint_id.as_str()).collect();
        assert_eq!(ids, ["1", "3"]);
        assert_eq!((page.limit, page.offset, page.total_count), (Some(10), Some(0), Some(7)));
        assert_eq!(page.extra.get("new"), Some("1.50"));
        let told: Vec<_> = page.unreadable.iter().map(|row| (row.complaint_id.as_deref(), row.to_string())).collect();
        let nameless = |problem: &str| {
            (
                None,
                format!(
                    "a complaint of the list cannot be read, not even its number (a complaint: {problem}); report it"
                ),
            )
        };
        assert_eq!(
            told,
            [
                (
                    Some("2"),
                    "complaint 2 of the list cannot be read (a complaint: expected a whole number, line 1 column 75); \
                     read it by its number, and report it"
                        .to_owned()
                ),
                nameless("missing member `complaint_id`, line 1 column 27"),
                nameless("expected a string, line 1 column 17"),
                nameless("expected an object (Complaint), line 1 column 2"),
                nameless("expected an object (Complaint), line 1 column 8"),
            ]
        );
        assert_eq!(page.unreadable[1].row.expose(), "{\"complaint_time\":\"CANARY\"}");
        assert_eq!(page.unreadable[0].identity(), "2");
        assert_eq!(page.unreadable[1].identity(), page.unreadable[1].row.expose());
        assert!(!format!("{page:?}").contains("CANARY"));
        // What cannot be read is not written either.
        let written = serde_json::to_string(&page).unwrap();
        assert!(decode(&written).unwrap().unreadable.is_empty() && !written.contains("CANARY"));
    }

    #[test]
    fn a_row_without_its_list_is_read_alike() {
        let page = decode(r#"{"data":{"complaint_id":"1","user_complaint_times":"twice"},"total_count":1}"#).unwrap();
        assert_eq!((page.data.len(), page.unreadable.len()), (0, 1));
    }

    #[test]
    fn a_number_has_64_characters_at_most_and_moves_no_cursor() {
        let number = |id: &str| {
            let page =
                decode(&format!(r#"{{"data":[{{"complaint_id":"{id}","amount":0,"amount":0,"problem_type":[1]}}]}}"#));
            page.unwrap().unreadable.remove(0).complaint_id
        };
        let longest = "投".repeat(64);
        assert_eq!(number(&longest), Some(longest.clone()));
        for none in ["", &format!("{longest}1"), r"1\u001b[2J"] {
            assert_eq!(number(none), None, "{none:?}");
        }
        // Two readers could disagree.
        assert_eq!(number(r#"1","complaint_id":"2"#), None);
    }

    #[test]
    fn what_is_no_page_stays_an_error() {
        for text in [
            "",
            "[]x",
            "<html>",
            "null",
            r#"[{"complaint_id":"1"}]"#,
            r#"{"data":1}"#,
            r#"{"data":"CANARY"}"#,
            r#"{"data":[{}],"data":[]}"#,
            r#"{"data":[{}],"total_count":"many"}"#,
            r#"{"data":[{}"#,
        ] {
            let error = decode(text).unwrap_err().to_string();
            assert!(error.starts_with("a complaint page: ") && !error.contains("CANARY"), "{text}: {error}");
        }
    }

    #[test]
    fn rows_are_bounded_whether_they_can_be_read_or_not() {
        let page = |rows: usize| decode(&format!(r#"{{"data":[{}{{}}]}}"#, r#"{"complaint_id":1},"#.repeat(rows - 1)));
        let at_most = page(MAX_LIST).unwrap();
        assert_eq!((at_most.data.len(), at_most.unreadable.len()), (MAX_LIST - 1, 1));
        page(MAX_LIST + 1).unwrap_err();
    }
}
