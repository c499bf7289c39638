//! From a request to what goes over the wire: authenticated, carried out, and spoiled on command. Nothing here is signed.

use bytes::Bytes;
use http::Request as HttpRequest;
use serde_json::json;

use super::operations::{Operation, Request};
use super::response::Refused;
use crate::fault::{FaultKind, Happening};
use crate::form;
use crate::way::{Served, Way, respond};
use crate::wechat_pay::{Platform, ReceivedRequest, Reply, only};

/// Whether a path is the Mini Program server's.
pub(crate) fn is_path(path: &str) -> bool {
    path.starts_with("/cgi-bin/") || path.starts_with("/wxaapi/")
}

impl Platform {
    /// Serves a request to the Mini Program's server, faults included.
    pub(crate) fn serve_mini_program(&self, request: &HttpRequest<Bytes>) -> Served {
        let now = self.now();
        let operation = Operation::of(request.uri().path());
        let name = operation.map_or("unknown", Operation::name);
        let fault = operation.and_then(|_| self.state().faults.take(name)).filter(|fault| applies(&fault.kind));
        let (verified, mut reply) = match operation {
            Some(operation) => self.handle_mini_program(request, operation, fault.as_ref()),
            None => (false, Reply::gateway(404)),
        };
        let way = Way::of(fault.as_ref().map(|fault| &fault.kind), &mut reply);
        self.log_request(ReceivedRequest {
            operation: name,
            status: (!way.dropped).then_some(reply.status),
            verified,
            mchid: verified.then(|| self.state().mini_program.account.appid.clone()),
            at: now,
        });
        self.deliver_outbox();
        let mut headers = Vec::new();
        headers.extend(reply.content_type.map(|content_type| ("Content-Type", content_type.to_owned())));
        way.serve(respond(&reply, headers))
    }

    fn handle_mini_program(
        &self,
        request: &HttpRequest<Bytes>,
        operation: Operation,
        fault: Option<&Happening>,
    ) -> (bool, Reply) {
        let Some(query) = form::pairs(request.uri().query().unwrap_or_default()) else {
            return (false, Refused::PARAMETER.into());
        };
        let request = Request {
            query: &query,
            is_post: request.method() == http::Method::POST,
            content_type: only(request.headers(), "Content-Type").unwrap_or_default(),
            body: request.body(),
            now: self.now(),
        };
        if let Err(refused) = self.state().mini_program.authenticate(operation, &request) {
            return (false, refused.into());
        }
        let outcome = self.carry_out(fault, |state| state.mini_program.carry_out(operation, &request));
        let reply = match fault.map(|fault| &fault.kind) {
            Some(FaultKind::ServerError) => Refused::Code(-1, "system error").into(),
            Some(FaultKind::RateLimited { .. }) => Refused::Code(45_009, "reach max api daily quota limit").into(),
            Some(FaultKind::Body(body)) => Reply { body: body.clone().into(), ..Reply::json(&json!({})) },
            Some(FaultKind::MalformedJson) => {
                Reply::json(&json!({"errcode": "?", "access_token": [], "complaintOrder": 1, "media_id": {}}))
            }
            _ => outcome.map_or_else(Reply::from, |response| Reply::json(&response)),
        };
        (true, reply)
    }
}

/// Faults of signatures do not happen to answers that have none: they wear out without effect.
fn applies(kind: &FaultKind) -> bool {
    !matches!(
        kind,
        FaultKind::Probe
            | FaultKind::UnknownSerial
            | FaultKind::StaleTimestamp
            | FaultKind::ForgedSignature
            | FaultKind::NoSignature
            | FaultKind::Status202
            | FaultKind::HandleState(_)
    )
}
