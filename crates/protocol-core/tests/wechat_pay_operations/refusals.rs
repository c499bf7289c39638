//! Refusals of WeChat Pay's inside a signed success, documents of another kind, and the content of
//! a refusal's `detail`.

use protocol_core::crypto::ApiV3Key;
use protocol_core::wechat_pay::{
    ApiError, CertificateError, CertificateList, DeleteNotificationUrl, DownloadImage, ErrorCode, GetComplaint,
    GetNegotiationHistory, ListCertificates, ListComplaints, RefusalProof, Respond, ResponseError,
};
use protocol_core::{Delivery, Effect, Fault, OperationInfo};

use crate::requests::every_operation;
use crate::{ID, MCHID, received};

/// The result of each operation for a response that is signed, which a picture's is not.
fn outcomes(status: u16, body: &[u8]) -> Vec<(&'static str, Result<(), ResponseError>)> {
    let signed = every_operation().into_iter().filter(|row| row.name != DownloadImage::NAME);
    signed.map(|row| (row.name, (row.receive)(status, body).map(drop))).collect()
}

#[test]
fn a_refusal_in_a_signed_success_is_one_in_every_operation() {
    for (body, code, words, delivery, again, fault) in [
        (
            r#"{"code":"PARAM_ERROR","message":"参数错误"}"#,
            "PARAM_ERROR",
            "参数错误",
            Delivery::Processed,
            false,
            Fault::Caller,
        ),
        (r#"{"message":"x","code":"NO_AUTH"}"#, "NO_AUTH", "x", Delivery::Processed, false, Fault::Caller),
        (
            r#"{"code":"FREQUENCY_LIMITED","message":"x"}"#,
            "FREQUENCY_LIMITED",
            "x",
            Delivery::Processed,
            true,
            Fault::Platform,
        ),
        (r#"{"code":"SYSTEM_ERROR","message":"x"}"#, "SYSTEM_ERROR", "x", Delivery::Unknown, true, Fault::Platform),
        (
            r#"{"code":"A","message":"x","data":[],"total_count":0}"#,
            "A",
            "x",
            Delivery::Processed,
            false,
            Fault::Caller,
        ),
        (r#"{"code":"A","message":"x\ud83d"}"#, "A", "x\u{fffd}", Delivery::Processed, false, Fault::Caller),
        ("{\"code\":\"A\",\"message\":\"x\ny\"}", "A", "x\ny", Delivery::Processed, false, Fault::Caller),
        (r#"{"code":1,"message":"x"}"#, "1", "x", Delivery::Unknown, false, Fault::Platform),
        (r#"{"errcode":40001,"errmsg":"x"}"#, "40001", "x", Delivery::Unknown, false, Fault::Platform),
    ] {
        for status in [200, 202] {
            for (name, outcome) in outcomes(status, body.as_bytes()) {
                let error = outcome.unwrap_err();
                assert_eq!(
                    (error.failure().delivery, error.failure().is_retryable, error.failure().fault),
                    (delivery, again, fault),
                    "{name} {body}"
                );
                assert_eq!(error.to_string(), format!("the platform refused within a {status} {code}"), "{name}");
                let ResponseError::Rejected { error: Some(error), request_id, proof, .. } = error else {
                    panic!("{name}: {error:?}")
                };
                assert_eq!((error.code.as_str(), error.message.unwrap().expose().as_str()), (code, words), "{name}");
                assert_eq!((proof, request_id.as_deref()), (RefusalProof::Verified, Some("08E6-268435484")));
            }
        }
    }
    // A code that cannot be read tells nothing but that it is no success; the words are kept.
    for (body, words) in [
        (r#"{"code":{"a":1},"message":"参数错误"}"#, Some("参数错误")),
        (r#"{"code":["X"],"message":"x"}"#, Some("x")),
        (r#"{"success":false,"message":"系统繁忙"}"#, Some("系统繁忙")),
        (r#"{"code":0,"success":false,"message":"x"}"#, Some("x")),
        (r#"{"success":false}"#, None),
    ] {
        for (name, outcome) in outcomes(200, body.as_bytes()) {
            let error = outcome.unwrap_err();
            assert_eq!(error.to_string(), "the platform refused within a 200", "{name}");
            assert_eq!((error.failure().delivery, error.failure().is_retryable), (Delivery::Unknown, false), "{name}");
            let ResponseError::Rejected { status: 200, error, .. } = error else { panic!("{name}: {error:?}") };
            let said =
                error.as_ref().map(|error| (error.code.as_str(), error.message.as_ref().unwrap().expose().as_str()));
            assert_eq!(said, words.map(|words| ("", words)), "{name}");
        }
    }
    // A picture's response is not signed.
    let image = received(&DownloadImage::from_media_id("a").unwrap(), 200, br#"{"code":"NO_AUTH","message":"x"}"#);
    let error = image.map(drop).unwrap_err();
    assert!(matches!(error, ResponseError::Rejected { proof: RefusalProof::Unsigned, .. }), "{error:?}");
}

#[test]
fn an_act_is_done_where_nothing_stands_or_a_success() {
    for body in [
        &b""[..],
        b"{}",
        b"null",
        b"[]",
        b" \r\n",
        br#"{"code":"SUCCESS","message":"x"}"#,
        br#"{"code":0}"#,
        br#"{"errcode":0,"errmsg":"ok"}"#,
    ] {
        assert_eq!(
            received(&Respond::new(ID, MCHID, "x"), 200, body),
            Ok(Effect::Confirmed),
            "{}",
            String::from_utf8_lossy(body)
        );
    }
    assert_eq!(received(&Respond::new(ID, MCHID, "x"), 204, b""), Ok(Effect::Confirmed));
    // Anything else may be a refusal.
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(100_000));
    for body in [
        &b"{"[..],
        br#"{"message":"x","co"#,
        b"{\"a\" \"b\"}",
        b"<html>CANARY</html>",
        b"FAIL",
        b"ok",
        br#"{"return_code":"FAIL","return_msg":"CANARY"}"#,
        br#"[{"code":"A"},{"code":"B"}]"#,
        br#"{"data":{"code":"PARAM_ERROR"}}"#,
        br#"{"log_id":"1"}"#,
        br#"{"complaint_id":"1","code":"A"}"#,
        br#"{"code":"10000","sub_code":"ACQ.INVALID"}"#,
        large.as_bytes(),
    ] {
        for row in every_operation().iter().filter(|row| row.is_act || row.name == DeleteNotificationUrl::NAME) {
            let outcome = (row.receive)(200, body);
            let error = outcome.unwrap_err();
            assert!(matches!(error, ResponseError::Malformed(_)), "{error:?}");
            assert_eq!((error.failure().delivery, error.failure().is_retryable), (Delivery::Unknown, false), "{error}");
            let text = error.to_string();
            assert!(text.starts_with("the response is signed but could not be read; it may be a refusal: "), "{text}");
            assert!(!text.contains("succeeded") && !text.contains("CANARY"), "{text}");
        }
    }
    // A document that cannot be read stood where one was expected.
    let error = received(&GetComplaint::new(ID), 200, b"{}").unwrap_err();
    assert_eq!(error.failure().delivery, Delivery::Processed);
    assert!(error.to_string().starts_with("the request succeeded, but the response could not be parsed: "), "{error}");
}

/// A refusal is looked for where a document is not what was asked for, and in no document that is.
#[test]
fn a_document_is_no_refusal_and_a_large_refusal_is_no_document() {
    let padding = "x".repeat(100_000);
    for refusal in [
        format!(r#"{{"a":"{padding}","code":"NO_AUTH","message":"x","b":"{padding}"}}"#),
        format!(r#"{{"code":"NO_AUTH","data":[],"total_count":0,"detail":{{"value":"{padding}"}}}}"#),
        format!(r#"{{"limit":10,"data":null,"a":["{padding}"],"code":"NO_AUTH"}}"#),
    ] {
        for status in [200, 403] {
            // A certificate list is opened before it is verified.
            let others =
                outcomes(status, refusal.as_bytes()).into_iter().filter(|(name, _)| *name != ListCertificates::NAME);
            for (name, outcome) in others {
                let error = outcome.unwrap_err();
                let ResponseError::Rejected { error: Some(error), .. } = error else { panic!("{name}: {error:?}") };
                assert_eq!(error.code, ErrorCode::NoAuth, "{name}");
            }
        }
        let image = received(&DownloadImage::from_media_id("a").unwrap(), 200, refusal.as_bytes()).map(drop);
        assert!(matches!(image, Err(ResponseError::Rejected { .. })), "{image:?}");
    }
    let complaint = include_str!("../../../../samples/wechat-pay/complaint.json").trim();
    let page = include_str!("../../../../samples/wechat-pay/complaint-page.json").trim();
    for code in [r#""code":"PARAM_ERROR""#, r#""code":777,"message":"x""#, r#""success":false"#, r#""errcode":-1"#] {
        let with = |document: &str| document.replacen('{', &format!("{{{code},"), 1);
        let of = |document: &str| received(&GetComplaint::new(ID), 200, document.as_bytes()).map(drop);
        assert_eq!(of(&with(complaint)), Ok(()), "{code}");
        assert_eq!(of(&with(r#"{"complaint_id":"1"}"#)), of(r#"{"complaint_id":"1"}"#), "{code}");
        let list = received(&ListComplaints::new("2025-03-01", "2025-03-14"), 200, with(page).as_bytes()).unwrap();
        assert!(!list.data.is_empty(), "{code}");
    }
}

#[test]
fn another_document_is_not_an_empty_page() {
    let of = |body: &[u8]| {
        let list = received(&ListComplaints::new("2025-03-01", "2025-03-14"), 200, body).map(|page| page.data.len());
        [list, received(&GetNegotiationHistory::new(ID), 200, body).map(|history| history.data.len())]
    };
    for body in ["{}", r#"{"mchid":"1","url":"https://a/"}"#, r#"{"complaint_id":"1"}"#, r#"{"media_id":"1"}"#] {
        for outcome in of(body.as_bytes()) {
            let error = outcome.unwrap_err();
            assert!(matches!(error, ResponseError::Malformed(_)), "{body}: {error:?}");
            assert!(error.to_string().contains("neither `data` nor a count"), "{error}");
        }
    }
    for body in [
        r#"{"total_count":0}"#,
        r#"{"offset":10}"#,
        r#"{"limit":"50"}"#,
        r#"{"data":null}"#,
        r#"{"data":[]}"#,
        "\u{feff}{\"limit\":50,\"offset\":0,\"total_count\":0}",
    ] {
        for outcome in of(body.as_bytes()) {
            assert_eq!(outcome, Ok(0), "{body}");
        }
    }
    let key = ApiV3Key::new(&[b'k'; 32]).unwrap();
    let opened = |body: &[u8]| CertificateList::open(body, &key).map(drop).unwrap_err();
    for body in ["{}", r#"{"serial_no":"1"}"#, r#"{"mchid":"1"}"#] {
        assert!(matches!(opened(body.as_bytes()), CertificateError::Malformed(_)), "{body}");
    }
    for body in [r#"{"data":[]}"#, r#"{"data":null}"#] {
        assert_eq!(opened(body.as_bytes()), CertificateError::Empty, "{body}");
    }
}

#[test]
fn a_refusals_detail_says_which_member_and_why() {
    let wild = include_str!("../vectors/wechatpay/wild/error_401_sign_error.json");
    for (body, text, issue) in [
        (
            r#"{"code":"PARAM_ERROR","detail":{"field":"begin_date","issue":"日期跨度超过30天","location":"query","value":"2026-01-01"},"message":"参数错误"}"#,
            "the platform responded with 400 PARAM_ERROR (begin_date in query)",
            Some("日期跨度超过30天"),
        ),
        (wild, "the platform responded with 400 SIGN_ERROR (signature in authorization)", Some("sign not match")),
        (
            include_str!("../vectors/wechatpay/wild/error_400_param_error_upload.json"),
            "the platform responded with 400 PARAM_ERROR (in body)",
            None,
        ),
        (
            r#"{"code":"PARAM_ERROR","detail":{"location":null,"value":["/body/appid"]},"message":"x"}"#,
            "the platform responded with 400 PARAM_ERROR",
            None,
        ),
        (
            r#"{"code":"PARAM_ERROR","message":"x","detail":[{"field":"/body/a","issue":"太差了 is refused","value":"太差了"}]}"#,
            "the platform responded with 400 PARAM_ERROR (/body/a)",
            Some("*** is refused"),
        ),
        (
            r#"{"code":"PARAM_ERROR","message":"x","detail":"CANARY"}"#,
            "the platform responded with 400 PARAM_ERROR",
            None,
        ),
    ] {
        for (status, words) in [(400, "responded with 400"), (200, "refused within a 200")] {
            let error = received(&GetComplaint::new(ID), status, body.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), text.replace("responded with 400", words));
            assert!(!format!("{error:?}").contains("2026-01-01"), "{error:?}");
            let ResponseError::Rejected { error: Some(error), .. } = error else { panic!("{error:?}") };
            let causes = error.detail.as_ref().unwrap().causes();
            let said = causes.first().and_then(|cause| cause.issue.as_ref()).map(|issue| issue.expose().as_str());
            assert_eq!(said, issue, "{body}");
        }
    }
}

/// A member that does not fit costs that member.
#[test]
fn a_refusal_keeps_its_code_whatever_stands_beside_it() {
    for (body, words) in [
        (r#"{"code":"NO_AUTH","message":["x"]}"#, None),
        (r#"{"code":"NO_AUTH","message":"x","message":"y"}"#, Some("x")),
        (r#"{"code":"NO_AUTH","message":"太差了\ud83d"}"#, Some("太差了\u{fffd}")),
        ("{\"code\":\"NO_AUTH\",\"message\":\"a\tb\"}", Some("a\tb")),
        (r#"{"code":"NO_AUTH","message":"x","detail"#, Some("x")),
        (r#"{"code":"NO_AUTH","message":["x"],"complaint_id":"1","data":[{"a":1}]}"#, None),
    ] {
        let error = ApiError::decode(body.as_bytes()).unwrap();
        assert_eq!(error.code, ErrorCode::NoAuth, "{body}");
        assert_eq!(error.message.as_ref().map(|words| words.expose().as_str()), words, "{body}");
    }
    let large = format!(r#"{{"a":"{}","code":"NO_AUTH","message":["x"]}}"#, "x".repeat(100_000));
    assert_eq!(ApiError::decode(large.as_bytes()).unwrap().code, ErrorCode::NoAuth);
    let words = ApiError::decode(r#"{"code":["X"],"message":"参数错误"}"#.as_bytes()).unwrap();
    assert_eq!((words.code.as_str(), words.message.unwrap().expose().as_str()), ("", "参数错误"));
    for body in ["", "{}", "<html>", r#"{"code":["NO_AUTH"]}"#, r#"{"message":"x"}"#, r#"[{"a":1}]"#] {
        assert_eq!(ApiError::decode(body.as_bytes()), None, "{body}");
    }
}
