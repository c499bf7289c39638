//! The text by which a complaint is found: the numbers of its orders, then words. A decision, without
//! I/O.

use protocol_core::Personal;
use protocol_core::allinpay::AlipayComplaint;
use protocol_core::complaint::{Complaint, NegotiationRecord, OperateType};

/// The text of a complaint with its history: numbers, the payer's first words, then later ones.
pub(super) fn of_complaint(complaint: &Complaint, entries: &[NegotiationRecord]) -> Personal<String> {
    let orders = complaint.complaint_order_info.iter();
    let orders = orders
        .flat_map(|order| [&order.transaction_id, &order.out_trade_no, &order.wxa_out_trade_no, &order.wx_order_id]);
    let services = complaint.service_order_info.iter();
    let services = services.flat_map(|service| [&service.order_id, &service.out_order_no]);
    let words = [complaint.problem_description.as_deref(), exposed(&complaint.complaint_detail)];
    let later = entries.iter().filter(|entry| is_payers(entry)).map(|entry| exposed(&entry.operate_details));
    lines(orders.chain(services).map(Option::as_deref).chain(words).chain(later))
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

/// The text of a Mini Program's complaint.
#[cfg(feature = "mini-program")]
pub(super) fn of_order(detail: &protocol_core::complaint::OrderDetail) -> Personal<String> {
    use protocol_core::complaint::OrderItemType as Type;

    let Some(complaint) = &detail.complaint_order else { return lines([]) };
    let order = [&complaint.order_id, &complaint.out_trade_no, &complaint.product_name].map(Option::as_deref);
    let words = complaint.customer_material.as_ref().and_then(|material| exposed(&material.content));
    let is_payers = |kind: Type| matches!(kind, Type::UserMessage | Type::UserEvidence);
    let later = detail.item.iter().filter(|item| item.item_type.is_some_and(is_payers));
    lines(order.into_iter().chain([words]).chain(later.map(|item| exposed(&item.content))))
}

/// The text of a complaint of Alipay's.
pub(super) fn of_alipay(complaint: &AlipayComplaint) -> Personal<String> {
    let trades = complaint.complaint_trade_info_list.iter();
    let trades = trades.flat_map(|trade| [trade.trade_no.as_deref(), trade.out_no.as_deref()]);
    let own = [Some(complaint.id.as_str()), complaint.trade_no.as_deref()];
    lines(own.into_iter().chain(trades).chain([exposed(&complaint.complain_content)]))
}

fn exposed(text: &Option<Personal<String>>) -> Option<&str> {
    text.as_ref().map(|text| text.expose().as_str())
}

/// Each once, in a line.
fn lines<'a>(texts: impl IntoIterator<Item = Option<&'a str>>) -> Personal<String> {
    let mut lines: Vec<&str> = Vec::new();
    for text in texts.into_iter().flatten() {
        if !text.is_empty() && !lines.contains(&text) {
            lines.push(text);
        }
    }
    Personal::new(lines.join("\n"))
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
        assert_eq!(of_complaint(&complaint, &entries).expose(), "42\nW-1\nV\nS\nT\n扣费\n重复扣费\n请退款");
    }

    #[cfg(feature = "mini-program")]
    #[test]
    fn a_mini_programs_complaint_has_its_product_too() {
        let detail = r#"{"complaintOrder":{"orderId":"payorder@_42","outTradeNo":"W-1","productName":"月卡",
            "phoneNumber":"13900001234","nickName":"n","customerMaterial":{"content":"没有发货"}},
            "item":[{"itemType":2,"content":"请退款"},{"itemType":3,"content":"抱歉"}]}"#;
        let detail = protocol_core::complaint::OrderDetail::decode(detail.as_bytes()).unwrap().trust_anyway();
        assert_eq!(of_order(&detail).expose(), "payorder@_42\nW-1\n月卡\n没有发货\n请退款");
    }

    #[test]
    fn a_complaint_of_alipays_has_its_own_number() {
        let complaint = r#"{"id":"2025031400000012345","task_id":"7","trade_no":"T","contact":"13900001234",
            "complain_content":"请退款","complaint_trade_info_list":[{"trade_no":"T","out_no":"W-1"}]}"#;
        let complaint = AlipayComplaint::decode(complaint.as_bytes()).unwrap().trust_anyway();
        assert_eq!(of_alipay(&complaint).expose(), "2025031400000012345\nT\nW-1\n请退款");
    }
}
