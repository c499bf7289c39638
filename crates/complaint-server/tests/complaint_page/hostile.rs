//! Payers' words of every kind, which stay words.

use platform_sandbox::NewComplaint;

use crate::browser::Browser;
use crate::world::{ACTORS, World};

#[tokio::test(flavor = "multi_thread")]
async fn words_of_every_kind_stay_words() {
    let world = World::new().await;
    let long = "投".repeat(10_000);
    let marks = format!("a{}", "\u{301}".repeat(300));
    let hostile = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "</textarea></bdi><form action=https://evil.example>",
        "\u{202e}lmth.exe\u{2066}",
        "javascript:alert(1) https://evil.example/",
        "{{ frame }} {% include %} { $name }",
        &long,
        &marks,
        "a\u{0}b\u{1b}[2J",
    ];
    for language in ["", "; language=en"] {
        let browser = Browser { language, ..Browser::enter(&world, ACTORS[0]).await };
        for words in hostile {
            let new = NewComplaint::default().with_complaint_detail(words).with_problem_description(words);
            let id = world.sandbox.file_complaint(new);
            let key = world.wechat_pay(&id);
            world.hear(&key).await;
            world.sandbox.user_message(&id, words).unwrap();
            world.hear(&key).await;
            let page = browser.open(&key).await;
            let text = page.text();
            for markup in
                ["<script>alert", "<img src=x", "<form action=https", "href=\"http", "src=\"http", "href=\"java"]
            {
                assert!(!text.contains(markup), "{markup}: {text}");
            }
            assert!(!text.contains(['\0', '\u{1b}']), "{text}");
            // All of it is there, in the complaint and in its history.
            let is_there = match words {
                "<script>alert(1)</script>" => text.matches("&#60;script&#62;alert(1)&#60;/script&#62;").count() >= 3,
                words if words == long => text.matches('投').count() >= 20_000,
                _ => true,
            };
            assert!(is_there, "{text}");
            // One script, one style, one icon: the page's own.
            assert_eq!((text.matches("<script").count(), text.matches("<link").count()), (1, 2));
            let count = |part: &str| text.matches(part).count();
            assert_eq!(count("<bdi"), count("</bdi>"), "{text}");
            assert_eq!(count("<details"), count("</details>"), "{text}");
        }
        let page = browser.get("/").await;
        assert_eq!(page.text().matches("<script").count(), 1);
    }
}
