//! `demo`: sandbox, webhook and client together, each step under its command's name with the time it took.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_transport::{ClientConfig, HttpsClient, Listener, ListenerConfig, Roots, ServerTls};
use platform_sandbox::{NewComplaint, Sandbox, SandboxConfig, WEBHOOK_HOST};
use protocol_core::Personal;
use protocol_core::complaint::NegotiationRecord;
use protocol_core::crypto::{ApiV3Key, Keyring, PrivateKey, PublicKey};
use protocol_core::replay::MemoryDeduplicate;
use protocol_core::wechat_pay::{Complete, GetComplaint, Merchant, Resource, Respond, signer, verifier};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use wechat_adapter::{Account, Client, Received, Webhook};

use crate::error::{Code, Error};
use crate::output::{self, visible};
use crate::timeline::timeline;
use crate::words::china_time;
use crate::{args, history, network};

/// How long a notification may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long `--slow` waits before a step.
const PAUSE: Duration = Duration::from_millis(1500);

/// More notifications than the demonstration has.
const ROOM: usize = 16;

pub(crate) fn run(arguments: &args::Demo) -> Result<(), Error> {
    network::block_on(async {
        let mut steps = Steps { slow: arguments.slow, to_a_person: output::to_a_person(), done: Vec::new() };
        let records = play(&mut steps).await?;
        if steps.to_a_person {
            let steps = steps.done.len();
            return output::print_text(&format!(
                "\nthe complaint's history after {steps} steps:\n\n{}",
                timeline(&records)
            ));
        }
        output::print(&Report { steps: steps.done, timeline: records })
    })
}

async fn play(steps: &mut Steps) -> Result<Vec<NegotiationRecord>, Error> {
    let sandbox = steps.take("sandbox", start(), |sandbox| format!("a platform at {}", sandbox.base_url())).await?;
    let client = client(&sandbox)?;
    let mut webhook = Listening::start(&sandbox, &client).await?;

    let url = webhook.url.clone();
    let registered = async { Ok(client.ensure_notification_url(&url).await?) };
    steps.take("callback ensure", registered, |there| format!("complaints are posted to {}", there.url)).await?;

    let arrival = async {
        sandbox.file_complaint(
            NewComplaint::default()
                .with_complaint_detail("重复扣费，请退还多扣的一笔")
                .with_amount(2990)
                .with_payer_phone("13900001234"),
        );
        webhook.next().await
    };
    let id =
        steps.take("notification", arrival, |id| format!("complaint {id} was filed: verified, opened, stored")).await?;

    let complaint = async { Ok(client.send(&GetComplaint { complaint_id: id.clone() }).await?) };
    let complaint = steps
        .take("show", complaint, |complaint| {
            let state = complaint.complaint_state.as_ref().map_or("", |state| state.as_str());
            let words = complaint.complaint_detail.as_ref().map_or("", |words| words.expose());
            let time = complaint.complaint_time.as_ref().map(china_time).unwrap_or_default();
            format!("{state} since {time}: {words}")
        })
        .await?;
    let accused = complaint.complainted_mchid.unwrap_or_default();
    steps.take("history", history::read(&client, &id, || {}), |records| entries(records)).await?;

    let respond = Respond {
        complaint_id: id.clone(),
        complainted_mchid: accused.clone(),
        response_content: Personal::new("您好，已核实为重复扣费，多扣的 29.90 元将原路退回。".to_owned()),
        response_images: Vec::new(),
        jump_url: None,
        jump_url_text: None,
        mini_program_jump_info: None,
    };
    let replied = async { Ok(client.respond(&respond).await?) };
    steps.take("reply", replied, |_| respond.response_content.expose().clone()).await?;

    let answer = async {
        sandbox.user_message(&id, "收到了，谢谢！").map_err(failed)?;
        webhook.next().await
    };
    steps.take("notification", answer, |_| "the payer answered".to_owned()).await?;
    steps.take("history", history::read(&client, &id, || {}), |records| entries(records)).await?;

    let complete = Complete { complaint_id: id.clone(), complainted_mchid: accused };
    let completed = async { Ok(client.complete_complaint(&complete).await?) };
    steps.take("complete", completed, |_| "the complaint is dealt with".to_owned()).await?;
    let records = steps.take("history", history::read(&client, &id, || {}), |records| entries(records)).await?;

    let deleted = async { Ok(client.delete_notification_url().await?) };
    steps.take("callback delete", deleted, |()| "nothing is posted any more".to_owned()).await?;
    webhook.stop().await;
    sandbox.stop().await;
    Ok(records)
}

fn entries(records: &[NegotiationRecord]) -> String {
    match records.len() {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    }
}

async fn start() -> Result<Sandbox, Error> {
    Sandbox::start(SandboxConfig::default()).await.map_err(failed)
}

/// A client of the sandbox, made of what a merchant has: its key, the platform's public key, the TLS root.
fn client(sandbox: &Sandbox) -> Result<Client, Error> {
    let account = sandbox.merchant();
    let platform = sandbox.platform_key();
    let merchant = Merchant::new(account.mchid.clone(), account.serial_no.clone(), account.scheme)?;
    let signer = signer(&PrivateKey::read(account.private_key_pem.as_bytes()).map_err(failed)?).map_err(failed)?;
    let keys = Keyring::new();
    let platform_key = PublicKey::read(platform.public_key_pem.as_bytes()).map_err(failed)?;
    keys.insert(&platform.id, verifier(&platform_key).map_err(failed)?);
    let connection = ClientConfig::default().with_roots(Roots::Pem(sandbox.root_certificate().as_bytes().to_vec()));
    Ok(Client::builder(merchant.with_platform_key(platform.id)?, signer)
        .keys(Arc::new(keys))
        .origins([sandbox.base_url()])
        .build_over(HttpsClient::new(connection).map_err(failed)?))
}

/// A webhook as a service has it. What it stores goes into a channel.
struct Listening {
    url: String,
    arrived: mpsc::Receiver<String>,
    stop: oneshot::Sender<()>,
    serving: tokio::task::JoinHandle<()>,
}

impl Listening {
    async fn start(sandbox: &Sandbox, client: &Client) -> Result<Self, Error> {
        let account = sandbox.merchant();
        let key = ApiV3Key::new(account.api_v3_key.as_bytes()).map_err(failed)?;
        let (stored, arrived) = mpsc::channel(ROOM);
        let remembered = MemoryDeduplicate::new(NonZeroUsize::MIN.saturating_add(ROOM), 60);
        let webhook = Webhook::builder(remembered, move |received: Received| {
            let stored = stored.clone();
            async move {
                match received.notification.resource {
                    Resource::Complaint(event) => stored.send(event.complaint_id).await.map_err(drop),
                    _ => Ok(()),
                }
            }
        })
        .account(Account::new(account.mchid.clone(), client.keys(), Arc::new(key)))
        .build();
        let (chain, private_key) = sandbox.webhook_identity();
        let tls = ServerTls::from_pem(chain.as_bytes(), private_key.as_bytes()).map_err(failed)?;
        let config = ListenerConfig::default().with_tls(tls).with_shutdown_grace(Duration::from_secs(1));
        let listener = Listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), config).await.map_err(failed)?;
        let url = format!("https://{WEBHOOK_HOST}:{}/wechat-pay/complaints", listener.local_addr().port());
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(listener.serve(webhook, async move {
            let _ = stopped.await;
        }));
        Ok(Self { url, arrived, stop, serving })
    }

    /// The complaint that the next notification is about.
    async fn next(&mut self) -> Result<String, Error> {
        match tokio::time::timeout(PATIENCE, self.arrived.recv()).await {
            Ok(Some(id)) => Ok(id),
            _ => Err(Error::new(
                Code::Network,
                "no notification arrived; does something on this machine block loopback?",
            )),
        }
    }

    async fn stop(self) {
        drop(self.stop);
        let _ = self.serving.await;
    }
}

/// Nothing here depends on anybody's configuration: what fails is this machine's, or a mistake of ours.
fn failed(error: impl std::fmt::Display) -> Error {
    Error::new(Code::Network, format_args!("the demonstration cannot go on: {error}"))
}

/// What is printed to a pipe.
#[derive(Serialize)]
struct Report {
    steps: Vec<Step>,
    timeline: Vec<NegotiationRecord>,
}

#[derive(Serialize)]
struct Step {
    command: &'static str,
    milliseconds: f64,
    what: String,
}

struct Steps {
    slow: bool,
    to_a_person: bool,
    done: Vec<Step>,
}

impl Steps {
    /// Takes a step, and tells of it once it is taken.
    async fn take<T>(
        &mut self,
        command: &'static str,
        step: impl Future<Output = Result<T, Error>>,
        what: impl FnOnce(&T) -> String,
    ) -> Result<T, Error> {
        if self.slow {
            tokio::time::sleep(PAUSE).await;
        }
        let began = Instant::now();
        let outcome = step.await.map_err(|error| error.during(command))?;
        let micros = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
        let step = Step { command, milliseconds: f64::from(micros) / 1000.0, what: what(&outcome) };
        if self.to_a_person {
            output::print_text(&format!("{command:16} {:>8.1} ms  {}", step.milliseconds, visible(&step.what)))?;
        }
        self.done.push(step);
        Ok(outcome)
    }
}
