//! The simulated platforms, and an engine over one file that is configured for them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use complaint_channels::{Channels, LiveChannels};
use complaint_inbox::{
    ActRecord, Ask, Asked, ComplaintKey, ComplaintRecord, EventKind, Picture, PictureState, SqliteStore, Store as _,
    StoreError,
};
use complaint_server::{Engine, Pace, Stopping, WECHAT_PAY_PATH, allinpay_path, mini_program_path};
use http_transport::{Listener, ListenerConfig, ServerTls};
use platform_sandbox::{NewComplaint, PushConfig, PushFormat, Sandbox, SandboxConfig, WEBHOOK_HOST};
use protocol_core::allinpay::{AlipayComplaintQueryV2, WxComplaintList};
use protocol_core::channel::Act;
use protocol_core::mini_program::GetPenaltyList;
use protocol_core::virtual_payment::GetComplaintList;
use protocol_core::wechat_pay::ListComplaints;
use protocol_core::{Clock, OperationInfo as _, UnixTime};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// Far longer than anything here takes, on a busy machine too.
pub(crate) const SOON: Duration = Duration::from_secs(120);

/// The status of a store that is too slow for now: the platform retries.
pub(crate) const STORE_IS_SLOW: Option<u16> = Some(503);

/// A sandbox, a folder configured for it, and the engine that runs there.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    folder: TempDir,
    /// How far the store's clock is ahead of the machine's.
    ahead: Arc<AtomicI64>,
    running: Option<Running>,
}

struct Running {
    engine: Engine<SqliteStore>,
    store: SqliteStore,
    channels: LiveChannels,
    serving: JoinHandle<()>,
    /// Of the webhooks, once they listen.
    url: String,
}

impl World {
    /// A platform that retries after a fraction of a second. The engine does not run yet.
    pub(crate) async fn new() -> Self {
        let config = SandboxConfig::default().with_time_scale(300.0).with_delivery_timeout(SOON);
        let sandbox = Sandbox::start(config).await.unwrap();
        let folder = TempDir::new().unwrap();
        sandbox.write_configuration(folder.path()).unwrap();
        Self { sandbox, folder, ahead: Arc::default(), running: None }
    }

    /// A platform whose messages reach the engine. Sweeps are over before it returns.
    pub(crate) async fn listening() -> Self {
        let mut world = Self::new().await;
        world.start().await;
        world.listen().await;
        let lists = [
            ListComplaints::NAME,
            GetComplaintList::NAME,
            GetPenaltyList::NAME,
            WxComplaintList::NAME,
            AlipayComplaintQueryV2::NAME,
        ];
        world.until(async |world| lists.iter().all(|list| world.asked(list) > 0)).await;
        world
    }

    /// Starts the engine: one sweep, and looks as often as it can.
    pub(crate) async fn start(&mut self) {
        let store = self.open().await;
        let channels = LiveChannels::from_file(self.path("complaints.toml")).unwrap();
        let pace = Pace::default().with_look_every(Duration::from_millis(20)).with_sweep_every(SOON * 10);
        let engine = Engine::start(store.clone(), channels.clone(), pace, Stopping::default());
        let serving = tokio::spawn(std::future::pending());
        self.running = Some(Running { engine, store, channels, serving, url: String::new() });
    }

    /// Serves the webhooks, and registers them with the platforms.
    pub(crate) async fn listen(&mut self) {
        let url = self.serve().await;
        let channels = self.channels();
        let merchant = channels.wechat_pay().next().unwrap();
        merchant.client().ensure_notification_url(&format!("{url}{WECHAT_PAY_PATH}")).await.unwrap();
        let push = format!("{url}{}", mini_program_path(&self.sandbox.mini_program().appid));
        self.sandbox.set_push(PushConfig::new(push).with_format(PushFormat::Xml)).await.unwrap();
        for account in channels.allinpay() {
            self.notice_url(&account.id().merchant);
        }
    }

    /// Serves the webhooks. Returns their URL.
    pub(crate) async fn serve(&mut self) -> String {
        let running = self.running.as_mut().unwrap();
        let (chain, key) = self.sandbox.webhook_identity();
        let tls = ServerTls::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
        let config = ListenerConfig::default().with_tls(tls);
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), config).await.unwrap();
        let url = format!("https://{WEBHOOK_HOST}:{}", listener.local_addr().port());
        running.serving = tokio::spawn(listener.serve(running.engine.webhooks().unwrap(), std::future::pending()));
        running.url.clone_from(&url);
        url
    }

    /// Sets the risk notification URL of a merchant of Allinpay.
    pub(crate) fn notice_url(&self, cusid: &str) {
        let url = &self.running.as_ref().unwrap().url;
        self.sandbox.set_notice_url(cusid, &format!("{url}{}", allinpay_path(cusid))).unwrap();
    }

    /// Ends the engine as its process dies: nothing is finished.
    pub(crate) async fn crash(&mut self) {
        let Running { engine, store, serving, .. } = self.running.take().unwrap();
        serving.abort();
        drop((engine, store));
        let _ = serving.await;
    }

    pub(crate) async fn stop(&mut self) {
        let Running { engine, serving, .. } = self.running.take().unwrap();
        engine.stop().await;
        serving.abort();
        let _ = serving.await;
    }

    /// The store, once the engine that was ended has let go of the file.
    pub(crate) async fn open(&self) -> SqliteStore {
        let ahead = Arc::clone(&self.ahead);
        let clock = Clock::new(move || {
            UnixTime(UnixTime::from(SystemTime::now()).0.saturating_add(ahead.load(Ordering::Relaxed)).max(0))
        });
        timeout(SOON, async {
            loop {
                match SqliteStore::open_with_clock(self.path("inbox.db"), clock.clone()) {
                    Err(StoreError::InUse(_)) => sleep(Duration::from_millis(5)).await,
                    opened => return opened.unwrap(),
                }
            }
        })
        .await
        .unwrap()
    }

    /// The accounts, with clients of their own.
    pub(crate) fn channels(&self) -> Channels {
        Channels::from_file(self.path("complaints.toml")).unwrap()
    }

    pub(crate) fn store(&self) -> &SqliteStore {
        &self.running.as_ref().unwrap().store
    }

    pub(crate) fn engine(&self) -> &Engine<SqliteStore> {
        &self.running.as_ref().unwrap().engine
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sets the store's clock forward.
    pub(crate) fn pass(&self, seconds: u32) {
        self.ahead.fetch_add(seconds.into(), Ordering::Relaxed);
    }

    /// Sets the store's clock so many seconds ahead of the machine's, or behind it.
    pub(crate) fn set_ahead(&self, seconds: i64) {
        self.ahead.store(seconds, Ordering::Relaxed);
    }

    /// The configuration's text.
    pub(crate) fn configuration(&self) -> String {
        std::fs::read_to_string(self.path("complaints.toml")).unwrap()
    }

    /// Writes the configuration. An engine that runs reads it again.
    pub(crate) fn configure(&self, text: &str) {
        std::fs::write(self.path("complaints.toml"), text).unwrap();
        if let Some(running) = &self.running {
            running.channels.reload().unwrap();
        }
    }

    /// Waits until something is so.
    pub(crate) async fn until(&self, is_so: impl AsyncFn(&Self) -> bool) {
        let waiting = async {
            while !is_so(self).await {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(SOON, waiting).await.expect("it is so in time");
    }

    /// How often the platforms were asked this.
    pub(crate) fn asked(&self, operation: &str) -> usize {
        self.sandbox.requests().iter().filter(|request| request.operation == operation).count()
    }

    pub(crate) fn wechat_pay(&self, id: &str) -> ComplaintKey {
        ComplaintKey::new("wechat-pay", &self.sandbox.merchant().mchid, id)
    }

    pub(crate) fn mini_program(&self, id: &str) -> ComplaintKey {
        ComplaintKey::new("mini-program", self.sandbox.mini_program().appid, id)
    }

    pub(crate) fn virtual_payment(&self, id: &str) -> ComplaintKey {
        ComplaintKey::new("virtual-payment", self.sandbox.mini_program().appid, id)
    }

    /// A complaint about WeChat Pay with a merchant of Allinpay.
    pub(crate) fn allinpay(&self, id: &str) -> ComplaintKey {
        ComplaintKey::new("allinpay", self.sandbox.allinpay().cusid, id)
    }

    /// A complaint of Alipay's, by its number at the gateway.
    pub(crate) fn alipay(&self, cusid: &str, id: &str) -> ComplaintKey {
        let task = self.sandbox.alipay_complaint(id).unwrap()["task_id"].as_str().unwrap().to_owned();
        ComplaintKey::new("allinpay-alipay", cusid, task)
    }

    /// The picture, once it is in this state.
    pub(crate) async fn picture(&self, key: &ComplaintKey, number: u32, state: PictureState) -> Picture {
        let is_so = async |world: &Self| {
            let picture = world.store().picture(key, number).await.unwrap();
            picture.is_some_and(|picture| picture.record.state == state)
        };
        self.until(is_so).await;
        self.store().picture(key, number).await.unwrap().unwrap()
    }

    pub(crate) async fn record(&self, key: &ComplaintKey) -> Option<ComplaintRecord> {
        self.store().complaint(key).await.unwrap()
    }

    /// Files a complaint about WeChat Pay, and waits until it is read: its number at the platform, and its
    /// key in the inbox.
    pub(crate) async fn file_and_read(&self) -> (String, ComplaintKey) {
        let id = self.sandbox.file_complaint(NewComplaint::default());
        let key = self.wechat_pay(&id);
        self.read(&key).await;
        (id, key)
    }

    /// The complaint, once everything that was heard of it is read.
    pub(crate) async fn read(&self, key: &ComplaintKey) -> ComplaintRecord {
        self.until(async |world| world.record(key).await.is_some_and(|record| is_read(&record))).await;
        self.record(key).await.unwrap()
    }

    /// The events of a complaint, in their order.
    pub(crate) async fn events(&self, key: &ComplaintKey) -> Vec<EventKind> {
        let events = self.store().events(0, 1000).await.unwrap();
        events.into_iter().filter(|event| event.complaint == *key).map(|event| event.kind).collect()
    }

    /// Asks for an act as one who has seen everything.
    pub(crate) async fn ask(&self, key: &ComplaintKey, act: impl Into<Act>, idempotency_key: &str) {
        ask(self.store(), key, act.into(), idempotency_key).await;
        self.engine().work().ring();
    }

    /// The act, once it ended.
    pub(crate) async fn ended(&self, idempotency_key: &str) -> ActRecord {
        let is_finished = async |world: &Self| {
            let act = world.store().act(idempotency_key).await.unwrap();
            act.is_some_and(|act| act.stage.is_finished())
        };
        self.until(is_finished).await;
        self.store().act(idempotency_key).await.unwrap().unwrap()
    }

    /// The kinds of the platform's own history.
    pub(crate) fn history(&self, id: &str) -> Vec<String> {
        let entries = self.sandbox.history(id);
        entries.iter().map(|entry| entry["operate_type"].as_str().unwrap().to_owned()).collect()
    }
}

pub(crate) async fn ask(store: &SqliteStore, key: &ComplaintKey, act: Act, idempotency_key: &str) {
    let seen = store.complaint(key).await.unwrap().unwrap().summary.version;
    let ask = Ask { key: idempotency_key.to_owned(), complaint: key.clone(), act, seen, by: "a test".to_owned() };
    assert!(matches!(store.ask(ask).await.unwrap(), Asked::New(_)));
}

fn is_read(record: &ComplaintRecord) -> bool {
    record.summary.read_at.is_some() && record.summary.read == record.summary.heard
}
