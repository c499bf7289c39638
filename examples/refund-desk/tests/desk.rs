//! How to test a service of yours: start the platforms, file what you need, let something go wrong,
//! look at what the platforms have.
//!
//! `Sandbox` is the platforms' side. Everything a payer does is a method (`file_complaint`,
//! `user_message`, `user_continues`, `refund_received`), everything that can go wrong is a `Fault`
//! that waits for an operation, and what your service did is read from `history`, `complaint` and
//! `requests`: from the platforms, not from your service's own account of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers fail by panicking"
)]

use std::time::Duration;

use http_transport::{ClientConfig, HttpsClient, Roots};
use platform_sandbox::{Fault, FaultKind, NewComplaint, Sandbox, SandboxConfig};
use protocol_core::channel::ComplaintChannel;
use protocol_core::crypto::{Keyring, PrivateKey, PublicKey};
use protocol_core::wechat_pay::{ListComplaints, Respond, UpdateRefundProgress};
use protocol_core::{allinpay, wechat_pay};
use refund_desk::{Day, Desk};

const GREETING: &str = "您好，已收到您的投诉。";
const LIMIT: i64 = 5_000;

/// Far longer than anything here takes: a test does not fail where the machine is busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// A transport that trusts the simulated platforms.
fn transport(sandbox: &Sandbox, deadline: Duration) -> HttpsClient {
    let roots = Roots::Pem(sandbox.root_certificate().into());
    let config = ClientConfig::default().with_roots(roots).with_connect_timeout(PATIENCE);
    HttpsClient::new(config.with_deadline(deadline)).unwrap()
}

/// The desk at WeChat Pay, as the sandbox's default merchant.
fn wechat_pay_desk(sandbox: &Sandbox) -> Desk<wechat_adapter::Client> {
    wechat_pay_desk_within(sandbox, PATIENCE)
}

/// The same, where each request has so much time.
fn wechat_pay_desk_within(sandbox: &Sandbox, deadline: Duration) -> Desk<wechat_adapter::Client> {
    let (account, platform) = (sandbox.merchant(), sandbox.platform_key());
    let keys = Keyring::new();
    let key = PublicKey::read(platform.public_key_pem.as_bytes()).unwrap();
    keys.insert(&platform.id, wechat_pay::verifier(&key).unwrap());
    let merchant = wechat_pay::Merchant::new(&*account.mchid, &*account.serial_no, account.scheme).unwrap();
    let signer = wechat_pay::signer(&PrivateKey::read(account.private_key_pem.as_bytes()).unwrap()).unwrap();
    let client = wechat_adapter::Client::builder(merchant.with_platform_key(platform.id).unwrap(), signer)
        .keys(keys.into())
        .origins([sandbox.base_url()])
        // A test does not wait seconds before it looks whether a reply arrived.
        .recheck_delays([Duration::from_millis(50); 2])
        .build_over(transport(sandbox, deadline));
    Desk::new(client, LIMIT, GREETING.to_owned())
}

/// The desk at Allinpay.
fn allinpay_desk(sandbox: &Sandbox) -> Desk<allinpay_adapter::Client> {
    let account = sandbox.allinpay();
    let merchant = allinpay::Merchant::new(&*account.appid, &*account.cusid, account.sign_type).unwrap();
    let private_key = PrivateKey::read(account.private_key.as_bytes()).unwrap();
    let signer = allinpay::signer(&private_key, &account.appid).unwrap();
    let verifier = allinpay::verifier(&PublicKey::read(account.platform_key.as_bytes()).unwrap()).unwrap();
    let client = allinpay_adapter::Client::builder(merchant, signer, verifier)
        .base_url(&format!("{}/cusapi", sandbox.base_url()))
        .build_over(transport(sandbox, PATIENCE));
    Desk::new(client, LIMIT, GREETING.to_owned())
}

async fn sandbox() -> Sandbox {
    Sandbox::start(SandboxConfig::default()).await.unwrap()
}

async fn attend<C: ComplaintChannel>(desk: &Desk<C>) -> Day {
    let day = |days: i64| {
        let time = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
        jiff::tz::Offset::constant(8).to_datetime(time).date().to_string()
    };
    desk.attend(&day(-7), &day(0)).await.unwrap()
}

/// How often a complaint's history says so: the platform's word.
fn written(sandbox: &Sandbox, complaint_id: &str, operate_type: &str) -> usize {
    sandbox.history(complaint_id).iter().filter(|entry| entry["operate_type"] == operate_type).count()
}

#[tokio::test]
async fn payers_are_greeted_once_and_small_refunds_approved_once() {
    let sandbox = sandbox().await;
    let desk = wechat_pay_desk(&sandbox);
    let small = sandbox.file_complaint(NewComplaint::default().with_amount(5_000).with_refund(5_000));
    let large = sandbox.file_complaint(NewComplaint::default().with_amount(5_001).with_refund(5_001));
    let other = sandbox.file_complaint(NewComplaint::default());

    assert_eq!(attend(&desk).await, Day { greeted: 3, approved: vec![small.clone()], ..Day::default() });
    sandbox.refund_received(&small).unwrap();
    assert_eq!(attend(&desk).await, Day::default(), "the second round finds nothing to do");
    for id in [&small, &large, &other] {
        assert_eq!(written(&sandbox, id, "MERCHANT_RESPONSE"), 1);
        assert_eq!(written(&sandbox, id, "MERCHANT_APPROVE_REFUND"), usize::from(*id == small));
    }
}

#[tokio::test]
async fn the_same_desk_works_at_allinpay() {
    let sandbox = sandbox().await;
    let desk = allinpay_desk(&sandbox);
    let new = NewComplaint::default().with_amount(100).with_refund(100);
    let id = sandbox.file_allinpay_complaint(new, &sandbox.allinpay().cusid).unwrap();
    assert_eq!(attend(&desk).await, Day { greeted: 1, approved: vec![id.clone()], ..Day::default() });
    sandbox.refund_received(&id).unwrap();
    assert_eq!(attend(&desk).await, Day::default());
    assert_eq!(written(&sandbox, &id, "MERCHANT_RESPONSE"), 1);
}

/// The payer was told that it comes; the process that died over it told no other.
#[tokio::test]
async fn a_refund_that_was_promised_is_named_until_it_arrived() {
    let sandbox = sandbox().await;
    let wechat_pay = wechat_pay_desk(&sandbox);
    let refund = || NewComplaint::default().with_amount(100).with_refund(100);
    let id = sandbox.file_complaint(refund());
    // The platform does it, and the process dies before it returns: the result of its round is
    // lost.
    drop(attend(&wechat_pay).await);
    let promised = Day { approved: vec![id.clone()], ..Day::default() };
    assert_eq!(attend(&wechat_pay).await, promised);
    // The same where its response is lost.
    let lost = sandbox.file_complaint(refund());
    sandbox.inject(Fault::once(FaultKind::DropConnection).on::<UpdateRefundProgress>().after_effect());
    attend(&wechat_pay).await;
    let day = attend(&wechat_pay).await;
    assert!(day.approved.contains(&id) && day.approved.contains(&lost), "{day:?}");
    for id in [&id, &lost] {
        assert_eq!(written(&sandbox, id, "MERCHANT_APPROVE_REFUND"), 1);
        sandbox.refund_received(id).unwrap();
    }
    assert_eq!(attend(&wechat_pay).await, Day::default());
    // Of a part of the price as well, whatever the complaint is told to be later.
    let part = sandbox.file_complaint(NewComplaint::default().with_amount(300).with_refund(100));
    assert_eq!(attend(&wechat_pay).await.approved, [part.as_str()]);
    sandbox.refund_received(&part).unwrap();
    assert_eq!(sandbox.complaint(&part).unwrap()["complaint_full_refunded"], false);
    sandbox.user_continues(&part, "还是不满意").unwrap();
    assert_eq!(attend(&wechat_pay).await.approved, [""; 0]);

    let allinpay = allinpay_desk(&sandbox);
    let id = sandbox.file_allinpay_complaint(refund(), &sandbox.allinpay().cusid).unwrap();
    drop(attend(&allinpay).await);
    assert_eq!(attend(&allinpay).await, Day { approved: vec![id.clone()], ..Day::default() });
    assert_eq!(written(&sandbox, &id, "MERCHANT_APPROVE_REFUND"), 1);
}

/// The worst of them: the platform did it, and its response never came. A service that sends again
/// greets twice.
#[tokio::test]
async fn a_response_that_is_lost_does_not_greet_twice() {
    let sandbox = sandbox().await;
    let patient = wechat_pay_desk(&sandbox);
    // Only where the response never comes has the deadline to be short.
    let hasty = wechat_pay_desk_within(&sandbox, Duration::from_secs(5));
    let faults = [
        (FaultKind::DropConnection, &patient),
        (FaultKind::ForgedSignature, &patient),
        (FaultKind::GatewayHtml(502), &patient),
        (FaultKind::SlowResponse(PATIENCE), &hasty),
    ];
    for (fault, desk) in faults {
        let id = sandbox.file_complaint(NewComplaint::default());
        sandbox.inject(Fault::once(fault.clone()).on::<Respond>().after_effect());
        assert_eq!(attend(desk).await.greeted, 1, "{fault:?}: found in the history");
        assert_eq!(written(&sandbox, &id, "MERCHANT_RESPONSE"), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_request_that_never_arrived_is_sent_again() {
    let sandbox = sandbox().await;
    let desk = wechat_pay_desk(&sandbox);
    let id = sandbox.file_complaint(NewComplaint::default());
    sandbox.inject(Fault::once(FaultKind::DropConnection).on::<Respond>());
    assert_eq!(attend(&desk).await.greeted, 1);
    assert_eq!(written(&sandbox, &id, "MERCHANT_RESPONSE"), 1);
}

#[tokio::test]
async fn one_complaint_that_fails_keeps_no_other_waiting() {
    let sandbox = sandbox().await;
    let desk = wechat_pay_desk(&sandbox);
    let ids = [(); 3].map(|()| sandbox.file_complaint(NewComplaint::default()));
    // As often as the client tries: the first complaint's reply is refused for good.
    let refused = FaultKind::RateLimited { retry_after: None, signed: true };
    sandbox.inject(Fault::once(refused).on::<Respond>().times(3));
    let day = attend(&desk).await;
    assert_eq!((day.greeted, day.left.len(), day.unclear.len()), (2, 1, 0), "{day:?}");
    assert_eq!(attend(&desk).await.greeted, 1, "the next round catches up");
    assert!(ids.iter().all(|id| written(&sandbox, id, "MERCHANT_RESPONSE") == 1));
}

#[tokio::test]
async fn an_unsigned_list_moves_the_desk_to_nothing() {
    let sandbox = sandbox().await;
    let desk = wechat_pay_desk(&sandbox);
    let id = sandbox.file_complaint(NewComplaint::default().with_amount(1).with_refund(1));
    sandbox.inject(Fault::once(FaultKind::ForgedSignature).on::<ListComplaints>());
    assert!(desk.attend("2026-01-01", "2026-01-02").await.is_err());
    assert_eq!(written(&sandbox, &id, "MERCHANT_RESPONSE"), 0);
    assert!(sandbox.requests().iter().all(|request| request.operation == "list_complaints"));
}
