//! The Mini Program's push: three modes, two formats, every fault, and a great many pushes.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_transport::{HttpsClient, Resolve};
use platform_sandbox::{
    NewOrderComplaint, PushConfig, PushFault, PushFormat, PushMode, Sandbox, SignedPush, WEBHOOK_HOST,
};
use protocol_core::Secret;
use protocol_core::mini_program::{EncodingAesKey, Mode, Receiver};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use wechat_adapter::mini_program::{Pushed, Pushes};
use wechat_adapter::{Webhook, WebhookTimeouts};

use crate::world::{
    Listening, PATIENCE as SETTLING, PATIENCE, installed, listen, patient, started as sandbox, store, trusting,
};

const FORMATS: [PushFormat; 3] = [PushFormat::Xml, PushFormat::FlatXml, PushFormat::Json];

fn receiver(sandbox: &Sandbox, mode: PushMode) -> Receiver {
    let account = sandbox.mini_program();
    let mode = match mode {
        PushMode::Plain => Mode::Plain,
        PushMode::Compatible => Mode::Compatible,
        PushMode::Secure => Mode::Secure,
    };
    let key = (mode != Mode::Plain).then(|| EncodingAesKey::read(&account.encoding_aes_key).unwrap());
    Receiver::new(account.appid, Secret::new(account.token.into_bytes()), mode, key).unwrap()
}

/// The number of times that each complaint's number was stored.
#[derive(Clone, Default)]
struct Inbox(Arc<Mutex<HashMap<String, usize>>>);

impl Inbox {
    fn store(&self, pushed: &Pushed) {
        let complaint = pushed.received.push().complaint().expect("a complaint");
        let id = complaint.complaint_order_id.clone().expect("its number");
        *self.0.lock().unwrap().entry(id).or_default() += 1;
    }

    fn times(&self, id: &str) -> usize {
        self.0.lock().unwrap().get(id).copied().unwrap_or(0)
    }
}

async fn listening(sandbox: &Sandbox, mode: PushMode, inbox: &Inbox) -> Listening {
    let stored = inbox.clone();
    let webhook = Webhook::builder(Pushes::of(receiver(sandbox, mode)), store(), move |pushed: Pushed| {
        stored.store(&pushed);
        std::future::ready(Ok::<(), Infallible>(()))
    })
    .build();
    listen(sandbox, patient(), webhook).await
}

#[tokio::test]
async fn pushes_arrive_in_every_mode_and_format() {
    for mode in [PushMode::Plain, PushMode::Compatible, PushMode::Secure] {
        for format in FORMATS {
            let (sandbox, inbox) = (sandbox().await, Inbox::default());
            let listening = listening(&sandbox, mode, &inbox).await;
            let config = PushConfig::new(listening.url.clone()).with_mode(mode).with_format(format);
            sandbox.set_push(config).await.unwrap_or_else(|error| panic!("{mode:?} {format:?}: {error}"));
            let id = sandbox.file_order_complaint(NewOrderComplaint::default().with_history_entries(3));
            assert!(sandbox.settled(SETTLING).await);
            assert_eq!(inbox.times(&id), 1, "{mode:?} {format:?}: {:?}", sandbox.sent_pushes());
            assert!(sandbox.sent_pushes().iter().all(|sent| sent.acknowledged));
        }
    }
}

#[tokio::test]
async fn each_push_is_stored_once_whatever_comes_with_it() {
    let (sandbox, inbox) = (sandbox().await, Inbox::default());
    let listening = listening(&sandbox, PushMode::Secure, &inbox).await;
    let config = PushConfig::new(listening.url.clone());
    sandbox.set_push(config).await.unwrap();
    for fault in [
        PushFault::Duplicate,
        PushFault::DuplicateAtOnce(8),
        PushFault::Forged,
        PushFault::WrongMode,
        PushFault::WrongAppid,
        PushFault::Stale,
        PushFault::Truncated,
        PushFault::ControlCharacters,
        PushFault::EntityBomb,
        PushFault::Doctype,
    ] {
        sandbox.inject_push(fault);
        let id = sandbox.file_order_complaint(NewOrderComplaint::default());
        assert!(sandbox.settled(SETTLING).await);
        assert_eq!(inbox.times(&id), 1, "{fault:?}: {:?}", sandbox.sent_pushes());
    }
}

#[tokio::test]
async fn the_url_is_verified_with_the_right_token_only() {
    let (one, other) = (sandbox().await, sandbox().await);
    let inbox = Inbox::default();
    let listening = listening(&other, PushMode::Secure, &inbox).await;
    let config = PushConfig::new(listening.url.clone());
    if one.mini_program().token != other.mini_program().token {
        one.set_push(config.clone()).await.unwrap_err();
    }
    other.set_push(config).await.unwrap();
}

/// A message to send: the push, its mode, and whether it is the platform's.
struct Sent {
    push: SignedPush,
    genuine: bool,
}

async fn post(client: &HttpsClient, url: &str, push: &SignedPush) -> (u16, Bytes) {
    let request = Request::post(format!("{url}?{}", push.query)).header("Content-Type", push.content_type);
    let response = client.send(request.body(Bytes::from(push.body.clone())).unwrap()).await.unwrap();
    (response.status().as_u16(), response.into_body())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_hundred_pushes_are_committed_exactly_once() {
    pushes_are_committed_exactly_once(600).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a long load"]
async fn ten_thousand_pushes_are_committed_exactly_once() {
    pushes_are_committed_exactly_once(10_000).await;
}

async fn pushes_are_committed_exactly_once(count: usize) {
    const AT_ONCE: usize = 64;
    const MODES: [PushMode; 3] = [PushMode::Plain, PushMode::Compatible, PushMode::Secure];

    let sandbox = sandbox().await;
    let inbox = Inbox::default();
    let calls = Arc::new(AtomicUsize::new(0));
    let webhook_of = |mode| {
        let (inbox, counter) = (inbox.clone(), Arc::clone(&calls));
        Webhook::builder(Pushes::of(receiver(&sandbox, mode)), store(), move |pushed: Pushed| {
            let inbox = inbox.clone();
            // One call in twenty fails.
            let fails = counter.fetch_add(1, Ordering::Relaxed) % 20 == 7;
            async move {
                tokio::time::sleep(Duration::from_millis(2)).await;
                if fails {
                    return Err("away");
                }
                inbox.store(&pushed);
                Ok(())
            }
        })
        .timeouts(WebhookTimeouts::default().with_handler(PATIENCE))
        .build()
    };
    let mut listeners = Vec::new();
    for mode in MODES {
        listeners.push(listen(&sandbox, patient(), webhook_of(mode)).await);
    }
    let config = trusting(&sandbox).with_resolve(Resolve::To([127, 0, 0, 1].into()));
    let client = HttpsClient::new(config.with_max_idle_per_host(AT_ONCE)).unwrap();

    // Of each hundred: 80 once, 10 twice at the same instant, 10 forged.
    let batches: Vec<(String, usize, Vec<Sent>)> = (0..count)
        .map(|number| {
            let id = format!("{}", 8_000_000 + number);
            let which = number % 3;
            let fault = (number % 100 < 10).then_some(PushFault::Forged);
            let push = sandbox.signed_push(&id, MODES[which], FORMATS[number / 3 % 3], fault);
            let copies = if (10..20).contains(&(number % 100)) { 2 } else { 1 };
            let copy = |_| Sent { push: push.clone(), genuine: fault.is_none() };
            (id, which, (0..copies).map(copy).collect())
        })
        .collect();
    let expected: Vec<String> =
        batches.iter().filter(|(_, _, copies)| copies[0].genuine).map(|(id, ..)| id.clone()).collect();
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut sending = JoinSet::new();
    for (_, which, copies) in batches {
        for sent in copies {
            let permit = Arc::clone(&permits).acquire_owned().await.unwrap();
            let (client, url) = (client.clone(), listeners[which].url.clone());
            sending.spawn(async move {
                let _permit = permit;
                let mut statuses = Vec::new();
                loop {
                    let (status, body) = post(&client, &url, &sent.push).await;
                    statuses.push(status);
                    assert_eq!(status == 200, &*body == b"success", "{status} {body:?}");
                    if !sent.genuine || status == 200 {
                        return (sent.genuine, statuses);
                    }
                    assert!(statuses.len() < 100, "{statuses:?}");
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            });
        }
    }
    let mut refused = 0;
    for (genuine, statuses) in sending.join_all().await {
        if genuine {
            assert!(statuses.iter().all(|status| matches!(status, 200 | 500 | 503)), "{statuses:?}");
        } else {
            assert_eq!(statuses, [401]);
            refused += 1;
        }
    }
    assert_eq!(refused, count / 10);
    assert!(expected.iter().all(|id| inbox.times(id) == 1), "each genuine one exactly once");
    assert_eq!(inbox.0.lock().unwrap().len(), expected.len());
}

#[tokio::test]
async fn bad_input_by_curl_is_refused_and_the_listener_lives() {
    if !installed("curl") {
        return;
    }
    let (sandbox, inbox) = (sandbox().await, Inbox::default());
    let listening = listening(&sandbox, PushMode::Secure, &inbox).await;
    let folder = std::env::temp_dir().join(format!("wechat-adapter-pushes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let root = folder.join("root.pem");
    std::fs::write(&root, sandbox.root_certificate()).unwrap();
    let post = async |push: &SignedPush| -> u16 {
        let body = folder.join("body");
        std::fs::write(&body, &push.body).unwrap();
        let output = Command::new("curl")
            .args(["--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--max-time", "120"])
            .args(["--noproxy", "*", "--cacert", root.to_str().unwrap()])
            .args(["--resolve", &format!("{WEBHOOK_HOST}:{}:127.0.0.1", listening.address.port())])
            .args(["--header", &format!("Content-Type: {}", push.content_type)])
            .args(["--data-binary", &format!("@{}", body.to_str().unwrap())])
            .arg(format!("{}?{}", listening.url, push.query))
            .output()
            .await
            .expect("curl is installed");
        String::from_utf8(output.stdout).unwrap().parse().unwrap()
    };
    let signed = |fault| sandbox.signed_push("8622001", PushMode::Secure, PushFormat::Xml, fault);
    for (fault, statuses) in [
        (PushFault::Forged, &[401][..]),
        (PushFault::WrongMode, &[400, 401, 500]),
        (PushFault::WrongAppid, &[401]),
        (PushFault::Stale, &[401]),
        (PushFault::EntityBomb, &[500]),
        (PushFault::Truncated, &[500]),
    ] {
        let status = post(&signed(Some(fault))).await;
        assert!(statuses.contains(&status), "{fault:?}: {status}");
    }
    let mut huge = signed(None);
    huge.body.resize(64 * 1024 * 1024, b' ');
    let status = post(&huge).await;
    assert!(matches!(status, 413 | 100 | 0), "{status}");
    assert_eq!(post(&signed(None)).await, 200, "the listener lives");
    assert_eq!(inbox.times("8622001"), 1);
    std::fs::remove_dir_all(&folder).unwrap();
}
