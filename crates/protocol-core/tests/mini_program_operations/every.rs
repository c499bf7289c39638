//! The checks that hold for every operation. A new one needs its row in `requests.rs` only.

use std::any::{Any, TypeId, type_name};
use std::fmt::Debug;

use protocol_core::mini_program::{Operation, Response, ResponseError};
use protocol_core::rate::RateGroup;
use protocol_core::{Effect, Idempotency, RequestParts};

use crate::operations::{are_all_of, snake_case};
use crate::requests::every_operation;
use crate::{built, text};

/// An operation, whatever its response, and what the table says of it.
pub(crate) struct Row {
    type_name: &'static str,
    name: &'static str,
    /// As declared, and as the table has it.
    idempotency: (Idempotency, Idempotency),
    rate: RateGroup,
    /// Whether its response says no more than that it is done.
    is_act: bool,
    has_evidence: bool,
    parts: RequestParts,
    receive: Box<Receive>,
    line: &'static str,
    body: &'static str,
}

/// Reads a response; of what it says, the effect is kept.
type Receive = dyn Fn(&str) -> Result<Option<Effect>, ResponseError>;

impl Row {
    pub(crate) fn new<O>(operation: O, idempotency: Idempotency, line: &'static str, body: &'static str) -> Self
    where
        O: Operation<Response: 'static> + Clone + Debug + Send + Sync + Unpin + 'static,
    {
        let effect = |response: O::Response| (&response as &dyn Any).downcast_ref::<Effect>().copied();
        Self {
            type_name: type_name::<O>(),
            name: O::NAME,
            idempotency: (O::IDEMPOTENCY, idempotency),
            rate: O::RATE,
            is_act: TypeId::of::<O::Response>() == TypeId::of::<Effect>(),
            has_evidence: operation.evidence().is_some(),
            parts: built(&operation),
            receive: Box::new(move |body| operation.receive(Response::new(200, body.as_bytes())).map(effect)),
            line,
            body,
        }
    }
}

#[test]
fn every_operation_of_the_source_has_a_row() {
    are_all_of("mini_program", &every_operation().iter().map(|row| row.type_name).collect::<Vec<_>>());
}

#[test]
fn each_operation_makes_the_request_of_its_row() {
    for Row { parts, line, body, is_act, .. } in every_operation() {
        assert_eq!((format!("{} {}", parts.method.as_str(), parts.target).as_str(), text(&parts)), (line, body));
        if is_act {
            let headers = (parts.content_type.as_deref(), parts.accept);
            assert_eq!(headers, (Some("application/json"), "application/json"), "{line}");
        }
    }
}

#[test]
fn each_operation_is_named_after_its_type_and_declares_its_idempotency() {
    for Row { type_name, name, idempotency: (declared, listed), .. } in every_operation() {
        assert_eq!(name, snake_case(type_name));
        assert_eq!(declared, listed, "{name}");
    }
}

#[test]
fn an_act_is_done_with_the_code_alone_and_found_in_the_complaint() {
    let acts: Vec<_> = every_operation().into_iter().filter(|row| row.is_act).collect();
    assert!(acts.len() >= 4, "a reply, two proofs and an appeal are acts");
    for Row { name, receive, .. } in acts {
        assert_eq!(receive(r#"{"errcode":0,"errmsg":"ok"}"#), Ok(Some(Effect::Confirmed)), "{name}");
        assert!(receive(r#"{"errcode":309}"#).is_err(), "{name}");
    }
    for Row { name, is_act, has_evidence, idempotency: (declared, _), .. } in every_operation() {
        assert_eq!((is_act, has_evidence), (declared == Idempotency::Unsafe, is_act), "{name}");
    }
}

#[test]
fn each_limit_counts_its_operations() {
    for (group, names) in [
        (RateGroup::List, vec!["get_penalty_list"]),
        (RateGroup::History, vec![]),
        (RateGroup::Reply, vec!["respond_complaint"]),
        (RateGroup::Upload, vec!["upload_temp_media"]),
        (RateGroup::Complete, vec![]),
    ] {
        let counted = every_operation().into_iter().filter(|row| row.rate == group);
        assert_eq!(counted.map(|row| row.name).collect::<Vec<_>>(), names, "{group:?}");
    }
}
