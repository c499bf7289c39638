//! The checks that hold for every operation. A new one needs its row in `requests.rs` only.

use std::any::type_name;
use std::collections::BTreeSet;
use std::fmt::Debug;

use protocol_core::wechat_pay::{Operation, ResponseError};
use protocol_core::{Delivery, Effect, Idempotency, RequestParts};

use crate::operations::{bare, operations_of};
use crate::requests::every_operation;
use crate::{ID, built, received};

/// An operation, whatever its response.
pub(crate) trait AnyOperation {
    /// The name of its type.
    fn type_name(&self) -> &'static str;
    fn name(&self) -> &'static str;
    fn idempotency(&self) -> Idempotency;
    /// Whether its response says no more than that it is done.
    fn is_act(&self) -> bool;
    fn has_evidence(&self) -> bool;
    fn parts(&self) -> RequestParts;
    fn received(&self, status: u16, body: &[u8]) -> Result<(), ResponseError>;
}

impl<O: Operation + Clone + Debug + Send + Sync + Unpin> AnyOperation for O {
    fn type_name(&self) -> &'static str {
        bare(type_name::<O>())
    }

    fn name(&self) -> &'static str {
        O::NAME
    }

    fn idempotency(&self) -> Idempotency {
        O::IDEMPOTENCY
    }

    fn is_act(&self) -> bool {
        type_name::<O::Response>() == type_name::<Effect>()
    }

    fn has_evidence(&self) -> bool {
        self.evidence().is_some()
    }

    fn parts(&self) -> RequestParts {
        built(self)
    }

    fn received(&self, status: u16, body: &[u8]) -> Result<(), ResponseError> {
        received(self, status, body).map(drop)
    }
}

/// A row of the table: an operation, and what is known of it.
pub(crate) struct Row {
    pub(crate) operation: Box<dyn AnyOperation>,
    idempotency: Idempotency,
    line: &'static str,
    signed_body: &'static str,
}

impl Row {
    pub(crate) fn new(
        operation: impl AnyOperation + 'static,
        idempotency: Idempotency,
        line: &'static str,
        signed_body: &'static str,
    ) -> Self {
        Self { operation: Box::new(operation), idempotency, line, signed_body }
    }
}

#[test]
fn every_operation_of_the_source_has_a_row() {
    let rows = every_operation();
    let listed: BTreeSet<_> = rows.iter().map(|row| row.operation.type_name().to_owned()).collect();
    assert_eq!(listed.len(), rows.len(), "one row each");
    assert_eq!(listed, operations_of("wechat_pay"));
}

#[test]
fn each_operation_makes_the_request_of_its_row() {
    for Row { operation, line, signed_body, .. } in every_operation() {
        let parts = operation.parts();
        let sent = std::str::from_utf8(parts.body.signed_bytes()).unwrap();
        assert_eq!(format!("{} {}", parts.method.as_str(), parts.target), line);
        assert_eq!(sent, signed_body, "{line}");
    }
}

#[test]
fn each_operation_is_named_after_its_type_and_declares_its_idempotency() {
    for Row { operation, idempotency, .. } in every_operation() {
        let mut named = String::new();
        for letter in operation.type_name().chars() {
            let begins = letter.is_ascii_uppercase() && !named.is_empty();
            named.extend(begins.then_some('_').into_iter().chain([letter.to_ascii_lowercase()]));
        }
        assert_eq!(operation.name(), named);
        assert_eq!(operation.idempotency(), idempotency, "{named}");
    }
}

#[test]
fn an_act_is_done_with_an_empty_response_and_found_in_the_complaint() {
    for Row { operation, .. } in every_operation() {
        let name = operation.name();
        if operation.is_act() {
            for status in [200, 204] {
                assert_eq!(operation.received(status, b""), Ok(()), "{name}");
            }
            let unfinished = operation.received(202, b"{}").unwrap_err();
            assert_eq!(unfinished, ResponseError::NotFinished, "{name}");
            assert_eq!(unfinished.failure().delivery, Delivery::Unknown, "{name}");
        }
        let is_unsafe = operation.idempotency() == Idempotency::Unsafe;
        assert!(is_unsafe || !operation.is_act(), "{name}: another one would tell the payer again");
        let is_on_a_complaint = operation.parts().target.contains(ID);
        assert_eq!(operation.has_evidence(), is_unsafe && is_on_a_complaint, "{name}");
    }
}
