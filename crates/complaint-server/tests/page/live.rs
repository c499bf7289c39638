//! News for open pages.

use std::time::Duration;

use axum::body::Body;
use complaint_inbox::{EventKind, Store};
use complaint_server::{IDLE_SECONDS, MAX_LIVE_PAGES, May};
use http::{Request, Response};
use http_body_util::BodyExt as _;

use crate::browser::Browser;
use crate::world::{HOST, World};

/// Opens a stream.
async fn listen<S: Store>(world: &World<S>, browser: &Browser<'_, S>) -> Response<Body> {
    let cookies: Vec<_> = browser.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = Request::get("/live").header("host", HOST).header("cookie", cookies.join("; "));
    world.send(request.body(Body::empty()).unwrap()).await
}

/// The next piece; `None` at the end.
async fn next(response: &mut Response<Body>) -> Option<String> {
    let frame = tokio::time::timeout(Duration::from_secs(300), response.body_mut().frame()).await.unwrap()?;
    Some(String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
}

/// The next piece that is no sign of life.
async fn told(response: &mut Response<Body>) -> Option<String> {
    loop {
        match next(response).await {
            Some(piece) if piece == ":\n\n" => {}
            piece => return piece,
        }
    }
}

pub(crate) async fn a_page_is_told_that_something_changed_and_not_what<S: Store>(world: &World<S>) {
    world.hear("C0", &[EventKind::Filed]).await;
    let browser = Browser::of(world, "wang", May::Read).await;
    let mut stream = listen(world, &browser).await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let changed = Some("event: changed\ndata:\n\n".to_owned());
    // What came between the page and the stream.
    assert_eq!(next(&mut stream).await, changed);
    world.hear("C1", &[EventKind::Filed, EventKind::RefundRequested]).await;
    world.events.ring();
    assert_eq!(told(&mut stream).await, changed);
    world.hear("C2", &[EventKind::Filed]).await;
    assert_eq!(told(&mut stream).await, changed, "without a ring, by a look");
    world.stopping.stop();
    assert_eq!(told(&mut stream).await, None);
}

pub(crate) async fn a_stream_ends_with_its_session<S: Store>(world: &World<S>) {
    let browser = Browser::of(world, "wang", May::Read).await;
    let mut stream = listen(world, &browser).await;
    next(&mut stream).await.unwrap();
    browser.post("/logout", &[("token", &browser.token().await)]).await;
    world.hear("C1", &[EventKind::Filed]).await;
    world.events.ring();
    assert_eq!(told(&mut stream).await, None);
    let seen = listen(world, &browser).await;
    assert_eq!((seen.status().as_u16(), &seen.headers()["location"]), (303, &"/login?to=%2Flive".parse().unwrap()));
}

pub(crate) async fn a_page_that_looks_for_news_does_not_prolong_its_session<S: Store>(world: &World<S>) {
    let browser = Browser::of(world, "wang", May::Read).await;
    world.tick(i64::from(IDLE_SECONDS) - 1);
    let look = || Request::get("/").header("x-live", "1");
    assert_eq!(browser.send(look(), String::new()).await.status, 200);
    let _stream = listen(world, &browser).await;
    world.tick(1);
    assert_eq!(browser.send(look(), String::new()).await.status, 303);
}

pub(crate) async fn so_many_pages_are_live_and_no_more<S: Store>(world: &World<S>) {
    let browser = Browser::of(world, "wang", May::Read).await;
    let mut streams = Vec::new();
    for _ in 0..MAX_LIVE_PAGES {
        streams.push(listen(world, &browser).await);
    }
    assert!(streams.iter().all(|stream| stream.status() == 200));
    assert_eq!(listen(world, &browser).await.status(), 429);
    streams.pop();
    assert_eq!(listen(world, &browser).await.status(), 200);
}
