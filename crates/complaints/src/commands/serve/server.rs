//! The server of the configuration, and its files read again.

use std::future::poll_fn;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::task::Poll;

use complaint_channels::{LiveChannels, SettingErrorKind, Settings};
use complaint_inbox::SqliteStore;
use complaint_server::{RunningServer, Server, Tokens, Users};
use tokio::task::JoinHandle;

use crate::error::Error;

/// Opens everything that a configuration names. Beside the server: the file of its inbox.
pub(super) async fn open(configuration: &Path) -> Result<(Server<SqliteStore>, PathBuf), Error> {
    let settings = Settings::from_file(configuration).map_err(|error| match error.kind() {
        SettingErrorKind::File => Error::from(error.and("name the configuration with --config FILE")),
        _ => error.into(),
    })?;
    let server = Server::from_settings(&settings).await?.with_desk().await.map_err(|error| match error.kind() {
        SettingErrorKind::File if Tokens::from_file(settings.serve().api_tokens_file()).is_err() => {
            error.and("`complaints token add NAME --may read` makes one")
        }
        _ => error,
    })?;
    Ok((server, settings.inbox().database()?))
}

/// A server that serves, and reads its files again on `SIGHUP`.
pub(super) struct Running {
    server: RunningServer<SqliteStore>,
    reloading: JoinHandle<()>,
}

impl Running {
    /// Starts all parts.
    pub(super) async fn start(server: Server<SqliteStore>) -> Result<Self, Error> {
        let mut reloading =
            Box::pin(reload(server.channels().clone(), server.tokens().cloned(), server.users().cloned()));
        // From its first poll on, the signal no longer ends the process.
        let _ = poll_fn(|context| Poll::Ready(reloading.as_mut().poll(context).is_ready())).await;
        let reloading = tokio::spawn(reloading);
        Ok(Self { server: server.start()?, reloading })
    }

    /// Never ready: once a part panics, this panics. The process has to end then, so that a supervisor
    /// starts it again over the same inbox.
    pub(super) async fn watch(&mut self) {
        let panic = self.server.panicked().await;
        tracing::error!(
            "a part of the server panicked: everything ends, and nothing acknowledged is lost; start it again"
        );
        resume_unwind(panic)
    }

    /// Stops once what is in hand is finished.
    pub(super) async fn stop(self) {
        self.reloading.abort();
        self.server.stop().await;
    }
}

/// Reads the configuration with all that it names, the tokens and the users again on `SIGHUP`. Each of the
/// three changes as a whole, or not at all.
#[cfg(unix)]
async fn reload(channels: LiveChannels, tokens: Option<Tokens>, users: Option<Users>) {
    let waited = channels.reload_on_hangup(|outcome| {
        report("the configuration", outcome.map(drop));
        if let Some(tokens) = &tokens {
            report("the tokens", tokens.reload());
        }
        if let Some(users) = &users {
            report("the users", users.reload());
        }
    });
    if let Err(error) = waited.await {
        tracing::error!(reason = %error, "the system cannot wait for signals: files are read at the start alone");
    }
}

#[cfg(not(unix))]
async fn reload(_: LiveChannels, _: Option<Tokens>, _: Option<Users>) {}

#[cfg(unix)]
fn report(file: &str, outcome: Result<(), complaint_channels::SettingError>) {
    match outcome {
        Ok(()) => tracing::info!(file, "read again"),
        Err(error) => tracing::error!(file, reason = %error, "a fault: everything is as before"),
    }
}
