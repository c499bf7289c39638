//! Ten thousand notifications at once: each genuine one committed exactly once, each other refused.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_transport::{ClientConfig, HttpsClient, ListenerConfig, Resolve, Roots};
use platform_sandbox::{NotificationFault, Sandbox, SignedNotification};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use wechat_adapter::{Received, Webhook};

use crate::world::{World, account, listen, store};

const NOTIFICATIONS: usize = 10_000;
const AT_ONCE: usize = 64;

/// What is sent: the notification, and whether it is the platform's.
struct Sent {
    notification: SignedNotification,
    genuine: bool,
}

/// One notification, and how often and how it is sent.
struct Batch {
    copies: Vec<Sent>,
    at_once: bool,
}

/// Of each hundred: 80 once, 5 twice in a row, 5 twice at the same instant, 5 forged, 5 probes.
fn notifications(sandbox: &Sandbox) -> Vec<Batch> {
    let mchid = &sandbox.merchant().mchid;
    let forgeries =
        [NotificationFault::ForgedSignature, NotificationFault::ChangedBody, NotificationFault::UnknownSerial];
    let signed =
        |number: usize, fault| sandbox.signed_notification(mchid, &format!("{number:027}"), "CREATE_COMPLAINT", fault);
    (0..NOTIFICATIONS)
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

/// Sends until it is acknowledged, as the platform does; a copy that is none of the platform's is sent once.
async fn deliver(client: HttpsClient, url: Arc<str>, sent: Sent) -> Vec<u16> {
    let mut statuses = Vec::new();
    loop {
        statuses.push(post(&client, &url, &sent.notification).await);
        if !sent.genuine || statuses.last() == Some(&204) {
            return statuses;
        }
        assert!(statuses.len() < 100, "{statuses:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_notifications_are_committed_exactly_once() {
    let world = World::new().await;
    let committed: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
    let calls = Arc::new(AtomicUsize::new(0));
    let (ledger, counter) = (Arc::clone(&committed), Arc::clone(&calls));
    let webhook = Webhook::builder(store(), move |received: Received| {
        let ledger = Arc::clone(&ledger);
        // One call in twenty fails.
        let fails = counter.fetch_add(1, Ordering::Relaxed) % 20 == 7;
        async move {
            // Long enough for a copy of the same instant to come meanwhile.
            tokio::time::sleep(Duration::from_millis(2)).await;
            if fails {
                return Err("away");
            }
            *ledger.lock().unwrap().entry(received.notification.id).or_default() += 1;
            Ok(())
        }
    })
    .account(account(&world.sandbox))
    .build();
    let listening = listen(&world.sandbox, ListenerConfig::default(), webhook).await;
    let batches = notifications(&world.sandbox);
    let expected = batches.iter().filter(|batch| batch.copies[0].genuine).count();
    let strangers = NOTIFICATIONS - expected;
    let requests: usize = batches.iter().map(|batch| batch.copies.len()).sum();

    let roots = Roots::Pem(world.sandbox.root_certificate().as_bytes().to_vec());
    let config = ClientConfig::default().with_roots(roots).with_resolve(Resolve::To([127, 0, 0, 1].into()));
    let client = HttpsClient::new(config.with_max_idle_per_host(AT_ONCE)).unwrap();
    let (url, permits) = (Arc::<str>::from(&*listening.url), Arc::new(Semaphore::new(AT_ONCE)));
    let began = Instant::now();
    let mut sending = JoinSet::new();
    for Batch { copies, at_once } in batches {
        let permit = Arc::clone(&permits).acquire_owned().await.unwrap();
        let (client, url) = (client.clone(), Arc::clone(&url));
        sending.spawn(async move {
            let _permit = permit;
            let mut genuine = false;
            let mut statuses = Vec::new();
            let mut delivering = JoinSet::new();
            for sent in copies {
                genuine = sent.genuine;
                delivering.spawn(deliver(client.clone(), Arc::clone(&url), sent));
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
    let took = began.elapsed();
    let committed = committed.lock().unwrap();
    assert_eq!(committed.len(), expected, "each genuine one");
    assert!(committed.values().all(|times| *times == 1), "exactly once");
    assert_eq!(refused, strangers);
    assert_eq!(calls.load(Ordering::Relaxed), expected + failed);
    assert!(failed > 300 && told_to_come_again > 300, "{failed} {told_to_come_again}");
    eprintln!(
        "{NOTIFICATIONS} notifications ({requests} copies, {strangers} of strangers, {failed} failures of the handler, \
         {told_to_come_again} told to come again) in {took:.2?}: {:.0} a second",
        requests as f64 / took.as_secs_f64()
    );
}
