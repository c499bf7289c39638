//! Reports 04, 07 and 08: refusals taken for empty pages or for success, failed reads reported as
//! acts, refusals without their reason.

use platform_sandbox::{Fault, FaultKind};
use protocol_core::allinpay::{ComplaintsResp, WxComplaintList};
use protocol_core::wechat_pay::GetComplaint;
use serde_json::Value;

use crate::fixture::{Folder, Message, NOW, Outcome, SAMPLES};
use crate::platform::{PICTURE, Platform};

fn report(file: &str) -> String {
    format!("{}/tests/reports/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn with_samples(arguments: &[&str]) -> Outcome {
    let config = format!("{SAMPLES}/complaints.toml");
    Folder::new().run(&[arguments, &["--config", &config]].concat())
}

/// Responses the next request to an operation with this document, rightly signed.
fn responses(platform: &Platform, operation: &str, document: &str) {
    platform.sandbox.inject(Fault::once(FaultKind::Body(document.to_owned())).on_named(operation).unwrap().times(9));
}

/// The document in `records` of a report.
fn records(file: &str) -> String {
    let response: Value = serde_json::from_slice(&std::fs::read(report(file)).unwrap()).unwrap();
    let bytes = base64(response["records"].as_str().unwrap());
    String::from_utf8(bytes).unwrap()
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<_> = text.bytes().filter_map(|byte| ALPHABET.iter().position(|letter| *letter == byte)).collect();
    let bytes = digits.chunks(4).flat_map(|chunk| {
        let bits = chunk.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - chunk.len()));
        [(bits >> 16) as u8, (bits >> 8) as u8, bits as u8].into_iter().take(chunk.len() * 6 / 8)
    });
    bytes.collect()
}

const REFUSALS: [(&str, &str, &str); 3] = [
    ("frequency.json", "FREQUENCY_LIMITED", "频率超限"),
    ("errcode.json", "40001", "invalid credential"),
    ("param.json", "PARAM_ERROR", "参数错误"),
];

#[test]
fn a_refusal_in_records_is_one_wherever_it_is_opened() {
    for (file, code, words) in REFUSALS {
        let body = report(&format!("04-refusal-in-allinpay-records/{file}"));
        let outcome = with_samples(&["open", "allinpay", "--body", &body]);
        let message = outcome.refused("rejected");
        assert!(message.contains(code) && message.contains(words) && message.contains("(signed)"), "{message}");
        assert!(!message.contains("base_url"), "{message}");
    }
}

#[test]
fn a_refusal_in_records_is_one_in_every_command() {
    let more = [
        (
            r#"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.INVALID","sub_msg":"参数有误"}"#,
            "40004 ACQ.INVALID",
            "参数有误",
        ),
        ("{\"code\":\"NO_AUTH\",\"message\":\"无\n权限\"}", "NO_AUTH", "无\\n权限"),
        (r#"[{"errcode":"48001","errmsg":"api unauthorized"}]"#, "48001", "api unauthorized"),
    ];
    let reports =
        REFUSALS.map(|(file, code, words)| (records(&format!("04-refusal-in-allinpay-records/{file}")), code, words));
    let (platform, id) = Platform::with_allinpay_complaint();
    platform.folder.write("a.png", PICTURE);
    let picture = "https://api.mch.weixin.qq.com/v3/merchant-service/images/a";
    for (document, code, words) in
        reports.into_iter().chain(more.map(|(json, code, words)| (json.to_owned(), code, words)))
    {
        for (operation, arguments) in [
            ("wxcomplaintlistquery", &["list"][..]),
            ("wxcomplainthistory", &["history", &id]),
            ("wxcomplaintdetail", &["show", &id]),
            ("complaintsResp", &["reply", &id, "--text", "x", "--yes"]),
            ("complaintsComplete", &["complete", &id, "--yes"]),
            ("wxcomplaintsrefundprogress", &["refund", &id, "--approve", "--days", "0", "--yes"]),
            ("wxmerchantimageupload", &["image", "upload", "a.png"]),
            ("wxgetmerchantimage", &["image", "download", picture, "--file", "b.png"]),
        ] {
            // What another vocabulary says is read in one place: a list and an act stand for all.
            if !document.contains("message") && !["wxcomplaintlistquery", "complaintsResp"].contains(&operation) {
                continue;
            }
            responses(&platform, operation, &document);
            let outcome = platform.run(&[arguments, &["--via", "allinpay"]].concat());
            platform.sandbox.clear_faults();
            let message = outcome.refused("rejected");
            assert!(message.contains(code) && message.contains(words), "{operation}: {message}");
            assert!(!message.contains("base_url") && !message.contains("may have"), "{operation}: {message}");
        }
    }
    assert!(platform.said(&id).is_empty());
}

#[test]
fn a_signed_success_that_cannot_be_parsed_is_the_platforms() {
    let (platform, id) = Platform::with_allinpay_complaint();
    for document in ["{}", r#"{"mchid":"1"}"#, r#"{"complaint_state":"PENDING"}"#] {
        for (operation, arguments) in [
            ("wxcomplaintlistquery", &["list"][..]),
            ("wxcomplainthistory", &["history", &id]),
            ("wxcomplaintdetail", &["show", &id]),
        ] {
            responses(&platform, operation, document);
            let outcome = platform.run(&[arguments, &["--via", "allinpay"]].concat());
            platform.sandbox.clear_faults();
            let message = outcome.refused("malformed");
            assert!(message.contains("the request succeeded, but the response could not be parsed"), "{message}");
            assert!(!message.contains("base_url") && !message.contains("not the platform's"), "{message}");
        }
    }
}

#[test]
fn what_the_platform_says_beside_an_act_is_shown() {
    let (platform, id) = Platform::with_allinpay_complaint();
    let state = |state: &str| FaultKind::HandleState(state.to_owned());
    let via = |arguments: &[&str]| platform.run(&[arguments, &["--via", "allinpay"]].concat());
    platform.sandbox.inject(Fault::once(state("0000")).on::<ComplaintsResp>().after_effect());
    let json = via(&["reply", &id, "--text", "x", "--yes"]).json();
    assert_eq!((&json["effect"], &json["handlestate"]), (&"confirmed".into(), &"0000".into()), "{json}");
    // The response is unclear: the history decides.
    platform.sandbox.inject(Fault::once(state("2008")).on::<ComplaintsResp>().after_effect());
    let json = via(&["reply", &id, "--text", "y", "--yes"]).json();
    assert_eq!((&json["effect"], &json["handlestate"]), (&"found".into(), &"2008".into()), "{json}");
    platform.sandbox.inject(Fault::once(state("2008")).on::<ComplaintsResp>());
    let outcome = via(&["reply", &id, "--text", "z", "--yes"]);
    let message = outcome.refused("rejected");
    assert!(message.contains("handlestate 2008") && message.contains("may have taken effect"), "{message}");
    assert_eq!(platform.said(&id).len(), 2);
    // What is listed beside it is read, and the state is told.
    platform.sandbox.inject(Fault::once(state("2008")).on::<WxComplaintList>().after_effect());
    let outcome = via(&["list"]);
    assert_eq!((outcome.status, outcome.stdout.contains(&id)), (0, true), "{outcome:?}");
    assert!(outcome.stderr.contains("handlestate 2008"), "{outcome:?}");
}

#[test]
fn a_read_that_fails_before_an_act_says_that_nothing_was_sent() {
    let report = std::fs::read_to_string(report("07-the-platform-did-it/get-complaint.json")).unwrap();
    let unreadable = report.replace(r#""complaint_id":"1","#, "");
    let (platform, id) = Platform::with_complaint();
    for document in [&*unreadable, "[]", r#"{"complaint_id":{"a":1}}"#, r#"{"code":"NO_AUTH","message":"无权限"}"#] {
        for arguments in [&["reply", &id, "--text", "x", "--yes"][..], &["complete", &id, "--yes"]] {
            responses(&platform, "get_complaint", document);
            let outcome = platform.run(arguments);
            platform.sandbox.clear_faults();
            let code = if document.contains("NO_AUTH") { "rejected" } else { "malformed" };
            let message = outcome.refused(code);
            assert!(message.contains("nothing was sent") && message.contains("--accused"), "{message}");
            assert!(!message.contains("succeeded") && !message.contains("may have"), "{message}");
        }
    }
    // The report itself: after a successful read the act goes on, after a failed one nothing is
    // sent.
    responses(&platform, "get_complaint", &report);
    let outcome = platform.run(&["reply", &id, "--text", "x", "--yes"]);
    platform.sandbox.clear_faults();
    let is_sent = platform.operations().contains(&"respond");
    assert_eq!(outcome.stderr.contains("nothing was sent"), !is_sent, "{outcome:?}");
    let before = platform.said(&id).len();
    // The way that is shown leads on.
    responses(&platform, "get_complaint", &unreadable);
    let complaint = platform.sandbox.complaint(&id).unwrap();
    let accused = complaint["complainted_mchid"].as_str().unwrap();
    platform.run(&["reply", &id, "--text", "x", "--accused", accused, "--yes"]).json();
    platform.sandbox.clear_faults();
    assert_eq!(platform.said(&id).len(), before + 1);
    platform.sandbox.inject(Fault::once(FaultKind::DropConnection).on::<GetComplaint>().times(9));
    let outcome = platform.run(&["complete", &id, "--yes"]);
    assert!(outcome.refused("network").contains("nothing was sent"), "{outcome:?}");
    assert!(platform.operations().iter().all(|name| *name != "complete"));
}

#[test]
fn a_refusal_says_which_member_and_why() {
    let (headers, body) =
        (report("08-refusal-without-its-detail/param.headers"), report("08-refusal-without-its-detail/param.json"));
    let open = ["open", "wechat-pay-response", "--status", "400", "--now", NOW];
    let outcome = with_samples(&[&open[..], &["--headers", &headers, "--body", &body]].concat());
    let message = outcome.refused("rejected");
    for word in ["PARAM_ERROR", "begin_date", "in query", "日期跨度超过30天", "参数错误", "(signed)"] {
        assert!(message.contains(word), "{word}: {message}");
    }
    assert!(!message.contains("2026-01-01"), "{message}");
    let (headers, body) = (headers.replace("param.", "undefined."), body.replace("param.", "undefined."));
    let outcome = with_samples(&[&open[..], &["--headers", &headers, "--body", &body]].concat());
    let message = outcome.refused("rejected");
    assert!(message.contains("请求中含有未在API文档中定义的参数") && !message.contains("/body/appid"), "{message}");
}

#[test]
fn every_shape_of_a_reason_is_shown_and_no_value() {
    let folder = Folder::configured();
    for (detail, shown) in [
        (
            r#"{"detail":{"issue":"sign not match"},"field":"signature","location":"authorization","sign_information":{"url":"CANARY"}}"#,
            "; signature in authorization: sign not match",
        ),
        (
            r#"[{"field":"/body/a","issue":"too long","value":"CANARY"},{"field":"/body/b","issue":"missing"}]"#,
            "; /body/a: too long; /body/b: missing",
        ),
        (
            r#"{"field":"/body/phone","issue":"CANARY1850000 不是手机号","value":"CANARY1850000"}"#,
            "; /body/phone: *** 不是手机号",
        ),
        (r#"{"field":"字段\u001b[2J","location":null,"value":["CANARY"]}"#, "; 字段[2J"),
        (r#""CANARY""#, "参数错误 (signed)"),
    ] {
        let message = Message::rsa(format!(r#"{{"code":"PARAM_ERROR","message":"参数错误","detail":{detail}}}"#));
        message.store(&folder);
        for status in ["400", "200", "403"] {
            let arguments = [
                "open",
                "wechat-pay-response",
                "--status",
                status,
                "--headers",
                "headers",
                "--body",
                "body",
                "--now",
                NOW,
            ];
            let outcome = folder.run(&arguments);
            let message = outcome.refused("rejected");
            assert!(message.contains(shown) && !message.contains("CANARY"), "{shown}: {message}");
        }
    }
}

#[test]
fn a_refusal_in_a_signed_200_of_wechat_pay_is_one_in_every_command() {
    let (platform, id) = Platform::with_complaint();
    platform.folder.write("a.png", PICTURE);
    let document =
        r#"{"code":"PARAM_ERROR","message":"参数错误","detail":{"field":"/body/x","issue":"y","value":"CANARY"}}"#;
    for (operation, arguments) in [
        ("list_complaints", &["list"][..]),
        ("get_negotiation_history", &["history", &id]),
        ("get_complaint", &["show", &id]),
        ("respond", &["reply", &id, "--text", "x", "--yes"]),
        ("respond_immediate_service", &["reply", &id, "--text", "x", "--immediate", "--yes"]),
        ("complete", &["complete", &id, "--yes"]),
        ("update_refund_progress", &["refund", &id, "--approve", "--yes"]),
        ("upload_image", &["image", "upload", "a.png"]),
        ("query_notification_url", &["callback", "get"]),
        ("create_notification_url", &["callback", "create", "https://a.example/x", "--yes"]),
        ("delete_notification_url", &["callback", "delete", "--yes"]),
    ] {
        responses(&platform, operation, document);
        let outcome = platform.run(arguments);
        platform.sandbox.clear_faults();
        let message = outcome.refused("rejected");
        assert!(message.contains("200 PARAM_ERROR (/body/x): 参数错误; /body/x: y (signed"), "{operation}: {message}");
        assert!(!message.contains("may have") && !message.contains("CANARY"), "{operation}: {message}");
    }
    // A failure of the platform's own says nothing about the act.
    responses(&platform, "complete", r#"{"code":"SYSTEM_ERROR","message":"系统错误"}"#);
    let outcome = platform.run(&["complete", &id, "--yes"]);
    assert!(outcome.refused("rejected").contains("may have taken effect"), "{outcome:?}");
}
