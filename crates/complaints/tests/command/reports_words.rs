//! Reports 09, 14, 15 and 17: errors of faulty configurations, signatures, header files and
//! documents.

use serde_json::Value;

use crate::fixture::{Folder, Message, NOW, Outcome, SAMPLES};

fn report(file: &str) -> String {
    format!("{}/tests/reports/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn with_samples(arguments: &[&str]) -> Outcome {
    let config = format!("{SAMPLES}/complaints.toml");
    Folder::new().run(&[arguments, &["--config", &config]].concat())
}

const SIGN_ALLINPAY: [&str; 4] = ["sign", "allinpay", "--param", "trxid=1"];
const SIGN_WECHAT_PAY: [&str; 6] = ["sign", "wechat-pay", "--method", "GET", "--target", "/v3/x"];

#[test]
fn values_among_a_few_are_named() {
    let folder = Folder::new();
    for (file, command, words) in [
        (
            "allinpay-MD5.toml",
            &SIGN_ALLINPAY[..],
            &["`sign_type` must be \"RSA\" or \"SM2\"", "MD5 and RSA2 are not offered"][..],
        ),
        (
            "allinpay-RSA2.toml",
            &SIGN_ALLINPAY,
            &["`sign_type` must be \"RSA\" or \"SM2\"", "MD5 and RSA2 are not offered"],
        ),
        ("allinpay-sm2.toml", &SIGN_ALLINPAY, &["`sign_type` must be \"RSA\" or \"SM2\", in capitals"]),
        ("wechat-algorithm-RSA.toml", &SIGN_WECHAT_PAY, &["`algorithm` must be \"rsa\" or \"sm2\", in small letters"]),
        ("wechat-windows-path.toml", &SIGN_WECHAT_PAY, &["`private_key`", "backslash", "'...'", "/"]),
    ] {
        let file = report(&format!("09-configuration-values/{file}"));
        let outcome = folder.run(&[command, &["--config", &file]].concat());
        let message = outcome.refused("config");
        assert!(words.iter().all(|words| message.contains(words)), "{message}");
        assert!(!message.contains("text goes in quotes"), "{message}");
    }
    // The same mistakes in other clothes; the last three are no values of TOML at all.
    for (text, words) in [
        ("[mini-program]\nmode = \"safe\"\n", "line 2: `mode` must be \"plain\", \"compatible\" or \"secure\""),
        ("[mini-program]\nmode = \"明文模式\"\n", "line 2: `mode` must be"),
        ("[mini-program]\nmode = 1\n", "line 2: `mode` must be"),
        ("allinpay.sign_type = \"SM3\"\n", "line 1: `sign_type` must be"),
        ("allinpay = { appid = \"1\", sign_type = \"canary\" }\n", "line 1: `sign_type` must be"),
        ("[wechat-pay]\nalgorithm = rsa\n", "line 2: `algorithm` must be"),
        (
            "[wechat-pay]\nprivate_key = \"D:\\canary\\users\\k.pem\"\n",
            "line 2: a backslash in the value of `private_key`",
        ),
        ("[[wechat-pay.platform_keys]]\nfile = \"C:\\u\\canary.pem\"\n", "line 2: a backslash in the value of `file`"),
        ("[wechat-pay]\nprivate_key = C:\\canary\\k.pem\n", "line 2: a backslash in the value of `private_key`"),
        (
            "[wechat-pay]\ndecryption_keys = [\"C:\\canary\\k.pem\"]\n",
            "line 2: a backslash in the value of `decryption_keys`",
        ),
        ("[wechat-pay]\ndecryption_keys = [\n  \"C:\\canary\\k.pem\",\n]\n", "line 3: a backslash in the value begins"),
    ] {
        folder.write("complaints.toml", text);
        for command in [&SIGN_ALLINPAY[..], &SIGN_WECHAT_PAY] {
            let outcome = folder.run(command);
            assert!(outcome.refused("config").contains(words), "{outcome:?}");
            assert!(!outcome.stderr.contains("canary"), "{outcome:?}");
        }
    }
}

#[test]
fn a_quote_that_is_not_closed_is_named() {
    let folder = Folder::new();
    for (text, words) in [
        (
            "[allinpay]\nsign_type = 'RSA\n",
            "line 2: the quote before the value of `sign_type` is not closed; a ' belongs",
        ),
        (
            "[allinpay]\nsign_type = \"RSA\n",
            "line 2: the quote before the value of `sign_type` is not closed; a \" belongs",
        ),
        ("[mini-program]\nmode = \"canary'\nappid = \"x\"\n", "line 2: the quote before the value of `mode`"),
        ("[wechat-pay]\nprivate_key = 'C:\\canary.pem\n", "line 2: the quote before the value of `private_key`"),
        ("allinpay = { appid = 'canary }\n", "line 1: the quote before the value of `appid`"),
        ("[wechat-pay]\ndecryption_keys = ['canary.pem]\n", "line 2: the quote before the value of `decryption_keys`"),
    ] {
        folder.write("complaints.toml", text);
        let outcome = folder.run(&SIGN_ALLINPAY);
        assert!(outcome.refused("config").contains(words), "{outcome:?}");
        assert!(!outcome.stderr.contains("canary"), "{outcome:?}");
    }
}

#[test]
fn a_secret_in_the_place_of_a_file_name_is_not_repeated() {
    let folder = Folder::configured();
    let config = std::fs::read_to_string(folder.path().join("complaints.toml")).unwrap();
    let with = |name: &str| {
        folder.write("complaints.toml", config.replace("\"apiv3.key\"", &format!("'{name}'")));
        folder.open(&Message::complaint()).refused("config").to_owned()
    };
    for secret in
        ["wechat2024", "my_secret_token_x9", "P@ssw0rd.2024", "merchant-hunter2", "pass.word", "Tr0ub4dor/3xY"]
    {
        let message = with(secret);
        assert!(!message.contains(secret) && message.contains("may be the secret itself"), "{message}");
    }
    for name in ["my_secret.token", "lost.pem", "merchant-key", "keys/hunter", "C:\\keys\\one"] {
        let message = with(name);
        assert!(message.contains(&format!("cannot read {name}, which")), "{message}");
    }
    for empty in ["", "  "] {
        let message = with(empty);
        assert!(message.contains("apiv3_key_file is empty; name a file"), "{message}");
    }
}

#[test]
fn a_path_whose_backslashes_are_escapes_is_told_so() {
    let folder = Folder::configured();
    let config = std::fs::read_to_string(folder.path().join("complaints.toml")).unwrap();
    folder.write("complaints.toml", config.replace("\"apiv3.key\"", "\"C:\\new\\temp.key\""));
    let outcome = folder.open(&Message::complaint());
    let message = outcome.refused("config");
    assert!(message.contains("C:\\new\\temp.key") && message.contains("backslash"), "{message}");
}

#[test]
fn a_success_without_a_signature_is_named() {
    for (file, words) in [
        ("no-sign.json", "the response has no `sign`"),
        ("null-sign.json", "the response has no `sign`"),
        ("md5-sign.json", "32 hexadecimal digits: that is MD5"),
        ("hex-sign.json", "in hexadecimal, where base64 is due"),
    ] {
        let file = report(&format!("14-success-without-a-signature/{file}"));
        let opened = with_samples(&["open", "allinpay", "--body", &file]);
        let message = opened.refused("bad-signature");
        assert!(message.contains(words) && !message.contains("another key"), "{message}");
        let explained = with_samples(&["explain", "open", "allinpay", "--body", &file]);
        assert!(explained.status == 1 && explained.stderr.contains(words), "{explained:?}");
        assert!(!explained.stderr.contains("complaints explain"), "it does not recommend itself: {explained:?}");
        let report: Value = serde_json::from_str(&explained.stdout).unwrap();
        assert_eq!(report["checks"][3]["check"], "signature");
        assert!(report["checks"][3]["detail"].as_str().unwrap().contains(words), "{report}");
    }
    let md5 = report("14-success-without-a-signature/md5-sign.json");
    let message = with_samples(&["open", "allinpay", "--body", &md5]).stderr;
    assert!(message.contains("the console says which algorithm"), "{message}");
}

#[test]
fn headers_are_read_as_programs_log_them() {
    let body = report("15-headers-as-programs-log-them/body.json");
    for file in ["headers.json", "php-server.txt", "curl-v.txt", "http2.txt"] {
        let headers = report(&format!("15-headers-as-programs-log-them/{file}"));
        let json = with_samples(&["open", "wechat-pay", "--headers", &headers, "--body", &body, "--now", NOW]).json();
        assert_eq!(json["resource"]["action_type"], "CREATE_COMPLAINT", "{file}");
    }
}

#[test]
fn headers_are_found_where_programs_put_them() {
    let folder = Folder::configured();
    let message = Message::complaint();
    message.store(&folder);
    let open = |headers: &str| {
        folder.write("headers", headers);
        folder.run(&["open", "wechat-pay", "--headers", "headers", "--body", "body", "--now", NOW])
    };
    let pairs: Vec<Value> =
        message.headers.iter().map(|(name, value)| serde_json::json!({"name": name, "value": value})).collect();
    let entry = serde_json::json!({"request": {"headers": pairs}});
    let flat: Vec<&str> = message.headers.iter().flat_map(|(name, value)| [*name, value]).collect();
    let lists: serde_json::Map<_, _> =
        message.headers.iter().map(|(name, value)| ((*name).to_owned(), serde_json::json!([value]))).collect();
    let archive = |padding: usize| {
        let other =
            serde_json::json!({"request": {"headers": []}, "response": {"content": {"text": "x".repeat(padding)}}});
        serde_json::json!({"log": {"entries": [other, entry]}}).to_string()
    };
    let curl: String = message.headers.iter().map(|(name, value)| format!("  -H '{name}: {value}' \\\n")).collect();
    for headers in [
        archive(0),
        archive(200_000),
        entry.to_string(),
        serde_json::json!({"rawHeaders": flat}).to_string(),
        format!("{flat:#?}").replace('"', "'"),
        serde_json::json!({"headers": {"Host": "a.example"}, "multiValueHeaders": lists}).to_string(),
        format!("curl -X POST https://a.example/notify \\\n{curl}  --data-binary @body\n"),
        curl.trim_start().to_owned(),
    ] {
        assert_eq!(open(&headers).json()["event_type"], "COMPLAINT.CREATE", "{}", &headers[..headers.len().min(2000)]);
    }
    let twice = serde_json::json!({"log": {"entries": [entry, entry]}}).to_string();
    assert!(open(&twice).refused("malformed").contains("it has 2 messages"), "{twice}");
    open(&"x: y\n".repeat(20_000)).refused("too-large");
    open(&format!("[{}", " ".repeat(100_000))).refused("too-large");
    open(&archive(2_000_000)).refused("too-large");
}

#[test]
fn no_proxy_is_blamed_for_a_file_that_is_no_header_file() {
    let folder = Folder::configured();
    Message::complaint().store(&folder);
    for (headers, words) in [
        ("some words\n", "line 1 is no header"),
        ("", "is empty"),
        ("{\"Wechatpay-Nonce\": ", "line 1 is no header"),
        ("<?php print_r($_SERVER);", "line 1 is no header"),
        ("HTTP/1.1 200 OK\r\n\r\n", "no header in it"),
    ] {
        folder.write("headers", headers);
        let outcome = folder.run(&["open", "wechat-pay", "--headers", "headers", "--body", "body", "--now", NOW]);
        let message = outcome.refused("malformed");
        assert!(message.contains(words) && !message.contains("proxy"), "{message}");
    }
}

#[test]
fn a_refusal_is_no_empty_page() {
    let refusal = report("17-decode-takes-anything/refusal.json");
    for kind in ["complaint", "complaint-page", "history", "push"] {
        let outcome = Folder::new().run(&["decode", kind, &refusal]);
        let message = outcome.refused("rejected");
        assert!(message.contains("it is a refusal: PARAM_ERROR: 参数错误"), "{message}");
    }
    let certificates = report("17-decode-takes-anything/certificates-refusal.json");
    let arguments = ["open", "wechat-pay-certificates", "--body", &certificates];
    let outcome = with_samples(&arguments);
    assert!(outcome.refused("rejected").contains("RESOURCE_NOT_EXISTS: 无可用的平台证书"), "{outcome:?}");
    let explained = with_samples(&[&["explain"], &arguments[..]].concat());
    assert!(explained.stderr.contains("RESOURCE_NOT_EXISTS"), "{explained:?}");
}

#[test]
fn one_document_is_not_taken_for_another() {
    let folder = Folder::new();
    let sample = |name: &str| format!("{SAMPLES}/wechat-pay/{name}");
    for (kind, file, words) in [
        ("complaint-page", sample("complaint.json"), "it is one complaint; `complaints decode complaint` reads it"),
        ("history", sample("complaint.json"), "it is one complaint"),
        ("push", sample("complaint.json"), "it is one complaint"),
        ("complaint", sample("complaint-page.json"), "it is a page of complaints"),
        ("history", sample("complaint-page.json"), "it is a page of complaints"),
        ("complaint", sample("history.json"), "it is a page of a history"),
        ("complaint-page", sample("history.json"), "it is a page of a history"),
        ("complaint-page", sample("certificates.json"), "it is a list of certificates"),
        ("complaint", sample("notification.json"), "it is a notification of WeChat Pay"),
        ("complaint-page", format!("{SAMPLES}/allinpay/history.json"), "it is a response of Allinpay's"),
        ("complaint", format!("{SAMPLES}/mini-program/complaint.xml"), "it is a message pushed to a Mini Program"),
    ] {
        let outcome = folder.run(&["decode", kind, &file]);
        assert!(outcome.refused("malformed").contains(words), "{kind} {file}: {outcome:?}");
    }
    for (kind, text, words) in [
        ("complaint-page", "{}", "neither `data` nor a count"),
        ("history", "{\"message\":\"x\"}", "neither `data` nor a count"),
        ("complaint-page", "<html><body>502</body></html>", "it is HTML"),
        ("history", "[{\"log_id\":\"1\"}]", "it is a list"),
    ] {
        folder.write("document", text);
        let outcome = folder.run(&["decode", kind, "document"]);
        assert!(outcome.refused("malformed").contains(words), "{kind} {text}: {outcome:?}");
    }
    // What has nothing in it, rightly.
    for text in [r#"{"data":[]}"#, r#"{"total_count":0}"#, r#"{"offset":0,"limit":50,"total_count":0}"#] {
        folder.write("document", text);
        folder.run(&["decode", "complaint-page", "document"]).json();
        folder.run(&["decode", "history", "document"]).json();
    }
}

#[test]
fn a_refusal_is_one_wherever_it_stands() {
    let folder = Folder::new();
    for (text, words) in [
        (&br#"{"data":[],"code":"NO_AUTH"}"#[..], "NO_AUTH"),
        (br#"{"data":[],"errcode":"-1"}"#, "-1"),
        (br#"{"total_count":0,"errcode":40001,"errmsg":"x"}"#, "40001: x"),
        (b"{\"code\":\"NO_AUTH\",\"message\":\"a\nb\"}", "NO_AUTH: a\\nb"),
        (b"{\"code\":\"NO_AUTH\",\"message\":\"a\xe6\x8a\"}", "NO_AUTH: a\u{fffd}"),
        (br#"[{"code":"NO_AUTH"}]"#, "NO_AUTH"),
        (br#"{"alipay_x_response":{"code":"40006","msg":"x"},"sign":"y"}"#, "40006: x"),
        (br#"{"data":[],"success":false}"#, "`success` is false"),
    ] {
        folder.write("document", text);
        for kind in ["complaint", "complaint-page", "history", "push"] {
            let outcome = folder.run(&["decode", kind, "document"]);
            assert!(outcome.refused("rejected").contains(&format!("it is a refusal: {words}")), "{kind}: {outcome:?}");
        }
    }
    for text in
        [r#"{"code":"OK","total_count":0}"#, r#"{"data":[],"code":10000,"msg":"Success"}"#, r#"{"data":[],"code":""}"#]
    {
        folder.write("document", text);
        for kind in ["complaint-page", "history"] {
            folder.run(&["decode", kind, "document"]).json();
        }
    }
}

#[test]
fn a_member_of_any_name_may_stand_beside_those_that_are_known() {
    let folder = Folder::new();
    for member in [
        r#""Event":"x""#,
        r#""resource":{}"#,
        r#""event_type":"x""#,
        r#""operate_type":"x""#,
        r#""MsgType":"x""#,
        r#""code":"NO_AUTH""#,
        r#""Encrypt":"x""#,
        r#""retcode":"FAIL""#,
    ] {
        for (kind, text) in [
            ("complaint", format!(r#"{{"complaint_id":"1",{member}}}"#)),
            ("complaint-page", format!(r#"{{"data":[{{"complaint_id":"1",{member}}}],{member}}}"#)),
            ("history", format!(r#"{{"data":[{{"log_id":"1",{member}}}],{member}}}"#)),
            (
                "push",
                format!(r#"{{"Event":"complaint_callback","complaint_order_id":"1","complaint_id":"1",{member}}}"#),
            ),
        ] {
            if kind == "push" && member.contains("Event") {
                continue;
            }
            folder.write("document", &text);
            let json = folder.run(&["decode", kind, "document"]).json();
            assert!(json.to_string().contains("_id\":\"1\""), "{kind} {text}: {json}");
        }
        // An empty page is none of what such a member alone would make it.
        if !member.contains("code") {
            folder.write("document", format!(r#"{{"data":[],{member}}}"#));
            folder.run(&["decode", "complaint-page", "document"]).json();
            folder.run(&["decode", "history", "document"]).json();
        }
    }
}

#[test]
fn an_empty_document_is_called_so() {
    let folder = Folder::configured();
    for empty in ["", " \r\n", "\u{feff}", "\0\0"] {
        folder.write("empty", empty);
        for kind in ["complaint", "complaint-page", "history", "push"] {
            let outcome = folder.run(&["decode", kind, "empty"]);
            assert!(outcome.refused("malformed").contains("empty is empty"), "{outcome:?}");
        }
        let outcome = folder.run(&["open", "wechat-pay-certificates", "--body", "empty"]);
        assert!(outcome.refused("malformed").contains("empty is empty"), "{outcome:?}");
        let config = format!("{SAMPLES}/complaints.toml");
        let outcome = folder.run(&["open", "allinpay", "--body", "empty", "--config", &config]);
        assert!(outcome.refused("malformed").contains("empty is empty"), "{outcome:?}");
        let query = std::fs::read_to_string(format!("{SAMPLES}/mini-program/push.query")).unwrap();
        let push = ["open", "mini-program", "--query", &query, "--body", "empty", "--now", "1714112445"];
        let outcome = folder.run(&[&push[..], &["--config", &config]].concat());
        assert!(outcome.status == 1 && outcome.stderr.contains("the body is empty"), "{outcome:?}");
        Message::complaint().store(&folder);
        let notification = ["open", "wechat-pay", "--headers", "headers", "--body", "empty", "--now", NOW];
        let outcome = folder.run(&notification);
        assert!(outcome.refused("bad-signature").contains("the body is empty"), "{outcome:?}");
    }
    let outcome = folder.run(&["decode", "push", "-"]);
    assert!(outcome.refused("malformed").contains("standard input is empty"), "{outcome:?}");
}

#[test]
fn a_push_is_decoded_as_it_is_opened() {
    let folder = Folder::new();
    let json = folder.run(&["decode", "push", &report("17-decode-takes-anything/cut.xml")]).json();
    assert_eq!(json["complaint_order_id"], "8622001");
    assert_eq!(json["customer_material_content"], "往后\u{fffd}");
    let push = |text: &[u8]| {
        [
            b"<xml><Event>complaint_callback</Event><BussiCallBackInfo><complaint_order_id>7</complaint_order_id><product_name>",
            text,
            b"</product_name></BussiCallBackInfo></xml>",
        ]
        .concat()
    };
    for (text, read) in [
        (&b"a\x08b\x00c"[..], "abc"),
        (b"\xe6\x8a", "\u{fffd}"),
        ("投\u{1}诉".as_bytes(), "投诉"),
        (b"\xff\x0b!", "\u{fffd}!"),
    ] {
        folder.write("push", push(text));
        let json = folder.run(&["decode", "push", "push"]).json();
        assert_eq!((&json["complaint_order_id"], &json["product_name"]), (&"7".into(), &read.into()));
    }
}
