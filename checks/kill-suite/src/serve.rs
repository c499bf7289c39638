//! The process that is killed: the whole server over the inbox of a folder.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use complaint_channels::LiveChannels;
use complaint_inbox::{Session, SqliteStore, StartAt, Store as _, StoreError};
use complaint_server::{
    Desk, Endpoint, Engine, Hosts, Onward, Pace, SigningSecret, Stopping, Tokens, desk_listener, router,
};
use http::Method;
use http_transport::{ClientConfig, HttpsClient, Listener, ListenerConfig, ServerTls};
use protocol_core::{Clock, UnixTime};
use tokio::time::sleep;

use crate::Failure;

/// The inbox's file in the folder.
pub(crate) const INBOX: &str = "inbox.db";

/// The file of the API's tokens.
pub(crate) const TOKENS: &str = "tokens.toml";

/// The file with the secret of the endpoint.
pub(crate) const SECRET: &str = "onward.secret";

/// The endpoint's name in the inbox.
pub(crate) const SHOP: &str = "shop";

/// The server's settings, which are the words of its command.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) folder: PathBuf,
    /// The ports of webhooks and API, the same after each kill.
    pub(crate) webhooks: u16,
    pub(crate) desk: u16,
    /// The service that events are handed on to.
    pub(crate) onward: String,
    /// How many seconds the inbox's clock is ahead of the machine's.
    pub(crate) ahead: u32,
    /// Webhooks without TLS, so that a trace shows their responses.
    pub(crate) is_plain: bool,
    /// The planted fault: messages are acknowledged before they are stored.
    pub(crate) is_early: bool,
}

impl Settings {
    /// The words of the command.
    pub(crate) fn words(&self) -> Vec<String> {
        let words = [
            "serve".to_owned(),
            self.folder.display().to_string(),
            self.webhooks.to_string(),
            self.desk.to_string(),
            self.onward.clone(),
            self.ahead.to_string(),
        ];
        let flags = [(self.is_plain, "--plain"), (self.is_early, "--acknowledge-early")];
        words
            .into_iter()
            .chain(flags.into_iter().filter(|(is_on, _)| *is_on).map(|(_, flag)| flag.to_owned()))
            .collect()
    }

    /// Reads the words after `serve`.
    pub(crate) fn read(words: &[String]) -> Result<Self, Failure> {
        let [folder, webhooks, desk, onward, ahead, flags @ ..] = words else {
            return Err("serve FOLDER PORT PORT URL SECONDS [--plain] [--acknowledge-early]".into());
        };
        let has = |flag: &str| flags.iter().any(|word| word == flag);
        Ok(Self {
            folder: folder.into(),
            webhooks: webhooks.parse()?,
            desk: desk.parse()?,
            onward: onward.clone(),
            ahead: ahead.parse()?,
            is_plain: has("--plain"),
            is_early: has("--acknowledge-early"),
        })
    }
}

/// Serves until it is killed. It prints a line when it listens.
pub(crate) async fn serve(settings: Settings) -> Result<(), Failure> {
    // The suite may be stopped, too: its end of the pipe closes then.
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    let file = |name: &str| settings.folder.join(name);
    let store = open(&file(INBOX), settings.ahead).await?;
    // An endpoint that a configuration has no more.
    store.open_endpoint("retired", StartAt::Next).await?;
    store.close_endpoint("retired").await?;
    // A person who logs in and out, and another one who is removed.
    for (digest, user) in [([1; 32], "li"), ([2; 32], "wang")] {
        let now = UnixTime::from(SystemTime::now());
        store.open_session(Session { digest, user: user.to_owned(), opened: now, expires: now.plus(60) }).await?;
    }
    store.close_session(&[1; 32]).await?;
    store.close_sessions_of("wang").await?;
    let channels = LiveChannels::from_file(file("complaints.toml"))?;
    let stopping = Stopping::default();
    let pace = Pace::default().with_look_every(LOOK_EVERY).with_sweep_every(Duration::from_secs(3600));
    let engine = Engine::start(store.clone(), channels.clone(), pace, stopping.clone());

    let mut config = ListenerConfig::default();
    if !settings.is_plain {
        let [chain, key] = ["sandbox_webhook.pem", "sandbox_webhook.key"].map(|name| std::fs::read(file(name)));
        config = config.with_tls(ServerTls::from_pem(&chain?, &key?)?);
    }
    let webhooks = bind(settings.webhooks, config).await?;
    let desk = bind(settings.desk, desk_listener()).await?;
    let secret = SigningSecret::read(&std::fs::read(file(SECRET))?)?;
    let client = HttpsClient::new(ClientConfig::default().with_allow_http(true))?;
    let onward = Onward::new(store.clone(), client)
        .endpoint(Endpoint::new(SHOP, &settings.onward, secret)?)?
        .with_events(engine.events())
        .with_stopping(stopping.clone());
    let api = Desk::new(store, Tokens::from_file(file(TOKENS))?, Hosts::of(desk.local_addr()))
        .with_channels(channels)
        .with_endpoints(onward.endpoints())
        .with_work(engine.work())
        .with_events(engine.events())
        .with_stopping(stopping.clone());
    let mut receiver = engine.webhooks()?;
    if settings.is_early {
        receiver = receiver.layer(from_fn(acknowledge_early));
    }
    let mut out = std::io::stdout();
    writeln!(out, "ready").and_then(|()| out.flush())?;
    tokio::join!(webhooks.serve(receiver, stopping.wished()), desk.serve(router(api), stopping.wished()), onward.run());
    Ok(())
}

/// The inbox, under a clock that is ahead. A process that was just killed may still hold the file.
pub(crate) async fn open(path: &Path, ahead: u32) -> Result<SqliteStore, Failure> {
    let clock = Clock::new(move || UnixTime::from(SystemTime::now()).plus(ahead));
    loop {
        match SqliteStore::open_with_clock(path, clock.clone()) {
            Err(StoreError::InUse(_)) => sleep(AGAIN_AFTER).await,
            opened => return Ok(opened?),
        }
    }
}

/// Another program may use the port for a moment while no server runs.
async fn bind(port: u16, config: ListenerConfig) -> Result<Listener, Failure> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    loop {
        match Listener::bind(address, config.clone()).await {
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => sleep(AGAIN_AFTER).await,
            bound => return Ok(bound?),
        }
    }
}

/// The planted fault.
async fn acknowledge_early(request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    tokio::spawn(next.run(request));
    Response::default()
}

/// How often the engine looks without news.
const LOOK_EVERY: Duration = Duration::from_millis(100);

const AGAIN_AFTER: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_they_are_written() {
        for (is_plain, is_early) in [(false, false), (true, false), (false, true), (true, true)] {
            let (folder, onward) = ("/tmp/x".into(), "http://127.0.0.1:1/".to_owned());
            let settings = Settings { folder, webhooks: 1, desk: 2, onward, ahead: 3, is_plain, is_early };
            let read = Settings::read(&settings.words()[1..]).unwrap();
            assert_eq!(format!("{read:?}"), format!("{settings:?}"));
        }
        assert!(Settings::read(&["/tmp/x".to_owned()]).is_err());
    }
}
