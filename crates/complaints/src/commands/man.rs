//! `man`: the manual pages.

use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory as _};
use clap_mangen::Man;
use complaint_texts::Language;
use serde::Serialize;

use crate::commands::{self, guide, translation};
use crate::error::Error;
use crate::language::language;
use crate::view::output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder to write `complaints.1` and a page for each command into, in place of older ones.
    /// Default: the page of `complaints` to standard output.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let mut command = guide::guided(commands::Arguments::command().disable_help_subcommand(true), language());
    command.build();
    match &arguments.folder {
        None => output::print_bytes(page(command, language())?.as_bytes()),
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
    std::fs::write(&path, page(command.clone(), language())?)
        .map_err(|error| Error::usage(format_args!("cannot write {}: {error}; name a folder", path.display())))?;
    command.get_subcommands().try_fold(1, |pages, below| Ok(pages + write(below, folder)?))
}

/// The page of a command whose words are in this language.
pub(crate) fn page(command: Command, language: Language) -> Result<String, Error> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(Error::usage)?;
    let page = String::from_utf8(page).map_err(Error::usage)?;
    Ok(match language {
        Language::English => page,
        Language::Chinese => translation::page_in_chinese(&page),
    })
}
