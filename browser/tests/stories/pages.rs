//! Each page, as each person meets it.

use browser_suite::{Browser, DESKTOP, Scripts, Server, TELEPHONE, Words, foreign, wait_for};

use crate::people::{LI, logged_in, open_complaint};

#[test]
fn each_page_is_sound_in_both_widths_languages_and_colours() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    let pages = pages(&server, &browser);
    for words in [Words::Chinese, Words::English] {
        for page in &pages {
            browser.go(page);
            let half = foreign(words, &browser.own_texts());
            assert!(half.is_empty(), "half of {page} is not in {words:?}: {half:?}");
            for dark in [false, true] {
                browser.prefer_dark(dark);
                for size in [DESKTOP, TELEPHONE] {
                    browser.resize(size);
                    let (width, place) = (size.0, format!("{page}, {words:?}, {} wide, dark: {dark}", size.0));
                    // A new width takes a moment.
                    wait_for(&format!("no scrolling to the side: {place}"), || {
                        (browser.content_width() <= u64::from(width)).then_some(())
                    });
                    let found = browser.violations();
                    assert!(found.is_empty(), "{place}: {found:#?}");
                }
            }
            browser.resize(DESKTOP);
        }
        if words == Words::Chinese {
            browser.go("/");
            browser.button("English").send();
        }
    }
    let mut console = browser.console();
    console.retain(|told| !told.contains(MISSING));
    assert_eq!(console, [""; 0]);
    assert_eq!(browser.outside_requests(), [""; 0]);
}

#[test]
fn the_keyboard_reaches_everything_and_shows_where_it_is() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    for page in pages(&server, &browser) {
        browser.go(&page);
        // Complaints may still arrive, and a row that comes in between is in one of the lists alone.
        let (stops, operable) = wait_for("a page at rest", || {
            let (before, stops) = (browser.operable(), browser.tab_through());
            (browser.operable() == before).then_some((stops, before))
        });
        let hidden: Vec<_> = stops.iter().filter(|stop| !stop.is_visible).collect();
        assert!(hidden.is_empty(), "the focus is not seen on {page}: {hidden:?}");
        let mut reached: Vec<&str> = stops.iter().map(|stop| stop.name.as_str()).collect();
        // The parts of a date have one name.
        reached.dedup();
        assert_eq!(reached, operable, "the order of the focus on {page}");
    }
}

/// The addresses of every page, with a complaint that was read.
fn pages(server: &Server, browser: &Browser) -> Vec<String> {
    open_complaint(browser, &server.file_complaint("没有收到货"));
    let complaint = browser.path();
    let others = ["/", "/numbers", "/letters", "/journal", "/login", MISSING];
    others.map(str::to_owned).into_iter().chain([complaint]).collect()
}

/// The address of a complaint that is none: a refusal as a page.
const MISSING: &str = "/complaints/wechat-pay/1/2";
