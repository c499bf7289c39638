//! Arguments of the commands that talk to a platform.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use protocol_core::complaint::ComplaintState;

/// Consent to a command that changes something.
#[derive(Debug, Args)]
pub(crate) struct Consent {
    /// Go ahead without confirmation.
    #[arg(long)]
    pub(crate) yes: bool,

    /// Print the signed request without sending it. The uploads that it needs are in the member
    /// `before`; placeholders replace their ids.
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}

/// The channel, and the merchant in it.
#[derive(Debug, Args)]
pub(crate) struct Via {
    /// The channel of the complaints.
    #[arg(long = "via", value_name = "CHANNEL", value_enum, default_value_t = ChannelName::WechatPay)]
    pub(crate) channel: ChannelName,

    /// The merchant that an agent acts for, `merchantNo` in its list. Allinpay only.
    #[arg(long, value_name = "CUSID")]
    pub(crate) merchant: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ChannelName {
    WechatPay,
    Allinpay,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Callback {
    /// Register a URL. Refused if one is registered.
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
pub(crate) struct Delete {
    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Args)]
pub(crate) struct CallbackUrl {
    /// `https`, a public host name, no query, at most 255 characters.
    pub(crate) url: String,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// First day, in China. Default: 29 days before the last one.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) from: Option<Date>,

    /// Last day, in China. Default: today.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) to: Option<Date>,

    /// Only complaints in this state: PENDING, PROCESSING or PROCESSED.
    #[arg(long, value_name = "STATE", value_parser = state)]
    pub(crate) state: Option<ComplaintState>,

    /// Only complaints about this merchant, for a service provider. WeChat Pay only.
    #[arg(long, value_name = "MCHID")]
    pub(crate) accused: Option<String>,

    /// Complaints per page. Default: 50. WeChat Pay only.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(crate) page_size: Option<u32>,

    /// Print `payer_phone` in clear, decrypted with the merchant's key or an older one.
    /// WeChat Pay only.
    #[arg(long)]
    pub(crate) decrypt: bool,

    #[command(flatten)]
    pub(crate) via: Via,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    pub(crate) complaint: OneComplaint,

    /// Print `payer_phone` in clear, decrypted with the merchant's key or an older one.
    /// WeChat Pay only.
    #[arg(long)]
    pub(crate) decrypt: bool,

    #[command(flatten)]
    pub(crate) via: Via,
}

#[derive(Debug, Args)]
pub(crate) struct History {
    #[command(flatten)]
    pub(crate) complaint: OneComplaint,

    #[command(flatten)]
    pub(crate) via: Via,
}

#[derive(Debug, Args)]
pub(crate) struct OneComplaint {
    /// The complaint's number.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("words").required(true))]
pub(crate) struct Reply {
    #[command(flatten)]
    pub(crate) complaint: OneComplaint,

    /// The text, at most 500 characters.
    #[arg(long, group = "words")]
    pub(crate) text: Option<String>,

    /// A file with the text; `-` for standard input. Line ends at its end are dropped.
    #[arg(long, value_name = "FILE", group = "words")]
    pub(crate) text_file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) pictures: Pictures,

    /// A link under the text, for accounts that are allowed links. WeChat Pay only.
    #[arg(long, requires = "url_text", conflicts_with = "immediate")]
    pub(crate) url: Option<String>,

    /// The link's caption, at most 10 characters.
    #[arg(long, value_name = "T", requires = "url")]
    pub(crate) url_text: Option<String>,

    #[command(flatten)]
    pub(crate) accused: Accused,

    /// Reply to a payer who waits for immediate service. WeChat Pay only.
    #[arg(long)]
    pub(crate) immediate: bool,

    /// The id of an immediate reply. The platform processes an id once. Default: a random one.
    #[arg(long, value_name = "X", requires = "immediate")]
    pub(crate) idempotent_id: Option<String>,

    #[command(flatten)]
    pub(crate) via: Via,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Args)]
pub(crate) struct Pictures {
    /// A picture to upload and send, JPEG, BMP or PNG; at most 4 in all.
    #[arg(long = "image", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// The id of an uploaded picture.
    #[arg(long = "image-id", value_name = "ID")]
    pub(crate) ids: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Accused {
    /// The accused merchant. Default: the one that the complaint names. WeChat Pay only.
    #[arg(long = "accused", value_name = "MCHID")]
    pub(crate) mchid: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Complete {
    #[command(flatten)]
    pub(crate) complaint: OneComplaint,

    #[command(flatten)]
    pub(crate) accused: Accused,

    #[command(flatten)]
    pub(crate) via: Via,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("decision").required(true))]
pub(crate) struct Refund {
    #[command(flatten)]
    pub(crate) complaint: OneComplaint,

    /// Approve the refund. The refund itself is made elsewhere.
    #[arg(long, group = "decision")]
    pub(crate) approve: bool,

    /// Reject the refund.
    #[arg(long, group = "decision", requires = "reason")]
    pub(crate) reject: bool,

    /// With `--approve`: working days until the refund starts; 0 is today. Allinpay requires it.
    #[arg(long, value_name = "N", requires = "approve", conflicts_with = "reject")]
    pub(crate) days: Option<u32>,

    /// With `--reject`: the reason, at most 200 characters. The payer reads it.
    #[arg(long, value_name = "TEXT", requires = "reject", conflicts_with = "approve")]
    pub(crate) reason: Option<String>,

    /// With `--reject`: a picture to upload and send; at most 4 in all.
    #[arg(long = "image", value_name = "FILE", requires = "reject", conflicts_with = "approve")]
    pub(crate) files: Vec<PathBuf>,

    /// With `--reject`: the id of an uploaded picture.
    #[arg(long = "image-id", value_name = "ID", requires = "reject", conflicts_with = "approve")]
    pub(crate) ids: Vec<String>,

    /// A note for the merchant, at most 200 characters. With `--approve`, WeChat Pay only.
    #[arg(long, value_name = "TEXT")]
    pub(crate) remark: Option<String>,

    #[command(flatten)]
    pub(crate) via: Via,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Image {
    /// Upload a picture; replies name it by its id.
    Upload(ImageUpload),
    /// Download a picture of a complaint or its history.
    Download(ImageDownload),
}

#[derive(Debug, Args)]
pub(crate) struct ImageUpload {
    /// A JPEG, BMP or PNG file of at most 2 MiB.
    pub(crate) file: PathBuf,

    #[command(flatten)]
    pub(crate) via: Via,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Args)]
pub(crate) struct ImageDownload {
    /// A `media_url` of the complaint, unchanged, or its media id.
    #[arg(value_name = "URL-or-ID")]
    pub(crate) media: String,

    /// The file to write; `-` for standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) output: PathBuf,

    /// Replace an existing file.
    #[arg(long)]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) via: Via,
}

#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// The port of 127.0.0.1 to listen on; 0 for a free one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,

    /// The folder that the configuration is written to.
    #[arg(long, value_name = "DIR", default_value = "sandbox")]
    pub(crate) folder: PathBuf,

    /// The speed of resending compared with the real platform: 10 is ten times faster, 0.5 is half
    /// as fast.
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = time_scale)]
    pub(crate) time_scale: f64,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Pause before each step.
    #[arg(long)]
    pub(crate) slow: bool,
}

fn day(text: &str) -> Result<Date, &'static str> {
    // The parser takes every form of ISO 8601; one is documented.
    let date = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
    date.filter(|date| date.to_string() == text).ok_or("expected a day of the calendar, written YYYY-MM-DD")
}

fn state(text: &str) -> Result<ComplaintState, &'static str> {
    let state = ComplaintState::from(&*text.to_ascii_uppercase());
    if state.is_known() { Ok(state) } else { Err("expected PENDING, PROCESSING or PROCESSED") }
}

fn time_scale(text: &str) -> Result<f64, &'static str> {
    let scale =
        text.parse::<f64>().ok().filter(|scale| scale.is_finite() && *scale >= platform_sandbox::MIN_TIME_SCALE);
    scale.ok_or("expected a number of at least 0.001")
}
