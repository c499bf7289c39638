//! `completions`: a script that completes the commands in a shell.

use clap::Args;
use clap_complete::Shell;

use crate::commands::guide;
use crate::error::Error;
use crate::view::output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut guide::command(), "complaints", &mut script);
    output::print_bytes(&script)
}
