//! `serve`: the server, until it is stopped.

mod logs;
mod server;
mod trial;

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::pin::pin;

use clap::Args;
use complaint_inbox::SqliteStore;
use complaint_server::Server;
use futures_util::future::{Either, select};
use serde::Serialize;

use self::server::Running;
use self::trial::Trial;
use crate::commands::sandbox::trigger_and_file;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::language::{language, say, say_with};
use crate::runtime::{self, Stop};
use crate::view::output::{self, visible};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Run the simulated platforms beside the server. Nothing has to be configured.
    #[arg(long)]
    pub(crate) sandbox: bool,

    /// The folder of `--sandbox`: configuration, keys, database, token and the simulated platforms'
    /// complaints. The next start goes on with what is there.
    #[arg(long, value_name = "DIR", default_value = "trial", requires = "sandbox")]
    pub(crate) folder: PathBuf,
}

/// Printed once both addresses are bound and the inbox is open.
#[derive(Serialize)]
struct Ready {
    webhooks: String,
    desk: String,
    database: String,
    #[serde(flatten)]
    trial: Option<ReadyTrial>,
}

/// The members with `--sandbox`.
#[derive(Serialize)]
struct ReadyTrial {
    api_token_file: String,
    sandbox: String,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    logs::start();
    // A lower limit than wanted means fewer connections at once.
    let _ = http_transport::raise_open_files();
    runtime::block_on_all_processors(async {
        let stop = Stop::listen()?;
        let trial = if arguments.sandbox { Some(Trial::open(&arguments.folder).await?) } else { None };
        let configuration = trial.as_ref().map(Trial::configuration);
        let (server, database) = server::open(configuration.as_deref().unwrap_or(config.path())).await?;
        let server = if trial.is_some() { server.with_pace(trial::pace()) } else { server };
        let mut ready = Ready::of(&server, &database);
        let (channels, port) = (server.channels().current(), server.webhooks().port());
        let link = server.link_url();
        let mut running = Running::start(server).await?;
        if let Some(trial) = &trial {
            trial.connect(&channels, port).await?;
            let (api_token_file, sandbox) = (trial.token_file().display().to_string(), trial.sandbox().base_url());
            ready.trial = Some(ReadyTrial { api_token_file, sandbox });
        }
        let Ready { webhooks, desk, database, .. } = &ready;
        tracing::info!(webhooks, desk, database, "ready");
        output::print_either(&ready, || ready.for_a_person())?;
        if let Some(link) = link.filter(|_| io::stderr().is_terminal()) {
            output::print_note(&invitation(&String::from_utf8_lossy(link.expose()), configuration.as_deref()));
        }
        select(pin!(stop.wait()), pin!(running.watch())).await;
        // An act in hand needs the simulated platforms.
        finish(async {
            running.stop().await;
            if let Some(trial) = &trial {
                trial.sandbox().stop().await;
            }
        })
        .await
    })
}

/// Shown to a person alone: a log would keep the link's token.
fn invitation(link: &str, configuration: Option<&Path>) -> String {
    let configuration =
        configuration.map(|path| format!("--config '{}' ", visible(&path.display().to_string()))).unwrap_or_default();
    let (about, users) = (language().text("serve-link"), language().text("serve-users"));
    let process = std::process::id();
    format!(
        "\n{about}\n\n  {link}\n\n{users}\n\n  \
         complaints {configuration}users add NAME --may act && kill -HUP {process}\n"
    )
}

/// Finishes what is in hand, unless it is asked to stop once more.
async fn finish(stopping: impl Future<Output = ()>) -> Result<(), Error> {
    let again = Stop::listen()?;
    tracing::info!("stopping: what is in hand is finished, which may take minutes for an act");
    match select(pin!(stopping), pin!(again.wait())).await {
        Either::Left(_) => Ok(()),
        Either::Right(_) => {
            let message =
                "stopped before the work in hand was finished; the next start looks for what may have happened";
            Err(Error::new(Code::Network, message))
        }
    }
}

impl Ready {
    fn of(server: &Server<SqliteStore>, database: &Path) -> Self {
        let (desk, database) = (server.desk_url().unwrap_or_default(), database.display().to_string());
        Self { webhooks: server.webhooks_url(), desk, database, trial: None }
    }

    fn for_a_person(&self) -> String {
        let Self { webhooks, desk, database, trial } = self;
        let url = |url: &str| [("url", url.to_owned().into())];
        let inbox = say_with("serve-inbox", [("path", visible(database).into())]);
        let text =
            format!("{}\n{}\n{inbox}", say_with("serve-webhooks", url(webhooks)), say_with("serve-desk", url(desk)));
        let Some(ReadyTrial { api_token_file, sandbox }) = trial else {
            return format!("{text}\n{}", say("serve-until"));
        };
        let file = visible(api_token_file);
        let folder = Path::new(api_token_file).parent().unwrap_or(Path::new(".")).display().to_string();
        let until = say_with("serve-until-sandbox", url(sandbox));
        format!(
            "{text}\n{until}\n\n  \
             curl -H \"Authorization: Bearer $(cat '{file}')\" {desk}/api/complaints\n  \
             curl -H \"Authorization: Bearer $(cat '{file}')\" '{desk}/api/events?after=0'\n\n{}",
            trigger_and_file(sandbox, &folder)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_told_the_link_and_how_to_do_without() {
        let text = invitation("http://127.0.0.1:8080/enter?token=x", None);
        assert!(text.contains("\n  http://127.0.0.1:8080/enter?token=x\n"), "{text}");
        let reload = format!("--may act && kill -HUP {}\n", std::process::id());
        assert!(text.contains("\n  complaints users add NAME ") && text.ends_with(&reload), "{text}");
        let text = invitation("http://127.0.0.1:8080/enter?token=x", Some(Path::new("trial/complaints.toml")));
        assert!(text.contains("\n  complaints --config 'trial/complaints.toml' users add NAME "), "{text}");
    }

    #[test]
    fn a_person_sees_how_to_ask_without_seeing_the_token() {
        let mut ready = Ready {
            webhooks: "http://127.0.0.1:8443".to_owned(),
            desk: "http://127.0.0.1:8080".to_owned(),
            database: "a\u{1b}[2J.db".to_owned(),
            trial: None,
        };
        let text = ready.for_a_person();
        assert!(text.contains("page     at http://127.0.0.1:8080") && text.ends_with("until Ctrl-C"), "{text}");
        assert!(text.contains("a\\u{1b}[2J.db"), "{text}");
        ready.trial =
            Some(ReadyTrial { api_token_file: "trial/api.token".to_owned(), sandbox: "https://s".to_owned() });
        let text = ready.for_a_person();
        let ask = "curl -H \"Authorization: Bearer $(cat 'trial/api.token')\" http://127.0.0.1:8080/api/complaints\n";
        assert!(text.contains("complaints sandbox trigger payer-responds --folder 'trial'\n"), "{text}");
        assert!(text.contains(ask) && text.contains("curl -k https://s/sandbox/complaints"), "{text}");
    }
}
