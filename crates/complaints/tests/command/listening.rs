//! `listen` as a process, requests to it byte for byte, and a service behind it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

use crate::fixture::{Folder, Outcome};

/// A running `complaints listen`, stopped at the end.
pub(crate) struct Listening {
    child: Option<Child>,
    lines: BufReader<ChildStdout>,
    pub(crate) ready: Value,
    pub(crate) address: SocketAddr,
}

impl Listening {
    pub(crate) fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let mut child = folder
            .command(&[&["listen", "--address", "127.0.0.1:0"], arguments].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        lines.read_line(&mut ready).unwrap();
        let Ok(ready) = serde_json::from_str::<Value>(&ready) else {
            panic!("{:?}", child.wait_with_output().unwrap());
        };
        let address = ready["listening"].as_str().unwrap().split_once("://").unwrap().1.parse().unwrap();
        Self { child: Some(child), lines, ready, address }
    }

    /// The next message.
    pub(crate) fn next(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Stops it. The rest of its output.
    pub(crate) fn stop(mut self) -> Outcome {
        let child = self.child.take().unwrap();
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let mut stdout = String::new();
        self.lines.read_to_string(&mut stdout).unwrap();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        Outcome { status: output.status.code().unwrap(), stdout, stderr }
    }

    /// Sends a request.
    pub(crate) fn send(&self, method: &str, target: &str, headers: &[(String, String)], body: &[u8]) -> Reply {
        let mut request = format!("{method} {target} HTTP/1.1\r\nHost: merchant.example\r\nConnection: close\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(&[request.as_bytes(), body].concat()).unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        let end = reply.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(reply[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Reply { status, head, body: reply[end + 4..].to_vec() }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The response to a request.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// A service that gives each request the same response, and keeps the requests.
pub(crate) struct Service {
    pub(crate) url: String,
    requests: mpsc::Receiver<Vec<u8>>,
}

impl Service {
    /// It runs until the test's process ends.
    pub(crate) fn start(response: impl Fn(&str) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (kept, requests) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = read_request(&mut stream);
                let head = String::from_utf8_lossy(&request).into_owned();
                let _ = stream.write_all(&response(&head));
                let _ = kept.send(request);
            }
        });
        Self { url, requests }
    }

    /// The next request: its head and its body.
    pub(crate) fn next(&self) -> (String, Vec<u8>) {
        let request = self.requests.recv_timeout(Duration::from_secs(120)).unwrap();
        let end = request.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        (String::from_utf8(request[..end].to_vec()).unwrap(), request[end + 4..].to_vec())
    }
}

/// A response with a body, after which the connection ends.
pub(crate) fn response(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nX-Service: shop\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        request.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&request).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    [request, body].concat()
}
