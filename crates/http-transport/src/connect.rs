//! A connection from its name to the end of its TLS handshake, within one timeout.

use std::error::Error;
use std::future::ready;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{DefaultServerNameResolver, HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::config::{ClientConfig, Resolve};
use crate::error::{BoxError, ConfigError};
use crate::public::is_public;
use crate::tls;

type Connecting<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// Makes connections: TCP, tunnel where there is a proxy, TLS where the URL is `https`.
#[derive(Clone)]
pub(crate) struct Connector {
    https: HttpsConnector<Dial>,
    timeout: Duration,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("connecting took too long")]
    TimedOut,
    #[error("no TCP connection to the host or its proxy")]
    Dial(#[source] BoxError),
    #[error("the TLS handshake failed")]
    Tls(#[source] BoxError),
}

impl Connector {
    pub(crate) fn new(config: &ClientConfig) -> Result<Self, ConfigError> {
        let mut tcp = HttpConnector::new_with_resolver(Names::from(config.resolve));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // Divided among the addresses of a name, so that one that is silent leaves time for the
        // next.
        tcp.set_connect_timeout(Some(config.connect_timeout));
        let dial = match &config.proxy {
            None => Dial::Direct(tcp),
            Some(proxy) => {
                let tunnel = Tunnel::new(proxy.uri.clone(), tcp);
                Dial::Proxy(match &proxy.authorization {
                    None => tunnel,
                    Some(authorization) => tunnel.with_auth(authorization.clone()),
                })
            }
        };
        let names = Arc::new(DefaultServerNameResolver::default());
        let https = HttpsConnector::new(dial, tls::client(&config.roots)?, !config.allow_http, names);
        Ok(Self { https, timeout: config.connect_timeout })
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = ConnectError;
    type Future = Connecting<Self::Response, ConnectError>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        self.https.poll_ready(context).map_err(ConnectError::Dial)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.https.call(uri);
        let timeout = self.timeout;
        Box::pin(async move {
            match tokio::time::timeout(timeout, connecting).await {
                Err(_) => Err(ConnectError::TimedOut),
                Ok(Ok(stream)) => Ok(stream),
                Ok(Err(error)) => Err(match error.downcast::<DialError>() {
                    Ok(dial) if timed_out(&*dial.0) => ConnectError::TimedOut,
                    Ok(dial) => ConnectError::Dial(dial.0),
                    Err(tls) => ConnectError::Tls(tls),
                }),
            }
        })
    }
}

/// A TCP connection, or a tunnel that serves as one.
#[derive(Clone)]
enum Dial {
    Direct(HttpConnector<Names>),
    Proxy(Tunnel<HttpConnector<Names>>),
}

/// Tells an error before the handshake from one of the handshake.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct DialError(BoxError);

impl Service<Uri> for Dial {
    type Response = TokioIo<TcpStream>;
    type Error = DialError;
    type Future = Connecting<Self::Response, DialError>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        match self {
            Self::Direct(tcp) => tcp.poll_ready(context).map_err(|error| DialError(error.into())),
            Self::Proxy(tunnel) => tunnel.poll_ready(context).map_err(|error| DialError(error.into())),
        }
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        match self {
            Self::Direct(tcp) => {
                let connecting = tcp.call(uri);
                Box::pin(async move { connecting.await.map_err(|error| DialError(error.into())) })
            }
            Self::Proxy(tunnel) => {
                let connecting = tunnel.call(uri);
                Box::pin(async move { connecting.await.map_err(|error| DialError(error.into())) })
            }
        }
    }
}

/// [`Resolve`], as the connector wants it.
#[derive(Clone)]
enum Names {
    System(GaiResolver),
    Public(GaiResolver),
    To(IpAddr),
}

impl From<Resolve> for Names {
    fn from(resolve: Resolve) -> Self {
        match resolve {
            Resolve::System => Self::System(GaiResolver::new()),
            Resolve::Public => Self::Public(GaiResolver::new()),
            Resolve::To(address) => Self::To(address),
        }
    }
}

impl Service<Name> for Names {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Connecting<Self::Response, io::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::System(system) | Self::Public(system) => system.poll_ready(context),
            Self::To(_) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, name: Name) -> Self::Future {
        match self {
            Self::System(system) => {
                let resolving = system.call(name);
                Box::pin(async move { Ok(resolving.await?.collect::<Vec<_>>().into_iter()) })
            }
            Self::Public(system) => {
                let resolving = system.call(name);
                Box::pin(async move {
                    let public: Vec<_> = resolving.await?.filter(|address| is_public(address.ip())).collect();
                    if public.is_empty() {
                        return Err(io::Error::other("the name is at no public address"));
                    }
                    Ok(public.into_iter())
                })
            }
            // Port 0 stands for the URL's.
            Self::To(address) => Box::pin(ready(Ok(vec![SocketAddr::new(*address, 0)].into_iter()))),
        }
    }
}

fn timed_out(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
        || error.source().is_some_and(timed_out)
}
