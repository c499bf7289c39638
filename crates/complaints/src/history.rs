//! `history`: what happened to a complaint.

use std::path::Path;
use std::pin::pin;

use futures_util::TryStreamExt as _;
use protocol_core::channel::{ComplaintChannel, ComplaintRef};
use protocol_core::complaint::NegotiationRecord;

use crate::channel::{self, Channel, Command};
use crate::error::{Error, Failure};
use crate::progress::Progress;
use crate::timeline::timeline;
use crate::{args, output};

pub(crate) fn run(arguments: &args::History, config: &Path) -> Result<(), Error> {
    arguments.via.check(&[])?;
    channel::run(&arguments.via, config, arguments)
}

impl Command for args::History {
    async fn run<C: Channel>(&self, channel: &C) -> Result<(), Error> {
        let client = channel.client().await?;
        let progress = Progress::reading("entries");
        let records = read(client, &self.complaint.id, || progress.count()).await?;
        drop(progress);
        output::print_either(&output::List { data: &records }, || timeline(&records))
    }
}

/// Every entry, oldest first; tells of each as it comes.
pub(crate) async fn read<C>(client: &C, complaint_id: &str, came: impl Fn()) -> Result<Vec<NegotiationRecord>, Error>
where
    C: ComplaintChannel<Error: Failure>,
{
    let about = ComplaintRef::new(complaint_id);
    let mut found = pin!(client.history(&about));
    let mut records = Vec::new();
    while let Some(record) = found.try_next().await.map_err(Into::into)? {
        came();
        records.push(record);
    }
    // Platforms differ in the order they have.
    let time = |record: Option<&NegotiationRecord>| record?.operate_time.as_ref()?.to_unix();
    if time(records.first()) > time(records.last()) {
        records.reverse();
    }
    Ok(records)
}
