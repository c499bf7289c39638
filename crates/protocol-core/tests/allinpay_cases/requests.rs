//! Requests: the string to sign of every operation, written by hand from the specification, and the
//! form that is sent.

use std::fmt::Debug;

use protocol_core::allinpay::{
    AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayComplaintStatus, AlipayFileUpload, AlipayImage,
    AlipayProcessCode, AlipayProcessFinish, ComplaintsComplete, ComplaintsResp, File, Form, Merchant, Operation,
    Parameters, Response, ResponseError, SignType, WxComplaintDetail, WxComplaintHistory, WxComplaintList,
    WxComplaintListOlder, WxComplaintOrderDetail, WxComplaintsRefundProgress, WxGetMerchantImage,
    WxMerchantImageUpload, WxRefundRejection, signer,
};
use protocol_core::crypto::{PrivateKey, RsaDigest, RsaVerifier, Sm2SignatureEncoding, Sm2Verifier, Verifier};
use protocol_core::limits::{MAX_FILENAME, MAX_UPLOAD};
use protocol_core::{BuildError, Delivery, Fault, Idempotency, Method, OperationInfo, Stamp, UnixTime, UnsentRequest};

use crate::platform::{APPID, CUSID, NONCE, STAMP, demo_key, from_base64};

const ID: &str = "200201820200101080076610000";
const ORGID: &str = "55058100780004S";
const ADDRESS: &str = "https://api.mch.weixin.qq.com/v3/merchant-service/images/ChsyMDAyMDE4%2BMjAy%3D";

/// The value, changed.
fn changed<T>(mut value: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut value);
    value
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

/// The test merchant, and how the platform checks its requests: under the `appid`, never under
/// `Allinpay`.
fn sides(sign_type: SignType) -> (Merchant, PrivateKey, Box<dyn Verifier>) {
    let merchant = Merchant::new(APPID, CUSID, sign_type).unwrap();
    let key = demo_key("test", &sign_type.as_str().to_lowercase());
    let verifier: Box<dyn Verifier> = match &key {
        PrivateKey::Rsa(key) => Box::new(RsaVerifier::new(&key.public_key(), RsaDigest::Sha1)),
        PrivateKey::Sm2(key) => {
            Box::new(Sm2Verifier::new(&key.public_key(), APPID, Sm2SignatureEncoding::Raw).unwrap())
        }
        other => panic!("{other:?}"),
    };
    (merchant, key, verifier)
}

/// Name and value of each part of a multipart body, and the file's name and bytes; read by other
/// code than wrote it.
struct Parts {
    fields: Vec<(String, String)>,
    file: Option<(String, Vec<u8>)>,
}

fn read_multipart(content_type: &str, body: &[u8]) -> Parts {
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect("a multipart form");
    let delimiter = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(&delimiter.as_bytes()[2..]).expect("a delimiter first");
    let mut parts = Parts { fields: Vec::new(), file: None };
    while rest != b"--\r\n" {
        rest = rest.strip_prefix(b"\r\n").expect("a part");
        let end = rest.windows(delimiter.len()).position(|window| window == delimiter.as_bytes()).expect("its end");
        let blank = rest.windows(4).position(|window| window == b"\r\n\r\n").expect("its head");
        let head = std::str::from_utf8(&rest[..blank]).unwrap();
        let content = rest[blank + 4..end].to_vec();
        let name = head.strip_prefix("Content-Disposition: form-data; name=\"").expect("its disposition");
        let (name, more) = name.split_once('"').unwrap();
        if more.is_empty() {
            parts.fields.push((name.to_owned(), String::from_utf8(content).unwrap()));
        } else {
            assert_eq!(name, "file");
            let filename = more.strip_prefix("; filename=\"").and_then(|more| more.split_once('"')).unwrap();
            assert_eq!(filename.1, "\r\nContent-Type: application/octet-stream");
            assert!(parts.file.replace((filename.0.to_owned(), content)).is_none(), "one file");
        }
        rest = &rest[end + delimiter.len()..];
    }
    parts
}

/// A request as a server reads it: its parts without `sign`, and `sign`.
fn receive(request: &UnsentRequest) -> (Parts, String) {
    assert_eq!(request.method(), Method::Post);
    let headers: Vec<(&str, &str)> = request.headers().collect();
    let [("Accept", "application/json"), ("Content-Type", content_type)] = headers[..] else {
        panic!("{headers:?}");
    };
    let mut parts = if content_type == "application/x-www-form-urlencoded" {
        let fields: Vec<(String, String)> = form_urlencoded::parse(request.body()).into_owned().collect();
        // Another writer writes the same bytes of them.
        let again = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        assert_eq!(again.as_bytes(), request.body());
        Parts { fields, file: None }
    } else {
        read_multipart(content_type, request.body())
    };
    let at = parts.fields.iter().position(|(name, _)| name == "sign").expect("it is signed");
    let (_, sign) = parts.fields.remove(at);
    (parts, sign)
}

/// Signs an operation with both algorithms, and reads what is sent as the platform would.
/// `expected` is the string to sign for SM2. Gives target and body of the SM2 request.
#[track_caller]
fn check<O: Operation + Debug>(
    change: impl Fn(Merchant) -> Merchant,
    operation: &O,
    idempotency: Idempotency,
    expected: &str,
) -> (String, Vec<u8>) {
    assert_eq!(O::IDEMPOTENCY, idempotency);
    let [_, request] = [SignType::Rsa, SignType::Sm2].map(|sign_type| {
        let (merchant, key, verifier) = sides(sign_type);
        let merchant = change(merchant);
        let expected = expected.replace("signtype=SM2", &format!("signtype={}", sign_type.as_str()));
        let form = merchant.prepare(operation, &STAMP).unwrap();
        assert_eq!(String::from_utf8(form.parts_to_sign().concat()).unwrap(), expected);

        let signer = signer(&key, merchant.appid()).unwrap();
        let request = merchant.sign(operation, &STAMP, &*signer).unwrap();
        assert_eq!(request.target(), format!("/riskfeeback/{}", O::NAME));
        let (Parts { fields, file }, sign) = receive(&request);
        let joined: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(joined.join("&"), expected, "no parameter is sent unsigned, none is empty");
        let file = file.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        assert_eq!(file, operation.request(&STAMP).unwrap().file.map(|file| (file.filename, file.bytes)));

        assert_eq!(verifier.verify(&[expected.as_bytes()], &from_base64(&sign)), Ok(()));
        // The signatures are deterministic: two steps give the same request.
        let signature = signer.sign(&form.parts_to_sign()).unwrap();
        assert_eq!(signature.to_base64(), sign);
        assert!(form.attach(&signature).unwrap() == request);
        request
    });
    (request.target().to_owned(), request.body().to_vec())
}

fn alone(merchant: Merchant) -> Merchant {
    merchant
}

fn organised(merchant: Merchant) -> Merchant {
    merchant.with_orgid(ORGID).unwrap()
}

fn list() -> WxComplaintList {
    WxComplaintList::new(text("2025-03-01 00:00:00"), text("2025-03-31 23:59:59")).with_page_size(20)
}

fn older() -> WxComplaintListOlder {
    WxComplaintListOlder::new(text("2025-03-01"), text("2025-03-31")).with_limit(10)
}

fn history() -> WxComplaintHistory {
    WxComplaintHistory::new(text(ID))
}

fn reply() -> ComplaintsResp {
    ComplaintsResp::new(text(ID), text("您好"))
}

fn rejection() -> WxComplaintsRefundProgress {
    WxRefundRejection::new(ID, "已发货").with_reject_media_list(texts(["m1", "m2"])).with_remark("备注").into()
}

fn alipay_list() -> AlipayComplaintQueryV2 {
    AlipayComplaintQueryV2::default().with_page_size(10)
}

fn finish() -> AlipayProcessFinish {
    AlipayProcessFinish::new(texts(["9007199254740993001"]), AlipayProcessCode::Refund)
}

#[test]
fn wechat_lists() {
    check(
        alone,
        &list(),
        Idempotency::Safe,
        "appid=00000051&begindate=2025-03-01 00:00:00&current_page_num=1&cusid=990581007426001\
         &enddate=2025-03-31 23:59:59&page_size=20&randomstr=82712208&signtype=SM2&version=11",
    );
    check(
        organised,
        &list().with_current_page_num(12).with_page_size(999_999).with_groupall(true),
        Idempotency::Safe,
        "appid=00000051&begindate=2025-03-01 00:00:00&current_page_num=12&cusid=990581007426001\
         &enddate=2025-03-31 23:59:59&groupall=1&orgid=55058100780004S&page_size=999999&randomstr=82712208\
         &signtype=SM2&version=11",
    );
    // 0 is not nothing.
    let (target, _) = check(
        alone,
        &older(),
        Idempotency::Safe,
        "appid=00000051&begin_date=2025-03-01&cusid=990581007426001&end_date=2025-03-31&limit=10&offset=0\
         &randomstr=82712208&signtype=SM2&version=11",
    );
    assert_eq!(target, "/riskfeeback/complaintqry");
    check(
        organised,
        &older().with_offset(4_294_967_295),
        Idempotency::Safe,
        "appid=00000051&begin_date=2025-03-01&cusid=990581007426001&end_date=2025-03-31&limit=10&offset=4294967295\
         &orgid=55058100780004S&randomstr=82712208&signtype=SM2&version=11",
    );
}

#[test]
fn one_wechat_complaint() {
    let detail = WxComplaintDetail::new(text(ID));
    let (target, _) = check(
        alone,
        &detail,
        Idempotency::Safe,
        "appid=00000051&complaint_id=200201820200101080076610000&cusid=990581007426001&randomstr=82712208\
         &signtype=SM2&version=11",
    );
    assert_eq!(target, "/riskfeeback/wxcomplaintdetail");
    // An agent about one of its merchants: that merchant's number, the agent's organisation.
    check(
        |merchant| organised(merchant).about("990440148166000").unwrap(),
        &detail,
        Idempotency::Safe,
        "appid=00000051&complaint_id=200201820200101080076610000&cusid=990440148166000&orgid=55058100780004S\
         &randomstr=82712208&signtype=SM2&version=11",
    );
    check(
        alone,
        &history(),
        Idempotency::Safe,
        "appid=00000051&complaint_id=200201820200101080076610000&cusid=990581007426001&limit=100&offset=0\
         &randomstr=82712208&signtype=SM2&version=11",
    );
    check(
        organised,
        &history().with_limit(300).with_offset(300),
        Idempotency::Safe,
        "appid=00000051&complaint_id=200201820200101080076610000&cusid=990581007426001&limit=300&offset=300\
         &orgid=55058100780004S&randomstr=82712208&signtype=SM2&version=11",
    );
}

#[test]
fn wechat_actions() {
    let (target, _) = check(
        alone,
        &changed(reply().with_response_images(texts(["m/1+", "m2", "m3=", "m4"])), |value| {
            value.response_content = text("您好 & 谢谢=100%+\r\n\"😀\"")
        }),
        Idempotency::Unsafe,
        "appid=00000051&complaint_id=200201820200101080076610000&cusid=990581007426001&randomstr=82712208\
         &response_content=您好 & 谢谢=100%+\r\n\"😀\"&response_images=m/1+#@#m2#@#m3=#@#m4&signtype=SM2&version=11",
    );
    assert_eq!(target, "/riskfeeback/complaintsResp");
    check(
        alone,
        &reply(),
        Idempotency::Unsafe,
        "appid=00000051&complaint_id=200201820200101080076610000&cusid=990581007426001&randomstr=82712208\
         &response_content=您好&signtype=SM2&version=11",
    );
    let (target, _) = check(
        organised,
        &ComplaintsComplete::new(text(ID)),
        Idempotency::Unsafe,
        "appid=00000051&complaint_id=200201820200101080076610000&cusid=990581007426001&orgid=55058100780004S\
         &randomstr=82712208&signtype=SM2&version=11",
    );
    assert_eq!(target, "/riskfeeback/complaintsComplete");
    check(
        alone,
        &WxComplaintsRefundProgress::approve(ID, 0),
        Idempotency::Unsafe,
        "action=APPROVE&appid=00000051&complaint_id=200201820200101080076610000&cusid=990581007426001\
         &launch_refund_day=0&randomstr=82712208&signtype=SM2&version=11",
    );
    check(
        alone,
        &rejection(),
        Idempotency::Unsafe,
        "action=REJECT&appid=00000051&complaint_id=200201820200101080076610000&cusid=990581007426001\
         &randomstr=82712208&reject_media_list=m1#@#m2&reject_reason=已发货&remark=备注&signtype=SM2&version=11",
    );
    check(
        alone,
        &WxComplaintsRefundProgress::from(WxRefundRejection::new(ID, "no")),
        Idempotency::Unsafe,
        "action=REJECT&appid=00000051&complaint_id=200201820200101080076610000&cusid=990581007426001\
         &randomstr=82712208&reject_reason=no&signtype=SM2&version=11",
    );
}

#[test]
fn wechat_pictures() {
    let operation = WxMerchantImageUpload::new(File::new("投诉.png", b"\x89PNG\r\n\r\n--\x00"));
    let (target, _) = check(
        organised,
        &operation,
        Idempotency::Idempotent,
        "appid=00000051&cusid=990581007426001&orgid=55058100780004S&randomstr=82712208&signtype=SM2&version=11",
    );
    assert_eq!(target, "/riskfeeback/wxmerchantimageupload");
    // The file changes nothing that is signed.
    let (merchant, ..) = sides(SignType::Sm2);
    let other = WxMerchantImageUpload::new(File::new("b", b"GIF89a"));
    assert_eq!(
        organised(merchant.clone()).prepare(&operation, &STAMP).unwrap().parts_to_sign(),
        organised(merchant).prepare(&other, &STAMP).unwrap().parts_to_sign()
    );
    // The media id stays percent-encoded inside the address, and is encoded once more by the form.
    let (_, body) = check(
        alone,
        &WxGetMerchantImage::new(text(ADDRESS)),
        Idempotency::Safe,
        "appid=00000051&cusid=990581007426001\
         &imgurl=https://api.mch.weixin.qq.com/v3/merchant-service/images/ChsyMDAyMDE4%2BMjAy%3D\
         &randomstr=82712208&signtype=SM2&version=11",
    );
    let body = std::str::from_utf8(&body).unwrap();
    let encoded =
        "&imgurl=https%3A%2F%2Fapi.mch.weixin.qq.com%2Fv3%2Fmerchant-service%2Fimages%2FChsyMDAyMDE4%252BMjAy%253D&";
    assert!(body.contains(encoded), "{body}");
}

/// The whole body once, byte for byte.
#[test]
fn an_upload_byte_by_byte() {
    let (merchant, key, _) = sides(SignType::Rsa);
    let operation = AlipayFileUpload::new(File::new("a.png", b"\x89PNG\x00\r\n\xff"));
    let request = merchant.sign(&operation, &STAMP, &*signer(&key, APPID).unwrap()).unwrap();
    let (_, sign) = receive(&request);
    assert_eq!(sign.len(), 172);
    let field = |name: &str, value: &str| {
        format!("--82712208\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let fields = [
        field("appid", "00000051"),
        field("cusid", "990581007426001"),
        field("randomstr", "82712208"),
        field("sign", &sign),
        field("signtype", "RSA"),
        field("timestamp", "20250314150926"),
        field("version", "11"),
    ]
    .concat();
    let file = b"--82712208\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n\x89PNG\x00\r\n\xff\r\n--82712208--\r\n";
    assert_eq!(request.body(), [fields.as_bytes(), file].concat());
}

#[test]
fn a_mini_program_complaint() {
    let (target, body) = check(
        alone,
        &WxComplaintOrderDetail::new(text("1212")),
        Idempotency::Safe,
        "appid=00000051&complaintorderid=1212&cusid=990581007426001&randomstr=82712208&signtype=SM2\
         &timestamp=20250314150926&version=12",
    );
    assert_eq!(target, "/riskfeeback/wxcomplaintorderdetail");
    let body = std::str::from_utf8(&body).unwrap();
    assert!(body.starts_with("appid=00000051&complaintorderid=1212&cusid=990581007426001&randomstr=82712208&sign="));
    assert!(body.ends_with("&signtype=SM2&timestamp=20250314150926&version=12"));
}

#[test]
fn alipay_complaints() {
    check(
        alone,
        &alipay_list(),
        Idempotency::Safe,
        "appid=00000051&current_page_num=1&cusid=990581007426001&page_size=10&randomstr=82712208&signtype=SM2\
         &timestamp=20250314150926&version=11",
    );
    check(
        organised,
        &alipay_list()
            .with_trade_no(text("2025030122001400001400000001"))
            .with_task_id(text("t1"))
            .with_gmt_complaint(text("2025-03-01 00:00:00"), text("2025-03-02 23:59:59")),
        Idempotency::Safe,
        "appid=00000051&current_page_num=1&cusid=990581007426001&gmt_complaint_end=2025-03-02 23:59:59\
         &gmt_complaint_start=2025-03-01 00:00:00&orgid=55058100780004S&page_size=10&randomstr=82712208&signtype=SM2\
         &task_id=t1&timestamp=20250314150926&trade_no=2025030122001400001400000001&version=11",
    );
    check(
        alone,
        &alipay_list()
            .with_status_list(vec![AlipayComplaintStatus::WaitProcess, AlipayComplaintStatus::from("NEW")])
            .with_gmt_process(text("2025-03-01 00:00:00"), text("2025-03-02 23:59:59"))
            .with_task_id_list(texts(["10243351927", "10243351912"])),
        Idempotency::Safe,
        "appid=00000051&current_page_num=1&cusid=990581007426001&gmt_process_end=2025-03-02 23:59:59\
         &gmt_process_start=2025-03-01 00:00:00&page_size=10&randomstr=82712208&signtype=SM2\
         &status_list=[\"WAIT_PROCESS\",\"NEW\"]&task_id_list=[\"10243351927\",\"10243351912\"]\
         &timestamp=20250314150926&version=11",
    );
    check(
        alone,
        &AlipayComplaintQuery::new(text("9007199254740993001")),
        Idempotency::Safe,
        "appid=00000051&complain_id=9007199254740993001&cusid=990581007426001&randomstr=82712208&signtype=SM2\
         &timestamp=20250314150926&version=11",
    );
    check(
        alone,
        &finish(),
        Idempotency::Unsafe,
        "appid=00000051&cusid=990581007426001&id_list=[\"9007199254740993001\"]&img_file_list=[]\
         &process_code=REFUND&randomstr=82712208&signtype=SM2&timestamp=20250314150926&version=11",
    );
    let image = |address: &str, key: &str| AlipayImage::new(text(address), text(key));
    check(
        alone,
        &AlipayProcessFinish::new(texts(["1", "2"]), AlipayProcessCode::Other)
            .with_remark(text("已\"退\"款\n"))
            .with_img_file_list(vec![image("https://a/b?c=1&d", "k\"1"), image("投", "k2")]),
        Idempotency::Unsafe,
        "appid=00000051&cusid=990581007426001&id_list=[\"1\",\"2\"]\
         &img_file_list=[{\"img_url\":\"https://a/b?c=1&d\",\"img_url_key\":\"k\\\"1\"},\
         {\"img_url\":\"投\",\"img_url_key\":\"k2\"}]\
         &process_code=ORTHER&randomstr=82712208&remark=已\"退\"款\n&signtype=SM2&timestamp=20250314150926&version=11",
    );
    let (target, _) = check(
        alone,
        &AlipayFileUpload::new(File::new("a.png", b"\x89PNG")),
        Idempotency::Idempotent,
        "appid=00000051&cusid=990581007426001&randomstr=82712208&signtype=SM2&timestamp=20250314150926&version=11",
    );
    assert_eq!(target, "/riskfeeback/alicomplaintfileupload");
}

#[test]
fn names_are_spelled_as_on_the_wire() {
    for (name, expected) in [
        (WxComplaintList::NAME, "wxcomplaintlistquery"),
        (WxComplaintListOlder::NAME, "complaintqry"),
        (WxComplaintDetail::NAME, "wxcomplaintdetail"),
        (WxComplaintHistory::NAME, "wxcomplainthistory"),
        (ComplaintsResp::NAME, "complaintsResp"),
        (ComplaintsComplete::NAME, "complaintsComplete"),
        (WxComplaintsRefundProgress::NAME, "wxcomplaintsrefundprogress"),
        (WxMerchantImageUpload::NAME, "wxmerchantimageupload"),
        (WxGetMerchantImage::NAME, "wxgetmerchantimage"),
        (WxComplaintOrderDetail::NAME, "wxcomplaintorderdetail"),
        (AlipayComplaintQueryV2::NAME, "alicomplaintqueryv2"),
        (AlipayComplaintQuery::NAME, "alicomplaintquery"),
        (AlipayProcessFinish::NAME, "alicomplaintprocessfinish"),
        (AlipayFileUpload::NAME, "alicomplaintfileupload"),
    ] {
        assert_eq!(name, expected);
    }
    let codes: Vec<&str> = AlipayProcessCode::KNOWN.iter().map(AlipayProcessCode::as_str).collect();
    let known = ["REFUND", "CONSENSUS_WITH_CLIENT", "RECTIFICATION_NO_REFUND", "SUBMIT_PROOF_NOT_CONTACTED", "ORTHER"];
    assert_eq!(codes, known);
}

#[test]
fn the_timestamp_is_chinas() {
    let (merchant, ..) = sides(SignType::Sm2);
    let operation = AlipayComplaintQuery::new(text("1"));
    let timestamp = |seconds| {
        let stamp = Stamp { now: UnixTime(seconds), nonce: NONCE };
        merchant.prepare(&operation, &stamp).map(|form| form.parameters().get("timestamp").unwrap().to_owned())
    };
    for (seconds, expected) in [
        (0, "19700101080000"),
        (1_735_660_799, "20241231235959"),
        (1_735_660_800, "20250101000000"),
        (1_740_758_399, "20250228235959"),
        (1_709_135_999, "20240228235959"),
        (1_709_136_000, "20240229000000"),
        (1_741_936_166, "20250314150926"),
    ] {
        assert_eq!(timestamp(seconds).unwrap(), expected);
    }
    for beyond in [i64::MAX, i64::MIN, 253_402_300_800] {
        let refusal = Err(BuildError::Field { field: "the time", expected: "a time before the year 10000" });
        assert_eq!(timestamp(beyond), refusal);
    }
    // Where no timestamp is sent, none is needed.
    let detail = WxComplaintDetail::new(text(ID));
    assert!(merchant.prepare(&detail, &Stamp { now: UnixTime(i64::MAX), nonce: NONCE }).is_ok());
}

/// A custom operation: empty values, its own common parameters, and a `sign` that it must not set.
#[derive(Debug)]
struct Own;

impl OperationInfo for Own {
    type Response = String;

    const NAME: &'static str = "customerriskqry";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
}

impl Operation for Own {
    fn request(&self, _: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::of_version("01");
        let parameters = &mut form.parameters;
        parameters.set("empty", "");
        parameters.set("zero", "0");
        parameters.set("blank", " ");
        parameters.set("sign", "gibberish");
        parameters.set("trxid2", "b");
        parameters.set("trxid", "a");
        parameters.set("Upper", "u");
        parameters.set("名", "n");
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<String, ResponseError> {
        Ok(response.open()?.get("name").unwrap_or_default().to_owned())
    }
}

#[test]
fn a_custom_operation() {
    let (merchant, key, verifier) = sides(SignType::Sm2);
    let expected = "Upper=u&appid=00000051&blank= &cusid=990581007426001&randomstr=82712208&signtype=SM2\
                    &trxid=a&trxid2=b&version=01&zero=0&名=n";
    let request = merchant.sign(&Own, &STAMP, &*signer(&key, APPID).unwrap()).unwrap();
    let (Parts { fields, .. }, sign) = receive(&request);
    let present: Vec<String> =
        fields.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(present.join("&"), expected);
    assert!(fields.contains(&(text("empty"), String::new())), "what is empty is sent, and not signed");
    assert_ne!(sign, "gibberish");
    assert_eq!(verifier.verify(&[expected.as_bytes()], &from_base64(&sign)), Ok(()));

    // What is set before the common parameters stays.
    let mut parameters = Parameters::default();
    parameters.set("version", "12");
    parameters.set("orgid", "other");
    organised(merchant).complete(&mut parameters, "11", &STAMP).unwrap();
    let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let common = "appid=00000051&cusid=990581007426001&orgid=other&randomstr=82712208&signtype=SM2&version=12";
    assert_eq!(pairs.join("&"), common);
}

#[test]
fn a_signer_of_another_algorithm_is_refused() {
    let (rsa, rsa_key, _) = sides(SignType::Rsa);
    let (sm2, sm2_key, _) = sides(SignType::Sm2);
    let detail = WxComplaintDetail::new(text(ID));
    let [by_rsa, by_sm2] = [&rsa_key, &sm2_key].map(|key| signer(key, APPID).unwrap());
    let error = rsa.sign(&detail, &STAMP, &*by_sm2).unwrap_err();
    assert_eq!(error, BuildError::Algorithm("RSA"));
    assert_eq!((error.failure().fault, error.failure().delivery), (Fault::Caller, Delivery::NotSent));
    assert_eq!(sm2.sign(&detail, &STAMP, &*by_rsa), Err(BuildError::Algorithm("SM2")));
    // SM2 user ids are as long as their length's 16 bits say.
    assert!(signer(&sm2_key, &"0".repeat(8191)).is_ok());
    assert!(signer(&sm2_key, &"0".repeat(8192)).is_err());
}

/// Whether an operation can be built, and which field is to blame if not.
fn built(operation: &impl Operation) -> Result<(), &'static str> {
    let (merchant, ..) = sides(SignType::Sm2);
    match merchant.prepare(operation, &STAMP) {
        Ok(_) => Ok(()),
        Err(BuildError::Field { field, .. }) => Err(field),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn numbers_have_bounds() {
    for (number, fits) in [(0, false), (1, true), (999_999, true), (1_000_000, false), (u32::MAX, false)] {
        let expect = |field| if fits { Ok(()) } else { Err(field) };
        assert_eq!(built(&list().with_current_page_num(number)), expect("current_page_num"));
        assert_eq!(built(&list().with_page_size(number)), expect("page_size"));
        assert_eq!(built(&older().with_limit(number)), expect("limit"));
        assert_eq!(built(&alipay_list().with_current_page_num(number)), expect("current_page_num"));
        assert_eq!(built(&alipay_list().with_page_size(number)), expect("page_size"));
    }
    for (limit, fits) in [(0, false), (1, true), (300, true), (301, false)] {
        assert_eq!(built(&history().with_limit(limit)).is_ok(), fits, "{limit}");
    }
}

#[test]
fn spans_have_bounds() {
    for (first, last, fits) in [
        ("2025-03-01", "2025-03-01", true),
        ("2025-03-01", "2025-03-31", true),
        ("2025-03-01", "2025-04-01", false),
        ("2024-02-10", "2024-03-11", true),
        ("2024-02-10", "2024-03-12", false),
        ("2024-12-15", "2025-01-14", true),
        ("2025-03-02", "2025-03-01", false),
        ("2025-02-29", "2025-03-01", false),
        ("2025-03-01", "", false),
        ("", "2025-03-01", false),
        ("", "", false),
        ("2025-3-1", "2025-03-02", false),
        ("20250301", "20250302", false),
        ("2025-03-01 00:00:00", "2025-03-02 00:00:00", false),
        ("2025-03-01", "2025-03-02 ", false),
        ("yesterday", "today", false),
    ] {
        let days = changed(older(), |value| {
            value.begin_date = text(first);
            value.end_date = text(last);
        });
        assert_eq!(built(&days), if fits { Ok(()) } else { Err("the span of time") }, "{first} to {last}");
    }
    for (first, last, fits) in [
        ("2025-03-01 00:00:00", "2025-03-01 00:00:00", true),
        ("2025-03-01 00:00:00", "2025-03-31 23:59:59", true),
        ("2025-03-01 23:59:59", "2025-04-01 00:00:00", false),
        ("2025-03-01 00:00:01", "2025-03-01 00:00:00", false),
        ("2025-03-02 00:00:00", "2025-03-01 23:59:59", false),
        ("2025-03-01", "2025-03-02", false),
        ("2025-03-01T00:00:00", "2025-03-02T00:00:00", false),
        ("2025-03-01 00:00", "2025-03-02 00:00", false),
        ("2025-03-01 00:00:00.5", "2025-03-02 00:00:00", false),
        ("2025-03-01 00:00:00", "2025-03-02 00:00:00+08:00", false),
        ("2025-03-01 00:00:00", "2025-03-02 00:00:00Z", false),
        ("2025-03-01 24:00:00", "2025-03-02 00:00:00", false),
        ("2025-03-01 00:00:00", "", false),
        ("", "2025-03-01 00:00:00", false),
    ] {
        let expected = if fits { Ok(()) } else { Err("the span of time") };
        let moments = changed(list(), |value| {
            value.begindate = text(first);
            value.enddate = text(last);
        });
        assert_eq!(built(&moments), expected, "{first} to {last}");
        let moments = alipay_list().with_gmt_complaint(text(first), text(last));
        assert_eq!(built(&moments), expected, "{first} to {last}");
        let moments = alipay_list().with_gmt_process(text(first), text(last));
        assert_eq!(built(&moments), expected, "{first} to {last}");
    }
    assert_eq!(
        built(&changed(list(), |value| {
            value.begindate = text("");
            value.enddate = text("");
        })),
        Err("the span of time")
    );
}

#[test]
fn texts_have_bounds() {
    // In characters, not bytes.
    let long = |characters: usize| "投".repeat(characters);
    for (length, fits) in [(0, false), (1, true), (64, true), (65, false)] {
        let expect = |field| if fits { Ok(()) } else { Err(field) };
        let id = long(length);
        assert_eq!(built(&WxComplaintDetail::new(id.clone())), expect("complaint_id"));
        assert_eq!(built(&changed(history(), |value| value.complaint_id = id.clone())), expect("complaint_id"));
        assert_eq!(built(&ComplaintsComplete::new(id.clone())), expect("complaint_id"));
        assert_eq!(built(&changed(reply(), |value| value.complaint_id = id.clone())), expect("complaint_id"));
        let approval = WxComplaintsRefundProgress::approve(id.clone(), 1);
        assert_eq!(built(&approval), expect("complaint_id"));
        assert_eq!(built(&AlipayComplaintQuery::new(id)), expect("complain_id"));
    }
    for (length, fits) in [(0, true), (64, true), (65, false)] {
        let expect = |field| if fits { Ok(()) } else { Err(field) };
        assert_eq!(built(&alipay_list().with_trade_no(long(length))), expect("trade_no"));
        assert_eq!(built(&alipay_list().with_task_id(long(length))), expect("task_id"));
    }
    for (length, fits) in [(0, false), (1, true), (64, true), (65, false)] {
        let expected = if fits { Ok(()) } else { Err("task_id_list") };
        assert_eq!(built(&alipay_list().with_task_id_list(vec![text("7"), long(length)])), expected);
    }
    let tasks = |count: usize| built(&alipay_list().with_task_id_list(vec![text("7"); count]));
    assert_eq!(tasks(AlipayComplaintQueryV2::MAX_TASKS), Ok(()));
    assert_eq!(tasks(AlipayComplaintQueryV2::MAX_TASKS + 1), Err("task_id_list"));
    let nothing = vec![AlipayComplaintStatus::from("")];
    assert_eq!(built(&alipay_list().with_status_list(nothing)), Err("status_list"));
    for (length, fits) in [(0, false), (1, true), (500, true), (501, false)] {
        assert_eq!(built(&changed(reply(), |value| value.response_content = long(length))).is_ok(), fits, "{length}");
    }
    for (length, fits) in [(0, true), (500, true), (501, false)] {
        assert_eq!(built(&finish().with_remark(long(length))).is_ok(), fits, "{length}");
    }
    for (reason, remark, expected) in [
        (0, 0, Err("reject_reason")),
        (1, 0, Ok(())),
        (200, 200, Ok(())),
        (201, 0, Err("reject_reason")),
        (200, 201, Err("remark")),
    ] {
        let rejection = WxRefundRejection::new(ID, long(reason)).with_remark(long(remark));
        assert_eq!(built(&WxComplaintsRefundProgress::from(rejection)), expected, "{reason} {remark}");
    }
    for (length, fits) in [(0, false), (1, true), (512, true), (513, false)] {
        assert_eq!(built(&WxGetMerchantImage::new(long(length))).is_ok(), fits, "{length}");
    }
    for (length, fits) in [(0, false), (1, true), (32, true), (33, false)] {
        assert_eq!(built(&WxComplaintOrderDetail::new(long(length))).is_ok(), fits, "{length}");
    }
}

#[test]
fn lists_have_bounds() {
    for (ids, fits) in [
        (texts(["1", "2", "3", "4"]), true),
        (vec!["1".to_owned(); 5], false),
        (texts([""]), false),
        (texts(["1", "", "3"]), false),
        (texts(["1#@#2"]), false),
        (texts(["1#@", "@#2"]), true),
    ] {
        let expect = |field| if fits { Ok(()) } else { Err(field) };
        assert_eq!(built(&reply().with_response_images(ids.clone())), expect("response_images"));
        let rejection = WxRefundRejection::new(ID, "no").with_reject_media_list(ids);
        assert_eq!(built(&WxComplaintsRefundProgress::from(rejection)), expect("reject_media_list"));
    }
    for id_list in [Vec::new(), texts([""]), texts(["1", ""])] {
        assert_eq!(built(&changed(finish(), |value| value.id_list = id_list)), Err("id_list"));
    }
    assert!(built(&changed(finish(), |value| value.process_code = AlipayProcessCode::from(""))).is_err());
    assert_eq!(built(&changed(finish(), |value| value.process_code = AlipayProcessCode::from("NEW"))), Ok(()));
}

#[test]
fn files_have_bounds() {
    let uploads = |filename: &str, bytes: &[u8]| {
        let file = File::new(filename, bytes);
        let both = (built(&WxMerchantImageUpload::new(file)), built(&AlipayFileUpload::new(file)));
        assert_eq!(both.0, both.1);
        both.0
    };
    let mut most = vec![b'x'; MAX_UPLOAD + 1];
    most[..4].copy_from_slice(b"\x89PNG");
    for (length, fits) in [(0, false), (4, true), (MAX_UPLOAD, true), (MAX_UPLOAD + 1, false)] {
        assert_eq!(uploads("a.png", &most[..length]), if fits { Ok(()) } else { Err("the file") }, "{length}");
    }
    for (filename, fits) in [
        (text(""), false),
        (text("a"), true),
        (text("投 诉;'.png"), true),
        ("投".repeat(MAX_FILENAME), true),
        ("投".repeat(MAX_FILENAME + 1), false),
        (text("a\".png"), false),
        (text("a\\.png"), false),
        (text("a\r\n.png"), false),
        (text("a\0.png"), false),
        (text("a\u{85}.png"), false),
    ] {
        assert_eq!(
            uploads(&filename, b"\xff\xd8\xff"),
            if fits { Ok(()) } else { Err("the file's name") },
            "{filename:?}"
        );
    }
    for (picture, fits) in [(&b"BM\x3a\0\0\0\0\0\0\0"[..], true), (b"<svg/>", false), (b"RIFF\x24\0\0\0WEBP", false)] {
        assert_eq!(uploads("a.png", picture), if fits { Ok(()) } else { Err("the file") }, "{picture:?}");
    }
    // The boundary is the nonce: a file that holds it would end early.
    let (merchant, key, _) = sides(SignType::Sm2);
    let signer = signer(&key, APPID).unwrap();
    let holds = WxMerchantImageUpload::new(File::new("a", b"GIF89a..82712208.."));
    let error = merchant.sign(&holds, &STAMP, &*signer).unwrap_err();
    assert!(matches!(error, BuildError::Field { field: "the boundary", .. }), "{error}");
    assert!(merchant.sign(&holds, &Stamp { nonce: "82712209", ..STAMP }, &*signer).is_ok());
}

#[test]
fn stamps_and_ids_have_bounds() {
    let (merchant, ..) = sides(SignType::Sm2);
    let detail = WxComplaintDetail::new(text(ID));
    for (nonce, fits) in [
        (text(""), false),
        (text("a"), true),
        ("aZ09".repeat(8), true),
        ("a".repeat(33), false),
        (text("a b"), false),
        (text("a-b"), false),
        (text("a\r\nb"), false),
        (text("投"), false),
    ] {
        let stamp = Stamp { now: STAMP.now, nonce: &nonce };
        assert_eq!(merchant.prepare(&detail, &stamp).is_ok(), fits, "{nonce}");
        assert_eq!(merchant.complete(&mut Parameters::default(), "11", &stamp).is_ok(), fits, "{nonce}");
    }
    for (id, fits) in [
        (text(""), false),
        (text("0"), true),
        ("x".repeat(64), true),
        ("x".repeat(65), false),
        (text("00000051 "), false),
        (text("0&cusid=1"), false),
        (text("投"), false),
    ] {
        let field = |result: Result<Merchant, BuildError>| match result {
            Ok(_) => None,
            Err(BuildError::Field { field, .. }) => Some(field),
            Err(error) => panic!("{error}"),
        };
        let expect = |name| (!fits).then_some(name);
        assert_eq!(field(Merchant::new(&*id, CUSID, SignType::Rsa)), expect("appid"));
        assert_eq!(field(Merchant::new(APPID, &*id, SignType::Rsa)), expect("cusid"));
        assert_eq!(field(merchant.clone().with_orgid(&*id)), expect("orgid"));
        assert_eq!(field(merchant.about(&*id)), expect("cusid"));
    }
}
