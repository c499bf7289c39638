//! The list, one complaint, letters.

use axum::body::Body;
use complaint_inbox::{Entry, MAX_PRODUCT, MAX_SEARCH_WORDS, NewLetter, Reading, Source, Store};
use http::Request;
use serde_json::{Value, json};

use crate::world::{NOW, Seen, World, address, due, filed};

fn ids(list: &Value) -> Vec<&str> {
    list["complaints"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

async fn three<S: Store>(world: &World<S>) {
    world.file("1", due(filed(14))).await;
    world.file("2", due(filed(13))).await;
    let mut closed = Reading::new("{}");
    closed.is_closed = true;
    world.file("3", closed).await;
}

pub(crate) async fn the_list_begins_with_the_earliest_deadline<S: Store>(world: &World<S>) {
    three(world).await;
    let list = world.get("/api/complaints").await.ok();
    assert_eq!(ids(&list), ["2", "1", "3"]);
    let first = &list["complaints"][1];
    let known = json!({
        "channel": "wechat-pay", "merchant": "1900000001", "id": "1", "version": 1, "state": null, "filed": null,
        "reply_due": "2025-03-15T07:09:26Z", "finish_due": "2025-03-17T07:09:26Z", "deadline": "open",
        "amount": null, "product": null, "is_open": true, "is_due": false, "read_at": "2025-03-14T07:09:26Z", "refused": 0
    });
    assert_eq!(*first, known);
    assert_eq!(list["next"], Value::Null);
    let deadline = async |place: usize| world.get("/api/complaints").await.ok()["complaints"][place]["deadline"].take();
    assert_eq!([deadline(0).await, deadline(2).await], ["over", "met"]);
    world.tick(18 * 3600);
    assert_eq!(deadline(1).await, "near");
}

pub(crate) async fn the_list_shows_what_its_parameters_say<S: Store>(world: &World<S>) {
    three(world).await;
    let mut reading = due(filed(15));
    (reading.state, reading.product) = (Some("201".to_owned()), Some("月卡".to_owned()));
    reading.searched = "42000004 重复扣费 Refund".into();
    world.file("4", reading).await;
    let product = |bytes: usize| format!("product={}", "a".repeat(bytes));
    let words = |number: usize| format!("text={}", vec!["42"; number].join("+"));
    for (query, expected) in [
        ("open=true", &["2", "1", "4"][..]),
        ("open=false", &["3"]),
        ("channel=wechat-pay&merchant=1900000001", &["2", "1", "4", "3"]),
        ("channel=allinpay", &[]),
        ("merchant=1", &[]),
        ("due_before=2025-03-15T07:09:26Z", &["2"]),
        ("due_before=2025-03-15T07:09:27Z", &["2", "1"]),
        ("state=201", &["4"]),
        ("state=PENDING", &[]),
        ("product=%E6%9C%88%E5%8D%A1", &["4"]),
        ("product=%E6%9C%88", &[]),
        ("text=%E6%89%A3%E8%B4%B9", &["4"]),
        ("text=reFUND+42", &["4"]),
        ("text=%E6%89%A3%E8%B4%B9&state=PENDING", &[]),
        ("text=4&open=false", &[]),
        ("text=+", &["2", "1", "4", "3"]),
        (&product(MAX_PRODUCT), &[]),
        (&words(MAX_SEARCH_WORDS), &["4"]),
        ("open=&channel=&merchant=&state=&product=&text=&due_before=&cursor=&limit=", &["2", "1", "4", "3"]),
    ] {
        assert_eq!(ids(&world.get(&format!("/api/complaints?{query}")).await.ok()), expected, "{query}");
    }
    for query in [
        "opne=true",
        "open=1",
        "limit=0",
        "limit=201",
        "cursor=zz",
        "due_before=tomorrow",
        "open=true&open=true",
        "state=201&state=202",
        "search=42",
        &product(MAX_PRODUCT + 1),
        &words(MAX_SEARCH_WORDS + 1),
    ] {
        world.get(&format!("/api/complaints?{query}")).await.is_refused(400, "malformed");
    }
}

pub(crate) async fn the_list_is_read_in_pages<S: Store>(world: &World<S>) {
    three(world).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/api/complaints?limit=1&cursor={cursor}")).await.ok();
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, ["2", "1", "3"]);
}

pub(crate) async fn a_complaint_is_shown_whole_with_every_digit<S: Store>(world: &World<S>) {
    let mut reading = Reading::new(r#"{"complaint_id":"投/1","n":12345678901234567890.10}"#);
    reading.deadlines = Some(filed(14));
    reading.state = Some("PENDING".to_owned());
    reading.filed = Some(NOW);
    reading.amount = Some(3);
    let document = r#"{"log_id":"L1","n":1.00}"#.to_owned().into();
    reading.entries = Some(vec![Entry { id: "L1".into(), kind: Some("K".into()), at: Some(NOW), document }]);
    world.file("投/1", reading).await;
    let seen = world.get(&address("%E6%8A%95%2F1")).await;
    assert_eq!(seen.header("etag"), "\"1\"");
    for verbatim in [r#""n":12345678901234567890.10}"#, r#""document":{"log_id":"L1","n":1.00}"#] {
        assert!(seen.text.contains(verbatim), "{}", seen.text);
    }
    let whole = seen.ok();
    assert_eq!((&whole["id"], &whole["state"], &whole["amount"]), (&json!("投/1"), &json!("PENDING"), &json!(3)));
    assert_eq!(whole["deadlines"]["reply"]["due"], "2025-03-15T07:09:26Z");
    assert_eq!(whole["deadlines"]["finish"]["since"], "2025-03-14T07:09:26Z");
    assert_eq!(whole["history"][0]["kind"], "K");
    assert_eq!(whole["acts"], json!([]));
}

pub(crate) async fn a_complaint_that_is_not_there_is_not_found<S: Store>(world: &World<S>) {
    world.get(&address("1")).await.is_refused(404, "not-found");
    world.get("/api/acts/1").await.is_refused(404, "not-found");
    // It was heard of, and never read.
    world.hear("1", &[]).await;
    let whole = world.get(&address("1")).await.ok();
    assert_eq!(
        (&whole["document"], &whole["is_due"], &whole["deadline"]),
        (&json!(null), &json!(true), &json!("unknown"))
    );
}

pub(crate) async fn letters_are_shown_to_those_who_may_act_and_removed<S: Store>(world: &World<S>) {
    let source = Source::new("mini-program", "wx1");
    for content in [&b"\xff\x00"[..], b"<xml>"] {
        world.store.keep_letter(NewLetter::new(source.clone(), "no XML", content.to_vec())).await.unwrap();
    }
    let letters = world.get("/api/letters?limit=1").await.ok();
    let known = json!({"letters": [{"number": 1, "at": "2025-03-14T07:09:26Z", "channel": "mini-program",
        "merchant": "wx1", "complaint_id": null, "code": null, "reason": "no XML", "size": 2}]});
    assert_eq!(letters, known);
    let looks = async || {
        let deeds = world.store.deeds(None, 9).await.unwrap();
        deeds.into_iter().map(|record| (record.deed.user, record.deed.word)).collect::<Vec<_>>()
    };
    let content = async |number: &str, token: &str| {
        let request = world.request("POST", &format!("/api/letters/{number}/content"), token);
        Seen::of(world.send(request.body(Body::empty()).unwrap()).await).await
    };
    content("1", &world.reader).await.is_refused(403, "may-not-act");
    for number in ["0", "9", "a", "9223372036854775807", "-9223372036854775808"] {
        content(number, &world.actor).await.is_refused(404, "not-found");
    }
    assert!(looks().await.is_empty());
    let whole = content("1", &world.actor).await;
    assert_eq!(whole.header("cache-control"), "no-store");
    let whole = whole.ok();
    assert_eq!((&whole["number"], &whole["content"]), (&json!(1), &json!("/wA=")));
    let (actor, word) = ("actor".to_owned(), |word: &str| word.to_owned());
    assert_eq!(looks().await, [(actor.clone(), word("letter-shown"))]);
    let remove = async |number: &str| {
        let request: Request<Body> =
            world.request("DELETE", &format!("/api/letters/{number}"), &world.actor).body(Body::empty()).unwrap();
        Seen::of(world.send(request).await).await
    };
    assert_eq!(remove("1").await.status, 204);
    let done = [(actor.clone(), word("letter-done")), (actor, word("letter-shown"))];
    assert_eq!(looks().await, done);
    for number in ["1", "9", "a"] {
        remove(number).await.is_refused(404, "not-found");
    }
    assert_eq!(world.get("/api/letters").await.ok()["letters"][0]["number"], 2);
    assert_eq!(world.get("/api/letters?after=2").await.ok()["letters"], json!([]));
}
