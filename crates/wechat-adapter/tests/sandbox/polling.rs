//! The pollers of WeChat Pay and of virtual payment: each item once, however pages shift, whatever
//! fails, and no further back than the look-back.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use futures_util::StreamExt as _;
use platform_sandbox::{Fault, FaultKind, NewComplaint, Sandbox};
use protocol_core::poller::{Cursor, Found, LOOK_BACK_DAYS, PollClient, Poller, Polling};
use protocol_core::wechat_pay::{self, ListComplaints};
use protocol_core::{OperationInfo, UnixTime};

use crate::world::World;
#[cfg(feature = "virtual-payment")]
use crate::world::started;

const DAY: i64 = 86_400;

fn now() -> UnixTime {
    SystemTime::now().into()
}

fn filed_days_ago(days: i64) -> NewComplaint {
    NewComplaint::default().with_complaint_time(UnixTime(now().0 - days * DAY))
}

/// A found item in short: a complaint's number, or an entry's with its id.
fn word(found: &Found) -> String {
    match found {
        Found::Complaint(complaint) => complaint.complaint_id.clone(),
        Found::Entry { complaint_id, record, .. } => format!("{complaint_id} {}", record.log_id),
        _ => unreachable!(),
    }
}

/// One round that must succeed, from a cursor that is stored before and after.
async fn round<C: PollClient>(
    poller: impl Fn(Cursor, Polling) -> Poller<C>,
    cursor: &mut Cursor,
    mut meanwhile: impl FnMut(),
) -> Vec<String> {
    let mut poller = poller(cursor.clone(), Polling::default().with_page_size(20).once());
    let mut words = Vec::new();
    while let Some(found) = poller.next().await {
        words.push(word(&found.unwrap()));
        meanwhile();
    }
    *cursor = serde_json::from_str(&serde_json::to_string(poller.cursor()).unwrap()).unwrap();
    words
}

/// Every complaint and every entry, once, while more complaints arrive and older ones get words.
async fn each_item_comes_once<C: PollClient>(
    sandbox: &Sandbox,
    poller: impl Fn(Cursor, Polling) -> Poller<C>,
    file: impl Fn(NewComplaint) -> String,
) {
    let mut ids: Vec<String> = (0..70).map(|number| file(filed_days_ago(number % 25))).collect();
    let mut cursor = Cursor::last_days(29, now());
    let mut words = Vec::new();
    let mut arriving = 15;
    for _ in 0..3 {
        words.extend(
            round(&poller, &mut cursor, || {
                if arriving > 0 {
                    arriving -= 1;
                    ids.push(file(NewComplaint::default()));
                    sandbox.user_message(&ids[arriving], "在吗").unwrap();
                }
            })
            .await,
        );
    }
    let different: HashSet<&String> = words.iter().collect();
    assert_eq!(different.len(), words.len(), "none twice");
    for id in &ids {
        let entries =
            sandbox.history(id).into_iter().map(|entry| format!("{id} {}", entry["log_id"].as_str().unwrap()));
        let missed: Vec<_> = entries.chain([id.clone()]).filter(|word| !different.contains(word)).collect();
        assert_eq!(missed, [""; 0], "{id}");
    }
    assert_eq!(round(&poller, &mut cursor, || ()).await, [""; 0]);
}

/// A process that ends after each item continues from the stored cursor.
async fn stopped_after_each_item_nothing_comes_twice<C: PollClient>(
    sandbox: &Sandbox,
    poller: impl Fn(Cursor, Polling) -> Poller<C>,
    file: impl Fn(NewComplaint) -> String,
) {
    let ids: Vec<String> = (0..4).map(|number| file(filed_days_ago(number))).collect();
    let mut cursor = Cursor::last_days(9, now());
    let mut words = Vec::new();
    loop {
        let mut process = poller(cursor, Polling::default().with_page_size(1).once());
        let Some(found) = process.next().await else { break };
        words.push(word(&found.unwrap()));
        cursor = serde_json::from_str(&serde_json::to_string(process.cursor()).unwrap()).unwrap();
    }
    let entries: usize = ids.iter().map(|id| sandbox.history(id).len()).sum();
    assert_eq!(words.iter().collect::<HashSet<_>>().len(), ids.len() + entries);
    assert_eq!(words.len(), ids.len() + entries, "none twice");
}

/// Faults of lists and of histories are told, and cost a wait alone.
async fn faults_lose_nothing<C: PollClient<List: OperationInfo>, H: OperationInfo>(
    sandbox: &Sandbox,
    poller: impl Fn(Cursor, Polling) -> Poller<C>,
    file: impl Fn(NewComplaint) -> String,
) {
    let ids: Vec<String> = (0..5).map(|_| file(NewComplaint::default())).collect();
    // The client's own three attempts of one request fail.
    let broken = || Fault::once(FaultKind::GatewayHtml(502)).times(3);
    sandbox.inject(broken().on::<C::List>());
    sandbox.inject(broken().on::<H>());
    let polling = Polling::default().with_back_off(Duration::from_millis(1), Duration::from_millis(2)).once();
    let mut first = poller(Cursor::last_days(1, now()), polling);
    let (mut words, mut errors) = (Vec::new(), 0);
    while let Some(found) = first.next().await {
        match found {
            Ok(found) => words.push(word(&found)),
            Err(error) => {
                assert!(error.failure().is_retryable, "{error}");
                errors += 1;
            }
        }
    }
    assert_eq!(errors, 2);
    words.extend(round(&poller, &mut first.cursor().clone(), || ()).await);
    let entries: usize = ids.iter().map(|id| sandbox.history(id).len()).sum();
    assert_eq!(words.iter().collect::<HashSet<_>>().len(), ids.len() + entries);
    assert_eq!(words.len(), ids.len() + entries, "none twice");
}

/// A cursor of 1970 asks for the look-back, and says so.
async fn lists_reach_back_no_further<C: PollClient<List: OperationInfo>>(
    sandbox: &Sandbox,
    poller: impl Fn(Cursor, Polling) -> Poller<C>,
    file: impl Fn(NewComplaint) -> String,
) {
    let most = i64::from(LOOK_BACK_DAYS);
    let (inside, outside) = (file(filed_days_ago(most - 1)), file(filed_days_ago(most + 3)));
    let lists = || sandbox.requests().iter().filter(|request| request.operation == C::List::NAME).count();
    for (mut cursor, is_clamped) in [
        (Cursor::since(UnixTime(0)), true),
        (Cursor::last_days(LOOK_BACK_DAYS, now()), false),
        (Cursor::last_days(LOOK_BACK_DAYS + 1, now()), true),
    ] {
        let before = lists();
        let words = round(&poller, &mut cursor, || ()).await;
        assert_eq!(lists() - before, 7);
        assert!(words.contains(&inside) && !words.contains(&outside));
        assert_eq!(cursor.clamped_to().is_some(), is_clamped);
    }
}

#[tokio::test]
async fn wechat_pays_items_come_once_while_more_arrive() {
    let World { sandbox, client } = World::new().await;
    let file = |new| sandbox.file_complaint(new);
    each_item_comes_once(&sandbox, |cursor, polling| client.poller(cursor, polling), file).await;
}

#[tokio::test]
async fn wechat_pays_poller_may_be_stopped_after_each_item() {
    let World { sandbox, client } = World::new().await;
    let file = |new| sandbox.file_complaint(new);
    let poller = |cursor, polling| client.poller(cursor, polling);
    stopped_after_each_item_nothing_comes_twice(&sandbox, poller, file).await;
}

#[tokio::test]
async fn wechat_pays_faults_lose_nothing() {
    let World { sandbox, client } = World::new().await;
    let file = |new| sandbox.file_complaint(new);
    let poller = |cursor, polling| client.poller(cursor, polling);
    faults_lose_nothing::<_, wechat_pay::GetNegotiationHistory>(&sandbox, poller, file).await;
    // A page that is too large is requested in halves, without an error.
    let refusal = r#"{"code":"INVALID_REQUEST","message":"too large"}"#.to_owned();
    sandbox.inject(Fault::once(FaultKind::Body(refusal)).on::<ListComplaints>());
    assert_eq!(round(poller, &mut Cursor::last_days(1, now()), || ()).await.len(), 15);
}

#[tokio::test]
async fn wechat_pays_lists_reach_back_no_further() {
    let World { sandbox, client } = World::new().await;
    let file = |new| sandbox.file_complaint(new);
    lists_reach_back_no_further(&sandbox, |cursor, polling| client.poller(cursor, polling), file).await;
}

#[cfg(feature = "virtual-payment")]
mod virtual_payment {
    use protocol_core::virtual_payment::GetNegotiationHistory;

    use super::*;
    use crate::virtual_payment::client;

    #[tokio::test]
    async fn items_come_once_while_more_arrive() {
        let sandbox = started().await;
        let client = client(&sandbox);
        let file = |new| sandbox.file_virtual_payment_complaint(new).unwrap();
        each_item_comes_once(&sandbox, |cursor, polling| client.poller(cursor, polling), file).await;
    }

    #[tokio::test]
    async fn a_poller_may_be_stopped_after_each_item() {
        let sandbox = started().await;
        let client = client(&sandbox);
        let file = |new| sandbox.file_virtual_payment_complaint(new).unwrap();
        let poller = |cursor, polling| client.poller(cursor, polling);
        stopped_after_each_item_nothing_comes_twice(&sandbox, poller, file).await;
    }

    #[tokio::test]
    async fn faults_lose_nothing() {
        let sandbox = started().await;
        let client = client(&sandbox);
        let file = |new| sandbox.file_virtual_payment_complaint(new).unwrap();
        let poller = |cursor, polling| client.poller(cursor, polling);
        super::faults_lose_nothing::<_, GetNegotiationHistory>(&sandbox, poller, file).await;
    }

    #[tokio::test]
    async fn lists_reach_back_no_further() {
        let sandbox = started().await;
        let client = client(&sandbox);
        let file = |new| sandbox.file_virtual_payment_complaint(new).unwrap();
        super::lists_reach_back_no_further(&sandbox, |cursor, polling| client.poller(cursor, polling), file).await;
    }
}
