//! The webhook over loopback: 64 connections post a notification each and wait for 204.
//!
//! The floor is a bare hyper listener over the same sockets that does the least work of a receiver.
//! It reads the body, verifies the signature, opens the resource and responds with 204, with the
//! floor of `notification`. Ours is `http-transport`'s listener with `wechat-adapter`'s webhook:
//! bounds, timeouts, the order of checks, a reserved and committed id, a handler in its own
//! task. Both use plain TCP, so that TLS does not hide the difference. The ratio is the cost of the
//! guards. Goal: at most 1.15. The clients' time is on both sides.

use std::cell::RefCell;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Empty};
use http_transport::{Listener, ListenerConfig};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use protocol_core::UnixTime;
use protocol_core::crypto::{AeadAlgorithm, ApiV3Key, Certificate, Keyring, PrivateKey, Signature};
use protocol_core::replay::MemoryDeduplicate;
use protocol_core::wechat_pay::{signer, verifier};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use wechat_adapter::{Account, Clock, Notifications, Received, Webhook};

use benches::alternate::Alternate;
use benches::comparison::{Comparison, Goal};

use crate::notification::{API_V3_KEY, CERTIFICATE, FloorKeys, Signed, floor};

const PLATFORM_KEY: &[u8] =
    include_bytes!("../../crates/protocol-core/tests/vectors/wechatpay/java/wechat_pay_private_key.pem");
const NOW: UnixTime = UnixTime(1_741_936_166);
const CONNECTIONS: usize = 64;

/// Different notifications, more than the store remembers, so that none is a copy in the next
/// round.
const NOTIFICATIONS: usize = 2048;
const REMEMBERED: usize = 1024;

pub(crate) fn compare(bench: Alternate) -> Vec<Comparison> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let requests: Arc<[Bytes]> = requests().into();
    let bare = runtime.block_on(bare_listener());
    let ours = runtime.block_on(our_listener());
    let bare = RefCell::new(Clients::connect(&runtime, bare, Arc::clone(&requests)));
    let ours = RefCell::new(Clients::connect(&runtime, ours, requests));
    let (floor, ours) = (|| bare.borrow_mut().post(&runtime), || ours.borrow_mut().post(&runtime));
    let compared = bench.fewer(2).compare("webhook_64_at_once", floor, ours);
    vec![compared.goal(Goal::Ratio(1.15)).held(Goal::Ratio(1.25))]
}

/// Whole requests, signed.
fn requests() -> Vec<Bytes> {
    let signer = signer(&PrivateKey::read(PLATFORM_KEY).unwrap()).unwrap();
    let key = ApiV3Key::new(API_V3_KEY.trim_ascii_end()).unwrap();
    let serial = Certificate::read(CERTIFICATE.as_bytes()).unwrap().serial_no().to_owned();
    let event = br#"{"complaint_id":"200201820200101080076610000","action_type":"CREATE_COMPLAINT"}"#;
    let sealed = key.seal(AeadAlgorithm::Aes256Gcm, b"0123456789ab", b"complaint", event).unwrap();
    let ciphertext = Signature::new(sealed).to_base64();
    let request = |number: usize| {
        let body = format!(
            r#"{{"id":"EV-{number:012}","create_time":"2025-03-14T15:09:26+08:00","resource_type":"encrypt-resource","event_type":"COMPLAINT.CREATE","summary":"产生新投诉","resource":{{"original_type":"complaint","algorithm":"AEAD_AES_256_GCM","ciphertext":"{ciphertext}","associated_data":"complaint","nonce":"0123456789ab"}}}}"#
        );
        let signature = signer.sign(&[b"1741936166\nn0nce\n", body.as_bytes(), b"\n"]).unwrap().to_base64();
        let head = format!(
            "POST /notify HTTP/1.1\r\nHost: merchant.example\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Wechatpay-Timestamp: 1741936166\r\nWechatpay-Nonce: n0nce\r\nWechatpay-Serial: {serial}\r\n\
             Wechatpay-Signature: {signature}\r\n\r\n",
            body.len()
        );
        Bytes::from(head + &body)
    };
    (0..NOTIFICATIONS).map(request).collect()
}

async fn bare_listener() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let keys = Arc::new(FloorKeys::new());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let keys = Arc::clone(&keys);
            let service = service_fn(move |request| least(request, Arc::clone(&keys)));
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

async fn least(
    request: hyper::Request<Incoming>,
    keys: Arc<FloorKeys>,
) -> Result<hyper::Response<Empty<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let header = |name: &str| head.headers[name].to_str().unwrap();
    let signed = Signed {
        timestamp: header("wechatpay-timestamp"),
        nonce: header("wechatpay-nonce"),
        signature: header("wechatpay-signature"),
    };
    drop(floor(&signed, &body, &keys));
    let mut response = hyper::Response::new(Empty::new());
    *response.status_mut() = hyper::StatusCode::NO_CONTENT;
    Ok(response)
}

async fn our_listener() -> SocketAddr {
    let certificate = Certificate::read(CERTIFICATE.as_bytes()).unwrap();
    let keys = Keyring::new();
    keys.insert(certificate.serial_no(), verifier(certificate.public_key()).unwrap());
    let key = ApiV3Key::new(API_V3_KEY.trim_ascii_end()).unwrap();
    let store = MemoryDeduplicate::new(NonZeroUsize::new(REMEMBERED).unwrap(), 60);
    let account = Account::new("1900007291", Arc::new(keys), Arc::new(key));
    let webhook = Webhook::builder(Notifications::of(account), store, |received: Received| async move {
        drop(received);
        Ok::<(), Infallible>(())
    })
    .clock(Clock::new(|| NOW))
    .build();
    let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), ListenerConfig::default()).await.unwrap();
    let address = listener.local_addr();
    tokio::spawn(listener.serve(webhook, std::future::pending()));
    address
}

/// Connections that stay open.
struct Clients {
    streams: Vec<TcpStream>,
    requests: Arc<[Bytes]>,
    next: usize,
}

impl Clients {
    fn connect(runtime: &Runtime, address: SocketAddr, requests: Arc<[Bytes]>) -> Self {
        let connect = || runtime.block_on(TcpStream::connect(address)).unwrap();
        Self { streams: (0..CONNECTIONS).map(|_| connect()).collect(), requests, next: 0 }
    }

    /// One request on each connection, all at once; returns when all are acknowledged.
    fn post(&mut self, runtime: &Runtime) {
        let posting: Vec<_> = self
            .streams
            .drain(..)
            .map(|mut stream| {
                let request = self.requests[self.next % NOTIFICATIONS].clone();
                self.next += 1;
                runtime.spawn(async move {
                    stream.write_all(&request).await.unwrap();
                    let mut response = [0; 512];
                    let mut length = 0;
                    while !response[..length].ends_with(b"\r\n\r\n") {
                        length += stream.read(&mut response[length..]).await.unwrap();
                    }
                    assert!(response.starts_with(b"HTTP/1.1 204 "), "not acknowledged");
                    stream
                })
            })
            .collect();
        runtime.block_on(async {
            for posted in posting {
                self.streams.push(posted.await.unwrap());
            }
        });
    }
}
