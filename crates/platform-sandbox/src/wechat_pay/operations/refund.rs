//! The merchant's decision on a refund.

use super::super::case::{Entry, MERCHANT, PROCESSED, Refund};
use super::super::reply::{Refusal, Reply};
use super::super::request_bodies::REFUND_PROGRESS;
use super::super::shape::{read_body, text, texts};
use super::super::state::State;
use super::Request;

impl State {
    pub(super) fn update_refund_progress(&mut self, id: &str, request: &Request<'_>) -> Result<Reply, Refusal> {
        let body = read_body(request.body, REFUND_PROGRESS)?;
        let case = self.case_of(id, request.caller)?;
        if case.refund == Refund::NotAsked {
            return Err(Refusal::invalid("该投诉单没有退款申请"));
        }
        if case.refund != Refund::Asked || case.state == PROCESSED {
            return Err(Refusal::invalid("投诉单状态不支持当前操作，请检查是否重复调用"));
        }
        let images = self.publish(request.caller, "/reject_media_list", &texts(&body, "reject_media_list"))?;
        let log_id = self.next_log_id(request.now);
        let approved = text(&body, "action") == Some("APPROVE");
        let reason = text(&body, "reject_reason").unwrap_or_default();
        let action_type = if approved { "MERCHANT_APPROVE_REFUND" } else { "MERCHANT_REJECT_REFUND" };
        if let Some(case) = self.cases.get_mut(id) {
            if approved {
                let entry = Entry::words("商家同意退款");
                case.record(&log_id, request.now, MERCHANT, "MERCHANT_APPROVE_REFUND", entry);
                case.refund = Refund::Approved;
            } else {
                let entry = Entry::words(reason).with_media("OPERATION_IMAGE", &images);
                case.record(&log_id, request.now, MERCHANT, "MERCHANT_REFUSE_RERUND", entry);
                case.refund = Refund::Rejected;
                case.state = PROCESSED;
                case.merchant_images.extend(images);
            }
            case.incoming_user_response = false;
        }
        self.notify_of_own_act(&request.caller.mchid, id, action_type, request.now);
        Ok(Reply::done())
    }
}
