//! A sandbox, a client of its merchant, and a webhook that its notifications reach.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use http_transport::{ClientConfig, HttpsClient, Listener, ListenerConfig, Roots, ServerTls};
use hyper::body::Incoming;
use platform_sandbox::{MerchantAccount, NewComplaint, PlatformKeyInfo, Sandbox, SandboxConfig, WEBHOOK_HOST};
use protocol_core::crypto::{ApiV3Key, Keyring, PrivateKey, PublicKey};
use protocol_core::rate::Rates;
use protocol_core::replay::MemoryDeduplicate;
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::{Complete, GetComplaint, Merchant, Resource, Respond, signer, verifier};
use tokio::sync::oneshot;
use tower_service::Service;
use wechat_adapter::{Account, Client, ClientBuilder, Received};

pub struct World {
    pub sandbox: Sandbox,
    pub client: Client,
}

/// Quick enough for a test, and still three attempts.
pub const QUICK: RetryPolicy = RetryPolicy::NEVER
    .with_attempts(3)
    .with_base(Duration::from_millis(10))
    .with_cap(Duration::from_millis(50))
    .with_max_retry_after(Duration::from_secs(2));

/// Whether a program is installed. If it is not, its test says so and passes.
pub fn installed(program: &str) -> bool {
    let found = std::process::Command::new(program).arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: there is no {program} here");
    }
    found
}

/// Far longer than anything here takes, on a busy machine too.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A sandbox whose minutes take a tenth of a second, and whose deliveries have time on any machine.
pub async fn started() -> Sandbox {
    started_at(600.0).await
}

async fn started_at(time_scale: f64) -> Sandbox {
    let config = SandboxConfig::default().with_time_scale(time_scale).with_delivery_timeout(PATIENCE);
    Sandbox::start(config).await.unwrap()
}

impl World {
    pub async fn new() -> Self {
        Self::of(started().await)
    }

    /// A sandbox whose platform does not give up before a slow machine is done.
    pub async fn patient() -> Self {
        Self::of(started_at(30.0).await)
    }

    fn of(sandbox: Sandbox) -> Self {
        let client = client(&sandbox, sandbox.merchant(), Some(&sandbox.platform_key()));
        Self { sandbox, client }
    }

    pub fn file(&self) -> String {
        self.sandbox.file_complaint(NewComplaint::default())
    }

    pub fn respond(&self, complaint_id: &str, text: &str) -> Respond {
        Respond::new(complaint_id, self.sandbox.merchant().mchid.clone(), text)
    }

    pub fn complete(&self, complaint_id: &str) -> Complete {
        Complete::new(complaint_id, self.sandbox.merchant().mchid.clone())
    }

    /// The number of such entries in the history.
    pub fn written(&self, complaint_id: &str, operate_type: &str) -> usize {
        self.sandbox.history(complaint_id).iter().filter(|entry| entry["operate_type"] == operate_type).count()
    }

    pub fn asked(&self, operation: &str) -> usize {
        self.sandbox.requests().iter().filter(|request| request.operation == operation).count()
    }
}

pub fn get(complaint_id: &str) -> GetComplaint {
    GetComplaint::new(complaint_id)
}

pub fn key_of(account: &MerchantAccount) -> Arc<ApiV3Key> {
    Arc::new(ApiV3Key::new(account.api_v3_key.as_bytes()).unwrap())
}

pub fn keyring(key: &PlatformKeyInfo) -> Arc<Keyring> {
    let keys = Keyring::new();
    keys.insert(&key.id, verifier(&PublicKey::read(key.public_key_pem.as_bytes()).unwrap()).unwrap());
    Arc::new(keys)
}

pub fn transport(sandbox: &Sandbox) -> HttpsClient {
    transport_within(sandbox, PATIENCE)
}

pub fn transport_within(sandbox: &Sandbox, deadline: Duration) -> HttpsClient {
    HttpsClient::new(trusting(sandbox).with_deadline(deadline)).unwrap()
}

/// A transport that trusts the sandbox, with long timeouts.
pub fn trusting(sandbox: &Sandbox) -> ClientConfig {
    let roots = Roots::Pem(sandbox.root_certificate().as_bytes().to_vec());
    ClientConfig::default().with_roots(roots).with_deadline(PATIENCE).with_connect_timeout(PATIENCE)
}

/// Without rates, which would only make the tests wait.
pub fn builder(sandbox: &Sandbox, account: &MerchantAccount, key: Option<&PlatformKeyInfo>) -> ClientBuilder {
    let mut merchant = Merchant::new(&*account.mchid, &*account.serial_no, account.scheme).unwrap();
    let mut keys = Arc::new(Keyring::new());
    if let Some(key) = key {
        merchant = merchant.with_platform_key(&*key.id).unwrap();
        keys = keyring(key);
    }
    let signer = signer(&PrivateKey::read(account.private_key_pem.as_bytes()).unwrap()).unwrap();
    Client::builder(merchant, signer)
        .keys(keys)
        .origins([sandbox.base_url()])
        .retry(QUICK)
        .rates(Rates::NONE)
        .recheck_delays([Duration::from_millis(20); 2])
}

pub fn client(sandbox: &Sandbox, account: &MerchantAccount, key: Option<&PlatformKeyInfo>) -> Client {
    builder(sandbox, account, key).build_over(transport(sandbox))
}

/// A listener that ends when this is dropped.
pub struct Listening {
    pub address: SocketAddr,
    pub url: String,
    _stop: oneshot::Sender<()>,
}

/// A listener's configuration with time for every client.
pub fn patient() -> ListenerConfig {
    ListenerConfig::default().with_header_timeout(PATIENCE).with_request_timeout(Some(PATIENCE))
}

/// Serves a webhook over TLS under the name the sandbox knows.
pub async fn listen<W>(sandbox: &Sandbox, config: ListenerConfig, webhook: W) -> Listening
where
    W: Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
{
    let (chain, key) = sandbox.webhook_identity();
    let config = config.with_tls(ServerTls::from_pem(chain.as_bytes(), key.as_bytes()).unwrap());
    let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), config).await.unwrap();
    let address = listener.local_addr();
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(listener.serve(webhook, async move { drop(stopped.await) }));
    let url = format!("https://{WEBHOOK_HOST}:{}/notify", address.port());
    Listening { address, url, _stop: stop }
}

pub fn store() -> MemoryDeduplicate {
    MemoryDeduplicate::new(NonZeroUsize::new(100_000).unwrap(), 60)
}

pub fn account(sandbox: &Sandbox) -> Account {
    let merchant = sandbox.merchant();
    Account::new(&*merchant.mchid, keyring(&sandbox.platform_key()), key_of(merchant))
}

/// The notifications that a handler has stored.
#[derive(Clone, Default)]
pub struct Inbox(Arc<Mutex<Vec<Received>>>);

impl Inbox {
    pub fn store(&self, received: Received) {
        self.0.lock().unwrap().push(received);
    }

    /// What came since the last call.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    pub fn ids(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|received| received.notification.id.clone()).collect()
    }

    /// Complaint and action of each.
    pub fn events(&self) -> Vec<(String, String)> {
        let event = |received: &Received| match &received.notification.resource {
            Resource::Complaint(event) => {
                (event.complaint_id.clone(), event.action_type.as_ref().map_or("", |action| action.as_str()).to_owned())
            }
            _ => (received.notification.event_type.to_string(), String::new()),
        };
        self.0.lock().unwrap().iter().map(event).collect()
    }

    /// A handler that stores.
    pub fn handler(
        &self,
    ) -> impl Fn(Received) -> std::future::Ready<Result<(), Infallible>> + Send + Sync + 'static + use<> {
        let inbox = self.clone();
        move |received| {
            inbox.store(received);
            std::future::ready(Ok(()))
        }
    }
}
