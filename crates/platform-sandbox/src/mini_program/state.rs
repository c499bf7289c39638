//! The Mini Program's state, and the acts of payers and the platform on it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use protocol_core::UnixTime;

use super::account::MiniProgramAccount;
use super::document::Event;
use super::message::Message;
use super::new_order::NewOrderComplaint;
use super::order::{Order, item};
use super::push::QueuedPush;
use super::push_config::PushConfig;
use super::token::Tokens;
use crate::error::SandboxError;
use crate::fault::PushFault;

/// `option_type` of a first submission, and of every later push. The value of the latter is not
/// documented.
const FIRST: u32 = 1;
const PROGRESS: u32 = 2;

/// How long an uploaded picture lasts, in seconds.
const MEDIA_LIFETIME: i64 = 3 * 86_400;

/// One Mini Program.
#[derive(Clone)]
pub(crate) struct MiniProgram {
    pub(crate) account: Arc<MiniProgramAccount>,
    pub(crate) push: Option<PushConfig>,
    pub(crate) push_faults: VecDeque<PushFault>,
    /// Pushes that delivery has not taken yet.
    pub(crate) outbox: Vec<QueuedPush>,
    pub(super) tokens: Tokens,
    pub(crate) orders: BTreeMap<String, Order>,
    /// The time of each picture's upload.
    pub(crate) media: HashMap<String, UnixTime>,
    pub(crate) next_order: u64,
}

impl Default for MiniProgram {
    fn default() -> Self {
        Self {
            account: Arc::new(MiniProgramAccount::open()),
            push: None,
            push_faults: VecDeque::new(),
            outbox: Vec::new(),
            tokens: Tokens::default(),
            orders: BTreeMap::new(),
            media: HashMap::new(),
            next_order: 8_622_001,
        }
    }
}

impl MiniProgram {
    pub(crate) fn order(&self, id: &str) -> Option<&Order> {
        self.orders.get(id)
    }

    /// The number of the newest complaint.
    pub(crate) fn newest(&self) -> Option<String> {
        self.orders.values().max_by_key(|order| (order.create_time, &order.id)).map(|order| order.id.clone())
    }

    /// Files a complaint; its id.
    pub(crate) fn file(&mut self, new: NewOrderComplaint, now: UnixTime) -> String {
        let id = self.next_order.to_string();
        self.next_order += 1;
        self.orders.insert(id.clone(), Order::file(id.clone(), new, now));
        self.push_of(&id, FIRST, now);
        id
    }

    /// The payer says something.
    pub(crate) fn message(&mut self, id: &str, text: &str, now: UnixTime) -> Result<(), SandboxError> {
        self.act(id, now, |order| order.record(item::USER_MESSAGE, now, text, Vec::new()))
    }

    /// The platform moves a complaint to a state.
    pub(crate) fn set_status(&mut self, id: &str, status: u32, now: UnixTime) -> Result<(), SandboxError> {
        self.act(id, now, |order| {
            order.enter(status, now);
            order.record(item::PLATFORM_HANDLING, now, "", Vec::new());
        })
    }

    /// The platform lets a merchant appeal, or decides on it.
    pub(crate) fn set_appeal_state(&mut self, id: &str, state: u32, now: UnixTime) -> Result<(), SandboxError> {
        self.act(id, now, |order| order.enter_appeal(state, now))
    }

    fn act(&mut self, id: &str, now: UnixTime, act: impl FnOnce(&mut Order)) -> Result<(), SandboxError> {
        act(self.orders.get_mut(id).ok_or_else(|| SandboxError::UnknownComplaint(id.to_owned()))?);
        self.push_of(id, PROGRESS, now);
        Ok(())
    }

    /// Changes a complaint for the merchant, and pushes the change.
    pub(super) fn change(&mut self, id: &str, now: UnixTime, change: impl FnOnce(&mut Order)) {
        if let Some(order) = self.orders.get_mut(id) {
            change(order);
        }
        self.push_of(id, PROGRESS, now);
    }

    /// Queues a push with the next injected fault, if a URL is set.
    fn push_of(&mut self, id: &str, option_type: u32, now: UnixTime) {
        let Some(order) = self.orders.get(id).cloned() else { return };
        self.queue(Message::Order(Event { order, option_type, created: now }));
    }

    /// Queues a push of this message with the next injected fault, if a URL is set.
    pub(crate) fn queue(&mut self, event: Message) {
        let Some(config) = &self.push else { return };
        self.outbox.push(QueuedPush {
            event,
            config: config.clone(),
            account: Arc::clone(&self.account),
            fault: self.push_faults.pop_front(),
        });
    }

    /// Queues a push of every complaint as it stands.
    pub(crate) fn push_all(&mut self, now: UnixTime) {
        let ids: Vec<String> = self.orders.keys().cloned().collect();
        ids.iter().for_each(|id| self.push_of(id, FIRST, now));
    }

    /// The event of a complaint as it stands. An unknown id gives the event of a default complaint.
    pub(crate) fn event(&self, id: &str, now: UnixTime) -> Message {
        let order = self.orders.get(id).cloned();
        let order = order.unwrap_or_else(|| Order::file(id.to_owned(), NewOrderComplaint::default(), now));
        Message::Order(Event { order, option_type: FIRST, created: now })
    }

    /// Ends every access token.
    pub(crate) fn expire_tokens(&mut self, now: UnixTime) {
        self.tokens.expire(now);
    }

    /// Whether all these pictures were uploaded, and none has expired.
    pub(super) fn has_media(&self, ids: &[String], now: UnixTime) -> bool {
        ids.iter().all(|id| self.media.get(id).is_some_and(|then| now.0 - then.0 < MEDIA_LIFETIME))
    }
}
