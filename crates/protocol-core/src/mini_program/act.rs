//! Acts as the Mini Program's operations.

use super::operation::Operation;
use super::replies::{Appeal, BussiHandle, RespondComplaint, SubmitRefund, SupplyProof};
use crate::channel::{Act, ActKind, ComplaintRef, Effect, Reply, act_operations};
use crate::operation::OperationInfo;
use crate::request::BuildError;

act_operations! {
    /// The operation of an act. Exhaustive: [`visit`](Self::visit) takes each of these.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum ActOperation {
        RespondComplaint = Reply,
        SupplyProof = SupplyProof,
        SubmitRefund = SupplyRefund,
        Appeal = Appeal,
    }
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
            _ => return Err(not_taken(act.kind().as_str())),
        })
    }
}

const fn not_taken(what: &'static str) -> BuildError {
    BuildError::NotTaken { channel: "the Mini Program", what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::samples::{CANARY, acts_of_each_kind, canaries, canaries_of};
    use crate::channel::{Evidence, Link, RefundEvidence};
    use crate::request::Stamp;
    use crate::time::UnixTime;

    fn of(act: impl Into<Act>) -> Result<ActOperation, BuildError> {
        ActOperation::new(&ComplaintRef::new("1"), &act.into())
    }

    /// The acts, without what the Mini Program does not have.
    fn acts() -> impl Iterator<Item = Act> {
        acts_of_each_kind().map(|act| match act {
            Act::Reply(reply) => Act::Reply(Reply { link: None, ..reply }),
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
            let request = operation.request(&stamp).unwrap_or_else(|error| panic!("{}: {error}", O::NAME));
            String::from_utf8(request.body.bytes().to_vec()).unwrap()
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
