//! The listener: it accepts, bounds, and stops gracefully.

use core::pin::pin;
use core::time::Duration;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower_service::Service;

use crate::connection::Connection;
use crate::error::BoxError;
use crate::tls::ServerTls;

/// The least a bound on a request's head can be, in bytes: what hyper reads at once.
pub const MIN_HEADER_BYTES: usize = 8 * 1024;

/// How long the listener waits after an error of accepting, such as too many open files.
const ACCEPT_BACK_OFF: Duration = Duration::from_millis(50);

/// A [`Listener`]'s certificate and bounds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ListenerConfig {
    pub(crate) tls: Option<ServerTls>,
    pub(crate) max_connections: usize,
    pub(crate) max_header_bytes: usize,
    pub(crate) max_headers: usize,
    pub(crate) header_timeout: Duration,
    pub(crate) request_timeout: Option<Duration>,
    pub(crate) shutdown_grace: Duration,
}

impl Default for ListenerConfig {
    fn default() -> Self {
        Self {
            tls: None,
            max_connections: 1024,
            max_header_bytes: 32 * 1024,
            max_headers: 64,
            header_timeout: Duration::from_secs(10),
            request_timeout: Some(Duration::from_secs(30)),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

impl ListenerConfig {
    /// Speaks TLS. In the clear unless set, for whoever has a proxy in front.
    #[must_use]
    pub fn with_tls(self, tls: ServerTls) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// The most connections at a time; more of them wait to be accepted. 1024 unless set, 1 at least.
    #[must_use]
    pub fn with_max_connections(self, max_connections: usize) -> Self {
        Self { max_connections, ..self }
    }

    /// The largest head of a request, in bytes: when its end has not come by then, the answer is 431. What is read at once may
    /// overshoot, but not by as much again. 32 KiB unless set, [`MIN_HEADER_BYTES`] at least.
    #[must_use]
    pub fn with_max_header_bytes(self, max_header_bytes: usize) -> Self {
        Self { max_header_bytes, ..self }
    }

    /// The most headers of a request; more are answered with 431. 64 unless set.
    #[must_use]
    pub fn with_max_headers(self, max_headers: usize) -> Self {
        Self { max_headers, ..self }
    }

    /// The time for the TLS handshake, again for each request's head, and so also how long a connection may idle.
    /// 10 seconds unless set.
    #[must_use]
    pub fn with_header_timeout(self, header_timeout: Duration) -> Self {
        Self { header_timeout, ..self }
    }

    /// The time from a request's head to the last byte of its answer; then the connection is closed and the service's future
    /// dropped. 30 seconds unless set.
    #[must_use]
    pub fn with_request_timeout(self, request_timeout: Option<Duration>) -> Self {
        Self { request_timeout, ..self }
    }

    /// The time requests in hand have to finish once the listener shuts down. 10 seconds unless set.
    #[must_use]
    pub fn with_shutdown_grace(self, shutdown_grace: Duration) -> Self {
        Self { shutdown_grace, ..self }
    }
}

/// A bound address that HTTP/1.1 requests come in at.
///
/// ```no_run
/// use std::net::{Ipv4Addr, SocketAddr};
/// use http_transport::{Listener, ListenerConfig, ServerTls};
///
/// # async fn example<S>(chain: &[u8], key: &[u8], webhook: S) -> Result<(), Box<dyn std::error::Error>>
/// # where
/// #     S: tower_service::Service<http::Request<hyper::body::Incoming>, Response = http::Response<String>, Error = std::io::Error>
/// #         + Clone + Send + 'static,
/// #     S::Future: Send,
/// # {
/// let config = ListenerConfig::default().with_tls(ServerTls::from_pem(chain, key)?).with_max_connections(256);
/// let listener = Listener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8443)), config).await?;
/// // Any service of HTTP requests; until the future at the end is ready.
/// listener.serve(webhook, std::future::pending()).await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    config: ListenerConfig,
}

impl Listener {
    /// Binds an address; port 0 lets the system choose one. Connections wait until [`serve`](Self::serve).
    ///
    /// # Errors
    ///
    /// The system's, such as an address in use.
    pub async fn bind(address: SocketAddr, config: ListenerConfig) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address, config })
    }

    /// The address bound.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is ready. Then nothing more is accepted, idle connections are closed at once, and requests in hand
    /// have the grace period to finish before they are dropped.
    ///
    /// The service is cloned for each request. A service that returns an error closes the connection without an answer; a
    /// body that does cuts the answer off. A panic ends its own connection only. A client that goes away drops the
    /// service's future where it stands; what has to run to its end belongs into a task. Dropping the future of `serve`
    /// drops all connections.
    pub async fn serve<S, B>(self, service: S, shutdown: impl Future<Output = ()> + Send)
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        let Self { socket, config, .. } = self;
        let grace = config.shutdown_grace;
        let slots = Arc::new(Semaphore::new(config.max_connections.clamp(1, Semaphore::MAX_PERMITS)));
        let (stop, stopping) = watch::channel(());
        let connection = Connection::new(config, stopping);
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            let (stream, slot) = tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => continue,
                accepted = accept(&socket, &slots) => accepted,
            };
            let serving = connection.clone().serve(stream, service.clone());
            connections.spawn(async move {
                serving.await;
                drop(slot);
            });
        }
        drop(socket);
        drop(stop);
        // Whatever is left when the grace period is over is aborted as the set is dropped.
        let _ = tokio::time::timeout(grace, async { while connections.join_next().await.is_some() {} }).await;
    }
}

/// The next connection, once there is room for it.
async fn accept(socket: &TcpListener, slots: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    loop {
        if let Ok(slot) = Arc::clone(slots).acquire_owned().await
            && let Ok((stream, _)) = socket.accept().await
        {
            return (stream, slot);
        }
        tokio::time::sleep(ACCEPT_BACK_OFF).await;
    }
}
