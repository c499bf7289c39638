//! The simulated platforms, an engine over one file that is configured for them, and the desk.

use std::time::Duration;

use axum::Router;
use complaint_channels::LiveChannels;
use complaint_inbox::{ActRecord, ComplaintKey, ComplaintRecord, Message, SqliteStore, Store as _};
use complaint_server::{Desk, Engine, Hosts, May, Pace, Page, Replies, Stopping, Tokens, Users, router};
use platform_sandbox::{Sandbox, SandboxConfig};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

pub(crate) const HOST: &str = "127.0.0.1:8080";

pub(crate) const PASSWORD: &str = "correct horse battery";

/// Users who may act, and one who may read.
pub(crate) const ACTORS: [&str; 2] = ["王芳", "李雷"];
pub(crate) const READER: &str = "reader";

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) store: SqliteStore,
    pub(crate) desk: Router,
    engine: Engine<SqliteStore>,
    _folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
        let folder = TempDir::new().unwrap();
        sandbox.write_configuration(folder.path()).unwrap();
        let path = |name: &str| folder.path().join(name);
        let channels = LiveChannels::from_file(path("complaints.toml")).unwrap();
        let store = SqliteStore::open(path("inbox.db")).unwrap();
        for (name, may) in [(ACTORS[0], May::Act), (ACTORS[1], May::Act), (READER, May::Read)] {
            Users::add(path("users.toml"), name, may, PASSWORD).unwrap();
        }
        let templates = "[[reply]]\nname = \"已退款\"\ntext = \"订单 {order} 的 {amount} 已退款\"\n
                         [[reply]]\nname = \"商品\"\ntext = \"{product}\"\n";
        std::fs::write(path("replies.toml"), templates).unwrap();
        Tokens::add(path("tokens.toml"), "crm", May::Act).unwrap();
        let pace = Pace::default().with_look_every(Duration::from_millis(20)).with_sweep_every(SOON * 10);
        let engine = Engine::start(store.clone(), channels.clone(), pace, Stopping::default());
        let page = Page::new(Users::from_file(path("users.toml")).unwrap())
            .with_replies(Replies::from_file(path("replies.toml")).unwrap());
        let tokens = Tokens::from_file(path("tokens.toml")).unwrap();
        let desk = Desk::new(store.clone(), tokens, Hosts::of(HOST.parse().unwrap()))
            .with_page(page)
            .with_channels(channels)
            .with_work(engine.work())
            .with_events(engine.events());
        Self { sandbox, store, desk: router(desk), engine, _folder: folder }
    }

    /// Hears of a complaint, and waits until it is read.
    pub(crate) async fn hear(&self, key: &ComplaintKey) -> ComplaintRecord {
        let newest = self.store.figures().await.unwrap().newest_event;
        let heard = self.record(key).await.map_or(0, |record| record.summary.heard);
        let message = Message::new(format!("{} {newest} {heard}", key.id), key.clone());
        self.store.hear(message).await.unwrap();
        self.engine.work().ring();
        self.read(key).await
    }

    pub(crate) async fn record(&self, key: &ComplaintKey) -> Option<ComplaintRecord> {
        self.store.complaint(key).await.unwrap()
    }

    /// The complaint, once everything that was heard of it is read.
    pub(crate) async fn read(&self, key: &ComplaintKey) -> ComplaintRecord {
        let is_read =
            |record: &ComplaintRecord| record.summary.read_at.is_some() && record.summary.read == record.summary.heard;
        self.until(async || self.record(key).await.is_some_and(|record| is_read(&record))).await;
        self.record(key).await.unwrap()
    }

    /// The newest act on a complaint, once it ended and the complaint was read again.
    pub(crate) async fn ended(&self, key: &ComplaintKey) -> ActRecord {
        let last = async || self.record(key).await.unwrap().acts.last().cloned();
        self.until(async || last().await.is_some_and(|act| act.stage.is_finished())).await;
        self.read(key).await;
        last().await.unwrap()
    }

    pub(crate) async fn until(&self, is_so: impl AsyncFn() -> bool) {
        let waiting = async {
            while !is_so().await {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(SOON, waiting).await.expect("it is so in time");
    }

    pub(crate) fn wechat_pay(&self, id: &str) -> ComplaintKey {
        ComplaintKey::new("wechat-pay", &self.sandbox.merchant().mchid, id)
    }

    /// Entries of this kind in the platform's own history.
    pub(crate) fn history(&self, id: &str, kind: &str) -> Vec<serde_json::Value> {
        self.sandbox.history(id).into_iter().filter(|entry| entry["operate_type"] == kind).collect()
    }
}

/// Far longer than anything here takes, on a busy machine too.
const SOON: Duration = Duration::from_secs(120);
