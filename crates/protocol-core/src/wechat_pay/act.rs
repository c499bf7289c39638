//! Acts as WeChat Pay's operations.

use super::replies::{Complete, Respond, RespondImmediateService, UpdateRefundProgress};
use crate::channel::{Act, ActKind, ComplaintRef, ImmediateReply, RefundDecision, Reply};
use crate::complaint::{MessageBlock, NormalMessage};
use crate::request::BuildError;

/// The kinds of acts that WeChat Pay takes.
pub const ACTS: [ActKind; 4] = [ActKind::Reply, ActKind::ReplyImmediately, ActKind::Complete, ActKind::DecideRefund];

/// The operation of an act. Exhaustive: a client sends each of these.
///
/// ```
/// use protocol_core::channel::{Act, ComplaintRef, Reply};
/// use protocol_core::wechat_pay::{ActOperation, Respond};
///
/// # fn main() -> Result<(), protocol_core::BuildError> {
/// let mut complaint = ComplaintRef::new("200201820200101080076610000");
/// complaint.complainted_mchid = Some("1900012181".to_owned());
/// let operation = ActOperation::new(&complaint, &Reply::new("已退款").into())?;
/// let respond = Respond::new("200201820200101080076610000", "1900012181", "已退款");
/// assert_eq!(operation, ActOperation::Respond(respond));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum ActOperation {
    /// [`Act::Reply`].
    Respond(Respond),
    /// [`Act::ReplyImmediately`].
    RespondImmediateService(RespondImmediateService),
    /// [`Act::Complete`].
    Complete(Complete),
    /// [`Act::DecideRefund`].
    UpdateRefundProgress(UpdateRefundProgress),
}

impl ActOperation {
    /// The operation that carries out this act on this complaint.
    ///
    /// # Errors
    /// [`BuildError::NotTaken`]; [`BuildError::Field`] if
    /// [`names_the_accused`](Self::names_the_accused) and the merchant is missing.
    pub fn new(complaint: &ComplaintRef, act: &Act) -> Result<Self, BuildError> {
        let complaint_id = complaint.complaint_id.clone();
        Ok(match act {
            Act::Reply(Reply { agrees: Some(_), .. }) => return Err(not_taken("`agrees` in a reply")),
            Act::Reply(Reply { text, images, link, .. }) => {
                let mut respond = Respond::new(complaint_id, accused(complaint)?, text.clone());
                respond.response_images.clone_from(images);
                (respond.jump_url, respond.jump_url_text) = link.clone().map(|link| (link.url, link.caption)).unzip();
                Self::Respond(respond)
            }
            Act::ReplyImmediately(ImmediateReply { idempotent_id, text, images }) => {
                let pictures = images.iter().map(MessageBlock::image);
                let message =
                    NormalMessage::new([MessageBlock::text(text.clone())].into_iter().chain(pictures).collect());
                let accused = accused(complaint)?;
                let reply = RespondImmediateService::new(complaint_id, accused, message, idempotent_id);
                Self::RespondImmediateService(reply)
            }
            Act::Complete => Self::Complete(Complete::new(complaint_id, accused(complaint)?)),
            Act::DecideRefund(RefundDecision::Approve(approval)) => {
                let mut progress = UpdateRefundProgress::approve(complaint_id, 0);
                progress.launch_refund_day = approval.launch_refund_day;
                progress.remark.clone_from(&approval.remark);
                Self::UpdateRefundProgress(progress)
            }
            Act::DecideRefund(RefundDecision::Reject(rejection)) => {
                let mut progress = UpdateRefundProgress::reject(complaint_id, rejection.reason.clone());
                progress.reject_media_list.clone_from(&rejection.images);
                progress.remark.clone_from(&rejection.remark);
                Self::UpdateRefundProgress(progress)
            }
            Act::SupplyProof(_) | Act::SupplyRefund(_) | Act::Appeal(_) => return Err(not_taken(act.kind().as_str())),
        })
    }

    /// Whether the operation of this kind of act names the merchant that the complaint accuses. If
    /// [`ComplaintRef::complainted_mchid`] is missing, read the complaint first.
    #[must_use]
    pub const fn names_the_accused(kind: ActKind) -> bool {
        matches!(kind, ActKind::Reply | ActKind::ReplyImmediately | ActKind::Complete)
    }
}

fn accused(complaint: &ComplaintRef) -> Result<String, BuildError> {
    let missing = BuildError::Field { field: "complainted_mchid", expected: "given, as the complaint names it" };
    complaint.complainted_mchid.clone().ok_or(missing)
}

const fn not_taken(what: &'static str) -> BuildError {
    BuildError::NotTaken { channel: "WeChat Pay", what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::{Link, RefundApproval, RefundRejection};

    fn complaint() -> ComplaintRef {
        ComplaintRef { complainted_mchid: Some("1900012181".to_owned()), ..ComplaintRef::new("1") }
    }

    #[test]
    fn every_act_is_taken_that_is_said_to_be() {
        for act in crate::channel::one_act_of_each_kind() {
            let operation = ActOperation::new(&complaint(), &act);
            assert_eq!(operation.is_ok(), ACTS.contains(&act.kind()), "{act:?}");
            let nameless = ActOperation::new(&ComplaintRef::new("1"), &act);
            let is_taken = operation.is_ok() && !ActOperation::names_the_accused(act.kind());
            assert_eq!(nameless.is_ok(), is_taken, "{act:?}");
        }
    }

    #[test]
    fn nothing_of_an_act_is_lost() {
        let images = || vec!["p".to_owned()];
        let reply = Reply { images: images(), link: Some(Link::new("https://a.example", "b")), ..Reply::new("t") };
        let mut respond = Respond::new("1", "1900012181", "t");
        respond.response_images = images();
        respond.jump_url = Some("https://a.example".to_owned());
        respond.jump_url_text = Some("b".to_owned());
        let approval = RefundApproval { launch_refund_day: Some(3), remark: Some("r".into()) };
        let mut approve = UpdateRefundProgress::approve("1", 3);
        approve.remark = Some("r".into());
        let rejection = RefundRejection { images: images(), remark: Some("r".into()), ..RefundRejection::new("no") };
        let mut reject = UpdateRefundProgress::reject("1", "no");
        reject.reject_media_list = images();
        reject.remark = Some("r".into());
        let message = NormalMessage::new(vec![MessageBlock::text("t"), MessageBlock::image("p")]);
        let immediate = RespondImmediateService::new("1", "1900012181", message, "i");
        for (act, operation) in [
            (Act::Reply(reply), ActOperation::Respond(respond)),
            (
                ImmediateReply { images: images(), ..ImmediateReply::new("i", "t") }.into(),
                ActOperation::RespondImmediateService(immediate),
            ),
            (Act::DecideRefund(approval.into()), ActOperation::UpdateRefundProgress(approve)),
            (Act::DecideRefund(rejection.into()), ActOperation::UpdateRefundProgress(reject)),
        ] {
            assert_eq!(ActOperation::new(&complaint(), &act), Ok(operation));
        }
        let agreeing = Act::Reply(Reply { agrees: Some(true), ..Reply::new("t") });
        let refusal = BuildError::NotTaken { channel: "WeChat Pay", what: "`agrees` in a reply" };
        assert_eq!(ActOperation::new(&complaint(), &agreeing), Err(refusal));
    }
}
