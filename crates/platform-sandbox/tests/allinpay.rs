//! Allinpay's gateway: the vendor's published requests, every operation through the protocol core,
//! rules, faults.
#![cfg(any(feature = "aws-lc-rs", feature = "ring"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test's helpers fail by panicking")]

mod common;

use std::fmt::Debug;
use std::fs;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use common::{nonce, now, offline};
use http::Request;
use platform_sandbox::{
    AllinpayAccount, AllinpayKeys, Fault, FaultKind, NewAlipayComplaint, NewComplaint, NewOrderComplaint, RequestError,
    Sandbox, verify_allinpay_request,
};
use protocol_core::allinpay::{
    AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayFileUpload, AlipayImage, AlipayProcessCode,
    AlipayProcessFinish, ComplaintList, ComplaintsComplete, ComplaintsResp, File, Merchant, NoSignature, Operation,
    Parameters, Response, ResponseError, SignType, WxComplaintDetail, WxComplaintHistory, WxComplaintList,
    WxComplaintListOlder, WxComplaintOrderDetail, WxComplaintsRefundProgress, WxGetMerchantImage,
    WxMerchantImageUpload, WxRefundRejection, signer, verifier,
};
use protocol_core::crypto::{PrivateKey, PublicKey, Signer, Verifier};
use protocol_core::{Stamp, UnixTime};
use serde_json::{Value, json};

const FORM: &str = "application/x-www-form-urlencoded";
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nnot really";

fn vector(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol-core/tests/vectors/allinpay/");
    serde_json::from_slice(&fs::read(format!("{folder}{name}")).unwrap()).unwrap()
}

/// Parameters of a form.
type Pairs<'p> = Vec<(&'static str, &'p str)>;

/// A client made of the core's own parts.
struct Gate {
    sandbox: Sandbox,
    merchant: Merchant,
    signer: Arc<dyn Signer>,
    verifier: Arc<dyn Verifier>,
}

impl Gate {
    fn new(sandbox: &Sandbox, account: &AllinpayAccount) -> Self {
        let mut merchant = Merchant::new(&account.appid, &account.cusid, account.sign_type).unwrap();
        if let Some(orgid) = &account.orgid {
            merchant = merchant.with_orgid(orgid).unwrap();
        }
        Self {
            sandbox: sandbox.clone(),
            merchant,
            signer: signer(&PrivateKey::read(account.private_key.as_bytes()).unwrap(), &account.appid).unwrap(),
            verifier: verifier(&PublicKey::read(account.platform_key.as_bytes()).unwrap()).unwrap(),
        }
    }

    fn about(&self, cusid: &str) -> Self {
        Self {
            sandbox: self.sandbox.clone(),
            merchant: self.merchant.about(cusid).unwrap(),
            signer: Arc::clone(&self.signer),
            verifier: Arc::clone(&self.verifier),
        }
    }

    fn request<O: Operation>(&self, operation: &O) -> Request<Bytes> {
        let stamp = Stamp { now: now(), nonce: &nonce() };
        let unsent = self.merchant.sign(operation, &stamp, &*self.signer).unwrap();
        unsent.into_http("https://127.0.0.1/cusapi").unwrap().map(Bytes::from)
    }

    fn call<O: Operation>(&self, operation: &O) -> Result<O::Response, ResponseError> {
        let response = self.sandbox.handle(&self.request(operation)).unwrap();
        assert_eq!(response.status(), 200);
        operation.receive(Response::new(response.body(), &self.merchant, &*self.verifier))
    }

    /// Any parameters, signed as they are.
    fn raw(&self, name: &str, parameters: &[(&'static str, &str)]) -> Value {
        let mut form = Parameters::default();
        for (name, value) in parameters {
            form.set(*name, *value);
        }
        self.merchant.complete(&mut form, "11", &Stamp { now: now(), nonce: &nonce() }).unwrap();
        let signature = self.signer.sign(&form.parts_to_sign()).unwrap().to_base64();
        form.set("sign", signature);
        post(&self.sandbox, name, FORM, form.encode().into())
    }
}

fn post(sandbox: &Sandbox, name: &str, content_type: &str, body: Bytes) -> Value {
    let request = Request::post(format!("/vsppcusapi/riskfeeback/{name}")).header("Content-Type", content_type);
    let response = sandbox.handle(&request.body(body).unwrap()).unwrap();
    serde_json::from_slice(response.body()).unwrap()
}

fn gates(sandbox: &Sandbox) -> Vec<(AllinpayAccount, Gate)> {
    [sandbox.allinpay(), sandbox.allinpay_sm2()]
        .into_iter()
        .map(|account| (account.clone(), Gate::new(sandbox, &account)))
        .collect()
}

fn moment(time: UnixTime) -> String {
    let zone = jiff::tz::Offset::constant(8);
    zone.to_datetime(jiff::Timestamp::from_second(time.0).unwrap()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn list() -> WxComplaintList {
    WxComplaintList::new(moment(UnixTime(now().0 - 3600)), moment(UnixTime(now().0 + 3600))).with_page_size(10)
}

fn detail(id: &str) -> WxComplaintDetail {
    WxComplaintDetail::new(id)
}

fn reply(id: &str, text: &str, images: &[String]) -> ComplaintsResp {
    ComplaintsResp::new(id, text).with_response_images(images.to_vec())
}

fn ids(list: &ComplaintList) -> Vec<&str> {
    list.complaints.iter().map(|complaint| complaint.complaint_id.as_str()).collect()
}

fn failed<T: Debug>(outcome: Result<T, ResponseError>) -> String {
    match outcome {
        Err(ResponseError::Failed { handlemsg }) => handlemsg.unwrap().into_exposed(),
        other => panic!("{other:?}"),
    }
}

fn rejected<T: Debug>(outcome: Result<T, ResponseError>) -> String {
    match outcome {
        Err(ResponseError::Rejected { retmsg, .. }) => retmsg.unwrap().trust_anyway().into_exposed(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_vendors_requests_are_accepted_and_no_changed_byte_of_them() {
    for name in ["doc_request_rsa_sha1.json", "doc_request_sm2.json"] {
        let vector = vector(name);
        let private = PrivateKey::read(vector["private_key_pkcs8_der_b64"].as_str().unwrap().as_bytes()).unwrap();
        let text = |name: &str| vector["params"][name].as_str().unwrap();
        let mut keys = AllinpayKeys::new();
        keys.insert(text("appid"), None, &[text("cusid")], &private.public_key()).unwrap();
        let mut form = Parameters::default();
        for (name, value) in vector["params"].as_object().unwrap() {
            form.set(name.clone(), value.as_str().unwrap());
        }
        let sign = vector.get("sign").or_else(|| vector.get("sign_b64_raw_r_s")).unwrap().as_str().unwrap();
        form.set("sign", sign);
        let body = form.encode().into_bytes();
        let caller = verify_allinpay_request(FORM, &body, &keys).unwrap();
        assert_eq!((caller.appid.as_str(), caller.scope.len()), (text("appid"), 1));
        for at in 0..body.len() {
            for flip in [1, 2, 0x80] {
                let mut body = body.clone();
                body[at] ^= flip;
                assert!(verify_allinpay_request(FORM, &body, &keys).is_err(), "{name}: byte {at} ^ {flip}");
            }
        }
        // The verified string is the one that the vendor signed.
        form.set("sign", STANDARD.encode([7; 64]));
        let refused = verify_allinpay_request(FORM, form.encode().as_bytes(), &keys).unwrap_err();
        let message = vector["string_to_sign"].as_str().unwrap().to_owned();
        assert_eq!(refused, RequestError::BadSignature { message });
        // SM2 signatures are r and s, not DER.
        if let Some(der) = vector.get("same_signature_as_der_hex").and_then(Value::as_str) {
            let bytes = (0..der.len()).step_by(2).map(|at| u8::from_str_radix(&der[at..at + 2], 16).unwrap());
            form.set("sign", STANDARD.encode(bytes.collect::<Vec<u8>>()));
            let refused = verify_allinpay_request(FORM, form.encode().as_bytes(), &keys);
            assert!(matches!(refused, Err(RequestError::BadSignature { .. })));
        }
    }
}

#[test]
fn every_wechat_operation_has_a_response_in_both_algorithms() {
    let sandbox = offline();
    for (account, gate) in gates(&sandbox) {
        let new = NewComplaint::default()
            .with_refund(3)
            .with_payer_phone("13800138000")
            .with_payer_openid("o1")
            .with_image(PICTURE)
            .with_history_entries(3);
        let id = sandbox.file_allinpay_complaint(new, &account.cusid).unwrap();

        let page = gate.call(&list()).unwrap();
        assert_eq!((ids(&page), page.total_count), (vec![id.as_str()], Some(1)));
        assert_eq!((&page.complaints[0].merchant_no, &page.complaints[0].complainted_mchid), (&None, &None));
        assert!(page.complaints[0].payer_openid.is_none());
        let day = &moment(now())[..10];
        let older = WxComplaintListOlder::new(day, day).with_limit(10);
        assert_eq!(gate.call(&older).unwrap().total_count, Some(1));

        let complaint = gate.call(&detail(&id)).unwrap();
        let shown = serde_json::to_value(&complaint).unwrap();
        assert_eq!(shown["payer_phone"], "13800138000");
        assert_eq!(sandbox.complaint(&id).unwrap()["payer_phone"], "13800138000");
        let url = complaint.complaint_media_list[0].media_url[0].expose().clone();
        let picture = gate.call(&WxGetMerchantImage::new(url)).unwrap();
        assert_eq!(picture.into_bytes(), PICTURE);

        let upload = WxMerchantImageUpload::new(File::new("a.png", PICTURE));
        let media = [gate.call(&upload).unwrap(), gate.call(&upload).unwrap()];
        gate.call(&reply(&id, "请稍候", &media)).unwrap();
        gate.call(&WxComplaintsRefundProgress::approve(id.clone(), 0)).unwrap();
        sandbox.refund_received(&id).unwrap();
        sandbox.user_continues(&id, "没收到").unwrap();
        gate.call(&ComplaintsComplete::new(id.clone())).unwrap();
        assert_eq!(sandbox.complaint(&id).unwrap()["complaint_state"], "PROCESSED");

        let history = |offset| WxComplaintHistory::new(id.clone()).with_limit(4).with_offset(offset);
        let first = gate.call(&history(0)).unwrap();
        assert_eq!(first.total_count, Some(sandbox.history(&id).len() as i64));
        let newest = first.data[0].operate_type.as_ref().unwrap();
        assert_eq!(newest.as_str(), "MERCHANT_CONFIRM_COMPLETE");
        assert_eq!(gate.call(&history(4)).unwrap().total_count, None);
    }
}

#[test]
fn every_alipay_operation_has_a_response_in_both_algorithms() {
    let sandbox = offline();
    for (account, gate) in gates(&sandbox) {
        let new = NewAlipayComplaint::default().with_content("没发货").with_trade_no("2088").with_amount("12.30");
        let id = sandbox.file_alipay_complaint(new, &account.cusid).unwrap();
        let late = sandbox.file_alipay_complaint(NewAlipayComplaint::default().overdue(), &account.cusid).unwrap();
        let query = |trade_no: &str| {
            AlipayComplaintQueryV2::default()
                .with_page_size(10)
                .with_trade_no(trade_no)
                .with_gmt_complaint(moment(UnixTime(now().0 - 60)), moment(UnixTime(now().0 + 60)))
        };
        let page = gate.call(&query("2088")).unwrap();
        assert_eq!((page.total_size, page.complaint_list[0].id.as_str()), (Some(1), id.as_str()));
        assert_eq!(gate.call(&query("")).unwrap().total_size, Some(2));
        let one = |id: &str| gate.call(&AlipayComplaintQuery::new(id));
        assert_eq!(one(&id).unwrap().complain_amount.as_deref(), Some("12.30"));

        let file = gate.call(&AlipayFileUpload::new(File::new("a.jpg", PICTURE))).unwrap();
        let finish = |ids: &[&String], key: &str| {
            gate.call(
                &AlipayProcessFinish::new(ids.iter().map(|id| (*id).clone()).collect(), AlipayProcessCode::Refund)
                    .with_remark("已退款")
                    .with_img_file_list(vec![AlipayImage::new(file.file_url.clone().unwrap(), key)]),
            )
        };
        let key = file.file_key.clone().unwrap();
        assert_eq!(rejected(finish(&[&id], "another")), "图片不存在");
        assert_eq!(rejected(finish(&[&id, &"7".to_owned()], &key)), "投诉单不存在");
        assert_eq!(sandbox.alipay_complaint(&id).unwrap()["status"], "WAIT_PROCESS");
        let done = finish(&[&id, &late], &key).unwrap();
        assert_eq!(done.complaint_process_success.as_deref(), Some("true"));
        assert_eq!(one(&id).unwrap().status.unwrap().as_str(), "PROCESSED");
        assert_eq!(one(&late).unwrap().status.unwrap().as_str(), "OVERDUE_PROCESSED");
        assert_eq!(failed(finish(&[&id], &key)), "投诉单状态不支持当前操作");
        assert_eq!(rejected(one("99")), "投诉单不存在");
    }
}

#[test]
fn a_mini_programs_complaint_is_read_through_the_gateway() {
    let sandbox = offline();
    let id = sandbox.file_order_complaint(NewOrderComplaint::default().with_total_cost(1));
    for (_, gate) in gates(&sandbox) {
        let order = gate.call(&WxComplaintOrderDetail::new(id.clone())).unwrap();
        let complaint = order.complaint_order.unwrap();
        assert_eq!(complaint.complaint_order_id.as_deref(), Some(id.as_str()));
        assert_eq!(complaint.total_cost_str.as_deref(), Some("￥0.01"));
        let unknown = gate.call(&WxComplaintOrderDetail::new("1"));
        assert_eq!(rejected(unknown), "投诉单不存在");
    }
}

#[test]
fn an_agent_lists_all_its_merchants_and_acts_for_one() {
    let sandbox = offline();
    for sign_type in [SignType::Rsa, SignType::Sm2] {
        let agent = sandbox.add_allinpay(sign_type, true).unwrap();
        assert_eq!((agent.orgid.as_deref(), agent.merchants.len()), (Some(agent.cusid.as_str()), 3));
        let gate = Gate::new(&sandbox, &agent);
        let filed: Vec<String> = agent
            .merchants
            .iter()
            .map(|cusid| sandbox.file_allinpay_complaint(NewComplaint::default(), cusid).unwrap())
            .collect();
        let all = list().with_groupall(true);
        for query in [list(), all] {
            let page = gate.call(&query).unwrap();
            assert_eq!(page.total_count, Some(3));
            for complaint in &page.complaints {
                let at = filed.iter().position(|id| *id == complaint.complaint_id).unwrap();
                assert_eq!(complaint.merchant_no.as_ref(), Some(&agent.merchants[at]));
            }
        }
        // About one complaint, the merchant must be named.
        assert_eq!(rejected(gate.call(&detail(&filed[0]))), "投诉单不存在");
        let one = gate.about(&agent.merchants[0]);
        one.call(&detail(&filed[0])).unwrap();
        one.call(&reply(&filed[0], "好", &[])).unwrap();
        assert_eq!(rejected(one.call(&detail(&filed[1]))), "投诉单不存在");
        assert_eq!(one.call(&list()).unwrap().total_count, Some(1));
        let other = gate.about(&sandbox.allinpay().cusid);
        assert_eq!(rejected(other.call(&list())), "商户号与应用不匹配");
        // Without its own number, an agent is unknown.
        let merchant = Merchant::new(&agent.appid, &agent.merchants[0], sign_type).unwrap();
        let alone = Gate { merchant, ..gate.about(&agent.merchants[0]) };
        assert_eq!(rejected(alone.call(&list())), "商户号与应用不匹配");
    }
    let merchant = Gate::new(&sandbox, &sandbox.allinpay());
    assert_eq!(rejected(merchant.call(&list().with_groupall(true))), "参数[groupall]不合法");
    let filed = sandbox.file_allinpay_complaint(NewComplaint::default(), "nobody");
    assert_eq!(filed.unwrap_err().to_string(), "the sandbox has no merchant nobody");
}

#[test]
fn what_the_platform_behind_it_refuses_is_handled_with_3999() {
    let sandbox = offline();
    for (account, gate) in gates(&sandbox) {
        let file = |new| sandbox.file_allinpay_complaint(new, &account.cusid).unwrap();
        let id = file(NewComplaint::default());
        let complete = || gate.call(&ComplaintsComplete::new(id.clone()));
        complete().unwrap();
        assert!(failed(complete()).contains("投诉单状态不支持当前操作"));
        let approve = |id: &str| WxComplaintsRefundProgress::approve(id, 1);
        assert_eq!(failed(gate.call(&approve(&id))), "该投诉单没有退款申请");
        assert!(failed(gate.call(&reply(&id, "好", &["unknown".to_owned()]))).contains("media_id不存在"));
        let id = file(NewComplaint::default().with_refund(3));
        let reject =
            WxComplaintsRefundProgress::from(WxRefundRejection::new(id.clone(), "已发货").with_remark("内部备注"));
        gate.call(&reject).unwrap();
        assert!(failed(gate.call(&reject)).contains("投诉单状态不支持当前操作"));
        assert!(failed(gate.call(&approve(&id))).contains("投诉单状态不支持当前操作"));
    }
}

#[test]
fn parameters_are_accepted_as_documented_and_refused_unsigned() {
    let sandbox = offline();
    let account = sandbox.allinpay_sm2();
    let gate = Gate::new(&sandbox, &account);
    let id = sandbox.file_allinpay_complaint(NewComplaint::default().with_refund(3), &account.cusid).unwrap();
    let (from, to) = (moment(UnixTime(now().0 - 60)), moment(now()));
    let long = "字".repeat(501);
    let dates = [("begindate", from.as_str()), ("enddate", to.as_str())];
    let with = |more: &[(&'static str, &'static str)]| [&dates[..], more].concat();
    let table: Vec<(&str, Pairs<'_>, &str)> = vec![
        ("wxcomplaintlistquery", vec![], "参数[begindate]不能为空"),
        ("wxcomplaintlistquery", with(&[("page_size", "0")]), "参数[page_size]不合法"),
        ("wxcomplaintlistquery", with(&[("current_page_num", "1234567")]), "参数[current_page_num]不合法"),
        ("wxcomplaintlistquery", with(&[("pagesize", "1")]), "参数[pagesize]不支持"),
        ("wxcomplaintlistquery", vec![("begindate", &from[..10]), ("enddate", &to)], "参数[begindate]格式错误"),
        (
            "wxcomplaintlistquery",
            vec![("begindate", "2025-01-01 00:00:00"), ("enddate", "2025-02-01 00:00:00")],
            "查询时间区间不能超过30天",
        ),
        ("complaintqry", vec![("begin_date", "2025-01-02"), ("end_date", "2025-01-01")], "查询时间区间不能超过30天"),
        ("complaintqry", vec![("begin_date", "2025-1-2"), ("end_date", "2025-01-03")], "参数[begin_date]格式错误"),
        ("wxcomplaintdetail", vec![], "参数[complaint_id]不能为空"),
        ("wxcomplaintdetail", vec![("complaint_id", "7")], "投诉单不存在"),
        ("wxcomplainthistory", vec![("complaint_id", &id), ("limit", "301")], "参数[limit]不合法"),
        ("complaintsResp", vec![("complaint_id", &id)], "参数[response_content]不能为空"),
        (
            "complaintsResp",
            vec![("complaint_id", &id), ("response_content", &long)],
            "参数[response_content]长度超过500",
        ),
        (
            "complaintsResp",
            vec![("complaint_id", &id), ("response_content", "a"), ("response_images", "1#@#2#@#3#@#4#@#5")],
            "参数[response_images]不合法",
        ),
        ("wxcomplaintsrefundprogress", vec![("complaint_id", &id), ("action", "MAYBE")], "参数[action]不合法"),
        (
            "wxcomplaintsrefundprogress",
            vec![("complaint_id", &id), ("action", "REJECT")],
            "参数[reject_reason]不能为空",
        ),
        ("wxmerchantimageupload", vec![], "参数[file]不能为空"),
        ("wxgetmerchantimage", vec![("imgurl", "https://elsewhere.example/1")], "图片不存在"),
        ("alicomplaintqueryv2", vec![], "参数[timestamp]不能为空"),
        ("alicomplaintquery", vec![("timestamp", "2025"), ("complain_id", "1")], "参数[timestamp]格式错误"),
        (
            "alicomplaintprocessfinish",
            vec![("timestamp", "20250101000000"), ("id_list", "1"), ("process_code", "REFUND")],
            "参数[id_list]格式错误",
        ),
        (
            "alicomplaintprocessfinish",
            vec![("timestamp", "20250101000000"), ("id_list", "[\"1\"]"), ("process_code", "OTHER")],
            "参数[process_code]不合法",
        ),
        ("wxcomplaintlistquery", [with(&[("version", "13")])].concat(), "参数[version]不合法"),
        ("wxcomplaintlistquery", [with(&[("appid", "00009999")])].concat(), "应用不存在"),
        ("wxcomplaintlistquery", [with(&[("signtype", "RSA")])].concat(), "签名方式不支持"),
        ("wxcomplaintlistquery", [with(&[("orgid", "1")])].concat(), "商户号与应用不匹配"),
        ("wxcomplaintlistquery", [with(&[("randomstr", "")])].concat(), "参数[randomstr]不能为空"),
    ];
    for (name, parameters, expected) in table {
        assert_eq!(gate.raw(name, &parameters), json!({"retcode": "FAIL", "retmsg": expected}), "{name}");
    }
    let done = gate.raw("wxcomplaintlistquery", &with(&[("page_size", "")]));
    assert_eq!(done["retcode"], "SUCCESS");
    for (content_type, body) in
        [(FORM, "appid=%zz"), (FORM, "appid"), ("text/plain", "appid=1"), ("multipart/form-data; boundary=B", "--B")]
    {
        let refused = post(&sandbox, "complaintqry", content_type, Bytes::from_static(body.as_bytes()));
        assert_eq!(refused["retmsg"], "请求报文格式错误", "{body}");
    }
    let twice = post(&sandbox, "complaintqry", FORM, Bytes::from_static(b"a=1&a=1"));
    assert_eq!(twice["retmsg"], "参数[a]重复");
    assert_eq!(sandbox.requests().iter().filter(|request| request.verified).count(), 23);
}

#[test]
fn a_raw_plus_an_unsigned_zero_and_a_changed_file_differ() {
    let sandbox = offline();
    let account = sandbox.allinpay();
    let gate = Gate::new(&sandbox, &account);
    let id = sandbox.file_allinpay_complaint(NewComplaint::default(), &account.cusid).unwrap();
    let parameters = |form: &mut Parameters| {
        form.set("complaint_id", id.as_str());
        form.set("offset", "0");
        gate.merchant.complete(form, "12", &Stamp { now: now(), nonce: "1" }).unwrap();
    };
    // Several clients send `offset=0` without signing it.
    let mut form = Parameters::default();
    parameters(&mut form);
    form.set("offset", "");
    let signature = gate.signer.sign(&form.parts_to_sign()).unwrap().to_base64();
    form.set("offset", "0");
    form.set("sign", signature);
    let refused = post(&sandbox, "wxcomplainthistory", FORM, form.encode().into());
    assert_eq!(refused["retmsg"], "签名验证失败");
    // A signature whose `+` was not escaped arrives with blanks in it.
    let mut form = Parameters::default();
    parameters(&mut form);
    let signature = loop {
        form.set("randomstr", nonce());
        let signature = gate.signer.sign(&form.parts_to_sign()).unwrap().to_base64();
        if signature.contains('+') {
            break signature;
        }
    };
    let unescaped = format!("{}&sign={signature}", form.encode());
    assert_eq!(post(&sandbox, "wxcomplainthistory", FORM, unescaped.into())["retmsg"], "签名验证失败");
    form.set("sign", signature);
    assert_eq!(post(&sandbox, "wxcomplainthistory", FORM, form.encode().into())["retcode"], "SUCCESS");
    // The file is not signed.
    let upload = gate.request(&WxMerchantImageUpload::new(File::new("a.png", PICTURE)));
    let mut body = upload.body().to_vec();
    let at = body.windows(PICTURE.len()).position(|window| window == PICTURE).unwrap();
    body[at + 9] ^= 1;
    let (head, _) = upload.into_parts();
    let response = sandbox.handle(&Request::from_parts(head, body.into())).unwrap();
    assert!(gate.merchant.open(response.body(), &*gate.verifier).is_ok());
}

#[test]
fn responses_verify_byte_for_byte_and_have_the_injected_faults() {
    let sandbox = offline();
    for (account, gate) in gates(&sandbox) {
        let id = sandbox.file_allinpay_complaint(NewComplaint::default(), &account.cusid).unwrap();
        let request = gate.request(&detail(&id));
        let response = sandbox.handle(&request).unwrap().into_body();
        let value: Value = serde_json::from_slice(&response).unwrap();
        for name in value.as_object().unwrap().keys().filter(|name| !["sign", "retcode"].contains(&name.as_str())) {
            let mut changed = value.clone();
            changed[name] = json!("changed");
            let opened = gate.merchant.open(changed.to_string().as_bytes(), &*gate.verifier).map(drop);
            assert_eq!(opened, Err(ResponseError::BadSignature), "{name}");
        }
        for (kind, error) in [
            (FaultKind::ForgedSignature, ResponseError::BadSignature),
            (FaultKind::NoSignature, ResponseError::NoSignature(NoSignature::Missing)),
        ] {
            sandbox.inject(Fault::once(kind.clone()).on::<WxComplaintDetail>());
            assert_eq!(gate.call(&detail(&id)).unwrap_err(), error, "{kind:?}");
        }
        sandbox.inject(Fault::once(FaultKind::MalformedJson));
        assert!(matches!(gate.call(&detail(&id)), Err(ResponseError::Malformed(_))));
        sandbox.inject(Fault::once(FaultKind::Body(r#"{"code":"NO_AUTH","message":"x"}"#.to_owned())));
        assert!(matches!(gate.call(&detail(&id)), Err(ResponseError::Refused(_))));
        sandbox.inject(Fault::once(FaultKind::HandleState("2008".to_owned())).times(2));
        assert!(matches!(gate.call(&ComplaintsComplete::new(id.clone())), Err(ResponseError::Unclear(_))));
        assert_ne!(sandbox.complaint(&id).unwrap()["complaint_state"], "PROCESSED", "nothing was done");
        assert!(gate.call(&detail(&id)).is_ok(), "a document beside it is read");
        sandbox.inject(Fault::once(FaultKind::MalformedJson));
        sandbox.clear_faults();
        assert!(gate.call(&detail(&id)).is_ok());
        for (kind, status) in
            [(FaultKind::ServerError, 500), (FaultKind::GatewayHtml(502), 502), (FaultKind::EmptyBody(504), 504)]
        {
            sandbox.inject(Fault::once(kind));
            assert_eq!(sandbox.handle(&request).unwrap().status(), status);
        }
        sandbox.inject(Fault::once(FaultKind::OversizeBody(1 << 16)));
        assert_eq!(sandbox.handle(&request).unwrap().body().len(), 1 << 16);
        // A fault that this gateway cannot have has no effect.
        sandbox.inject(Fault::once(FaultKind::Probe));
        assert!(gate.call(&detail(&id)).is_ok());
    }
}

#[test]
fn a_fault_happens_before_the_effect_or_after_it() {
    let sandbox = offline();
    let account = sandbox.allinpay();
    let gate = Gate::new(&sandbox, &account);
    let id = sandbox.file_allinpay_complaint(NewComplaint::default(), &account.cusid).unwrap();
    let entries = || sandbox.history(&id).len();
    let before = entries();
    let request = gate.request(&reply(&id, "好", &[]));
    sandbox.inject(Fault::once(FaultKind::DropConnection).on::<ComplaintsResp>());
    assert!(sandbox.handle(&request).is_none());
    assert_eq!(entries(), before);
    sandbox.inject(Fault::once(FaultKind::DropConnection).on::<ComplaintsResp>().after_effect());
    assert!(sandbox.handle(&request).is_none());
    assert_eq!(entries(), before + 1);
    let logged = sandbox.requests();
    assert_eq!((logged[0].operation, logged[0].status), ("complaintsResp", None));
    assert_eq!(logged[0].mchid.as_ref(), Some(&account.cusid));
}

#[test]
fn paths_match_exactly() {
    let sandbox = offline();
    let status = |method: &str, path: &str| {
        let request = Request::builder().method(method).uri(path).header("Content-Type", FORM);
        sandbox.handle(&request.body(Bytes::new()).unwrap()).unwrap().status().as_u16()
    };
    assert_eq!(status("POST", "/cusapi/riskfeeback/complaintsResp"), 200);
    for (method, path) in [
        ("GET", "/cusapi/riskfeeback/complaintsResp"),
        ("POST", "/cusapi/riskfeedback/complaintsResp"),
        ("POST", "/cusapi/riskfeeback/complaintsresp"),
        ("POST", "/cusapi/riskfeeback/wxcomplaintresponse"),
        ("POST", "/riskfeeback/complaintsResp"),
    ] {
        assert_eq!(status(method, path), 404, "{path}");
    }
}

#[test]
fn the_platforms_key_has_1024_bits_and_nothing_secret_is_shown() {
    let sandbox = offline();
    let account = sandbox.allinpay();
    // SubjectPublicKeyInfo of a 1024-bit key: 162 bytes.
    assert_eq!(STANDARD.decode(&account.platform_key).unwrap().len(), 162);
    assert!(!format!("{account:?}").contains(&account.private_key));
    assert_ne!(account.platform_key, sandbox.allinpay_sm2().platform_key);
}
