//! Who may enter the page: log-in, sessions, the one-time link, forms.

use axum::body::Body;
use complaint_inbox::Store;
use complaint_server::{IDLE_SECONDS, LINK_SECONDS, May, SESSION_SECONDS, Users};
use http::Request;

use crate::browser::{ACCEPT, Browser, PASSWORD};
use crate::world::{HOST, Seen, World};

/// Every address that needs a session.
const GUARDED: [&str; 5] = ["/", "/numbers", "/numbers.csv?from=2025-03-14", "/complaints.csv", "/live"];

pub(crate) async fn a_stranger_is_led_to_the_log_in<S: Store>(world: &World<S>) {
    let stranger = Browser::new(world);
    for path in GUARDED {
        let seen = stranger.get(path).await;
        let to: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
        assert_eq!((seen.status.as_u16(), seen.header("location")), (303, &*format!("/login?to={to}")), "{path}");
    }
    for cookie in ["x", "AAAA", ""] {
        stranger.cookies.borrow_mut().insert("complaints_session".to_owned(), cookie.to_owned());
        assert!(!stranger.is_in().await, "{cookie}");
    }
    // A token of the API is no session, and a session no token.
    let request = world.request("GET", "/", &world.actor).body(Body::empty()).unwrap();
    assert_eq!(world.send(request).await.status(), 303);
    let user = Browser::of(world, "wang", May::Act).await;
    user.get("/api/complaints").await.is_refused(401, "no-token");
}

pub(crate) async fn a_user_logs_in_and_out<S: Store>(world: &World<S>) {
    let browser = Browser::of(world, "王芳", May::Act).await;
    assert!(browser.get("/").await.text.contains("王芳"));
    let kept = browser.cookies.borrow().clone();
    // Who is logged in needs no form for it.
    let seen = browser.get("/login?to=%2Fnumbers").await;
    assert_eq!((seen.status.as_u16(), seen.header("location")), (303, "/numbers"));
    let seen = browser.post("/logout", &[("token", &browser.token().await)]).await;
    assert_eq!((seen.status.as_u16(), seen.header("location")), (303, "/login"));
    assert!(!browser.is_in().await);
    *browser.cookies.borrow_mut() = kept;
    assert!(!browser.is_in().await, "the session is over, whatever the browser keeps");
    let words: Vec<_> = world.store.deeds(None, 10).await.unwrap().into_iter().map(|deed| deed.deed.word).collect();
    assert_eq!(words, ["log-out", "log-in"]);
}

pub(crate) async fn a_session_of_https_has_a_name_that_only_https_sets<S: Store>(world: &World<S>) {
    Users::add(&world.users_file, "wang", May::Read, PASSWORD).unwrap();
    world.users.reload().unwrap();
    let browser = Browser::new(world);
    for (origin, start, end) in [
        ("http://127.0.0.1:8080", "complaints_session=", "; HttpOnly; SameSite=Strict"),
        ("https://127.0.0.1:8080", "__Host-complaints_session=", "; HttpOnly; SameSite=Strict; Secure"),
    ] {
        browser.cookies.borrow_mut().clear();
        browser.origin.set(Some(origin));
        let seen = browser.log_in("wang", PASSWORD).await;
        let cookie = seen.header("set-cookie");
        assert!(cookie.starts_with(start) && cookie.ends_with(end) && cookie.contains("; Path=/;"), "{cookie}");
        assert!(browser.is_in().await);
    }
}

pub(crate) async fn a_wrong_name_and_a_wrong_password_look_the_same<S: Store>(world: &World<S>) {
    Users::add(&world.users_file, "wang", May::Read, PASSWORD).unwrap();
    world.users.reload().unwrap();
    let browser = Browser::new(world);
    let mut texts = Vec::new();
    for (name, password) in [("wang", "wrong horse battery"), ("nobody-here", PASSWORD), ("wang", ""), ("", PASSWORD)] {
        let seen = browser.log_in(name, password).await;
        assert_eq!(seen.status, 403);
        assert!(!seen.text.contains(name) || name.is_empty());
        texts.push(seen.text);
    }
    assert!(texts.iter().all(|text| *text == texts[0]) && texts[0].contains("用户名或密码不正确"));
    assert!(!browser.is_in().await);
    // The journal has known names alone: an unknown one may be a password in the wrong field.
    let deeds = world.store.deeds(None, 10).await.unwrap();
    let deeds: Vec<_> = deeds.iter().map(|deed| (&*deed.deed.user, &*deed.deed.word)).collect();
    assert_eq!(deeds, [("wang", "log-in-failed"); 2]);
}

pub(crate) async fn a_form_without_an_origin_or_of_another_site_is_refused<S: Store>(world: &World<S>) {
    let browser = Browser::of(world, "wang", May::Act).await;
    let token = browser.token().await;
    for (path, fields) in [
        ("/login", &[("name", "wang"), ("password", PASSWORD)][..]),
        ("/logout", &[("token", &*token)]),
        ("/language", &[("language", "en")]),
        ("/enter", &[("token", "x")]),
    ] {
        browser.origin.set(None);
        let seen = browser.post(path, fields).await;
        assert_eq!(seen.status, 403, "{path}");
        assert!(seen.text.contains("浏览器没有说明表单的来源"), "{path}");
        for origin in ["null", "https://evil.example"] {
            browser.origin.set(Some(origin));
            let seen = browser.post(path, fields).await;
            assert_eq!(seen.status, 403, "{path}");
            assert!(seen.text.contains("请求来自其他网站"), "{path}: {}", seen.text);
        }
    }
    assert!(browser.is_in().await);
}

pub(crate) async fn a_refusal_is_a_page_for_a_browser_and_json_for_a_program<S: Store>(world: &World<S>) {
    let browser = Browser::new(world);
    for (language, words) in [
        ("zh", ["没有这个地址", "这个地址不能直接打开", "这个网址不是本服务器的网址"]),
        ("en", ["There is no such address", "cannot be opened by itself", "not an address of this server"]),
    ] {
        browser.cookies.borrow_mut().insert("language".to_owned(), language.to_owned());
        let cases = [("/nowhere", HOST, 404), ("/logout", HOST, 405), ("/login", "rebound.example", 421)];
        for ((path, host, status), words) in cases.into_iter().zip(words) {
            let cookie = format!("language={language}");
            let request = Request::get(path).header("host", host).header("accept", ACCEPT).header("cookie", cookie);
            let seen = Seen::of(world.send(request.body(Body::empty()).unwrap()).await).await;
            assert_eq!((seen.status.as_u16(), seen.header("content-type")), (status, "text/html; charset=utf-8"));
            assert!(seen.text.contains(words) && seen.text.contains("<main"), "{path}: {}", seen.text);
            // It may load its style.
            assert!(seen.header("content-security-policy").contains("style-src 'self'"), "{path}");
            assert_eq!(seen.header("allow").is_empty(), status != 405, "{path}");
        }
    }
    for (path, host, status, code) in [
        ("/nowhere", HOST, 404, "no-such-path"),
        ("/logout", HOST, 405, "method"),
        ("/login", "rebound.example", 421, "unknown-host"),
    ] {
        let request = Request::get(path).header("host", host).header("accept", "*/*").body(Body::empty()).unwrap();
        Seen::of(world.send(request).await).await.is_refused(status, code);
    }
    // A person who opens the API sees what a program would.
    browser.get("/api/nowhere").await.is_refused(404, "no-such-path");
    browser.get("/api/complaints").await.is_refused(401, "no-token");
    browser.get("/metrics").await.is_refused(401, "no-token");
}

pub(crate) async fn a_form_without_a_session_leads_back_to_its_page<S: Store>(world: &World<S>) {
    let stranger = Browser::new(world);
    let complaint = "/complaints/wechat-pay/1900000001/C%2F1";
    for (path, page) in [
        (format!("{complaint}/acts"), complaint),
        (format!("{complaint}/phone"), complaint),
        ("/letters/7".to_owned(), "/letters"),
        ("/logout".to_owned(), "/"),
    ] {
        let seen = stranger.post(&path, &[("token", "x")]).await;
        let to: String = form_urlencoded::byte_serialize(page.as_bytes()).collect();
        assert_eq!((seen.status.as_u16(), seen.header("location")), (303, &*format!("/login?to={to}")), "{path}");
    }
}

pub(crate) async fn a_name_is_locked_out_at_one_address_for_a_while<S: Store>(world: &World<S>) {
    Users::add(&world.users_file, "wang", May::Read, PASSWORD).unwrap();
    world.users.reload().unwrap();
    let (stranger, wang) = (Browser::new(world), Browser::new(world));
    stranger.peer.set(Some("192.0.2.1".parse().unwrap()));
    wang.peer.set(Some("192.0.2.2".parse().unwrap()));
    for _ in 0..5 {
        assert_eq!(stranger.log_in("wang", "wrong horse battery").await.status, 403);
    }
    let seen = stranger.log_in("wang", PASSWORD).await;
    assert_eq!((seen.status.as_u16(), seen.header("retry-after")), (429, "5"));
    assert!(seen.text.contains("失败次数过多，请 5 秒后再试"), "{}", seen.text);
    assert_eq!(wang.log_in("wang", PASSWORD).await.status, 303);
    for seconds in [5, 10, 20, 40] {
        world.tick(seconds);
        assert_eq!(stranger.log_in("wang", "wrong horse battery").await.status, 403);
    }
    let seen = stranger.log_in("wang", PASSWORD).await;
    assert_eq!((seen.status.as_u16(), seen.header("retry-after")), (429, "80"));
    assert!(seen.text.contains("失败次数过多，请 2 分钟后再试"), "{}", seen.text);
    world.tick(80);
    assert_eq!(stranger.log_in("wang", PASSWORD).await.status, 303);
}

pub(crate) async fn a_session_ends_unused_and_after_a_week<S: Store>(world: &World<S>) {
    let browser = Browser::of(world, "wang", May::Read).await;
    world.tick(i64::from(IDLE_SECONDS) - 1);
    assert!(browser.is_in().await);
    world.tick(i64::from(IDLE_SECONDS));
    assert!(!browser.is_in().await);

    let browser = Browser::of(world, "wang", May::Read).await;
    let mut left = i64::from(SESSION_SECONDS) - 1;
    while left > 0 {
        let step = left.min(i64::from(IDLE_SECONDS) - 1);
        world.tick(step);
        left -= step;
        assert!(browser.is_in().await, "{left}");
    }
    world.tick(1);
    assert!(!browser.is_in().await);
}

pub(crate) async fn a_user_who_was_removed_is_out<S: Store>(world: &World<S>) {
    let (wang, li) = (Browser::of(world, "wang", May::Read).await, Browser::of(world, "li", May::Read).await);
    Users::remove(&world.users_file, "wang").unwrap();
    assert!(wang.is_in().await, "the file is read again on demand");
    world.users.reload().unwrap();
    assert!(!wang.is_in().await && li.is_in().await);
    assert_eq!(wang.log_in("wang", PASSWORD).await.status, 403);
}

pub(crate) async fn another_password_ends_the_sessions<S: Store>(world: &World<S>) {
    let browser = Browser::of(world, "wang", May::Read).await;
    Users::set_password(&world.users_file, "wang", "another horse battery").unwrap();
    world.users.reload().unwrap();
    assert!(!browser.is_in().await);
    assert_eq!(browser.log_in("wang", PASSWORD).await.status, 403);
    assert_eq!(browser.log_in("wang", "another horse battery").await.status, 303);
}

pub(crate) async fn a_form_of_another_session_is_refused<S: Store>(world: &World<S>) {
    let (browser, other) = (Browser::of(world, "wang", May::Act).await, Browser::of(world, "wang", May::Act).await);
    for token in [String::new(), "x".to_owned(), other.token().await] {
        let seen = browser.post("/logout", &[("token", &token)]).await;
        assert_eq!(seen.status, 403);
        assert!(seen.text.contains("表单属于另一次登录"), "{}", seen.text);
    }
    assert!(browser.is_in().await);
}

pub(crate) async fn the_link_lets_one_person_in_once<S: Store>(world: &World<S>) {
    let browser = Browser::new(world);
    assert!(browser.get("/login").await.text.contains("一次性链接"));
    let token = world.link.strip_prefix("/enter?token=").unwrap();
    // A program that looks at links does not use it up.
    for _ in 0..2 {
        let seen = browser.get(&world.link).await;
        assert!(seen.status == 200 && seen.text.contains(&format!("value=\"{token}\"")));
    }
    let refused = async |browser: &Browser<'_, S>, token: &str| {
        let seen = browser.post("/enter", &[("token", token)]).await;
        assert_eq!(seen.status, 403);
        assert!(seen.text.contains("链接已用过"), "{}", seen.text);
    };
    refused(&browser, &token[1..]).await;
    assert_eq!(browser.post("/enter", &[("token", token)]).await.status, 303);
    assert!(browser.is_in().await && browser.get("/").await.text.contains("setup"));
    refused(&Browser::new(world), token).await;
}

pub(crate) async fn the_link_ends_with_time_and_with_the_first_user<S: Store>(world: &World<S>) {
    let (browser, token) = (Browser::new(world), world.link.strip_prefix("/enter?token=").unwrap());
    world.tick(i64::from(LINK_SECONDS) - 1);
    assert_eq!(browser.post("/enter", &[("token", token)]).await.status, 303);
    let _wang = Browser::of(world, "wang", May::Read).await;
    assert!(!browser.is_in().await);
    assert_eq!(browser.post("/enter", &[("token", token)]).await.status, 403);
}

pub(crate) async fn a_user_ends_the_link_and_its_session_for_good<S: Store>(world: &World<S>) {
    let (entered, late) = (Browser::new(world), Browser::new(world));
    let token = world.link.strip_prefix("/enter?token=").unwrap();
    assert_eq!(entered.post("/enter", &[("token", token)]).await.status, 303);
    assert!(entered.is_in().await);
    // Nobody asks for a page while there is a user.
    Users::add(&world.users_file, "wang", May::Read, PASSWORD).unwrap();
    world.users.reload().unwrap();
    std::fs::remove_file(&world.users_file).unwrap();
    world.users.reload().unwrap();
    assert!(world.users.is_empty() && !entered.is_in().await);
    assert_eq!(late.post("/enter", &[("token", token)]).await.status, 403);
}

pub(crate) async fn a_link_of_another_site_keeps_the_session<S: Store>(world: &World<S>) {
    let browser = Browser::of(world, "wang", May::Read).await;
    let cookies = std::mem::take(&mut *browser.cookies.borrow_mut());
    // The browser withholds the cookie, and shows a page that asks once more.
    let request = Request::get("/?cursor=").header("sec-fetch-site", "cross-site");
    let seen = browser.send(request, String::new()).await;
    assert_eq!(seen.status, 200);
    assert!(seen.text.contains("<meta http-equiv=\"refresh\" content=\"0; url=/?cursor=\">"), "{}", seen.text);
    *browser.cookies.borrow_mut() = cookies;
    let request = Request::get("/?cursor=").header("sec-fetch-site", "same-origin");
    assert!(browser.send(request, String::new()).await.text.contains("wang"));
}

pub(crate) async fn pages_load_nothing_from_elsewhere<S: Store>(world: &World<S>) {
    let browser = Browser::of(world, "wang", May::Read).await;
    let policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                  form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    for path in ["/", "/login", "/enter", "/page.css", "/page.js"] {
        let seen = browser.get(path).await;
        assert_eq!(seen.header("content-security-policy"), policy, "{path}");
        // With no-referrer, browsers would send forms with `Origin: null`.
        assert_eq!(seen.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!((seen.header("x-frame-options"), seen.header("x-content-type-options")), ("DENY", "nosniff"));
        assert_eq!(seen.header("cache-control"), "no-store", "{path}");
        for outside in ["http://", "https://", "src=\"//", "<style", " style=", " onclick", "javascript:"] {
            assert!(!seen.text.contains(outside), "{path}: {outside}");
        }
    }
}

pub(crate) async fn the_language_is_chinese_or_english_by_choice<S: Store>(world: &World<S>) {
    let browser = Browser::of(world, "wang", May::Read).await;
    let seen = browser.get("/").await;
    assert!(seen.text.contains("<html lang=\"zh-CN\">") && seen.text.contains("待处理投诉"));
    let seen = browser.post("/language", &[("language", "en"), ("to", "/numbers?a=1")]).await;
    assert_eq!((seen.status.as_u16(), seen.header("location")), (303, "/numbers?a=1"));
    let seen = browser.get("/").await;
    assert!(seen.text.contains("<html lang=\"en\">") && seen.text.contains("Open complaints"));
    assert!(browser.get("/?open=x").await.text.contains("<html lang=\"en\">"));
    for to in ["//evil.example", "https://evil.example", ""] {
        assert_eq!(browser.post("/language", &[("language", "xx"), ("to", to)]).await.header("location"), "/");
    }
    assert!(browser.get("/").await.text.contains("<html lang=\"zh-CN\">"));
    let request = Request::get("/login").header("host", HOST).body(Body::empty()).unwrap();
    assert!(Seen::of(world.send(request).await).await.text.contains("<html lang=\"zh-CN\">"));
}
