//! Replies and completions: sent once, whatever people do.

use browser_suite::{Browser, Scripts, Server, wait_for};
use serde_json::json;

use crate::people::{LI, REVISOR, WANG, logged_in, open_complaint};

#[test]
fn a_complaint_is_replied_to_with_a_picture_and_completed() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    let number = server.file_complaint("没有收到货");
    open_complaint(&browser, &number);
    reply_with_a_picture(&server, &browser, &number);
    complete(&server, &browser, &number);
    assert_eq!(browser.console(), [""; 0]);
    assert_eq!(browser.outside_requests(), [""; 0]);
}

#[test]
fn without_scripts_a_complaint_is_listed_replied_to_and_completed() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Blocked);
    let number = server.file_complaint("没有收到货");
    open_complaint(&browser, &number);
    reply_with_a_picture(&server, &browser, &number);
    complete(&server, &browser, &number);
}

#[test]
fn the_keyboard_alone_replies() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    let number = server.file_complaint("没有收到货");
    open_complaint(&browser, &number);
    browser.tab_to("内容");
    browser.type_text("您好，已为您补发");
    browser.tab_to("发送回复");
    browser.press(browser_suite::Key::Enter);
    is_done(&browser, "回复");
    assert_eq!(replies(&server, &number), 1);
}

#[test]
fn a_double_click_and_a_reload_send_once() {
    let server = Server::start(&[LI]);
    for scripts in [Scripts::Run, Scripts::Blocked] {
        let browser = logged_in(&server, &LI, scripts);
        let number = server.file_complaint("没有收到货");
        open_complaint(&browser, &number);
        browser.field_beside("发送回复", "内容").fill("您好，已为您补发");
        browser.button("发送回复").send_twice();
        is_done(&browser, "回复");
        browser.reload();
        is_done(&browser, "回复");
        assert_eq!(replies(&server, &number), 1, "{scripts:?}");
    }
}

#[test]
fn the_second_of_two_people_is_told_who_was_first() {
    let server = Server::start(&[LI, WANG]);
    let (first, second) = (logged_in(&server, &LI, Scripts::Run), logged_in(&server, &WANG, Scripts::Run));
    let number = server.file_complaint("没有收到货");
    open_complaint(&first, &number);
    open_complaint(&second, &number);
    // The platform takes its time, so that the first one is under way.
    server.platform("faults", &json!({"kind": "slow_response", "on": "respond", "millis": 3_600_000}));
    reply(&first, "您好，已为您补发");
    first.sees_in("已提交的操作", "回复");

    reply(&second, "请问订单号是多少？");
    second.sees("li 于");
    second.sees("提交了同样的操作，尚未结束。您的内容没有发送");
    assert_eq!(second.field_beside("发送回复", "内容").value(), "请问订单号是多少？");
}

#[test]
fn a_reply_to_what_the_payer_said_before_is_not_sent() {
    let server = Server::start(&[LI]);
    // Its page shows what it showed when it was opened.
    let browser = logged_in(&server, &LI, Scripts::Blocked);
    let number = server.file_complaint("没有收到货");
    open_complaint(&browser, &number);
    server.platform(&format!("complaints/{number}/messages"), &json!({"text": "刚刚收到了，谢谢"}));
    let other = logged_in(&server, &LI, Scripts::Run);
    open_complaint(&other, &number);
    other.sees("刚刚收到了，谢谢");

    reply(&browser, "您好，已为您补发");
    browser.sees("没有发送任何内容");
    browser.sees("刚刚收到了，谢谢");
    assert_eq!(browser.field_beside("发送回复", "内容").value(), "您好，已为您补发");
    assert_eq!(replies(&server, &number), 0);
    browser.button("发送回复").send();
    is_done(&browser, "回复");
    assert_eq!(replies(&server, &number), 1);
}

#[test]
fn a_person_who_only_reads_has_no_forms() {
    let server = Server::start(&[REVISOR]);
    let browser = logged_in(&server, &REVISOR, Scripts::Run);
    open_complaint(&browser, &server.file_complaint("没有收到货"));
    browser.sees("您只有查看权限");
    assert!(!browser.text().contains("发送回复"));
}

#[track_caller]
fn reply(browser: &Browser, text: &str) {
    browser.field_beside("发送回复", "内容").fill(text);
    browser.button("发送回复").send();
}

#[track_caller]
fn reply_with_a_picture(server: &Server, browser: &Browser, number: &str) {
    let picture = server.path("picture.png");
    std::fs::write(&picture, browser.screenshot()).unwrap();
    browser.field_beside("发送回复", "内容").fill("您好，已为您补发");
    browser.field_beside("发送回复", "图片").fill(picture.to_str().unwrap());
    browser.button("发送回复").send();
    is_done(browser, "回复");
    let entries = server.entries(number, "MERCHANT_RESPONSE");
    let [reply] = entries.as_slice() else { panic!("{entries:?}") };
    assert!(reply.to_string().contains("您好，已为您补发"), "{reply}");
    assert!(reply.to_string().contains("/images/"), "{reply}");
}

#[track_caller]
fn complete(server: &Server, browser: &Browser, number: &str) {
    browser.button("处理完成").click();
    browser.button("确认处理完成").send();
    is_done(browser, "处理完成");
    assert_eq!(server.entries(number, "MERCHANT_CONFIRM_COMPLETE").len(), 1);
}

/// Waits until the page says that the platform has an act. Without scripts, people load it again.
#[track_caller]
fn is_done(browser: &Browser, act: &str) {
    wait_for(act, || {
        if browser.scripts() == Scripts::Blocked {
            browser.reload();
        }
        browser.is_in("已提交的操作", &format!("{act} 已完成")).then_some(())
    });
}

fn replies(server: &Server, number: &str) -> usize {
    server.entries(number, "MERCHANT_RESPONSE").len()
}
