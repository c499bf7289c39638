//! The platform's certificates, which are other ones for another merchant: fetched once for all clones of a client, in the
//! background, and never because of something that nobody has vouched for.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

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

/// How long certificates stay fresh; the platform wants less than 12 hours.
const FRESH: Duration = Duration::from_secs(60 * 60);

/// How long to wait after a failure, at first; doubled each time up to [`FRESH`].
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// A response that names an unknown key makes them be fetched at most this often after they came, and after they did not.
const PATIENCE: Duration = Duration::from_secs(60);
const PATIENCE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Longest that fetching them may take, retries included: others wait for it.
const FETCHING: Duration = Duration::from_secs(60);

/// What opens a merchant's certificates, and when they were fetched last.
pub(crate) struct Certificates {
    api_v3_key: Arc<ApiV3Key>,
    last: Mutex<Option<(Instant, Option<Refreshed>)>>,
}

impl Certificates {
    pub(crate) fn new(api_v3_key: Arc<ApiV3Key>) -> Self {
        Self { api_v3_key, last: Mutex::default() }
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
    /// The client has none: see [`ClientBuilder::certificates`](crate::ClientBuilder::certificates) and
    /// [`Client::with_certificates`].
    NotAsked,
}

impl<S: Transport> Client<S> {
    /// Fetches the platform's certificates into the keyring and takes out what has expired. An account without certificates is
    /// no error: its public key serves.
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
            // Somebody else fetched them while this one waited.
            Some((at, Some(refreshed))) if at >= asked => Ok(refreshed),
            _ => self.fetch_certificates(certificates, &mut last).await,
        }
    }

    /// Boxed: reading a response may fetch certificates, and fetching them reads a response.
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

    /// For a response to a request of ours, over TLS, that names a key nobody knows. Once for all that meet it at a time. Whether
    /// the response is worth reading again.
    pub(crate) async fn refresh_certificates_for_response(&self) -> bool {
        let Some(certificates) = &self.signing.certificates else {
            return false;
        };
        let mut last = certificates.last.lock().await;
        let patient = last.is_some_and(|(at, refreshed)| {
            at.elapsed() < if refreshed.is_some() { PATIENCE } else { PATIENCE_AFTER_FAILURE }
        });
        if !patient {
            // What went wrong is told to the traces; the response stays unproven.
            let _ = self.fetch_certificates(certificates, &mut last).await;
        }
        true
    }

    /// Keeps the certificates fresh in the background: now, then about once an hour, sooner after a failure. Each
    /// merchant needs a keeper of its own. What fails is told to `tracing` alone.
    ///
    /// Has to be called within a Tokio runtime. Ends when the keeper is dropped. Nothing happens in a client
    /// without [`ClientBuilder::certificates`](crate::ClientBuilder::certificates) or [`Client::with_certificates`].
    ///
    /// ```no_run
    /// use std::sync::Arc;
    /// use protocol_core::crypto::{ApiV3Key, Signer};
    /// use protocol_core::wechat_pay::Merchant;
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
                // Up to a tenth sooner, so that the processes of a service do not ask together.
                tokio::time::sleep(wait.mul_f64(0.9 + 0.1 * fastrand::f64())).await;
            }
        }))
    }
}

/// A list without entries says what 404 says.
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
