//! The penalties of a Mini Program: the only list that names complaints, those that were decided
//! against the merchant.

use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::operation::{Operation, Response};
use super::response_error::ResponseError;
use crate::call::{Page, Paged};
use crate::codec::json::{read_json, wire_object};
use crate::complaint::{Row, RowKind, Rows, Timestamp, UnreadableRow, by_rows};
use crate::error::DecodeError;
use crate::operation::{Idempotency, OperationInfo};
use crate::rate::RateGroup;
use crate::request::{BuildError, Method, RequestParts, Stamp};
use crate::secret::Personal;
use crate::time::UnixTime;
use crate::trust::Unverified;

/// Requests a page of the penalties: `GET /wxaapi/wxamptrade/get_penalty_list`.
///
/// The list names the complaints that were decided against the merchant. It can show, late, a
/// complaint whose push did not arrive. For a third-party platform it is in permission set 151.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("违规", "扣分", "get_penalty_list"))]
pub struct GetPenaltyList {
    /// The first row, from 0.
    pub offset: u32,
    /// Rows, 1 to [`MAX_PENALTIES`].
    pub limit: u32,
}

impl GetPenaltyList {
    /// Requests a whole page from this row on.
    #[must_use]
    pub const fn new(offset: u32) -> Self {
        Self { offset, limit: MAX_PENALTIES }
    }
}

impl OperationInfo for GetPenaltyList {
    /// TLS and the host vouch for it, nothing else.
    type Response = Unverified<PenaltyList>;

    const NAME: &'static str = "get_penalty_list";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const RATE: RateGroup = RateGroup::List;
}

impl Operation for GetPenaltyList {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        if !(1..=MAX_PENALTIES).contains(&self.limit) {
            return Err(BuildError::Field { field: "limit", expected: "1 to 100" });
        }
        let Self { offset, limit } = self;
        let target = format!("/wxaapi/wxamptrade/get_penalty_list?offset={offset}&limit={limit}");
        Ok(RequestParts::without_body(Method::Get, target))
    }

    fn receive(&self, response: Response<'_>) -> Result<Unverified<PenaltyList>, ResponseError> {
        response.done()?;
        Ok(Unverified::new(PenaltyList::read(response.body)?))
    }
}

impl Paged for GetPenaltyList {
    type Response = Unverified<PenaltyList>;
    type Row = Penalty;

    fn at(&self, _: u32, rows_before: u32) -> Self {
        Self { offset: rows_before, ..*self }
    }

    fn page_size(&self) -> u32 {
        self.limit
    }

    fn start(&self) -> u32 {
        self.offset
    }

    fn page(response: Unverified<PenaltyList>) -> Page<Penalty> {
        let PenaltyList { appeal_list, unreadable, total_num, .. } = response.trust_anyway();
        Page { rows: appeal_list, unreadable, total: Some(total_num), size: None }
    }

    /// The penalty's number, or without one its complaint's.
    fn id(row: &Penalty) -> &str {
        row.illegal_order_id.as_deref().or(row.complaint_order_id.as_deref()).unwrap_or_default()
    }
}

wire_object! {
    /// A page of the penalties.
    pub struct PenaltyList {
        /// 0 for success.
        errcode: Option<i64> as decisive,
        /// `errcode` in words.
        errmsg: Option<Personal<String>>,
        /// The score that is left.
        current_score = "currentScore": Option<i64>,
        /// The total number of penalties. A document without it is no page.
        total_num = "totalNum": i64 as decisive,
        /// The penalties.
        appeal_list = "appealList": Vec<Penalty> as asked,
    }
    and {
        /// Penalties on the page that cannot be read. They are not written back.
        unreadable: Vec<UnreadableRow>,
    }
}

impl PenaltyList {
    fn read(json: &[u8]) -> Result<Self, DecodeError> {
        const DOCUMENT: &str = "a penalty list";
        let error = match read_json(DOCUMENT, json) {
            Ok(list) => return Ok(list),
            Err(error) => error,
        };
        let (frame, Rows { read, unreadable }) = by_rows::<Frame, _>(DOCUMENT, json, "appealList", error)?;
        let Frame { errcode, errmsg, current_score, total_num, mut extra } = frame;
        extra.forget(|name| name == "appealList");
        Ok(Self { errcode, errmsg, current_score, total_num, appeal_list: read, extra, unreadable })
    }
}

wire_object! {
    /// A page without its rows: `appealList` is among the unknown members.
    struct Frame {
        errcode: Option<i64> as decisive,
        errmsg: Option<Personal<String>>,
        current_score = "currentScore": Option<i64>,
        total_num = "totalNum": i64 as decisive,
    }
}

wire_object! {
    /// A penalty.
    pub struct Penalty {
        /// The penalty's number.
        illegal_order_id = "illegalOrderId": Option<String> as asked,
        /// The number of the complaint that led to it.
        complaint_order_id = "complaintOrderId": Option<String> as asked,
        /// The penalty in words.
        illegal_wording = "illegalWording": Option<Personal<String>>,
        /// Its state: 2, 4, 5 or 6 in the documentation, whose meaning is not in our sources.
        status: Option<i64> as asked,
        /// The points taken.
        minus_score = "minusScore": Option<i64>,
        /// The order's number.
        order_id = "orderId": Option<String>,
        /// Time of the penalty. The form is not confirmed, so it is kept as text.
        illegal_time = "illegalTime": Option<Timestamp>,
        /// Time of its last change, alike.
        update_time = "updateTime": Option<Timestamp>,
    }
}

impl Penalty {
    /// The time of its last change, or of the penalty itself; `None` if neither can be read. Unix
    /// seconds or milliseconds, RFC 3339, and a date with a time in China are read: the form is not
    /// confirmed.
    #[must_use]
    pub fn changed(&self) -> Option<UnixTime> {
        [&self.update_time, &self.illegal_time].into_iter().flatten().find_map(any_time)
    }
}

fn any_time(time: &Timestamp) -> Option<UnixTime> {
    let in_china = || {
        let time: DateTime = time.as_str().parse().ok()?;
        Some(UnixTime(Offset::constant(8).to_timestamp(time).ok()?.as_second()))
    };
    match time.as_str().parse::<i64>() {
        Ok(seconds) if seconds < FIRST_OF_MILLISECONDS => Some(UnixTime(seconds)),
        Ok(milliseconds) => Some(UnixTime(milliseconds.div_euclid(1000))),
        Err(_) => time.to_unix().or_else(in_china),
    }
}

/// As seconds, this is in the year 5138; as milliseconds, in 1973.
const FIRST_OF_MILLISECONDS: i64 = 100_000_000_000;

impl Row for Penalty {
    const KIND: RowKind = RowKind::Penalty;
    const ID: &'static str = "complaintOrderId";
}

/// Most penalties of a page.
pub const MAX_PENALTIES: u32 = 100;
