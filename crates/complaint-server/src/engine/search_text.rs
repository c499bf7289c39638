//! What a complaint is found by: the numbers of its orders, whole; and a text, these numbers and then
//! words. A decision, without I/O.

use protocol_core::Personal;
use protocol_core::allinpay::AlipayComplaint;
use protocol_core::complaint::{Complaint, NegotiationRecord, OperateType};

/// Numbers and text.
pub(super) type SearchText = (Vec<String>, Personal<String>);

/// Those of a complaint with its history: the payer's first words, then later ones.
pub(super) fn of_complaint(complaint: &Complaint, entries: &[NegotiationRecord]) -> SearchText {
    let orders = complaint.complaint_order_info.iter();
    let orders = orders
        .flat_map(|order| [&order.transaction_id, &order.out_trade_no, &order.wxa_out_trade_no, &order.wx_order_id]);
    let services = complaint.service_order_info.iter();
    let services = services.flat_map(|service| [&service.order_id, &service.out_order_no]);
    let words = [complaint.problem_description.as_deref(), exposed(&complaint.complaint_detail)];
    let later = entries.iter().filter(|entry| is_payers(entry)).map(|entry| exposed(&entry.operate_details));
    search_text(orders.chain(services).map(Option::as_deref), words.into_iter().chain(later))
}

fn is_payers(entry: &NegotiationRecord) -> bool {
    use OperateType as Type;

    matches!(
        entry.operate_type,
        Some(
            Type::UserCreateComplaint
                | Type::UserContinueComplaint
                | Type::UserResponse
                | Type::UserApplyPlatformHelp
                | Type::UserApplyPlatformService
        )
    )
}

/// Those of a Mini Program's complaint.
#[cfg(feature = "mini-program")]
pub(super) fn of_order(detail: &protocol_core::complaint::OrderDetail) -> SearchText {
    use protocol_core::complaint::OrderItemType as Type;

    let Some(complaint) = &detail.complaint_order else { return search_text([], []) };
    let order = [&complaint.order_id, &complaint.out_trade_no].map(Option::as_deref);
    let words = complaint.customer_material.as_ref().and_then(|material| exposed(&material.content));
    let is_payers = |kind: Type| matches!(kind, Type::UserMessage | Type::UserEvidence);
    let later = detail.item.iter().filter(|item| item.item_type.is_some_and(is_payers));
    let words = [complaint.product_name.as_deref(), words].into_iter();
    search_text(order, words.chain(later.map(|item| exposed(&item.content))))
}

/// Those of a complaint of Alipay's.
pub(super) fn of_alipay(complaint: &AlipayComplaint) -> SearchText {
    let trades = complaint.complaint_trade_info_list.iter();
    let trades = trades.flat_map(|trade| [trade.trade_no.as_deref(), trade.out_no.as_deref()]);
    let own = [Some(complaint.id.as_str()), complaint.trade_no.as_deref()];
    search_text(own.into_iter().chain(trades), [exposed(&complaint.complain_content)])
}

fn exposed(text: &Option<Personal<String>>) -> Option<&str> {
    text.as_ref().map(|text| text.expose().as_str())
}

/// The text has each once, in a line.
fn search_text<'a>(
    numbers: impl IntoIterator<Item = Option<&'a str>>,
    words: impl IntoIterator<Item = Option<&'a str>>,
) -> SearchText {
    let mut lines: Vec<&str> = Vec::new();
    let mut add = |text: &'a str| {
        if !text.is_empty() && !lines.contains(&text) {
            lines.push(text);
        }
    };
    let numbers: Vec<&str> = numbers.into_iter().flatten().collect();
    numbers.iter().copied().chain(words.into_iter().flatten()).for_each(&mut add);
    (numbers.into_iter().map(str::to_owned).collect(), Personal::new(lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use protocol_core::complaint::NegotiationHistory;

    use super::*;

    #[test]
    fn a_complaint_has_its_orders_numbers_and_its_payers_words() {
        let document = r#"{"complaint_id":"1","complaint_detail":"重复扣费","problem_description":"扣费",
            "complaint_order_info":[{"transaction_id":"42","out_trade_no":"W-1"},{"transaction_id":"42","wx_order_id":"V"}],
            "service_order_info":[{"order_id":"S","out_order_no":"T"}],"payer_phone":"13900001234","payer_openid":"o"}"#;
        let complaint = Complaint::decode(document.as_bytes()).unwrap().trust_anyway();
        let history = r#"{"data":[{"log_id":"1","operate_type":"USER_CREATE_COMPLAINT","operate_details":"重复扣费"},
            {"log_id":"2","operate_type":"MERCHANT_RESPONSE","operate_details":"抱歉"},
            {"log_id":"3","operate_type":"USER_RESPONSE","operate_details":"请退款"}],
            "offset":0,"limit":50,"total_count":3}"#;
        let entries = serde_json::from_str::<NegotiationHistory>(history).unwrap().data;
        let (numbers, text) = of_complaint(&complaint, &entries);
        assert_eq!(numbers, ["42", "W-1", "42", "V", "S", "T"]);
        assert_eq!(text.expose(), "42\nW-1\nV\nS\nT\n扣费\n重复扣费\n请退款");
    }

    #[cfg(feature = "mini-program")]
    #[test]
    fn a_mini_programs_complaint_has_its_product_too() {
        let detail = r#"{"complaintOrder":{"orderId":"payorder@_42","outTradeNo":"W-1","productName":"月卡",
            "phoneNumber":"13900001234","nickName":"n","customerMaterial":{"content":"没有发货"}},
            "item":[{"itemType":2,"content":"请退款"},{"itemType":3,"content":"抱歉"}]}"#;
        let detail = protocol_core::complaint::OrderDetail::decode(detail.as_bytes()).unwrap().trust_anyway();
        let (numbers, text) = of_order(&detail);
        assert_eq!(numbers, ["payorder@_42", "W-1"]);
        assert_eq!(text.expose(), "payorder@_42\nW-1\n月卡\n没有发货\n请退款");
    }

    #[test]
    fn a_complaint_of_alipays_has_its_own_number() {
        let complaint = r#"{"id":"2025031400000012345","task_id":"7","trade_no":"T","contact":"13900001234",
            "complain_content":"请退款","complaint_trade_info_list":[{"trade_no":"T","out_no":"W-1"}]}"#;
        let complaint = AlipayComplaint::decode(complaint.as_bytes()).unwrap().trust_anyway();
        let (numbers, text) = of_alipay(&complaint);
        assert_eq!(numbers, ["2025031400000012345", "T", "T", "W-1"]);
        assert_eq!(text.expose(), "2025031400000012345\nT\nW-1\n请退款");
    }
}
