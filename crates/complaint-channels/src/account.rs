//! The accounts of a configuration: what they have in common.

use std::fmt;

use protocol_core::UnixTime;
use protocol_core::channel::ComplaintChannel;

use crate::allinpay::AllinpayAccount;
use crate::links::Links;
#[cfg(feature = "mini-program")]
use crate::mini_program::MiniProgramAccount;
#[cfg(feature = "virtual-payment")]
use crate::virtual_payment::VirtualPaymentAccount;
use crate::wechat_pay::WechatPayAccount;

/// A merchant or an application of any channel.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Account<'c> {
    /// A merchant of WeChat Pay.
    WechatPay(&'c WechatPayAccount),
    /// A Mini Program.
    #[cfg(feature = "mini-program")]
    MiniProgram(&'c MiniProgramAccount),
    /// The virtual payment of a Mini Program.
    #[cfg(feature = "virtual-payment")]
    VirtualPayment(&'c VirtualPaymentAccount),
    /// A merchant, group or agent of Allinpay.
    Allinpay(&'c AllinpayAccount),
}

impl<'c> Account<'c> {
    /// The channel, and the merchant in it.
    #[must_use]
    pub const fn id(&self) -> &'c AccountId {
        match self {
            Self::WechatPay(account) => account.id(),
            #[cfg(feature = "mini-program")]
            Self::MiniProgram(account) => account.id(),
            #[cfg(feature = "virtual-payment")]
            Self::VirtualPayment(account) => account.id(),
            Self::Allinpay(account) => account.id(),
        }
    }

    /// The client, if the channel lists complaints. The Mini Program's server has no list.
    #[must_use]
    pub fn complaint_channel(&self) -> Option<&'c dyn ComplaintChannel> {
        match self {
            Self::WechatPay(account) => Some(account.client()),
            #[cfg(feature = "mini-program")]
            Self::MiniProgram(_) => None,
            #[cfg(feature = "virtual-payment")]
            Self::VirtualPayment(account) => Some(account.client()),
            Self::Allinpay(account) => Some(account.client()),
        }
    }

    /// The pictures behind plain links of its complaints.
    #[must_use]
    pub const fn links(&self) -> &'c Links {
        match self {
            Self::WechatPay(account) => account.links(),
            #[cfg(feature = "mini-program")]
            Self::MiniProgram(account) => account.links(),
            #[cfg(feature = "virtual-payment")]
            Self::VirtualPayment(account) => account.links(),
            Self::Allinpay(account) => account.links(),
        }
    }

    /// The keys that messages name, with the end of their validity.
    #[must_use]
    pub fn keys(&self) -> Vec<NamedKey> {
        match self {
            Self::WechatPay(account) => account.keys(),
            _ => Vec::new(),
        }
    }
}

/// The identity of an account: the channel, and the merchant in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AccountId {
    /// The channel.
    pub channel: ChannelName,
    /// The merchant's number (`mchid`, `cusid`) or the application's id (`appid`).
    pub merchant: String,
    /// The name that people gave the section.
    pub name: Option<String>,
}

impl AccountId {
    pub(crate) fn new(channel: ChannelName, merchant: &str, name: Option<&str>) -> Self {
        Self { channel, merchant: merchant.to_owned(), name: name.map(str::to_owned) }
    }
}

/// A channel. Its `Display` is the section's name, such as `wechat-pay`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ChannelName {
    /// WeChat Pay.
    WechatPay,
    /// The Mini Program, trade guarantee.
    MiniProgram,
    /// The Mini Program's virtual payment.
    VirtualPayment,
    /// Allinpay.
    Allinpay,
}

impl ChannelName {
    /// The section's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WechatPay => "wechat-pay",
            Self::MiniProgram => "mini-program",
            Self::VirtualPayment => "virtual-payment",
            Self::Allinpay => "allinpay",
        }
    }

    /// The channel with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::WechatPay, Self::MiniProgram, Self::VirtualPayment, Self::Allinpay]
            .into_iter()
            .find(|channel| channel.as_str() == name)
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key that messages name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct NamedKey {
    /// The owner.
    pub owner: KeyOwner,
    /// The certificate's serial, or the public key's id.
    pub id: String,
    /// The last second of the certificate's validity; `None` for a public key.
    pub not_after: Option<UnixTime>,
}

/// The owner of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyOwner {
    /// The merchant, who signs requests with it.
    Merchant,
    /// The platform, which signs messages with it.
    Platform,
}
