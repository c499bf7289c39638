//! A configuration is read again as a whole, or not at all.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::Arc;

use allinpay_adapter::Noticed;
use bytes::Bytes;
use complaint_channels::{LiveChannels, SettingErrorKind};
use http_body_util::Full;
use platform_sandbox::{NewAlipayComplaint, NewComplaint, Sandbox, SignedNotification};
use protocol_core::replay::MemoryDeduplicate;
use protocol_core::wechat_pay::Scheme;
use tower_service::Service as _;
use wechat_adapter::webhook_service::{Replaceable, Webhook};
use wechat_adapter::{Notifications, Received};

use crate::folder::{configured, two_merchants};

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_changes_nothing_and_says_so() {
    let (_sandbox, [first, _], folder) = two_merchants().await;
    let live = LiveChannels::from_file(folder.configuration()).unwrap();
    let before = live.current();
    let text = folder.text();
    let key = std::fs::read(folder.path().join(format!("{}.pem", first.mchid))).unwrap();
    folder.write("complaints.toml", format!("{text}\n[allinpay]\ncusid = 5\n"));
    let error = live.reload().unwrap_err();
    let line = text.lines().count() + 3;
    assert!(error.to_string().contains(&format!("complaints.toml: line {line}: `cusid`")), "{error}");
    folder.write("complaints.toml", &text);
    folder.write(&format!("{}.pem", first.mchid), &key[..key.len() / 2]);
    let error = live.reload().unwrap_err();
    assert_eq!(error.kind(), SettingErrorKind::Value);
    assert!(error.to_string().contains(&format!("[wechat-pay] {}: private_key: ", first.mchid)), "{error}");
    std::fs::remove_file(folder.configuration()).unwrap();
    assert_eq!(live.reload().unwrap_err().kind(), SettingErrorKind::File);
    assert!(Arc::ptr_eq(&before, &live.current()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_a_reload_changes_with_it_or_not_at_all() {
    use std::sync::atomic::{AtomicUsize, Ordering};

    let (_sandbox, _, folder) = two_merchants().await;
    let live = LiveChannels::from_file(folder.configuration()).unwrap();
    let changes = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&changes);
    live.follow(move |_, _| {
        let counted = Arc::clone(&counted);
        Ok(move || _ = counted.fetch_add(1, Ordering::SeqCst))
    });
    live.follow(|settings, _| settings.serve().webhooks().map(|_| || ()));
    live.reload().unwrap();
    assert_eq!(changes.load(Ordering::SeqCst), 1);
    let before = live.current();
    let text = folder.text();
    folder.write("complaints.toml", format!("{text}\n[serve]\nwebhooks = \"canary\"\n"));
    assert!(live.reload().unwrap_err().to_string().starts_with("[serve]: `webhooks`"));
    assert_eq!(changes.load(Ordering::SeqCst), 1);
    assert!(Arc::ptr_eq(&before, &live.current()));
    let settings = complaint_channels::Settings::from_toml(&text, folder.path()).unwrap();
    assert_eq!(LiveChannels::of(&settings).unwrap_err().kind(), SettingErrorKind::File, "no file is read again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_did_not_change_keeps_its_client() {
    let (sandbox, folder) = configured().await;
    let live = LiveChannels::from_file(folder.configuration()).unwrap();
    let before = live.current();
    let same = |count: usize| {
        let after = live.current();
        let pairs = before.accounts().zip(after.accounts());
        let is_same = |(one, other): (complaint_channels::Account<'_>, complaint_channels::Account<'_>)| {
            format!("{:p}", one.id()) == format!("{:p}", other.id())
        };
        assert_eq!(pairs.filter(|pair| is_same(*pair)).count(), count);
    };
    live.reload().unwrap();
    same(4);
    // Another token of pushes makes another Mini Program, and so another virtual payment.
    folder.write("sandbox_token", "BBBBB");
    live.reload().unwrap();
    same(2);
    // The name in the file is the same; its content differs.
    let merchant = sandbox.add_merchant(Scheme::Rsa).unwrap();
    folder.change(&sandbox.merchant().mchid, &merchant.mchid);
    folder.change(&sandbox.merchant().serial_no, &merchant.serial_no);
    folder.write("sandbox_merchant_key.pem", &merchant.private_key_pem);
    live.reload().unwrap();
    same(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn fetched_certificates_outlive_a_new_key_of_the_merchant() {
    let (_sandbox, folder) = configured().await;
    let text = folder.text();
    folder.write("complaints.toml", text.split("[[wechat-pay.platform_keys]]").next().unwrap());
    let live = LiveChannels::from_file(folder.configuration()).unwrap();
    live.current().wechat_pay().next().unwrap().client().refresh_certificates().await.unwrap();
    let fetched = live.current().wechat_pay().next().unwrap().keys();
    assert!(!fetched.is_empty());
    folder.change("[wechat-pay]\n", "[wechat-pay]\nname = \"shop\"\n");
    live.reload().unwrap();
    let after = live.current();
    let account = after.wechat_pay().next().unwrap();
    assert_eq!((account.id().name.as_deref(), account.keys()), (Some("shop"), fetched));
}

/// The status of a notification at a webhook.
async fn status(inbound: &Replaceable<Notifications>, sent: &SignedNotification) -> u16 {
    let store = MemoryDeduplicate::new(NonZeroUsize::new(10).unwrap(), 60);
    let mut webhook =
        Webhook::builder(inbound.clone(), store, |_: Received| async { Ok::<(), Infallible>(()) }).build();
    let mut request = http::Request::post("/");
    for (name, value) in &sent.headers {
        request = request.header(name, value);
    }
    let response = webhook.call(request.body(Full::<Bytes>::new(sent.body.clone().into())).unwrap()).await.unwrap();
    response.status().as_u16()
}

fn notification(sandbox: &Sandbox) -> SignedNotification {
    let complaint = sandbox.file_complaint(NewComplaint::default());
    sandbox.signed_notification(&sandbox.merchant().mchid, &complaint, "CREATE_COMPLAINT", None).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_follows_the_file() {
    let (sandbox, folder) = configured().await;
    let live = LiveChannels::from_file(folder.configuration()).unwrap();
    let inbound = live.notifications().unwrap();
    let pushes = live.pushes(|appid| format!("/{appid}"));
    assert_eq!(status(&inbound, &notification(&sandbox)).await, 204);
    let key = std::fs::read(folder.path().join("sandbox_apiv3.key")).unwrap();
    // A broken file leaves the receiver as it is.
    folder.write("sandbox_apiv3.key", "short");
    live.reload().unwrap_err();
    assert_eq!(status(&inbound, &notification(&sandbox)).await, 204);
    folder.write("sandbox_apiv3.key", "another key of thirty-two bytes.");
    live.reload().unwrap();
    assert_eq!(status(&inbound, &notification(&sandbox)).await, 500);
    folder.write("sandbox_apiv3.key", key);
    live.reload().unwrap();
    assert_eq!(status(&inbound, &notification(&sandbox)).await, 204);
    drop(pushes);
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_follow_the_file() {
    let (sandbox, folder) = configured().await;
    let live = LiveChannels::from_file(folder.configuration()).unwrap();
    let inbound = live.notices(|cusid| format!("/allinpay/{cusid}"));
    let cusid = sandbox.allinpay().cusid;
    let received = async |path: String| {
        let complaint = sandbox.file_alipay_complaint(NewAlipayComplaint::default(), &cusid).unwrap();
        let body = sandbox.signed_notice(&complaint, None).unwrap();
        let store = MemoryDeduplicate::new(NonZeroUsize::new(10).unwrap(), 10);
        let handler = |noticed: Noticed| async move {
            assert_eq!(*noticed.cusid, *noticed.notice.cusid);
            Ok::<(), Infallible>(())
        };
        let mut webhook = Webhook::builder(inbound.clone(), store, handler).build();
        let request = http::Request::post(path).body(Full::<Bytes>::new(body.into())).unwrap();
        webhook.call(request).await.unwrap().status().as_u16()
    };
    let path = || format!("/allinpay/{cusid}");
    assert_eq!((received(path()).await, received("/allinpay/1".to_owned()).await), (200, 404));
    let text = folder.text();
    folder.write("complaints.toml", text.split("[allinpay]").next().unwrap());
    live.reload().unwrap();
    assert_eq!(received(path()).await, 404);
    folder.write("complaints.toml", text);
    live.reload().unwrap();
    assert_eq!(received(path()).await, 200);
}

#[cfg(all(unix, feature = "signal"))]
#[tokio::test]
async fn a_hangup_reads_the_file_again() {
    let (_sandbox, folder) = configured().await;
    let live = LiveChannels::from_file(folder.configuration()).unwrap();
    let (told, mut outcomes) = tokio::sync::mpsc::unbounded_channel();
    let mut waiting = std::pin::pin!(live.reload_on_hangup(|outcome| told.send(outcome.map(|_| ())).unwrap()));
    // From its first poll on, the signal no longer ends the process.
    assert!(futures_util::poll!(waiting.as_mut()).is_pending());
    let hang_up = || {
        let process = std::process::id().to_string();
        assert!(std::process::Command::new("kill").args(["-HUP", &process]).status().unwrap().success());
    };
    let mut next = async || {
        tokio::select! {
            ended = waiting.as_mut() => panic!("{ended:?}"),
            outcome = outcomes.recv() => outcome.unwrap(),
        }
    };
    hang_up();
    next().await.unwrap();
    folder.write("complaints.toml", "[wechat-pay]\n");
    hang_up();
    assert_eq!(next().await.unwrap_err().kind(), SettingErrorKind::Missing);
    assert_eq!(live.current().accounts().count(), 4);
}
