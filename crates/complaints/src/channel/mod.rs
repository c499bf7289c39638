//! The channels as configured, and the commands' interface to them.

pub(crate) mod act;
mod allinpay;
pub(crate) mod dry_run;
mod interface;
mod mini_program;
mod watch;
mod wechat_pay;

use std::path::Path;

use self::allinpay::AllinpayChannel;
pub(crate) use self::interface::{Acting, Channel, Command, Image, Said, Shown};
pub(crate) use self::mini_program::run as run_mini_program;
pub(crate) use self::wechat_pay::{WechatPayChannel, run as run_wechat_pay};
use crate::args::{self, ChannelName};
use crate::config::Allinpay;
use crate::error::Error;

/// Runs a command through the chosen channel.
pub(crate) fn run(via: &args::Via, config: &Path, command: &impl Command) -> Result<(), Error> {
    match via.channel {
        ChannelName::WechatPay => run_wechat_pay(config, async |channel| command.run(channel).await),
        ChannelName::Allinpay => {
            let channel = AllinpayChannel::open(&Allinpay::load(config)?, via.merchant.as_deref())?;
            channel.watch().block_on(command.run(&channel))
        }
    }
}

impl args::Via {
    /// Refuses options that the chosen channel does not have.
    pub(crate) fn check(&self, only_wechat_pay: &[(&str, bool)]) -> Result<(), Error> {
        let option = only_wechat_pay.iter().find(|(_, is_given)| *is_given).map(|(option, _)| option);
        match (self.channel, option) {
            (ChannelName::WechatPay, _) if self.merchant.is_some() => {
                Err(Error::usage("--merchant needs --via allinpay; add it, or leave --merchant out"))
            }
            (ChannelName::Allinpay, Some(option)) => {
                Err(Error::usage(format_args!("--via allinpay does not take {option}; leave it out")))
            }
            _ => Ok(()),
        }
    }
}
