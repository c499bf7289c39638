//! A platform, a folder, and the server process that is killed there.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use complaint_channels::Channels;
use complaint_inbox::ComplaintKey;
use complaint_server::{May, SigningSecret, Tokens, WECHAT_PAY_PATH, allinpay_path, mini_program_path};
use http::Request;
use http_transport::{ClientConfig, HttpsClient, Resolve, Roots};
use platform_sandbox::{NewComplaint, PushConfig, PushFormat, PushMode, Sandbox, SandboxConfig, WEBHOOK_HOST};
use protocol_core::wechat_pay::ViolationUrl;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::watch;

use crate::Failure;
use crate::api::Api;
use crate::endpoint::Arrivals;
use crate::serve::{INBOX, SECRET, Settings, TOKENS};

/// Far longer than anything here takes, on a busy machine too.
pub(crate) const SOON: Duration = Duration::from_secs(180);

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) arrivals: Arrivals,
    pub(crate) api: Api,
    filed: Mutex<Vec<String>>,
    taken: Mutex<BTreeMap<String, String>>,
    processed: Mutex<BTreeMap<String, String>>,
    looks: Mutex<BTreeMap<String, Looks>>,
    settings: Settings,
    folder: TempDir,
    is_registered: AtomicBool,
}

impl World {
    /// A platform whose retries come after a fraction of a second, and a folder configured for it.
    pub(crate) async fn new(is_plain: bool, is_early: bool) -> Result<Self, Failure> {
        let sandbox = Sandbox::start(SandboxConfig::default().with_time_scale(TIME_SCALE)).await?;
        let folder = TempDir::new()?;
        let file = |name: &str| folder.path().join(name);
        sandbox.write_configuration(folder.path())?;
        std::fs::write(file(SECRET), SigningSecret::generate()?.to_text().expose())?;
        let token = Tokens::add(file(TOKENS), "kills", May::Act)?;
        let arrivals = Arrivals::default();
        let settings = Settings {
            folder: folder.path().to_owned(),
            webhooks: free_port()?,
            desk: free_port()?,
            onward: arrivals.listen().await?,
            ahead: 0,
            is_plain,
            is_early,
        };
        let api = Api::new(settings.desk, String::from_utf8(token.expose().to_vec())?)?;
        let (filed, taken, processed, looks) = (Mutex::default(), Mutex::default(), Mutex::default(), Mutex::default());
        let is_registered = AtomicBool::new(false);
        Ok(Self { sandbox, arrivals, api, filed, taken, processed, looks, settings, folder, is_registered })
    }

    /// The numbers of the complaints at WeChat Pay.
    pub(crate) fn filed(&self) -> MutexGuard<'_, Vec<String>> {
        self.filed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The acts that the API took, by their keys, with the number of the complaint.
    pub(crate) fn taken(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same of Alipay's complaints, with their number at the gateway.
    pub(crate) fn processed(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.processed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The merchant of Allinpay.
    pub(crate) fn cusid(&self) -> String {
        self.sandbox.allinpay().cusid
    }

    /// The looks at payers' telephone numbers, by the number of the complaint.
    pub(crate) fn looks(&self) -> MutexGuard<'_, BTreeMap<String, Looks>> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many replies the platform has.
    pub(crate) fn replies(&self) -> usize {
        let replies = |id: &String| {
            let history = self.sandbox.history(id);
            history.iter().filter(|entry| is_reply(entry)).count()
        };
        self.filed().iter().map(replies).sum()
    }

    pub(crate) fn wechat_pay(&self, id: &str) -> ComplaintKey {
        ComplaintKey::new("wechat-pay", &self.sandbox.merchant().mchid, id)
    }

    pub(crate) fn inbox(&self) -> PathBuf {
        self.folder.path().join(INBOX)
    }

    /// What the server processes wrote to their standard error.
    pub(crate) fn log(&self) -> Result<String, Failure> {
        Ok(std::fs::read_to_string(self.folder.path().join(LOG))?)
    }

    /// Where the server receives WeChat Pay's notifications without TLS.
    pub(crate) fn plain_url(&self) -> String {
        format!("http://127.0.0.1:{}{WECHAT_PAY_PATH}", self.settings.webhooks)
    }

    /// Starts the server. It ends at a point if one is named.
    pub(crate) fn start(&self, abort_at: Option<&str>, ahead: u32) -> Result<Server, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(Settings { ahead, ..self.settings.clone() }.words()).env_remove(ABORT_AT);
        if let Some(point) = abort_at {
            command.env(ABORT_AT, point);
        }
        self.spawn(command)
    }

    /// Starts the server under `strace`, which writes what it sees of messages and syncs to a file.
    pub(crate) fn start_traced(&self, trace: &Path) -> Result<Server, Failure> {
        let mut command = Command::new("strace");
        command.args(["-f", "-y", "-s", "16", "-e", TRACED, "-o"]).arg(trace).arg("--");
        command.arg(std::env::current_exe()?).args(self.settings.words());
        self.spawn(command)
    }

    fn spawn(&self, mut command: Command) -> Result<Server, Failure> {
        let log: File = OpenOptions::new().create(true).append(true).open(self.folder.path().join(LOG))?;
        let mut process =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true).spawn()?;
        let input = process.stdin.take();
        let mut out = BufReader::new(process.stdout.take().ok_or("no standard output")?);
        let (said, ready) = watch::channel(false);
        tokio::spawn(async move {
            if let Ok(1..) = out.read_line(&mut String::new()).await {
                said.send_replace(true);
            }
        });
        Ok(Server { process, ready, _input: input })
    }

    /// Tells the platforms where the webhooks are. A server that dies meanwhile is told of later.
    pub(crate) async fn register(&self) -> Result<(), Failure> {
        if self.is_registered.load(Ordering::Relaxed) {
            return Ok(());
        }
        let url = format!("https://{WEBHOOK_HOST}:{}", self.settings.webhooks);
        let channels = Channels::from_file(self.folder.path().join("complaints.toml"))?;
        let merchant = channels.wechat_pay().next().ok_or("no merchant")?;
        let notifications = format!("{url}{WECHAT_PAY_PATH}");
        merchant.client().ensure_notification_url(&notifications).await?;
        merchant.client().ensure_url::<ViolationUrl>(&notifications).await?;
        let cusid = self.cusid();
        self.sandbox.set_notice_url(&cusid, &format!("{url}{}", allinpay_path(&cusid)))?;
        let push = format!("{url}{}", mini_program_path(&self.sandbox.mini_program().appid));
        if self.sandbox.set_push(PushConfig::new(push).with_format(PushFormat::Xml)).await.is_ok() {
            self.is_registered.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Sends the same message twice, signed anew, as the Mini Program may.
    pub(crate) async fn push_twice(&self) -> Result<(), Failure> {
        let config = ClientConfig::default()
            .with_roots(Roots::Pem(self.sandbox.root_certificate().as_bytes().to_vec()))
            .with_resolve(Resolve::To(Ipv4Addr::LOCALHOST.into()));
        let client = HttpsClient::new(config)?;
        let path = mini_program_path(&self.sandbox.mini_program().appid);
        for _ in 0..2 {
            let signed = self.sandbox.signed_message(OTHER, PushMode::Secure, PushFormat::Json);
            let url = format!("https://{WEBHOOK_HOST}:{}{path}?{}", self.settings.webhooks, signed.query);
            let request = Request::post(url).header("content-type", signed.content_type);
            client.send(request.body(Bytes::from(signed.body))?).await?;
        }
        Ok(())
    }
}

/// How often the API was asked for a telephone number, and how often it showed it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Looks {
    pub(crate) asked: u64,
    pub(crate) shown: u64,
}

/// A complaint with a picture and a telephone number.
pub(crate) fn new_complaint() -> NewComplaint {
    NewComplaint::default().with_image(PICTURE).with_payer_phone(PHONE)
}

/// The picture of each complaint.
pub(crate) const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\npicture";

/// The telephone number of each payer.
pub(crate) const PHONE: &str = "13900001234";

/// A message of the Mini Program that is about no complaint.
const OTHER: &[u8] = br#"{"Event":"user_enter_tempsession","CreateTime":1,"FromUserName":"payer"}"#;

/// A server process. It is killed when it is dropped.
pub(crate) struct Server {
    process: Child,
    ready: watch::Receiver<bool>,
    /// A server ends when this closes, and a wait for the process would close it.
    _input: Option<ChildStdin>,
}

impl Server {
    /// Ready once it listens; never, if it ends before.
    pub(crate) fn listens(&self) -> impl Future<Output = ()> + use<> {
        let mut ready = self.ready.clone();
        async move {
            if ready.wait_for(|ready| *ready).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Waits until it aborts. `false`: it ended otherwise.
    pub(crate) async fn aborts(&mut self) -> Result<bool, Failure> {
        let status = self.process.wait().await?;
        Ok(std::os::unix::process::ExitStatusExt::signal(&status) == Some(SIGABRT))
    }

    /// Kills the process that it traces. The trace is whole once the tracer has ended, too.
    pub(crate) async fn kill_traced(&mut self) -> Result<(), Failure> {
        let tracer = self.process.id().ok_or("the tracer has ended")?;
        let traced = std::fs::read_to_string(format!("/proc/{tracer}/task/{tracer}/children"))?;
        Command::new("kill").arg("-KILL").args(traced.split_whitespace()).status().await?;
        self.process.wait().await?;
        Ok(())
    }

    /// Kills it with SIGKILL. `false`: it had ended by itself.
    pub(crate) async fn kill(&mut self) -> Result<bool, Failure> {
        let is_running = self.process.try_wait()?.is_none();
        self.process.kill().await?;
        Ok(is_running)
    }
}

fn free_port() -> Result<u16, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// What is traced: what arrives, what is sent, and syncs.
const TRACED: &str = "trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,fsync,fdatasync";

/// Whether an entry of the platform's history is a reply.
pub(crate) fn is_reply(entry: &Value) -> bool {
    entry.get("operate_type").is_some_and(|kind| kind == "MERCHANT_RESPONSE")
}

/// The variable that names a point.
const ABORT_AT: &str = "COMPLAINTS_ABORT_AT";

/// The file for the processes' standard error.
const LOG: &str = "server.log";

/// A notification's retry after a minute comes after a fifth of a second.
const TIME_SCALE: f64 = 300.0;

const SIGABRT: i32 = 6;
