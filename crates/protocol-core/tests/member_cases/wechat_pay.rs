//! WeChat Pay's other documents: notifications, certificates, refusals, and the small responses.

use protocol_core::complaint::{ComplaintState, Fen};
use protocol_core::wechat_pay::{
    ActionType, ApiError, CertificateList, ComplaintEvent, CreateViolationUrl, Echoed, Envelope, ErrorCode, EventType,
    ImmediateResponseResult, Notification, NotificationUrl, Resource, RiskType, UpdateViolationUrl, UploadedImage,
    Violation, ViolationUrl,
};
use serde_json::Value;

use crate::common::decode_json;
use crate::documents::{absent, decode, document, json, sample, unknown, words};

#[test]
fn the_sample_of_a_notification() {
    let written = sample("wechatpay/official/complaint_notify_doc_sample.json");
    let envelope: Envelope<'_> = decode_json("a document", &written).unwrap();
    assert_eq!(unknown(&envelope), [""; 0]);
    assert_eq!(envelope.id, "EV-2018022511223320873");
    assert_eq!(envelope.create_time.as_ref().unwrap().as_str(), "2015-05-20T13:29:35+08:00");
    assert_eq!(envelope.resource_type.as_deref(), Some("encrypt-resource"));
    assert_eq!(envelope.event_type, EventType::ComplaintCreate);
    assert_eq!(envelope.resource.algorithm, "AEAD_AES_256_GCM");
    assert_eq!((&*envelope.resource.ciphertext, &*envelope.resource.nonce), ("...", "..."));
    assert_eq!(envelope.resource.associated_data.as_deref(), Some(""));
    assert_eq!(absent(&envelope), ["summary", "original_type"]);
}

#[test]
fn every_published_name_of_a_notification() {
    let written = document("wechat-pay/notification.json");
    let envelope: Envelope<'_> = decode_json("a document", &written).unwrap();
    assert_eq!((unknown(&envelope), absent(&envelope)), (Vec::new(), Vec::new()));
    assert_eq!(envelope.id, "5d0c4a6f-2f0e-5d6a-9d0c-000000000000");
    assert_eq!(envelope.create_time.as_ref().unwrap().as_str(), "2025-03-14T15:09:26+08:00");
    assert_eq!(envelope.resource_type.as_deref(), Some("encrypt-resource"));
    assert_eq!(envelope.event_type, EventType::ComplaintCreate);
    assert_eq!(envelope.summary.as_deref(), Some("产生新投诉"));
    let resource = &envelope.resource;
    assert_eq!(resource.original_type.as_deref(), Some("complaint"));
    assert_eq!(resource.algorithm, "AEAD_AES_256_GCM");
    assert_eq!(resource.ciphertext, "<base64>");
    assert_eq!(resource.associated_data.as_deref(), Some("associated"));
    assert_eq!(resource.nonce, "cPl41nT0nC00");
}

/// An opened notification has the complaint in the place of the sealed resource; the other names
/// are the same.
#[test]
fn an_opened_notification_is_written_under_the_published_names() {
    let event = document("wechat-pay/complaint-event.json");
    let mut published = json(&document("wechat-pay/notification.json"));
    published["resource"] = json(&event);
    let resource = Resource::Complaint(Box::new(decode(&event)));
    let mut opened = Notification::new("5d0c4a6f-2f0e-5d6a-9d0c-000000000000", EventType::ComplaintCreate, resource);
    opened.create_time = Some("2025-03-14T15:09:26+08:00".into());
    opened.resource_type = Some("encrypt-resource".to_owned());
    opened.summary = Some("产生新投诉".to_owned());
    assert_eq!(serde_json::to_value(&opened).unwrap(), published);
}

#[test]
fn the_sample_of_an_event() {
    let event: ComplaintEvent = decode(&sample("wechatpay/fudiwei/samples/ComplaintResource.json"));
    assert_eq!(unknown(&event), [""; 0]);
    assert_eq!(event.complaint_id, "200201820200101080076610000");
    assert_eq!(event.action_type, Some(ActionType::CreateComplaint));
    assert_eq!(absent(&event).len(), 8, "the older members");
}

#[test]
fn every_published_name_of_an_event() {
    let event: ComplaintEvent = decode(&document("wechat-pay/complaint-event.json"));
    assert_eq!((unknown(&event), absent(&event)), (Vec::new(), Vec::new()));
    assert_eq!(event.complaint_id, "200201820200101080076610000");
    assert_eq!(event.action_type, Some(ActionType::CreateComplaint));
    assert_eq!(event.out_trade_no.as_deref(), Some("20190906154617947762231"));
    assert_eq!(event.complaint_time.as_ref().unwrap().as_str(), "2015-05-20T13:29:35.120+08:00");
    assert_eq!(event.amount, Some(Fen(3)));
    let phone = event.payer_phone.as_ref().unwrap().as_wire();
    assert_eq!(phone, "sGdNeTHMQGlxCWiUyHu6XNO9GCYln2Luv4HhwJzZBfcL12sB");
    assert_eq!(words(&event.complaint_detail), Some("反馈一个重复扣费的问题"));
    assert_eq!(event.complaint_state, Some(ComplaintState::Pending));
    assert_eq!(event.transaction_id.as_deref(), Some("4200000404201909069117582536"));
    assert_eq!(event.complaint_handle_state.as_deref(), Some("example_complaint_handle_state"));
}

#[test]
fn every_published_name_of_a_violation() {
    let written = document("wechat-pay/violation.json");
    let violation: Violation = decode(&written);
    assert_eq!((unknown(&violation), absent(&violation)), (Vec::new(), Vec::new()));
    assert_eq!(violation.sub_mchid.as_deref(), Some("1900013511"));
    assert_eq!(violation.company_name.as_deref(), Some("财付通支付科技有限公司"));
    assert_eq!(violation.record_id.as_deref(), Some("200201820200101080076610000"));
    assert_eq!(violation.punish_plan.as_deref(), Some("关闭支付权限"));
    assert_eq!(violation.punish_time.as_ref().unwrap().as_str(), "2015-05-20T13:29:35+08:00");
    assert_eq!(violation.punish_description.as_deref(), Some("平台已关闭该商户的支付权限"));
    assert_eq!(violation.risk_type, Some(RiskType::TransactionDispute));
    assert_eq!(violation.risk_description.as_deref(), Some("交易纠纷"));
    assert_eq!(serde_json::to_value(&violation).unwrap(), json(&written));
    // The set of risks is open.
    let other: Violation = decode(br#"{"risk_type":"NEW_RISK","new":1}"#);
    assert_eq!(serde_json::to_string(&other).unwrap(), r#"{"risk_type":"NEW_RISK","new":1}"#);
}

#[test]
fn a_violation_url() {
    const URL: &str = "https://www.xxx.com/violations";

    let published = format!(r#"{{"notify_url":"{URL}"}}"#);
    assert_eq!(decode::<CreateViolationUrl>(published.as_bytes()).notify_url, URL);
    assert_eq!(decode::<UpdateViolationUrl>(published.as_bytes()).notify_url, URL);
    assert_eq!(decode::<ViolationUrl>(published.as_bytes()).notify_url, URL);
}

/// WeChat Pay's changelog misspells a value that its documentation spells right. Both are written
/// back unchanged.
#[test]
fn both_spellings_of_the_request_for_assistance_mean_one_act() {
    for spelled in ["USER_APPLY_PLATFORM_SERVICE", "USER_APPLY_PLATFORM_SERIVCE"] {
        let text = format!(r#"{{"complaint_id":"1","action_type":"{spelled}"}}"#);
        let event: ComplaintEvent = decode(text.as_bytes());
        let action = event.action_type.as_ref().unwrap();
        assert_eq!((action.meaning(), action.is_known()), (&ActionType::UserApplyPlatformService, true));
        assert_eq!(serde_json::to_string(&event).unwrap(), text);
    }
    for other in ActionType::KNOWN.iter().filter(|action| !action.as_str().starts_with("USER_APPLY")) {
        assert_eq!(other.meaning(), other);
    }
    let unknown = ActionType::from("USER_APPLY_PLATFORM_SEVRICE");
    assert_eq!((unknown.meaning(), unknown.is_known()), (&unknown, false));
}

/// The published names, and a list that was really sent.
#[test]
fn certificates() {
    for (written, start, end) in [
        (document("wechat-pay/certificates.json"), "2018-06-08T10:34:56+08:00", "2018-12-08T10:34:56+08:00"),
        (
            sample("wechatpay/java/certificates_response_aes256.json"),
            "2023-09-19T23:15:58+08:00",
            "2028-09-17T23:15:58+08:00",
        ),
    ] {
        let list: CertificateList = decode(&written);
        assert_eq!((unknown(&list), absent(&list)), (Vec::new(), Vec::new()));
        let [entry] = &*list.data else { panic!("one certificate") };
        let published = &json(&written)["data"][0];
        assert_eq!(entry.serial_no.as_deref(), published["serial_no"].as_str());
        assert_eq!(entry.effective_time.as_ref().unwrap().as_str(), start);
        assert_eq!(entry.expire_time.as_ref().unwrap().as_str(), end);
        let sealed = &entry.encrypt_certificate;
        assert_eq!(sealed.algorithm, "AEAD_AES_256_GCM");
        assert_eq!(sealed.associated_data.as_deref(), Some("certificate"));
        assert_eq!(sealed.nonce, published["encrypt_certificate"]["nonce"].as_str().unwrap());
        assert_eq!(sealed.ciphertext, published["encrypt_certificate"]["ciphertext"].as_str().unwrap());
    }
}

/// Older documentation printed two names with a blank at their end: unknown members, which are
/// kept.
#[test]
fn the_sample_of_a_certificate_list_with_blanks_in_names() {
    let list: CertificateList = decode(&sample("wechatpay/java/download_certificate_response_doc.json"));
    assert_eq!(unknown(&list), ["effective_time ", "expire_time "]);
    assert_eq!(absent(&list), ["effective_time", "expire_time"]);
    assert_eq!(list.data[0].serial_no.as_deref(), Some("5157F09EFDC096DE15EBE81A47057A7232F1B8E1"));
}

#[test]
fn refusals() {
    let member = |error: &ApiError, pointer: &str| {
        let detail: Value = serde_json::from_str(error.detail.as_ref().unwrap().as_json()).unwrap();
        detail.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
    };
    let error = ApiError::decode(&document("wechat-pay/error.json")).unwrap();
    assert_eq!((unknown(&error), absent(&error)), (Vec::new(), Vec::new()));
    assert_eq!((&error.code, words(&error.message)), (&ErrorCode::ParamError, Some("参数错误")));
    assert_eq!(member(&error, "/field").as_deref(), Some("/limit"));

    let error = ApiError::decode(&sample("wechatpay/wild/error_400_param_error_upload.json")).unwrap();
    assert_eq!((unknown(&error), absent(&error)), (Vec::new(), Vec::new()));
    assert_eq!(error.code, ErrorCode::ParamError);
    let told = "输入源“/body/file”映射到字段“图片文件”必填性规则校验失败,此字段为必填项";
    assert_eq!(words(&error.message), Some(told));
    assert_eq!(member(&error, "/location").as_deref(), Some("body"));

    let error = ApiError::decode(&sample("wechatpay/wild/error_401_sign_error.json")).unwrap();
    assert_eq!((unknown(&error), absent(&error)), (Vec::new(), Vec::new()));
    assert_eq!((&error.code, words(&error.message)), (&ErrorCode::SignError, Some("错误的签名,验签失败")));
    assert_eq!(member(&error, "/detail/issue").as_deref(), Some("sign not match"));
}

#[test]
fn the_samples_of_a_notification_url() {
    for operation in ["Create", "Get", "Update"] {
        let url: NotificationUrl = decode(&sample(&format!(
            "wechatpay/fudiwei/samples/{operation}MerchantServiceComplaintNotificationResponse.json"
        )));
        assert_eq!((unknown(&url), absent(&url)), (Vec::new(), Vec::new()));
        assert_eq!((url.mchid.as_deref(), &*url.url), (Some("1900012181"), "https://www.xxx.com/notify"));
    }
}

#[test]
fn the_samples_of_an_uploaded_image() {
    let long =
        "6uqyGjGrCf2GtyXP8bxrbuH9-aAoTjH-rKeSl3Lf4_So6kdkQu4w8BYVP3bzLtvR38lxt4PjtCDXsQpzqge_hQEovHzOhsLleGFQVRF-U_0";
    for (file, id) in [
        ("wechatpay/fudiwei/samples/UploadMerchantServiceImageResponse.json", "BB04A5DEEFEA18D4F2554C1EDD3B610B.bmp"),
        ("wechatpay/java/upload_image_response.json", long),
    ] {
        let image: UploadedImage = decode(&sample(file));
        assert_eq!((unknown(&image), &*image.media_id), (Vec::new(), id));
    }
}

#[test]
fn an_immediate_response_and_an_echo() {
    let result: ImmediateResponseResult = decode(br#"{"log_id":"300285320210322170000071077"}"#);
    assert_eq!((unknown(&result), &*result.log_id), (Vec::new(), "300285320210322170000071077"));

    let published = br#"{"echo_message":"hello","encrypted_echo_message":"sGdNeTHMQGlxCWiUyHu6XNO9"}"#;
    let echoed: Echoed = decode(published);
    assert_eq!((unknown(&echoed), absent(&echoed)), (Vec::new(), Vec::new()));
    assert_eq!(echoed.echo_message, "hello");
    assert_eq!(echoed.encrypted_echo_message.unwrap().as_wire(), "sGdNeTHMQGlxCWiUyHu6XNO9");
}
