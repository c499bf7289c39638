//! The process as it is started.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test's helpers fail by panicking")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use platform_sandbox::{Fault, FaultKind, Sandbox, SandboxConfig};
use tempfile::TempDir;

const NEVER: Duration = Duration::from_secs(3600);

/// Ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_serves_while_the_platform_is_silent() {
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let folder = TempDir::new().unwrap();
    sandbox.write_configuration(folder.path()).unwrap();
    // It takes requests, and never says a word: a call gives it up after a minute and a half.
    sandbox.inject(Fault::once(FaultKind::SlowResponse(NEVER)).times(1_000));

    let started = Command::new(env!("CARGO_BIN_EXE_axum-inbox"))
        .arg(folder.path().join("complaints.toml"))
        .env("LISTEN", "127.0.0.1:0")
        .env("INBOX", folder.path().join("inbox.db"))
        .env("LEDGER", folder.path().join("ledger.db"))
        .env_remove("TLS_CHAIN")
        .env_remove("TLS_KEY")
        .stdout(Stdio::piped())
        .spawn();
    let mut process = Process(started.unwrap());
    let mut said = BufReader::new(process.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let listening = said.find(|line| line.contains("listening at ")).expect("it says where it listens");
    let address = listening.split_whitespace().find(|word| word.starts_with("127.0.0.1:")).unwrap();

    // Much sooner than it gives the platform up.
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    connection.write_all(b"GET /health HTTP/1.1\r\nHost: merchant.example\r\nConnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).expect("a response in time");
    assert!(response.starts_with("HTTP/1.1 204 "), "{response}");
}
