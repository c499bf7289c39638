//! A platform that follows a script: its responses, in order, and the requests it got.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_transport::{SendError, SendErrorKind};
use protocol_core::UnixTime;
use protocol_core::call::OutsideError;
use protocol_core::mini_program::AccessToken;
use tokio::time::Instant;
use tower_service::Service;
use wechat_adapter::mini_program::{Client, TokenSource};

pub const NOW: UnixTime = UnixTime(1_744_244_408);
pub const ORIGIN: &str = "https://mini.example";
pub const OK: &str = r#"{"errcode":0,"errmsg":"ok"}"#;

/// The platform's reaction to a request.
pub type Reaction = Result<Response<Bytes>, SendErrorKind>;

pub fn status(status: u16, body: impl Into<Bytes>) -> Reaction {
    Ok(Response::builder().status(status).body(body.into()).unwrap())
}

pub fn says(body: impl Into<Bytes>) -> Reaction {
    status(200, body)
}

pub fn with(reaction: Reaction, name: &'static str, value: &'static str) -> Reaction {
    reaction.map(|mut response| {
        response.headers_mut().insert(name, value.parse().unwrap());
        response
    })
}

/// A connection that was never made; one that broke when the request may have arrived.
pub const UNREACHED: Reaction = Err(SendErrorKind::Connect);
pub const BROKEN: Reaction = Err(SendErrorKind::Io);

/// Follows its script, each response dated and after a while; a request beyond its end panics.
#[derive(Clone)]
pub struct Scripted {
    script: Arc<Mutex<VecDeque<Reaction>>>,
    asked: Arc<Mutex<Vec<Request<Bytes>>>>,
    began: Instant,
    takes: Duration,
}

impl Scripted {
    pub fn new(script: impl IntoIterator<Item = Reaction>) -> Self {
        let script = Arc::new(Mutex::new(script.into_iter().collect()));
        Self { script, asked: Arc::default(), began: Instant::now(), takes: Duration::from_millis(20) }
    }

    pub fn then(&self, reaction: Reaction) {
        self.script.lock().unwrap().push_back(reaction);
    }

    /// Method and target of each request so far, without their common part.
    pub fn asked(&self) -> Vec<String> {
        let line = |request: &Request<Bytes>| {
            let target = request.uri().path_and_query().unwrap().as_str();
            format!("{} {}", request.method(), target.replace("/wxaapi/minishop/", "").replace("/cgi-bin/", ""))
        };
        self.asked.lock().unwrap().iter().map(line).collect()
    }

    pub fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    pub fn requests(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    pub fn forget_script(&self) {
        self.script.lock().unwrap().clear();
    }

    pub fn is_played_out(&self) -> bool {
        self.script.lock().unwrap().is_empty()
    }

    fn date(&self) -> String {
        let now = NOW.0 + i64::try_from(self.began.elapsed().as_secs()).unwrap();
        jiff::Timestamp::from_second(now).unwrap().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}

impl Service<Request<Bytes>> for Scripted {
    type Response = Response<Bytes>;
    type Error = SendError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, SendError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let platform = self.clone();
        Box::pin(async move {
            platform.asked.lock().unwrap().push(request);
            let reaction = platform.script.lock().unwrap().pop_front();
            let reaction = reaction.expect("the script has a response");
            tokio::time::sleep(platform.takes).await;
            let date = platform.date();
            match reaction {
                Ok(mut response) => {
                    response.headers_mut().entry("Date").or_insert_with(|| date.parse().unwrap());
                    Ok(response)
                }
                Err(SendErrorKind::Connect) => Err(SendError::not_sent(SendErrorKind::Connect, "refused")),
                Err(kind) => Err(SendError::unknown(kind, "broken")),
            }
        })
    }
}

/// A token kept elsewhere: T1, T2 and so on, one further for each that was refused while it was the
/// current one.
#[derive(Clone, Default)]
pub struct Elsewhere {
    current: Arc<Mutex<usize>>,
    pub refused: Arc<Mutex<Vec<String>>>,
}

impl TokenSource for Elsewhere {
    async fn token(&self) -> Result<AccessToken, OutsideError> {
        let number = *self.current.lock().unwrap() + 1;
        AccessToken::new(format!("T{number}")).map_err(OutsideError::before_sending)
    }

    async fn rejected(&self, token: &AccessToken) {
        self.refused.lock().unwrap().push(token.expose().to_owned());
        let mut current = self.current.lock().unwrap();
        if token.expose() == format!("T{}", *current + 1) {
            *current += 1;
        }
    }
}

pub fn client(script: impl IntoIterator<Item = Reaction>) -> (Client<Scripted, Elsewhere>, Scripted) {
    let (client, platform, _) = client_and_tokens(script);
    (client, platform)
}

pub fn client_and_tokens(
    script: impl IntoIterator<Item = Reaction>,
) -> (Client<Scripted, Elsewhere>, Scripted, Elsewhere) {
    let (scripted, tokens) = (Scripted::new(script), Elsewhere::default());
    (Client::builder(tokens.clone()).origin(ORIGIN).build_over(scripted.clone()), scripted, tokens)
}
