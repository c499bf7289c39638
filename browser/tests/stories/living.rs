//! The list without a reload.

use browser_suite::{Scripts, Server};
use serde_json::json;

use crate::people::{LI, logged_in, open_complaint};

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
    server.platform(&format!("complaints/{number}/messages"), &json!({"text": "还要等多久"}));
    browser.sees("还要等多久");
    assert!(browser.is_marked(), "the page was loaded again");
    // The focus stays where it was, and so does the text.
    browser.type_text("核实");
    assert_eq!(browser.field_beside("发送回复", "内容").value(), "您好，正在核实");
}
