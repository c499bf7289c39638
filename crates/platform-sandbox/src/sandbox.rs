//! The sandbox: start, faults, logs, stop. Each platform's folder adds its methods.

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
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::complaints_toml;
use crate::config::SandboxConfig;
use crate::error::SandboxError;
use crate::fault::{Fault, Faults};
use crate::log::ReceivedRequest;
use crate::memory::Memory;
use crate::mini_program::PushMode;
use crate::platform::Platform;
use crate::server::{Server, dispatch};
use crate::tls::TlsIdentities;
use crate::transfer::Served;

/// The timeout of a client's handshake and head. A thousand clients may share a busy machine.
const HEADER_TIMEOUT: Duration = Duration::from_secs(120);

/// The time for requests in hand to finish when the sandbox stops.
const GRACE: Duration = Duration::from_secs(1);

/// The sending client's deadline exceeds a delivery's timeout by this much, so that the timeout
/// comes first.
const MARGIN: Duration = Duration::from_secs(1);

/// The simulated platforms on loopback. Clones are cheap and share one sandbox. It stops on
/// [`Sandbox::stop`], or when the last clone is dropped.
#[derive(Clone, Debug)]
#[doc(alias("模拟平台", "mock"))]
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
        // Dropping the sender stops the listener.
        self.platform.stop_deliveries();
    }
}

impl Sandbox {
    /// Starts a sandbox on 127.0.0.1.
    ///
    /// # Errors
    /// [`SandboxError::Listen`] for a port in use, [`SandboxError::Identity`] for keys that cannot
    /// be generated.
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
        // Generating keys would block the runtime's threads.
        let handle = Handle::current();
        let url = base_url.clone();
        let platform = tokio::task::spawn_blocking(move || Platform::new(&config, &url, Some(client), Some(handle)))
            .await
            .map_err(|error| SandboxError::Identity(error.to_string()))??;
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(listener.serve(Server(Arc::clone(&platform)), async move {
            drop(stopped.await);
        }));
        Ok(Self(Arc::new(Running { platform, tls, base_url, server: Mutex::new(Some((stop, server))) })))
    }

    /// A sandbox without a listener, without deliveries and without a runtime. Requests go to
    /// [`Sandbox::handle`].
    ///
    /// # Errors
    /// [`SandboxError::Identity`].
    pub fn offline(config: &SandboxConfig) -> Result<Self, SandboxError> {
        let base_url = "https://sandbox.invalid".to_owned();
        let platform = Platform::new(config, &base_url, None, None)?;
        Ok(Self(Arc::new(Running { platform, tls: TlsIdentities::make()?, base_url, server: Mutex::default() })))
    }

    /// Responds to a request as the listener does, without a socket; `None` if the listener would
    /// close the connection. Faults apply, except those of the transfer: slow and cut-off bodies
    /// are returned whole.
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

    /// Stops the listener and the deliveries. Requests in hand have a second to finish.
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

    /// The TLS root of the sandbox and of [`Sandbox::webhook_identity`], PEM.
    #[must_use]
    pub fn root_certificate(&self) -> &str {
        &self.0.tls.root_pem
    }

    /// A certificate chain and its key for [`WEBHOOK_HOST`](crate::WEBHOOK_HOST), PEM. A webhook
    /// under test listens with it.
    #[must_use]
    pub fn webhook_identity(&self) -> (String, String) {
        let identity = &self.0.tls.webhook;
        (identity.chain_pem.clone(), identity.key_pem.clone())
    }

    /// Every received request, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.0.platform.requests()
    }

    /// The most requests of an operation in any span of so many seconds, by the sandbox's clock: to
    /// compare with a limit of the platform. The sandbox itself has none.
    #[must_use]
    pub fn most_requests(&self, operation: &str, seconds: i64) -> usize {
        let requests = self.requests();
        let times: Vec<_> = requests.iter().filter(|one| one.operation == operation).map(|one| one.at.0).collect();
        let within = |begin: i64| times.iter().filter(|time| (0..seconds).contains(&(**time - begin))).count();
        times.iter().map(|time| within(*time)).max().unwrap_or(0)
    }

    /// Injects a fault into a response.
    pub fn inject(&self, fault: Fault) {
        self.0.platform.state().faults.add(fault);
    }

    /// Removes the faults that have not happened yet.
    pub fn clear_faults(&self) {
        self.0.platform.state().faults = Faults::default();
    }

    /// Waits until every notification and push is acknowledged or given up. Returns whether that
    /// happened before the timeout.
    pub async fn settled(&self, timeout: Duration) -> bool {
        let mut open = self.0.platform.open.subscribe();
        let settled = open.wait_for(|open| *open == 0);
        matches!(tokio::time::timeout(timeout, settled).await, Ok(Ok(_)))
    }

    /// Writes a `complaints.toml` with its key files, mode 0600. With it the command line is the
    /// default merchant, the Mini Program with its virtual payment, and Allinpay's RSA merchant. Also writes
    /// [`Sandbox::webhook_identity`] as `sandbox_webhook.pem` and `sandbox_webhook.key`.
    ///
    /// A sandbox that goes on with its memory keeps the `complaints.toml` that is there, with what
    /// people added to it, and writes its new address into it.
    ///
    /// # Errors
    /// An [`io::Error`] of the file system.
    pub fn write_configuration(&self, folder: &Path) -> io::Result<()> {
        let merchant = self.merchant();
        let key = if merchant.scheme == Scheme::Sm2 { self.sm_platform_key() } else { self.platform_key() };
        let state = self.0.platform.state();
        let mini_program = complaints_toml::MiniProgram {
            account: Arc::clone(&state.mini_program.account),
            mode: state.mini_program.push.as_ref().map_or(PushMode::Secure, |push| push.mode),
            virtual_payment: Arc::clone(&state.virtual_payment.account),
        };
        let allinpay = state.allinpay.default_account(SignType::Rsa);
        drop(state);
        let keep = self.0.platform.memory.as_ref().is_some_and(Memory::continues);
        let kept = (keep, &*self.0.base_url);
        complaints_toml::write(folder, (merchant, &key), &mini_program, &allinpay, kept, &self.0.tls)
    }
}
