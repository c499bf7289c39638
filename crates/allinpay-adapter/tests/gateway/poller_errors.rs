//! The poller's errors: reported, retried after a wait if that helps, and the end of one round.

use std::collections::HashSet;
use std::time::Duration;

use allinpay_adapter::{Error, Polling};
use futures_util::StreamExt as _;
use protocol_core::retry::RetryPolicy;

use crate::complaints::Case;
use crate::platform::{BadRow, Fault};
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
async fn one_bad_entry_does_not_keep_the_others_of_its_history_back() {
    let (client, gateway, cursor) = start();
    let mut case = Case::filed(2, ago(2));
    case.write("MERCHANT_RESPONSE", "已退款", gateway.now());
    gateway.world().cases = vec![case];
    gateway.world().misfit = Some(("log_id", serde_json::json!({"id": 1})));
    let (words, errors, _) = all(client.poller(cursor, Polling::default().once())).await;
    assert_eq!(words, ["2", "2-0"]);
    assert!(matches!(&errors[..], [Error::Unreadable(row)] if row.complaint_id().is_none()), "{errors:?}");
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

#[tokio::test(start_paused = true)]
async fn a_complaint_that_cannot_be_read_is_told_each_round_and_keeps_nothing_back() {
    let (client, gateway, cursor) = start();
    gateway.world().cases = (0..45).map(|id| Case::filed(id, ago(id)).processed()).collect();
    gateway.world().bad_rows.insert("7".to_owned(), BadRow::Numbered);
    let began = tokio::time::Instant::now();
    let (words, errors, cursor) = all(client.poller(cursor, Polling::default().once())).await;
    assert_eq!(words.len(), 88);
    assert!(matches!(&errors[..], [Error::Unreadable(row)] if row.id.as_deref() == Some("7")), "{errors:?}");
    assert_eq!(cursor.read_until(), gateway.now(), "the round was read");
    assert!(began.elapsed().is_zero(), "nothing was waited for");

    // For as long as it is listed, also without an end.
    gateway.world().cases.push(Case::filed("new", ago(0)).processed());
    let mut poller = client.poller(cursor, Polling::default());
    let next = async |count| poller.by_ref().take(count).collect::<Vec<_>>().await;
    let (mut next, mut told) = (next, Vec::new());
    for item in next(4).await {
        told.push(item.map_or_else(|error| error.to_string(), |found| word(&found)));
    }
    assert_eq!(told[..2], ["new", "new-0"]);
    assert!(told[2..].iter().all(|words| words.contains("complaint 7 of the list")), "{told:?}");
    // Once it can be read, it is new.
    gateway.world().bad_rows.clear();
    let found: Vec<_> = next(2).await.iter().map(|item| word(item.as_ref().unwrap())).collect();
    assert_eq!(found, ["7", "7-0"]);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_shorter_than_its_count_is_told_and_listed_again() {
    let (client, gateway, cursor) = start();
    gateway.world().cases = (0..45).map(|id| Case::filed(id, ago(id)).processed()).collect();
    gateway.world().habits.ignores_the_page = true;
    let (words, errors, cursor) = all(client.poller(cursor, one_list())).await;
    assert_eq!(words.len(), 40);
    assert!(matches!(errors[..], [Error::Incomplete { met: 20, counted: 45 }]), "{errors:?}");
    // In each round, and the cursor goes on.
    let read_until = cursor.read_until();
    let (words, errors, mut cursor) = all(client.poller(cursor, one_list())).await;
    assert_eq!((words.len(), errors.len()), (0, 1));
    assert!(cursor.read_until() >= read_until);
    gateway.world().habits.ignores_the_page = false;
    assert_eq!(round(&client, &mut cursor).await.len(), 50);
}

#[tokio::test(start_paused = true)]
async fn of_a_history_that_is_shorter_than_its_count_what_came_is_handed_out() {
    let (client, gateway, cursor) = start();
    let mut case = Case::filed(1, ago(1000)).processed();
    (1..120).for_each(|entry| case.write("USER_RESPONSE", "?", ago(1000 - entry)));
    gateway.world().cases.push(case);
    gateway.world().habits.ignores_the_page = true;
    let (words, errors, mut cursor) = all(client.poller(cursor, Polling::default().once())).await;
    assert_eq!(words.len(), 51);
    assert!(matches!(errors[..], [Error::Incomplete { met: 50, counted: 120 }]), "{errors:?}");
    // Closed as it is, it is read again, and the rest comes.
    gateway.world().habits.ignores_the_page = false;
    assert_eq!(round(&client, &mut cursor).await.len(), 70);
    assert_eq!(round(&client, &mut cursor).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_fails_for_good_keeps_neither_other_lists_nor_rounds_back() {
    let (client, gateway, cursor) = start();
    gateway.world().cases = (0..25).map(|id| Case::filed(id, ago(id)).processed()).collect();
    // A horizon before the cursor, and up to now: two lists, the older one first. That one is
    // refused.
    let refused = |world: &mut crate::platform::World, name: &str, first: bool| {
        let refuses = name == "wxcomplaintlistquery" && first;
        world.faults = if refuses { [Fault::Refused { done: false }].into() } else { [].into() };
    };
    let mut lists = 0;
    gateway.world().hook = Some(Box::new(move |world, name| {
        lists += usize::from(name == "wxcomplaintlistquery");
        refused(world, name, lists == 1);
    }));
    let read_until = cursor.read_until();
    let (words, errors, mut cursor) = all(client.poller(cursor, Polling::default().once())).await;
    assert_eq!((words.len(), errors.len()), (50, 1));
    assert_eq!(cursor.read_until(), read_until, "the round was not read");
    gateway.world().hook = None;
    gateway.world().faults.clear();
    assert_eq!(round(&client, &mut cursor).await, [""; 0]);
    assert_eq!(cursor.read_until(), gateway.now());
}
