//! `reply`: words and pictures to the payer.

use std::path::Path;

use protocol_core::channel::{ComplaintRef, Reply};

use crate::args;
use crate::channel::act::{Target, perform};
use crate::channel::{self, Act, Channel, Command};
use crate::error::{Code, Error};
use crate::input::picture::Pictures;
use crate::input::{self, Problem};
use crate::view::confirm::quoted;
use crate::view::output::{self, visible};

/// Largest file with a reply, in bytes: 500 characters take less.
const MAX_TEXT_FILE: usize = 64 * 1024;

pub(crate) fn run(arguments: &args::Reply, config: &Path) -> Result<(), Error> {
    arguments.via.check(&[
        ("--immediate", arguments.immediate),
        ("--url", arguments.url.is_some()),
        ("--accused", arguments.accused.mchid.is_some()),
    ])?;
    arguments.consent.check()?;
    let words = Words {
        arguments,
        text: text(arguments)?,
        link: arguments.url.clone().zip(arguments.url_text.clone()),
        idempotent_id: match (&arguments.idempotent_id, arguments.immediate) {
            (Some(id), _) => Some(id.clone()),
            (None, true) => Some(input::nonce()?),
            (None, false) => None,
        },
        pictures: Pictures::read(&arguments.pictures.files, &arguments.pictures.ids)?,
    };
    channel::run(&arguments.via, config, &words)
}

fn text(arguments: &args::Reply) -> Result<String, Error> {
    let Some(path) = &arguments.text_file else {
        return Ok(arguments.text.clone().unwrap_or_default());
    };
    let bytes = input::read_bounded(path, MAX_TEXT_FILE).map_err(|problem| match problem {
        Problem::TooLarge(_) => Error::new(Code::TooLarge, format_args!("{} is longer than any reply", path.display())),
        Problem::Io(error) => Error::usage(format_args!("cannot read {}: {error}", path.display())),
    })?;
    let text = String::from_utf8(bytes).map_err(|_| Error::usage(format_args!("{} is not UTF-8", path.display())))?;
    Ok(text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']).to_owned())
}

/// What is said, but for the ids of its pictures.
struct Words<'a> {
    arguments: &'a args::Reply,
    text: String,
    link: Option<(String, String)>,
    /// Of an immediate answer.
    idempotent_id: Option<String>,
    pictures: Pictures<'a>,
}

impl Command for Words<'_> {
    async fn run<C: Channel>(&self, channel: &C) -> Result<(), Error> {
        let id = &self.arguments.complaint.id;
        let consent = &self.arguments.consent;
        let planned = self.act(self.pictures.future_ids());
        // Whatever can be refused here is refused before anything is asked, of anybody.
        let mut anyone = ComplaintRef::new(id);
        anyone.complainted_mchid = Some("0".to_owned());
        channel.signed(&anyone, &planned)?;
        let target = Target::of(channel, id, &self.arguments.accused, consent).await?;
        let mut request = channel.signed(&target.about, &planned)?;
        if consent.dry_run {
            request.before = self.pictures.signed(channel)?;
            return output::print(&request);
        }
        consent.ask(format!("{}\n{}", target.describe(), self.describe())).await?;
        let act = self.act(self.pictures.upload(channel).await?);
        perform(channel, &target.about, &act).await
    }
}

impl Words<'_> {
    fn act(&self, images: Vec<String>) -> Act {
        let mut reply = Reply::new(self.text.clone());
        reply.images = images;
        match (&self.idempotent_id, &self.link) {
            (Some(id), _) => Act::ReplyAtOnce { reply, idempotent_id: id.clone() },
            (None, Some((url, caption))) => Act::ReplyWithLink { reply, url: url.clone(), caption: caption.clone() },
            (None, None) => Act::Reply(reply),
        }
    }

    fn describe(&self) -> String {
        let kind = if self.idempotent_id.is_some() { "immediate answer" } else { "reply" };
        let words = quoted(&self.text);
        let link = self.link.as_ref().map(|(url, text)| format!("\n  | [{}] {}", visible(text), visible(url)));
        let pictures = match self.pictures.count() {
            0 => String::new(),
            1 => "\n  | [1 picture]".to_owned(),
            count => format!("\n  | [{count} pictures]"),
        };
        format!("Your {kind}, which the payer reads:{words}{}{pictures}", link.unwrap_or_default())
    }
}
