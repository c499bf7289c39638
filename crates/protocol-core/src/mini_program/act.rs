//! Acts as the Mini Program's operations.

use super::replies::{Appeal, BussiHandle, RespondComplaint, SubmitRefund, SupplyProof};
use crate::channel::{Act, ActKind, ComplaintRef, Reply};
use crate::request::BuildError;

/// The kinds of acts that the Mini Program takes.
pub const ACTS: [ActKind; 4] = [ActKind::Reply, ActKind::SupplyProof, ActKind::SupplyRefund, ActKind::Appeal];

/// The operation of an act. Exhaustive: a client sends each of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActOperation {
    /// [`Act::Reply`].
    RespondComplaint(RespondComplaint),
    /// [`Act::SupplyProof`].
    SupplyProof(SupplyProof),
    /// [`Act::SupplyRefund`].
    SubmitRefund(SubmitRefund),
    /// [`Act::Appeal`].
    Appeal(Appeal),
}

impl ActOperation {
    /// The operation that carries out this act on this complaint.
    ///
    /// # Errors
    /// [`BuildError::NotTaken`]; [`BuildError::Field`] for a reply that neither agrees nor refuses.
    pub fn new(complaint: &ComplaintRef, act: &Act) -> Result<Self, BuildError> {
        let complaint_id = complaint.complaint_id.clone();
        Ok(match act {
            Act::Reply(Reply { link: Some(_), .. }) => return Err(not_taken("link in a reply")),
            Act::Reply(Reply { text, images, agrees, .. }) => {
                let missing = BuildError::Field { field: "agrees", expected: "given: whether the merchant settles" };
                let handle = if agrees.ok_or(missing)? { BussiHandle::Agree } else { BussiHandle::Refuse };
                let mut respond = RespondComplaint::new(complaint_id, handle);
                respond.content = Some(text.clone()).filter(|text| !text.expose().is_empty());
                respond.media_id_list.clone_from(images);
                Self::RespondComplaint(respond)
            }
            Act::SupplyProof(evidence) => {
                let mut proof = SupplyProof::new(complaint_id);
                proof.content.clone_from(&evidence.text);
                proof.media_id_list.clone_from(&evidence.images);
                Self::SupplyProof(proof)
            }
            Act::SupplyRefund(evidence) => {
                let mut refund = SubmitRefund::new(complaint_id);
                refund.content.clone_from(&evidence.text);
                refund.media_id_list.clone_from(&evidence.images);
                refund.accept_return = evidence.accept_return;
                refund.return_id.clone_from(&evidence.return_id);
                Self::SubmitRefund(refund)
            }
            Act::Appeal(evidence) => {
                let mut appeal = Appeal::new(complaint_id);
                appeal.content.clone_from(&evidence.text);
                appeal.media_id_list.clone_from(&evidence.images);
                Self::Appeal(appeal)
            }
            Act::ReplyImmediately(_) | Act::Complete | Act::DecideRefund(_) => {
                return Err(not_taken(act.kind().as_str()));
            }
        })
    }
}

const fn not_taken(what: &'static str) -> BuildError {
    BuildError::NotTaken { channel: "the Mini Program", what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::{Evidence, Link, RefundEvidence};

    fn of(act: impl Into<Act>) -> Result<ActOperation, BuildError> {
        ActOperation::new(&ComplaintRef::new("1"), &act.into())
    }

    #[test]
    fn every_act_is_taken_that_is_said_to_be() {
        for act in crate::channel::one_act_of_each_kind() {
            let act = match act {
                Act::Reply(reply) => Act::Reply(Reply { agrees: Some(true), ..reply }),
                act => act,
            };
            let (kind, operation) = (act.kind(), of(act));
            assert_eq!(operation.is_ok(), ACTS.contains(&kind), "{operation:?}");
        }
    }

    #[test]
    fn nothing_of_an_act_is_lost() {
        let images = || vec!["p".to_owned()];
        for (agrees, handle) in [(true, BussiHandle::Agree), (false, BussiHandle::Refuse)] {
            let reply = Reply { agrees: Some(agrees), images: images(), ..Reply::new("t") };
            let mut respond = RespondComplaint::new("1", handle);
            (respond.content, respond.media_id_list) = (Some("t".into()), images());
            assert_eq!(of(reply), Ok(ActOperation::RespondComplaint(respond)));
        }
        let evidence = || Evidence { text: Some("t".into()), images: images() };
        let mut proof = SupplyProof::new("1");
        (proof.content, proof.media_id_list) = (Some("t".into()), images());
        assert_eq!(of(Act::SupplyProof(evidence())), Ok(ActOperation::SupplyProof(proof)));
        let mut appeal = Appeal::new("1");
        (appeal.content, appeal.media_id_list) = (Some("t".into()), images());
        assert_eq!(of(Act::Appeal(evidence())), Ok(ActOperation::Appeal(appeal)));
        let proof = RefundEvidence {
            text: Some("t".into()),
            images: images(),
            accept_return: Some(1),
            return_id: Some("2".into()),
        };
        let mut refund = SubmitRefund::new("1");
        (refund.content, refund.media_id_list) = (Some("t".into()), images());
        (refund.accept_return, refund.return_id) = (Some(1), Some("2".to_owned()));
        assert_eq!(of(Act::SupplyRefund(proof)), Ok(ActOperation::SubmitRefund(refund)));
        let linked = Reply { link: Some(Link::new("u", "c")), agrees: Some(true), ..Reply::new("t") };
        assert_eq!(of(linked), Err(not_taken("link in a reply")));
        let undecided = of(Reply::new("t"));
        assert!(matches!(undecided, Err(BuildError::Field { field: "agrees", .. })), "{undecided:?}");
    }
}
