//! All the platform knows: merchants, complaints, pictures, keys. Changed by requests and by users' acts, in one place each.
//!
//! It is cheap to clone: a fault "before the effect" carries the operation out on a clone and forgets it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use getrandom::SysRng;
use protocol_core::UnixTime;
use protocol_core::wechat_pay::Scheme;
use rand_core::UnwrapErr;

use super::account::{Merchant, MerchantAccount, PlatformKeys};
use super::authenticate::MerchantKeys;
use super::case::{Case, Entry, PAYER, PENDING, Refund, SYSTEM};
use super::images::Images;
use super::new_complaint::NewComplaint;
use super::notification::Notification;
use crate::allinpay::Allinpay;
use crate::clock::china_date;
use crate::error::SandboxError;
use crate::fault::{Faults, NotificationFault};
use crate::mini_program::MiniProgram;
use crate::random;

/// How long a nonce is remembered: as long as its timestamp could pass, twice.
const NONCE_SECONDS: u64 = 660;
/// Old nonces are looked for once in so many requests.
const NONCE_SWEEP: usize = 1024;

/// All the platform knows.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) keys: PlatformKeys,
    pub(crate) has_certificates: bool,
    pub(crate) own_acts: bool,
    pub(crate) merchants: BTreeMap<String, Merchant>,
    pub(crate) merchant_keys: Arc<MerchantKeys>,
    pub(crate) cases: BTreeMap<String, Case>,
    pub(crate) images: Images,
    pub(crate) faults: Faults,
    pub(crate) notification_faults: VecDeque<NotificationFault>,
    /// Notifications that have yet to be handed to delivery.
    pub(crate) outbox: Vec<Notification>,
    pub(crate) mini_program: MiniProgram,
    pub(crate) allinpay: Allinpay,
    nonces: HashMap<(String, String), UnixTime>,
    sequence: u64,
}

impl State {
    pub(crate) fn new(
        scheme: Scheme,
        own_acts: bool,
        now: UnixTime,
    ) -> Result<(Self, Arc<MerchantAccount>), SandboxError> {
        let mut state = Self {
            keys: PlatformKeys::make(now)?,
            has_certificates: true,
            own_acts,
            merchants: BTreeMap::new(),
            merchant_keys: Arc::default(),
            cases: BTreeMap::new(),
            images: Images::default(),
            faults: Faults::default(),
            notification_faults: VecDeque::new(),
            outbox: Vec::new(),
            mini_program: MiniProgram::default(),
            allinpay: Allinpay::open()?,
            nonces: HashMap::new(),
            sequence: 0,
        };
        let account = state.add_merchant(scheme, now)?;
        Ok((state, account))
    }

    pub(crate) fn add_merchant(&mut self, scheme: Scheme, now: UnixTime) -> Result<Arc<MerchantAccount>, SandboxError> {
        let merchant = Merchant::open(self.merchants.len(), scheme, now)?;
        let account = Arc::clone(&merchant.account);
        Arc::make_mut(&mut self.merchant_keys).insert_verifier(
            &account.mchid,
            &account.serial_no,
            Arc::clone(&merchant.material.verifier),
        );
        self.merchants.insert(account.mchid.clone(), merchant);
        Ok(account)
    }

    /// Whether a nonce is new; it is not any more.
    pub(crate) fn use_nonce(&mut self, mchid: &str, nonce: &str, now: UnixTime) -> bool {
        if self.nonces.len() % NONCE_SWEEP == NONCE_SWEEP - 1 {
            self.nonces.retain(|_, used| used.distance(now) <= NONCE_SECONDS);
        }
        self.nonces.insert((mchid.to_owned(), nonce.to_owned()), now).is_none()
    }

    /// A new id of a history entry.
    pub(crate) fn next_log_id(&mut self, now: UnixTime) -> String {
        self.next_id("3002853", now)
    }

    pub(crate) fn next_id(&mut self, prefix: &str, now: UnixTime) -> String {
        self.sequence += 1;
        format!("{prefix}{}{:012}", china_date(now).replace('-', ""), self.sequence)
    }

    /// Files a complaint with the merchant it names, or with the default one; its id.
    pub(crate) fn file(&mut self, mut new: NewComplaint, default_mchid: &str, now: UnixTime) -> String {
        let mchid = new.mchid.take().filter(|mchid| self.merchants.contains_key(mchid));
        let mchid = mchid.unwrap_or_else(|| default_mchid.to_owned());
        new.payer_phone = new.payer_phone.and_then(|phone| self.encrypt_to(&mchid, phone.as_bytes()));
        self.file_with(new, mchid, now)
    }

    /// Files a complaint with a merchant of WeChat Pay or of Allinpay; its id. The phone number is served as it stands.
    pub(crate) fn file_with(&mut self, new: NewComplaint, mchid: String, now: UnixTime) -> String {
        let time = new.complaint_time.unwrap_or(now);
        let id = self.next_id("2002018", time);
        let user_images: Vec<String> = new.images.into_iter().map(|bytes| self.images.serve(&mchid, bytes)).collect();
        let refund = match new.problem_type.as_deref() {
            Some("REFUND") => Refund::Asked,
            _ => Refund::NotAsked,
        };
        let service_order = serde_json::json!({
            "order_id": random::digits(28),
            "out_order_no": random::alphanumeric(20),
            "state": "DOING",
        });
        let mut case = Case {
            id: id.clone(),
            time,
            detail: new.complaint_detail.unwrap_or_else(|| "反馈一个重复扣费的问题".to_owned()),
            state: PENDING,
            complainted_mchid: new.complainted_mchid.unwrap_or_else(|| mchid.clone()),
            payer_phone: new.payer_phone,
            payer_openid: new.payer_openid,
            transaction_id: format!("42{}", random::digits(26)),
            out_trade_no: random::digits(23),
            amount: new.amount.unwrap_or(3),
            fully_refunded: false,
            incoming_user_response: true,
            times: 1,
            user_images,
            merchant_images: Vec::new(),
            problem_description: new.problem_description.unwrap_or_else(|| "不满意商家服务".to_owned()),
            problem_type: new.problem_type,
            apply_refund_amount: new.apply_refund_amount,
            user_tags: new.user_tags,
            service_order: new.service_order.then_some(service_order),
            in_platform_service: false,
            need_immediate_service: new.need_immediate_service,
            refund,
            immediate: HashMap::new(),
            history: Vec::new(),
            mchid: mchid.clone(),
        };
        let entry = Entry::words(&case.detail).with_media("USER_COMPLAINT_IMAGE", &case.user_images);
        case.record(&self.next_log_id(time), time, PAYER, "USER_CREATE_COMPLAINT", entry);
        let notice = Entry::words("已通知商家处理投诉");
        case.record(&self.next_log_id(time), time, SYSTEM, "USER_CREATE_COMPLAINT_SYSTEM_MESSAGE", notice);
        for number in 1..=new.history_entries {
            let words = Entry::words(&format!("补充说明 {number}"));
            case.record(&self.next_log_id(time), time, PAYER, "USER_RESPONSE", words);
        }
        self.cases.insert(id.clone(), case);
        self.notify(&mchid, &id, "CREATE_COMPLAINT", now);
        id
    }

    /// A sensitive field, as only the merchant can read it.
    pub(crate) fn encrypt_to(&self, mchid: &str, plaintext: &[u8]) -> Option<String> {
        let merchant = self.merchants.get(mchid)?;
        let ciphertext = merchant.material.encryptor.encrypt(plaintext, &mut UnwrapErr(SysRng)).ok()?;
        Some(STANDARD.encode(ciphertext))
    }

    /// Queues a notification, if the merchant has registered a URL.
    pub(crate) fn notify(&mut self, mchid: &str, complaint_id: &str, action_type: &str, now: UnixTime) {
        if self.merchants.get(mchid).is_some_and(|merchant| merchant.notification_url.is_some()) {
            self.queue(Notification::of_complaint(mchid, complaint_id, action_type, now));
        }
    }

    /// Queues a notification about what the merchant did itself, if it wants to hear of it.
    pub(crate) fn notify_of_own_act(&mut self, mchid: &str, complaint_id: &str, action_type: &str, now: UnixTime) {
        if self.own_acts {
            self.notify(mchid, complaint_id, action_type, now);
        }
    }

    /// Queues a notification with the next fault that waits for one.
    pub(crate) fn queue(&mut self, mut notification: Notification) {
        notification.fault = self.notification_faults.pop_front();
        self.outbox.push(notification);
    }
}

/// `Request-ID`, as the platform writes it: the tail says whether the gateway was content.
pub(crate) fn request_id(status: u16) -> String {
    let tail = if status < 400 { 0 } else { 268_435_000_u32 + u32::from(status) };
    format!("08{:032X}-{tail}", fastrand::u128(..))
}
