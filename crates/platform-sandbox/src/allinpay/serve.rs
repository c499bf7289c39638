//! From a request to what goes over the wire: verified, carried out, signed, and spoiled on command.

use bytes::Bytes;
use http::Request;
use protocol_core::allinpay::SignType;
use serde_json::{Value, json};

use super::call::Call;
use super::interfaces::Interface;
use super::response::{Members, SignatureFault, records, records_of, refusal, reply};
use super::verify::{AllinpayCaller, AllinpayRefusal, Form};
use crate::fault::{FaultKind, Happening};
use crate::way::{Served, Way, respond};
use crate::wechat_pay::{Platform, ReceivedRequest, Reply, only};

/// Where the interfaces are in production, and in the vendor's test.
const PREFIXES: [&str; 2] = ["/cusapi/riskfeeback/", "/vsppcusapi/riskfeeback/"];

/// Whether a path is the gateway's.
pub(crate) fn is_path(path: &str) -> bool {
    name_of(path).is_some()
}

fn name_of(path: &str) -> Option<&str> {
    PREFIXES.iter().find_map(|prefix| path.strip_prefix(prefix))
}

impl Platform {
    /// Serves a request to Allinpay's gateway, faults included.
    pub(crate) fn serve_allinpay(&self, request: &Request<Bytes>) -> Served {
        let now = self.now();
        let interface = name_of(request.uri().path()).and_then(Interface::of);
        let interface = interface.filter(|_| request.method() == http::Method::POST);
        let name = interface.map_or("unknown", |interface| interface.name);
        let fault = interface.and_then(|_| self.state().faults.take(name)).filter(|fault| applies(&fault.kind));
        let (caller, mut reply) = match interface {
            Some(interface) => self.handle_allinpay(request, interface, fault.as_ref()),
            None => (None, Reply::gateway(404)),
        };
        let way = Way::of(fault.as_ref().map(|fault| &fault.kind), &mut reply);
        self.log_request(ReceivedRequest {
            operation: name,
            status: (!way.dropped).then_some(reply.status),
            verified: caller.is_some(),
            mchid: caller.map(|caller| caller.cusid),
            at: now,
        });
        let mut headers = vec![("Server", "nginx".to_owned())];
        headers.extend(reply.content_type.map(|content_type| ("Content-Type", content_type.to_owned())));
        way.serve(respond(&reply, headers))
    }

    fn handle_allinpay(
        &self,
        request: &Request<Bytes>,
        interface: &Interface,
        fault: Option<&Happening>,
    ) -> (Option<AllinpayCaller>, Reply) {
        let content_type = only(request.headers(), "Content-Type").unwrap_or_default();
        let keys = std::sync::Arc::clone(&self.state().allinpay.keys);
        let verified = Form::read(content_type, request.body()).and_then(|form| Ok((form.verify(&keys)?, form)));
        let (caller, form) = match verified {
            Ok(verified) => verified,
            Err(refused) => return (None, refusal(&AllinpayRefusal::retmsg(&refused))),
        };
        let call = Call { caller: &caller, form: &form, now: self.now() };
        let outcome = self.carry_out(fault, |state| interface.carry_out(state, &call));
        let kind = fault.map(|fault| &fault.kind);
        let outcome = match kind {
            Some(FaultKind::MalformedJson) => Ok(malformed()),
            Some(FaultKind::Body(body)) => Ok(records_of(body.as_bytes())),
            Some(FaultKind::HandleState(state)) => {
                let mut members = outcome.unwrap_or_default();
                members.insert("handlestate".to_owned(), Value::from(state.as_str()));
                Ok(members)
            }
            _ => outcome,
        };
        let signature = match kind {
            Some(FaultKind::ForgedSignature) => Some(SignatureFault::Forged),
            Some(FaultKind::NoSignature) => Some(SignatureFault::Missing),
            _ => None,
        };
        let reply = match kind {
            Some(FaultKind::ServerError) => {
                Reply::json_with(500, &json!({"status": 500, "error": "Internal Server Error"}))
            }
            _ => reply(outcome, &*self.allinpay_signer(caller.sign_type), signature),
        };
        (Some(caller), reply)
    }

    fn allinpay_signer(&self, sign_type: SignType) -> std::sync::Arc<dyn protocol_core::crypto::Signer> {
        self.state().allinpay.signer(sign_type)
    }
}

/// Rightly signed, and of no documented shape.
fn malformed() -> Members {
    let mut members = records(&json!("?"));
    members.insert("imagebase64".to_owned(), Value::from("?"));
    members
}

/// Faults of WeChat Pay's own signing and statuses do not happen here: they wear out without effect.
fn applies(kind: &FaultKind) -> bool {
    !matches!(
        kind,
        FaultKind::Probe
            | FaultKind::UnknownSerial
            | FaultKind::StaleTimestamp
            | FaultKind::RateLimited { .. }
            | FaultKind::Status202
    )
}
