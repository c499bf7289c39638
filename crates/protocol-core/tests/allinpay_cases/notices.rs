//! Notices: the fields that the signature covers, refusals, and what a notice says.

use form_urlencoded::Serializer;
use protocol_core::allinpay::{
    AlipayComplaintStatus, Merchant, NoSignature, Notice, NoticeError, NoticeFields, SignType, verifier,
};
use protocol_core::complaint::{CountedFrom, Due};
use protocol_core::crypto::PublicKey;
use protocol_core::{Fault, UnixTime, Verified};

use crate::platform::{APPID, CUSID, Platform, demo_key};

/// Made by OpenSSL 3: signed with the vendor's demo key under `Allinpay`.
const SAMPLE: &[u8] = include_bytes!("../../../../samples/allinpay/notice.form");
const SAMPLE_KEY: &[u8] = include_bytes!("../../../../samples/allinpay/platform_sm2.pub");

const OWN: [(&str, &str); 2] = [("appid", APPID), ("cusid", CUSID)];

fn both() -> [Platform; 2] {
    [Platform::rsa(), Platform::sm2()]
}

/// A form of these fields, as another writer encodes it.
fn form(fields: &[(&str, &str)]) -> Vec<u8> {
    Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
}

fn sign(platform: &Platform, string: &[u8]) -> String {
    platform.signer.sign(&[string]).unwrap().to_base64()
}

/// The specification's words in other code than the library's.
fn string_to_sign(fields: &[(&str, &str)]) -> String {
    let mut pairs: Vec<_> = fields.iter().filter(|(_, value)| !value.is_empty()).collect();
    pairs.sort_by(|(one, _), (other, _)| one.as_bytes().cmp(other.as_bytes()));
    pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// A signed notice of these fields and the merchant's own.
fn notice(platform: &Platform, fields: &[(&str, &str)]) -> Vec<u8> {
    signed(platform, &[&OWN[..], fields].concat())
}

fn signed(platform: &Platform, fields: &[(&str, &str)]) -> Vec<u8> {
    let sign = sign(platform, string_to_sign(fields).as_bytes());
    form(&[fields, &[("sign", &sign)]].concat())
}

fn open(platform: &Platform, body: &[u8]) -> Result<Verified<Notice>, NoticeError> {
    platform.merchant().open_notice(body, &*platform.verifier)
}

fn opened(fields: &[(&str, &str)]) -> Verified<Notice> {
    let platform = Platform::rsa();
    open(&platform, &notice(&platform, fields)).unwrap()
}

#[test]
fn a_notice_that_openssl_signed_opens() {
    let merchant = Merchant::new(APPID, CUSID, SignType::Sm2).unwrap();
    let key = verifier(&PublicKey::read(SAMPLE_KEY).unwrap()).unwrap();
    let notice = merchant.open_notice(SAMPLE, &*key).unwrap();
    assert_eq!(notice.task_id.as_deref(), Some("10243351927"));
    assert_eq!(notice.complaint_trade_info_list[0].amount.as_deref(), Some("29.90"));
    assert!(notice.misfits().is_empty() && notice.extra.is_empty());
    // No byte of it may change, except the name of the field that is empty.
    let empty = String::from_utf8_lossy(SAMPLE).find("gmt_process=").unwrap();
    for at in 0..SAMPLE.len() {
        let mut changed = SAMPLE.to_vec();
        changed[at] ^= 1;
        let is_unsigned = (empty..empty + "gmt_process=".len()).contains(&at);
        assert_eq!(merchant.open_notice(&changed, &*key).is_ok(), is_unsigned, "byte {at}");
    }
}

#[test]
fn the_signature_covers_every_field_that_came() {
    for platform in both() {
        for (body, string) in [
            // In the order of the names' bytes, whatever the order of the form.
            ("trxid2=b&trxid=a&Zed=y&~=0", "Zed=y&appid=A&cusid=C&trxid=a&trxid2=b&~=0"),
            // Unknown fields count, empty ones do not.
            ("zz_new=x&gmt_process=&none", "appid=A&cusid=C&zz_new=x"),
            // A plus is a space, an escape is read once, and 0 and a blank are something.
            ("a=1+2%2B3%253&b=0&c=+", "a=1 2+3%3&appid=A&b=0&c= &cusid=C"),
            ("d=%e6%8a%95%E8%AF%89%26%3D", "appid=A&cusid=C&d=投诉&="),
            (
                "complaint_trade_info_list=%5B%7B%22a%22%3A+1.50%7D%5D",
                "appid=A&complaint_trade_info_list=[{\"a\": 1.50}]&cusid=C",
            ),
        ] {
            let string =
                string.replace("appid=A", &format!("appid={APPID}")).replace("cusid=C", &format!("cusid={CUSID}"));
            let sign = form(&[("sign", &sign(&platform, string.as_bytes()))]);
            let body = [&form(&OWN), &b"&"[..], body.as_bytes(), b"&", &sign].concat();
            open(&platform, &body).unwrap_or_else(|error| panic!("{string}: {error}"));
            // A field more, or one fewer.
            let more = [&body[..], b"&more=1"].concat();
            assert_eq!(open(&platform, &more), Err(NoticeError::BadSignature), "{string}");
            let nothing = [&body[..], b"&more=&"].concat();
            assert!(open(&platform, &nothing).is_ok(), "{string}");
        }
    }
}

#[test]
fn the_account_chooses_the_algorithm() {
    for (platform, other) in [(Platform::rsa(), Platform::sm2()), (Platform::sm2(), Platform::rsa())] {
        let own = platform.sign_type.as_str();
        assert!(open(&platform, &notice(&platform, &[("task_id", "7")])).is_ok(), "no signtype: the account's");
        assert!(open(&platform, &notice(&platform, &[("task_id", "7"), ("signtype", own)])).is_ok());
        for named in [other.sign_type.as_str(), "MD5", "RSA2", "rsa", "sm2"] {
            let body = notice(&platform, &[("signtype", named)]);
            assert_eq!(open(&platform, &body), Err(NoticeError::OtherSignType), "{named}");
        }
        // Signed with the other algorithm, and silent about it.
        assert_eq!(open(&platform, &notice(&other, &[])), Err(NoticeError::BadSignature));
        // A verifier of the other algorithm.
        let body = notice(&platform, &[]);
        assert_eq!(platform.merchant().open_notice(&body, &*other.verifier), Err(NoticeError::BadSignature));
    }
}

#[test]
fn a_notice_without_a_signature_is_named_so() {
    let platform = Platform::rsa();
    let with = |sign: &str| form(&[&OWN[..], &[("sign", sign)]].concat());
    for (body, none) in [
        (form(&OWN), NoSignature::Missing),
        (with(""), NoSignature::Missing),
        (with(" "), NoSignature::Missing),
        (with(&"0f".repeat(16)), NoSignature::Md5),
        (with(&"0f".repeat(64)), NoSignature::Hexadecimal),
    ] {
        let error = open(&platform, &body).unwrap_err();
        assert_eq!(error, NoticeError::NoSignature(none));
        assert!(!error.to_string().contains("response") || none == NoSignature::Hexadecimal, "{error}");
        assert!(!error.is_proven());
    }
    assert_eq!(open(&platform, &with("AAAA")), Err(NoticeError::BadSignature));
    assert_eq!(open(&platform, &with("?")), Err(NoticeError::BadSignature));
    assert_eq!(open(&platform, &with(&"\u{fffd}".repeat(9))), Err(NoticeError::BadSignature));
}

#[test]
fn another_merchants_notice_is_refused() {
    // The platform has one key for all of its merchants.
    for platform in both() {
        for fields in [
            &[("appid", APPID), ("cusid", "990581007426002")][..],
            &[("appid", "00000052"), ("cusid", CUSID)],
            &[("appid", APPID)],
            &[("cusid", CUSID)],
            &[("appid", APPID), ("cusid", "")],
            &[("task_id", "7")],
        ] {
            let error = open(&platform, &signed(&platform, fields)).unwrap_err();
            assert_eq!(error, NoticeError::WrongAppid, "{fields:?}");
            assert!(error.is_proven() && error.fault() == Fault::Peer);
        }
        // An agent gets its merchants' notices, under its own application alone.
        let below = [("appid", APPID), ("cusid", "990581007426002")];
        let agent = Merchant::new(APPID, "55058100780004S", platform.sign_type).unwrap();
        let agent = agent.with_orgid("55058100780004S").unwrap();
        let received = agent.open_notice(&signed(&platform, &below), &*platform.verifier).unwrap();
        assert_eq!(received.cusid, "990581007426002");
        let foreign = signed(&platform, &[("appid", "00000052"), ("cusid", "990581007426002")]);
        assert_eq!(agent.open_notice(&foreign, &*platform.verifier), Err(NoticeError::WrongAppid));
        // Its client for one of them takes no other's.
        let one = agent.about("990581007426003").unwrap();
        assert_eq!(one.open_notice(&signed(&platform, &below), &*platform.verifier), Err(NoticeError::WrongAppid));
    }
}

#[test]
fn a_field_moved_into_its_neighbour_is_found() {
    let platform = Platform::rsa();
    let fields = [("status", "WAIT_PROCESS"), ("status_description", "待处理"), ("task_id", "7")];
    let whole = String::from_utf8(notice(&platform, &fields)).unwrap();
    let moved = whole.replace("&task_id=", "%26task_id%3D");
    assert_ne!(moved, whole);
    let error = open(&platform, moved.as_bytes()).unwrap_err();
    assert!(matches!(error, NoticeError::Malformed(_)), "{error}");
    // A payer who writes so suppresses nothing.
    let words = notice(
        &platform,
        &[
            ("complain_content", "骗子&task_id=8&status=PROCESSED"),
            ("status", "OVERDUE"),
            ("task_id", "7"),
            ("gmt_complain", "x"),
        ],
    );
    assert_eq!(open(&platform, &words).unwrap().task_id.as_deref(), Some("7"));
    // Nor if the platform sends no such field yet: it would stand elsewhere in the string to sign.
    let words = notice(
        &platform,
        &[("complain_content", "骗子&gmt_process=1&task_id=8"), ("contact", "139"), ("gmt_complain", "x")],
    );
    assert_eq!(open(&platform, &words).unwrap().gmt_process, None);
}

#[test]
fn a_recorded_notice_has_one_key_and_one_deadline_however_it_is_cut() {
    let platform = Platform::rsa();
    let fields = [
        ("appid", APPID),
        ("contact", "139"),
        ("create_time", "2025-03-14 15:09:26"),
        ("cusid", CUSID),
        ("gmt_complain", "2025-03-14 15:00:00"),
        ("gmt_overdue", "2025-03-15 15:00:00"),
        ("gmt_risk_finish_time", "2025-03-14 15:09:00"),
        ("opposite_name", "x"),
        ("paychnl", "ALIPAY"),
        ("status", "WAIT_PROCESS"),
        ("status_description", "y"),
        ("task_id", "7"),
    ];
    let whole = String::from_utf8(signed(&platform, &fields)).unwrap();
    let first = open(&platform, whole.as_bytes()).unwrap();
    // The form is as sorted as the string to sign, so each cut leaves the string as it is.
    for (name, _) in &fields[1..] {
        let moved = whole.replacen(&format!("&{name}="), &format!("%26{name}%3D"), 1);
        assert_ne!(moved, whole);
        match open(&platform, moved.as_bytes()) {
            Ok(notice) => {
                assert_eq!((&notice.dedup_key, notice.deadlines()), (&first.dedup_key, first.deadlines()), "{name}");
            }
            Err(error) => assert!(matches!(error, NoticeError::Malformed(_)), "{name}: {error}"),
        }
    }
}

#[test]
fn the_trades_are_json_in_any_wrapping() {
    let trades = r#"[{"id":12345678901234567890,"amount":"10.00","new":1}]"#;
    let object = &trades[1..trades.len() - 1];
    let text = serde_json::to_string(trades).unwrap();
    for written in [trades, object, &text, &format!(" {trades} ")] {
        let notice = opened(&[("complaint_trade_info_list", written)]);
        let [trade] = &*notice.complaint_trade_info_list else { panic!("one trade in {written}") };
        assert_eq!((trade.id.as_deref(), trade.amount.as_deref()), (Some("12345678901234567890"), Some("10.00")));
        assert!(notice.misfits().is_empty(), "{written}");
    }
    for nothing in [&[][..], &[("complaint_trade_info_list", "")], &[("complaint_trade_info_list", "[]")]] {
        let notice = opened(nothing);
        assert!(notice.complaint_trade_info_list.is_empty() && notice.misfits().is_empty());
    }
    // Other text costs the trades alone.
    for broken in ["[{\"id\":1", "[AlipayTrade(id=1)]", "7", "\"x\"", "[[1]]"] {
        let notice = opened(&[("complaint_trade_info_list", broken), ("task_id", "7")]);
        let [misfit] = &*notice.misfits() else { panic!("a misfit: {broken}") };
        assert_eq!(misfit.place(), "complaint_trade_info_list");
        assert!(notice.complaint_trade_info_list().is_err(), "{broken}");
        assert_eq!(notice.task_id.as_deref(), Some("7"));
    }
}

#[test]
fn unknown_states_and_fields_pass_through() {
    let notice = opened(&[("status", "NEW_STATE"), ("zz", "1&2"), ("task_id", "7")]);
    assert_eq!(notice.status.as_ref().map(AlipayComplaintStatus::as_str), Some("NEW_STATE"));
    assert_eq!(notice.extra.get("zz"), Some(r#""1&2""#));
    let written = serde_json::to_value(&*notice).unwrap();
    assert_eq!((&written["status"], &written["zz"]), (&"NEW_STATE".into(), &"1&2".into()));
    assert!(written.get("sign").is_none() && written.get("signtype").is_none());
}

#[test]
fn copies_have_one_key_and_other_notices_another() {
    let fields = [
        ("task_id", "7"),
        ("status", "WAIT_PROCESS"),
        ("create_time", "2025-03-14 15:09:26"),
        ("gmt_complain", "2025-03-14 15:00:00"),
        ("complain_content", "a"),
    ];
    let key = |fields: &[(&str, &str)]| opened(fields).dedup_key.clone();
    let first = key(&fields);
    assert_eq!(
        first,
        format!("notice:{CUSID}/1:7/12:WAIT_PROCESS/19:2025-03-14 15:09:26/19:2025-03-14 15:00:00/0:/0:/0:")
    );
    // The order of the fields, and the words, tell nothing.
    let mut reversed = fields;
    reversed.reverse();
    assert_eq!(key(&reversed), first);
    reversed[0].1 = "b";
    assert_eq!(key(&reversed), first);
    for (at, other) in [(0, "8"), (1, "PROCESSED"), (1, "NEW_STATE"), (1, ""), (2, "2025-03-14 15:09:27"), (3, "x")] {
        let mut changed = fields;
        changed[at].1 = other;
        assert_ne!(key(&changed), first, "{} {other}", changed[at].0);
    }
    let processed = [&fields[..], &[("gmt_process", "2025-03-14 16:00:00")]].concat();
    assert_ne!(key(&processed), first);
    // No part runs into the next one.
    assert_ne!(
        key(&[("task_id", "7"), ("status", "A/1:B")]),
        key(&[("task_id", "7"), ("status", "A"), ("create_time", "B")])
    );
    // Without a task, or with a part that no platform writes, the signature tells.
    for fields in [&[("status", "WAIT_PROCESS")][..], &[("task_id", "7"), ("status", &"A".repeat(65))]] {
        let platform = Platform::rsa();
        let signature = sign(&platform, string_to_sign(&[&OWN[..], fields].concat()).as_bytes());
        assert_eq!(key(fields), format!("notice:{CUSID}/sign:{signature}"));
    }
}

#[test]
fn a_task_that_cannot_be_asked_for_makes_a_letter() {
    let platform = Platform::rsa();
    for task in ["7&8", "7=8", " ", "7\n", "7\u{fffd}", &"7".repeat(65)] {
        let body = notice(&platform, &[("task_id", task), ("complain_content", "canary")]);
        let error = open(&platform, &body).unwrap_err();
        assert!(error.is_proven() && error.fault() == Fault::Platform);
        assert!(!format!("{error} {error:?}").contains("canary"));
        let NoticeError::Unreadable(unread) = error else { panic!("{task:?}: {error}") };
        assert_eq!(unread.document.expose().as_bytes(), body);
        assert!(unread.dedup_key.starts_with(&format!("notice:{CUSID}/sign:")), "{task:?}");
    }
    assert!(open(&platform, &notice(&platform, &[("task_id", &"7".repeat(64))])).is_ok());
}

#[test]
fn words_that_are_cut_within_a_character_are_read() {
    let platform = Platform::rsa();
    let string = [
        format!("appid={APPID}&complain_content=").as_bytes(),
        b"\xe6\x8a\x95\xe8",
        format!("&cusid={CUSID}&task_id=7").as_bytes(),
    ]
    .concat();
    let body =
        [&form(&OWN)[..], b"&complain_content=%E6%8A%95%E8&task_id=7&", &form(&[("sign", &sign(&platform, &string))])]
            .concat();
    let notice = open(&platform, &body).unwrap();
    assert_eq!(notice.complain_content.as_ref().map(|words| words.expose().as_str()), Some("投\u{fffd}"));
    assert_eq!(notice.task_id.as_deref(), Some("7"));
}

#[test]
fn the_deadline_is_the_given_time_in_china() {
    let due = |status, overdue| opened(&[("status", status), ("gmt_overdue", overdue)]).deadlines().finish.due;
    let time = UnixTime(1_742_022_566);
    assert_eq!(due("WAIT_PROCESS", "2025-03-15 15:09:26"), Due::At { time, counted_from: CountedFrom::GivenTime });
    assert_eq!(due("OVERDUE", "2025-03-15 15:09:26"), Due::Lapsed { time: Some(time) });
    assert_eq!(due("PROCESSED", ""), Due::Met);
}

#[test]
fn no_debug_and_no_error_shows_a_payers_words() {
    let platform = Platform::sm2();
    let body = notice(
        &platform,
        &[
            ("complain_content", "canary"),
            ("contact", "canary"),
            ("new", "canary"),
            ("complaint_trade_info_list", "canary"),
        ],
    );
    let fields = NoticeFields::parse(&body);
    let opened = open(&platform, &body).unwrap();
    let misfits = opened.misfits();
    assert!(!format!("{fields:?} {opened:#?} {misfits:?} {}", misfits[0]).contains("canary"));
    let other = verifier(&demo_key("test", "sm2").public_key()).unwrap();
    let refused = platform.merchant().open_notice(&body, &*other).unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("canary"));
}
