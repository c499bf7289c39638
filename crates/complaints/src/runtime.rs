//! Ctrl-C: an interrupted command says whether something may have been sent, and how to find out what became of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::{BoxFuture, Either, select};
use http::Method;
use http_transport::{HttpsClient, SendError};
use tower_service::Service;

use crate::error::{Code, Error};

/// Runs a future to its end on a runtime of its own.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::usage(format_args!("the system gives no room to run in: {error}")))?;
    let outcome = runtime.block_on(future);
    // A name that is still being looked up is not waited for.
    runtime.shutdown_background();
    outcome
}

/// Ctrl-C and, where there is one, the signal that ends a service.
pub(crate) struct Stop {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Stop {
    /// From here on the signals are caught.
    pub(crate) fn listen() -> Result<Self, Error> {
        Ok(Self {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
                .map_err(|error| Error::usage(format_args!("the system lets no signal be waited for: {error}")))?,
        })
    }

    pub(crate) async fn wait(self) {
        #[cfg(unix)]
        {
            let mut terminate = self.terminate;
            let interrupt = std::pin::pin!(tokio::signal::ctrl_c());
            let terminate = std::pin::pin!(terminate.recv());
            let _ = select(interrupt, terminate).await;
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Counts the requests that change something, and knows where their effect is seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watch(Arc<Watched>);

#[derive(Debug, Default)]
struct Watched {
    /// Requests that change something, of which it is not certain that they were not sent.
    sent: AtomicUsize,
    look: Mutex<String>,
}

impl Watch {
    /// Says how to find out what became of what is sent from here on.
    pub(crate) fn look_with(&self, look: String) {
        *self.0.look.lock().unwrap_or_else(PoisonError::into_inner) = look;
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
        let look = self.0.look.lock().unwrap_or_else(PoisonError::into_inner);
        Error::new(
            Code::Network,
            format_args!(
                "interrupted; a request that changes something was on its way, and its outcome is unknown: it may have taken \
                 effect; look with {look} before you try again"
            ),
        )
    }
}

/// Carries requests, and counts those that change something.
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
            // Before the first byte: an interruption in between is told as the worse of the two.
            if changes {
                watch.0.sent.fetch_add(1, Ordering::AcqRel);
            }
            let outcome = sending.await;
            if changes && outcome.as_ref().is_err_and(|error| !error.may_have_been_sent()) {
                watch.0.sent.fetch_sub(1, Ordering::AcqRel);
            }
            outcome
        })
    }
}

/// Whether a request changes something that others see. What is not known to be a question or an upload does.
fn changes_something(method: &Method, path: &str) -> bool {
    /// The last segments of what only asks though it is posted, and of uploads, which nobody sees before an act shows them.
    const HARMLESS: [&str; 11] = [
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
    ];
    let last = path.rsplit('/').next().unwrap_or_default();
    *method != Method::GET && !HARMLESS.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert_eq!(changes_something(&method, path), changes, "{method} {path}");
        }
    }
}
