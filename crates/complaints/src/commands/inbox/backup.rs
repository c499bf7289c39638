//! `inbox backup`: a copy of the database, while a server has it.

use std::path::PathBuf;
use std::pin::pin;

use clap::Args;
use futures_util::future::{Either, select};
use serde::Serialize;

use super::Database;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::runtime::{self, Stop};
use crate::view::output;
use crate::view::progress::Progress;
use crate::view::whole_file::{Beside, WholeFile};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The file to write, for this user alone, whole or not at all. It is as confidential as the inbox.
    file: PathBuf,

    /// Replace an existing file.
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(Arguments { file, force, database }: &Arguments, config: &Config) -> Result<(), Error> {
    WholeFile::check(file, "FILE", *force)?;
    let (store, copy) = (database.open(config)?, Beside::of(file)?);
    let progress = Progress::reading("progress-backup");
    runtime::block_on(async {
        let stopped = pin!(Stop::listen()?.wait());
        match select(stopped, pin!(store.back_up(copy.path()))).await {
            Either::Left(_) => Err(Error::new(Code::Network, "interrupted; no file was written")),
            Either::Right((outcome, _)) => Ok(outcome?),
        }
    })
    // A copy that was begun ends before it is removed.
    .inspect_err(|_| drop(store))?;
    drop(progress);
    let bytes = copy.path().metadata().map_or(0, |copy| copy.len());
    copy.put(file, *force)?;
    output::print(&Written { file: file.display().to_string(), bytes })
}

/// The printed result.
#[derive(Serialize)]
struct Written {
    file: String,
    bytes: u64,
}
