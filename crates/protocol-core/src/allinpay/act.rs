//! Acts as Allinpay's operations.

use super::replies::{ComplaintsComplete, ComplaintsResp, WxComplaintsRefundProgress, WxRefundRejection};
use crate::channel::{Act, ActKind, ComplaintRef, RefundApproval, RefundDecision, Reply};
use crate::request::BuildError;

/// The kinds of acts that Allinpay takes.
pub const ACTS: [ActKind; 3] = [ActKind::Reply, ActKind::Complete, ActKind::DecideRefund];

/// The operation of an act. Exhaustive: a client sends each of these. It does not hold the
/// complaint's merchant, which an agent needs: see [`Merchant::about`](super::Merchant::about).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActOperation {
    /// [`Act::Reply`].
    Resp(ComplaintsResp),
    /// [`Act::Complete`].
    Complete(ComplaintsComplete),
    /// [`Act::DecideRefund`].
    RefundProgress(WxComplaintsRefundProgress),
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
                Self::Resp(resp)
            }
            Act::Complete => Self::Complete(ComplaintsComplete::new(complaint_id)),
            Act::DecideRefund(RefundDecision::Approve(RefundApproval { remark: Some(_), .. })) => {
                return Err(not_taken("remark with a yes to a refund"));
            }
            Act::DecideRefund(RefundDecision::Approve(approval)) => {
                let missing = BuildError::Field { field: "launch_refund_day", expected: "given; 0 is today" };
                let day = approval.launch_refund_day.ok_or(missing)?;
                Self::RefundProgress(WxComplaintsRefundProgress::approve(complaint_id, day))
            }
            Act::DecideRefund(RefundDecision::Reject(rejection)) => {
                let mut reject = WxRefundRejection::new(complaint_id, rejection.reason.expose());
                reject.reject_media_list.clone_from(&rejection.images);
                reject.remark = rejection.remark.as_ref().map(|remark| remark.expose().clone()).unwrap_or_default();
                Self::RefundProgress(reject.into())
            }
            Act::ReplyImmediately(_) | Act::SupplyProof(_) | Act::SupplyRefund(_) | Act::Appeal(_) => {
                return Err(not_taken(act.kind().as_str()));
            }
        })
    }
}

const fn not_taken(what: &'static str) -> BuildError {
    BuildError::NotTaken { channel: "Allinpay", what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::{Link, RefundRejection};

    fn of(act: impl Into<Act>) -> Result<ActOperation, BuildError> {
        ActOperation::new(&ComplaintRef::new("1"), &act.into())
    }

    #[test]
    fn every_act_is_taken_that_is_said_to_be() {
        for act in crate::channel::one_act_of_each_kind() {
            let (kind, operation) = (act.kind(), of(act));
            assert_eq!(operation.is_ok(), ACTS.contains(&kind), "{operation:?}");
        }
    }

    #[test]
    fn nothing_of_an_act_is_lost() {
        let images = || vec!["p".to_owned()];
        let mut resp = ComplaintsResp::new("1", "t");
        resp.response_images = images();
        assert_eq!(of(Reply { images: images(), ..Reply::new("t") }), Ok(ActOperation::Resp(resp)));
        let mut reject = WxRefundRejection::new("1", "no");
        reject.reject_media_list = images();
        reject.remark = "r".to_owned();
        let rejection = RefundRejection { images: images(), remark: Some("r".into()), ..RefundRejection::new("no") };
        assert_eq!(of(RefundDecision::from(rejection)), Ok(ActOperation::RefundProgress(reject.into())));
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
