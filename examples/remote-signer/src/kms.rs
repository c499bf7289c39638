//! A key service, in place of a real one: it holds the private key and signs for callers with its
//! token.
//!
//! It listens on loopback without TLS, to keep the example small. A real one uses TLS,
//! authenticates its callers by more than a token, and keeps the key in hardware.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use http_transport::{Listener, ListenerConfig};
use protocol_core::Secret;
use protocol_core::crypto::Signer;
use subtle::ConstantTimeEq as _;
use tokio::task::JoinHandle;

/// Longest message signed, in bytes: a reply's body takes a few thousand.
const MAX_MESSAGE: usize = 16 * 1024;

/// A key service that runs.
#[derive(Debug)]
pub struct Kms {
    /// Its URL.
    pub url: String,
    /// Its task, which ends the service when it is aborted.
    pub task: JoinHandle<()>,
}

struct Vault {
    signer: Arc<dyn Signer>,
    token: Secret,
}

/// Starts a key service on loopback.
///
/// # Errors
/// The system's error.
pub async fn start(signer: Arc<dyn Signer>, token: Secret) -> io::Result<Kms> {
    let listener = Listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), ListenerConfig::default()).await?;
    let url = format!("http://{}/sign", listener.local_addr());
    let router = Router::new()
        .route("/sign", post(sign))
        .layer(DefaultBodyLimit::max(MAX_MESSAGE))
        .with_state(Arc::new(Vault { signer, token }));
    Ok(Kms { url, task: tokio::spawn(listener.serve(router, std::future::pending())) })
}

async fn sign(State(vault): State<Arc<Vault>>, headers: HeaderMap, message: Bytes) -> Result<Vec<u8>, StatusCode> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if !given.is_some_and(|token| bool::from(token.ct_eq(vault.token.expose()))) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    // A signature takes a millisecond, so it runs on the threads for blocking work.
    let signing = tokio::task::spawn_blocking(move || vault.signer.sign(&[&message]));
    match signing.await {
        Ok(Ok(signature)) => Ok(signature.as_bytes().to_vec()),
        _ => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}
