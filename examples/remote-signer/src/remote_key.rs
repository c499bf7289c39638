//! The key service as this process sees it: bytes in, a signature out, over the network.

use std::fmt;

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use http_transport::{HttpsClient, MaxBody, SendError};
use protocol_core::crypto::Signature;

/// Largest response of the key service, in bytes: a signature of 4096 bits takes 512.
const MAX_SIGNATURE: usize = 1024;

/// The key service did not sign. No request was sent to the platform.
#[derive(Debug, thiserror::Error)]
pub enum RemoteKeyError {
    /// It could not be reached, or did not respond in time.
    #[error("the key service did not respond: {0}")]
    Send(#[from] SendError),
    /// It refused.
    #[error("the key service responded {0}")]
    Refused(StatusCode),
    /// Its URL, or the token, cannot be sent.
    #[error("the request to the key service cannot be made")]
    Request(#[from] http::Error),
}

/// A private key in a key service.
#[derive(Clone)]
pub struct RemoteKey {
    url: String,
    authorization: HeaderValue,
    transport: HttpsClient,
}

/// The token is a secret.
impl fmt::Debug for RemoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteKey").field("url", &self.url).finish_non_exhaustive()
    }
}

impl RemoteKey {
    /// The key behind this URL, with this token.
    ///
    /// # Errors
    /// [`RemoteKeyError::Request`] for a token that no header can carry.
    pub fn new(url: impl Into<String>, token: &str, transport: HttpsClient) -> Result<Self, RemoteKeyError> {
        let authorization = HeaderValue::try_from(format!("Bearer {token}")).map_err(http::Error::from)?;
        Ok(Self { url: url.into(), authorization, transport })
    }

    /// Sends the concatenation of the parts to be signed. A service that takes a digest instead
    /// gets the SHA-256 of the parts (for SM2 keys, the SM3 of the user id's hash and the parts),
    /// and then no message is too long for it.
    ///
    /// # Errors
    /// [`RemoteKeyError`].
    pub async fn sign(&self, parts: &[&[u8]]) -> Result<Signature, RemoteKeyError> {
        let mut request = Request::post(&self.url).body(Bytes::from(parts.concat()))?;
        request.headers_mut().insert(header::AUTHORIZATION, self.authorization.clone());
        request.extensions_mut().insert(MaxBody(MAX_SIGNATURE));
        let response = self.transport.send(request).await?;
        match response.status() {
            StatusCode::OK => Ok(Signature::new(response.into_body().to_vec())),
            status => Err(RemoteKeyError::Refused(status)),
        }
    }
}
