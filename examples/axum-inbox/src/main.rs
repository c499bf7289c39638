//! `axum-inbox complaints.toml`: see the README beside it.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use axum_inbox::{Inbox, Reader, WECHAT_PAY_PATH, mini_program, router, wechat_pay};
use http_transport::{Listener, ListenerConfig, Network, ServerTls, raise_open_files};
use settings::{Listening, Settings};
use tokio::signal::unix::{SignalKind, signal};
use wechat_adapter::Client;

/// How often the list is looked at for what was never pushed.
const SWEEP_EVERY: Duration = Duration::from_secs(300);

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
    let settings = Settings::read(PathBuf::from(configuration))?;
    let listening = Listening::from_env()?;
    let proxies = listening.proxies::<Network>()?;
    let Listening { address, public_url, tls, .. } = listening;
    let open_files = raise_open_files();
    let inbox = Inbox::open(&env::var_os("INBOX").map_or("inbox.db".into(), PathBuf::from))?;

    let keys = settings.wechat_pay()?.platform_keys()?;
    let client = wechat_pay(&settings, keys.clone())?;
    let router = router(&settings, keys, &inbox)?;
    let reader = Reader::new(inbox, client.clone(), mini_program(&settings)?);

    let mut config = ListenerConfig::default().with_proxies(proxies);
    if let Some(files) = &tls {
        config = config.with_tls(ServerTls::from_pem(&files.chain, &files.key)?);
    }
    let listener = Listener::bind(address, config).await?;
    tracing::info!(
        tls = tls.is_some(),
        connections = listener.max_connections(),
        open_files,
        "listening at {}",
        listener.local_addr()
    );

    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    };
    // A platform that cannot be reached is no reason not to serve: the URL of the last start may
    // still be there.
    let url = format!("{public_url}{WECHAT_PAY_PATH}");
    let beside = async { tokio::join!(register(&client, &url), reader.run(SWEEP_EVERY)) };
    // The listener ends once requests in hand have their responses; unread complaints are due at
    // the next start.
    tokio::select! {
        () = listener.serve(router, stop) => {}
        _ = beside => {}
    }
    tracing::info!("stopped");
    Ok(())
}

async fn register(client: &Client, url: &str) {
    match client.ensure_notification_url(url).await {
        Ok(_) => tracing::info!("complaints are sent to {url}"),
        Err(error) => tracing::error!(%error, "the URL for notifications could not be registered"),
    }
}
