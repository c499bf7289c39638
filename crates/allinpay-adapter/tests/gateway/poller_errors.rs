//! The poller's errors: told, waited out where that helps, and at times its end.

use std::collections::HashSet;
use std::time::Duration;

use allinpay_adapter::Polling;
use futures_util::StreamExt as _;
use protocol_core::retry::RetryPolicy;

use crate::complaints::Case;
use crate::platform::Fault;
use crate::poller::{ago, all, round, start, word};

/// A round whose span is short enough for one list.
fn one_list() -> Polling {
    Polling::default().once().with_horizon(Duration::from_secs(86_400))
}

#[tokio::test(start_paused = true)]
async fn errors_are_told_and_waited_out() {
    let (_, gateway, cursor) = start();
    let client = gateway.builder().retry(RetryPolicy::NEVER).build_over(gateway.clone());
    gateway.world().cases = (0..45).map(|id| Case::filed(id, ago(id)).processed()).collect();
    let mut lists = 0;
    // The second page fails three times, after all histories of the first one.
    gateway.world().hook = Some(Box::new(move |world, name| {
        if name == "wxcomplaintlistquery" {
            lists += 1;
            world.faults = if (2..5).contains(&lists) { [Fault::Status(502)].into() } else { [].into() };
        }
    }));
    let began = tokio::time::Instant::now();
    let polling = one_list().with_back_off(Duration::from_secs(100), Duration::from_secs(200));
    let (words, errors, _) = all(client.poller(cursor, polling)).await;
    assert_eq!((words.len(), errors.len()), (90, 3));
    assert_eq!(words.iter().collect::<HashSet<_>>().len(), 90);
    // Half of 100, 200 and 200 at least.
    assert!((Duration::from_secs(250)..Duration::from_secs(600)).contains(&began.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn a_single_round_ends_where_a_page_fails_for_good() {
    for (fault, expected) in [(Fault::Refused { done: false }, 1), (Fault::Status(404), 1), (Fault::Status(502), 5)] {
        let (_, gateway, cursor) = start();
        let client = gateway.builder().retry(RetryPolicy::NEVER).build_over(gateway.clone());
        gateway.world().cases = (0..25).map(|id| Case::filed(id, ago(id)).processed()).collect();
        let mut lists = 0;
        gateway.world().hook = Some(Box::new(move |world, name| {
            lists += usize::from(name == "wxcomplaintlistquery");
            world.faults = (lists > 1 && name == "wxcomplaintlistquery").then_some(fault).into_iter().collect();
        }));
        let read_until = cursor.read_until();
        let (words, errors, mut cursor) = all(client.poller(cursor, one_list())).await;
        assert_eq!((words.len(), errors.len()), (40, expected), "{fault:?}");
        assert_eq!(cursor.read_until(), read_until, "the round was not read");
        gateway.world().hook = None;
        gateway.world().faults.clear();
        assert_eq!(round(&client, &mut cursor).await.len(), 10, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_without_end_outlasts_what_fails_for_good() {
    let (client, gateway, cursor) = start();
    gateway.world().cases.push(Case::filed(1, ago(5)));
    gateway.faults([Fault::Refused { done: false }; 9]);
    let found: Vec<_> = client.poller(cursor, Polling::default()).take(10).collect().await;
    assert!(found[..9].iter().all(Result::is_err));
    assert_eq!(word(found[9].as_ref().unwrap()), "1");
}

#[tokio::test(start_paused = true)]
async fn one_bad_history_does_not_keep_the_others_back() {
    let (client, gateway, cursor) = start();
    gateway.world().cases = (0..5).map(|id| Case::filed(id, ago(id)).processed()).collect();
    gateway.world().unreadable.push("2".to_owned());
    let (words, errors, mut cursor) = all(client.poller(cursor, Polling::default().once())).await;
    assert_eq!((words.len(), errors.len()), (9, 1));
    assert!(!words.contains(&"2-0".to_owned()));
    gateway.world().unreadable.clear();
    assert_eq!(round(&client, &mut cursor).await, ["2-0"]);
}

#[tokio::test(start_paused = true)]
async fn many_bad_histories_do_not_keep_the_others_waiting() {
    let (client, gateway, cursor) = start();
    gateway.world().cases = (0..60).map(|id| Case::filed(id, ago(id))).collect();
    gateway.world().unreadable = (0..50).map(|id| id.to_string()).collect();
    let began = tokio::time::Instant::now();
    let (words, errors, _) = all(client.poller(cursor, Polling::default().once())).await;
    assert_eq!((words.len(), errors.len()), (70, 50));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
