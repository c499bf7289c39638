//! Acts as WeChat Pay's operations.

use super::operation::Operation;
use super::replies::{Complete, Respond, RespondImmediateService, UpdateRefundProgress};
use crate::channel::{Act, ActKind, ComplaintRef, Effect, ImmediateReply, RefundDecision, Reply, act_operations};
use crate::complaint::{MessageBlock, NormalMessage};
use crate::operation::OperationInfo;
use crate::request::BuildError;

act_operations! {
    /// The operation of an act. Exhaustive: [`visit`](Self::visit) takes each of these.
    ///
    /// ```
    /// use protocol_core::channel::{Act, ComplaintRef, Reply};
    /// use protocol_core::wechat_pay::{ActOperation, ActVisitor, Operation, Respond};
    ///
    /// /// Names an operation.
    /// struct Name;
    ///
    /// impl ActVisitor for Name {
    ///     type Output = &'static str;
    ///
    ///     fn visit<O: Operation>(self, _: O) -> &'static str {
    ///         O::NAME
    ///     }
    /// }
    ///
    /// # fn main() -> Result<(), protocol_core::BuildError> {
    /// let mut complaint = ComplaintRef::new("200201820200101080076610000");
    /// complaint.complainted_mchid = Some("1900012181".to_owned());
    /// let operation = ActOperation::new(&complaint, &Reply::new("已退款").into())?;
    /// let respond = Respond::new("200201820200101080076610000", "1900012181", "已退款");
    /// assert_eq!(operation, ActOperation::Respond(respond));
    /// assert_eq!(operation.visit(Name), ActOperation::NAMES[0]);
    /// # Ok(())
    /// # }
    /// ```
    #[derive(Debug, Clone, PartialEq)]
    pub enum ActOperation {
        Respond = Reply,
        RespondImmediateService = ReplyImmediately,
        Complete = Complete,
        UpdateRefundProgress = DecideRefund,
    }
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
            _ => return Err(not_taken(act.kind().as_str())),
        })
    }

    /// Whether the operation of this act names the merchant that the complaint accuses. If
    /// [`ComplaintRef::complainted_mchid`] is missing, read the complaint first.
    #[must_use]
    pub fn names_the_accused(act: &Act) -> bool {
        Self::new(&ComplaintRef::new(""), act) == Err(ACCUSED_IS_MISSING)
    }
}

fn accused(complaint: &ComplaintRef) -> Result<String, BuildError> {
    complaint.complainted_mchid.clone().ok_or(ACCUSED_IS_MISSING)
}

const ACCUSED_IS_MISSING: BuildError =
    BuildError::Field { field: "complainted_mchid", expected: "given, as the complaint names it" };

const fn not_taken(what: &'static str) -> BuildError {
    BuildError::NotTaken { channel: "WeChat Pay", what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::samples::{CANARY, acts_of_each_kind, canaries, canaries_of};
    use crate::channel::{Link, RefundApproval, RefundRejection};
    use crate::request::Stamp;
    use crate::time::UnixTime;

    /// The acts, without what WeChat Pay does not have.
    fn acts() -> impl Iterator<Item = Act> {
        acts_of_each_kind().map(|act| match act {
            Act::Reply(reply) => Act::Reply(Reply { agrees: None, ..reply }),
            act => act,
        })
    }

    fn complaint() -> ComplaintRef {
        ComplaintRef { complainted_mchid: Some("1900012181".to_owned()), ..ComplaintRef::new("1") }
    }

    #[test]
    fn every_act_is_taken_that_is_said_to_be() {
        for act in acts() {
            let operation = ActOperation::new(&complaint(), &act);
            assert_eq!(operation.is_ok(), ACTS.contains(&act.kind()), "{act:?}");
            let nameless = ActOperation::new(&ComplaintRef::new("1"), &act);
            let is_taken = operation.is_ok() && !ActOperation::names_the_accused(&act);
            assert_eq!(nameless.is_ok(), is_taken, "{act:?}");
        }
    }

    /// The words of an operation as it is sent.
    struct Sent;

    impl ActVisitor for Sent {
        type Output = String;

        fn visit<O: Operation>(self, operation: O) -> String {
            let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "1" };
            let request = operation.request(&stamp).unwrap_or_else(|error| panic!("{}: {error}", O::NAME));
            String::from_utf8(request.body.bytes().to_vec()).unwrap()
        }
    }

    #[test]
    fn every_word_of_an_act_is_sent_and_none_is_shown() {
        for act in acts() {
            let Ok(operation) = ActOperation::new(&complaint(), &act) else { continue };
            assert!(!format!("{operation:?}").contains(CANARY), "{act:?}");
            assert_eq!(canaries(&operation.visit(Sent)), canaries_of(&act), "{act:?}");
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
