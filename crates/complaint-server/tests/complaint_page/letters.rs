//! Messages that could not be read.

use complaint_inbox::{NewLetter, Source, Store as _};
use http::StatusCode;

use crate::browser::Browser;
use crate::world::{ACTORS, READER, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_shown_as_text_and_dealt_with_once() {
    let world = World::new().await;
    let source = Source::new("wechat-pay", "1900000001");
    let mut letter = NewLetter::new(source.clone(), "no JSON", b"<script>alert(1)</script>".to_vec());
    letter.complaint_id = Some("A&B".to_owned());
    assert!(world.store.keep_letter(letter).await.unwrap());
    assert!(world.store.keep_letter(NewLetter::new(source, "no text", vec![0xff, 0xfe])).await.unwrap());
    let (actor, reader) = (Browser::enter(&world, ACTORS[0]).await, Browser::enter(&world, READER).await);
    let page = actor.get("/letters").await;
    for words in
        ["&#60;script&#62;alert(1)", "//4=", "内容，2 字节", "no JSON", "/complaints/wechat-pay/1900000001/A%26B"]
    {
        assert!(page.has(words), "{words}: {}", page.text());
    }
    assert!(!page.has("<script>alert"));
    let seen = reader.get("/letters").await;
    assert!(seen.has("no text") && seen.form_by("action=\"/letters").is_none());
    let mut form = page.form_by("action=\"/letters/1\"").unwrap();
    assert_eq!(actor.press(&form).await.location(), "/letters");
    assert_eq!(actor.press(&form).await.status, StatusCode::NOT_FOUND, "it was dealt with");
    assert!(!actor.get("/letters").await.has("no JSON"));
    assert!(actor.get("/journal").await.has("处理无法读取的消息"));

    form = page.form_by("action=\"/letters/2\"").unwrap();
    form.fields = vec![seen.form_by("/logout").unwrap().fields.remove(0)];
    assert_eq!(reader.press(&form).await.status, StatusCode::FORBIDDEN);
    form.fields.clear();
    assert_eq!(actor.press(&form).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.store.letters(0, 10).await.unwrap().len(), 1);
}
