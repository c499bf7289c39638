//! The handle: start, act as payers and the platform, look, stop.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_transport::{ClientConfig, HttpsClient, Listener, ListenerConfig, Resolve, Roots, ServerTls};
use protocol_core::allinpay::SignType;
use protocol_core::wechat_pay::Scheme;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::config::SandboxConfig;
use crate::error::SandboxError;
use crate::fault::{Fault, Faults, NotificationFault};
use crate::mini_program::PushMode;
use crate::server::{Server, dispatch};
use crate::tls::TlsIdentities;
use crate::way::Served;
use crate::wechat_pay::{
    MerchantAccount, NewComplaint, Platform, PlatformKeyInfo, PlatformService, ReceivedRequest, SentNotification,
    SignedNotification, Signing,
};

/// How long a client has for its handshake and its head: a thousand of them share a busy machine.
const HEADER_TIMEOUT: Duration = Duration::from_secs(120);

/// How long requests in hand have to finish when the sandbox stops.
const GRACE: Duration = Duration::from_secs(1);

/// What the sending client's own deadline has beyond a delivery's timeout, so that the latter comes first.
const MARGIN: Duration = Duration::from_secs(1);

/// A simulated platform on loopback. Cheap to clone; it stops when the last handle is dropped, or on [`Sandbox::stop`].
#[derive(Clone, Debug)]
pub struct Sandbox(Arc<Running>);

#[derive(Debug)]
struct Running {
    platform: Arc<Platform>,
    tls: TlsIdentities,
    base_url: String,
    server: Mutex<Option<(oneshot::Sender<()>, JoinHandle<()>)>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Dropping the sender lets the listener go.
        self.platform.stop_deliveries();
    }
}

impl Sandbox {
    /// Starts a sandbox on 127.0.0.1.
    ///
    /// # Errors
    /// [`SandboxError::Listen`] for a port in use, [`SandboxError::Identity`] for keys that cannot be made.
    pub async fn start(config: SandboxConfig) -> Result<Self, SandboxError> {
        let tls = TlsIdentities::make()?;
        let server_tls = ServerTls::from_pem(tls.server.chain_pem.as_bytes(), tls.server.key_pem.as_bytes())
            .map_err(|error| SandboxError::Identity(error.to_string()))?;
        let client = ClientConfig::default()
            .with_roots(Roots::Pem(tls.root_pem.clone().into_bytes()))
            .with_resolve(Resolve::To(Ipv4Addr::LOCALHOST.into()))
            .with_connect_timeout(config.delivery_timeout + MARGIN)
            .with_deadline(config.delivery_timeout + MARGIN);
        let client = HttpsClient::new(client).map_err(|error| SandboxError::Identity(error.to_string()))?;
        let listening = ListenerConfig::default()
            .with_tls(server_tls)
            .with_header_timeout(HEADER_TIMEOUT)
            .with_request_timeout(None)
            .with_shutdown_grace(GRACE);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, config.port));
        let listener =
            Listener::bind(address, listening).await.map_err(|error| SandboxError::Listen(error.to_string()))?;
        let base_url = format!("https://{}", listener.local_addr());
        // Making keys takes a moment: not on the runtime's own threads.
        let handle = Handle::current();
        let platform = tokio::task::spawn_blocking(move || Platform::new(&config, Some(client), Some(handle)))
            .await
            .map_err(|error| SandboxError::Identity(error.to_string()))??;
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(listener.serve(Server(Arc::clone(&platform)), async move {
            drop(stopped.await);
        }));
        Ok(Self(Arc::new(Running { platform, tls, base_url, server: Mutex::new(Some((stop, server))) })))
    }

    /// A sandbox without a listener that pushes nothing: for [`Sandbox::handle`] alone, without a runtime.
    ///
    /// # Errors
    /// [`SandboxError::Identity`].
    pub fn offline(config: &SandboxConfig) -> Result<Self, SandboxError> {
        let platform = Platform::new(config, None, None)?;
        let base_url = "https://sandbox.invalid".to_owned();
        Ok(Self(Arc::new(Running { platform, tls: TlsIdentities::make()?, base_url, server: Mutex::default() })))
    }

    /// Responses a request as the listener would, without a socket; `None` where it would close the connection. Faults
    /// apply but for those of the way: slow and cut-off bodies come whole and at once.
    #[must_use]
    pub fn handle(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        match dispatch(&self.0.platform, request) {
            Served::Drop => None,
            Served::Response { response, .. } => Some(response),
        }
    }

    pub(crate) fn platform(&self) -> &Platform {
        &self.0.platform
    }

    /// Stops listening and delivering. What is in hand has a second.
    pub async fn stop(&self) {
        let server = self.0.server.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.0.platform.stop_deliveries();
        if let Some((stop, server)) = server {
            drop(stop);
            drop(tokio::time::timeout(GRACE * 2, server).await);
        }
    }

    /// `https://127.0.0.1:PORT`
    #[must_use]
    pub fn base_url(&self) -> String {
        self.0.base_url.clone()
    }

    /// The TLS root, PEM: of the sandbox itself and of [`Sandbox::webhook_identity`].
    #[must_use]
    pub fn root_certificate(&self) -> &str {
        &self.0.tls.root_pem
    }

    /// A certificate chain and its key for [`WEBHOOK_HOST`](crate::WEBHOOK_HOST), PEM: for whoever listens for notifications.
    #[must_use]
    pub fn webhook_identity(&self) -> (String, String) {
        let identity = &self.0.tls.webhook;
        (identity.chain_pem.clone(), identity.key_pem.clone())
    }

    /// The default merchant.
    #[must_use]
    pub fn merchant(&self) -> &MerchantAccount {
        &self.0.platform.merchant
    }

    /// Opens another merchant's account.
    ///
    /// # Errors
    /// [`SandboxError::Identity`].
    pub fn add_merchant(&self, scheme: Scheme) -> Result<MerchantAccount, SandboxError> {
        self.0.platform.add_merchant(scheme)
    }

    /// Lets a merchant put links into its replies; `jump_url` is refused with 403 before.
    pub fn allow_links(&self, mchid: &str) {
        if let Some(merchant) = self.0.platform.state().merchants.get_mut(mchid) {
            merchant.links_allowed = true;
        }
    }

    /// The platform's RSA public key.
    #[must_use]
    pub fn platform_key(&self) -> PlatformKeyInfo {
        self.0.platform.state().keys.public.info()
    }

    /// The platform's SM2 public key.
    #[must_use]
    pub fn sm_platform_key(&self) -> PlatformKeyInfo {
        self.0.platform.state().keys.sm2_public.info()
    }

    /// Serials of the platform's certificates of a scheme, oldest first.
    #[must_use]
    pub fn certificate_serials(&self, scheme: Scheme) -> Vec<String> {
        let state = self.0.platform.state();
        state.keys.certificates.iter().filter(|key| key.scheme == scheme).map(|key| key.id.clone()).collect()
    }

    /// Issues a new platform certificate of each algorithm, which signs from now on where certificates sign; the old ones
    /// stay listed. Serial of the new RSA certificate.
    ///
    /// # Errors
    /// [`SandboxError::Identity`].
    pub fn rotate_certificate(&self) -> Result<String, SandboxError> {
        self.0.platform.act(|state, now| state.keys.rotate(now))
    }

    /// Chooses what answers and notifications are signed with.
    pub fn set_response_signing(&self, signing: Signing) {
        self.0.platform.state().keys.set_signing(signing);
    }

    /// Whether there are platform certificates. Newer accounts have none: then asking for them is answered with 404.
    pub fn has_certificates(&self, has_certificates: bool) {
        self.0.platform.state().has_certificates = has_certificates;
    }

    /// Files a complaint, and notifies of it; its id. A merchant the sandbox does not know is taken for the default one.
    pub fn file_complaint(&self, new: NewComplaint) -> String {
        self.0.platform.act(|state, now| state.file(new, &self.merchant().mchid, now))
    }

    /// The payer says something.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn user_message(&self, complaint_id: &str, text: &str) -> Result<(), SandboxError> {
        self.0.platform.act(|state, now| state.user_message(complaint_id, text, now))
    }

    /// The payer continues the complaint: it opens again.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn user_continues(&self, complaint_id: &str, text: &str) -> Result<(), SandboxError> {
        self.0.platform.act(|state, now| state.user_continues(complaint_id, text, now))
    }

    /// The payer clicks a block of the message with this log id.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`], or [`SandboxError::State`] where there is no such message.
    pub fn user_click(
        &self,
        complaint_id: &str,
        clicked_log_id: &str,
        action_id: &str,
        text: &str,
    ) -> Result<(), SandboxError> {
        self.0.platform.act(|state, now| state.user_click(complaint_id, clicked_log_id, action_id, text, now))
    }

    /// The platform says something.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn platform_message(&self, complaint_id: &str, text: &str) -> Result<(), SandboxError> {
        self.0.platform.act(|state, now| state.platform_message(complaint_id, text, now))
    }

    /// The platform's assistance begins or ends.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn platform_service(&self, complaint_id: &str, service: PlatformService) -> Result<(), SandboxError> {
        self.0.platform.act(|state, now| state.platform_service(complaint_id, service, now))
    }

    /// An approved refund arrives: the complaint is processed.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`], or [`SandboxError::State`] where none was approved.
    pub fn refund_received(&self, complaint_id: &str) -> Result<(), SandboxError> {
        self.0.platform.act(|state, now| state.refund_received(complaint_id, now))
    }

    /// A complaint as its detail is served.
    #[must_use]
    pub fn complaint(&self, complaint_id: &str) -> Option<Value> {
        self.0.platform.state().cases.get(complaint_id).map(|case| case.to_json(true))
    }

    /// A complaint's history, oldest first; empty for an unknown one.
    #[must_use]
    pub fn history(&self, complaint_id: &str) -> Vec<Value> {
        self.0.platform.state().cases.get(complaint_id).map(|case| case.history.clone()).unwrap_or_default()
    }

    /// The URL a merchant has registered.
    #[must_use]
    pub fn notification_url(&self, mchid: &str) -> Option<String> {
        self.0.platform.state().merchants.get(mchid).and_then(|merchant| merchant.notification_url.clone())
    }

    /// Every attempt to deliver a notification, oldest first.
    #[must_use]
    pub fn sent_notifications(&self) -> Vec<SentNotification> {
        self.0.platform.sent()
    }

    /// Every request received, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.0.platform.requests()
    }

    /// Lets something go wrong with a response.
    pub fn inject(&self, fault: Fault) {
        self.0.platform.state().faults.add(fault);
    }

    /// Forgets the faults that have not happened yet.
    pub fn clear_faults(&self) {
        self.0.platform.state().faults = Faults::default();
    }

    /// Lets something go wrong with the next notification.
    pub fn inject_notification(&self, fault: NotificationFault) {
        self.0.platform.state().notification_faults.push_back(fault);
    }

    /// A notification signed now, for whoever posts it: to a webhook under load, say. It is not queued and not logged.
    ///
    /// # Errors
    /// [`SandboxError::UnknownMerchant`].
    pub fn signed_notification(
        &self,
        mchid: &str,
        complaint_id: &str,
        action_type: &str,
        fault: Option<NotificationFault>,
    ) -> Result<SignedNotification, SandboxError> {
        self.0.platform.signed_notification(mchid, complaint_id, action_type, fault)
    }

    /// Waits until every notification and every push is acknowledged or given up. Whether that came within the time.
    pub async fn settled(&self, timeout: Duration) -> bool {
        let mut open = self.0.platform.open.subscribe();
        let settled = open.wait_for(|open| *open == 0);
        matches!(tokio::time::timeout(timeout, settled).await, Ok(Ok(_)))
    }

    /// Writes a `complaints.toml` with its key files, mode 0600, that makes the command line the default merchant, the Mini Program and
    /// Allinpay's RSA merchant; and `sandbox_webhook.pem` and `.key`, the [`Sandbox::webhook_identity`].
    ///
    /// # Errors
    /// What the file system refuses.
    pub fn write_configuration(&self, folder: &Path) -> io::Result<()> {
        let merchant = self.merchant();
        let key = if merchant.scheme == Scheme::Sm2 { self.sm_platform_key() } else { self.platform_key() };
        let state = self.0.platform.state();
        let mini_program = crate::configuration::MiniProgram {
            account: Arc::clone(&state.mini_program.account),
            mode: state.mini_program.push.as_ref().map_or(PushMode::Secure, |push| push.mode),
        };
        let allinpay = state.allinpay.default_account(SignType::Rsa);
        drop(state);
        crate::configuration::write(folder, (merchant, &key), &mini_program, &allinpay, &self.0.base_url, &self.0.tls)
    }
}
