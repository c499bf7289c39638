//! The commands and their arguments.

mod complaints;
mod messages;
mod mini_program;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub(crate) use self::complaints::{
    Callback, CallbackUrl, ChannelName, Complete, Consent, Delete, Demo, History, Image, ImageDownload, ImageUpload,
    List, Refund, Reply, Sandbox, Show, Via,
};
pub(crate) use self::messages::{
    AllinpayRequest, AllinpayResponse, Certificates, Decode, Explain, Message, Open, Push, Request, Response, Sign,
    complete_explain,
};
pub(crate) use self::mini_program::{
    Material, MiniProgram, OneOrder, PictureFile, ProofOfOrder, ProofOfRefund, ReplyToOrder,
};

/// The configuration that is read by default.
pub(crate) const DEFAULT_CONFIG: &str = "complaints.toml";

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
    Demo(Demo),
    /// Run the simulated platforms until stopped. Writes a configuration to try every command with.
    Sandbox(Sandbox),
    /// Test keys and clock against the platform. Touches no complaint.
    SelfTest,
    /// Register, show, replace or remove the URL that WeChat Pay posts complaints to.
    #[command(subcommand)]
    Callback(Callback),
    /// List the complaints of a span of days.
    List(List),
    /// Show one complaint.
    Show(Show),
    /// Show what happened to a complaint, oldest first.
    History(History),
    /// Reply to the payer.
    Reply(Reply),
    /// Complete a complaint.
    Complete(Complete),
    /// Decide on the refund that the payer asks for. Approving moves no money.
    Refund(Refund),
    /// Upload or download a picture.
    #[command(subcommand)]
    Image(Image),
    /// Show the complaints of a Mini Program, reply to them, supply proof, appeal.
    #[command(subcommand)]
    MiniProgram(MiniProgram),
    /// Verify, decrypt and print a stored message.
    #[command(subcommand)]
    Open(Open),
    /// Read and print a document without a signature. Use it for documents you trust.
    #[command(subcommand)]
    Decode(Decode),
    /// Sign a request without sending it.
    #[command(subcommand)]
    Sign(Sign),
    /// Show the string to sign and each check, and search for the change that makes a bad signature
    /// verify.
    ///
    /// `explain open …` may be written `explain …`. The exit status is that of the explained
    /// command.
    #[command(subcommand)]
    Explain(Explain),
}
