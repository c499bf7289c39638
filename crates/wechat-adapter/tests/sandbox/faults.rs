//! Each fault, with the right outcome: no message is lost, no act happens twice, and the error says
//! what happened.

use std::time::{Duration, Instant};

use platform_sandbox::{Fault, FaultKind, NewComplaint};
use protocol_core::wechat_pay::{
    Complete, CreateNotificationUrl, DownloadImage, GetComplaint, RefusalProof, Respond, ResponseError,
    VerificationError,
};
use protocol_core::{Delivery, Fault as Whose};
use wechat_adapter::{Effect, Error};

use crate::world::{QUICK, World, builder, get, transport_within};

const MERCHANT_RESPONSE: &str = "MERCHANT_RESPONSE";

/// Faults that may pass: a read is repeated until it succeeds.
fn passing() -> Vec<FaultKind> {
    vec![
        FaultKind::DropConnection,
        FaultKind::SlowResponse(Duration::from_millis(100)),
        FaultKind::SlowBody(Duration::from_millis(100)),
        FaultKind::TruncatedBody,
        FaultKind::Probe,
        FaultKind::RateLimited { retry_after: None, signed: true },
        FaultKind::RateLimited { retry_after: Some(1), signed: false },
        FaultKind::ServerError,
        FaultKind::GatewayHtml(502),
        FaultKind::GatewayHtml(503),
        FaultKind::EmptyBody(504),
        FaultKind::Status202,
    ]
}

/// Faults that do not pass by themselves: they are reported at once.
fn lasting() -> Vec<FaultKind> {
    vec![
        FaultKind::ForgedSignature,
        FaultKind::NoSignature,
        FaultKind::UnknownSerial,
        FaultKind::StaleTimestamp,
        FaultKind::MalformedJson,
        FaultKind::OversizeBody(9 * 1024 * 1024),
        FaultKind::GatewayHtml(404),
        FaultKind::RateLimited { retry_after: Some(3600), signed: true },
    ]
}

#[tokio::test]
async fn a_read_gets_over_what_passes() {
    let world = World::new().await;
    let id = world.file();
    for kind in passing() {
        world.sandbox.inject(Fault::once(kind.clone()).on::<GetComplaint>());
        let complaint = world.client.send(&get(&id)).await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        assert_eq!(complaint.complaint_id, id);
    }
}

#[tokio::test]
async fn a_read_tells_what_lasts() {
    let world = World::new().await;
    let id = world.file();
    for kind in lasting() {
        let before = world.asked("get_complaint");
        world.sandbox.inject(Fault::once(kind.clone()).on::<GetComplaint>());
        let error = world.client.send(&get(&id)).await.unwrap_err();
        assert!(!error.to_string().is_empty());
        assert_eq!(world.asked("get_complaint"), before + 1, "{kind:?}: {error}");
        if kind == FaultKind::NoSignature {
            let missing = VerificationError::MissingHeader("Wechatpay-Timestamp");
            assert!(matches!(&error, Error::Response(ResponseError::Verification(it)) if *it == missing), "{error:?}");
        }
    }
}

#[tokio::test]
async fn faults_that_never_pass_end_the_call() {
    let world = World::new().await;
    let id = world.file();
    for kind in [FaultKind::DropConnection, FaultKind::ServerError, FaultKind::GatewayHtml(502)] {
        let before = world.asked("get_complaint");
        world.sandbox.inject(Fault::once(kind.clone()).on::<GetComplaint>().times(3));
        let error = world.client.send(&get(&id)).await.unwrap_err();
        assert_eq!(
            (error.failure().delivery, world.asked("get_complaint")),
            (Delivery::Unknown, before + 3),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn a_platform_that_never_responses_is_waited_for_no_longer_than_the_deadline() {
    const DEADLINE: Duration = Duration::from_secs(2);
    const NEVER: Duration = Duration::from_secs(3600);
    let world = World::new().await;
    let id = world.file();
    // On a machine that stalls, a read may miss its deadline more than once.
    let client = builder(&world.sandbox, world.sandbox.merchant(), Some(&world.sandbox.platform_key()))
        .retry(QUICK.with_attempts(10))
        .build_over(transport_within(&world.sandbox, DEADLINE));
    // The connection stands.
    client.send(&get(&id)).await.unwrap();
    let began = Instant::now();
    // A bare `respond` is not sent again: it took effect, and the caller does not know.
    world.sandbox.inject(Fault::once(FaultKind::SlowResponse(NEVER)).on::<Respond>());
    let error = client.send_without_looking(&world.respond(&id, "x")).await.unwrap_err();
    assert_eq!((error.failure().delivery, error.failure().fault), (Delivery::Unknown, Whose::Network));
    assert!(began.elapsed() >= DEADLINE);
    assert_eq!((world.asked("respond"), world.written(&id, MERCHANT_RESPONSE)), (1, 1));
    // A body that stops counts as no response; a read is retried.
    let before = world.asked("get_complaint");
    world.sandbox.inject(Fault::once(FaultKind::SlowBody(NEVER)).on::<GetComplaint>());
    let began = Instant::now();
    client.send(&get(&id)).await.unwrap();
    assert!(began.elapsed() >= DEADLINE);
    assert!(world.asked("get_complaint") >= before + 2);
}

#[tokio::test]
async fn a_reply_is_written_exactly_once_whatever_happens_to_its_response() {
    let world = World::new().await;
    for kind in passing().into_iter().chain(lasting()) {
        for after_effect in [false, true] {
            if after_effect && matches!(kind, FaultKind::RateLimited { signed: true, .. }) {
                // No client can detect a refusal that the platform signs and does not mean.
                continue;
            }
            let id = world.file();
            let fault = Fault::once(kind.clone()).on::<Respond>();
            world.sandbox.inject(if after_effect { fault.after_effect() } else { fault });
            let outcome = world.client.send(&world.respond(&id, "已退款")).await;
            let written = world.written(&id, MERCHANT_RESPONSE);
            let refused =
                matches!(kind, FaultKind::GatewayHtml(404) | FaultKind::RateLimited { retry_after: Some(3600), .. });
            match outcome {
                Ok(effect) => {
                    assert_eq!(written, 1, "{kind:?} after effect: {after_effect}");
                    let plain = matches!(
                        kind,
                        FaultKind::SlowResponse(_)
                            | FaultKind::SlowBody(_)
                            | FaultKind::TruncatedBody
                            | FaultKind::MalformedJson
                    );
                    if after_effect && !plain {
                        assert_eq!(effect, Effect::Found, "{kind:?}");
                    }
                }
                // The platform said that it is not finished: the outcome stays unknown, and the act
                // is not sent again.
                Err(error) if kind == FaultKind::Status202 && !after_effect => {
                    assert_eq!((error.failure().delivery, written), (Delivery::Unknown, 0));
                }
                Err(error) => {
                    assert!(refused, "{kind:?} after effect: {after_effect}: {error}");
                    assert_eq!(written, usize::from(after_effect), "{kind:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn completing_survives_every_fault() {
    let world = World::new().await;
    for kind in passing() {
        for after_effect in [false, true] {
            let lies = after_effect && matches!(kind, FaultKind::RateLimited { signed: true, .. });
            let never_comes = !after_effect && kind == FaultKind::Status202;
            if lies || never_comes {
                continue;
            }
            let id = world.file();
            world.client.send(&world.respond(&id, "您好")).await.unwrap();
            let fault = Fault::once(kind.clone()).on::<Complete>();
            world.sandbox.inject(if after_effect { fault.after_effect() } else { fault });
            world.client.send(&world.complete(&id)).await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
            assert_eq!(world.written(&id, "MERCHANT_CONFIRM_COMPLETE"), 1, "{kind:?} after effect: {after_effect}");
        }
    }
}

#[tokio::test]
async fn the_url_is_ensured_through_every_fault() {
    let world = World::new().await;
    for kind in passing() {
        for operation in ["query_notification_url", "create_notification_url", "update_notification_url"] {
            for after_effect in [false, true] {
                world.client.delete_notification_url().await.unwrap();
                if operation == "update_notification_url" {
                    let other = CreateNotificationUrl::new("https://merchant.example/other");
                    world.client.send(&other).await.unwrap();
                }
                let fault = Fault::once(kind.clone()).on_named(operation).unwrap();
                world.sandbox.inject(if after_effect { fault.after_effect() } else { fault });
                let wanted = "https://merchant.example/notify";
                let ensured = world.client.ensure_notification_url(wanted).await;
                let ensured = ensured.unwrap_or_else(|error| panic!("{kind:?} on {operation}: {error}"));
                assert_eq!(ensured.url, wanted);
                assert_eq!(world.sandbox.notification_url(&world.sandbox.merchant().mchid).as_deref(), Some(wanted));
            }
        }
    }
}

#[tokio::test]
async fn an_oversize_response_is_not_read_to_its_end() {
    let world = World::new().await;
    let id = world.file();
    world.sandbox.inject(Fault::once(FaultKind::OversizeBody(32 * 1024 * 1024)).on::<GetComplaint>());
    let error = world.client.send(&get(&id)).await.unwrap_err();
    assert!(error.to_string().contains("8388608"), "{error}");
}

#[tokio::test]
async fn a_pictures_faults_are_its_own() {
    let world = World::new().await;
    let picture = [b"\xff\xd8\xff".as_slice(), &[7; 100_000]].concat();
    let id = world.sandbox.file_complaint(NewComplaint::default().with_image(picture.clone()));
    let complaint = world.client.send(&get(&id)).await.unwrap();
    let download = DownloadImage::from_media_url(complaint.complaint_media_list[0].media_url[0].expose()).unwrap();
    for kind in [FaultKind::TruncatedBody, FaultKind::DropConnection, FaultKind::GatewayHtml(502)] {
        world.sandbox.inject(Fault::once(kind).on::<DownloadImage>());
        let image = world.client.send(&download).await.unwrap();
        assert_eq!(*image.peek().bytes.expose(), picture, "never a part of it");
    }
    // A gateway's page with status 200 is no picture.
    world.sandbox.inject(Fault::once(FaultKind::GatewayHtml(200)).on::<DownloadImage>());
    let error = world.client.send(&download).await.unwrap_err();
    assert!(matches!(error, Error::Response(ResponseError::Malformed(_))), "{error:?}");
}

#[tokio::test]
async fn refusals_under_a_forged_signature_are_unproven_refusals() {
    let world = World::new().await;
    world.sandbox.inject(Fault::once(FaultKind::ForgedSignature).on::<GetComplaint>());
    let error = world.client.send(&get("200000000000000000000000000")).await.unwrap_err();
    match &error {
        Error::Response(ResponseError::Rejected {
            proof: RefusalProof::Failed(VerificationError::BadSignature),
            ..
        }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(error.failure().delivery, Delivery::Unknown);
}
