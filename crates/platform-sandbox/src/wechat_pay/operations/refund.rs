//! The merchant's decision on a refund.

use super::super::complaint::{Entry, MERCHANT, PROCESSED, Refund};
use super::super::refusal::Refusal;
use super::super::request::Request;
use super::super::shape::{MEDIA_IDS, Member, Shape, needed, optional, read_body, text, texts};
use super::super::state::WechatPay;
use crate::platform_response::PlatformResponse;

impl WechatPay {
    pub(crate) fn update_refund_progress(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        let id = request.id;
        let body = read_body(request.body, DECISION)?;
        let complaint = self.complaint_of(id, request.caller)?;
        if complaint.refund == Refund::NotAsked {
            return Err(Refusal::invalid("该投诉单没有退款申请"));
        }
        if complaint.refund != Refund::Asked || complaint.state == PROCESSED {
            return Err(Refusal::invalid("投诉单状态不支持当前操作，请检查是否重复调用"));
        }
        let images = self.publish(request.caller, "/reject_media_list", &texts(&body, "reject_media_list"))?;
        let log_id = self.next_log_id(request.now);
        let approved = text(&body, "action") == Some("APPROVE");
        let reason = text(&body, "reject_reason").unwrap_or_default();
        let action_type = if approved { "MERCHANT_APPROVE_REFUND" } else { "MERCHANT_REJECT_REFUND" };
        if let Some(complaint) = self.complaints.get_mut(id) {
            if approved {
                complaint.approve_refund(&log_id, request.now);
            } else {
                let entry = Entry::words(reason).with_media("OPERATION_IMAGE", &images);
                complaint.record(&log_id, request.now, MERCHANT, "MERCHANT_REFUSE_RERUND", entry);
                complaint.refund = Refund::Rejected;
                complaint.state = PROCESSED;
                complaint.merchant_images.extend(images);
                complaint.incoming_user_response = false;
            }
        }
        self.notify_of_own_act(&request.caller.mchid, id, action_type, request.now);
        Ok(PlatformResponse::done())
    }
}

const DECISION: &[Member] = &[
    needed("action", &Shape::Word(&["APPROVE", "REJECT"])),
    optional("launch_refund_day", &Shape::Number),
    optional("reject_reason", &Shape::Text(200)),
    optional("reject_media_list", &MEDIA_IDS),
    optional("remark", &Shape::Text(200)),
];
