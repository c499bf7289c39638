//! WeChat Pay's state: merchants, complaints, pictures, keys.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use getrandom::SysRng;
use protocol_core::UnixTime;
use protocol_core::wechat_pay::Scheme;
use rand_core::UnwrapErr;

use super::account::{Merchant, MerchantAccount, PlatformKeys};
use super::authenticate::{Caller, MerchantKeys};
use super::complaint::{Complaint, Entry, PAYER, PENDING, Refund, SYSTEM};
use super::images::Images;
use super::new_complaint::NewComplaint;
use super::new_violation::NewViolation;
use super::notification::Notification;
use super::refusal::Refusal;
use crate::clock::china_date;
use crate::error::SandboxError;
use crate::fault::NotificationFault;
use crate::random;

/// The time a nonce is kept, in seconds: longer than its timestamp is valid.
const NONCE_SECONDS: u64 = 660;
/// Old nonces are removed once in this many requests.
const NONCE_SWEEP: usize = 1024;

/// WeChat Pay's state.
#[derive(Clone)]
pub(crate) struct WechatPay {
    pub(crate) keys: PlatformKeys,
    pub(crate) has_certificates: bool,
    pub(crate) own_acts: bool,
    pub(crate) merchants: BTreeMap<String, Merchant>,
    pub(crate) merchant_keys: Arc<MerchantKeys>,
    pub(crate) complaints: BTreeMap<String, Complaint>,
    pub(crate) images: Images,
    pub(crate) notification_faults: VecDeque<NotificationFault>,
    /// Notifications that delivery has not taken yet.
    pub(crate) outbox: Vec<Notification>,
    nonces: HashMap<(String, String), UnixTime>,
    pub(crate) sequence: u64,
}

impl WechatPay {
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
            complaints: BTreeMap::new(),
            images: Images::default(),
            notification_faults: VecDeque::new(),
            outbox: Vec::new(),
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

    /// A complaint that the caller may see.
    pub(crate) fn complaint_of(&self, id: &str, caller: &Caller) -> Result<&Complaint, Refusal> {
        let complaint = self.complaints.get(id).ok_or_else(|| Refusal::missing(404, "投诉单不存在"))?;
        if complaint.mchid == caller.mchid {
            Ok(complaint)
        } else {
            Err(Refusal::no_auth("无权限查询该投诉单"))
        }
    }

    /// Whether a nonce is new; it is used from now on.
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

    /// Files a complaint with the merchant it names, or with the default one. Returns its id.
    pub(crate) fn file(&mut self, mut new: NewComplaint, default_mchid: &str, now: UnixTime) -> String {
        let mchid = new.mchid.take().filter(|mchid| self.merchants.contains_key(mchid));
        let mchid = mchid.unwrap_or_else(|| default_mchid.to_owned());
        new.payer_phone = new.payer_phone.and_then(|phone| self.encrypt_to(&mchid, phone.as_bytes()));
        self.file_with(new, mchid, now)
    }

    /// Files a complaint with a merchant of WeChat Pay or of Allinpay. Returns its id. The phone
    /// number is kept unchanged.
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
        let mut complaint = Complaint {
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
        let entry = Entry::words(&complaint.detail).with_media("USER_COMPLAINT_IMAGE", &complaint.user_images);
        let entry = entry.with("image_list", new.linked_images);
        complaint.record(&self.next_log_id(time), time, PAYER, "USER_CREATE_COMPLAINT", entry);
        let notice = Entry::words("已通知商家处理投诉");
        complaint.record(&self.next_log_id(time), time, SYSTEM, "USER_CREATE_COMPLAINT_SYSTEM_MESSAGE", notice);
        for number in 1..=new.history_entries {
            let words = Entry::words(&format!("补充说明 {number}"));
            complaint.record(&self.next_log_id(time), time, PAYER, "USER_RESPONSE", words);
        }
        self.complaints.insert(id.clone(), complaint);
        self.notify(&mchid, &id, "CREATE_COMPLAINT", now);
        id
    }

    /// Notifies a service provider of a violation, if it has registered a URL. Returns its number. An
    /// unknown merchant is replaced by the default one.
    pub(crate) fn notify_violation(&mut self, new: &NewViolation, default_mchid: &str, now: UnixTime) -> String {
        let record_id = self.next_id("1000", now);
        let provider = new.mchid.as_ref().and_then(|mchid| self.merchants.get(mchid));
        let provider = provider.or_else(|| self.merchants.get(default_mchid));
        if let Some((mchid, Some(url))) =
            provider.map(|provider| (provider.account.mchid.clone(), provider.violation_url.clone()))
        {
            let violation = new.to_json(&record_id, now);
            self.queue(Notification::of_violation(&mchid, new.event.event_type(), violation, url, now));
        }
        record_id
    }

    /// Encrypts a sensitive field to the merchant.
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

    /// Queues a notification of the merchant's own act, if the sandbox is configured to.
    pub(crate) fn notify_of_own_act(&mut self, mchid: &str, complaint_id: &str, action_type: &str, now: UnixTime) {
        if self.own_acts {
            self.notify(mchid, complaint_id, action_type, now);
        }
    }

    /// Queues a notification with the next injected fault.
    pub(crate) fn queue(&mut self, mut notification: Notification) {
        notification.fault = self.notification_faults.pop_front();
        self.outbox.push(notification);
    }
}
