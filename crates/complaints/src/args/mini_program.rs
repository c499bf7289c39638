//! Arguments of `mini-program`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::Consent;

#[derive(Debug, Subcommand)]
pub(crate) enum MiniProgram {
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
