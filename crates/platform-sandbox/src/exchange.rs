//! What goes over the wire, told to an observer as it happens.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request};
use protocol_core::UnixTime;

use crate::platform::Platform;
use crate::{admin, allinpay, linked, mini_program, virtual_payment};

/// A request that the sandbox received, or its attempt to deliver a message. It has neither query
/// nor body, since those have tokens, signatures and payers' words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// The time of its beginning.
    pub at: UnixTime,
    /// `wechat-pay`, `mini-program`, `virtual-payment`, `allinpay`; `pictures` for plain links,
    /// `sandbox` for the admin interface.
    pub channel: &'static str,
    /// The method.
    pub method: String,
    /// The path of the URL.
    pub path: String,
    /// The status of the response; `None` if there was none.
    pub status: Option<u16>,
    /// The time until the response.
    pub took: Duration,
    /// The delivery that it is an attempt of; `None` for a request that the sandbox received.
    pub delivery: Option<Delivery>,
}

/// The delivery of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The event, such as `COMPLAINT.CREATE` or `complaint_callback`, and the act or the state that
    /// it tells of.
    pub message: String,
    /// The number of the complaint. Empty for a message about none.
    pub complaint: String,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// Whether the response acknowledged the message.
    pub acknowledged: bool,
    /// The reason that there was no response.
    pub error: Option<String>,
}

/// The function that is told of each exchange.
#[derive(Clone)]
pub(crate) struct Observer(Arc<dyn Fn(&Exchange) + Send + Sync>);

impl Observer {
    pub(crate) fn new(observer: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observer))
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// A received request that has no response yet.
pub(crate) struct Received {
    at: UnixTime,
    begun: Instant,
    method: Method,
    path: String,
}

/// A message to deliver, and the number of the attempt.
pub(crate) struct Attempt<'a> {
    pub(crate) channel: &'static str,
    pub(crate) message: &'a str,
    pub(crate) complaint: &'a str,
    pub(crate) number: u32,
}

/// The outcome of an attempt.
pub(crate) struct Attempted {
    pub(crate) at: UnixTime,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
    pub(crate) acknowledged: bool,
}

impl Platform {
    /// A request arrives.
    pub(crate) fn receive<B>(&self, request: &Request<B>) -> Received {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        Received { at: self.now(), begun: Instant::now(), method, path }
    }

    /// Tells the observer of a request and the status of its response.
    pub(crate) fn responded(&self, received: Received, status: Option<u16>) {
        let Received { at, begun, method, path } = received;
        self.tell(|| Exchange {
            at,
            channel: channel_of(&path),
            method: method.to_string(),
            path,
            status,
            took: begun.elapsed(),
            delivery: None,
        });
    }

    /// Prepares a request when its turn has come, sends it, and tells the observer.
    pub(crate) async fn attempt(
        &self,
        attempt: Attempt<'_>,
        prepare: impl FnOnce() -> Result<Request<Bytes>, String>,
        is_acknowledged: impl FnOnce(u16, &[u8]) -> bool,
    ) -> Attempted {
        let permit = self.permits.acquire().await;
        let (at, begun) = (self.now(), Instant::now());
        let request = prepare();
        let target = request.as_ref().map(|request| (request.method().to_string(), request.uri().path().to_owned()));
        let (method, path) = target.unwrap_or_default();
        let outcome = match request {
            Ok(request) => self.exchange(request).await,
            Err(error) => Err(error),
        };
        drop(permit);
        let acknowledged = outcome.as_ref().is_ok_and(|(status, body)| is_acknowledged(*status, body));
        let status = outcome.as_ref().ok().map(|(status, _)| *status);
        let error = outcome.err();
        self.tell(|| Exchange {
            at,
            channel: attempt.channel,
            method,
            path,
            status,
            took: begun.elapsed(),
            delivery: Some(Delivery {
                message: attempt.message.trim_end().to_owned(),
                complaint: attempt.complaint.to_owned(),
                attempt: attempt.number,
                acknowledged,
                error: error.clone(),
            }),
        });
        Attempted { at, status, error, acknowledged }
    }

    fn tell(&self, exchange: impl FnOnce() -> Exchange) {
        if let Some(Observer(observer)) = &self.observer {
            observer(&exchange());
        }
    }
}

/// The channel that a request's path belongs to.
fn channel_of(path: &str) -> &'static str {
    match path {
        path if path.starts_with(admin::PREFIX) => "sandbox",
        path if virtual_payment::is_path(path) => "virtual-payment",
        path if mini_program::is_path(path) => "mini-program",
        path if linked::is_path(path) => "pictures",
        path if allinpay::is_path(path) => "allinpay",
        _ => "wechat-pay",
    }
}
