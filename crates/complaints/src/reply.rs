//! `reply`: words and pictures to the payer.

use std::path::Path;

use protocol_core::complaint::{BlockType, ImageBlock, MessageBlock, NormalMessage, TextBlock};
use protocol_core::wechat_pay::{Respond, RespondImmediateService};
use protocol_core::{Delivery, Personal};
use wechat_adapter::Effect;

use crate::act::{Target, print_effect};
use crate::args;
use crate::confirm::quoted;
use crate::error::{Code, Error};
use crate::input::{self, Problem};
use crate::network::{self, Network};
use crate::output::{self, visible};
use crate::picture::Pictures;

/// Largest file with a reply, in bytes: 500 characters take less.
const MAX_TEXT_FILE: usize = 64 * 1024;

pub(crate) fn run(arguments: &args::Reply, config: &Path) -> Result<(), Error> {
    arguments.consent.check()?;
    let reply = Reply {
        complaint_id: &arguments.complaint.id,
        text: text(arguments)?,
        link: arguments.url.clone().zip(arguments.url_text.clone()),
        idempotent_id: match (&arguments.idempotent_id, arguments.immediate) {
            (Some(id), _) => Some(id.clone()),
            (None, true) => Some(input::nonce()?),
            (None, false) => None,
        },
    };
    let pictures = Pictures::read(&arguments.pictures.files, &arguments.pictures.ids)?;
    network::run(config, async |network: &Network| {
        // Whatever can be refused here is refused before anything is asked, of anybody.
        reply.check(network, "0", pictures.future_ids())?;
        let target = Target::of(network, reply.complaint_id, &arguments.accused, &arguments.consent).await?;
        let accused = &target.complainted_mchid;
        if arguments.consent.dry_run {
            let mut request = reply.signed(network, accused, pictures.future_ids())?;
            request.before = pictures.signed(network)?;
            return output::print(&request);
        }
        reply.check(network, accused, pictures.future_ids())?;
        let what = format!("{}\n{}", target.describe(reply.complaint_id), reply.describe(pictures.count()));
        arguments.consent.ask(what).await?;
        let ids = pictures.upload(network).await?;
        print_effect(reply.complaint_id, reply.send(network, accused, ids).await?)
    })
}

fn text(arguments: &args::Reply) -> Result<String, Error> {
    let Some(path) = &arguments.text_file else {
        return Ok(arguments.text.clone().unwrap_or_default());
    };
    let bytes = input::read_bounded(path, MAX_TEXT_FILE).map_err(|problem| match problem {
        Problem::TooLarge(_) => Error::new(Code::TooLarge, format_args!("{} is longer than any reply", path.display())),
        Problem::Io(error) => Error::config(format_args!("cannot read {}: {error}", path.display())),
    })?;
    let text = String::from_utf8(bytes).map_err(|_| Error::config(format_args!("{} is not UTF-8", path.display())))?;
    Ok(text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']).to_owned())
}

/// What is said, but for whom it accuses and the ids of its pictures.
struct Reply<'a> {
    complaint_id: &'a str,
    text: String,
    link: Option<(String, String)>,
    /// Of an immediate answer.
    idempotent_id: Option<String>,
}

impl Reply<'_> {
    fn respond(&self, accused: &str, images: Vec<String>) -> Respond {
        let (jump_url, jump_url_text) = self.link.clone().unzip();
        Respond {
            complaint_id: self.complaint_id.to_owned(),
            complainted_mchid: accused.to_owned(),
            response_content: Personal::new(self.text.clone()),
            response_images: images,
            jump_url,
            jump_url_text,
            mini_program_jump_info: None,
        }
    }

    fn immediate(&self, idempotent_id: &str, accused: &str, images: Vec<String>) -> RespondImmediateService {
        let mut message = NormalMessage::default();
        let mut words = MessageBlock::default();
        let mut text = TextBlock::default();
        text.text = Some(Personal::new(self.text.clone()));
        words.kind = Some(BlockType::Text);
        words.text = Some(text);
        message.blocks.push(words);
        message.blocks.extend(images.into_iter().map(|id| {
            let mut block = MessageBlock::default();
            let mut image = ImageBlock::default();
            image.media_id = Some(id);
            block.kind = Some(BlockType::Image);
            block.image = Some(image);
            block
        }));
        RespondImmediateService {
            complaint_id: self.complaint_id.to_owned(),
            complainted_mchid: accused.to_owned(),
            message,
            idempotent_id: idempotent_id.to_owned(),
        }
    }

    fn check(&self, network: &Network, accused: &str, images: Vec<String>) -> Result<(), Error> {
        // The platform's bound on words is the same for both.
        network.check(&self.respond(accused, images.clone()))?;
        match &self.idempotent_id {
            None => Ok(()),
            Some(id) => network.check(&self.immediate(id, accused, images)),
        }
    }

    fn signed(&self, network: &Network, accused: &str, images: Vec<String>) -> Result<network::SignedRequest, Error> {
        match &self.idempotent_id {
            None => network.signed(&self.respond(accused, images)),
            Some(id) => network.signed(&self.immediate(id, accused, images)),
        }
    }

    async fn send(&self, network: &Network, accused: &str, images: Vec<String>) -> Result<Effect, Error> {
        let client = network.client().await?;
        let Some(id) = &self.idempotent_id else {
            return client.respond(&self.respond(accused, images)).await.map_err(Error::of_act);
        };
        match client.send(&self.immediate(id, accused, images)).await {
            Ok(_) => Ok(Effect::Confirmed),
            Err(error) if error.delivery() == Delivery::Unknown => Err(Error::of_act(error)
                .and(format_args!("the same reply with --idempotent-id {} is processed once", visible(id)))),
            Err(error) => Err(Error::of_act(error)),
        }
    }

    fn describe(&self, pictures: usize) -> String {
        let kind = if self.idempotent_id.is_some() { "immediate answer" } else { "reply" };
        let words = quoted(&self.text);
        let link = self.link.as_ref().map(|(url, text)| format!("\n  | [{}] {}", visible(text), visible(url)));
        let pictures = match pictures {
            0 => String::new(),
            1 => "\n  | [1 picture]".to_owned(),
            count => format!("\n  | [{count} pictures]"),
        };
        format!("Your {kind}, which the payer reads:{words}{}{pictures}", link.unwrap_or_default())
    }
}
