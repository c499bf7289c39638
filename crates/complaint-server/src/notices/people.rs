//! The round of a recipient: claim what it has yet to be told, tell it, end the claims.

use std::sync::{Mutex, MutexGuard, PoisonError};

use complaint_channels::{NoticeEvent, NoticeKind};
use complaint_inbox::{
    AbortPoint, ComplaintRecord, Event, EventKind, Handover, HandoverOutcome, MAX_NEAR_SECONDS, Store, StoreError, Wait,
};
use futures_util::future::join_all;
use http::header::CONTENT_TYPE;
use http::{Request, Uri};
use http_transport::Transport;
use protocol_core::complaint::{DeadlineStatus, Deadlines};
use protocol_core::{Clock, UnixTime};
use serde_json::{Value, json};

use super::body::body;
use super::command;
use super::recipient::{Recipient, Way};
use super::response::{self, Told};
use super::sign::dingtalk;
use super::text::{self, Item};
use crate::desk::ComplaintRow;
use crate::event_document::EventDocument;
use crate::metrics::{Family, Metrics};
use crate::onward::{ATTEMPT_TIMEOUT, LEASE_SECONDS, Reply, Then, exchange, reply, verdict};

/// A recipient, and what is remembered of it while the server runs.
#[derive(Debug)]
pub(crate) struct People {
    recipient: Recipient,
    memory: Mutex<Memory>,
}

/// A restart forgets it: what waits for a person is then told once more.
#[derive(Debug, Default)]
struct Memory {
    /// Failures in a row.
    failures: usize,
    /// When the inbox was asked last for what waits for a person.
    looked: Option<UnixTime>,
    /// What was told of it.
    waiting: Waiting,
}

/// What waits for a person.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Waiting {
    /// Letters.
    letters: u64,
    /// The number of the newest letter.
    newest: i64,
    /// Events that an endpoint was given up on.
    dead: u64,
}

/// The server's parts that a round needs.
#[derive(Debug)]
pub(crate) struct Means<'a, S, T> {
    pub(crate) store: &'a S,
    pub(crate) transport: &'a T,
    pub(crate) clock: &'a Clock,
    pub(crate) metrics: &'a Metrics,
}

/// A message: its text for robots, its document for programs.
#[derive(Debug)]
struct Message {
    text: String,
    document: Value,
}

/// What one sending came to.
#[derive(Debug)]
enum Sent {
    /// To a robot.
    Robot(Told),
    /// To a command or a URL, whose ladder is that of every endpoint.
    Plain(Reply),
}

impl People {
    pub(crate) fn new(recipient: Recipient) -> Self {
        Self { recipient, memory: Mutex::default() }
    }

    pub(crate) const fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// The names under which the inbox keeps events for it.
    pub(crate) fn queues(&self) -> Vec<String> {
        self.recipient.queues()
    }

    /// Tells one message. `None`: there is nothing, or the store failed.
    pub(crate) async fn round<S: Store, T: Transport>(&self, means: &Means<'_, S, T>) -> Option<Then> {
        if let Some(queue) = self.recipient.waking_queue()
            && let Some(then) = self.tell_events(means, &queue, true).await
        {
            return Some(then);
        }
        if !self.recipient.is_quiet(means.clock.now())
            && let Some(then) = self.tell_events(means, &self.recipient.name, false).await
        {
            return Some(then);
        }
        self.tell_waiting(means).await
    }

    /// Tells the events of a queue. What a recipient does not want is done without a message.
    async fn tell_events<S: Store, T: Transport>(
        &self,
        means: &Means<'_, S, T>,
        queue: &str,
        is_waking: bool,
    ) -> Option<Then> {
        let recipient = &self.recipient;
        let claims = means.store.claim_handovers(queue, self.bundle(), LEASE_SECONDS).await.ok()?;
        if claims.is_empty() {
            return None;
        }
        let now = means.clock.now();
        let is_for_this = |claim: &&Handover| {
            let reason = recipient.reason(&claim.event);
            reason.is_some_and(|reason| recipient.waking_queue().is_none() || recipient.wakes(reason) == is_waking)
        };
        let (wanted, others): (Vec<&Handover>, Vec<&Handover>) = claims.iter().partition(is_for_this);
        let records = join_all(wanted.iter().map(|claim| means.store.complaint(&claim.event.complaint))).await;
        // If the store fails here, the leases lapse and the events are claimed once more.
        let records: Vec<Option<ComplaintRecord>> = records.into_iter().collect::<Result<_, StoreError>>().ok()?;
        let (mut told, mut items) = (Vec::new(), Vec::new());
        let mut done: Vec<_> = others.into_iter().map(|claim| (claim, HandoverOutcome::Delivered)).collect();
        for (claim, record) in wanted.into_iter().zip(&records) {
            if recipient.is_overtaken(&claim.event, now) || is_outdated(&claim.event, record.as_ref(), now) {
                done.push((claim, HandoverOutcome::Delivered));
            } else if claim.failed == 0 && record.as_ref().is_some_and(|record| record.summary.read_at.is_none()) {
                // The reading, which is on its way, knows what is due.
                done.push((claim, HandoverOutcome::Failed(Wait::Seconds(UNREAD_WAIT_SECONDS))));
            } else {
                told.push(claim);
                items.push(Item { event: &claim.event, record: record.as_ref() });
            }
        }
        finish(means.store, &done).await;
        if items.is_empty() {
            return Some(Then::GoOn);
        }
        let sent = self.send(means.transport, &events_message(recipient, &items, now), now).await;
        AbortPoint::EventSent.reach();
        let (outcomes, then): (Vec<_>, Vec<_>) = told.iter().map(|claim| self.outcome(&sent, claim, now)).unzip();
        self.note(means.metrics, &sent, told.len());
        finish(means.store, &told.into_iter().zip(outcomes).collect::<Vec<_>>()).await;
        Some(then.into_iter().max().unwrap_or(Then::GoOn).max(self.rest(&sent)))
    }

    /// Tells what waits for a person, once it has become more.
    async fn tell_waiting<S: Store, T: Transport>(&self, means: &Means<'_, S, T>) -> Option<Then> {
        let (recipient, now) = (&self.recipient, means.clock.now());
        let is_due = self.memory().looked.is_none_or(|at| now >= at.plus(LOOK_SECONDS) || now < at);
        if !is_due || !recipient.wants(NoticeEvent::DeadLetter) || recipient.waits(NoticeEvent::DeadLetter, now) {
            return None;
        }
        let before = self.memory().waiting;
        let waiting = waiting(means.store, before.newest).await.ok()?;
        self.memory().looked = Some(now);
        if waiting.newest <= before.newest && waiting.dead <= before.dead {
            self.memory().waiting = waiting;
            return None;
        }
        let text = text::waiting(recipient, waiting.letters, waiting.dead);
        let document = json!({"text": text, "waiting": {"letters": waiting.letters, "dead": waiting.dead}});
        let sent = self.send(means.transport, &Message { text, document }, now).await;
        self.note(means.metrics, &sent, 1);
        let (is_over, rest) = match &sent {
            Sent::Robot(told) => (!matches!(told, Told::Later { .. }), self.rest(&sent)),
            Sent::Plain(reply) if verdict(*reply, 0, 0).outcome == HandoverOutcome::Delivered => (true, Then::GoOn),
            Sent::Plain(_) => (false, Then::Rest(PLAIN_REST_SECONDS)),
        };
        let mut memory = self.memory();
        if is_over {
            memory.waiting = waiting;
        } else {
            memory.looked = None;
        }
        Some(rest)
    }

    /// The outcome of one event, and how the recipient goes on.
    fn outcome(&self, sent: &Sent, claim: &Handover, now: UnixTime) -> (HandoverOutcome, Then) {
        match sent {
            Sent::Robot(Told::Delivered) => (HandoverOutcome::Delivered, Then::GoOn),
            Sent::Robot(Told::Refused { .. }) => (HandoverOutcome::Dead, Then::GoOn),
            Sent::Robot(Told::Later { .. }) => {
                let is_old = now >= claim.event.at.plus(GIVE_UP_SECONDS);
                let outcome = if is_old { HandoverOutcome::Dead } else { HandoverOutcome::Failed(Wait::None) };
                (outcome, Then::GoOn)
            }
            Sent::Plain(reply) => {
                let verdict = verdict(*reply, claim.failed, fastrand::u8(..));
                (verdict.outcome, verdict.then)
            }
        }
    }

    /// The rest after a message: a robot's rate, or what a failure asks for.
    fn rest(&self, sent: &Sent) -> Then {
        let mut memory = self.memory();
        let Sent::Robot(told) = sent else { return Then::GoOn };
        match told {
            Told::Later { rest, .. } => {
                let step = RESTS_SECONDS.get(memory.failures).copied().unwrap_or(LONG_REST_SECONDS);
                memory.failures = memory.failures.saturating_add(1);
                Then::Rest(rest.unwrap_or(step).clamp(step_of(self.recipient.kind()), MAX_REST_SECONDS))
            }
            Told::Delivered | Told::Refused { .. } => {
                memory.failures = 0;
                Then::Rest(step_of(self.recipient.kind()))
            }
        }
    }

    /// Counts and logs a message, without its URL and its words.
    fn note(&self, metrics: &Metrics, sent: &Sent, events: usize) {
        let (word, reason) = match sent {
            Sent::Robot(Told::Delivered) => ("delivered", None),
            Sent::Robot(Told::Later { reason, .. }) => ("failed", Some(reason.clone())),
            Sent::Robot(Told::Refused { reason }) => ("refused", Some(reason.clone())),
            Sent::Plain(reply) => {
                let word = verdict(*reply, 0, 0).word;
                (word, (word != "delivered").then(|| reply.to_string()))
            }
        };
        metrics.count(Family::Notices, &[("notice", &self.recipient.name), ("outcome", word)]);
        #[cfg(feature = "tracing")]
        if let Some(reason) = &reason {
            tracing::warn!(notice = self.recipient.name, outcome = word, events, reason, "people were not told");
        }
        #[cfg(not(feature = "tracing"))]
        let _ = (reason, events);
    }

    /// Most events in one message: programs take them one by one.
    const fn bundle(&self) -> u32 {
        match self.recipient.kind() {
            NoticeKind::Command | NoticeKind::Url => 1,
            _ => MAX_BUNDLE,
        }
    }

    async fn send<T: Transport>(&self, transport: &T, message: &Message, now: UnixTime) -> Sent {
        send(&self.recipient, transport, message, now).await
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recipient {
    /// Sends a test message, and returns what the recipient responded with.
    ///
    /// # Errors
    /// The failure, in words: the platform's code, a status, or that there was no response.
    pub async fn test<T: Transport>(&self, transport: &T, now: UnixTime) -> Result<String, String> {
        let text = text::test(self);
        let document = json!({ "text": text });
        match send(self, transport, &Message { text, document }, now).await {
            Sent::Robot(Told::Delivered) => Ok("the robot took the message".to_owned()),
            Sent::Robot(Told::Later { reason, .. } | Told::Refused { reason }) => Err(reason),
            Sent::Plain(reply) => match verdict(reply, 0, 0).outcome {
                HandoverOutcome::Delivered => Ok("the message was taken".to_owned()),
                _ => Err(reply.to_string()),
            },
        }
    }
}

/// Ends claims. If the store fails here, the leases lapse and the message is sent once more.
async fn finish<S: Store>(store: &S, claims: &[(&Handover, HandoverOutcome)]) {
    drop(join_all(claims.iter().map(|(claim, outcome)| store.finish_handover(claim, *outcome))).await);
}

async fn send<T: Transport>(recipient: &Recipient, transport: &T, message: &Message, now: UnixTime) -> Sent {
    let url = match &recipient.way {
        Way::Command(program, arguments) => {
            let document = message.document.to_string();
            return Sent::Plain(Reply::Local(
                command::run(program, arguments, document.as_bytes(), ATTEMPT_TIMEOUT).await,
            ));
        }
        Way::Url(url) => return Sent::Plain(post(transport, url.clone(), message.document.to_string(), now).await.0),
        Way::Wecom(url) | Way::Feishu(url, _) | Way::Dingtalk(url, None) => url.clone(),
        Way::Dingtalk(url, Some(secret)) => {
            let milliseconds = now.0.saturating_mul(1000);
            let sign = dingtalk(secret, milliseconds);
            let sign: String = form_urlencoded::byte_serialize(sign.as_bytes()).collect();
            match format!("{url}&timestamp={milliseconds}&sign={sign}").parse() {
                Ok(url) => url,
                Err(_) => return Sent::Robot(Told::Refused { reason: "the URL is too long".to_owned() }),
            }
        }
    };
    let text = body(recipient, &message.text, now);
    let (reply, body) = post(transport, url, text, now).await;
    Sent::Robot(match reply {
        Reply::Response { status, retry_after } => response::read(recipient.kind(), status, retry_after, &body),
        other => Told::Later { rest: None, reason: other.to_string() },
    })
}

/// Posts JSON.
async fn post<T: Transport>(transport: &T, url: Uri, body: String, now: UnixTime) -> (Reply, bytes::Bytes) {
    let request = Request::post(url).header(CONTENT_TYPE, "application/json; charset=utf-8").body(body.into_bytes());
    match exchange(transport, request).await {
        Some(response) => (reply(&response, now), response.into_body()),
        None => (Reply::NoResponse, bytes::Bytes::new()),
    }
}

fn events_message(recipient: &Recipient, items: &[Item<'_>], now: UnixTime) -> Message {
    let text = text::message(recipient, items, now);
    let first = items.first();
    let event = first.map(|item| json!(EventDocument::new(item.event)));
    let complaint = first.and_then(|item| item.record).map(|record| json!(ComplaintRow::new(&record.summary, now)));
    let document = json!({"text": text, "event": event, "complaint": complaint});
    Message { text, document }
}

/// Whether an event tells of a deadline that is no longer so: it was met, it moved, it has passed.
fn is_outdated(event: &Event, record: Option<&ComplaintRecord>, now: UnixTime) -> bool {
    if !matches!(event.kind, EventKind::DeadlineNear | EventKind::DeadlineOver) {
        return false;
    }
    let Some(summary) = record.map(|record| &record.summary).filter(|summary| !summary.is_closed) else { return true };
    let deadline = |deadlines: Deadlines| {
        if event.data.get("deadline").and_then(Value::as_str) == Some("reply") {
            deadlines.reply
        } else {
            deadlines.finish
        }
    };
    let Some(deadline) = summary.deadlines.map(deadline) else { return true };
    let told = if event.kind == EventKind::DeadlineOver { DeadlineStatus::Over } else { DeadlineStatus::Near };
    deadline.at().map(|time| time.0) != event.data.get("due").and_then(Value::as_i64)
        || deadline.status(now, MAX_NEAR_SECONDS) != told
}

/// What waits for a person. Letters up to a number are known.
async fn waiting<S: Store>(store: &S, mut newest: i64) -> Result<Waiting, StoreError> {
    let figures = store.figures().await?;
    loop {
        let letters = store.letters(newest, LETTERS_AT_ONCE).await?;
        let Some(last) = letters.last() else { break };
        newest = last.number;
    }
    Ok(Waiting { letters: figures.letters, newest, dead: figures.dead })
}

/// The least time between two messages of a kind, in seconds: WeCom takes 20 a minute, and fewer in
/// bursts; DingTalk is silent for ten minutes after 20 in one; Feishu takes 100 a minute.
const fn step_of(kind: NoticeKind) -> u32 {
    match kind {
        NoticeKind::Wecom => 3,
        NoticeKind::Dingtalk => 6,
        NoticeKind::Feishu => 1,
        _ => 0,
    }
}

/// Most events of one message.
pub(super) const MAX_BUNDLE: u32 = 100;

/// The rests of a robot after the first failures in a row, in seconds.
const RESTS_SECONDS: [u32; 3] = [5, 30, 60];

/// The rest of a robot after further failures.
const LONG_REST_SECONDS: u32 = 300;

/// Longest rest of a robot, in seconds, whatever it asks for.
const MAX_REST_SECONDS: u32 = 3600;

/// The rest of a command or a URL that could not be told what waits for a person, in seconds.
const PLAIN_REST_SECONDS: u32 = 300;

/// The age at which an event that a robot could not be told is dead, in seconds: three days.
const GIVE_UP_SECONDS: u32 = 3 * 86_400;

/// How often the inbox is asked for what waits for a person, in seconds.
const LOOK_SECONDS: u32 = 60;

/// The wait for the first reading of a complaint, in seconds.
const UNREAD_WAIT_SECONDS: u32 = 10;

/// Most letters that are read at once.
const LETTERS_AT_ONCE: u32 = 20;

#[cfg(test)]
#[path = "people_tests.rs"]
mod tests;
