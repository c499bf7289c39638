//! The document of a complaint, by the form that its channel has.

use complaint_inbox::ComplaintRecord;
use protocol_core::allinpay::AlipayComplaint;
use protocol_core::complaint::{Complaint, OrderDetail};

use super::list::yuan;
use crate::engine::ALIPAY;
use crate::moments::china_time;

/// A complaint's document.
pub(crate) enum Case {
    /// WeChat Pay's, virtual payment's, or WeChat's through Allinpay.
    Trade(Box<Complaint>),
    /// The Mini Program's.
    Order(Box<OrderDetail>),
    /// Alipay's.
    Alipay(Box<AlipayComplaint>),
    /// There is none yet.
    Unread,
    /// It cannot be read.
    Unreadable,
}

impl Case {
    pub(crate) fn of(record: &ComplaintRecord) -> Self {
        let Some(document) = &record.document else { return Self::Unread };
        let document = document.expose().as_bytes();
        // The inbox keeps what a platform said over TLS; nothing else vouches for it.
        let case = match &*record.summary.key.channel {
            "mini-program" => OrderDetail::decode(document).map(|detail| Self::Order(Box::new(detail.trust_anyway()))),
            ALIPAY => {
                AlipayComplaint::decode(document).map(|complaint| Self::Alipay(Box::new(complaint.trust_anyway())))
            }
            _ => Complaint::decode(document).map(|complaint| Self::Trade(Box::new(complaint.trust_anyway()))),
        };
        case.unwrap_or(Self::Unreadable)
    }

    /// Whether a telephone number can be asked for.
    pub(crate) fn has_phone(&self) -> bool {
        let is_there = |phone: &str| !phone.is_empty();
        match self {
            Self::Trade(complaint) => complaint.payer_phone.as_ref().is_some_and(|phone| is_there(phone.as_wire())),
            Self::Order(detail) => {
                let phone = detail.complaint_order.as_ref().and_then(|order| order.phone_number.as_ref());
                phone.is_some_and(|phone| is_there(phone.expose()))
            }
            Self::Alipay(complaint) => complaint.contact().is_some_and(|contact| is_there(contact.expose())),
            Self::Unread | Self::Unreadable => false,
        }
    }

    /// The value of a placeholder in a template of a reply; `None` if the complaint has none.
    pub(crate) fn value(&self, placeholder: &str, record: &ComplaintRecord) -> Option<String> {
        let summary = &record.summary;
        match placeholder {
            "complaint" => Some(summary.key.id.clone()),
            "filed" => summary.filed.map(china_time),
            "amount" => summary.amount.map(yuan).or_else(|| self.order_amount()),
            "order" => self.order_number(),
            "product" => self.product(),
            _ => None,
        }
        .filter(|value| !value.is_empty())
    }

    /// The merchant's order number, or else the platform's.
    fn order_number(&self) -> Option<String> {
        match self {
            Self::Trade(complaint) => {
                let order = complaint.complaint_order_info.first()?;
                order
                    .wxa_out_trade_no
                    .clone()
                    .or_else(|| order.out_trade_no.clone())
                    .or_else(|| order.transaction_id.clone())
            }
            Self::Order(detail) => {
                let order = detail.complaint_order.as_ref()?;
                order.out_trade_no.clone().or_else(|| order.order_id.clone())
            }
            Self::Alipay(complaint) => {
                let trade = complaint.complaint_trade_info_list.first().and_then(|trade| trade.out_no.clone());
                trade.or_else(|| complaint.trade_no.clone())
            }
            Self::Unread | Self::Unreadable => None,
        }
    }

    fn order_amount(&self) -> Option<String> {
        let Self::Order(detail) = self else { return None };
        let order = detail.complaint_order.as_ref()?;
        order.total_cost.clone().or_else(|| order.total_cost_str.clone())
    }

    /// What was bought, where the platform names it.
    fn product(&self) -> Option<String> {
        match self {
            Self::Order(detail) => detail.complaint_order.as_ref()?.product_name.clone(),
            // WeChat Pay's `problem_description` is what the payer is not content with.
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_what_the_platform_calls_so() {
        let complaint = Complaint::decode(r#"{"complaint_id":"1","problem_description":"不满意商家服务"}"#.as_bytes());
        assert_eq!(Case::Trade(Box::new(complaint.unwrap().trust_anyway())).product(), None);
        let detail = OrderDetail::decode(r#"{"complaintOrder":{"productName":"月卡"}}"#.as_bytes());
        assert_eq!(Case::Order(Box::new(detail.unwrap().trust_anyway())).product().as_deref(), Some("月卡"));
    }
}
