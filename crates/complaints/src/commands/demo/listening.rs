//! A listener as in a service. Its webhook stores into a channel.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http_transport::{Listener, ListenerConfig, ServerTls};
use platform_sandbox::{Sandbox, WEBHOOK_HOST};
use protocol_core::replay::MemoryDeduplicate;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::words::failed;
use crate::error::{Code, Error};

/// How long a notification may take to arrive, on a busy machine too.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// More notifications than the demonstration has.
const ROOM: usize = 16;

/// Ready when the listener must stop.
pub(super) type Stopped = BoxFuture<'static, ()>;

/// A webhook that listens, and the messages that it stored: the number of a complaint, or a hint.
pub(super) struct Listening<T = String> {
    pub(super) url: String,
    arrived: mpsc::Receiver<T>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl<T> Listening<T> {
    /// Listens at a path; `serve` is given where to listen, where to store, and until when.
    pub(super) async fn start(
        sandbox: &Sandbox,
        path: &str,
        serve: impl FnOnce(Listener, mpsc::Sender<T>, Stopped) -> Result<JoinHandle<()>, Error>,
    ) -> Result<Self, Error> {
        let (stored, arrived) = mpsc::channel(ROOM);
        let (chain, private_key) = sandbox.webhook_identity();
        let tls = ServerTls::from_pem(chain.as_bytes(), private_key.as_bytes()).map_err(failed)?;
        let config = ListenerConfig::default().with_tls(tls).with_shutdown_grace(Duration::from_secs(1));
        let listener = Listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), config).await.map_err(failed)?;
        let url = format!("https://{WEBHOOK_HOST}:{}{path}", listener.local_addr().port());
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = stopped.map(drop).boxed();
        Ok(Self { url, arrived, stop, serving: serve(listener, stored, stopped)? })
    }

    /// The complaint that the next notification is about.
    pub(super) async fn next(&mut self) -> Result<T, Error> {
        match tokio::time::timeout(PATIENCE, self.arrived.recv()).await {
            Ok(Some(stored)) => Ok(stored),
            _ => Err(Error::new(
                Code::Network,
                "no notification arrived; check whether this machine blocks loopback connections",
            )),
        }
    }

    pub(super) async fn stop(self) {
        drop(self.stop);
        let _ = self.serving.await;
    }
}

/// The memory of the notifications that arrived.
pub(super) fn remembered() -> MemoryDeduplicate {
    MemoryDeduplicate::new(NonZeroUsize::MIN.saturating_add(ROOM), 60)
}
