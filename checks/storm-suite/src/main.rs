//! `storms [--seconds N] [--service PATH] [NAME…]`: a service is attacked while genuine messages
//! arrive at it. Fails where one of those is lost, or where the service takes more memory or files
//! than it may.
//!
//! Every attacker comes from loopback, which no share of the connections applies to: the hardest
//! case.

mod genuine;
mod service;
mod storms;

use std::error::Error;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use platform_sandbox::{Sandbox, SandboxConfig};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::genuine::{Arrivals, Sender};
use crate::service::{Peaks, Service};
use crate::storms::{Raged, STORMS, Storm, Target};

/// The most memory that a service may take under attack, in MiB.
const MAX_PEAK_MIB: u64 = 160;

/// The most files that a service may have open beyond its connections.
const FILES_BESIDES: usize = 96;

/// The most that a service may hold after a storm beyond what it held before it, in MiB. The
/// allocator keeps much of what strangers could make the service hold at once, however long they go
/// on: bodies for 32, heads and what came with them for 64. As much as for bodies is for the
/// genuine messages' own work.
const MAX_KEPT_MIB: u64 = 32 + 64 + 32;

/// The most connections that the service's listener may have; half of the open files where those
/// are fewer.
const MAX_CONNECTIONS: usize = 1024;

/// The limit of open files that the service starts with: the usual one.
const SOFT_FILES: usize = 1024;

/// A storm is on its way when genuine traffic begins.
const BEFORE_GENUINE: Duration = Duration::from_millis(700);

/// Attackers begin so many at once, or the system's own queue of connections would turn them away.
const AT_ONCE: usize = 100;
const BETWEEN: Duration = Duration::from_millis(50);

/// Why the suite fails.
type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    let run = || -> Result<bool, Failure> {
        let arguments = Arguments::read(std::env::args().skip(1))?;
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(&arguments))
    };
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("storms: {error}"));
            ExitCode::from(2)
        }
    }
}

struct Arguments {
    service: PathBuf,
    seconds: u64,
    storms: Vec<&'static Storm>,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let (mut service, mut seconds, mut storms) = (PathBuf::from("axum-inbox"), 5, Vec::new());
        while let Some(word) = words.next() {
            match word.as_str() {
                "--service" => service = words.next().ok_or("--service: which?")?.into(),
                "--seconds" => seconds = words.next().ok_or("--seconds: how many?")?.parse()?,
                name => {
                    let names = STORMS.iter().map(|storm| storm.name).collect::<Vec<_>>().join(", ");
                    let storm = STORMS.iter().find(|storm| storm.name == name);
                    storms.push(storm.ok_or_else(|| format!("there is no storm `{name}`; there are: {names}"))?);
                }
            }
        }
        if storms.is_empty() {
            storms = STORMS.iter().collect();
        }
        Ok(Self { service, seconds, storms })
    }
}

/// Whether every storm was weathered.
async fn run(arguments: &Arguments) -> Result<bool, Failure> {
    say(&format!(
        "{:<20} {:>8} {:>5} {:>5} {:>8} {:>8} {:>9} {:>9} {:>6}  attack",
        "storm", "genuine", "again", "lost", "p50 ms", "p99 ms", "peak MiB", "after MiB", "files"
    ));
    let mut weathered = true;
    for storm in &arguments.storms {
        let told = weather(storm, arguments).await?;
        say(&told.line(storm.name));
        for fault in told.faults(storm) {
            weathered = false;
            say(&format!("  FAILED: {fault}"));
        }
    }
    Ok(weathered)
}

/// The result of a storm.
struct Told {
    arrivals: Arrivals,
    peaks: Peaks,
    raged: Raged,
    /// The service's words at its start.
    max_connections: usize,
    open_files: usize,
    /// Acknowledged, and not in the database.
    missing: usize,
    /// Heard of, and not read from the platform a while after the storm: the service's own
    /// requests.
    unread: usize,
}

impl Told {
    fn line(&self, name: &str) -> String {
        let Self { arrivals, peaks, raged, .. } = self;
        format!(
            "{name:<20} {:>8} {:>5} {:>5} {:>8} {:>8} {:>9} {:>9} {:>6}  {raged}",
            arrivals.sent(),
            arrivals.again(),
            arrivals.lost(),
            arrivals.percentile(50).as_millis(),
            arrivals.percentile(99).as_millis(),
            peaks.memory_mib,
            peaks.after_mib,
            peaks.files,
        )
    }

    fn faults(&self, storm: &Storm) -> Vec<String> {
        let Self { arrivals, peaks, raged, max_connections, open_files, missing, unread } = self;
        let mut faults = Vec::new();
        let mut fault = |is_one: bool, text: String| {
            if is_one {
                faults.push(text)
            }
        };
        fault(arrivals.sent() == 0, "no genuine message was sent".into());
        fault(arrivals.lost() > 0, format!("{} genuine messages were lost", arrivals.lost()));
        fault(*missing > 0, format!("{missing} acknowledged messages are not in the database"));
        fault(*unread > 0, format!("{unread} complaints could not be read from the platform"));
        fault(peaks.memory_mib > MAX_PEAK_MIB, format!("more than {MAX_PEAK_MIB} MiB of memory"));
        let kept = peaks.after_mib.saturating_sub(peaks.before_mib);
        fault(kept > MAX_KEPT_MIB, format!("{kept} MiB kept, more than {MAX_KEPT_MIB}"));
        let connections = MAX_CONNECTIONS.min(open_files / 2);
        fault(*max_connections > connections, format!("{max_connections} connections of {open_files} files"));
        let hard_files = storm.hard_files.unwrap_or(usize::MAX);
        fault(*open_files > hard_files, format!("{open_files} files said, {hard_files} allowed"));
        let files = max_connections + FILES_BESIDES;
        fault(peaks.files > files, format!("more than {files} open files"));
        fault((storm.counts)(raged) < storm.at_least, format!("a calm storm: fewer than {}", storm.at_least));
        faults
    }
}

async fn weather(storm: &'static Storm, arguments: &Arguments) -> Result<Told, Failure> {
    // It never retries by itself: the suite sends every message. A service reads every complaint that it
    // finds at the platform, those of the storm before among them, at the merchant's rate.
    let sandbox = &Sandbox::start(SandboxConfig::default().with_time_scale(0.001)).await?;
    let service = Service::start(&arguments.service, sandbox, storm.tls, SOFT_FILES, storm.hard_files).await?;
    let target = Arc::new(Target::new(service.address(), sandbox)?);
    let raged = Arc::new(Raged::default());
    let mut attackers = JoinSet::new();
    for attacker in 0..storm.attackers {
        attackers.spawn((storm.attack)(Arc::clone(&target), Arc::clone(&raged), attacker));
        if attacker % AT_ONCE == AT_ONCE - 1 {
            sleep(BETWEEN).await;
        }
    }
    sleep(BEFORE_GENUINE).await;
    let sender = Sender::new(sandbox, &service, storm.tls)?;
    let arrivals = sender.send_for(Duration::from_secs(arguments.seconds), sandbox).await?;
    attackers.shutdown().await;
    let (missing, unread) = service.check(&arrivals).await?;
    let (max_connections, open_files) = (service.max_connections, service.open_files);
    let peaks = service.stop().await?;
    let raged = Arc::try_unwrap(raged).unwrap_or_default();
    Ok(Told { arrivals, peaks, raged, max_connections, open_files, missing, unread })
}

fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storms::STORM;

    /// The faults of a service that has taken so much, beside that of no genuine message.
    fn faults(storm: &Storm, peaks: Peaks, max_connections: usize, open_files: usize) -> Vec<String> {
        let (arrivals, raged) = <(Arrivals, Raged)>::default();
        let mut faults =
            Told { arrivals, peaks, raged, max_connections, open_files, missing: 0, unread: 0 }.faults(storm);
        faults.remove(0);
        faults
    }

    #[test]
    fn each_bound_on_both_sides() {
        let few = Storm { at_least: 0, hard_files: Some(1024), ..STORM };
        let most = || Peaks {
            memory_mib: MAX_PEAK_MIB,
            before_mib: 10,
            after_mib: 10 + MAX_KEPT_MIB,
            files: 512 + FILES_BESIDES,
        };
        assert_eq!(faults(&few, most(), 512, 1024), Vec::<String>::new());
        for (peaks, connections, files) in [
            (Peaks { memory_mib: MAX_PEAK_MIB + 1, ..most() }, 512, 1024),
            (Peaks { after_mib: 11 + MAX_KEPT_MIB, ..most() }, 512, 1024),
            (Peaks { files: 513 + FILES_BESIDES, ..most() }, 512, 1024),
            (most(), 513, 1024),
            (most(), 512, 1025),
            (most(), MAX_CONNECTIONS + 1, 1 << 20),
        ] {
            assert_ne!(faults(&few, peaks, connections, files), Vec::<String>::new(), "{connections} {files}");
        }
        let windy = Storm { at_least: 1, hard_files: None, ..few };
        assert_eq!(faults(&windy, most(), 1024, 65_536).len(), 1);
    }
}
