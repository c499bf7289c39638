//! Pictures behind plain links.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "a test states what must hold")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use platform_sandbox::{LINK_SECONDS, LINKED_PICTURE, Sandbox, SandboxConfig};
use protocol_core::UnixTime;

const NOW: i64 = 1_741_936_166;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\npixels";

fn get(sandbox: &Sandbox, link: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    let path = link.strip_prefix(&sandbox.base_url()).unwrap();
    let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
    sandbox.handle(&request.body(Bytes::new()).unwrap()).unwrap()
}

#[test]
fn a_link_leads_to_its_content_until_it_expires() {
    let time = Arc::new(AtomicI64::new(NOW));
    let read = Arc::clone(&time);
    let config = SandboxConfig::default().with_clock(move || UnixTime(read.load(Ordering::Relaxed)));
    let sandbox = Sandbox::offline(&config).unwrap();
    let link = sandbox.link_picture(PNG);
    let status = |link: &str, headers: &[(&str, &str)]| get(&sandbox, link, headers).status().as_u16();
    let fresh = format!("{link}?written={NOW}");
    let response = get(&sandbox, &fresh, &[]);
    assert_eq!((response.status().as_u16(), &response.body()[..]), (200, PNG));
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(status(&fresh, &[("authorization", "WECHATPAY2-SHA256-RSA2048 x")]), 400);
    assert_eq!([status(&link, &[]), status(&format!("{link}0?written={NOW}"), &[])], [403, 404]);
    time.store(NOW + LINK_SECONDS - 1, Ordering::Relaxed);
    assert_eq!(status(&fresh, &[]), 200);
    time.store(NOW + LINK_SECONDS, Ordering::Relaxed);
    assert_eq!(status(&fresh, &[]), 403);
    time.store(NOW, Ordering::Relaxed);
    sandbox.change_linked_picture(&link, "<svg/>");
    assert_eq!(&get(&sandbox, &fresh, &[]).body()[..], b"<svg/>");
    let redirect = format!("{}?written={NOW}", sandbox.link_redirect("https://elsewhere.example/"));
    let response = get(&sandbox, &redirect, &[]);
    assert_eq!(
        (response.status().as_u16(), &response.headers()["location"]),
        (302, &"https://elsewhere.example/".parse().unwrap())
    );
    assert!(sandbox.requests().iter().all(|request| request.operation == LINKED_PICTURE));
}

#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
#[tokio::test]
async fn links_lead_to_the_sandbox_that_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let config = || SandboxConfig::default().with_memory(folder.path().join("sandbox.json"));
    let before = Sandbox::start(config()).await.unwrap();
    let link = before.link_picture(PNG);
    let order = before.file_order_complaint(platform_sandbox::NewOrderComplaint::default().with_media_link(&link));
    before.stop().await;
    let after = Sandbox::start(config()).await.unwrap();
    let detail = after.order_complaint(&order).unwrap();
    let link = detail["complaintOrder"]["customerMaterial"]["mediaIdList"][0].as_str().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let response = get(&after, &format!("{link}?written={now}"), &[]);
    assert_eq!((response.status().as_u16(), &response.body()[..]), (200, PNG));
    after.stop().await;
}
