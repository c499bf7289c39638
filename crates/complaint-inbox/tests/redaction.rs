//! Payers' words and documents are shown by no `Debug`, and by no error.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test states what must hold")]

use std::fmt::Debug;

use complaint_inbox::{
    Ask, ComplaintKey, Entry, MemoryStore, Message, NewLetter, PictureOutcome, Reading, Reason, Store,
};
use protocol_core::channel::{Act, Reply};
use protocol_core::{Clock, UnixTime};

const CANARY: &str = "canary";

fn hidden(value: &impl Debug) {
    let shown = format!("{value:?} {value:#?}");
    assert!(!shown.contains(CANARY), "{shown}");
    // Nor as the numbers of its bytes.
    assert!(!shown.contains("99, 97, 110, 97, 114, 121"), "{shown}");
}

#[tokio::test]
async fn no_value_of_the_inbox_shows_the_words_that_it_holds() {
    let store = MemoryStore::new(Clock::new(|| UnixTime(1_741_936_166)));
    let key = ComplaintKey::new("wechat-pay", "1900000001", "1");

    let mut message = Message::new("EV-1", key.clone());
    message.content = Some(CANARY.as_bytes().to_vec().into());
    hidden(&message);
    store.hear(message).await.unwrap();

    hidden(&Reason::new("rejected", "status 400").with_quote(Some(CANARY.to_owned().into())));

    let letter = NewLetter::new(key.source(), "no JSON", CANARY.as_bytes().to_vec());
    hidden(&letter);
    store.keep_letter(letter).await.unwrap();
    hidden(&store.letters(0, 9).await.unwrap());

    let mut reading = Reading::new(CANARY);
    reading.entries = Some(vec![Entry { id: "1".to_owned(), kind: None, at: None, document: CANARY.into() }]);
    reading.searched = CANARY.into();
    hidden(&reading);
    reading.pictures = vec!["1".to_owned()];
    let claims = store.claim(&key.source(), 9, 60).await.unwrap();
    store.keep_reading(&claims[0], reading).await.unwrap();

    let claims = store.claim_pictures(&key.source(), 9, 60).await.unwrap();
    let kept = PictureOutcome::Kept(CANARY.as_bytes().to_vec().into());
    hidden(&kept);
    store.finish_picture(&claims[0], kept).await.unwrap();
    let picture = store.picture(&key, 1).await.unwrap().unwrap();
    hidden(&picture);
    assert_eq!(picture.content.unwrap().expose(), CANARY.as_bytes());

    let ask = Ask {
        key: "k".to_owned(),
        complaint: key.clone(),
        act: Act::from(Reply::new(CANARY)),
        seen: 0,
        by: "desk".to_owned(),
    };
    hidden(&ask);
    hidden(&store.ask(ask).await.unwrap());
    hidden(&store.claim_acts(&key.source(), 9, 60).await.unwrap());

    let record = store.complaint(&key).await.unwrap().unwrap();
    hidden(&record);
    assert_eq!(record.document.unwrap().expose(), CANARY);
    store.hear(Message::new("EV-2", key.clone())).await.unwrap();
    hidden(&store.claim(&key.source(), 9, 60).await.unwrap());
}
