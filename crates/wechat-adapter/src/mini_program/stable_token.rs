//! The stable access token: fetched once for all waiting callers, and again before it expires or
//! after a refusal.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use http_transport::{ClientConfig, ConfigError, HttpsClient, Transport};
use protocol_core::call::{Hosts, OutsideError, Turns};
use protocol_core::mini_program::{AccessToken, GetStableToken, IssuedToken};
use protocol_core::retry::RetryPolicy;
use protocol_core::{Delivery, Failure, Fault, Secret};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::exchange::{Settings, exchange};
use super::token_source::{TokenSource, Tokenless};

/// The time before its end at which a token is replaced. From then on the platform issues a new
/// one, and both are valid.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// The longest documented life of a token.
const MAX_LIFE: Duration = Duration::from_secs(7200);

/// The shortest pause between two forced tokens, as the platform requires. It doubles after each
/// token that did not help, up to [`MAX_LIFE`]: 19 forced tokens on the first day, of the 20 that
/// are allowed.
const FORCE_PAUSE: Duration = Duration::from_secs(30);

/// The time for which callers get the last failure, without another request.
const FAILURE_PAUSE: Duration = Duration::from_secs(2);

/// The platform's stable access token, kept in this process. Clones share it.
///
/// Several services may each have one: the platform gives the same token to all of them. Only a
/// refused token is replaced by force.
pub struct StableToken<S = HttpsClient> {
    inner: Arc<Inner<S>>,
}

struct Inner<S> {
    appid: String,
    secret: Secret,
    settings: Settings,
    transport: S,
    state: Mutex<State>,
}

/// A request for a token that is on its way, shared by all waiting callers.
type Flight = Shared<BoxFuture<'static, Result<AccessToken, OutsideError>>>;

#[derive(Default)]
struct State {
    current: Option<Current>,
    /// The current token, if the server has refused it.
    refused: Option<AccessToken>,
    /// The time when a new token was last forced, and the number of forced tokens since one lasted.
    forced: Option<(Instant, u32)>,
    failed: Option<(Instant, OutsideError)>,
    /// The last request, finished or not, and its task.
    flight: Option<(AbortHandle, Flight)>,
}

struct Current {
    token: AccessToken,
    renew_at: Instant,
    ends_at: Instant,
}

impl State {
    /// The current token, if it is usable.
    fn usable(&self, now: Instant) -> Option<&Current> {
        self.current.as_ref().filter(|current| now < current.ends_at && self.refused.as_ref() != Some(&current.token))
    }

    /// Whether a new token may be forced.
    fn may_force(&self, now: Instant) -> bool {
        let pause = |times: u32| FORCE_PAUSE.saturating_mul(1 << (times - 1).min(16)).min(MAX_LIFE);
        self.forced.is_none_or(|(at, times)| now.saturating_duration_since(at) >= pause(times))
    }

    /// Whether the current token was usable until its time of renewal.
    fn has_lasted(&self, now: Instant) -> bool {
        let lasted = |current: &Current| now >= current.renew_at && self.refused.as_ref() != Some(&current.token);
        self.current.as_ref().is_some_and(lasted)
    }

    fn recent_failure(&self, now: Instant) -> Option<&OutsideError> {
        let recent = |at: Instant| now.saturating_duration_since(at) < FAILURE_PAUSE;
        self.failed.as_ref().filter(|(at, _)| recent(*at)).map(|(_, error)| error)
    }
}

impl<S> Clone for StableToken<S> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<S> fmt::Debug for StableToken<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StableToken").field("appid", &self.inner.appid).finish_non_exhaustive()
    }
}

impl StableToken {
    /// Builder for a source, for a Mini Program with this application id and secret.
    pub fn builder(appid: impl Into<String>, secret: Secret) -> StableTokenBuilder {
        StableTokenBuilder { appid: appid.into(), secret, settings: Settings::default() }
    }
}

impl<S: Transport> TokenSource for StableToken<S> {
    async fn token(&self) -> Result<AccessToken, OutsideError> {
        let flight = {
            let mut state = self.inner.state();
            let now = Instant::now();
            let failure = state.recent_failure(now).cloned();
            match (state.usable(now), failure) {
                (Some(current), failure) => {
                    let token = current.token.clone();
                    // The old token is still valid, so no caller waits.
                    if now >= current.renew_at && failure.is_none() {
                        drop(self.inner.fly(&mut state));
                    }
                    return Ok(token);
                }
                (None, Some(failure)) => return Err(failure),
                (None, None) => self.inner.fly(&mut state),
            }
        };
        flight.await
    }

    async fn rejected(&self, token: &AccessToken) {
        let mut state = self.inner.state();
        if state.current.as_ref().is_some_and(|current| current.token == *token) {
            state.refused = Some(token.clone());
        }
    }
}

impl<S> Inner<S> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Transport> Inner<S> {
    /// The request on its way, or a new one. It runs in its own task: a caller who hangs up does
    /// not end it for the others.
    fn fly(self: &Arc<Self>, state: &mut State) -> Flight {
        // The task says whether the request has ended. A guard inside the task would need the
        // state, which is locked here, and a runtime that shuts down drops the task at once.
        if let Some((task, flight)) = &state.flight
            && !task.is_finished()
        {
            return flight.clone();
        }
        let this = Arc::clone(self);
        let task = tokio::spawn(async move { this.renew().await });
        let handle = task.abort_handle();
        let cut_off = |_| Err(OutsideError::before_sending("the request for a token was cut off"));
        let flight = async move { task.await.unwrap_or_else(cut_off) }.boxed().shared();
        state.flight = Some((handle, flight.clone()));
        flight
    }

    async fn renew(&self) -> Result<AccessToken, OutsideError> {
        let fetched = self.fetch().await;
        let mut state = self.state();
        let (began, issued) = match fetched {
            Ok(fetched) => fetched,
            Err(error) => {
                state.failed = Some((Instant::now(), error.clone()));
                return Err(error);
            }
        };
        let life = issued.expires_in.min(MAX_LIFE);
        let token = issued.access_token;
        if state.has_lasted(began) {
            state.forced = None;
        }
        if state.refused.as_ref() != Some(&token) {
            state.refused = None;
        }
        state.failed = None;
        // A token that ends soon is kept for half of its time, instead of being requested with
        // every call.
        let renew_at = began + (life - MARGIN.min(life / 2));
        state.current = Some(Current { token: token.clone(), renew_at, ends_at: began + life });
        Ok(token)
    }

    /// A token, and the time of its request. A new token is forced only if the platform still gives
    /// the refused one.
    async fn fetch(&self) -> Result<(Instant, IssuedToken), OutsideError> {
        let (began, issued) = self.ask(false).await?;
        {
            let mut state = self.state();
            if state.refused.as_ref() != Some(&issued.access_token) {
                return Ok((began, issued));
            }
            let now = Instant::now();
            if !state.may_force(now) {
                return Err(still_refused());
            }
            let times = state.forced.map_or(0, |(_, times)| times);
            state.forced = Some((now, times.saturating_add(1)));
        }
        let (began, issued) = self.ask(true).await?;
        let is_refused = self.state().refused.as_ref() == Some(&issued.access_token);
        if is_refused { Err(still_refused()) } else { Ok((began, issued)) }
    }

    async fn ask(&self, force_refresh: bool) -> Result<(Instant, IssuedToken), OutsideError> {
        let (appid, secret) = (self.appid.clone(), self.secret.clone());
        let operation = GetStableToken::new(appid, secret).with_force_refresh(force_refresh);
        let mut settings = self.settings.clone();
        if force_refresh {
            settings.retry = RetryPolicy::NEVER;
        }
        let began = Instant::now();
        let dated = exchange(&self.transport, &settings, &Turns::default(), &Tokenless, &operation, || {}).await?;
        // TLS and the host vouch for it, as for everything this server says.
        Ok((began, dated.response.trust_anyway()))
    }
}

/// The server still gives a token that it has refused.
fn still_refused() -> OutsideError {
    const WORDS: &str =
        "the platform refuses the token that it issues; it is made to issue another more and more seldom";

    OutsideError::new(Failure::new(Fault::Platform, Delivery::NotSent).with_is_retryable(true), WORDS)
}

/// Builder for [`StableToken`].
#[must_use = "a builder does nothing until it builds"]
pub struct StableTokenBuilder {
    appid: String,
    secret: Secret,
    settings: Settings,
}

impl fmt::Debug for StableTokenBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StableTokenBuilder").field("appid", &self.appid).finish_non_exhaustive()
    }
}

impl StableTokenBuilder {
    /// The origin of requests: scheme and host. Default: [`ORIGIN`](super::ORIGIN).
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.settings.hosts = Arc::new(Hosts::new([origin]));
        self
    }

    /// The number of retries and their waits. A request that forces a token is never retried.
    pub const fn retry(mut self, retry: RetryPolicy) -> Self {
        self.settings.retry = retry;
        self
    }

    /// A source over an [`HttpsClient`] with the public roots.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn build(self) -> Result<StableToken, ConfigError> {
        let transport = HttpsClient::new(ClientConfig::default())?;
        Ok(self.build_over(transport))
    }

    /// A source over a custom transport, such as the client's.
    pub fn build_over<S: Transport>(self, transport: S) -> StableToken<S> {
        let Self { appid, secret, settings } = self;
        StableToken { inner: Arc::new(Inner { appid, secret, settings, transport, state: Mutex::default() }) }
    }
}
