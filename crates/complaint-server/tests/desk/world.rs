//! A desk over a store, under a clock that the test moves.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use complaint_inbox::{
    ComplaintKey, EventKind, MemoryStore, Message, NewEvent, Reading, Source, SqliteStore, StartAt, Store,
};
use complaint_server::{Bell, Desk, Hosts, May, Metrics, Onward, Stopping, Tokens, router};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use http_transport::{ClientConfig, HttpsClient};
use protocol_core::complaint::{Complaint, Deadlines};
use protocol_core::{Clock, UnixTime};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower_service::Service as _;

/// 2025-03-14 15:09:26 in China.
pub(crate) const NOW: UnixTime = UnixTime(1_741_936_166);

pub(crate) const HOST: &str = "127.0.0.1:8080";

pub(crate) const ENDPOINT: &str = "shop";

pub(crate) struct World<S> {
    pub(crate) store: S,
    pub(crate) desk: Router,
    pub(crate) stopping: Stopping,
    pub(crate) work: Bell,
    pub(crate) events: Bell,
    pub(crate) tokens: Tokens,
    pub(crate) tokens_file: PathBuf,
    /// Tokens that may read, and act.
    pub(crate) reader: String,
    pub(crate) actor: String,
    #[cfg(feature = "page")]
    #[allow(dead_code, reason = "the page's tests use it")]
    pub(crate) users: complaint_server::Users,
    #[cfg(feature = "page")]
    #[allow(dead_code, reason = "the page's tests use it")]
    pub(crate) users_file: PathBuf,
    /// Path and query of the one-time link.
    #[cfg(feature = "page")]
    #[allow(dead_code, reason = "the page's tests use it")]
    pub(crate) link: String,
    time: Arc<AtomicI64>,
    _folder: TempDir,
}

pub(crate) fn memory() -> World<MemoryStore> {
    World::new(|_, clock| MemoryStore::new(clock))
}

pub(crate) fn sqlite() -> World<SqliteStore> {
    World::new(|folder, clock| SqliteStore::open_with_clock(folder.path().join("inbox.db"), clock).unwrap())
}

impl<S: Store> World<S> {
    fn new(open: impl FnOnce(&TempDir, Clock) -> S) -> Self {
        let folder = TempDir::new().unwrap();
        let time = Arc::new(AtomicI64::new(NOW.0));
        let read = Arc::clone(&time);
        let clock = Clock::new(move || UnixTime(read.load(Ordering::SeqCst)));
        let store = open(&folder, clock.clone());
        let tokens_file = folder.path().join("tokens.toml");
        let [reader, actor] = [("reader", May::Read), ("actor", May::Act)].map(|(name, may)| {
            let token = Tokens::add(&tokens_file, name, may).unwrap();
            String::from_utf8(token.expose().to_vec()).unwrap()
        });
        let tokens = Tokens::from_file(&tokens_file).unwrap();
        let stopping = Stopping::default();
        let (work, events) = (Bell::default(), Bell::default());
        let onward = Onward::new(store.clone(), HttpsClient::new(ClientConfig::default()).unwrap());
        let onward = onward.handler(ENDPOINT, async |_, _| Ok::<_, ()>(())).unwrap();
        let desk = Desk::new(store.clone(), tokens.clone(), Hosts::of(HOST.parse().unwrap()))
            .with_clock(clock)
            .with_stopping(stopping.clone())
            .with_metrics(Metrics::default())
            .with_work(work.clone())
            .with_events(events.clone())
            .with_endpoints(onward.endpoints());
        #[cfg(feature = "page")]
        let users_file = folder.path().join("users.toml");
        #[cfg(feature = "page")]
        let users = complaint_server::Users::from_file(&users_file).unwrap();
        #[cfg(feature = "page")]
        let (page, link) = complaint_server::Page::new(users.clone()).with_link(NOW).unwrap();
        #[cfg(feature = "page")]
        let desk = desk.with_page(page);
        Self {
            store,
            desk: router(desk),
            stopping,
            work,
            events,
            tokens,
            tokens_file,
            reader,
            actor,
            #[cfg(feature = "page")]
            users,
            #[cfg(feature = "page")]
            users_file,
            #[cfg(feature = "page")]
            link: String::from_utf8(link.expose().to_vec()).unwrap(),
            time,
            _folder: folder,
        }
    }

    pub(crate) fn tick(&self, seconds: i64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Sends a request as it stands.
    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.desk.clone().call(request).await.unwrap()
    }

    /// Asks with the token that may read.
    pub(crate) async fn get(&self, path: &str) -> Seen {
        Seen::of(self.send(self.request("GET", path, &self.reader).body(Body::empty()).unwrap()).await).await
    }

    /// Asks with the token that may act.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Seen {
        let request = self.request("POST", path, &self.actor);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Seen::of(self.send(request.body(body.into()).unwrap()).await).await
    }

    pub(crate) fn request(&self, method: &str, path: &str, token: &str) -> http::request::Builder {
        let request = Request::builder().method(method).uri(path).header("host", HOST);
        request.header("authorization", format!("Bearer {token}"))
    }

    /// Hears of a complaint with these events.
    pub(crate) async fn hear(&self, id: &str, events: &[EventKind]) {
        let newest = self.store.figures().await.unwrap().newest_event;
        let mut message = Message::new(format!("{id} {newest}"), complaint(id));
        message.events = events.iter().map(|kind| NewEvent::new(*kind, json!({}))).collect();
        self.store.hear(message).await.unwrap();
    }

    /// Files a complaint and keeps a reading of it.
    pub(crate) async fn file(&self, id: &str, reading: Reading) {
        self.hear(id, &[EventKind::Filed]).await;
        for claim in self.store.claim(&Source::new("wechat-pay", "1900000001"), 10, 60).await.unwrap() {
            if claim.key.id == id {
                assert!(self.store.keep_reading(&claim, reading.clone()).await.unwrap());
            }
        }
    }

    pub(crate) async fn open_endpoint(&self) {
        self.store.open_endpoint(ENDPOINT, StartAt::Oldest).await.unwrap();
    }
}

/// A response that was read.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Seen {
    pub(crate) async fn of(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Self { status: head.status, headers: head.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// Its document.
    pub(crate) fn document(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_str(&self.text).unwrap()
    }

    /// The document of a success.
    pub(crate) fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{self:?}");
        self.document()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts a refusal with its word for programs, and a sentence for people.
    pub(crate) fn is_refused(&self, status: u16, code: &str) {
        let error = self.document()["error"].take();
        assert_eq!((self.status.as_u16(), error["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert!(error["message"].as_str().unwrap().len() > 20, "{error}");
    }
}

pub(crate) fn complaint(id: &str) -> ComplaintKey {
    ComplaintKey::new("wechat-pay", "1900000001", id)
}

pub(crate) fn address(id: &str) -> String {
    format!("/api/complaints/wechat-pay/1900000001/{id}")
}

pub(crate) fn acts(id: &str) -> String {
    format!("{}/acts", address(id))
}

pub(crate) fn phone(id: &str) -> String {
    format!("{}/phone", address(id))
}

pub(crate) fn picture(id: &str, number: u32) -> String {
    format!("/api/pictures/wechat-pay/1900000001/{id}/{number}")
}

/// The deadlines of a complaint that was filed on this day of March 2025: the reply is due a day
/// later, the end three days later.
pub(crate) fn filed(day: u32) -> Deadlines {
    let row = format!(
        r#"{{"complaint_id":"1","complaint_time":"2025-03-{day:02}T15:09:26+08:00","complaint_state":"PENDING","user_complaint_times":1}}"#
    );
    Complaint::decode(row.as_bytes()).unwrap().trust_anyway().deadlines()
}

/// A reading with these deadlines.
pub(crate) fn due(deadlines: Deadlines) -> Reading {
    let mut reading = Reading::new("{}");
    reading.deadlines = Some(deadlines);
    reading
}
