//! `mini-program`: the transaction complaints of a Mini Program.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use protocol_core::Personal;
use protocol_core::channel::{Act, Evidence, RefundEvidence, Reply};

use crate::args::Consent;
use crate::channel::{MiniProgramChannel, run_on};
use crate::commands::image;
use crate::commands::plan::Plan;
use crate::config::Config;
use crate::error::Error;
use crate::input;
use crate::input::picture::{Bounds, Picture, Pictures};
use crate::language::language;
use crate::view::confirm::quoted;
use crate::view::phone::Phones;
use crate::view::{order, output};

#[derive(Debug, Subcommand)]
pub(crate) enum Arguments {
    /// Show one complaint: its status and its history.
    Show(OneOrder),
    /// Reply to the payer, and agree or refuse to settle.
    Reply(ReplyToOrder),
    /// Supply the proof that the platform asks for.
    SupplyProof(ProofOfOrder),
    /// Supply proof of a refund or of another remedy.
    SupplyRefund(ProofOfRefund),
    /// Appeal against the platform's decision, while it allows an appeal.
    Appeal(ProofOfOrder),
    /// Upload a picture; its id lasts 3 days.
    Upload(PictureFile),
}

#[derive(Debug, Args)]
pub(crate) struct OneOrder {
    /// The complaint's number, `complaint_order_id`; not an order's.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// Text, pictures, or both.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("material").required(true).multiple(true))]
pub(crate) struct Material {
    /// The text.
    #[arg(long, group = "material")]
    pub(crate) text: Option<String>,

    /// A picture to upload and send, JPEG, PNG, BMP or GIF.
    #[arg(long = "image", value_name = "FILE", group = "material")]
    pub(crate) files: Vec<PathBuf>,

    /// The id of a picture uploaded in the last 3 days.
    #[arg(long = "image-id", value_name = "ID", group = "material")]
    pub(crate) ids: Vec<String>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("decision").required(true))]
pub(crate) struct ReplyToOrder {
    #[command(flatten)]
    pub(crate) complaint: OneOrder,

    /// Agree to settle.
    #[arg(long, group = "decision")]
    pub(crate) agree: bool,

    /// Refuse to settle.
    #[arg(long, group = "decision")]
    pub(crate) refuse: bool,

    #[command(flatten)]
    pub(crate) material: Material,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Args)]
pub(crate) struct ProofOfOrder {
    #[command(flatten)]
    pub(crate) complaint: OneOrder,

    #[command(flatten)]
    pub(crate) material: Material,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Args)]
pub(crate) struct ProofOfRefund {
    #[command(flatten)]
    pub(crate) complaint: OneOrder,

    #[command(flatten)]
    pub(crate) material: Material,

    /// While goods are returned: whether they arrived. The platform does not document the values.
    #[arg(long, value_name = "N", requires = "return_id", value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) accept_return: Option<i64>,

    /// While goods are returned: the return's number, `return_id` in the detail.
    #[arg(long, value_name = "R", requires = "accept_return")]
    pub(crate) return_id: Option<String>,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Args)]
pub(crate) struct PictureFile {
    /// A JPEG, PNG, BMP or GIF file of at most 10 MiB. Whether the platform accepts more than 2 MiB
    /// is not confirmed.
    pub(crate) file: PathBuf,

    /// Print the request without sending it.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

pub(crate) fn run(command: &Arguments, config: &Config) -> Result<(), Error> {
    match command {
        Arguments::Show(OneOrder { id }) => run_on(MiniProgramChannel::open(config), async |channel| {
            let detail = channel.detail(id).await?;
            let now = input::now(None)?;
            output::note_misfits(None, &detail.misfits());
            output::print_either(&detail, || order::sheet(&detail, now, Phones::Clear))
        }),
        Arguments::Reply(ReplyToOrder { complaint, agree, material, consent, .. }) => {
            let question = if *agree { "ask-agree" } else { "ask-refuse" };
            act(config, complaint, material, consent, question, |text, images| {
                let mut reply = Reply::new(text.unwrap_or_default());
                (reply.images, reply.agrees) = (images, Some(*agree));
                reply.into()
            })
        }
        Arguments::SupplyProof(ProofOfOrder { complaint, material, consent }) => {
            act(config, complaint, material, consent, "ask-supply-proof", |text, images| {
                Act::SupplyProof(evidence(text, images))
            })
        }
        Arguments::SupplyRefund(proof) => {
            let ProofOfRefund { complaint, material, accept_return, return_id, consent } = proof;
            act(config, complaint, material, consent, "ask-supply-refund", |text, images| {
                let mut evidence = RefundEvidence::default();
                (evidence.text, evidence.images) = (text, images);
                (evidence.accept_return, evidence.return_id) = (*accept_return, return_id.clone());
                Act::SupplyRefund(evidence)
            })
        }
        Arguments::Appeal(ProofOfOrder { complaint, material, consent }) => {
            act(config, complaint, material, consent, "ask-appeal", |text, images| Act::Appeal(evidence(text, images)))
        }
        Arguments::Upload(PictureFile { file, dry_run }) => {
            let picture = Picture::read(file, Bounds::TempMedia)?;
            run_on(MiniProgramChannel::open(config), async |channel| image::upload(channel, &picture, *dry_run).await)
        }
    }
}

/// Carries out an act that has text, pictures or both. `question` is the name of the text that asks.
fn act(
    config: &Config,
    complaint: &OneOrder,
    material: &Material,
    consent: &Consent,
    question: &str,
    act: impl Fn(Option<Personal<String>>, Vec<String>) -> Act,
) -> Result<(), Error> {
    consent.check()?;
    let Material { text, files, ids } = material;
    if files.is_empty() && ids.is_empty() && text.as_deref().is_none_or(str::is_empty) {
        return Err(Error::usage(
            "the text is empty, and there is no picture; nothing was sent; give --text or --image",
        ));
    }
    let pictures = Pictures::read(files, ids, Bounds::TempMedia)?;
    let words = text.as_deref().map(quoted).unwrap_or_default();
    let plan = Plan {
        complaint_id: &complaint.id,
        accused: None,
        consent,
        pictures: &pictures,
        act: &|images| act(text.clone().map(Personal::new), images),
        question: &|_| format!("{}{words}{}", language().text(question), pictures.describe()),
    };
    run_on(MiniProgramChannel::open(config), async |channel| plan.carry_out(channel).await)
}

fn evidence(text: Option<Personal<String>>, images: Vec<String>) -> Evidence {
    let mut evidence = Evidence::default();
    (evidence.text, evidence.images) = (text, images);
    evidence
}
