//! All accounts of a configuration, ready for use.

use std::path::Path;
use std::sync::Arc;

#[cfg(feature = "webhook")]
use allinpay_adapter::Notices;
#[cfg(feature = "webhook")]
use wechat_adapter::Notifications;
#[cfg(all(feature = "mini-program", feature = "webhook"))]
use wechat_adapter::mini_program::Pushes;

use crate::account::Account;
use crate::allinpay::AllinpayAccount;
use crate::error::SettingError;
#[cfg(feature = "webhook")]
use crate::error::SettingErrorKind;
#[cfg(feature = "mini-program")]
use crate::mini_program::MiniProgramAccount;
use crate::settings::{Settings, Transports};
#[cfg(feature = "virtual-payment")]
use crate::virtual_payment::VirtualPaymentAccount;
use crate::wechat_pay::WechatPayAccount;

/// The merchants and applications of a configuration, with their clients, receivers and keys.
///
/// Every file is read at once, and every key checked: a configuration with a fault is refused as a
/// whole. A section of a channel whose feature is off is not used.
#[derive(Debug, Default)]
pub struct Channels {
    wechat_pay: Vec<Arc<WechatPayAccount>>,
    #[cfg(feature = "mini-program")]
    mini_programs: Vec<Arc<MiniProgramAccount>>,
    #[cfg(feature = "virtual-payment")]
    virtual_payments: Vec<Arc<VirtualPaymentAccount>>,
    allinpay: Vec<Arc<AllinpayAccount>>,
}

impl Channels {
    /// Reads a configuration and all that it names.
    ///
    /// # Errors
    /// [`SettingError`], of the first fault.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SettingError> {
        Self::of(&Settings::from_file(path)?)
    }

    /// Reads the text of a configuration, and all that it names. File names are relative to the
    /// folder.
    ///
    /// # Errors
    /// [`SettingError`], of the first fault.
    pub fn from_toml(text: &str, folder: impl AsRef<Path>) -> Result<Self, SettingError> {
        Self::of(&Settings::from_toml(text, folder)?)
    }

    /// Reads all that a configuration names.
    ///
    /// # Errors
    /// [`SettingError`], of the first fault.
    pub fn of(settings: &Settings) -> Result<Self, SettingError> {
        Self::default().renewed(settings)
    }

    /// Reads all that a configuration names. An account for which everything is as before is the
    /// same one: its client, with what it counts and has fetched.
    pub(crate) fn renewed(&self, settings: &Settings) -> Result<Self, SettingError> {
        let mut transports = Transports::default();
        let mut channels = Self::default();
        for section in settings.every_wechat_pay()? {
            let account = WechatPayAccount::new(&section, &mut transports, &self.wechat_pay)?;
            channels.wechat_pay.push(same_or(account, &self.wechat_pay, |account| account.fingerprint));
        }
        #[cfg(feature = "mini-program")]
        for section in settings.every_mini_program()? {
            let account = MiniProgramAccount::new(&section, &mut transports)?;
            channels.mini_programs.push(same_or(account, &self.mini_programs, |account| account.fingerprint));
        }
        #[cfg(feature = "virtual-payment")]
        for section in settings.every_virtual_payment()? {
            let mini_program = channels.mini_program(section.mini_program()?.appid()?);
            let account = VirtualPaymentAccount::new(&section, mini_program)?;
            channels.virtual_payments.push(same_or(account, &self.virtual_payments, |account| account.fingerprint));
        }
        for section in settings.every_allinpay()? {
            let account = AllinpayAccount::new(&section, &mut transports)?;
            channels.allinpay.push(same_or(account, &self.allinpay, |account| account.fingerprint));
        }
        Ok(channels)
    }

    /// Every account, in the order of the file within its channel.
    pub fn accounts(&self) -> impl Iterator<Item = Account<'_>> {
        let accounts = self.wechat_pay().map(Account::WechatPay);
        #[cfg(feature = "mini-program")]
        let accounts = accounts.chain(self.mini_programs().map(Account::MiniProgram));
        #[cfg(feature = "virtual-payment")]
        let accounts = accounts.chain(self.virtual_payments().map(Account::VirtualPayment));
        accounts.chain(self.allinpay().map(Account::Allinpay))
    }

    /// The merchants of WeChat Pay.
    pub fn wechat_pay(&self) -> impl Iterator<Item = &WechatPayAccount> {
        self.wechat_pay.iter().map(|account| &**account)
    }

    /// The Mini Programs.
    #[cfg(feature = "mini-program")]
    pub fn mini_programs(&self) -> impl Iterator<Item = &MiniProgramAccount> {
        self.mini_programs.iter().map(|account| &**account)
    }

    /// The Mini Programs' virtual payments.
    #[cfg(feature = "virtual-payment")]
    pub fn virtual_payments(&self) -> impl Iterator<Item = &VirtualPaymentAccount> {
        self.virtual_payments.iter().map(|account| &**account)
    }

    /// The merchants, groups and agents of Allinpay.
    pub fn allinpay(&self) -> impl Iterator<Item = &AllinpayAccount> {
        self.allinpay.iter().map(|account| &**account)
    }

    /// The Mini Program with this `appid`.
    #[cfg(feature = "mini-program")]
    #[must_use]
    pub fn mini_program(&self, appid: &str) -> Option<&MiniProgramAccount> {
        self.mini_programs().find(|account| account.id().merchant == appid)
    }

    /// Keeps the certificates of every merchant fresh, where the platform's are used, as long as
    /// the account exists. It must be called within a Tokio runtime.
    pub fn keep_certificates(&self) {
        self.wechat_pay().for_each(WechatPayAccount::keep_certificates);
    }

    /// What a webhook receives for the merchants of WeChat Pay that have an APIv3 key, at any path.
    ///
    /// # Errors
    /// [`SettingError`]: two merchants have the same APIv3 key, so that their notifications cannot
    /// be told apart.
    #[cfg(feature = "webhook")]
    pub fn notifications(&self) -> Result<Notifications, SettingError> {
        let receivers = self.wechat_pay().filter_map(WechatPayAccount::receiver);
        let added = receivers.into_iter().try_fold(Notifications::default(), Notifications::account);
        added.map_err(|error| SettingError::new(SettingErrorKind::Value, error))
    }

    /// What a webhook receives for Allinpay's merchants, each at its path, by its `cusid`: the notices
    /// of Alipay's complaints.
    #[cfg(feature = "webhook")]
    pub fn notices(&self, path: impl Fn(&str) -> String) -> Notices {
        self.allinpay().fold(Notices::default(), |notices, account| {
            notices.account_at(path(&account.id().merchant), account.receiver())
        })
    }

    /// What a webhook receives for the Mini Programs that have a token, each at its path, by its
    /// `appid`.
    #[cfg(all(feature = "mini-program", feature = "webhook"))]
    pub fn pushes(&self, path: impl Fn(&str) -> String) -> Pushes {
        self.mini_programs().fold(Pushes::default(), |pushes, account| match account.receiver() {
            Some(receiver) => pushes.receiver_at(path(receiver.appid()), Arc::clone(receiver)),
            None => pushes,
        })
    }
}

/// The account, or the previous one if nothing of it has changed.
fn same_or<A>(account: A, previous: &[Arc<A>], fingerprint: impl Fn(&A) -> u64) -> Arc<A> {
    let same = previous.iter().find(|before| fingerprint(before) == fingerprint(&account));
    same.cloned().unwrap_or_else(|| Arc::new(account))
}
