//! `reply`: text and pictures to the payer.

use std::path::Path;

use protocol_core::channel::{Act, ImmediateReply, Link, Reply as ReplyAct};

use crate::args;
use crate::channel::act::Plan;
use crate::channel::{self, Channel, Command};
use crate::error::{Code, Error};
use crate::input::picture::{Bounds, Pictures};
use crate::input::{self, Problem};
use crate::view::confirm::quoted;
use crate::view::output::visible;

/// Largest file with a reply, in bytes: 500 characters take less.
const MAX_TEXT_FILE: usize = 64 * 1024;

pub(crate) fn run(arguments: &args::Reply, config: &Path) -> Result<(), Error> {
    arguments.via.check(&[
        ("--immediate", arguments.immediate),
        ("--url", arguments.url.is_some()),
        ("--accused", arguments.accused.mchid.is_some()),
    ])?;
    arguments.consent.check()?;
    let reply = Reply {
        arguments,
        text: text(arguments)?,
        link: arguments.url.clone().zip(arguments.url_text.clone()).map(|(url, caption)| Link::new(url, caption)),
        idempotent_id: match (&arguments.idempotent_id, arguments.immediate) {
            (Some(id), _) => Some(id.clone()),
            (None, true) => Some(input::nonce()?),
            (None, false) => None,
        },
        pictures: Pictures::read(&arguments.pictures.files, &arguments.pictures.ids, Bounds::Image)?,
    };
    channel::run(&arguments.via, config, &reply)
}

fn text(arguments: &args::Reply) -> Result<String, Error> {
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

/// A reply without the ids of its pictures.
struct Reply<'a> {
    arguments: &'a args::Reply,
    text: String,
    link: Option<Link>,
    /// Present in an immediate reply.
    idempotent_id: Option<String>,
    pictures: Pictures<'a>,
}

impl Command for Reply<'_> {
    async fn run<C: Channel>(&self, channel: &C) -> Result<(), Error> {
        let plan = Plan {
            complaint_id: &self.arguments.complaint.id,
            accused: self.arguments.accused.mchid.as_deref(),
            consent: &self.arguments.consent,
            pictures: &self.pictures,
            act: &|images| self.act(images),
            question: &|_| self.question(),
        };
        plan.carry_out(channel).await
    }
}

impl Reply<'_> {
    fn act(&self, images: Vec<String>) -> Act {
        match &self.idempotent_id {
            Some(idempotent_id) => {
                let mut reply = ImmediateReply::new(idempotent_id, self.text.clone());
                reply.images = images;
                reply.into()
            }
            None => {
                let mut reply = ReplyAct::new(self.text.clone());
                (reply.images, reply.link) = (images, self.link.clone());
                reply.into()
            }
        }
    }

    fn question(&self) -> String {
        let kind = if self.idempotent_id.is_some() { "immediate reply" } else { "reply" };
        let words = quoted(&self.text);
        let link = self.link.as_ref().map(|link| format!("\n  | [{}] {}", visible(&link.caption), visible(&link.url)));
        format!("Your {kind}, which the payer reads:{words}{}{}", link.unwrap_or_default(), self.pictures.describe())
    }
}
