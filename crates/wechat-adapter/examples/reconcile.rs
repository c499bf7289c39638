//! Notifications can be lost, so they are merged with reads of the list and the detail.
//!
//! The inbox has one row a complaint, and one rule: a notification is a reason to read the
//! complaint, never the truth. Both the notification and the sweep over the list read the complaint
//! again and store it, so it does not matter which of them comes first, twice or not at all. Runs
//! against the simulated platform: `cargo run -p wechat-adapter --example reconcile`.
#![allow(clippy::print_stdout, reason = "an example tells what it does")]

use std::collections::BTreeMap;
use std::error::Error;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use http_transport::{ClientConfig, HttpsClient, Listener, ListenerConfig, Roots, ServerTls};
use platform_sandbox::{NewComplaint, Sandbox, SandboxConfig, WEBHOOK_HOST};
use protocol_core::complaint::Complaint;
use protocol_core::crypto::{ApiV3Key, Keyring, PrivateKey, PublicKey};
use protocol_core::replay::MemoryDeduplicate;
use protocol_core::wechat_pay::{GetComplaint, ListComplaints, Merchant, Resource, signer, verifier};
use wechat_adapter::{Account, Client, Notifications, Received, Webhook};

/// One row a complaint, as it was read last: a table in a service's database.
#[derive(Clone, Default)]
struct Inbox(Arc<Mutex<BTreeMap<String, Complaint>>>);

impl Inbox {
    /// Stores the complaint that was just read. Returns whether it is new or changed.
    fn store(&self, complaint: Complaint) -> bool {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = rows.insert(complaint.complaint_id.clone(), complaint.clone());
        before.as_ref() != Some(&complaint)
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// The end of both ways: the complaint is read again and stored.
async fn look(client: &Client, inbox: &Inbox, complaint_id: &str) -> Result<bool, wechat_adapter::Error> {
    let complaint = client.send(&GetComplaint::new(complaint_id)).await?;
    Ok(inbox.store(complaint))
}

/// The backstop, every few minutes: all complaints of the last days. It finds changes without a
/// notification.
async fn sweep(
    client: &Client,
    inbox: &Inbox,
    first_day: &str,
    last_day: &str,
) -> Result<usize, wechat_adapter::Error> {
    let list = ListComplaints::new(first_day, last_day).with_limit(50);
    let mut listed = pin!(client.complaints(list));
    let mut news = 0;
    while let Some(complaint) = listed.next().await {
        match complaint {
            // The list leaves the payer's openid out, so the detail is stored, in both ways.
            Ok(complaint) => news += usize::from(look(client, inbox, &complaint.complaint_id).await?),
            // Unreadable rows of the list come last. By its number a complaint may be readable; if
            // not, a person should look.
            Err(error) if error.leaves_the_others() => {
                let number = error.unreadable().and_then(|row| row.complaint_id().map(str::to_owned));
                match look(client, inbox, &number.unwrap_or_default()).await {
                    Ok(is_new) => news += usize::from(is_new),
                    Err(_) => println!("{error}"),
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(news)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    let (account, platform) = (sandbox.merchant(), sandbox.platform_key());
    let keys = Arc::new(Keyring::new());
    keys.insert(&platform.id, verifier(&PublicKey::read(platform.public_key_pem.as_bytes())?)?);
    let merchant =
        Merchant::new(&*account.mchid, &*account.serial_no, account.scheme)?.with_platform_key(platform.id)?;
    let roots = Roots::Pem(sandbox.root_certificate().as_bytes().to_vec());
    let client = Client::builder(merchant, signer(&PrivateKey::read(account.private_key_pem.as_bytes())?)?)
        .keys(Arc::clone(&keys) as Arc<_>)
        .origins([sandbox.base_url()])
        .build_over(HttpsClient::new(ClientConfig::default().with_roots(roots))?);

    // One way in: notifications. The handler returns once the complaint is stored.
    let inbox = Inbox::default();
    let store = MemoryDeduplicate::new(NonZeroUsize::new(10_000).ok_or("zero")?, 60);
    let (asking, stored) = (client.clone(), inbox.clone());
    let account = Account::new(&*account.mchid, keys, Arc::new(ApiV3Key::new(account.api_v3_key.as_bytes())?));
    let webhook = Webhook::builder(Notifications::of(account), store, move |received: Received| {
        let (client, inbox) = (asking.clone(), stored.clone());
        async move {
            match &received.notification.resource {
                Resource::Complaint(event) => look(&client, &inbox, &event.complaint_id).await.map(drop),
                _ => Ok(()),
            }
        }
    })
    .build();
    let (chain, key) = sandbox.webhook_identity();
    let config = ListenerConfig::default().with_tls(ServerTls::from_pem(chain.as_bytes(), key.as_bytes())?);
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), config).await?;
    let url = format!("https://{WEBHOOK_HOST}:{}/notify", listener.local_addr().port());
    tokio::spawn(listener.serve(webhook, std::future::pending()));

    // Filed before the webhook was registered: its notification never comes.
    let lost = sandbox.file_complaint(NewComplaint::default().with_complaint_detail("its notification was lost"));
    client.ensure_notification_url(&url).await?;
    let heard = sandbox.file_complaint(NewComplaint::default().with_complaint_detail("this one is told"));
    sandbox.settled(Duration::from_secs(60)).await;
    println!("after the notifications: {} complaint ({heard})", inbox.len());

    // The other way in: the list. It finds the lost complaint, and no change in the others.
    let now = jiff::Timestamp::now();
    let day = |days: i64| {
        let time = now + jiff::SignedDuration::from_hours(24 * days);
        jiff::tz::Offset::constant(8).to_datetime(time).date().to_string()
    };
    let news = sweep(&client, &inbox, &day(-7), &day(1)).await?;
    println!("the sweep found {news} more ({lost}); {} in all", inbox.len());
    let news = sweep(&client, &inbox, &day(-7), &day(1)).await?;
    println!("the next sweep found {news}");
    sandbox.stop().await;
    if inbox.len() == 2 && news == 0 { Ok(()) } else { Err("the inbox is not what the platform has".into()) }
}
