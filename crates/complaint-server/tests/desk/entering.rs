//! Who may enter: tokens, hosts, origins.

use axum::body::Body;
use complaint_inbox::Store;
use complaint_server::{Desk, Hosts};
use http::Request;

use crate::world::{HOST, Seen, World, acts, address, memory, phone, picture};

/// Every address that needs a token.
fn guarded() -> Vec<(&'static str, String)> {
    vec![
        ("GET", "/api/complaints".to_owned()),
        ("GET", address("1")),
        ("POST", acts("1")),
        ("POST", phone("1")),
        ("GET", picture("1", 1)),
        ("GET", "/api/acts/1".to_owned()),
        ("GET", "/api/events?wait=0".to_owned()),
        ("GET", "/api/letters".to_owned()),
        ("DELETE", "/api/letters/1".to_owned()),
        ("POST", "/api/letters/1/content".to_owned()),
        ("POST", "/api/onward/shop/replay".to_owned()),
        ("DELETE", "/api/onward/other".to_owned()),
        ("GET", "/metrics".to_owned()),
    ]
}

async fn with<S: Store>(world: &World<S>, method: &str, path: &str, authorization: &[&str]) -> Seen {
    let request = Request::builder().method(method).uri(path).header("host", HOST);
    let request = authorization.iter().fold(request, |request, value| request.header("authorization", *value));
    Seen::of(world.send(request.body(Body::empty()).unwrap()).await).await
}

pub(crate) async fn a_request_without_a_token_of_the_file_is_refused<S: Store>(world: &World<S>) {
    let actor = format!("Bearer {}", world.actor);
    let short = actor.strip_suffix(|_: char| true).unwrap();
    for (method, path) in guarded() {
        for authorization in [&[][..], &[short], &["Bearer "], &["Basic YTpi"], &[&world.actor], &[&actor, &actor]] {
            let seen = with(world, method, &path, authorization).await;
            seen.is_refused(401, "no-token");
            assert_eq!(seen.header("www-authenticate"), "Bearer");
        }
        let lower = format!("bearer {}", world.actor);
        assert_ne!(with(world, method, &path, &[&lower]).await.status, 401, "{path}");
    }
}

pub(crate) async fn a_token_that_may_read_asks_for_nothing<S: Store>(world: &World<S>) {
    let reader = format!("Bearer {}", world.reader);
    for (method, path) in guarded() {
        let seen = with(world, method, &path, &[&reader]).await;
        if method == "GET" {
            assert!(seen.status != 401 && seen.status != 403, "{path}");
        } else {
            seen.is_refused(403, "may-not-act");
        }
    }
}

pub(crate) async fn a_token_that_was_removed_is_refused<S: Store>(world: &World<S>) {
    world.get("/api/complaints").await.ok();
    std::fs::write(&world.tokens_file, "").unwrap();
    world.tokens.reload().unwrap();
    world.get("/api/complaints").await.is_refused(401, "no-token");
}

pub(crate) async fn an_unknown_host_and_a_foreign_origin_are_refused<S: Store>(world: &World<S>) {
    let token = format!("Bearer {}", world.actor);
    for (path, status) in
        [("/api/complaints", 421), ("/", 421), ("/metrics", 421), ("/nowhere", 421), ("/healthz", 200)]
    {
        let request = Request::get(path).header("host", "rebound.example").header("authorization", &token);
        let seen = Seen::of(world.send(request.body(Body::empty()).unwrap()).await).await;
        assert_eq!(seen.status.as_u16(), status, "{path}");
        if status == 421 {
            seen.is_refused(421, "unknown-host");
        }
    }
    for (origin, status) in [("http://localhost:8080", 200), ("https://evil.example", 403), ("null", 403)] {
        let request = world.request("GET", "/api/complaints", &world.actor).header("origin", origin);
        let seen = Seen::of(world.send(request.body(Body::empty()).unwrap()).await).await;
        assert_eq!(seen.status.as_u16(), status, "{origin}");
        if status == 403 {
            seen.is_refused(403, "foreign-origin");
        }
    }
}

pub(crate) async fn an_unknown_address_and_method_are_refused<S: Store>(world: &World<S>) {
    for path in ["/api/", "/api/complaint", "/api/complaints/wechat-pay", "/nowhere"] {
        world.get(path).await.is_refused(404, "no-such-path");
    }
    for path in [address("%ff"), "/api/acts/%ff".to_owned()] {
        world.get(&path).await.is_refused(400, "malformed");
    }
    let seen = world.post("/api/complaints", &[], Body::empty()).await;
    seen.is_refused(405, "method");
    assert!(seen.header("allow").contains("GET"));
}

pub(crate) async fn responses_stay_out_of_caches_and_frames<S: Store>(world: &World<S>) {
    for path in ["/", "/api", "/api/complaints", "/nowhere", "/healthz"] {
        let seen = world.get(path).await;
        assert_eq!(seen.header("cache-control"), "no-store");
        assert_eq!(seen.header("x-content-type-options"), "nosniff");
        assert_eq!(seen.header("x-frame-options"), "DENY");
        assert!(seen.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
    }
    assert!(world.get("/api").await.text.contains("/api/complaints"));
}

#[test]
fn neither_a_token_nor_its_hash_is_shown() {
    let world = memory();
    let desk = Desk::new(world.store.clone(), world.tokens.clone(), Hosts::of(HOST.parse().unwrap()));
    let shown = format!("{desk:?} {:?} {:?}", world.tokens, world.tokens.find(world.actor.as_bytes()));
    assert!(shown.contains("actor") && !shown.contains(&world.actor), "{shown}");
    let file = std::fs::read_to_string(&world.tokens_file).unwrap();
    let hashes: Vec<&str> = file.lines().filter_map(|line| line.strip_prefix("sha256 = ")).collect();
    assert_eq!(hashes.len(), 2);
    assert!(hashes.iter().all(|hash| !shown.contains(hash.trim_matches('"'))));
}
