//! Arguments of `mini-program`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::Consent;

#[derive(Debug, Subcommand)]
pub(crate) enum MiniProgram {
    /// Show one complaint: where it stands, and what happened.
    Show(OneOrder),
    /// Respond to a complaint that waits for you.
    Reply(ReplyToOrder),
    /// Supply the evidence that the platform asks for.
    SupplyProof(ProofOfOrder),
    /// Submit the proof of a refund or of another remedy.
    SupplyRefund(ProofOfRefund),
    /// Appeal, where the complaint's appeal waits for you.
    Appeal(ProofOfOrder),
    /// Upload a picture; its id is good for 3 days.
    Upload(PictureFile),
}

#[derive(Debug, Args)]
pub(crate) struct OneOrder {
    /// The complaint's number; not an order's.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// Words, pictures, or both.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("material").required(true).multiple(true))]
pub(crate) struct Material {
    /// What to say.
    #[arg(long, group = "material")]
    pub(crate) text: Option<String>,

    /// A picture to upload and send, JPEG, PNG, BMP or GIF.
    #[arg(long = "image", value_name = "FILE", group = "material")]
    pub(crate) files: Vec<PathBuf>,

    /// The id of a picture that was uploaded in the last 3 days.
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

    /// Refuse.
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

    /// While goods are returned: whether they arrived. Which values there are is not documented.
    #[arg(long, value_name = "N", requires = "return_id", value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) accept_return: Option<i64>,

    /// While goods are returned: the return's number, as the detail has it.
    #[arg(long, value_name = "R", requires = "accept_return")]
    pub(crate) return_id: Option<String>,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Args)]
pub(crate) struct PictureFile {
    /// A JPEG, PNG, BMP or GIF file of at most 10 MiB; the platform's pages disagree whether more than 2 MiB are taken.
    pub(crate) file: PathBuf,

    /// Print the request and do not send it.
    #[arg(long)]
    pub(crate) dry_run: bool,
}
