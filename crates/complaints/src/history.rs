//! `history`: what happened to a complaint.

use std::path::Path;
use std::pin::pin;

use futures_util::TryStreamExt as _;
use protocol_core::complaint::NegotiationRecord;
use wechat_adapter::{Client, Transport};

use crate::error::Error;
use crate::network::{self, Network};
use crate::progress::Progress;
use crate::timeline::timeline;
use crate::{args, output};

pub(crate) fn run(arguments: &args::OneComplaint, config: &Path) -> Result<(), Error> {
    network::run(config, async |network: &Network| {
        let client = network.client().await?;
        let progress = Progress::reading("entries");
        let records = read(client, &arguments.id, || progress.count()).await?;
        drop(progress);
        output::print_either(&output::List { data: &records }, || timeline(&records))
    })
}

/// Every entry, oldest first; tells of each as it comes.
pub(crate) async fn read<S: Transport>(
    client: &Client<S>,
    complaint_id: &str,
    came: impl Fn(),
) -> Result<Vec<NegotiationRecord>, Error> {
    let mut found = pin!(client.negotiation_history(complaint_id));
    let mut records = Vec::new();
    while let Some(record) = found.try_next().await? {
        came();
        records.push(record);
    }
    Ok(records)
}
