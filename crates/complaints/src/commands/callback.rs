//! `callback`: the URL that WeChat Pay posts complaints to.

use std::path::Path;

use clap::{Args, Subcommand};
use protocol_core::wechat_pay::{
    CreateNotificationUrl, DeleteNotificationUrl, Operation, QueryNotificationUrl, UpdateNotificationUrl,
};

use crate::args::Consent;
use crate::channel::{WechatPayChannel, run_on};
use crate::error::Error;
use crate::view::output::{self, visible};

#[derive(Debug, Subcommand)]
pub(crate) enum Arguments {
    /// Register a URL. `ensure` also replaces one.
    Create(CallbackUrl),
    /// Show the registered URL.
    Get,
    /// Replace the registered URL.
    Update(CallbackUrl),
    /// Remove the URL; complaints are no longer posted. Succeeds if none is registered.
    Delete(Delete),
    /// Register or replace the URL. Succeeds if it is registered already.
    Ensure(CallbackUrl),
}

#[derive(Debug, Args)]
pub(crate) struct CallbackUrl {
    /// `https`, a public host name, no query, at most 255 characters.
    pub(crate) url: String,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    pub(crate) consent: Consent,
}

pub(crate) fn run(command: &Arguments, config: &Path) -> Result<(), Error> {
    match command {
        Arguments::Get => run_on(WechatPayChannel::open(config), async |channel| {
            output::print(&channel.client().await?.send(&QueryNotificationUrl).await?)
        }),
        Arguments::Create(CallbackUrl { url, consent }) => {
            let operation = CreateNotificationUrl::new(url.clone());
            let what = format!("Complaints will be posted to {}.", visible(url));
            set(&operation, what, consent, config)
        }
        Arguments::Update(CallbackUrl { url, consent }) => {
            let operation = UpdateNotificationUrl::new(url.clone());
            let what = format!("Complaints will be posted to {}, and no longer to the present URL.", visible(url));
            set(&operation, what, consent, config)
        }
        Arguments::Ensure(CallbackUrl { url, consent }) => ensure(url, consent, config),
        Arguments::Delete(Delete { consent }) => delete(consent, config),
    }
}

/// Sets the command that shows the effect, for an interruption.
fn look(channel: &WechatPayChannel) {
    channel.watch.look_with("`complaints callback get`".to_owned());
}

fn set<O>(operation: &O, what: String, consent: &Consent, config: &Path) -> Result<(), Error>
where
    O: Operation<Response: serde::Serialize + Send> + Sync,
{
    consent.check()?;
    run_on(WechatPayChannel::open(config), async |channel: &WechatPayChannel| {
        // A wrong URL is refused before the confirmation, too.
        let request = channel.sign(operation)?;
        if consent.dry_run {
            return output::print(&request);
        }
        consent.ask(what).await?;
        look(channel);
        output::print(&channel.client().await?.send(operation).await.map_err(Error::of_act)?)
    })
}

fn ensure(url: &str, consent: &Consent, config: &Path) -> Result<(), Error> {
    consent.check()?;
    run_on(WechatPayChannel::open(config), async |channel: &WechatPayChannel| {
        // A wrong URL is refused before the first request.
        channel.sign(&CreateNotificationUrl::new(url))?;
        if consent.dry_run {
            return output::print(&channel.sign(&QueryNotificationUrl)?);
        }
        consent.ask(format!("Complaints will be posted to {}, in place of any other URL.", visible(url))).await?;
        look(channel);
        output::print(&channel.client().await?.ensure_notification_url(url).await.map_err(Error::of_act)?)
    })
}

fn delete(consent: &Consent, config: &Path) -> Result<(), Error> {
    consent.check()?;
    run_on(WechatPayChannel::open(config), async |channel: &WechatPayChannel| {
        if consent.dry_run {
            return output::print(&channel.sign(&DeleteNotificationUrl)?);
        }
        consent.ask("Complaints will no longer be posted.".to_owned()).await?;
        look(channel);
        channel.client().await?.delete_notification_url().await.map_err(Error::of_act)?;
        output::print_either(&(), || "no URL is registered".to_owned())
    })
}
