//! A great many notifications at once: each genuine one is on disk before its 204, and in the inbox
//! once. Copies, forgeries and probes are among them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use complaint_inbox::SqliteStore;
use complaint_server::{Desk, Hosts, May, Tokens, WECHAT_PAY_PATH, router};
use http::Request;
use http_body_util::BodyExt as _;
use http_transport::{ClientConfig, HttpsClient, Resolve, Roots};
use platform_sandbox::{NewComplaint, NotificationFault, SignedNotification};
use protocol_core::OperationInfo as _;
use protocol_core::wechat_pay::ListComplaints;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower_service::Service as _;

use crate::world::{SOON, World};

/// Connections.
const AT_ONCE: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_notifications_are_stored_once() {
    notifications_are_stored_once(300).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a long load"]
async fn ten_thousand_notifications_are_stored_once() {
    notifications_are_stored_once(10_000).await;
}

/// A message of a complaint, and how many copies are sent at once.
struct Sent {
    id: String,
    fault: Option<NotificationFault>,
    copies: usize,
}

/// Of each hundred: 80 once, 10 twice at once, 5 forged, 5 probes. Returns the complaints of the
/// genuine ones, too.
fn messages(world: &World, count: usize) -> (Vec<Sent>, BTreeSet<String>) {
    let forgeries =
        [NotificationFault::ForgedSignature, NotificationFault::ChangedBody, NotificationFault::UnknownSerial];
    let mut genuine = BTreeSet::new();
    let message = |number: usize| {
        let fault = match number % 100 {
            0..5 => Some(forgeries[number % forgeries.len()]),
            5..10 => Some(NotificationFault::Probe),
            _ => None,
        };
        let id = world.sandbox.file_complaint(NewComplaint::default());
        if fault.is_none() {
            genuine.insert(id.clone());
        }
        Sent { id, fault, copies: if (10..20).contains(&(number % 100)) { 2 } else { 1 } }
    };
    ((0..count).map(message).collect(), genuine)
}

async fn notifications_are_stored_once(count: usize) {
    let mut world = World::new().await;
    world.start().await;
    let url: Arc<str> = format!("{}{WECHAT_PAY_PATH}", world.serve().await).into();
    // The platform knows no URL, and lists once, before there are complaints.
    world.until(async |world| world.asked(ListComplaints::NAME) > 0).await;
    let (messages, genuine) = messages(&world, count);
    let roots = Roots::Pem(world.sandbox.root_certificate().as_bytes().to_vec());
    let config = ClientConfig::default().with_roots(roots).with_deadline(SOON).with_connect_timeout(SOON);
    let config = config.with_resolve(Resolve::To([127, 0, 0, 1].into())).with_max_idle_per_host(AT_ONCE);
    let client = HttpsClient::new(config).unwrap();

    let begun = Instant::now();
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut sending = JoinSet::new();
    let mchid = &world.sandbox.merchant().mchid;
    for Sent { id, fault, copies } in messages {
        let is_genuine = fault.is_none();
        // Signed when its turn has come: a signature is refused after a few minutes.
        let sign = || world.sandbox.signed_notification(mchid, &id, "CREATE_COMPLAINT", fault).unwrap();
        let mut signed = None;
        for _ in 0..copies {
            let permit = Arc::clone(&permits).acquire_owned().await.unwrap();
            let notification = Arc::clone(signed.get_or_insert_with(|| Arc::new(sign())));
            let (client, url) = (client.clone(), Arc::clone(&url));
            sending.spawn(async move {
                let _permit = permit;
                deliver(&client, &url, &notification, is_genuine).await
            });
        }
    }
    let mut times = Vec::new();
    for (is_genuine, status, time) in sending.join_all().await {
        assert_eq!(status, if is_genuine { 204 } else { 401 });
        times.extend(is_genuine.then_some(time));
    }
    let rate = genuine.len() as f64 / begun.elapsed().as_secs_f64();

    times.sort();
    let [middle, slow] = [50, 99].map(|percent| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0);
    let floor = AT_ONCE as f64 / sync_time(&world).as_secs_f64();
    println!("{rate:.0} notifications a second, floor {floor:.0}; half within {middle:.1} ms, 99 of 100 {slow:.1} ms");
    // A complaint that is read meanwhile moves in the list, and a store that is in use may still move it.
    world.crash().await;
    let desk = Reader::of(&world, world.open().await);
    assert_eq!(desk.complaints().await, genuine.iter().map(|id| (id.clone(), 1)).collect());
    assert_eq!(desk.filed().await, genuine.into_iter().map(|id| (id, 1)).collect());
}

/// Sends until it is acknowledged, as the platform does; a message that is none of the platform's is
/// sent once. Returns the last status, and how long its response took.
async fn deliver(
    client: &HttpsClient,
    url: &str,
    notification: &SignedNotification,
    is_genuine: bool,
) -> (bool, u16, Duration) {
    loop {
        let mut request = Request::post(url);
        for (name, value) in &notification.headers {
            request = request.header(name, value);
        }
        let begun = Instant::now();
        let request = request.body(Bytes::from(notification.body.clone())).unwrap();
        let status = client.send(request).await.unwrap().status().as_u16();
        // A copy of the same instant, or a store that is too slow for now.
        if !is_genuine || status != 503 {
            return (is_genuine, status, begun.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The median time of a sync, of as many bytes as 64 notifications have, in the folder of the inbox.
fn sync_time(world: &World) -> Duration {
    let mut file = File::create(world.path("floor")).unwrap();
    let sync = |_| {
        let begun = Instant::now();
        file.write_all(&[b'x'; AT_ONCE * 160]).unwrap();
        file.sync_data().unwrap();
        begun.elapsed()
    };
    let mut times: Vec<Duration> = (0..100).map(sync).collect();
    times.sort();
    times[times.len() / 2]
}

/// One who reads the API, under two tokens: each has its rate.
struct Reader {
    desk: Router,
    tokens: [String; 2],
}

impl Reader {
    fn of(world: &World, store: SqliteStore) -> Self {
        let file = world.path("tokens.toml");
        let add = |name| String::from_utf8(Tokens::add(&file, name, May::Read).unwrap().expose().to_vec()).unwrap();
        let tokens = ["lists", "feeds"].map(add);
        let hosts = Hosts::of(HOST.parse().unwrap());
        Self { desk: router(Desk::new(store, Tokens::from_file(&file).unwrap(), hosts)), tokens }
    }

    /// How often each complaint is in the list.
    async fn complaints(&self) -> BTreeMap<String, u64> {
        let mut complaints = BTreeMap::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&self.tokens[0], &format!("/api/complaints?limit=200&cursor={cursor}")).await;
            for row in page["complaints"].as_array().unwrap() {
                *complaints.entry(row["id"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            match page["next"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return complaints,
            }
        }
    }

    /// How often each complaint is told to be filed.
    async fn filed(&self) -> BTreeMap<String, u64> {
        let mut filed = BTreeMap::new();
        let mut after = 0;
        loop {
            let page = self.get(&self.tokens[1], &format!("/api/events?limit=200&wait=0&after={after}")).await;
            let events = page["events"].as_array().unwrap();
            if events.is_empty() {
                return filed;
            }
            for event in events.iter().filter(|event| event["type"] == "complaint.filed") {
                *filed.entry(event["data"]["id"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            after = page["next"].as_i64().unwrap();
        }
    }

    async fn get(&self, token: &str, path: &str) -> Value {
        let request = Request::get(path).header("host", HOST).header("authorization", format!("Bearer {token}"));
        let response = self.desk.clone().call(request.body(Body::empty()).unwrap()).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice(&body).unwrap()
    }
}

const HOST: &str = "127.0.0.1:8080";
