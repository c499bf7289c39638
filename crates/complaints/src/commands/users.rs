//! `users`: those who log in to the page.

use clap::{Args, Subcommand};
use complaint_server::{MAX_PASSWORD, Users};
use serde::Serialize;

use super::token::Right;
use crate::config::Config;
use crate::error::Error;
use crate::input::secret_line;
use crate::language::{say, say_with};
use crate::view::output;

#[derive(Debug, Subcommand)]
pub(crate) enum Arguments {
    /// Add a user. The password is asked for on a terminal, or is one line of standard input; the file
    /// has its hash alone. A server that runs reads the file again on SIGHUP.
    Add(Add),
    /// List the users.
    List,
    /// Remove a user. The user's sessions are over once the server has read the file again.
    Remove(User),
    /// Give a user another password. Earlier sessions are over once the server has read the file
    /// again.
    Password(User),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    pub(crate) user: User,

    /// The right of the user.
    #[arg(long, value_enum)]
    pub(crate) may: Right,
}

#[derive(Debug, Args)]
pub(crate) struct User {
    /// The name of the user: letters or digits of any language, points, hyphens or underscores.
    pub(crate) name: String,
}

/// A user, without the password.
#[derive(Serialize)]
struct Known<'a> {
    name: &'a str,
    may: &'static str,
}

/// A user who was changed.
#[derive(Serialize)]
struct Changed<'a> {
    name: &'a str,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    let file = config.read()?.serve().users_file();
    match arguments {
        Arguments::Add(Add { user: User { name }, may }) => {
            let may = may.may();
            Users::add(file, name, may, &secret_line("secret-password", MAX_PASSWORD)?)?;
            output::print_either(&Known { name, may: may.as_str() }, || {
                say_with("users-added", [("name", name.into())])
            })
        }
        Arguments::List => {
            let users = Users::from_file(file)?.list();
            let known: Vec<_> = users.iter().map(|(name, may)| Known { name, may: may.as_str() }).collect();
            let lines = || known.iter().map(|Known { name, may }| format!("{may:4} {name}")).collect::<Vec<_>>();
            output::print_either(&known, || if known.is_empty() { say("users-none") } else { lines().join("\n") })
        }
        Arguments::Remove(User { name }) => {
            Users::remove(file, name)?;
            output::print_either(&Changed { name }, || say_with("users-removed", [("name", name.into())]))
        }
        Arguments::Password(User { name }) => {
            Users::set_password(file, name, &secret_line("secret-new-password", MAX_PASSWORD)?)?;
            output::print_either(&Changed { name }, || say_with("users-changed", [("name", name.into())]))
        }
    }
}
