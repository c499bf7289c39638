//! The service under attack: a process of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use platform_sandbox::Sandbox;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::Failure;
use crate::genuine::Arrivals;

/// Far longer than anything here takes, on a busy machine too.
const SOON: Duration = Duration::from_secs(120);

/// The histories that WeChat Pay shows a merchant in a minute.
const HISTORIES_A_MINUTE: u32 = 200;

/// How often open files are counted.
const SAMPLE_EVERY: Duration = Duration::from_millis(100);

/// The time after a storm in which memory is given back.
const CALM: Duration = Duration::from_millis(500);

/// The most that the process took.
pub(crate) struct Peaks {
    pub(crate) memory_mib: u64,
    /// Its memory before a storm, and after it.
    pub(crate) before_mib: u64,
    pub(crate) after_mib: u64,
    pub(crate) files: usize,
}

pub(crate) struct Service {
    process: Child,
    address: SocketAddr,
    /// The service's words at its start.
    pub(crate) max_connections: usize,
    pub(crate) open_files: usize,
    before_mib: u64,
    folder: TempDir,
    files: Arc<AtomicUsize>,
    counting: JoinHandle<()>,
}

impl Service {
    /// Starts it with a configuration and a database of its own; `soft_files` open files are what
    /// it may have until it asks for more, `hard_files` what it can ask for.
    pub(crate) async fn start(
        program: &Path,
        sandbox: &Sandbox,
        tls: bool,
        soft_files: usize,
        hard_files: Option<usize>,
    ) -> Result<Self, Failure> {
        let folder = TempDir::new()?;
        sandbox.write_configuration(folder.path())?;
        let mut command = Command::new("bash");
        command
            .args(["-c", r#"ulimit -Sn "$1" && ulimit -Hn "$2" && exec "$3" "$4""#, "service", &soft_files.to_string()])
            .arg(hard_files.map_or("hard".to_owned(), |files| files.to_string()))
            .args([program, &folder.path().join("complaints.toml")])
            .env("LISTEN", "127.0.0.1:0")
            // No listener is there: the sandbox's own messages are lost.
            .env("PUBLIC_URL", "https://merchant.example:9")
            .env("INBOX", folder.path().join("inbox.db"))
            .env("LEDGER", folder.path().join("ledger.db"))
            .env_remove("TLS_CHAIN")
            .env_remove("TLS_KEY")
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        if tls {
            command.env("TLS_CHAIN", folder.path().join("sandbox_webhook.pem"));
            command.env("TLS_KEY", folder.path().join("sandbox_webhook.key"));
        }
        let mut process = command.spawn()?;
        let mut said = BufReader::new(process.stdout.take().ok_or("no standard output")?).lines();
        let (address, max_connections, open_files) = timeout(SOON, async {
            while let Some(line) = said.next_line().await? {
                let Some((_, words)) = line.split_once("listening at ") else { continue };
                let address: String =
                    words.chars().take_while(|letter| !letter.is_whitespace() && *letter != '\u{1b}').collect();
                return Ok::<_, Failure>((
                    address.parse()?,
                    figure(words, "connections=")?,
                    figure(words, "open_files=")?,
                ));
            }
            Err("the service ended before it listened".into())
        })
        .await??;
        // Its log is read to its end, or the pipe would fill.
        tokio::spawn(async move { while let Ok(Some(_)) = said.next_line().await {} });

        let files = Arc::new(AtomicUsize::new(0));
        let id = process.id().ok_or("the service ended")?;
        let before_mib = mib(id, "VmRSS:")?;
        let descriptors = PathBuf::from(format!("/proc/{id}/fd"));
        let peak = Arc::clone(&files);
        let counting = tokio::spawn(async move {
            while let Ok(folder) = std::fs::read_dir(&descriptors) {
                peak.fetch_max(folder.count(), Ordering::Relaxed);
                sleep(SAMPLE_EVERY).await;
            }
        });
        Ok(Self { process, address, max_connections, open_files, before_mib, folder, files, counting })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many acknowledged messages are missing from the database, and how many complaints stay
    /// unread.
    pub(crate) async fn check(&self, arrivals: &Arrivals) -> Result<(usize, usize), Failure> {
        let database =
            Connection::open_with_flags(self.folder.path().join("inbox.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        database.busy_timeout(SOON)?;
        let mut missing = 0;
        for number in arrivals.acknowledged() {
            let heard = "SELECT heard > 0 FROM complaint WHERE id = ?1";
            let heard: Option<bool> = database.query_row(heard, [number], |row| row.get(0)).optional()?;
            missing += usize::from(heard != Some(true));
        }
        // The reader follows: it asks the platform one by one.
        let unread = || -> Result<usize, Failure> {
            let mut unread = 0;
            for number in arrivals.readable() {
                let document = "SELECT document IS NOT NULL FROM complaint WHERE id = ?1";
                let document: Option<bool> = database.query_row(document, [number], |row| row.get(0)).optional()?;
                unread += usize::from(document == Some(false));
            }
            Ok(unread)
        };
        let all_read = async {
            while unread()? > 0 {
                sleep(SAMPLE_EVERY).await;
            }
            Ok::<_, Failure>(())
        };
        // A merchant's histories have a rate, which no longer storm outruns.
        let rate = Duration::from_secs(60) * u32::try_from(arrivals.readable().count())? / HISTORIES_A_MINUTE;
        match timeout(Duration::from_secs(60) + rate, all_read).await {
            Ok(done) => done?,
            Err(_) => return Ok((missing, unread()?)),
        }
        Ok((missing, 0))
    }

    /// Ends it, and says what it took.
    pub(crate) async fn stop(mut self) -> Result<Peaks, Failure> {
        sleep(CALM).await;
        let process = self.process.id().ok_or("the service ended under attack")?;
        let peaks = Peaks {
            memory_mib: mib(process, "VmHWM:")?,
            before_mib: self.before_mib,
            after_mib: mib(process, "VmRSS:")?,
            files: self.files.load(Ordering::Relaxed),
        };
        self.process.kill().await?;
        self.counting.abort();
        Ok(peaks)
    }
}

/// A line of a process's status.
fn mib(process: u32, name: &str) -> Result<u64, Failure> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line of the status")?;
    let kib: u64 = line.split_whitespace().next().ok_or("no number in the status")?.parse()?;
    Ok(kib / 1024)
}

/// A number in a line of the log.
fn figure(line: &str, name: &str) -> Result<usize, Failure> {
    let number = line.split_whitespace().find_map(|word| word.strip_prefix(name));
    Ok(number.ok_or_else(|| format!("the service does not say its {name}"))?.parse()?)
}
