//! `completions`: a script that completes the commands in a shell.

use clap::Args;
use clap_complete::Shell;
use complaint_texts::Language;

use crate::commands::guide;
use crate::error::Error;
use crate::language::language;
use crate::view::output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    // Windows PowerShell reads a script in the system's code page.
    let language = if arguments.shell == Shell::PowerShell { Language::English } else { language() };
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut guide::command(language), "complaints", &mut script);
    output::print_bytes(&script)
}
