//! Pages without a reload.

use browser_suite::{Scripts, Server, wait_for};
use serde_json::json;

use crate::people::{LI, WANG, log_out_elsewhere, logged_in, open_complaint};

#[test]
fn a_complaint_arrives_while_the_list_is_open() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    browser.mark();
    let number = server.file_complaint("没有收到货");
    browser.sees(&number);
    assert!(browser.is_marked(), "the page was loaded again");
}

#[test]
fn a_payer_writes_while_a_reply_is_typed() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    let number = server.file_complaint("没有收到货");
    open_complaint(&browser, &number);
    browser.field_beside("发送回复", "内容").fill("您好，正在");
    browser.mark();
    says(&server, &number, "还要等多久");
    browser.sees("还要等多久");
    browser.sees_in("处理", "您填写时协商历史有新的记录");
    browser.sees_in("协商历史", "新 还要等多久");
    assert!(browser.is_marked(), "the page was loaded again");
    // The focus stays where it was, and so does the text.
    browser.type_text("核实");
    assert_eq!(browser.field_beside("发送回复", "内容").value(), "您好，正在核实");
    // Who has seen the message replies to it.
    browser.button("发送回复").send();
    browser.sees("已提交，只会发送一次");
    wait_for("the reply", || (server.entries(&number, "MERCHANT_RESPONSE").len() == 1).then_some(()));
}

#[test]
fn an_open_page_shows_what_another_person_did() {
    let server = Server::start(&[LI, WANG]);
    let (first, second) = (logged_in(&server, &LI, Scripts::Run), logged_in(&server, &WANG, Scripts::Run));
    let number = server.file_complaint("没有收到货");
    open_complaint(&first, &number);
    open_complaint(&second, &number);
    first.button("处理完成").is_there();
    first.mark();
    second.button("处理完成").click();
    second.button("确认处理完成").send();
    first.sees_in("投诉内容", "已处理完成");
    wait_for("forms of the new state", || {
        let is_gone = "return document.getElementById('form-complete') === null";
        (first.run(is_gone, &json!([])) == true).then_some(())
    });
    first.button("发送回复").is_there();
    assert!(first.is_marked(), "the page was loaded again");
}

#[test]
fn news_come_to_a_page_that_a_form_led_to() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    let filed = json!({"complaint_detail": "没有收到货", "payer_phone": "13900001234"});
    let filed = server.platform("complaints", &filed);
    let number = filed["complaint_id"].as_str().unwrap();
    open_complaint(&browser, number);
    browser.button("显示电话").send();
    browser.sees("13900001234");
    browser.mark();
    says(&server, number, "还要等多久");
    browser.sees("还要等多久");
    assert!(browser.text().contains("13900001234"), "the number stays");

    let long = "字".repeat(501);
    browser.field_beside("发送回复", "内容").paste(&long);
    browser.button("发送回复").send();
    browser.sees("平台最多接受 500 个字");
    browser.mark();
    says(&server, number, "我等不了了");
    browser.sees("我等不了了");
    assert_eq!(browser.field_beside("发送回复", "内容").value(), long);
    assert!(browser.is_marked(), "the page was loaded again");
}

#[test]
fn what_was_opened_stays_open() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    let number = server.file_complaint(&"长".repeat(1_500));
    open_complaint(&browser, &number);
    let opened = browser.run(
        "const all = [...document.querySelectorAll('details.rest')]; all.forEach(one => { one.open = true; }); return all.length",
        &json!([]),
    );
    assert_ne!(opened, 0);
    says(&server, &number, "还要等多久");
    browser.sees("还要等多久");
    assert_eq!(browser.run("return document.querySelectorAll('details.rest[open]').length", &json!([])), opened);
}

#[test]
fn much_news_is_a_look_now_and_then() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    let number = server.file_complaint("没有收到货");
    open_complaint(&browser, &number);
    for message in 0..8 {
        says(&server, &number, &format!("第 {message} 条留言"));
    }
    // The last one is shown, too.
    browser.sees("第 7 条留言");
    let looks = browser.run(
        "return performance.getEntriesByType('resource').filter(one => one.initiatorType === 'fetch').map(one => one.startTime)",
        &json!([]),
    );
    let looks: Vec<_> = looks.as_array().unwrap().iter().map(|look| look.as_f64().unwrap()).collect();
    assert!(looks.len() > 1 && looks.windows(2).all(|two| two[1] - two[0] > 2_900.0), "{looks:?}");
}

#[test]
fn the_end_of_a_log_in_is_told_and_the_next_one_goes_on() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    browser.mark();
    log_out_elsewhere(&browser);
    let number = server.file_complaint("没有收到货");
    browser.sees(ENDED);
    assert!(!browser.text().contains(&number));
    browser.post_elsewhere("/login", &json!({"name": LI.name, "password": LI.password, "to": "/"}));
    browser.come_back();
    browser.sees(&number);
    assert!(browser.is_marked() && !browser.text().contains(ENDED));
    // Its forms are the new session's.
    browser.button("退出").send();
    assert_eq!(browser.path(), "/login");
}

#[test]
fn another_persons_log_in_does_not_go_on() {
    let server = Server::start(&[LI, WANG]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    log_out_elsewhere(&browser);
    browser.post_elsewhere("/login", &json!({"name": WANG.name, "password": WANG.password, "to": "/"}));
    let number = server.file_complaint("没有收到货");
    browser.sees(ENDED);
    assert!(!browser.text().contains(&number));
}

#[test]
fn a_server_out_of_reach_is_told_and_tried_again() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    browser.mark();
    browser.cut_off(true);
    let number = server.file_complaint("没有收到货");
    browser.sees(PAUSED);
    browser.cut_off(false);
    browser.sees(&number);
    assert!(browser.is_marked() && !browser.text().contains(PAUSED));
}

/// The payer writes.
fn says(server: &Server, number: &str, text: &str) {
    server.platform(&format!("complaints/{number}/messages"), &json!({"text": text}));
}

const ENDED: &str = "已停止更新，请重新登录";
const PAUSED: &str = "暂时无法更新，正在重试";
