//! The server's API, as another service calls it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_transport::{ClientConfig, Deadline, HttpsClient};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::Failure;

/// A client of the API. It keeps to the rate of its token, in the order of the calls: a hundred that
/// wait for their act would hinder each other otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    client: HttpsClient,
    base: String,
    token: String,
    turns: Arc<Mutex<Interval>>,
}

impl Api {
    pub(crate) fn new(port: u16, token: String) -> Result<Self, Failure> {
        // A connection of the process before is of no use.
        let config = ClientConfig::default().with_allow_http(true).with_max_idle_per_host(0);
        let mut turns = interval(TURN);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (client, turns) = (HttpsClient::new(config)?, Arc::new(Mutex::new(turns)));
        Ok(Self { client, base: format!("http://127.0.0.1:{port}"), token, turns })
    }

    pub(crate) async fn get(&self, path: &str) -> Result<(StatusCode, Value), Failure> {
        self.send(Method::GET, path, &[], String::new()).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<(StatusCode, Value), Failure> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        request = request.header("authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.extension(Deadline(TIMEOUT)).body(Bytes::from(body))?;
        self.turns.lock().await.tick().await;
        let response = self.client.send(request).await?;
        let document = serde_json::from_slice(response.body()).unwrap_or_default();
        Ok((response.status(), document))
    }
}

/// From a call to the next one: a token has 600 requests a minute.
const TURN: Duration = Duration::from_millis(110);

/// Longer than any response takes, the wait for events included.
const TIMEOUT: Duration = Duration::from_secs(60);
