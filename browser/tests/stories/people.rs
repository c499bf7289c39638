//! The people of the stories, and their ways.

use browser_suite::{Browser, Scripts, Server, User, wait_for};
use serde_json::json;

/// She replies to payers.
pub(crate) const LI: User = User { name: "li", password: "correct horse battery", may: "act" };

/// He does, too.
pub(crate) const WANG: User = User { name: "wang", password: "staple of the desk", may: "act" };

/// He only looks.
pub(crate) const REVISOR: User = User { name: "revisor", password: "never to act on it", may: "read" };

/// A browser in which this person is logged in, at the list.
#[track_caller]
pub(crate) fn logged_in(server: &Server, user: &User, scripts: Scripts) -> Browser {
    let browser = Browser::open(server.desk(), scripts);
    browser.go("/");
    log_in(&browser, user.name, user.password);
    browser.sees("待处理投诉");
    browser
}

/// Fills in the log-in, and sends it.
#[track_caller]
pub(crate) fn log_in(browser: &Browser, name: &str, password: &str) {
    browser.field("用户名").fill(name);
    browser.field("密码").fill(password);
    browser.button("登录").send();
}

/// Ends this person's log-in, in another tab.
#[track_caller]
pub(crate) fn log_out_elsewhere(browser: &Browser) {
    let token = browser.run("return document.querySelector('input[name=token]').value", &json!([]));
    browser.post_elsewhere("/logout", &json!({"token": token}));
}

/// Waits until the server has a complaint, and shows it.
#[track_caller]
pub(crate) fn open_complaint(browser: &Browser, number: &str) {
    wait_for(number, || {
        browser.go("/");
        browser.text().contains(number).then_some(())
    });
    browser.link(number).send();
    browser.sees(number);
}
