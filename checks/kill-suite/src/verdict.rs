//! What the killed servers left, against what the platform, the asker and the endpoint know.

use std::collections::{BTreeMap, BTreeSet};

use complaint_inbox::{ActStage, ComplaintKey, EventKind, Filter, MAX_ROWS, PictureState, SqliteStore, Store as _};
use protocol_core::mini_program::Push;
use protocol_core::retry::RetryPolicy;
use rusqlite::{Connection, OpenFlags, Params};
use serde_json::Value;

use crate::Failure;
use crate::round::OLD;
use crate::traffic::{Traffic, words};
use crate::world::{PICTURE, World, is_reply};

/// The figures of a round, and what is wrong.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Messages that the platform knows to be acknowledged.
    pub(crate) acknowledged: usize,
    /// Attempts to send a message that came to nothing.
    pub(crate) unanswered: usize,
    /// Acts that were taken, and how many of them were found by a look, refused, or left to a person.
    pub(crate) acts: usize,
    pub(crate) found: usize,
    pub(crate) refused: usize,
    pub(crate) unknown: usize,
    pub(crate) events: usize,
    /// Deliveries at the endpoint.
    pub(crate) arrivals: usize,
    pub(crate) faults: Vec<String>,
}

/// Whether everything that was heard of is read, done and handed on.
pub(crate) async fn is_at_rest(world: &World, traffic: &Traffic, store: &SqliteStore) -> Result<bool, Failure> {
    let figures = store.figures().await?;
    let is_followed = traffic.feed().last().copied().unwrap_or_default() == figures.newest_event;
    Ok(figures.due == 0
        && figures.acts == 0
        && figures.pictures == 0
        && figures.handovers == 0
        && is_followed
        && unread(world, traffic, store).await?.is_empty())
}

/// The complaints of WeChat Pay and of virtual payment.
fn keys(world: &World, traffic: &Traffic) -> Vec<ComplaintKey> {
    let appid = world.sandbox.mini_program().appid;
    let of_virtual_payment = |id| ComplaintKey::new("virtual-payment", &appid, id);
    let filed = world.filed();
    let keys = filed.iter().map(|id| world.wechat_pay(id));
    keys.chain(traffic.virtual_payments.iter().map(of_virtual_payment)).collect()
}

/// Complaints that do not stand in the inbox as they stand at the platform.
async fn unread(world: &World, traffic: &Traffic, store: &SqliteStore) -> Result<Vec<String>, Failure> {
    let mut unread = Vec::new();
    for key in keys(world, traffic) {
        let record = store.complaint(&key).await?;
        let state = world.sandbox.complaint(&key.id).and_then(|complaint| complaint.get("complaint_state").cloned());
        let entries = world.sandbox.history(&key.id).len();
        let is_read = record.is_some_and(|record| {
            record.entries.len() == entries && state.as_ref().and_then(Value::as_str) == record.summary.state.as_deref()
        });
        if !is_read {
            unread.push(format!("{} {} is not in the inbox as it is at the platform", key.channel, key.id));
        }
    }
    for alipay in &traffic.alipay {
        let record = store.complaint(&alipay_key(world, &alipay.task)).await?;
        let complaint = world.sandbox.alipay_complaint(&alipay.id);
        let state = complaint.as_ref().and_then(|complaint| complaint.get("status")).and_then(Value::as_str);
        if record.is_none_or(|record| record.summary.state.as_deref() != state) {
            unread.push(format!("allinpay-alipay {} is not in the inbox as it is at the platform", alipay.task));
        }
    }
    Ok(unread)
}

fn alipay_key(world: &World, task: &str) -> ComplaintKey {
    ComplaintKey::new("allinpay-alipay", world.cusid(), task)
}

/// Looks at everything.
pub(crate) async fn look(world: &World, traffic: &Traffic, store: &SqliteStore) -> Result<Verdict, Failure> {
    store.check().await?;
    let mut verdict = Verdict { faults: unread(world, traffic, store).await?, ..Verdict::default() };
    let file = Connection::open_with_flags(world.inbox(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    messages(world, traffic, &file, &mut verdict)?;
    letters(world, traffic, store, &mut verdict).await?;
    orders(world, traffic, store, &mut verdict).await?;
    acts(world, store, &mut verdict).await?;
    processed(world, store, &mut verdict).await?;
    pictures_and_looks(world, traffic, store, &mut verdict).await?;
    events(world, traffic, store, &mut verdict).await?;
    old(&file, store, &mut verdict).await?;
    let log = world.log()?;
    if !log.is_empty() {
        verdict.faults.push(format!("a server wrote: {log}"));
    }
    Ok(verdict)
}

/// Each message that was acknowledged is there, once.
fn messages(world: &World, traffic: &Traffic, file: &Connection, verdict: &mut Verdict) -> Result<(), Failure> {
    let sent = world.sandbox.sent_notifications();
    verdict.unanswered += sent.iter().filter(|sent| !sent.acknowledged).count();
    let acknowledged = sent.iter().filter(|sent| sent.acknowledged).map(|sent| (&*sent.mchid, &*sent.id));
    let acknowledged: BTreeSet<(&str, &str)> = acknowledged.collect();
    verdict.acknowledged += acknowledged.len();
    for (mchid, id) in acknowledged {
        let stored = "SELECT count(*) FROM message WHERE key = ?1";
        let stored = count(file, stored, [format!("{mchid}/{id}")])?;
        if stored != 1 {
            verdict.faults.push(format!("notification {id} was acknowledged and is there {stored} times"));
        }
    }
    pushes(world, traffic, file, verdict)?;
    notices(world, traffic, file, verdict)
}

/// The same of the Mini Program's pushes about orders: each by its own key.
fn pushes(world: &World, traffic: &Traffic, file: &Connection, verdict: &mut Verdict) -> Result<(), Failure> {
    let appid = world.sandbox.mini_program().appid;
    let pushed = world.sandbox.sent_pushes();
    verdict.unanswered += pushed.iter().filter(|sent| !sent.acknowledged).count();
    for (order, pushes) in &traffic.orders {
        let mut keys = BTreeSet::new();
        for sent in pushed.iter().filter(|sent| sent.acknowledged && sent.complaint_order_id == *order) {
            let push = Push::decode(sent.message.expose().as_bytes())?;
            keys.insert(format!("{appid}/{}", push.peek().dedup_key()));
        }
        let acknowledged = keys.len();
        verdict.acknowledged += acknowledged;
        for key in keys {
            let stored = count(file, "SELECT count(*) FROM message WHERE key = ?1", [&key])?;
            if stored != 1 {
                let told = format!("a push about {order} was acknowledged and is there {stored} times");
                verdict.faults.push(told);
            }
        }
        let stored = "SELECT count(*) FROM message WHERE json_extract(complaint, '$[0]') = 'mini-program'
                      AND json_extract(complaint, '$[2]') = ?1";
        let stored = count(file, stored, [order])?;
        if !(acknowledged..=*pushes).contains(&stored) {
            let told =
                format!("of {pushes} pushes about {order}, {acknowledged} were acknowledged, {stored} are there");
            verdict.faults.push(told);
        }
    }
    Ok(())
}

/// The same of Allinpay's notices: each tells of a state of its own.
fn notices(world: &World, traffic: &Traffic, file: &Connection, verdict: &mut Verdict) -> Result<(), Failure> {
    let sent = world.sandbox.sent_notices();
    verdict.unanswered += sent.iter().filter(|sent| !sent.acknowledged).count();
    for alipay in &traffic.alipay {
        for status in &alipay.told {
            let is_this = |sent: &&platform_sandbox::SentNotice| sent.task_id == alipay.task && sent.status == *status;
            let is_acknowledged = sent.iter().filter(is_this).any(|sent| sent.acknowledged);
            verdict.acknowledged += usize::from(is_acknowledged);
            let stored = "SELECT count(*) FROM message WHERE json_extract(complaint, '$[0]') = 'allinpay-alipay'
                          AND json_extract(complaint, '$[2]') = ?1 AND kind = ?2";
            let stored = count(file, stored, [alipay.task.as_str(), status])?;
            if !(usize::from(is_acknowledged)..=1).contains(&stored) {
                let told = format!("the notice {} {status} was acknowledged and is there {stored} times", alipay.task);
                verdict.faults.push(told);
            }
        }
    }
    Ok(())
}

/// Each order that an acknowledged push was about is read.
async fn orders(world: &World, traffic: &Traffic, store: &SqliteStore, verdict: &mut Verdict) -> Result<(), Failure> {
    let appid = world.sandbox.mini_program().appid;
    let pushed = world.sandbox.sent_pushes();
    for (order, _) in &traffic.orders {
        let record = store.complaint(&ComplaintKey::new("mini-program", &appid, order)).await?;
        let is_read = record.is_some_and(|record| {
            record.document.is_some() && record.summary.heard > 0 && record.summary.read == record.summary.heard
        });
        if !is_read && pushed.iter().any(|sent| sent.acknowledged && sent.complaint_order_id == *order) {
            verdict.faults.push(format!("a push about {order} was acknowledged, and the order is not read"));
        }
    }
    Ok(())
}

/// Each violation that was acknowledged is a letter, once.
async fn letters(world: &World, traffic: &Traffic, store: &SqliteStore, verdict: &mut Verdict) -> Result<(), Failure> {
    let sent = world.sandbox.sent_notifications();
    let acknowledged = sent.iter().filter(|sent| sent.acknowledged && sent.event_type.starts_with("VIOLATION"));
    let acknowledged: BTreeSet<&str> = acknowledged.map(|sent| &*sent.record_id).collect();
    let mut letters = Vec::new();
    loop {
        let after = letters.last().map_or(0, |letter: &complaint_inbox::Letter| letter.number);
        let more = store.letters(after, MAX_ROWS).await?;
        if more.is_empty() {
            break;
        }
        letters.extend(more);
    }
    let mut kept: BTreeMap<String, usize> = BTreeMap::new();
    for letter in &letters {
        *kept.entry(record_id(letter.letter.content.expose())).or_default() += 1;
    }
    let twice = kept.iter().filter(|(_, count)| **count > 1);
    verdict.faults.extend(twice.map(|(id, count)| format!("the letter {id} is there {count} times")));
    let there: BTreeSet<String> =
        kept.into_keys().chain(traffic.removed.iter().map(|content| record_id(content))).collect();
    let missing = acknowledged.into_iter().filter(|id| !there.contains(*id));
    verdict.faults.extend(missing.map(|id| format!("the violation {id} was acknowledged and is there 0 times")));
    Ok(())
}

fn record_id(letter: &[u8]) -> String {
    let letter: Value = serde_json::from_slice(letter).unwrap_or_default();
    letter.get("record_id").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Each act that was taken is there, ended as the platform's own history says, and was done once.
async fn acts(world: &World, store: &SqliteStore, verdict: &mut Verdict) -> Result<(), Failure> {
    let taken = world.taken().clone();
    verdict.acts += taken.len();
    for (key, id) in taken {
        let act = store.act(&key).await?;
        let stage = act.as_ref().map(|act| act.stage);
        // A kill cut off each of its attempts: it is not there, and a person has to ask for it again.
        let is_spent =
            act.and_then(|act| act.state).is_some_and(|state| state.attempt() >= RetryPolicy::default().attempts);
        let text = words(&key);
        let history = world.sandbox.history(&id);
        let is_this =
            |entry: &&Value| is_reply(entry) && entry.get("operate_details").is_some_and(|words| *words == *text);
        let done = history.iter().filter(is_this).count();
        let is_right = match stage {
            Some(ActStage::Done | ActStage::Found) => done == 1,
            Some(ActStage::Refused) => done == 0,
            Some(ActStage::Unknown) => done == 0 && is_spent,
            _ => false,
        };
        verdict.found += usize::from(stage == Some(ActStage::Found));
        verdict.refused += usize::from(stage == Some(ActStage::Refused));
        verdict.unknown += usize::from(stage == Some(ActStage::Unknown));
        if !is_right {
            verdict.faults.push(format!("{key} is {stage:?}, and the platform has it {done} times"));
        }
    }
    Ok(())
}

/// The same of Alipay's complaints. The gateway shows no history: an outcome that is unknown stays so,
/// and nothing is sent once more.
async fn processed(world: &World, store: &SqliteStore, verdict: &mut Verdict) -> Result<(), Failure> {
    let processed = world.processed().clone();
    verdict.acts += processed.len();
    for (key, id) in processed {
        let requests = world.sandbox.alipay_process_requests(&id).unwrap_or_default();
        if requests > 1 {
            verdict.faults.push(format!("the gateway was asked {requests} times to process {id}"));
        }
        let stage = store.act(&key).await?.map(|act| act.stage);
        let complaint = world.sandbox.alipay_complaint(&id);
        let remark = complaint.as_ref().and_then(|complaint| complaint.get("process_remark")).and_then(Value::as_str);
        let is_done = remark == Some(&*words(&key));
        let is_right = match stage {
            Some(ActStage::Done | ActStage::Found) => is_done && requests == 1,
            Some(ActStage::Refused) => !is_done,
            // A kill cut it off, before or after the gateway had it.
            Some(ActStage::Unknown) => is_done == (requests == 1),
            _ => false,
        };
        verdict.found += usize::from(stage == Some(ActStage::Found));
        verdict.refused += usize::from(stage == Some(ActStage::Refused));
        verdict.unknown += usize::from(stage == Some(ActStage::Unknown));
        if !is_right {
            verdict.faults.push(format!("{key} is {stage:?}; that the gateway has it is {is_done}"));
        }
    }
    Ok(())
}

/// Each picture is kept once, with its bytes. Each telephone number that was shown is on record.
async fn pictures_and_looks(
    world: &World,
    traffic: &Traffic,
    store: &SqliteStore,
    verdict: &mut Verdict,
) -> Result<(), Failure> {
    let looks = world.looks().clone();
    for key in keys(world, traffic) {
        // Missing ones are told of as unread.
        let Some(record) = store.complaint(&key).await? else { continue };
        let states: Vec<PictureState> = record.pictures.iter().map(|picture| picture.state).collect();
        let content = store.picture(&key, 1).await?.and_then(|picture| picture.content);
        if states != [PictureState::Kept] || content.is_none_or(|content| content.expose() != PICTURE) {
            verdict.faults.push(format!("the picture of {} {} is {states:?}, or has other bytes", key.channel, key.id));
        }
        let look = looks.get(&key.id).copied().unwrap_or_default();
        let times = record.phone_looks.times;
        if !(look.shown..=look.asked).contains(&times) {
            let told = format!("{}: the number was shown {} times, {times} are on record", key.id, look.shown);
            verdict.faults.push(told);
        }
    }
    Ok(())
}

/// The feed has shown every event once, and the endpoint received each in order.
async fn events(world: &World, traffic: &Traffic, store: &SqliteStore, verdict: &mut Verdict) -> Result<(), Failure> {
    let mut events = Vec::new();
    loop {
        let after = events.last().map_or(0, |event: &complaint_inbox::Event| event.number);
        let more = store.events(after, MAX_ROWS).await?;
        if more.is_empty() {
            break;
        }
        events.extend(more);
    }
    let numbers: Vec<i64> = events.iter().map(|event| event.number).collect();
    if traffic.feed() != numbers {
        verdict.faults.push("the feed did not show every event once, in order".to_owned());
    }
    let mut filed: BTreeMap<&str, usize> = BTreeMap::new();
    for event in events.iter().filter(|event| event.kind == EventKind::Filed) {
        *filed.entry(&*event.complaint.id).or_default() += 1;
    }
    let alipay = traffic.alipay.iter().map(|alipay| &alipay.task);
    for id in world.filed().iter().chain(&traffic.virtual_payments).chain(alipay) {
        let count = filed.get(&**id).copied().unwrap_or_default();
        if count != 1 {
            verdict.faults.push(format!("{count} events say that {id} was filed"));
        }
    }
    verdict.events += events.len();
    verdict.arrivals += world.arrivals.count();
    verdict.faults.extend(world.arrivals.faults(&numbers.into_iter().collect()));
    Ok(())
}

/// What is old is gone, whole.
async fn old(file: &Connection, store: &SqliteStore, verdict: &mut Verdict) -> Result<(), Failure> {
    let filter = Filter { merchant: Some(OLD.to_owned()), ..Filter::default() };
    let complaints = store.list(&filter, None, MAX_ROWS).await?.rows.len();
    let left = |sql: &str| count(file, sql, []);
    let messages = left("SELECT count(*) FROM message WHERE key LIKE 'old-%'")?;
    let letters = left("SELECT count(*) FROM letter WHERE merchant = 'old'")?;
    let orphans = left("SELECT count(*) FROM pragma_foreign_key_check")?;
    let damage = left("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'")?;
    for (count, what) in [
        (complaints, "old complaints are left"),
        (messages, "old messages are left"),
        (letters, "old letters are left"),
        (orphans, "rows belong to nothing"),
        (damage, "pages are damaged"),
    ] {
        if count > 0 {
            verdict.faults.push(format!("{count} {what}"));
        }
    }
    Ok(())
}

/// The number of a query's one row.
fn count(file: &Connection, sql: &str, of: impl Params) -> Result<usize, Failure> {
    Ok(usize::try_from(file.query_row(sql, of, |row| row.get::<_, i64>(0))?)?)
}
