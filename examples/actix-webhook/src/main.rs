//! `actix-webhook complaints.toml`: see the README beside it.

use std::env;
use std::error::Error;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use actix_webhook::{Journal, PATH, Tls, Webhook, serve};
use complaint_channels::Settings;
use serving::Listening;

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
    let configuration = env::args_os().nth(1).ok_or("which configuration? actix-webhook complaints.toml")?;
    let settings = Settings::from_file(configuration)?;
    let section = settings.wechat_pay(None)?;
    let Listening { address, public_url, tls, .. } = Listening::from_env()?;
    let journal = Journal::new(env::var_os("JOURNAL").map_or("journal.jsonl".into(), PathBuf::from));
    let tls = tls.map(|files| Tls::from_pem(&files.chain, &files.key)).transpose()?;

    let webhook = Webhook::new(Arc::new(section.keyring()?), section.api_v3_key()?, journal);
    let has_tls = tls.is_some();
    let server = serve(TcpListener::bind(address)?, tls, webhook)?;
    let server = tokio::spawn(server);
    tracing::info!(tls = has_tls, "listening at {address}");

    // A platform that cannot be reached is no reason not to listen: the URL of the last start may
    // still be there.
    let client = section.client(section.transport()?)?;
    let url = format!("{public_url}{PATH}");
    match client.ensure_notification_url(&url).await {
        Ok(_) => tracing::info!("complaints are sent to {url}"),
        Err(error) => tracing::error!(%error, "the URL for notifications could not be registered"),
    }
    server.await??;
    tracing::info!("stopped");
    Ok(())
}
