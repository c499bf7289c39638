//! `actix-webhook complaints.toml`: see the README beside it.

use std::env;
use std::error::Error;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;

use actix_webhook::{Journal, PATH, Tls, Webhook, serve};
use http_transport::{ClientConfig, HttpsClient, Roots};
use settings::{Listening, Settings};
use wechat_adapter::Client;

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
    let settings = Settings::read(configuration)?;
    let section = settings.wechat_pay()?;
    let Listening { address, public_url, tls, .. } = Listening::from_env()?;
    let journal = Journal::new(env::var_os("JOURNAL").map_or("journal.jsonl".into(), PathBuf::from));
    let tls = tls.map(|files| Tls::from_pem(&files.chain, &files.key)).transpose()?;

    let keys = section.platform_keys()?;
    let webhook = Webhook::new(keys.clone(), section.api_v3_key()?, journal);
    let has_tls = tls.is_some();
    let server = serve(TcpListener::bind(address)?, tls, webhook)?;
    let server = tokio::spawn(server);
    tracing::info!(tls = has_tls, "listening at {address}");

    // A platform that cannot be reached is no reason not to listen: the URL of the last start may
    // still be there.
    let roots = section.root_certificate()?.map_or(Roots::WebPki, Roots::Pem);
    let client = Client::builder(section.merchant()?, section.signer()?)
        .keys(keys)
        .origins(section.base_url())
        .build_over(HttpsClient::new(ClientConfig::default().with_roots(roots))?);
    let url = format!("{public_url}{PATH}");
    match client.ensure_notification_url(&url).await {
        Ok(_) => tracing::info!("complaints are sent to {url}"),
        Err(error) => tracing::error!(%error, "the URL for notifications could not be registered"),
    }
    server.await??;
    tracing::info!("stopped");
    Ok(())
}
