//! The commands: a file each.

mod callback;
mod complete;
mod decode;
mod demo;
mod explain;
mod history;
mod image;
mod list;
mod mini_program;
mod open;
mod plan;
mod refund;
mod reply;
mod sandbox;
mod self_test;
mod show;
mod sign;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

pub(crate) use self::explain::complete_explain;
use crate::args::DEFAULT_CONFIG;
use crate::error::Error;

/// WeChat transaction complaints: list them, reply to them, verify messages, sign requests.
#[derive(Debug, Parser)]
#[command(name = "complaints", version, propagate_version = true)]
pub(crate) struct Arguments {
    /// The configuration. File names in it are relative to its folder.
    #[arg(long, global = true, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    pub(crate) config: PathBuf,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play a whole complaint on simulated platforms. Needs no configuration and contacts no real
    /// platform.
    Demo(demo::Arguments),
    /// Run the simulated platforms until stopped. Writes a configuration to try every command with.
    Sandbox(sandbox::Arguments),
    /// Test keys and clock against the platform. Touches no complaint.
    SelfTest,
    /// Register, show, replace or remove the URL that WeChat Pay posts complaints to.
    #[command(subcommand)]
    Callback(callback::Arguments),
    /// List the complaints of a span of days.
    List(list::Arguments),
    /// Show one complaint.
    Show(show::Arguments),
    /// Show what happened to a complaint, oldest first.
    History(history::Arguments),
    /// Reply to the payer.
    Reply(reply::Arguments),
    /// Complete a complaint.
    Complete(complete::Arguments),
    /// Decide on the refund that the payer asks for. Approving moves no money.
    Refund(refund::Arguments),
    /// Upload or download a picture.
    #[command(subcommand)]
    Image(image::Arguments),
    /// Show the complaints of a Mini Program, reply to them, supply proof, appeal.
    #[command(subcommand)]
    MiniProgram(mini_program::Arguments),
    /// Verify, decrypt and print a stored message.
    #[command(subcommand)]
    Open(open::Arguments),
    /// Read and print a document without a signature. Use it for documents you trust.
    #[command(subcommand)]
    Decode(decode::Arguments),
    /// Sign a request without sending it.
    #[command(subcommand)]
    Sign(sign::Arguments),
    /// Show the string to sign and each check, and search for the change that makes a bad signature
    /// verify.
    ///
    /// `explain open …` may be written `explain …`. The exit status is that of the explained
    /// command.
    #[command(subcommand)]
    Explain(explain::Arguments),
}

impl Command {
    /// Runs the command with this configuration.
    pub(crate) fn run(&self, config: &Path) -> Result<(), Error> {
        match self {
            Self::Demo(command) => demo::run(command),
            Self::Sandbox(command) => sandbox::run(command),
            Self::SelfTest => self_test::run(config),
            Self::Callback(command) => callback::run(command, config),
            Self::List(command) => list::run(command, config),
            Self::Show(command) => show::run(command, config),
            Self::History(command) => history::run(command, config),
            Self::Reply(command) => reply::run(command, config),
            Self::Complete(command) => complete::run(command, config),
            Self::Refund(command) => refund::run(command, config),
            Self::Image(command) => image::run(command, config),
            Self::MiniProgram(command) => mini_program::run(command, config),
            Self::Open(command) => open::run(command, config),
            Self::Decode(command) => decode::run(command, config),
            Self::Sign(command) => sign::run(command, config),
            Self::Explain(command) => explain::run(command, config),
        }
    }
}
