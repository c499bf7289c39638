//! Genuine traffic: what the platforms send, as they send it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_transport::{ClientConfig, Deadline, HttpsClient, Resolve, Roots};
use platform_sandbox::{NewComplaint, PushFormat, PushMode, Sandbox, WEBHOOK_HOST};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_rustls::TlsConnector;

use crate::Failure;
use crate::service::Service;
use crate::storms::push_path;

/// How long the platforms wait for a response.
const PLATFORM_WAITS: Duration = Duration::from_secs(5);

/// One message after the other, so often.
const EVERY: Duration = Duration::from_millis(50);

/// How often a message is sent at most, as the platforms do: the third time is the last of the Mini
/// Program.
const TRIES: usize = 3;

/// The wait before a message is sent again: shorter than WeChat Pay's 15 seconds.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A body that is a segment of its own comes so long after its head, from far away.
const BODY_AFTER: Duration = Duration::from_millis(100);

/// One message, sent until it was acknowledged.
struct Arrival {
    number: String,
    /// The platform can be asked about it.
    readable: bool,
    /// How long each try took, and whether it was acknowledged.
    tries: Vec<(Duration, bool)>,
}

/// The outcome of all messages.
#[derive(Default)]
pub(crate) struct Arrivals(Vec<Arrival>);

impl Arrivals {
    pub(crate) fn sent(&self) -> usize {
        self.0.len()
    }

    /// Acknowledged, but not at the first try.
    pub(crate) fn again(&self) -> usize {
        self.0.iter().filter(|arrival| arrival.tries.len() > 1 && arrival.is_acknowledged()).count()
    }

    pub(crate) fn lost(&self) -> usize {
        self.0.iter().filter(|arrival| !arrival.is_acknowledged()).count()
    }

    pub(crate) fn acknowledged(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|arrival| arrival.is_acknowledged()).map(|arrival| &*arrival.number)
    }

    pub(crate) fn readable(&self) -> impl Iterator<Item = &str> {
        let readable = |arrival: &&Arrival| arrival.readable && arrival.is_acknowledged();
        self.0.iter().filter(readable).map(|arrival| &*arrival.number)
    }

    /// Of the time of all tries, so many of a hundred took no longer.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let mut times: Vec<Duration> =
            self.0.iter().flat_map(|arrival| &arrival.tries).map(|(time, _)| *time).collect();
        times.sort_unstable();
        let last = times.len().saturating_sub(1);
        times.get((times.len() * percent / 100).min(last)).copied().unwrap_or_default()
    }
}

impl Arrival {
    fn is_acknowledged(&self) -> bool {
        self.tries.last().is_some_and(|(_, acknowledged)| *acknowledged)
    }
}

/// The client's side of TLS to the service.
pub(crate) fn trusting(sandbox: &Sandbox) -> Result<Arc<rustls::ClientConfig>, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(sandbox.root_certificate().as_bytes())?)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// A platform. Half of its messages are sent at once, the other half with a body that comes a
/// little later than the head.
#[derive(Clone)]
pub(crate) struct Sender {
    client: HttpsClient,
    address: SocketAddr,
    tls: Option<TlsConnector>,
}

/// One message.
struct Message {
    number: String,
    /// The platform can be asked about it.
    readable: bool,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Its body comes later than its head.
    in_two: bool,
}

impl Sender {
    pub(crate) fn new(sandbox: &Sandbox, service: &Service, tls: bool) -> Result<Self, Failure> {
        let address = service.address();
        let config = ClientConfig::default()
            .with_roots(Roots::Pem(sandbox.root_certificate().as_bytes().to_vec()))
            .with_resolve(Resolve::To(address.ip()))
            .with_connect_timeout(PLATFORM_WAITS)
            .with_max_idle_per_host(0)
            .with_allow_http(!tls);
        let tls = if tls { Some(trusting(sandbox)?.into()) } else { None };
        Ok(Self { client: HttpsClient::new(config)?, address, tls })
    }

    /// Sends a message of each channel in turn, for so long.
    pub(crate) async fn send_for(&self, time: Duration, sandbox: &Sandbox) -> Result<Arrivals, Failure> {
        let mchid = sandbox.merchant().mchid.clone();
        let until = Instant::now() + time;
        let mut ticks = interval(EVERY);
        let mut sending = JoinSet::new();
        let mut count = 0_u64;
        while Instant::now() < until {
            ticks.tick().await;
            count += 1;
            let in_two = count % 4 < 2;
            let message = if count.is_multiple_of(2) {
                let number = sandbox.file_complaint(NewComplaint::default());
                let signed = sandbox.signed_notification(&mchid, &number, "CREATE_COMPLAINT", None)?;
                let (path, headers) = ("/wechat-pay".to_owned(), signed.headers);
                Message { number, readable: true, path, headers, body: signed.body, in_two }
            } else {
                let number = format!("86{count:010}");
                let message = format!(
                    r#"{{"Event":"complaint_callback","CreateTime":{count},"complaint_order_id":"{number}","status":"201"}}"#
                );
                let signed = sandbox.signed_message(message.as_bytes(), PushMode::Secure, PushFormat::Json);
                let headers = vec![("Content-Type".to_owned(), signed.content_type.to_owned())];
                let path = format!("{}?{}", push_path(sandbox), signed.query);
                Message { number, readable: false, path, headers, body: signed.body, in_two }
            };
            let sender = self.clone();
            sending.spawn(async move { sender.send(message).await });
        }
        Ok(Arrivals(sending.join_all().await))
    }

    async fn send(&self, message: Message) -> Arrival {
        let mut tries = Vec::new();
        for again in 0..TRIES {
            if again > 0 {
                sleep(AGAIN_AFTER).await;
            }
            let begun = Instant::now();
            let status = if message.in_two {
                timeout(PLATFORM_WAITS, self.in_two(&message)).await.unwrap_or_else(|late| Err(late.into()))
            } else {
                self.at_once(&message).await
            };
            let acknowledged = matches!(status, Ok(StatusCode::OK | StatusCode::NO_CONTENT));
            tries.push((begun.elapsed(), acknowledged));
            if acknowledged {
                break;
            }
        }
        Arrival { number: message.number, readable: message.readable, tries }
    }

    async fn at_once(&self, message: &Message) -> Result<StatusCode, Failure> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let mut request = Request::post(format!("{scheme}://{WEBHOOK_HOST}:{}{}", self.address.port(), message.path));
        for (name, value) in &message.headers {
            request = request.header(name, value);
        }
        let request = request.extension(Deadline(PLATFORM_WAITS)).body(Bytes::from(message.body.clone()))?;
        Ok(self.client.send(request).await?.status())
    }

    async fn in_two(&self, message: &Message) -> Result<StatusCode, Failure> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => exchange(stream, message).await,
            Some(tls) => exchange(tls.connect(ServerName::try_from(WEBHOOK_HOST)?, stream).await?, message).await,
        }
    }
}

/// The head, a pause, the body; the response's status.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, message: &Message) -> Result<StatusCode, Failure> {
    let Message { path, headers, body, .. } = message;
    let mut head = format!("POST {path} HTTP/1.1\r\nHost: {WEBHOOK_HOST}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).await?;
    stream.flush().await?;
    sleep(BODY_AFTER).await;
    stream.write_all(body).await?;
    stream.flush().await?;
    let mut response = [0; "HTTP/1.1 200".len()];
    stream.read_exact(&mut response).await?;
    Ok(StatusCode::from_bytes(response.strip_prefix(b"HTTP/1.1 ").ok_or("no response of HTTP/1.1")?)?)
}
