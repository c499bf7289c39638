//! `callback`: the URL that WeChat Pay posts complaints to, and the one for penalties.

use std::marker::PhantomData;

use clap::{Args, Subcommand};
use protocol_core::wechat_pay::{ErrorCode, NotificationUrl, Operation, RegisteredUrl, ResponseError, ViolationUrl};
use serde::Serialize;
use wechat_adapter::Error as CallError;

use crate::args::Consent;
use crate::channel::{WechatPayChannel, run_on};
use crate::config::Config;
use crate::error::Error;
use crate::language::{language, say};
use crate::view::output::{self, visible};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// The violation URL instead: the penalties of a service provider's merchants are posted to it
    /// (`VIOLATION.PUNISH`, `VIOLATION.INTERCEPT`, `VIOLATION.APPEAL`). Service providers only.
    #[arg(long, global = true)]
    pub(crate) violations: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Register a URL. `ensure` also replaces one.
    Create(CallbackUrl),
    /// Show the registered URL.
    Get,
    /// Replace the registered URL.
    Update(CallbackUrl),
    /// Remove the URL; messages are no longer posted. Succeeds if none is registered.
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

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    if arguments.violations {
        Callback::<ViolationUrl>::new("callback-penalties", " --violations").run(arguments, config)
    } else {
        Callback::<NotificationUrl>::new("callback-complaints", "").run(arguments, config)
    }
}

/// The command for one of the two URLs, with its words.
struct Callback<U> {
    /// The name of the text that says what is posted to it.
    posted: &'static str,
    /// The option that chooses it, after a blank.
    option: &'static str,
    url: PhantomData<U>,
}

impl<U: RegisteredUrl + Serialize> Callback<U> {
    const fn new(posted: &'static str, option: &'static str) -> Self {
        Self { posted, option, url: PhantomData }
    }

    fn run(&self, arguments: &Arguments, config: &Config) -> Result<(), Error> {
        match &arguments.command {
            Command::Get => run_on(WechatPayChannel::open(config), async |channel| {
                let there = channel.client().await?.send(&U::QUERY).await;
                output::print(&there.map_err(|error| self.refused(error, Error::from))?)
            }),
            Command::Create(CallbackUrl { url, consent }) => {
                let what = self.question("callback-create", url);
                self.set(&U::create(url), what, consent, config)
            }
            Command::Update(CallbackUrl { url, consent }) => {
                let what = self.question("callback-update", url);
                self.set(&U::update(url), what, consent, config)
            }
            Command::Ensure(CallbackUrl { url, consent }) => self.ensure(url, consent, config),
            Command::Delete(Delete { consent }) => self.delete(consent, config),
        }
    }

    fn set<O>(&self, operation: &O, what: String, consent: &Consent, config: &Config) -> Result<(), Error>
    where
        O: Operation<Response = U> + Sync,
    {
        consent.check()?;
        run_on(WechatPayChannel::open(config), async |channel: &WechatPayChannel| {
            // A wrong URL is refused before the confirmation, too.
            let request = channel.sign(operation)?;
            if consent.dry_run {
                return output::print(&request);
            }
            consent.ask(what).await?;
            self.look_into(channel);
            let set = channel.client().await?.send(operation).await;
            output::print(&set.map_err(|error| self.refused(error, Error::of_act))?)
        })
    }

    fn ensure(&self, url: &str, consent: &Consent, config: &Config) -> Result<(), Error> {
        consent.check()?;
        run_on(WechatPayChannel::open(config), async |channel: &WechatPayChannel| {
            // A wrong URL is refused before the first request.
            channel.sign(&U::create(url))?;
            if consent.dry_run {
                return output::print(&channel.sign(&U::QUERY)?);
            }
            consent.ask(self.question("callback-ensure", url)).await?;
            self.look_into(channel);
            output::print(&channel.client().await?.ensure_url::<U>(url).await.map_err(Error::of_act)?)
        })
    }

    fn delete(&self, consent: &Consent, config: &Config) -> Result<(), Error> {
        consent.check()?;
        run_on(WechatPayChannel::open(config), async |channel: &WechatPayChannel| {
            if consent.dry_run {
                return output::print(&channel.sign(&U::DELETE)?);
            }
            consent.ask(self.question("callback-delete", "")).await?;
            self.look_into(channel);
            channel.client().await?.delete_url::<U>().await.map_err(Error::of_act)?;
            output::print_either(&(), || say("callback-none"))
        })
    }

    /// The question about a change to a URL.
    fn question(&self, name: &str, url: &str) -> String {
        let posted = language().text(self.posted);
        language().text_with(name, [("posted", posted.into()), ("url", visible(url).into())])
    }

    /// Sets the command that shows the effect, for an interruption.
    fn look_into(&self, channel: &WechatPayChannel) {
        channel.watch.look_with(format!("`complaints callback get{}`", self.option));
    }

    /// Says what to do if no URL is registered.
    fn refused(&self, error: CallError, told: impl FnOnce(CallError) -> Error) -> Error {
        let code = error.response().and_then(ResponseError::refusal).and_then(|(_, code)| code);
        let is_missing = code == Some(ErrorCode::ResourceNotExists.as_str());
        let error = told(error);
        if !is_missing {
            return error;
        }
        error.and(format_args!("no URL is registered: `complaints callback ensure URL{}` registers one", self.option))
    }
}
