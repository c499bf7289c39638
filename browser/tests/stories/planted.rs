//! The looks of the other stories find faults that are planted.

use browser_suite::{Browser, DESKTOP, Key, Scripts, TELEPHONE, Words, foreign};

/// A sound page, whose `FAULT` a test replaces.
const PAGE: &str = r##"<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>投诉</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:focus-visible { outline: 3px solid #00f } a, button { padding: 12px }</style></head>
<body><main><h1>投诉</h1><a href="#1">第一条</a>
<form><label>内容 <input name="text"></label><button>发送</button></form>FAULT</main></body></html>"##;

fn show(browser: &Browser, fault: &str) {
    browser.show(&PAGE.replace("FAULT", fault));
}

#[test]
fn a_sound_page_passes_and_each_fault_is_found() {
    let browser = Browser::open("http://127.0.0.1:9", Scripts::Run);

    for size in [DESKTOP, TELEPHONE] {
        browser.resize(size);
        show(&browser, "");
        assert_eq!(browser.violations(), [""; 0]);
        assert!(browser.content_width() <= u64::from(size.0), "{}", browser.content_width());
    }
    let stops: Vec<_> = browser.tab_through();
    assert!(stops.iter().all(|stop| stop.is_visible), "{stops:?}");
    let names: Vec<_> = stops.iter().map(|stop| stop.name.as_str()).collect();
    assert_eq!(
        (names.as_slice(), browser.operable()),
        (["第一条", "内容", "发送"].as_slice(), names.iter().map(ToString::to_string).collect())
    );
    assert!(foreign(Words::Chinese, &browser.own_texts()).is_empty(), "{:?}", browser.own_texts());

    show(&browser, "<input type=text>");
    assert!(browser.violations().iter().any(|found| found.starts_with("label: ")), "a field without a label");
    show(&browser, "<p style='color: #aaa; background: #fff'>看不清</p>");
    assert!(browser.violations().iter().any(|found| found.starts_with("color-contrast: ")), "a contrast");
    show(&browser, &format!("<p>{}</p>", "x".repeat(300)));
    assert!(browser.content_width() > u64::from(TELEPHONE.0), "a word that does not wrap");
    show(&browser, "<a href=# style='outline: none'>看不见</a>");
    assert!(browser.tab_through().iter().any(|stop| !stop.is_visible), "a focus that is not seen");
    show(&browser, "<button tabindex=-1>够不着</button>");
    assert!(!browser.tab_through().iter().any(|stop| stop.name == "够不着"), "a button without the keyboard");
    assert!(browser.operable().contains(&"够不着".to_owned()));
    show(&browser, "<p title='half of it'>一半</p>");
    assert_eq!(foreign(Words::Chinese, &browser.own_texts()), ["half of it"]);

    browser.console();
    browser.outside_requests();
    show(&browser, "<img src='http://127.0.0.1:1/a.png' alt=''><script>nothing()</script>");
    assert!(browser.outside_requests().contains(&"http://127.0.0.1:1/a.png".to_owned()));
    assert!(browser.console().iter().any(|found| found.contains("nothing")));
}

#[test]
fn scripts_run_unless_they_are_blocked() {
    for (scripts, title) in [(Scripts::Run, "ran"), (Scripts::Blocked, "投诉")] {
        let browser = Browser::open("http://127.0.0.1:9", scripts);
        show(&browser, "<script>document.title = 'ran'</script>");
        assert_eq!(browser.run("return document.title", &serde_json::json!([])), title);
        browser.field("内容").fill("已经");
        browser.field_beside("发送", "内容").paste("处理");
        assert_eq!(browser.field("内容").value(), "已经处理");
        browser.link("第一条").click();
        browser.tab_to("发送");
        browser.press(Key::Enter);
        browser.sees("第一条");
    }
}
