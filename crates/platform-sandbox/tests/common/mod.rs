//! A client made of the core's own parts, and a webhook.
#![allow(dead_code, reason = "each test uses some of it")]

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_transport::{
    ClientConfig, HttpsClient, Listener, ListenerConfig, Resolve, Roots, SendError, ServerTls, collect,
};
use platform_sandbox::{MerchantAccount, PlatformKeyInfo, Sandbox, SandboxConfig, WEBHOOK_HOST};
use protocol_core::crypto::{Keyring, PrivateKey, PublicKey, Signer};
use protocol_core::wechat_pay::{Merchant, RawResponse, ResponseError, Scheme, UploadImage, signer, verifier};
use protocol_core::{Method, RequestParts, Stamp, UnixTime, Verified};
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// Far longer than anything here takes, on a busy machine too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) const SERVICE: &str = "/v3/merchant-service";

pub(crate) fn now() -> UnixTime {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    UnixTime(elapsed.as_secs() as i64)
}

pub(crate) fn offline() -> Sandbox {
    Sandbox::offline(&SandboxConfig::default()).unwrap()
}

pub(crate) async fn started(time_scale: f64) -> Sandbox {
    Sandbox::start(configured(time_scale)).await.unwrap()
}

/// A sandbox whose deliveries have time on any machine.
pub(crate) fn configured(time_scale: f64) -> SandboxConfig {
    SandboxConfig::default().with_time_scale(time_scale).with_delivery_timeout(PATIENCE)
}

/// A received response.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn code(&self) -> (u16, String) {
        (self.status, self.json()["code"].as_str().unwrap_or_default().to_owned())
    }

    pub(crate) fn verify(
        &self,
        keys: &Keyring,
    ) -> Result<Verified<protocol_core::wechat_pay::Success<'_>>, ResponseError> {
        self.raw().verify(keys, now())
    }

    pub(crate) fn raw(&self) -> RawResponse<'_, HeaderMap> {
        RawResponse { status: self.status, headers: &self.headers, body: &self.body }
    }
}

impl From<Response<Bytes>> for Got {
    fn from(response: Response<Bytes>) -> Self {
        let (head, body) = response.into_parts();
        Self { status: head.status.as_u16(), headers: head.headers, body }
    }
}

/// A merchant's client.
pub(crate) struct Client {
    pub(crate) sandbox: Sandbox,
    pub(crate) account: MerchantAccount,
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) platform_key: Option<String>,
    pub(crate) http: HttpsClient,
}

impl Client {
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        Self::of(sandbox, sandbox.merchant().clone())
    }

    pub(crate) fn of(sandbox: &Sandbox, account: MerchantAccount) -> Self {
        let signer = signer(&PrivateKey::read(account.private_key_pem.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::default()
            .with_roots(Roots::Pem(sandbox.root_certificate().as_bytes().to_vec()))
            .with_resolve(Resolve::To(Ipv4Addr::LOCALHOST.into()))
            .with_deadline(PATIENCE)
            .with_connect_timeout(PATIENCE)
            .with_max_response_body(1 << 20);
        let http = HttpsClient::new(config).unwrap();
        Self { sandbox: sandbox.clone(), account, signer, platform_key: None, http }
    }

    pub(crate) fn request(&self, parts: RequestParts) -> Request<Bytes> {
        let mut merchant =
            Merchant::new(self.account.mchid.clone(), self.account.serial_no.clone(), self.account.scheme).unwrap();
        if let Some(id) = &self.platform_key {
            merchant = merchant.with_platform_key(id.clone()).unwrap();
        }
        let stamp = Stamp { now: now(), nonce: &nonce() };
        let unsent = merchant.prepare_parts(parts, &stamp).unwrap().sign(&*self.signer).unwrap();
        let mut request = unsent.into_http(&self.sandbox.base_url()).unwrap().map(Bytes::from);
        request.headers_mut().insert("User-Agent", "test".parse().unwrap());
        request
    }

    pub(crate) fn send(&self, parts: RequestParts) -> Got {
        self.sandbox.handle(&self.request(parts)).unwrap().into()
    }

    pub(crate) fn get(&self, target: &str) -> Got {
        self.send(RequestParts::without_body(Method::Get, target))
    }

    pub(crate) fn post(&self, target: &str, body: &Value) -> Got {
        self.with_body(Method::Post, target, body)
    }

    pub(crate) fn with_body(&self, method: Method, target: &str, body: &Value) -> Got {
        self.send(RequestParts::json(method, target, body.to_string().into_bytes()))
    }

    pub(crate) fn act(&self, complaint_id: &str, act: &str, body: &Value) -> Got {
        self.post(&format!("{SERVICE}/complaints-v2/{complaint_id}/{act}"), body)
    }

    pub(crate) fn reply(&self, complaint_id: &str, text: &str) -> Got {
        let body = json!({"complainted_mchid": self.account.mchid, "response_content": text});
        self.act(complaint_id, "response", &body)
    }

    pub(crate) fn upload(&self, bytes: &[u8]) -> Got {
        self.send(UploadImage::new("a.png", bytes).unwrap().request_with_boundary(&nonce()).unwrap())
    }

    pub(crate) fn media_id(&self, bytes: &[u8]) -> String {
        self.upload(bytes).json()["media_id"].as_str().unwrap().to_owned()
    }

    /// Over TLS.
    pub(crate) async fn go(&self, parts: RequestParts) -> Result<Got, SendError> {
        self.http.send(self.request(parts)).await.map(Got::from)
    }

    pub(crate) async fn go_get(&self, target: &str) -> Result<Got, SendError> {
        self.go(RequestParts::without_body(Method::Get, target)).await
    }

    pub(crate) async fn go_post(&self, target: &str, body: &Value) -> Result<Got, SendError> {
        self.go(RequestParts::json(Method::Post, target, body.to_string().into_bytes())).await
    }

    pub(crate) fn register(&self, url: &str) {
        let got = self.post(&format!("{SERVICE}/complaint-notifications"), &json!({"url": url}));
        assert_eq!(got.status, 200, "{:?}", got.json());
    }
}

pub(crate) fn nonce() -> String {
    std::iter::repeat_with(fastrand::alphanumeric).take(32).collect()
}

pub(crate) fn keyring(keys: &[PlatformKeyInfo]) -> Keyring {
    let ring = Keyring::new();
    for key in keys {
        ring.insert(&key.id, verifier(&PublicKey::read(key.public_key_pem.as_bytes()).unwrap()).unwrap());
    }
    ring
}

pub(crate) fn public_keys(sandbox: &Sandbox) -> Keyring {
    keyring(&[sandbox.platform_key(), sandbox.sm_platform_key()])
}

pub(crate) fn scheme_account(sandbox: &Sandbox, scheme: Scheme) -> MerchantAccount {
    if scheme == Scheme::Sm2 { sandbox.add_merchant(scheme).unwrap() } else { sandbox.merchant().clone() }
}

/// A delivery that a webhook received.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Delivered {
    pub(crate) fn id(&self) -> String {
        let envelope: Value = serde_json::from_slice(&self.body).unwrap();
        envelope["id"].as_str().unwrap().to_owned()
    }
}

/// A webhook's response: a status, a delay, a body.
type Responses = Arc<Mutex<VecDeque<(u16, Duration, &'static str)>>>;

/// A webhook that responds as configured, then with 204. A GET gets its `echostr`; a push gets 200
/// and `success`.
#[derive(Clone)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) delivered: Arc<Mutex<Vec<Delivered>>>,
    responses: Responses,
    _stop: Arc<oneshot::Sender<()>>,
}

impl Webhook {
    pub(crate) async fn start(sandbox: &Sandbox) -> Self {
        let (chain, key) = sandbox.webhook_identity();
        let tls = ServerTls::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
        let listener =
            Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), ListenerConfig::default().with_tls(tls)).await.unwrap();
        let url = format!("https://{WEBHOOK_HOST}:{}/notify", listener.local_addr().port());
        let (stop, stopped) = oneshot::channel();
        let webhook = Self { url, delivered: Arc::default(), responses: Arc::default(), _stop: Arc::new(stop) };
        let service = Receiver { delivered: Arc::clone(&webhook.delivered), responses: Arc::clone(&webhook.responses) };
        tokio::spawn(listener.serve(service, async move { drop(stopped.await) }));
        webhook
    }

    pub(crate) fn response(&self, status: u16, after: Duration) {
        self.responses.lock().unwrap().push_back((status, after, ""));
    }

    pub(crate) fn response_with(&self, status: u16, body: &'static str) {
        self.responses.lock().unwrap().push_back((status, Duration::ZERO, body));
    }

    pub(crate) fn delivered(&self) -> Vec<Delivered> {
        self.delivered.lock().unwrap().clone()
    }
}

#[derive(Clone)]
struct Receiver {
    delivered: Arc<Mutex<Vec<Delivered>>>,
    responses: Responses,
}

impl tower_service::Service<Request<hyper::body::Incoming>> for Receiver {
    type Response = Response<String>;
    type Error = std::convert::Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<String>, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<hyper::body::Incoming>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = collect(body, 1 << 20, PATIENCE).await.unwrap();
            let query = head.uri.query().unwrap_or_default().to_owned();
            let echostr = query.split('&').find_map(|pair| pair.strip_prefix("echostr=")).map(str::to_owned);
            let is_push = query.contains("signature=");
            if head.method == http::Method::POST {
                this.delivered.lock().unwrap().push(Delivered { query, headers: head.headers, body });
            }
            let told = this.responses.lock().unwrap().pop_front();
            let (status, after, body) = match (told, echostr) {
                (Some((status, after, body)), _) => (status, after, body.to_owned()),
                (None, Some(echostr)) => (200, Duration::ZERO, echostr),
                (None, None) if is_push => (200, Duration::ZERO, "success".to_owned()),
                (None, None) => (204, Duration::ZERO, String::new()),
            };
            tokio::time::sleep(after).await;
            let mut response = Response::new(body);
            *response.status_mut() = status.try_into().unwrap();
            Ok(response)
        })
    }
}
