//! The responses that the operations read.

use protocol_core::complaint::{Encrypted, NormalMessage};
use protocol_core::crypto::ApiV3Key;
use protocol_core::{Delivery, Effect, Fault, PictureKind};
use std::time::Duration;

use protocol_core::wechat_pay::{
    CreateNotificationUrl, CreateViolationUrl, DeleteNotificationUrl, DeleteViolationUrl, DownloadImage, Echo,
    GetComplaint, GetNegotiationHistory, ListCertificates, QueryNotificationUrl, QueryViolationUrl, RawResponse,
    RefundAction, ResponseError, UpdateNotificationUrl, UpdateViolationUrl, UploadImage,
};

use crate::{ID, NOW, arrived, complete, immediate, list, received, refund, respond};

macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!("../vectors/wechatpay/fudiwei/samples/", $name, ".json"))
    };
}

#[test]
fn each_operation_reads_its_documented_response() {
    let page = received(&list(), 200, sample!("QueryMerchantServiceComplaintsResponse")).unwrap();
    assert_eq!(page.data[0].complaint_id, "200201820200101080076610000");
    let detail = sample!("GetMerchantServiceComplaintByComplaintIdResponse");
    let complaint = received(&GetComplaint::new(ID), 200, detail).unwrap();
    assert!(complaint.payer_openid.is_some());
    let history = sample!("QueryMerchantServiceComplaintNegotiationHistoriesResponse");
    let operation = GetNegotiationHistory::new(ID);
    assert_eq!(received(&operation, 200, history).unwrap().data.len(), 2);
    let url = sample!("GetMerchantServiceComplaintNotificationResponse");
    assert_eq!(received(&QueryNotificationUrl, 200, url).unwrap().url, "https://www.xxx.com/notify");
    let created = sample!("CreateMerchantServiceComplaintNotificationResponse");
    let create = CreateNotificationUrl::new(String::new());
    assert_eq!(received(&create, 200, created).unwrap().url, "https://www.xxx.com/notify");
    let updated = sample!("UpdateMerchantServiceComplaintNotificationResponse");
    let update = UpdateNotificationUrl::new(String::new());
    assert_eq!(received(&update, 200, updated).unwrap().url, "https://www.xxx.com/notify");
    let violations = br#"{"notify_url":"https://www.xxx.com/violations"}"#;
    for url in [
        received(&QueryViolationUrl, 200, violations),
        received(&CreateViolationUrl::new(""), 200, violations),
        received(&UpdateViolationUrl::new(""), 200, violations),
    ] {
        assert_eq!(url.unwrap().notify_url, "https://www.xxx.com/violations");
    }
    let uploaded = sample!("UploadMerchantServiceImageResponse");
    assert!(!received(&UploadImage::new("a.png", b"\x89PNG").unwrap(), 200, uploaded).unwrap().media_id.is_empty());
    let replied = received(&immediate(NormalMessage::default()), 200, br#"{"log_id":"300285320210322170000071077"}"#);
    assert_eq!(replied.unwrap().log_id, "300285320210322170000071077");
    let echo = Echo::new("a");
    let echoed = received(&echo, 200, br#"{"echo_message":"a","encrypted_echo_message":"YQ=="}"#).unwrap();
    assert_eq!(echoed.encrypted_echo_message.as_ref().map(Encrypted::as_wire), Some("YQ=="));
    for status in [200, 204] {
        assert_eq!(received(&respond(), status, b""), Ok(Effect::Confirmed));
        assert_eq!(received(&complete(), status, b""), Ok(Effect::Confirmed));
        assert_eq!(received(&refund(RefundAction::Approve), status, b""), Ok(Effect::Confirmed));
        assert_eq!(received(&DeleteNotificationUrl, status, b""), Ok(()));
        assert_eq!(received(&DeleteViolationUrl, status, b""), Ok(()));
    }
}

#[test]
fn a_response_that_is_none_says_what_happened() {
    let unfinished = received(&respond(), 202, b"{}").unwrap_err();
    assert_eq!(unfinished, ResponseError::NotFinished);
    assert_eq!((unfinished.failure().delivery, unfinished.failure().is_retryable), (Delivery::Unknown, true));
    let odd = received(&immediate(NormalMessage::default()), 200, b"<html>").unwrap_err();
    assert!(matches!(odd, ResponseError::Malformed(_)));
    let said = (odd.failure().delivery, odd.failure().is_retryable, odd.failure().fault);
    assert_eq!(said, (Delivery::Processed, false, Fault::Platform));
    let key = ApiV3Key::new(&[b'k'; 32]).unwrap();
    let certificates = ListCertificates::new(&key);
    let empty = received(&certificates, 200, br#"{"data":[]}"#).unwrap_err();
    assert!(matches!(empty, ResponseError::Certificates(_)), "{empty:?}");
    assert!(matches!(received(&certificates, 404, b"{}"), Err(ResponseError::Rejected { status: 404, .. })));
}

#[test]
fn a_picture_is_no_page() {
    let operation = DownloadImage::from_media_id("a").unwrap();
    let of = |status, kind: &str, body: &'static [u8]| {
        let headers = vec![("Content-Type", kind.to_owned())];
        arrived(&operation, RawResponse { status, headers: &headers, body })
    };
    let image = of(200, "image/gif", b"GIF89a").unwrap().trust_anyway();
    assert_eq!((image.content_type.as_deref(), image.bytes.expose().as_slice()), (Some("image/gif"), &b"GIF89a"[..]));
    assert_eq!(image.kind, PictureKind::Gif);
    // Its bytes say what it is, whatever it is called.
    assert_eq!(of(200, "image/svg+xml", b"\xff\xd8\xff").unwrap().trust_anyway().kind, PictureKind::Jpeg);
    assert!(of(200, "", b"GIF89a").is_ok());
    for (kind, body) in [
        ("text/html; charset=utf-8", &b"<html>"[..]),
        ("application/json", b"{}"),
        ("image/png", b""),
        ("image/png", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ("image/svg+xml", b"<?xml version=\"1.0\"?><svg/>"),
    ] {
        assert!(matches!(of(200, kind, body), Err(ResponseError::Malformed(_))), "{kind}");
    }
    assert!(matches!(of(400, "application/json", b"{}"), Err(ResponseError::Rejected { status: 400, .. })));
}

#[test]
fn retry_after_is_a_number_or_a_date() {
    let after = |value: &str| {
        let headers = [("Retry-After", value)];
        RawResponse { status: 429, headers: &headers, body: b"" }.retry_after(NOW)
    };
    assert_eq!(after("7"), Some(Duration::from_secs(7)));
    assert_eq!(after("Fri, 14 Mar 2025 07:09:56 GMT"), Some(Duration::from_secs(30)));
    assert_eq!(after("Fri, 14 Mar 2025 07:09:00 GMT"), Some(Duration::ZERO));
    assert_eq!(after("18446744073709551616"), None);
    assert_eq!(after("soon"), None);
}
