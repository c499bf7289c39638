//! The checks that hold for every operation. A new one needs its row in `requests.rs` only.

use std::any::{Any, TypeId, type_name};
use std::fmt::Debug;

use protocol_core::rate::RateGroup;
use protocol_core::wechat_pay::{Operation, ResponseError};
use protocol_core::{Delivery, Effect, Idempotency, RequestParts};

use crate::operations::{are_all_of, snake_case};
use crate::requests::every_operation;
use crate::{ID, built, received};

/// An operation, whatever its response, and what the table says of it.
pub(crate) struct Row {
    type_name: &'static str,
    pub(crate) name: &'static str,
    /// As declared, and as the table has it.
    idempotency: (Idempotency, Idempotency),
    rate: RateGroup,
    /// Whether its response says no more than that it is done.
    pub(crate) is_act: bool,
    has_evidence: bool,
    parts: RequestParts,
    pub(crate) receive: Box<Receive>,
    line: &'static str,
    signed_body: &'static str,
}

/// Reads a response of this status and body; of what it says, the effect is kept.
type Receive = dyn Fn(u16, &[u8]) -> Result<Option<Effect>, ResponseError>;

impl Row {
    pub(crate) fn new<O>(operation: O, idempotency: Idempotency, line: &'static str, signed_body: &'static str) -> Self
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
            receive: Box::new(move |status, body| received(&operation, status, body).map(effect)),
            line,
            signed_body,
        }
    }
}

#[test]
fn every_operation_of_the_source_has_a_row() {
    are_all_of("wechat_pay", &every_operation().iter().map(|row| row.type_name).collect::<Vec<_>>());
}

#[test]
fn each_operation_makes_the_request_of_its_row() {
    for Row { parts, line, signed_body, .. } in every_operation() {
        let sent = std::str::from_utf8(parts.body.signed_bytes()).unwrap();
        assert_eq!((format!("{} {}", parts.method.as_str(), parts.target).as_str(), sent), (line, signed_body));
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
fn an_act_is_done_with_an_empty_response_and_found_in_the_complaint() {
    let acts: Vec<_> = every_operation().into_iter().filter(|row| row.is_act).collect();
    assert!(acts.len() >= 3, "a reply, a completion and a decision are acts");
    for Row { name, receive, .. } in acts {
        for status in [200, 204] {
            assert_eq!(receive(status, b""), Ok(Some(Effect::Confirmed)), "{name}");
        }
        let unfinished = receive(202, b"{}").unwrap_err();
        assert_eq!(unfinished, ResponseError::NotFinished, "{name}");
        assert_eq!(unfinished.failure().delivery, Delivery::Unknown, "{name}");
    }
    for Row { name, is_act, has_evidence, idempotency: (declared, _), parts, .. } in every_operation() {
        let is_unsafe = declared == Idempotency::Unsafe;
        assert!(is_unsafe || !is_act, "{name}: a second one would tell the payer again");
        assert_eq!(has_evidence, is_unsafe && parts.target.contains(ID), "{name}");
    }
}

#[test]
fn each_limit_counts_its_operations() {
    for (group, names) in [
        (RateGroup::List, vec!["list_complaints"]),
        (RateGroup::History, vec!["get_negotiation_history"]),
        (RateGroup::Reply, vec!["respond"]),
        (RateGroup::Upload, vec!["upload_image"]),
        (RateGroup::Complete, vec!["complete"]),
    ] {
        let counted = every_operation().into_iter().filter(|row| row.rate == group);
        assert_eq!(counted.map(|row| row.name).collect::<Vec<_>>(), names, "{group:?}");
    }
}
