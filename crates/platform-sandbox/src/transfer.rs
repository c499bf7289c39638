//! The transfer of a response to the caller, and the faults of the transfer, which every platform
//! has.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};

use crate::fault::FaultKind;
use crate::platform_response::PlatformResponse;

/// The outcome of a request for its caller.
#[derive(Debug)]
pub(crate) enum Served {
    /// The connection ends.
    Drop,
    /// A response after this time, its body whole or not.
    Response { after: Duration, response: Response<Bytes>, body: BodyFault },
}

/// A fault of a body's transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyFault {
    None,
    /// The body stops in the middle for this time.
    Slow(Duration),
    /// The body ends in the middle.
    Truncated,
}

/// The transfer of one response.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Transfer {
    after: Duration,
    body: BodyFault,
    /// The response does not arrive.
    pub(crate) dropped: bool,
}

impl Transfer {
    /// Applies the faults of the transfer, and of the gateway in front of the platform. The
    /// platform applies the other faults.
    pub(crate) fn of(fault: Option<&FaultKind>, response: &mut PlatformResponse) -> Self {
        let mut transfer = Self { after: Duration::ZERO, body: BodyFault::None, dropped: false };
        match fault {
            Some(FaultKind::DropConnection) => transfer.dropped = true,
            Some(FaultKind::SlowResponse(time)) => transfer.after = *time,
            Some(FaultKind::SlowBody(time)) if response.body.is_empty() => transfer.after = *time,
            Some(FaultKind::SlowBody(time)) => transfer.body = BodyFault::Slow(*time),
            // A response without a body has nothing left once it is cut.
            Some(FaultKind::TruncatedBody) if response.body.is_empty() => transfer.dropped = true,
            Some(FaultKind::TruncatedBody) => transfer.body = BodyFault::Truncated,
            Some(FaultKind::OversizeBody(size)) => {
                let mut body = response.body.to_vec();
                body.resize((*size).max(body.len()), b' ');
                response.body = body.into();
                // A response with status 204 has no body.
                response.status = if response.status == 204 { 200 } else { response.status };
            }
            Some(FaultKind::GatewayHtml(status)) => *response = PlatformResponse::gateway(*status),
            Some(FaultKind::EmptyBody(status)) => *response = PlatformResponse::empty(*status),
            _ => {}
        }
        transfer
    }

    /// Hands a response over to this transfer.
    pub(crate) fn serve(self, response: Response<Bytes>) -> Served {
        if self.dropped {
            return Served::Drop;
        }
        Served::Response { after: self.after, response, body: self.body }
    }
}

/// A response with these headers.
pub(crate) fn with_headers(response: &PlatformResponse, headers: Vec<(&'static str, String)>) -> Response<Bytes> {
    let mut built = Response::new(response.body.clone());
    *built.status_mut() = StatusCode::from_u16(response.status).unwrap_or_default();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            built.headers_mut().insert(name, value);
        }
    }
    built
}
