//! `axum-inbox complaints.toml`: see the README beside it.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use axum_inbox::{Ledger, router};
use complaint_channels::LiveChannels;
use complaint_inbox::SqliteStore;
use complaint_server::{Engine, Onward, Pace, Stopping, WECHAT_PAY_PATH};
use http_transport::{ClientConfig, HttpsClient, Listener, ListenerConfig, Network, ServerTls, raise_open_files};
use serving::Listening;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let configuration = env::args_os().nth(1).ok_or("which configuration? axum-inbox complaints.toml")?;
    let channels = LiveChannels::from_file(configuration)?;
    let listening = Listening::from_env()?;
    let proxies = listening.proxies::<Network>()?;
    let Listening { address, public_url, tls, .. } = listening;
    let open_files = raise_open_files();
    let file = |variable, name: &str| env::var_os(variable).map_or(name.into(), PathBuf::from);
    let (inbox, ledger) = (SqliteStore::open(file("INBOX", "inbox.db"))?, Ledger::open(&file("LEDGER", "ledger.db"))?);

    let stopping = Stopping::default();
    let engine = Engine::start(inbox.clone(), channels.clone(), Pace::default(), stopping.clone());
    let router = router(&engine)?;
    let onward = Onward::new(inbox, HttpsClient::new(ClientConfig::default())?)
        .handler("ledger", move |_inbox, event| {
            let ledger = ledger.clone();
            async move { ledger.take_down(event).await }
        })?
        .with_events(engine.events())
        .with_stopping(stopping.clone());

    let mut config = ListenerConfig::default().with_proxies(proxies);
    if let Some(files) = &tls {
        config = config.with_tls(ServerTls::from_pem(&files.chain, &files.key)?);
    }
    let listener = Listener::bind(address, config).await?;
    let mut terminate = signal(SignalKind::terminate())?;
    tracing::info!(
        tls = tls.is_some(),
        connections = listener.max_connections(),
        open_files,
        "listening at {}",
        listener.local_addr()
    );

    let wish = async {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        stopping.stop();
    };
    let registering = tokio::spawn(register(channels, format!("{public_url}{WECHAT_PAY_PATH}")));
    tokio::join!(wish, listener.serve(router, stopping.wished()), onward.run());
    registering.abort();
    // An act in hand may take minutes; a process that is killed finds it at the next start.
    engine.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// A platform that cannot be reached is no reason not to serve: the URL of the last start may still be
/// there.
async fn register(channels: LiveChannels, url: String) {
    for account in channels.current().wechat_pay() {
        match account.client().ensure_notification_url(&url).await {
            Ok(_) => tracing::info!("complaints are sent to {url}"),
            Err(error) => tracing::error!(%error, "the URL for notifications could not be registered"),
        }
    }
}
