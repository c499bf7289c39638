//! Requests as other implementations sign and describe them: strings to sign, `Authorization`,
//! upload bodies.

use protocol_core::crypto::{sm2_der_to_raw, sm2_raw_to_der};
use protocol_core::wechat_pay::{Authorization, ImageMeta, Merchant, Scheme, SignatureHeaders, UploadImage};
use protocol_core::{BuildError, Method, RequestParts, Stamp, UnixTime, UnsentRequest};
use serde_json::Value;

use super::Outcome::{self, Accept, Refuse};
use super::signatures::rsa_signer;
use super::{base64, beside, json, list, refused, text};

const MCHID: &str = "1900007291";
const SERIAL_NO: &str = "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB";

fn parts(method: &str, target: &str, body: &str) -> RequestParts {
    let method = Method::from_name(method).expect("a method of HTTP");
    match body {
        "" => RequestParts::without_body(method, target),
        body => RequestParts::json(method, target, body.as_bytes().to_vec()),
    }
}

fn stamp(timestamp: i64, nonce: &str) -> Stamp<'_> {
    Stamp { now: UnixTime(timestamp), nonce }
}

fn string_to_sign(merchant: &Merchant, parts: RequestParts, stamp: Stamp<'_>) -> String {
    String::from_utf8(merchant.prepare_parts(parts, &stamp).unwrap().parts_to_sign().concat()).unwrap()
}

fn authorization(request: &UnsentRequest) -> &str {
    request.headers().find(|(name, _)| *name == "Authorization").expect("a signed request has one").1
}

/// The documentation's five requests: string to sign, signature and header, byte for byte.
pub(crate) fn official_requests(file: &[u8]) -> Outcome {
    let vector = json(file);
    let merchant = Merchant::new(text(&vector, "mchid"), text(&vector, "serial_no"), Scheme::Rsa).unwrap();
    let signer = rsa_signer(&beside("wechatpay/official", &vector, "private_key"));
    let cases = list(&vector, "cases");
    assert_eq!(cases.len(), 5);
    for case in cases {
        let name = text(case, "name");
        let parts = parts(text(case, "method"), text(case, "url"), text(case, "body"));
        let stamp = stamp(text(case, "timestamp").parse().unwrap(), text(case, "nonce_str"));
        assert_eq!(string_to_sign(&merchant, parts.clone(), stamp), text(case, "message"), "{name}");
        let request = merchant.prepare_parts(parts, &stamp).unwrap().sign(&signer).unwrap();
        let expected = text(&vector, "authorization_example").replace("<signature_b64>", text(case, "signature_b64"));
        assert_eq!(authorization(&request), expected, "{name}");
        assert_eq!(request.target(), text(case, "url"), "{name}");
        assert_eq!(request.body(), text(case, "body").as_bytes(), "{name}");
    }
    Accept
}

/// Every complaint interface's request under the documentation's key: string to sign, signature and
/// header.
pub(crate) fn complaint_requests(file: &[u8]) -> Outcome {
    let vector = json(file);
    let merchant = Merchant::new(MCHID, SERIAL_NO, Scheme::Rsa).unwrap();
    let signer = rsa_signer(&beside("wechatpay/synthetic", &vector, "private_key"));
    let cases = list(&vector, "cases");
    assert_eq!(cases.len(), 8);
    for case in cases {
        let (method, url) = (text(case, "method"), text(case, "url"));
        let parts = parts(method, url, text(case, "signed_body"));
        let header = Authorization::parse(text(case, "authorization")).unwrap();
        let stamp = Stamp { now: header.timestamp, nonce: &header.nonce_str };
        assert_eq!(string_to_sign(&merchant, parts.clone(), stamp), text(case, "message"), "{method} {url}");
        let request = merchant.prepare_parts(parts, &stamp).unwrap().sign(&signer).unwrap();
        assert_eq!(authorization(&request), text(case, "authorization"), "{method} {url}");
        assert_eq!(header.signature, text(case, "signature_b64"), "{method} {url}");
        assert_eq!(header.to_string(), text(case, "authorization"), "{method} {url}: written again");
    }
    Accept
}

/// An upload: the body on the wire, and of it the part that is signed.
pub(crate) fn upload(file: &[u8]) -> Outcome {
    let vector = json(file);
    let body = base64(text(&vector, "body_b64"));
    let boundary = text(&vector, "content_type").strip_prefix("multipart/form-data; boundary=").unwrap();
    // The picture lies between the second part's blank line and the closing boundary.
    let image_from = find(&body, b"Content-Type: image/png\r\n\r\n") + b"Content-Type: image/png\r\n\r\n".len();
    let image_to = body.len() - format!("\r\n--{boundary}--\r\n").len();
    let meta: ImageMeta = serde_json::from_str(text(&vector, "signed_body")).unwrap();

    let parts =
        UploadImage::new(&meta.filename, &body[image_from..image_to]).unwrap().request_with_boundary(boundary).unwrap();
    assert_eq!(parts.content_type.as_deref(), Some(text(&vector, "content_type")));
    assert_eq!(parts.body.bytes(), body);
    assert_eq!(parts.body.signed_bytes(), text(&vector, "signed_body").as_bytes());

    let merchant = Merchant::new(MCHID, SERIAL_NO, Scheme::Rsa).unwrap();
    let stamp = stamp(1_741_936_166, "593BEC0C930BF1AFEB40B4A08C8FB242");
    assert_eq!(string_to_sign(&merchant, parts.clone(), stamp), text(&vector, "message"));
    let signer = rsa_signer(&beside("wechatpay/synthetic", &vector, "private_key"));
    let request = merchant.prepare_parts(parts, &stamp).unwrap().sign(&signer).unwrap();
    let header = Authorization::parse(authorization(&request)).unwrap();
    assert_eq!(header.signature, text(&vector, "signature_b64"));
    assert_eq!(request.body(), body);
    Accept
}

fn find(haystack: &[u8], needle: &[u8]) -> usize {
    haystack.windows(needle.len()).position(|window| window == needle).expect("it is in there")
}

/// A boundary that occurs in the picture, and a name the platform does not take.
pub(crate) fn upload_must_fail(file: &[u8]) -> Outcome {
    let vector = json(file);
    let body = base64(text(&vector, "body_b64"));
    let meta: ImageMeta = serde_json::from_str(text(&vector, "signed_body")).unwrap();
    let body = [b"\x89PNG", &body[..]].concat();
    let as_image = UploadImage::new(&meta.filename, &body).unwrap();
    refused([
        ("a boundary out of the picture", as_image.request_with_boundary("boundary0123456789").is_err()),
        ("a blank in the boundary", as_image.request_with_boundary("boundary 1").is_err()),
        ("another kind of file", UploadImage::new("a.gif", &body).is_err()),
        ("a line end in the name", UploadImage::new("a\r\n.png", &body).is_err()),
        ("no picture", UploadImage::new(&meta.filename, b"").is_err()),
    ])
}

/// The documentation's upload sample has no signature: its own five values are signed, a line each.
pub(crate) fn upload_string_to_sign(file: &[u8]) -> Outcome {
    let vector = json(file);
    let [method, url, timestamp, nonce, body] =
        ["method", "url", "timestamp", "nonce", "body"].map(|member| text(&vector, member));
    let merchant = Merchant::new(MCHID, SERIAL_NO, Scheme::Rsa).unwrap();
    let signed = string_to_sign(&merchant, parts(method, url, body), stamp(timestamp.parse().unwrap(), nonce));
    assert_eq!(signed, format!("{method}\n{url}\n{timestamp}\n{nonce}\n{body}\n"));
    let meta: ImageMeta = serde_json::from_str(body).unwrap();
    assert_eq!(serde_json::to_string(&meta).unwrap(), body, "`meta` is written as the sample has it");
    Accept
}

fn mock_case(case: &Value, timestamp: i64, url: &str) {
    let merchant = Merchant::new(text(case, "mchid"), text(case, "serial_no"), Scheme::Rsa).unwrap();
    let parts = parts(text(case, "method"), url, text(case, "body"));
    let signed = string_to_sign(&merchant, parts, stamp(timestamp, text(case, "nonce")));
    assert_eq!(signed, text(case, "message"));
}

/// The members of a header against the members of a case.
fn header_of_case(header: &Authorization<'_>, case: &Value, timestamp: i64) {
    assert_eq!(header.mchid, text(case, "mchid"));
    assert_eq!(header.nonce_str, text(case, "nonce"));
    assert_eq!(header.serial_no, text(case, "serial_no"));
    assert_eq!(header.timestamp, UnixTime(timestamp));
    // The members' order differs between implementations; nothing else may.
    assert_eq!(&Authorization::parse(&header.to_string()).unwrap(), header);
}

pub(crate) fn go_mock(file: &[u8]) -> Outcome {
    let vector = json(file);
    let cases = vector.as_array().unwrap();
    assert_eq!(cases.len(), 2);
    for case in cases {
        let timestamp = text(case, "timestamp").parse().unwrap();
        mock_case(case, timestamp, text(case, "canonical_url"));
        if let Some(header) = case["header"].as_str() {
            let header = Authorization::parse(header).unwrap();
            header_of_case(&header, case, timestamp);
            assert_eq!((&*header.scheme, &*header.signature), ("WECHATPAY2-Mock", "<mock>"));
        }
    }
    assert!(cases[0]["header"].is_string());
    Accept
}

/// The mock's scheme is none of the platform's.
pub(crate) fn go_mock_scheme(file: &[u8]) -> Outcome {
    let vector = json(file);
    let header = Authorization::parse(text(&vector[0], "header")).unwrap();
    refused([(header.scheme.to_string(), Scheme::from_name(&header.scheme).is_none())])
}

pub(crate) fn java_mock(file: &[u8]) -> Outcome {
    let case = json(file);
    let timestamp = super::number(&case, "timestamp");
    let target = text(&case, "uri").strip_prefix("https://api.mch.weixin.qq.com").unwrap();
    mock_case(&case, timestamp, target);
    let header = format!("WECHATPAY2-SHA256-RSA2048 {}", text(&case, "header_tail"));
    let header = Authorization::parse(&header).unwrap();
    header_of_case(&header, &case, timestamp);
    assert_eq!(header.signature, "fake-sign");
    assert_eq!(Scheme::from_name(&header.scheme), Some(Scheme::Rsa));
    Accept
}

/// The formatter is fed bare digits, which are no method and no path. The header and the responses'
/// strings take them; of the requests' strings the three lines behind method and path are compared,
/// and the line count.
pub(crate) fn axios_formatter(file: &[u8]) -> Outcome {
    let vector = json(file);
    assert_eq!(vector.as_object().unwrap().len(), 5);
    let header = Authorization::parse(text(&vector, "authorization(1,2,3,4,5)")).unwrap();
    assert_eq!((&*header.mchid, &*header.nonce_str, &*header.signature), ("1", "2", "3"));
    assert_eq!((header.timestamp, &*header.serial_no), (UnixTime(4), "5"));
    assert_eq!(Scheme::from_name(&header.scheme), Some(Scheme::Rsa));

    let merchant = Merchant::new(&*header.mchid, &*header.serial_no, Scheme::Rsa).unwrap();
    for (member, target, now, nonce, body) in
        [("request(1,2,3,4,5)", "/2", 3, "4", "5"), ("request(6,7,8,9)", "/7", 8, "9", "")]
    {
        let ours = string_to_sign(&merchant, parts("POST", target, body), stamp(now, nonce));
        let behind_path = |signed: &str| signed.splitn(3, '\n').nth(2).unwrap().to_owned();
        assert_eq!(behind_path(&ours), behind_path(text(&vector, member)), "{member}");
    }
    for (member, timestamp, nonce, body) in [("response(3,2,1)", "3", "2", "1"), ("response(9,8)", "9", "8", "")] {
        let headers = [
            ("Wechatpay-Timestamp", timestamp),
            ("Wechatpay-Nonce", nonce),
            ("Wechatpay-Serial", "5"),
            ("Wechatpay-Signature", "3"),
        ];
        let headers = SignatureHeaders::read(&headers).unwrap();
        assert_eq!(headers.parts_to_verify(body.as_bytes()).concat(), text(&vector, member).as_bytes(), "{member}");
    }
    Accept
}

pub(crate) fn axios_formatter_no_request(file: &[u8]) -> Outcome {
    let vector = json(file);
    for member in ["request(1,2,3,4,5)", "request(6,7,8,9)"] {
        let mut lines = text(&vector, member).lines();
        let (method, target) = (lines.next().unwrap(), lines.next().unwrap());
        assert_eq!(Method::from_name(method), None);
        let merchant = Merchant::new("1", "5", Scheme::Rsa).unwrap();
        let refused =
            merchant.prepare_parts(RequestParts::without_body(Method::Get, target), &stamp(3, "4")).unwrap_err();
        assert!(matches!(refused, BuildError::Field { field: "the target", .. }), "{refused}");
    }
    Refuse
}

/// The documentation's SM2 header: read, and its signature is two numbers in DER, whichever key
/// made it.
pub(crate) fn sm2_header(file: &[u8]) -> Outcome {
    let vector = json(file);
    let header = Authorization::parse(text(&vector, "header")).unwrap();
    assert_eq!(Scheme::from_name(&header.scheme), Some(Scheme::Sm2));
    assert_eq!((&*header.mchid, &*header.nonce_str), ("2480467911", "fixednonce"));
    assert_eq!(header.timestamp, UnixTime(1_636_620_536));
    assert_eq!(header.serial_no, "157056765AB5A9EEE5D363D0329039A254D5EF49");
    let der = base64(&header.signature);
    let raw = sm2_der_to_raw(&der).expect("two numbers in DER");
    assert_eq!(sm2_raw_to_der(&raw), Some(der));
    assert_eq!(Authorization::parse(&header.to_string()).unwrap(), header);
    Accept
}

pub(crate) fn sm2_header_must_fail(file: &[u8]) -> Outcome {
    let vector = json(file);
    let header = text(&vector, "header");
    let der = base64(&Authorization::parse(header).unwrap().signature);
    let doubled = format!("{header},mchid=\"2480467911\"");
    refused([
        ("a signature cut short", sm2_der_to_raw(&der[..der.len() - 1]).is_none()),
        ("a byte after the signature", sm2_der_to_raw(&[&*der, &[0]].concat()).is_none()),
        ("DER taken for r and s", sm2_raw_to_der(&der).is_none()),
        ("a member twice", Authorization::parse(&doubled).is_err()),
        ("a member missing", Authorization::parse(&header.replace("nonce_str", "nonce")).is_err()),
        ("no quotes", Authorization::parse(&header.replace('"', "")).is_err()),
    ])
}
