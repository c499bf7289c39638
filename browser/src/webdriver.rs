//! WebDriver: `chromedriver` as a process, and a session of it. The protocol is JSON over HTTP on
//! loopback.

use std::fmt;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::patience::PATIENCE;

/// A session with its driver. Both end with it, and the browser too.
pub(crate) struct Session {
    driver: Child,
    port: u16,
    /// `/session/ID`
    path: String,
}

/// A refusal of the driver: its code, such as `stale element reference`, and its words.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) code: String,
    message: String,
}

impl Session {
    /// Starts a driver on a free port, and a browser with these options of Chromium's.
    pub(crate) fn start(options: &Value) -> Self {
        // A port that is free for IPv4 may not be for IPv6: a driver that finds this out ends.
        let (driver, port) =
            (0..MOST_STARTS).find_map(|_| start_driver()).expect("chromedriver starts and names its port");
        let mut session = Self { driver, port, path: String::new() };
        let logs = json!({"browser": "ALL", "performance": "ALL"});
        let wanted = json!({"goog:chromeOptions": options, "goog:loggingPrefs": logs, "pageLoadStrategy": "normal"});
        let opened = session.post("/session", &json!({"capabilities": {"alwaysMatch": wanted}}));
        session.path = format!("/session/{}", opened.unwrap()["sessionId"].as_str().unwrap());
        session
    }

    /// Sends a command without parameters.
    pub(crate) fn get(&self, command: &str) -> Result<Value, Refused> {
        self.send("GET", command, "")
    }

    /// Sends a command.
    pub(crate) fn post(&self, command: &str, parameters: &Value) -> Result<Value, Refused> {
        self.send("POST", command, &parameters.to_string())
    }

    fn send(&self, method: &str, command: &str, body: &str) -> Result<Value, Refused> {
        let (status, mut document) = exchange(self.port, method, &format!("{}{command}", self.path), body);
        let value = document["value"].take();
        if status == 200 {
            return Ok(value);
        }
        let text = |member: &str| value[member].as_str().unwrap_or_default().to_owned();
        Err(Refused { code: text("error"), message: text("message") })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The driver ends the browser, which a signal to the driver would not.
        let asked = std::panic::catch_unwind(|| exchange(self.port, "GET", "/shutdown", ""));
        if asked.is_err() {
            let _ = self.driver.kill();
        }
        let _ = self.driver.wait();
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message.lines().next().unwrap_or_default())
    }
}

/// Starts a driver on a free port; `None` if it ends at once.
fn start_driver() -> Option<(Child, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .env("LANGUAGE", "zh_CN")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is there; Debian's package is chromium-driver");
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let Some(port) = lines.find_map(|line| port_of(&line.ok()?)) else {
        let _ = driver.wait();
        return None;
    };
    // Its later lines must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Some((driver, port))
}

/// A request to the driver: the status and the document.
fn exchange(port: u16, method: &str, path: &str, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    for line in reader.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty()) {
        head.push(line.to_ascii_lowercase());
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length:")).unwrap();
    let mut content = vec![0; length.trim().parse().unwrap()];
    reader.read_exact(&mut content).unwrap();
    (head[0][9..12].parse().unwrap(), serde_json::from_slice(&content).unwrap())
}

const MOST_STARTS: u32 = 10;

fn port_of(line: &str) -> Option<u16> {
    line.strip_prefix("ChromeDriver was started successfully on port ")?.trim_end_matches('.').parse().ok()
}
