//! The documents of the inbox, and the columns that they fill.

use complaint_inbox::ComplaintKey;
use protocol_core::allinpay::AlipayComplaint;
use protocol_core::complaint::{Complaint, OrderDetail};

use crate::view::order_words::kind;
use crate::view::phone::Phones;
use crate::view::rows::{DOCUMENT_COLUMNS, Value, of_complaint};

/// A document. The server verified it, and has the file alone.
pub(super) enum Document {
    Complaint(Complaint),
    /// Of the Mini Program.
    Order(OrderDetail),
    /// Of Alipay's, through Allinpay.
    Alipay(AlipayComplaint),
}

impl Document {
    /// `None` if it cannot be read: another version kept it.
    pub(super) fn read(key: &ComplaintKey, document: &str) -> Option<Self> {
        Some(match key.channel.as_str() {
            "mini-program" => Self::Order(OrderDetail::decode(document.as_bytes()).ok()?.trust_anyway()),
            "allinpay-alipay" => Self::Alipay(AlipayComplaint::decode(document.as_bytes()).ok()?.trust_anyway()),
            _ => Self::Complaint(Complaint::decode(document.as_bytes()).ok()?.trust_anyway()),
        })
    }

    /// The values of [`DOCUMENT_COLUMNS`].
    pub(super) fn values(&self, phones: Phones) -> Vec<Value> {
        match self {
            Self::Complaint(complaint) => of_complaint(complaint, phones),
            Self::Order(detail) => of_order(detail, phones),
            Self::Alipay(complaint) => of_alipay(complaint, phones),
        }
    }
}

fn of_order(detail: &OrderDetail, phones: Phones) -> Vec<Value> {
    let Some(complaint) = &detail.complaint_order else { return no_values() };
    let words = complaint.customer_material.as_ref().and_then(|material| material.content.as_ref());
    vec![
        Value::None,
        Value::ids([&complaint.order_id]),
        Value::ids([&complaint.out_trade_no]),
        Value::Ids(Vec::new()),
        Value::Ids(Vec::new()),
        Value::Ids(Vec::new()),
        Value::Ids(Vec::new()),
        complaint.kind.map_or(Value::None, |subject| Value::Text(kind(subject))),
        Value::None,
        Value::phone(complaint.phone_number.as_ref().map(|phone| phone.expose().as_str()), phones),
        Value::None,
        Value::text(words.map(|words| words.expose().as_str())),
    ]
}

/// The number of the trade is Alipay's, where WeChat's complaints have WeChat's.
fn of_alipay(complaint: &AlipayComplaint, phones: Phones) -> Vec<Value> {
    let trades = &complaint.complaint_trade_info_list;
    let numbers = if trades.is_empty() {
        Value::ids([&complaint.trade_no])
    } else {
        Value::ids(trades.iter().map(|trade| &trade.trade_no))
    };
    vec![
        Value::None,
        numbers,
        Value::ids(trades.iter().map(|trade| &trade.out_no)),
        Value::Ids(Vec::new()),
        Value::Ids(Vec::new()),
        Value::Ids(Vec::new()),
        Value::Ids(Vec::new()),
        Value::None,
        Value::None,
        Value::phone(complaint.contact().map(|contact| contact.expose().as_str()), phones),
        Value::None,
        Value::text(complaint.complain_content.as_ref().map(|words| words.expose().as_str())),
    ]
}

/// The values of [`DOCUMENT_COLUMNS`] without a document.
pub(super) fn no_values() -> Vec<Value> {
    DOCUMENT_COLUMNS.iter().map(|_| Value::None).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::rows::line;
    use complaint_texts::csv::Dialect;

    #[test]
    fn a_mini_programs_complaint_has_the_same_columns() {
        let key = ComplaintKey::new("mini-program", "wx0000000000000001", "1");
        let values = |document: &str| Document::read(&key, document).unwrap().values(Phones::Masked);
        let detail = values(
            r#"{"complaintOrder":{"complaintOrderId":"1","type":641,"orderId":"4200","outTradeNo":"20190906",
            "phoneNumber":"13900001234","customerMaterial":{"content":"收到的商品与描述不符"}}}"#,
        );
        let expected = ",`4200,`20190906,,,,,\"641, not as described\",,`139****1234,,收到的商品与描述不符\r\n";
        assert_eq!(line(Dialect::Excel, &detail), expected);
        let none = values("{}");
        assert_eq!(
            (none.len(), line(Dialect::Excel, &none)),
            (DOCUMENT_COLUMNS.len(), format!("{}\r\n", ",".repeat(11)))
        );
        assert!(Document::read(&key, "[]").is_none());
    }

    #[test]
    fn a_complaint_of_alipays_has_the_same_columns() {
        let key = ComplaintKey::new("allinpay-alipay", "990581007426001", "7");
        let values = |document: &str| Document::read(&key, document).unwrap().values(Phones::Masked);
        let complaint = values(
            r#"{"id":"2025","task_id":"7","complain_amount":"12.50","contactl":"13900001234","trade_no":"4100",
            "complain_content":"没有收到商品","complaint_trade_info_list":[{"trade_no":"4200","out_no":"20190906"}]}"#,
        );
        let expected = ",`4200,`20190906,,,,,,,`139****1234,,没有收到商品\r\n";
        assert_eq!(line(Dialect::Excel, &complaint), expected);
        let one = values(r#"{"id":"2025","trade_no":"4100"}"#);
        assert_eq!(line(Dialect::Excel, &one), format!(",`4100{}\r\n", ",".repeat(10)));
        assert!(Document::read(&key, "{}").is_none());
    }
}
