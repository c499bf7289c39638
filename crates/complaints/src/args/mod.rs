//! The commands and their arguments.

mod complaints;
mod mini_program;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use protocol_core::Method;

pub(crate) use self::complaints::{
    Act, Callback, CallbackUrl, ChannelName, CompleteArguments, Consent, Demo, History, Image, ImageDownload,
    ImageUpload, List, Refund, Reply, Sandbox, Show, Via,
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
    /// Play a whole complaint on simulated platforms. Needs no configuration, reaches no real one.
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
    Complete(CompleteArguments),
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
    /// Show the string to sign, each check, and for a bad signature what would have verified.
    ///
    /// `explain open …` may be written `explain …`. The exit status is that of the explained
    /// command.
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
    /// The list of WeChat Pay's platform certificates, which the APIv3 key decrypts.
    #[command(name = "wechat-pay-certificates")]
    Certificates(Certificates),
    /// A message pushed to a Mini Program.
    MiniProgram(Push),
    /// A response of Allinpay's complaint interfaces. Its `records` are decoded.
    Allinpay(AllinpayResponse),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Decode {
    /// One complaint, as the detail interface returns it.
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
    /// The same as `open`.
    #[command(subcommand)]
    Open(Open),
    /// The same as `sign`.
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
    /// The headers: lines of `Name: value`, `curl -v`, JSON, or a map as a program prints it.
    #[arg(long, value_name = "FILE")]
    pub(crate) headers: PathBuf,

    /// The body, byte for byte as received; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: PathBuf,

    /// The time to check against, in seconds since 1970. Default: the machine's clock.
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

    /// Print `payer_phone` in clear, decrypted with the merchant's key or an older one.
    #[arg(long)]
    pub(crate) decrypt: bool,
}

#[derive(Debug, Args)]
pub(crate) struct HistoryFile {
    /// The JSON document; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Accepted as for complaints, without effect: a history holds no encrypted member.
    #[arg(long)]
    pub(crate) decrypt: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Request {
    /// The HTTP method.
    #[arg(long, value_name = "M", value_parser = method)]
    pub(crate) method: Method,

    /// Path and query, exactly as sent.
    #[arg(long, value_name = "PATH")]
    pub(crate) target: String,

    /// The body, byte for byte as sent; `-` for standard input. Of an upload: its `meta` part.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: Option<PathBuf>,

    /// The time to sign, in seconds since 1970. Default: the machine's clock.
    #[arg(long, value_name = "UNIX", value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) now: Option<i64>,

    /// The nonce to sign, 1 to 32 letters and digits. Default: a random one.
    #[arg(long, value_name = "N")]
    pub(crate) nonce: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Push {
    /// The query of the URL it was posted to, `signature=…&timestamp=…&nonce=…`, as received.
    #[arg(long, value_name = "QUERY")]
    pub(crate) query: String,

    /// The body, byte for byte as received; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: PathBuf,

    /// The time to check against, in seconds since 1970. Default: the machine's clock.
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
    /// The body, byte for byte as received; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct AllinpayRequest {
    /// A parameter of the form, not encoded. Defaults exist for `appid`, `cusid`, `orgid`,
    /// `version`, `randomstr` and `signtype`.
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
    Method::from_name(&name.to_ascii_uppercase()).ok_or("expected GET, POST, PUT, PATCH or DELETE")
}

/// Completes `explain wechat-pay …` to `explain open wechat-pay …`, or to `explain sign …` if a
/// method or a parameter is given.
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
