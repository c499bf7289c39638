//! The platform's certificates, which differ for each merchant. They are fetched once for all
//! clones of a client, in the background, and never because of an unproven message.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http_transport::{SendError, SendErrorKind, Transport};
use protocol_core::crypto::{ApiV3Key, SignatureAlgorithm};
use protocol_core::wechat_pay::{AlgorithmType, CertificateError, ListCertificates, ResponseError};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::sending::of_sending;
use crate::trace;
use crate::wechat_pay::client::Client;
use crate::wechat_pay::error::{Error, is_not_there};

/// The time for which certificates stay fresh. The platform asks for less than 12 hours.
const FRESH: Duration = Duration::from_secs(60 * 60);

/// The first wait after a failure. It doubles each time, up to [`FRESH`].
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// The shortest pause between two fetches because of a response that names an unknown key, after a
/// success and after a failure.
const PATIENCE: Duration = Duration::from_secs(60);
const PATIENCE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// The longest time that a fetch may take, retries included, since other calls wait for it.
const FETCHING: Duration = Duration::from_secs(60);

/// The key that opens a merchant's certificates, and the time of the last fetch.
pub(crate) struct Certificates {
    api_v3_key: Arc<ApiV3Key>,
    last: Mutex<Option<(Instant, Option<Refreshed>)>>,
}

impl Certificates {
    pub(crate) fn new(api_v3_key: Arc<ApiV3Key>) -> Self {
        Self { api_v3_key, last: Mutex::default() }
    }
}

/// The result of a fetch of certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refreshed {
    /// The certificates are in the keyring.
    Loaded {
        /// Their number.
        certificates: usize,
        /// The number of entries that did not open, for instance because this version does not know
        /// their algorithm.
        failed: usize,
    },
    /// The account has no certificates: it has a public key instead.
    None,
    /// The client does not use certificates: see
    /// [`ClientBuilder::certificates`](crate::ClientBuilder::certificates) and
    /// [`Client::with_certificates`].
    NotAsked,
}

impl<S: Transport> Client<S> {
    /// Fetches the platform's certificates into the keyring, and removes those that have expired.
    /// An account without certificates is no error: it has a public key.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn refresh_certificates(&self) -> Result<Refreshed, Error> {
        let Some(certificates) = &self.signing.certificates else {
            return Ok(Refreshed::NotAsked);
        };
        let asked = Instant::now();
        let mut last = certificates.last.lock().await;
        match *last {
            // Another call fetched them while this one waited.
            Some((at, Some(refreshed))) if at >= asked => Ok(refreshed),
            _ => self.fetch_certificates(certificates, &mut last).await,
        }
    }

    /// Boxed, since reading a response may fetch certificates, and fetching them reads a response.
    fn fetch_certificates<'a>(
        &'a self,
        certificates: &'a Certificates,
        last: &'a mut Option<(Instant, Option<Refreshed>)>,
    ) -> BoxFuture<'a, Result<Refreshed, Error>> {
        Box::pin(async move {
            let loading = tokio::time::timeout(FETCHING, self.load_certificates(certificates));
            let refreshed =
                loading.await.unwrap_or_else(|late| Err(of_sending(SendError::unknown(SendErrorKind::Timeout, late))));
            *last = Some((Instant::now(), refreshed.as_ref().ok().copied()));
            refreshed
        })
    }

    async fn load_certificates(&self, certificates: &Certificates) -> Result<Refreshed, Error> {
        let algorithm_type = match self.signing.signer.algorithm() {
            SignatureAlgorithm::Sm2Sm3 => Some(&AlgorithmType::Sm2),
            _ => None,
        };
        let mut operation = ListCertificates::new(&certificates.api_v3_key);
        operation.algorithm_type = algorithm_type;
        let opened = match self.send_without_fetching(&operation).await {
            Ok(opened) => opened,
            Err(error) if is_not_there(&error) || is_empty(&error) => {
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

    /// Fetches the certificates for a response of the platform's, over TLS, that names an unknown
    /// key. Calls that meet it at the same time share one fetch. Returns whether the response
    /// should be read again.
    pub(crate) async fn refresh_certificates_for_response(&self) -> bool {
        let Some(certificates) = &self.signing.certificates else {
            return false;
        };
        let mut last = certificates.last.lock().await;
        let patient = last.is_some_and(|(at, refreshed)| {
            at.elapsed() < if refreshed.is_some() { PATIENCE } else { PATIENCE_AFTER_FAILURE }
        });
        if !patient {
            // The error is traced; the response stays unproven.
            let _ = self.fetch_certificates(certificates, &mut last).await;
        }
        true
    }

    /// Keeps the certificates fresh in the background: now, then about once an hour, sooner after a
    /// failure. Each merchant needs its own keeper. Failures are traced only.
    ///
    /// It must be called within a Tokio runtime, and ends when the keeper is dropped. It does
    /// nothing in a client without
    /// [`ClientBuilder::certificates`](crate::ClientBuilder::certificates) or
    /// [`Client::with_certificates`].
    ///
    /// ```no_run
    /// use protocol_core::crypto::{ApiV3Key, Signer};
    /// use protocol_core::wechat_pay::Merchant;
    /// use std::sync::Arc;
    /// use wechat_adapter::Client;
    ///
    /// # async fn example(merchant: Merchant, signer: Arc<dyn Signer>, key: Arc<ApiV3Key>) -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::builder(merchant, signer).certificates(key).build()?;
    /// client.refresh_certificates().await?; // at the start, so that the first error is seen
    /// let _keeper = client.keep_certificates(); // for as long as it is held
    /// # Ok(())
    /// # }
    /// ```
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
                // Up to a tenth sooner, so that the processes of a service do not send their
                // requests together.
                tokio::time::sleep(wait.mul_f64(0.9 + 0.1 * fastrand::f64())).await;
            }
        }))
    }
}

/// A list without entries means the same as 404.
fn is_empty(error: &Error) -> bool {
    matches!(error, Error::Response(ResponseError::Certificates(error)) if **error == CertificateError::Empty)
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
