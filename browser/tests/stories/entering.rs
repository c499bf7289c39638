//! In, and out.

use browser_suite::{Browser, Scripts, Server};

use crate::people::{LI, log_in, logged_in, open_complaint};

#[test]
fn a_person_logs_in_and_out() {
    let server = Server::start(&[LI]);
    let browser = Browser::open(server.desk(), Scripts::Run);
    browser.go("/journal");
    log_in(&browser, LI.name, "not the password");
    browser.sees("用户名或密码不正确");
    // It tells of the refusal.
    browser.console();
    log_in(&browser, LI.name, LI.password);
    // The page that was asked for.
    browser.sees("操作记录");
    assert_eq!(browser.path(), "/journal");

    browser.button("退出").send();
    browser.go("/journal");
    assert!(browser.path().starts_with("/login"), "{}", browser.path());
    assert!(browser.console().is_empty() && browser.outside_requests().is_empty());
}

#[test]
fn english_is_a_choice_that_stays() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    browser.button("English").send();
    browser.sees("Complaints");
    browser.go("/journal");
    assert!(!browser.text().contains("操作记录"), "{}", browser.text());
    browser.button("中文").send();
    browser.sees("操作记录");
}

#[test]
fn wrong_passwords_lock_a_name_out() {
    let server = Server::start(&[LI]);
    let browser = Browser::open(server.desk(), Scripts::Run);
    browser.go("/login");
    for _ in 0..MANY {
        log_in(&browser, LI.name, "not the password");
        if browser.text().contains(LOCKED) {
            break;
        }
    }
    browser.sees(LOCKED);
    browser.go("/login");
    log_in(&browser, LI.name, LI.password);
    browser.sees(LOCKED);
}

#[test]
fn the_link_of_the_start_lets_one_person_in_once() {
    let (server, link) = Server::start_on_a_terminal();
    let path = link.strip_prefix(server.desk()).unwrap();
    // Under a name that leads here, as a page of another site can have one. It does not use the link up.
    let port = server.desk().rsplit(':').next().unwrap();
    let rebound = Browser::open(&format!("http://rebound.localhost:{port}"), Scripts::Run);
    rebound.go(path);
    rebound.sees("这个网址不是本服务器的网址");

    let browser = Browser::open(server.desk(), Scripts::Run);
    browser.go("/");
    browser.sees("请打开启动时终端上显示的一次性链接");
    browser.go(path);
    browser.button("进入").send();
    browser.sees("待处理投诉");
    browser.sees("setup");
    for scripts in [Scripts::Run, Scripts::Blocked] {
        let second = Browser::open(server.desk(), scripts);
        second.go(path);
        second.button("进入").send();
        second.sees("链接已用过");
        second.go("/");
        assert!(second.path().starts_with("/login"), "{}", second.path());
    }
    // The first one stays in, and may act.
    let number = server.file_complaint("没有收到货");
    open_complaint(&browser, &number);
    browser.button("发送回复").is_there();
}

/// More wrong passwords than any page allows at once.
const MANY: usize = 30;

const LOCKED: &str = "失败次数过多";
