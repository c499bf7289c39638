//! `inbox list`: the complaints, the earliest deadline first.

use std::collections::HashSet;

use clap::Args;
use complaint_inbox::{Filter, MAX_ROWS, SqliteStore, Store as _, Summary};
use complaint_server::ComplaintRow;
use protocol_core::UnixTime;
use serde::Serialize;

use super::{Database, Which, name};
use crate::args::ColumnArguments;
use crate::config::Config;
use crate::error::Error;
use crate::language::say;
use crate::view::columns::{Column, Columns};
use crate::view::output;
use crate::view::progress::Progress;
use crate::view::rows::{Case, Value};
use crate::view::screen::{self, Form};
use crate::view::table::Fit;
use crate::view::tone::Tone;
use crate::{input, runtime};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: Which,

    #[command(flatten)]
    columns: ColumnArguments,

    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    let now = input::now(None)?;
    let form = screen::form().unwrap_or(if screen::is_terminal() { Form::Table } else { Form::Json });
    if matches!(form, Form::Json | Form::Jsonl) {
        arguments.columns.refuse()?;
    }
    let columns = Columns::choose(form, &[Case::COLUMNS, OF_INBOX], arguments.columns.names(), TABLE)?;
    let store = arguments.database.open(config)?;
    let rows = runtime::block_on(read(&store, &arguments.which.filter(now)))?;
    let complaints = rows.iter().map(|row| ComplaintRow::new(row, now));
    match form {
        Form::Table if rows.is_empty() => output::print_text(&say("list-none")),
        Form::Json => output::print_lines([output::json(&Listed { complaints: complaints.collect() })]),
        Form::Jsonl => output::print_lines(complaints.map(|row| output::json(&row))),
        Form::Table | Form::Csv | Form::Excel => columns.print(rows.iter().map(|row| values(row, now))),
    }
}

/// The columns of the table. On a narrow terminal some are left out, as [`Fit`] says.
const TABLE: &[&str] = &["due", "complaint", "filed", "state", "amount", "note"];

/// The columns of the table alone.
const OF_INBOX: &[Column] = &[Column::for_people("complaint", Fit::Id), Column::for_people("note", Fit::Spare(4))];

/// The values of every column, and the urgency.
fn values(row: &Summary, now: UnixTime) -> (Tone, Vec<Value>) {
    let case = Case::of_inbox(row);
    let mut values = case.values(now);
    values.push(Value::text(Some(&name(&row.key))));
    values.push(Value::text(note(row).as_deref()));
    (case.tone(now), values)
}

/// The rows in the form of the API, all pages in one.
#[derive(Serialize)]
struct Listed<'r> {
    complaints: Vec<ComplaintRow<'r>>,
}

async fn read(store: &SqliteStore, filter: &Filter) -> Result<Vec<Summary>, Error> {
    let progress = Progress::reading("progress-complaints");
    let (mut rows, mut from) = (Vec::new(), None);
    // One that is read meanwhile may stand on two pages.
    let mut seen = HashSet::new();
    loop {
        let page = store.list(filter, from.as_ref(), MAX_ROWS).await?;
        for row in page.rows {
            if seen.insert(row.key.clone()) {
                progress.count();
                rows.push(row);
            }
        }
        from = page.next;
        if from.is_none() {
            return Ok(rows);
        }
    }
}

/// How far the row lags behind the platform.
pub(super) fn note(row: &Summary) -> Option<String> {
    match (row.read < row.heard, row.read_at) {
        (true, None) => Some(say("inbox-note-unread")),
        (true, Some(_)) => Some(say("inbox-note-again")),
        (false, _) => None,
    }
}

impl<'c> Case<'c> {
    pub(super) fn of_inbox(row: &'c Summary) -> Self {
        Self {
            channel: &row.key.channel,
            merchant: Some(&row.key.merchant),
            id: &row.key.id,
            state: row.state.as_deref(),
            is_open: !row.is_closed,
            filed: row.filed,
            deadlines: row.deadlines,
            amount: row.amount,
        }
    }
}
