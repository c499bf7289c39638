//! `man`: the manual pages.

use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;
use serde::Serialize;

use crate::commands::guide;
use crate::error::Error;
use crate::view::output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder to write `complaints.1` and a page for each command into, in place of older ones.
    /// Default: the page of `complaints` to standard output.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let mut command = guide::command().disable_help_subcommand(true);
    command.build();
    match &arguments.folder {
        None => output::print_bytes(&page(command)?),
        Some(folder) => {
            let pages = write(&command, folder)?;
            output::print(&Written { folder: folder.display().to_string(), pages })
        }
    }
}

/// The printed result.
#[derive(Serialize)]
struct Written {
    folder: String,
    pages: usize,
}

/// Writes the pages of a command and of those below it; their number.
fn write(command: &Command, folder: &Path) -> Result<usize, Error> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let path = folder.join(format!("{name}.1"));
    std::fs::write(&path, page(command.clone())?)
        .map_err(|error| Error::usage(format_args!("cannot write {}: {error}; name a folder", path.display())))?;
    command.get_subcommands().try_fold(1, |pages, below| Ok(pages + write(below, folder)?))
}

fn page(command: Command) -> Result<Vec<u8>, Error> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(Error::usage)?;
    Ok(page)
}
