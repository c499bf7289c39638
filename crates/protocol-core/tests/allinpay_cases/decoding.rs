//! The results of each operation for a verified response.

use protocol_core::allinpay::{
    AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayComplaintStatus, AlipayFileUpload, AlipayProcessCode,
    AlipayProcessFinish, ComplaintsComplete, ComplaintsResp, ResponseError, WxComplaintDetail, WxComplaintHistory,
    WxComplaintList, WxComplaintListOlder, WxComplaintOrderDetail, WxComplaintsRefundProgress, WxGetMerchantImage,
    WxMerchantImageUpload,
};
use protocol_core::complaint::{
    AppealState, CallbackStatus, CallbackType, ComplaintState, Fen, MediaType, OperateType, OrderDetail, ProblemType,
    ReturnStatus,
};
use protocol_core::limits::MAX_IMAGE_BODY;
use protocol_core::{OperationInfo as _, Personal, UnixTime};

use crate::platform::{Platform, Sample, to_base64};

const COMPLAINT: &str = r#"{
    "complaint_id":"200201820200101080076610000","complaint_time":"2025-03-01T23:58:18+08:00",
    "complaint_detail":"投诉","complaint_state":"PENDING","complaint_full_refunded":false,
    "incoming_user_response":true,"user_complaint_times":1,"payer_phone":"13900000000",
    "complaint_media_list":[{"media_type":"USER_COMPLAINT_IMAGE","media_url":["https://a/1","https://a/2"]}],
    "complaint_order_info":[{"transaction_id":"4200000404201909069117582536","out_trade_no":"20190906154617947762231",
        "amount":3}],
    "service_order_info":[],"problem_description":"x","problem_type":"REFUND","apply_refund_amount":"10",
    "merchantNo":"990440148166000","new":1.50}"#;

fn ids(list: &protocol_core::allinpay::ComplaintList) -> Vec<&str> {
    list.complaints.iter().map(|complaint| complaint.complaint_id.as_str()).collect()
}

fn text(value: Option<&Personal<String>>) -> Option<&str> {
    value.map(|text| text.expose().as_str())
}

#[track_caller]
fn malformed<T>(outcome: Result<T, ResponseError>) -> String {
    match outcome {
        Err(error @ ResponseError::Malformed(_)) => error.to_string(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was read"),
    }
}

#[test]
fn lists_come_in_three_shapes() {
    for platform in [Platform::rsa(), Platform::sm2()] {
        for (records, count, expected, total) in [
            (r#"[{"complaint_id":"1"},{"complaint_id":"2"}]"#, Some("7"), &["1", "2"][..], Some(7)),
            (r#"[{"complaint_id":"1"}]"#, Some("\"7\""), &["1"], Some(7)),
            (r#"[{"complaint_id":"1"}]"#, Some("\" 7 \""), &["1"], Some(7)),
            (r#"[{"complaint_id":"1"}]"#, Some("\"many\""), &["1"], None),
            (r#"[{"complaint_id":"1"}]"#, Some("null"), &["1"], None),
            (r#"[{"complaint_id":"1"}]"#, None, &["1"], None),
            ("[]", Some("0"), &[], Some(0)),
            (" \n[ ]", None, &[], None),
            ("\u{feff}[{\"complaint_id\":\"1\"}]", None, &["1"], None),
            // A page object, with its own count or none.
            (r#"{"data":[{"complaint_id":"1"}],"limit":10,"offset":0,"total_count":2}"#, None, &["1"], Some(2)),
            (r#"{"data":[{"complaint_id":"1"}],"total_count":2}"#, Some("7"), &["1"], Some(2)),
            (r#"{"data":[{"complaint_id":"1"}]}"#, Some("7"), &["1"], Some(7)),
            (r#"{"data":{"complaint_id":"1"},"total_count":"1"}"#, None, &["1"], Some(1)),
            (r#"{"data":[],"total_count":0}"#, None, &[], Some(0)),
            (r#"{"data":null}"#, None, &[], None),
            ("\u{feff}{\"data\":[]}", None, &[], None),
            // A single complaint.
            (r#"{"complaint_id":"1","complaint_state":"PENDING"}"#, Some("1"), &["1"], Some(1)),
        ] {
            let records = format!("\"{}\"", to_base64(records));
            let mut members = vec![("records", &*records)];
            members.extend(count.map(|count| ("total_count", count)));
            let body = platform.success(&members);
            let list = platform.decode::<WxComplaintList>(&body).unwrap();
            assert_eq!((&*ids(&list), list.total_count), (expected, total), "{members:?}");
            assert_eq!(platform.decode::<WxComplaintListOlder>(&body).unwrap(), list);
        }
    }
    let platform = Platform::sm2();
    for records in ["1", "\"x\"", "[", r#"{"data":1}"#, r#"{"data":[{}],"data":[]}"#] {
        malformed(platform.decode::<WxComplaintList>(&platform.records(records)));
    }
}

#[test]
fn a_page_with_nothing_on_it_may_come_without_records() {
    let platform = Platform::sm2();
    let base64 = |records: &str| format!("\"{}\"", to_base64(records));
    let (null, blank, marked) = (base64("null"), base64(" \n"), base64("\u{feff} null "));
    for records in [None, Some("\"\""), Some("null"), Some(&null), Some(&blank), Some(&marked)] {
        let mut members: Vec<_> = records.map(|records| ("records", records)).into_iter().collect();
        let body = platform.success(&members);
        assert!(platform.decode::<WxComplaintHistory>(&body).unwrap().data.is_empty(), "{records:?}");
        assert!(platform.decode::<AlipayComplaintQueryV2>(&body).unwrap().complaint_list.is_empty(), "{records:?}");
        // One complaint is not nothing. That it is missing was signed: asking again brings the
        // same.
        for outcome in [
            platform.decode::<WxComplaintDetail>(&body).map(drop),
            platform.decode::<AlipayComplaintQuery>(&body).map(drop),
        ] {
            assert!(!outcome.clone().unwrap_err().failure().is_retryable, "{records:?}: {outcome:?}");
            malformed(outcome);
        }
        members.push(("total_count", "0"));
        let list = platform.decode::<WxComplaintList>(&platform.success(&members)).unwrap();
        assert_eq!((list.complaints.len(), list.total_count), (0, Some(0)));
    }
}

#[test]
fn one_row_that_cannot_be_read_does_not_hide_the_others() {
    let platform = Platform::sm2();
    let bad = r#"{"complaint_id":"2","merchantNo":["1"]}"#;
    for (records, read, unreadable) in [
        (format!(r#"[{{"complaint_id":"1"}},{bad}]"#), &["1"][..], &[Some("2")][..]),
        (format!("\u{feff} [{bad},{{\"complaint_id\":\"1\"}}]"), &["1"], &[Some("2")]),
        (format!(r#"{{"data":[{{"complaint_id":"1"}},{bad}],"total_count":2}}"#), &["1"], &[Some("2")]),
        (bad.to_owned(), &[], &[Some("2")]),
        (r#"[{"complaint_time":"x"}]"#.to_owned(), &[], &[None]),
        (r#"{"data":[{}]}"#.to_owned(), &[], &[None]),
        (r#"[1,[],{"complaint_id":"1"}]"#.to_owned(), &["1"], &[None, None]),
    ] {
        let records = format!("\"{}\"", to_base64(&records));
        let body = platform.success(&[("records", &records), ("total_count", "2")]);
        let list = platform.decode::<WxComplaintList>(&body).unwrap();
        assert_eq!((&*ids(&list), list.total_count), (read, Some(2)));
        let told: Vec<_> = list.unreadable.iter().map(|row| row.id.as_deref()).collect();
        assert_eq!(told, unreadable);
        assert_eq!(platform.decode::<WxComplaintListOlder>(&body).unwrap(), list);
    }
}

#[test]
fn one_row_of_alipays_list_does_not_hide_the_others() {
    let platform = Platform::sm2();
    let records =
        r#"{"code":"10000","total_size":3,"complaint_list":[{"id":1},{"id":2,"status":[true]},{"id":[3]},{"id":3}]}"#;
    let list = platform.decode::<AlipayComplaintQueryV2>(&platform.records(records)).unwrap();
    assert_eq!(list.complaint_list.iter().map(|complaint| &*complaint.id).collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!(list.misfits()[0].place(), "complaint_list[1].status");
    list.complaint_list[1].status().unwrap_err();
    assert!(list.complaint_list[1].status.as_ref().is_some_and(|status| !status.is_known()));
    assert_eq!((list.code.as_deref(), list.total_size), (Some("10000"), Some(3)));
    assert_eq!((list.unreadable.len(), list.unreadable[0].id.as_deref()), (1, None));
    malformed(platform.decode::<AlipayComplaintQueryV2>(&platform.records(r#"{"complaint_list":1}"#)));
}

#[test]
fn a_list_names_the_merchant_of_each_complaint() {
    let platform = Platform::sm2();
    let list = platform.decode::<WxComplaintList>(&platform.records(format!("[{COMPLAINT}]"))).unwrap();
    assert_eq!(list.complaints[0].merchant_no.as_deref(), Some("990440148166000"));
    // That number is what the calls about the complaint want.
    let agent = platform.merchant().with_orgid("55058100780004S").unwrap();
    assert!(agent.about(list.complaints[0].merchant_no.clone().unwrap()).is_ok());
}

#[test]
fn a_complaint_in_detail() {
    let platform = Platform::rsa();
    let complaint = platform.decode::<WxComplaintDetail>(&platform.records(COMPLAINT)).unwrap();
    assert_eq!(complaint.complaint_id, "200201820200101080076610000");
    assert_eq!(complaint.complaint_time.unwrap().to_unix(), Some(UnixTime(1_740_844_698)));
    assert_eq!(text(complaint.complaint_detail.as_ref()), Some("投诉"));
    assert_eq!(complaint.complaint_state, Some(ComplaintState::Pending));
    assert_eq!((complaint.complaint_full_refunded, complaint.incoming_user_response), (Some(false), Some(true)));
    assert_eq!(complaint.user_complaint_times, Some(1));
    // In clear, unlike WeChat Pay's own.
    assert_eq!(complaint.payer_phone.unwrap().as_wire(), "13900000000");
    assert_eq!(complaint.complaint_media_list[0].media_url.len(), 2);
    assert_eq!(complaint.complaint_order_info[0].amount, Some(Fen(3)));
    assert_eq!(complaint.problem_type, Some(ProblemType::Refund));
    assert_eq!(complaint.apply_refund_amount, Some(Fen(10)));
    assert_eq!(complaint.extra.get("new"), Some("1.50"));
}

const ENTRIES: &str = r#"[
    {"log_id":"2","operator":"商家","operate_time":"2023-05-31T00:00:00.120+08:00",
     "operate_type":"MERCHANT_REFUSE_RERUND","operate_details":"理由","image_list":[],
     "complaint_media_list":{"media_type":"OPERATION_IMAGE","media_url":["https://a/1"]}},
    {"log_id":"1","operator":"投诉人","operate_time":"2023-05-30T23:58:18+08:00",
     "operate_type":"SOMETHING_NEW","operate_details":"","complaint_media_list":[]}]"#;

#[test]
fn a_history_is_an_object_or_a_list() {
    for platform in [Platform::rsa(), Platform::sm2()] {
        let object = format!(r#"{{"data":{ENTRIES},"total_count":2,"offset":0,"limit":100}}"#);
        let object = platform.decode::<WxComplaintHistory>(&platform.records(object)).unwrap();
        assert_eq!((object.total_count, object.offset, object.limit), (Some(2), Some(0), Some(100)));
        for list in [ENTRIES.to_owned(), format!("\r\n {ENTRIES}"), format!("\u{feff}{ENTRIES}")] {
            let list = platform.decode::<WxComplaintHistory>(&platform.records(list)).unwrap();
            assert_eq!(list.data, object.data);
            assert_eq!((list.total_count, list.offset, list.limit), (None, None, None));
        }
        let [refusal, new] = &object.data[..] else { panic!("two entries") };
        assert_eq!(refusal.operate_type, Some(OperateType::MerchantRefuseRefund));
        assert_eq!(text(refusal.operate_details.as_ref()), Some("理由"));
        assert_eq!(refusal.complaint_media_list[0].media_type, Some(MediaType::OperationImage));
        assert_eq!(new.operate_time.as_ref().unwrap().to_unix(), Some(UnixTime(1_685_462_298)));
        // An unknown type is kept, and written back.
        let kind = new.operate_type.as_ref().unwrap();
        assert_eq!((kind.as_str(), kind.is_known()), ("SOMETHING_NEW", false));
        assert!(serde_json::to_string(new).unwrap().contains(r#""operate_type":"SOMETHING_NEW""#));

        let empty = platform.decode::<WxComplaintHistory>(&platform.records("[]")).unwrap();
        assert_eq!(empty.data, []);
        let later = platform.decode::<WxComplaintHistory>(&platform.records(r#"{"data":[],"offset":"300"}"#)).unwrap();
        assert_eq!((later.offset, later.total_count), (Some(300), None));
    }
}

/// The documentation's 21 types, as it spells them.
#[test]
fn every_documented_type_is_known() {
    for name in [
        "USER_CREATE_COMPLAINT",
        "USER_CONTINUE_COMPLAINT",
        "USER_RESPONSE",
        "PLATFORM_RESPONSE",
        "MERCHANT_RESPONSE",
        "MERCHANT_CONFIRM_COMPLETE",
        "COMPLAINT_PARTIAL_REFUNDED_SYSTEM_MESSAGE",
        "USER_CREATE_COMPLAINT_SYSTEM_MESSAGE",
        "COMPLAINT_FULL_REFUNDED_SYSTEM_MESSAGE",
        "USER_CONTINUE_COMPLAINT_SYSTEM_MESSAGE",
        "COMPLAINT_REFUND_RECEIVED_SYSTEM_MESSAGE",
        "USER_REVOKE_COMPLAINT",
        "USER_COMFIRM_COMPLAINT",
        "PLATFORM_HELP_APPLICATION",
        "USER_APPLY_PLATFORM_HELP",
        "MERCHANT_APPROVE_REFUND",
        "MERCHANT_REFUSE_RERUND",
        "USER_SUBMIT_SATISFACTION",
        "SERVICE_ORDER_CANCEL",
        "SERVICE_ORDER_COMPLETE",
        "COMPLAINT_ENTRUSTED_REFUND_SYSTEM_MESSAGE",
    ] {
        assert!(OperateType::from(name).is_known(), "{name}");
    }
}

#[test]
fn actions_succeed_or_fail() {
    for platform in [Platform::rsa(), Platform::sm2()] {
        let outcomes = |members: &[(&str, &str)]| {
            let body = platform.success(members);
            let uploaded = [members, &[("mediaid", "\"1\""), ("records", "\"e30=\"")]].concat();
            let with_upload = platform.success(&uploaded);
            let finish = platform.decode::<AlipayProcessFinish>(&body).map(|_| ());
            let outcomes = [
                platform.decode::<ComplaintsResp>(&body).map(|_| ()),
                platform.decode::<ComplaintsComplete>(&body).map(|_| ()),
                platform.decode::<WxComplaintsRefundProgress>(&body).map(|_| ()),
                platform.decode::<WxMerchantImageUpload>(&with_upload).map(|_| ()),
                platform.decode::<AlipayFileUpload>(&with_upload).map(|_| ()),
            ];
            assert!(outcomes.iter().all(|outcome| *outcome == finish), "{members:?}");
            finish
        };
        let failed = |handlemsg: Option<&str>| Err(ResponseError::Failed { handlemsg: handlemsg.map(Personal::from) });
        assert_eq!(outcomes(&[]), Ok(()));
        assert_eq!(outcomes(&[("retmsg", "\"处理成功\"")]), Ok(()), "words are no failure");
        assert_eq!(outcomes(&[("handlestate", "\"0000\""), ("handlemsg", "\"处理成功\"")]), Ok(()));
        assert_eq!(outcomes(&[("handlestate", "\"\"")]), Ok(()));
        assert_eq!(outcomes(&[("handlestate", "\"3999\""), ("handlemsg", "\"失败\"")]), failed(Some("失败")));
        assert_eq!(outcomes(&[("handlestate", "\"3999\"")]), failed(None));
        assert_eq!(outcomes(&[("handlestate", "3999"), ("handlemsg", "\"\"")]), failed(None));
        assert_eq!(outcomes(&[("handlestate", "\"\\u0033999\"")]), failed(None));
    }
}

/// A failure with any other content: a list that could not be made is not empty.
#[test]
fn a_query_that_failed_is_an_error() {
    fn failed<O: Sample>(platform: &Platform, body: &[u8]) {
        let outcome = platform.decode::<O>(body).map(|_| ());
        assert_eq!(outcome, Err(ResponseError::Failed { handlemsg: Some("系统繁忙".into()) }), "{}", O::NAME);
    }
    for platform in [Platform::rsa(), Platform::sm2()] {
        let why = [("handlestate", "\"3999\""), ("handlemsg", "\"系统繁忙\"")];
        let records = format!("\"{}\"", to_base64(COMPLAINT));
        for rest in [&[][..], &[("total_count", "0")], &[("records", &*records), ("imagebase64", "\"AAAA\"")]] {
            let body = platform.success(&[&why, rest].concat());
            failed::<WxComplaintList>(&platform, &body);
            failed::<WxComplaintListOlder>(&platform, &body);
            failed::<WxComplaintDetail>(&platform, &body);
            failed::<WxComplaintHistory>(&platform, &body);
            failed::<WxComplaintOrderDetail>(&platform, &body);
            failed::<WxGetMerchantImage>(&platform, &body);
            failed::<AlipayComplaintQueryV2>(&platform, &body);
            failed::<AlipayComplaintQuery>(&platform, &body);
        }
    }
}

/// A refusal from behind the gateway is in its own words, in `records`.
#[test]
fn a_failure_of_alipay_or_the_mini_program_is_an_error() {
    let platform = Platform::sm2();
    let failed = |words: Option<&str>| Err(ResponseError::Failed { handlemsg: words.map(Personal::from) });
    let refused = |outcome: Result<(), ResponseError>| match outcome {
        Err(ResponseError::Refused(refusal)) => {
            (refusal.code.clone(), refusal.message.as_ref().map(|words| words.expose().clone()))
        }
        other => panic!("{other:?}"),
    };
    let said = |code: Option<&str>, words: Option<&str>| (code.map(str::to_owned), words.map(str::to_owned));
    for (document, code, words) in [
        (r#"{"code":"40004","msg":"Business Failed"}"#, "40004", Some("Business Failed")),
        (
            r#"{"code":20000,"msg":"Service Currently Unavailable","complaint_list":[]}"#,
            "20000",
            Some("Service Currently Unavailable"),
        ),
        (r#"{"code":"40004","id":"","file_key":"k"}"#, "40004", None),
    ] {
        let body = platform.records(document);
        for outcome in [
            platform.decode::<AlipayComplaintQueryV2>(&body).map(drop),
            platform.decode::<AlipayComplaintQuery>(&body).map(drop),
            platform.decode::<AlipayFileUpload>(&body).map(drop),
        ] {
            assert_eq!(refused(outcome), said(Some(code), words), "{document}");
        }
    }
    for code in ["\"10000\"", "10000", "\"\"", "null"] {
        let body = platform.records(format!(r#"{{"code":{code},"id":1}}"#));
        platform.decode::<AlipayComplaintQuery>(&body).unwrap();
        // One complaint is no list, unless Alipay says that it is a success.
        assert_eq!(platform.decode::<AlipayComplaintQueryV2>(&body).is_ok(), code.contains("10000"), "{code}");
    }

    for (json, is_failed) in [("false", true), ("\"False\"", true), ("0", true), ("1", false), ("\"new\"", false)] {
        let body = platform.success(&[("complaint_process_success", json), ("handlemsg", "\"失败\"")]);
        let outcome = platform.decode::<AlipayProcessFinish>(&body).map(|_| ());
        assert_eq!(outcome, if is_failed { failed(Some("失败")) } else { Ok(()) }, "{json}");
    }

    for (document, code, words) in [
        (r#"{"errcode":40097,"errmsg":"invalid args"}"#, Some("40097"), Some("invalid args")),
        (r#"{"errcode":"1"}"#, Some("1"), None),
        (r#"{"code":1,"msg":"x","success":true,"complaintOrder":{"status":1}}"#, Some("1"), Some("x")),
        (r#"{"success":false,"msg":"x"}"#, None, Some("x")),
        (r#"{"errcode":0,"code":0,"success":false}"#, None, None),
    ] {
        let outcome = platform.decode::<WxComplaintOrderDetail>(&platform.records(document)).map(drop);
        assert_eq!(refused(outcome), said(code, words), "{document}");
    }
    for document in [r#"{"errcode":0,"code":0}"#, r#"{"code":0,"success":true}"#, "{}"] {
        platform.decode::<WxComplaintOrderDetail>(&platform.records(document)).unwrap();
    }
}

#[test]
fn pictures_go_up_and_come_down() {
    let platform = Platform::sm2();
    let uploaded = platform.decode::<WxMerchantImageUpload>(&platform.success(&[("mediaid", "\"BB04\\/5\"")]));
    assert_eq!(uploaded.unwrap(), "BB04/5");
    for missing in [&[][..], &[("mediaid", "\"\"")], &[("mediaid", "null")], &[("mediaId", "\"x\"")]] {
        let problem = malformed(platform.decode::<WxMerchantImageUpload>(&platform.success(missing)));
        assert!(problem.contains("`mediaid`"), "{problem}");
    }

    let picture: Vec<u8> = b"\x89PNG".iter().copied().chain((0..=255).cycle()).take(1000).collect();
    let text = to_base64(&picture);
    let wrapped = text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect::<Vec<_>>();
    for text in [text.clone(), wrapped.join("\\r\\n"), text.replace('/', "\\/")] {
        let image = platform.success(&[("imagebase64", &format!("\"{text}\""))]);
        let image = platform.decode::<WxGetMerchantImage>(&image).unwrap();
        assert_eq!(format!("{image:?}"), "Image(image/png, 1000 bytes)");
        assert_eq!(image.into_bytes(), picture);
    }
    // As large as WeChat Pay's own may be.
    let mut large = vec![0xa5; MAX_IMAGE_BODY];
    large[..4].copy_from_slice(b"\x89PNG");
    let body = platform.success(&[("imagebase64", &format!("\"{}\"", to_base64(&large)))]);
    assert!(body.len() < WxGetMerchantImage::MAX_RESPONSE);
    assert_eq!(platform.decode::<WxGetMerchantImage>(&body).unwrap().into_bytes().len(), MAX_IMAGE_BODY);
    for missing in [&[][..], &[("imagebase64", "\"\"")], &[("imagebase64", "\"data:image/png;base64,AAAA\"")]] {
        let problem = malformed(platform.decode::<WxGetMerchantImage>(&platform.success(missing)));
        assert!(problem.contains("`imagebase64`"), "{problem}");
    }
}

#[test]
fn mini_program_complaints() {
    const SAMPLE: &str = include_str!("../vectors/wechat-mp/api/WxaApiMiniShopComplaintOrderDetailResponse.json");
    const CLIENT: &str = include_str!("../vectors/wechat-mp/api/complaintOrderDetail.2022-client.json");
    for platform in [Platform::rsa(), Platform::sm2()] {
        let decode = |document: &str| platform.decode::<WxComplaintOrderDetail>(&platform.records(document)).unwrap();
        let bare = SAMPLE.trim_start_matches('\u{feff}');
        let sample: OrderDetail = decode(SAMPLE);
        assert_eq!(sample, decode(bare));
        assert_eq!(sample, decode(&format!("\u{feff}{bare}")), "with a byte-order mark");
        assert_eq!((sample.errcode, text(sample.errmsg.as_ref())), (Some(0), Some("ok")));
        let order = sample.complaint_order.as_ref().unwrap();
        assert_eq!(order.complaint_order_id.as_deref(), Some("1212"));
        assert_eq!(text(order.phone_number.as_ref()), Some("156222222"));
        let codes = (order.kind.map(CallbackType::code), order.status.map(CallbackStatus::code));
        assert_eq!((codes, order.appeal_state), ((Some(12), Some(1)), Some(AppealState::InProgress)));
        assert_eq!(order.create_time, Some(UnixTime(123_124_124)));
        assert_eq!(order.total_cost_str.as_deref(), Some("￥0.01"));
        let material = order.customer_material.as_ref().unwrap();
        assert_eq!(material.media_id_list[0].expose(), "fsadfasdfsaf");
        assert_eq!(sample.item[0].time, Some(UnixTime(1_233_234_234)));
        assert_eq!(sample.return_bill.as_ref().unwrap().order_status, Some(ReturnStatus::Signed));

        let client = decode(CLIENT);
        let order = client.complaint_order.as_ref().unwrap();
        assert_eq!(text(order.phone_number.as_ref()), Some("13599125777"));
        assert_eq!(order.total_cost.as_deref(), Some("￥0.01"));
        assert_eq!(client.return_bill.as_ref().unwrap().delivery_name.as_deref(), Some("韵达快递"));

        // Nothing of either sample is unknown.
        for detail in [&sample, &client] {
            assert!(detail.extra.is_empty(), "{:?}", detail.extra);
            assert!(detail.complaint_order.as_ref().unwrap().extra.is_empty());
        }
        malformed(platform.decode::<WxComplaintOrderDetail>(&platform.records("[1]")));
    }
}

/// More digits than a double holds.
const LONG: &str = "9007199254740993001";

fn alipay_complaint(contact: &str) -> String {
    format!(
        r#"{{"id":{LONG},"task_id":"t1","opposite_pid":"2088102122458832","opposite_name":"张*","complain_amount":"0.01",
            {contact},"gmt_complain":"2025-03-01 00:00:00","gmt_process":"","gmt_overdue":"2025-03-05 00:00:00",
            "complain_content":"x","trade_no":"2025030122001400001400000001","status":"WAIT_PROCESS",
            "status_description":"待处理","process_code":"ORTHER","process_img_url_list":["https://a/1"],
            "certify_info":[],"complaint_trade_info_list":[{{"id":9007199254740993003,
                "complaint_record_id":9007199254740993005,"trade_no":"2025030122001400001400000001","out_no":"o1",
                "gmt_trade":"2025-02-28 12:00:00","status":"DROP_OVERDUE_PROCESSED","amount":"0.01"}}],"new":null}}"#
    )
}

#[test]
fn alipay_complaints() {
    for platform in [Platform::rsa(), Platform::sm2()] {
        let decode = |document: &str| platform.decode::<AlipayComplaintQuery>(&platform.records(document)).unwrap();
        let complaint = decode(&alipay_complaint(r#""contact":"13900000000""#));
        assert_eq!(complaint.id, LONG, "to the last digit");
        assert_eq!(decode(&format!(r#"{{"id":"{LONG}"}}"#)).id, LONG);
        assert_eq!(decode(r#"{"id":"00123"}"#).id, "00123");
        assert_eq!(text(complaint.contact()), Some("13900000000"));
        assert_eq!(complaint.status, Some(AlipayComplaintStatus::WaitProcess));
        assert_eq!(complaint.process_code, Some(AlipayProcessCode::Other));
        assert_eq!(complaint.complain_amount.as_deref(), Some("0.01"));
        assert_eq!(complaint.opposite_pid.as_deref(), Some("2088102122458832"));
        assert_eq!(complaint.process_img_url_list[0].expose(), "https://a/1");
        let [trade] = &complaint.complaint_trade_info_list[..] else { panic!("one trade") };
        assert_eq!(trade.id.as_deref(), Some("9007199254740993003"));
        assert_eq!(trade.complaint_record_id.as_deref(), Some("9007199254740993005"));
        assert_eq!(trade.status, Some(AlipayComplaintStatus::DropOverdueProcessed));
        assert_eq!(complaint.extra.get("new"), Some("null"));

        // The documentation's misspelled name, both names, neither.
        for (members, contact) in [
            (r#""contactl":"1""#, Some("1")),
            (r#""contact":"2","contactl":"1""#, Some("2")),
            (r#""contact":null,"contactl":"1""#, Some("1")),
            (r#""contact":13900000000"#, Some("13900000000")),
            (r#""x":1"#, None),
        ] {
            assert_eq!(text(decode(&alipay_complaint(members)).contact()), contact, "{members}");
        }
        // An id whose digits are lost already is no id.
        for id in ["1e30", "9007199254740993001.5", "123456789012345678901234567890", "null", "{}"] {
            let body = platform.records(format!(r#"{{"id":{id}}}"#));
            malformed(platform.decode::<AlipayComplaintQuery>(&body));
        }

        let page = format!(
            r#"{{"code":"10000","msg":"Success","total_size":1,"current_page":"1","page_size":10,
                "complaint_list":[{}]}}"#,
            alipay_complaint(r#""contactl":"1""#)
        );
        let page = platform.decode::<AlipayComplaintQueryV2>(&platform.records(page)).unwrap();
        assert_eq!(
            (page.code.as_deref(), page.total_size, page.current_page, page.page_size),
            (Some("10000"), Some(1), Some(1), Some(10))
        );
        assert_eq!((page.complaint_list.len(), &*page.complaint_list[0].id), (1, LONG));
        let empty = platform.decode::<AlipayComplaintQueryV2>(&platform.records(r#"{"code":10000}"#)).unwrap();
        assert_eq!((empty.code.as_deref(), empty.complaint_list.len()), (Some("10000"), 0));
        let nameless =
            platform.decode::<AlipayComplaintQueryV2>(&platform.records(r#"{"complaint_list":[{}]}"#)).unwrap();
        assert_eq!((nameless.complaint_list.len(), nameless.unreadable.len()), (0, 1));

        for (json, said) in [("true", Some("true")), ("\"TRUE\"", Some("TRUE")), ("null", None)] {
            let body = platform.success(&[("complaint_process_success", json)]);
            let result = platform.decode::<AlipayProcessFinish>(&body).unwrap();
            assert_eq!(result.complaint_process_success.as_deref(), said);
        }

        let file = platform.records(r#"{"file_key":"k1","file_url":"https:\/\/a\/1"}"#);
        let file = platform.decode::<AlipayFileUpload>(&file).unwrap();
        assert_eq!((file.file_key.as_deref(), file.file_url.as_deref()), (Some("k1"), Some("https://a/1")));
        malformed(platform.decode::<AlipayFileUpload>(&platform.success(&[])));
    }
    let statuses: Vec<&str> = AlipayComplaintStatus::KNOWN.iter().map(AlipayComplaintStatus::as_str).collect();
    assert_eq!(
        statuses.join(" "),
        "WAIT_PROCESS PROCESSING PROCESSED OVERDUE OVERDUE_PROCESSED PART_OVERDUE DROP_COMPLAIN DROP_OVERDUE_COMPLAIN \
         DROP_PROCESSED DROP_OVERDUE_PROCESSED"
    );
}
