//! Notifications that the simulated platform pushes, with every fault on their way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use platform_sandbox::{NewComplaint, NewViolation, NotificationFault, Signing, ViolationEvent};
use protocol_core::wechat_pay::{CreateViolationUrl, EventType, Resource, RiskType, Scheme};
use wechat_adapter::{Account, Notifications, Webhook};

use crate::world::{Inbox, PATIENCE as SETTLING, World, account, key_of, keyring, listen, patient, store};

#[tokio::test]
async fn what_happens_to_a_complaint_is_told() {
    let world = World::new().await;
    let inbox = Inbox::default();
    let webhook = Webhook::builder(Notifications::of(account(&world.sandbox)), store(), inbox.handler()).build();
    let listening = listen(&world.sandbox, patient(), webhook).await;
    world.client.ensure_notification_url(&listening.url).await.unwrap();
    let id = world.file();
    assert!(world.sandbox.settled(SETTLING).await);
    world.sandbox.user_message(&id, "在吗").unwrap();
    assert!(world.sandbox.settled(SETTLING).await);
    world.sandbox.user_continues(&id, "还没解决").unwrap();
    assert!(world.sandbox.settled(SETTLING).await);
    let events = inbox.events();
    for action in ["CREATE_COMPLAINT", "USER_RESPONSE", "CONTINUE_COMPLAINT"] {
        let event = (id.clone(), action.to_owned());
        assert_eq!(events.iter().filter(|seen| **seen == event).count(), 1, "{action} in {events:?}");
    }
}

#[tokio::test]
async fn violations_are_told_at_their_own_url() {
    let World { sandbox, client } = World::new().await;
    let inbox = Inbox::default();
    let webhook = Webhook::builder(Notifications::of(account(&sandbox)), store(), inbox.handler()).build();
    let listening = listen(&sandbox, patient(), webhook).await;
    sandbox.notify_violation(&NewViolation::default());
    assert!(sandbox.settled(SETTLING).await && sandbox.sent_notifications().is_empty(), "there is no URL yet");
    client.send(&CreateViolationUrl::new(&*listening.url)).await.unwrap();
    for (event, kind, fault) in [
        (ViolationEvent::Punish, EventType::ViolationPunish, NotificationFault::Duplicate),
        (ViolationEvent::Intercept, EventType::ViolationIntercept, NotificationFault::ForgedSignature),
        (ViolationEvent::Appeal, EventType::ViolationAppeal, NotificationFault::DuplicateAtOnce(4)),
    ] {
        sandbox.inject_notification(fault);
        let violation = NewViolation::default().with_event(event).with_sub_mchid("1900013511").with_punish_plan("限额");
        let record_id = sandbox.notify_violation(&violation);
        assert!(sandbox.settled(SETTLING).await, "{:?}", sandbox.sent_notifications());
        let received = inbox.take();
        let [told] = &*received else { panic!("one notification of {event:?}: {}", received.len()) };
        assert_eq!(told.notification.event_type, kind);
        let Resource::Violation(told) = &told.notification.resource else { panic!("a violation") };
        assert_eq!((told.record_id.as_deref(), told.sub_mchid.as_deref()), (Some(&*record_id), Some("1900013511")));
        assert_eq!((told.punish_plan.as_deref(), &told.risk_type), (Some("限额"), &Some(RiskType::TransactionDispute)));
        assert!(told.punish_time.as_ref().unwrap().to_unix().is_some());
        assert!(sandbox.sent_notifications().iter().any(|sent| sent.acknowledged && sent.record_id == record_id));
    }
    sandbox.file_complaint(NewComplaint::default());
    assert!(sandbox.settled(SETTLING).await && inbox.take().is_empty(), "complaints have another URL");
}

#[tokio::test]
async fn each_notification_is_delivered_once_whatever_comes_with_it() {
    let world = World::new().await;
    let inbox = Inbox::default();
    let webhook = Webhook::builder(Notifications::of(account(&world.sandbox)), store(), inbox.handler()).build();
    let listening = listen(&world.sandbox, patient(), webhook).await;
    world.client.ensure_notification_url(&listening.url).await.unwrap();
    let mut ids = Vec::new();
    for fault in [
        NotificationFault::Duplicate,
        NotificationFault::DuplicateAtOnce(8),
        NotificationFault::OutOfOrder,
        NotificationFault::ForgedSignature,
        NotificationFault::Probe,
        NotificationFault::UnknownSerial,
        NotificationFault::Stale,
        NotificationFault::NoSignature,
        NotificationFault::WrongKey,
        NotificationFault::ChangedBody,
    ] {
        world.sandbox.inject_notification(fault);
        ids.push(world.file());
    }
    ids.push(world.file());
    assert!(world.sandbox.settled(SETTLING).await, "{:?}", world.sandbox.sent_notifications());
    let mut delivered: Vec<_> = inbox.events().into_iter().map(|(id, _)| id).collect();
    delivered.sort();
    ids.sort();
    assert_eq!(delivered, ids);
    // The spoiled copies were refused, and no others.
    for sent in world.sandbox.sent_notifications() {
        let spoiled = matches!(
            sent.fault,
            Some(
                NotificationFault::ForgedSignature
                    | NotificationFault::Probe
                    | NotificationFault::UnknownSerial
                    | NotificationFault::Stale
                    | NotificationFault::NoSignature
                    | NotificationFault::WrongKey
                    | NotificationFault::ChangedBody
            )
        );
        assert!(!(spoiled && sent.acknowledged), "{sent:?}");
    }
}

#[tokio::test]
async fn a_service_that_comes_back_gets_what_it_missed() {
    let world = World::new().await;
    let calls = Arc::new(AtomicUsize::new(0));
    let (inbox, counter) = (Inbox::default(), Arc::clone(&calls));
    let stores = inbox.handler();
    let webhook = Webhook::builder(Notifications::of(account(&world.sandbox)), store(), move |received| {
        // The database is away for the first three calls.
        let fails = counter.fetch_add(1, Ordering::Relaxed) < 3;
        let stored = (!fails).then(|| stores(received));
        async move { if stored.is_some() { Ok(()) } else { Err("away") } }
    })
    .build();
    let listening = listen(&world.sandbox, patient(), webhook).await;
    world.client.ensure_notification_url(&listening.url).await.unwrap();
    let id = world.file();
    assert!(world.sandbox.settled(SETTLING).await);
    assert_eq!(inbox.events(), [(id, "CREATE_COMPLAINT".to_owned())]);
    assert_eq!(
        world.sandbox.sent_notifications().iter().map(|sent| sent.status).collect::<Vec<_>>(),
        [Some(500), Some(500), Some(500), Some(204)]
    );
}

#[tokio::test]
async fn keys_change_while_notifications_come() {
    let world = World::patient().await;
    let sandbox = &world.sandbox;
    let keys = keyring(&sandbox.platform_key());
    let certified = crate::world::builder(sandbox, sandbox.merchant(), None)
        .keys(Arc::clone(&keys))
        .certificates(key_of(sandbox.merchant()))
        .build_over(crate::world::transport(sandbox));
    let inbox = Inbox::default();
    let merchant = Account::new(&*sandbox.merchant().mchid, keys, key_of(sandbox.merchant()));
    let webhook = Webhook::builder(Notifications::of(merchant), store(), inbox.handler()).build();
    let listening = listen(sandbox, patient(), webhook).await;
    world.client.ensure_notification_url(&listening.url).await.unwrap();
    world.file();
    sandbox.settled(SETTLING).await;
    // A certificate that was not fetched yet: refused, until the keeper fetches it.
    sandbox.set_response_signing(Signing::Certificate);
    world.file();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!((inbox.ids().len(), world.asked("list_certificates")), (1, 0));
    certified.refresh_certificates().await.unwrap();
    assert!(sandbox.settled(SETTLING).await);
    assert_eq!(inbox.ids().len(), 2);
}

#[tokio::test]
async fn merchants_of_both_algorithms_share_a_listener() {
    let world = World::new().await;
    let sandbox = &world.sandbox;
    let sm = sandbox.add_merchant(Scheme::Sm2).unwrap();
    let sm_client = crate::world::client(sandbox, &sm, Some(&sandbox.sm_platform_key()));
    let inbox = Inbox::default();
    let other = Account::new(&*sm.mchid, keyring(&sandbox.sm_platform_key()), key_of(&sm));
    let notifications = Notifications::of(account(sandbox)).account(other).unwrap();
    let webhook = Webhook::builder(notifications, store(), inbox.handler()).build();
    let listening = listen(sandbox, patient(), webhook).await;
    for client in [&world.client, &sm_client] {
        client.ensure_notification_url(&listening.url).await.unwrap();
    }
    let first = world.file();
    let second = sandbox.file_complaint(NewComplaint::default().with_merchant(&sm));
    assert!(sandbox.settled(SETTLING).await, "{:?}", sandbox.sent_notifications());
    let mut seen: Vec<_> = inbox.events().into_iter().map(|(id, _)| id).collect();
    seen.sort();
    let mut filed = vec![first, second];
    filed.sort();
    assert_eq!(seen, filed);
}
