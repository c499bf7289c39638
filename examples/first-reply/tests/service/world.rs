//! The simulated platform, a folder configured for it, and processes that end with the test.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use complaint_channels::Channels;
use complaint_server::WECHAT_PAY_PATH;
use platform_sandbox::{Sandbox, SandboxConfig, WEBHOOK_HOST};
use protocol_core::channel::{ComplaintRef, Reply};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// Far longer than anything here takes, on a busy machine too.
pub(crate) const SOON: Duration = Duration::from_secs(120);

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    folder: TempDir,
}

impl World {
    /// A platform that retries after a fraction of a second, and a configuration with these sections.
    pub(crate) async fn new(sections: &str) -> Self {
        let config = SandboxConfig::default().with_time_scale(300.0).with_delivery_timeout(SOON);
        let sandbox = Sandbox::start(config).await.unwrap();
        let folder = TempDir::new().unwrap();
        sandbox.write_configuration(folder.path()).unwrap();
        let world = Self { sandbox, folder };
        let settings = std::fs::read_to_string(world.file("complaints.toml")).unwrap();
        let serve = "[serve]\nwebhooks = \"127.0.0.1:0\"\ndesk = \"127.0.0.1:0\"\n\
                     tls_certificate = \"sandbox_webhook.pem\"\ntls_key = \"sandbox_webhook.key\"\n";
        std::fs::write(world.file("complaints.toml"), format!("{settings}\n{serve}{sections}")).unwrap();
        world
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Registers a service with the platform.
    pub(crate) async fn register(&self, webhooks: SocketAddr) {
        let url = format!("https://{WEBHOOK_HOST}:{}{WECHAT_PAY_PATH}", webhooks.port());
        self.channels().wechat_pay().next().unwrap().client().ensure_notification_url(&url).await.unwrap();
    }

    /// Replies as the merchant does elsewhere.
    pub(crate) async fn reply(&self, id: &str, text: &str) {
        let channels = self.channels();
        let channel = channels.accounts().next().and_then(|account| account.complaint_channel()).unwrap();
        channel.reply(&ComplaintRef::new(id), &Reply::new(text)).await.unwrap();
    }

    fn channels(&self) -> Channels {
        Channels::from_file(self.file("complaints.toml")).unwrap()
    }

    /// The merchant's words to the payer, as the platform has them.
    pub(crate) fn replies(&self, id: &str) -> Vec<String> {
        let entries = self.sandbox.history(id).into_iter();
        let replies = entries.filter(|entry| entry["operate_type"] == "MERCHANT_RESPONSE");
        replies.map(|entry| entry["operate_details"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until something is so.
    pub(crate) async fn until(&self, is_so: impl AsyncFn() -> bool) {
        let waiting = async {
            while !is_so().await {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(SOON, waiting).await.expect("it is so in time");
    }
}

/// A process that is killed when it is dropped.
pub(crate) struct Process(pub(crate) Child);

impl Process {
    /// Starts it, and waits for a line with these words. Returns the words after them.
    pub(crate) fn start(command: &mut Command, words: &str) -> (Self, String) {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let process = Self(child);
        let mut lines = said.lines().map(Result::unwrap);
        let after = lines.find_map(|line| line.split_once(words).map(|(_, after)| after.trim().to_owned()));
        // Its output is read to the end, or the pipe would fill.
        std::thread::spawn(move || lines.for_each(drop));
        (process, after.expect("it says so"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
