//! `allinpay-poller complaints.toml`: see the README beside it.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use allinpay_adapter::Cursor;
use allinpay_poller::{Rounds, Store, client};
use complaint_channels::Settings;
use tokio::signal::unix::{SignalKind, signal};

/// How far back the very first round looks.
const FIRST_DAYS: u32 = 30;

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
    let configuration = env::args_os().nth(1).ok_or("which configuration? allinpay-poller complaints.toml")?;
    let settings = Settings::from_file(configuration)?;
    let pause = Duration::from_secs(env::var("PAUSE_SECONDS").map_or(Ok(60), |seconds| seconds.parse())?);
    let store = Store::open(&env::var_os("INBOX").map_or("allinpay.db".into(), PathBuf::from))?;
    let first = Cursor::last_days(FIRST_DAYS, SystemTime::now().into());
    let rounds = Rounds::resume(client(&settings)?, store, first).await?;

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        () = rounds.run(pause) => {}
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopped");
    Ok(())
}
