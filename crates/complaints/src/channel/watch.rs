//! The watch on a command's requests: changes that were sent, and the platform's clock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::{BoxFuture, Either, select};
use http::{HeaderMap, Method};
use http_transport::{HttpsClient, SendError};
use jiff::fmt::rfc2822;
use protocol_core::{Headers as _, UnixTime};
use tower_service::Service;

use crate::error::{Code, Error};
use crate::input;
use crate::runtime::{Stop, block_on};

/// Counts the requests that change something, and knows the command that shows their effect.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watch(Arc<Watched>);

#[derive(Debug, Default)]
struct Watched {
    /// Requests that change something and may have been sent.
    sent: AtomicUsize,
    look: Mutex<String>,
    /// The platform's time less this machine's, in the last response: by its signed time, or else
    /// by its `Date`.
    clock: Mutex<Option<i64>>,
}

impl Watch {
    /// Sets the command that shows the effect of the requests to come.
    pub(crate) fn look_with(&self, look: String) {
        *lock(&self.0.look) = look;
    }

    /// The seconds that the platform's clock is ahead. The client verifies the response.
    pub(crate) fn clock_seconds(&self) -> Option<i64> {
        *lock(&self.0.clock)
    }

    /// A transport that this watches.
    pub(crate) fn over(&self, transport: HttpsClient) -> WatchedTransport {
        WatchedTransport { transport, watch: self.clone() }
    }

    /// Runs a command to its end, or until it is interrupted.
    pub(crate) fn block_on<T>(&self, command: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        block_on(async {
            let stop = Stop::listen()?;
            let (command, stop) = (std::pin::pin!(command), std::pin::pin!(stop.wait()));
            // The signals first: they are caught before the command begins.
            match select(stop, command).await {
                Either::Left(((), _)) => Err(self.interrupted()),
                Either::Right((outcome, _)) => outcome,
            }
        })
    }

    fn interrupted(&self) -> Error {
        if self.0.sent.load(Ordering::Acquire) == 0 {
            return Error::new(Code::Network, "interrupted; nothing was sent that changes anything");
        }
        let look = lock(&self.0.look);
        Error::new(
            Code::Network,
            format_args!(
                "interrupted; a request that changes something was on its way, and its outcome is unknown: it may \
                 have taken effect; look with {look} before you try again"
            ),
        )
    }
}

/// Sends requests, and counts those that change something.
#[derive(Debug, Clone)]
pub(crate) struct WatchedTransport {
    transport: HttpsClient,
    watch: Watch,
}

impl Service<http::Request<Bytes>> for WatchedTransport {
    type Response = http::Response<Bytes>;
    type Error = SendError;
    type Future = BoxFuture<'static, Result<Self::Response, SendError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        self.transport.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Bytes>) -> Self::Future {
        let changes = changes_something(request.method(), request.uri().path());
        let sending = self.transport.call(request);
        let watch = self.watch.clone();
        Box::pin(async move {
            // Before the first byte: an interruption in between is reported as the worse case.
            if changes {
                watch.0.sent.fetch_add(1, Ordering::AcqRel);
            }
            let outcome = sending.await;
            let theirs = outcome.as_ref().ok().and_then(|response| platforms_time(response.headers()));
            if let (Some(theirs), Ok(ours)) = (theirs, input::now(None)) {
                *lock(&watch.0.clock) = Some(theirs.0.saturating_sub(ours.0));
            }
            if changes && outcome.as_ref().is_err_and(|error| !error.may_have_been_sent()) {
                watch.0.sent.fetch_sub(1, Ordering::AcqRel);
            }
            outcome
        })
    }
}

/// The time of a response: the one that its signature covers, or else `Date`.
fn platforms_time(headers: &HeaderMap) -> Option<UnixTime> {
    let signed = headers.header("Wechatpay-Timestamp").text().and_then(UnixTime::from_digits);
    let date = || rfc2822::DateTimeParser::new().parse_timestamp(headers.header("Date").text()?).ok();
    signed.or_else(|| Some(UnixTime(date()?.as_second())))
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a request changes something that others see. Unknown requests do.
fn changes_something(method: &Method, path: &str) -> bool {
    /// The last segments of posted queries, and of uploads, which no one sees before an act.
    const HARMLESS: [&str; 16] = [
        "stable_token",
        "upload",
        "wxmerchantimageupload",
        "wxgetmerchantimage",
        "alicomplaintfileupload",
        "wxcomplaintlistquery",
        "complaintqry",
        "wxcomplaintdetail",
        "wxcomplainthistory",
        "wxcomplaintorderdetail",
        "alicomplaintqueryv2",
        "get_complaint_list",
        "get_complaint_detail",
        "get_negotiation_history",
        "get_upload_file_sign",
        "upload_vp_file",
    ];
    let last = path.rsplit('/').next().unwrap_or_default();
    *method != Method::GET && !HARMLESS.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_time_comes_before_the_date() {
        let mut headers = HeaderMap::new();
        assert_eq!(platforms_time(&headers), None);
        headers.insert("date", "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        assert_eq!(platforms_time(&headers), Some(UnixTime(784_111_777)));
        headers.insert("wechatpay-timestamp", "1741936166".parse().unwrap());
        assert_eq!(platforms_time(&headers), Some(UnixTime(1_741_936_166)));
        let unknown = HeaderMap::from_iter([(http::header::DATE, "yesterday".parse().unwrap())]);
        assert_eq!(platforms_time(&unknown), None);
    }

    #[test]
    fn questions_and_uploads_change_nothing_and_all_else_does() {
        for (method, path, changes) in [
            (Method::GET, "/v3/merchant-service/complaints-v2/1", false),
            (Method::POST, "/v3/merchant-service/images/upload", false),
            (Method::POST, "/v3/merchant-service/complaints-v2/1/response", true),
            (Method::POST, "/v3/merchant-service/complaints-v2/1/complete", true),
            (Method::PUT, "/v3/merchant-service/complaint-notifications", true),
            (Method::DELETE, "/v3/merchant-service/complaint-notifications", true),
            (Method::POST, "/cgi-bin/stable_token", false),
            (Method::POST, "/cgi-bin/media/upload", false),
            (Method::POST, "/wxaapi/minishop/bussiRespondComplaint", true),
            (Method::POST, "/cusapi/riskfeeback/wxcomplaintdetail", false),
            (Method::POST, "/cusapi/riskfeeback/complaintsResp", true),
            (Method::POST, "/cusapi/riskfeeback/new", true),
            (Method::POST, "/xpay/get_complaint_list", false),
            (Method::POST, "/xpay/get_complaint_detail", false),
            (Method::POST, "/xpay/get_negotiation_history", false),
            (Method::POST, "/xpay/get_upload_file_sign", false),
            (Method::POST, "/xpay/upload_vp_file", false),
            (Method::POST, "/xpay/response_complaint", true),
            (Method::POST, "/xpay/complete_complaint", true),
        ] {
            assert_eq!(changes_something(&method, path), changes, "{method} {path}");
        }
    }
}
