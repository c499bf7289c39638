//! The platform's certificates: fetched once for all merchants of a client, in the background, and never because of
//! something that nobody has vouched for.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use protocol_core::crypto::{ApiV3Key, SignatureAlgorithm};
use protocol_core::wechat_pay::{AlgorithmType, ListCertificates};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::trace;
use crate::transport::Transport;
use crate::wechat_pay::client::{Client, Signing};
use crate::wechat_pay::error::Error;

/// How long certificates stay fresh; the platform wants less than 12 hours.
const FRESH: Duration = Duration::from_secs(60 * 60);

/// How long to wait after a failure, at first; doubled each time up to [`FRESH`].
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// An answer that names an unknown key makes them be fetched at most this often.
const PATIENCE: Duration = Duration::from_secs(60);

/// What fetches and opens the certificates.
pub(crate) struct Certificates {
    api_v3_key: Arc<ApiV3Key>,
    /// The merchant whose APIv3 key that is.
    signing: Arc<Signing>,
    last: Mutex<Option<Instant>>,
}

impl Certificates {
    pub(crate) fn new(api_v3_key: Arc<ApiV3Key>, signing: Arc<Signing>) -> Self {
        Self { api_v3_key, signing, last: Mutex::default() }
    }
}

/// What fetching the certificates brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refreshed {
    /// So many certificates are in the keyring now.
    Loaded {
        /// How many.
        certificates: usize,
        /// How many entries did not open: of an algorithm this version does not know, say.
        failed: usize,
    },
    /// The account has none: it has a public key instead.
    None,
    /// The client was built without [`ClientBuilder::certificates`](crate::ClientBuilder::certificates).
    NotAsked,
}

impl<S: Transport> Client<S> {
    /// Fetches the platform's certificates into the keyring and takes out what has expired. An account without certificates is
    /// no error: its public key serves.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn refresh_certificates(&self) -> Result<Refreshed, Error> {
        let Some(certificates) = &self.shared.certificates else {
            return Ok(Refreshed::NotAsked);
        };
        let mut last = certificates.last.lock().await;
        let refreshed = self.fetch_certificates(certificates).await;
        *last = Some(Instant::now());
        refreshed
    }

    /// Boxed: reading an answer may fetch certificates, and fetching them reads an answer.
    fn fetch_certificates<'a>(&'a self, certificates: &'a Certificates) -> BoxFuture<'a, Result<Refreshed, Error>> {
        Box::pin(self.load_certificates(certificates))
    }

    async fn load_certificates(&self, certificates: &Certificates) -> Result<Refreshed, Error> {
        let client = Self { signing: Arc::clone(&certificates.signing), ..self.clone() };
        let algorithm_type = match certificates.signing.signer.algorithm() {
            SignatureAlgorithm::Sm2Sm3 => Some(&AlgorithmType::Sm2),
            _ => None,
        };
        let operation = ListCertificates { algorithm_type, api_v3_key: &certificates.api_v3_key };
        let opened = match client.send(&operation).await {
            Ok(opened) => opened,
            Err(error) if error.is_not_there() => {
                trace::certificates("none");
                return Ok(Refreshed::None);
            }
            Err(error) => {
                trace::certificates("failed");
                return Err(error);
            }
        };
        opened.certificates.iter().for_each(|certificate| certificate.load(&self.shared.keys));
        self.shared.keys.remove_expired(self.shared.clock.now());
        trace::certificates("loaded");
        Ok(Refreshed::Loaded { certificates: opened.certificates.len(), failed: opened.failed.len() })
    }

    /// For an answer to a request of ours, over TLS, that names a key nobody knows. Once for all that meet it at a time. Whether
    /// there may be new keys.
    pub(crate) async fn refresh_certificates_for_answer(&self) -> bool {
        let Some(certificates) = &self.shared.certificates else {
            return false;
        };
        let met = Instant::now();
        let mut last = certificates.last.lock().await;
        match *last {
            // Somebody else fetched them while this one waited.
            Some(at) if at >= met => return true,
            Some(at) if at.elapsed() < PATIENCE => return false,
            _ => {}
        }
        let refreshed = self.fetch_certificates(certificates).await;
        *last = Some(Instant::now());
        matches!(refreshed, Ok(Refreshed::Loaded { .. }))
    }

    /// Keeps the certificates fresh in the background: now, then about once an hour, sooner after a failure. One keeper
    /// serves all merchants of a client.
    ///
    /// Has to be called within a Tokio runtime. Ends when the keeper is dropped.
    #[must_use = "the background task ends when the keeper is dropped"]
    pub fn keep_certificates(&self) -> CertificateKeeper {
        let client = self.clone();
        CertificateKeeper(tokio::spawn(async move {
            let mut after_failure = AFTER_FAILURE;
            loop {
                let wait = match client.refresh_certificates().await {
                    Ok(_) => {
                        after_failure = AFTER_FAILURE;
                        FRESH
                    }
                    Err(_) => {
                        let wait = after_failure;
                        after_failure = (after_failure * 2).min(FRESH);
                        wait
                    }
                };
                // Up to a tenth sooner, so that the processes of a service do not ask together.
                tokio::time::sleep(wait.mul_f64(0.9 + 0.1 * fastrand::f64())).await;
            }
        }))
    }
}

/// The background task of [`Client::keep_certificates`]. Ends it when dropped.
pub struct CertificateKeeper(JoinHandle<()>);

impl Drop for CertificateKeeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for CertificateKeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CertificateKeeper")
    }
}
