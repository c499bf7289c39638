//! The list as it is searched and filtered, on the screen and as a table.

use browser_suite::{Browser, Scripts, Server, wait_for};
use serde_json::json;

use crate::people::{LI, logged_in};

#[test]
fn words_and_numbers_find_a_complaint_and_its_table() {
    let server = Server::start(&[LI]);
    let (sole, charger) = (server.file_complaint("鞋底穿了两天就开胶"), server.file_complaint("充电器发烫，不敢用"));
    for scripts in [Scripts::Run, Scripts::Blocked] {
        let browser = logged_in(&server, &LI, scripts);
        is_read(&browser, &[("开胶", &sole), ("充电器", &charger)]);
        for words in ["开胶", "两天 鞋底", &sole, &sole.to_lowercase()[1..]] {
            search(&browser, words);
            assert_eq!(listed(&browser), [&*sole], "{words}, scripts: {scripts:?}");
        }
        // The address keeps the search, as a bookmark does.
        search(&browser, "充电");
        browser.reload();
        assert_eq!(browser.field(SEARCH).value(), "充电");
        assert_eq!(listed(&browser), [&*charger]);
        let table = browser.download("下载表格（CSV）", &server.path(&format!("tables {scripts:?}")), "complaints.csv");
        let lines: Vec<_> = table.lines().collect();
        assert!(table.starts_with("\u{feff}投诉单号,") && lines.len() == 2, "{table}");
        assert!(lines[1].starts_with(&format!("`{charger},")), "{table}");

        search(&browser, "充电 开胶");
        browser.sees("没有符合条件的投诉。");
        assert_eq!(listed(&browser), [""; 0]);
    }
}

#[test]
fn each_filter_shows_what_it_names() {
    let server = Server::start(&[LI]);
    let browser = logged_in(&server, &LI, Scripts::Run);
    let sole = server.file_complaint("鞋底穿了两天就开胶");
    let card = file_order(&server, "年卡");
    let closed = file_order(&server, "周卡");
    server.platform(&format!("mini-program/complaints/{closed}/status"), &json!({"status": 205}));
    is_read(&browser, &[("年卡", &card), ("开胶", &sole)]);
    // It is closed, and left out, once that was read.
    wait_for("the closed one", || {
        browser.go("/?show=all&state=205");
        listed(&browser).contains(&closed).then_some(())
    });

    for (filter, value, shown, hidden) in [
        ("渠道", "小程序", &[&card][..], &[&sole, &closed][..]),
        ("渠道", "微信支付", &[&sole], &[&card, &closed]),
        ("状态", "待处理", &[&sole], &[&card, &closed]),
        ("状态", "待商家处理", &[&card], &[&sole, &closed]),
        ("产品", "年卡", &[&card], &[&sole, &closed]),
        ("显示", "全部投诉", &[&sole, &card, &closed], &[]),
    ] {
        browser.go("/");
        choose(&browser, &[(filter, value)]);
        let listed = listed(&browser);
        assert!(shown.iter().all(|number| listed.contains(number)), "{filter} {value}: {listed:?}");
        assert!(!hidden.iter().any(|number| listed.contains(number)), "{filter} {value}: {listed:?}");
    }
    // Several at once; what was chosen stays chosen.
    choose(&browser, &[("渠道", "小程序"), ("产品", "周卡")]);
    assert_eq!(listed(&browser), [&*closed]);
    choose(&browser, &[("显示", "待处理")]);
    assert_eq!(listed(&browser), [""; 0]);

    // Each merchant by its number, which its rows have.
    browser.go("/");
    let merchant = browser.run(MERCHANT_OF, &json!([card]));
    choose(&browser, &[("商户", merchant.as_str().unwrap())]);
    let listed = listed(&browser);
    assert!(listed.contains(&card) && !listed.contains(&sole), "{listed:?}");
}

fn file_order(server: &Server, product: &str) -> String {
    let filed = server.platform("mini-program/complaints", &json!({"content": "没有开通", "product_name": product}));
    filed["complaint_order_id"].as_str().unwrap().to_owned()
}

/// Waits until each is found by its words, which the server has once it has read it.
#[track_caller]
fn is_read(browser: &Browser, complaints: &[(&str, &String)]) {
    for (words, number) in complaints {
        wait_for(number, || {
            browser.go("/");
            search(browser, words);
            listed(browser).contains(number).then_some(())
        });
    }
    browser.go("/");
}

#[track_caller]
fn search(browser: &Browser, words: &str) {
    browser.field(SEARCH).clear();
    browser.field(SEARCH).fill(words);
    browser.button("筛选").send();
}

#[track_caller]
fn choose(browser: &Browser, values: &[(&str, &str)]) {
    for (filter, value) in values {
        browser.field(filter).choose(value);
    }
    browser.button("筛选").send();
}

/// The numbers of the rows.
#[track_caller]
fn listed(browser: &Browser) -> Vec<String> {
    let rows = browser.run("return [...document.querySelectorAll('tbody a')].map(link => link.innerText)", &json!([]));
    rows.as_array().unwrap().iter().map(|number| number.as_str().unwrap().to_owned()).collect()
}

const SEARCH: &str = "搜索（单号、订单号、内容）";

const MERCHANT_OF: &str = "
    const row = [...document.querySelectorAll('tbody tr')].find(row => row.querySelector('a').innerText === arguments[0]);
    return row.querySelector('[data-label=商户]').innerText;
";
