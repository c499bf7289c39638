//! Lists, complaints, events and figures.

use std::future::poll_fn;
use std::task::Poll;

use complaint_inbox::{
    Cursor, Entry, EventKind, Figures, Filter, Heard, MAX_ROWS, Message, NewEvent, NewLetter, Reading, Source, StartAt,
    Store, Summary,
};
use protocol_core::UnixTime;
use serde_json::json;

use crate::world::{HOUR, NOW, World, closed, complaint, deadlines, due, filed, source};

/// Complaints of every urgency, in the order of the list.
const IDS: [&str; 7] = ["new", "unknown", "1 sooner", "2 later", "3 later", "met", "closed"];

async fn fill<S: Store>(world: &World<S>) {
    for (id, reading) in [
        ("closed", closed()),
        ("met", due(deadlines("PROCESSED", 1, 0))),
        ("3 later", due(filed(0))),
        ("2 later", due(filed(0))),
        ("1 sooner", due(filed(-HOUR))),
        ("unknown", due(deadlines("PENDING", 2, 0))),
    ] {
        world.put(id, reading).await;
    }
    world.hear("new", "new").await;
}

fn ids(rows: &[Summary]) -> Vec<&str> {
    rows.iter().map(|row| &*row.key.id).collect()
}

pub(crate) async fn a_list_begins_with_the_earliest_deadline<S: Store>(world: &World<S>) {
    fill(world).await;
    let page = world.store.list(&Filter::default(), None, 100).await.unwrap();
    assert_eq!(ids(&page.rows), IDS);
    assert_eq!(page.next, None);
}

pub(crate) async fn a_list_is_the_same_in_pages_of_any_size<S: Store>(world: &World<S>) {
    fill(world).await;
    for limit in 1..=8 {
        let (mut rows, mut from) = (Vec::new(), None::<Cursor>);
        loop {
            let page = world.store.list(&Filter::default(), from.as_ref(), limit).await.unwrap();
            assert!(page.rows.len() <= usize::try_from(limit).unwrap());
            rows.extend(page.rows);
            from = page.next.map(|next| Cursor::parse(&next.to_string()).unwrap());
            if from.is_none() {
                break;
            }
        }
        assert_eq!(ids(&rows), IDS, "{limit}");
    }
}

pub(crate) async fn a_list_shows_what_its_filter_says<S: Store>(world: &World<S>) {
    fill(world).await;
    let other = complaint_inbox::ComplaintKey::new("allinpay", "990581007426001", "other");
    world.store.hear(Message::new("other", other)).await.unwrap();
    let rows = async |filter: Filter| {
        let page = world.store.list(&filter, None, 100).await.unwrap();
        page.rows.into_iter().map(|row| row.key.id).collect::<Vec<_>>()
    };
    let all = Filter::default;
    assert_eq!(rows(Filter { is_open: Some(false), ..all() }).await, ["closed"]);
    let open = [&["other"][..], &IDS[..6]].concat();
    assert_eq!(rows(Filter { is_open: Some(true), ..all() }).await, open);
    assert_eq!(rows(Filter { channel: Some("allinpay".to_owned()), ..all() }).await, ["other"]);
    let merchant = Some("1900000001".to_owned());
    assert_eq!(rows(Filter { merchant: merchant.clone(), ..all() }).await, IDS);
    let channel = Some("wechat-pay".to_owned());
    assert_eq!(rows(Filter { channel: channel.clone(), merchant, ..all() }).await, IDS);
    let reply = filed(0).reply.at().unwrap();
    let due_by = |time| Filter { channel: channel.clone(), due_by: Some(UnixTime(time)), ..all() };
    assert_eq!(rows(due_by(reply.0)).await, IDS[..5]);
    assert_eq!(rows(due_by(reply.0 - 1)).await, IDS[..3]);
    assert_eq!(rows(due_by(i64::MAX)).await, IDS[..5], "in the met and the closed ones the merchant has nothing to do");
    assert_eq!(rows(Filter { is_open: Some(false), ..due_by(i64::MAX) }).await, [""; 0]);
    let of_id = |id: &str| Filter { id: Some(id.to_owned()), ..all() };
    assert_eq!(rows(of_id("met")).await, ["met"]);
    assert_eq!(rows(of_id("1")).await, [""; 0]);
    let other = complaint_inbox::ComplaintKey::new("allinpay", "990581007426001", "met");
    world.store.hear(Message::new("met", other)).await.unwrap();
    assert_eq!(rows(of_id("met")).await, ["met", "met"]);
    assert_eq!(rows(Filter { channel, ..of_id("met") }).await, ["met"]);
}

pub(crate) async fn an_export_shows_each_complaint_once_whatever_is_read_meanwhile<S: Store>(world: &World<S>) {
    fill(world).await;
    let store = &world.store;
    let mut by_key = IDS;
    by_key.sort_unstable();
    for limit in 1..=8 {
        let (mut exported, mut after) = (Vec::new(), None);
        loop {
            let page = store.export(&Filter::default(), after.as_ref(), limit).await.unwrap();
            assert!(page.len() <= usize::try_from(limit).unwrap());
            let Some(last) = page.last() else { break };
            after = Some(last.summary.key.clone());
            exported.extend(page);
            // Its deadline moves from the end of the list to its beginning, and back.
            let deadlines = if exported.len() % 2 == 0 { filed(0) } else { deadlines("PROCESSED", 1, 0) };
            world.put("3 later", due(deadlines)).await;
        }
        assert_eq!(exported.iter().map(|row| &*row.summary.key.id).collect::<Vec<_>>(), by_key, "{limit}");
        for row in exported {
            assert_eq!(row.document.is_some(), row.summary.read_at.is_some());
        }
    }
    world.put("3 later", due(filed(0))).await;
    let closed = Filter { is_open: Some(false), ..Filter::default() };
    let closed = store.export(&closed, None, 9).await.unwrap();
    assert_eq!((closed.len(), &*closed[0].summary.key.id), (1, "closed"));
    let due_by = |time| Filter { due_by: Some(UnixTime(time)), ..Filter::default() };
    assert_eq!(store.export(&due_by(i64::MAX), None, 9).await.unwrap().len(), 5);
    assert_eq!(store.export(&due_by(0), None, 9).await.unwrap().len(), 2, "those that are unknown");
    let elsewhere = Filter { channel: Some("allinpay".to_owned()), ..Filter::default() };
    assert!(store.export(&elsewhere, None, 9).await.unwrap().is_empty());
}

pub(crate) async fn a_complaint_is_shown_whole<S: Store>(world: &World<S>) {
    let store = &world.store;
    let mut reading = Reading::new(r#"{"complaint_id":"1"}"#);
    reading.state = Some("PENDING".to_owned());
    reading.filed = Some(NOW);
    reading.amount = Some(-3);
    reading.product = Some("五".to_owned());
    reading.deadlines = Some(filed(0));
    reading.entries = Some(vec![Entry { id: "e".to_owned(), kind: None, at: None, document: "{}".into() }]);
    reading.events = vec![NewEvent::new(EventKind::Filed, json!({ "state": "PENDING" }))];
    world.put("1", reading.clone()).await;
    let record = store.complaint(&complaint("1")).await.unwrap().unwrap();
    assert_eq!(record.document, Some(reading.document));
    assert_eq!(Some(record.entries), reading.entries);
    let summary = Summary {
        key: complaint("1"),
        version: 1,
        heard: 1,
        read: 1,
        read_at: Some(NOW),
        refused: 0,
        state: reading.state,
        filed: reading.filed,
        deadlines: reading.deadlines,
        amount: reading.amount,
        product: reading.product,
        is_closed: false,
    };
    assert_eq!(record.summary, summary);
    assert_eq!(store.list(&Filter::default(), None, 1).await.unwrap().rows, [summary]);
    assert_eq!(store.complaint(&complaint("2")).await.unwrap(), None);
}

pub(crate) async fn a_deadline_is_read_as_it_was_kept<S: Store>(world: &World<S>) {
    for deadlines in [
        filed(0),
        deadlines("PENDING", 2, 0),
        deadlines("PROCESSING", 1, 0),
        deadlines("PROCESSED", 1, 0),
        deadlines("?", 1, 0),
        filed(0).taken_as_wechat_pays(),
    ] {
        world.put("1", due(deadlines)).await;
        let record = world.store.complaint(&complaint("1")).await.unwrap().unwrap();
        assert_eq!(record.summary.deadlines, Some(deadlines));
    }
}

pub(crate) async fn events_follow_a_number<S: Store>(world: &World<S>) {
    let store = &world.store;
    assert!(store.events(0, 9).await.unwrap().is_empty());
    let mut message = Message::new("EV-1", complaint("1"));
    message.events = (0..3).map(|number| NewEvent::new(EventKind::Updated, json!({ "n": number }))).collect();
    store.hear(message).await.unwrap();
    let events = store.events(0, 9).await.unwrap();
    assert_eq!(events.iter().map(|event| &event.data["n"]).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(events.is_sorted_by(|one, next| 0 < one.number && one.number < next.number));
    assert_eq!((&events[0].complaint, events[0].at, events[0].kind), (&complaint("1"), NOW, EventKind::Updated));
    assert_eq!(store.events(events[0].number, 9).await.unwrap(), events[1..]);
    assert_eq!(store.events(events[0].number, 1).await.unwrap(), events[1..2]);
    assert!(store.events(events[2].number, 9).await.unwrap().is_empty());
    assert!(store.events(i64::MAX, 9).await.unwrap().is_empty());
    assert_eq!(store.events(i64::MIN, 9).await.unwrap(), events);
    let most = (0..=MAX_ROWS).map(|_| NewEvent::new(EventKind::Updated, json!({}))).collect();
    let mut message = Message::new("EV-2", complaint("1"));
    message.events = most;
    store.hear(message).await.unwrap();
    let newest = events[2].number;
    assert_eq!(store.events(newest, MAX_ROWS + 1).await.unwrap().len(), usize::try_from(MAX_ROWS).unwrap());
}

pub(crate) async fn a_complaint_has_its_events<S: Store>(world: &World<S>) {
    let store = &world.store;
    for (key, id) in [("a", "1"), ("b", "2"), ("c", "1")] {
        let mut message = Message::new(key, complaint(id));
        message.events = vec![NewEvent::new(EventKind::Updated, json!({ "of": key }))];
        store.hear(message).await.unwrap();
    }
    let of = async |id: &str, after, limit| {
        let events = store.events_of(&complaint(id), after, limit).await.unwrap();
        events.into_iter().map(|event| event.number).collect::<Vec<_>>()
    };
    assert_eq!(of("1", 0, 9).await, [1, 3]);
    assert_eq!((of("1", 1, 9).await, of("1", 0, 1).await, of("1", 3, 9).await), (vec![3], vec![1], vec![]));
    assert_eq!((of("2", 0, 9).await, of("3", 0, 9).await), (vec![2], vec![]));
    let all = store.events(0, 9).await.unwrap();
    assert_eq!(store.events_of(&complaint("2"), 0, 9).await.unwrap(), all[1..2]);
}

pub(crate) async fn an_event_that_happens_once_is_written_once<S: Store>(world: &World<S>) {
    let store = &world.store;
    let once = |kind, text: &str| NewEvent::once(kind, text, json!({}));
    for (key, id, events, written) in [
        ("a", "1", vec![once(EventKind::Filed, ""), once(EventKind::Filed, "")], 1),
        ("b", "1", vec![once(EventKind::Filed, "")], 0),
        ("c", "1", vec![once(EventKind::PayerResponded, ""), once(EventKind::Filed, "1")], 2),
        ("d", "2", vec![once(EventKind::Filed, "")], 1),
        ("e", "1", vec![NewEvent::new(EventKind::Updated, json!({})), NewEvent::new(EventKind::Updated, json!({}))], 2),
    ] {
        let newest = store.figures().await.unwrap().newest_event;
        let mut message = Message::new(key, complaint(id));
        message.events = events;
        assert_eq!(store.hear(message).await.unwrap(), Heard::First);
        assert_eq!(store.events(newest, 9).await.unwrap().len(), written, "{key}");
    }
}

pub(crate) async fn events_are_seen_in_the_order_of_their_numbers_while_others_write<S: Store>(world: &World<S>) {
    const WRITERS: usize = 8;
    const MESSAGES: usize = 25;

    let write = |writer: usize| {
        let store = world.store.clone();
        tokio::spawn(async move {
            for number in 0..MESSAGES {
                let mut message = Message::new(format!("{writer} {number}"), complaint(&writer.to_string()));
                message.events = vec![NewEvent::new(EventKind::Updated, json!({ "n": number }))];
                store.hear(message).await.unwrap();
                tokio::task::yield_now().await;
            }
        })
    };
    let writers: Vec<_> = (0..WRITERS).map(write).collect();
    // A reader that asks for those after the last one it saw misses none.
    let mut seen = Vec::new();
    while seen.len() < WRITERS * MESSAGES {
        let is_over = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let after = seen.last().map_or(0, |event: &complaint_inbox::Event| event.number);
        let events = world.store.events(after, 7).await.unwrap();
        assert!(!is_over || !events.is_empty(), "an event was passed over");
        seen.extend(events);
        tokio::task::yield_now().await;
    }
    assert!(seen.is_sorted_by(|one, next| one.number < next.number));
    for writer in 0..WRITERS {
        let of_writer = seen.iter().filter(|event| event.complaint.id == writer.to_string());
        assert!(of_writer.map(|event| event.data["n"].as_u64().unwrap()).eq(0..u64::try_from(MESSAGES).unwrap()));
    }
}

/// A store that gave out numbers when a transaction begins would hide the event of the slower one for
/// ever. SQLite has one writer, which takes calls in their order: there the slower one cannot end
/// last. The test is for stores whose transactions run beside one another.
pub(crate) async fn a_reader_misses_nothing_of_two_writers_that_end_in_reverse<S: Store>(world: &World<S>) {
    let write = |name: String| {
        let store = world.store.clone();
        async move {
            let mut message = Message::new(&*name, complaint(&name));
            message.events = vec![NewEvent::new(EventKind::Updated, json!({}))];
            store.hear(message).await.unwrap();
        }
    };
    let mut seen: Vec<complaint_inbox::Event> = Vec::new();
    let mut written = Vec::new();
    for round in 0..50 {
        let names = [format!("{round} begun first"), format!("{round} ended first")];
        let [mut slow, fast] = [Box::pin(write(names[0].clone())), Box::pin(write(names[1].clone()))];
        let begun = poll_fn(|context| Poll::Ready(slow.as_mut().poll(context))).await;
        fast.await;
        let after = seen.last().map_or(0, |event| event.number);
        seen.extend(world.store.events(after, 9).await.unwrap());
        assert!(seen.iter().any(|event| event.complaint.id == names[1]), "{names:?}");
        if begun.is_pending() {
            slow.await;
        }
        let after = seen.last().map_or(0, |event| event.number);
        seen.extend(world.store.events(after, 9).await.unwrap());
        written.extend(names);
    }
    let mut ids: Vec<String> = seen.into_iter().map(|event| event.complaint.id).collect();
    ids.sort_unstable();
    written.sort_unstable();
    assert_eq!(ids, written);
}

pub(crate) async fn figures_count<S: Store>(world: &World<S>) {
    let store = &world.store;
    assert_eq!(store.figures().await.unwrap(), Figures::default());
    assert_eq!(store.newest_event().await.unwrap(), 0);
    store.open_endpoint("e", StartAt::Next).await.unwrap();
    fill(world).await;
    store.keep_letter(NewLetter::new(source(), "no JSON", b"{".to_vec())).await.unwrap();
    let mut message = Message::new("EV-1", complaint("closed"));
    message.events = vec![NewEvent::new(EventKind::Updated, json!({}))];
    store.hear(message).await.unwrap();
    let figures = store.figures().await.unwrap();
    assert_eq!((figures.open, figures.due, figures.letters), (6, 2, 1));
    assert_eq!((figures.handovers, figures.dead, figures.newest_event, figures.acts), (1, 0, 1, 0));
    assert_eq!(store.newest_event().await.unwrap(), 1);
    assert!(store.claim(&Source::new("wechat-pay", ""), 9, 9).await.unwrap().is_empty());
}
