//! The bodies of requests with a published sample: exactly the published names, in what is written
//! and in what is read again. Every operation's request is in `wechat_pay_operations/requests.rs`
//! and its like.

use protocol_core::allinpay::{AlipayImage, AlipayProcessCode, AlipayProcessFinish, Operation as AllinpayOperation};
use protocol_core::complaint::{Encrypted, MiniProgramJumpInfo};
use protocol_core::mini_program::{
    Appeal, BussiHandle, GetStableToken, Operation as MiniProgramOperation, RespondComplaint, SubmitRefund, SupplyProof,
};
use protocol_core::wechat_pay::{
    Complete, CreateNotificationUrl, Echo, ImageMeta, Operation, RefundAction, Respond, RespondImmediateService,
    UpdateNotificationUrl, UpdateRefundProgress, UploadImage,
};
use protocol_core::{Secret, Stamp, UnixTime};
use serde_json::{Value, json};

use crate::documents::{decode, document, json as read, part, sample, words};
use crate::message::{has_the_examples, of_the_examples};

const STAMP: Stamp<'_> = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
const ID: &str = "200201820200101080076610000";
const MCHID: &str = "1900012181";
const SAMPLES: &str = "wechatpay/fudiwei/samples/";

/// The body that an operation sends.
fn sent(operation: &impl Operation) -> Value {
    read(operation.request(&STAMP).unwrap().body.signed_bytes())
}

fn sent_by_the_mini_program(operation: &impl MiniProgramOperation) -> Value {
    read(operation.request(&STAMP).unwrap().body.bytes())
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_reply() {
    for (published, images) in [
        (document("wechat-pay/response.json"), ["file23578_21798531.jpg"]),
        (sample(&format!("{SAMPLES}CreateMerchantServiceComplaintResponseRequest.json")), ["aabbccdd"]),
    ] {
        let reply = Respond::new(ID, MCHID, "已与用户沟通解决")
            .with_response_images(texts(&images))
            .with_jump_url("https://www.xxx.com/notify", "查看订单详情")
            .with_mini_program_jump_info(MiniProgramJumpInfo::new("example_appid", "example_path", "example_text"));
        assert_eq!(sent(&reply), read(&published));

        let again: Respond = decode(&published);
        assert_eq!((&*again.complainted_mchid, again.response_content.expose().as_str()), (MCHID, "已与用户沟通解决"));
        assert_eq!(again.response_images, images);
        assert_eq!(again.jump_url.as_deref(), Some("https://www.xxx.com/notify"));
        assert_eq!(again.jump_url_text.as_deref(), Some("查看订单详情"));
        let place = again.mini_program_jump_info.unwrap();
        assert_eq!(place.appid.as_deref(), Some("example_appid"));
        assert_eq!(place.path.as_deref(), Some("example_path"));
        assert_eq!(place.text.as_deref(), Some("example_text"));
    }
}

#[test]
fn a_completion() {
    let published = sample(&format!("{SAMPLES}SetMerchantServiceComplaintCompleteRequest.json"));
    assert_eq!(sent(&Complete::new(ID, MCHID)), read(&published));
    assert_eq!(decode::<Complete>(&published).complainted_mchid, MCHID);
}

#[test]
fn a_decision_on_a_refund() {
    for (published, remark) in [
        (document("wechat-pay/refund-decision.json"), "已处理完成"),
        (sample(&format!("{SAMPLES}UpdateMerchantServiceComplaintRefundProgressRequest.json")), "不同意退款"),
    ] {
        let mut decision = UpdateRefundProgress::reject(ID, "拒绝退款")
            .with_reject_media_list(texts(&["file23578_21798531.jpg"]))
            .with_remark(remark);
        decision.launch_refund_day = Some(3);
        assert_eq!(sent(&decision), read(&published));

        let again: UpdateRefundProgress = decode(&published);
        assert_eq!((&again.action, again.launch_refund_day), (&RefundAction::Reject, Some(3)));
        assert_eq!(words(&again.reject_reason), Some("拒绝退款"));
        assert_eq!(again.reject_media_list, ["file23578_21798531.jpg"]);
        assert_eq!(words(&again.remark), Some(remark));
    }
}

#[test]
fn an_immediate_response() {
    let published = document("wechat-pay/immediate-response.json");
    let id = "550e8400-e29b-41d4-a716-446655440000";
    assert_eq!(sent(&RespondImmediateService::new(ID, MCHID, of_the_examples(), id)), read(&published));

    let again: RespondImmediateService = decode(&published);
    assert_eq!((&*again.complainted_mchid, &*again.idempotent_id), (MCHID, id));
    has_the_examples(&again.message);
}

#[test]
fn a_notification_url() {
    const URL: &str = "https://www.xxx.com/notify";

    let published = sample(&format!("{SAMPLES}CreateMerchantServiceComplaintNotificationRequest.json"));
    assert_eq!(sent(&CreateNotificationUrl::new(URL)), read(&published));
    assert_eq!(decode::<CreateNotificationUrl>(&published).url, URL);
    let published = sample(&format!("{SAMPLES}UpdateMerchantServiceComplaintNotificationRequest.json"));
    assert_eq!(sent(&UpdateNotificationUrl::new(URL)), read(&published));
    assert_eq!(decode::<UpdateNotificationUrl>(&published).url, URL);
}

/// The part of an upload that is signed.
#[test]
fn the_meta_of_an_image() {
    let published = read(&sample("wechatpay/official/upload_string_to_sign_sample.json"));
    let published = published["body"].as_str().unwrap();
    let meta: ImageMeta = decode(published.as_bytes());
    assert_eq!((&*meta.filename, &*meta.sha256), ("filea.jpg", "hjkahkjsjkfsjk78687dhjahdajhk"));
    assert_eq!(serde_json::to_string(&meta).unwrap(), published);

    let digest = "0f4636c78f65d3639ece5a064b5ae753e3408614a14fb18ab4d7540d2c248543";
    let sent = sent(&UploadImage::new("a.png", b"\x89PNG").unwrap());
    assert_eq!(sent, json!({"filename": "a.png", "sha256": digest}));
}

#[test]
fn an_echo() {
    let echo = Echo::new("hello")
        .with_encrypted_echo_message(Encrypted::new("sGdNeTHMQGlxCWiUyHu6XNO9".to_owned()))
        .with_notify_url("https://www.xxx.com/notify");
    assert_eq!(sent(&echo), read(&document("wechat-pay/echo.json")));
}

#[test]
fn requests_to_the_mini_programs_server() {
    const FILE: &str = "mini-program/requests.json";
    const NUMBER: &str = "8622001";

    let one = texts(&["MEDIA_1"]);
    let respond =
        RespondComplaint::new(NUMBER, BussiHandle::Refuse).with_content("已发货").with_media_id_list(one.clone());
    assert_eq!(sent_by_the_mini_program(&respond), read(&part(FILE, "respondComplaint")));
    let proof = SupplyProof::new(NUMBER).with_content("物流凭证").with_media_id_list(texts(&["MEDIA_1", "MEDIA_2"]));
    assert_eq!(sent_by_the_mini_program(&proof), read(&part(FILE, "supplyProof")));
    let refund = SubmitRefund::new(NUMBER)
        .with_content("已退款")
        .with_media_id_list(one.clone())
        .with_accept_return(1)
        .with_return_id("23234234234");
    assert_eq!(sent_by_the_mini_program(&refund), read(&part(FILE, "submitRefund")));
    let appeal = Appeal::new(NUMBER).with_content("申诉理由").with_media_id_list(one);
    assert_eq!(sent_by_the_mini_program(&appeal), read(&part(FILE, "busiAppeal")));
    let token = GetStableToken::new("wxba5fad812f8e6fb9", Secret::new(b"c0ffee".to_vec())).with_force_refresh(true);
    assert_eq!(sent_by_the_mini_program(&token), read(&part(FILE, "stableToken")));
}

/// The one parameter of Allinpay's forms that is JSON with members; the parameters' own names are
/// in `allinpay_cases/requests.rs`.
#[test]
fn the_pictures_of_an_alipay_complaint() {
    let image = AlipayImage::new("https://example.alipay.com/file", "FILE_KEY");
    let finish = AlipayProcessFinish::new(texts(&["1"]), AlipayProcessCode::Refund).with_img_file_list(vec![image]);
    let form = AllinpayOperation::request(&finish, &STAMP).unwrap();
    let sent = form.parameters.get("img_file_list").unwrap();
    assert_eq!(read(sent.as_bytes()), read(&part("allinpay/alipay-others.json", "img_file_list")));
}
