//! `list`, `show`, `history`: what the platform has, as the library serialises it.

use platform_sandbox::{Fault, FaultKind, NewComplaint, SandboxConfig};
use protocol_core::UnixTime;
use protocol_core::wechat_pay::{GetComplaint, Scheme};

use crate::platform::Platform;

fn days_ago(days: u64) -> UnixTime {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    UnixTime(i64::try_from(now - days * 86_400).unwrap())
}

fn day(time: UnixTime) -> String {
    jiff::tz::Offset::constant(8).to_datetime(jiff::Timestamp::from_second(time.0).unwrap()).date().to_string()
}

#[test]
fn a_list_is_one_value_whatever_its_pages() {
    let platform = Platform::new();
    let mut filed: Vec<_> = (0..5).map(|_| platform.sandbox.file_complaint(NewComplaint::default())).collect();
    let json = platform.run(&["list", "--page-size", "2"]).json();
    let mut listed: Vec<_> =
        json["data"].as_array().unwrap().iter().map(|one| one["complaint_id"].as_str().unwrap().to_owned()).collect();
    filed.sort();
    listed.sort();
    assert_eq!(listed, filed);
    assert_eq!(json["data"][0]["complaint_order_info"][0]["amount"], 3);
    assert_eq!(platform.operations(), ["list_complaints"; 3]);
}

#[test]
fn a_long_span_is_read_in_windows_that_the_platform_takes() {
    let platform = Platform::new();
    let old = platform.sandbox.file_complaint(NewComplaint::default().with_complaint_time(days_ago(70)));
    let edge = platform.sandbox.file_complaint(NewComplaint::default().with_complaint_time(days_ago(29)));
    let beyond = platform.sandbox.file_complaint(NewComplaint::default().with_complaint_time(days_ago(30)));
    let ids = |arguments: &[&str]| {
        let json = platform.run(&[&["list"], arguments].concat()).json();
        let data = json["data"].as_array().unwrap().clone();
        data.iter().map(|one| one["complaint_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&[]), [&*edge]);
    // The earliest deadline first.
    assert_eq!(ids(&["--from", &day(days_ago(80))]), [&*old, &*beyond, &*edge]);
    assert_eq!(ids(&["--to", &day(days_ago(60))]), [&*old]);
    let only = day(days_ago(30));
    assert_eq!(ids(&["--from", &only, "--to", &only]), [&*beyond]);
}

#[test]
fn a_list_has_the_forms_that_are_asked_for() {
    let platform = Platform::new();
    let detail = NewComplaint::default().with_complaint_detail("=1+1\n退款").with_amount(1205);
    let id = platform.sandbox.file_complaint(detail.with_payer_phone("13900001234"));
    let list = |arguments: &[&str]| platform.run(&[&["list", "--output"], arguments].concat()).stdout;
    let json: serde_json::Value = serde_json::from_str(&list(&["json"])).unwrap();
    assert_eq!(json["data"][0]["complaint_id"], *id);
    let line: serde_json::Value = serde_json::from_str(&list(&["jsonl"])).unwrap();
    assert_eq!((&line["complaint_id"], &line["deadlines"]["reply"]["status"]), (&id.as_str().into(), &"open".into()));
    let csv = list(&["csv"]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().take(3).collect::<Vec<_>>(), ["channel", "merchant", "id"]);
    let record = reader.records().next().unwrap().unwrap();
    assert_eq!((&record[0], &record[2], &record[9]), ("wechat-pay", &*id, "1205"));
    assert_eq!((&record[19], &record[21]), ("encrypted", "=1+1\n退款"));
    let excel = list(&["excel"]);
    assert!(excel.starts_with("\u{feff}channel,merchant,id,") && excel.ends_with(",\"'=1+1\n退款\"\r\n"), "{excel}");
    assert!(excel.contains(&format!(",`{id},PENDING,true,")) && excel.contains(",12.05,"), "{excel}");
    assert!(list(&["excel", "--decrypt"]).contains(",`13900001234,"));
    assert!(list(&["table"]).ends_with("1 complaint\n"));
    assert!(platform.run(&["list", "--output", "xml"]).refused("usage").contains("excel"));
}

/// A complaint that was filed so many hours ago.
fn hours_ago(platform: &Platform, hours: i64) -> String {
    let filed = UnixTime(days_ago(0).0 - hours * 3600);
    platform.sandbox.file_complaint(NewComplaint::default().with_complaint_time(filed))
}

#[test]
fn a_list_begins_with_what_is_due_first_and_can_be_narrowed_to_it() {
    let platform = Platform::new();
    let (fresh, near, over) = (hours_ago(&platform, 2), hours_ago(&platform, 20), hours_ago(&platform, 30));
    let (replied, done) = (hours_ago(&platform, 40), hours_ago(&platform, 50));
    platform.run(&["reply", &replied, "--text", "您好", "--yes"]).json();
    platform.run(&["complete", &done, "--yes"]).json();
    let list = |arguments: &[&str]| platform.run(&[&["list"], arguments].concat()).json();
    let ids = |json: &serde_json::Value| {
        let rows = json["data"].as_array().unwrap().iter();
        rows.map(|one| one["complaint_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = list(&[]);
    assert_eq!(ids(&all), [&*over, &near, &fresh, &replied, &done]);
    let told: Vec<_> = all["deadlines"].as_array().unwrap().iter().collect();
    let statuses = |act: &str| told.iter().map(|one| one[act]["status"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(statuses("reply"), ["over", "near", "open", "met", "met"]);
    assert_eq!(statuses("finish"), ["open", "open", "open", "open", "met"]);
    assert_eq!(told[0]["complaint_id"], over);
    assert!(told[0]["reply"]["source"].as_str().unwrap().contains("kf.qq.com"), "{}", told[0]);
    assert_eq!(ids(&list(&["--open"])), [&*over, &near, &fresh, &replied]);
    assert_eq!(ids(&list(&["--due-within", "6h"])), [&*over, &near]);
    assert_eq!(ids(&list(&["--due-within", "0h"])), [&*over]);
    assert_eq!(ids(&list(&["--due-within", "2d"])), [&*over, &near, &fresh, &replied]);
    for bad in ["6", "six", "-1h", "366d"] {
        platform.run(&["list", "--due-within", bad]).refused("usage");
    }
}

/// Only the history tells when a continued complaint starts anew; the list does not read it.
#[test]
fn a_continued_complaint_is_listed_first_and_never_over() {
    let platform = Platform::new();
    let (over, continued) = (hours_ago(&platform, 30), hours_ago(&platform, 100));
    platform.run(&["complete", &continued, "--yes"]).json();
    platform.sandbox.user_continues(&continued, "没有解决").unwrap();
    let json = platform.run(&["list", "--due-within", "0m"]).json();
    let ids: Vec<_> = json["data"].as_array().unwrap().iter().map(|one| one["complaint_id"].clone()).collect();
    assert_eq!(ids, [continued, over]);
    let told = &json["deadlines"][0];
    assert_eq!([&told["reply"]["status"], &told["finish"]["status"]], ["unknown", "unknown"]);
    assert!(told["reply"].get("due").is_none(), "{told}");
}

#[test]
fn a_member_that_cannot_be_read_costs_that_member_and_is_told() {
    let platform = Platform::new();
    let cusid = platform.sandbox.allinpay().cusid;
    // More fen than there are.
    let complaint = |amount| NewComplaint::default().with_complaint_detail("CANARY").with_amount(amount);
    let file_both = |amount| {
        let allinpays = platform.sandbox.file_allinpay_complaint(complaint(amount), &cusid).unwrap();
        [platform.sandbox.file_complaint(complaint(amount)), allinpays]
    };
    let (good, odd) = (file_both(3), file_both(u64::MAX));
    for (at, via) in ["wechat-pay", "allinpay"].into_iter().enumerate() {
        let outcome = platform.run(&["list", "--via", via]);
        let json: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        let mut ids: Vec<_> =
            json["data"].as_array().unwrap().iter().map(|row| row["complaint_id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        assert_eq!(ids, [&*good[at], &*odd[at]]);
        assert_eq!((outcome.status, outcome.stderr.lines().count()), (0, 1), "{outcome:?}");
        let place = format!("note: complaint {}: the member complaint_order_info[0].amount cannot be read", odd[at]);
        assert!(outcome.stderr.starts_with(&place) && !outcome.stderr.contains("CANARY"), "{outcome:?}");
    }
}

#[test]
fn a_list_is_narrowed() {
    let (platform, id) = Platform::with_complaint();
    platform.run(&["complete", &id, "--yes"]).json();
    let count =
        |arguments: &[&str]| platform.run(&[&["list"], arguments].concat()).json()["data"].as_array().unwrap().len();
    assert_eq!(count(&["--state", "PROCESSED"]), 1);
    assert_eq!(count(&["--state", "pending"]), 0);
    assert_eq!(count(&["--accused", &platform.sandbox.merchant().mchid]), 1);
}

#[test]
fn what_is_no_span_is_refused_unsent() {
    let platform = Platform::new();
    for arguments in [
        &["--from", "2025-02-30"][..],
        &["--from", "20250201"],
        &["--from", "2025-02-02", "--to", "2025-02-01"],
        &["--from", "9999-01-01"],
        &["--state", "OPEN"],
        &["--page-size", "0"],
        &["--page-size", "51"],
        &["--accused", "a&b"],
    ] {
        platform.run(&[&["list"], arguments].concat()).refused("usage");
    }
    assert!(platform.operations().is_empty());
}

#[test]
fn a_complaint_is_shown_and_its_phone_on_request() {
    let (platform, id) = Platform::with_complaint();
    let closed = platform.run(&["show", &id]).json();
    assert_eq!((&closed["complaint_id"], &closed["apply_refund_amount"]), (&id.as_str().into(), &2990.into()));
    assert_ne!(closed["payer_phone"], "13900001234");
    assert_eq!(platform.run(&["show", &id, "--decrypt"]).json()["payer_phone"], "13900001234");
    assert_eq!(platform.run(&["list", "--decrypt"]).json()["data"][0]["payer_phone"], "13900001234");
}

#[test]
fn a_shown_complaint_has_its_deadlines_beside_its_own_members() {
    let platform = Platform::new();
    let (id, continued) = (hours_ago(&platform, 20), hours_ago(&platform, 100));
    let shown = platform.run(&["show", &id]).json();
    assert_eq!((&shown["complaint_id"], &shown["complaint_state"]), (&id.as_str().into(), &"PENDING".into()));
    let told = &shown["deadlines"];
    assert_eq!([&told["reply"]["status"], &told["finish"]["status"]], ["near", "open"], "{told}");
    assert!(told["reply"]["source"].as_str().unwrap().contains("kf.qq.com"), "{told}");
    let listed = platform.run(&["list"]).json()["deadlines"].clone();
    assert!(listed.as_array().unwrap().contains(told), "as the list tells it: {listed}");
    assert_eq!(platform.operations()[0], "get_complaint");
    assert!(!platform.operations().contains(&"get_negotiation_history"), "it needs no history");

    platform.sandbox.user_continues(&continued, "没有解决").unwrap();
    let told = platform.run(&["show", &continued]).json()["deadlines"].clone();
    assert_eq!([&told["reply"]["status"], &told["finish"]["status"]], ["open", "open"], "{told}");
    assert_eq!(*platform.operations().last().unwrap(), "get_negotiation_history");
}

#[test]
fn a_history_is_whole_whatever_its_pages() {
    let platform = Platform::new();
    let id = platform.sandbox.file_complaint(NewComplaint::default().with_history_entries(230));
    let json = platform.run(&["history", &id]).json();
    let entries = json["data"].as_array().unwrap();
    assert_eq!(entries.len(), platform.sandbox.history(&id).len());
    assert_eq!(entries[0]["operate_type"], "USER_CREATE_COMPLAINT");
    let asked = platform.operations();
    assert_eq!(asked[..3], ["get_negotiation_history"; 3]);
    assert_eq!(asked[3..], ["get_complaint"], "for the deadlines");
}

#[test]
fn a_history_has_the_deadlines_of_its_complaint() {
    let platform = Platform::new();
    let id = hours_ago(&platform, 20);
    let told = |command: &str| platform.run(&[command, &id]).json()["deadlines"].clone();
    assert_eq!(told("history"), told("show"));
    assert_eq!(told("history")["reply"]["status"], "near");
    platform.run(&["reply", &id, "--text", "您好", "--yes"]).json();
    let status = |told: &serde_json::Value| [told["reply"]["status"].clone(), told["finish"]["status"].clone()];
    assert_eq!(status(&told("history")), ["met", "open"]);
    platform.run(&["complete", &id, "--yes"]).json();
    assert_eq!(status(&told("history")), ["met", "met"]);
    platform.sandbox.user_continues(&id, "没有解决").unwrap();
    assert_eq!(status(&told("history")), ["open", "open"], "the entries tell when");

    let sees_no_complaint = Fault::once(FaultKind::Body("{}".to_owned())).on::<GetComplaint>();
    platform.sandbox.inject(sees_no_complaint);
    let outcome = platform.run(&["history", &id]);
    let json: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert!(outcome.status == 0 && json["data"].is_array() && json.get("deadlines").is_none(), "{outcome:?}");
    assert!(outcome.stderr.starts_with("note: the deadlines are not known, since the complaint cannot be read"));
}

#[test]
fn the_deadlines_narrow_the_list_of_every_channel() {
    let platform = Platform::new();
    let complaint = || NewComplaint::default().with_complaint_detail("x");
    let cusid = platform.sandbox.allinpay().cusid;
    let id = platform.sandbox.file_complaint(complaint());
    let virtual_id = platform.sandbox.file_virtual_payment_complaint(complaint()).unwrap();
    let allinpay_id = platform.sandbox.file_allinpay_complaint(complaint(), &cusid).unwrap();
    for (channel, id) in [("wechat-pay", &id), ("virtual-payment", &virtual_id), ("allinpay", &allinpay_id)] {
        let count = |more: &[&str]| {
            let json = platform.run(&[&["list", "--via", channel], more].concat()).json();
            let rows = json["data"].as_array().unwrap();
            assert_eq!(rows.len(), json["deadlines"].as_array().unwrap().len());
            rows.iter().filter(|row| row["complaint_id"] == id.as_str()).count()
        };
        assert_eq!([count(&[]), count(&["--open"]), count(&["--due-within", "2d"])], [1, 1, 1], "{channel}");
        assert_eq!([count(&["--due-within", "6h"]), count(&["--open", "--due-within", "0h"])], [0, 0], "{channel}");
        let history = platform.run(&["history", id, "--via", channel]).json();
        let shown = platform.run(&["show", id, "--via", channel]).json();
        assert_eq!(history["deadlines"], shown["deadlines"], "{channel}");
        assert_eq!(shown["deadlines"]["reply"]["status"], "open", "{channel}");
        platform.run(&["complete", id, "--via", channel, "--yes"]).json();
        assert_eq!([count(&[]), count(&["--open"]), count(&["--due-within", "2d"])], [1, 0, 0], "{channel}");
        let bad = platform.run(&["list", "--via", channel, "--due-within", "soon"]);
        assert!(bad.refused("usage").contains("such as 6h"), "{bad:?}");
    }
}

#[test]
fn what_is_not_there_is_refused_in_the_platforms_words() {
    let platform = Platform::new();
    for command in ["show", "history"] {
        platform.run(&[command, "../42"]).refused("usage");
        let outcome = platform.run(&[command, "42"]);
        let message = outcome.refused("rejected");
        assert!(message.contains("404 RESOURCE_NOT_EXISTS") && message.contains("signed"), "{message}");
        platform.run(&[command, ""]).refused("usage");
        platform.run(&[command]).refused("usage");
    }
}

#[test]
fn an_sm_merchant_reads_and_acts_alike() {
    let platform = Platform::with(SandboxConfig::default().with_scheme(Scheme::Sm2));
    let id = platform.sandbox.file_complaint(NewComplaint::default().with_payer_phone("13900001234"));
    assert_eq!(platform.run(&["show", &id, "--decrypt"]).json()["payer_phone"], "13900001234");
    assert_eq!(platform.run(&["reply", &id, "--text", "您好", "--yes"]).json()["effect"], "confirmed");
    assert_eq!(platform.run(&["self-test"]).json()["encrypted"], true);
}
