//! `inbox`: the complaints that a server keeps, read from its database while it runs.

mod backup;
mod document;
mod export;
mod list;
mod show;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use complaint_inbox::{ComplaintKey, Filter, MAX_PRODUCT, MAX_SEARCH_WORDS, SqliteStore, StoreError};
use protocol_core::UnixTime;

use crate::commands::list::within;
use crate::config::Config;
use crate::error::Error;

#[derive(Debug, Subcommand)]
pub(crate) enum Arguments {
    /// List the complaints, the earliest deadline first.
    List(list::Arguments),
    /// Show one complaint: its document, its history, its acts and its events.
    Show(show::Arguments),
    /// Write the complaints with their documents as CSV for Excel, or for programs. Phone numbers are
    /// masked.
    Export(export::Arguments),
    /// Copy the database into a new file, which takes its place after a disaster.
    Backup(backup::Arguments),
}

pub(crate) fn run(command: &Arguments, config: &Config) -> Result<(), Error> {
    match command {
        Arguments::List(command) => list::run(command, config),
        Arguments::Show(command) => show::run(command, config),
        Arguments::Export(command) => export::run(command, config),
        Arguments::Backup(command) => backup::run(command, config),
    }
}

/// The database, which a server may have.
#[derive(Debug, Args)]
pub(crate) struct Database {
    /// The server's database. Default: that of the configuration, `database` in `[inbox]`.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

impl Database {
    /// Opens it to be read.
    fn open(&self, config: &Config) -> Result<SqliteStore, Error> {
        let path = match &self.database {
            Some(path) => path.clone(),
            None => {
                let settings = config.read().map_err(|error| error.and("or name the database with --database FILE"))?;
                settings.inbox().database()?
            }
        };
        Ok(SqliteStore::open_to_read(path)?)
    }
}

/// The complaints that are meant. Default: all.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Only complaints that are not closed.
    #[arg(long, conflicts_with = "closed")]
    open: bool,

    /// Only closed complaints.
    #[arg(long)]
    closed: bool,

    /// Only complaints of this channel: wechat-pay, mini-program, virtual-payment, allinpay,
    /// or allinpay-alipay for Alipay's.
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,

    /// Only complaints of this merchant or application: `mchid`, `appid` or `cusid`.
    #[arg(long, value_name = "ID")]
    merchant: Option<String>,

    /// Only complaints in this state: the platform's word for it, such as PENDING.
    #[arg(long, value_name = "STATE")]
    state: Option<String>,

    /// Only complaints about this product: its whole name.
    #[arg(long, value_name = "NAME", value_parser = product)]
    product: Option<String>,

    /// Only complaints in which each of these words is found: in their numbers, in the numbers of
    /// their orders, or in what the payer wrote. At most 8 words between blanks.
    #[arg(long, value_name = "WORDS", value_parser = words)]
    text: Option<String>,

    /// Only complaints whose next deadline is over, unknown, or within this time, such as 30m, 6h
    /// or 2d; at most 365d.
    #[arg(long, value_name = "TIME", value_parser = within, conflicts_with = "due_before")]
    due_within: Option<u32>,

    /// Only complaints whose next deadline is before this time, or unknown: RFC 3339, such as
    /// 2026-11-29T16:00:00+08:00.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    due_before: Option<UnixTime>,
}

impl Which {
    fn filter(&self, now: UnixTime) -> Filter {
        let before = self.due_before.map(|time| UnixTime(time.0.saturating_sub(1)));
        Filter {
            is_open: if self.open || self.closed { Some(self.open) } else { None },
            channel: self.channel.clone(),
            merchant: self.merchant.clone(),
            state: self.state.clone(),
            product: self.product.clone(),
            text: self.text.clone(),
            due_by: before.or_else(|| self.due_within.map(|seconds| now.plus(seconds))),
            ..Filter::default()
        }
    }
}

/// A longer name is none that the inbox has.
fn product(name: &str) -> Result<String, String> {
    if name.len() > MAX_PRODUCT {
        return Err(format!("expected a name of at most {MAX_PRODUCT} bytes; a longer one is cut there"));
    }
    Ok(name.to_owned())
}

/// Words that are not looked for would show more than was asked for.
fn words(text: &str) -> Result<String, String> {
    match text.split_whitespace().count() {
        1..=MAX_SEARCH_WORDS => Ok(text.to_owned()),
        _ => Err(format!("expected 1 to {MAX_SEARCH_WORDS} words between blanks")),
    }
}

fn moment(text: &str) -> Result<UnixTime, &'static str> {
    let time = text.parse::<jiff::Timestamp>().map(|time| UnixTime(time.as_second()));
    time.map_err(|_| "expected a time with its offset, such as 2026-11-29T16:00:00+08:00")
}

/// The name of a complaint for `inbox show`.
fn name(ComplaintKey { channel, merchant, id }: &ComplaintKey) -> String {
    format!("{channel}/{merchant}/{id}")
}

/// The file is the configuration's, and the machine's faults are not.
impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        if error.is_retryable() { Self::usage(error) } else { Self::config(error) }
    }
}
