//! Notifications can be lost, so they are merged with a poller, and with reads of the detail.
//!
//! The inbox has one row a complaint, and one rule: a notification is a reason to read the
//! complaint, never the truth. Both the notification and the poller's sweep read the complaint
//! again and store it, so it does not matter which of them comes first, twice or not at all. Runs
//! against the simulated platform: `cargo run -p wechat-adapter --example reconcile`.
#![allow(clippy::print_stdout, reason = "an example tells what it does")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::StreamExt as _;
use http_transport::{ClientConfig, HttpsClient, Listener, ListenerConfig, Roots, ServerTls};
use platform_sandbox::{NewComplaint, Sandbox, SandboxConfig, WEBHOOK_HOST};
use protocol_core::complaint::Complaint;
use protocol_core::crypto::{ApiV3Key, Keyring, PrivateKey, PublicKey};
use protocol_core::replay::MemoryDeduplicate;
use protocol_core::wechat_pay::{GetComplaint, Merchant, Resource, signer, verifier};
use wechat_adapter::{Account, Client, Cursor, Found, Notifications, Polling, Received, Webhook};

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

/// The backstop, every minute or so: the complaints and the entries that are new since the cursor.
/// It finds changes without a notification.
async fn sweep(client: &Client, inbox: &Inbox, cursor: &mut Cursor) -> Result<usize, wechat_adapter::Error> {
    let mut poller = client.poller(cursor.clone(), Polling::default().once());
    let mut ids = BTreeSet::new();
    while let Some(found) = poller.next().await {
        ids.extend(match found {
            Ok(Found::Complaint(complaint)) => Some(complaint.complaint_id),
            Ok(Found::Entry { complaint_id, .. }) => Some(complaint_id),
            Ok(_) => None,
            // The poller goes on. A complaint that cannot be read in the list may be readable by its
            // number; if not, a person should look.
            Err(error) => {
                println!("{error}");
                error.unreadable().and_then(|row| row.complaint_id()).map(str::to_owned)
            }
        });
    }
    let mut news = 0;
    for id in ids {
        // The list leaves the payer's openid out, so the detail is stored, in both ways.
        match look(client, inbox, &id).await {
            Ok(is_new) => news += usize::from(is_new),
            Err(error) if error.failure().is_retryable => return Err(error),
            Err(error) => println!("{id}: {error}"),
        }
    }
    // Stored after the rows: after a crash in between, they are found again.
    *cursor = poller.cursor().clone();
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

    // The other way in: the poller. It finds the lost complaint, and no change in the others.
    let mut cursor = Cursor::last_days(7, SystemTime::now().into());
    let news = sweep(&client, &inbox, &mut cursor).await?;
    println!("the sweep found {news} more ({lost}); {} in all", inbox.len());
    let news = sweep(&client, &inbox, &mut cursor).await?;
    println!("the next sweep found {news}");
    sandbox.stop().await;
    if inbox.len() == 2 && news == 0 { Ok(()) } else { Err("the inbox is not what the platform has".into()) }
}
