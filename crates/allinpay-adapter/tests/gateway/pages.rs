//! Streams of pages: nothing twice, nothing missed, and an end.

use std::collections::HashSet;

use allinpay_adapter::{Client, Error};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use protocol_core::UnixTime;
use protocol_core::complaint::Complaint;

use crate::calls::{alipay, list, older, one};
use crate::complaints::Case;
use crate::platform::{BadRow, Fault, Gateway, Habits, NOW};

fn filed(count: i64) -> Vec<Case> {
    (0..count).map(|id| Case::filed(id, UnixTime(NOW.0 - id))).collect()
}

async fn ids(stream: impl Stream<Item = Result<Complaint, Error>>) -> Vec<String> {
    let complaints: Vec<_> = stream.try_collect().await.unwrap();
    complaints.into_iter().map(|complaint| complaint.complaint_id).collect()
}

fn gateway(count: i64) -> (Client<Gateway>, Gateway) {
    let gateway = Gateway::sm2();
    gateway.world().cases = filed(count);
    (gateway.client(), gateway)
}

#[track_caller]
fn assert_each_once(ids: &[String], expected: usize) {
    let different: HashSet<&String> = ids.iter().collect();
    assert_eq!((ids.len(), different.len()), (expected, expected));
}

#[tokio::test(start_paused = true)]
async fn pages_are_read_to_the_end_and_no_further() {
    for (count, requests) in [(0, 1), (1, 1), (9, 1), (10, 2), (11, 2), (25, 3), (30, 4)] {
        let (client, gateway) = gateway(count);
        assert_each_once(&ids(client.complaints(list(10))).await, count as usize);
        assert_each_once(&ids(client.complaints_older(older(10))).await, count as usize);
        assert_eq!(gateway.asked().len(), 2 * requests, "{count}");
    }
}

#[tokio::test(start_paused = true)]
async fn odd_platforms_are_read_to_the_end() {
    let usual = Habits {
        newest_first: true,
        counts: true,
        counts_the_page: false,
        page_cap: usize::MAX,
        repeats_the_last_page: false,
        ignores_the_page: false,
    };
    let habits = [
        Habits { counts: false, ..usual },
        Habits { page_cap: 7, ..usual },
        Habits { page_cap: 7, counts: false, ..usual },
        Habits { repeats_the_last_page: true, ..usual },
        Habits { repeats_the_last_page: true, counts: false, ..usual },
        Habits { newest_first: false, counts: false, ..usual },
        Habits { counts_the_page: true, ..usual },
        Habits { counts_the_page: true, repeats_the_last_page: true, ..usual },
    ];
    for (at, habits) in habits.into_iter().enumerate() {
        for count in [0, 9, 10, 40, 43] {
            let (client, gateway) = gateway(count);
            gateway.world().habits = habits;
            assert_each_once(&ids(client.complaints(list(10))).await, count as usize);
            assert_each_once(&ids(client.complaints_older(older(10))).await, count as usize);
            assert!(gateway.asked().len() < 50, "{at}: {}", gateway.asked().len());
        }
    }
}

/// The number of arrivals before each page, in front of all others or behind them.
async fn with_arrivals(newest_first: bool, counts: bool, arrivals: i64) {
    let (client, gateway) = gateway(200);
    let mut left = 60;
    {
        let mut world = gateway.world();
        world.habits.newest_first = newest_first;
        world.habits.counts = counts;
        world.hook = Some(Box::new(move |world, _| {
            for _ in 0..arrivals.min(left) {
                left -= 1;
                let id = world.cases.len() as i64;
                world.cases.push(Case::filed(id, UnixTime(NOW.0 + id)));
            }
        }));
    }
    for stream in [client.complaints(list(10)).left_stream(), client.complaints_older(older(10)).right_stream()] {
        let read = ids(stream).await;
        let different: HashSet<&str> = read.iter().map(String::as_str).collect();
        assert_eq!(read.len(), different.len(), "each once");
        let missed = (0..200).filter(|id| !different.contains(id.to_string().as_str())).count();
        assert_eq!(missed, 0, "{arrivals} arrivals");
        if counts {
            assert_eq!(different.len(), gateway.world().cases.len(), "those that arrived too");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_shifts_is_neither_missed_nor_doubled() {
    for newest_first in [true, false] {
        for counts in [true, false] {
            // Ten is a whole page: the same page is returned again.
            for arrivals in [1, 3, 10, 20] {
                with_arrivals(newest_first, counts, arrivals).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_goes_away_meanwhile_makes_another_walk() {
    // A complaint that leaves page 1 once it was read pulls one of page 2 onto it.
    let (client, gateway) = gateway(25);
    let mut requests = 0;
    gateway.world().hook = Some(Box::new(move |world, _| {
        requests += 1;
        if requests == 2 {
            world.cases.remove(0);
        }
    }));
    let read = ids(client.complaints(list(10))).await;
    let read: HashSet<&str> = read.iter().map(String::as_str).collect();
    assert!(gateway.world().cases.iter().all(|case| read.contains(&*case.id)));
}

#[tokio::test(start_paused = true)]
async fn five_hundred_while_a_hundred_arrive() {
    many_while_more_arrive(500, 100).await;
}

#[tokio::test(start_paused = true)]
#[ignore = "a long load"]
async fn five_thousand_while_a_thousand_arrive() {
    many_while_more_arrive(5_000, 1_000).await;
}

async fn many_while_more_arrive(filed: i64, arriving: usize) {
    let (client, gateway) = gateway(filed);
    let mut left = arriving;
    gateway.world().hook = Some(Box::new(move |world, _| {
        for _ in 0..7.min(left) {
            left -= 1;
            let id = world.cases.len() as i64;
            world.cases.push(Case::filed(id, UnixTime(NOW.0 + id)));
        }
    }));
    assert_each_once(&ids(client.complaints(list(20))).await, filed as usize + arriving);
}

#[tokio::test(start_paused = true)]
async fn alipays_list_is_read_alike() {
    let (client, gateway) = gateway(0);
    gateway.world().alipay = (0..45).collect();
    gateway.world().hook = Some(Box::new(|world, _| {
        let next = world.alipay.len() as u64;
        world.alipay.extend((next < 60).then_some(next));
    }));
    let complaints: Vec<_> = client.alipay_complaints(alipay(10)).try_collect().await.unwrap();
    let ids: Vec<String> = complaints.into_iter().map(|complaint| complaint.id).collect();
    assert_each_once(&ids, gateway.world().alipay.len());
}

#[tokio::test(start_paused = true)]
async fn a_long_history_comes_whole() {
    let (client, gateway) = one();
    for entry in 0..170 {
        gateway.world().case("1").write("USER_RESPONSE", "?", UnixTime(NOW.0 + entry));
    }
    let mut requests = 0;
    gateway.world().hook = Some(Box::new(move |world, _| {
        requests += 1;
        if requests == 2 {
            world.case("1").write("USER_RESPONSE", "meanwhile", NOW);
        }
    }));
    let records: Vec<_> = client.negotiation_history("1").try_collect().await.unwrap();
    let ids: Vec<String> = records.into_iter().map(|record| record.log_id).collect();
    assert_each_once(&ids, 171);
    assert_eq!(gateway.asked().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_long_history_comes_whole_though_only_its_first_page_is_counted() {
    for entries in [49, 50, 120, 150] {
        let (client, gateway) = one();
        (1..entries).for_each(|_| gateway.world().case("1").write("USER_RESPONSE", "?", NOW));
        gateway.world().habits.counts_the_page = true;
        let records: Vec<_> = client.negotiation_history("1").try_collect().await.unwrap();
        let ids: Vec<String> = records.into_iter().map(|record| record.log_id).collect();
        assert_each_once(&ids, entries);
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_ends_the_stream_after_what_was_read() {
    let (client, gateway) = gateway(25);
    gateway.faults([Fault::None, Fault::Refused { done: false }]);
    let mut stream = Box::pin(client.complaints(list(10)));
    for _ in 0..10 {
        assert!(stream.try_next().await.unwrap().is_some());
    }
    stream.try_next().await.unwrap_err();
    assert!(stream.try_next().await.unwrap().is_none());
}

/// The items of a stream: numbers, then the texts of its errors.
async fn told(stream: impl Stream<Item = Result<Complaint, Error>>) -> (Vec<String>, Vec<String>) {
    let (mut ids, mut errors) = (Vec::new(), Vec::new());
    let mut stream = Box::pin(stream);
    while let Some(item) = stream.next().await {
        match item {
            Ok(complaint) => {
                assert!(errors.is_empty(), "{errors:?} before all others");
                ids.push(complaint.complaint_id);
            }
            Err(error) => {
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains("CANARY") && !error.failure().is_retryable, "{shown}");
                errors.push(error.to_string());
            }
        }
    }
    (ids, errors)
}

#[tokio::test(start_paused = true)]
async fn complaints_that_cannot_be_read_come_after_all_others() {
    let (client, gateway) = gateway(25);
    gateway.world().bad_rows = [("3", BadRow::Numbered), ("11", BadRow::Nameless), ("12", BadRow::Nameless)]
        .map(|(id, bad)| (id.to_owned(), bad))
        .into();
    for stream in [client.complaints(list(10)).left_stream(), client.complaints_older(older(10)).right_stream()] {
        let (ids, errors) = told(stream).await;
        assert_each_once(&ids, 22);
        assert_eq!(errors.len(), 3, "{errors:?}");
        assert!(errors[0].contains("complaint 3 of the list"), "{errors:?}");
        assert!(errors[1].contains("not even its number"), "{errors:?}");
    }
    assert_eq!(gateway.asked().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_complaint_that_is_mended_meanwhile_is_handed_out() {
    let (client, gateway) = gateway(25);
    gateway.world().bad_rows.insert("3".to_owned(), BadRow::Numbered);
    let mut requests = 0;
    gateway.world().hook = Some(Box::new(move |world, _| {
        requests += 1;
        if requests == 2 {
            // It stands on the second page now, to be read.
            world.bad_rows.clear();
            world.cases.extend((25..35).map(|id| Case::filed(id, UnixTime(NOW.0 + id))));
        }
    }));
    let (ids, errors) = told(client.complaints(list(10))).await;
    assert_each_once(&ids, 35);
    assert_eq!(errors, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_shorter_than_its_count_says_so() {
    let (client, gateway) = gateway(45);
    gateway.world().habits.ignores_the_page = true;
    for stream in [client.complaints(list(20)).left_stream(), client.complaints_older(older(20)).right_stream()] {
        let (ids, errors) = told(stream).await;
        assert_each_once(&ids, 20);
        assert_eq!(errors, ["the platform counts 45 rows, but only 20 came: what came may not be all"]);
    }
    assert!(gateway.asked().len() < 20, "{}", gateway.asked().len());
}

#[tokio::test(start_paused = true)]
async fn a_history_that_is_shorter_than_its_count_says_so() {
    let (client, gateway) = one();
    (1..120).for_each(|_| gateway.world().case("1").write("USER_RESPONSE", "?", NOW));
    gateway.world().habits.ignores_the_page = true;
    let (records, errors): (Vec<_>, Vec<_>) =
        client.negotiation_history("1").collect::<Vec<_>>().await.into_iter().partition(Result::is_ok);
    assert_eq!(records.len(), 50);
    assert!(matches!(errors[..], [Err(Error::Incomplete { met: 50, counted: 120 })]), "{errors:?}");
}
