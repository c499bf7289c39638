//! Pages: of complaints, and of one complaint's negotiation history.

use super::rows::{Row, RowKind, Rows, by_rows};
use super::{Complaint, NegotiationRecord, UnreadableRow};
#[cfg(feature = "allinpay")]
use crate::codec::Extra;
use crate::codec::json::{Members, read_json, wire_object};
use crate::codec::text::readable_json;
use crate::error::DecodeError;
use crate::trust::Unverified;

wire_object! {
    /// One page of the complaint list.
    ///
    /// Read on until a page is empty, or is shorter than `limit` and `total_count` is reached. Rows
    /// that are `unreadable` count. New complaints shift the offsets, so identify complaints by
    /// `complaint_id`.
    ///
    /// If a row cannot be read, [`ListComplaints`](crate::wechat_pay::ListComplaints) and
    /// [`ComplaintPage::decode`] read the others. Serde alone reads all of them or none.
    #[doc(alias("投诉单列表"))]
    pub struct ComplaintPage {
        /// The complaints.
        data: Vec<Complaint>,
        /// The requested page size, 1 to 50.
        limit: Option<i64>,
        /// The requested offset.
        offset: Option<i64>,
        /// The total number of complaints; only on the first page.
        total_count: Option<i64>,
    }
    and {
        /// Complaints on the page that cannot be read. They are not written back.
        unreadable: Vec<UnreadableRow>,
    }
}

wire_object! {
    /// One page of a complaint's negotiation history, oldest first.
    ///
    /// If an entry cannot be read,
    /// [`GetNegotiationHistory`](crate::wechat_pay::GetNegotiationHistory) and
    /// [`NegotiationHistory::decode`] read the others. Serde alone reads all of them or none.
    #[doc(alias("协商历史", "negotiation-historys"))]
    pub struct NegotiationHistory {
        /// The entries.
        data: Vec<NegotiationRecord>,
        /// The requested page size, 1 to 300.
        limit: Option<i64>,
        /// The requested offset.
        offset: Option<i64>,
        /// The total number of entries; only on the first page.
        total_count: Option<i64>,
    }
    and {
        /// Entries on the page that cannot be read. They are not written back.
        unreadable: Vec<UnreadableRow>,
    }
}

wire_object! {
    /// A page without its rows: `data` is among its unknown members.
    struct Frame {
        limit: Option<i64> as decisive,
        offset: Option<i64> as decisive,
        total_count: Option<i64> as decisive,
    }
}

impl Row for Complaint {
    const KIND: RowKind = RowKind::Complaint;
    const ID: &'static str = "complaint_id";
}

impl Row for NegotiationRecord {
    const KIND: RowKind = RowKind::Entry;
    const ID: &'static str = "log_id";
}

impl ComplaintPage {
    /// Decodes one page. [`unreadable`](Self::unreadable) lists complaints that cannot be read; the
    /// others are read.
    ///
    /// ```
    /// use protocol_core::complaint::ComplaintPage;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let text = br#"{"data":[{"complaint_id":"1","user_complaint_times":"twice"},{"complaint_detail":"2"}]}"#;
    /// let page = ComplaintPage::decode(text)?.trust_anyway();
    /// assert_eq!((page.data.len(), page.unreadable.len()), (1, 1));
    /// assert_eq!(page.misfits()[0].place(), "data[0].user_complaint_times");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`DecodeError`] for anything but a page.
    pub fn decode(document: &[u8]) -> Result<Unverified<Self>, DecodeError> {
        Self::read(PAGE, document)?.framed(PAGE, document).map(Unverified::new)
    }

    /// As [`ComplaintPage::decode`], for a caller that has verified the bytes.
    pub(crate) fn read(document: &'static str, json: &[u8]) -> Result<Self, DecodeError> {
        let error = match read_json(document, json) {
            Ok(page) => return Ok(page),
            Err(error) => error,
        };
        let (frame, Rows { read, unreadable }) = by_rows(document, json, "data", error)?;
        let Frame { limit, offset, total_count, mut extra } = frame;
        extra.forget(|name| name == "data");
        Ok(Self { data: read, limit, offset, total_count, extra, unreadable })
    }

    /// Returns this page, or an error if the document is not one.
    pub(crate) fn framed(self, document: &'static str, json: &[u8]) -> Result<Self, DecodeError> {
        let numbers = [self.limit, self.offset, self.total_count];
        check_page(&self.data, &self.unreadable, numbers, (document, json)).map(|()| self)
    }
}

/// The name of a page in errors.
const PAGE: &str = "a complaint page";

/// A page without rows must look like a page. Without any of `limit`, `offset` and `total_count`,
/// it must contain its list, even empty or `null`. Anything else is a document of another kind, not
/// an empty page.
pub(crate) fn check_frame(document: &'static str, json: &[u8], rows: &str) -> Result<(), DecodeError> {
    let text = readable_json(json);
    if Members::of(text.trim()).is_ok_and(|members| members.holds(rows)) {
        return Ok(());
    }
    Err(DecodeError::at(document, b"", 0, format!("neither `{rows}` nor a count: this is no page")))
}

/// The same check, skipped where the content proves it is a page: a row, even an unreadable one, or
/// one of the numbers.
fn check_page<T>(
    rows: &[T],
    unreadable: &[UnreadableRow],
    numbers: [Option<i64>; 3],
    (document, json): (&'static str, &[u8]),
) -> Result<(), DecodeError> {
    let has_rows = !rows.is_empty() || !unreadable.is_empty();
    if has_rows || numbers.iter().any(Option::is_some) { Ok(()) } else { check_frame(document, json, "data") }
}

impl NegotiationHistory {
    /// Decodes one page of a history. [`unreadable`](Self::unreadable) lists entries that cannot be
    /// read; the others are read.
    ///
    /// ```
    /// use protocol_core::complaint::NegotiationHistory;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let document = br#"{"data":[{"log_id":"1"},{"log_id":{}}]}"#;
    /// let history = NegotiationHistory::decode(document)?.trust_anyway();
    /// assert_eq!((history.data.len(), history.unreadable.len()), (1, 1));
    /// assert!(!history.is_clear());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`DecodeError`] for anything but a history.
    pub fn decode(document: &[u8]) -> Result<Unverified<Self>, DecodeError> {
        const HISTORY: &str = "a negotiation history";
        Self::read(HISTORY, document)?.framed(HISTORY, document).map(Unverified::new)
    }

    /// As [`NegotiationHistory::decode`], for a caller that has verified the bytes.
    pub(crate) fn read(document: &'static str, json: &[u8]) -> Result<Self, DecodeError> {
        let error = match read_json(document, json) {
            Ok(page) => return Ok(page),
            Err(error) => error,
        };
        let (frame, Rows { read, unreadable }) = by_rows(document, json, "data", error)?;
        let Frame { limit, offset, total_count, mut extra } = frame;
        extra.forget(|name| name == "data");
        Ok(Self { data: read, limit, offset, total_count, extra, unreadable })
    }

    /// Returns this history, or an error if the document is not one.
    pub(crate) fn framed(self, document: &'static str, json: &[u8]) -> Result<Self, DecodeError> {
        let numbers = [self.limit, self.offset, self.total_count];
        check_page(&self.data, &self.unreadable, numbers, (document, json)).map(|()| self)
    }

    /// Whether every entry, and every member of each, was read. If not, an act that the history
    /// does not show may still have happened: do not send it again.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.unreadable.is_empty() && self.misfits().is_empty()
    }

    /// A history that has no pages.
    #[cfg(feature = "allinpay")]
    pub(crate) fn of(Rows { read, unreadable }: Rows<NegotiationRecord>) -> Self {
        Self { data: read, limit: None, offset: None, total_count: None, extra: Extra::default(), unreadable }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{MAX_JSON_VALUES, MAX_LIST};

    fn decode(text: &str) -> Result<ComplaintPage, DecodeError> {
        ComplaintPage::decode(text.as_bytes()).map(Unverified::trust_anyway)
    }

    #[test]
    fn one_row_that_cannot_be_read_does_not_hide_the_others() {
        let page = decode(
            "\u{feff}{\"data\":[{\"complaint_id\":\"1\",\"user_complaint_times\":\"CANARY\"},null,
            {\"complaint_id\":2,\"complaint_detail\":\"CANARY\",\"complainted_mchid\":{\"CANARY\":1}},
            {\"complaint_time\":\"CANARY\"},{\"complaint_id\":{\"CANARY\":1}},[],\"CANARY\",{\"complaint_id\":\"3\"}],
            \"limit\":10,\"offset\":0,\"total_count\":7,\"new\":1.50}",
        )
        .unwrap();
        let ids: Vec<_> = page.data.iter().map(|complaint| complaint.complaint_id.as_str()).collect();
        assert_eq!(ids, ["1", "3"]);
        assert_eq!((page.limit, page.offset, page.total_count), (Some(10), Some(0), Some(7)));
        assert_eq!(page.extra.get("new"), Some("1.50"));
        let misfits = page.misfits();
        assert_eq!(misfits.len(), 1);
        let told = "the member data[0].user_complaint_times cannot be read: expected a whole number";
        assert_eq!(misfits[0].to_string(), told);
        page.data[0].user_complaint_times().unwrap_err();
        page.data[1].user_complaint_times().unwrap();
        let told: Vec<_> = page.unreadable.iter().map(|row| (row.id.as_deref(), row.to_string())).collect();
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
                    "complaint 2 of the list cannot be read (a complaint: expected a string, line 1 column 75); \
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
        // A row that cannot be read is not written either. A member that cannot be read is,
        // unchanged.
        let written = serde_json::to_string(&page).unwrap();
        assert_eq!(written.matches("CANARY").count(), 1);
        let again = decode(&written).unwrap();
        assert!(again.unreadable.is_empty());
        assert_eq!(again.data, page.data);
    }

    #[test]
    fn a_row_without_its_list_is_read_alike() {
        let page = decode(r#"{"data":{"complaint_id":"1","merchantNo":["twice"]},"total_count":1}"#).unwrap();
        assert_eq!((page.data.len(), page.unreadable.len()), (0, 1));
    }

    #[test]
    fn a_number_has_64_characters_at_most_and_moves_no_cursor() {
        let number = |id: &str| {
            let page =
                decode(&format!(r#"{{"data":[{{"complaint_id":"{id}","amount":0,"amount":0,"merchantNo":[1]}}]}}"#));
            page.unwrap().unreadable.remove(0).id
        };
        let longest = "投".repeat(64);
        assert_eq!(number(&longest), Some(longest.clone()));
        for none in ["", &format!("{longest}1"), r"1\u001b[2J"] {
            assert_eq!(number(none), None, "{none:?}");
        }
        // Two readers could disagree on the number.
        assert_eq!(number(r#"1","complaint_id":"2"#), None);
    }

    #[test]
    fn a_mended_identity_is_none() {
        let rows = "{\"complaint_id\":\"20018\u{1}201\"},{\"complaint_id\":\"1\",\"complaint_detail\":\"a\u{1}b\"},
                    {\"complaint_id\":\"2\",\"complainted_mchid\":\"19\u{7}\"}";
        let page = decode(&format!("{{\"data\":[{rows}]}}")).unwrap();
        let words = page.data[0].complaint_detail.as_ref().map(|words| words.expose().as_str());
        assert_eq!((page.data.len(), page.data[0].complaint_id.as_str(), words), (1, "1", Some("ab")));
        let ids: Vec<_> = page.unreadable.iter().map(|row| row.id.as_deref()).collect();
        assert_eq!(ids, [None, Some("2")]);
        assert_eq!(page.unreadable[0].row.expose(), r#"{"complaint_id":"20018201"}"#);
        let history = NegotiationHistory::decode("{\"data\":[{\"log_id\":\"9\u{1}\"},{\"log_id\":\"9\"}]}".as_bytes());
        let history = history.unwrap().trust_anyway();
        assert_eq!((history.data.len(), history.unreadable.len()), (1, 1));
    }

    #[test]
    fn a_document_of_another_kind_stays_an_error() {
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
    fn a_history_with_an_entry_that_cannot_be_read_is_unclear() {
        let decode = |text: &str| NegotiationHistory::decode(text.as_bytes()).unwrap().trust_anyway();
        let entries = r#"{"log_id":"1","operate_details":"一"},{"log_id":"2","operate_type":"USER_RESPONSE"}"#;
        assert!(decode(&format!(r#"{{"data":[{entries}]}}"#)).is_clear());
        for (entry, unreadable, misfits) in [
            (r#"{"log_id":{}}"#, 1, 0),
            (r#"{"operate_type":"MERCHANT_RESPONSE"}"#, 1, 0),
            (r#""text""#, 1, 0),
            (r#"{"log_id":"3","operate_type":["MERCHANT_RESPONSE"]}"#, 0, 1),
            (r#"{"log_id":"3","operate_details":{"text":"一"}}"#, 0, 1),
            (r#"{"log_id":"3","operate_time":1741936166000.5,"operator":[]}"#, 0, 0),
            (r#"{"log_id":"3","operate_time":true}"#, 0, 1),
            (r#"{"log_id":"3","operate_details":"一","operate_details":"二"}"#, 0, 1),
            (r#"{"log_id":"3","normal_message":{"blocks":[{"type":7.5,"text":{"text":[1]}}]}}"#, 0, 1),
        ] {
            let history = decode(&format!(r#"{{"data":[{entries},{entry}],"limit":10}}"#));
            assert_eq!((history.unreadable.len(), history.misfits().len()), (unreadable, misfits), "{entry}");
            assert_eq!(history.data.len() + history.unreadable.len(), 3, "{entry}");
            assert_eq!(history.is_clear(), unreadable + misfits == 0, "{entry}");
            assert_eq!(history.limit, Some(10));
        }
        // An entry whose text was mended counts as read.
        let cut = decode("{\"data\":[{\"log_id\":\"1\",\"operate_details\":\"一\u{7}\"}]}");
        assert!(cut.is_clear());
        assert_eq!(cut.data[0].operate_details.as_ref().map(|words| words.expose().as_str()), Some("一"));
    }

    #[test]
    fn rows_are_bounded_whether_they_can_be_read_or_not() {
        let page = |rows: usize| decode(&format!(r#"{{"data":[{}{{}}]}}"#, r#"{"complaint_id":1},"#.repeat(rows - 1)));
        let at_most = page(MAX_LIST).unwrap();
        assert_eq!((at_most.data.len(), at_most.unreadable.len()), (MAX_LIST - 1, 1));
        page(MAX_LIST + 1).unwrap_err();
    }

    #[test]
    fn rows_have_no_more_values_than_a_document_may_have() {
        // The id of each row does not fit, so that the rows are read one by one.
        let page = |rows: usize, rest: usize| {
            let row = format!(r#"{{"complaint_id":1.5e300{}}}"#, r#","a":0"#.repeat(63));
            decode(&format!(r#"{{"data":[{}0{}]}}"#, format!("{row},").repeat(rows), ",0".repeat(rest - 1)))
        };
        // A row counts as one value, and so does each of its 64 members.
        let (rows, rest) = (MAX_JSON_VALUES / 65, MAX_JSON_VALUES % 65);
        let most = page(rows, rest).unwrap();
        assert_eq!(most.unreadable.len(), rows + rest);
        let error = page(rows, rest + 1).unwrap_err();
        let told = "a complaint page: expected at most 65536 values in all of its lists and objects, ";
        assert!(error.to_string().starts_with(told), "{error}");
    }
}
