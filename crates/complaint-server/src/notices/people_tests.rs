//! The loop of a recipient, under tokio's paused clock, before simulated robots.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use complaint_inbox::{
    ComplaintKey, MemoryStore, Message as Heard, NearSteps, NewEvent, NewLetter, Reading, Source, StartAt,
};
use http::{Response, StatusCode};
use http_transport::{Deadline, SendError, SendErrorKind};
use platform_sandbox::{RobotKind, Robots};
use protocol_core::complaint::Complaint;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tower_service::Service;

use super::super::recipient::samples;
use super::*;
use crate::onward::Onward;
use crate::stopping::Stopping;

/// 2026-11-29 16:00 in China.
const NOON: i64 = 1_795_939_200;

/// How a line fails once.
#[derive(Debug, Clone)]
enum Failure {
    /// A response in the robot's place.
    Response(u16, &'static str),
    /// No response, in the time that a request has.
    Silence,
    /// The message is shown, and the response is lost.
    Lost,
}

/// The way to the robots. It stands at every URL.
#[derive(Clone)]
struct Line {
    robots: Arc<Robots>,
    clock: Clock,
    failures: Arc<Mutex<VecDeque<Failure>>>,
    /// When each request came, and its body.
    seen: Arc<Mutex<Vec<(i64, String)>>>,
    /// The time that a response takes.
    delay: Duration,
}

impl Service<Request<Bytes>> for Line {
    type Response = Response<Bytes>;
    type Error = SendError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, SendError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let now = self.clock.now();
        assert_eq!(request.headers()["content-type"], "application/json; charset=utf-8");
        assert_eq!(request.extensions().get::<Deadline>(), Some(&Deadline(ATTEMPT_TIMEOUT)));
        self.seen.lock().unwrap().push((now.0 - NOON, String::from_utf8(request.body().to_vec()).unwrap()));
        let failure = self.failures.lock().unwrap().pop_front();
        let (robots, delay) = (Arc::clone(&self.robots), self.delay);
        Box::pin(async move {
            sleep(delay).await;
            let silence = || SendError::unknown(SendErrorKind::Timeout, "no response");
            match failure {
                None if request.uri().host() == Some("shop.example") => Ok(Response::new(Bytes::new())),
                None => Ok(robots.handle(&request, now)),
                Some(Failure::Response(status, body)) => {
                    let mut response = Response::new(Bytes::from(body));
                    *response.status_mut() = StatusCode::from_u16(status).unwrap();
                    Ok(response)
                }
                Some(Failure::Silence) => {
                    sleep(ATTEMPT_TIMEOUT).await;
                    Err(silence())
                }
                Some(Failure::Lost) => {
                    drop(robots.handle(&request, now));
                    Err(silence())
                }
            }
        })
    }
}

struct World {
    store: MemoryStore,
    clock: Clock,
    line: Line,
    metrics: Metrics,
}

impl World {
    /// A world that begins so many hours after 16:00.
    fn new(hours: i64) -> Self {
        let began = Instant::now();
        let clock =
            Clock::new(move || UnixTime(NOON + hours * 3600 + i64::try_from(began.elapsed().as_secs()).unwrap()));
        let line = Line {
            robots: Arc::default(),
            clock: clock.clone(),
            failures: Arc::default(),
            seen: Arc::default(),
            delay: Duration::ZERO,
        };
        Self { store: MemoryStore::new(clock.clone()), clock, line, metrics: Metrics::default() }
    }

    /// Makes the recipients' queues known, so that they are told of all that follows.
    async fn open(&self, recipient: &Recipient) {
        for queue in People::new(recipient.clone()).queues() {
            self.store.open_endpoint(&queue, StartAt::Next).await.unwrap();
        }
    }

    /// A complaint that is read, with events.
    async fn happen(&self, id: &str, state: &str, kinds: &[EventKind]) {
        let key = ComplaintKey::new("wechat-pay", "1900000001", id);
        let newest = self.store.figures().await.unwrap().newest_event;
        let mut message = Heard::new(format!("EV-{newest}-{id}"), key.clone());
        message.events = kinds.iter().map(|kind| NewEvent::new(*kind, json!({}))).collect();
        self.store.hear(message).await.unwrap();
        let claims = self.store.claim(&key.source(), 1, 60).await.unwrap();
        let filed = jiff::Timestamp::from_second(NOON).unwrap();
        let row = format!(
            r#"{{"complaint_id":"1","complaint_time":"{filed}","complaint_state":"{state}","user_complaint_times":1,"complaint_detail":"canary-words"}}"#
        );
        let mut reading = Reading::new(row.clone());
        reading.deadlines = Some(Complaint::decode(row.as_bytes()).unwrap().trust_anyway().deadlines());
        reading.state = Some(state.to_owned());
        reading.is_closed = state == "PROCESSED";
        self.store.keep_reading(&claims[0], reading).await.unwrap();
    }

    async fn file(&self, ids: std::ops::Range<u32>) {
        for id in ids {
            self.happen(&id.to_string(), "PENDING", &[EventKind::Filed]).await;
        }
    }

    fn start(&self, recipients: &[Recipient]) -> (Stopping, JoinHandle<()>) {
        let stopping = Stopping::default();
        let onward = Onward::new(self.store.clone(), self.line.clone())
            .with_clock(self.clock.clone())
            .with_metrics(self.metrics.clone())
            .with_stopping(stopping.clone());
        let onward = recipients.iter().fold(onward, |onward, recipient| onward.notice(recipient.clone()).unwrap());
        (stopping, tokio::spawn(onward.run()))
    }

    /// Tells for so many seconds.
    async fn run(&self, recipients: &[Recipient], seconds: u64) {
        let (stopping, running) = self.start(recipients);
        sleep(Duration::from_secs(seconds)).await;
        stopping.stop();
        running.await.unwrap();
    }

    fn fail(&self, failures: impl IntoIterator<Item = Failure>) {
        self.line.failures.lock().unwrap().extend(failures);
    }

    /// The seconds at which requests came.
    fn times(&self) -> Vec<i64> {
        self.line.seen.lock().unwrap().iter().map(|(at, _)| *at).collect()
    }

    async fn left(&self) -> (u64, u64) {
        let figures = self.store.figures().await.unwrap();
        (figures.handovers, figures.dead)
    }
}

/// A recipient at a simulated robot.
fn robot(kind: RobotKind, members: &str) -> Recipient {
    let word = format!("{kind:?}").to_lowercase();
    let secret = if kind == RobotKind::Wecom { "" } else { "secret_file = \"robot.secret\"" };
    let members = format!("kind = \"{word}\"\nurl_file = \"robot.url\"\n{secret}\n{members}");
    samples::from(&members, &format!("http://127.0.0.1:9{}", kind.path()), kind.secret()).unwrap()
}

fn wecom(members: &str) -> Recipient {
    robot(RobotKind::Wecom, members)
}

#[tokio::test(start_paused = true)]
async fn each_robot_takes_what_it_is_told() {
    for kind in RobotKind::ALL {
        let (world, recipient) = (World::new(0), robot(kind, "mention = { users = [\"zhangsan\"] }"));
        world.open(&recipient).await;
        world.file(1..2).await;
        world.run(std::slice::from_ref(&recipient), 10).await;
        let texts = world.line.robots.texts(kind);
        assert_eq!(texts.len(), 1, "{kind:?}");
        assert!(texts[0].starts_with("投诉通知：新投诉 · 微信支付 · 1900000001\n单号：1\n状态：待处理"), "{texts:?}");
        assert_eq!(world.left().await, (0, 0));
        assert!(recipient.test(&world.line, world.clock.now()).await.is_ok());
        assert!(world.line.robots.texts(kind)[1].contains("这是一条测试消息"));
    }
}

#[tokio::test(start_paused = true)]
async fn many_events_are_one_message() {
    for (number, messages) in [(MAX_BUNDLE, 1), (MAX_BUNDLE + 1, 2)] {
        let (world, recipient) = (World::new(0), wecom(""));
        world.open(&recipient).await;
        world.file(0..number).await;
        world.run(&[recipient], 30).await;
        let texts = world.line.robots.texts(RobotKind::Wecom);
        assert_eq!(texts.len(), messages);
        assert!(texts[0].starts_with("投诉通知：共 100 条，以下是最早到期的 "), "{}", texts[0]);
        assert_eq!(world.left().await, (0, 0));
    }
}

/// A complaint each second for three minutes: no robot is ever told too fast, and none is lost.
#[tokio::test(start_paused = true)]
async fn a_robot_is_told_at_its_rate() {
    for kind in RobotKind::ALL {
        let (world, recipient) = (World::new(0), robot(kind, ""));
        world.open(&recipient).await;
        let (stopping, running) = world.start(&[recipient]);
        for id in 0..180 {
            world.file(id..id + 1).await;
            sleep(Duration::from_secs(1)).await;
        }
        sleep(Duration::from_secs(30)).await;
        stopping.stop();
        running.await.unwrap();
        assert_eq!(world.times().len(), world.line.robots.texts(kind).len(), "{kind:?}: none was refused");
        let told: usize = world.line.robots.texts(kind).iter().map(|text| text.matches("单号").count()).sum();
        assert_eq!((told, world.left().await), (180, (0, 0)), "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_the_end_and_is_counted() {
    let (world, recipient) = (World::new(0), wecom(""));
    world.open(&recipient).await;
    world.file(1..3).await;
    world.fail([Failure::Response(200, r#"{"errcode":"93000","errmsg":"invalid webhook url, hint: canary"}"#)]);
    world.run(std::slice::from_ref(&recipient), 60).await;
    assert_eq!((world.left().await, world.line.robots.texts(RobotKind::Wecom).len()), ((0, 2), 1));
    // The others hear that events are dead, and a person replays them.
    assert!(world.line.robots.texts(RobotKind::Wecom)[0].contains("已放弃的转发 2 条"));
    let metrics = world.metrics.text(&world.store.figures().await.unwrap());
    assert!(metrics.contains("complaints_notices_total{notice=\"group\",outcome=\"refused\"} 1"), "{metrics}");
    assert!(!metrics.contains("canary"));
    world.fail([Failure::Response(200, r#"{"errcode":93000,"errmsg":"invalid webhook url, hint: canary"}"#)]);
    assert_eq!(recipient.test(&world.line, world.clock.now()).await, Err("93000 invalid webhook url".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_platforms_failure_is_repeated_until_it_is_told() {
    let html = || Failure::Response(200, "<html>busy</html>");
    for (kind, failures, times) in [
        (RobotKind::Wecom, vec![Failure::Response(200, r#"{"errcode":-1,"errmsg":"system error"}"#)], vec![0, 5]),
        (RobotKind::Wecom, vec![Failure::Response(200, r#"{"errcode":45009}"#)], vec![0, 60]),
        (RobotKind::Feishu, vec![html(), html(), html(), html(), html()], vec![0, 5, 35, 95, 395, 695]),
        (RobotKind::Dingtalk, vec![Failure::Response(200, r#"{"errcode":130101}"#)], vec![0, 600]),
        (
            RobotKind::Dingtalk,
            vec![Failure::Response(200, r#"{"status":1111,"wait":5,"punish":"deny"}"#)],
            vec![0, 300],
        ),
        (RobotKind::Feishu, vec![Failure::Silence, Failure::Response(503, "")], vec![0, 20, 50]),
    ] {
        let (world, recipient) = (World::new(0), robot(kind, ""));
        world.open(&recipient).await;
        world.file(1..2).await;
        world.fail(failures);
        world.run(&[recipient], 1200).await;
        assert_eq!((world.times(), world.line.robots.texts(kind).len()), (times, 1), "{kind:?}");
        assert_eq!(world.left().await, (0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_response_may_show_a_message_twice() {
    let (world, recipient) = (World::new(0), wecom(""));
    world.open(&recipient).await;
    world.file(1..2).await;
    world.fail([Failure::Lost]);
    world.run(&[recipient], 60).await;
    assert_eq!((world.line.robots.texts(RobotKind::Wecom).len(), world.left().await), (2, (0, 0)));
}

#[tokio::test(start_paused = true)]
async fn an_event_is_given_up_after_three_days() {
    let (world, recipient) = (World::new(0), wecom("events = [\"filed\"]"));
    world.open(&recipient).await;
    world.file(1..2).await;
    world.fail(vec![Failure::Response(500, ""); 2000]);
    world.run(std::slice::from_ref(&recipient), u64::from(GIVE_UP_SECONDS) - 1).await;
    assert_eq!(world.left().await, (1, 0));
    world.run(&[recipient], 301).await;
    assert_eq!(world.left().await, (0, 1));
}

/// The server dies while a message is on its way: nothing is lost, and that message alone comes twice.
#[tokio::test(start_paused = true)]
async fn a_restart_repeats_at_most_the_message_on_its_way() {
    let (mut world, recipient) = (World::new(0), wecom(""));
    world.line.delay = Duration::from_secs(5);
    world.open(&recipient).await;
    world.file(1..4).await;
    let (_stopping, running) = world.start(std::slice::from_ref(&recipient));
    sleep(Duration::from_secs(1)).await;
    running.abort();
    world.file(4..6).await;
    world.run(&[recipient], 120).await;
    let bodies: Vec<String> = world.line.seen.lock().unwrap().iter().map(|(_, body)| body.clone()).collect();
    let numbers = |id: u32| bodies.iter().filter(|body| body.contains(&format!("单号：{id}\\n"))).count();
    assert_eq!((1..6).map(numbers).collect::<Vec<_>>(), [2, 2, 2, 1, 1]);
    assert_eq!(world.left().await, (0, 0));
}

#[tokio::test(start_paused = true)]
async fn notices_wait_for_the_end_of_the_quiet_hours() {
    // From 21:59 on.
    let world = World::new(5);
    let recipient = wecom("quiet = \"22:00-08:00\"\nwake = [\"refund_requested\"]");
    world.open(&recipient).await;
    let (stopping, running) = world.start(std::slice::from_ref(&recipient));
    sleep(Duration::from_secs(59 * 60)).await;
    world.file(1..2).await;
    sleep(Duration::from_secs(59)).await;
    assert_eq!(world.line.robots.texts(RobotKind::Wecom).len(), 1);
    sleep(Duration::from_secs(60)).await;
    world.file(2..4).await;
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(world.line.robots.texts(RobotKind::Wecom).len(), 1);
    world.happen("2", "PENDING", &[EventKind::RefundRequested]).await;
    sleep(Duration::from_secs(60)).await;
    let texts = world.line.robots.texts(RobotKind::Wecom);
    assert!(texts.len() == 2 && texts[1].starts_with("投诉通知：用户申请退款"), "{texts:?}");
    sleep(Duration::from_secs(10 * 3600)).await;
    stopping.stop();
    running.await.unwrap();
    let texts = world.line.robots.texts(RobotKind::Wecom);
    assert!(texts.len() == 3 && texts[2].starts_with("投诉通知：共 2 条"), "{texts:?}");
    let eight = NOON + 16 * 3600;
    assert_eq!(world.times()[2] / 60, (eight - NOON) / 60);
    assert_eq!(world.left().await, (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_was_met_is_not_told() {
    let steps = NearSteps::default();
    for (state, told) in [("PENDING", 1), ("PROCESSED", 0)] {
        // 18 hours after the filing the reply is due in 6 hours.
        let (world, recipient) = (World::new(18), wecom("events = [\"near\", \"overdue\"]\nnear_hours = [6, 1]"));
        world.open(&recipient).await;
        world.happen("1", "PENDING", &[]).await;
        world.store.note_deadlines(&recipient.near_steps(steps.clone()), 10).await.unwrap();
        world.happen("1", state, &[]).await;
        world.run(std::slice::from_ref(&recipient), 30).await;
        assert_eq!(world.line.robots.texts(RobotKind::Wecom).len(), told, "{state}");
        // The two last distances passed while nobody was told.
        sleep(Duration::from_secs(5 * 3600 + 1800)).await;
        world.store.note_deadlines(&recipient.near_steps(steps.clone()), 10).await.unwrap();
        world.run(std::slice::from_ref(&recipient), 30).await;
        sleep(Duration::from_secs(3600)).await;
        world.store.note_deadlines(&recipient.near_steps(steps.clone()), 10).await.unwrap();
        world.run(&[recipient], 30).await;
        let texts = world.line.robots.texts(RobotKind::Wecom);
        assert_eq!(texts.len(), told * 3, "{texts:?}");
        assert!(texts.last().is_none_or(|text| text.starts_with("投诉通知：已超时")), "{texts:?}");
        assert_eq!(world.left().await, (0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_distance_that_passed_with_the_next_is_told_once() {
    let (world, recipient) = (World::new(23), wecom("near_hours = [6, 1]"));
    world.open(&recipient).await;
    world.happen("1", "PENDING", &[]).await;
    world.store.note_deadlines(&recipient.near_steps(NearSteps::default()), 10).await.unwrap();
    assert_eq!(world.left().await.0, 2);
    world.run(&[recipient], 60).await;
    let texts = world.line.robots.texts(RobotKind::Wecom);
    assert!(texts.len() == 1 && texts[0].contains("即将到期") && texts[0].contains("还剩 60 分钟"), "{texts:?}");
}

/// A message tells of a complaint before it was read.
#[tokio::test(start_paused = true)]
async fn a_complaint_that_is_being_read_waits_for_its_deadline() {
    let (world, recipient) = (World::new(0), wecom(""));
    world.open(&recipient).await;
    let key = ComplaintKey::new("wechat-pay", "1900000001", "1");
    let mut message = Heard::new("EV-1", key);
    message.events = vec![NewEvent::new(EventKind::Filed, json!({}))];
    world.store.hear(message).await.unwrap();
    let (stopping, running) = world.start(&[recipient]);
    sleep(Duration::from_secs(u64::from(UNREAD_WAIT_SECONDS) - 1)).await;
    assert_eq!(world.times(), [0; 0]);
    world.happen("1", "PENDING", &[]).await;
    sleep(Duration::from_secs(5)).await;
    stopping.stop();
    running.await.unwrap();
    let texts = world.line.robots.texts(RobotKind::Wecom);
    assert!(texts.len() == 1 && texts[0].contains("须在"), "{texts:?}");
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_person_is_told_when_it_grows_and_after_a_restart() {
    let (world, recipient) = (World::new(0), wecom("events = [\"dead_letter\"]"));
    let letter = |content: &str| {
        NewLetter::new(Source::new("wechat-pay", "1900000001"), "no JSON", format!("canary {content}").into_bytes())
    };
    let (stopping, running) = world.start(std::slice::from_ref(&recipient));
    for (content, texts) in [("1", 1), ("1", 1), ("2", 2)] {
        world.store.keep_letter(letter(content)).await.unwrap();
        sleep(Duration::from_secs(u64::from(LOOK_SECONDS) * 2)).await;
        assert_eq!(world.line.robots.texts(RobotKind::Wecom).len(), texts, "{content}");
    }
    world.store.remove_letter(1, "li").await.unwrap();
    sleep(Duration::from_secs(600)).await;
    stopping.stop();
    running.await.unwrap();
    world.fail([Failure::Response(502, "")]);
    world.run(&[recipient], 60).await;
    let texts = world.line.robots.texts(RobotKind::Wecom);
    let counts: Vec<bool> =
        texts.iter().zip(["1 条", "2 条", "1 条"]).map(|(text, count)| text.contains(count)).collect();
    assert_eq!(counts, [true; 3], "{texts:?}");
    assert!(!format!("{texts:?}").contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn a_url_is_told_each_event_alone() {
    let members = "kind = \"url\"\nurl_file = \"robot.url\"\nevents = [\"filed\"]";
    let recipient = samples::from(members, "https://shop.example/in", "").unwrap();
    let world = World::new(0);
    world.open(&recipient).await;
    world.file(1..3).await;
    world.fail([Failure::Response(404, "")]);
    world.run(&[recipient], 30).await;
    let seen = world.line.seen.lock().unwrap().clone();
    let ids: Vec<Value> = seen
        .iter()
        .map(|(_, body)| {
            let document: Value = serde_json::from_str(body).unwrap();
            assert_eq!(document["event"]["type"], "complaint.filed");
            assert_eq!(document["complaint"]["state"], "PENDING");
            assert!(document["text"].as_str().unwrap().starts_with("投诉通知：新投诉"));
            assert!(!body.contains("canary"));
            document["event"]["data"]["id"].clone()
        })
        .collect();
    // A refused one is repeated, and holds up no other.
    assert_eq!(ids, [json!("1"), json!("2"), json!("1")]);
    assert_eq!(world.left().await, (0, 0));
}

#[cfg(unix)]
#[tokio::test]
async fn a_command_is_told_each_event_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("told");
    let command = format!("cat >> '{}'; echo >> '{}'", file.display(), file.display());
    let members = format!("kind = \"command\"\ncommand = [\"/bin/sh\", \"-c\", {command:?}]");
    let recipient = samples::from(&members, "", "").unwrap();
    let mut world = World::new(0);
    world.clock = Clock::new(|| SystemTime::now().into());
    world.open(&recipient).await;
    world.file(1..3).await;
    let (stopping, running) = world.start(std::slice::from_ref(&recipient));
    while world.left().await.0 > 0 {
        sleep(Duration::from_millis(20)).await;
    }
    stopping.stop();
    running.await.unwrap();
    let told = std::fs::read_to_string(&file).unwrap();
    let documents: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(documents.len(), 2);
    assert_eq!(documents[1]["event"]["data"]["id"], "2");
    assert_eq!(recipient.test(&world.line, world.clock.now()).await, Ok("the message was taken".to_owned()));
}

#[tokio::test]
async fn a_recipient_has_names_of_its_own() {
    let world = World::new(0);
    let onward = || Onward::new(world.store.clone(), world.line.clone());
    let waking = wecom("quiet = \"22:00-08:00\"\nwake = [\"overdue\"]");
    let nothing = async |_, _| Ok::<_, ()>(());
    for name in ["group", "group.wake"] {
        let twice = onward().handler(name, nothing).unwrap().notice(waking.clone());
        assert!(twice.unwrap_err().to_string().contains("two endpoints"), "{name}");
    }
    assert!(onward().handler("group.wake", nothing).unwrap().notice(wecom("")).is_ok());
}
