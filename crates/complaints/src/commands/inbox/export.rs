//! `inbox export`: the complaints as a table, row by row.

use std::path::PathBuf;
use std::pin::pin;

use clap::Args;
use complaint_inbox::{Exported, Filter, SqliteStore, Store as _};
use futures_util::future::{Either, select};
use protocol_core::UnixTime;
use serde::Serialize;

use super::document::{Document, no_values};
use super::{Database, Which};
use crate::args::ColumnArguments;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::input;
use crate::language::language;
use crate::runtime::{self, Stop};
use crate::view::columns::Columns;
use crate::view::output::{self, Lines};
use crate::view::phone::Phones;
use crate::view::progress::Progress;
use crate::view::rows::{Case, DOCUMENT_COLUMNS, Value};
use crate::view::screen::{self, Form};
use crate::view::whole_file::WholeFile;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: Which,

    #[command(flatten)]
    columns: ColumnArguments,

    /// The file to write, for this user alone, whole or not at all. Default: standard output.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Replace an existing file.
    #[arg(long, requires = "file")]
    force: bool,

    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    let now = input::now(None)?;
    if let Some(path) = &arguments.file {
        WholeFile::check(path, "--file", arguments.force)?;
    }
    let form = screen::form().unwrap_or(Form::Excel);
    let columns = Columns::choose(form, &[Case::COLUMNS, DOCUMENT_COLUMNS], arguments.columns.names(), &[])?;
    let store = arguments.database.open(config)?;
    let mut target = match &arguments.file {
        Some(path) => Target::File(WholeFile::create(path, arguments.force)?),
        None => Target::Screen(Lines::open()),
    };
    let filter = arguments.which.filter(now);
    let told = runtime::block_on(async {
        let work = write(&store, &filter, &columns, &mut target, now);
        if arguments.file.is_none() {
            return work.await;
        }
        // What was written of a file is removed.
        match select(pin!(Stop::listen()?.wait()), pin!(work)).await {
            Either::Left(_) => Err(Error::new(Code::Network, "interrupted; no file was written")),
            Either::Right((told, _)) => told,
        }
    })?;
    if told.unreadable > 0 {
        let note = language().text_with("warn-documents", [("count", told.unreadable.into())]);
        output::print_note(&format!("{note}\n"));
    }
    match (target, &arguments.file) {
        (Target::File(file), Some(path)) => {
            file.finish()?;
            output::print(&Written { file: path.display().to_string(), complaints: told.complaints })
        }
        (Target::File(file), None) => file.finish(),
        (Target::Screen(lines), _) => lines.finish(),
    }
}

/// The printed result, if the table is in a file.
#[derive(Serialize)]
struct Written {
    file: String,
    complaints: u64,
}

/// The place that the rows are written to.
enum Target<'p> {
    Screen(Lines),
    File(WholeFile<'p>),
}

impl Target<'_> {
    /// `false` if there is no reader any more.
    fn write(&mut self, line: &str) -> Result<bool, Error> {
        match self {
            Self::Screen(lines) => lines.write(line),
            Self::File(file) => file.write(line.as_bytes()).map(|()| true),
        }
    }

    /// The progress has a line of its own, which rows on the same terminal would break.
    fn progress(&self) -> Option<Progress> {
        let shares = matches!(self, Self::Screen(_)) && screen::is_terminal();
        (!shares).then(|| Progress::reading("progress-complaints"))
    }
}

/// The numbers of an export.
#[derive(Default)]
struct Told {
    complaints: u64,
    unreadable: u64,
}

/// Complaints that are in memory at a time.
const PAGE: u32 = 100;

async fn write(
    store: &SqliteStore,
    filter: &Filter,
    columns: &Columns,
    target: &mut Target<'_>,
    now: UnixTime,
) -> Result<Told, Error> {
    let mut told = Told::default();
    let progress = target.progress();
    let mut goes_on = target.write(&columns.head())?;
    let mut after = None;
    while goes_on {
        let page = store.export(filter, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.summary.key.clone());
        for complaint in &page {
            goes_on = goes_on && target.write(&columns.line(&values(complaint, &mut told, now))?)?;
            progress.iter().for_each(Progress::count);
        }
    }
    Ok(told)
}

fn values(exported: &Exported, told: &mut Told, now: UnixTime) -> Vec<Value> {
    let Exported { summary, document } = exported;
    told.complaints += 1;
    let mut values = Case::of_inbox(summary).values(now);
    values.extend(match document.as_ref().map(|document| Document::read(&summary.key, document.expose())) {
        Some(Some(document)) => document.values(Phones::Masked),
        unread => {
            told.unreadable += u64::from(unread.is_some());
            no_values()
        }
    });
    values
}
