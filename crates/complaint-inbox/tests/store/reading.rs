//! Claims and readings: G3 and G6.

use complaint_inbox::{
    Claim, ComplaintKey, Entry, FIRST_WAIT_SECONDS, MAX_LEASE_SECONDS, MAX_ROWS, MAX_WAIT_SECONDS, Message, Reading,
    Sighting, Source, Store, Wait,
};
use protocol_core::replay::CLOCK_TOLERANCE_SECONDS;

use crate::world::{DAY, HOUR, LEASE, World, closed, complaint, deadlines, due, filed, source};

pub(crate) async fn a_complaint_is_read_once_for_each_reason<S: Store>(world: &World<S>) {
    let store = &world.store;
    world.hear("EV-1", "1").await;
    world.hear("EV-2", "1").await;
    let claims = world.claims().await;
    assert_eq!((claims.len(), claims[0].heard, &claims[0].document), (1, 2, &None));
    assert!(store.keep_reading(&claims[0], Reading::new(r#"{"a":1}"#)).await.unwrap());
    let record = store.complaint(&complaint("1")).await.unwrap().unwrap();
    assert_eq!(record.document.unwrap().expose(), r#"{"a":1}"#);
    assert_eq!((record.summary.heard, record.summary.read, record.summary.read_at), (2, 2, Some(world.now())));
    world.tick(DAY);
    assert!(world.claims().await.is_empty());
    world.hear("EV-3", "1").await;
    let claims = world.claims().await;
    assert_eq!(claims[0].document.as_ref().unwrap().expose(), r#"{"a":1}"#);
}

pub(crate) async fn a_message_during_a_reading_keeps_the_complaint_due<S: Store>(world: &World<S>) {
    world.hear("EV-1", "1").await;
    let claims = world.claims().await;
    world.hear("EV-2", "1").await;
    assert!(world.claims().await.is_empty(), "the claim still holds");
    assert!(world.store.keep_reading(&claims[0], Reading::new("{}")).await.unwrap());
    assert_eq!(world.claimed().await, ["1"]);
}

pub(crate) async fn a_claim_is_exclusive_until_its_lease_lapses<S: Store>(world: &World<S>) {
    world.hear("EV-1", "1").await;
    let first = world.claims().await;
    world.tick(i64::from(LEASE) - 1);
    assert!(world.claims().await.is_empty());
    world.tick(1);
    let second = world.claims().await;
    assert_eq!(second.len(), 1);
    assert!(second[0].fence > first[0].fence);
}

pub(crate) async fn a_claim_of_yesterday_holds_under_a_clock_set_back_for_a_lease_at_most<S: Store>(world: &World<S>) {
    world.hear("EV-1", "1").await;
    let longest = world.store.claim(&source(), 1, MAX_LEASE_SECONDS).await.unwrap();
    assert_eq!(longest.len(), 1);
    world.tick(-i64::from(CLOCK_TOLERANCE_SECONDS));
    assert!(world.claims().await.is_empty());
    world.tick(-1);
    assert_eq!(world.claimed().await, ["1"]);
}

pub(crate) async fn a_reader_that_was_taken_over_changes_nothing<S: Store>(world: &World<S>) {
    let store = &world.store;
    world.hear("EV-1", "1").await;
    let first = world.claims().await;
    // It slept past its lease, but no other reader came: it is not too late.
    world.tick(i64::from(LEASE));
    let second = world.claims().await;
    assert!(!store.keep_reading(&first[0], Reading::new(r#""old""#)).await.unwrap());
    assert!(!store.put_back(&first[0], Wait::Seconds(10)).await.unwrap());
    assert!(store.keep_reading(&second[0], Reading::new(r#""new""#)).await.unwrap());
    // A claim serves once.
    assert!(!store.keep_reading(&second[0], Reading::new(r#""twice""#)).await.unwrap());
    assert!(!store.put_back(&second[0], Wait::None).await.unwrap());
    let record = store.complaint(&complaint("1")).await.unwrap().unwrap();
    assert_eq!(record.document.unwrap().expose(), r#""new""#);

    world.hear("EV-2", "1").await;
    let third = world.claims().await;
    world.tick(i64::from(LEASE) + DAY);
    assert!(store.keep_reading(&third[0], Reading::new("{}")).await.unwrap(), "late, and not taken over");
}

pub(crate) async fn claims_go_by_deadline_and_by_source<S: Store>(world: &World<S>) {
    let store = &world.store;
    for (id, reading) in [
        ("closed", closed()),
        ("later", due(filed(0))),
        ("met", due(deadlines("PROCESSED", 1, 0))),
        ("unknown", due(deadlines("PENDING", 2, 0))),
        ("sooner", due(filed(-HOUR))),
    ] {
        world.put(id, reading).await;
    }
    let elsewhere = ComplaintKey::new("wechat-pay", "1900000002", "elsewhere");
    store.hear(Message::new("E", elsewhere)).await.unwrap();
    for id in ["closed", "later", "met", "unknown", "sooner", "a new one"] {
        world.hear(&format!("again {id}"), id).await;
    }
    let first = store.claim(&source(), 2, LEASE).await.unwrap();
    assert_eq!(first.iter().map(|claim| &*claim.key.id).collect::<Vec<_>>(), ["a new one", "unknown"]);
    assert_eq!(world.claimed().await, ["sooner", "later", "met", "closed"]);
    let other = store.claim(&Source::new("wechat-pay", "1900000002"), 9, LEASE).await.unwrap();
    assert_eq!(other.len(), 1);
    assert!(store.claim(&Source::new("allinpay", "1900000002"), 9, LEASE).await.unwrap().is_empty());
}

pub(crate) async fn the_newest_of_those_that_were_never_read_is_claimed_first<S: Store>(world: &World<S>) {
    world.put("6", due(deadlines("PENDING", 2, 0))).await;
    world.put("0", due(filed(-HOUR))).await;
    let old = ["8", "10", "9"].map(|id| Sighting::new(complaint(id), "old"));
    world.store.sight(old.to_vec()).await.unwrap();
    for id in ["0", "6", "7", "11"] {
        world.hear(&format!("again {id}"), id).await;
    }
    assert_eq!(world.claimed().await, ["11", "10", "9", "8", "7", "6", "0"]);
}

pub(crate) async fn a_limit_and_a_lease_have_bounds<S: Store>(world: &World<S>) {
    let store = &world.store;
    let key = |number: u32| complaint(&number.to_string());
    let sightings = (0..=MAX_ROWS).map(|number| Sighting::new(key(number), ""));
    assert_eq!(store.sight(sightings.collect()).await.unwrap(), u64::from(MAX_ROWS) + 1);
    assert!(store.claim(&source(), 0, LEASE).await.unwrap().is_empty());
    let most = store.claim(&source(), MAX_ROWS + 1, MAX_LEASE_SECONDS + 1).await.unwrap();
    assert_eq!(most.len(), usize::try_from(MAX_ROWS).unwrap());
    let page = store.list(&complaint_inbox::Filter::default(), None, MAX_ROWS + 1).await.unwrap();
    assert_eq!(page.rows.len(), most.len());
    assert!(page.next.is_some());
    world.tick(i64::from(MAX_LEASE_SECONDS) - 1);
    assert_eq!(store.claim(&source(), MAX_ROWS, 1).await.unwrap().len(), 1, "the one that is left");
    world.tick(1);
    assert_eq!(store.claim(&source(), MAX_ROWS, 1).await.unwrap().len(), most.len());
}

pub(crate) async fn a_refused_complaint_is_asked_for_less_and_less_often<S: Store>(world: &World<S>) {
    let store = &world.store;
    let first = i64::from(FIRST_WAIT_SECONDS);
    world.hear("EV-1", "1").await;
    for (refused, wait) in [first, 2 * first, 4 * first].into_iter().enumerate() {
        let claims = world.claims().await;
        assert_eq!(claims[0].refused, u32::try_from(refused).unwrap());
        assert!(store.put_back(&claims[0], Wait::BackOff { at_least: 0 }).await.unwrap());
        world.tick(wait - 1);
        assert!(world.claims().await.is_empty(), "{refused}");
        world.tick(1);
    }
    let claims = world.claims().await;
    assert!(store.put_back(&claims[0], Wait::Seconds(HOUR.try_into().unwrap())).await.unwrap());
    world.tick(HOUR - 1);
    assert!(world.claims().await.is_empty());
    // A clock that was set back by more than the longest wait.
    world.tick(-i64::from(MAX_WAIT_SECONDS) - HOUR);
    assert_eq!(world.claims().await[0].refused, 3);
    world.tick(i64::from(LEASE));
    assert!(store.keep_reading(&world.claims().await[0], Reading::new("{}")).await.unwrap());
    assert_eq!(store.complaint(&complaint("1")).await.unwrap().unwrap().summary.refused, 0);
}

pub(crate) async fn a_message_ends_the_wait_of_a_refused_complaint<S: Store>(world: &World<S>) {
    let store = &world.store;
    world.hear("EV-1", "1").await;
    let claims = world.claims().await;
    assert!(store.put_back(&claims[0], Wait::BackOff { at_least: 3600 }).await.unwrap());
    assert!(world.claims().await.is_empty());
    world.hear("EV-2", "1").await;
    let claims = world.claims().await;
    assert_eq!(claims[0].refused, 0);
    // One that arrived while it was being asked for.
    world.hear("EV-3", "1").await;
    assert!(store.put_back(&claims[0], Wait::BackOff { at_least: 3600 }).await.unwrap());
    assert_eq!(world.claimed().await, ["1"]);
}

pub(crate) async fn a_sweep_makes_due_what_is_new_or_stands_otherwise<S: Store>(world: &World<S>) {
    let store = &world.store;
    let sighting = |standing: &str| Sighting::new(complaint("1"), standing);
    assert_eq!(store.sight(vec![sighting("PENDING"), sighting("PENDING")]).await.unwrap(), 1);
    assert_eq!(store.sight(vec![sighting("PROCESSING")]).await.unwrap(), 0, "it is due");
    let claims = world.claims().await;
    let mut reading = Reading::new("{}");
    reading.standing = "PENDING".to_owned();
    assert!(store.keep_reading(&claims[0], reading).await.unwrap());
    assert_eq!(store.sight(vec![sighting("PENDING")]).await.unwrap(), 0);
    assert!(world.claims().await.is_empty());
    // A list that only names it says nothing of how it stands.
    let existing = |id| Sighting::existing(complaint(id));
    assert_eq!(store.sight(vec![existing("1"), existing("2"), existing("2")]).await.unwrap(), 1);
    assert_eq!(world.claimed().await, ["2"]);
    assert_eq!(store.sight(vec![sighting("PROCESSING")]).await.unwrap(), 1);
    assert_eq!(world.claimed().await, ["1"]);
}

pub(crate) async fn the_accused_merchant_is_known_before_the_first_reading_and_stays<S: Store>(world: &World<S>) {
    let store = &world.store;
    let mut sighting = Sighting::new(complaint("1"), "PENDING");
    sighting.accused = Some("below".to_owned());
    store.sight(vec![sighting]).await.unwrap();
    let mut message = Message::new("EV-2", complaint("2"));
    message.accused = Some("below".to_owned());
    store.hear(message).await.unwrap();
    world.hear("EV-3", "3").await;
    let mut claims = world.claims().await;
    claims.sort_by(|one, other| one.key.cmp(&other.key));
    let accused = |claims: &[Claim]| claims.iter().map(|claim| claim.accused.clone()).collect::<Vec<_>>();
    let below = || Some("below".to_owned());
    assert_eq!(accused(&claims), [below(), below(), None]);
    for claim in &claims {
        assert!(store.keep_reading(claim, Reading::new("{}")).await.unwrap());
    }
    // A list or a message that names none takes none away.
    store.sight(vec![Sighting::new(complaint("1"), "PROCESSING")]).await.unwrap();
    world.hear("EV-4", "2").await;
    assert_eq!(accused(&world.claims().await), [below(), below()]);
    assert_eq!(store.complaint(&complaint("2")).await.unwrap().unwrap().accused, below());
    assert_eq!(store.complaint(&complaint("3")).await.unwrap().unwrap().accused, None);
}

pub(crate) async fn an_open_complaint_is_read_again_and_a_closed_one_is_not<S: Store>(world: &World<S>) {
    let store = &world.store;
    for (id, reading) in [("1", Reading::new("{}")), ("2", Reading::new("{}")), ("3", closed())] {
        world.put(id, reading).await;
        world.tick(1);
    }
    let again = async |seconds: u32, limit| store.read_again(&source(), seconds, limit).await.unwrap();
    assert_eq!(again(4, 9).await, 0);
    assert_eq!(again(3, 9).await, 1);
    assert_eq!(again(3, 9).await, 0, "it is due");
    assert_eq!(world.claimed().await, ["1"]);
    world.tick(i64::from(LEASE));
    let claims = world.claims().await;
    assert!(store.keep_reading(&claims[0], Reading::new("{}")).await.unwrap());
    assert_eq!(again(0, 1).await, 1);
    assert_eq!(world.claimed().await, ["2"], "the longest unread");
    assert_eq!(store.read_again(&Source::new("wechat-pay", "1900000002"), 0, 9).await.unwrap(), 0);
}

pub(crate) async fn a_history_that_was_not_read_stays<S: Store>(world: &World<S>) {
    let entry = |id: &str| Entry {
        id: id.to_owned(),
        kind: Some("USER_RESPONSE".to_owned()),
        at: Some(world.now()),
        document: format!(r#"{{"log_id":"{id}"}}"#).into(),
    };
    let entries = async || world.store.complaint(&complaint("1")).await.unwrap().unwrap().entries;
    let with = |entries| {
        let mut reading = Reading::new("{}");
        reading.entries = entries;
        reading
    };
    // The platform's order is kept, not that of ids.
    world.put("1", with(Some(vec![entry("b"), entry("a")]))).await;
    assert_eq!(entries().await, [entry("b"), entry("a")]);
    world.put("1", with(None)).await;
    assert_eq!(entries().await, [entry("b"), entry("a")]);
    world.put("1", with(Some(vec![entry("c")]))).await;
    assert_eq!(entries().await, [entry("c")]);
}
