//! `remote-signer complaints.toml`: see the README beside it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it tells what it did where it was started")]

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use complaint_channels::Settings;
use http_transport::{ClientConfig, HttpsClient, Roots};
use protocol_core::Secret;
use protocol_core::call::Turns;
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::RATES;
use remote_signer::{Client, RemoteKey, kms};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let configuration = env::args_os().nth(1).ok_or("which configuration? remote-signer complaints.toml")?;
    let settings = Settings::from_file(configuration)?;
    let section = settings.wechat_pay(None)?;
    if section.has_proxy() {
        return Err("proxy: this example connects directly; take it out".into());
    }

    // The key service would be another machine: no code after this line sees the private key.
    let token: String = std::iter::repeat_with(fastrand::alphanumeric).take(32).collect();
    let kms = kms::start(section.signer()?, Secret::new(token.clone().into_bytes())).await?;
    println!("the key service signs at {}", kms.url);

    let to_kms = HttpsClient::new(ClientConfig::default().with_allow_http(true))?;
    let roots = section.root_certificate()?.map_or(Roots::WebPki, Roots::Pem);
    let client = Client {
        merchant: section.merchant_with_platform_key()?,
        key: RemoteKey::new(&kms.url, &token, to_kms)?,
        keys: Arc::new(section.keyring()?),
        hosts: section.hosts()?,
        turns: Turns::new(RATES),
        retry: RetryPolicy::default(),
        transport: HttpsClient::new(ClientConfig::default().with_roots(roots))?,
    };
    let (begin_date, end_date) = (day(-29), day(0));
    let (complaints, amiss) = client.complaints(&begin_date, &end_date).await?;
    for complaint in complaints {
        let state = complaint.complaint_state.as_ref().map_or("", |state| state.as_str());
        println!("{} {state}", complaint.complaint_id);
    }
    amiss.iter().for_each(|amiss| eprintln!("{amiss}"));
    Ok(())
}

/// A day in China, `days` from today.
fn day(days: i64) -> String {
    let time = jiff::Timestamp::now().saturating_add(jiff::SignedDuration::from_hours(24 * days));
    let time = time.unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::Offset::constant(8).to_datetime(time).date().to_string()
}
