//! Complaints as rows of one table, for spreadsheets and programs.

use protocol_core::UnixTime;
use protocol_core::complaint::{Complaint, Deadline, Deadlines, Fen, Timestamp};
use serde::{Serialize, Serializer};

use crate::language::say;
use crate::view::columns::Column;
use crate::view::due;
use crate::view::output::visible;
use crate::view::phone::Phones;
use crate::view::table::{Cell, Fit};
use crate::view::tone::Tone;
use crate::view::words::{china_time, time_cell, word, yuan};
use complaint_texts::csv::{Dialect, Field};

/// A line of CSV.
pub(crate) fn line<'v>(dialect: Dialect, values: impl IntoIterator<Item = &'v Value>) -> String {
    dialect.line(values.into_iter().map(|value| value.field(dialect)))
}

/// What every list knows of a complaint.
#[derive(Debug)]
pub(crate) struct Case<'c> {
    pub(crate) channel: &'c str,
    pub(crate) merchant: Option<&'c str>,
    pub(crate) id: &'c str,
    pub(crate) state: Option<&'c str>,
    pub(crate) is_open: bool,
    pub(crate) filed: Option<UnixTime>,
    pub(crate) deadlines: Option<Deadlines>,
    /// In fen.
    pub(crate) amount: Option<i64>,
}

impl Case<'_> {
    pub(crate) const COLUMNS: &'static [Column] = &[
        Column::for_people("due", Fit::Whole),
        Column::text("channel", Fit::Whole),
        Column::text("merchant", Fit::Id),
        Column::text("id", Fit::Id),
        Column::text("state", Fit::Spare(5)),
        Column::text("is_open", Fit::Whole),
        Column::china("filed", Fit::Spare(6)),
        Column::china("reply_due", Fit::Whole),
        Column::china("finish_due", Fit::Whole),
        Column::text("deadline", Fit::Whole),
        Column::yuan("amount", Fit::Spare(3)),
    ];

    /// The values of the columns.
    pub(crate) fn values(&self, now: UnixTime) -> Vec<Value> {
        let due = |of: fn(&Deadlines) -> Deadline| Value::time(self.deadlines.as_ref().and_then(|all| of(all).at()));
        let status = self.deadlines.map_or("unknown", |deadlines| deadlines.status(now).as_str());
        vec![
            Value::Due(self.due(now)),
            Value::word("channel", Some(self.channel)),
            Value::id(self.merchant),
            Value::id(Some(self.id)),
            Value::word("state", self.state),
            Value::Flag(self.is_open),
            Value::time(self.filed),
            due(|deadlines| deadlines.reply),
            due(|deadlines| deadlines.finish),
            Value::word("deadline", Some(if self.is_open { status } else { "met" })),
            self.amount.map_or(Value::None, Value::Fen),
        ]
    }

    /// The urgency of the deadline to look at first.
    pub(crate) fn tone(&self, now: UnixTime) -> Tone {
        self.deadlines.filter(|_| self.is_open).map_or(Tone::Plain, |deadlines| due::tone(deadlines.status(now)))
    }

    fn due(&self, now: UnixTime) -> Cell {
        match self.deadlines {
            _ if !self.is_open => Cell::new(""),
            Some(deadlines) => due::cell(&deadlines, now),
            None => Cell::new(word("deadline", "unknown")),
        }
    }
}

/// The columns that need the document.
pub(crate) const DOCUMENT_COLUMNS: &[Column] = &[
    Column::yuan("apply_refund_amount", Fit::Whole),
    Column::text("transaction_id", Fit::Id),
    Column::text("out_trade_no", Fit::Id),
    Column::text("wxa_out_trade_no", Fit::Id),
    Column::text("wx_order_id", Fit::Id),
    Column::text("service_order_id", Fit::Id),
    Column::text("out_order_no", Fit::Id),
    Column::text("problem_type", Fit::Whole),
    Column::count("user_complaint_times", Fit::Spare(7)),
    Column::text("payer_phone", Fit::Whole),
    Column::text("problem_description", Fit::Text),
    Column::text("complaint_detail", Fit::Text),
];

/// The values of [`DOCUMENT_COLUMNS`].
pub(crate) fn of_complaint(complaint: &Complaint, phones: Phones) -> Vec<Value> {
    let (orders, services) = (&complaint.complaint_order_info, &complaint.service_order_info);
    let phone = complaint.payer_phone.as_ref().map(|phone| phone.as_wire());
    vec![
        complaint.apply_refund_amount.map_or(Value::None, |fen| Value::Fen(fen.0)),
        Value::ids(orders.iter().map(|order| &order.transaction_id)),
        Value::ids(orders.iter().map(|order| &order.out_trade_no)),
        Value::ids(orders.iter().map(|order| &order.wxa_out_trade_no)),
        Value::ids(orders.iter().map(|order| &order.wx_order_id)),
        Value::ids(services.iter().map(|order| &order.order_id)),
        Value::ids(services.iter().map(|order| &order.out_order_no)),
        Value::word("problem", complaint.problem_type.as_ref().map(|kind| kind.as_str())),
        complaint.user_complaint_times.map_or(Value::None, Value::Count),
        Value::phone(phone, phones),
        Value::text(complaint.problem_description.as_deref()),
        Value::text(complaint.complaint_detail.as_ref().map(|words| words.expose().as_str())),
    ]
}

/// A value of a row.
#[derive(Debug)]
pub(crate) enum Value {
    None,
    Text(String),
    /// A word of the wire, of a family of texts.
    Word(&'static str, String),
    /// A number that is never calculated with.
    Id(String),
    Ids(Vec<String>),
    Fen(i64),
    Count(i64),
    Time(UnixTime),
    Flag(bool),
    /// For people alone.
    Due(Cell),
}

impl Value {
    pub(crate) fn text(text: Option<&str>) -> Self {
        text.map_or(Self::None, |text| Self::Text(text.to_owned()))
    }

    fn word(family: &'static str, word: Option<&str>) -> Self {
        word.map_or(Self::None, |word| Self::Word(family, word.to_owned()))
    }

    fn id(id: Option<&str>) -> Self {
        id.map_or(Self::None, |id| Self::Id(id.to_owned()))
    }

    pub(crate) fn ids<'c>(ids: impl IntoIterator<Item = &'c Option<String>>) -> Self {
        Self::Ids(ids.into_iter().flatten().filter(|id| !id.is_empty()).cloned().collect())
    }

    fn time(time: Option<UnixTime>) -> Self {
        time.map_or(Self::None, Self::Time)
    }

    pub(crate) fn phone(phone: Option<&str>, phones: Phones) -> Self {
        let Some(shown) = phone.filter(|phone| !phone.is_empty()).map(|phone| phones.show(phone)) else {
            return Self::None;
        };
        // Words tell why there is no number.
        let is_number = shown.bytes().any(|byte| byte.is_ascii_digit());
        if is_number { Self::Id(shown) } else { Self::Text(shown) }
    }

    /// In a spreadsheet, amounts and times have the unit of their column.
    fn field(&self, dialect: Dialect) -> Field<'_> {
        match (self, dialect) {
            (Self::None, _) => Field::Plain(String::new()),
            (Self::Text(text) | Self::Word(_, text), _) => Field::Text(text),
            (Self::Id(id), _) => Field::Ids(std::slice::from_ref(id)),
            (Self::Ids(ids), _) => Field::Ids(ids),
            (Self::Fen(fen), Dialect::Excel) => Field::Plain(yuan(Fen(*fen))),
            (Self::Fen(number) | Self::Count(number), _) => Field::Plain(number.to_string()),
            (Self::Time(time), Dialect::Excel) => Field::Plain(china_time(&Timestamp::from(*time))),
            (Self::Time(time), Dialect::Exact) => Field::Plain(Timestamp::from(*time).to_string()),
            (Self::Flag(flag), _) => Field::Plain(flag.to_string()),
            (Self::Due(_), _) => Field::Plain(String::new()),
        }
    }

    /// For a table.
    pub(crate) fn cell(&self) -> Cell {
        match self {
            Self::None => Cell::new(""),
            Self::Text(text) | Self::Id(text) => Cell::new(visible(text)),
            Self::Word(family, text) => Cell::new(word(family, text)),
            Self::Ids(ids) => Cell::new(visible(&ids.join(" "))),
            Self::Fen(fen) => Cell::new(yuan(Fen(*fen))),
            Self::Count(count) => Cell::new(count.to_string()),
            Self::Time(time) => time_cell(*time),
            Self::Flag(flag) => Cell::new(say(if *flag { "flag-yes" } else { "flag-no" })),
            Self::Due(cell) => cell.clone(),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Text(text) | Self::Word(_, text) | Self::Id(text) => serializer.serialize_str(text),
            Self::Ids(ids) => ids.serialize(serializer),
            Self::Fen(number) | Self::Count(number) => serializer.serialize_i64(*number),
            Self::Time(time) => Timestamp::from(*time).serialize(serializer),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Due(_) => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::columns::Columns;
    use crate::view::screen::Form;

    const FILED: UnixTime = UnixTime(1_741_936_166);

    /// The head and the row.
    fn row(form: Form, document: &str) -> (String, String) {
        let complaint = Complaint::decode(document.as_bytes()).unwrap().trust_anyway();
        let case = Case {
            channel: "wechat-pay",
            merchant: Some("1900000001"),
            id: &complaint.complaint_id,
            state: complaint.complaint_state.as_ref().map(|state| state.as_str()),
            is_open: true,
            filed: complaint.complaint_time.as_ref().and_then(|time| time.to_unix()),
            deadlines: Some(complaint.deadlines()),
            amount: Some(1205),
        };
        let mut values = case.values(FILED);
        values.extend(of_complaint(&complaint, Phones::Masked));
        let columns = Columns::choose(form, &[Case::COLUMNS, DOCUMENT_COLUMNS], None, &[]).unwrap();
        (columns.head(), columns.line(&values).unwrap())
    }

    const DOCUMENT: &str = r#"{"complaint_id":"200201820200101080076610000","complaint_time":"2025-03-14T15:09:26+08:00",
        "complaint_state":"PENDING","user_complaint_times":1,"apply_refund_amount":3,"problem_type":"REFUND",
        "complaint_order_info":[{"transaction_id":"4200000404201909069117582536","out_trade_no":"20190906154617947762231","amount":3},
          {"transaction_id":"4200000404201909069117582537"}],
        "payer_phone":"13900001234","problem_description":"重复扣费","complaint_detail":"=cmd|' /C calc'!A0\n请退款"}"#;

    #[test]
    fn a_spreadsheet_gets_yuan_china_time_and_every_digit() {
        let (head, line) = row(Form::Excel, DOCUMENT);
        let expected = "\u{feff}channel,merchant,id,state,is_open,filed (China),reply_due (China),finish_due (China),\
            deadline,amount (yuan),apply_refund_amount (yuan),transaction_id,out_trade_no,wxa_out_trade_no,wx_order_id,\
            service_order_id,out_order_no,problem_type,user_complaint_times,payer_phone,problem_description,\
            complaint_detail\r\n";
        assert_eq!(head, expected);
        let expected = "wechat-pay,`1900000001,`200201820200101080076610000,PENDING,true,2025-03-14 15:09:26,\
            2025-03-15 15:09:26,2025-03-17 15:09:26,open,12.05,0.03,\
            `4200000404201909069117582536 `4200000404201909069117582537,`20190906154617947762231,,,,,REFUND,1,\
            `139****1234,重复扣费,\"'=cmd|' /C calc'!A0\n请退款\"\r\n";
        assert_eq!(line, expected);
    }

    #[test]
    fn a_program_gets_fen_utc_and_exact_text() {
        let (head, line) = row(Form::Csv, DOCUMENT);
        assert!(head.starts_with("channel,merchant,id,state,is_open,filed,reply_due,finish_due,"));
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        let record = reader.records().next().unwrap().unwrap();
        let expected = [
            "wechat-pay",
            "1900000001",
            "200201820200101080076610000",
            "PENDING",
            "true",
            "2025-03-14T07:09:26Z",
            "2025-03-15T07:09:26Z",
            "2025-03-17T07:09:26Z",
            "open",
            "1205",
            "3",
            "4200000404201909069117582536 4200000404201909069117582537",
            "20190906154617947762231",
            "",
            "",
            "",
            "",
            "REFUND",
            "1",
            "139****1234",
            "重复扣费",
            "=cmd|' /C calc'!A0\n请退款",
        ];
        assert_eq!(record.iter().collect::<Vec<_>>(), expected);
    }
}
