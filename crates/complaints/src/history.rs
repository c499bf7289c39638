//! `history`: what happened to a complaint.

use std::cmp::Ordering;
use std::path::Path;
use std::pin::pin;

use futures_util::TryStreamExt as _;
use protocol_core::channel::{ComplaintChannel, ComplaintRef};
use protocol_core::complaint::{NegotiationRecord, OperateType};

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
    if is_newest_first(&records) {
        records.reverse();
    }
    Ok(records)
}

/// Platforms differ in the order they have. Where all happened within a second, the filing tells.
fn is_newest_first(records: &[NegotiationRecord]) -> bool {
    let time = |record: Option<&NegotiationRecord>| record?.operate_time.as_ref()?.to_unix();
    let is_filing = |record: Option<&NegotiationRecord>| {
        record.is_some_and(|record| record.operate_type == Some(OperateType::UserCreateComplaint))
    };
    let (first, last) = (records.first(), records.last());
    match time(first).cmp(&time(last)) {
        Ordering::Greater => true,
        Ordering::Equal => is_filing(last) && !is_filing(first),
        Ordering::Less => false,
    }
}
