//! The stable token: simultaneous callers, one who hangs up, a token that the server refuses.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_transport::SendError;
use protocol_core::Secret;
use protocol_core::call::OutsideError;
use protocol_core::mini_program::AccessToken;
use tower_service::Service;
use wechat_adapter::mini_program::{StableToken, TokenSource};

use crate::explorer::{Gates, Ticks, ensure, explore};

const STILL: Ticks = Ticks { each: Duration::from_secs(1), number: 0 };

/// The platform: it gives the same token until it is forced to give another.
#[derive(Clone)]
struct Platform {
    gates: Gates,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    current: usize,
    asked: usize,
    forced: usize,
    in_flight: usize,
    most_in_flight: usize,
}

impl Platform {
    fn new(gates: &Gates) -> Self {
        Self { gates: gates.clone(), state: Arc::new(Mutex::new(State { current: 1, ..State::default() })) }
    }

    /// A request: it may be delayed on the way there and on the way back.
    async fn ask(&self, force: bool) -> String {
        {
            let mut state = self.state.lock().unwrap();
            state.asked += 1;
            state.in_flight += 1;
            state.most_in_flight = state.most_in_flight.max(state.in_flight);
        }
        self.gates.pass("ask").await;
        let token = {
            let mut state = self.state.lock().unwrap();
            if force {
                state.forced += 1;
                state.current += 1;
            }
            format!("T{}", state.current)
        };
        self.gates.pass("answer").await;
        self.state.lock().unwrap().in_flight -= 1;
        token
    }
}

impl Service<Request<Bytes>> for Platform {
    type Response = Response<Bytes>;
    type Error = SendError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, SendError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let platform = self.clone();
        Box::pin(async move {
            let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
            let token = platform.ask(body["force_refresh"] == true).await;
            let body = format!(r#"{{"access_token":"{token}","expires_in":7200}}"#);
            Ok(Response::new(Bytes::from(body)))
        })
    }
}

fn stable(platform: &Platform) -> StableToken<Platform> {
    StableToken::builder("wx1", Secret::new(b"s3cret".to_vec())).build_over(platform.clone())
}

/// Three simultaneous callers; optionally, the first one hangs up at some moment.
async fn crowd<T>(gates: Gates, hangs_up: bool, source: impl FnOnce(&Platform) -> T) -> Result<(), String>
where
    T: TokenSource,
{
    let platform = Platform::new(&gates);
    let tokens = Arc::new(source(&platform));
    let callers = [0, 1, 2].map(|_| {
        let tokens = Arc::clone(&tokens);
        tokio::spawn(async move { tokens.token().await })
    });
    if hangs_up {
        let first = callers[0].abort_handle();
        tokio::spawn(async move {
            gates.pass("hang up").await;
            first.abort();
        })
        .await
        .unwrap();
    }
    for (number, caller) in callers.into_iter().enumerate() {
        match caller.await {
            Ok(Ok(token)) => ensure(token.expose() == "T1", || token.expose().to_owned())?,
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => ensure(hangs_up && number == 0, || "a caller was cut off".to_owned())?,
        }
    }
    let asked = platform.state.lock().unwrap().asked;
    ensure(asked == 1, || format!("asked {asked} times"))
}

#[test]
fn callers_at_once_share_one_request_whichever_of_them_hangs_up() {
    for hangs_up in [false, true] {
        explore(STILL, |gates| crowd(gates, hangs_up, stable)).unwrap();
    }
}

/// Looks, requests, and keeps: the fault that the stable token must not have.
struct Naive {
    platform: Platform,
    kept: Mutex<Option<String>>,
}

impl TokenSource for Naive {
    async fn token(&self) -> Result<AccessToken, OutsideError> {
        let kept = self.kept.lock().unwrap().clone();
        let token = match kept {
            Some(token) => token,
            None => self.platform.ask(false).await,
        };
        *self.kept.lock().unwrap() = Some(token.clone());
        AccessToken::new(token).map_err(OutsideError::before_sending)
    }

    async fn rejected(&self, _: &AccessToken) {}
}

#[test]
fn a_source_that_asks_for_each_caller_is_found() {
    let naive = |platform: &Platform| Naive { platform: platform.clone(), kept: Mutex::default() };
    let found = explore(STILL, |gates| crowd(gates, false, naive)).unwrap_err();
    assert_eq!(found.what, "asked 3 times");
}

/// Callers whose token the server refuses: each reports it, and requests a token again.
async fn refused(gates: Gates) -> Result<(), String> {
    let platform = Platform::new(&gates);
    let tokens = stable(&platform);
    let callers = [0, 1, 2].map(|_| {
        let (gates, tokens) = (gates.clone(), tokens.clone());
        tokio::spawn(async move {
            let mut token = tokens.token().await.map_err(|error| error.to_string())?;
            for _ in 0..2 {
                // The call itself; the server accepts T2 and later tokens.
                gates.pass("call").await;
                if token.expose() != "T1" {
                    return Ok(token.expose().to_owned());
                }
                tokens.rejected(&token).await;
                token = tokens.token().await.map_err(|error| error.to_string())?;
            }
            Err(format!("got {} after it was refused", token.expose()))
        })
    });
    for caller in callers {
        let token: Result<String, String> = caller.await.unwrap();
        ensure(token.as_deref() == Ok("T2"), || format!("{token:?}"))?;
    }
    let State { forced, most_in_flight, .. } = *platform.state.lock().unwrap();
    ensure((forced, most_in_flight) == (1, 1), || format!("forced {forced} times, {most_in_flight} requests at once"))
}

#[test]
fn a_refused_token_is_replaced_once_and_not_returned_again() {
    let runs = explore(STILL, refused).unwrap();
    assert!(runs > 20, "{runs}");
}
