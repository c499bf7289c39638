//! Where access tokens come from.

use std::sync::Arc;

use protocol_core::mini_program::AccessToken;

use super::error::TokenError;

/// Where access tokens come from: [`StableToken`](super::StableToken), or whatever keeps the token that several services share.
///
/// An `async` closure that returns the token is a source, too.
///
/// ```
/// use protocol_core::mini_program::AccessToken;
/// use wechat_adapter::mini_program::{TokenError, TokenSource};
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
///     async fn token(&self) -> Result<AccessToken, TokenError> {
///         let text = self.redis.get("wx0123456789abcdef:access_token").await.map_err(TokenError::new)?;
///         AccessToken::new(text.ok_or_else(|| TokenError::new("there is no token in Redis"))?).map_err(TokenError::new)
///     }
///
///     async fn rejected(&self, token: &AccessToken) {
///         // Only if it is still the current one: compare and delete in one step. Its keeper puts a new one there.
///         let _ = self.redis.delete_if_equal("wx0123456789abcdef:access_token", token.expose()).await;
///     }
/// }
/// # let _ = Shared { redis: Redis };
/// ```
pub trait TokenSource: Send + Sync + 'static {
    /// The current token. Asked once for each attempt of each call: it keeps what it has fetched.
    fn token(&self) -> impl Future<Output = Result<AccessToken, TokenError>> + Send;

    /// The server refused this token (40001, 40014 or 42001). If it is still the current one, the next call of
    /// [`token`](Self::token) returns another; if it is not, nothing is to be done. Called by every call that met the refusal.
    fn rejected(&self, token: &AccessToken) -> impl Future<Output = ()> + Send;
}

/// A closure is asked again where its token was refused.
impl<F, Fut> TokenSource for F
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<AccessToken, TokenError>> + Send,
{
    fn token(&self) -> impl Future<Output = Result<AccessToken, TokenError>> + Send {
        self()
    }

    async fn rejected(&self, _: &AccessToken) {}
}

/// A source that several clients share.
impl<T: TokenSource> TokenSource for Arc<T> {
    fn token(&self) -> impl Future<Output = Result<AccessToken, TokenError>> + Send {
        T::token(self)
    }

    fn rejected(&self, token: &AccessToken) -> impl Future<Output = ()> + Send {
        T::rejected(self, token)
    }
}

/// For what is asked without a token.
pub(super) struct Tokenless;

impl TokenSource for Tokenless {
    async fn token(&self) -> Result<AccessToken, TokenError> {
        Err(TokenError::new("nothing here issues tokens"))
    }

    async fn rejected(&self, _: &AccessToken) {}
}
