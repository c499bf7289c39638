//! The tests' peers: a certificate, a scripted server, raw clients, a listener in the background.

use std::convert::Infallible;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use http_transport::{ClientConfig, HttpsClient, Listener, ListenerConfig, Roots, ServerTls};
use hyper::body::Incoming;
use rustls::SupportedProtocolVersion;
use rustls::crypto::CryptoProvider;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tower_service::Service;

/// Far longer than anything here takes, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A name that no resolver knows, and that the certificate bears.
pub(crate) const PLATFORM: &str = "api.platform.invalid";

pub(crate) struct Site {
    pub(crate) chain: String,
    pub(crate) key: String,
}

pub(crate) static SITE: LazyLock<Site> = LazyLock::new(Site::new);

impl Site {
    pub(crate) fn new() -> Self {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), PLATFORM.to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        Self { chain: made.cert.pem(), key: made.signing_key.serialize_pem() }
    }

    pub(crate) fn tls(&self) -> ServerTls {
        ServerTls::from_pem(self.chain.as_bytes(), self.key.as_bytes()).unwrap()
    }

    pub(crate) fn roots(&self) -> Roots {
        Roots::Pem(self.chain.as_bytes().to_vec())
    }
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    #[cfg(feature = "aws-lc-rs")]
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    #[cfg(not(feature = "aws-lc-rs"))]
    let provider = rustls::crypto::ring::default_provider();
    Arc::new(provider)
}

/// A configuration that trusts the tests' certificate.
pub(crate) fn trusting() -> ClientConfig {
    ClientConfig::default().with_roots(SITE.roots()).with_deadline(PATIENCE).with_connect_timeout(PATIENCE)
}

pub(crate) fn client(config: ClientConfig) -> HttpsClient {
    HttpsClient::new(config).unwrap()
}

pub(crate) fn get(uri: impl AsRef<str>) -> Request<Bytes> {
    Request::get(uri.as_ref()).body(Bytes::new()).unwrap()
}

pub(crate) fn post(uri: impl AsRef<str>, body: &'static str) -> Request<Bytes> {
    Request::post(uri.as_ref()).body(Bytes::from_static(body.as_bytes())).unwrap()
}

pub(crate) type Stream = tokio_rustls::server::TlsStream<TcpStream>;

/// A server of which every connection follows a script. The script learns how many connections came
/// before its own.
pub(crate) struct Scripted {
    pub(crate) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Scripted {
    pub(crate) async fn new<F, T>(script: F) -> Self
    where
        F: Fn(usize, Stream) -> T + Clone + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        Self::speaking(&[&rustls::version::TLS13, &rustls::version::TLS12], script).await
    }

    pub(crate) async fn speaking<F, T>(versions: &[&'static SupportedProtocolVersion], script: F) -> Self
    where
        F: Fn(usize, Stream) -> T + Clone + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let config = rustls::ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(SITE.chain.as_bytes()).unwrap()],
                PrivateKeyDer::from_pem_slice(SITE.key.as_bytes()).unwrap(),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Self::plain(move |number, stream| {
            let (acceptor, script) = (acceptor.clone(), script.clone());
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    script(number, stream).await;
                }
            }
        })
        .await
    }

    pub(crate) async fn plain<F, T>(script: F) -> Self
    where
        F: Fn(usize, TcpStream) -> T + Clone + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&accepted);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = socket.accept().await.unwrap();
                tokio::spawn(script(count.fetch_add(1, Ordering::SeqCst), stream));
            }
        });
        Self { address, accepted, task }
    }

    /// One response, byte for byte, to the first request of every connection, which is closed then.
    pub(crate) async fn responding(response: impl Into<Vec<u8>>) -> Self {
        let response = Arc::new(response.into());
        Self::new(move |_, mut stream| {
            let response = Arc::clone(&response);
            async move {
                if read_request(&mut stream).await.is_some() {
                    let _ = stream.write_all(&response).await;
                    let _ = stream.shutdown().await;
                }
            }
        })
        .await
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A request's head and body as text; `None` when the connection ended first.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut text = String::new();
    while !text.ends_with("\r\n\r\n") {
        text.push(char::from(stream.read_u8().await.ok()?));
    }
    let length = text
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length: ").map(|length| length.parse().unwrap())
        })
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    text.push_str(std::str::from_utf8(&body).unwrap());
    Some(text)
}

/// A service from a function, without the `tower` crate.
#[derive(Clone)]
pub(crate) struct Fun<F>(pub(crate) F);

impl<F, T, A, E> Service<Request<Incoming>> for Fun<F>
where
    F: Fn(Request<Incoming>) -> T,
    T: Future<Output = Result<A, E>> + Send + 'static,
{
    type Response = A;
    type Error = E;
    type Future = Pin<Box<dyn Future<Output = Result<A, E>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        Box::pin((self.0)(request))
    }
}

pub(crate) fn text(body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    Response::new(Full::new(body.into()))
}

/// Responses with the path it was asked for.
pub(crate) async fn echo_path(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(text(request.uri().path().to_owned()))
}

/// A listener that serves in the background.
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    pub(crate) task: JoinHandle<()>,
}

impl Serving {
    pub(crate) async fn new<F, T, E, B>(config: ListenerConfig, service: F) -> Self
    where
        F: Fn(Request<Incoming>) -> T + Clone + Send + 'static,
        T: Future<Output = Result<Response<B>, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
        B: http_body::Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), config).await.unwrap();
        let address = listener.local_addr();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(listener.serve(Fun(service), async {
            let _ = stopped.await;
        }));
        Self { address, stop: Some(stop), task }
    }

    pub(crate) fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://localhost:{}{path}", self.address.port())
    }

    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    pub(crate) async fn connect_tls(
        &self,
        versions: &[&'static SupportedProtocolVersion],
    ) -> tokio_rustls::client::TlsStream<TcpStream> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(SITE.chain.as_bytes()).unwrap()).unwrap();
        let config = rustls::ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, self.connect().await).await.unwrap()
    }

    /// Sends these bytes on a connection of their own and reads until the listener closes it.
    pub(crate) async fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        let _ = stream.write_all(bytes).await;
        read_to_end(&mut stream).await
    }
}

/// Tries until it succeeds. A timeout that must not fire during a short exchange may fire on a
/// machine that stalls; a fault of ours makes it fire each time.
pub(crate) async fn eventually<T>(mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..50 {
        if let Some(done) = attempt().await {
            return done;
        }
    }
    panic!("none of fifty attempts succeeded");
}

/// Everything until the peer closes or resets.
pub(crate) async fn read_to_end(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut all = Vec::new();
    let reading = async {
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = stream.read(&mut piece).await {
            all.extend_from_slice(&piece[..length]);
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("the peer closes");
    String::from_utf8(all).unwrap()
}
