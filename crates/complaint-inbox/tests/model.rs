//! Both stores against each other: verbs in any order, under a clock that goes forward and back, have
//! the same outcomes. The one in memory says each verb in the plainest way, and so is the model.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test states what must hold")]

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use complaint_inbox::{
    ActClaim, ActOutcome, Ask, Claim, ComplaintKey, Cursor, Day, Deed, Entry, EventKind, Filter, Handover,
    HandoverOutcome, MemoryStore, Message, Milestone, NearSteps, NewEvent, NewLetter, PictureClaim, PictureOutcome,
    Progress, Reading, Reason, Replay, Session, Sighting, Source, SqliteStore, StartAt, Store, Wait,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use protocol_core::call::ActState;
use protocol_core::channel::{Act, Reply};
use protocol_core::complaint::{Complaint, Deadlines};
use protocol_core::replay::{Key, Lease, SignedDigest};
use protocol_core::{Clock, UnixTime};
use serde_json::json;

/// 2025-03-14 15:09:26 in China.
const NOW: i64 = 1_741_936_166;

const DAY: i64 = 86_400;

/// A verb. Claims are chosen among those that were given out.
#[derive(Debug, Clone)]
enum Verb {
    Tick(i64),
    Reserve { id: usize, signed: Option<u8> },
    Commit(Index),
    Release(Index),
    Hear { message: usize, complaint: usize, events: Vec<(EventKind, Option<u8>)> },
    KeepLetter { content: u8, complaint: Option<usize> },
    Sight(Vec<(usize, u8)>),
    ReadAgain { seconds: u32, limit: u32 },
    Claim { source: usize, limit: u32, lease: u32 },
    KeepReading(Index, Box<Read>),
    PutBack(Index, Wait),
    NoteDeadlines(u32),
    ClaimPictures { source: usize, limit: u32, lease: u32 },
    FinishPicture(Index, PictureOutcome),
    OpenSession { digest: u8, user: usize, expires: i64 },
    CloseSession(u8),
    CloseSessionsOf(usize),
    Note { user: usize, word: bool, complaint: Option<usize> },
    Ask { key: usize, complaint: usize, act: usize, seen: i64 },
    ClaimActs { source: usize, limit: u32, lease: u32 },
    KeepAct(Index, Option<u32>),
    PutBackAct(Index, Wait),
    FinishAct(Index, ActOutcome),
    RemoveLetter(i64),
    OpenEndpoint(usize, StartAt),
    CloseEndpoint(usize),
    ClaimHandovers { endpoint: usize, limit: u32, lease: u32 },
    FinishHandover(Index, HandoverOutcome),
    Replay(usize, Replay),
    Forget { days: u32, limit: u32 },
}

#[derive(Debug, Clone)]
struct Read {
    standing: u8,
    deadlines: Option<usize>,
    is_closed: bool,
    entries: Option<Vec<u8>>,
    pictures: Vec<u8>,
    events: Vec<(EventKind, Option<u8>)>,
}

fn verbs() -> impl Strategy<Value = Vec<Verb>> {
    let event = (select(&EventKind::ALL[..]), proptest::option::of(0..2_u8));
    let events = proptest::collection::vec(event, 0..3);
    let wait = prop_oneof![
        Just(Wait::None),
        (0..200_u32).prop_map(Wait::Seconds),
        (0..200_u32).prop_map(|at_least| Wait::BackOff { at_least })
    ];
    let limit = prop_oneof![4 => Just(9_u32), 1 => 0..3_u32];
    let lease = select(vec![1, 60, 2000_u32]);
    let tick = prop_oneof![
        0..100_i64,
        0..2 * DAY,
        Just(20 * DAY),
        Just(400 * DAY),
        -15..0_i64,
        Just(-1000_i64),
        Just(-2 * DAY),
    ];
    let end = select(vec![ActOutcome::Done, ActOutcome::Found, ActOutcome::Refused, ActOutcome::Unknown]);
    let handed = prop_oneof![
        3 => Just(HandoverOutcome::Delivered),
        2 => wait.clone().prop_map(HandoverOutcome::Failed),
        1 => Just(HandoverOutcome::Dead)
    ];
    let start = select(vec![StartAt::Oldest, StartAt::Next]);
    let replay = prop_oneof![Just(Replay::Dead), (0..9_i64).prop_map(Replay::After)];
    let read = (0..2_u8, proptest::option::of(0..5_usize), any::<bool>(), events.clone());
    let entries = proptest::option::of(proptest::collection::vec(0..3_u8, 0..4));
    let read = (read, entries, proptest::collection::vec(0..4_u8, 0..4));
    let read = read.prop_map(|((standing, deadlines, is_closed, events), entries, pictures)| {
        Box::new(Read { standing, deadlines, is_closed, entries, pictures, events })
    });
    let receiving = prop_oneof![
        (0..4_usize, proptest::option::of(0..3_u8)).prop_map(|(id, signed)| Verb::Reserve { id, signed }),
        any::<Index>().prop_map(Verb::Commit),
        any::<Index>().prop_map(Verb::Release),
        (0..9_usize, 0..4_usize, events).prop_map(|(message, complaint, events)| Verb::Hear {
            message,
            complaint,
            events
        }),
        (0..3_u8, proptest::option::of(0..4_usize))
            .prop_map(|(content, complaint)| Verb::KeepLetter { content, complaint }),
        (0..4_i64).prop_map(Verb::RemoveLetter),
    ];
    let reading = prop_oneof![
        proptest::collection::vec((0..4_usize, 0..2_u8), 0..4).prop_map(Verb::Sight),
        (0..200_u32, limit.clone()).prop_map(|(seconds, limit)| Verb::ReadAgain { seconds, limit }),
        (0..2_usize, limit.clone(), lease.clone()).prop_map(|(source, limit, lease)| Verb::Claim {
            source,
            limit,
            lease
        }),
        (any::<Index>(), read).prop_map(|(claim, read)| Verb::KeepReading(claim, read)),
        (any::<Index>(), wait.clone()).prop_map(|(claim, wait)| Verb::PutBack(claim, wait)),
        limit.clone().prop_map(Verb::NoteDeadlines),
    ];
    let fetched = prop_oneof![
        Just(PictureOutcome::Kept(vec![1, 2, 3].into())),
        wait.clone().prop_map(|wait| PictureOutcome::Failed { reason: "down".into(), wait }),
        Just(PictureOutcome::GivenUp { reason: Reason::new("rejected", "gone") })
    ];
    let showing = prop_oneof![
        3 => (0..2_usize, limit.clone(), lease.clone())
            .prop_map(|(source, limit, lease)| Verb::ClaimPictures { source, limit, lease }),
        3 => (any::<Index>(), fetched).prop_map(|(claim, outcome)| Verb::FinishPicture(claim, outcome)),
    ];
    let people = prop_oneof![
        2 => (0..3_u8, 0..2_usize, 0..2 * DAY)
            .prop_map(|(digest, user, expires)| Verb::OpenSession { digest, user, expires }),
        1 => (0..3_u8).prop_map(Verb::CloseSession),
        1 => (0..2_usize).prop_map(Verb::CloseSessionsOf),
        2 => (0..2_usize, any::<bool>(), proptest::option::of(0..4_usize))
            .prop_map(|(user, word, complaint)| Verb::Note { user, word, complaint }),
    ];
    let acting = prop_oneof![
        (0..4_usize, 0..4_usize, 0..3_usize, 0..12_i64).prop_map(|(key, complaint, act, seen)| Verb::Ask {
            key,
            complaint,
            act,
            seen
        }),
        (0..2_usize, limit.clone(), lease.clone()).prop_map(|(source, limit, lease)| Verb::ClaimActs {
            source,
            limit,
            lease
        }),
        (any::<Index>(), proptest::option::of(1..4_u32)).prop_map(|(claim, attempt)| Verb::KeepAct(claim, attempt)),
        (any::<Index>(), wait).prop_map(|(claim, wait)| Verb::PutBackAct(claim, wait)),
        (any::<Index>(), end).prop_map(|(claim, outcome)| Verb::FinishAct(claim, outcome)),
    ];
    let handing_on = prop_oneof![
        2 => (0..2_usize, start).prop_map(|(endpoint, start)| Verb::OpenEndpoint(endpoint, start)),
        1 => (0..2_usize).prop_map(Verb::CloseEndpoint),
        4 => (0..2_usize, limit.clone(), lease)
            .prop_map(|(endpoint, limit, lease)| Verb::ClaimHandovers { endpoint, limit, lease }),
        4 => (any::<Index>(), handed).prop_map(|(handover, outcome)| Verb::FinishHandover(handover, outcome)),
        1 => (0..2_usize, replay).prop_map(|(endpoint, replay)| Verb::Replay(endpoint, replay)),
    ];
    let verb = prop_oneof![
        2 => tick.prop_map(Verb::Tick),
        3 => receiving,
        4 => reading,
        2 => showing,
        3 => acting,
        3 => handing_on,
        1 => people,
        1 => (select(vec![0, 1, 30_u32]), limit).prop_map(|(days, limit)| Verb::Forget { days, limit }),
    ];
    proptest::collection::vec(verb, 0..60)
}

/// A store, and what it gave out so far.
struct Run<S> {
    store: S,
    leases: u64,
    reserved: Vec<(&'static str, Lease)>,
    claims: Vec<Claim>,
    pictures: Vec<PictureClaim>,
    acts: Vec<ActClaim>,
    handovers: Vec<Handover>,
}

impl<S: Store> Run<S> {
    const fn new(store: S) -> Self {
        Self {
            store,
            leases: 0,
            reserved: Vec::new(),
            claims: Vec::new(),
            pictures: Vec::new(),
            acts: Vec::new(),
            handovers: Vec::new(),
        }
    }

    /// The outcome, as text.
    async fn run(&mut self, verb: &Verb) -> String {
        let store = &self.store;
        match verb.clone() {
            Verb::Tick(_) => String::new(),
            Verb::Reserve { id, signed } => {
                let id = ["a", "b", "c", "d"][id];
                self.leases += 1;
                let lease = Lease::new(self.leases);
                self.reserved.push((id, lease));
                let key = Key { id, signed: signed.map(|byte| SignedDigest::new([byte; 32])) };
                told(&store.reserve(key, lease, UnixTime(0)).await)
            }
            Verb::Commit(index) if !self.reserved.is_empty() => {
                let (id, lease) = *index.get(&self.reserved);
                told(&store.commit(id.into(), lease).await)
            }
            Verb::Release(index) if !self.reserved.is_empty() => {
                let (id, lease) = *index.get(&self.reserved);
                told(&store.release(id.into(), lease).await)
            }
            Verb::Hear { message, complaint, events } => {
                let key = ["a", "b", "c", "d", "e", "f", "g", "h", "i"][message];
                let mut message = Message::new(key, key_of(complaint));
                message.content = Some(vec![1].into());
                message.events = new_events(&events);
                told(&store.hear(message).await)
            }
            Verb::KeepLetter { content, complaint } => {
                let mut letter = NewLetter::new(source(0), "no JSON", vec![content]);
                letter.complaint_id = complaint.map(|complaint| key_of(complaint).id);
                told(&store.keep_letter(letter).await)
            }
            Verb::Sight(sightings) => {
                // Some of an agent's.
                let sighting = |(complaint, standing): (usize, u8)| Sighting {
                    accused: (standing % 2 == 1).then(|| standing.to_string()),
                    ..Sighting::new(key_of(complaint), standing.to_string())
                };
                told(&store.sight(sightings.into_iter().map(sighting).collect()).await)
            }
            Verb::ReadAgain { seconds, limit } => told(&store.read_again(&source(0), seconds, limit).await),
            Verb::Claim { source: of, limit, lease } => {
                let claims = store.claim(&source(of), limit, lease).await.unwrap();
                self.claims.extend(claims.clone());
                exposed(&claims)
            }
            Verb::KeepReading(index, read) if !self.claims.is_empty() => {
                told(&store.keep_reading(index.get(&self.claims), reading(&read)).await)
            }
            Verb::PutBack(index, wait) if !self.claims.is_empty() => {
                told(&store.put_back(index.get(&self.claims), wait).await)
            }
            Verb::NoteDeadlines(limit) => told(&store.note_deadlines(&NearSteps::default().and(3600), limit).await),
            Verb::ClaimPictures { source: of, limit, lease } => {
                let claims = store.claim_pictures(&source(of), limit, lease).await.unwrap();
                self.pictures.extend(claims.clone());
                told(&claims)
            }
            Verb::FinishPicture(index, outcome) if !self.pictures.is_empty() => {
                told(&store.finish_picture(index.get(&self.pictures), outcome).await)
            }
            Verb::OpenSession { digest, user, expires } => {
                let (digest, user) = ([digest; 32], ["a", "b"][user].to_owned());
                let session = Session { digest, user, opened: UnixTime(NOW), expires: UnixTime(NOW + expires) };
                told(&store.open_session(session).await)
            }
            Verb::CloseSession(digest) => told(&store.close_session(&[digest; 32]).await),
            Verb::CloseSessionsOf(user) => told(&store.close_sessions_of(["a", "b"][user]).await),
            Verb::Note { user, word, complaint } => {
                let mut deed = Deed::new(["a", "b"][user], if word { "log-in" } else { Deed::PHONE_SHOWN });
                deed.complaint = complaint.map(key_of);
                told(&store.note(deed).await)
            }
            Verb::Ask { key, complaint, act, seen } => {
                let act = [Act::Complete, Act::from(Reply::new("一")), Act::from(Reply::new("二"))][act].clone();
                let key = format!("key {key}");
                told(&store.ask(Ask { key, complaint: key_of(complaint), act, seen, by: "desk".to_owned() }).await)
            }
            Verb::ClaimActs { source: of, limit, lease } => {
                let claims = store.claim_acts(&source(of), limit, lease).await.unwrap();
                self.acts.extend(claims.clone());
                told(&claims)
            }
            Verb::KeepAct(index, attempt) if !self.acts.is_empty() => {
                let state =
                    attempt.map(|attempt| serde_json::from_value::<ActState>(json!({ "attempt": attempt })).unwrap());
                told(&store.keep_act(index.get(&self.acts), state.as_ref(), 60).await)
            }
            Verb::PutBackAct(index, wait) if !self.acts.is_empty() => {
                told(&store.put_back_act(index.get(&self.acts), wait).await)
            }
            Verb::FinishAct(index, outcome) if !self.acts.is_empty() => {
                told(&store.finish_act(index.get(&self.acts), outcome, Some(&Reason::new("rejected", "words"))).await)
            }
            Verb::RemoveLetter(number) => told(&store.remove_letter(number, "a").await),
            Verb::OpenEndpoint(name, start) => told(&store.open_endpoint(["a", "b"][name], start).await),
            Verb::CloseEndpoint(name) => told(&store.close_endpoint(["a", "b"][name]).await),
            Verb::ClaimHandovers { endpoint, limit, lease } => {
                let handovers = store.claim_handovers(["a", "b"][endpoint], limit, lease).await.unwrap();
                self.handovers.extend(handovers.clone());
                told(&handovers)
            }
            Verb::FinishHandover(index, outcome) if !self.handovers.is_empty() => {
                told(&store.finish_handover(index.get(&self.handovers), outcome).await)
            }
            Verb::Replay(name, replay) => told(&store.replay(["a", "b"][name], replay).await),
            Verb::Forget { days, limit } => told(&store.forget(days, limit).await),
            _ => String::new(),
        }
    }

    /// Everything that can be looked at.
    async fn look(&self) -> String {
        let store = &self.store;
        let mut told =
            vec![told(&store.figures().await), told(&store.events(0, 1000).await), told(&store.letters(0, 9).await)];
        told.push(format!("{:?} {:?}", store.choices().await, store.newest_event().await));
        let today = Day::of(UnixTime(NOW));
        told.push(format!("{:?}", store.numbers(today.plus(-1), today.plus(5), None, None).await));
        told.push(format!("{:?}", store.numbers(today, today.plus(1), Some("wechat-pay"), Some("1900000001")).await));
        let by_time = |is_open: Option<bool>| Filter {
            is_open,
            due_by: is_open.map(|_| UnixTime(NOW + 2 * DAY)),
            ..Filter::default()
        };
        let by_words =
            [("退款", ""), ("款 1", "STATE 1"), ("2", ""), ("w-1 退", ""), ("W-", "")].map(|(text, state)| Filter {
                text: Some(text.to_owned()),
                state: Some(state.to_owned()).filter(|state| !state.is_empty()),
                ..Filter::default()
            });
        for filter in [None, Some(true), Some(false)].map(by_time).into_iter().chain(by_words) {
            let mut from: Option<Cursor> = None;
            loop {
                let page = store.list(&filter, from.as_ref(), 2).await.unwrap();
                told.push(format!("{page:?}"));
                from = page.next;
                if from.is_none() {
                    break;
                }
            }
        }
        for digest in 0..3 {
            told.push(format!("{:?}", store.session(&[digest; 32]).await));
        }
        told.push(format!("{:?} {:?}", store.deeds(None, 9).await, store.deeds(Some(3), 1).await));
        let exported = store.export(&Filter::default(), None, 9).await.unwrap();
        for row in exported {
            told.push(format!("{row:?} {:?}", row.document.as_ref().map(|document| document.expose().clone())));
        }
        for complaint in 0..4 {
            told.push(format!("{:?}", store.events_of(&key_of(complaint), 1, 9).await));
            let record = store.complaint(&key_of(complaint)).await.unwrap();
            let document = record.as_ref().and_then(|record| record.document.clone());
            told.push(format!("{record:?} {:?}", document.map(|document| document.into_exposed())));
            for number in 0..5 {
                let picture = store.picture(&key_of(complaint), number).await.unwrap();
                let content = picture.as_ref().and_then(|picture| picture.content.clone());
                told.push(format!("{picture:?} {:?}", content.map(|content| content.into_exposed())));
            }
        }
        told.join("\n")
    }
}

fn told(outcome: &impl Debug) -> String {
    format!("{outcome:?}")
}

/// Claims with the documents that their `Debug` hides.
fn exposed(claims: &[Claim]) -> String {
    let documents: Vec<_> =
        claims.iter().map(|claim| claim.document.as_ref().map(|document| document.expose().clone())).collect();
    format!("{claims:?} {documents:?}")
}

/// Two sources with two complaints each.
fn key_of(complaint: usize) -> ComplaintKey {
    let Source { channel, merchant } = source(complaint / 2);
    ComplaintKey::new(channel, merchant, ["1", "2"][complaint % 2])
}

fn source(number: usize) -> Source {
    [Source::new("wechat-pay", "1900000001"), Source::new("allinpay", "990581007426001")][number].clone()
}

fn new_events(events: &[(EventKind, Option<u8>)]) -> Vec<NewEvent> {
    let new = |(kind, once): &(EventKind, Option<u8>)| match once {
        Some(once) => NewEvent::once(*kind, once.to_string(), json!({})),
        None => NewEvent::new(*kind, json!({})),
    };
    events.iter().map(new).collect()
}

fn reading(read: &Read) -> Reading {
    let mut reading = Reading::new(format!("{read:?}"));
    reading.standing = read.standing.to_string();
    reading.state = Some(format!("STATE {}", read.standing));
    reading.product = read.deadlines.map(|number| number.to_string());
    reading.numbers = read.entries.iter().flatten().map(|entry| format!("W-{entry}")).collect();
    reading.searched = format!("退款 {} {}", read.standing, reading.numbers.join(" ")).into();
    reading.deadlines = read.deadlines.map(deadlines);
    reading.is_closed = read.is_closed;
    reading.filed = read.deadlines.map(|number| UnixTime(NOW + DAY * number as i64));
    let milestones = [Milestone::Unknown, Milestone::NotYet, Milestone::AtSomeTime, Milestone::At(UnixTime(NOW + DAY))];
    reading.progress = Progress {
        reply: milestones[read.pictures.len()],
        finish: milestones[3 - read.pictures.len()],
        times: Some(read.standing.into()),
        is_overdue: read.pictures.contains(&3),
    };
    let entry = |id: &u8| Entry { id: id.to_string(), kind: None, at: Some(UnixTime(0)), document: "{}".into() };
    reading.entries = read.entries.as_ref().map(|entries| entries.iter().map(entry).collect());
    reading.pictures = read.pictures.iter().map(u8::to_string).collect();
    reading.events = new_events(&read.events);
    reading
}

fn deadlines(number: usize) -> Deadlines {
    let (state, times, day) =
        [("PENDING", 1, 14), ("PENDING", 1, 15), ("PENDING", 2, 14), ("PROCESSING", 1, 14), ("PROCESSED", 1, 14)]
            [number];
    let row = json!({"complaint_id": "1", "complaint_time": format!("2025-03-{day}T15:09:26+08:00"),
        "complaint_state": state, "user_complaint_times": times});
    Complaint::decode(row.to_string().as_bytes()).unwrap().trust_anyway().deadlines()
}

/// Runs the verbs on both.
fn compare(verbs: &[Verb]) -> Result<(), TestCaseError> {
    let folder = tempfile::TempDir::new().unwrap();
    let time = Arc::new(AtomicI64::new(NOW));
    let read = Arc::clone(&time);
    let clock = Clock::new(move || UnixTime(read.load(Ordering::SeqCst)));
    let mut model = Run::new(MemoryStore::new(clock.clone()));
    let mut store = Run::new(SqliteStore::open_with_clock(folder.path().join("inbox.db"), clock).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for verb in verbs {
            if let Verb::Tick(seconds) = verb {
                time.fetch_add(*seconds, Ordering::SeqCst);
            }
            prop_assert_eq!(store.run(verb).await, model.run(verb).await, "{:?}", verb);
        }
        prop_assert_eq!(store.look().await, model.look().await);
        Ok(())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_do_the_same(verbs in verbs()) {
        compare(&verbs)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    #[ignore = "a long load"]
    fn both_stores_do_the_same_for_long(verbs in verbs()) {
        compare(&verbs)?;
    }
}
