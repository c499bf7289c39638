//! Pictures: what is shown, and how.

use axum::body::Body;
use complaint_inbox::{PictureOutcome, Reading, Reason, Source, Store, Wait};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::json;

use crate::world::{World, address, picture};

/// Files a complaint with a picture for each outcome.
async fn file<S: Store>(world: &World<S>, outcomes: Vec<PictureOutcome>) {
    let mut reading = Reading::new("{}");
    reading.pictures = (0..outcomes.len()).map(|number| format!("USER_COMPLAINT_IMAGE {number}")).collect();
    world.file("1", reading).await;
    let claims = world.store.claim_pictures(&Source::new("wechat-pay", "1900000001"), 100, 60).await.unwrap();
    for (claim, outcome) in claims.iter().zip(outcomes) {
        assert!(world.store.finish_picture(claim, outcome).await.unwrap());
    }
}

fn kept(content: &[u8]) -> PictureOutcome {
    PictureOutcome::Kept(content.to_vec().into())
}

async fn get<S: Store>(world: &World<S>, number: u32, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = world.request("GET", &picture("1", number), &world.reader);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let (head, body) = world.send(request.body(Body::empty()).unwrap()).await.into_parts();
    (head.status, head.headers, body.collect().await.unwrap().to_bytes().to_vec())
}

pub(crate) async fn a_picture_is_shown_by_its_first_bytes_and_nothing_else_is_shown<S: Store>(world: &World<S>) {
    const SAVED: &str = "application/octet-stream";
    let contents: [(&[u8], &str); 12] = [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a\x01\0", "image/gif"),
        (b"BM\x3a\0\0\0\0\0\0\0\x36", "image/bmp"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", SAVED),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>", SAVED),
        (b"<!DOCTYPE html><script>alert(1)</script>", SAVED),
        (b"%PDF-1.7", SAVED),
        (b"\xef\xbb\xbf<svg/>", SAVED),
        (b"GIF88a", SAVED),
        (b"", SAVED),
    ];
    file(world, contents.iter().map(|(content, _)| kept(content)).collect()).await;
    for ((content, expected), number) in contents.iter().zip(1..) {
        let (status, headers, body) = get(world, number, &[]).await;
        assert_eq!((status, body.as_slice()), (StatusCode::OK, *content));
        let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
        assert_eq!(header("content-type"), *expected);
        let disposition = if *expected == SAVED { "attachment; filename=\"picture\"" } else { "" };
        assert_eq!(header("content-disposition"), disposition, "{expected}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(header("cache-control"), "private, no-cache");
        assert_eq!(header("x-frame-options"), "DENY");
    }
}

pub(crate) async fn a_picture_that_is_not_fetched_is_told<S: Store>(world: &World<S>) {
    let failed =
        PictureOutcome::Failed { reason: Reason::new("network", "the network is down"), wait: Wait::Seconds(60) };
    file(world, vec![failed, PictureOutcome::GivenUp { reason: "no picture".into() }]).await;
    let awaited = world.get(&picture("1", 1)).await;
    assert_eq!((awaited.status.as_u16(), awaited.header("retry-after")), (202, "5"));
    assert_eq!(awaited.header("cache-control"), "no-store");
    let expected = json!({"picture": {"number": 1, "place": "USER_COMPLAINT_IMAGE 0", "state": "failed", "size": null,
        "code": "network", "reason": "the network is down", "quote": null, "finished_at": null}});
    assert_eq!(awaited.ok(), expected);
    world.get(&picture("1", 2)).await.is_refused(410, "given-up");
    for path in [picture("1", 0), picture("1", 3), picture("2", 1), format!("{}/", picture("1", 1))] {
        assert_eq!(world.get(&path).await.status, 404, "{path}");
    }
    for number in ["-1", "x", "99999999999"] {
        world.get(&format!("/api/pictures/wechat-pay/1900000001/1/{number}")).await.is_refused(404, "not-found");
    }
    // The path has complaint and number, never a link.
    let path = format!("{}?url=https%3A%2F%2Fqpic.cn", picture("1", 1));
    world.get(&path).await.is_refused(400, "malformed");
}

pub(crate) async fn a_picture_that_did_not_change_is_not_sent_again<S: Store>(world: &World<S>) {
    file(world, vec![kept(b"\x89PNG1"), kept(b"\x89PNG2")]).await;
    let (_, headers, _) = get(world, 1, &[]).await;
    let tag = headers["etag"].to_str().unwrap();
    let (_, other, _) = get(world, 2, &[]).await;
    assert_ne!(other["etag"], tag);
    for named in [tag, "*", &format!("W/{tag}"), &format!("\"x\", {tag}")] {
        let (status, headers, body) = get(world, 1, &[("if-none-match", named)]).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{named}");
        assert_eq!(headers["etag"], tag);
        assert_eq!(headers["cache-control"], "private, no-cache");
    }
    let (status, _, body) = get(world, 2, &[("if-none-match", tag)]).await;
    assert_eq!((status, body.as_slice()), (StatusCode::OK, &b"\x89PNG2"[..]));
}

pub(crate) async fn a_complaint_lists_its_pictures<S: Store>(world: &World<S>) {
    file(world, vec![kept(b"\x89PNG"), PictureOutcome::GivenUp { reason: "no picture".into() }]).await;
    let whole = world.get(&address("1")).await.ok();
    let expected = json!([
        {"number": 1, "place": "USER_COMPLAINT_IMAGE 0", "state": "kept", "size": 4, "code": null, "reason": null,
         "quote": null, "finished_at": "2025-03-14T07:09:26Z"},
        {"number": 2, "place": "USER_COMPLAINT_IMAGE 1", "state": "given-up", "size": null, "code": null,
         "reason": "no picture", "quote": null, "finished_at": "2025-03-14T07:09:26Z"},
    ]);
    assert_eq!(whole["pictures"], expected);
}
