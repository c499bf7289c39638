//! The server as a process, with the simulated platforms.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::patience::wait_for;

/// `complaints serve --sandbox` in a folder of its own. It ends when it is dropped.
pub struct Server {
    process: Child,
    /// The server's id, if the process is the terminal that it runs on.
    on_terminal: Option<String>,
    ready: Value,
    folder: TempDir,
}

/// A person who may log in.
#[derive(Debug, Clone, Copy)]
pub struct User {
    pub name: &'static str,
    pub password: &'static str,
    /// `read` or `act`.
    pub may: &'static str,
}

impl Server {
    /// Starts a server, and waits until it is ready. These people may log in.
    pub fn start(users: &[User]) -> Self {
        let folder = TempDir::new().unwrap();
        let (process, ready) = serve(&folder);
        let server = Self { process, on_terminal: None, ready, folder };
        for user in users {
            server.add_user(user);
        }
        if !users.is_empty() {
            let id = server.process.id().to_string();
            assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
            // From then on, the log-in asks for a name.
            wait_for("the users", || server.get("/login").contains("type=\"password\"").then_some(()));
        }
        server
    }

    /// Starts it again, with these templates of replies.
    #[must_use]
    pub fn with_replies(mut self, replies: &str) -> Self {
        self.end();
        std::fs::write(self.path("trial/replies.toml"), replies).unwrap();
        let configuration = self.path("trial/complaints.toml");
        let text = std::fs::read_to_string(&configuration).unwrap();
        let text = text.replacen("[serve]\n", "[serve]\nreplies_file = \"replies.toml\"\n", 1);
        std::fs::write(configuration, text).unwrap();
        (self.process, self.ready) = serve(&self.folder);
        self
    }

    fn end(&mut self) {
        // A terminal that is gone would have the server read its files again.
        let _ = match &self.on_terminal {
            Some(id) => Command::new("kill").args(["-KILL", id]).status().map(drop),
            None => self.process.kill(),
        };
        let _ = self.process.wait();
    }

    /// Starts a server without users on a terminal, and waits until it shows the link that works once.
    pub fn start_on_a_terminal() -> (Self, String) {
        let folder = TempDir::new().unwrap();
        let screen = folder.path().join("screen");
        // `script` makes the terminal. What the server prints for programs goes to a file.
        let mut script = Command::new("script");
        let process = script
            .args(["-qec", "echo $$ >id; exec \"$COMPLAINTS\" serve --sandbox --folder trial >ready", "/dev/null"])
            .current_dir(folder.path())
            .env_remove("COMPLAINTS_CONFIG")
            .envs([("LANG", "C.UTF-8"), ("SHELL", "/bin/sh")])
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(&screen).unwrap())
            .spawn()
            .unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
        let link = wait_for("the link", || {
            let screen = read("screen");
            let line = screen.lines().map(str::trim).find(|line| line.contains("/enter?token="));
            line.map(str::to_owned)
        });
        let (id, ready) = (read("id").trim().to_owned(), serde_json::from_str(&read("ready")).unwrap());
        (Self { process, on_terminal: Some(id), ready, folder }, link)
    }

    /// A page of the server, as a program without a session gets it.
    fn get(&self, path: &str) -> String {
        let url = format!("{}{path}", self.desk());
        String::from_utf8(curl().arg(url).output().unwrap().stdout).unwrap()
    }

    /// The origin of the page.
    pub fn desk(&self) -> &str {
        self.ready["desk"].as_str().unwrap()
    }

    /// The folder of this server, for files of a story.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn add_user(&self, user: &User) {
        let mut adding = self
            .configured()
            .args(["users", "add", user.name, "--may", user.may])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        writeln!(adding.stdin.take().unwrap(), "{}", user.password).unwrap();
        assert!(adding.wait().unwrap().success(), "{} was not added", user.name);
    }

    /// Has the simulated platform do something, such as file a complaint (`complaints`): its response.
    pub fn platform(&self, path: &str, members: &Value) -> Value {
        let url = format!("{}/sandbox/{path}", self.ready["sandbox"].as_str().unwrap());
        // Its certificate is of its own making.
        let sent =
            curl().args(["--fail-with-body", "--insecure", &url, "--data"]).arg(members.to_string()).output().unwrap();
        let response = String::from_utf8_lossy(&sent.stdout);
        assert!(sent.status.success(), "{path}: {response}");
        serde_json::from_str(&response).unwrap()
    }

    /// Files a complaint about WeChat Pay with these words: its number.
    pub fn file_complaint(&self, words: &str) -> String {
        let filed = self.platform("complaints", &serde_json::json!({"complaint_detail": words, "amount": 1990}));
        filed["complaint_id"].as_str().unwrap().to_owned()
    }

    /// The entries of a complaint's history that the platform itself has, of a type.
    pub fn entries(&self, complaint: &str, operate_type: &str) -> Vec<Value> {
        let asked = self.configured().args(["history", complaint]).output().unwrap();
        assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
        let history: Value = serde_json::from_slice(&asked.stdout).unwrap();
        let entries = history["data"].as_array().unwrap().iter();
        entries.filter(|entry| entry["operate_type"] == operate_type).cloned().collect()
    }

    fn configured(&self) -> Command {
        let mut command = command();
        command.arg("--config").arg(self.folder.path().join("trial/complaints.toml"));
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts a server in a folder, and waits until it is ready.
fn serve(folder: &TempDir) -> (Child, Value) {
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let mut process = command()
        .args(["serve", "--sandbox", "--folder"])
        .arg(folder.path().join("trial"))
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready = serde_json::from_str(&line).unwrap_or_else(|_| {
        panic!("it did not start: {}", std::fs::read_to_string(folder.path().join("log")).unwrap())
    });
    (process, ready)
}

fn curl() -> Command {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--noproxy", "*"]);
    command
}

/// The command line, with nothing of the surroundings.
fn command() -> Command {
    let program = std::env::var_os("COMPLAINTS").expect("COMPLAINTS names the program; see checks/browser");
    let mut command = Command::new(program);
    command.env_remove("COMPLAINTS_CONFIG").env("LANG", "C.UTF-8");
    command
}
