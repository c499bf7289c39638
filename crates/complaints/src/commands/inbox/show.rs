//! `inbox show`: one complaint, whole.

use clap::Args;
use complaint_inbox::{
    ActRecord, ComplaintKey, ComplaintRecord, Entry, Event, Filter, MAX_ROWS, Reason, SqliteStore, Store,
};
use complaint_server::{ComplaintDocument, EventDocument};
use protocol_core::UnixTime;
use protocol_core::codec::decode_json;
use protocol_core::complaint::NegotiationRecord;
use serde::Serialize;

use super::document::Document;
use super::list::note;
use super::{Database, name};
use crate::commands::history::oldest_first;
use crate::commands::show::sheet;
use crate::config::Config;
use crate::error::Error;
use crate::language::{language, say};
use crate::view::output::{self, visible};
use crate::view::phone::Phones;
use crate::view::sheet::Sheet;
use crate::view::table::{Cell, Column, Fit, Table};
use crate::view::timeline::timeline;
use crate::view::words::{moment, time_cell, word};
use crate::view::{alipay, due, order};
use crate::{input, runtime};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The complaint, as CHANNEL/MERCHANT/ID, or its number alone if one account has it.
    #[arg(value_name = "COMPLAINT")]
    complaint: String,

    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    let now = input::now(None)?;
    let store = arguments.database.open(config)?;
    let (record, events) = runtime::block_on(async {
        let key = find(&store, &arguments.complaint).await?;
        let record = store.complaint(&key).await?.ok_or_else(|| unknown(&arguments.complaint))?;
        Ok((record, events(&store, &key).await?))
    })?;
    let shown = Shown {
        complaint: ComplaintDocument::new(&record, now),
        events: events.iter().map(EventDocument::new).collect(),
    };
    output::print_either(&shown, || text(&record, &events, now))
}

/// The complaint in the form of the API, and its events in that of the feed.
#[derive(Serialize)]
struct Shown<'r> {
    #[serde(flatten)]
    complaint: ComplaintDocument<'r>,
    events: Vec<EventDocument<'r>>,
}

/// Most accounts that are named if several have the number.
const MAX_NAMED: u32 = 5;

async fn find(store: &SqliteStore, complaint: &str) -> Result<ComplaintKey, Error> {
    let parts: Vec<_> = complaint.split('/').collect();
    if let [channel, merchant, id] = parts[..] {
        return Ok(ComplaintKey::new(channel, merchant, id));
    }
    let filter = Filter { id: Some(complaint.to_owned()), ..Filter::default() };
    let found = store.list(&filter, None, MAX_NAMED).await?.rows;
    match &found[..] {
        [] => Err(unknown(complaint)),
        [one] => Ok(one.key.clone()),
        several => {
            let names: Vec<_> = several.iter().map(|row| name(&row.key)).collect();
            Err(Error::usage(format_args!("several accounts have this number; give one of {}", names.join(", "))))
        }
    }
}

fn unknown(complaint: &str) -> Error {
    Error::usage(format_args!("the inbox has no complaint {complaint}; `complaints inbox list` shows those it has"))
}

/// Every event of a complaint, oldest first.
async fn events(store: &SqliteStore, key: &ComplaintKey) -> Result<Vec<Event>, Error> {
    let mut events: Vec<Event> = Vec::new();
    loop {
        let after = events.last().map_or(0, |event| event.number);
        let more = store.events_of(key, after, MAX_ROWS).await?;
        if more.is_empty() {
            return Ok(events);
        }
        events.extend(more);
    }
}

/// The complaint for people.
fn text(record: &ComplaintRecord, events: &[Event], now: UnixTime) -> String {
    let summary = &record.summary;
    let mut head = Sheet::default();
    head.line("in-the-inbox", Some(visible(&name(&summary.key))));
    head.line("read", summary.read_at.map(|time| moment(&time.into())));
    head.line("note", note(summary));
    let mut parts = vec![head.text()];
    let document = record.document.as_ref().and_then(|document| Document::read(&summary.key, document.expose()));
    match (document, summary.deadlines) {
        (Some(Document::Order(detail)), _) => parts.push(order::sheet(&detail, now, Phones::Masked)),
        (Some(Document::Alipay(complaint)), _) => parts.push(alipay::sheet(&complaint, now, Phones::Masked)),
        (Some(Document::Complaint(complaint)), Some(deadlines)) => {
            output::note_misfits(None, &complaint.misfits());
            parts.push(sheet(&complaint, &deadlines, now, Phones::Masked));
            parts.push(history(&record.entries));
        }
        (_, deadlines) => {
            let mut sheet = Sheet::default();
            deadlines.iter().for_each(|deadlines| due::lines(&mut sheet, deadlines, now));
            parts.push(sheet.text());
        }
    }
    if !record.acts.is_empty() {
        parts.push(format!("{}\n{}", say("inbox-acts"), acts(&record.acts)));
    }
    if !events.is_empty() {
        parts.push(format!("{}\n{}", say("inbox-events"), happened(events)));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn history(entries: &[Entry]) -> String {
    let read = |entry: &Entry| {
        let record = decode_json::<NegotiationRecord>("an entry", entry.document.expose().as_bytes());
        record.ok().map(protocol_core::Unverified::trust_anyway)
    };
    let mut records: Vec<_> = entries.iter().filter_map(read).collect();
    if records.len() < entries.len() {
        output::print_note(&format!("{}\n", language().text("warn-entries")));
    }
    oldest_first(&mut records);
    format!("{}\n{}", say("inbox-history"), timeline(&records))
}

fn acts(acts: &[ActRecord]) -> String {
    let mut table = Table::new([
        Column::new("asked", Fit::Whole),
        Column::new("act", Fit::Whole),
        Column::new("state", Fit::Whole),
        Column::new("by", Fit::Spare(2)),
        Column::new("ended", Fit::Spare(1)),
        Column::new("key", Fit::Id),
        Column::new("words", Fit::Text),
    ]);
    for act in acts {
        let words = act.reason.as_ref().map(words).unwrap_or_default();
        table.add([
            time_cell(act.asked_at),
            Cell::new(word("act", act.ask.act.kind().as_str())),
            Cell::new(word("act-state", act.stage.as_str())),
            Cell::new(visible(&act.ask.by)),
            act.finished_at.map_or_else(|| Cell::new(""), time_cell),
            Cell::new(visible(&act.ask.key)),
            Cell::new(words),
        ]);
    }
    table.text()
}

/// The details of a failure, and the platform's own words.
fn words(Reason { words, quote, .. }: &Reason) -> String {
    match quote {
        Some(quote) => visible(&format!("{words}: {}", quote.expose())),
        None => visible(words),
    }
}

fn happened(events: &[Event]) -> String {
    let mut table = Table::new([
        Column::new("time", Fit::Whole),
        Column::number("number", Fit::Whole),
        Column::new("event", Fit::Whole),
    ]);
    for event in events {
        table.add([
            time_cell(event.at),
            Cell::new(event.number.to_string()),
            Cell::new(word("event", event.kind.as_str())),
        ]);
    }
    table.text()
}
