//! The service against the simulated platforms: what they send, rightly and wrongly, and what is in
//! the inbox afterwards.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers fail by panicking"
)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum_inbox::{
    Channel, Document, Inbox, InboxError, MINI_PROGRAM_PATH, Reader, WECHAT_PAY_PATH, mini_program, router, wechat_pay,
};
use http_transport::{Listener, ListenerConfig, ServerTls};
use platform_sandbox::{
    Fault, FaultKind, NewComplaint, NewOrderComplaint, NotificationFault, PushConfig, PushFault, PushFormat, PushMode,
    Sandbox, SandboxConfig, SignedNotification, SignedPush, WEBHOOK_HOST,
};
use protocol_core::UnixTime;
use protocol_core::codec::decode_json;
use protocol_core::complaint::OrderDetail;
use protocol_core::replay::{Deduplicate as _, Key, Lease, Reservation, SignedDigest};
use protocol_core::wechat_pay::GetComplaint;
use rusqlite::Connection;
use settings::Settings;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Far longer than anything here takes, on a busy machine too.
const SOON: Duration = Duration::from_secs(120);
const NEVER: Duration = Duration::from_secs(3600);

/// A sandbox, and the service configured for it by its files, as `complaints sandbox --folder`
/// writes them.
struct World {
    sandbox: Sandbox,
    folder: TempDir,
    inbox: Option<Inbox>,
    url: String,
    /// Ends with the world.
    tasks: JoinSet<()>,
}

impl World {
    /// A platform that retries after a fifth of a second.
    async fn new() -> Result<Self, Box<dyn Error>> {
        let config = SandboxConfig::default().with_time_scale(300.0).with_delivery_timeout(SOON);
        let sandbox = Sandbox::start(config).await?;
        let folder = TempDir::new()?;
        sandbox.write_configuration(folder.path())?;
        let mut world = Self { sandbox, folder, inbox: None, url: String::new(), tasks: JoinSet::new() };
        world.start().await?;
        Ok(world)
    }

    async fn start(&mut self) -> Result<(), Box<dyn Error>> {
        let settings = Settings::read(self.file("complaints.toml"))?;
        let inbox = self.open_inbox().await?;
        self.inbox = Some(inbox.clone());
        let keys = settings.wechat_pay()?.platform_keys()?;
        let client = wechat_pay(&settings, keys.clone())?;
        let router = router(&settings, keys, &inbox)?;
        let tls = ServerTls::from_pem(
            &std::fs::read(self.file("sandbox_webhook.pem"))?,
            &std::fs::read(self.file("sandbox_webhook.key"))?,
        )?;
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), ListenerConfig::default().with_tls(tls)).await?;
        self.url = format!("https://{WEBHOOK_HOST}:{}", listener.local_addr().port());
        self.tasks.spawn(listener.serve(router, std::future::pending()));
        client.ensure_notification_url(&format!("{}{WECHAT_PAY_PATH}", self.url)).await?;
        let reader = Reader::new(inbox, client, mini_program(&settings)?);
        let before = self.asked("list_complaints");
        self.tasks.spawn(async move { reader.run(NEVER).await });
        // The one sweep has its list: what is filed from here on is not on it.
        Ok(timeout(SOON, async {
            while self.asked("list_complaints") == before {
                sleep(Duration::from_millis(5)).await;
            }
        })
        .await?)
    }

    /// The inbox, once the service that was killed has let go of it: a statement of its own may
    /// still be running.
    async fn open_inbox(&self) -> Result<Inbox, Box<dyn Error>> {
        let opening = async {
            loop {
                match Inbox::open(&self.database()) {
                    Err(InboxError::InUse(_)) => sleep(Duration::from_millis(5)).await,
                    opened => return opened,
                }
            }
        };
        Ok(timeout(SOON, opening).await??)
    }

    fn asked(&self, operation: &str) -> usize {
        self.sandbox.requests().iter().filter(|request| request.operation == operation).count()
    }

    /// As a process dies: nothing is finished.
    async fn kill(&mut self) {
        self.tasks.shutdown().await;
        self.inbox = None;
    }

    async fn push_to(&self, mode: PushMode) -> Result<(), Box<dyn Error>> {
        let url = format!("{}{MINI_PROGRAM_PATH}", self.url);
        Ok(self.sandbox.set_push(PushConfig::new(url).with_mode(mode).with_format(PushFormat::Xml)).await?)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Changes the configuration file.
    fn configure(&self, change: impl FnOnce(&str) -> String) {
        let settings = std::fs::read_to_string(self.file("complaints.toml")).unwrap();
        let changed = change(&settings);
        assert_ne!(changed, settings);
        std::fs::write(self.file("complaints.toml"), changed).unwrap();
    }

    fn database(&self) -> PathBuf {
        self.file("inbox.db")
    }

    /// How often a complaint was heard of, and what is stored of it.
    fn row(&self, channel: Channel, number: &str) -> Option<(i64, Option<String>)> {
        let database = open(&self.database());
        let row = "SELECT heard, document FROM complaint WHERE channel = ?1 AND number = ?2";
        database.query_row(row, [channel.as_str(), number], |row| Ok((row.get(0)?, row.get(1)?))).ok()
    }

    /// Waits until a complaint was read; how often it was heard of by then.
    async fn read(&self, channel: Channel, number: &str) -> (i64, String) {
        let reading = async {
            loop {
                if let Some((heard, Some(document))) = self.row(channel, number) {
                    return (heard, document);
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(SOON, reading).await.expect("read in time")
    }

    /// Posts a custom push; the status and the response.
    async fn post(&self, push: SignedPush) -> (u16, String) {
        let response = self
            .send(|| {
                let request = http_request(&format!("{}{MINI_PROGRAM_PATH}?{}", self.url, push.query));
                request.map(|()| push.body.clone().into())
            })
            .await;
        (response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned())
    }

    /// Sends until the response is not 503: on a busy disk the store may be too slow for the
    /// webhook.
    async fn send(&self, request: impl Fn() -> axum::http::Request<Bytes>) -> axum::http::Response<Bytes> {
        for _ in 0..100 {
            let response = stranger(&self.sandbox).send(request()).await.unwrap();
            if response.status() != 503 {
                return response;
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("told to come again a hundred times");
    }

    /// Posts a custom notification; the status.
    async fn notify(&self, notification: SignedNotification) -> u16 {
        let response = self
            .send(|| {
                let mut request = http_request(&format!("{}{WECHAT_PAY_PATH}", self.url));
                request.headers_mut().extend(notification.headers.iter().map(|(name, value)| {
                    (axum::http::HeaderName::try_from(name).unwrap(), axum::http::HeaderValue::try_from(value).unwrap())
                }));
                request.map(|()| notification.body.clone().into())
            })
            .await;
        response.status().as_u16()
    }

    fn dead_letters(&self) -> Vec<String> {
        let database = open(&self.database());
        let mut letters = database.prepare("SELECT document FROM dead_letter").unwrap();
        letters.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    fn statuses(&self) -> Vec<Option<u16>> {
        self.sandbox.sent_notifications().iter().map(|sent| sent.status).collect()
    }
}

/// Another process's look at the file.
fn open(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(SOON).unwrap();
    connection
}

#[tokio::test]
async fn a_complaint_is_stored_as_the_platform_has_it() {
    let world = World::new().await.unwrap();
    let number = world.sandbox.file_complaint(NewComplaint::default().with_complaint_detail("充值没有到账"));
    assert!(world.sandbox.settled(SOON).await);
    let (heard, document) = world.read(Channel::WechatPay, &number).await;
    assert_eq!(heard, 1);
    assert!(document.contains("充值没有到账") && document.contains(r#""complaint_state":"PENDING""#), "{document}");
    // All but the last asked the platform to retry.
    assert_eq!(world.statuses().iter().filter(|status| **status == Some(204)).count(), 1);
}

#[tokio::test]
async fn copies_are_stored_once() {
    let world = World::new().await.unwrap();
    world.sandbox.inject_notification(NotificationFault::DuplicateAtOnce(8));
    let at_once = world.sandbox.file_complaint(NewComplaint::default());
    assert!(world.sandbox.settled(SOON).await);
    world.sandbox.inject_notification(NotificationFault::Duplicate);
    let again = world.sandbox.file_complaint(NewComplaint::default());
    assert!(world.sandbox.settled(SOON).await);
    for number in [at_once, again] {
        assert_eq!(world.row(Channel::WechatPay, &number).map(|(heard, _)| heard), Some(1));
        assert!(world.sandbox.sent_notifications().iter().filter(|sent| sent.complaint_id == number).count() > 1);
    }
}

#[tokio::test]
async fn what_is_forged_is_refused() {
    let world = World::new().await.unwrap();
    let faults = [
        NotificationFault::ForgedSignature,
        NotificationFault::NoSignature,
        NotificationFault::ChangedBody,
        NotificationFault::Stale,
        NotificationFault::UnknownSerial,
        NotificationFault::Probe,
    ];
    for fault in faults {
        let number = "200000000000000000000000001";
        let merchant = &world.sandbox.merchant().mchid;
        let forged = world.sandbox.signed_notification(merchant, number, "CREATE_COMPLAINT", Some(fault)).unwrap();
        assert_eq!(world.notify(forged).await, 401, "{fault:?}");
        assert_eq!(world.row(Channel::WechatPay, number), None);
    }
}

/// A client that reaches the service as the platform does.
fn stranger(sandbox: &Sandbox) -> http_transport::HttpsClient {
    let config = http_transport::ClientConfig::default()
        .with_roots(http_transport::Roots::Pem(sandbox.root_certificate().into()))
        .with_deadline(SOON)
        .with_connect_timeout(SOON)
        .with_resolve(http_transport::Resolve::To([127, 0, 0, 1].into()));
    http_transport::HttpsClient::new(config).unwrap()
}

fn http_request(url: &str) -> axum::http::Request<()> {
    axum::http::Request::post(url).body(()).unwrap()
}

#[tokio::test]
async fn what_could_not_be_stored_comes_again_and_is_stored_once() {
    let world = World::new().await.unwrap();
    let log = world.file("log");
    let writer = Arc::new(std::fs::File::create(&log).unwrap());
    let _logging = tracing::subscriber::set_default(tracing_subscriber::fmt().with_writer(writer).finish());
    let broken = "CREATE TRIGGER broken BEFORE INSERT ON complaint BEGIN SELECT RAISE(ABORT, 'out of order'); END";
    open(&world.database()).execute_batch(broken).unwrap();
    let number = world.sandbox.file_complaint(NewComplaint::default());
    timeout(SOON, async {
        while world.statuses().iter().filter(|status| **status == Some(500)).count() < 2 {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(world.row(Channel::WechatPay, &number), None);
    // The message was not taken for done in the transaction that failed.
    open(&world.database()).execute_batch("DROP TRIGGER broken").unwrap();
    assert!(world.sandbox.settled(SOON).await);
    assert_eq!(world.read(Channel::WechatPay, &number).await.0, 1);
    let count = |code| world.statuses().iter().filter(|status| **status == Some(code)).count();
    assert_eq!(count(204), 1);
    // Why is in the log, once each time.
    let logged = std::fs::read_to_string(log).unwrap();
    let told = |line: &&str| line.contains("ERROR") && line.contains("error=out of order");
    assert_eq!(logged.lines().filter(told).count(), count(500), "{logged}");
}

#[tokio::test]
async fn after_a_crash_between_the_two_commits_nothing_is_done_twice() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("inbox.db");
    let now = UnixTime(1_741_936_166);
    let reservation = {
        let inbox = Inbox::open(&path).unwrap();
        let reservation = inbox.reserve("1900000001/a".into(), Lease::new(1), now).await.unwrap();
        inbox.hear("1900000001/a".to_owned(), Channel::WechatPay, "2000".to_owned()).await.unwrap();
        reservation
        // Here the process dies: the webhook's own commit never comes.
    };
    assert_eq!(reservation, Reservation::First);
    let inbox = Inbox::open(&path).unwrap();
    let again = inbox.reserve("1900000001/a".into(), Lease::new(2), now.plus(3600)).await.unwrap();
    assert_eq!(again, Reservation::Done);
    assert_eq!(inbox.due(Channel::WechatPay).await.unwrap().len(), 1);
}

const NOW: UnixTime = UnixTime(1_741_936_166);

fn inbox_in(folder: &TempDir) -> Inbox {
    Inbox::open(&folder.path().join("inbox.db")).unwrap()
}

async fn reserve(inbox: &Inbox, key: impl Into<Key<'static>>, lease: u64, now: UnixTime) -> Reservation {
    inbox.reserve(key.into(), Lease::new(lease), now).await.unwrap()
}

/// A push: its id, and what it was signed over.
fn signed(id: &'static str, signed: u8) -> Key<'static> {
    Key { id, signed: Some(SignedDigest::new([signed; 32])) }
}

#[tokio::test]
async fn a_sleeper_cannot_disturb_its_successor() {
    let folder = TempDir::new().unwrap();
    let inbox = inbox_in(&folder);
    // Numbers beyond what SQLite counts to.
    let (sleeper, successor, third) = (u64::MAX, 1 << 63, 7);
    assert_eq!(reserve(&inbox, "a", sleeper, NOW).await, Reservation::First);
    assert_eq!(reserve(&inbox, "a", successor, NOW.plus(1)).await, Reservation::InHand);
    assert_eq!(reserve(&inbox, "a", successor, NOW.plus(12)).await, Reservation::First);
    inbox.release("a".into(), Lease::new(sleeper)).await.unwrap();
    assert_eq!(reserve(&inbox, "a", third, NOW.plus(13)).await, Reservation::InHand);
    assert!(!inbox.commit("a".into(), Lease::new(sleeper)).await.unwrap());
    inbox.release("a".into(), Lease::new(successor)).await.unwrap();
    assert_eq!(reserve(&inbox, "a", third, NOW.plus(13)).await, Reservation::First);
    assert!(inbox.commit("a".into(), Lease::new(third)).await.unwrap());
    // A task that wakes up later finds it stored, and stores no second one.
    inbox.hear("a".to_owned(), Channel::WechatPay, "2000".to_owned()).await.unwrap();
    assert_eq!(inbox.due(Channel::WechatPay).await.unwrap(), []);
}

#[tokio::test]
async fn a_clock_that_is_set_back_holds_nothing() {
    let folder = TempDir::new().unwrap();
    let inbox = inbox_in(&folder);
    assert_eq!(reserve(&inbox, "a", 1, NOW.plus(3600)).await, Reservation::First);
    assert_eq!(reserve(&inbox, "a", 2, NOW).await, Reservation::First);
    assert_eq!(reserve(&inbox, "a", 3, NOW).await, Reservation::InHand);
}

#[tokio::test]
async fn what_a_dead_process_had_reserved_is_free_at_once() {
    let folder = TempDir::new().unwrap();
    {
        let inbox = inbox_in(&folder);
        assert_eq!(reserve(&inbox, "a", 1, NOW).await, Reservation::First);
        assert_eq!(reserve(&inbox, signed("b", 1), 2, NOW).await, Reservation::First);
        assert_eq!(reserve(&inbox, "done", 3, NOW).await, Reservation::First);
        assert!(inbox.commit("done".into(), Lease::new(3)).await.unwrap());
    }
    let inbox = inbox_in(&folder);
    assert_eq!(reserve(&inbox, "a", 4, NOW).await, Reservation::First);
    assert_eq!(reserve(&inbox, signed("c", 1), 5, NOW).await, Reservation::First);
    assert_eq!(reserve(&inbox, "done", 6, NOW).await, Reservation::Done);
}

#[tokio::test]
async fn one_process_alone_has_the_inbox() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("inbox.db");
    let inbox = inbox_in(&folder);
    assert_eq!(reserve(&inbox, "a", 1, NOW).await, Reservation::First);
    let error = Inbox::open(&path).unwrap_err();
    assert!(matches!(error, InboxError::InUse(_)), "{error}");
    assert!(error.to_string().contains("inbox.db: another process has this inbox; stop it first"), "{error}");
    // Nor does the second one end what the first one has in hand.
    assert_eq!(reserve(&inbox, "a", 2, NOW).await, Reservation::InHand);
    drop(inbox);
    Inbox::open(&path).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_user_reads_the_inbox() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = TempDir::new().unwrap();
    let modes = || {
        let files = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap);
        let mut modes: Vec<_> = files
            .map(|file| {
                (file.file_name().into_string().unwrap(), file.metadata().unwrap().permissions().mode() & 0o777)
            })
            .collect();
        modes.sort();
        modes
    };
    let expected = ["inbox.db", "inbox.db-shm", "inbox.db-wal", "inbox.db.lock"].map(|name| (name.to_owned(), 0o600));
    let inbox = inbox_in(&folder);
    reserve(&inbox, "a", 1, NOW).await;
    assert_eq!(modes(), expected);
    drop(inbox);
    // As earlier versions left it.
    for name in ["inbox.db", "inbox.db-wal"] {
        let path = folder.path().join(name);
        std::fs::File::options().append(true).create(true).open(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    assert_eq!(modes()[1], ("inbox.db-wal".to_owned(), 0o644));
    let inbox = inbox_in(&folder);
    reserve(&inbox, "b", 2, NOW).await;
    assert_eq!(modes(), expected);
}

/// The lock and what SQLite keeps are beside the file, not beside the link.
#[cfg(unix)]
#[test]
fn a_second_process_is_refused_through_a_link() {
    let [folder, links] = [(); 2].map(|()| TempDir::new().unwrap());
    let (path, link) = (folder.path().join("inbox.db"), links.path().join("inbox.db"));
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for [first, second] in [[&link, &path], [&path, &link]] {
        let inbox = Inbox::open(first).unwrap();
        let refused = Inbox::open(second).unwrap_err();
        assert!(matches!(refused, InboxError::InUse(_)), "{refused}");
        drop(inbox);
    }
    assert_eq!(std::fs::read_dir(links.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_signature_stands_for_one_message_for_a_year() {
    let folder = TempDir::new().unwrap();
    let inbox = inbox_in(&folder);
    let hear = async |id: &str| inbox.hear(id.to_owned(), Channel::MiniProgram, "8622001".to_owned()).await.unwrap();
    assert_eq!(reserve(&inbox, signed("a", 1), 1, NOW).await, Reservation::First);
    // In hand, it is neither delivered nor refused for good; and after a failed delivery it is
    // free.
    assert_eq!(reserve(&inbox, signed("b", 1), 2, NOW).await, Reservation::InHand);
    inbox.release(signed("a", 1), Lease::new(1)).await.unwrap();
    assert_eq!(reserve(&inbox, signed("b", 1), 3, NOW).await, Reservation::First);
    inbox.release(signed("b", 1), Lease::new(3)).await.unwrap();
    // The one who stores it has it, in the same transaction.
    assert_eq!(reserve(&inbox, signed("a", 1), 4, NOW).await, Reservation::First);
    hear("a").await;
    assert_eq!(reserve(&inbox, signed("b", 1), 5, NOW).await, Reservation::Replayed);
    assert!(inbox.commit(signed("a", 1), Lease::new(4)).await.unwrap());
    // A copy under another signature spends that one as well; so does a message that tells of no
    // complaint.
    assert_eq!(reserve(&inbox, signed("a", 2), 6, NOW).await, Reservation::Done);
    assert_eq!(reserve(&inbox, signed("b", 2), 7, NOW).await, Reservation::Replayed);
    assert_eq!(reserve(&inbox, signed("event", 3), 8, NOW).await, Reservation::First);
    assert!(inbox.commit(signed("event", 3), Lease::new(8)).await.unwrap());
    assert_eq!(reserve(&inbox, signed("b", 3), 9, NOW).await, Reservation::Replayed);
    // The id is forgotten after a day, what was signed after a year.
    inbox.tidy(NOW.plus(2 * 86_400), "2025-01-01").await.unwrap();
    assert_eq!(reserve(&inbox, signed("a", 1), 10, NOW).await, Reservation::Done);
    assert_eq!(reserve(&inbox, signed("b", 1), 11, NOW).await, Reservation::Replayed);
    assert_eq!(reserve(&inbox, signed("a", 4), 12, NOW).await, Reservation::First);
    inbox.tidy(NOW.plus(365 * 86_400), "2025-01-01").await.unwrap();
    assert_eq!(reserve(&inbox, signed("b", 1), 13, NOW).await, Reservation::Replayed);
    inbox.tidy(NOW.plus(365 * 86_400 + 6), "2025-01-01").await.unwrap();
    assert_eq!(reserve(&inbox, signed("b", 1), 14, NOW).await, Reservation::First);
}

#[tokio::test]
async fn a_push_of_the_mini_program_is_stored_once_and_read() {
    let world = World::new().await.unwrap();
    world.push_to(PushMode::Secure).await.unwrap();
    world.sandbox.inject_push(PushFault::Duplicate);
    let number = world.sandbox.file_order_complaint(NewOrderComplaint::default().with_content("与描述不符"));
    assert!(world.sandbox.settled(SOON).await);
    let (heard, document) = world.read(Channel::MiniProgram, &number).await;
    assert_eq!(heard, 1);
    assert!(document.contains("与描述不符"), "{document}");
}

#[tokio::test]
async fn a_push_that_cannot_be_read_is_kept_once_and_acknowledged() {
    let world = World::new().await.unwrap();
    let number = "8622000000000000001";
    let fault = Some(PushFault::Truncated);
    let truncated = world.sandbox.signed_push(number, PushMode::Secure, PushFormat::Xml, fault);
    for _ in 0..3 {
        assert_eq!(world.post(truncated.clone()).await, (200, "success".to_owned()));
    }
    let letters = world.dead_letters();
    assert_eq!(letters.len(), 1);
    let letter: serde_json::Value = serde_json::from_str(&letters[0]).unwrap();
    let document = letter["document"].as_str().unwrap();
    assert!(document.starts_with("<xml>") && !document.ends_with("</xml>"), "{letter}");
    assert!(letter["error"].as_str().is_some_and(|error| !error.is_empty()), "{letter}");
    assert_eq!(letter["complaint_id"], number);
    // By its number there is reason to read it.
    assert_eq!(world.row(Channel::MiniProgram, number), Some((1, None)));
}

#[tokio::test]
async fn a_complaint_whose_push_cannot_be_read_is_read_by_its_number() {
    let world = World::new().await.unwrap();
    let number = world.sandbox.file_order_complaint(NewOrderComplaint::default().with_content("与描述不符"));
    let broken = format!(r#"{{"Event":"complaint_callback","complaint_order_id":"{number}","status":"a"b"}}"#);
    for _ in 0..2 {
        let push = world.sandbox.signed_message(broken.as_bytes(), PushMode::Secure, PushFormat::Json);
        assert_eq!(world.post(push).await, (200, "success".to_owned()));
    }
    let letters = world.dead_letters();
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    let letter: serde_json::Value = serde_json::from_str(letter).unwrap();
    assert_eq!((letter["complaint_id"].as_str(), letter["document"].as_str()), (Some(&*number), Some(&*broken)));
    let (_, document) = world.read(Channel::MiniProgram, &number).await;
    assert!(document.contains("与描述不符"), "{document}");
}

#[tokio::test]
async fn a_push_that_names_no_complaint_is_kept_once_and_acknowledged() {
    let world = World::new().await.unwrap();
    let nameless = [
        r#"{"Event":"complaint_callback","status":"201","customer_material_content":"与描述不符","new":"1"}"#,
        r#"{"Event":"complaint_callback","status":"201","complaint_order_id":""}"#,
    ];
    for (already, message) in nameless.into_iter().enumerate() {
        let post = async || {
            let push = world.sandbox.signed_message(message.as_bytes(), PushMode::Secure, PushFormat::Json);
            world.post(push).await
        };
        // The platform retries a message that could not be kept.
        let broken =
            "CREATE TRIGGER broken BEFORE INSERT ON dead_letter BEGIN SELECT RAISE(ABORT, 'out of order'); END";
        open(&world.database()).execute_batch(broken).unwrap();
        assert_eq!(post().await.0, 500);
        assert_eq!(world.dead_letters().len(), already);
        open(&world.database()).execute_batch("DROP TRIGGER broken").unwrap();
        for _ in 0..2 {
            assert_eq!(post().await, (200, "success".to_owned()));
            assert_eq!(world.dead_letters().len(), already + 1);
        }
    }
    let letters = world.dead_letters();
    let whole = |letter: &String| letter.contains("与描述不符") && letter.contains(r#"\"new\":\"1\""#);
    assert!(letters.iter().any(whole), "{letters:?}");
    let complaints = "SELECT count(*) FROM complaint WHERE channel = 'mini-program'";
    assert_eq!(open(&world.database()).query_row(complaints, [], |row| row.get(0)), Ok(0));
}

#[tokio::test]
async fn a_notification_that_cannot_be_read_is_kept_once_and_acknowledged() {
    let world = World::new().await.unwrap();
    let merchant = &world.sandbox.merchant().mchid;
    for (already, resource) in
        [r#"{"complaint_id":""}"#, r#"{"complaint_id":"1","complaint_detail":"a"b"}"#].into_iter().enumerate()
    {
        let notification = world.sandbox.signed_resource(merchant, "COMPLAINT.CREATE", resource.as_bytes()).unwrap();
        // The platform retries a message that could not be kept.
        let broken =
            "CREATE TRIGGER broken BEFORE INSERT ON dead_letter BEGIN SELECT RAISE(ABORT, 'out of order'); END";
        open(&world.database()).execute_batch(broken).unwrap();
        assert_eq!(world.notify(notification.clone()).await, 500);
        open(&world.database()).execute_batch("DROP TRIGGER broken").unwrap();
        for _ in 0..2 {
            assert_eq!(world.notify(notification.clone()).await, 204);
        }
        let letters = world.dead_letters();
        let letters: Vec<serde_json::Value> =
            letters.iter().map(|letter| serde_json::from_str(letter).unwrap()).collect();
        assert_eq!(letters.len(), already + 1);
        assert!(letters.iter().any(|letter| letter["document"] == resource && letter["id"].is_string()), "{letters:?}");
    }
    // By the number that stands before the damage it is asked for.
    let complaints = "SELECT group_concat(number) FROM complaint WHERE number IN ('', '1')";
    assert_eq!(open(&world.database()).query_row(complaints, [], |row| row.get(0)), Ok("1".to_owned()));
}

#[tokio::test]
async fn a_complaint_event_of_no_known_shape_is_kept_once_and_acknowledged() {
    let world = World::new().await.unwrap();
    let merchant = &world.sandbox.merchant().mchid;
    let signed =
        |event_type, resource: &str| world.sandbox.signed_resource(merchant, event_type, resource.as_bytes()).unwrap();
    let notification = signed("COMPLAINT.MERGED", r#"{"into":["2000"],"weight":1e999}"#);
    // The platform retries a message that could not be kept.
    let broken = "CREATE TRIGGER broken BEFORE INSERT ON dead_letter BEGIN SELECT RAISE(ABORT, 'out of order'); END";
    open(&world.database()).execute_batch(broken).unwrap();
    assert_eq!(world.notify(notification.clone()).await, 500);
    open(&world.database()).execute_batch("DROP TRIGGER broken").unwrap();
    for _ in 0..2 {
        assert_eq!(world.notify(notification.clone()).await, 204);
    }
    let letters = world.dead_letters();
    assert_eq!(letters.len(), 1);
    let kept = r#""event_type":"COMPLAINT.MERGED","resource":{"into":["2000"],"weight":1e999}}"#;
    assert!(letters[0].starts_with(r#"{"id":""#) && letters[0].ends_with(kept), "{letters:?}");
    // Another event is none of this service's business.
    assert_eq!(world.notify(signed("TRANSACTION.SUCCESS", r#"{"into":["2000"]}"#)).await, 204);
    assert_eq!(world.dead_letters().len(), 1);
}

#[tokio::test]
async fn what_happened_while_the_service_was_down_is_found_by_the_sweep() {
    let mut world = World::new().await.unwrap();
    let known = world.sandbox.file_complaint(NewComplaint::default());
    world.read(Channel::WechatPay, &known).await;
    world.kill().await;
    // No notification tells of these: the URL is gone as well.
    let missed = world.sandbox.file_complaint(NewComplaint::default());
    world.sandbox.user_message(&known, "在吗").unwrap();
    world.start().await.unwrap();
    world.read(Channel::WechatPay, &missed).await;
    let changed = async {
        while !world.read(Channel::WechatPay, &known).await.1.contains(r#""incoming_user_response":true"#) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, changed).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_read_now_is_read_later() {
    let world = World::new().await.unwrap();
    // As often as one call tries.
    world.sandbox.inject(Fault::once(FaultKind::ServerError).on::<GetComplaint>().times(3));
    let number = world.sandbox.file_complaint(NewComplaint::default());
    assert!(world.sandbox.settled(SOON).await);
    timeout(SOON, async {
        while world.asked("get_complaint") < 3 {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(world.row(Channel::WechatPay, &number), Some((1, None)));
    world.sandbox.user_message(&number, "在吗").unwrap();
    let (heard, _) = world.read(Channel::WechatPay, &number).await;
    assert_eq!(heard, 2);
}

#[tokio::test]
async fn what_the_platform_refuses_is_not_asked_for_again_at_once() {
    let world = World::new().await.unwrap();
    let inbox = world.inbox.clone().unwrap();
    world.sandbox.inject(Fault::once(FaultKind::NoSignature).on::<GetComplaint>());
    let refused = world.sandbox.file_complaint(NewComplaint::default());
    let postponed = async {
        let database = open(&world.database());
        let row = "SELECT refused FROM complaint WHERE number = ?1";
        while database.query_row(row, [&refused], |row| row.get(0)).unwrap_or(0) == 0 {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, postponed).await.unwrap();
    assert_eq!(inbox.due(Channel::WechatPay).await.unwrap(), []);
    let other = world.sandbox.file_complaint(NewComplaint::default());
    world.read(Channel::WechatPay, &other).await;
    assert_eq!(world.row(Channel::WechatPay, &refused), Some((1, None)));
    // News of it is a reason to ask at once.
    world.sandbox.user_message(&refused, "在吗").unwrap();
    assert_eq!(world.read(Channel::WechatPay, &refused).await.0, 2);
}

#[tokio::test]
async fn a_closed_complaint_is_read_again_only_while_an_appeal_is_open() {
    let folder = TempDir::new().unwrap();
    let inbox = Inbox::open(&folder.path().join("inbox.db")).unwrap();
    let details = [
        ("1", r#"{"status":209,"appealState":0}"#),
        ("2", r#"{"status":209,"appealState":401}"#),
        ("3", r#"{"status":205,"appealState":403}"#),
        ("4", r#"{"status":205,"appealState":118}"#),
        ("5", r#"{"status":201,"appealState":0}"#),
        ("6", r#"{"status":116}"#),
        ("7", r#"{"appealState":0}"#),
    ];
    for (number, order) in details {
        inbox.sight(Channel::MiniProgram, number.to_owned()).await.unwrap();
        let due = inbox.due(Channel::MiniProgram).await.unwrap().remove(0);
        let json = format!(r#"{{"complaintOrder":{order}}}"#);
        let detail = decode_json::<OrderDetail>("a detail", json.as_bytes()).unwrap().trust_anyway();
        inbox.store(Channel::MiniProgram, due, Document::of_order(&detail).unwrap()).await.unwrap();
    }
    inbox.tidy(UnixTime(1_741_936_166), "2025-02-13").await.unwrap();
    let due = inbox.due(Channel::MiniProgram).await.unwrap();
    assert_eq!(due.iter().map(|due| &*due.number).collect::<Vec<_>>(), ["2", "3", "5", "7"]);
    // News of a closed one is read all the same, and it may turn out to be open again.
    inbox.sight(Channel::MiniProgram, "1".to_owned()).await.unwrap();
    let reopened = inbox.due(Channel::MiniProgram).await.unwrap().remove(0);
    assert_eq!(reopened.number, "1");
    let detail = decode_json::<OrderDetail>("a detail", br#"{"complaintOrder":{"status":201}}"#).unwrap();
    let open = Document::of_order(&detail.trust_anyway()).unwrap();
    inbox.store(Channel::MiniProgram, reopened, open).await.unwrap();
    inbox.tidy(UnixTime(1_741_936_166), "2025-02-13").await.unwrap();
    assert_eq!(inbox.due(Channel::MiniProgram).await.unwrap().remove(0).number, "1");
}

#[tokio::test]
async fn an_open_complaint_that_the_list_no_longer_shows_is_read_again_at_a_slow_pace() {
    let folder = TempDir::new().unwrap();
    let inbox = Inbox::open(&folder.path().join("inbox.db")).unwrap();
    let complaints = [
        r#"{"complaint_id":"1","complaint_time":"2026-06-30T23:59:59+08:00","complaint_state":"PENDING"}"#,
        r#"{"complaint_id":"2","complaint_time":"2026-07-01T00:00:00+08:00","complaint_state":"PENDING"}"#,
        r#"{"complaint_id":"3","complaint_time":"2026-06-01T12:00:00+08:00","complaint_state":"PROCESSED"}"#,
        r#"{"complaint_id":"4","complaint_time":"2026-06-01T12:00:00+08:00","complaint_state":"PROCESSED","in_platform_service":true}"#,
        r#"{"complaint_id":"5","complaint_state":"PROCESSING"}"#,
    ];
    let read_all = async || {
        for due in inbox.due(Channel::WechatPay).await.unwrap() {
            let complaint = complaints.iter().find(|json| json.contains(&format!(r#""{}""#, due.number))).unwrap();
            let document = Document::of_complaint(&serde_json::from_str(complaint).unwrap()).unwrap();
            inbox.store(Channel::WechatPay, due, document).await.unwrap();
        }
    };
    for number in 1..=5 {
        inbox.sight(Channel::WechatPay, number.to_string()).await.unwrap();
    }
    read_all().await;
    let tidy = async || inbox.tidy(UnixTime(1_785_000_000), "2026-07-01").await.unwrap();
    let later = || {
        let database = open(&folder.path().join("inbox.db"));
        let later =
            "SELECT number, (later - unixepoch() + 60) / 3600 FROM complaint WHERE read < heard ORDER BY number";
        let mut later = database.prepare(later).unwrap();
        let rows = later.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>()
    };
    for _ in 0..2 {
        tidy().await;
        assert_eq!(inbox.due(Channel::WechatPay).await.unwrap(), []);
        assert_eq!(later(), ["1", "4", "5"].map(|number| (number.to_owned(), 6)));
    }
    // The time has come; and it is not the last time.
    open(&folder.path().join("inbox.db")).execute("UPDATE complaint SET later = 1 WHERE later > 0", []).unwrap();
    assert_eq!(inbox.due(Channel::WechatPay).await.unwrap().len(), 3);
    read_all().await;
    tidy().await;
    assert_eq!(later().len(), 3);
    // News is a reason to read at once.
    inbox.reserve("a".into(), Lease::new(1), UnixTime(1_785_000_000)).await.unwrap();
    inbox.hear("a".to_owned(), Channel::WechatPay, "1".to_owned()).await.unwrap();
    assert_eq!(inbox.due(Channel::WechatPay).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_lost_push_of_an_old_complaint_is_made_up_for() {
    let mut world = World::new().await.unwrap();
    let filed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed() - 31 * 86_400;
    let old = world.sandbox.file_complaint(NewComplaint::default().with_complaint_time(UnixTime(filed)));
    world.read(Channel::WechatPay, &old).await;
    world.kill().await;
    world.sandbox.user_message(&old, "在吗").unwrap();
    world.start().await.unwrap();
    let now_due = "UPDATE complaint SET later = 1 WHERE number = ?1 AND read < heard AND later > 0";
    let database = open(&world.database());
    timeout(SOON, async {
        while database.execute(now_due, [&old]).unwrap() == 0 {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    world.kill().await;
    world.start().await.unwrap();
    let changed = async {
        while !world.read(Channel::WechatPay, &old).await.1.contains(r#""incoming_user_response":true"#) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, changed).await.unwrap();
}

#[tokio::test]
async fn a_merchant_without_a_mini_program_is_served() {
    let mut world = World::new().await.unwrap();
    world.kill().await;
    world.configure(|settings| {
        let (before, section) = settings.split_once("[mini-program]").unwrap();
        let (_, after) = section.split_once("\n[").unwrap();
        format!("{before}[{after}")
    });
    world.start().await.unwrap();
    let number = world.sandbox.file_complaint(NewComplaint::default());
    world.read(Channel::WechatPay, &number).await;
    let push = world.sandbox.signed_push("8622000000000000001", PushMode::Secure, PushFormat::Xml, None);
    assert_eq!(world.post(push).await.0, 404);
}

#[tokio::test]
async fn a_push_without_proof_is_no_way_in() {
    let mut world = World::new().await.unwrap();
    world.kill().await;
    world.configure(|settings| settings.replace("mode = \"secure\"", "mode = \"plain\""));
    assert!(world.start().await.unwrap_err().to_string().contains("mode"));
}
