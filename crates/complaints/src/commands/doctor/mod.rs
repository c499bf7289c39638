//! `doctor`: looks at everything that a service needs, and says what to mend.

mod allinpay;
mod findings;
mod mini_program;
mod reach;
mod secrets;
#[cfg(feature = "serve")]
mod server;
mod wechat_pay;

use clap::Args;
use complaint_channels::{SettingError, Settings};
use futures_util::future::{LocalBoxFuture, join_all};

use self::findings::{Findings, Report};
use self::reach::Reach;
use crate::channel::watch::Watch;
use crate::config::Config;
use crate::error::Error;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The address under which the platforms reach the webhooks. Default: `public_url` of
    /// `[serve]`. Without either, the URL that is registered at WeChat Pay is tried, and no other.
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    let settings = config.read()?;
    let serve = settings.serve();
    let public_url = match &arguments.public_url {
        Some(url) => Some(url.as_str()),
        None => serve.public_url()?,
    };
    let reach = Reach::of(public_url)?;
    let sections = sections(&settings, config, &reach);
    if sections.is_empty() {
        let path = config.path().display();
        return Err(Error::config(format_args!(
            "{path} has no such section of a channel; `complaints init` writes one"
        )));
    }
    let findings = Watch::default().block_on(async {
        let findings = join_all(sections).await.into_iter().chain([secrets::examine(&settings)]);
        #[cfg(feature = "serve")]
        let findings = findings.chain(server::examine(&settings).await);
        Ok(findings.collect())
    })?;
    Report::of(findings).print()
}

type Examination<'a> = LocalBoxFuture<'a, Findings>;

/// The examination of each section that is meant.
fn sections<'a>(settings: &Settings, config: &Config, reach: &'a Reach) -> Vec<Examination<'a>> {
    let mut all: Vec<Examination<'a>> = Vec::new();
    each(&mut all, "wechat-pay", settings.every_wechat_pay(), |section| {
        let is_meant = config.means(section.mchid().ok(), section.name());
        is_meant.then(|| Box::pin(wechat_pay::examine(section, reach)) as _)
    });
    each(&mut all, "mini-program", settings.every_mini_program(), |section| {
        let is_meant = config.means(section.appid().ok(), section.name());
        is_meant.then(|| Box::pin(mini_program::examine(section, reach)) as _)
    });
    each(&mut all, "virtual-payment", settings.every_virtual_payment(), |section| {
        let appid = section.mini_program().and_then(|mini_program| mini_program.appid()).ok();
        let is_meant = config.means(appid, section.name());
        is_meant.then(|| Box::pin(mini_program::examine_virtual_payment(section)) as _)
    });
    each(&mut all, "allinpay", settings.every_allinpay(), |section| {
        let is_meant = config.means(section.cusid().ok(), section.name());
        is_meant.then(|| Box::pin(allinpay::examine(section, reach)) as _)
    });
    all
}

/// Adds the examinations of a channel's sections, or the error of all of them.
fn each<'a, S>(
    all: &mut Vec<Examination<'a>>,
    channel: &'static str,
    sections: Result<Vec<S>, SettingError>,
    examine: impl FnMut(S) -> Option<Examination<'a>>,
) {
    match sections {
        Ok(sections) => all.extend(sections.into_iter().filter_map(examine)),
        Err(error) => {
            let mut findings = Findings::of(channel, None);
            findings.failed("sections", error);
            all.push(Box::pin(std::future::ready(findings)));
        }
    }
}
