//! Acts as virtual payment's operations.

use super::operation::Operation;
use super::replies::{CompleteComplaint, ResponseComplaint};
use crate::channel::{Act, ActKind, ComplaintRef, Effect, Reply, act_operations};
use crate::operation::OperationInfo;
use crate::request::BuildError;

act_operations! {
    /// The operation of an act. Exhaustive: [`visit`](Self::visit) takes each of these. A refund is
    /// decided on elsewhere: by a refund of the order.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum ActOperation {
        ResponseComplaint = Reply,
        CompleteComplaint = Complete,
    }
}

impl ActOperation {
    /// The operation that carries out this act on this complaint.
    ///
    /// # Errors
    /// [`BuildError::NotTaken`].
    pub fn new(complaint: &ComplaintRef, act: &Act) -> Result<Self, BuildError> {
        let complaint_id = complaint.complaint_id.clone();
        Ok(match act {
            Act::Reply(Reply { agrees: Some(_), .. }) => return Err(not_taken("`agrees` in a reply")),
            Act::Reply(Reply { link: Some(_), .. }) => return Err(not_taken("link in a reply")),
            Act::Reply(Reply { text, images, .. }) => {
                let reply = ResponseComplaint::new(complaint_id, text.clone());
                Self::ResponseComplaint(reply.with_response_images(images.clone()))
            }
            Act::Complete => Self::CompleteComplaint(CompleteComplaint::new(complaint_id)),
            _ => return Err(not_taken(act.kind().as_str())),
        })
    }
}

const fn not_taken(what: &'static str) -> BuildError {
    BuildError::NotTaken { channel: "virtual payment", what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Link;
    use crate::channel::samples::{CANARY, acts_of_each_kind, canaries, canaries_of};
    use crate::request::Stamp;
    use crate::time::UnixTime;
    use crate::virtual_payment::Env;

    fn of(act: impl Into<Act>) -> Result<ActOperation, BuildError> {
        ActOperation::new(&ComplaintRef::new("1"), &act.into())
    }

    /// The acts, without what virtual payment does not have.
    fn acts() -> impl Iterator<Item = Act> {
        acts_of_each_kind().map(|act| match act {
            Act::Reply(reply) => Act::Reply(Reply { link: None, agrees: None, ..reply }),
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
            let request = operation.request(Env::Production, &stamp);
            let request = request.unwrap_or_else(|error| panic!("{}: {error}", O::NAME));
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
        let reply = Reply { images: vec!["p".to_owned()], ..Reply::new("t") };
        let operation = ResponseComplaint::new("1", "t").with_response_images(vec!["p".to_owned()]);
        assert_eq!(of(reply), Ok(ActOperation::ResponseComplaint(operation)));
        assert_eq!(of(Act::Complete), Ok(ActOperation::CompleteComplaint(CompleteComplaint::new("1"))));
        let linked = Reply { link: Some(Link::new("u", "c")), ..Reply::new("t") };
        assert_eq!(of(linked), Err(not_taken("link in a reply")));
        let agreeing = Reply { agrees: Some(true), ..Reply::new("t") };
        assert_eq!(of(agreeing), Err(not_taken("`agrees` in a reply")));
    }
}
