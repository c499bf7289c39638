//! Allinpay's state: callers, keys, Alipay's complaints. WeChat Pay's state has its WeChat
//! complaints.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::UnixTime;
use protocol_core::allinpay::SignType;
use protocol_core::crypto::{PrivateKey, RsaDigest, RsaSigner, Signer, Sm2SignatureEncoding, Sm2Signer};
use protocol_core::wechat_pay::Scheme;
use serde_json::Value;

use super::account::AllinpayAccount;
use super::alipay_complaint::{AlipayComplaint, NewAlipayComplaint};
use super::response;
use super::verify::AllinpayKeys;
use crate::certificate::pem_body;
use crate::error::SandboxError;
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
    pub(super) alipay: BTreeMap<u64, AlipayComplaint>,
    /// URLs of uploaded files, by key.
    pub(super) alipay_files: HashMap<String, String>,
    merchants: usize,
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
        Ok(id.to_string())
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
