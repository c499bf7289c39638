//! Messages that could not be read.

use complaint_inbox::{NewLetter, Reason, Source, Store as _};
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
    assert!(
        world.store.keep_letter(NewLetter::new(source, Reason::new("penalty", "x"), vec![0xff, 0xfe])).await.unwrap()
    );
    let (actor, reader) = (Browser::enter(&world, ACTORS[0]).await, Browser::enter(&world, READER).await);
    let (page, seen) = (actor.get("/letters").await, reader.get("/letters").await);
    for page in [&page, &seen] {
        for words in ["内容，2 字节", "no JSON", "处罚通知。", "/complaints/wechat-pay/1900000001/A%26B"] {
            assert!(page.has(words), "{words}: {}", page.text());
        }
        assert!(!page.has("alert(1)") && !page.has("//4="), "{}", page.text());
    }
    assert!(seen.form_by("action=\"/letters").is_none());
    let whole =
        async |number: u32| actor.press(&page.form_by(&format!("action=\"/letters/{number}/content\"")).unwrap()).await;
    let (text, binary) = (whole(1).await, whole(2).await);
    assert!(text.has("&#60;script&#62;alert(1)") && !text.has("<script>alert") && !text.has("//4="), "{}", text.text());
    assert!(binary.has("//4=") && text.headers["cache-control"] == "no-store", "{}", binary.text());
    let looks = async || {
        let deeds = world.store.deeds(None, 50).await.unwrap();
        let looks = deeds.into_iter().filter(|record| record.deed.word == "letter-shown");
        looks.map(|record| (record.deed.user, record.deed.detail.unwrap())).collect::<Vec<_>>()
    };
    let shown = |number: &str| (ACTORS[0].to_owned(), number.to_owned());
    assert_eq!(looks().await, [shown("2"), shown("1")]);
    let mut form = page.form_by("action=\"/letters/2/content\"").unwrap();
    form.fields = vec![seen.form_by("/logout").unwrap().fields.remove(0)];
    assert_eq!(reader.press(&form).await.status, StatusCode::FORBIDDEN);
    assert_eq!(looks().await.len(), 2);
    let mut form = page.form_by("action=\"/letters/1\"").unwrap();
    assert_eq!(actor.press(&form).await.location(), "/letters");
    assert_eq!(actor.press(&form).await.status, StatusCode::NOT_FOUND, "it was dealt with");
    assert!(!actor.get("/letters").await.has("no JSON"));
    let journal = actor.get("/journal").await;
    assert!(journal.has("处理无法读取的消息") && journal.has("查看无法读取的消息"));

    form = page.form_by("action=\"/letters/2\"").unwrap();
    form.fields = vec![seen.form_by("/logout").unwrap().fields.remove(0)];
    assert_eq!(reader.press(&form).await.status, StatusCode::FORBIDDEN);
    form.fields.clear();
    assert_eq!(actor.press(&form).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.store.letters(0, 10).await.unwrap().len(), 1);
}
