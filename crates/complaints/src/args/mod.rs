//! What can be asked of the command line.

mod complaints;
mod mini_program;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use protocol_core::Method;

pub(crate) use self::complaints::{
    Accused, Act, Callback, CallbackUrl, ChannelName, CompleteArguments, Consent, Demo, History, Image, ImageDownload,
    ImageUpload, List, Refund, Reply, Sandbox, Show, Via,
};
pub(crate) use self::mini_program::{
    Material, MiniProgram, OneOrder, PictureFile, ProofOfOrder, ProofOfRefund, ReplyToOrder,
};

/// The configuration that is read where none is named.
pub(crate) const DEFAULT_CONFIG: &str = "complaints.toml";

/// WeChat transaction complaints: query and answer them, open what the platform sends, sign what goes to it.
#[derive(Debug, Parser)]
#[command(name = "complaints", version, propagate_version = true)]
pub(crate) struct Arguments {
    /// The configuration; file names in it are relative to it.
    #[arg(long, global = true, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    pub(crate) config: PathBuf,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// See everything at work on simulated platforms: needs no configuration and touches nothing real.
    Demo(Demo),
    /// Run the simulated platforms until stopped, with a configuration to try every command on them.
    Sandbox(Sandbox),
    /// Try keys and clock against the platform without touching a complaint.
    SelfTest,
    /// The URL that WeChat Pay posts complaints to.
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
    Complete(CompleteArguments),
    /// Decide on the refund that the payer asks for. Approving moves no money.
    Refund(Refund),
    /// Upload or download a picture.
    #[command(subcommand)]
    Image(Image),
    /// Show and answer the transaction complaints of a Mini Program.
    #[command(subcommand)]
    MiniProgram(MiniProgram),
    /// Verify, decrypt and print a stored message.
    #[command(subcommand)]
    Open(Open),
    /// Print a document typed, without any signature: nothing vouches for it but you.
    #[command(subcommand)]
    Decode(Decode),
    /// Sign a request without sending it.
    #[command(subcommand)]
    Sign(Sign),
    /// Show the exact string to sign, each check in turn, and for a failure what would have verified and where it happens.
    ///
    /// `explain open …` may be written `explain …`. The exit status is that of the explained command.
    #[command(subcommand)]
    Explain(Explain),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Open {
    /// A notification of WeChat Pay.
    #[command(name = "wechat-pay")]
    Notification(Message),
    /// A response of WeChat Pay's interfaces.
    #[command(name = "wechat-pay-response")]
    Response(Response),
    /// The list of WeChat Pay's platform certificates: opened with the APIv3 key, which authenticates each.
    #[command(name = "wechat-pay-certificates")]
    Certificates(Certificates),
    /// A message pushed to a Mini Program.
    MiniProgram(Push),
    /// A response of Allinpay's complaint interfaces; `records` in it is decoded.
    Allinpay(AllinpayResponse),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Decode {
    /// One complaint, as the detail returns it.
    Complaint(Document),
    /// A page of the complaint list.
    ComplaintPage(Document),
    /// A page of a complaint's negotiation history.
    History(HistoryFile),
    /// A message pushed to a Mini Program, in clear.
    Push(PushFile),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Sign {
    /// A request to WeChat Pay: prints its Authorization header.
    WechatPay(Request),
    /// A request to Allinpay: prints every parameter, `sign` included.
    Allinpay(AllinpayRequest),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Explain {
    /// As `open`.
    #[command(subcommand)]
    Open(Open),
    /// As `sign`.
    #[command(subcommand)]
    Sign(Sign),
}

#[derive(Debug, Args)]
pub(crate) struct Response {
    /// The HTTP status.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(100..=599))]
    pub(crate) status: u16,

    #[command(flatten)]
    pub(crate) message: Message,
}

#[derive(Debug, Args)]
pub(crate) struct Message {
    /// The headers: a `Name: value` a line, `curl -v`, or a map as JSON or a programming language prints it.
    #[arg(long, value_name = "FILE")]
    pub(crate) headers: PathBuf,

    /// The body, byte for byte as it was received; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: PathBuf,

    /// The time to check against, in seconds since 1970; the machine's clock otherwise.
    #[arg(long, value_name = "UNIX", allow_negative_numbers = true)]
    pub(crate) now: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct Certificates {
    /// The body of the response; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Document {
    /// The JSON document; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Print `payer_phone` in clear, opened with the merchant's key or an older one.
    #[arg(long)]
    pub(crate) decrypt: bool,
}

#[derive(Debug, Args)]
pub(crate) struct HistoryFile {
    /// The JSON document; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Accepted as for complaints; a history has nothing encrypted.
    #[arg(long)]
    pub(crate) decrypt: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Request {
    /// The HTTP method.
    #[arg(long, value_name = "M", value_parser = method)]
    pub(crate) method: Method,

    /// Path and query, exactly as they will be sent.
    #[arg(long, value_name = "PATH")]
    pub(crate) target: String,

    /// The body, byte for byte as it will be sent; of an image upload, the `meta` part alone. `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: Option<PathBuf>,

    /// The time to sign, in seconds since 1970; the machine's clock otherwise.
    #[arg(long, value_name = "UNIX", value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) now: Option<i64>,

    /// The nonce to sign, 1 to 32 letters and digits; a random one otherwise.
    #[arg(long, value_name = "N")]
    pub(crate) nonce: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Push {
    /// The query of the URL it was posted to, `signature=…&timestamp=…&nonce=…`, as it was received.
    #[arg(long, value_name = "QUERY")]
    pub(crate) query: String,

    /// The body, byte for byte as it was received; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: PathBuf,

    /// The time to check against, in seconds since 1970; the machine's clock otherwise.
    #[arg(long, value_name = "UNIX", allow_negative_numbers = true)]
    pub(crate) now: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct PushFile {
    /// The XML or JSON document; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct AllinpayResponse {
    /// The body, byte for byte as it was received; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct AllinpayRequest {
    /// A parameter of the form, raw. `appid`, `cusid`, `orgid`, `version`, `randomstr` and `signtype` are filled in
    /// where they are left out.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,
}

fn parameter(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a parameter is written NAME=VALUE"),
    }
}

fn method(name: &str) -> Result<Method, &'static str> {
    Method::from_name(&name.to_ascii_uppercase()).ok_or("GET, POST, PUT, PATCH or DELETE")
}

/// Lets `explain wechat-pay …` stand for `explain open wechat-pay …`, or for `explain sign …` where a method or a
/// parameter is given.
pub(crate) fn complete_explain(mut arguments: Vec<std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let Some(explain) = arguments.iter().skip(1).position(|argument| argument == "explain").map(|at| at + 1) else {
        return arguments;
    };
    let names_a_channel = arguments.get(explain + 1).and_then(|next| next.to_str()).is_some_and(|next| {
        ["wechat-pay", "wechat-pay-response", "wechat-pay-certificates", "mini-program", "allinpay"].contains(&next)
    });
    if names_a_channel {
        let signs = arguments.iter().any(|argument| {
            let argument = argument.to_string_lossy();
            argument.starts_with("--method") || argument.starts_with("--param")
        });
        arguments.insert(explain + 1, if signs { "sign" } else { "open" }.into());
    }
    arguments
}
