use super::*;
use crate::error::Delivery;

#[track_caller]
fn refusal(json: &str) -> Refusal {
    match find(json.as_bytes()) {
        Found::Refusal(refusal) => *refusal,
        other => panic!("{json}: {other:?}"),
    }
}

fn said(refusal: &Refusal) -> (Option<&str>, Option<&str>) {
    (refusal.code.as_deref(), refusal.message.as_ref().map(|words| words.expose().as_str()))
}

#[test]
fn every_vocabulary_is_understood() {
    for (json, code, words, delivery) in [
        (r#"{"code":"FREQUENCY_LIMITED","message":"频率超限"}"#, "FREQUENCY_LIMITED", "频率超限", Delivery::Processed),
        (r#"{"message":"参数错误","code":"PARAM_ERROR"}"#, "PARAM_ERROR", "参数错误", Delivery::Processed),
        (r#"{"code":"SYSTEM_ERROR","message":"系统错误"}"#, "SYSTEM_ERROR", "系统错误", Delivery::Unknown),
        (r#"{"errcode":40001,"errmsg":"invalid credential"}"#, "40001", "invalid credential", Delivery::Processed),
        (r#"{"errcode":"40001","errmsg":"x"}"#, "40001", "x", Delivery::Processed),
        (r#"{"errcode":-1,"errmsg":"system busy"}"#, "-1", "system busy", Delivery::Unknown),
        (r#"{"code":"40004","msg":"Business Failed"}"#, "40004", "Business Failed", Delivery::Processed),
        (
            r#"{"code":20000,"msg":"Service Currently Unavailable"}"#,
            "20000",
            "Service Currently Unavailable",
            Delivery::Unknown,
        ),
        (r#"{"code":500,"msg":"x"}"#, "500", "x", Delivery::Unknown),
        (r#"[{"code":"NO_AUTH","message":"x"}]"#, "NO_AUTH", "x", Delivery::Processed),
        (r#""{\"code\":\"NO_AUTH\",\"message\":\"x\"}""#, "NO_AUTH", "x", Delivery::Processed),
        (
            r#"{"alipay_security_risk_complaint_info_query_response":{"code":"40006","msg":"x"},"sign":"y"}"#,
            "40006",
            "x",
            Delivery::Processed,
        ),
        ("\u{feff} {\"code\":\"A\",\"message\":\"x\"} ", "A", "x", Delivery::Processed),
        // An unreadable message loses only the message.
        (r#"{"code":"A","message":"太差了\ud83d"}"#, "A", "太差了\u{fffd}", Delivery::Processed),
        ("{\"message\":\"a\nb\",\"code\":\"A\"}", "A", "a\nb", Delivery::Processed),
        // An escaped name, and a code that occurs twice.
        (r#"{"\u0063ode":"A","message":"x"}"#, "A", "x", Delivery::Processed),
        (r#"{"code":"SUCCESS","code":"A","message":"x"}"#, "A", "x", Delivery::Processed),
        (r#"{"code":"A","code":"SUCCESS","message":"x"}"#, "A", "x", Delivery::Processed),
        (r#"{"errcode":0,"code":"A","msg":"x"}"#, "A", "x", Delivery::Processed),
    ] {
        let refusal = refusal(json);
        assert_eq!(said(&refusal), (Some(code), Some(words)), "{json}");
        assert_eq!(refusal.failure().delivery, delivery, "{json}");
    }
    for json in [r#"{"code":{"a":1}}"#, r#"{"errcode":[1]}"#, r#"{"code":true}"#, r#"{"success":false}"#] {
        let refusal = refusal(json);
        assert_eq!((said(&refusal), refusal.failure().delivery), ((None, None), Delivery::Unknown), "{json}");
    }
    let cut = refusal(r#"{"code":"A","message":"x"#);
    assert_eq!(said(&cut), (Some("A"), None));
    let reason =
        refusal(r#"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.SYSTEM_ERROR","sub_msg":"系统繁忙"}"#);
    assert_eq!((reason.sub_code.as_deref(), reason.failure().delivery), (Some("ACQ.SYSTEM_ERROR"), Delivery::Unknown));
    assert_eq!(reason.sub_message.unwrap().expose(), "系统繁忙");
    assert_eq!(find("{\"code\":\"A\",\"message\":\"é".as_bytes().split_last().unwrap().1), find(br#"{"code":"A","#));
}

#[test]
fn documents_and_successes_are_none() {
    let page = format!(r#"{{"data":[{{"complaint_detail":"{}"}}],"code":"A"}}"#, "x".repeat(2 * SMALL));
    for json in [
        "",
        "null",
        "[]",
        "{}",
        "1",
        "\"x\"",
        "<html>",
        r#"{"code":null,"message":"x"}"#,
        r#"{"code":"","errcode":null}"#,
        r#"{"code":"10000","msg":"Success","sub_code":"ACQ.INVALID"}"#,
        r#"{"errcode":0,"sub_code":{"a":1}}"#,
        // A document, despite the code beside its id.
        r#"{"complaint_id":"1","code":"A","message":"x"}"#,
        r#"{"code":"40004","id":9007199254740993001}"#,
        r#"{"code":"A","data":[{"complaint_id":"1"}]}"#,
        r#"{"success":false,"complaint_list":[{"id":"1"}]}"#,
        r#"[{"complaint_id":"1","code":"A"}]"#,
        r#"{"complaint_id":"1","complaint_detail":"{\"code\":\"A\"}"}"#,
        r#"{"data":[{"code":"A"}],"total_count":1}"#,
        r#"[{"code":"A"},{"code":"A"}]"#,
        r#"{"success":true}"#,
        &page,
    ] {
        assert_eq!(find(json.as_bytes()), Found::Nothing, "{json}");
    }
    for json in [
        r#"{"code":"10000","msg":"Success"}"#,
        r#"{"code":10000,"complaint_list":[]}"#,
        r#"{"errcode":0,"errmsg":"ok"}"#,
        r#"{"errcode":"0","errmsg":"ok"}"#,
        r#"{"code":0.0,"success":true}"#,
        r#"{"code":"SUCCESS","message":"成功","sub_code":""}"#,
        r#"{"complaint_id":"1","code":"SUCCESS"}"#,
    ] {
        assert_eq!(find(json.as_bytes()), Found::Success, "{json}");
    }
    for json in [r#"{"complaint_id":"#, "{\"a\":\"\n\",", "{x"] {
        assert_eq!(find(json.as_bytes()), Found::Unreadable, "{json}");
    }
}

/// A code of success, contradicted by `success`.
#[test]
fn a_success_that_is_false_is_a_refusal_whatever_the_code() {
    for json in [
        r#"{"success":false,"code":0,"msg":"x"}"#,
        r#"{"errcode":0,"errmsg":"x","success":false}"#,
        r#"{"code":"10000","success":"FALSE","msg":"x"}"#,
        r#"{"success":0,"message":"x"}"#,
    ] {
        let refusal = refusal(json);
        assert_eq!((said(&refusal), refusal.failure().delivery), ((None, Some("x")), Delivery::Unknown), "{json}");
    }
}

#[test]
fn an_act_is_done_if_its_response_is_empty_or_success() {
    for done in ["", " \r\n", "null", "{}", "{ }", "[]", "\"\"", "\u{feff} null", r#"{"code":"SUCCESS"}"#] {
        assert_eq!(find_of_act(done.as_bytes()), Found::Success, "{done:?}");
    }
    for unclear in [
        "<html>",
        "FAIL",
        "\x14\x02\x0b",
        "ok",
        "1",
        "false",
        r#"{"return_code":"FAIL"}"#,
        r#"[{"code":"A"},{"code":"B"}]"#,
        r#"{"data":{"code":"PARAM_ERROR"}}"#,
        r#"{"log_id":"1"}"#,
        r#"{"complaint_id":"1","code":"A"}"#,
        r#"{"code":"10000","sub_code":"ACQ.INVALID"}"#,
        r#"{"code":""}"#,
        "{",
    ] {
        assert_eq!(find_of_act(unclear.as_bytes()), Found::Unreadable, "{unclear}");
    }
    assert!(matches!(find_of_act(br#"{"code":"A"}"#), Found::Refusal(_)));
}

#[test]
fn a_large_document_is_checked_if_it_is_not_the_expected_one() {
    let of = |length: usize| format!(r#"{{"a":"{}","code":"A"}}"#, "x".repeat(length - 19));
    assert_eq!((of(SMALL).len(), refusal(&of(SMALL)).code.as_deref()), (SMALL, Some("A")));
    assert_eq!(find(of(SMALL + 1).as_bytes()), Found::Nothing);
    for length in [SMALL + 1, 64 * SMALL] {
        assert!(matches!(find_anywhere(of(length).as_bytes()), Found::Refusal(_)));
    }
    // An error's body is never a document.
    let echo = br#"{"code":"A","complaint_id":"1"}"#;
    assert_eq!(find_anywhere(echo), Found::Nothing);
    #[cfg(feature = "wechat-pay")]
    assert!(matches!(find_in_error(echo), Found::Refusal(_)));
    let nested = |depth: usize| format!("{}{{\"code\":\"A\"}}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(refusal(&nested(MAX_DEPTH.into())).code.as_deref(), Some("A"));
    assert_eq!(find(nested(usize::from(MAX_DEPTH) + 1).as_bytes()), Found::Nothing);
    let wrapped = |length: usize| format!("[{{\"code\":\"A\"}}{}]", " ".repeat(length - 14));
    assert!(matches!(find_anywhere(wrapped(MAX_WRAPPED).as_bytes()), Found::Refusal(_)));
    assert_eq!(find_anywhere(wrapped(MAX_WRAPPED + 1).as_bytes()), Found::Nothing);
}
