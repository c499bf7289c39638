//! `open mini-program`, `decode push` and `explain` of pushes.

use protocol_core::mini_program::{EncodingAesKey, Format, Mode, Receiver, push_signature};
use protocol_core::{Secret, UnixTime};
use serde_json::{Value, json};

use crate::fixture::{Folder, Outcome, SAMPLES};

const TOKEN: &str = "AAAAA";
const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const APPID: &str = "wxba5fad812f8e6fb9";
const NOW: i64 = 1_714_112_445;
const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol-core/tests/vectors/wechat-mp/events");

const COMPLAINT: &str = "<xml><CreateTime>1714112445</CreateTime><Event>complaint_callback</Event><BussiCallBackInfo>\
    <appid>wxba5fad812f8e6fb9</appid><complaint_order_id>2157</complaint_order_id><status>201</status>\
    </BussiCallBackInfo></xml>";

fn configured(mode: &str) -> Folder {
    let folder = Folder::new();
    folder.write("token", "AAAAA\r\n");
    folder.write("key", format!("{AES_KEY}\n"));
    folder.write(
        "complaints.toml",
        format!(
            "[mini-program]\nappid = \"{APPID}\"\ntoken_file = \"token\"\nencoding_aes_key_file = \"key\"\nmode = \"{mode}\"\n"
        ),
    );
    folder
}

fn platform(appid: &str, aes_key: &str) -> Receiver {
    let key = EncodingAesKey::read(aes_key).unwrap();
    Receiver::new(appid, Secret::new(TOKEN.into()), Mode::Secure, Some(key)).unwrap()
}

fn secure(format: Format, message: &str) -> (String, String) {
    platform(APPID, AES_KEY).secure_push(format, message, b"a8eedb185eb2fecf", UnixTime(NOW), "415670741").unwrap()
}

fn plain_query() -> String {
    let timestamp = NOW.to_string();
    format!(
        "signature={}&timestamp={timestamp}&nonce=486452656",
        push_signature(TOKEN.as_bytes(), &timestamp, "486452656", None)
    )
}

fn run(folder: &Folder, command: &[&str], query: &str, body: impl AsRef<[u8]>) -> Outcome {
    folder.write("body", body);
    let now = NOW.to_string();
    folder.run(&[command, &["mini-program", "--query", query, "--body", "body", "--now", &now]].concat())
}

fn open(folder: &Folder, query: &str, body: impl AsRef<[u8]>) -> Outcome {
    run(folder, &["open"], query, body)
}

#[test]
fn the_shipped_sample_opens() {
    let query = std::fs::read_to_string(format!("{SAMPLES}/mini-program/push.query")).unwrap();
    let config = format!("{SAMPLES}/complaints.toml");
    let body = format!("{SAMPLES}/mini-program/push.xml");
    let folder = Folder::new();
    let open = ["open", "mini-program", "--config", &config, "--query", &query, "--body", &body, "--now", "1714112445"];
    let json = folder.run(&open).json();
    assert_eq!(json["complaint_order_id"], "8622001");
    assert_eq!((&json["status"], &json["total_cost"]), (&json!(201), &json!(5000)));
    assert_eq!(json["history"][1]["media_id_list"], json!(["https://mmbiz.qpic.cn/a?x=1", "https://mmbiz.qpic.cn/b"]));
}

#[test]
fn secure_pushes_open_in_both_formats_whatever_is_inside() {
    let folder = configured("secure");
    let inner_json =
        r#"{"Event":"complaint_callback","complaint_order_id":"2157","status":"201","appid":"wxba5fad812f8e6fb9"}"#;
    for format in [Format::Xml, Format::Json] {
        for message in [COMPLAINT, inner_json] {
            let (query, body) = secure(format, message);
            let json = open(&folder, &query, body).json();
            assert_eq!((&json["complaint_order_id"], &json["status"]), (&json!("2157"), &json!(201)));
        }
    }
}

#[test]
fn any_authenticated_message_opens_and_is_printed_as_it_is() {
    let folder = configured("secure");
    let json = r#"{"Event":"debug_demo","n":1.50}"#;
    let (query, body) = secure(Format::Json, json);
    assert_eq!(open(&folder, &query, body).stdout, format!("{json}\n"));
    for text in ["我是中文abcd123", "<xml><Event>other</Event><status>not a number</status></xml>"] {
        let (query, body) = secure(Format::Xml, text);
        assert_eq!(open(&folder, &query, body).json(), json!(text));
    }
}

#[test]
fn what_is_not_signed_as_configured_is_a_bad_signature() {
    let folder = configured("secure");
    let (query, body) = secure(Format::Xml, COMPLAINT);
    let signature = query.split('&').find_map(|pair| pair.strip_prefix("signature=")).unwrap();
    let head = query.split("&msg_signature=").next().unwrap();
    open(&folder, &format!("{head}&msg_signature={signature}"), &body).refused("bad-signature");
    open(&folder, head, &body).refused("bad-signature");
    let flipped = body.replacen("CDATA[", "CDATA[A", 2).replacen("CDATA[A", "CDATA[", 1);
    open(&folder, &query, flipped).refused("bad-signature");
    for mode in ["secure", "compatible"] {
        open(&configured(mode), &plain_query(), COMPLAINT).refused("bad-signature");
        open(&configured(mode), &query, COMPLAINT).refused("bad-signature");
    }
    open(&configured("plain"), &query, &body).refused("config");
    open(&configured("plain"), &plain_query(), COMPLAINT).json();
}

#[test]
fn another_applications_message_is_wrong_appid() {
    let folder = configured("secure");
    let now = UnixTime(NOW);
    let other =
        platform("wx0000000000000000", AES_KEY).secure_push(Format::Xml, COMPLAINT, &[b'r'; 16], now, "1").unwrap();
    open(&folder, &other.0, other.1).refused("wrong-appid");
    let (query, body) = secure(Format::Xml, &COMPLAINT.replace("wxba5fad812f8e6fb9", "wx1"));
    open(&folder, &query, body).refused("wrong-appid");
    let other_key = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR";
    let sealed = platform(APPID, other_key).secure_push(Format::Xml, COMPLAINT, &[b'r'; 16], now, "1").unwrap();
    open(&folder, &sealed.0, sealed.1).refused("decrypt-failed");
}

#[test]
fn queries_and_clocks_are_checked() {
    let folder = configured("secure");
    let (query, body) = secure(Format::Json, COMPLAINT);
    open(&folder, "", &body).refused("missing-header");
    open(&folder, &query.replace("timestamp=", "x="), &body).refused("missing-header");
    open(&folder, &format!("{query}&nonce=1"), &body).refused("malformed");
    open(&folder, &query.replace("nonce=415670741", "nonce=a-b"), &body).refused("malformed");
    folder.write("body", &body);
    for (distance, good) in [(299, true), (-299, true), (300, false), (-300, false)] {
        let now = (NOW + distance).to_string();
        let outcome = folder.run(&["open", "mini-program", "--query", &query, "--body", "body", "--now", &now]);
        if good { drop(outcome.json()) } else { drop(outcome.refused("stale-timestamp").to_owned()) }
    }
}

#[test]
fn hostile_documents_are_refused_by_name() {
    let folder = configured("plain");
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><xml><Event>&b;</Event></xml>";
    let nested = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    let siblings = format!("<xml>{}</xml>", "<a/>".repeat(200_000));
    for (body, code, words) in [
        (bomb.to_owned(), "malformed", "a document type"),
        ("<xml><Event>&lol;</Event></xml>".to_owned(), "malformed", "an entity"),
        (nested, "malformed", "too deep"),
        (siblings, "malformed", "too many"),
        (" ".repeat(10 * 1024 * 1024), "too-large", "more than"),
    ] {
        let outcome = open(&folder, &plain_query(), body);
        assert!(outcome.stderr.starts_with(&format!("error[{code}]: ")), "{outcome:?}");
        assert!(outcome.status == 1 && outcome.stderr.contains(words), "{outcome:?}");
    }
    let sample = std::fs::read(format!("{EVENTS}/seed-sample-verbatim-malformed.xml")).unwrap();
    let outcome = open(&folder, &plain_query(), &sample);
    let closed = "error[malformed]: a push: the element <media_id_list> is closed by the end of <history>, line";
    assert!(outcome.stderr.starts_with(closed), "{outcome:?}");
    let (query, body) = secure(Format::Xml, std::str::from_utf8(&sample).unwrap());
    let outcome = open(&configured("secure"), &query, body);
    assert!(outcome.stderr.starts_with(closed) && outcome.status == 1, "{outcome:?}");
}

#[test]
fn pushes_are_decoded_from_files() {
    let folder = Folder::new();
    for (file, history) in [
        ("ComplaintCallbackEvent.xml", 2),
        ("ComplaintCallbackEvent.flat-2021.xml", 2),
        ("ComplaintCallbackEvent.1.json", 1),
    ] {
        let json = folder.run(&["decode", "push", &format!("{EVENTS}/{file}")]).json();
        assert_eq!(json["history"].as_array().unwrap().len(), history, "{file}");
        assert!(json["complaint_order_id"].is_string() && json["status"].is_number(), "{file}");
    }
    let other = folder.run(&["decode", "push", &format!("{EVENTS}/ChannelsECCompliantUpdateEvent.json")]).json();
    assert_eq!(other["finder_shop_complaint"]["complaint_status"], 100);
    let other = folder.run(&["decode", "push", &format!("{EVENTS}/ComplaintNotifyEvent.xml")]).json();
    assert!(other.as_str().unwrap().contains("<complaint_info>"));
    folder.run(&["decode", "push", &format!("{EVENTS}/seed-sample-verbatim-malformed.xml")]).refused("malformed");
}

/// A complaint about virtual payment, in both formats.
const NOTICES: [&str; 2] = [
    "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oP]]></FromUserName>\
     <CreateTime>1714112445</CreateTime><MsgType><![CDATA[event]]></MsgType>\
     <Event><![CDATA[xpay_complaint_notify]]></Event><OpenId><![CDATA[oP]]></OpenId>\
     <WxOrderId><![CDATA[MP1]]></WxOrderId><MchOrderId><![CDATA[m1]]></MchOrderId>\
     <ComplaintId><![CDATA[200000020250609150295416690]]></ComplaintId>\
     <ComplaintDetail><![CDATA[课程打不开]]></ComplaintDetail><ComplaintTime>1714112400</ComplaintTime>\
     <RetryTimes>2</RetryTimes></xml>",
    r#"{"ToUserName":"gh_1","FromUserName":"oP","CreateTime":"1714112445","MsgType":"event",
        "Event":"xpay_complaint_notify","OpenId":"oP","WxOrderId":"MP1","MchOrderId":"m1",
        "ComplaintId":"200000020250609150295416690","ComplaintDetail":"课程打不开","ComplaintTime":"1714112400",
        "RetryTimes":2}"#,
];

#[test]
fn a_complaint_about_virtual_payment_is_typed_in_every_mode_and_format() {
    let expected = json!({
        "ToUserName": "gh_1", "FromUserName": "oP", "CreateTime": 1_714_112_445, "MsgType": "event",
        "Event": "xpay_complaint_notify", "OpenId": "oP", "WxOrderId": "MP1", "MchOrderId": "m1",
        "ComplaintId": "200000020250609150295416690", "ComplaintDetail": "课程打不开",
        "ComplaintTime": 1_714_112_400, "RetryTimes": 2,
    });
    for message in NOTICES {
        assert_eq!(open(&configured("plain"), &plain_query(), message).json(), expected);
        for format in [Format::Xml, Format::Json] {
            let (query, body) = secure(format, message);
            for mode in ["secure", "compatible"] {
                assert_eq!(open(&configured(mode), &query, &body).json(), expected);
            }
            assert_eq!(run(&configured("secure"), &["explain"], &query, &body).stderr, "");
        }
        let folder = Folder::new();
        folder.write("push", message);
        assert_eq!(folder.run(&["decode", "push", "push"]).json(), expected);
    }
}

#[test]
fn members_of_virtual_payments_events_may_be_absent_new_or_odd() {
    let folder = configured("plain");
    let older = r#"{"Event":"xpay_complaint_notify","WxOrderId":"MP1","RetryTimes":0,"New":{"a":[1.50]}}"#;
    let outcome = open(&folder, &plain_query(), older);
    assert_eq!(outcome.json(), serde_json::from_str::<Value>(older).unwrap());
    assert!(outcome.stdout.contains(r#""New":{"a":[1.50]}"#), "{outcome:?}");
    let odd =
        r#"{"Event":"xpay_complaint_notify","CreateTime":"CANARY","ComplaintId":"7","ComplaintTime":{"at":"CANARY"}}"#;
    let outcome = open(&folder, &plain_query(), odd);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert_eq!(serde_json::from_str::<Value>(&outcome.stdout).unwrap(), serde_json::from_str::<Value>(odd).unwrap());
    let note = "note: the member ComplaintTime cannot be read";
    assert!(outcome.stderr.starts_with(note) && !outcome.stderr.contains("CANARY"), "{outcome:?}");

    let restriction =
        r#"{"Event":"xpay_wxpay_callback_notify","MerchantCode":"19","BusinessState":"s","Remark":"限制收款"}"#;
    assert_eq!(open(&folder, &plain_query(), restriction).json(), serde_json::from_str::<Value>(restriction).unwrap());
    let xml = "<xml><Event>xpay_wxpay_callback_notify</Event><MerchantCode>19</MerchantCode></xml>";
    let expected = json!({"Event": "xpay_wxpay_callback_notify", "MerchantCode": "19"});
    assert_eq!(open(&folder, &plain_query(), xml).json(), expected);
    // The library types no other event of virtual payment.
    let other = r#"{"Event":"xpay_goods_deliver_notify","OpenId":"o"}"#;
    assert_eq!(open(&folder, &plain_query(), other).stdout, format!("{other}\n"));
}

/// The number has the name that its push gives it.
#[test]
fn an_unreadable_complaint_about_virtual_payment_is_printed_with_its_number() {
    let folder = configured("plain");
    let damaged = r#"{"Event":"xpay_complaint_notify","ComplaintId":"7","ComplaintDetail":"a"b"}"#;
    let json = open(&folder, &plain_query(), damaged).json_despite("malformed");
    assert_eq!(json, json!({"complaint_id": "7", "document": damaged}));
}

#[test]
fn explain_names_what_really_verifies() {
    let folder = configured("secure");
    let explain = |query: &str, body: &str| -> (Value, String) {
        let outcome = run(&folder, &["explain", "open"], query, body);
        let code = outcome.stderr.split(['[', ']']).nth(1).unwrap_or_default().to_owned();
        assert!(!outcome.stdout.contains(TOKEN), "the token stays secret: {outcome:?}");
        (serde_json::from_str(&outcome.stdout).unwrap(), code)
    };
    let message = r#"{"x":1}"#;
    let (query, body) = platform(APPID, AES_KEY)
        .secure_push(Format::Xml, message, b"BBBBBBBBBBBBBBBB", UnixTime(NOW), "415670741")
        .unwrap();
    let (report, code) = explain(&query, &body);
    assert_eq!(code, "");
    assert!(report["string_to_sign"].as_str().unwrap().contains("<token>"));
    assert!(report["checks"].as_array().unwrap().iter().all(|check| check["result"] == "passed"), "{report}");

    let signature = query.split('&').find_map(|pair| pair.strip_prefix("signature=")).unwrap();
    let (head, msg_signature) = query.split_once("&msg_signature=").unwrap();
    let cause = |query: &str, body: &str| {
        let (report, code) = explain(query, body);
        assert_eq!(code, "bad-signature");
        report["would_verify"].clone()
    };
    let swapped = "the query alone: `signature` stands where `msg_signature` belongs";
    assert_eq!(cause(&format!("{head}&msg_signature={signature}"), &body), json!([swapped]));
    let upper = format!("{head}&msg_signature={}", msg_signature.to_uppercase());
    assert_eq!(cause(&upper, &body), json!(["the signature in lower case"]));
    let clear = "the query alone: the message came in clear, as in plain mode";
    assert_eq!(cause(&plain_query(), COMPLAINT), json!([clear]));
    for body in [COMPLAINT, r#"{"Event":"complaint_callback","complaint_order_id":"2157"}"#] {
        assert_eq!(cause(&query, body), json!([clear]), "{body}");
    }
    // `signature` verifies beside any body: of garbage it tells nothing.
    for body in [
        r#"{"code":"X"}"#,
        "{}",
        "<xml></xml>",
        "<html><body>502</body></html>",
        "",
        "garbage",
        "{",
        "[1]",
        "<xml><Event>x",
        "\u{feff}null",
    ] {
        for query in [&query, head] {
            let (report, _) = explain(query, body);
            assert!(!report.to_string().contains(clear), "{body}: {report}");
        }
    }
    assert_eq!(cause(&query, &body.replacen("CDATA[", "CDATA[A", 2)), json!([]));
    folder.write("token", " AAAAA ");
    assert_eq!(explain(&query, &body).1, "", "blanks around the token are no part of it");
}

#[test]
fn the_section_is_checked() {
    let folder = configured("secure");
    let config = std::fs::read_to_string(folder.path().join("complaints.toml")).unwrap();
    let (query, body) = secure(Format::Xml, COMPLAINT);
    for (from, to, words) in [
        ("mode = \"secure\"\n", "", "mode"),
        ("mode = \"secure\"", "mode = \"sure\"", "line"),
        ("token_file = \"token\"\n", "", "COMPLAINTS_MINI_PROGRAM_TOKEN"),
        ("\"key\"", "\"token\"", "43 letters and digits"),
    ] {
        folder.write("complaints.toml", config.replace(from, to));
        let outcome = open(&folder, &query, &body);
        assert!(outcome.refused("config").contains(words), "{outcome:?}");
    }
}
