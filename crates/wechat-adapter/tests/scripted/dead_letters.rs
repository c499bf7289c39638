//! Notifications that are the platform's but cannot be read: kept and acknowledged, or refused.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use protocol_core::crypto::ApiV3Key;
use protocol_core::limits::MAX_ID;
use wechat_adapter::{Account, Notifications, Received, Unreadable, WebhookBuilder, WebhookError, WebhookTimeouts};

use crate::platform::{KEY_ID, NOW, api_v3_key, keys};
use crate::webhook::{MCHID, account, body, building, building_for, dated, request, sealing, status};

type Building<H, D> = WebhookBuilder<Notifications, H, D>;

type Letters = Arc<Mutex<Vec<Unreadable>>>;

/// Keeps every letter it is given, if it does.
fn keeping<H, D>(builder: Building<H, D>, kept: Option<bool>) -> (Building<H, D>, Letters)
where
    H: wechat_adapter::Handler<Received>,
    D: protocol_core::replay::Deduplicate + 'static,
{
    let letters = Letters::default();
    let tray = Arc::clone(&letters);
    let builder = builder.dead_letters(move |letter| {
        tray.lock().unwrap().push(letter);
        async move {
            match kept {
                Some(kept) => kept,
                None => std::future::pending().await,
            }
        }
    });
    (builder, letters)
}

/// A handler that no unreadable notification may reach.
fn unreached(received: Received) -> std::future::Ready<Result<(), Infallible>> {
    panic!("delivered: {received:?}")
}

#[tokio::test]
async fn a_notification_that_cannot_be_read_is_acknowledged_once_it_is_kept() {
    let long = format!(r#"{{"complaint_id":"{}"}}"#, "1".repeat(MAX_ID + 1));
    for (resource, number) in [
        (r#"{"complaint_id":""}"#, None),
        (&*long, None),
        (r#"{"complaint_id":"1","complaint_id":"2"}"#, None),
        (r#"[{"complaint_id":"1"},{"complaint_id":"2"}]"#, None),
        (r#"{"complaint_id":"7","complaint_detail":"canary"s words"}"#, Some("7")),
    ] {
        let (builder, letters) = keeping(building(unreached), Some(true));
        let body = sealing("EV-1", &api_v3_key(), resource.as_bytes());
        assert_eq!(status(&builder.build(), request(&body)).await, 204, "{resource}");
        let letters = letters.lock().unwrap();
        let [Unreadable { mchid, notification, .. }] = &letters[..] else { panic!("{letters:?}") };
        assert_eq!((mchid.as_deref(), notification.id.as_deref()), (Some(MCHID), Some("EV-1")));
        assert_eq!(notification.complaint_id.as_deref(), number);
        assert_eq!((notification.document.expose().as_str(), notification.is_sealed), (resource, false));
        assert!(!format!("{letters:?}").contains("canary"), "{letters:?}");
    }
    // An envelope, unchanged.
    for body in [r#"{"id":"EV-1","resource":[]}"#, "<html>", "{}"] {
        let (builder, letters) = keeping(building(unreached), Some(true));
        assert_eq!(status(&builder.build(), request(body)).await, 204, "{body}");
        let letters = letters.lock().unwrap();
        let [Unreadable { mchid, notification, .. }] = &letters[..] else { panic!("{letters:?}") };
        assert_eq!((mchid.as_deref(), notification.is_sealed), (Some(MCHID), true));
        assert_eq!(notification.document.expose(), body);
    }
}

#[tokio::test]
async fn copies_are_one_letter() {
    let other_key = Arc::new(ApiV3Key::new(&[b'x'; 32]).unwrap());
    // One merchant; two, of which an envelope that cannot be read names none.
    for others in [None, Some(Account::new("other", keys(), other_key))] {
        let notifications = others.into_iter().try_fold(Notifications::of(account()), Notifications::account);
        let (builder, letters) = keeping(building_for(notifications.unwrap(), unreached), Some(true));
        let webhook = builder.build();
        let sealed = |nonce_apart: &[u8]| sealing("EV-1", &api_v3_key(), nonce_apart);
        // Copies with one id are one letter, whatever their content; without an id, copies of the
        // same content are.
        let notifications =
            [sealed(b"{}"), sealed(b"[]"), r#"{"id":"EV-2","resource":[]}"#.into(), "{}".into(), "{ }".into()];
        for _ in 0..2 {
            for notification in &notifications {
                assert_eq!(status(&webhook, request(notification)).await, 204);
            }
        }
        let mut documents: Vec<_> =
            letters.lock().unwrap().iter().map(|letter| letter.notification.document.expose().clone()).collect();
        documents.sort();
        assert_eq!(documents, ["{ }", r#"{"id":"EV-2","resource":[]}"#, "{}", "{}"]);
    }
}

#[tokio::test]
async fn a_letter_that_was_not_kept_comes_again() {
    let tries = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&tries);
    let builder = building(unreached).dead_letters(move |_| {
        let mut tries = counter.lock().unwrap();
        *tries += 1;
        std::future::ready(*tries > 1)
    });
    let webhook = builder.build();
    for expected in [500, 204, 204] {
        assert_eq!(status(&webhook, request("{}")).await, expected);
    }
    assert_eq!(*tries.lock().unwrap(), 2);
}

#[tokio::test]
async fn what_still_reads_one_way_is_delivered() {
    let long = format!(r#"{{"complaint_id":"{}"}}"#, "1".repeat(MAX_ID));
    for resource in [
        r#"[{"complaint_id":"1"}]"#,
        r#"{"complaint_id":"1","complaint_id":"1"}"#,
        r#"{"amount":{"a":1},"action_type":["b"],"complaint_time":7,"complaint_id":"1"}"#,
        &long,
    ] {
        let heard = Arc::new(Mutex::new(0));
        let ear = Arc::clone(&heard);
        let handler = move |_: Received| {
            *ear.lock().unwrap() += 1;
            async { Ok::<(), Infallible>(()) }
        };
        let (builder, letters) = keeping(building(handler), Some(true));
        let body = sealing("EV-1", &api_v3_key(), resource.as_bytes());
        assert_eq!(status(&builder.build(), request(&body)).await, 204, "{resource}");
        assert_eq!((*heard.lock().unwrap(), letters.lock().unwrap().len()), (1, 0), "{resource}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_is_not_kept_is_not_acknowledged() {
    let body = sealing("EV-1", &api_v3_key(), b"{}");
    let watched = |builder: Building<_, _>| {
        let refusals = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&refusals);
        (builder.on_refusal(move |refusal| seen.lock().unwrap().push(refusal.clone())), refusals)
    };
    // Not kept; not in time; no keeper.
    for kept in [Some(false), None] {
        let timeouts = WebhookTimeouts::default().with_handler(Duration::from_secs(3));
        let (builder, letters) = keeping(building(unreached).timeouts(timeouts), kept);
        let (builder, refusals) = watched(builder);
        assert_eq!(status(&builder.build(), request(&body)).await, 500);
        assert_eq!((letters.lock().unwrap().len(), refusals.lock().unwrap().len()), (1, 1));
    }
    let (builder, refusals) = watched(building(unreached));
    assert_eq!(status(&builder.build(), request(&body)).await, 500);
    let refusals = refusals.lock().unwrap();
    assert!(matches!(&refusals[..], [WebhookError::Unreadable(_)]) && refusals[0].wants_attention(), "{refusals:?}");
}

#[tokio::test]
async fn what_is_not_proven_or_may_yet_open_is_no_letter() {
    let (builder, letters) = keeping(building(unreached), Some(true));
    let webhook = builder.build();
    // The APIv3 key is another one: it can be mended before the platform gives up.
    let other_key = ApiV3Key::new(&[b'x'; 32]).unwrap();
    assert_eq!(status(&webhook, request(&body("EV-1", &other_key))).await, 500);
    let unread = sealing("EV-1", &api_v3_key(), b"{}");
    let mut forged = request(&unread);
    forged.headers_mut().insert("Wechatpay-Nonce", "x".parse().unwrap());
    assert_eq!(status(&webhook, forged).await, 401);
    assert_eq!(status(&webhook, dated(&unread, NOW.plus(300), KEY_ID)).await, 401);
    assert_eq!(letters.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_letter_that_may_be_for_several_merchants_names_none() {
    let other_key = Arc::new(ApiV3Key::new(&[b'x'; 32]).unwrap());
    let other = |mchid: &str| Account::new(mchid, keys(), Arc::clone(&other_key));
    let both = Notifications::of(account()).account(other("other")).unwrap();
    let (builder, letters) = keeping(building_for(both, unreached), Some(true));
    let webhook = builder.build();
    assert_eq!(status(&webhook, request("{}")).await, 204);
    assert_eq!(status(&webhook, request(&sealing("EV-1", &other_key, b"{}"))).await, 204);
    let mchids: Vec<_> = letters.lock().unwrap().iter().map(|letter| letter.mchid.clone()).collect();
    assert_eq!(mchids, [None, Some("other".into())]);
    // One merchant with its last APIv3 key and its present one is one merchant.
    let rotating = Notifications::of(account()).account(other(MCHID)).unwrap();
    let (builder, letters) = keeping(building_for(rotating, unreached), Some(true));
    assert_eq!(status(&builder.build(), request("{}")).await, 204);
    assert_eq!(letters.lock().unwrap()[0].mchid.as_deref(), Some(MCHID));
}
