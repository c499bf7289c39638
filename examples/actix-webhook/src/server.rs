//! The server: TLS, bounds on connections, a graceful end.

use std::error::Error;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::web::{self, Data, Payload};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::webhook::Webhook;

/// The path of notifications.
pub const PATH: &str = "/wechat-pay/complaints";

/// Seconds that requests in hand have at the end.
const SHUTDOWN_SECONDS: u64 = 10;

/// A certificate chain and its key.
#[derive(Debug, Clone)]
pub struct Tls(ServerConfig);

impl Tls {
    /// Reads both, PEM.
    ///
    /// # Errors
    /// Files that cannot be read, or do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, Box<dyn Error>> {
        let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>();
        // The reader's own errors quote what they read.
        let chain = chain.map_err(|_| "the certificate chain is no PEM")?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| "the certificate's key is no PEM")?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        Ok(Self(config.with_no_client_auth().with_single_cert(chain, key)?))
    }
}

/// Serves until it is told to stop, by a signal or through its handle. Without TLS, for a proxy in
/// front.
///
/// # Errors
/// The system's.
pub fn serve(listener: TcpListener, tls: Option<Tls>, webhook: Webhook) -> io::Result<Server> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(webhook.clone()))
            .route(PATH, web::post().to(receive))
            .route("/health", web::get().to(HttpResponse::NoContent))
    })
    .workers(2)
    .max_connections(1024)
    .client_request_timeout(Duration::from_secs(10))
    .shutdown_timeout(SHUTDOWN_SECONDS);
    let server = match tls {
        Some(Tls(config)) => server.listen_rustls_0_23(listener, config)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

async fn receive(request: HttpRequest, payload: Payload, webhook: Data<Webhook>) -> HttpResponse {
    match webhook.receive(request.headers(), payload).await {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(refusal) => {
            if refusal.wants_attention() {
                tracing::error!(%refusal, "a genuine notification was not stored; the platform retries it");
            } else {
                tracing::debug!(%refusal, "refused");
            }
            refusal.response()
        }
    }
}
