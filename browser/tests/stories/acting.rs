//! Replies and completions: sent once, whatever people do.

use browser_suite::{Browser, Scripts, Server, wait_for};
use serde_json::json;

use crate::people::{LI, REVISOR, WANG, log_in, log_out_elsewhere, logged_in, open_complaint};

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
fn a_reply_survives_the_end_of_the_log_in() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    let number = server.file_complaint("没有收到货");
    open_complaint(&browser, &number);
    let complaint = browser.path();
    browser.field_beside("发送回复", "内容").fill("您好，已为您补发");
    log_out_elsewhere(&browser);
    browser.button("发送回复").send();
    browser.sees("登录已结束，没有发送任何内容");
    assert!(!browser.path().contains('?'), "what was typed is in no address");
    log_in(&browser, LI.name, LI.password);
    browser.sees("没有发送任何内容");
    assert_eq!(browser.field_beside("发送回复", "内容").value(), "您好，已为您补发");
    assert_eq!(replies(&server, &number), 0);
    browser.button("发送回复").send();
    is_done(&browser, "回复");
    assert!(browser.path().starts_with(&complaint), "{}", browser.path());
    assert_eq!(replies(&server, &number), 1);
}

#[test]
fn a_template_leaves_what_was_typed_and_chosen() {
    let replies = [("refunded", "您好，{amount} 已退款"), ("sent", "您好，已补发")];
    let replies = replies.map(|(name, text)| format!("[[reply]]\nname = \"{name}\"\ntext = \"{text}\"\n"));
    let server = Server::start(&[LI]).with_replies(&replies.concat());
    let number = server.file_complaint("没有收到货");
    let choose = |browser: &Browser, name: &str| {
        browser.run("document.querySelector('select[name=template]').value = arguments[0]", &json!([name]));
    };
    let browser = logged_in(&server, &LI, Scripts::Run);
    open_complaint(&browser, &number);
    let (text, picture) = (browser.field_beside("发送回复", "内容"), browser.field_beside("发送回复", "图片"));
    browser.mark();
    // One that was not changed gives way.
    for (name, words) in [("refunded", "您好，¥19.90 已退款"), ("sent", "您好，已补发")] {
        choose(&browser, name);
        browser.button("使用模板").click();
        assert_eq!(text.value(), words);
    }
    let file = server.path("picture.png");
    std::fs::write(&file, browser.screenshot()).unwrap();
    picture.fill(file.to_str().unwrap());
    text.fill("。");
    choose(&browser, "refunded");
    browser.button("使用模板").click();
    assert_eq!(text.value(), "您好，已补发。您好，¥19.90 已退款");
    assert!(browser.is_marked() && picture.value().ends_with("picture.png"), "the page was loaded again");

    let browser = logged_in(&server, &LI, Scripts::Blocked);
    open_complaint(&browser, &number);
    browser.sees("已写的内容和已选的图片不会保留");
    choose(&browser, "refunded");
    browser.button("使用模板").send();
    assert_eq!(browser.field_beside("发送回复", "内容").value(), "您好，¥19.90 已退款");
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
