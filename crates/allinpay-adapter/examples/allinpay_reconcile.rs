//! An inbox that follows the gateway by polling, across restarts.
//!
//! The inbox has one row a complaint and one an entry of a history. Each is a reason to read the
//! complaint's detail, which is stored. The cursor is stored beside them, so a process that starts
//! again continues from there. Runs against the simulated gateway:
//! `cargo run -p allinpay-adapter --example allinpay_reconcile`.
#![allow(clippy::print_stdout, reason = "an example tells what it does")]

mod gateway;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::time::SystemTime;

use allinpay_adapter::{Client, Cursor, Found, Polling};
use futures_util::StreamExt as _;
use platform_sandbox::NewComplaint;
use protocol_core::allinpay::WxComplaintDetail;
use protocol_core::complaint::Complaint;

/// Tables in a service's database.
struct Inbox {
    /// Each complaint, as it was read last.
    complaints: BTreeMap<String, Complaint>,
    /// The ids of the histories' entries.
    entries: BTreeSet<String>,
    /// The cursor as JSON.
    cursor: String,
}

/// One round, as of a process that starts. Returns the number of complaints and entries that are
/// new or changed.
async fn round(client: &Client, inbox: &mut Inbox) -> Result<usize, Box<dyn Error>> {
    let cursor: Cursor = serde_json::from_str(&inbox.cursor)?;
    let mut poller = client.poller(cursor, Polling::default().once());
    let mut news = 0;
    while let Some(found) = poller.next().await {
        let complaint_id = match found {
            Ok(Found::Complaint(complaint)) => complaint.complaint_id.clone(),
            Ok(Found::Entry { complaint_id, record, .. }) => {
                news += usize::from(inbox.entries.insert(record.log_id.clone()));
                complaint_id
            }
            Ok(_) => continue,
            // The poller goes on, and the next round reads again what is left.
            Err(error) => {
                println!("{error}");
                continue;
            }
        };
        // The list may be older than the detail, so the detail is stored.
        let complaint = client.send(&WxComplaintDetail::new(&complaint_id)).await?;
        let before = inbox.complaints.insert(complaint_id, complaint.clone());
        news += usize::from(before.as_ref() != Some(&complaint));
        // Stored after the row: after a crash in between, the item is found again.
        inbox.cursor = serde_json::to_string(poller.cursor())?;
    }
    // The end of the round moves the cursor too.
    inbox.cursor = serde_json::to_string(poller.cursor())?;
    Ok(news)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, client) = gateway::start().await?;
    let mut inbox = Inbox {
        complaints: BTreeMap::new(),
        entries: BTreeSet::new(),
        cursor: serde_json::to_string(&Cursor::last_days(1, SystemTime::now().into()))?,
    };

    let first = gateway::file(&sandbox, NewComplaint::default().with_complaint_detail("货物没有收到"))?;
    gateway::file(&sandbox, NewComplaint::default())?;
    round(&client, &mut inbox).await?;
    println!("the first round found {} complaints, {} entries", inbox.complaints.len(), inbox.entries.len());

    sandbox.user_message(&first, "在吗")?;
    let changed = round(&client, &mut inbox).await?;
    println!("after a message the next round found {changed}");
    let news = round(&client, &mut inbox).await?;
    println!("the last round found {news}");
    sandbox.stop().await;
    let is_current = inbox.complaints.len() == 2 && changed == 1 && news == 0;
    if is_current { Ok(()) } else { Err("the inbox is not what the gateway has".into()) }
}
