//! The storms: what strangers without any key can do.

use std::fmt;
use std::io::Cursor;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use platform_sandbox::{NotificationFault, PushFormat, PushMode, Sandbox, WEBHOOK_HOST};
use protocol_core::limits::{MAX_NOTIFICATION_BODY, MAX_PUSH_BODY};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::Failure;

/// A kind of attack.
pub(crate) struct Storm {
    pub(crate) name: &'static str,
    /// How many attackers at once; each has one connection at a time.
    pub(crate) attackers: usize,
    /// With fewer connections in all it was no storm.
    pub(crate) at_least: usize,
    /// The service speaks TLS.
    pub(crate) tls: bool,
    pub(crate) attack: fn(Arc<Target>, Arc<Raged>, usize) -> Attack,
}

/// An attacker at work; it never ends by itself.
pub(crate) type Attack = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// In the order they are run.
pub(crate) const STORMS: &[Storm] = &[
    Storm { name: "calm", attackers: 0, at_least: 0, tls: true, attack: |_, _, _| Box::pin(async {}) },
    Storm {
        name: "refused-gets",
        attackers: 1100,
        at_least: 1100,
        tls: false,
        attack: |target, raged, at| Box::pin(refused_gets(target, raged, at)),
    },
    Storm {
        name: "silent",
        attackers: 1500,
        at_least: 1500,
        tls: true,
        attack: |target, raged, _| Box::pin(silent(target, raged)),
    },
    Storm {
        name: "push-bodies",
        attackers: 800,
        at_least: 800,
        tls: false,
        attack: |target, raged, _| Box::pin(bodies(target, raged, Target::push_head, MAX_PUSH_BODY)),
    },
    Storm {
        name: "notification-bodies",
        attackers: 800,
        at_least: 800,
        tls: false,
        attack: |target, raged, _| Box::pin(bodies(target, raged, Target::notification_head, MAX_NOTIFICATION_BODY)),
    },
    Storm {
        name: "chunked-bodies",
        attackers: 800,
        at_least: 800,
        tls: false,
        attack: |target, raged, _| Box::pin(chunked_bodies(target, raged)),
    },
    Storm {
        name: "slow-heads",
        attackers: 1100,
        at_least: 1100,
        tls: false,
        attack: |target, raged, _| Box::pin(slow_heads(target, raged)),
    },
    Storm {
        name: "huge-heads",
        attackers: 64,
        at_least: 64,
        tls: false,
        attack: |target, raged, _| Box::pin(huge_heads(target, raged)),
    },
    Storm {
        name: "unread-responses",
        attackers: 1100,
        at_least: 1100,
        tls: false,
        attack: |target, raged, _| Box::pin(unread_responses(target, raged)),
    },
    Storm {
        name: "handshakes",
        attackers: 32,
        at_least: 100,
        tls: true,
        attack: |target, raged, _| Box::pin(handshakes(target, raged)),
    },
    Storm {
        name: "half-handshakes",
        attackers: 1500,
        at_least: 1500,
        tls: true,
        attack: |target, raged, _| Box::pin(half_handshakes(target, raged)),
    },
    Storm {
        name: "forged-messages",
        attackers: 16,
        at_least: 100,
        tls: false,
        attack: |target, raged, at| Box::pin(forgeries(target, raged, at)),
    },
];

/// How much the storms did.
#[derive(Default)]
pub(crate) struct Raged {
    opened: AtomicUsize,
    requests: AtomicUsize,
    kibibytes: AtomicUsize,
}

impl Raged {
    pub(crate) fn opened(&self) -> usize {
        self.opened.load(Ordering::Relaxed)
    }
}

impl fmt::Display for Raged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [opened, requests, kibibytes] =
            [&self.opened, &self.requests, &self.kibibytes].map(|n| n.load(Ordering::Relaxed));
        write!(f, "{opened} connections, {requests} requests, {} MiB", kibibytes / 1024)
    }
}

/// The listener, and what its attackers know about it: nothing that is secret.
pub(crate) struct Target {
    address: SocketAddr,
    /// The public name of the platform's key, as every notification bears it.
    serial: String,
    client_hello: Vec<u8>,
    forged: Vec<Vec<u8>>,
}

impl Target {
    pub(crate) fn new(address: SocketAddr, sandbox: &Sandbox) -> Result<Self, Failure> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = config.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
        let mut connection = ClientConnection::new(Arc::new(config), ServerName::try_from(WEBHOOK_HOST)?)?;
        let mut client_hello = Cursor::new(Vec::new());
        connection.write_tls(&mut client_hello)?;

        let mut forged = Vec::new();
        let mchid = &sandbox.merchant().mchid;
        let notification =
            sandbox.signed_notification(mchid, "1", "CREATE_COMPLAINT", Some(NotificationFault::ForgedSignature))?;
        let mut head = "POST /wechat-pay/complaints HTTP/1.1\r\nHost: merchant.example\r\n".to_owned();
        for (name, value) in &notification.headers {
            head += &format!("{name}: {value}\r\n");
        }
        forged.push(with_body(&head, &notification.body));
        let push = sandbox.signed_message(br#"{"Event":"complaint_callback"}"#, PushMode::Secure, PushFormat::Json);
        // It stands last: a digit before it and none at its end are another signature of the same form.
        let mut query = push.query.replace("msg_signature=", "msg_signature=0");
        query.pop();
        forged.push(with_body(
            &format!("POST /mini-program/push?{query} HTTP/1.1\r\nHost: merchant.example\r\n"),
            &push.body,
        ));
        let serial = sandbox.platform_key().id.clone();
        Ok(Self { address, serial, client_hello: client_hello.into_inner(), forged })
    }

    /// A push that no key was needed for: all that its query can be checked for before the body is right.
    fn push_head(&self) -> String {
        format!(
            "POST /mini-program/push?signature={zeros}&timestamp={}&nonce=1&encrypt_type=aes&msg_signature={zeros} HTTP/1.1\r\n\
             Host: merchant.example\r\n",
            now(),
            zeros = "0".repeat(40),
        )
    }

    /// A notification that no key was needed for.
    fn notification_head(&self) -> String {
        format!(
            "POST /wechat-pay/complaints HTTP/1.1\r\nHost: merchant.example\r\nContent-Type: application/json\r\n\
             Wechatpay-Timestamp: {}\r\nWechatpay-Nonce: 0123456789abcdef\r\nWechatpay-Serial: {}\r\n\
             Wechatpay-Signature: {}\r\nWechatpay-Signature-Type: WECHATPAY2-SHA256-RSA2048\r\n",
            now(),
            self.serial,
            "A".repeat(342) + "==",
        )
    }

    async fn connect(&self, raged: &Raged) -> Option<TcpStream> {
        match timeout(Duration::from_secs(5), TcpStream::connect(self.address)).await {
            Ok(Ok(stream)) => {
                raged.opened.fetch_add(1, Ordering::Relaxed);
                Some(stream)
            }
            _ => {
                sleep(Duration::from_millis(50)).await;
                None
            }
        }
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

fn with_body(head: &str, body: &[u8]) -> Vec<u8> {
    let mut request = format!("{head}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    request.extend_from_slice(body);
    request
}

/// Sends, and says whether the other side took it.
async fn sent(stream: &mut TcpStream, raged: &Raged, bytes: &[u8]) -> bool {
    let sent = stream.write_all(bytes).await.is_ok();
    raged.kibibytes.fetch_add(bytes.len() / 1024, Ordering::Relaxed);
    sent
}

/// Waits until the other side closes, or for so long.
async fn until_closed(stream: &mut TcpStream, at_most: Duration) {
    let mut buffer = [0; 4096];
    let closed = async { while matches!(stream.read(&mut buffer).await, Ok(read) if read > 0) {} };
    let _ = timeout(at_most, closed).await;
}

/// A pause in which the other side may have closed; whether it did.
async fn is_closed_after(stream: &mut TcpStream, pause: Duration) -> bool {
    let mut buffer = [0; 4096];
    let read = async {
        loop {
            match stream.read(&mut buffer).await {
                Ok(read) if read > 0 => {}
                _ => return,
            }
        }
    };
    timeout(pause, read).await.is_ok()
}

/// A refused `GET` every six seconds, on a connection that is kept.
async fn refused_gets(target: Arc<Target>, raged: Arc<Raged>, attacker: usize) {
    // They are spread over the six seconds.
    let spread = Duration::from_millis(attacker as u64 * 6_000 / 1_100);
    let mut first = true;
    loop {
        let Some(mut stream) = target.connect(&raged).await else { continue };
        if first {
            first = false;
            sent(&mut stream, &raged, b"GET /wechat-pay/complaints HTTP/1.1\r\nHost: merchant.example\r\n\r\n").await;
            if is_closed_after(&mut stream, spread).await {
                continue;
            }
        }
        loop {
            raged.requests.fetch_add(1, Ordering::Relaxed);
            if !sent(&mut stream, &raged, b"GET /wechat-pay/complaints HTTP/1.1\r\nHost: merchant.example\r\n\r\n")
                .await
                || is_closed_after(&mut stream, Duration::from_secs(6)).await
            {
                break;
            }
        }
        // Whoever is closed comes again at the same pace.
        sleep(Duration::from_millis(100)).await;
    }
}

/// Never a byte; a new one where the last one was closed.
async fn silent(target: Arc<Target>, raged: Arc<Raged>) {
    loop {
        let Some(mut stream) = target.connect(&raged).await else { continue };
        until_closed(&mut stream, Duration::from_secs(3600)).await;
    }
}

/// All but the last byte of the largest body.
async fn bodies(target: Arc<Target>, raged: Arc<Raged>, head: fn(&Target) -> String, size: usize) {
    let piece = vec![b'x'; 16 * 1024];
    loop {
        let Some(mut stream) = target.connect(&raged).await else { continue };
        raged.requests.fetch_add(1, Ordering::Relaxed);
        let head = format!("{}Content-Length: {size}\r\n\r\n", head(&target));
        let mut taken = sent(&mut stream, &raged, head.as_bytes()).await;
        let mut left = size - 1;
        while taken && left > 0 {
            let some = piece.len().min(left);
            taken = sent(&mut stream, &raged, piece.get(..some).unwrap_or_default()).await;
            left -= some;
        }
        until_closed(&mut stream, Duration::from_secs(3600)).await;
    }
}

/// A body that does not say how long it is.
async fn chunked_bodies(target: Arc<Target>, raged: Arc<Raged>) {
    let piece = [b"4000\r\n".as_slice(), &[b'x'; 16 * 1024], b"\r\n"].concat();
    loop {
        let Some(mut stream) = target.connect(&raged).await else { continue };
        raged.requests.fetch_add(1, Ordering::Relaxed);
        let head = format!("{}Transfer-Encoding: chunked\r\n\r\n", target.push_head());
        let mut taken = sent(&mut stream, &raged, head.as_bytes()).await;
        for _ in 0..MAX_PUSH_BODY / (16 * 1024) - 1 {
            taken = taken && sent(&mut stream, &raged, &piece).await;
        }
        until_closed(&mut stream, Duration::from_secs(3600)).await;
    }
}

/// A head, a byte a second.
async fn slow_heads(target: Arc<Target>, raged: Arc<Raged>) {
    loop {
        let Some(mut stream) = target.connect(&raged).await else { continue };
        for byte in target.notification_head().into_bytes() {
            if !sent(&mut stream, &raged, &[byte]).await || is_closed_after(&mut stream, Duration::from_secs(1)).await {
                break;
            }
        }
    }
}

/// A head of a mebibyte.
async fn huge_heads(target: Arc<Target>, raged: Arc<Raged>) {
    let line = format!("X-Filler: {}\r\n", "x".repeat(8_000));
    loop {
        let Some(mut stream) = target.connect(&raged).await else { continue };
        raged.requests.fetch_add(1, Ordering::Relaxed);
        let mut taken = sent(&mut stream, &raged, target.notification_head().as_bytes()).await;
        for _ in 0..128 {
            taken = taken && sent(&mut stream, &raged, line.as_bytes()).await;
        }
        until_closed(&mut stream, Duration::from_secs(1)).await;
        sleep(Duration::from_millis(100)).await;
    }
}

/// Requests one after the other, whose responses nobody reads.
async fn unread_responses(target: Arc<Target>, raged: Arc<Raged>) {
    let requests = "GET /health HTTP/1.1\r\nHost: merchant.example\r\n\r\n".repeat(200);
    loop {
        let Some(mut stream) = target.connect(&raged).await else { continue };
        let write = async {
            while stream.write_all(requests.as_bytes()).await.is_ok() {
                raged.requests.fetch_add(200, Ordering::Relaxed);
                sleep(Duration::from_millis(500)).await;
            }
        };
        let _ = timeout(Duration::from_secs(30), write).await;
    }
}

/// The beginning of a handshake, for which the server signs; then nothing, and away.
async fn handshakes(target: Arc<Target>, raged: Arc<Raged>) {
    loop {
        let Some(mut stream) = target.connect(&raged).await else { continue };
        if sent(&mut stream, &raged, &target.client_hello).await {
            let mut buffer = [0; 1024];
            let _ = timeout(Duration::from_secs(5), stream.read(&mut buffer)).await;
        }
        // Some four hundred a second in all.
        sleep(Duration::from_millis(80)).await;
    }
}

/// The beginning of a handshake, and a connection that is kept.
async fn half_handshakes(target: Arc<Target>, raged: Arc<Raged>) {
    let half = target.client_hello.get(..target.client_hello.len() / 2).unwrap_or_default();
    loop {
        let Some(mut stream) = target.connect(&raged).await else { continue };
        sent(&mut stream, &raged, half).await;
        until_closed(&mut stream, Duration::from_secs(3600)).await;
    }
}

/// Messages in the platforms' form, with signatures that are none.
async fn forgeries(target: Arc<Target>, raged: Arc<Raged>, attacker: usize) {
    let forged = target.forged.get(attacker % target.forged.len().max(1)).cloned().unwrap_or_default();
    loop {
        let Some(mut stream) = target.connect(&raged).await else { continue };
        raged.requests.fetch_add(1, Ordering::Relaxed);
        sent(&mut stream, &raged, &forged).await;
        let mut buffer = [0; 1024];
        let _ = timeout(Duration::from_secs(5), stream.read(&mut buffer)).await;
        // Some five hundred a second in all.
        sleep(Duration::from_millis(30)).await;
    }
}
