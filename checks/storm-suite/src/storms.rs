//! The storms: what strangers without any key can do.

use std::fmt;
use std::io::{self, Cursor};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use platform_sandbox::{NotificationFault, PushFormat, PushMode, Sandbox, WEBHOOK_HOST};
use protocol_core::limits::{MAX_NOTIFICATION_BODY, MAX_PUSH_BODY};
use rustls::ClientConnection;
use rustls::pki_types::ServerName;
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsConnector;

use crate::Failure;
use crate::genuine::trusting;

/// A piece of a body, in bytes.
const PIECE: usize = 16 * 1024;

/// A head that is not yet too large for the listener, in bytes.
const LARGE_HEAD: usize = 31 * 1024;

/// How often an attacker sends a request that is refused.
const GET_EVERY: Duration = Duration::from_secs(6);

/// Buffers and segments of a connection that stays unread, in bytes.
const SMALL_BUFFER: usize = 4 * 1024;
const SMALL_SEGMENT: u32 = 536;

/// An attacker whose body or head was refused connects again after so long. With as many
/// connections as the machine makes, the slots turn over faster than a genuine exchange takes on
/// it: the machine's speed would decide.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// The same of one that never announced anything.
const REPLACED_AFTER: Duration = Duration::from_millis(500);

/// Writing has stalled if no byte could be written for so long.
const STALLED: Duration = Duration::from_secs(1);

/// A kind of attack.
pub(crate) struct Storm {
    pub(crate) name: &'static str,
    /// How many attackers at once; each has one connection at a time.
    pub(crate) attackers: usize,
    /// With less of what counts it was no storm.
    pub(crate) at_least: usize,
    pub(crate) counts: fn(&Raged) -> usize,
    /// The service speaks TLS.
    pub(crate) tls: bool,
    /// The most open files that the service may ask for, where that is less than everywhere else.
    pub(crate) hard_files: Option<usize>,
    pub(crate) attack: fn(Arc<Target>, Arc<Raged>, usize) -> Attack,
}

/// More attackers than there are slots, in the clear.
pub(crate) const STORM: Storm = Storm {
    name: "calm",
    attackers: 1100,
    at_least: 1100,
    counts: Raged::opened,
    tls: false,
    hard_files: None,
    attack: |_, _, _| Box::pin(async {}),
};

/// An attacker at work; it never ends by itself.
pub(crate) type Attack = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// In the order they are run.
pub(crate) const STORMS: &[Storm] = &[
    Storm { attackers: 0, at_least: 0, tls: true, ..STORM },
    Storm { name: "refused-gets", attack: |target, raged, at| Box::pin(refused_gets(target, raged, at)), ..STORM },
    Storm {
        name: "silent",
        attackers: 1500,
        at_least: 1500,
        tls: true,
        attack: |target, raged, _| Box::pin(silent(target, raged)),
        ..STORM
    },
    Storm {
        name: "few-files",
        attackers: 700,
        at_least: 700,
        tls: true,
        hard_files: Some(1024),
        attack: |target, raged, _| Box::pin(silent(target, raged)),
        ..STORM
    },
    Storm {
        name: "push-bodies",
        attack: |target, raged, _| Box::pin(bodies(target, raged, Target::push_head, MAX_PUSH_BODY)),
        ..STORM
    },
    Storm {
        name: "notification-bodies",
        attack: |target, raged, _| Box::pin(bodies(target, raged, Target::notification_head, MAX_NOTIFICATION_BODY)),
        ..STORM
    },
    // With pieces of their own beside the budget's few large bodies these take the most memory: as
    // many as the first of such attacks had.
    Storm {
        name: "chunked-bodies",
        attackers: 800,
        at_least: 800,
        attack: |target, raged, _| Box::pin(chunked_bodies(target, raged)),
        ..STORM
    },
    Storm { name: "chunked-heads", attack: |target, raged, _| Box::pin(chunked_heads(target, raged)), ..STORM },
    Storm { name: "slow-heads", attack: |target, raged, _| Box::pin(slow_heads(target, raged)), ..STORM },
    Storm { name: "large-heads", attack: |target, raged, _| Box::pin(large_heads(target, raged)), ..STORM },
    Storm {
        name: "large-heads-tls",
        // A slow machine is not through with all handshakes as the storm ends.
        at_least: 700,
        tls: true,
        attack: |target, raged, at| Box::pin(large_heads_in_tls(target, raged, at)),
        ..STORM
    },
    Storm {
        name: "huge-heads",
        attackers: 64,
        at_least: 64,
        attack: |target, raged, _| Box::pin(huge_heads(target, raged)),
        ..STORM
    },
    // Far from three quarters of the slots: under pressure a connection ends before its writing
    // stalls.
    Storm {
        name: "unread-responses",
        attackers: 400,
        at_least: 1,
        counts: Raged::stalled,
        attack: |target, raged, _| Box::pin(unread_responses(target, raged)),
        ..STORM
    },
    Storm {
        name: "handshakes",
        attackers: 32,
        at_least: 100,
        tls: true,
        attack: |target, raged, _| Box::pin(handshakes(target, raged)),
        ..STORM
    },
    Storm {
        name: "half-handshakes",
        attackers: 1500,
        at_least: 1500,
        tls: true,
        attack: |target, raged, _| Box::pin(half_handshakes(target, raged)),
        ..STORM
    },
    Storm {
        name: "forged-messages",
        attackers: 16,
        at_least: 100,
        attack: |target, raged, at| Box::pin(forgeries(target, raged, at)),
        ..STORM
    },
];

/// How much the storms did.
#[derive(Default)]
pub(crate) struct Raged {
    opened: AtomicUsize,
    requests: AtomicUsize,
    kibibytes: AtomicUsize,
    /// Connections on which the service reads no more.
    stalled: AtomicUsize,
}

impl Raged {
    pub(crate) fn opened(&self) -> usize {
        self.opened.load(Ordering::Relaxed)
    }

    fn stalled(&self) -> usize {
        self.stalled.load(Ordering::Relaxed)
    }
}

impl fmt::Display for Raged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [opened, requests, kibibytes, stalled] =
            [&self.opened, &self.requests, &self.kibibytes, &self.stalled].map(|n| n.load(Ordering::Relaxed));
        write!(f, "{opened} connections, {requests} requests, {} MiB", kibibytes / 1024)?;
        if stalled > 0 { write!(f, ", {stalled} stalled") } else { Ok(()) }
    }
}

/// The path of the Mini Program's pushes.
pub(crate) fn push_path(sandbox: &Sandbox) -> String {
    format!("/mini-program/{}", sandbox.mini_program().appid)
}

/// The listener, and what its attackers know about it: nothing that is secret.
pub(crate) struct Target {
    address: SocketAddr,
    /// The public name of the platform's key, as every notification bears it.
    serial: String,
    push_path: String,
    tls: TlsConnector,
    name: ServerName<'static>,
    client_hello: Vec<u8>,
    forged: Vec<Vec<u8>>,
}

impl Target {
    pub(crate) fn new(address: SocketAddr, sandbox: &Sandbox) -> Result<Self, Failure> {
        let tls = trusting(sandbox)?;
        let name = ServerName::try_from(WEBHOOK_HOST)?;
        let mut connection = ClientConnection::new(Arc::clone(&tls), name.clone())?;
        let mut client_hello = Cursor::new(Vec::new());
        connection.write_tls(&mut client_hello)?;

        let push_path = push_path(sandbox);
        let mut forged = Vec::new();
        let mchid = &sandbox.merchant().mchid;
        let notification =
            sandbox.signed_notification(mchid, "1", "CREATE_COMPLAINT", Some(NotificationFault::ForgedSignature))?;
        let mut head = "POST /wechat-pay HTTP/1.1\r\nHost: merchant.example\r\n".to_owned();
        for (name, value) in &notification.headers {
            head += &format!("{name}: {value}\r\n");
        }
        forged.push(with_body(&head, &notification.body));
        let push = sandbox.signed_message(br#"{"Event":"complaint_callback"}"#, PushMode::Secure, PushFormat::Json);
        // It stands last: a digit before it and none at its end are another signature of the same
        // form.
        let mut query = push.query.replace("msg_signature=", "msg_signature=0");
        query.pop();
        forged.push(with_body(&format!("POST {push_path}?{query} HTTP/1.1\r\nHost: merchant.example\r\n"), &push.body));
        let serial = sandbox.platform_key().id.clone();
        let client_hello = client_hello.into_inner();
        Ok(Self { address, serial, push_path, tls: tls.into(), name, client_hello, forged })
    }

    /// A push that no key was needed for: all that its query can be checked for before the body is
    /// right.
    fn push_head(&self) -> String {
        format!(
            "POST {}?signature={zeros}&timestamp={}&nonce=1&encrypt_type=aes&msg_signature={zeros} HTTP/1.1\r\n\
             Host: merchant.example\r\n",
            self.push_path,
            now(),
            zeros = "0".repeat(40),
        )
    }

    /// A notification that no key was needed for.
    fn notification_head(&self) -> String {
        format!(
            "POST /wechat-pay HTTP/1.1\r\nHost: merchant.example\r\nContent-Type: application/json\r\n\
             Wechatpay-Timestamp: {}\r\nWechatpay-Nonce: 0123456789abcdef\r\nWechatpay-Serial: {}\r\n\
             Wechatpay-Signature: {}\r\nWechatpay-Signature-Type: WECHATPAY2-SHA256-RSA2048\r\n",
            now(),
            self.serial,
            "A".repeat(342) + "==",
        )
    }

    fn large_head(&self) -> Vec<u8> {
        let mut head = format!("{}X-Filler: ", self.notification_head()).into_bytes();
        head.resize(LARGE_HEAD, b'x');
        head
    }

    async fn connect(&self, raged: &Raged) -> Option<TcpStream> {
        self.opened(raged, TcpStream::connect(self.address)).await
    }

    /// A connection whose peer is soon left with what it wants to send: little is read ahead, and
    /// the system takes little from the peer in advance where segments are small.
    async fn connect_unread(&self, raged: &Raged) -> Option<TcpStream> {
        let connecting = async {
            let socket = Socket::new(Domain::for_address(self.address), Type::STREAM, None)?;
            socket.set_nonblocking(true)?;
            socket.set_recv_buffer_size(SMALL_BUFFER)?;
            socket.set_send_buffer_size(SMALL_BUFFER)?;
            socket.set_tcp_mss(SMALL_SEGMENT)?;
            TcpSocket::from_std_stream(socket.into()).connect(self.address).await
        };
        self.opened(raged, connecting).await
    }

    async fn opened(
        &self,
        raged: &Raged,
        connecting: impl Future<Output = io::Result<TcpStream>>,
    ) -> Option<TcpStream> {
        match timeout(Duration::from_secs(5), connecting).await {
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
async fn sent(stream: &mut (impl AsyncWrite + Unpin), raged: &Raged, bytes: &[u8]) -> bool {
    let sent = stream.write_all(bytes).await.is_ok();
    raged.kibibytes.fetch_add(bytes.len() / 1024, Ordering::Relaxed);
    sent
}

/// Waits until the other side closes, or for so long.
async fn until_closed(stream: &mut (impl AsyncRead + Unpin), at_most: Duration) {
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

/// A refused `GET` every six seconds, some 180 a second in all, and a connection all the time.
async fn refused_gets(target: Arc<Target>, raged: Arc<Raged>, attacker: usize) {
    // They are spread over the six seconds.
    let mut turn = Instant::now() + GET_EVERY * u32::try_from(attacker).unwrap_or_default() / 1_100;
    loop {
        // A closed attacker connects again soon, and waits for its turn.
        let Some(mut stream) = target.connect(&raged).await else { continue };
        while !is_closed_after(&mut stream, turn.saturating_duration_since(Instant::now())).await {
            turn += GET_EVERY;
            raged.requests.fetch_add(1, Ordering::Relaxed);
            sent(&mut stream, &raged, b"GET /wechat-pay HTTP/1.1\r\nHost: merchant.example\r\n\r\n").await;
        }
        sleep(REPLACED_AFTER).await;
    }
}

/// Never a byte; a new one soon after the last one was closed.
async fn silent(target: Arc<Target>, raged: Arc<Raged>) {
    loop {
        let Some(mut stream) = target.connect(&raged).await else { continue };
        until_closed(&mut stream, Duration::from_secs(3600)).await;
        sleep(REPLACED_AFTER).await;
    }
}

/// All but the last byte of the largest body.
async fn bodies(target: Arc<Target>, raged: Arc<Raged>, head: fn(&Target) -> String, size: usize) {
    let piece = vec![b'x'; PIECE];
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
        sleep(AGAIN_AFTER).await;
    }
}

/// A body that does not say how long it is.
async fn chunked_bodies(target: Arc<Target>, raged: Arc<Raged>) {
    let piece = [b"4000\r\n".as_slice(), &[b'x'; PIECE], b"\r\n"].concat();
    loop {
        let Some(mut stream) = target.connect(&raged).await else { continue };
        raged.requests.fetch_add(1, Ordering::Relaxed);
        let head = format!("{}Transfer-Encoding: chunked\r\n\r\n", target.push_head());
        let mut taken = sent(&mut stream, &raged, head.as_bytes()).await;
        for _ in 0..MAX_PUSH_BODY / PIECE - 1 {
            taken = taken && sent(&mut stream, &raged, &piece).await;
        }
        until_closed(&mut stream, Duration::from_secs(3600)).await;
        sleep(AGAIN_AFTER).await;
    }
}

/// The head of a body that does not say how long it is, and nothing of it: room for the largest is
/// taken for it. A thousand a second in all: with as many as the machine makes, the bytes of a body
/// are there before the service comes to its head.
async fn chunked_heads(target: Arc<Target>, raged: Arc<Raged>) {
    loop {
        let Some(mut stream) = target.connect(&raged).await else { continue };
        raged.requests.fetch_add(1, Ordering::Relaxed);
        sent(&mut stream, &raged, format!("{}Transfer-Encoding: chunked\r\n\r\n", target.push_head()).as_bytes()).await;
        let _ = stream.read(&mut [0; 1024]).await;
        sleep(Duration::from_secs(1)).await;
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
        sleep(REPLACED_AFTER).await;
    }
}

/// A head that nearly is too large, and has no end.
async fn large_heads(target: Arc<Target>, raged: Arc<Raged>) {
    let head = target.large_head();
    loop {
        let Some(mut stream) = target.connect(&raged).await else { continue };
        sent(&mut stream, &raged, &head).await;
        until_closed(&mut stream, Duration::from_secs(3600)).await;
        sleep(AGAIN_AFTER).await;
    }
}

/// The same after a whole handshake, of which there are some 250 a second: as many as the machine
/// makes are another storm.
async fn large_heads_in_tls(target: Arc<Target>, raged: Arc<Raged>, attacker: usize) {
    let head = target.large_head();
    sleep(Duration::from_millis(4 * attacker as u64)).await;
    loop {
        let Some(stream) = target.connect(&raged).await else { continue };
        let handshake = target.tls.connect(target.name.clone(), stream);
        if let Ok(Ok(mut stream)) = timeout(Duration::from_secs(5), handshake).await {
            sent(&mut stream, &raged, &head).await;
            let _ = stream.flush().await;
            until_closed(&mut stream, Duration::from_secs(3600)).await;
        }
        sleep(2 * AGAIN_AFTER).await;
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

/// Requests one after the other, whose responses stay unread, until the service reads no more; then
/// a connection that is kept.
async fn unread_responses(target: Arc<Target>, raged: Arc<Raged>) {
    let requests = "GET /health HTTP/1.1\r\nHost: merchant.example\r\n\r\n".repeat(20);
    loop {
        let Some(mut stream) = target.connect_unread(&raged).await else { continue };
        let mut left = requests.as_bytes();
        loop {
            let mut written = timeout(STALLED, stream.write(left)).await;
            if written.is_err() {
                // A service that is slow and no more reads on some time.
                raged.stalled.fetch_add(1, Ordering::Relaxed);
                written = Ok(stream.write(left).await);
                raged.stalled.fetch_sub(1, Ordering::Relaxed);
            }
            let Ok(Ok(written)) = written else { break };
            left = left.get(written..).filter(|left| !left.is_empty()).unwrap_or(requests.as_bytes());
        }
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
        sleep(REPLACED_AFTER).await;
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
