//! The process against the simulated gateway: restarts, faults and a store that fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers fail by panicking"
)]

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use allinpay_adapter::Cursor;
use allinpay_poller::{Rounds, Store, client};
use complaint_channels::Settings;
use platform_sandbox::{Fault, FaultKind, NewComplaint, Sandbox, SandboxConfig};
use protocol_core::UnixTime;
use rusqlite::Connection;
use tempfile::TempDir;

struct World {
    sandbox: Sandbox,
    folder: TempDir,
}

impl World {
    async fn new() -> Self {
        let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
        let folder = TempDir::new().unwrap();
        sandbox.write_configuration(folder.path()).unwrap();
        Self { sandbox, folder }
    }

    /// A process that starts, the first time with what was filed within the last hour.
    async fn start(&self) -> Rounds {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let first = Cursor::since(UnixTime(now.cast_signed() - 3600));
        let settings = Settings::from_file(self.folder.path().join("complaints.toml")).unwrap();
        let store = Store::open(&self.database()).unwrap();
        Rounds::resume(client(&settings).unwrap(), store, first).await.unwrap()
    }

    fn file(&self, count: usize) -> Vec<String> {
        let cusid = self.sandbox.allinpay().cusid;
        let file = |_| self.sandbox.file_allinpay_complaint(NewComplaint::default(), &cusid).unwrap();
        (0..count).map(file).collect()
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("inbox.db")
    }

    /// The rows of a table.
    fn rows(&self, table: &str) -> usize {
        let count = format!("SELECT count(*) FROM {table}");
        let count: i64 = open(&self.database()).query_row(&count, [], |row| row.get(0)).unwrap();
        usize::try_from(count).unwrap()
    }

    /// Complaints and entries as the platform has them.
    fn filed(&self, numbers: &[String]) -> (usize, usize) {
        (numbers.len(), numbers.iter().map(|number| self.sandbox.history(number).len()).sum())
    }

    fn stored(&self) -> (usize, usize) {
        (self.rows("allinpay_complaint"), self.rows("allinpay_entry"))
    }
}

fn open(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

#[tokio::test]
async fn what_is_new_is_stored_and_nothing_else_comes() {
    let world = World::new().await;
    // More than is stored at once.
    let mut numbers = world.file(80);
    let mut process = world.start().await;
    let (complaints, entries) = world.filed(&numbers);
    assert_eq!(process.round().await.unwrap(), complaints + entries);
    assert_eq!(world.stored(), (complaints, entries));
    assert_eq!(process.round().await.unwrap(), 0);
    // The next process goes on where this one was killed.
    drop(process);
    let mut process = world.start().await;
    assert_eq!(process.round().await.unwrap(), 0);
    world.sandbox.user_message(&numbers[0], "在吗").unwrap();
    numbers.extend(world.file(1));
    assert!(process.round().await.unwrap() >= 3);
    assert_eq!(world.stored(), world.filed(&numbers));
}

#[tokio::test]
async fn what_could_not_be_stored_is_found_again() {
    let world = World::new().await;
    let mut process = world.start().await;
    let numbers = world.file(30);
    let broken = "CREATE TRIGGER broken BEFORE INSERT ON allinpay_entry BEGIN SELECT RAISE(ABORT, 'out of order'); END";
    open(&world.database()).execute_batch(broken).unwrap();
    process.round().await.unwrap_err();
    assert_eq!(world.stored(), (0, 0), "all or nothing");
    open(&world.database()).execute_batch("DROP TRIGGER broken").unwrap();
    process.round().await.unwrap();
    assert_eq!(world.stored(), world.filed(&numbers));
}

#[tokio::test]
async fn a_gateway_out_of_order_costs_time_only() {
    let world = World::new().await;
    let numbers = world.file(3);
    for kind in [FaultKind::GatewayHtml(502), FaultKind::DropConnection, FaultKind::TruncatedBody] {
        world.sandbox.inject(Fault::once(kind));
    }
    let mut process = world.start().await;
    process.round().await.unwrap();
    process.round().await.unwrap();
    assert_eq!(world.stored(), world.filed(&numbers));
}
