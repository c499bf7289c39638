//! The poller: new items, once, in order.

use std::collections::HashSet;
use std::time::Duration;

use allinpay_adapter::{Client, Cursor, Error, Found, Poller, Polling};
use futures_util::StreamExt as _;
use protocol_core::UnixTime;

use crate::complaints::Case;
use crate::platform::{Gateway, NOW};

pub const DAY: i64 = 86_400;

pub fn ago(seconds: i64) -> UnixTime {
    UnixTime(NOW.0 - seconds)
}

/// A found item in short: a complaint's number, or an entry's id.
pub fn word(found: &Found) -> String {
    match found {
        Found::Complaint(complaint) => complaint.complaint_id.clone(),
        Found::Entry { complaint_id, record, .. } => {
            assert!(record.log_id.starts_with(&format!("{complaint_id}-")));
            record.log_id.clone()
        }
        _ => unreachable!(),
    }
}

/// All that a poller finds until it ends.
pub async fn all(mut poller: Poller<Gateway>) -> (Vec<String>, Vec<Error>, Cursor) {
    let (mut words, mut errors) = (Vec::new(), Vec::new());
    while let Some(found) = poller.next().await {
        match found {
            Ok(found) => words.push(word(&found)),
            Err(error) => errors.push(error),
        }
    }
    (words, errors, poller.cursor().clone())
}

/// One round that must succeed.
pub async fn round(client: &Client<Gateway>, cursor: &mut Cursor) -> Vec<String> {
    let (words, errors, next) = all(client.poller(cursor.clone(), Polling::default().once())).await;
    assert!(errors.is_empty(), "{errors:?}");
    *cursor = next;
    words
}

pub fn start() -> (Client<Gateway>, Gateway, Cursor) {
    let gateway = Gateway::sm2();
    (gateway.client(), gateway, Cursor::since(ago(20 * DAY)))
}

#[tokio::test(start_paused = true)]
async fn what_is_new_comes_once() {
    let (client, gateway, mut cursor) = start();
    gateway.world().cases = vec![Case::filed(1, ago(500)), Case::filed(2, ago(400))];
    assert_eq!(round(&client, &mut cursor).await, ["2", "1", "2-0", "1-0"]);
    assert_eq!(round(&client, &mut cursor).await, [""; 0]);

    gateway.world().case("1").write("USER_RESPONSE", "hello?", ago(10));
    gateway.world().cases.push(Case::filed(3, ago(5)));
    assert_eq!(round(&client, &mut cursor).await, ["3", "3-0", "1-1"]);
    assert_eq!(round(&client, &mut cursor).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn entries_come_oldest_first_whatever_the_platforms_order() {
    for newest_first in [true, false] {
        let (client, gateway, mut cursor) = start();
        gateway.world().habits.newest_first = newest_first;
        let mut case = Case::filed(1, ago(1000));
        (1..120).for_each(|entry| case.write("USER_RESPONSE", "?", ago(1000 - entry)));
        gateway.world().cases.push(case);
        let words = round(&client, &mut cursor).await;
        assert!(words[1..].iter().eq((0..120).map(|entry| format!("1-{entry}")).collect::<Vec<_>>().iter()));
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_filed_before_is_not_new_but_what_happens_to_it_is() {
    let (client, gateway, _) = start();
    let mut cursor = Cursor::since(ago(100));
    gateway.world().cases = vec![Case::filed(1, ago(500)), Case::filed(2, ago(100))];
    gateway.world().case("1").write("USER_RESPONSE", "before", ago(101));
    gateway.world().case("1").write("USER_RESPONSE", "since", ago(100));
    assert_eq!(round(&client, &mut cursor).await, ["2", "2-0", "1-2"]);
    assert_eq!(round(&client, &mut cursor).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn histories_are_read_where_they_may_have_grown() {
    let (client, gateway, mut cursor) = start();
    gateway.world().cases = vec![
        Case::filed("open", ago(15 * DAY)),
        Case::filed("closed", ago(15 * DAY)).processed(),
        Case::filed("closing", ago(15 * DAY)),
    ];
    round(&client, &mut cursor).await;
    let histories = async |cursor: &mut Cursor| {
        gateway.world().asked.clear();
        let words = round(&client, cursor).await;
        let mut asked: Vec<String> = gateway
            .world()
            .asked
            .iter()
            .filter(|(name, _)| name == "wxcomplainthistory")
            .map(|(_, form)| form["complaint_id"].clone())
            .collect();
        asked.sort();
        (asked, words)
    };
    assert_eq!(histories(&mut cursor).await.0, ["closing", "open"]);
    // It changes, and is watched from then on.
    gateway.world().case("closing").state = "PROCESSED";
    let now = gateway.now();
    gateway.world().case("closing").write("MERCHANT_CONFIRM_COMPLETE", "", now);
    assert_eq!(
        histories(&mut cursor).await,
        (vec!["closing".to_owned(), "open".to_owned()], vec!["closing-1".to_owned()])
    );
    tokio::time::advance(Duration::from_secs(2 * 86_400)).await;
    let now = gateway.now();
    gateway.world().case("closing").write("USER_SUBMIT_SATISFACTION", "5", now);
    assert_eq!(histories(&mut cursor).await.1, ["closing-2"]);
    tokio::time::advance(Duration::from_secs(3 * 86_400)).await;
    // Once more after the watch, and no further.
    assert_eq!(histories(&mut cursor).await.0, ["closing", "open"]);
    assert_eq!(histories(&mut cursor).await.0, ["open"]);
    // The payer continues one that was closed long ago.
    let now = gateway.now();
    gateway.world().case("closed").times = 2;
    gateway.world().case("closed").write("USER_CONTINUE_COMPLAINT", "again", now);
    assert_eq!(histories(&mut cursor).await.1, ["closed-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_watch_does_not_end_without_a_reading() {
    let (client, gateway, mut cursor) = start();
    gateway.world().cases.push(Case::filed(1, ago(60)).processed());
    assert_eq!(round(&client, &mut cursor).await, ["1", "1-0"]);
    // Written within the watch, and asked for after it.
    gateway.world().case("1").write("USER_SUBMIT_SATISFACTION", "5", ago(-DAY));
    tokio::time::advance(Duration::from_secs(4 * 86_400)).await;
    assert_eq!(round(&client, &mut cursor).await, ["1-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_last_reading_that_fails_is_made_up_for() {
    let (client, gateway, mut cursor) = start();
    gateway.world().cases.push(Case::filed(1, ago(60)).processed());
    assert_eq!(round(&client, &mut cursor).await, ["1", "1-0"]);
    tokio::time::advance(Duration::from_secs(2 * 86_400)).await;
    gateway.world().case("1").write("USER_SUBMIT_SATISFACTION", "5", ago(-DAY));
    gateway.world().unreadable.push("1".to_owned());
    let (words, errors, mut cursor) = all(client.poller(cursor, Polling::default().once())).await;
    assert_eq!((words.len(), errors.len()), (0, 1));
    gateway.world().unreadable.clear();
    tokio::time::advance(Duration::from_secs(2 * 86_400)).await;
    assert_eq!(round(&client, &mut cursor).await, ["1-1"]);
}

#[tokio::test(start_paused = true)]
async fn an_agents_finds_name_their_merchants() {
    let gateway = Gateway::sm2();
    gateway.world().cases =
        vec![Case::filed(1, ago(9)).of("550000000000001"), Case::filed(2, ago(8)).of("550000000000002")];
    let mut poller = gateway.agent().poller(Cursor::since(ago(100)), Polling::default().once());
    let mut found = Vec::new();
    while let Some(next) = poller.next().await {
        if let Found::Entry { complaint_id, merchant_no, .. } = next.unwrap() {
            found.push((complaint_id, merchant_no.unwrap()));
        }
    }
    assert_eq!(found, [("2", "550000000000002"), ("1", "550000000000001")].map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_group_is_polled_whole_when_asked_to() {
    let gateway = Gateway::sm2();
    let client = gateway.builder().whole_group(true).build_over(gateway.clone());
    round(&client, &mut Cursor::since(ago(100))).await;
    assert!(gateway.world().asked.iter().all(|(_, form)| form["groupall"] == "1"));
}

#[tokio::test(start_paused = true)]
async fn the_stream_goes_on_for_ever() {
    let (client, gateway, cursor) = start();
    gateway.world().hook = Some(Box::new(|world, name| {
        if name == "wxcomplaintlistquery" {
            let (id, now) = (world.cases.len(), world.now);
            world.cases.push(Case::filed(id, now));
        }
    }));
    let polling = Polling::default()
        .with_interval(Duration::from_secs(30), Duration::from_secs(5))
        .with_horizon(Duration::from_secs(5 * 86_400));
    let began = tokio::time::Instant::now();
    let poller = client.poller(cursor, polling);
    let words: Vec<String> = poller.take(40).map(|found| word(&found.unwrap())).collect().await;
    assert_eq!(words[36..], ["18", "18-0", "19", "19-0"]);
    let rounds = began.elapsed().as_secs();
    assert!((19 * 30..=19 * 35).contains(&rounds), "{rounds}");
}

#[tokio::test(start_paused = true)]
async fn a_long_pause_is_caught_up_with() {
    let (client, gateway, mut cursor) = start();
    gateway.world().cases.push(Case::filed("first", ago(19 * DAY)));
    round(&client, &mut cursor).await;
    tokio::time::advance(Duration::from_secs(100 * 86_400)).await;
    // During a pause: an entry to an old complaint, and complaints every day. The gateway refuses
    // spans over 30 days.
    gateway.world().case("first").write("USER_RESPONSE", "hello?", ago(-2 * DAY));
    let filed = (0..400).map(|quarter| Case::filed(quarter, ago(-quarter * DAY / 4)).processed());
    gateway.world().cases.extend(filed);
    let words = round(&client, &mut cursor).await;
    assert_eq!(words.len(), 801);
    assert_eq!(words.iter().collect::<HashSet<_>>().len(), 801);
    assert!(words.contains(&"first-1".to_owned()));
    assert_eq!(round(&client, &mut cursor).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_left_the_horizon_is_forgotten_and_does_not_come_back() {
    let (client, gateway, mut cursor) = start();
    gateway.world().cases = (0..100).map(|id| Case::filed(id, ago(id)).processed()).collect();
    assert_eq!(round(&client, &mut cursor).await.len(), 200);
    let full = serde_json::to_string(&cursor).unwrap().len();
    tokio::time::advance(Duration::from_secs(40 * 86_400)).await;
    // The first round still begins a horizon before the last one.
    round(&client, &mut cursor).await;
    tokio::time::advance(Duration::from_secs(60)).await;
    round(&client, &mut cursor).await;
    let size = serde_json::to_string(&cursor).unwrap().len();
    assert!(size < 200 && full > 100 * 100, "{full}, then {size}");
    // Not even with a longer horizon than before.
    let further = Polling::default().once().with_horizon(Duration::from_secs(80 * 86_400));
    let (words, errors, _) = all(client.poller(cursor, further)).await;
    assert_eq!((words.len(), errors.len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_complaint_that_is_late_is_found() {
    let (client, gateway, mut cursor) = start();
    round(&client, &mut cursor).await;
    tokio::time::advance(Duration::from_secs(86_400)).await;
    round(&client, &mut cursor).await;
    // Filed a day before the lists show it.
    gateway.world().cases.push(Case::filed(1, ago(0)));
    assert_eq!(round(&client, &mut cursor).await, ["1", "1-0"]);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_costs_nothing() {
    let (client, gateway, mut cursor) = start();
    gateway.world().cases.push(Case::filed(1, ago(5)));
    tokio::time::advance(Duration::from_secs(5 * 86_400)).await;
    assert_eq!(round(&client, &mut cursor).await, ["1", "1-0"]);
    let other = Gateway::sm2();
    other.world().cases = gateway.world().cases.clone();
    other.world().cases.push(Case::filed(2, ago(1)));
    assert_eq!(round(&other.client(), &mut cursor).await, ["2", "2-0"]);
}

/// Rounds at a clock that is ahead by `days`; then the present again, a day later than the
/// beginning.
async fn a_clock_ahead(days: u64, rounds: usize) {
    let (client, gateway, mut cursor) = start();
    gateway.world().cases = vec![Case::filed(1, ago(60)), Case::filed("closed", ago(60)).processed()];
    round(&client, &mut cursor).await;
    tokio::time::advance(Duration::from_secs(days * 86_400)).await;
    for _ in 0..rounds {
        round(&client, &mut cursor).await;
        tokio::time::advance(Duration::from_secs(60)).await;
    }
    let right = Gateway::sm2();
    right.world().cases = gateway.world().cases.clone();
    tokio::time::advance(Duration::from_secs(86_400)).await;
    right.world().cases.push(Case::filed(2, ago(-DAY + 60)));
    right.world().case("1").write("USER_RESPONSE", "hello?", ago(-DAY + 60));
    right.world().case("closed").write("USER_SUBMIT_SATISFACTION", "5", ago(-DAY + 60));
    let words = round(&right.client(), &mut cursor).await;
    for word in ["2", "2-0", "1-1", "closed-1"] {
        assert!(words.contains(&word.to_owned()), "{days} days, {rounds} rounds: {word} is missed: {words:?}");
    }
    assert_eq!(round(&right.client(), &mut cursor).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_ahead_hides_nothing() {
    for days in [5, 29, 31, 100] {
        for rounds in 1..=3 {
            a_clock_ahead(days, rounds).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn four_hundred_while_more_arrive() {
    many_while_more_arrive(400, 40).await;
}

#[tokio::test(start_paused = true)]
#[ignore = "a long load"]
async fn five_thousand_while_more_arrive() {
    many_while_more_arrive(5_000, 500).await;
}

/// The first of them were filed over twenty days at most; five more arrive before each page.
async fn many_while_more_arrive(filed: i64, arriving: usize) {
    let gateway = Gateway::quick();
    let (client, mut cursor) = (gateway.client(), Cursor::since(ago(20 * DAY)));
    {
        let mut world = gateway.world();
        world.cases = (0..filed).map(|id| Case::filed(id, ago(id * 300)).processed()).collect();
        let mut left = arriving;
        world.hook = Some(Box::new(move |world, name| {
            // Complaints arrive while pages are read, with the present as their time: they do shift
            // the pages.
            if name == "wxcomplaintlistquery" && left > 0 {
                left -= 5;
                for _ in 0..5 {
                    let (id, now) = (world.cases.len(), world.now);
                    world.cases.push(Case::filed(id, now));
                }
                let (last, now) = (world.cases.len() - 1, world.now);
                world.cases[last].write("USER_RESPONSE", "?", now);
            }
        }));
    }
    let mut words = round(&client, &mut cursor).await;
    for _ in 0..2 {
        tokio::time::advance(Duration::from_secs(60)).await;
        words.extend(round(&client, &mut cursor).await);
    }
    let different: HashSet<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(different.len(), words.len(), "none twice");
    let world = gateway.world();
    let missed = world.cases.iter().filter(|case| {
        !different.contains(&*case.id) || case.history.iter().any(|entry| !different.contains(&*entry.log_id))
    });
    assert_eq!(missed.count(), 0);
    // Each with the entry that files it, and a word of the payer in one of five that arrived.
    let all = filed as usize + arriving;
    assert_eq!((world.cases.len(), words.len()), (all, 2 * all + arriving / 5));
}

#[test]
fn a_cursor_survives_and_shows_nothing() {
    let cursor = Cursor::since(NOW);
    let json = serde_json::to_string(&cursor).unwrap();
    assert_eq!(serde_json::from_str::<Cursor>(&json).unwrap(), cursor);
    assert_eq!(cursor.read_until(), NOW);
    let other = json.replace("\"version\":1", "\"version\":2");
    assert!(serde_json::from_str::<Cursor>(&other).unwrap_err().to_string().contains("another version"));
    assert_eq!(format!("{cursor:?}"), "Cursor { read_until: 1741936166, complaints: 0, .. }");
}

#[tokio::test]
async fn a_poller_can_be_spawned() {
    let (client, gateway, cursor) = start();
    gateway.world().cases.push(Case::filed(1, ago(5)));
    let work = tokio::spawn(async move {
        let mut poller = client.poller(cursor, Polling::default().once());
        let mut saved = Vec::new();
        while let Some(found) = poller.next().await {
            found.unwrap();
            let cursor = poller.cursor();
            tokio::task::yield_now().await;
            saved.push(serde_json::to_vec(cursor).unwrap());
        }
        saved.len()
    });
    assert_eq!(work.await.unwrap(), 2);
}
