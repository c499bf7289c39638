//! What goes on while the server is killed: payers write, another service asks for acts and follows
//! the feed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use complaint_inbox::{SqliteStore, Store as _};
use fastrand::Rng;
use http::{Method, StatusCode};
use platform_sandbox::{NewAlipayComplaint, NewOrderComplaint, NewViolation, NoticeFault, NotificationFault};
use serde_json::{Value, json};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use crate::Failure;
use crate::api::Api;
use crate::serve::SHOP;
use crate::world::{PHONE, World, new_complaint};

pub(crate) struct Traffic {
    world: Arc<World>,
    rng: Rng,
    turn: usize,
    /// Complaints of virtual payment.
    pub(crate) virtual_payments: Vec<String>,
    /// Orders of the Mini Program, with the number of their pushes.
    pub(crate) orders: Vec<(String, usize)>,
    /// Alipay's complaints.
    pub(crate) alipay: Vec<Alipay>,
    /// The content of letters that may be removed.
    pub(crate) removed: Vec<Vec<u8>>,
    asking: JoinSet<()>,
    feed: Arc<Mutex<Vec<i64>>>,
    following: JoinHandle<()>,
}

/// A complaint of Alipay's.
pub(crate) struct Alipay {
    /// The number at the gateway, and the task, which the inbox knows it by.
    pub(crate) id: String,
    pub(crate) task: String,
    /// The states that notices told of.
    pub(crate) told: Vec<&'static str>,
    /// Whether the server is asked to process it. Its state is changed by nothing else then.
    is_processed: bool,
}

impl Traffic {
    pub(crate) fn new(world: &Arc<World>, rng: Rng) -> Self {
        let feed = Arc::new(Mutex::default());
        let following = tokio::spawn(follow(world.api.clone(), Arc::clone(&feed)));
        Self {
            world: Arc::clone(world),
            rng,
            turn: 0,
            virtual_payments: Vec::new(),
            orders: Vec::new(),
            alipay: Vec::new(),
            removed: Vec::new(),
            asking: JoinSet::new(),
            feed,
            following,
        }
    }

    /// A little of everything.
    pub(crate) fn stir(&mut self) -> Result<(), Failure> {
        let sandbox = &self.world.sandbox;
        let turn = self.turn;
        self.turn += 1;
        match self.rng.u8(..6) {
            0 => sandbox.inject_notification(NotificationFault::Duplicate),
            1 => sandbox.inject_notification(NotificationFault::DuplicateAtOnce(3)),
            _ => {}
        }
        let mut filed = self.world.filed();
        match self.rng.choice(&*filed).filter(|_| turn % 2 == 1) {
            Some(id) if turn % 8 == 1 => sandbox.user_continues(id, "还没有解决")?,
            Some(id) => sandbox.user_message(id, "在吗")?,
            None => filed.push(sandbox.file_complaint(new_complaint())),
        }
        if let Some(id) = self.rng.choice(&*filed).cloned() {
            self.asking.spawn(ask(Arc::clone(&self.world), id, format!("act-{turn}")));
        }
        drop(filed);
        self.stir_alipay(turn)?;
        let sandbox = &self.world.sandbox;
        match turn % 4 {
            0 => self.orders.push((sandbox.file_order_complaint(NewOrderComplaint::default()), 1)),
            1 => {
                if let Some((order, pushes)) = self.rng.choice(&mut self.orders) {
                    sandbox.order_message(order, "在吗")?;
                    *pushes += 1;
                }
            }
            2 => self.virtual_payments.push(sandbox.file_virtual_payment_complaint(new_complaint())?),
            _ => drop(sandbox.notify_violation(&NewViolation::default())),
        }
        Ok(())
    }

    /// Alipay's complaints: filed, processed by the server, or moved by the platform.
    fn stir_alipay(&mut self, turn: usize) -> Result<(), Failure> {
        let sandbox = &self.world.sandbox;
        if self.rng.u8(..4) == 0 {
            sandbox.inject_notice(NoticeFault::Duplicate);
        }
        if turn.is_multiple_of(3) {
            let id = sandbox.file_alipay_complaint(NewAlipayComplaint::default(), &self.world.cusid())?;
            let complaint = sandbox.alipay_complaint(&id).ok_or("it was just filed")?;
            let task = complaint.get("task_id").and_then(Value::as_str).ok_or("it has a task")?.to_owned();
            let is_processed = turn.is_multiple_of(2);
            if is_processed {
                self.asking.spawn(process(
                    Arc::clone(&self.world),
                    id.clone(),
                    task.clone(),
                    format!("process-{turn}"),
                ));
            }
            self.alipay.push(Alipay { id, task, told: vec!["WAIT_PROCESS"], is_processed });
            return Ok(());
        }
        let moves = |alipay: &&mut Alipay| !alipay.is_processed && alipay.told.len() < MOVES.len();
        if let Some(alipay) = self.alipay.iter_mut().find(moves)
            && let Some(status) = MOVES.get(alipay.told.len())
        {
            sandbox.alipay_status(&alipay.id, status)?;
            alipay.told.push(status);
        }
        Ok(())
    }

    /// Removes a letter.
    pub(crate) async fn remove_a_letter(&mut self) -> Result<(), Failure> {
        let store = SqliteStore::open_to_read(self.world.inbox())?;
        let Some(letter) = store.letters(0, 1).await?.pop() else { return Ok(()) };
        drop(store);
        // A retry after a kill may keep it once more: the platform knew of no acknowledgement.
        self.removed.push(letter.letter.content.expose().clone());
        let path = format!("/api/letters/{}", letter.number);
        let (status, _) = self.world.api.send(Method::DELETE, &path, &[], String::new()).await?;
        if !status.is_success() {
            self.removed.pop();
        }
        Ok(())
    }

    /// Has the newest events handed on once more.
    pub(crate) async fn replay(&self) -> Result<(), Failure> {
        let newest = self.feed().last().copied().unwrap_or_default();
        let body = json!({ "after": newest.saturating_sub(5).max(0) }).to_string();
        self.world.api.send(Method::POST, &format!("/api/onward/{SHOP}/replay"), &[], body).await?;
        Ok(())
    }

    /// The numbers of the events that the feed has shown.
    pub(crate) fn feed(&self) -> Vec<i64> {
        self.feed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until every act that was begun to be asked for is taken, and the telephone number shown.
    /// The server runs.
    pub(crate) async fn is_asked(&mut self) {
        while self.asking.join_next().await.is_some() {}
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.following.abort();
    }
}

/// The states of an Alipay complaint that the server is not asked to process, each once.
const MOVES: [&str; 3] = ["WAIT_PROCESS", "PROCESSING", "DROP_COMPLAIN"];

/// Asks to process an Alipay complaint, under one key until it is taken.
async fn process(world: Arc<World>, id: String, task: String, key: String) {
    let path = format!("/api/complaints/allinpay-alipay/{}/{task}", world.cusid());
    let act = json!({ "process": { "code": "REFUND", "remark": words(&key) } });
    while !matches!(try_to_ask_for(&world, &path, &key, &act).await, Ok(true)) {
        sleep(AGAIN_AFTER).await;
    }
    world.processed().insert(key, id);
}

/// The words of the act with this key, which no other act has.
pub(crate) fn words(key: &str) -> String {
    format!("您好，{key}")
}

/// Asks for a reply under one key until it is taken, then for the payer's telephone number until it
/// is shown.
async fn ask(world: Arc<World>, id: String, key: String) {
    while !matches!(try_to_ask(&world, &id, &key).await, Ok(true)) {
        sleep(AGAIN_AFTER).await;
    }
    world.taken().insert(key, id.clone());
    while !matches!(is_shown(&world, &id).await, Ok(true)) {
        sleep(AGAIN_AFTER).await;
    }
}

/// Asks for a reply once.
pub(crate) async fn try_to_ask(world: &World, id: &str, key: &str) -> Result<bool, Failure> {
    try_to_ask_for(world, &path_of(world, id), key, &json!({ "reply": { "text": words(key) } })).await
}

/// Asks for an act once, as one who has seen the complaint just now.
async fn try_to_ask_for(world: &World, path: &str, key: &str, act: &Value) -> Result<bool, Failure> {
    let (_, complaint) = world.api.get(path).await?;
    let Some(version) = complaint.get("version").and_then(Value::as_i64) else { return Ok(false) };
    let headers = [("idempotency-key", key), ("if-match", &*format!("\"{version}\""))];
    let (status, _) = world.api.send(Method::POST, &format!("{path}/acts"), &headers, act.to_string()).await?;
    Ok(status == StatusCode::ACCEPTED)
}

/// Asks once for the payer's telephone number.
async fn is_shown(world: &World, id: &str) -> Result<bool, Failure> {
    world.looks().entry(id.to_owned()).or_default().asked += 1;
    let path = format!("{}/phone", path_of(world, id));
    let (status, shown) = world.api.send(Method::POST, &path, &[], String::new()).await?;
    let is_shown = status == StatusCode::OK && shown.get("phone").is_some_and(|phone| phone == PHONE);
    world.looks().entry(id.to_owned()).or_default().shown += u64::from(is_shown);
    Ok(is_shown)
}

/// The address of a complaint of WeChat Pay in the API.
fn path_of(world: &World, id: &str) -> String {
    format!("/api/complaints/wechat-pay/{}/{id}", world.sandbox.merchant().mchid)
}

/// Follows the feed, as a service does that stores the place where it is.
async fn follow(api: Api, feed: Arc<Mutex<Vec<i64>>>) {
    loop {
        let after = feed.lock().unwrap_or_else(PoisonError::into_inner).last().copied().unwrap_or_default();
        match api.get(&format!("/api/events?after={after}&wait=5")).await {
            Ok((StatusCode::OK, page)) => {
                let events = page.get("events").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let numbers = events.iter().filter_map(|event| event.pointer("/data/version").and_then(Value::as_i64));
                feed.lock().unwrap_or_else(PoisonError::into_inner).extend(numbers);
            }
            _ => sleep(AGAIN_AFTER).await,
        }
    }
}

const AGAIN_AFTER: Duration = Duration::from_millis(150);
