//! Canaries in what is personal or secret: no `Debug` and no error sings.

use std::fmt::Debug;

use protocol_core::allinpay::{
    AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayFileUpload, AlipayImage, AlipayProcessCode,
    AlipayProcessFinish, ComplaintsResp, File, Members, Parameters, WxComplaintDetail, WxComplaintHistory,
    WxComplaintList, WxComplaintOrderDetail, WxComplaintsRefundProgress, WxGetMerchantImage, WxMerchantImageUpload,
    WxRefundRejection, signer,
};
use protocol_core::crypto::Signature;

use crate::platform::{APPID, Platform, STAMP, Sample, demo_key, from_base64, to_base64};

const CANARY: &str = "canary13900001234";

#[track_caller]
fn silent(shown: &impl Debug) {
    for text in [format!("{shown:?}"), format!("{shown:#?}")] {
        for secret in ["canary", &to_base64(CANARY)[..12]] {
            assert!(!text.contains(secret), "a canary sings in: {text}");
        }
    }
}

#[track_caller]
fn decoded_in_silence<O: Sample<Response: Debug>>(platform: &Platform, document: &str) {
    assert!(document.contains(CANARY));
    let body = platform.records(document);
    silent(&Members::parse(&body));
    let response = platform.open(&body).unwrap();
    silent(&response);
    silent(&platform.decode::<O>(&body).unwrap());
}

#[test]
fn responses_show_names_only() {
    let platform = Platform::sm2();
    let complaint = format!(
        r#"{{"complaint_id":"1","payer_phone":"{CANARY}","complaint_detail":"{CANARY}","payer_openid":"{CANARY}",
            "complaint_media_list":[{{"media_url":["{CANARY}"]}}],"new":"{CANARY}"}}"#
    );
    decoded_in_silence::<WxComplaintDetail>(&platform, &complaint);
    decoded_in_silence::<WxComplaintList>(&platform, &complaint);
    decoded_in_silence::<WxComplaintList>(&platform, &format!("[{complaint}]"));
    let history =
        format!(r#"[{{"log_id":"1","operate_details":"{CANARY}","image_list":["{CANARY}"],"new":"{CANARY}"}}]"#);
    decoded_in_silence::<WxComplaintHistory>(&platform, &history);
    decoded_in_silence::<WxComplaintOrderDetail>(
        &platform,
        &format!(
            r#"{{"errmsg":"{CANARY}","complaintOrder":{{"phoneNumber":"{CANARY}","openId":"{CANARY}","openid":"{CANARY}",
                "nickName":"{CANARY}","headImgUrl":"{CANARY}",
                "customerMaterial":{{"content":"{CANARY}","mediaIdList":["{CANARY}"]}}}},
                "item":[{{"phoneNumber":"{CANARY}","content":"{CANARY}","nickName":"{CANARY}",
                "mediaIdList":["{CANARY}"]}}]}}"#
        ),
    );
    // `opposite_name` and `opposite_pid` are the accused merchant's, and no secret.
    let alipay = format!(
        r#"{{"id":1,"contact":"{CANARY}","contactl":"{CANARY}",
            "complain_content":"{CANARY}","complain_url":"{CANARY}","process_img_url_list":["{CANARY}"],
            "certify_info":["{CANARY}"],"process_remark":"{CANARY}","new":"{CANARY}"}}"#
    );
    decoded_in_silence::<AlipayComplaintQuery>(&platform, &alipay);
    decoded_in_silence::<AlipayComplaintQueryV2>(
        &platform,
        &format!(r#"{{"msg":"{CANARY}","complaint_list":[{alipay}]}}"#),
    );

    let picture = [b"\x89PNG", CANARY.as_bytes()].concat();
    let image = platform.success(&[("imagebase64", &format!("\"{}\"", to_base64(&picture)))]);
    let image = platform.decode::<WxGetMerchantImage>(&image).unwrap();
    silent(&image);
    let image = image.into_unverified();
    silent(&image);
    assert_eq!(image.trust_anyway().into_exposed(), picture);

    // The names are what is left to see.
    let response = platform.success(&[("mediaid", &format!("\"{CANARY}\"")), ("total_count", "1390000")]);
    let response = platform.open(&response).unwrap();
    assert_eq!(format!("{response:?}"), r#"Verified({"mediaid", "randomstr", "retcode", "sign", "total_count"})"#);
}

#[test]
fn errors_quote_nothing() {
    let platform = Platform::sm2();
    let quiet = |body: &[u8]| {
        for error in [
            platform.open(body).map(|_| ()),
            platform.decode::<WxComplaintDetail>(body).map(|_| ()),
            platform.decode::<WxComplaintHistory>(body).map(|_| ()),
            platform.decode::<ComplaintsResp>(body).map(drop),
        ] {
            if let Err(error) = error {
                silent(&error);
                silent(&format_args!("{error}"));
            }
        }
    };
    let string = format!("\"{CANARY}\"");
    quiet(format!(r#"{{"retcode":"SUCCESS","records":{string},"sign":{string}}}"#).as_bytes());
    quiet(format!(r#"{{"retcode":"SUCCESS","{CANARY}":1,"{CANARY}":2}}"#).as_bytes());
    quiet(format!(r#"{{"records":{string}}}"#).as_bytes());
    quiet(format!("{string} {CANARY}").as_bytes());
    quiet(format!(r#"["{CANARY}"]"#).as_bytes());
    quiet(format!("<html>{CANARY}").as_bytes());
    quiet(format!(r#"{{"retcode":"FAIL","a":"{CANARY}\ud800"}}"#).as_bytes());
    quiet(format!(r#"{{"retcode":"FAIL","retmsg":{string}}}"#).as_bytes());
    quiet(&platform.success(&[("handlestate", "\"3999\""), ("handlemsg", &string)]));
    quiet(&platform.success(&[("records", &string)]));
    quiet(&platform.success(&[("appid", &string)]));
    for document in [
        string.clone(),
        format!(r#"{{"complaint_id":["{CANARY}"]}}"#),
        format!(r#"{{"complaint_id":"1","complaint_id":"{CANARY}"}}"#),
        format!(r#"{{"data":{{"log_id":{{"{CANARY}":1}}}}}}"#),
        format!(r#"[{{"log_id":"1","complaint_media_list":[1,"{CANARY}"]}}]"#),
        format!(r#"{{"complaint_id":"1","user_complaint_times":"{CANARY}"}} {CANARY}"#),
    ] {
        quiet(&platform.records(document));
    }
}

#[test]
fn requests_show_neither_values_nor_signatures() {
    let mut parameters = Parameters::default();
    parameters.set("imgurl", CANARY);
    parameters.set("sign", CANARY);
    silent(&parameters);
    assert_eq!(format!("{parameters:?}"), r#"{"imgurl", "sign"}"#);

    let merchant = Platform::sm2().merchant();
    let signer = signer(&demo_key("test", "sm2"), APPID).unwrap();
    let download = WxGetMerchantImage::new(CANARY);
    silent(&download);
    let form = merchant.prepare(&download, &STAMP).unwrap();
    silent(&form);
    let shown = format!("{form:?}");
    assert!(shown.contains("/riskfeeback/") && shown.contains(r#""imgurl""#), "but what it is: {shown}");
    assert_eq!(form.parameters().get("imgurl"), Some(CANARY));
    silent(&form.attach(&Signature::new(from_base64(&to_base64(CANARY)))).unwrap());
    silent(&merchant.sign(&download, &STAMP, &*signer).unwrap());

    let picture = [b"\x89PNG", CANARY.as_bytes()].concat();
    let file = File::new(CANARY, &picture);
    silent(&file);
    silent(&WxMerchantImageUpload::new(file));
    silent(&AlipayFileUpload::new(file));
    let upload = WxMerchantImageUpload::new(file);
    silent(&merchant.prepare(&upload, &STAMP).unwrap());
    silent(&merchant.sign(&upload, &STAMP, &*signer).unwrap());
    silent(&signer);
    let _ = format!("{merchant:?}");
}

#[test]
fn words_to_the_payer_are_not_shown() {
    let reply = ComplaintsResp::new("200", CANARY).with_response_images(vec![CANARY.to_owned()]);
    silent(&reply);
    assert_eq!(format!("{reply:?}"), r#"ComplaintsResp { complaint_id: "200", .. }"#);
    let reject =
        WxRefundRejection::new("200", CANARY).with_reject_media_list(vec![CANARY.to_owned()]).with_remark(CANARY);
    silent(&reject);
    assert_eq!(format!("{reject:?}"), r#"WxRefundRejection { complaint_id: "200", .. }"#);
    silent(&WxComplaintsRefundProgress::from(reject));
    let finish = AlipayProcessFinish::new(vec!["7".to_owned()], AlipayProcessCode::Refund)
        .with_remark(CANARY)
        .with_img_file_list(vec![AlipayImage::new(CANARY, CANARY)]);
    silent(&finish);
    assert_eq!(format!("{finish:?}"), r#"AlipayProcessFinish { id_list: ["7"], process_code: Refund, .. }"#);
}
