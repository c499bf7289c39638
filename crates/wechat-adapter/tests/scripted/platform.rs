//! A platform that follows a script: its responses, in order, and the requests it got.

use std::collections::VecDeque;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_transport::{SendError, SendErrorKind};
use protocol_core::UnixTime;
use protocol_core::crypto::{ApiV3Key, Keyring, PrivateKey, PublicKey, Signer};
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::{Merchant, Scheme, signer, verifier};
use tower_service::Service;
use wechat_adapter::{Client, ClientBuilder, Clock};

pub const NOW: UnixTime = UnixTime(1_741_936_166);
pub const KEY_ID: &str = "PUB_KEY_ID_1";
pub const ORIGINS: [&str; 2] = ["https://one.example", "https://two.example"];

const PLATFORM_KEY: &[u8] =
    include_bytes!("../../../protocol-core/tests/vectors/wechatpay/java/wechat_pay_private_key.pem");
const PUBLIC_KEY: &[u8] =
    include_bytes!("../../../protocol-core/tests/vectors/wechatpay/java/wechat_pay_public_key.pem");
const MERCHANT_KEY: &[u8] =
    include_bytes!("../../../protocol-core/tests/vectors/wechatpay/official/apiclient_test_key.pem");

pub fn platform_signer() -> Arc<dyn Signer> {
    signer(&PrivateKey::read(PLATFORM_KEY).unwrap()).unwrap()
}

pub fn merchant_signer() -> Arc<dyn Signer> {
    signer(&PrivateKey::read(MERCHANT_KEY).unwrap()).unwrap()
}

pub fn keys() -> Arc<Keyring> {
    let keys = Keyring::new();
    keys.insert(KEY_ID, verifier(&PublicKey::read(PUBLIC_KEY).unwrap()).unwrap());
    Arc::new(keys)
}

pub fn merchant(mchid: &str) -> Merchant {
    Merchant::new(mchid, "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB", Scheme::Rsa).unwrap()
}

pub fn api_v3_key() -> Arc<ApiV3Key> {
    Arc::new(ApiV3Key::new(b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb").unwrap())
}

/// The signature headers of a body, dated `time`.
pub fn signed_headers(body: &[u8], time: UnixTime, key_id: &str) -> Vec<(&'static str, String)> {
    let time = time.to_string();
    let signature = platform_signer().sign(&[time.as_bytes(), b"\nn0nce\n", body, b"\n"]).unwrap();
    vec![
        ("Wechatpay-Timestamp", time),
        ("Wechatpay-Nonce", "n0nce".to_owned()),
        ("Wechatpay-Serial", key_id.to_owned()),
        ("Wechatpay-Signature", signature.to_base64()),
    ]
}

/// The platform's reaction to a request.
pub type Reaction = Result<Response<Bytes>, SendErrorKind>;

/// A response signed rightly.
pub fn signed(status: u16, body: impl Into<Bytes>) -> Reaction {
    signed_by(KEY_ID, status, body)
}

pub fn signed_by(key_id: &str, status: u16, body: impl Into<Bytes>) -> Reaction {
    let body = body.into();
    let headers = signed_headers(&body, NOW, key_id);
    let mut response = Response::builder().status(status).header("Request-ID", "08F2-0");
    for (name, value) in headers {
        response = response.header(name, value);
    }
    Ok(response.body(body).unwrap())
}

pub fn unsigned(status: u16, body: &'static str) -> Reaction {
    Ok(Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap())
}

pub fn with(reaction: Reaction, name: &'static str, value: &'static str) -> Reaction {
    reaction.map(|mut response| {
        response.headers_mut().insert(name, value.parse().unwrap());
        response
    })
}

/// A connection that was never made; one that broke when the request may have arrived.
pub const UNREACHED: Reaction = Err(SendErrorKind::Connect);
pub const BROKEN: Reaction = Err(SendErrorKind::Io);

/// Follows its script; a request beyond its end panics.
#[derive(Clone, Default)]
pub struct Scripted {
    script: Arc<Mutex<VecDeque<Reaction>>>,
    asked: Arc<Mutex<Vec<Request<Bytes>>>>,
}

impl Scripted {
    pub fn new(script: impl IntoIterator<Item = Reaction>) -> Self {
        Self { script: Arc::new(Mutex::new(script.into_iter().collect())), ..Self::default() }
    }

    /// Host and target of each request so far, without the scheme, and its method.
    pub fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let line = |request: &Request<Bytes>| {
            let uri = request.uri();
            let target = uri.path_and_query().unwrap().as_str().trim_start_matches("/v3/merchant-service/");
            format!("{} {} {target}", request.method(), uri.host().unwrap())
        };
        asked.iter().map(line).collect()
    }

    pub fn requests(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// The responses of the script that were not requested.
    pub fn is_played_out(&self) -> bool {
        self.script.lock().unwrap().is_empty()
    }
}

impl Service<Request<Bytes>> for Scripted {
    type Response = Response<Bytes>;
    type Error = SendError;
    type Future = Ready<Result<Response<Bytes>, SendError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        self.asked.lock().unwrap().push(request);
        let reaction = self.script.lock().unwrap().pop_front().expect("the script has a response");
        ready(reaction.map_err(|kind| match kind {
            SendErrorKind::Connect => SendError::not_sent(kind, "refused"),
            _ => SendError::unknown(kind, "broken"),
        }))
    }
}

pub fn builder() -> ClientBuilder {
    Client::builder(merchant("1900007291"), merchant_signer())
        .keys(keys())
        .origins(ORIGINS)
        .clock(Clock::new(|| NOW))
        .retry(RetryPolicy::default())
}

pub fn client(script: impl IntoIterator<Item = Reaction>) -> (Client<Scripted>, Scripted) {
    let scripted = Scripted::new(script);
    (builder().build_over(scripted.clone()), scripted)
}
