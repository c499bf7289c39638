//! `listen`: receives what the platforms send, verifies it, prints it, and hands it on.

mod forward;
mod hearing;
mod lines;
mod original;

use std::net::SocketAddr;

use clap::Args;
use complaint_channels::{Account, Channels, WECHAT_PAY_PATH, allinpay_path, mini_program_path};
use http_transport::Listener;
use serde::Serialize;

use self::forward::Forward;
use self::hearing::Hearing;
use crate::config::Config;
use crate::error::Error;
use crate::language::{say, say_with};
use crate::runtime::{self, Stop};
use crate::view::output::{self, visible};
use crate::view::words::word;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The address to listen on; port 0 for a free one. Default: `webhooks` of `[serve]`. Its
    /// certificate is used, too; without one, a proxy or a tunnel in front speaks TLS.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Option<SocketAddr>,

    /// Hand each message that verifies on to this URL, headers, query and body unchanged, and its
    /// response back to the platform. A URL without a path keeps the path of the message. A push in
    /// the mode `plain` has no signature, and is handed on, too.
    #[arg(long, value_name = "URL")]
    pub(crate) forward_to: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    // A lower limit than wanted means fewer connections at once.
    let _ = http_transport::raise_open_files();
    let settings = config.read()?;
    let serve = settings.serve();
    let address = arguments.address.map_or_else(|| serve.webhooks(), Ok)?;
    let listening = serve.listener()?;
    let forward = arguments.forward_to.as_deref().map(Forward::to).transpose()?;
    let channels = Channels::of(&settings)?;
    let webhooks = webhooks(&channels);
    if webhooks.is_empty() {
        return Err(Error::config(
            "no section can receive: [wechat-pay] needs apiv3_key_file, [mini-program] token_file, [allinpay] platform_key",
        ));
    }
    runtime::block_on(async {
        let stop = Stop::listen()?;
        let hearing = Hearing::of(&channels, forward)?;
        let scheme = if listening.tls().is_some() { "https" } else { "http" };
        let listener = Listener::bind(address, listening).await.map_err(|error| {
            Error::usage(format_args!("cannot listen on {address}: {error}; choose another --address"))
        })?;
        channels.keep_certificates();
        let listening = format!("{scheme}://{}", listener.local_addr());
        let forward_to = arguments.forward_to.as_deref();
        let ready = Ready { listening, forward_to, webhooks };
        output::print_either(&ready, || ready.text())?;
        listener.serve(hearing, stop.wait()).await;
        Ok(())
    })
}

/// The first line.
#[derive(Serialize)]
struct Ready<'a> {
    listening: String,
    forward_to: Option<&'a str>,
    webhooks: Vec<Webhook>,
}

/// Where the messages of an account are received.
#[derive(Serialize)]
struct Webhook {
    channel: &'static str,
    merchant: String,
    path: String,
}

impl Ready<'_> {
    fn text(&self) -> String {
        let Self { listening, .. } = self;
        let mut text = say("listen-until");
        for Webhook { channel, merchant, path } in &self.webhooks {
            text.push_str(&format!(
                "\n  {} {}: {listening}{}",
                word("channel", channel),
                visible(merchant),
                visible(path)
            ));
        }
        if let Some(url) = self.forward_to {
            text.push_str(&format!("\n{}", say_with("listen-forward", [("url", visible(url).into())])));
        }
        text
    }
}

/// The accounts that can receive.
fn webhooks(channels: &Channels) -> Vec<Webhook> {
    let path = |account: &Account<'_>| match account {
        Account::WechatPay(account) => account.api_v3_key().map(|_| WECHAT_PAY_PATH.to_owned()),
        Account::MiniProgram(account) => account.receiver().map(|receiver| mini_program_path(receiver.appid())),
        Account::Allinpay(account) => Some(allinpay_path(&account.id().merchant)),
        // Its events arrive with the Mini Program's pushes.
        _ => None,
    };
    let webhook = |account: Account<'_>| {
        let id = account.id();
        Some(Webhook { channel: id.channel.as_str(), merchant: id.merchant.clone(), path: path(&account)? })
    };
    channels.accounts().filter_map(webhook).collect()
}
