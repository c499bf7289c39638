use complaint_inbox::{ActRecord, Entry, PhoneLooks, Summary};
use protocol_core::complaint::Complaint;
use serde_json::json;

use super::super::body::{MAX_DINGTALK_CHARACTERS, MAX_WECOM_BYTES};
use super::super::recipient::samples;
use super::*;
use crate::event_document;

/// 2026-11-29 16:00 in China.
const NOW: UnixTime = UnixTime(1_795_939_200);

/// A complaint that was filed an hour ago, by a payer whose words are these.
fn record(id: &str, words: &str) -> ComplaintRecord {
    let row = br#"{"complaint_id":"1","complaint_time":"2026-11-29T15:00:00+08:00","complaint_state":"PENDING","user_complaint_times":1}"#;
    let deadlines = Complaint::decode(row).unwrap().trust_anyway().deadlines();
    let acts: Vec<ActRecord> = Vec::new();
    ComplaintRecord {
        summary: Summary {
            key: ComplaintKey::new("wechat-pay", "1900000001", id),
            version: 1,
            heard: 1,
            read: 1,
            read_at: Some(NOW),
            refused: 0,
            state: Some("PENDING".to_owned()),
            product: None,
            filed: Some(NOW),
            deadlines: Some(deadlines),
            amount: Some(3),
            is_closed: false,
        },
        accused: None,
        document: Some(json!({"complaint_detail": words, "payer_phone": "canary"}).to_string().into()),
        entries: vec![Entry {
            id: "7".to_owned(),
            kind: Some("USER_RESPONSE".to_owned()),
            at: Some(NOW),
            document: json!({"operate_details": format!("re: {words}")}).to_string().into(),
        }],
        acts,
        pictures: Vec::new(),
        phone_looks: PhoneLooks::default(),
    }
}

fn event(number: i64, kind: EventKind, data: Value) -> Event {
    let complaint = ComplaintKey::new("wechat-pay", "1900000001", number.to_string());
    Event { number, complaint, kind, data, ..event_document::samples::event(number) }
}

/// The message of so many complaints that were filed.
fn filed(recipient: &Recipient, number: usize, words: &str) -> String {
    let numbers = 1..=i64::try_from(number).unwrap();
    let events: Vec<Event> = numbers.map(|number| event(number, EventKind::Filed, json!({}))).collect();
    let records: Vec<ComplaintRecord> = events.iter().map(|event| record(&event.complaint.id, words)).collect();
    let items: Vec<Item<'_>> =
        events.iter().zip(&records).map(|(event, record)| Item { event, record: Some(record) }).collect();
    message(recipient, &items, NOW)
}

#[test]
fn a_notice_says_which_complaint_and_what_is_due() {
    let names = [(complaint_inbox::Source::new("wechat-pay", "1900000001"), "小店".to_owned())];
    let chinese = samples::wecom().with_page("https://desk.example").with_names(names.into());
    assert_eq!(
        filed(&chinese, 1, "canary"),
        "投诉通知：新投诉 · 微信支付 · 小店\n单号：1\n状态：待处理\n须在 2026-11-30 15:00 前回复（还剩 23 小时）\n\
         https://desk.example/complaints/wechat-pay/1900000001/1"
    );
    let english = samples::with("language = \"en\"");
    assert_eq!(
        filed(&english, 1, "canary"),
        "complaint notice: new complaint · WeChat Pay · 1900000001\nnumber: 1\nstate: waiting for a reply\n\
         reply by 2026-11-30 15:00 China time (23 hours left)"
    );
}

#[test]
fn each_kind_of_event_has_its_words() {
    let record = record("1", "");
    for (event, words) in [
        (event(1, EventKind::Continued, json!({})), "用户再次投诉"),
        (event(1, EventKind::PayerResponded, json!({})), "用户有新留言"),
        (event(1, EventKind::RefundRequested, json!({"amount": 3})), "用户申请退款"),
        (event(1, EventKind::DeadlineNear, json!({})), "即将到期"),
        (event(1, EventKind::DeadlineOver, json!({})), "已超时"),
        (event(1, EventKind::ActFinished, json!({"kind": "reply", "state": "refused"})), "操作未成功：回复，被拒绝"),
        (
            event(1, EventKind::ActFinished, json!({"kind": "complete", "state": "unknown"})),
            "操作结果未知，可能已经成功，请先核对协商历史：处理完成",
        ),
    ] {
        let text = message(&samples::wecom(), &[Item { event: &event, record: Some(&record) }], NOW);
        assert!(text.starts_with(&format!("投诉通知：{words} · 微信支付")), "{text}");
        // A complaint that was removed is told of by its number.
        let text = message(&samples::wecom(), &[Item { event: &event, record: None }], NOW);
        assert!(text.ends_with("单号：1"), "{text}");
    }
}

#[test]
fn nothing_personal_is_told_unless_it_is_asked_for() {
    for recipient in [samples::wecom(), samples::dingtalk(), samples::feishu()] {
        assert!(!filed(&recipient, 3, "canary").contains("canary"));
    }
    let asked = samples::with("with_text = true");
    let text = filed(&asked, 1, "canary <@all> ![](https://a) `b`\r\n\u{202e}[c]");
    assert!(text.contains("\n用户：canary ＜@all＞ ！［］(https://a) ｀b｀  ［c］"), "{text}");
    assert_eq!(text.matches("canary").count(), 1, "the telephone number stays");
    let responded = event(1, EventKind::PayerResponded, json!({"entry": "7"}));
    let record = record("1", "words");
    let text = message(&asked, &[Item { event: &responded, record: Some(&record) }], NOW);
    assert!(text.contains("用户：re: words"), "{text}");
}

#[test]
fn several_are_counted_and_the_earliest_shown() {
    let recipient = samples::feishu();
    assert!(filed(&recipient, MAX_SHOWN, "").starts_with("投诉通知：共 10 条\n\n1. 新投诉"));
    let more = filed(&recipient, MAX_SHOWN + 1, "");
    assert!(more.starts_with("投诉通知：共 11 条，以下是最早到期的 10 条\n\n1. "), "{more}");
    assert_eq!(more.matches("单号").count(), MAX_SHOWN);
    // One that was never read comes first, a closed one last.
    let events: Vec<Event> = (1..=3).map(|number| event(number, EventKind::Filed, json!({}))).collect();
    let (mut closed, mut unread) = (record("1", ""), record("3", ""));
    closed.summary.is_closed = true;
    unread.summary.deadlines = None;
    let records = [closed, record("2", ""), unread];
    let items: Vec<_> =
        events.iter().zip(&records).map(|(event, record)| Item { event, record: Some(record) }).collect();
    let text = message(&recipient, &items, NOW);
    let places: Vec<usize> = ["单号：3", "单号：2", "单号：1"].iter().map(|id| text.find(id).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
}

/// Long words leave fewer complaints in a message, and the message fits.
#[test]
fn a_message_fits_its_robot() {
    let words = "投".repeat(MAX_WORDS + 1);
    let wecom = samples::with("with_text = true");
    let text = filed(&wecom, 10, &words);
    assert!(text.len() <= MAX_WECOM_BYTES && text.starts_with("投诉通知：共 10 条，以下是最早到期的 2 条"), "{text}");
    assert!(text.contains(&format!("{}…", "投".repeat(MAX_WORDS - 1))) && !text.contains(&"投".repeat(MAX_WORDS)));
    let page = format!("https://desk.example/{}", "a".repeat(2 * MAX_WECOM_BYTES));
    for number in [1, 2] {
        let text = filed(&samples::wecom().with_page(&*page), number, "");
        assert!(
            text.len() <= MAX_WECOM_BYTES && text.len() > MAX_WECOM_BYTES - 4 && text.ends_with('…'),
            "{}",
            text.len()
        );
    }
    let page = format!("https://desk.example/{}", "投".repeat(2 * MAX_DINGTALK_CHARACTERS));
    let text = filed(&samples::dingtalk().with_page(page), 1, "");
    assert_eq!(text.chars().count(), MAX_DINGTALK_CHARACTERS);
}

#[test]
fn what_waits_for_a_person_is_counted() {
    let recipient = samples::wecom().with_page("https://desk.example");
    assert_eq!(
        waiting(&recipient, 2, 1),
        "投诉通知：无法读取的消息 2 条，需要人工处理\n已放弃的转发 1 条，需要人工处理\nhttps://desk.example"
    );
    let english = samples::with("language = \"en\"");
    assert_eq!(waiting(&english, 1, 0), "complaint notice: one message cannot be read; a person has to");
}

/// Robots may ask for a keyword.
#[test]
fn each_message_has_the_keyword() {
    for (language, keyword) in [("zh", "投诉"), ("en", "complaint")] {
        let recipient = samples::with(&format!("language = \"{language}\""));
        for text in [filed(&recipient, 1, ""), filed(&recipient, 11, ""), waiting(&recipient, 1, 1), test(&recipient)] {
            assert!(text.contains(keyword), "{text}");
        }
    }
}
