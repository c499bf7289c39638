//! Acts as virtual payment's operations.

use super::replies::{CompleteComplaint, ResponseComplaint};
use crate::channel::{Act, ActKind, ComplaintRef, Reply};
use crate::request::BuildError;

/// The kinds of acts that virtual payment takes. A refund is decided on elsewhere: by a refund of
/// the order.
pub const ACTS: [ActKind; 2] = [ActKind::Reply, ActKind::Complete];

/// The operation of an act. Exhaustive: a client sends each of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActOperation {
    /// [`Act::Reply`].
    ResponseComplaint(ResponseComplaint),
    /// [`Act::Complete`].
    CompleteComplaint(CompleteComplaint),
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
            Act::ReplyImmediately(_)
            | Act::DecideRefund(_)
            | Act::SupplyProof(_)
            | Act::SupplyRefund(_)
            | Act::Appeal(_) => return Err(not_taken(act.kind().as_str())),
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
