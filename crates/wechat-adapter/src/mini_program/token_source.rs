//! Sources of access tokens.

use std::sync::Arc;

use protocol_core::call::OutsideError;
use protocol_core::mini_program::AccessToken;

/// A source of access tokens: [`StableToken`](super::StableToken), or a custom store of a token
/// that several services share.
///
/// An `async` closure that returns the token is a source, too.
///
/// ```
/// use protocol_core::call::OutsideError;
/// use protocol_core::mini_program::AccessToken;
/// use wechat_adapter::mini_program::TokenSource;
///
/// # #[derive(Clone)]
/// # struct Redis;
/// # impl Redis {
/// #     async fn get(&self, _: &str) -> Result<Option<String>, std::io::Error> { Ok(None) }
/// #     async fn delete_if_equal(&self, _: &str, _: &str) -> Result<bool, std::io::Error> { Ok(true) }
/// # }
/// /// The token that another service keeps fresh in Redis.
/// struct Shared {
///     redis: Redis,
/// }
///
/// impl TokenSource for Shared {
///     async fn token(&self) -> Result<AccessToken, OutsideError> {
///         let text = self
///             .redis
///             .get("wx0123456789abcdef:access_token")
///             .await
///             .map_err(OutsideError::before_sending)?;
///         AccessToken::new(
///             text.ok_or_else(|| OutsideError::before_sending("there is no token in Redis"))?,
///         )
///         .map_err(OutsideError::before_sending)
///     }
///
///     async fn rejected(&self, token: &AccessToken) {
///         // Only if it is still the current one: compare and delete in one step. The token's
///         // keeper stores a new one.
///         let _ =
///             self.redis.delete_if_equal("wx0123456789abcdef:access_token", token.expose()).await;
///     }
/// }
/// # let _ = Shared { redis: Redis };
/// ```
pub trait TokenSource: Send + Sync + 'static {
    /// The current token. Called for each attempt of each call, so an implementation keeps the
    /// token that it fetched.
    fn token(&self) -> impl Future<Output = Result<AccessToken, OutsideError>> + Send;

    /// The server refused this token (40001, 40014 or 42001). If it is still the current one, the
    /// next call of [`token`](Self::token) returns another. If it is not, there is nothing to do.
    /// Every call that met the refusal calls this.
    fn rejected(&self, token: &AccessToken) -> impl Future<Output = ()> + Send;
}

/// A closure is called again after a refused token.
impl<F, Fut> TokenSource for F
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<AccessToken, OutsideError>> + Send,
{
    fn token(&self) -> impl Future<Output = Result<AccessToken, OutsideError>> + Send {
        self()
    }

    async fn rejected(&self, _: &AccessToken) {}
}

/// A source that several clients share.
impl<T: TokenSource> TokenSource for Arc<T> {
    fn token(&self) -> impl Future<Output = Result<AccessToken, OutsideError>> + Send {
        T::token(self)
    }

    fn rejected(&self, token: &AccessToken) -> impl Future<Output = ()> + Send {
        T::rejected(self, token)
    }
}

/// The source for requests without a token.
pub(super) struct Tokenless;

impl TokenSource for Tokenless {
    async fn token(&self) -> Result<AccessToken, OutsideError> {
        Err(OutsideError::before_sending("nothing here issues tokens"))
    }

    async fn rejected(&self, _: &AccessToken) {}
}
