//! Pictures of complaints, and looks at telephone numbers.

use complaint_inbox::{
    Forgotten, MAX_PHONE_LOOKS, MAX_PICTURE_BYTES, MAX_PICTURES, Message, PhoneLook, PhoneLooks, PictureClaim,
    PictureOutcome, PictureRecord, PictureState, Reading, Reason, Store, Wait,
};

use crate::world::{DAY, LEASE, NOW, World, complaint, source};

fn naming(places: &[&str]) -> Reading {
    let mut reading = Reading::new("{}");
    reading.pictures = places.iter().map(|place| (*place).to_owned()).collect();
    reading
}

async fn claims<S: Store>(world: &World<S>) -> Vec<PictureClaim> {
    world.store.claim_pictures(&source(), 100, LEASE).await.unwrap()
}

async fn records<S: Store>(world: &World<S>, id: &str) -> Vec<PictureRecord> {
    world.store.complaint(&complaint(id)).await.unwrap().unwrap().pictures
}

async fn states<S: Store>(world: &World<S>, id: &str) -> Vec<PictureState> {
    records(world, id).await.iter().map(|record| record.state).collect()
}

fn failed(wait: Wait) -> PictureOutcome {
    PictureOutcome::Failed { reason: "down".into(), wait }
}

fn gone() -> PictureOutcome {
    PictureOutcome::GivenUp { reason: Reason::new("rejected", "gone").with_quote(Some("无权限".to_owned().into())) }
}

fn kept(bytes: &[u8]) -> PictureOutcome {
    PictureOutcome::Kept(bytes.to_vec().into())
}

pub(crate) async fn a_picture_is_wanted_once_for_its_place<S: Store>(world: &World<S>) {
    world.put("1", naming(&["a", "b", "a"])).await;
    world.put("2", naming(&["a"])).await;
    // The order of places changes, one is new, and one is not named any more.
    world.put("1", naming(&["c", "a"])).await;
    let numbers = |records: Vec<PictureRecord>| -> Vec<_> {
        records.into_iter().map(|record| (record.number, record.place, record.state)).collect()
    };
    let wanted = |number, place: &str| (number, place.to_owned(), PictureState::Wanted);
    assert_eq!(numbers(records(world, "1").await), [wanted(1, "a"), wanted(2, "b"), wanted(3, "c")]);
    assert_eq!(numbers(records(world, "2").await), [wanted(1, "a")]);
    let claims = claims(world).await;
    let claimed: Vec<_> = claims.iter().map(|claim| (claim.complaint.id.as_str(), claim.number)).collect();
    assert_eq!(claimed, [("1", 1), ("1", 2), ("2", 1), ("1", 3)], "in the order in which they were first seen");
    assert_eq!(world.store.figures().await.unwrap().pictures, 4);
}

pub(crate) async fn a_picture_is_kept_and_shown<S: Store>(world: &World<S>) {
    let store = &world.store;
    world.put("1", naming(&["a"])).await;
    let claim = claims(world).await.remove(0);
    assert_eq!((claim.complaint.clone(), claim.place.as_str(), claim.refused), (complaint("1"), "a", 0));
    assert_eq!(store.picture(&complaint("1"), 1).await.unwrap().unwrap().content, None);
    assert!(store.finish_picture(&claim, kept(&[0, 1, 255])).await.unwrap());
    assert!(!store.finish_picture(&claim, gone()).await.unwrap(), "the claim is over");
    let record = PictureRecord {
        number: 1,
        place: "a".to_owned(),
        state: PictureState::Kept,
        size: Some(3),
        reason: None,
        finished_at: Some(NOW),
    };
    let picture = store.picture(&complaint("1"), 1).await.unwrap().unwrap();
    assert_eq!((&picture.record, picture.content.unwrap().expose().as_slice()), (&record, &[0, 1, 255][..]));
    assert_eq!(records(world, "1").await, [record]);
    // It is fetched once, however often the complaint is read.
    world.put("1", naming(&["a"])).await;
    assert!(claims(world).await.is_empty());
    assert_eq!(store.figures().await.unwrap().pictures, 0);
    for (id, number) in [("1", 0), ("1", 2), ("2", 1)] {
        assert_eq!(store.picture(&complaint(id), number).await.unwrap(), None);
    }
}

pub(crate) async fn a_picture_that_failed_waits_until_the_next_reading<S: Store>(world: &World<S>) {
    let store = &world.store;
    world.put("1", naming(&["a"])).await;
    for (refused, wait) in [(0, 60), (1, 120)] {
        let claim = claims(world).await.remove(0);
        assert_eq!((claim.refused, claim.is_read_since), (refused, refused == 0));
        assert!(store.finish_picture(&claim, failed(Wait::BackOff { at_least: 0 })).await.unwrap());
        world.tick(wait - 1);
        assert!(claims(world).await.is_empty());
        world.tick(1);
    }
    let record = records(world, "1").await.remove(0);
    assert_eq!((record.state, record.reason), (PictureState::Failed, Some("down".into())));
    let claim = claims(world).await.remove(0);
    assert!(!claim.is_read_since);
    assert!(store.finish_picture(&claim, failed(Wait::Seconds(600))).await.unwrap());
    assert!(claims(world).await.is_empty());
    world.put("1", naming(&["a"])).await;
    let claim = claims(world).await.remove(0);
    assert_eq!((claim.refused, claim.is_read_since), (2, true), "the failures stay");
    assert!(store.finish_picture(&claim, kept(&[1])).await.unwrap());
    assert_eq!(records(world, "1").await[0].reason, None);
}

pub(crate) async fn a_failure_is_of_the_reading_whose_link_was_used<S: Store>(world: &World<S>) {
    world.put("1", naming(&["a"])).await;
    let claim = claims(world).await.remove(0);
    // It was read again before the link failed.
    world.put("1", naming(&["a"])).await;
    assert!(world.store.finish_picture(&claim, failed(Wait::Seconds(600))).await.unwrap());
    let later = claims(world).await.remove(0);
    assert!(later.is_read_since && later.read > claim.read, "the new link is tried at once");
    assert!(world.store.finish_picture(&later, failed(Wait::Seconds(600))).await.unwrap());
    world.tick(600);
    let claim = claims(world).await.remove(0);
    assert_eq!((claim.is_read_since, claim.read), (false, later.read));
}

pub(crate) async fn a_picture_that_was_given_up_is_not_claimed<S: Store>(world: &World<S>) {
    world.put("1", naming(&["a"])).await;
    let claim = claims(world).await.remove(0);
    assert!(world.store.finish_picture(&claim, gone()).await.unwrap());
    world.put("1", naming(&["a"])).await;
    world.tick(DAY);
    assert!(claims(world).await.is_empty());
    let record = records(world, "1").await.remove(0);
    let PictureOutcome::GivenUp { reason } = gone() else { panic!("it is given up") };
    assert_eq!((record.state, record.reason, record.size), (PictureState::GivenUp, Some(reason), None));
}

pub(crate) async fn a_picture_is_claimed_by_one_until_the_lease_ends<S: Store>(world: &World<S>) {
    world.put("1", naming(&["a", "b"])).await;
    let first = world.store.claim_pictures(&source(), 1, LEASE).await.unwrap().remove(0);
    assert_eq!(claims(world).await[0].number, 2);
    world.tick(i64::from(LEASE) - 1);
    assert!(claims(world).await.is_empty());
    world.tick(1);
    let second = claims(world).await.remove(0);
    assert!(second.number == 1 && second.fence > first.fence);
    assert!(!world.store.finish_picture(&first, gone()).await.unwrap(), "another caller took over");
    assert!(world.store.finish_picture(&second, kept(&[1])).await.unwrap());
    let elsewhere = complaint_inbox::Source::new("allinpay", "1900000001");
    assert!(world.store.claim_pictures(&elsewhere, 9, LEASE).await.unwrap().is_empty());
}

pub(crate) async fn a_complaint_has_so_many_pictures<S: Store>(world: &World<S>) {
    let places: Vec<String> = (0..=MAX_PICTURES).map(|place| place.to_string()).collect();
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    let (last, most) = places.split_last().unwrap();
    world.put("1", naming(most)).await;
    assert_eq!(records(world, "1").await.last().unwrap().number, MAX_PICTURES);
    world.put("1", naming(&[last])).await;
    assert_eq!(records(world, "1").await.len(), most.len());
}

pub(crate) async fn a_picture_that_is_too_large_is_given_up<S: Store>(world: &World<S>) {
    world.put("1", naming(&["a", "b"])).await;
    let claims = claims(world).await;
    for (claim, size) in claims.iter().zip([MAX_PICTURE_BYTES, MAX_PICTURE_BYTES + 1]) {
        assert!(world.store.finish_picture(claim, kept(&vec![7; size])).await.unwrap());
    }
    assert_eq!(states(world, "1").await, [PictureState::Kept, PictureState::GivenUp]);
    let content = world.store.picture(&complaint("1"), 1).await.unwrap().unwrap().content.unwrap();
    assert_eq!(content.expose().len(), MAX_PICTURE_BYTES);
}

pub(crate) async fn old_pictures_go_before_their_complaint<S: Store>(world: &World<S>) {
    let store = &world.store;
    world.put("1", naming(&["a", "b", "c"])).await;
    let claim = claims(world).await.remove(0);
    assert!(store.finish_picture(&claim, kept(&[1])).await.unwrap());
    assert!(store.note_phone_look(&complaint("1"), "desk").await.unwrap());
    world.tick(10 * DAY + 1);
    store.hear(Message::new("EV", complaint("2"))).await.unwrap();
    // A tenth of the limit, and at least one.
    for (complaints, pictures) in [(0, 2), (1, 1), (0, 0)] {
        let forgotten = store.forget(10, 20).await.unwrap();
        let expected = Forgotten { complaints, pictures, ..Forgotten::default() };
        assert_eq!(Forgotten { messages: 0, ..forgotten }, expected);
        assert_eq!(forgotten.is_any(), pictures > 0);
    }
    assert_eq!(store.picture(&complaint("1"), 1).await.unwrap(), None);
    assert!(!store.finish_picture(&claim, gone()).await.unwrap());
    // The same number again is another complaint.
    world.put("1", naming(&["a"])).await;
    let record = store.complaint(&complaint("1")).await.unwrap().unwrap();
    assert_eq!((record.pictures[0].number, record.pictures[0].state), (1, PictureState::Wanted));
    assert_eq!(record.phone_looks, PhoneLooks::default());
}

pub(crate) async fn each_look_at_a_phone_number_is_recorded<S: Store>(world: &World<S>) {
    let store = &world.store;
    assert!(!store.note_phone_look(&complaint("1"), "desk").await.unwrap());
    world.put("1", naming(&[])).await;
    world.put("2", naming(&[])).await;
    for by in ["one", "two"] {
        assert!(store.note_phone_look(&complaint("1"), by).await.unwrap());
        world.tick(1);
    }
    let looks = async |id: &str| store.complaint(&complaint(id)).await.unwrap().unwrap().phone_looks;
    let look = |by: &str, seconds| PhoneLook { by: by.to_owned(), at: NOW.plus(seconds) };
    assert_eq!(looks("1").await, PhoneLooks { times: 2, latest: vec![look("two", 1), look("one", 0)] });
    assert_eq!(looks("2").await, PhoneLooks::default());
    for _ in 1..MAX_PHONE_LOOKS {
        assert!(store.note_phone_look(&complaint("1"), "two").await.unwrap());
    }
    let looks = looks("1").await;
    assert_eq!((looks.times, looks.latest.len()), (MAX_PHONE_LOOKS as u64 + 1, MAX_PHONE_LOOKS));
    assert!(looks.latest.iter().all(|look| look.by == "two"));
}
