//! The commands: a file each.

mod callback;
mod complete;
mod completions;
mod decode;
mod demo;
mod doctor;
mod explain;
pub(crate) mod guide;
mod history;
mod image;
#[cfg(feature = "serve")]
mod inbox;
mod init;
mod list;
mod listen;
mod man;
mod mini_program;
#[cfg(feature = "serve")]
mod notice;
#[cfg(feature = "serve")]
mod onward;
mod open;
mod plan;
mod refund;
mod reply;
mod sandbox;
mod self_test;
#[cfg(feature = "serve")]
mod serve;
mod show;
mod sign;
#[cfg(feature = "serve")]
mod token;
mod translation;
#[cfg(feature = "serve")]
mod users;

use clap::{Parser, Subcommand};

pub(crate) use self::explain::complete_explain;
use crate::args::OutputArguments;
use crate::config::Config;
use crate::error::Error;

/// WeChat transaction complaints: list them, reply to them, verify messages, sign requests.
#[derive(Debug, Parser)]
#[command(name = "complaints", version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) config: Config,

    #[command(flatten)]
    pub(crate) output: OutputArguments,

    /// The language of what people read; JSON and CSV are the same in any. Default: the terminal's, by
    /// `LC_ALL`, `LC_MESSAGES` or `LANG`; English, if that is another.
    // It is read before the arguments are: see `language`.
    #[arg(long, global = true, value_name = "LANGUAGE", value_parser = ["zh", "en"])]
    lang: Option<String>,

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
    /// Ask for what a configuration needs, check it, and write `complaints.toml`.
    Init(init::Arguments),
    /// Look at everything that a service needs, and say what to mend: keys, clocks, tokens, URLs,
    /// and the server's store. Touches no complaint.
    Doctor(doctor::Arguments),
    /// Receive what the platforms send: verify it, print it, and hand it on.
    Listen(listen::Arguments),
    /// Serve until stopped: receive, read and act for every merchant of the configuration, behind a
    /// page for people and a JSON API with a feed of events.
    #[cfg(feature = "serve")]
    Serve(serve::Arguments),
    /// Make tokens of the API.
    #[cfg(feature = "serve")]
    #[command(subcommand)]
    Token(token::Arguments),
    /// Add, list and remove the users of the page, and change their passwords.
    #[cfg(feature = "serve")]
    #[command(subcommand)]
    Users(users::Arguments),
    /// Hand events on to your services once more.
    #[cfg(feature = "serve")]
    #[command(subcommand)]
    Onward(onward::Arguments),
    /// Look at those who are told by group robots, commands and URLs, and send them a test.
    #[cfg(feature = "serve")]
    #[command(subcommand)]
    Notice(notice::Arguments),
    /// Test keys and clock against the platform. Touches no complaint.
    SelfTest,
    /// Look at the complaints that a server keeps, while it runs: list them, show one, export them.
    #[cfg(feature = "serve")]
    #[command(subcommand)]
    Inbox(inbox::Arguments),
    /// Register, show, replace or remove the URL that WeChat Pay posts complaints to, or penalties.
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
    /// Print the completions for a shell.
    Completions(completions::Arguments),
    /// Print the manual page, or write one for each command into a folder.
    Man(man::Arguments),
}

impl Command {
    /// Runs the command with this configuration.
    pub(crate) fn run(&self, config: &Config) -> Result<(), Error> {
        match self {
            Self::Demo(command) => demo::run(command),
            Self::Sandbox(command) => sandbox::run(command),
            Self::Init(command) => init::run(command, config),
            Self::Doctor(command) => doctor::run(command, config),
            Self::Listen(command) => listen::run(command, config),
            #[cfg(feature = "serve")]
            Self::Serve(command) => serve::run(command, config),
            #[cfg(feature = "serve")]
            Self::Token(command) => token::run(command, config),
            #[cfg(feature = "serve")]
            Self::Users(command) => users::run(command, config),
            #[cfg(feature = "serve")]
            Self::Onward(command) => onward::run(command, config),
            #[cfg(feature = "serve")]
            Self::Notice(command) => notice::run(command, config),
            Self::SelfTest => self_test::run(config),
            #[cfg(feature = "serve")]
            Self::Inbox(command) => inbox::run(command, config),
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
            Self::Completions(command) => completions::run(command),
            Self::Man(command) => man::run(command),
        }
    }
}
