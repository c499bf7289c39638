//! From a request to the response on the wire: verified, handled, signed, and spoilt by an injected
//! fault.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request as HttpRequest, Response};
use protocol_core::OperationInfo as _;
use protocol_core::UnixTime;
use protocol_core::wechat_pay::{ListCertificates, Scheme, UploadImage};
use serde_json::json;

use super::authenticate::{Caller, only, verify_request};
use super::refusal::Refusal;
use super::request::Request;
use super::routes::{self, Handler};
use super::sign::{SignatureFault, signature_headers};
use crate::fault::{ActiveFault, FaultKind};
use crate::log::ReceivedRequest;
use crate::platform::Platform;
use crate::platform_response::PlatformResponse;
use crate::random;
use crate::request_error::RequestError;
use crate::route::Route;
use crate::transfer::{Served, Transfer, with_headers};

/// A response with the faults of its signature and of its transfer.
struct FaultyResponse {
    response: PlatformResponse,
    signature: Option<SignatureFault>,
    transfer: Transfer,
}

impl Platform {
    /// Serves a request to WeChat Pay, faults included.
    pub(crate) fn serve_wechat_pay(&self, request: &HttpRequest<Bytes>) -> Served {
        let now = self.now();
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let found = routes::find(request.method(), target);
        let name = found.map_or("unknown", |(route, _)| route.name);
        let fault = found.and_then(|_| self.state().faults.take(name, now));
        let (caller, response) = match found {
            Some((route, id)) => self.handle_wechat_pay(request, target, route, id, fault.as_ref(), now),
            None => (None, PlatformResponse::gateway(404)),
        };
        let faulty = apply_fault(response, fault);
        self.log_request(ReceivedRequest {
            operation: name,
            status: (!faulty.transfer.dropped).then_some(faulty.response.status),
            verified: caller.is_some(),
            mchid: caller.as_ref().map(|caller| caller.mchid.clone()),
            at: now,
        });
        self.deliver_outbox();
        let key_id = only(request.headers(), "Wechatpay-Serial");
        let response = self.finish(&faulty, name, caller.as_ref(), key_id, now);
        faulty.transfer.serve(response)
    }

    /// Verifies a request and runs its handler.
    fn handle_wechat_pay(
        &self,
        request: &HttpRequest<Bytes>,
        target: &str,
        route: &Route<Handler>,
        id: &str,
        fault: Option<&ActiveFault>,
        now: UnixTime,
    ) -> (Option<Caller>, PlatformResponse) {
        let method = request.method().as_str();
        let keys = Arc::clone(&self.state().wechat_pay.merchant_keys);
        let caller = match verify_request(method, target, request.headers(), request.body(), &keys, now) {
            Ok(caller) => caller,
            Err(refusal) => return (None, Refusal::of_request(&refusal, method, target).into()),
        };
        let verified = Request {
            caller: &caller,
            target,
            id,
            content_type: only(request.headers(), "Content-Type").unwrap_or_default(),
            platform_key: only(request.headers(), "Wechatpay-Serial"),
            body: request.body(),
            now,
        };
        let outcome = self.run(fault, |state| {
            let wechat_pay = &mut state.wechat_pay;
            if !wechat_pay.use_nonce(&caller.mchid, &caller.nonce, now) {
                return Err(Refusal::of_request(&RequestError::Nonce, method, target));
            }
            if route.name != UploadImage::NAME && !has_json_or_nothing(&verified) {
                return Err(Refusal::invalid("Content-Type不是application/json"));
            }
            (route.handler)(wechat_pay, &verified)
        });
        (Some(caller), outcome.unwrap_or_else(PlatformResponse::from))
    }

    /// Adds the headers and the signature.
    fn finish(
        &self,
        faulty: &FaultyResponse,
        operation: &str,
        caller: Option<&Caller>,
        key_id: Option<&str>,
        now: UnixTime,
    ) -> Response<Bytes> {
        let response = &faulty.response;
        let mut headers = vec![("Server", "nginx".to_owned()), ("Request-ID", random::request_id(response.status))];
        headers.extend(response.content_type.map(|content_type| ("Content-Type", content_type.to_owned())));
        headers.extend(response.retry_after.map(|seconds| ("Retry-After", seconds.to_string())));
        if response.signed {
            let scheme = caller.map_or(Scheme::Rsa, |caller| caller.scheme);
            let state = self.state();
            let wechat_pay = &state.wechat_pay;
            let named = key_id.filter(|id| wechat_pay.keys.find(id).is_some());
            // A caller that fetches certificates may have no key yet: the newest certificate has to
            // verify the response.
            let first_fetch = operation == ListCertificates::NAME && wechat_pay.has_certificates && named.is_none();
            let key = if first_fetch { wechat_pay.keys.newest(scheme) } else { wechat_pay.keys.signing(scheme, named) };
            drop(state);
            headers.extend(signature_headers(&key, &response.body, now, faulty.signature));
        }
        with_headers(response, headers)
    }
}

fn has_json_or_nothing(request: &Request<'_>) -> bool {
    let kind = request.content_type.split(';').next().unwrap_or_default().trim();
    request.body.is_empty() || kind.eq_ignore_ascii_case("application/json")
}

fn apply_fault(mut response: PlatformResponse, fault: Option<ActiveFault>) -> FaultyResponse {
    let transfer = Transfer::of(fault.as_ref().map(|fault| &fault.kind), &mut response);
    let mut faulty = FaultyResponse { response, signature: None, transfer };
    let Some(fault) = fault else { return faulty };
    match fault.kind {
        FaultKind::ForgedSignature => faulty.signature = Some(SignatureFault::Forged),
        FaultKind::NoSignature => faulty.signature = Some(SignatureFault::Missing),
        FaultKind::Probe => faulty.signature = Some(SignatureFault::Probe),
        FaultKind::UnknownSerial => faulty.signature = Some(SignatureFault::UnknownSerial),
        FaultKind::StaleTimestamp => faulty.signature = Some(SignatureFault::Stale),
        FaultKind::RateLimited { retry_after, signed } => {
            faulty.response = PlatformResponse { retry_after, signed, ..Refusal::too_many().into() };
        }
        FaultKind::ServerError => faulty.response = Refusal::system().into(),
        FaultKind::Status202 => faulty.response = PlatformResponse::json_with(202, &json!({})),
        FaultKind::Body(body) => {
            faulty.response = PlatformResponse { body: body.into(), ..PlatformResponse::json(&json!({})) };
        }
        FaultKind::MalformedJson => {
            faulty.response = PlatformResponse::json(&json!({"data": "?", "url": [], "log_id": {}}));
        }
        // Faults of the transfer, which are every platform's.
        _ => {}
    }
    faulty
}
