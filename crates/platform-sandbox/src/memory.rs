//! What a sandbox keeps over restarts: its keys, the seed of its accounts, and its complaints.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use protocol_core::UnixTime;
use serde::{Deserialize, Serialize};

use crate::allinpay::AlipayComplaint;
use crate::complaints_toml::write_private;
use crate::config::SandboxConfig;
use crate::error::SandboxError;
use crate::keys::{self, KeptKey};
use crate::linked::{self, Linked};
use crate::mini_program::Order;
use crate::platform::Platform;
use crate::state::State;
use crate::wechat_pay::{Complaint, Images, MerchantAccount};

/// The file of a sandbox, and what it was made of.
pub(crate) struct Memory {
    path: PathBuf,
    seed: u64,
    accounts: [String; 3],
    base_url: String,
    continues: bool,
    /// The text of the file. Those who keep take turns.
    written: Mutex<String>,
}

impl Memory {
    /// Whether an earlier sandbox kept the file.
    pub(crate) const fn continues(&self) -> bool {
        self.continues
    }
}

impl Platform {
    /// Writes the memory of a new sandbox, so that its accounts stay.
    pub(crate) fn keep_first(&self) -> Result<(), SandboxError> {
        self.keep().map_err(|error| {
            let path = self.memory.as_ref().map(|memory| memory.path.display().to_string()).unwrap_or_default();
            SandboxError::Memory { path, reason: format!("cannot be written: {}", error.kind()) }
        })
    }

    /// Writes the memory, if there is one and something changed.
    pub(crate) fn keep(&self) -> io::Result<()> {
        let Some(memory) = &self.memory else { return Ok(()) };
        let mut written = memory.written.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = Kept {
            seed: memory.seed,
            accounts: memory.accounts.clone(),
            base_url: memory.base_url.clone(),
            keys: keys::kept_keys(),
            complaints: Complaints::of(&self.state()),
        };
        let text = serde_json::to_string(&kept)?;
        if *written != text {
            write_private(&memory.path, text.as_bytes())?;
            *written = text;
        }
        Ok(())
    }
}

/// The beginning of the platforms, new or from a memory.
pub(crate) struct Start {
    pub(crate) state: State,
    pub(crate) merchant: Arc<MerchantAccount>,
    pub(crate) memory: Option<Memory>,
}

impl Start {
    pub(crate) fn of(config: &SandboxConfig, base_url: &str) -> Result<Self, SandboxError> {
        let now = config.clock.now();
        let new = || State::new(config.scheme, config.own_acts, now);
        let Some(path) = &config.memory else {
            keys::make_common_keys();
            let (state, merchant) = new()?;
            return Ok(Self { state, merchant, memory: None });
        };
        let kept = read(path, base_url)?;
        let (seed, before, complaints) = match kept {
            Some(Kept { seed, accounts, keys, complaints, .. }) => {
                keys::restore_keys(keys)?;
                (seed, Some(accounts), complaints)
            }
            None => (fastrand::u64(..), None, Complaints::default()),
        };
        let continues = before.is_some();
        keys::make_common_keys();
        // The accounts are made of random values: the same ones from the same seed.
        let others = fastrand::u64(..);
        fastrand::seed(seed);
        let started = new();
        fastrand::seed(others);
        let (mut state, merchant) = started?;
        let accounts = accounts(&state, &merchant);
        if before.is_some_and(|before| before != accounts) {
            return Err(wrong(path, "another version of the sandbox wrote it"));
        }
        complaints.restore(&mut state, now)?;
        let (path, base_url, written) = (path.clone(), base_url.to_owned(), Mutex::default());
        Ok(Self { state, merchant, memory: Some(Memory { path, seed, accounts, base_url, continues, written }) })
    }
}

/// The content of the file.
#[derive(Serialize, Deserialize)]
struct Kept {
    seed: u64,
    accounts: [String; 3],
    base_url: String,
    keys: Vec<KeptKey>,
    complaints: Complaints,
}

/// The complaints of all platforms, with their pictures.
#[derive(Default, Serialize, Deserialize)]
struct Complaints {
    wechat_pay: BTreeMap<String, Complaint>,
    images: Images,
    #[serde(default)]
    linked: Linked,
    sequence: u64,
    /// Whether virtual payment has its merchant.
    virtual_payment: bool,
    orders: BTreeMap<String, Order>,
    next_order: u64,
    media: HashMap<String, UnixTime>,
    alipay: BTreeMap<u64, AlipayComplaint>,
    alipay_files: HashMap<String, String>,
}

impl Complaints {
    fn of(state: &State) -> Self {
        Self {
            wechat_pay: state.wechat_pay.complaints.clone(),
            images: state.wechat_pay.images.clone(),
            linked: state.linked.clone(),
            sequence: state.wechat_pay.sequence,
            virtual_payment: state.virtual_payment.merchant.is_some(),
            orders: state.mini_program.orders.clone(),
            next_order: state.mini_program.next_order,
            media: state.mini_program.media.clone(),
            alipay: state.allinpay.alipay.clone(),
            alipay_files: state.allinpay.alipay_files.clone(),
        }
    }

    fn restore(self, state: &mut State, now: UnixTime) -> Result<(), SandboxError> {
        state.wechat_pay.complaints = self.wechat_pay;
        state.wechat_pay.images = self.images;
        state.linked = self.linked;
        state.wechat_pay.sequence = self.sequence;
        state.mini_program.orders = self.orders;
        state.mini_program.next_order = state.mini_program.next_order.max(self.next_order);
        state.mini_program.media = self.media;
        state.allinpay.alipay = self.alipay;
        state.allinpay.alipay_files = self.alipay_files;
        if self.virtual_payment {
            state.owner(now)?;
        }
        Ok(())
    }
}

/// Numbers that a configuration names. Another version may draw others from the seed.
fn accounts(state: &State, merchant: &MerchantAccount) -> [String; 3] {
    let key = state.wechat_pay.keys.public.id.clone();
    [merchant.serial_no.clone(), key, state.mini_program.account.appid.clone()]
}

/// A file that is not gone on with.
fn wrong(path: &Path, reason: &str) -> SandboxError {
    let reason = format!("{reason}; name another file, or remove it to begin anew");
    SandboxError::Memory { path: path.display().to_string(), reason }
}

/// Reads the file; `None` if there is none. Its links to pictures lead to this sandbox then.
fn read(path: &Path, base_url: &str) -> Result<Option<Kept>, SandboxError> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(path, &error.kind().to_string())),
        Ok(text) => {
            let moved = || {
                let text = String::from_utf8(text).ok()?;
                let kept: Kept = serde_json::from_str(&text).ok()?;
                let before = linked::start(&kept.base_url);
                serde_json::from_str(&text.replace(&before, &linked::start(base_url))).ok()
            };
            // The text of the error may quote what payers say.
            moved().map(Some).ok_or_else(|| wrong(path, "it is no sandbox's memory"))
        }
    }
}
