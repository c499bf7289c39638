//! Alipay's risk complaints: one, and a page of the list.

use super::alipay_deadlines::china_time;
use crate::codec::Extra;
use crate::codec::json::{read_document, read_json, wire_object};
use crate::complaint::{Row, RowKind, Rows, UnreadableRow, by_rows, check_frame};
use crate::error::DecodeError;
use crate::open_enum::open_enum;
use crate::secret::Personal;
use crate::time::UnixTime;
use crate::trust::Unverified;

wire_object! {
    /// A page of the list.
    pub struct AlipayComplaintList {
        /// Alipay's code: `10000`, if any. Another one is a failure.
        code: Option<String>,
        /// Alipay's words.
        msg: Option<Personal<String>>,
        /// The total number of complaints.
        total_size: Option<i64>,
        /// This page's number.
        current_page: Option<i64>,
        /// Complaints per page.
        page_size: Option<i64>,
        /// The complaints.
        complaint_list: Vec<AlipayComplaint>,
    }
    and {
        /// Complaints on the page that cannot be read. They are not written back.
        unreadable: Vec<UnreadableRow>,
    }
}

impl AlipayComplaintList {
    pub(super) fn read(json: &[u8]) -> Result<Self, DecodeError> {
        let list = Self::read_rows(json)?;
        let is_counted = [list.total_size, list.current_page, list.page_size].iter().any(Option::is_some);
        let has_rows = !list.complaint_list.is_empty() || !list.unreadable.is_empty();
        if !has_rows && !is_counted && list.code.as_deref() != Some(SUCCESS) {
            check_frame(LIST, json, "complaint_list")?;
        }
        Ok(list)
    }

    /// The list for missing `records`.
    pub(super) fn empty() -> Self {
        Self {
            code: None,
            msg: None,
            total_size: None,
            current_page: None,
            page_size: None,
            complaint_list: Vec::new(),
            extra: Extra::default(),
            unreadable: Vec::new(),
        }
    }

    fn read_rows(json: &[u8]) -> Result<Self, DecodeError> {
        let error = match read_json(LIST, json) {
            Ok(list) => return Ok(list),
            Err(error) => error,
        };
        let (list, Rows { read, unreadable }) = by_rows::<BareList, _>(LIST, json, "complaint_list", error)?;
        let BareList { code, msg, total_size, current_page, page_size, mut extra } = list;
        extra.forget(|name| name == "complaint_list");
        Ok(Self { code, msg, total_size, current_page, page_size, complaint_list: read, extra, unreadable })
    }
}

wire_object! {
    /// A page without its rows: `complaint_list` is among the unknown members.
    struct BareList {
        code: Option<String> as decisive,
        msg: Option<Personal<String>>,
        total_size: Option<i64> as decisive,
        current_page: Option<i64> as decisive,
        page_size: Option<i64> as decisive,
    }
}

wire_object! {
    /// A complaint.
    pub struct AlipayComplaint {
        /// The complaint's number: many digits, never a floating-point number.
        id: String,
        /// The complaint's task.
        task_id: Option<String>,
        /// The accused merchant's id at Alipay (Alipay's SDK, `AlipaySecurityRiskComplaintInfoQuery`);
        /// not the complainant's.
        opposite_pid: Option<String>,
        /// The accused merchant's name.
        opposite_name: Option<String>,
        /// The amount in yuan, as text.
        complain_amount: Option<String> as asked,
        /// The complainant's contact.
        contact: Option<Personal<String>>,
        /// The same under the documentation's misspelled name.
        contactl: Option<Personal<String>>,
        /// Time of filing, `yyyy-MM-dd HH:mm:ss` in China; so are all times here.
        gmt_complain: Option<String> as asked,
        /// Time of processing.
        gmt_process: Option<String> as asked,
        /// The deadline: the complaint is overdue from this time on.
        gmt_overdue: Option<String> as asked,
        /// The complainant's words.
        complain_content: Option<Personal<String>>,
        /// The trade.
        trade_no: Option<String>,
        /// The complaint's state.
        status: Option<AlipayComplaintStatus> as asked,
        /// The same in words.
        status_description: Option<String>,
        /// The handling.
        process_code: Option<AlipayProcessCode> as asked,
        /// The same in words.
        process_message: Option<String>,
        /// A note on the handling.
        process_remark: Option<Personal<String>>,
        /// Pictures of the handling.
        process_img_url_list: Vec<Personal<String>>,
        /// Time when the complaint was pushed to the merchant, whatever the name says.
        gmt_risk_finish_time: Option<String>,
        /// The complaint's origin.
        complain_url: Option<Personal<String>>,
        /// Pictures of evidence; only for merchants that Alipay let in.
        certify_info: Vec<Personal<String>>,
        /// The trades complained about.
        complaint_trade_info_list: Vec<AlipayTrade> as asked,
        /// The merchant that it is against, as an agent's list of WeChat's complaints names it. Not
        /// confirmed for Alipay's.
        merchant_no = "merchantNo": Option<String>,
    }
}

impl Row for AlipayComplaint {
    const KIND: RowKind = RowKind::Complaint;
    const ID: &'static str = "id";
}

impl AlipayComplaint {
    /// The complainant's contact, under either name of the wire.
    #[must_use]
    pub const fn contact(&self) -> Option<&Personal<String>> {
        match &self.contact {
            Some(contact) => Some(contact),
            None => self.contactl.as_ref(),
        }
    }

    /// Decodes a complaint's document that was kept. Nothing vouches for it.
    ///
    /// # Errors
    /// [`DecodeError`] for anything but a complaint.
    pub fn decode(document: &[u8]) -> Result<Unverified<Self>, DecodeError> {
        read_document("an Alipay complaint", document).map(Unverified::new)
    }

    /// The time of filing; `None` if there is none, or none that can be read.
    #[must_use]
    pub fn filed(&self) -> Option<UnixTime> {
        self.gmt_complain.as_deref().and_then(china_time)
    }

    /// The time of processing; `None` if there is none, or none that can be read.
    #[must_use]
    pub fn processed(&self) -> Option<UnixTime> {
        self.gmt_process.as_deref().and_then(china_time)
    }

    /// The amount in fen; `None` if there is none, or none that can be read.
    ///
    /// ```
    /// use protocol_core::allinpay::AlipayComplaint;
    ///
    /// let complaint = AlipayComplaint::decode(br#"{"id":"1","complain_amount":"12.5"}"#)?;
    /// assert_eq!(complaint.peek().fen(), Some(1250));
    /// # Ok::<(), protocol_core::DecodeError>(())
    /// ```
    #[must_use]
    pub fn fen(&self) -> Option<i64> {
        fen(self.complain_amount.as_deref()?)
    }
}

/// An amount in yuan as text, with two decimals at most.
fn fen(yuan: &str) -> Option<i64> {
    let (whole, part) = yuan.split_once('.').unwrap_or((yuan, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(part) || part.len() > 2 {
        return None;
    }
    let tens = if part.len() == 1 { 10 } else { 1 };
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part.parse::<i64>().ok()? * tens)
}

wire_object! {
    /// A trade complained about.
    pub struct AlipayTrade {
        /// The trade's number in this list.
        id: Option<String>,
        /// The complaint's record.
        complaint_record_id: Option<String>,
        /// Alipay's number of the trade.
        trade_no: Option<String>,
        /// The merchant's number of the trade.
        out_no: Option<String>,
        /// Time of the trade.
        gmt_trade: Option<String>,
        /// Time of the refund.
        gmt_refund: Option<String> as asked,
        /// The trade's state.
        status: Option<AlipayComplaintStatus> as asked,
        /// The same in words.
        status_description: Option<String>,
        /// The amount in yuan, as text.
        amount: Option<String> as asked,
    }
}

open_enum! {
    /// A complaint's state.
    pub enum AlipayComplaintStatus {
        /// Waits to be processed.
        WaitProcess = "WAIT_PROCESS",
        /// Being processed.
        Processing = "PROCESSING",
        /// Processed.
        Processed = "PROCESSED",
        /// Overdue.
        Overdue = "OVERDUE",
        /// Overdue, then processed.
        OverdueProcessed = "OVERDUE_PROCESSED",
        /// Partly overdue.
        PartOverdue = "PART_OVERDUE",
        /// Withdrawn.
        DropComplain = "DROP_COMPLAIN",
        /// Overdue, then withdrawn.
        DropOverdueComplain = "DROP_OVERDUE_COMPLAIN",
        /// Processed, then withdrawn.
        DropProcessed = "DROP_PROCESSED",
        /// Overdue and processed, then withdrawn.
        DropOverdueProcessed = "DROP_OVERDUE_PROCESSED",
    }
}

open_enum! {
    /// The handling of a complaint.
    pub enum AlipayProcessCode {
        /// Refunded.
        Refund = "REFUND",
        /// Agreed with the customer.
        ConsensusWithClient = "CONSENSUS_WITH_CLIENT",
        /// Corrected, without a refund.
        RectificationNoRefund = "RECTIFICATION_NO_REFUND",
        /// Proof submitted; the customer could not be reached.
        SubmitProofNotContacted = "SUBMIT_PROOF_NOT_CONTACTED",
        /// Something else (misspelled on the wire).
        Other = "ORTHER",
    }
}

/// Alipay's code of success.
const SUCCESS: &str = "10000";

/// The name of the list in errors.
const LIST: &str = "an Alipay complaint list";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_two_decimals_at_most() {
        for (yuan, counted) in [("0.01", Some(1)), ("12", Some(1200)), ("12.5", Some(1250)), ("12.34", Some(1234))] {
            assert_eq!(fen(yuan), counted, "{yuan}");
        }
        for yuan in ["", ".5", "1.", "1.234", "-1", "+1", "1,000", "1e3", "92233720368547758.08"] {
            assert_eq!(fen(yuan), None, "{yuan}");
        }
        assert_eq!(fen("92233720368547758.07"), Some(i64::MAX));
    }
}
