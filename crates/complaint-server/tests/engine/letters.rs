//! Messages that are forged, or genuine and cannot be read.

use std::time::Duration;

use bytes::Bytes;
use complaint_inbox::{Letter, Store as _};
use complaint_server::{WECHAT_PAY_PATH, mini_program_path};
use http::{HeaderName, HeaderValue, Request, Response};
use http_transport::{ClientConfig, HttpsClient, Listener, ListenerConfig, Resolve, Roots, ServerTls};
use platform_sandbox::{
    NewComplaint, NewOrderComplaint, NotificationFault, PushFault, PushFormat, PushMode, SignedNotification,
    SignedPush, WEBHOOK_HOST,
};
use protocol_core::wechat_pay::QueryNotificationUrl;
use tokio::time::sleep;

use crate::world::{SOON, World};

impl World {
    /// The URL of the webhooks, as the platform has it.
    async fn url(&self) -> String {
        let channels = self.channels();
        let registered = channels.wechat_pay().next().unwrap().client().send(&QueryNotificationUrl).await.unwrap();
        registered.url.strip_suffix(WECHAT_PAY_PATH).unwrap().to_owned()
    }

    /// Sends as the platform does, at most so often while the response is 503: on a busy disk the store
    /// may be too slow for the webhook.
    async fn send(&self, attempts: usize, request: impl Fn() -> Request<Bytes>) -> Response<Bytes> {
        let config = ClientConfig::default()
            .with_roots(Roots::Pem(self.sandbox.root_certificate().into()))
            .with_deadline(SOON)
            .with_connect_timeout(SOON)
            .with_resolve(Resolve::To([127, 0, 0, 1].into()));
        let client = HttpsClient::new(config).unwrap();
        for _ in 1..attempts {
            let response = client.send(request()).await.unwrap();
            if response.status() != 503 {
                return response;
            }
            sleep(Duration::from_millis(100)).await;
        }
        client.send(request()).await.unwrap()
    }

    /// Posts a custom push; the status and the response.
    async fn post(&self, push: &SignedPush, attempts: usize) -> (u16, String) {
        let path = mini_program_path(&self.sandbox.mini_program().appid);
        let url = format!("{}{path}?{}", self.url().await, push.query);
        let request = || Request::post(&url).body(push.body.clone().into()).unwrap();
        let response = self.send(attempts, request).await;
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
    }

    /// Posts a custom notification; the status.
    pub(crate) async fn notify(&self, notification: &SignedNotification, attempts: usize) -> u16 {
        let url = format!("{}{WECHAT_PAY_PATH}", self.url().await);
        let request = || {
            let mut request = Request::post(&url).body(Bytes::from(notification.body.clone())).unwrap();
            request.headers_mut().extend(
                notification
                    .headers
                    .iter()
                    .map(|(name, value)| (HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap())),
            );
            request
        };
        self.send(attempts, request).await.status().as_u16()
    }

    async fn letters(&self) -> Vec<Letter> {
        self.store().letters(0, 100).await.unwrap()
    }

    /// Makes letters impossible to keep, or possible again.
    fn break_letters(&self, is_broken: bool) {
        let other = rusqlite::Connection::open(self.path("inbox.db")).unwrap();
        other.busy_timeout(SOON).unwrap();
        let sql = if is_broken {
            "CREATE TRIGGER broken BEFORE INSERT ON letter BEGIN SELECT RAISE(ABORT, 'out of order'); END"
        } else {
            "DROP TRIGGER broken"
        };
        other.execute_batch(sql).unwrap();
    }
}

const ONCE: usize = 1;
pub(crate) const UNTIL_STORED: usize = 100;

fn text(letter: &Letter) -> &str {
    std::str::from_utf8(letter.letter.content.expose()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_notification_is_refused() {
    let world = World::listening().await;
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
        assert_eq!(world.notify(&forged, UNTIL_STORED).await, 401, "{fault:?}");
        assert_eq!(world.record(&world.wechat_pay(number)).await, None);
    }
    assert!(world.letters().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_cannot_be_read_is_kept_once_and_acknowledged() {
    let world = World::listening().await;
    let number = "8622000000000000001";
    let fault = Some(PushFault::Truncated);
    let truncated = world.sandbox.signed_push(number, PushMode::Secure, PushFormat::Xml, fault);
    for _ in 0..3 {
        assert_eq!(world.post(&truncated, UNTIL_STORED).await, (200, "success".to_owned()));
    }
    let letters = world.letters().await;
    assert_eq!(letters.len(), 1);
    assert!(text(&letters[0]).starts_with("<xml>") && !text(&letters[0]).ends_with("</xml>"));
    assert!(letters[0].letter.reason.code.as_deref() == Some("unreadable"));
    assert_eq!(letters[0].letter.complaint_id.as_deref(), Some(number));
    // By its number there is reason to read it.
    let record = world.record(&world.mini_program(number)).await.unwrap();
    assert_eq!((record.summary.heard, record.document.is_none()), (1, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_whose_push_cannot_be_read_is_read_by_its_number() {
    let mut world = World::new().await;
    // No push tells of it yet, and no list has it.
    let number = world.sandbox.file_order_complaint(NewOrderComplaint::default().with_content("与描述不符"));
    world.start().await;
    world.listen().await;
    let broken = format!(r#"{{"Event":"complaint_callback","complaint_order_id":"{number}","status":"a"b"}}"#);
    for _ in 0..2 {
        let push = world.sandbox.signed_message(broken.as_bytes(), PushMode::Secure, PushFormat::Json);
        assert_eq!(world.post(&push, UNTIL_STORED).await, (200, "success".to_owned()));
    }
    let letters = world.letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].letter.complaint_id.as_deref(), text(&letters[0])), (Some(&*number), &*broken));
    let document = world.read(&world.mini_program(&number)).await.document.unwrap();
    assert!(document.expose().contains("与描述不符"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_names_no_complaint_is_kept_once_and_acknowledged() {
    let world = World::listening().await;
    let nameless = [
        r#"{"Event":"complaint_callback","status":"201","customer_material_content":"与描述不符","new":"1"}"#,
        r#"{"Event":"complaint_callback","status":"201","complaint_order_id":""}"#,
    ];
    for (already, message) in nameless.into_iter().enumerate() {
        let push = || world.sandbox.signed_message(message.as_bytes(), PushMode::Secure, PushFormat::Json);
        // The platform retries a message that could not be kept.
        world.break_letters(true);
        assert_eq!(world.post(&push(), ONCE).await.0, 503);
        assert_eq!(world.letters().await.len(), already);
        world.break_letters(false);
        for _ in 0..2 {
            assert_eq!(world.post(&push(), UNTIL_STORED).await, (200, "success".to_owned()));
            assert_eq!(world.letters().await.len(), already + 1);
        }
    }
    let letters = world.letters().await;
    assert_eq!(letters.iter().map(text).collect::<Vec<_>>(), nameless);
    assert_eq!(world.store().figures().await.unwrap().open, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_cannot_be_read_is_kept_once_and_acknowledged() {
    let world = World::listening().await;
    let merchant = &world.sandbox.merchant().mchid;
    let unreadable = [r#"{"complaint_id":""}"#, r#"{"complaint_id":"1","complaint_detail":"a"b"}"#];
    for (already, resource) in unreadable.into_iter().enumerate() {
        let notification = world.sandbox.signed_resource(merchant, "COMPLAINT.CREATE", resource.as_bytes()).unwrap();
        world.break_letters(true);
        assert_eq!(world.notify(&notification, ONCE).await, 503);
        world.break_letters(false);
        for _ in 0..2 {
            assert_eq!(world.notify(&notification, UNTIL_STORED).await, 204);
        }
        let letters = world.letters().await;
        assert_eq!((letters.len(), text(&letters[already])), (already + 1, resource));
    }
    // By the number that stands before the damage it is asked for.
    assert_eq!(world.letters().await[1].letter.complaint_id.as_deref(), Some("1"));
    assert_eq!(world.record(&world.wechat_pay("1")).await.unwrap().summary.heard, 1);
    assert_eq!(world.record(&world.wechat_pay("")).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_event_of_no_known_form_is_kept_once_and_acknowledged() {
    let world = World::listening().await;
    let merchant = &world.sandbox.merchant().mchid;
    let signed =
        |event_type, resource: &str| world.sandbox.signed_resource(merchant, event_type, resource.as_bytes()).unwrap();
    let resource = r#"{"into":["2000"],"weight":1e999}"#;
    let notification = signed("COMPLAINT.MERGED", resource);
    world.break_letters(true);
    assert_eq!(world.notify(&notification, ONCE).await, 503);
    world.break_letters(false);
    for _ in 0..2 {
        assert_eq!(world.notify(&notification, UNTIL_STORED).await, 204);
    }
    let letters = world.letters().await;
    assert_eq!((letters.len(), text(&letters[0])), (1, resource));
    assert!(letters[0].letter.reason.words.contains("COMPLAINT.MERGED"));
    // Another event is none of the inbox's business.
    assert_eq!(world.notify(&signed("TRANSACTION.SUCCESS", r#"{"into":["2000"]}"#), UNTIL_STORED).await, 204);
    assert_eq!(world.letters().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_without_a_mini_program_is_served() {
    let mut world = World::new().await;
    let settings = std::fs::read_to_string(world.path("complaints.toml")).unwrap();
    let is_other = |section: &&str| !section.starts_with("mini-program]") && !section.starts_with("virtual-payment]");
    let sections: Vec<&str> = settings.split("\n[").filter(is_other).collect();
    let alone = sections.join("\n[");
    assert_ne!(alone, settings);
    std::fs::write(world.path("complaints.toml"), alone).unwrap();
    world.start().await;
    let (chain, key) = world.sandbox.webhook_identity();
    let tls = ServerTls::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), ListenerConfig::default().with_tls(tls)).await.unwrap();
    let url = format!("https://{WEBHOOK_HOST}:{}{WECHAT_PAY_PATH}", listener.local_addr().port());
    tokio::spawn(listener.serve(world.engine().webhooks().unwrap(), std::future::pending()));
    world.channels().wechat_pay().next().unwrap().client().ensure_notification_url(&url).await.unwrap();
    let id = world.sandbox.file_complaint(NewComplaint::default());
    world.read(&world.wechat_pay(&id)).await;
    let push = world.sandbox.signed_push("8622000000000000001", PushMode::Secure, PushFormat::Xml, None);
    assert_eq!(world.post(&push, UNTIL_STORED).await.0, 404);
}
