//! From a request to what goes over the wire: verified, carried out, signed, and spoiled on command.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request as HttpRequest, Response};
use protocol_core::UnixTime;
use protocol_core::wechat_pay::Scheme;

use super::authenticate::{Caller, only, verify_request};
use super::log::ReceivedRequest;
use super::operations::Request;
use super::platform::Platform;
use super::reply::{Refusal, Reply};
use super::route::Operation;
use super::sign::{SignatureFault, signature_headers};
use super::state::{State, request_id};
use crate::fault::{FaultKind, Happening};

/// What a caller gets.
#[derive(Debug)]
pub(crate) enum Served {
    /// The connection ends.
    Drop,
    /// An answer, after a while, whole or not.
    Answer { after: Duration, response: Response<Bytes>, body: BodyFault },
}

/// What happens to a body on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyFault {
    None,
    /// It stops in the middle for a while.
    Slow(Duration),
    /// It ends in the middle.
    Truncated,
}

/// A reply and the faults of its signature and its way.
struct Spoiled {
    reply: Reply,
    signature: Option<SignatureFault>,
    after: Duration,
    body: BodyFault,
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
        let dropping = fault.as_ref().is_some_and(|fault| fault.kind == FaultKind::DropConnection);
        let spoiled = spoil(reply, fault);
        // Of an answer without a body, nothing is left once it is cut.
        let dropped = dropping || (spoiled.body == BodyFault::Truncated && spoiled.reply.body.is_empty());
        self.log_request(ReceivedRequest {
            operation: name,
            status: (!dropped).then_some(spoiled.reply.status),
            verified: caller.is_some(),
            mchid: caller.as_ref().map(|caller| caller.mchid.clone()),
            at: now,
        });
        self.deliver_outbox();
        if dropped {
            return Served::Drop;
        }
        let key_id = only(request.headers(), "Wechatpay-Serial");
        let response = self.finish(&spoiled, operation.as_ref(), caller.as_ref(), key_id, now);
        Served::Answer { after: spoiled.after, response, body: spoiled.body }
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
        let mut state = self.state();
        let carry_out = |state: &mut State| -> Reply {
            if !state.use_nonce(&caller.mchid, &caller.nonce, now) {
                return Refusal::of_request(&super::authenticate::RequestRefusal::Nonce, method, target).into();
            }
            state.carry_out(operation, &verified).unwrap_or_else(Reply::from)
        };
        let reply = match fault {
            Some(fault) if !fault.after_effect => carry_out(&mut state.clone()),
            _ => carry_out(&mut state),
        };
        drop(state);
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
            // Whoever fetches certificates may know no key yet: one of those fetched has to verify the answer.
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
        let mut response = Response::new(reply.body.clone());
        *response.status_mut() = http::StatusCode::from_u16(reply.status).unwrap_or_default();
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

fn spoil(reply: Reply, fault: Option<Happening>) -> Spoiled {
    let mut spoiled = Spoiled { reply, signature: None, after: Duration::ZERO, body: BodyFault::None };
    let Some(fault) = fault else { return spoiled };
    match fault.kind {
        FaultKind::DropConnection => {}
        FaultKind::SlowAnswer(time) => spoiled.after = time,
        FaultKind::SlowBody(time) if spoiled.reply.body.is_empty() => spoiled.after = time,
        FaultKind::SlowBody(time) => spoiled.body = BodyFault::Slow(time),
        FaultKind::TruncatedBody => spoiled.body = BodyFault::Truncated,
        FaultKind::OversizeBody(size) => {
            let mut body = spoiled.reply.body.to_vec();
            body.resize(size.max(body.len()), b' ');
            spoiled.reply.body = body.into();
            // 204 could not carry it.
            spoiled.reply.status = if spoiled.reply.status == 204 { 200 } else { spoiled.reply.status };
        }
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
        FaultKind::GatewayHtml(status) => spoiled.reply = Reply::gateway(status),
        FaultKind::EmptyBody(status) => spoiled.reply = Reply::empty(status),
        FaultKind::Status202 => spoiled.reply = Reply::json_with(202, &serde_json::json!({})),
        FaultKind::MalformedJson => {
            spoiled.reply = Reply::json(&serde_json::json!({"data": "?", "url": [], "log_id": {}}))
        }
    }
    spoiled
}
