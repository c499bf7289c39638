//! The service against the simulated platform.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers fail by panicking"
)]

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_webhook::{Journal, PATH, Tls, Webhook, serve};
use complaint_channels::Settings;
use http_transport::{ClientConfig, HttpsClient, Resolve, Roots};
use platform_sandbox::{NewComplaint, NotificationFault, Sandbox, SandboxConfig, SignedNotification, WEBHOOK_HOST};
use tempfile::TempDir;
use wechat_adapter::Client;

/// Far longer than anything here takes, on a busy machine too.
const SOON: Duration = Duration::from_secs(120);

struct World {
    sandbox: Sandbox,
    folder: TempDir,
    port: u16,
    server: ServerHandle,
}

impl World {
    /// A platform that retries after a tenth of a second.
    async fn new() -> Self {
        let config = SandboxConfig::default().with_time_scale(600.0).with_delivery_timeout(SOON);
        let sandbox = Sandbox::start(config).await.unwrap();
        let folder = TempDir::new().unwrap();
        sandbox.write_configuration(folder.path()).unwrap();
        let file = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        let settings = Settings::from_file(folder.path().join("complaints.toml")).unwrap();
        let section = settings.wechat_pay(None).unwrap();
        let keys = Arc::new(section.keyring().unwrap());
        let journal = Journal::new(folder.path().join("journal.jsonl"));
        let webhook = Webhook::new(keys.clone(), section.api_v3_key().unwrap(), journal);
        let tls = Tls::from_pem(&file("sandbox_webhook.pem"), &file("sandbox_webhook.key")).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let running = serve(listener, Some(tls), webhook).unwrap();
        let server = running.handle();
        tokio::spawn(running);
        let client = Client::builder(section.merchant().unwrap(), section.signer().unwrap())
            .keys(keys)
            .origins([sandbox.base_url()])
            .build_over(transport(&sandbox));
        client.ensure_notification_url(&format!("https://{WEBHOOK_HOST}:{port}{PATH}")).await.unwrap();
        Self { sandbox, folder, port, server }
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("journal.jsonl")
    }

    /// The journal, line by line.
    fn lines(&self) -> Vec<serde_json::Value> {
        let journal = std::fs::read_to_string(self.journal()).unwrap_or_default();
        journal.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The complaints in the journal, line by line.
    fn stored(&self) -> Vec<String> {
        self.lines().iter().map(|line| line["complaint_id"].as_str().unwrap().to_owned()).collect()
    }

    fn statuses(&self) -> Vec<Option<u16>> {
        self.sandbox.sent_notifications().iter().map(|sent| sent.status).collect()
    }

    /// Posts a notification of an unknown complaint; returns the response's status.
    async fn post(
        &self,
        fault: Option<NotificationFault>,
        change: impl FnOnce(&mut http::Request<bytes::Bytes>),
    ) -> u16 {
        let merchant = &self.sandbox.merchant().mchid;
        let signed = self.sandbox.signed_notification(merchant, "2000", "CREATE_COMPLAINT", fault).unwrap();
        self.post_signed(signed, change).await
    }

    /// Posts a custom notification; returns the response's status.
    async fn post_signed(
        &self,
        signed: SignedNotification,
        change: impl FnOnce(&mut http::Request<bytes::Bytes>),
    ) -> u16 {
        let mut request = http::Request::post(format!("https://{WEBHOOK_HOST}:{}{PATH}", self.port));
        for (name, value) in &signed.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(bytes::Bytes::from(signed.body)).unwrap();
        change(&mut request);
        transport(&self.sandbox).send(request).await.unwrap().status().as_u16()
    }
}

fn transport(sandbox: &Sandbox) -> HttpsClient {
    let roots = Roots::Pem(sandbox.root_certificate().into());
    HttpsClient::new(ClientConfig::default().with_roots(roots).with_resolve(Resolve::To([127, 0, 0, 1].into())))
        .unwrap()
}

#[tokio::test]
async fn a_complaint_is_stored_and_then_acknowledged() {
    let world = World::new().await;
    let number = world.sandbox.file_complaint(NewComplaint::default());
    assert!(world.sandbox.settled(SOON).await);
    assert_eq!(world.stored(), [number]);
    assert_eq!(world.statuses(), [Some(204)]);
}

#[tokio::test]
async fn copies_are_stored_once() {
    let world = World::new().await;
    world.sandbox.inject_notification(NotificationFault::DuplicateAtOnce(8));
    let number = world.sandbox.file_complaint(NewComplaint::default());
    assert!(world.sandbox.settled(SOON).await);
    assert_eq!(world.stored(), [number]);
    assert!(world.statuses().len() >= 8);
}

#[tokio::test]
async fn what_is_forged_is_refused_and_the_right_one_stored() {
    let world = World::new().await;
    let faults = [
        NotificationFault::ForgedSignature,
        NotificationFault::NoSignature,
        NotificationFault::ChangedBody,
        NotificationFault::Stale,
        NotificationFault::UnknownSerial,
        NotificationFault::Probe,
    ];
    for fault in faults {
        assert_eq!(world.post(Some(fault), |_| {}).await, 401, "{fault:?}");
    }
    // The lookup tells one header from two.
    let twice = |request: &mut http::Request<bytes::Bytes>| {
        let nonce = request.headers()["wechatpay-nonce"].clone();
        request.headers_mut().append("wechatpay-nonce", nonce);
    };
    assert_eq!(world.post(None, twice).await, 401);
    assert!(world.stored().is_empty());
    assert_eq!(world.post(None, |_| {}).await, 204);
    assert_eq!(world.stored(), ["2000"]);
}

#[tokio::test]
async fn a_body_is_bounded() {
    let world = World::new().await;
    let large = |request: &mut http::Request<bytes::Bytes>| *request.body_mut() = vec![b' '; 2 << 20].into();
    assert_eq!(world.post(None, large).await, 413);
}

#[tokio::test]
async fn what_could_not_be_stored_comes_again_and_is_stored_once() {
    let world = World::new().await;
    // The file cannot be written at its place.
    std::fs::create_dir(world.journal()).unwrap();
    let number = world.sandbox.file_complaint(NewComplaint::default());
    tokio::time::timeout(SOON, async {
        while world.statuses().len() < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(world.statuses()[0], Some(500));
    std::fs::remove_dir(world.journal()).unwrap();
    assert!(world.sandbox.settled(SOON).await);
    assert_eq!(world.stored(), [number]);
}

#[tokio::test]
async fn a_complaint_event_of_no_known_shape_is_stored_once_and_then_acknowledged() {
    let world = World::new().await;
    let merchant = &world.sandbox.merchant().mchid;
    let signed = |event_type| world.sandbox.signed_resource(merchant, event_type, br#"{"into":["2000"]}"#).unwrap();
    let notification = signed("COMPLAINT.MERGED");
    // The platform retries a message that could not be stored.
    std::fs::create_dir(world.journal()).unwrap();
    assert_eq!(world.post_signed(notification.clone(), |_| {}).await, 500);
    std::fs::remove_dir(world.journal()).unwrap();
    for _ in 0..2 {
        assert_eq!(world.post_signed(notification.clone(), |_| {}).await, 204);
    }
    let lines = world.lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["event_type"], "COMPLAINT.MERGED");
    assert!(lines[0]["id"].is_string());
    // Another event is none of this service's business.
    assert_eq!(world.post_signed(signed("TRANSACTION.SUCCESS"), |_| {}).await, 204);
    assert_eq!(world.lines().len(), 1);
}

#[tokio::test]
async fn a_notification_that_cannot_be_read_is_kept_and_then_acknowledged() {
    let world = World::new().await;
    let merchant = &world.sandbox.merchant().mchid;
    let resource = r#"{"complaint_id":"2000","complaint_detail":"a"b"}"#;
    let unread = world.sandbox.signed_resource(merchant, "COMPLAINT.CREATE", resource.as_bytes()).unwrap();
    std::fs::create_dir(world.journal()).unwrap();
    assert_eq!(world.post_signed(unread.clone(), |_| {}).await, 500);
    std::fs::remove_dir(world.journal()).unwrap();
    assert_eq!(world.post_signed(unread, |_| {}).await, 204);
    let lines = world.lines();
    assert_eq!(lines.len(), 1);
    assert_eq!((&lines[0]["complaint_id"], &lines[0]["unreadable"]), (&"2000".into(), &resource.into()));
    assert!(lines[0]["error"].is_string(), "{}", lines[0]);
}

#[tokio::test]
async fn it_stops_when_it_is_told() {
    let world = World::new().await;
    tokio::time::timeout(SOON, world.server.stop(true)).await.unwrap();
    assert!(std::net::TcpStream::connect(("127.0.0.1", world.port)).is_err());
}
