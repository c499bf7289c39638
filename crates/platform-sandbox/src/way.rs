//! A response's way to the caller, whichever platform's response it is, and what happens to it there.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};

use crate::fault::FaultKind;
use crate::wechat_pay::Reply;

/// What a caller gets.
#[derive(Debug)]
pub(crate) enum Served {
    /// The connection ends.
    Drop,
    /// A response, after a while, whole or not.
    Response { after: Duration, response: Response<Bytes>, body: BodyFault },
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

/// How a response travels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    after: Duration,
    body: BodyFault,
    /// It does not arrive.
    pub(crate) dropped: bool,
}

impl Way {
    /// What a fault does to a response on its way, and at the gateway before the platform. Other faults are the platform's own to
    /// show.
    pub(crate) fn of(fault: Option<&FaultKind>, reply: &mut Reply) -> Self {
        let mut way = Self { after: Duration::ZERO, body: BodyFault::None, dropped: false };
        match fault {
            Some(FaultKind::DropConnection) => way.dropped = true,
            Some(FaultKind::SlowResponse(time)) => way.after = *time,
            Some(FaultKind::SlowBody(time)) if reply.body.is_empty() => way.after = *time,
            Some(FaultKind::SlowBody(time)) => way.body = BodyFault::Slow(*time),
            // Of a response without a body, nothing is left once it is cut.
            Some(FaultKind::TruncatedBody) if reply.body.is_empty() => way.dropped = true,
            Some(FaultKind::TruncatedBody) => way.body = BodyFault::Truncated,
            Some(FaultKind::OversizeBody(size)) => {
                let mut body = reply.body.to_vec();
                body.resize((*size).max(body.len()), b' ');
                reply.body = body.into();
                // 204 could not carry it.
                reply.status = if reply.status == 204 { 200 } else { reply.status };
            }
            Some(FaultKind::GatewayHtml(status)) => *reply = Reply::gateway(*status),
            Some(FaultKind::EmptyBody(status)) => *reply = Reply::empty(*status),
            _ => {}
        }
        way
    }

    /// Sends a response along.
    pub(crate) fn serve(self, response: Response<Bytes>) -> Served {
        if self.dropped {
            return Served::Drop;
        }
        Served::Response { after: self.after, response, body: self.body }
    }
}

/// A reply with headers around it.
pub(crate) fn respond(reply: &Reply, headers: Vec<(&'static str, String)>) -> Response<Bytes> {
    let mut response = Response::new(reply.body.clone());
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or_default();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
