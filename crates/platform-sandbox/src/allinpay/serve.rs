//! From a request to the response on the wire: verified, handled, signed, and spoilt by an injected
//! fault.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request};
use protocol_core::allinpay::SignType;
use protocol_core::crypto::Signer;
use serde_json::{Value, json};

use super::call::Call;
use super::response::{self, Members, SignatureFault, records, records_of, refusal};
use super::routes::{self, GatewayRoute};
use super::verify::{AllinpayCaller, Form, retmsg};
use crate::fault::{ActiveFault, FaultKind};
use crate::log::ReceivedRequest;
use crate::platform::Platform;
use crate::platform_response::PlatformResponse;
use crate::transfer::{Served, Transfer, with_headers};
use crate::wechat_pay::only;

/// The paths of the operations in production, and in the vendor's test system.
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
        let route = name_of(request.uri().path()).and_then(routes::find).filter(|_| request.method() == Method::POST);
        let name = route.map_or("unknown", |route| route.name);
        let fault = route.and_then(|_| self.state().faults.take(name, now)).filter(|fault| applies(&fault.kind));
        let (caller, mut response) = match route {
            Some(route) => self.handle_allinpay(request, route, fault.as_ref()),
            None => (None, PlatformResponse::gateway(404)),
        };
        let transfer = Transfer::of(fault.as_ref().map(|fault| &fault.kind), &mut response);
        self.log_request(ReceivedRequest {
            operation: name,
            status: (!transfer.dropped).then_some(response.status),
            verified: caller.is_some(),
            mchid: caller.map(|caller| caller.cusid),
            at: now,
        });
        let mut headers = vec![("Server", "nginx".to_owned())];
        headers.extend(response.content_type.map(|content_type| ("Content-Type", content_type.to_owned())));
        transfer.serve(with_headers(&response, headers))
    }

    fn handle_allinpay(
        &self,
        request: &Request<Bytes>,
        route: &GatewayRoute,
        fault: Option<&ActiveFault>,
    ) -> (Option<AllinpayCaller>, PlatformResponse) {
        let content_type = only(request.headers(), "Content-Type").unwrap_or_default();
        let keys = Arc::clone(&self.state().allinpay.keys);
        let verified = Form::read(content_type, request.body()).and_then(|form| Ok((form.verify(&keys)?, form)));
        let (caller, form) = match verified {
            Ok(verified) => verified,
            Err(refused) => return (None, refusal(&retmsg(&refused))),
        };
        let call = Call { caller: &caller, form: &form, now: self.now() };
        let outcome = self.run(fault, |state| route.handle(state, &call));
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
        let response = match kind {
            Some(FaultKind::ServerError) => {
                PlatformResponse::json_with(500, &json!({"status": 500, "error": "Internal Server Error"}))
            }
            _ => response::of_outcome(outcome, &*self.allinpay_signer(caller.sign_type), signature),
        };
        (Some(caller), response)
    }

    fn allinpay_signer(&self, sign_type: SignType) -> Arc<dyn Signer> {
        self.state().allinpay.signer(sign_type)
    }
}

/// Members of an undocumented shape.
fn malformed() -> Members {
    let mut members = records(&json!("?"));
    members.insert("imagebase64".to_owned(), Value::from("?"));
    members
}

/// Whether a fault applies to the gateway. The others are used up without effect.
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
