//! The list: order, words, filters, pages, counts, the table to download.

use axum::body::Body;
use complaint_inbox::{Reading, Store};
use complaint_server::May;
use http::Request;
use http_body_util::BodyExt as _;

use crate::browser::Browser;
use crate::world::{HOST, World, due, filed};

/// A reading of a complaint that was filed on this day of March 2025.
fn reading(day: u32, state: &str, product: &str, searched: &str) -> Reading {
    let mut reading = due(filed(day));
    reading.state = Some(state.to_owned());
    reading.product = Some(product.to_owned());
    reading.searched = searched.to_owned().into();
    reading.amount = Some(2990);
    reading
}

/// The inbox is damaged after the first piece was sent.
#[tokio::test]
async fn a_download_that_fails_breaks_off() {
    let world = crate::world::sqlite();
    world.file("C1", reading(14, "PENDING", "茶", "")).await;
    let browser = Browser::of(&world, "wang", May::Read).await;
    let cookies: Vec<_> = browser.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = Request::get("/complaints.csv").header("host", HOST).header("cookie", cookies.join("; "));
    let mut response = world.send(request.body(Body::empty()).unwrap()).await;
    let head = response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(String::from_utf8(head.to_vec()).unwrap().ends_with("投诉时间\r\n"));
    let file = rusqlite::Connection::open(world.tokens_file.with_file_name("inbox.db")).unwrap();
    file.execute_batch("ALTER TABLE complaint RENAME TO gone").unwrap();
    assert!(response.body_mut().frame().await.unwrap().is_err(), "not an end");
}

/// The numbers of complaints in a page, in their order.
fn listed(text: &str) -> Vec<&str> {
    text.split("<a href=\"/complaints/")
        .skip(1)
        .map(|rest| rest.split_once("<bdi>").unwrap().1)
        .map(until_tag)
        .collect()
}

fn until_tag(text: &str) -> &str {
    text.split('<').next().unwrap()
}

pub(crate) async fn the_earliest_deadline_comes_first_with_the_time_left_in_words<S: Store>(world: &World<S>) {
    for (id, day) in [("C1", 14), ("C2", 13), ("C3", 12)] {
        world.file(id, reading(day, "PENDING", "茶", "")).await;
    }
    world.tick(-3600);
    let browser = Browser::of(world, "wang", May::Read).await;
    let text = browser.get("/").await.text;
    assert_eq!(listed(&text), ["C3", "C2", "C1"]);
    for words in [
        // Colour is never alone: each status has a word.
        "<span class=\"status over\">已超时</span>",
        "<span class=\"status near\">即将到期</span>",
        "<span class=\"status open\">未到期</span>",
        "回复 <span class=\"left\">还剩 60 分钟</span> <time datetime=\"2025-03-14T07:09:26Z\">2025-03-14 15:09</time>",
        "<span class=\"status over\">已超时 1 件</span>",
        "<span class=\"status near\">即将到期 1 件</span>",
        "¥29.90",
        "微信支付",
        "待处理",
        "href=\"/complaints/wechat-pay/1900000001/C1\"",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    browser.post("/language", &[("language", "en")]).await;
    let text = browser.get("/").await.text;
    for words in ["60 minutes left", "1 near", "1 over", "waiting for a reply", "WeChat Pay"] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

pub(crate) async fn filters_and_search_stand_in_the_address<S: Store>(world: &World<S>) {
    world.file("C1", reading(14, "PENDING", "茶", "4200001 水杯碎了")).await;
    world.file("C2", reading(13, "PROCESSING", "书", "4200002 没有收到货")).await;
    let mut closed = reading(12, "PROCESSED", "书", "4200003");
    closed.is_closed = true;
    world.file("C3", closed).await;
    let browser = Browser::of(world, "wang", May::Read).await;
    for (query, expected) in [
        ("", &["C2", "C1"][..]),
        ("?show=all", &["C2", "C1", "C3"]),
        ("?show=all&state=PROCESSED", &["C3"]),
        ("?product=%E8%8C%B6", &["C1"]),
        ("?search=%E6%94%B6%E5%88%B0", &["C2"]),
        ("?search=4200001", &["C1"]),
        ("?search=c2", &["C2"]),
        ("?channel=allinpay", &[]),
        ("?merchant=1900000001&channel=wechat-pay", &["C2", "C1"]),
        ("?search=nothing", &[]),
    ] {
        let text = browser.get(&format!("/{query}")).await.text;
        assert_eq!(listed(&text), expected, "{query}");
        assert_eq!(text.contains("没有符合条件的投诉"), expected.is_empty());
    }
    let text = browser.get("/?show=all&channel=allinpay").await.text;
    assert!(text.contains("<h1>全部投诉</h1>"), "{text}");
    assert!(text.contains("<span class=\"status none\">已超时 0 件</span>"), "{text}");
    let text = browser.get("/?state=PENDING&search=4200001").await.text;
    assert!(text.contains("<option value=\"PENDING\" selected>待处理</option>"), "{text}");
    assert!(text.contains("name=\"search\" type=\"search\" value=\"4200001\""), "{text}");
    for query in ["?serach=x", "?cursor=zz", "?state=A&state=B"] {
        let seen = browser.get(&format!("/{query}")).await;
        assert_eq!(seen.status, 400, "{query}");
        assert!(seen.text.contains("地址或表单不完整"), "{query}");
    }
}

pub(crate) async fn a_long_list_has_pages_that_keep_the_filters<S: Store>(world: &World<S>) {
    for number in 0..60 {
        world.file(&format!("C{number:02}"), reading(14, "PENDING", "茶", "杯子")).await;
    }
    let browser = Browser::of(world, "wang", May::Read).await;
    let first = browser.get("/?search=%E6%9D%AF%E5%AD%90").await.text;
    let (_, next) = first.split_once("<a class=\"button\" href=\"/?search=%E6%9D%AF%E5%AD%90&#38;cursor=").unwrap();
    let next = next.split('"').next().unwrap();
    let second = browser.get(&format!("/?search=%E6%9D%AF%E5%AD%90&cursor={next}")).await.text;
    let mut all = [listed(&first), listed(&second)].concat();
    assert_eq!((all.len(), listed(&first).len()), (60, 50));
    all.dedup();
    assert_eq!(all.len(), 60);
    assert!(!second.contains("下一页"));
}

pub(crate) async fn hostile_words_are_words<S: Store>(world: &World<S>) {
    let hostile = "\"><script>alert(1)</script>";
    world.file("C1", reading(14, hostile, hostile, "")).await;
    world.file("A<b>", reading(14, "PENDING", "\u{202e}txt", "")).await;
    let browser = Browser::of(world, "wang", May::Read).await;
    let search: String = form_urlencoded::byte_serialize(hostile.as_bytes()).collect();
    for path in ["/".to_owned(), "/?show=all".to_owned(), format!("/?search={search}"), format!("/?state={search}")] {
        let text = browser.get(&path).await.text;
        assert!(!text.contains("<script>") && !text.contains("A<b>"), "{path}");
    }
    let text = browser.get("/").await.text;
    assert!(text.contains("href=\"/complaints/wechat-pay/1900000001/A%3Cb%3E\""), "{text}");
}

pub(crate) async fn the_list_is_downloaded_as_it_is_filtered<S: Store>(world: &World<S>) {
    world.file("200201820200101080076610000", reading(14, "=1+1", "茶", "杯")).await;
    world.file("C2", reading(13, "PENDING", "书", "书")).await;
    let browser = Browser::of(world, "wang", May::Read).await;
    assert!(browser.get("/?search=%E6%9D%AF").await.text.contains("href=\"/complaints.csv?search=%E6%9D%AF\""));
    let seen = browser.get("/complaints.csv?search=%E6%9D%AF").await;
    assert_eq!(seen.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(seen.header("content-disposition"), "attachment; filename=\"complaints.csv\"");
    assert_eq!(
        seen.text,
        "\u{feff}投诉单号,期限,到期,状态,渠道,商户,金额,投诉时间\r\n\
         `200201820200101080076610000,未到期,2025-03-15 15:09,\"'=1+1\",微信支付,`1900000001,29.90,\r\n"
    );
    let deeds = world.store.deeds(None, 10).await.unwrap();
    let deeds: Vec<_> = deeds.iter().map(|deed| (&*deed.deed.user, &*deed.deed.word)).collect();
    assert_eq!(deeds, [("wang", "export"), ("wang", "log-in")]);
    for number in 0..250 {
        world.file(&format!("D{number:03}"), reading(14, "PENDING", "茶", "")).await;
    }
    assert_eq!(browser.get("/complaints.csv").await.text.lines().count(), 1 + 252);
}
