//! From a request to what goes over the wire: verified, carried out, signed, and spoiled on command.

use bytes::Bytes;
use http::{Request as HttpRequest, Response};
use protocol_core::UnixTime;
use protocol_core::wechat_pay::Scheme;

use super::authenticate::{Caller, only, verify_request};
use super::log::ReceivedRequest;
use super::operations::Request;
use super::platform::Platform;
use super::reply::{Refusal, Reply};
use super::route::Operation;
use super::sign::{SignatureFault, signature_headers};
use super::state::request_id;
use crate::fault::{FaultKind, Happening};
use crate::way::{Served, Way, respond};

/// A reply and the faults of its signature and its way.
struct Spoiled {
    reply: Reply,
    signature: Option<SignatureFault>,
    way: Way,
}

impl Platform {
    /// Serves a request, faults included.
    pub(crate) fn serve(&self, request: &HttpRequest<Bytes>) -> Served {
        let now = self.now();
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let operation = Operation::of(request.method().as_str(), target);
        let name = operation.as_ref().map_or("unknown", Operation::name);
        let fault = operation.as_ref().and_then(|_| self.state().faults.take(name));
        let (caller, reply) = match &operation {
            Some(operation) => self.handle(request, target, operation, fault.as_ref(), now),
            None => (None, Reply::gateway(404)),
        };
        let spoiled = spoil(reply, fault);
        self.log_request(ReceivedRequest {
            operation: name,
            status: (!spoiled.way.dropped).then_some(spoiled.reply.status),
            verified: caller.is_some(),
            mchid: caller.as_ref().map(|caller| caller.mchid.clone()),
            at: now,
        });
        self.deliver_outbox();
        let key_id = only(request.headers(), "Wechatpay-Serial");
        let response = self.finish(&spoiled, operation.as_ref(), caller.as_ref(), key_id, now);
        spoiled.way.serve(response)
    }

    /// Verifies a request and carries it out: on the state, or with a fault before the effect on a copy of it.
    fn handle(
        &self,
        request: &HttpRequest<Bytes>,
        target: &str,
        operation: &Operation,
        fault: Option<&Happening>,
        now: UnixTime,
    ) -> (Option<Caller>, Reply) {
        let method = request.method().as_str();
        let keys = std::sync::Arc::clone(&self.state().merchant_keys);
        let caller = match verify_request(method, target, request.headers(), request.body(), &keys, now) {
            Ok(caller) => caller,
            Err(refusal) => return (None, Refusal::of_request(&refusal, method, target).into()),
        };
        let verified = Request {
            caller: &caller,
            target,
            content_type: only(request.headers(), "Content-Type").unwrap_or_default(),
            platform_key: only(request.headers(), "Wechatpay-Serial"),
            body: request.body(),
            now,
        };
        let reply = self.carry_out(fault, |state| -> Reply {
            if !state.use_nonce(&caller.mchid, &caller.nonce, now) {
                return Refusal::of_request(&super::authenticate::RequestRefusal::Nonce, method, target).into();
            }
            state.carry_out(operation, &verified).unwrap_or_else(Reply::from)
        });
        (Some(caller), reply)
    }

    /// Headers and signature.
    fn finish(
        &self,
        spoiled: &Spoiled,
        operation: Option<&Operation>,
        caller: Option<&Caller>,
        key_id: Option<&str>,
        now: UnixTime,
    ) -> Response<Bytes> {
        let reply = &spoiled.reply;
        let mut headers = vec![("Server", "nginx".to_owned()), ("Request-ID", request_id(reply.status))];
        headers.extend(reply.content_type.map(|content_type| ("Content-Type", content_type.to_owned())));
        headers.extend(reply.retry_after.map(|seconds| ("Retry-After", seconds.to_string())));
        if reply.signed {
            let scheme = caller.map_or(Scheme::Rsa, |caller| caller.scheme);
            let state = self.state();
            // Whoever fetches certificates may know no key yet: one of those fetched has to verify the response.
            let first_fetch = operation == Some(&Operation::ListCertificates) && state.has_certificates;
            let named = key_id.filter(|id| state.keys.find(id).is_some());
            let key = if first_fetch && named.is_none() {
                state.keys.newest(scheme)
            } else {
                state.keys.signing(scheme, named)
            };
            drop(state);
            headers.extend(signature_headers(&key, &reply.body, now, spoiled.signature));
        }
        respond(reply, headers)
    }
}

fn spoil(mut reply: Reply, fault: Option<Happening>) -> Spoiled {
    let way = Way::of(fault.as_ref().map(|fault| &fault.kind), &mut reply);
    let mut spoiled = Spoiled { reply, signature: None, way };
    let Some(fault) = fault else { return spoiled };
    match fault.kind {
        FaultKind::ForgedSignature => spoiled.signature = Some(SignatureFault::Forged),
        FaultKind::NoSignature => spoiled.signature = Some(SignatureFault::Missing),
        FaultKind::Probe => spoiled.signature = Some(SignatureFault::Probe),
        FaultKind::UnknownSerial => spoiled.signature = Some(SignatureFault::UnknownSerial),
        FaultKind::StaleTimestamp => spoiled.signature = Some(SignatureFault::Stale),
        FaultKind::RateLimited { retry_after, signed } => {
            spoiled.reply = Refusal::too_many().into();
            spoiled.reply.retry_after = retry_after;
            if !signed {
                spoiled.reply = spoiled.reply.unsigned();
            }
        }
        FaultKind::ServerError => spoiled.reply = Refusal::system().into(),
        FaultKind::Status202 => spoiled.reply = Reply::json_with(202, &serde_json::json!({})),
        FaultKind::Body(body) => {
            spoiled.reply = Reply { body: body.into(), ..Reply::json(&serde_json::json!({})) };
        }
        FaultKind::MalformedJson => {
            spoiled.reply = Reply::json(&serde_json::json!({"data": "?", "url": [], "log_id": {}}))
        }
        // What befalls any platform's response on its way.
        _ => {}
    }
    spoiled
}
