//! An engine in a process of its own, over a folder that a sandbox of the test's process is configured
//! in: its memory and its processor time are its own.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use complaint_channels::LiveChannels;
use complaint_inbox::{SqliteStore, Store as _};
use complaint_server::{Engine, Pace, Stopping};

/// The variables that have the folder and the seconds between sweeps, in the process of the engine.
const FOLDER: &str = "COMPLAINT_SERVER_FOLDER";
const SWEEP_EVERY: &str = "COMPLAINT_SERVER_SWEEP_EVERY";

/// The process. It is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

/// The state of the engine at a time.
pub(crate) struct Told {
    /// Open complaints of its inbox.
    pub(crate) open: usize,
    /// Complaints that are due to be read.
    pub(crate) due: usize,
    /// Its memory, in KiB.
    pub(crate) resident: u64,
}

impl Process {
    pub(crate) fn start(folder: &Path, sweep_every: u64) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "process::runs_until_it_is_killed", "--nocapture"])
            .env(FOLDER, folder)
            .env(SWEEP_EVERY, sweep_every.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The first state that is so. It blocks.
    pub(crate) fn told(&mut self, is_so: impl Fn(&Told) -> bool) -> Told {
        let told = |line: String| {
            let mut numbers = line.strip_prefix("told ")?.split(' ').map(|number| number.parse().unwrap());
            let mut next = || numbers.next().unwrap();
            Some(Told { open: next() as usize, due: next() as usize, resident: next() })
        };
        self.lines.by_ref().filter_map(|line| told(line.unwrap())).find(is_so).unwrap()
    }

    /// The processor time that it has taken. A tick is a hundredth of a second.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // The name of the program ends with the last parenthesis; `utime` and `stime` are the 14th and 15th.
        let (_, after_name) = stat.rsplit_once(')').unwrap();
        let ticks = after_name.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap());
        Duration::from_millis(10 * ticks.sum::<u64>())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the engine, and tells how it stands. In the test's own process it does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn runs_until_it_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let path = |name: &str| Path::new(&folder).join(name);
    let store = SqliteStore::open(path("inbox.db")).unwrap();
    let channels = LiveChannels::from_file(path("complaints.toml")).unwrap();
    let sweep_every = Duration::from_secs(std::env::var(SWEEP_EVERY).unwrap().parse().unwrap());
    let pace = Pace::default().with_sweep_every(sweep_every).with_look_every(Duration::from_millis(100));
    let _engine = Engine::start(store.clone(), channels, pace, Stopping::default());
    loop {
        let figures = store.figures().await.unwrap();
        let mut out = std::io::stdout().lock();
        let written = writeln!(out, "\ntold {} {} {}", figures.open, figures.due, resident());
        // The test has ended.
        if written.and_then(|()| out.flush()).is_err() {
            return;
        }
        drop(out);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// This process's memory, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
