//! Recorded pushes, sent again: one signature is valid for several queries, and for one message
//! alone.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use protocol_core::UnixTime;
use protocol_core::mini_program::{Format, Mode, push_signature};
use wechat_adapter::Clock;
use wechat_adapter::mini_program::Pushed;

use crate::platform::NOW;
use crate::webhook::{APPID, PushRefusal, TOKEN, building, event, keeping, post, receiver, response, status, watching};

/// A nonce that reads as a time three years from now.
const THEN: UnixTime = UnixTime(1_844_244_408);

/// A clock that the test sets.
fn clock() -> (Arc<AtomicI64>, Clock) {
    let time = Arc::new(AtomicI64::new(NOW.0));
    let hands = Arc::clone(&time);
    (time, Clock::new(move || UnixTime(hands.load(Ordering::Relaxed))))
}

/// A push whose nonce reads as a time to come, and the same with both exchanged.
fn exchangeable(mode: Mode, message: &str) -> [(String, String); 2] {
    let (now, then) = (NOW.to_string(), THEN.to_string());
    let (query, body) = if mode == Mode::Plain {
        let signature = push_signature(TOKEN.as_bytes(), &now, &then, None);
        (format!("signature={signature}&timestamp={now}&nonce={then}"), message.to_owned())
    } else {
        receiver(Mode::Secure).secure_push(Format::Json, message, b"0123456789abcdef", NOW, &then).unwrap()
    };
    let exchanged = query
        .replace(&format!("timestamp={now}"), "timestamp=THEN")
        .replace(&format!("nonce={then}"), &format!("nonce={now}"))
        .replace("THEN", &then);
    assert_ne!(exchanged, query);
    [(query, body.clone()), (exchanged, body)]
}

#[tokio::test]
async fn a_recorded_push_with_timestamp_and_nonce_exchanged_is_no_second_message() {
    for mode in [Mode::Plain, Mode::Compatible, Mode::Secure] {
        let (heard, handler) = keeping();
        let (time, clock) = clock();
        let webhook = building(mode, handler).clock(clock).build();
        let [genuine, exchanged] = exchangeable(mode, &event(Format::Json));
        assert_eq!(status(&webhook, post(&genuine)).await, 200, "{mode:?}");
        assert_eq!(status(&webhook, post(&genuine)).await, 200, "{mode:?}: a repeat");
        time.store(THEN.0, Ordering::Relaxed);
        assert_eq!(status(&webhook, post(&genuine)).await, 401, "{mode:?}: too old");
        assert_eq!(status(&webhook, post(&exchanged)).await, 200, "{mode:?}: as any repeat");
        let heard = heard.lock().unwrap();
        assert_eq!(heard.len(), 1, "{mode:?}");
        assert!(heard[0].signed.is_some());
    }
}

#[tokio::test]
async fn in_plain_mode_a_recorded_query_lets_no_other_message_in() {
    let (heard, handler) = keeping();
    let (refusals, eye) = watching();
    let (time, clock) = clock();
    let webhook = building(Mode::Plain, handler).clock(clock).on_refusal(eye).build();
    let genuine_message = event(Format::Json);
    let forged_message = genuine_message.replace("\"201\"", "\"209\"");
    assert_ne!(forged_message, genuine_message);
    let [genuine, exchanged] = exchangeable(Mode::Plain, &genuine_message);
    assert_eq!(status(&webhook, post(&genuine)).await, 200);
    // The refusal says no more than any other.
    let refused = (401, "the signature is not accepted".to_owned());
    assert_eq!(response(&webhook, post(&(genuine.0, forged_message.clone()))).await, refused);
    time.store(THEN.0, Ordering::Relaxed);
    assert_eq!(response(&webhook, post(&(exchanged.0, forged_message))).await, refused);
    assert_eq!(heard.lock().unwrap().len(), 1);
    let refusals = refusals.lock().unwrap();
    assert_eq!(refusals.iter().map(PushRefusal::name).collect::<Vec<_>>(), ["replayed"; 2]);
    assert!(refusals.iter().all(PushRefusal::wants_attention));
    assert!(!format!("{refusals:?}").contains(APPID));
}

#[tokio::test]
async fn a_push_whose_first_delivery_failed_is_no_replay() {
    for mode in [Mode::Plain, Mode::Secure] {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let handler = move |_: Pushed| {
            let is_first = counter.fetch_add(1, Ordering::Relaxed) == 0;
            async move { if is_first { Err("away") } else { Ok(()) } }
        };
        let webhook = building(mode, handler).build();
        let [genuine, _] = exchangeable(mode, &event(Format::Json));
        assert_eq!(status(&webhook, post(&genuine)).await, 500);
        for _ in 0..2 {
            assert_eq!(status(&webhook, post(&genuine)).await, 200);
        }
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }
}

#[tokio::test]
async fn a_genuine_push_of_the_same_content_spends_its_signature_too() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let handler = move |_: Pushed| {
        counter.fetch_add(1, Ordering::Relaxed);
        async { Ok::<(), Infallible>(()) }
    };
    let webhook = building(Mode::Plain, handler).build();
    let message = event(Format::Json);
    let query = |nonce: &str| {
        let time = NOW.to_string();
        format!("signature={}&timestamp={time}&nonce={nonce}", push_signature(TOKEN.as_bytes(), &time, nonce, None))
    };
    assert_eq!(status(&webhook, post(&(query("1"), message.clone()))).await, 200);
    assert_eq!(status(&webhook, post(&(query("2"), message.clone()))).await, 200);
    let forged = message.replace("\"201\"", "\"209\"");
    assert_eq!(status(&webhook, post(&(query("2"), forged.clone()))).await, 401);
    // Another message under its own signature is no replay.
    assert_eq!(status(&webhook, post(&(query("3"), forged))).await, 200);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_dead_letter_is_kept_once_and_spends_its_signature() {
    let letters = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&letters);
    let (heard, handler) = keeping();
    let (refusals, eye) = watching();
    let webhook = building(Mode::Plain, handler)
        .on_refusal(eye)
        .dead_letters(move |_| {
            // The first time, the letter is not kept.
            let is_kept = counter.fetch_add(1, Ordering::Relaxed) > 0;
            async move { is_kept }
        })
        .build();
    let [(query, _), _] = exchangeable(Mode::Plain, "");
    let unreadable = r#"{"Event":"complaint_callback","complaint_order_id":["7"]}"#.to_owned();
    let letter = (query.clone(), unreadable.clone());
    assert_eq!(status(&webhook, post(&letter)).await, 500);
    for _ in 0..2 {
        assert_eq!(status(&webhook, post(&letter)).await, 200);
    }
    assert_eq!(letters.load(Ordering::Relaxed), 2);
    // Under one recorded query no other letter is kept, and no message is handed over.
    assert_eq!(status(&webhook, post(&(query.clone(), unreadable.replace('7', "8")))).await, 401);
    assert_eq!(status(&webhook, post(&(query, event(Format::Json)))).await, 401);
    assert_eq!((letters.load(Ordering::Relaxed), heard.lock().unwrap().len()), (2, 0));
    let names: Vec<_> = refusals.lock().unwrap().iter().map(PushRefusal::name).collect();
    assert_eq!(names, ["unreadable", "replayed", "replayed"]);
}
