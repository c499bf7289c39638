//! `reply`: text and pictures to the payer.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use protocol_core::channel::{Act, ImmediateReply, Link, Reply};

use crate::args::{Accused, Consent, OneComplaint, Via};
use crate::commands::plan::Plan;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::input::picture::{Bounds, Pictures};
use crate::input::{self, Problem};
use crate::language::language;
use crate::view::confirm::quoted;
use crate::view::output::visible;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("words").required(true))]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) complaint: OneComplaint,

    /// The text, at most 500 characters.
    #[arg(long, group = "words")]
    pub(crate) text: Option<String>,

    /// A file with the text; `-` for standard input. Line ends at its end are dropped.
    #[arg(long, value_name = "FILE", group = "words")]
    pub(crate) text_file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) pictures: PictureFiles,

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
pub(crate) struct PictureFiles {
    /// A picture to upload and send, as `image upload` takes it; at most 4 in all.
    #[arg(long = "image", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// The id of an uploaded picture.
    #[arg(long = "image-id", value_name = "ID")]
    pub(crate) ids: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    let Arguments { complaint, pictures, url, url_text, accused, immediate, idempotent_id, via, consent, .. } =
        arguments;
    via.check(&[("--immediate", *immediate), ("--url", url.is_some()), ("--accused", accused.mchid.is_some())])?;
    consent.check()?;
    let text = text(arguments)?;
    let link = url.as_ref().zip(url_text.as_ref()).map(|(url, caption)| Link::new(url, caption));
    let idempotent_id = if *immediate { Some(idempotent_id.clone().map_or_else(input::nonce, Ok)?) } else { None };
    let pictures = Pictures::read(&pictures.files, &pictures.ids, Bounds::of(via.channel))?;
    let plan = Plan {
        complaint_id: &complaint.id,
        accused: accused.mchid.as_deref(),
        consent,
        pictures: &pictures,
        act: &|images| act(&text, idempotent_id.as_deref(), link.clone(), images),
        question: &|_| {
            let question = language().text(if *immediate { "ask-reply-immediately" } else { "ask-reply" });
            let link = link.as_ref().map(|link| format!("\n  | [{}] {}", visible(&link.caption), visible(&link.url)));
            let (words, link) = (quoted(&text), link.unwrap_or_default());
            format!("{question}{words}{link}{}", pictures.describe())
        },
    };
    plan.run(via, config)
}

fn act(text: &str, idempotent_id: Option<&str>, link: Option<Link>, images: Vec<String>) -> Act {
    match idempotent_id {
        Some(idempotent_id) => {
            let mut reply = ImmediateReply::new(idempotent_id, text.to_owned());
            reply.images = images;
            reply.into()
        }
        None => {
            let mut reply = Reply::new(text.to_owned());
            (reply.images, reply.link) = (images, link);
            reply.into()
        }
    }
}

/// Largest file with a reply, in bytes. 500 characters take less.
const MAX_TEXT_FILE: usize = 64 * 1024;

fn text(arguments: &Arguments) -> Result<String, Error> {
    let Some(path) = &arguments.text_file else {
        return Ok(arguments.text.clone().unwrap_or_default());
    };
    let bytes = input::read_bounded(path, MAX_TEXT_FILE).map_err(|problem| match problem {
        Problem::TooLarge(_) => {
            Error::new(Code::TooLarge, format_args!("{} is longer than any reply; nothing was sent", path.display()))
        }
        Problem::Io(error) => Error::usage(format_args!("cannot read {}: {error}", path.display())),
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::usage(format_args!("{} is not UTF-8; nothing was sent", path.display())))?;
    Ok(text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']).to_owned())
}
