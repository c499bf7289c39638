//! From a request to the response on the wire: authenticated, handled, and spoilt by an injected
//! fault. Responses are not signed.

use bytes::Bytes;
use http::{Method, Request as HttpRequest};
use serde_json::{Value, json};

use super::request::Request;
use super::response::Refusal;
use super::routes::{self, Handler};
use crate::fault::{ActiveFault, FaultKind};
use crate::form;
use crate::linked::with_fresh_links;
use crate::log::ReceivedRequest;
use crate::platform::Platform;
use crate::platform_response::PlatformResponse;
use crate::route::Route;
use crate::state::State;
use crate::transfer::{Served, Transfer, with_headers};
use crate::virtual_payment::{self, check_pay_sig};
use crate::wechat_pay::only;

/// Whether a path is the Mini Program server's.
pub(crate) fn is_path(path: &str) -> bool {
    path.starts_with("/cgi-bin/") || path.starts_with("/wxaapi/") || virtual_payment::is_path(path)
}

impl Platform {
    /// Serves a request to the Mini Program's server, faults included.
    pub(crate) fn serve_mini_program(&self, request: &HttpRequest<Bytes>) -> Served {
        let now = self.now();
        let route = Operation::find(request.uri().path());
        let name = route.map_or("unknown", Operation::name);
        let fault = route.and_then(|_| self.state().faults.take(name, now)).filter(|fault| applies(&fault.kind));
        let (verified, mut response) = match route {
            Some(route) => self.handle_mini_program(request, route, fault.as_ref()),
            None => (false, PlatformResponse::gateway(404)),
        };
        let transfer = Transfer::of(fault.as_ref().map(|fault| &fault.kind), &mut response);
        self.log_request(ReceivedRequest {
            operation: name,
            status: (!transfer.dropped).then_some(response.status),
            verified,
            mchid: verified.then(|| self.state().mini_program.account.appid.clone()),
            at: now,
        });
        self.deliver_outbox();
        let mut headers = Vec::new();
        headers.extend(response.content_type.map(|content_type| ("Content-Type", content_type.to_owned())));
        transfer.serve(with_headers(&response, headers))
    }

    fn handle_mini_program(
        &self,
        request: &HttpRequest<Bytes>,
        route: Operation,
        fault: Option<&ActiveFault>,
    ) -> (bool, PlatformResponse) {
        let Some(query) = form::pairs(request.uri().query().unwrap_or_default()) else {
            return (false, Refusal::PARAMETER.into());
        };
        let request = Request {
            path: request.uri().path(),
            query: &query,
            is_post: request.method() == Method::POST,
            content_type: only(request.headers(), "Content-Type").unwrap_or_default(),
            body: request.body(),
            now: self.now(),
        };
        let method = match (route.is_post(), request.is_post) {
            (false, true) => Err(Refusal::Code(43_001, "require GET method")),
            (true, false) => Err(Refusal::Code(43_002, "require POST method")),
            _ => Ok(()),
        };
        if let Err(refused) = method.and_then(|()| route.authenticate(&self.state(), &request)) {
            return (false, refused.into());
        }
        let outcome = self.run(fault, |state| route.handle(state, &request));
        let response = match fault.map(|fault| &fault.kind) {
            Some(FaultKind::ServerError) => Refusal::Code(-1, "system error").into(),
            Some(FaultKind::RateLimited { .. }) => Refusal::Code(45_009, "reach max api daily quota limit").into(),
            Some(FaultKind::Body(body)) => {
                PlatformResponse { body: body.clone().into(), ..PlatformResponse::json(&json!({})) }
            }
            Some(FaultKind::MalformedJson) => PlatformResponse::json(
                &json!({"errcode": "?", "access_token": [], "complaintOrder": 1, "media_id": {}, "total": "?", "complaint": 1, "file_id": {}}),
            ),
            _ => outcome.map_or_else(PlatformResponse::from, |response| {
                PlatformResponse::json(&with_fresh_links(response, request.now))
            }),
        };
        (true, response)
    }
}

/// An operation of the server: the Mini Program's, or its virtual payment's.
#[derive(Clone, Copy)]
enum Operation {
    MiniProgram(&'static Route<Handler>),
    VirtualPayment(&'static Route<virtual_payment::Handler>),
}

impl Operation {
    fn find(path: &str) -> Option<Self> {
        let of_virtual_payment = || virtual_payment::find(path).map(Self::VirtualPayment);
        routes::find(path).map(Self::MiniProgram).or_else(of_virtual_payment)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::MiniProgram(route) => route.name,
            Self::VirtualPayment(route) => route.name,
        }
    }

    fn is_post(self) -> bool {
        match self {
            Self::MiniProgram(route) => route.method == Method::POST,
            Self::VirtualPayment(route) => route.method == Method::POST,
        }
    }

    fn authenticate(self, state: &State, request: &Request<'_>) -> Result<(), Refusal> {
        match self {
            Self::MiniProgram(route) => state.mini_program.authenticate(route.handler.0, request),
            Self::VirtualPayment(_) => {
                state.mini_program.check_access_token(request)?;
                let account = &state.virtual_payment.account;
                let is_signed = check_pay_sig(account, request.path, request.query, request.body);
                if is_signed { Ok(()) } else { Err(Refusal::Code(268_490_003, "签名错误")) }
            }
        }
    }

    fn handle(self, state: &mut State, request: &Request<'_>) -> Result<Value, Refusal> {
        match self {
            Self::MiniProgram(route) => (route.handler.1)(&mut state.mini_program, request),
            Self::VirtualPayment(route) => (route.handler)(state, request),
        }
    }
}

/// Whether a fault applies to responses without a signature. The others are used up without effect.
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
