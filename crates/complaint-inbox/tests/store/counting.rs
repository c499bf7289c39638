//! Numbers by day of filing.

use complaint_inbox::{
    ComplaintKey, Day, DayNumbers, MAX_DAYS, Message, Milestone, NearSteps, Progress, Reading, Store,
};
use protocol_core::UnixTime;

use crate::world::{DAY, HOUR, LEASE, NOW, World, closed, due, filed};

fn day() -> Day {
    Day::of(NOW)
}

fn reading(at: UnixTime, progress: Progress) -> Reading {
    let mut reading = Reading::new("{}");
    reading.filed = Some(at);
    reading.progress = progress;
    reading
}

/// Numbers of the day and the merchant of the tests.
fn numbers(filed: u64) -> DayNumbers {
    DayNumbers { filed, ..DayNumbers::none(day(), "wechat-pay", "1900000001") }
}

async fn all<S: Store>(world: &World<S>) -> Vec<DayNumbers> {
    world.store.numbers(day().plus(-9), day().plus(9), None, None).await.unwrap()
}

pub(crate) async fn complaints_are_counted_as_they_were_read_last<S: Store>(world: &World<S>) {
    use Milestone as M;

    let after = |hours: i64| M::At(UnixTime(NOW.0 + hours * HOUR));
    let just = |hours: i64| M::At(UnixTime(NOW.0 + hours * HOUR - 1));
    let none = Progress { reply: M::NotYet, finish: M::NotYet, times: Some(1), is_overdue: false };
    assert!(all(world).await.is_empty());
    world.hear("unread", "unread").await;
    world.put("undated", Reading::new("{}")).await;
    assert!(all(world).await.is_empty(), "of no day");
    for (progress, more) in [
        (none, numbers(1)),
        (Progress::default(), DayNumbers { reply_unknown: 1, finish_unknown: 1, ..numbers(1) }),
        (Progress { times: None, ..none }, numbers(1)),
        (Progress { times: Some(2), ..none }, DayNumbers { repeated: 1, ..numbers(1) }),
        (Progress { reply: just(24), ..none }, DayNumbers { replied: 1, replied_in_time: 1, ..numbers(1) }),
        (Progress { reply: after(24), ..none }, DayNumbers { replied: 1, ..numbers(1) }),
        (Progress { reply: M::AtSomeTime, ..none }, DayNumbers { replied: 1, reply_unknown: 1, ..numbers(1) }),
        (Progress { finish: just(72), ..none }, DayNumbers { finished: 1, finished_in_time: 1, ..numbers(1) }),
        (Progress { finish: after(72), ..none }, DayNumbers { finished: 1, ..numbers(1) }),
        (Progress { finish: M::AtSomeTime, ..none }, DayNumbers { finished: 1, finish_unknown: 1, ..numbers(1) }),
    ] {
        world.put("1", reading(NOW, progress)).await;
        assert_eq!(all(world).await, [more], "{progress:?}");
    }
    world.put("2", reading(NOW, Progress { times: Some(3), ..none })).await;
    assert_eq!(all(world).await, [DayNumbers { finished: 1, finish_unknown: 1, repeated: 1, ..numbers(2) }]);
}

pub(crate) async fn a_deadline_that_passed_is_counted_whatever_comes_after<S: Store>(world: &World<S>) {
    let overdue = async || all(world).await[0].overdue;
    let put = async |mut reading: Reading| {
        reading.filed = Some(NOW);
        world.put("1", reading).await;
        world.store.note_deadlines(&NearSteps::default(), 9).await.unwrap();
    };
    put(due(filed(0))).await;
    assert_eq!(overdue().await, 0);
    world.tick(DAY - 1);
    world.store.note_deadlines(&NearSteps::default(), 9).await.unwrap();
    assert_eq!(overdue().await, 0, "it is near");
    world.tick(1);
    world.store.note_deadlines(&NearSteps::default(), 9).await.unwrap();
    assert_eq!(overdue().await, 1);
    put(closed()).await;
    assert_eq!(overdue().await, 1);

    // One that was late before the first look at it.
    let mut late = closed();
    late.filed = Some(NOW);
    late.progress.is_overdue = true;
    world.put("2", late).await;
    assert_eq!(overdue().await, 2);
    let mut again = closed();
    again.filed = Some(NOW);
    world.put("2", again).await;
    assert_eq!(overdue().await, 2);
}

pub(crate) async fn numbers_are_of_days_in_china_and_of_merchants<S: Store>(world: &World<S>) {
    let store = &world.store;
    let begin = day().begin();
    let put = async |channel: &str, merchant: &str, at: i64| {
        let key = ComplaintKey::new(channel, merchant, format!("{at}"));
        store.hear(Message::new(format!("{key:?}"), key.clone())).await.unwrap();
        let claims = store.claim(&key.source(), 9, LEASE).await.unwrap();
        store.keep_reading(&claims[0], reading(UnixTime(begin.0 + at), Progress::default())).await.unwrap();
    };
    put("wechat-pay", "1", -1).await;
    put("wechat-pay", "1", 0).await;
    put("wechat-pay", "1", DAY - 1).await;
    put("wechat-pay", "2", 0).await;
    put("allinpay", "1", 0).await;
    put("wechat-pay", "1", DAY).await;
    let told = async |from: i64, to: i64, channel: Option<&str>, merchant: Option<&str>| {
        let numbers = store.numbers(day().plus(from), day().plus(to), channel, merchant).await.unwrap();
        let told = |of: DayNumbers| (of.day.to_string(), format!("{} {}", of.channel, of.merchant), of.filed);
        numbers.into_iter().map(told).collect::<Vec<_>>()
    };
    let row = |day: &str, of: &str, filed| (day.to_owned(), of.to_owned(), filed);
    let today = "2025-03-14";
    let of_today = [row(today, "allinpay 1", 1), row(today, "wechat-pay 1", 2), row(today, "wechat-pay 2", 1)];
    assert_eq!(told(0, 0, None, None).await, of_today);
    assert_eq!(told(0, 0, Some("wechat-pay"), None).await, of_today[1..]);
    assert_eq!(told(0, 0, None, Some("1")).await, of_today[..2]);
    assert_eq!(told(0, 0, Some("wechat-pay"), Some("2")).await, of_today[2..]);
    let (before, after) = (row("2025-03-13", "wechat-pay 1", 1), row("2025-03-15", "wechat-pay 1", 1));
    assert_eq!(told(-1, 1, Some("wechat-pay"), Some("1")).await, [before.clone(), of_today[1].clone(), after.clone()]);
    assert!(told(1, 0, None, None).await.is_empty());
    // A span has a bound.
    assert_eq!(told(1 - MAX_DAYS, i64::MAX, None, None).await, [&[before][..], &of_today].concat());
    assert_eq!(told(2 - MAX_DAYS, 2, None, Some("1")).await.last(), Some(&after));
}
