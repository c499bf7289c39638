//! Refusals of WeChat's and Alipay's inside a signed SUCCESS, in every operation; and the
//! platform's words beside one.

use protocol_core::allinpay::{
    AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayProcessFinish, ComplaintsComplete, ComplaintsResp, Refusal,
    ResponseError, WxComplaintDetail, WxComplaintHistory, WxComplaintList, WxComplaintListOlder,
    WxComplaintsRefundProgress,
};
use protocol_core::rate::RateGroup;
use protocol_core::{Delivery, Effect, Fault};

use crate::operations::are_all_of;
use crate::platform::{AnyOperation, Platform, every_operation, to_base64};

/// The result of each operation for a response.
fn outcomes(platform: &Platform, body: &[u8]) -> Vec<(&'static str, Result<(), ResponseError>)> {
    every_operation().iter().map(|operation| (operation.name, (operation.decode)(platform, body))).collect()
}

#[test]
fn every_operation_of_the_source_has_a_sample() {
    let types: Vec<_> = every_operation().iter().map(|operation| operation.type_name).collect();
    are_all_of("allinpay", &types);
}

/// The refusal that every operation reports.
#[track_caller]
fn refused(platform: &Platform, body: &[u8]) -> Refusal {
    let mut refusals = outcomes(platform, body).into_iter().map(|(name, outcome)| match outcome {
        Err(ResponseError::Refused(refusal)) => *refusal,
        other => panic!("{name}: {other:?}"),
    });
    let first = refusals.next().unwrap();
    assert!(refusals.all(|refusal| refusal == first));
    first
}

fn words(refusal: &Refusal) -> Option<&str> {
    refusal.message.as_ref().map(|words| words.expose().as_str())
}

#[test]
fn each_limit_counts_its_operations() {
    for (group, names) in [
        (RateGroup::List, vec!["wxcomplaintlistquery", "complaintqry", "alicomplaintqueryv2"]),
        (RateGroup::History, vec!["wxcomplainthistory"]),
        (RateGroup::Reply, vec!["complaintsResp"]),
        (RateGroup::Upload, vec!["wxmerchantimageupload", "alicomplaintfileupload"]),
        (RateGroup::Complete, vec!["complaintsComplete"]),
    ] {
        let counted = every_operation().into_iter().filter(|operation| operation.rate == group);
        assert_eq!(counted.map(|operation| operation.name).collect::<Vec<_>>(), names, "{group:?}");
    }
}

#[test]
fn a_refusal_behind_the_platform_is_one_in_every_operation() {
    for platform in [Platform::rsa(), Platform::sm2()] {
        for (records, code, said, delivery, fault, again) in [
            (
                r#"{"code":"FREQUENCY_LIMITED","message":"频率超限"}"#,
                "FREQUENCY_LIMITED",
                "频率超限",
                Delivery::Processed,
                Fault::Platform,
                true,
            ),
            (r#"{"code":"NO_AUTH","message":"x"}"#, "NO_AUTH", "x", Delivery::Processed, Fault::Caller, false),
            (r#"{"code":"SYSTEM_ERROR","message":"x"}"#, "SYSTEM_ERROR", "x", Delivery::Unknown, Fault::Platform, true),
            (r#"{"errcode":40001,"errmsg":"x"}"#, "40001", "x", Delivery::Processed, Fault::Caller, false),
            (r#"{"errcode":-1,"errmsg":"x"}"#, "-1", "x", Delivery::Unknown, Fault::Platform, true),
            (r#"{"errcode":45011,"errmsg":"x"}"#, "45011", "x", Delivery::Processed, Fault::Platform, true),
            (
                r#"{"code":"40004","msg":"x","complaint_list":[]}"#,
                "40004",
                "x",
                Delivery::Processed,
                Fault::Caller,
                false,
            ),
            (r#"{"code":"20001","msg":"x"}"#, "20001", "x", Delivery::Processed, Fault::Caller, false),
            (r#"{"code":20000,"msg":"x"}"#, "20000", "x", Delivery::Unknown, Fault::Platform, true),
            (
                r#"{"code":"A","message":"x","data":[],"total_count":0}"#,
                "A",
                "x",
                Delivery::Processed,
                Fault::Caller,
                false,
            ),
            (r#"{"code":"A","message":"x","complaint_id":""}"#, "A", "x", Delivery::Processed, Fault::Caller, false),
            (r#"{"code":777,"message":"x"}"#, "777", "x", Delivery::Unknown, Fault::Platform, false),
        ] {
            let error = platform.decode::<ComplaintsResp>(&platform.records(records)).unwrap_err();
            assert_eq!(
                (error.failure().delivery, error.failure().fault, error.failure().is_retryable),
                (delivery, fault, again),
                "{records}"
            );
            assert_eq!(error.to_string(), format!("WeChat or Alipay, behind the platform, refused {code}"));
            let refusal = refused(&platform, &platform.records(records));
            assert_eq!((refusal.code.as_deref(), words(&refusal)), (Some(code), Some(said)));
            // Whatever else stands beside it.
            let records = format!("\"{}\"", to_base64(records));
            let beside =
                [("records", &*records), ("total_count", "0"), ("mediaid", "\"1\""), ("imagebase64", "\"AAAA\"")];
            assert_eq!(refused(&platform, &platform.success(&beside)), refusal);
        }
        // As it is, without base64: an object, and its text.
        let object = r#"{"code":"A","message":"x"}"#;
        let quoted = |base64: String| format!("\"{base64}\"");
        let sunken = r#"{"code":"A","message":"x","a":"??>>~~~"}"#;
        for json in [
            object,
            r#""{\"code\":\"A\",\"message\":\"x\"}""#,
            &quoted(to_base64(object).trim_end_matches('=').to_owned()),
            &quoted(to_base64(format!("{object} ")).replace('=', "")),
            &quoted(to_base64(sunken).replace('+', "-").replace('/', "_")),
            &quoted(to_base64(sunken).replace('+', "-").replace('/', "_").replace('=', "") + r"\n"),
        ] {
            assert_eq!(words(&refused(&platform, &platform.success(&[("records", json)]))), Some("x"));
        }
        // Only what is signed is believed.
        let refusal = to_base64(r#"{"code":"A"}"#);
        let forged = format!(r#"{{"retcode":"SUCCESS","records":"{refusal}","sign":"AAAA"}}"#);
        assert_eq!(platform.open(forged.as_bytes()), Err(ResponseError::BadSignature));
    }
}

#[test]
fn alipays_reason_and_wechats_detail_are_kept() {
    let platform = Platform::sm2();
    let reason =
        r#"{"code":"40004","msg":"Business Failed","sub_code":"INVALID_PARAMETER","sub_msg":"参数有误CANARY"}"#;
    let error = platform.decode::<AlipayProcessFinish>(&platform.records(reason)).unwrap_err();
    assert_eq!(error.to_string(), "WeChat or Alipay, behind the platform, refused 40004 INVALID_PARAMETER");
    assert!(!format!("{error:?}").contains("CANARY"));
    let ResponseError::Refused(refusal) = error else { panic!("{error:?}") };
    assert_eq!(refusal.sub_message.unwrap().expose(), "参数有误CANARY");

    let detail = r#"{"code":"PARAM_ERROR","message":"参数错误","detail":{"field":"/body/limit","value":"CANARY","location":"body"}}"#;
    let error = platform.decode::<WxComplaintList>(&platform.records(detail)).unwrap_err();
    assert_eq!(error.to_string(), "WeChat or Alipay, behind the platform, refused PARAM_ERROR (/body/limit in body)");
    assert!(!format!("{error:?}").contains("CANARY"));
}

#[test]
fn successes_stay_successes() {
    let platform = Platform::sm2();
    let act = |records: &str| platform.decode::<ComplaintsComplete>(&platform.records(records)).map(drop);
    for records in [
        "",
        "null",
        "[]",
        "{}",
        "\"\"",
        r#"{"code":"10000","msg":"Success"}"#,
        r#"{"code":10000}"#,
        r#"{"errcode":0,"errmsg":"ok"}"#,
        r#"{"errcode":"0"}"#,
        r#"{"code":"SUCCESS","message":"成功"}"#,
    ] {
        assert_eq!(act(records), Ok(()), "{records}");
    }
    // A list whose rows speak of codes.
    let rows = r#"[{"complaint_id":"1","code":"A"},{"complaint_id":"2","code":"B"}]"#;
    assert_eq!(platform.decode::<WxComplaintList>(&platform.records(rows)).unwrap().complaints.len(), 2);
    let words = r#"{"data":[{"log_id":"1","operate_details":"{\"code\":\"A\"}"}],"total_count":1}"#;
    assert_eq!(platform.decode::<WxComplaintHistory>(&platform.records(words)).unwrap().data.len(), 1);
    // As it is, without base64, or in one without padding.
    for json in ["null", "\"null\"", "\" \"", "{}", "\"{}\"", "[]", r#"{"code":"10000"}"#, "\"e30\"", "\"W10\""] {
        let body = platform.success(&[("records", json)]);
        assert!(platform.decode::<ComplaintsComplete>(&body).is_ok(), "{json}");
        assert!(platform.decode::<AlipayProcessFinish>(&body).is_ok(), "{json}");
    }
}

#[test]
fn an_act_beside_anything_else_is_unknown() {
    let platform = Platform::rsa();
    let unknown = |body: &[u8], what: &str| {
        for act in every_operation().into_iter().filter(|operation| operation.is_act) {
            let outcome = (act.decode)(&platform, body);
            let Err(error) = outcome else { panic!("{what} is done") };
            assert!(matches!(error, ResponseError::Malformed(_)), "{what}: {error:?}");
            assert_eq!((error.failure().delivery, error.failure().is_retryable), (Delivery::Unknown, false), "{what}");
            assert!(error.to_string().contains("it may be a refusal"), "{error}");
            assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
        }
    };
    for records in [
        "{",
        r#"{"cod"#,
        "{\"a\":1",
        "<html>CANARY</html>",
        "FAIL",
        "ok",
        "1",
        r#"{"return_code":"FAIL","return_msg":"CANARY"}"#,
        r#"[{"code":"A"},{"code":"B"}]"#,
        r#"{"data":{"code":"PARAM_ERROR"}}"#,
        r#"{"complaint_id":"1"}"#,
        r#"{"complaint_id":"1","code":"A"}"#,
        r#"{"code":"10000","sub_code":"ACQ.INVALID"}"#,
    ] {
        unknown(&platform.records(records), records);
        // However the base64 is written, and without it.
        let url = to_base64(records).replace('=', "").replace('+', "-").replace('/', "_");
        unknown(&platform.success(&[("records", &format!("\"{url}\""))]), records);
        let text = serde_json::to_string(records).unwrap();
        unknown(&platform.success(&[("records", &text)]), records);
    }
    for raw in ["\"***\"", "\"FAIL\"", "12345678", "true", r#"{"return_code":"FAIL"}"#, r#"[{"code":"A"},1]"#] {
        unknown(&platform.success(&[("records", raw)]), raw);
    }
}

/// A refusal is looked for where a document is not what was asked for, and in no document that is.
#[test]
fn a_document_is_no_refusal_and_a_large_refusal_is_no_document() {
    let platform = Platform::sm2();
    let padding = "x".repeat(100_000);
    for refusal in [
        format!(r#"{{"a":"{padding}","code":"NO_AUTH","message":"x","b":"{padding}"}}"#),
        format!(r#"{{"code":"NO_AUTH","message":"x","data":[],"total_count":0,"detail":{{"value":"{padding}"}}}}"#),
        format!(
            r#"{{"page_size":10,"complaint_list":[],"limit":10,"a":["{padding}"],"code":"NO_AUTH","message":"x"}}"#
        ),
    ] {
        assert_eq!(refused(&platform, &platform.records(&refusal)).code.as_deref(), Some("NO_AUTH"));
        let unpadded = format!("\"{}\"", to_base64(&refusal).trim_end_matches('='));
        assert_eq!(refused(&platform, &platform.success(&[("records", &unpadded)])).code.as_deref(), Some("NO_AUTH"));
    }
    for code in [r#""code":"PARAM_ERROR""#, r#""code":777,"message":"x""#, r#""success":false"#, r#""errcode":-1"#] {
        let detail = include_str!("../../../../samples/wechat-pay/complaint.json");
        let detail = platform.records(detail.replacen('{', &format!("{{{code},"), 1));
        assert!(platform.decode::<WxComplaintDetail>(&detail).is_ok(), "{code}");
        let one = platform.records(format!(r#"[{{"complaint_id":"1",{code}}}]"#));
        assert!(platform.decode::<WxComplaintList>(&one).is_ok(), "{code}");
        let rows = platform.records(format!(r#"{{{code},"data":[{{"complaint_id":"1"}}]}}"#));
        assert!(platform.decode::<WxComplaintList>(&rows).is_ok(), "{code}");
        let alipay = platform.records(format!(r#"{{"id":"1",{code}}}"#));
        assert_eq!(platform.decode::<AlipayComplaintQuery>(&alipay).unwrap().id, "1", "{code}");
    }
    // A code of success beside a reason: an act is unknown, and a document is read.
    let list = platform.records(r#"{"code":"10000","sub_code":"ACQ.INVALID","complaint_list":[],"total_size":0}"#);
    assert_eq!(platform.decode::<AlipayComplaintQueryV2>(&list).unwrap().complaint_list, []);
    // `success` outweighs the code.
    let refusal = refused(&platform, &platform.records(r#"{"code":0,"success":false,"msg":"x"}"#));
    assert_eq!((refusal.code.as_deref(), words(&refusal)), (None, Some("x")));
}

#[test]
fn another_document_is_not_an_empty_page() {
    let platform = Platform::sm2();
    let outcomes = |body: &[u8]| {
        [
            platform.decode::<WxComplaintList>(body).map(|list| list.complaints.len()),
            platform.decode::<WxComplaintListOlder>(body).map(|list| list.complaints.len()),
            platform.decode::<WxComplaintHistory>(body).map(|history| history.data.len()),
            platform.decode::<AlipayComplaintQueryV2>(body).map(|list| list.complaint_list.len()),
        ]
    };
    for records in ["{}", r#"{"new":1}"#, r#"{"mchid":"1","url":"https://a/"}"#, r#"{"media_id":"1"}"#] {
        for outcome in outcomes(&platform.records(records)) {
            let error = outcome.unwrap_err();
            assert!(matches!(error, ResponseError::Malformed(_)), "{records}: {error:?}");
            assert!(error.to_string().contains("this is no page"), "{error}");
            assert!(error.to_string().starts_with("the request succeeded, but the response could not be parsed: "));
        }
    }
    for records in [
        r#"{"total_count":0,"total_size":0}"#,
        r#"{"offset":"100","current_page":"1"}"#,
        r#"{"limit":10,"page_size":10}"#,
        r#"{"data":null,"complaint_list":null}"#,
        r#"{"data":[],"complaint_list":[]}"#,
    ] {
        for outcome in outcomes(&platform.records(records)) {
            assert_eq!(outcome, Ok(0), "{records}");
        }
    }
    // The count may stand beside the page.
    let beside = platform.success(&[("records", "\"e30=\""), ("total_count", "0")]);
    assert_eq!(platform.decode::<WxComplaintList>(&beside).unwrap().total_count, Some(0));
    assert_eq!(platform.decode::<WxComplaintHistory>(&beside).unwrap().data, []);
    let successful = platform.records(r#"{"code":"10000","msg":"Success"}"#);
    assert_eq!(platform.decode::<AlipayComplaintQueryV2>(&successful).unwrap().complaint_list, []);
}

#[test]
fn the_platforms_words_on_an_act_are_kept() {
    let platform = Platform::rsa();
    let said = [("handlestate", "\"0000\""), ("handlemsg", "\"成功\""), ("retmsg", "\"处理成功CANARY\"")];
    let body = platform.success(&said);
    assert_eq!(platform.decode::<ComplaintsResp>(&body), Ok(Effect::Confirmed));
    let handled = platform.open(&body).unwrap().handled();
    assert!(!format!("{handled:?}").contains("CANARY"));
    assert_eq!(handled.handlestate.as_deref(), Some("0000"));
    assert_eq!(handled.handlemsg.unwrap().expose(), "成功");
    assert_eq!(handled.retmsg.unwrap().expose(), "处理成功CANARY");
    // Words decide nothing.
    for retmsg in ["\"处理失败\"", "\"FAIL\"", "\"3999\"", "null"] {
        let body = platform.success(&[("retmsg", retmsg)]);
        assert!(platform.decode::<ComplaintsComplete>(&body).is_ok(), "{retmsg}");
        assert!(platform.decode::<WxComplaintsRefundProgress>(&body).is_ok(), "{retmsg}");
        assert!(platform.decode::<AlipayProcessFinish>(&body).is_ok(), "{retmsg}");
    }
}

#[test]
fn an_act_beside_an_unknown_state_is_unknown_and_a_document_is_read() {
    let platform = Platform::sm2();
    for state in ["\"2008\"", "\"0\"", "0", "2000", "\"SUCCESS\"", "[]", "true"] {
        let records = format!("\"{}\"", to_base64(r#"[{"complaint_id":"1"}]"#));
        let body = platform.success(&[("handlestate", state), ("handlemsg", "\"处理中\""), ("records", &records)]);
        for AnyOperation { name, is_act, decode, .. } in every_operation() {
            let outcome = decode(&platform, &body);
            assert_eq!(matches!(outcome, Err(ResponseError::Unclear(_))), is_act, "{name}: {outcome:?}");
            if let Err(error @ ResponseError::Unclear(handled)) = &outcome {
                let said = (error.failure().delivery, error.failure().is_retryable, error.failure().fault);
                assert_eq!(said, (Delivery::Unknown, false, Fault::Platform));
                assert_eq!(handled.handlemsg.as_ref().unwrap().expose(), "处理中");
            }
        }
        let list = platform.decode::<WxComplaintList>(&body).unwrap();
        assert_eq!(list.complaints.len(), 1);
        let response = platform.open(&body).map(drop);
        assert_eq!(response, Ok(()));
        let merchant = platform.merchant();
        assert!(merchant.open(&body, &*platform.verifier).unwrap().handled().is_unclear(), "a reader is told");
    }
}
