//! `history`: the entries of a complaint.

use std::cmp::Ordering;

use clap::Args;
use futures_util::StreamExt as _;
use protocol_core::channel::{ComplaintChannel, ComplaintRef};
use protocol_core::complaint::{Deadlines, NegotiationRecord, OperateType};
use serde::Serialize;

use crate::args::{OneComplaint, Via};
use crate::channel::Channel;
use crate::config::Config;
use crate::error::Error;
use crate::language::language;
use crate::view::due;
use crate::view::output;
use crate::view::progress::Progress;
use crate::view::screen::{self, Form};
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

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    arguments.via.check(&[])?;
    channel::run(&arguments.via, config, async |channel| {
        let id = &arguments.complaint.id;
        let client = channel.client().await?;
        let progress = Progress::reading("progress-entries");
        let (records, amiss) = read_amiss(client, id, || progress.count()).await?;
        drop(progress);
        for record in &records {
            let of = language().text_with("warn-of-entry", [("id", record.log_id.as_str().into())]);
            output::note_misfits(Some(of), &record.misfits());
        }
        let now = input::now(None)?;
        let deadlines = match deadlines(channel, id, &records, amiss.is_empty()).await {
            Ok(deadlines) => Some(deadlines),
            Err(error) => {
                due::note_unknown("warn-due-complaint", &error);
                None
            }
        };
        let told = deadlines.map(|deadlines| due::Told::new(id, &deadlines, now));
        if screen::form() == Some(Form::Jsonl) {
            return output::print_lines(records.iter().map(output::json)).and(output::print_all_but_last(amiss));
        }
        output::print_either(&Listed { data: &records, deadlines: told }, || {
            let mut below = Sheet::default();
            deadlines.iter().for_each(|deadlines| due::lines(&mut below, deadlines, now));
            [timeline(&records), below.text()]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("\n")
        })
        .and(output::print_all_but_last(amiss))
    })
}

/// The entries for programs, and the complaint's deadlines beside them.
#[derive(Serialize)]
struct Listed<'a> {
    data: &'a [NegotiationRecord],
    /// `None` if the complaint cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadlines: Option<due::Told<'a>>,
}

/// The deadlines, which need the complaint itself.
async fn deadlines(
    channel: &dyn Channel,
    complaint_id: &str,
    records: &[NegotiationRecord],
    is_complete: bool,
) -> Result<Deadlines, Error> {
    let complaint = channel.client().await?.show(&ComplaintRef::new(complaint_id)).await?;
    Ok(channel.deadlines(if is_complete { complaint.deadlines_with(records) } else { complaint.deadlines() }))
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
    oldest_first(&mut records);
    Ok((records, amiss))
}

/// Puts the entries in order: platforms differ.
pub(crate) fn oldest_first(records: &mut [NegotiationRecord]) {
    if is_newest_first(records) {
        records.reverse();
    }
}

/// Whether the order is the newest first. Within a second, the filing decides.
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
