//! The Mini Program's push, merged with the detail that its server gives.
//!
//! A push holds the whole complaint at its time. The platform is said to send it three times at
//! most. So the handler stores the push, and reads the detail: now, or later if the server cannot
//! be reached. There is no list to sweep: every known complaint that is not closed is read again
//! now and then. The penalties name, late, a complaint whose push was lost. Runs against the
//! simulated platform:
//! `cargo run -p wechat-adapter --example mini_program`.
#![allow(clippy::print_stdout, reason = "an example tells what it does")]

use std::collections::BTreeMap;
use std::error::Error;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use http_transport::{ClientConfig, HttpsClient, Listener, ListenerConfig, Roots, ServerTls};
use platform_sandbox::{Fault, FaultKind, NewOrderComplaint, PushConfig, Sandbox, SandboxConfig, WEBHOOK_HOST};
use protocol_core::Secret;
use protocol_core::complaint::{CallbackStatus, OrderComplaint, OrderDetail};
use protocol_core::mini_program::{EncodingAesKey, GetOrderDetail, Mode, Received, Receiver};
use protocol_core::replay::MemoryDeduplicate;
use wechat_adapter::Webhook;
use wechat_adapter::mini_program::{self, Client, Pushed, Pushes, StableToken};

type App = Client<HttpsClient, StableToken<HttpsClient>>;

/// One row a complaint; a table in a service's database.
#[derive(Clone, Default)]
struct Inbox(Arc<Mutex<BTreeMap<String, Row>>>);

#[derive(Clone)]
enum Row {
    /// The push was stored; the detail is still to be read.
    Heard,
    /// The server's last detail.
    Read(Box<OrderDetail>),
}

impl Inbox {
    fn store(&self, id: &str, row: Row) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), row);
    }

    fn knows(&self, id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(id)
    }

    /// Complaints to read again.
    fn open(&self) -> Vec<String> {
        let is_open = |row: &Row| match row {
            Row::Heard => true,
            Row::Read(detail) => !detail.complaint_order.as_ref().is_some_and(OrderComplaint::is_closed),
        };
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rows.iter().filter(|(_, row)| is_open(row)).map(|(id, _)| id.clone()).collect()
    }

    fn status(&self, id: &str) -> Option<CallbackStatus> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id)? {
            Row::Heard => None,
            Row::Read(detail) => detail.complaint_order.as_ref()?.status,
        }
    }
}

/// Reads a complaint again and stores the detail: TLS and the host vouch for it, in every mode of
/// the push.
async fn look(client: &App, inbox: &Inbox, id: &str) -> bool {
    match client.send(&GetOrderDetail::new(id)).await {
        Ok(detail) => {
            inbox.store(id, Row::Read(Box::new(detail.trust_anyway())));
            true
        }
        Err(_) => false,
    }
}

/// The late net, once a day: a complaint whose push was lost stands among the penalties once it was
/// decided against the merchant.
async fn read_lost(client: &App, inbox: &Inbox) -> Result<usize, mini_program::Error> {
    let mut penalties = pin!(client.penalties());
    let mut found = 0;
    while let Some(penalty) = penalties.next().await {
        let id = match penalty {
            Ok(penalty) => penalty.complaint_order_id,
            // Penalties that cannot be read come last.
            Err(error) if error.leaves_the_others() => {
                println!("{error}");
                error.unreadable().and_then(|row| row.complaint_id()).map(str::to_owned)
            }
            Err(error) => return Err(error),
        };
        if let Some(id) = id.filter(|id| !inbox.knows(id)) {
            inbox.store(&id, Row::Heard);
            look(client, inbox, &id).await;
            found += 1;
        }
    }
    Ok(found)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    let account = sandbox.mini_program();
    let roots = Roots::Pem(sandbox.root_certificate().as_bytes().to_vec());
    let transport = HttpsClient::new(ClientConfig::default().with_roots(roots))?;
    let tokens = StableToken::builder(&*account.appid, Secret::new(account.app_secret.into_bytes()))
        .origin(sandbox.base_url())
        .build_over(transport.clone());
    let client: App = Client::builder(tokens).origin(sandbox.base_url()).build_over(transport);

    let inbox = Inbox::default();
    let (asking, stored) = (client.clone(), inbox.clone());
    let store = MemoryDeduplicate::new(NonZeroUsize::new(10_000).ok_or("zero")?, 6);
    let receiver = Receiver::new(
        &*account.appid,
        Secret::new(account.token.into_bytes()),
        Mode::Secure,
        Some(EncodingAesKey::read(&account.encoding_aes_key)?),
    )?;
    let webhook = Webhook::builder(Pushes::of(receiver), store, move |pushed: Pushed| {
        let (client, inbox) = (asking.clone(), stored.clone());
        async move {
            // In plain mode a push is not proven: only its number is used, to read the detail.
            let vouched = matches!(pushed.received, Received::Verified(_));
            if let Some(id) =
                pushed.received.push().complaint().and_then(|complaint| complaint.complaint_order_id.clone())
            {
                if vouched {
                    inbox.store(&id, Row::Heard);
                }
                let read = look(&client, &inbox, &id).await;
                println!("pushed: {id}, {}", if read { "read" } else { "to be read later" });
            }
            Ok::<(), std::convert::Infallible>(())
        }
    })
    .dead_letters(|unreadable| async move {
        println!("a push that cannot be read: {}", unreadable.error);
        true // once it is kept
    })
    .build();
    let (chain, key) = sandbox.webhook_identity();
    let config = ListenerConfig::default().with_tls(ServerTls::from_pem(chain.as_bytes(), key.as_bytes())?);
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), config).await?;
    let url = format!("https://{WEBHOOK_HOST}:{}/push", listener.local_addr().port());
    tokio::spawn(listener.serve(webhook, std::future::pending()));
    let lost = sandbox.file_order_complaint(NewOrderComplaint::default());
    sandbox.order_status(&lost, 202)?;
    sandbox.set_push(PushConfig::new(url)).await?;

    let told = sandbox.file_order_complaint(NewOrderComplaint::default());
    sandbox.settled(Duration::from_secs(60)).await;
    // The server cannot be reached while the next push comes: it is stored as heard.
    sandbox.inject(Fault::once(FaultKind::EmptyBody(404)).on::<GetOrderDetail>());
    let later = sandbox.file_order_complaint(NewOrderComplaint::default());
    sandbox.settled(Duration::from_secs(60)).await;
    println!("{told} has status {:?}, {later} has {:?}", inbox.status(&told), inbox.status(&later));

    // The sweep: reads everything again that is not closed.
    for id in inbox.open() {
        look(&client, &inbox, &id).await;
    }
    println!("after the sweep, {later} has {:?}", inbox.status(&later));

    // Filed before the URL was set: its push never came. The merchant was late, and is told so.
    let found = read_lost(&client, &inbox).await?;
    println!("among the penalties: {found}; {lost} has {:?}", inbox.status(&lost));
    sandbox.stop().await;
    let is_whole = [&told, &later, &lost].iter().all(|id| inbox.status(id).is_some());
    if is_whole && found == 1 { Ok(()) } else { Err("the inbox is not what the platform has".into()) }
}
