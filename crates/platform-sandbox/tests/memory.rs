//! A sandbox goes on with what an earlier one kept.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test states what must hold"
)]

use bytes::Bytes;
use platform_sandbox::{NewAlipayComplaint, NewComplaint, NewOrderComplaint, Sandbox, SandboxConfig, SandboxError};
use protocol_core::Stamp;
use protocol_core::UnixTime;
use protocol_core::crypto::PrivateKey;
use protocol_core::wechat_pay::{Merchant, Respond, signer};

const NOW: UnixTime = UnixTime(1_741_936_166);

fn start(folder: &tempfile::TempDir) -> Result<Sandbox, SandboxError> {
    Sandbox::offline(&SandboxConfig::default().with_clock(|| NOW).with_memory(folder.path().join("sandbox.json")))
}

#[test]
fn complaints_and_accounts_are_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let before = start(&folder).unwrap();
    let refund = NewComplaint::default().with_payer_phone("13900001234").with_image(&b"\x89PNG\r\n\x1a\npixels"[..]);
    let complaint = before.file_complaint(refund.with_refund(10));
    before.user_message(&complaint, "还在等").unwrap();
    let order = before.file_order_complaint(NewOrderComplaint::default());
    before.order_status(&order, 206).unwrap();
    let virtual_payment = before.file_virtual_payment_complaint(NewComplaint::default()).unwrap();
    let cusid = before.allinpay().cusid;
    let alipay = before.file_alipay_complaint(NewAlipayComplaint::default(), &cusid).unwrap();
    before.alipay_status(&alipay, "OVERDUE").unwrap();

    let after = start(&folder).unwrap();
    assert_eq!(after.merchant(), before.merchant());
    assert_eq!(after.platform_key(), before.platform_key());
    assert_eq!(after.mini_program(), before.mini_program());
    assert_eq!(after.virtual_payment(), before.virtual_payment());
    assert_eq!(after.allinpay(), before.allinpay());
    assert_eq!(after.complaint_ids(), before.complaint_ids());
    for id in [&complaint, &virtual_payment] {
        assert_eq!(after.complaint(id).unwrap(), before.complaint(id).unwrap());
        assert_eq!(after.history(id), before.history(id));
    }
    assert_eq!(after.order_complaint(&order), before.order_complaint(&order));
    assert_eq!(after.alipay_complaint(&alipay), before.alipay_complaint(&alipay));
    // Numbers go on; a complaint of virtual payment belongs to the same merchant.
    assert_ne!(after.file_complaint(NewComplaint::default()), complaint);
    assert_ne!(after.file_order_complaint(NewOrderComplaint::default()), order);
    let next = after.file_virtual_payment_complaint(NewComplaint::default()).unwrap();
    let accused = |id: &str| after.complaint(id).unwrap()["complainted_mchid"].clone();
    assert_eq!(accused(&next), accused(&virtual_payment));
}

#[test]
fn a_change_is_kept_before_its_response() {
    let folder = tempfile::tempdir().unwrap();
    let before = start(&folder).unwrap();
    let complaint = before.file_complaint(NewComplaint::default());
    let account = before.merchant();
    let merchant = Merchant::new(&account.mchid, &account.serial_no, account.scheme).unwrap();
    let signer = signer(&PrivateKey::read(account.private_key_pem.as_bytes()).unwrap()).unwrap();
    let stamp = Stamp { now: NOW, nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
    let reply = Respond::new(&complaint, &account.mchid, "您好");
    let signed = merchant.sign(&reply, &stamp, &*signer).unwrap();
    let mut request = signed.into_http(&before.base_url()).unwrap().map(Bytes::from);
    request.headers_mut().insert("User-Agent", "a-test".parse().unwrap());
    let response = before.handle(&request).unwrap();
    assert_eq!(response.status(), 204);
    assert_eq!(start(&folder).unwrap().complaint(&complaint).unwrap()["complaint_state"], "PROCESSING");
}

#[test]
fn a_configuration_keeps_what_was_added_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let read = || std::fs::read_to_string(folder.path().join("complaints.toml")).unwrap();
    start(&folder).unwrap().write_configuration(folder.path()).unwrap();
    let text = format!("{}\n[inbox]\nkeep_days = 30\n", read());
    std::fs::write(folder.path().join("complaints.toml"), &text).unwrap();
    start(&folder).unwrap().write_configuration(folder.path()).unwrap();
    assert_eq!(read(), text);
    // Without a memory it is written anew.
    Sandbox::offline(&SandboxConfig::default()).unwrap().write_configuration(folder.path()).unwrap();
    assert!(!read().contains("keep_days"));
}

#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
#[tokio::test]
async fn a_configuration_outlives_a_start_that_was_killed_before_it_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let config = || SandboxConfig::default().with_memory(folder.path().join("sandbox.json"));
    let path = folder.path().join("complaints.toml");
    let first = Sandbox::start(config()).await.unwrap();
    first.write_configuration(folder.path()).unwrap();
    let old = first.base_url();
    let text = format!("{}\n[inbox]\nkeep_days = 30\n", std::fs::read_to_string(&path).unwrap());
    std::fs::write(&path, &text).unwrap();
    // This one records its address in the memory alone.
    let killed = Sandbox::start(config()).await.unwrap();
    let last = Sandbox::start(config()).await.unwrap();
    assert_ne!(old, last.base_url());
    last.write_configuration(folder.path()).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text.replace(&old, &last.base_url()));
    assert_ne!(killed.base_url(), last.base_url());
    // An empty file has nothing to keep.
    std::fs::write(&path, "").unwrap();
    last.write_configuration(folder.path()).unwrap();
    assert!(std::fs::read_to_string(&path).unwrap().contains("[wechat-pay]"));
    let left = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.filter(|name| name.ends_with(".new")).count(), 0);
}

#[test]
fn a_file_that_is_no_memory_is_kept_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.json");
    std::fs::write(&path, "{\"seed\":\"canary\"}").unwrap();
    let error = start(&folder).unwrap_err();
    assert!(matches!(error, SandboxError::Memory { .. }));
    let text = error.to_string();
    assert!(
        text.contains("sandbox.json") && text.contains("remove it to begin anew") && !text.contains("canary"),
        "{text}"
    );
    assert_eq!(std::fs::read(path).unwrap(), b"{\"seed\":\"canary\"}");
}

#[test]
fn a_memory_of_other_accounts_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.json");
    let appid = start(&folder).unwrap().mini_program().appid;
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace(&appid, "wx0123456789abcdef")).unwrap();
    let error = start(&folder).unwrap_err().to_string();
    assert!(error.contains("another version of the sandbox wrote it"), "{error}");
    std::fs::write(&path, text).unwrap();
    assert_eq!(start(&folder).unwrap().mini_program().appid, appid);
}

#[cfg(unix)]
#[test]
fn the_file_is_this_users_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    start(&folder).unwrap().file_complaint(NewComplaint::default());
    let mode = std::fs::metadata(folder.path().join("sandbox.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
