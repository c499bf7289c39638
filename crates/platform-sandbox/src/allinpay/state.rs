//! Allinpay's state: callers, keys, Alipay's complaints. WeChat Pay's state has its WeChat
//! complaints.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use protocol_core::UnixTime;
use protocol_core::allinpay::SignType;
use protocol_core::crypto::{PrivateKey, RsaDigest, RsaSigner, Signer, Sm2SignatureEncoding, Sm2Signer};
use protocol_core::wechat_pay::Scheme;
use serde_json::Value;

use super::account::AllinpayAccount;
use super::alipay_complaint::{AlipayComplaint, NewAlipayComplaint};
use super::delivery::QueuedNotice;
use super::notice::Notice;
use super::response;
use super::verify::AllinpayKeys;
use crate::certificate::pem_body;
use crate::error::SandboxError;
use crate::fault::NoticeFault;
use crate::keys::{Owner, key_material};
use crate::random;
use crate::wechat_pay::{NewComplaint, WechatPay};

/// The SM2 user id of the platform's signatures.
const PLATFORM_USER_ID: &str = "Allinpay";

/// Merchants below an agent.
const BELOW_AN_AGENT: usize = 3;

/// The gateway's callers and keys, and Alipay's complaints and files.
#[derive(Clone)]
pub(crate) struct Allinpay {
    pub(crate) accounts: Vec<AllinpayAccount>,
    /// The two default accounts.
    rsa: AllinpayAccount,
    sm2: AllinpayAccount,
    pub(super) keys: Arc<AllinpayKeys>,
    rsa_signer: Arc<dyn Signer>,
    sm2_signer: Arc<dyn Signer>,
    /// By id.
    pub(crate) alipay: BTreeMap<u64, AlipayComplaint>,
    /// URLs of uploaded files, by key.
    pub(crate) alipay_files: HashMap<String, String>,
    merchants: usize,
    /// Risk notification URLs, by `appid`.
    notice_urls: HashMap<String, String>,
    pub(crate) notice_faults: VecDeque<NoticeFault>,
    pub(crate) outbox: Vec<QueuedNotice>,
}

impl Allinpay {
    /// A gateway with two merchants, one of each algorithm.
    pub(crate) fn open() -> Result<Self, SandboxError> {
        let mut keys = AllinpayKeys::new();
        let (rsa, sm2) =
            (account(0, 0, SignType::Rsa, false, &mut keys)?, account(1, 1, SignType::Sm2, false, &mut keys)?);
        Ok(Self {
            accounts: vec![rsa.clone(), sm2.clone()],
            rsa,
            sm2,
            keys: Arc::new(keys),
            rsa_signer: signer(SignType::Rsa)?,
            sm2_signer: signer(SignType::Sm2)?,
            alipay: BTreeMap::new(),
            alipay_files: HashMap::new(),
            merchants: 2,
            notice_urls: HashMap::new(),
            notice_faults: VecDeque::new(),
            outbox: Vec::new(),
        })
    }

    /// Opens an account: a merchant's, or an agent's with merchants below it.
    pub(crate) fn add(&mut self, sign_type: SignType, agent: bool) -> Result<AllinpayAccount, SandboxError> {
        let keys = Arc::make_mut(&mut self.keys);
        let account = account(self.accounts.len(), self.merchants, sign_type, agent, keys)?;
        self.merchants += account.merchants.len();
        self.accounts.push(account.clone());
        Ok(account)
    }

    /// One of the two default accounts.
    pub(crate) fn default_account(&self, sign_type: SignType) -> AllinpayAccount {
        if sign_type == SignType::Sm2 { self.sm2.clone() } else { self.rsa.clone() }
    }

    /// An Alipay complaint, as the gateway writes it.
    pub(crate) fn alipay_complaint(&self, id: &str) -> Option<Value> {
        self.alipay.get(&id.parse().ok()?).map(AlipayComplaint::to_json)
    }

    /// How many requests asked to process an Alipay complaint.
    pub(crate) fn process_requests(&self, id: &str) -> Option<u32> {
        Some(self.alipay.get(&id.parse().ok()?)?.process_requests)
    }

    /// The merchant and the task of an Alipay complaint.
    pub(crate) fn task_of(&self, id: &str) -> Option<(String, String)> {
        let complaint = self.alipay.get(&id.parse().ok()?)?;
        Some((complaint.cusid.clone(), complaint.task_id.clone()))
    }

    /// The id of the Alipay complaint with this task.
    pub(crate) fn id_of(&self, task_id: &str) -> Option<String> {
        self.alipay.iter().find(|(_, complaint)| complaint.task_id == task_id).map(|(id, _)| id.to_string())
    }

    /// The id of the newest Alipay complaint.
    pub(crate) fn newest(&self) -> Option<String> {
        self.alipay.keys().next_back().map(u64::to_string)
    }

    /// A signed response with these records, JSON.
    pub(crate) fn signed_records(&self, sign_type: SignType, records: &[u8]) -> Vec<u8> {
        response::signed(response::records_of(records), &*self.signer(sign_type))
    }

    pub(super) fn signer(&self, sign_type: SignType) -> Arc<dyn Signer> {
        Arc::clone(if sign_type == SignType::Sm2 { &self.sm2_signer } else { &self.rsa_signer })
    }

    /// Files a complaint about WeChat Pay with a merchant of Allinpay. Returns its id. The phone
    /// number stays in clear.
    pub(crate) fn file_wechat(
        &self,
        wechat_pay: &mut WechatPay,
        mut new: NewComplaint,
        cusid: &str,
        now: UnixTime,
    ) -> Result<String, SandboxError> {
        self.check_merchant(cusid)?;
        // Allinpay's merchants never see their number at WeChat Pay.
        new.complainted_mchid.get_or_insert_with(|| random::digits(10));
        Ok(wechat_pay.file_with(new, cusid.to_owned(), now))
    }

    /// Files a complaint about Alipay with a merchant of Allinpay. Returns its id.
    pub(crate) fn file_alipay(
        &mut self,
        new: NewAlipayComplaint,
        cusid: &str,
        now: UnixTime,
    ) -> Result<String, SandboxError> {
        self.check_merchant(cusid)?;
        // A floating-point number cannot hold this id.
        let id = 2_000_008_003_000_000_001 + self.alipay.len() as u64;
        self.alipay.insert(id, AlipayComplaint::file(id, new, cusid, now));
        let id = id.to_string();
        self.notify(&id, now)?;
        Ok(id)
    }

    /// Moves a complaint to a state, and sends a notice of it.
    pub(crate) fn set_alipay_status(&mut self, id: &str, status: &str, now: UnixTime) -> Result<(), SandboxError> {
        let unknown = || SandboxError::UnknownComplaint(id.to_owned());
        let complaint = id.parse().ok().and_then(|id: u64| self.alipay.get_mut(&id)).ok_or_else(unknown)?;
        status.clone_into(&mut complaint.status);
        self.notify(id, now)
    }

    /// Sets the risk notification URL of a merchant's account, or of an agent's.
    pub(crate) fn set_notice_url(&mut self, cusid: &str, url: &str) -> Result<(), SandboxError> {
        let is_https = url.parse::<Uri>().is_ok_and(|url| url.scheme_str() == Some("https") && url.host().is_some());
        if !is_https {
            return Err(SandboxError::Url("expected https:// and a host".to_owned()));
        }
        let appid = self.account_of(cusid)?.appid.clone();
        self.notice_urls.insert(appid, url.to_owned());
        Ok(())
    }

    /// A notice of a complaint as it is now, signed.
    pub(crate) fn signed_notice(
        &self,
        id: &str,
        fault: Option<NoticeFault>,
        now: UnixTime,
    ) -> Result<Vec<u8>, SandboxError> {
        let (notice, account) = self.notice(id, now)?;
        Ok(notice.sign(&*self.signer(account.sign_type), fault))
    }

    /// Queues a notice, if the merchant has a URL for it.
    fn notify(&mut self, id: &str, now: UnixTime) -> Result<(), SandboxError> {
        let (notice, account) = self.notice(id, now)?;
        let Some(url) = self.notice_urls.get(&account.appid).cloned() else { return Ok(()) };
        let signer = self.signer(account.sign_type);
        let fault = self.notice_faults.pop_front();
        let (first, retry) = (notice.sign(&*signer, fault).into(), notice.sign(&*signer, None).into());
        let Notice { cusid, task_id, status, .. } = notice;
        self.outbox.push(QueuedNotice { url, cusid, task_id, status, fault, first, retry });
        Ok(())
    }

    fn notice(&self, id: &str, now: UnixTime) -> Result<(Notice, &AllinpayAccount), SandboxError> {
        let complaint = id.parse().ok().and_then(|id: u64| self.alipay.get(&id));
        let complaint = complaint.ok_or_else(|| SandboxError::UnknownComplaint(id.to_owned()))?;
        let account = self.account_of(&complaint.cusid)?;
        Ok((Notice::of(complaint, &account.appid, now), account))
    }

    /// The account of a merchant, or of an agent by its own number.
    fn account_of(&self, cusid: &str) -> Result<&AllinpayAccount, SandboxError> {
        let account = self
            .accounts
            .iter()
            .find(|account| account.cusid == cusid || account.merchants.iter().any(|merchant| merchant == cusid));
        account.ok_or_else(|| SandboxError::UnknownMerchant(cusid.to_owned()))
    }

    fn check_merchant(&self, cusid: &str) -> Result<(), SandboxError> {
        let known = self.accounts.iter().any(|account| account.merchants.iter().any(|merchant| merchant == cusid));
        if known { Ok(()) } else { Err(SandboxError::UnknownMerchant(cusid.to_owned())) }
    }
}

/// Makes the account with this number. Its merchants are numbered from `merchants`.
fn account(
    number: usize,
    merchants: usize,
    sign_type: SignType,
    agent: bool,
    keys: &mut AllinpayKeys,
) -> Result<AllinpayAccount, SandboxError> {
    let scheme = scheme(sign_type);
    let material = key_material(scheme, Owner::AllinpayMerchant(number))?;
    let platform = key_material(scheme, Owner::AllinpayPlatform)?;
    let orgid = agent.then(|| format!("55058{:09}S", 100 + number));
    let count = if agent { BELOW_AN_AGENT } else { 1 };
    let merchants: Vec<String> =
        (merchants..merchants + count).map(|number| format!("99058100742{:04}", 6001 + number)).collect();
    let account = AllinpayAccount {
        appid: format!("{:08}", 51 + number),
        cusid: orgid.clone().or_else(|| merchants.first().cloned()).unwrap_or_default(),
        orgid,
        sign_type,
        private_key: STANDARD.encode(pem_body(&material.private_pem)),
        platform_key: STANDARD.encode(&platform.public_der),
        merchants,
    };
    let merchants: Vec<&str> = account.merchants.iter().map(String::as_str).collect();
    keys.insert(&account.appid, account.orgid.as_deref(), &merchants, &material.public)?;
    Ok(account)
}

fn scheme(sign_type: SignType) -> Scheme {
    if sign_type == SignType::Sm2 { Scheme::Sm2 } else { Scheme::Rsa }
}

fn signer(sign_type: SignType) -> Result<Arc<dyn Signer>, SandboxError> {
    let material = key_material(scheme(sign_type), Owner::AllinpayPlatform)?;
    Ok(match &material.private {
        PrivateKey::Rsa(key) => Arc::new(RsaSigner::new(key, RsaDigest::Sha1)),
        PrivateKey::Sm2(key) => Arc::new(
            Sm2Signer::new(key, PLATFORM_USER_ID, Sm2SignatureEncoding::Raw)
                .map_err(|error| SandboxError::Identity(error.to_string()))?,
        ),
        _ => return Err(SandboxError::Identity("a key of another kind".to_owned())),
    })
}
