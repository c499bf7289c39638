//! The listener: it accepts, bounds, and stops gracefully.

use std::io;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower_service::Service;

use crate::clock::until;
use crate::connection::{Connection, LONGEST};
use crate::error::BoxError;
use crate::open_files::{self, open_files};
use crate::peers::{self, Network, OfPeer, Peer};
use crate::proof::{Place, Registry};
use crate::tls::ServerTls;

/// The least a bound on a request's head can be, in bytes: what hyper reads at once.
pub const MIN_HEADER_BYTES: usize = 8 * 1024;

/// How long the listener waits after an error of accepting, such as too many open files.
const ACCEPT_BACK_OFF: Duration = Duration::from_millis(50);

/// The default of the most connections, if the process may have twice as many files open; otherwise
/// half of the files.
const MAX_CONNECTIONS: usize = 1024;

/// The default share of one peer's waiting connections: one of so many.
const PEERS_WITH_A_SHARE: usize = 8;

/// The least default share of a peer, if there are as many connections: several genuine messages of
/// one address arrive at once.
const MIN_SHARE: usize = 16;

/// The default time that a connection may wait under pressure: well below the 5 seconds that the
/// platforms wait for a response.
const PRESSED_TIMEOUT: Duration = Duration::from_secs(1);

/// The least that is: without one, the listener would look at its slots all the time.
const MIN_PRESSED_TIMEOUT: Duration = Duration::from_millis(1);

/// How many connections more than allowed there may be for a moment, as those that were closed for
/// others come to their end.
const CLOSING_AT_ONCE: usize = 64;

/// A [`Listener`]'s certificate and bounds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ListenerConfig {
    pub(crate) tls: Option<ServerTls>,
    pub(crate) max_connections: Option<usize>,
    pub(crate) max_waiting_per_peer: Option<usize>,
    pub(crate) pressed_timeout: Duration,
    pub(crate) proxies: Vec<Network>,
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
            max_connections: None,
            max_waiting_per_peer: None,
            pressed_timeout: PRESSED_TIMEOUT,
            proxies: Vec::new(),
            max_header_bytes: 32 * 1024,
            max_headers: 64,
            header_timeout: Duration::from_secs(10),
            request_timeout: Some(Duration::from_secs(30)),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

impl ListenerConfig {
    /// Speaks TLS. Default: in the clear, for a proxy in front.
    #[must_use]
    pub fn with_tls(self, tls: ServerTls) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// The certificate and key, if it speaks TLS.
    #[must_use]
    pub const fn tls(&self) -> Option<&ServerTls> {
        self.tls.as_ref()
    }

    /// The most connections at a time, 1 at least. Default: 1024, or half of the files that the
    /// process may have open when the listener is bound ([`open_files`](crate::open_files)), if
    /// that is less. For one more, the connection is closed that has waited longest without a
    /// message that is proven ([`Proof`](crate::Proof)); the newcomer itself, where proven messages
    /// are in hand on all of them.
    #[must_use]
    pub fn with_max_connections(self, max_connections: usize) -> Self {
        Self { max_connections: Some(max_connections), ..self }
    }

    /// The most connections of one IPv4 address, or of one IPv6 network of 64 bits, that wait for a
    /// proven message, 1 at least. For one more, that peer's own longest-waiting connection is
    /// closed. Loopback and the [proxies](Self::with_proxies) have no such bound. Default: an
    /// eighth of the most connections, or 16, if that is more.
    #[must_use]
    pub fn with_max_waiting_per_peer(self, max_waiting_per_peer: usize) -> Self {
        Self { max_waiting_per_peer: Some(max_waiting_per_peer), ..self }
    }

    /// How long a connection may wait for a proven message while three quarters of the most
    /// connections or more are there, 1 millisecond at least. Default: 1 second.
    #[must_use]
    pub fn with_pressed_timeout(self, pressed_timeout: Duration) -> Self {
        Self { pressed_timeout, ..self }
    }

    /// The proxies in front of the listener: every request comes through them, so no bound for one
    /// peer applies to them. Default: none. The last list given counts.
    #[must_use]
    pub fn with_proxies(self, proxies: impl IntoIterator<Item = Network>) -> Self {
        Self { proxies: proxies.into_iter().collect(), ..self }
    }

    /// The largest head of a request, in bytes; a longer one gets 431. One read may overshoot, but
    /// not by as much again. Default: 32 KiB; [`MIN_HEADER_BYTES`] at least.
    #[must_use]
    pub fn with_max_header_bytes(self, max_header_bytes: usize) -> Self {
        Self { max_header_bytes, ..self }
    }

    /// The most headers of a request; more get 431. Default: 64.
    #[must_use]
    pub fn with_max_headers(self, max_headers: usize) -> Self {
        Self { max_headers, ..self }
    }

    /// The time for the TLS handshake, again for each request's head, and so also how long a
    /// connection may idle. Default: 10 seconds.
    #[must_use]
    pub fn with_header_timeout(self, header_timeout: Duration) -> Self {
        Self { header_timeout, ..self }
    }

    /// The time from a request's head to the last byte of its response; then the connection is
    /// closed and the service's future dropped. Default: 30 seconds.
    #[must_use]
    pub fn with_request_timeout(self, request_timeout: Option<Duration>) -> Self {
        Self { request_timeout, ..self }
    }

    /// The time for requests in hand to finish once the listener shuts down. Default: 10 seconds.
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
    max_connections: usize,
    config: ListenerConfig,
}

impl Listener {
    /// Binds an address; port 0 lets the system choose one. Connections wait until
    /// [`serve`](Self::serve).
    ///
    /// # Errors
    ///
    /// The system's, such as an address in use.
    pub async fn bind(address: SocketAddr, config: ListenerConfig) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        let max_connections = config.max_connections.unwrap_or_else(|| default_max_connections(open_files()));
        Ok(Self { socket, address, max_connections: max_connections.max(1), config })
    }

    /// The address bound.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The most connections at a time.
    #[must_use]
    pub const fn max_connections(&self) -> usize {
        self.max_connections
    }

    /// Serves until `shutdown` is ready. The listener then accepts no more, closes idle connections
    /// at once, and gives requests in hand the grace period to finish before it drops them.
    ///
    /// The service is cloned for each request. A service that returns an error closes the
    /// connection without a response; a body that does cuts the response off. A panic ends its own
    /// connection only. A client that goes away, or whose place goes to a newcomer, drops the
    /// service's future where it stands; work that must run to its end belongs into a task.
    /// Dropping the future of `serve` drops all connections.
    ///
    /// A request whose head has bare line feeds, or which is HTTP/1.1 and has not exactly one
    /// `Host`, gets 400 and does not reach the service. A response of 4xx or 5xx closes its
    /// connection, and so does one to a request whose body came in chunks.
    pub async fn serve<S, B>(self, service: S, shutdown: impl Future<Output = ()> + Send)
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        let Self { socket, max_connections, config, .. } = self;
        let grace = config.shutdown_grace;
        let doors = Doors::new(&config, max_connections);
        let (stop, stopping) = watch::channel(());
        let connection = Connection::new(config, stopping);
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            let lapse = doors.registry.next_lapse();
            let accepted = tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => continue,
                () = until(lapse) => {
                    doors.registry.evict_lapsed();
                    continue;
                }
                accepted = socket.accept(), if accepts(connections.len(), max_connections) => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // The file comes free as the closed connection ends.
                    if open_files::are_used_up(&error) && doors.registry.evict() {
                        let _ = tokio::time::timeout(ACCEPT_BACK_OFF, connections.join_next()).await;
                    } else {
                        tokio::time::sleep(ACCEPT_BACK_OFF).await;
                    }
                    continue;
                }
            };
            // Without a place the newcomer is closed: all that is in hand is proven.
            let Some(place) = doors.admit(peer.ip()) else { continue };
            // Without it the connection still works, only slower.
            let _ = stream.set_nodelay(true);
            let service = OfPeer { service: service.clone(), peer: Peer(peer.ip()) };
            connections.spawn(connection.clone().serve(stream, place, service));
        }
        drop(socket);
        drop(stop);
        // Whatever is left when the grace period is over is aborted as the set is dropped.
        let _ = tokio::time::timeout(grace, async { while connections.join_next().await.is_some() {} }).await;
    }
}

fn default_max_connections(open_files: Option<u64>) -> usize {
    let half = open_files.map(|files| usize::try_from(files / 2).unwrap_or(usize::MAX));
    half.map_or(MAX_CONNECTIONS, |half| half.min(MAX_CONNECTIONS))
}

fn default_share(max_connections: usize) -> usize {
    (max_connections / PEERS_WITH_A_SHARE).max(MIN_SHARE).min(max_connections)
}

/// Whether one more connection is accepted beside so many, of which some may be coming to their
/// end.
const fn accepts(connections: usize, max_connections: usize) -> bool {
    connections < max_connections.saturating_add(CLOSING_AT_ONCE)
}

/// The slots, and the proxies that every request comes through.
struct Doors {
    registry: Registry,
    proxies: Vec<Network>,
}

impl Doors {
    fn new(config: &ListenerConfig, max_connections: usize) -> Self {
        let share = config.max_waiting_per_peer.unwrap_or_else(|| default_share(max_connections));
        let pressed_timeout = config.pressed_timeout.clamp(MIN_PRESSED_TIMEOUT, LONGEST);
        Self { registry: Registry::new(max_connections, share, pressed_timeout), proxies: config.proxies.clone() }
    }

    fn admit(&self, peer: IpAddr) -> Option<Place> {
        self.registry.admit(peers::group(peer, &self.proxies))
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use tokio::time::Instant;

    use super::*;

    async fn is_evicted(place: &Place) -> bool {
        tokio::select! {
            biased;
            () = place.evicted() => true,
            () = ready(()) => false,
        }
    }

    /// How many of so many connections of a peer that wait stay.
    async fn staying(doors: &Doors, peer: &str, connections: usize) -> usize {
        let places: Vec<_> = (0..connections).map(|_| doors.admit(peer.parse().unwrap()).unwrap()).collect();
        let mut staying = 0;
        for place in &places {
            staying += usize::from(!is_evicted(place).await);
        }
        staying
    }

    #[tokio::test]
    async fn a_peer_has_its_share_and_proxies_have_none() {
        let config = ListenerConfig::default().with_proxies(["192.0.2.128/25".parse().unwrap()]);
        let set = config.clone().with_max_waiting_per_peer(3);
        for (config, max, share) in [(&set, 800, 3), (&config, 800, 100), (&config, 64, 16), (&config, 4, 4)] {
            let doors = Doors::new(config, max);
            for (peer, stay) in [("192.0.2.1", share), ("192.0.2.128", max), ("127.0.0.1", max)] {
                assert_eq!(staying(&doors, peer, share).await, share, "{peer}");
                assert_eq!(staying(&doors, peer, max + 1).await, stay, "{peer}");
            }
        }
    }

    #[test]
    fn an_eighth_and_at_least_sixteen_where_there_are_as_many() {
        for (max, share) in [(1024, 128), (136, 17), (135, MIN_SHARE), (17, MIN_SHARE), (16, 16), (15, 15), (1, 1)] {
            assert_eq!(default_share(max), share, "{max}");
        }
    }

    #[test]
    fn so_many_may_be_coming_to_their_end() {
        assert!(accepts(CLOSING_AT_ONCE + 99, 100) && !accepts(CLOSING_AT_ONCE + 100, 100));
        assert!(accepts(usize::MAX - 1, usize::MAX));
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_under_pressure_has_its_bounds() {
        let finer = Duration::from_nanos(1);
        for (set, timeout) in [
            (Duration::ZERO, MIN_PRESSED_TIMEOUT),
            (MIN_PRESSED_TIMEOUT - finer, MIN_PRESSED_TIMEOUT),
            (MIN_PRESSED_TIMEOUT + finer, MIN_PRESSED_TIMEOUT + finer),
            (LONGEST - finer, LONGEST - finer),
            (Duration::MAX, LONGEST),
        ] {
            let doors = Doors::new(&ListenerConfig::default().with_pressed_timeout(set), 1);
            let _place = doors.admit("192.0.2.1".parse().unwrap()).unwrap();
            assert_eq!(doors.registry.next_lapse(), Some(Instant::now() + timeout), "{set:?}");
        }
    }

    #[test]
    fn half_of_the_files_up_to_the_bound() {
        for (files, connections) in [
            (Some(1024), 512),
            (Some(2047), 1023),
            (Some(2048), 1024),
            (Some(1 << 40), 1024),
            (None, 1024),
            (Some(1), 0),
        ] {
            assert_eq!(default_max_connections(files), connections);
        }
    }
}
