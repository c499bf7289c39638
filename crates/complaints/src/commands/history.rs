//! `history`: the entries of a complaint.

use std::cmp::Ordering;
use std::path::Path;

use clap::Args;
use futures_util::StreamExt as _;
use protocol_core::channel::{ComplaintChannel, ComplaintRef};
use protocol_core::complaint::{NegotiationRecord, OperateType};

use crate::args::{OneComplaint, Via};
use crate::channel::Channel;
use crate::error::Error;
use crate::view::due;
use crate::view::output;
use crate::view::progress::Progress;
use crate::view::sheet::Sheet;
use crate::view::timeline::timeline;
use crate::{channel, input};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) complaint: OneComplaint,

    #[command(flatten)]
    pub(crate) via: Via,
}

pub(crate) fn run(arguments: &Arguments, config: &Path) -> Result<(), Error> {
    arguments.via.check(&[])?;
    channel::run(&arguments.via, config, async |channel| {
        let client = channel.client().await?;
        let progress = Progress::reading("entries");
        let (records, amiss) = read_amiss(client, &arguments.complaint.id, || progress.count()).await?;
        drop(progress);
        for record in &records {
            output::note_misfits(&format!("entry {}: ", record.log_id), &record.misfits());
        }
        let mut below = String::new();
        if output::to_a_person() {
            below = deadlines(channel, arguments, &records, amiss.is_empty()).await.unwrap_or_else(|error| {
                due::note_unknown("the complaint", &error);
                String::new()
            });
        }
        output::print_either(&output::List { data: &records }, || timeline(&records) + &below)
            .and(output::print_all_but_last(amiss))
    })
}

/// The deadlines below the entries, which need the complaint itself.
async fn deadlines(
    channel: &dyn Channel,
    arguments: &Arguments,
    records: &[NegotiationRecord],
    is_complete: bool,
) -> Result<String, Error> {
    let now = input::now(None)?;
    let complaint = channel.client().await?.show(&ComplaintRef::new(&arguments.complaint.id)).await?;
    let deadlines = if is_complete { complaint.deadlines_with(records) } else { complaint.deadlines() };
    let mut sheet = Sheet::default();
    due::lines(&mut sheet, &channel.deadlines(deadlines), now);
    let lines = sheet.text();
    Ok(if lines.is_empty() { lines } else { format!("\n{lines}") })
}

/// Every entry, oldest first.
pub(crate) async fn read(client: &dyn ComplaintChannel, complaint_id: &str) -> Result<Vec<NegotiationRecord>, Error> {
    let (records, amiss) = read_amiss(client, complaint_id, || {}).await?;
    output::print_all_but_last(amiss).map(|()| records)
}

/// The entries, oldest first, and the errors of some of them. Calls back for each entry.
async fn read_amiss(
    client: &dyn ComplaintChannel,
    complaint_id: &str,
    came: impl Fn(),
) -> Result<(Vec<NegotiationRecord>, Vec<Error>), Error> {
    let about = ComplaintRef::new(complaint_id);
    let mut found = client.history(&about);
    let (mut records, mut amiss) = (Vec::new(), Vec::new());
    while let Some(record) = found.next().await {
        match record {
            Ok(record) => {
                came();
                records.push(record);
            }
            Err(error) if error.leaves_the_others() => amiss.push(error.into()),
            Err(error) => return Err(error.into()),
        }
    }
    if is_newest_first(&records) {
        records.reverse();
    }
    Ok((records, amiss))
}

/// Whether the order is the newest first: platforms differ. Within a second, the filing decides.
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
