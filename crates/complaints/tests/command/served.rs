//! A server as a process: its one line, its log, its API, its end.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::fixture::{Folder, Outcome};

/// The longest wait for anything, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) struct Served {
    child: Child,
    pub(crate) ready: Value,
    log: Arc<Mutex<String>>,
    logging: Option<JoinHandle<()>>,
}

impl Served {
    /// Starts a server in the folder, and waits until it is ready.
    pub(crate) fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let mut child = folder.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (log, stderr) = (Arc::<Mutex<String>>::default(), child.stderr.take().unwrap());
        let logged = Arc::clone(&log);
        let logging = std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines() {
                logged.lock().unwrap().extend([&*line.unwrap(), "\n"]);
            }
        });
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}{}", log.lock().unwrap()));
        Self { child, ready, log, logging: Some(logging) }
    }

    /// What was logged until now.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end. Returns the status, and all that was logged.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        self.logging.take().unwrap().join().unwrap();
        (status, self.log())
    }

    /// The address of the desk, without the scheme.
    fn desk(&self) -> &str {
        self.ready["desk"].as_str().unwrap().strip_prefix("http://").unwrap()
    }

    /// Sends a request to the desk. Returns the status and the document, null for another body.
    pub(crate) fn request(&self, head: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.desk()).unwrap();
        let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let (host, length) = (self.desk(), body.len());
        write!(
            stream,
            "{head} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n{}\r\n{body}",
            headers.concat()
        )
        .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let status = response[9..12].parse().unwrap();
        (status, serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap_or_default())
    }

    /// A document of the API.
    pub(crate) fn get(&self, path: &str, token: &str) -> (u16, Value) {
        self.request(&format!("GET {path}"), &[("Authorization", &format!("Bearer {token}"))], "")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The refusal of a server that may have logged before; nothing may have been printed.
#[track_caller]
pub(crate) fn refused<'o>(outcome: &'o Outcome, code: &str) -> &'o str {
    let line = outcome.stderr.lines().last().unwrap_or_default();
    assert!(outcome.stdout.is_empty() && line.starts_with(&format!("error[{code}]: ")), "{outcome:?}");
    assert_eq!(outcome.status, 2, "{outcome:?}");
    line
}

/// Waits until there is something.
pub(crate) fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "it does not happen");
        // Slower than the rate of a token.
        std::thread::sleep(Duration::from_millis(200));
    }
}
