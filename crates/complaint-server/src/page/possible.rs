//! The acts that a complaint takes now: by its channel, and by its state where that is known.

use protocol_core::channel::ActKind;
use protocol_core::complaint::{AppealState, CallbackStatus, Complaint, ComplaintState, OrderDetail, ProblemType};
use protocol_core::{allinpay, wechat_pay};

use super::case::Case;
use crate::engine::ALIPAY;

/// A form of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormKind {
    Reply,
    ReplyImmediately,
    Complete,
    ApproveRefund,
    RejectRefund,
    SupplyProof,
    SupplyRefund,
    Appeal,
    Process,
}

impl FormKind {
    const ALL: [Self; 9] = [
        Self::ReplyImmediately,
        Self::Reply,
        Self::ApproveRefund,
        Self::RejectRefund,
        Self::SupplyProof,
        Self::SupplyRefund,
        Self::Appeal,
        Self::Process,
        Self::Complete,
    ];

    /// The name in the form, and in the names of its texts.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::ReplyImmediately => "reply-immediately",
            Self::Complete => "complete",
            Self::ApproveRefund => "approve-refund",
            Self::RejectRefund => "reject-refund",
            Self::SupplyProof => "supply-proof",
            Self::SupplyRefund => "supply-refund",
            Self::Appeal => "appeal",
            Self::Process => "process",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }

    const fn kind(self) -> ActKind {
        match self {
            Self::Reply => ActKind::Reply,
            Self::ReplyImmediately => ActKind::ReplyImmediately,
            Self::Complete => ActKind::Complete,
            Self::ApproveRefund | Self::RejectRefund => ActKind::DecideRefund,
            Self::SupplyProof => ActKind::SupplyProof,
            Self::SupplyRefund => ActKind::SupplyRefund,
            Self::Appeal => ActKind::Appeal,
            Self::Process => ActKind::Process,
        }
    }
}

/// The forms for a complaint, in the order of the page. A state that is not known forbids none: the
/// platform then refuses.
pub(crate) fn possible(channel: &str, case: &Case, is_closed: bool) -> Vec<FormKind> {
    let taken = acts(channel);
    let fits = |form: &FormKind| match case {
        Case::Trade(complaint) => fits_trade(*form, complaint),
        Case::Order(detail) => fits_order(*form, detail),
        Case::Alipay(_) => !is_closed,
        Case::Unread => false,
        Case::Unreadable => true,
    };
    FormKind::ALL.into_iter().filter(|form| taken.contains(&form.kind()) && fits(form)).collect()
}

fn acts(channel: &str) -> &'static [ActKind] {
    match channel {
        "wechat-pay" => &wechat_pay::ACTS,
        "allinpay" => &allinpay::ACTS,
        ALIPAY => &[ActKind::Process],
        #[cfg(feature = "mini-program")]
        "mini-program" => &protocol_core::mini_program::ACTS,
        #[cfg(feature = "virtual-payment")]
        "virtual-payment" => &protocol_core::virtual_payment::ACTS,
        _ => &[],
    }
}

fn fits_trade(form: FormKind, complaint: &Complaint) -> bool {
    let is_open = complaint.complaint_state != Some(ComplaintState::Processed);
    match form {
        FormKind::ReplyImmediately => !matches!(complaint.need_immediate_service(), Ok(None | Some(false))),
        FormKind::Complete => is_open,
        FormKind::ApproveRefund | FormKind::RejectRefund => {
            is_open && complaint.problem_type().map_or(true, |demand| demand.as_ref() == Some(&ProblemType::Refund))
        }
        _ => true,
    }
}

fn fits_order(form: FormKind, detail: &OrderDetail) -> bool {
    use CallbackStatus as Status;

    let order = detail.complaint_order.as_ref();
    let status = order.and_then(|order| order.status).filter(|status| status.is_known());
    let is_in = |states: &[CallbackStatus]| status.is_none_or(|status| states.contains(&status));
    match form {
        FormKind::Reply => is_in(&[Status::WaitingForMerchant]),
        FormKind::SupplyProof => is_in(&[Status::MerchantEvidenceWanted, Status::EvidenceWantedFromBoth]),
        FormKind::SupplyRefund => is_in(&[
            Status::HandlingProofWanted,
            Status::ProofTimedOut,
            Status::AwaitingReturn308,
            Status::AwaitingReturn309,
            Status::DeliverySignatureAnomaly,
        ]),
        FormKind::Appeal => {
            let state = order.and_then(|order| order.appeal_state).filter(|state| state.is_known());
            state.is_none_or(|state| state == AppealState::MerchantMayAppeal)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trade(more: &str) -> Case {
        let document = format!(r#"{{"complaint_id":"1"{more}}}"#);
        Case::Trade(Box::new(Complaint::decode(document.as_bytes()).unwrap().trust_anyway()))
    }

    fn names(channel: &str, case: &Case) -> Vec<&'static str> {
        possible(channel, case, false).into_iter().map(FormKind::name).collect()
    }

    #[test]
    fn each_form_is_found_by_its_name() {
        for form in FormKind::ALL {
            assert_eq!(FormKind::from_name(form.name()), Some(form));
        }
        assert_eq!(FormKind::from_name("refund"), None);
    }

    #[test]
    fn a_trade_takes_what_its_channel_and_its_state_take() {
        let pending = trade(r#","complaint_state":"PENDING""#);
        assert_eq!(names("wechat-pay", &pending), ["reply", "complete"]);
        let refund = trade(r#","problem_type":"REFUND","need_immediate_service":true"#);
        let all = ["reply-immediately", "reply", "approve-refund", "reject-refund", "complete"];
        assert_eq!(names("wechat-pay", &refund), all);
        assert_eq!(names("allinpay", &refund), ["reply", "approve-refund", "reject-refund", "complete"]);
        let done = trade(r#","complaint_state":"PROCESSED","problem_type":"REFUND""#);
        assert_eq!(names("wechat-pay", &done), ["reply"]);
        // Unreadable is not absent.
        let odd = trade(r#","problem_type":["REFUND"],"need_immediate_service":"perhaps""#);
        assert_eq!(names("wechat-pay", &odd), all);
        assert_eq!(names("wechat-pay", &Case::Unread), [""; 0]);
        assert_eq!(names("unknown", &pending), [""; 0]);
    }

    #[cfg(feature = "mini-program")]
    #[test]
    fn a_mini_programs_complaint_takes_what_its_status_takes() {
        let order = |status: u32, appeal: u32| {
            let document = format!(r#"{{"complaintOrder":{{"status":{status},"appealState":{appeal}}}}}"#);
            Case::Order(Box::new(OrderDetail::decode(document.as_bytes()).unwrap().trust_anyway()))
        };
        let names = |status, appeal| names("mini-program", &order(status, appeal));
        assert_eq!(names(201, 0), ["reply"]);
        assert_eq!(names(106, 0), ["supply-proof"]);
        assert_eq!(names(108, 0), ["supply-proof"]);
        assert_eq!(names(206, 0), ["supply-refund"]);
        assert_eq!(names(206, 401), ["supply-refund", "appeal"]);
        assert_eq!(names(205, 402), [""; 0]);
        assert_eq!(names(205, 999), ["appeal"], "a new state");
        let document = br#"{"complaintOrder":{"status":205}}"#;
        let without = Case::Order(Box::new(OrderDetail::decode(document).unwrap().trust_anyway()));
        assert_eq!(possible("mini-program", &without, false), [FormKind::Appeal], "no state");
        assert_eq!(names(999, 999), ["reply", "supply-proof", "supply-refund", "appeal"]);
    }
}
