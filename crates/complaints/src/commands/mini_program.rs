//! `mini-program`: the transaction complaints of a Mini Program.

use std::path::Path;

use protocol_core::Personal;
use protocol_core::channel::{Act, Evidence, RefundEvidence, Reply};

use crate::args::{self, Consent, Material};
use crate::channel::act::Plan;
use crate::channel::run_mini_program as on_the_server;
use crate::commands::image;
use crate::error::Error;
use crate::input::picture::{Bounds, Picture, Pictures};
use crate::view::confirm::quoted;
use crate::view::{order, output};

pub(crate) fn run(command: &args::MiniProgram, config: &Path) -> Result<(), Error> {
    match command {
        args::MiniProgram::Show(args::OneOrder { id }) => on_the_server(config, async |channel| {
            let detail = channel.detail(id).await?;
            output::note_misfits("", &detail.misfits());
            output::print_either(&detail, || order::sheet(&detail))
        }),
        args::MiniProgram::Reply(args::ReplyToOrder { complaint, agree, material, consent, .. }) => {
            let question = if *agree { "You will agree to settle, and say:" } else { "You will refuse, and say:" };
            act(config, complaint, material, consent, question, |text, images| {
                let mut reply = Reply::new(text.unwrap_or_default());
                (reply.images, reply.agrees) = (images, Some(*agree));
                reply.into()
            })
        }
        args::MiniProgram::SupplyProof(args::ProofOfOrder { complaint, material, consent }) => {
            let question = "You will supply this proof:";
            act(config, complaint, material, consent, question, |text, images| Act::SupplyProof(evidence(text, images)))
        }
        args::MiniProgram::SupplyRefund(proof) => {
            let args::ProofOfRefund { complaint, material, accept_return, return_id, consent } = proof;
            let question = "You will supply this proof of a refund or of another remedy:";
            act(config, complaint, material, consent, question, |text, images| {
                let mut evidence = RefundEvidence::default();
                (evidence.text, evidence.images) = (text, images);
                (evidence.accept_return, evidence.return_id) = (*accept_return, return_id.clone());
                Act::SupplyRefund(evidence)
            })
        }
        args::MiniProgram::Appeal(args::ProofOfOrder { complaint, material, consent }) => {
            let question = "You will appeal:";
            act(config, complaint, material, consent, question, |text, images| Act::Appeal(evidence(text, images)))
        }
        args::MiniProgram::Upload(args::PictureFile { file, dry_run }) => {
            let picture = Picture::read(file, Bounds::TempMedia)?;
            on_the_server(config, async |channel| image::upload(channel, &picture, *dry_run).await)
        }
    }
}

/// Carries out an act that has text, pictures or both.
fn act(
    config: &Path,
    complaint: &args::OneOrder,
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
        question: &|_| format!("{question}{words}{}", pictures.describe()),
    };
    on_the_server(config, async |channel| plan.carry_out(channel).await)
}

fn evidence(text: Option<Personal<String>>, images: Vec<String>) -> Evidence {
    let mut evidence = Evidence::default();
    (evidence.text, evidence.images) = (text, images);
    evidence
}
