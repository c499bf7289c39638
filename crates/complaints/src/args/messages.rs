//! Arguments of the commands that read stored messages and sign requests.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use protocol_core::Method;

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
