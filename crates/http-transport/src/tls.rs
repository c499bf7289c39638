//! TLS: the provider, handed over explicitly, the client's trust and the listener's certificate.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::CryptoProvider;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::config::Roots;
use crate::error::ConfigError;

/// A listener's certificate chain and private key. TLS 1.2 and 1.3. Clones share them.
#[derive(Clone)]
pub struct ServerTls(Arc<RwLock<Arc<ServerConfig>>>);

impl ServerTls {
    /// Reads a certificate chain, the server's own certificate first, and its private key (PKCS#8,
    /// PKCS#1 or SEC1), both PEM.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when one cannot be read or they do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| ConfigError::PrivateKey)?;
        let mut config = ServerConfig::builder_with_provider(provider()?)
            .with_safe_default_protocol_versions()
            .map_err(ConfigError::of_tls)?
            .with_no_client_auth()
            .with_single_cert(certificates(chain)?, key)
            .map_err(ConfigError::of_tls)?;
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        Ok(Self(Arc::new(RwLock::new(Arc::new(config)))))
    }

    /// Takes the certificate and the key of another from the next connection on: a renewed certificate
    /// needs no other listener.
    pub fn replace(&self, renewed: &Self) {
        let renewed = renewed.current();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = renewed;
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current())
    }

    fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls").finish_non_exhaustive()
    }
}

/// The client's side: TLS 1.2 and 1.3, HTTP/1.1, these roots.
pub(crate) fn client(roots: &Roots) -> Result<rustls::ClientConfig, ConfigError> {
    let mut store = RootCertStore::empty();
    if matches!(roots, Roots::WebPki | Roots::WebPkiAnd(_)) {
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if let Roots::Pem(pem) | Roots::WebPkiAnd(pem) = roots {
        for certificate in certificates(pem)? {
            store.add(certificate).map_err(ConfigError::of_tls)?;
        }
    }
    let mut config = rustls::ClientConfig::builder_with_provider(provider()?)
        .with_safe_default_protocol_versions()
        .map_err(ConfigError::of_tls)?
        .with_root_certificates(store)
        .with_no_client_auth();
    config.alpn_protocols = vec![HTTP_1_1.to_vec()];
    Ok(config)
}

const HTTP_1_1: &[u8] = b"http/1.1";

/// Errors of the PEM reader quote what they read, so none is kept.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let certificates =
        CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().map_err(|_| ConfigError::Certificate)?;
    if certificates.is_empty() { Err(ConfigError::Certificate) } else { Ok(certificates) }
}

#[cfg(feature = "aws-lc-rs")]
fn provider() -> Result<Arc<CryptoProvider>, ConfigError> {
    Ok(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
}

#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
fn provider() -> Result<Arc<CryptoProvider>, ConfigError> {
    Ok(Arc::new(rustls::crypto::ring::default_provider()))
}

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
fn provider() -> Result<Arc<CryptoProvider>, ConfigError> {
    Err(ConfigError::NoProvider)
}

#[cfg(all(test, not(any(feature = "ring", feature = "aws-lc-rs"))))]
mod tests {
    use super::*;

    #[test]
    fn without_a_provider_there_is_no_tls() {
        assert_eq!(client(&Roots::WebPki).unwrap_err(), ConfigError::NoProvider);
    }
}
