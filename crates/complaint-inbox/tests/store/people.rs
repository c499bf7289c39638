//! Those who are logged in, and the journal.

use complaint_inbox::{Deed, DeedRecord, Forgotten, MAX_DEED_TEXT, MAX_ROWS, Session, Store};
use protocol_core::{FIRST_OF_SET_CLOCK, UnixTime};

use crate::world::{DAY, HOUR, NOW, World, complaint};

fn session(digest: u8, user: &str, expires: i64) -> Session {
    Session { digest: [digest; 32], user: user.to_owned(), opened: NOW, expires: UnixTime(NOW.0 + expires) }
}

pub(crate) async fn a_session_is_open_until_its_end<S: Store>(world: &World<S>) {
    let store = &world.store;
    assert_eq!(store.session(&[1; 32]).await.unwrap(), None);
    store.open_session(session(1, "li", HOUR)).await.unwrap();
    assert_eq!(store.session(&[1; 32]).await.unwrap(), Some(session(1, "li", HOUR)));
    assert_eq!(store.session(&[2; 32]).await.unwrap(), None);
    world.tick(HOUR - 1);
    assert!(store.session(&[1; 32]).await.unwrap().is_some());
    world.tick(1);
    assert_eq!(store.session(&[1; 32]).await.unwrap(), None);
    // It is replaced by one that lasts longer.
    store.open_session(session(1, "wang", 2 * HOUR)).await.unwrap();
    assert_eq!(store.session(&[1; 32]).await.unwrap(), Some(session(1, "wang", 2 * HOUR)));
}

pub(crate) async fn a_closed_session_is_none<S: Store>(world: &World<S>) {
    let store = &world.store;
    for (digest, user) in [(1, "li"), (2, "li"), (3, "wang"), (4, "li")] {
        store.open_session(session(digest, user, HOUR)).await.unwrap();
    }
    assert!(store.close_session(&[1; 32]).await.unwrap());
    assert!(!store.close_session(&[1; 32]).await.unwrap());
    assert_eq!(store.session(&[1; 32]).await.unwrap(), None);
    assert_eq!(store.close_sessions_of("li").await.unwrap(), 2);
    assert_eq!(store.close_sessions_of("li").await.unwrap(), 0);
    assert_eq!((store.session(&[2; 32]).await.unwrap(), store.session(&[4; 32]).await.unwrap()), (None, None));
    assert!(store.session(&[3; 32]).await.unwrap().is_some());
}

pub(crate) async fn sessions_that_are_over_go<S: Store>(world: &World<S>) {
    let store = &world.store;
    for digest in 1..=3 {
        store.open_session(session(digest, "li", i64::from(digest) * HOUR)).await.unwrap();
    }
    world.tick(2 * HOUR - 1);
    assert_eq!(store.forget(400, 9).await.unwrap(), Forgotten { sessions: 1, ..Forgotten::default() });
    world.tick(HOUR + 1);
    let one = Forgotten { sessions: 1, ..Forgotten::default() };
    assert_eq!([store.forget(400, 1).await.unwrap(), store.forget(400, 1).await.unwrap()], [one; 2]);
    assert!(one.is_any() && !store.forget(400, 1).await.unwrap().is_any());
}

pub(crate) async fn the_journal_has_the_newest_deed_first<S: Store>(world: &World<S>) {
    let store = &world.store;
    assert!(store.deeds(None, 9).await.unwrap().is_empty());
    world.hear("EV-1", "1").await;
    let mut replied = Deed::new("li", "act-asked").about(complaint("1"));
    replied.detail = Some("reply".to_owned());
    let noted = [Deed::new("li", "log-in"), replied, Deed::new("", "log-in-failed")];
    for deed in noted.clone() {
        assert!(store.note(deed).await.unwrap());
        world.tick(1);
    }
    let numbered = noted.into_iter().zip(1_u32..);
    let mut deeds: Vec<_> =
        numbered.map(|(deed, number)| DeedRecord { number: number.into(), at: NOW.plus(number - 1), deed }).collect();
    deeds.reverse();
    assert_eq!(store.deeds(None, 9).await.unwrap(), deeds);
    assert_eq!(store.deeds(None, 2).await.unwrap(), deeds[..2]);
    assert_eq!(store.deeds(Some(deeds[1].number), 9).await.unwrap(), deeds[2..]);
    assert!(store.deeds(Some(1), 9).await.unwrap().is_empty());
    assert!(store.deeds(Some(i64::MIN), 9).await.unwrap().is_empty());
    for _ in deeds.len()..=usize::try_from(MAX_ROWS).unwrap() {
        store.note(Deed::new("li", "log-in")).await.unwrap();
    }
    assert_eq!(store.deeds(None, MAX_ROWS + 1).await.unwrap().len(), usize::try_from(MAX_ROWS).unwrap());
}

pub(crate) async fn a_deed_about_an_unknown_complaint_is_not_noted<S: Store>(world: &World<S>) {
    assert!(!world.store.note(Deed::new("li", "act-asked").about(complaint("1"))).await.unwrap());
    assert!(world.store.deeds(None, 9).await.unwrap().is_empty());
}

pub(crate) async fn the_texts_of_a_deed_are_bounded<S: Store>(world: &World<S>) {
    let store = &world.store;
    let noted = async |text: String| {
        let deed = Deed { user: text.clone(), word: text.clone(), complaint: None, detail: Some(text) };
        assert!(store.note(deed).await.unwrap());
        let deed = store.deeds(None, 1).await.unwrap().remove(0).deed;
        assert_eq!((&deed.user, Some(&deed.user)), (&deed.word, deed.detail.as_ref()));
        deed.user
    };
    let most = "a".repeat(MAX_DEED_TEXT);
    assert_eq!(noted(most.clone()).await, most);
    assert_eq!(noted(format!("{most}a")).await, most);
    let before = "a".repeat(MAX_DEED_TEXT - 2);
    assert_eq!(noted(format!("{before}\u{e9}")).await, format!("{before}\u{e9}"));
    assert_eq!(noted(format!("{before}\u{6295}")).await, before, "no half of a character");
}

pub(crate) async fn a_deed_goes_with_its_complaint_or_by_its_time<S: Store>(world: &World<S>) {
    let store = &world.store;
    world.hear("EV-1", "1").await;
    store.note(Deed::new("li", "log-in")).await.unwrap();
    store.note(Deed::new("li", "act-asked").about(complaint("1"))).await.unwrap();
    world.tick(DAY);
    world.hear("EV-2", "1").await;
    store.note(Deed::new("li", "log-in")).await.unwrap();
    let words = async || {
        let deeds = store.deeds(None, 9).await.unwrap();
        deeds.into_iter().map(|record| (record.number, record.deed.word)).collect::<Vec<_>>()
    };
    let told =
        |deeds: &[(i64, &str)]| deeds.iter().map(|(number, word)| (*number, (*word).to_owned())).collect::<Vec<_>>();
    world.tick(9 * DAY);
    assert_eq!(store.forget(10, 9).await.unwrap().deeds, 0);
    world.tick(1);
    assert_eq!(store.forget(10, 9).await.unwrap().deeds, 1);
    assert_eq!(words().await, told(&[(3, "log-in"), (2, "act-asked")]), "the complaint changed later");
    world.tick(DAY);
    assert_eq!((store.forget(10, 0).await.unwrap().deeds, store.forget(10, 9).await.unwrap().deeds), (0, 1));
    assert_eq!(words().await, told(&[]));
    store.note(Deed::new("li", "log-in")).await.unwrap();
    assert_eq!(words().await, told(&[(4, "log-in")]), "a number is not given twice");
}

pub(crate) async fn a_deed_under_a_clock_that_was_not_set_is_new_once_it_is<S: Store>(world: &World<S>) {
    let store = &world.store;
    let to = |time: i64| world.tick(time - world.now().0);
    to(FIRST_OF_SET_CLOCK.0 - 1);
    store.note(Deed::new("li", "log-in")).await.unwrap();
    to(NOW.0);
    assert_eq!(store.forget(10, 9).await.unwrap().deeds, 0);
    world.tick(10 * DAY);
    assert_eq!(store.forget(10, 9).await.unwrap().deeds, 0);
    world.tick(1);
    assert_eq!(store.forget(10, 9).await.unwrap().deeds, 1);
}
