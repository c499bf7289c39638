//! The stable access token: fetched once for everybody who waits for it, and again before it expires or where it was refused.

use core::fmt;
use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use http_transport::{ClientConfig, ConfigError, HttpsClient, Transport};
use protocol_core::call::{Hosts, OutsideError};
use protocol_core::mini_program::{AccessToken, GetStableToken, IssuedToken};
use protocol_core::retry::RetryPolicy;
use protocol_core::{Delivery, Failure, Fault, Secret};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::exchange::{Settings, exchange};
use super::token_source::{TokenSource, Tokenless};

/// How long before its end a token is replaced: from then on the platform issues a new one, and both are valid.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// Longest a token is taken to be valid, as documented.
const MAX_LIFE: Duration = Duration::from_secs(7200);

/// How far apart the platform lets itself be made to issue a new token. Twice as far after each that did not help, up to
/// [`MAX_LIFE`]: 19 times on the first day, of the 20 that are allowed.
const FORCE_PAUSE: Duration = Duration::from_secs(30);

/// How long a failure to get a token is answered without asking again.
const FAILURE_PAUSE: Duration = Duration::from_secs(2);

/// The platform's stable access token, kept in this process. Clones share it.
///
/// Several services may each have one: the platform gives the same token to all of them, and only one that was refused is
/// ever replaced by force.
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

/// A request for a token that is on its way, for everybody who waits for it.
type Flight = Shared<BoxFuture<'static, Result<AccessToken, OutsideError>>>;

#[derive(Default)]
struct State {
    current: Option<Current>,
    /// The current token, where the server has refused it.
    refused: Option<AccessToken>,
    /// When a new token was last forced, and how often since one lasted.
    forced: Option<(Instant, u32)>,
    failed: Option<(Instant, OutsideError)>,
    /// The last request, whether it is still on its way or not, and the task it runs in.
    flight: Option<(AbortHandle, Flight)>,
}

struct Current {
    token: AccessToken,
    renew_at: Instant,
    ends_at: Instant,
}

impl State {
    /// The current token, if it is any good.
    fn usable(&self, now: Instant) -> Option<&Current> {
        self.current.as_ref().filter(|current| now < current.ends_at && self.refused.as_ref() != Some(&current.token))
    }

    /// Whether the platform may be made to issue a new token.
    fn may_force(&self, now: Instant) -> bool {
        let pause = |times: u32| FORCE_PAUSE.saturating_mul(1 << (times - 1).min(16)).min(MAX_LIFE);
        self.forced.is_none_or(|(at, times)| now.saturating_duration_since(at) >= pause(times))
    }

    /// Whether the current token was good until it was time for another.
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
    /// A source in the making, for a Mini Program with this application id and secret.
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
                    // The old one still serves: nobody waits.
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
    /// The request on its way, or a new one. In a task of its own: a caller who hangs up does not end it for the others.
    fn fly(self: &Arc<Self>, state: &mut State) -> Flight {
        // Its task says whether it is over: a guard inside it would need the state, which is locked here, where a runtime that
        // shuts down drops the task at once.
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
        // A token whose end is near already is kept for half of its time, not asked for with every call.
        let renew_at = began + (life - MARGIN.min(life / 2));
        state.current = Some(Current { token: token.clone(), renew_at, ends_at: began + life });
        Ok(token)
    }

    /// A token, and when it was asked for. Force is only used where the platform still has nothing but the refused one to give.
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
        let dated = exchange(&self.transport, &settings, &Tokenless, &operation, || {}).await?;
        // TLS and the host vouch for it, as for everything this server says.
        Ok((began, dated.response.trust_anyway()))
    }
}

/// The server still holds a token for good that it has refused.
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
    /// Where requests go, as scheme and host; [`ORIGIN`](super::ORIGIN) otherwise.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.settings.hosts = Arc::new(Hosts::new([origin]));
        self
    }

    /// How often and how fast a token is asked for again. One that is forced never is.
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

    /// A source over a transport of one's own: the client's, say.
    pub fn build_over<S: Transport>(self, transport: S) -> StableToken<S> {
        let Self { appid, secret, settings } = self;
        StableToken { inner: Arc::new(Inner { appid, secret, settings, transport, state: Mutex::default() }) }
    }
}
