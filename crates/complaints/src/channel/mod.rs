//! The channels as configured, and what the commands ask of each.

pub(crate) mod act;
pub(crate) mod allinpay;
pub(crate) mod dry_run;
mod interface;
pub(crate) mod mini_program;
pub(crate) mod wechat_pay;
mod wechat_pay_acts;

use std::path::Path;

use self::allinpay::Gateway;
pub(crate) use self::interface::{Act, Channel, ClientError, Command, Decision, Image, Said, only_wechat_pay, perform};
use crate::args::{self, ChannelName};
use crate::config::Allinpay;
use crate::error::Error;

/// Runs a command through the channel that was chosen.
pub(crate) fn run(via: &args::Via, config: &Path, command: &impl Command) -> Result<(), Error> {
    match via.channel {
        ChannelName::WechatPay => wechat_pay::run(config, async |network| command.run(network).await),
        ChannelName::Allinpay => {
            let gateway = Gateway::open(&Allinpay::load(config)?, via.merchant.as_deref())?;
            gateway.watch().block_on(command.run(&gateway))
        }
    }
}

impl args::Via {
    /// Refuses what the chosen channel does not have.
    pub(crate) fn check(&self, wechat_pays_own: &[(&str, bool)]) -> Result<(), Error> {
        match self.channel {
            ChannelName::WechatPay if self.merchant.is_some() => {
                Err(Error::usage("--merchant is Allinpay's: give --via allinpay with it, or leave it out"))
            }
            ChannelName::WechatPay => Ok(()),
            ChannelName::Allinpay => match wechat_pays_own.iter().find(|(_, is_given)| *is_given) {
                Some((option, _)) => {
                    Err(Error::usage(format_args!("--via allinpay does not go with {option}; leave it out")))
                }
                None => Ok(()),
            },
        }
    }
}
