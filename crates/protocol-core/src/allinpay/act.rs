//! Acts as Allinpay's operations.

use super::operation::Operation;
use super::replies::{ComplaintsComplete, ComplaintsResp, WxComplaintsRefundProgress, WxRefundRejection};
use crate::channel::{Act, ActKind, ComplaintRef, Effect, RefundApproval, RefundDecision, Reply, act_operations};
use crate::operation::OperationInfo;
use crate::request::BuildError;

act_operations! {
    /// The operation of an act. Exhaustive: [`visit`](Self::visit) takes each of these. It does not
    /// hold the complaint's merchant, which an agent needs: see
    /// [`Merchant::about`](super::Merchant::about).
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum ActOperation {
        ComplaintsResp = Reply,
        ComplaintsComplete = Complete,
        WxComplaintsRefundProgress = DecideRefund,
    }
}

impl ActOperation {
    /// The operation that carries out this act on this complaint.
    ///
    /// # Errors
    /// [`BuildError::NotTaken`]; [`BuildError::Field`] for an approval without the day of the
    /// refund.
    pub fn new(complaint: &ComplaintRef, act: &Act) -> Result<Self, BuildError> {
        let complaint_id = complaint.complaint_id.clone();
        Ok(match act {
            Act::Reply(Reply { link: Some(_), .. }) => return Err(not_taken("link in a reply")),
            Act::Reply(Reply { agrees: Some(_), .. }) => return Err(not_taken("`agrees` in a reply")),
            Act::Reply(Reply { text, images, .. }) => {
                let mut resp = ComplaintsResp::new(complaint_id, text.expose());
                resp.response_images.clone_from(images);
                Self::ComplaintsResp(resp)
            }
            Act::Complete => Self::ComplaintsComplete(ComplaintsComplete::new(complaint_id)),
            Act::DecideRefund(RefundDecision::Approve(RefundApproval { remark: Some(_), .. })) => {
                return Err(not_taken("remark with a yes to a refund"));
            }
            Act::DecideRefund(RefundDecision::Approve(approval)) => {
                let missing = BuildError::Field { field: "launch_refund_day", expected: "given; 0 is today" };
                let day = approval.launch_refund_day.ok_or(missing)?;
                Self::WxComplaintsRefundProgress(WxComplaintsRefundProgress::approve(complaint_id, day))
            }
            Act::DecideRefund(RefundDecision::Reject(rejection)) => {
                let mut reject = WxRefundRejection::new(complaint_id, rejection.reason.expose());
                reject.reject_media_list.clone_from(&rejection.images);
                reject.remark = rejection.remark.as_ref().map(|remark| remark.expose().clone()).unwrap_or_default();
                Self::WxComplaintsRefundProgress(reject.into())
            }
            _ => return Err(not_taken(act.kind().as_str())),
        })
    }
}

const fn not_taken(what: &'static str) -> BuildError {
    BuildError::NotTaken { channel: "Allinpay", what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::samples::{CANARY, acts_of_each_kind, canaries, canaries_of};
    use crate::channel::{Link, RefundRejection};
    use crate::request::Stamp;
    use crate::time::UnixTime;

    fn of(act: impl Into<Act>) -> Result<ActOperation, BuildError> {
        ActOperation::new(&ComplaintRef::new("1"), &act.into())
    }

    /// The acts, without what Allinpay does not have.
    fn acts() -> impl Iterator<Item = Act> {
        acts_of_each_kind().map(|act| match act {
            Act::Reply(reply) => Act::Reply(Reply { link: None, agrees: None, ..reply }),
            Act::DecideRefund(RefundDecision::Approve(approval)) => {
                Act::DecideRefund(RefundApproval { remark: None, ..approval }.into())
            }
            act => act,
        })
    }

    #[test]
    fn every_act_is_taken_that_is_said_to_be() {
        for act in acts() {
            let (kind, operation) = (act.kind(), of(act));
            assert_eq!(operation.is_ok(), ACTS.contains(&kind), "{operation:?}");
        }
    }

    /// The words of an operation as it is sent.
    struct Sent;

    impl ActVisitor for Sent {
        type Output = String;

        fn visit<O: Operation>(self, operation: O) -> String {
            let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "1" };
            let form = operation.request(&stamp).unwrap_or_else(|error| panic!("{}: {error}", O::NAME));
            form.parameters.iter().map(|(_, value)| value).collect()
        }
    }

    #[test]
    fn every_word_of_an_act_is_sent_and_none_is_shown() {
        for act in acts() {
            let Ok(operation) = of(act.clone()) else { continue };
            assert!(!format!("{operation:?}").contains(CANARY), "{act:?}");
            assert_eq!(canaries(&operation.visit(Sent)), canaries_of(&act), "{act:?}");
        }
    }

    #[test]
    fn nothing_of_an_act_is_lost() {
        let images = || vec!["p".to_owned()];
        let mut resp = ComplaintsResp::new("1", "t");
        resp.response_images = images();
        assert_eq!(of(Reply { images: images(), ..Reply::new("t") }), Ok(ActOperation::ComplaintsResp(resp)));
        let mut reject = WxRefundRejection::new("1", "no");
        reject.reject_media_list = images();
        reject.remark = "r".to_owned();
        let rejection = RefundRejection { images: images(), remark: Some("r".into()), ..RefundRejection::new("no") };
        assert_eq!(of(RefundDecision::from(rejection)), Ok(ActOperation::WxComplaintsRefundProgress(reject.into())));
        for (act, what) in [
            (Act::Reply(Reply { link: Some(Link::new("u", "c")), ..Reply::new("t") }), "link in a reply"),
            (Act::Reply(Reply { agrees: Some(true), ..Reply::new("t") }), "`agrees` in a reply"),
            (
                RefundDecision::from(RefundApproval { launch_refund_day: Some(0), remark: Some("r".into()) }).into(),
                "remark with a yes to a refund",
            ),
        ] {
            assert_eq!(of(act), Err(not_taken(what)));
        }
        let dayless = of(RefundDecision::from(RefundApproval::default()));
        assert!(matches!(dayless, Err(BuildError::Field { field: "launch_refund_day", .. })), "{dayless:?}");
    }
}
