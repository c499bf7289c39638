//! Pictures of the page for the documents, in the folder that SCREENSHOTS names.

use std::path::Path;

use browser_suite::{Browser, DESKTOP, Scripts, Server, TELEPHONE};
use serde_json::json;

use crate::people::{LI, logged_in, open_complaint};

#[test]
fn screenshots_are_made() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    let number = server.file_complaint("收到的耳机左边没有声音，要求换货或者退款");
    open_complaint(&browser, &number);
    server.platform(&format!("complaints/{number}/messages"), &json!({"text": "照片已经发给店家了，请尽快回复"}));
    browser.sees("照片已经发给店家了");
    let complaint = browser.path();
    for (name, page) in [("complaint", complaint.as_str()), ("list", "/")] {
        browser.go(page);
        for size in [DESKTOP, TELEPHONE] {
            save(&browser, name, size);
        }
    }
}

/// Saves a page, as high as it is.
fn save(browser: &Browser, name: &str, (width, height): (u32, u32)) {
    browser.resize((width, height));
    let whole = browser.run("return document.documentElement.scrollHeight", &json!([])).as_u64().unwrap();
    let whole = u32::try_from(whole).unwrap().clamp(height, MOST_HIGH);
    browser.resize((width, whole));
    let folder = std::env::var_os("SCREENSHOTS").expect("SCREENSHOTS names a folder; see checks/browser");
    std::fs::write(Path::new(&folder).join(format!("{name}-{width}.png")), browser.screenshot()).unwrap();
}

/// The rest of a longer page is not shown.
const MOST_HIGH: u32 = 2_400;
