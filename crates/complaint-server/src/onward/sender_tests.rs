//! The loop of an endpoint, under tokio's paused clock: time passes by itself, for the store too.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use complaint_inbox::{ComplaintKey, EventKind, MemoryStore, Message, NewEvent, Replay};
use http::{Request, Response};
use http_transport::{Deadline, SendError, SendErrorKind};
use protocol_core::UnixTime;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tower_service::Service;

use super::super::attempt::ATTEMPT_TIMEOUT;
use super::super::ladder::LADDER_SECONDS;
use super::super::signature::SigningSecret;
use super::*;

/// The statuses with which a receiver responds; `None` is no connection. After the last, 204.
type Script = Vec<Option<(u16, Option<&'static str>)>>;

/// A service that is handed events. It stands at every URL.
#[derive(Clone)]
struct Receiver {
    began: Instant,
    delay: Duration,
    script: Arc<Mutex<Script>>,
    seen: Arc<Mutex<Vec<Attempt>>>,
}

#[derive(Debug, Clone, PartialEq)]
struct Attempt {
    at: u64,
    host: String,
    id: String,
    timestamp: i64,
    version: i64,
}

impl Receiver {
    fn new(script: Script) -> Self {
        Self {
            began: Instant::now(),
            delay: Duration::ZERO,
            script: Arc::new(Mutex::new(script)),
            seen: Arc::default(),
        }
    }

    fn seen(&self) -> Vec<Attempt> {
        self.seen.lock().unwrap().clone()
    }

    fn versions(&self) -> Vec<i64> {
        self.seen().iter().map(|attempt| attempt.version).collect()
    }
}

impl Service<Request<Bytes>> for Receiver {
    type Response = Response<Bytes>;
    type Error = SendError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, SendError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        let document: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(request.extensions().get::<Deadline>(), Some(&Deadline(ATTEMPT_TIMEOUT)));
        self.seen.lock().unwrap().push(Attempt {
            at: self.began.elapsed().as_secs(),
            host: request.uri().host().unwrap().to_owned(),
            id: header("webhook-id"),
            timestamp: header("webhook-timestamp").parse().unwrap(),
            version: document["data"]["version"].as_i64().unwrap(),
        });
        let mut script = self.script.lock().unwrap();
        let down = request.uri().host() == Some("down.example");
        let next = match (down, script.is_empty()) {
            (true, _) => None,
            (false, true) => Some((204, None)),
            (false, false) => script.remove(0),
        };
        let delay = self.delay;
        Box::pin(async move {
            sleep(delay).await;
            let Some((status, retry_after)) = next else {
                return Err(SendError::not_sent(SendErrorKind::Connect, "no such service"));
            };
            let response = Response::builder().status(status);
            let response =
                retry_after.into_iter().fold(response, |response, after| response.header("retry-after", after));
            Ok(response.body(Bytes::new()).unwrap())
        })
    }
}

struct World {
    store: MemoryStore,
    clock: Clock,
}

impl World {
    fn new() -> Self {
        let began = Instant::now();
        let seconds = move || UnixTime(1_795_939_200 + i64::try_from(began.elapsed().as_secs()).unwrap());
        let clock = Clock::new(seconds);
        Self { store: MemoryStore::new(clock.clone()), clock }
    }

    /// Writes an event for each complaint.
    async fn happen(&self, ids: &[&str]) {
        for id in ids {
            let newest = self.store.figures().await.unwrap().newest_event;
            let mut message = Message::new(format!("EV-{newest}"), ComplaintKey::new("wechat-pay", "1900000001", *id));
            message.events = vec![NewEvent::new(EventKind::Updated, json!({}))];
            self.store.hear(message).await.unwrap();
        }
    }

    fn start(&self, receiver: &Receiver, hosts: &[&str]) -> (Stopping, JoinHandle<()>) {
        let stopping = Stopping::default();
        let onward = Onward::new(self.store.clone(), receiver.clone()).with_clock(self.clock.clone());
        let onward = hosts.iter().fold(onward.with_stopping(stopping.clone()), |onward, host| {
            let secret = SigningSecret::generate().unwrap();
            onward.endpoint(Endpoint::new(*host, &format!("https://{host}/"), secret).unwrap()).unwrap()
        });
        (stopping, tokio::spawn(onward.run()))
    }

    /// Hands on for so many seconds.
    async fn run(&self, receiver: &Receiver, hosts: &[&str], seconds: u64) {
        let (stopping, running) = self.start(receiver, hosts);
        sleep(Duration::from_secs(seconds)).await;
        stopping.stop();
        running.await.unwrap();
    }
}

const SHOP: &[&str] = &["shop.example"];

#[tokio::test(start_paused = true)]
async fn events_arrive_once_and_in_order() {
    let (world, receiver) = (World::new(), Receiver::new(Vec::new()));
    world.happen(&["1", "2", "1"]).await;
    let (stopping, running) = world.start(&receiver, SHOP);
    sleep(Duration::from_secs(10)).await;
    world.happen(&["2"]).await;
    sleep(Duration::from_secs(10)).await;
    stopping.stop();
    running.await.unwrap();
    assert_eq!(receiver.versions(), [1, 2, 3, 4]);
    assert_eq!(world.store.figures().await.unwrap().handovers, 0);
}

#[tokio::test(start_paused = true)]
async fn an_event_is_sent_ten_times_under_one_id_and_is_then_dead() {
    let (world, receiver) = (World::new(), Receiver::new(vec![Some((500, None)); 10]));
    world.happen(&["1", "1"]).await;
    world.run(&receiver, SHOP, 80 * 3600).await;
    let seen = receiver.seen();
    assert_eq!(receiver.versions(), [[1; 10].as_slice(), &[2]].concat());
    assert!(seen[..10].iter().all(|attempt| attempt.id == "evt_0000000000000001_1795939200"), "{seen:?}");
    for (pair, step) in seen.windows(2).zip(LADDER_SECONDS) {
        let waited = pair[1].at - pair[0].at;
        let (least, rest) = (u64::from(step - step / 10), 2 + 5);
        assert!((least..=u64::from(step) + rest).contains(&waited), "{step}: {waited}");
        assert_eq!(pair[1].timestamp - pair[0].timestamp, i64::try_from(waited).unwrap());
    }
    assert_eq!(world.store.figures().await.unwrap().dead, 1);
    // A person replays what is dead.
    assert_eq!(world.store.replay(SHOP[0], Replay::Dead).await, Ok(1));
    world.run(&receiver, SHOP, 10).await;
    assert_eq!((receiver.versions().len(), receiver.seen()[11].id.clone()), (12, seen[0].id.clone()));
    assert_eq!(world.store.figures().await.unwrap().dead, 0);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_is_down_holds_up_no_other() {
    let (world, receiver) = (World::new(), Receiver::new(Vec::new()));
    world.happen(&["1", "2"]).await;
    world.run(&receiver, &["down.example", "shop.example"], 4).await;
    let at =
        |host: &str| receiver.seen().into_iter().filter(|seen| seen.host == host).map(|seen| seen.version).collect();
    let (down, up): (Vec<i64>, Vec<i64>) = (at("down.example"), at("shop.example"));
    assert_eq!((down, up), (vec![1, 2], vec![1, 2]));
    assert_eq!(world.store.figures().await.unwrap().handovers, 2);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_is_gone_receives_nothing_until_the_next_start() {
    let (world, receiver) = (World::new(), Receiver::new(vec![Some((410, None))]));
    world.happen(&["1"]).await;
    let (_stopping, running) = world.start(&receiver, SHOP);
    sleep(Duration::from_secs(600)).await;
    world.happen(&["2"]).await;
    sleep(Duration::from_secs(600)).await;
    assert!(running.is_finished());
    assert_eq!(receiver.versions(), [1]);
    assert_eq!(world.store.figures().await.unwrap().dead, 0);
    world.run(&receiver, SHOP, 10).await;
    assert_eq!(receiver.versions(), [1, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_says_when_it_wants_the_next_attempt() {
    let (world, receiver) = (World::new(), Receiver::new(vec![Some((503, Some("120")))]));
    world.happen(&["1"]).await;
    world.run(&receiver, SHOP, 600).await;
    let seen = receiver.seen();
    assert_eq!(receiver.versions(), [1, 1]);
    assert!((120..=122).contains(&(seen[1].at - seen[0].at)), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn so_many_events_are_on_their_way_and_no_more() {
    let (world, mut receiver) = (World::new(), Receiver::new(Vec::new()));
    receiver.delay = Duration::from_secs(10);
    let ids: Vec<String> = (0..=MAX_IN_FLIGHT).map(|id| id.to_string()).collect();
    world.happen(&ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    world.run(&receiver, SHOP, 15).await;
    let at: Vec<u64> = receiver.seen().iter().map(|attempt| attempt.at).collect();
    assert_eq!(at, [[0; MAX_IN_FLIGHT as usize].as_slice(), &[10]].concat());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_in_hand_is_finished_when_the_server_stops() {
    let (world, mut receiver) = (World::new(), Receiver::new(Vec::new()));
    receiver.delay = Duration::from_secs(3);
    world.happen(&["1", "1"]).await;
    let began = Instant::now();
    world.run(&receiver, SHOP, 1).await;
    assert_eq!(began.elapsed(), Duration::from_secs(3));
    assert_eq!((receiver.versions(), world.store.figures().await.unwrap().handovers), (vec![1], 1));
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_may_begin_with_the_next_event() {
    let (world, receiver) = (World::new(), Receiver::new(Vec::new()));
    world.happen(&["1"]).await;
    let endpoint = Endpoint::new("shop", "https://shop.example/", SigningSecret::generate().unwrap()).unwrap();
    let onward = Onward::new(world.store.clone(), receiver.clone()).endpoint(endpoint.from_now_on()).unwrap();
    let running = tokio::spawn(onward.run());
    sleep(Duration::from_secs(5)).await;
    world.happen(&["2"]).await;
    sleep(Duration::from_secs(5)).await;
    running.abort();
    assert_eq!(receiver.versions(), [2]);
}

#[tokio::test]
async fn each_endpoint_has_a_name_of_its_own() {
    let endpoint =
        |name: &str| Endpoint::new(name, "https://shop.example/", SigningSecret::generate().unwrap()).unwrap();
    let onward = Onward::new(World::new().store, Receiver::new(Vec::new()));
    let onward = onward.endpoint(endpoint("a")).unwrap().endpoint(endpoint("b")).unwrap();
    assert!(onward.endpoint(endpoint("a")).unwrap_err().to_string().contains("two endpoints"));
}

/// An event waits for neither the next look nor another endpoint.
#[tokio::test(start_paused = true)]
async fn a_bell_hands_an_event_on_at_once() {
    let (world, receiver, bell) = (World::new(), Receiver::new(Vec::new()), Bell::default());
    let endpoint = Endpoint::new("shop", "https://shop.example/", SigningSecret::generate().unwrap()).unwrap();
    let onward = Onward::new(world.store.clone(), receiver.clone()).with_events(bell.clone());
    let running = tokio::spawn(onward.endpoint(endpoint).unwrap().run());
    sleep(Duration::from_millis(3_300)).await;
    world.happen(&["1"]).await;
    bell.ring();
    sleep(Duration::from_millis(1)).await;
    running.abort();
    assert_eq!(receiver.versions(), [1]);
}

/// An endpoint at a host, with a secret of this digit.
fn shop(host: &str, digit: u8) -> Endpoint {
    let secret = format!("whsec_{}", String::from_utf8(vec![digit; 32]).unwrap());
    Endpoint::new("shop", &format!("https://{host}/"), SigningSecret::read(secret.as_bytes()).unwrap()).unwrap()
}

/// An `Onward` that runs, and its endpoints.
fn running(world: &World, receiver: &Receiver, endpoint: Endpoint) -> (Endpoints, Stopping, JoinHandle<()>) {
    let stopping = Stopping::default();
    let onward = Onward::new(world.store.clone(), receiver.clone()).with_clock(world.clock.clone());
    let onward = onward.with_stopping(stopping.clone()).endpoint(endpoint).unwrap();
    let endpoints = onward.endpoints();
    (endpoints, stopping, tokio::spawn(onward.run()))
}

impl Endpoints {
    fn replace(&self, services: Vec<Endpoint>) {
        self.replaced(services, Vec::new()).unwrap()();
    }
}

fn hosts(receiver: &Receiver) -> Vec<(String, i64)> {
    receiver.seen().into_iter().map(|seen| (seen.host, seen.version)).collect()
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_changes_finishes_what_is_in_hand_and_goes_on_at_its_new_place() {
    let (world, mut receiver) = (World::new(), Receiver::new(Vec::new()));
    receiver.delay = Duration::from_secs(3);
    world.happen(&["1", "1"]).await;
    let (endpoints, stopping, running) = running(&world, &receiver, shop("a.example", b'A'));
    sleep(Duration::from_secs(1)).await;
    endpoints.replace(vec![shop("b.example", b'A')]);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(hosts(&receiver), [("a.example".to_owned(), 1)], "the first is in hand");
    sleep(Duration::from_secs(10)).await;
    assert_eq!(hosts(&receiver), [("a.example".to_owned(), 1), ("b.example".to_owned(), 2)]);
    assert_eq!(world.store.figures().await.unwrap().handovers, 0);
    stopping.stop();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_goes_leaves_its_events_and_misses_none_when_it_comes_back() {
    let (world, receiver) = (World::new(), Receiver::new(vec![Some((500, None))]));
    world.happen(&["1"]).await;
    let (endpoints, stopping, running) = running(&world, &receiver, shop("a.example", b'A'));
    sleep(Duration::from_secs(1)).await;
    endpoints.replace(Vec::new());
    assert_eq!(endpoints.names(), [""; 0]);
    world.happen(&["2"]).await;
    sleep(Duration::from_secs(3600)).await;
    assert_eq!((receiver.versions(), world.store.figures().await.unwrap().handovers), (vec![1], 2));
    assert!(!running.is_finished());
    endpoints.replace(vec![shop("a.example", b'A')]);
    sleep(Duration::from_secs(10)).await;
    assert_eq!((receiver.versions(), world.store.figures().await.unwrap().handovers), (vec![1, 1, 2], 0));
    stopping.stop();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_is_gone_stays_so_until_its_section_is_another_one() {
    let (world, receiver) = (World::new(), Receiver::new(vec![Some((410, None))]));
    world.happen(&["1"]).await;
    let (endpoints, stopping, running) = running(&world, &receiver, shop("a.example", b'A'));
    sleep(Duration::from_secs(600)).await;
    endpoints.replace(vec![shop("a.example", b'A')]);
    sleep(Duration::from_secs(600)).await;
    assert_eq!(receiver.versions(), [1]);
    endpoints.replace(vec![shop("a.example", b'B')]);
    sleep(Duration::from_secs(600)).await;
    assert_eq!(receiver.versions(), [1, 1]);
    stopping.stop();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_rests_is_changed_at_once() {
    let (world, receiver) = (World::new(), Receiver::new(vec![Some((429, Some("3600")))]));
    world.happen(&["1", "2"]).await;
    let (endpoints, stopping, running) = running(&world, &receiver, shop("a.example", b'A'));
    sleep(Duration::from_secs(60)).await;
    let before = receiver.seen().len();
    endpoints.replace(vec![shop("b.example", b'A')]);
    sleep(Duration::from_secs(1)).await;
    world.happen(&["3"]).await;
    sleep(Duration::from_secs(2)).await;
    assert_eq!(hosts(&receiver)[before..], [("b.example".to_owned(), 3)]);
    stopping.stop();
    running.await.unwrap();
}

#[tokio::test]
async fn a_change_with_one_name_twice_is_refused_and_functions_of_this_process_stay() {
    let world = World::new();
    let onward = Onward::new(world.store.clone(), Receiver::new(Vec::new()));
    let onward = onward.handler("crm", async |_, _| Ok::<_, ()>(())).unwrap();
    let endpoints = onward.endpoints();
    endpoints.replace(vec![shop("a.example", b'A')]);
    assert_eq!(endpoints.names(), ["crm", "shop"]);
    let crm = Endpoint::new("crm", "https://shop.example/", SigningSecret::generate().unwrap()).unwrap();
    for services in [vec![crm], vec![shop("a.example", b'A'), shop("b.example", b'A')]] {
        let refused = endpoints.replaced(services, Vec::new()).map(drop).unwrap_err();
        assert!(refused.to_string().contains("two endpoints"), "{refused}");
        assert_eq!(endpoints.names(), ["crm", "shop"]);
    }
    endpoints.replace(Vec::new());
    assert_eq!(endpoints.names(), ["crm"]);
}

/// Seconds and numbers of the events that a handler was handed.
type Handled = Arc<Mutex<Vec<(u64, i64)>>>;

/// Hands on for so long to a handler that ends as it is told, by the number of an event and how often
/// it was handed.
async fn handle<D>(
    world: &World,
    seconds: u64,
    end: impl Fn(i64, usize) -> D + Send + Sync + 'static,
) -> Vec<(u64, i64)>
where
    D: Future<Output = Result<(), &'static str>> + Send + 'static,
{
    let (began, handled) = (Instant::now(), Handled::default());
    let seen = Arc::clone(&handled);
    let onward = Onward::new(world.store.clone(), Receiver::new(Vec::new())).handler("crm", move |_, event: Event| {
        let mut seen = seen.lock().unwrap();
        seen.push((began.elapsed().as_secs(), event.number));
        let times = seen.iter().filter(|(_, number)| *number == event.number).count();
        drop(seen);
        end(event.number, times)
    });
    let running = tokio::spawn(onward.unwrap().run());
    sleep(Duration::from_secs(seconds)).await;
    running.abort();
    handled.lock().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn a_handler_is_handed_each_event_once_and_in_order() {
    let world = World::new();
    world.happen(&["1", "2", "1"]).await;
    let handled = handle(&world, 10, async |_, _| Ok(())).await;
    assert_eq!(handled, [(0, 1), (0, 2), (0, 3)]);
    assert_eq!(world.store.figures().await.unwrap().handovers, 0);
    // It is known by its name at the next start.
    world.happen(&["2"]).await;
    assert_eq!(handle(&world, 10, async |_, _| Ok(())).await, [(0, 4)]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_fails_holds_up_one_complaint_and_is_called_again() {
    let world = World::new();
    world.happen(&["1", "1", "2"]).await;
    let handled = handle(&world, 400, async |number, times| match (number, times) {
        (1, 1) => Err("no"),
        (1, 2) => panic!("it is caught"),
        _ => Ok(()),
    });
    let handled = handled.await;
    assert_eq!(handled.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [1, 3, 1, 1, 2]);
    assert_eq!((handled[0].0, handled[1].0), (0, 0));
    assert!((5..=7).contains(&handled[2].0), "{handled:?}");
    assert!((275..=309).contains(&handled[3].0), "{handled:?}");
}

#[tokio::test(start_paused = true)]
async fn a_handler_has_as_much_time_as_a_service() {
    let world = World::new();
    world.happen(&["1", "2"]).await;
    let handled = handle(&world, 60, async |number, times| {
        let moment = Duration::from_millis(1);
        if times == 1 {
            // The second event takes a moment more than it may.
            sleep(if number == 1 { ATTEMPT_TIMEOUT - moment } else { ATTEMPT_TIMEOUT + moment }).await;
        }
        Ok(())
    });
    let numbers: Vec<i64> = handled.await.iter().map(|(_, number)| *number).collect();
    assert_eq!(numbers, [1, 2, 2]);
}

#[tokio::test]
async fn a_handler_has_a_name_of_its_own_and_rings_for_acts() {
    let world = World::new();
    let onward = || Onward::new(world.store.clone(), Receiver::new(Vec::new()));
    let nothing = async |_, _| Ok::<_, ()>(());
    for name in ["", "a/b"] {
        assert!(onward().handler(name, nothing).unwrap_err().to_string().contains("name"), "{name}");
    }
    let twice = onward().handler("crm", nothing).unwrap().handler("crm", nothing);
    assert!(twice.unwrap_err().to_string().contains("two endpoints"));
    world.happen(&["1"]).await;
    let work = Bell::default();
    let mut rings = work.listener();
    let running = tokio::spawn(onward().handler("crm", nothing).unwrap().with_work(work).run());
    rings.rung().await;
    running.abort();
}
