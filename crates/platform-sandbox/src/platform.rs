//! The simulated platforms: their state behind a lock, their logs, their clock, and what deliveries
//! share.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_transport::HttpsClient;
use protocol_core::wechat_pay::Scheme;
use protocol_core::{Secret, UnixTime};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::config::SandboxConfig;
use crate::error::SandboxError;
use crate::exchange::Observer;
use crate::fault::{ActiveFault, NotificationFault};
use crate::log::{MAX_LOG, ReceivedRequest, SentNotice, SentNotification, SentPush};
use crate::memory::{Memory, Start};
use crate::random;
use crate::state::State;
use crate::wechat_pay::{Merchant, MerchantAccount, Notification, PlatformKey, SignedNotification, signature_headers};

/// The most notifications, pushes and notices sent at the same time.
const MAX_DELIVERIES: usize = 64;

/// The simulated platforms.
pub(crate) struct Platform {
    clock: Clock,
    pub(crate) time_scale: f64,
    pub(crate) delivery_timeout: Duration,
    pub(crate) merchant: Arc<MerchantAccount>,
    state: Mutex<State>,
    pub(crate) memory: Option<Memory>,
    pub(crate) observer: Option<Observer>,
    pub(crate) story_token: Option<Secret>,
    requests: Mutex<VecDeque<ReceivedRequest>>,
    sent: Mutex<VecDeque<SentNotification>>,
    sent_pushes: Mutex<VecDeque<SentPush>>,
    sent_notices: Mutex<VecDeque<SentNotice>>,
    /// Notifications, pushes and notices that are neither acknowledged nor given up.
    pub(crate) open: watch::Sender<usize>,
    /// The number of first attempts.
    pub(crate) went_out: watch::Sender<u64>,
    pub(crate) permits: Semaphore,
    pub(crate) sender: Option<HttpsClient>,
    runtime: Option<Handle>,
    deliveries: Mutex<JoinSet<()>>,
    myself: Weak<Self>,
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").field("merchant", &self.merchant).finish_non_exhaustive()
    }
}

impl Platform {
    /// The platforms at this address. Without a client they deliver nothing.
    pub(crate) fn new(
        config: &SandboxConfig,
        base_url: &str,
        sender: Option<HttpsClient>,
        runtime: Option<Handle>,
    ) -> Result<Arc<Self>, SandboxError> {
        let Start { state, merchant, memory } = Start::of(config, base_url)?;
        let platform = Arc::new_cyclic(|myself| Self {
            clock: config.clock.clone(),
            time_scale: config.time_scale,
            delivery_timeout: config.delivery_timeout,
            merchant,
            state: Mutex::new(state),
            memory,
            observer: config.observer.clone(),
            story_token: config.story_token.clone(),
            requests: Mutex::default(),
            sent: Mutex::default(),
            sent_pushes: Mutex::default(),
            sent_notices: Mutex::default(),
            open: watch::Sender::new(0),
            went_out: watch::Sender::new(0),
            permits: Semaphore::new(MAX_DELIVERIES),
            sender,
            runtime,
            deliveries: Mutex::default(),
            myself: Weak::clone(myself),
        });
        platform.keep_first()?;
        Ok(platform)
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a handler on the state; with a fault before the effect, on a clone that is dropped.
    pub(crate) fn run<T>(&self, fault: Option<&ActiveFault>, handler: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        match fault {
            Some(fault) if !fault.after_effect && !fault.kind.always_takes_effect() => handler(&mut state.clone()),
            _ => handler(&mut state),
        }
    }

    pub(crate) fn add_merchant(&self, scheme: Scheme) -> Result<MerchantAccount, SandboxError> {
        let now = self.now();
        self.state().wechat_pay.add_merchant(scheme, now).map(|account| (*account).clone())
    }

    pub(crate) fn signed_notification(
        &self,
        mchid: &str,
        complaint_id: &str,
        action_type: &str,
        fault: Option<NotificationFault>,
    ) -> Result<SignedNotification, SandboxError> {
        let now = self.now();
        let (merchant, key) = self.merchant_and_key(mchid)?;
        let notification = Notification::of_complaint(mchid, complaint_id, action_type, now);
        Ok(SignedNotification::sign(&notification, &merchant, &key, now, fault))
    }

    pub(crate) fn signed_resource(
        &self,
        mchid: &str,
        event_type: &str,
        resource: &[u8],
    ) -> Result<SignedNotification, SandboxError> {
        let (merchant, key) = self.merchant_and_key(mchid)?;
        Ok(SignedNotification::of_resource(&merchant, &key, event_type, resource, self.now()))
    }

    pub(crate) fn signed_response(&self, mchid: &str, body: &[u8]) -> Result<Vec<(String, String)>, SandboxError> {
        let (_, key) = self.merchant_and_key(mchid)?;
        let request_id = [("Request-ID", random::request_id(200))];
        let signature = signature_headers(&key, body, self.now(), None);
        Ok(request_id.into_iter().chain(signature).map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// A merchant, and the platform's key that signs for it.
    fn merchant_and_key(&self, mchid: &str) -> Result<(Merchant, Arc<PlatformKey>), SandboxError> {
        let state = self.state();
        let wechat_pay = &state.wechat_pay;
        let merchant = wechat_pay.merchants.get(mchid);
        let merchant = merchant.ok_or_else(|| SandboxError::UnknownMerchant(mchid.to_owned()))?;
        Ok((merchant.clone(), wechat_pay.keys.signing(merchant.account.scheme, None)))
    }

    /// The runtime and the platform of the deliveries; `None` if nothing is delivered.
    pub(crate) fn sending(&self) -> Option<(&Handle, Arc<Self>)> {
        Some((self.runtime.as_ref()?, self.myself.upgrade()?))
    }

    /// The deliveries in hand.
    pub(crate) fn deliveries(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.deliveries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all deliveries.
    pub(crate) fn stop_deliveries(&self) {
        self.deliveries().abort_all();
    }

    /// Sends a request, and returns the response's status and body. The time scale does not divide
    /// the timeout.
    pub(crate) async fn exchange(&self, request: Request<Bytes>) -> Result<(u16, Bytes), String> {
        let Some(client) = &self.sender else { return Err("this sandbox does not send".to_owned()) };
        match tokio::time::timeout(self.delivery_timeout, client.send(request)).await {
            Ok(Ok(response)) => Ok((response.status().as_u16(), response.into_body())),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no response within {} seconds", self.delivery_timeout.as_secs_f64())),
        }
    }

    pub(crate) fn log_request(&self, request: ReceivedRequest) {
        push(&self.requests, request);
    }

    pub(crate) fn log_sent(&self, sent: SentNotification) {
        push(&self.sent, sent);
    }

    pub(crate) fn log_push(&self, sent: SentPush) {
        push(&self.sent_pushes, sent);
    }

    pub(crate) fn log_notice(&self, sent: SentNotice) {
        push(&self.sent_notices, sent);
    }

    pub(crate) fn sent_notices(&self) -> Vec<SentNotice> {
        self.sent_notices.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn sent_pushes(&self) -> Vec<SentPush> {
        self.sent_pushes.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn sent(&self) -> Vec<SentNotification> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

fn push<T>(log: &Mutex<VecDeque<T>>, entry: T) {
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    if log.len() == MAX_LOG {
        log.pop_front();
    }
    log.push_back(entry);
}
