//! A great many notifications at once: each genuine one committed exactly once, each other refused.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_transport::{HttpsClient, Resolve};
use platform_sandbox::{NotificationFault, Sandbox, SignedNotification};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use wechat_adapter::{Notifications, Received, Webhook, WebhookTimeouts};

use crate::world::{PATIENCE, World, account, listen, patient, store, trusting};

const AT_ONCE: usize = 64;

/// A message to send: the notification, and whether it is the platform's.
struct Sent {
    notification: SignedNotification,
    genuine: bool,
}

/// One notification, and the way it is sent.
struct Batch {
    copies: Vec<Sent>,
    at_once: bool,
}

/// For each notification that is sent twice at the same instant: set once one of its copies was
/// told to retry.
type Twins = Arc<HashMap<String, Notify>>;

/// Of each hundred: 80 once, 5 twice in a row, 5 twice at the same instant, 5 forged, 5 probes.
fn notifications(sandbox: &Sandbox, count: usize) -> Vec<Batch> {
    let mchid = &sandbox.merchant().mchid;
    let forgeries =
        [NotificationFault::ForgedSignature, NotificationFault::ChangedBody, NotificationFault::UnknownSerial];
    let signed =
        |number: usize, fault| sandbox.signed_notification(mchid, &format!("{number:027}"), "CREATE_COMPLAINT", fault);
    (0..count)
        .map(|number| {
            let fault = match number % 100 {
                0..5 => Some(forgeries[number % forgeries.len()]),
                5..10 => Some(NotificationFault::Probe),
                _ => None,
            };
            let notification = signed(number, fault).unwrap();
            let copies = if (10..20).contains(&(number % 100)) { 2 } else { 1 };
            let copy = |_| Sent { notification: notification.clone(), genuine: fault.is_none() };
            Batch { copies: (0..copies).map(copy).collect(), at_once: number % 100 >= 15 }
        })
        .collect()
}

async fn post(client: &HttpsClient, url: &str, notification: &SignedNotification) -> u16 {
    let mut request = Request::post(url);
    for (name, value) in &notification.headers {
        request = request.header(name, value);
    }
    let request = request.body(Bytes::from(notification.body.clone())).unwrap();
    client.send(request).await.unwrap().status().as_u16()
}

/// Sends until it is acknowledged, as the platform does; a copy that is none of the platform's is
/// sent once.
async fn deliver(client: HttpsClient, url: Arc<str>, sent: Sent, twins: Twins) -> Vec<u16> {
    let mut statuses = Vec::new();
    loop {
        statuses.push(post(&client, &url, &sent.notification).await);
        if let (Some(503), Some(twin)) = (statuses.last(), twins.get(&sent.notification.id)) {
            twin.notify_one();
        }
        if !sent.genuine || statuses.last() == Some(&204) {
            return statuses;
        }
        assert!(statuses.len() < 10_000, "{statuses:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_hundred_notifications_are_committed_exactly_once() {
    notifications_are_committed_exactly_once(600).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a long load"]
async fn ten_thousand_notifications_are_committed_exactly_once() {
    notifications_are_committed_exactly_once(10_000).await;
}

async fn notifications_are_committed_exactly_once(count: usize) {
    let world = World::new().await;
    let batches = notifications(&world.sandbox, count);
    let expected = batches.iter().filter(|batch| batch.copies[0].genuine).count();
    let strangers = count - expected;
    let at_once = batches.iter().filter(|batch| batch.at_once && batch.copies.len() > 1);
    let twins: Twins =
        Arc::new(at_once.map(|batch| (batch.copies[0].notification.id.clone(), Notify::new())).collect());
    let committed: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
    let calls = Arc::new(AtomicUsize::new(0));
    let (ledger, counter, waiting) = (Arc::clone(&committed), Arc::clone(&calls), Arc::clone(&twins));
    let webhook = Webhook::builder(Notifications::of(account(&world.sandbox)), store(), move |received: Received| {
        let (ledger, twins) = (Arc::clone(&ledger), Arc::clone(&waiting));
        // One call in twenty fails.
        let fails = counter.fetch_add(1, Ordering::Relaxed) % 20 == 7;
        async move {
            // Until the copy of the same instant has come meanwhile, and was told to retry.
            if let Some(twin) = twins.get(&received.notification.id) {
                twin.notified().await;
            }
            if fails {
                return Err("away");
            }
            *ledger.lock().unwrap().entry(received.notification.id).or_default() += 1;
            Ok(())
        }
    })
    .timeouts(WebhookTimeouts::default().with_handler(PATIENCE))
    .build();
    let listening = listen(&world.sandbox, patient(), webhook).await;
    let config = trusting(&world.sandbox).with_resolve(Resolve::To([127, 0, 0, 1].into()));
    let client = HttpsClient::new(config.with_max_idle_per_host(AT_ONCE)).unwrap();
    let (url, permits) = (Arc::<str>::from(&*listening.url), Arc::new(Semaphore::new(AT_ONCE)));
    let mut sending = JoinSet::new();
    for Batch { copies, at_once } in batches {
        let permit = Arc::clone(&permits).acquire_owned().await.unwrap();
        let (client, url, twins) = (client.clone(), Arc::clone(&url), Arc::clone(&twins));
        sending.spawn(async move {
            let _permit = permit;
            let mut genuine = false;
            let mut statuses = Vec::new();
            let mut delivering = JoinSet::new();
            for sent in copies {
                genuine = sent.genuine;
                delivering.spawn(deliver(client.clone(), Arc::clone(&url), sent, Arc::clone(&twins)));
                if !at_once {
                    statuses.extend(delivering.join_next().await.unwrap().unwrap());
                }
            }
            statuses.extend(delivering.join_all().await.into_iter().flatten());
            (genuine, statuses)
        });
    }
    let (mut refused, mut told_to_come_again, mut failed) = (0, 0, 0);
    for (genuine, statuses) in sending.join_all().await {
        if genuine {
            assert!(statuses.iter().all(|status| matches!(status, 204 | 500 | 503)), "{statuses:?}");
            told_to_come_again += statuses.iter().filter(|status| **status == 503).count();
            failed += statuses.iter().filter(|status| **status == 500).count();
        } else {
            assert_eq!(statuses, [401]);
            refused += 1;
        }
    }
    let committed = committed.lock().unwrap();
    assert_eq!(committed.len(), expected, "each genuine one");
    assert!(committed.values().all(|times| *times == 1), "exactly once");
    assert_eq!(refused, strangers);
    assert_eq!(calls.load(Ordering::Relaxed), expected + failed);
    assert!(failed > count * 3 / 100, "{failed}");
    assert!(told_to_come_again >= count / 20, "{told_to_come_again}");
}
