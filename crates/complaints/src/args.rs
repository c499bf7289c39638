//! The arguments that commands share. A command's own stand in its file.

use clap::{Args, ValueEnum};

use crate::error::Error;

/// The channel, and the merchant in it.
#[derive(Debug, Args)]
pub(crate) struct Via {
    /// The channel of the complaints.
    #[arg(long = "via", value_name = "CHANNEL", value_enum, default_value_t = ChannelName::WechatPay)]
    pub(crate) channel: ChannelName,

    /// The merchant that an agent acts for, `merchantNo` in its list. Allinpay only.
    #[arg(long, value_name = "CUSID")]
    pub(crate) merchant: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ChannelName {
    WechatPay,
    VirtualPayment,
    Allinpay,
}

impl ChannelName {
    /// The value of `--via`.
    const fn as_str(self) -> &'static str {
        match self {
            Self::WechatPay => "wechat-pay",
            Self::VirtualPayment => "virtual-payment",
            Self::Allinpay => "allinpay",
        }
    }
}

impl Via {
    /// `--decrypt`, and the reason that a channel other than WeChat Pay does not take it.
    pub(crate) const fn no_decrypt(&self) -> &'static str {
        match self.channel {
            ChannelName::VirtualPayment => "--decrypt, since it is not confirmed that phone numbers are encrypted",
            ChannelName::WechatPay | ChannelName::Allinpay => "--decrypt, since phone numbers come in clear",
        }
    }

    /// Refuses options that the chosen channel does not have.
    pub(crate) fn check(&self, only_wechat_pay: &[(&str, bool)]) -> Result<(), Error> {
        let option = only_wechat_pay.iter().find(|(_, is_given)| *is_given).map(|(option, _)| option);
        match (self.channel, option) {
            (ChannelName::WechatPay | ChannelName::VirtualPayment, _) if self.merchant.is_some() => {
                Err(Error::usage("--merchant needs --via allinpay; add it, or leave --merchant out"))
            }
            (ChannelName::WechatPay, _) | (_, None) => Ok(()),
            (channel, Some(option)) => {
                let channel = channel.as_str();
                Err(Error::usage(format_args!("--via {channel} does not take {option}; leave it out")))
            }
        }
    }
}

/// Consent to a command that changes something.
#[derive(Debug, Args)]
pub(crate) struct Consent {
    /// Go ahead without confirmation.
    #[arg(long)]
    pub(crate) yes: bool,

    /// Print the signed request without sending it. The uploads that it needs are in the member
    /// `before`; placeholders replace their ids.
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OneComplaint {
    /// The complaint's number.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct Accused {
    /// The accused merchant. Default: the one that the complaint names. WeChat Pay only.
    #[arg(long = "accused", value_name = "MCHID")]
    pub(crate) mchid: Option<String>,
}

/// The configuration that is read by default.
pub(crate) const DEFAULT_CONFIG: &str = "complaints.toml";
