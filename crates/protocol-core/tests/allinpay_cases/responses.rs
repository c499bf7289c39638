//! Responses: the members that the signature covers, and the errors for malformed responses.

use protocol_core::allinpay::{
    ComplaintsComplete, Members, Merchant, NoSignature, PLATFORM_USER_ID, ResponseError, SignType, WxComplaintDetail,
    WxComplaintHistory, verifier,
};
use protocol_core::crypto::{
    PrivateKey, RsaDigest, RsaSigner, RsaVerifier, SM2_DEFAULT_USER_ID, Signer, Sm2SignatureEncoding, Sm2Signer,
    Sm2Verifier, Verifier as _, sm2_raw_to_der,
};
use protocol_core::limits::{MAX_BASE64_IMAGE_BODY, MAX_RESPONSE_BODY, MAX_RESPONSE_MEMBERS};
use protocol_core::{Delivery, Fault};

use crate::platform::{APPID, CUSID, Platform, demo_key, to_base64};

const SIGNED: &str = r#""retcode":"SUCCESS","randomstr":"abc""#;
const SIGNED_STRING: &str = "randomstr=abc&retcode=SUCCESS";

fn both() -> [Platform; 2] {
    [Platform::rsa(), Platform::sm2()]
}

fn malformed(error: &ResponseError) -> bool {
    matches!(error, ResponseError::NoResponse(_))
}

#[track_caller]
fn parsed_string(body: &[u8]) -> String {
    let response = Members::parse(body).unwrap().trust_anyway();
    String::from_utf8(response.parts_to_sign().concat()).unwrap()
}

/// Members as they are written, and the string to sign, by hand.
const SCOPE: &[(&str, &str)] = &[
    (SIGNED, SIGNED_STRING),
    // Every member but `sign`, known or not, in order of name.
    (
        r#""zz_new":"x","retmsg":"处理成功","retcode":"SUCCESS","total_count":12,"Zed":"y","acct":"z""#,
        "Zed=y&acct=z&retcode=SUCCESS&retmsg=处理成功&total_count=12&zz_new=x",
    ),
    // Names are sorted, not `name=value`: `trxid` comes before `trxid2`, though `2` comes before
    // `=`.
    (r#""trxid2":"b","trxid":"a","retcode":"SUCCESS""#, "retcode=SUCCESS&trxid=a&trxid2=b"),
    (r#""投":"2","é":"1","retcode":"SUCCESS","~":"0""#, "retcode=SUCCESS&~=0&é=1&投=2"),
    // Strings as they read, not as they are written.
    (r#""url":"https:\/\/a.b\/c?d=1&e=%20+","retcode":"SUCCESS""#, "retcode=SUCCESS&url=https://a.b/c?d=1&e=%20+"),
    (r#""retmsg":"\u6295\u8BC9 \ud83d\ude00","retcode":"SUCCESS""#, "retcode=SUCCESS&retmsg=投诉 😀"),
    (r#""a":"\"\\\b\f\n\r\t","retcode":"SUCCESS""#, "a=\"\\\u{8}\u{c}\n\r\t&retcode=SUCCESS"),
    (r#""ret\u0063ode":"SUCC\u0045SS","a\/b":"1""#, "a/b=1&retcode=SUCCESS"),
    // A string that holds JSON is a string.
    (r#""payinfo":"{\"a\": 1.50}","retcode":"SUCCESS""#, r#"payinfo={"a": 1.50}&retcode=SUCCESS"#),
    // Numbers and truths as they are written.
    (
        r#""a":1.50,"b":1e3,"c":-0,"d":12345678901234567890123,"e":0,"f":1E+2,"retcode":"SUCCESS""#,
        "a=1.50&b=1e3&c=-0&d=12345678901234567890123&e=0&f=1E+2&retcode=SUCCESS",
    ),
    (r#""t":true,"f":false,"retcode":"SUCCESS""#, "f=false&retcode=SUCCESS&t=true"),
    // Objects and lists as they are written, blanks, escapes and all.
    (
        r#""o": {"b" : 1.0, "a":["\u6295", null ]} ,"l": [ 1,2],"eo":{},"el":[],"retcode":"SUCCESS""#,
        r#"el=[]&eo={}&l=[ 1,2]&o={"b" : 1.0, "a":["\u6295", null ]}&retcode=SUCCESS"#,
    ),
    // Nothing is dropped, and only nothing: `0`, a blank and the word `null` are something.
    (r#""a":null,"b":"","c":"0","d":" ","e":"null","f":0,"retcode":"SUCCESS""#, "c=0&d= &e=null&f=0&retcode=SUCCESS"),
    // Blanks around everything.
    ("\n \"retcode\"\t:\r\n\"SUCCESS\" , \"total_count\" : 3 ", "retcode=SUCCESS&total_count=3"),
];

#[test]
fn the_signature_covers_every_member_as_it_reads() {
    for platform in both() {
        for (members, string) in SCOPE {
            let body = platform.seal(members, string);
            assert_eq!(parsed_string(&body), *string, "of {members}");
            let response = platform.open(&body).unwrap_or_else(|error| panic!("{members}: {error}"));
            assert_eq!(response.parts_to_sign().concat(), string.as_bytes());
            assert_eq!(response.get("retcode"), Some("SUCCESS"));

            let marked = ["\u{feff}".as_bytes(), b" \r\n", &body, b"\n"].concat();
            assert!(platform.open(&marked).is_ok(), "with a mark and blanks around: {members}");
        }
    }
}

#[test]
fn a_signature_over_any_other_string_is_bad() {
    let members = r#""retcode":"SUCCESS","url":"https:\/\/a","n":1.50,"empty":"","nothing":null,"o":{"b": 1}"#;
    let string = r#"n=1.50&o={"b": 1}&retcode=SUCCESS&url=https://a"#;
    for platform in both() {
        assert!(platform.open(&platform.seal(members, string)).is_ok());
        for (label, other) in [
            ("escapes kept", r#"n=1.50&o={"b": 1}&retcode=SUCCESS&url=https:\/\/a"#),
            ("numbers written again", r#"n=1.5&o={"b": 1}&retcode=SUCCESS&url=https://a"#),
            ("objects written again", r#"n=1.50&o={"b":1}&retcode=SUCCESS&url=https://a"#),
            ("what is empty kept", r#"empty=&n=1.50&o={"b": 1}&retcode=SUCCESS&url=https://a"#),
            ("null kept", r#"n=1.50&nothing=null&o={"b": 1}&retcode=SUCCESS&url=https://a"#),
            ("percent-encoded", r#"n=1.50&o={"b": 1}&retcode=SUCCESS&url=https%3A%2F%2Fa"#),
            ("in the order of the body", r#"retcode=SUCCESS&url=https://a&n=1.50&o={"b": 1}"#),
            ("known members only", "retcode=SUCCESS"),
            ("a separator at the end", r#"n=1.50&o={"b": 1}&retcode=SUCCESS&url=https://a&"#),
            ("nothing", ""),
        ] {
            let body = platform.seal(members, other);
            assert_eq!(platform.open(&body), Err(ResponseError::BadSignature), "{label}");
        }
        // And a member more, fewer or otherwise than was signed.
        let body = String::from_utf8(platform.seal(members, string)).unwrap();
        for (from, to) in [
            (r#""n":1.50,"#, ""),
            (r#""n":1.50,"#, r#""n":1.5,"#),
            (r#""n":1.50,"#, r#""n":1.50,"m":1,"#),
            (r#""empty":"""#, r#""empty":" ""#),
            (r#""nothing":null"#, r#""nothing":false"#),
        ] {
            let changed = body.replace(from, to);
            assert_ne!(changed, body);
            assert_eq!(platform.open(changed.as_bytes()), Err(ResponseError::BadSignature), "{from} became {to}");
        }
        // What is not signed may change.
        for (from, to) in [(r#""empty":"""#, r#""other":"""#), (r#""nothing":null"#, r#""x":null"#), (r"\/", "/")] {
            let changed = body.replace(from, to);
            assert_ne!(changed, body);
            assert!(platform.open(changed.as_bytes()).is_ok(), "{from} became {to}");
        }
    }
}

#[test]
fn members_are_read_as_they_were_signed() {
    let platform = Platform::sm2();
    let members = r#""retcode":"SUCCESS","a\/b":"\u6295","n":1.50,"o":{"x": [1]},"t":true,"z":null,"e":"","s":"null""#;
    let body = platform.seal(members, r#"a/b=投&n=1.50&o={"x": [1]}&retcode=SUCCESS&s=null&t=true"#);
    let response = platform.open(&body).unwrap();
    for (name, value) in [
        ("a/b", Some("投")),
        ("n", Some("1.50")),
        ("o", Some(r#"{"x": [1]}"#)),
        ("t", Some("true")),
        ("s", Some("null")),
        ("z", None),
        ("e", None),
        ("absent", None),
        (r"a\/b", None),
    ] {
        assert_eq!(response.get(name), value, "{name}");
    }
    let written: Vec<(String, String)> =
        response.members().map(|(name, json)| (name.to_owned(), json.into_owned())).collect();
    let names: Vec<&str> = written.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a/b", "e", "n", "o", "retcode", "s", "sign", "t", "z"]);
    let values: Vec<&str> = written.iter().map(|(_, json)| json.as_str()).filter(|json| json.len() < 20).collect();
    assert_eq!(values, [r#""投""#, r#""""#, "1.50", r#"{"x": [1]}"#, r#""SUCCESS""#, r#""null""#, "true", "null"]);
    assert_eq!(response.signature().map(|signature| signature.len()), Some(64));
    assert_eq!(response.clone().into_inner(), Members::parse(&body).unwrap().trust_anyway());
}

#[test]
fn a_success_without_a_signature_is_bad() {
    for platform in both() {
        for (sign, error) in [
            ("", ResponseError::NoSignature(NoSignature::Missing)),
            (r#","sign":null"#, ResponseError::NoSignature(NoSignature::Missing)),
            (r#","sign":"""#, ResponseError::NoSignature(NoSignature::Missing)),
            (r#","sign":" ""#, ResponseError::NoSignature(NoSignature::Missing)),
            (r#","sign":{}"#, ResponseError::BadSignature),
            (r#","sign":[]"#, ResponseError::BadSignature),
        ] {
            let body = format!("{{{SIGNED}{sign}}}");
            assert_eq!(platform.open(body.as_bytes()), Err(error), "{sign}");
        }
    }
}

#[test]
fn a_signature_of_another_kind_is_named() {
    let hexadecimal = |length: usize| "0aB9".repeat(length / 4);
    for platform in both() {
        for (sign, named) in [
            (hexadecimal(32), Some(NoSignature::Md5)),
            (hexadecimal(32).to_uppercase(), Some(NoSignature::Md5)),
            (hexadecimal(128), Some(NoSignature::Hexadecimal)),
            (hexadecimal(256), Some(NoSignature::Hexadecimal)),
            (hexadecimal(512), Some(NoSignature::Hexadecimal)),
            (hexadecimal(40), Some(NoSignature::Hexadecimal)),
            (hexadecimal(64), Some(NoSignature::Hexadecimal)),
            (hexadecimal(36), None),
            (hexadecimal(4), None),
            (hexadecimal(32).replace('9', "g"), None),
        ] {
            let body = format!("{{{SIGNED},\"sign\":\"{sign}\"}}");
            let error = named.map_or(ResponseError::BadSignature, ResponseError::NoSignature);
            assert_eq!(platform.open(body.as_bytes()), Err(error), "{sign}");
        }
    }
}

fn sm2_signed(user: &str, encoding: Sm2SignatureEncoding, merchant: &str) -> Vec<u8> {
    let PrivateKey::Sm2(key) = demo_key(merchant, "sm2") else { panic!("an SM2 key") };
    let signature = Sm2Signer::new(&key, user, encoding).unwrap().sign(&[SIGNED_STRING.as_bytes()]).unwrap();
    signature.as_bytes().to_vec()
}

#[test]
fn signatures_of_every_wrong_kind_are_bad() {
    const RAW: Sm2SignatureEncoding = Sm2SignatureEncoding::Raw;
    let platform = Platform::sm2();
    let with_sign = |sign: &str| format!("{{{SIGNED},\"sign\":\"{sign}\"}}").into_bytes();
    let good = sm2_signed(PLATFORM_USER_ID, RAW, "production_demo");
    assert!(platform.open(&with_sign(&to_base64(&good))).is_ok());

    let by_rsa = Platform::rsa().signer.sign(&[SIGNED_STRING.as_bytes()]).unwrap().to_base64();
    let swapped = [&good[32..], &good[..32]].concat();
    let text = to_base64(&good);
    for (label, sign) in [
        ("DER", to_base64(sm2_raw_to_der(&good).unwrap())),
        ("signed as DER", to_base64(sm2_signed(PLATFORM_USER_ID, Sm2SignatureEncoding::Der, "production_demo"))),
        ("the default user id", to_base64(sm2_signed(SM2_DEFAULT_USER_ID, RAW, "production_demo"))),
        ("the appid as user id", to_base64(sm2_signed(APPID, RAW, "production_demo"))),
        ("the cusid as user id", to_base64(sm2_signed(CUSID, RAW, "production_demo"))),
        ("no user id", to_base64(sm2_signed("", RAW, "production_demo"))),
        ("another key", to_base64(sm2_signed(PLATFORM_USER_ID, RAW, "test"))),
        ("RSA", by_rsa),
        ("r and s swapped", to_base64(&swapped)),
        ("zeros", to_base64([0; 64])),
        ("63 bytes", to_base64(&good[..63])),
        ("65 bytes", to_base64([&good[..], &[0]].concat())),
        ("no base64", "not base64!".to_owned()),
        ("no padding", text.trim_end_matches('=').to_owned()),
        ("a blank before", format!(" {text}")),
        ("a line end after", format!("{text}\\n")),
        ("a line end inside", format!("{}\\r\\n{}", &text[..44], &text[44..])),
        ("twice", format!("{text}{text}")),
    ] {
        assert_eq!(platform.open(&with_sign(&sign)), Err(ResponseError::BadSignature), "{label}");
    }

    let platform = Platform::rsa();
    let PrivateKey::Rsa(key) = demo_key("test", "rsa") else { panic!("an RSA key") };
    let other_key = include_bytes!("../vectors/wechatpay/java/merchant_private_key.pem");
    let PrivateKey::Rsa(other) = PrivateKey::read(other_key).unwrap() else { panic!("an RSA key") };
    let signed = |key, digest| RsaSigner::new(key, digest).sign(&[SIGNED_STRING.as_bytes()]).unwrap().to_base64();
    assert!(platform.open(&with_sign(&signed(&key, RsaDigest::Sha1))).is_ok());
    for (label, sign) in [
        ("SHA-256", signed(&key, RsaDigest::Sha256)),
        ("another key", signed(&other, RsaDigest::Sha1)),
        ("SM2", text.clone()),
    ] {
        assert_eq!(platform.open(&with_sign(&sign)), Err(ResponseError::BadSignature), "{label}");
    }
    // Base64 has one spelling of each signature: bits behind the last byte are no free bits.
    let sign = signed(&key, RsaDigest::Sha1);
    assert!(sign.ends_with('='));
    let at = sign.trim_end_matches('=').len() - 1;
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".chars() {
        let respelled = format!("{}{last}{}", &sign[..at], &sign[at + 1..]);
        assert_eq!(platform.open(&with_sign(&respelled)).is_ok(), respelled == sign, "{last}");
    }
}

/// The algorithm is the merchant's setting: neither `signtype` in a response nor the verifier at
/// hand changes it.
#[test]
fn the_algorithm_is_configured() {
    let (rsa, sm2) = (Platform::rsa(), Platform::sm2());
    let bodies = [rsa.seal(SIGNED, SIGNED_STRING), sm2.seal(SIGNED, SIGNED_STRING)];
    let PrivateKey::Rsa(key) = demo_key("test", "rsa") else { panic!("an RSA key") };
    let sha256 = RsaVerifier::new(&key.public_key(), RsaDigest::Sha256);
    let by_sha256 = RsaSigner::new(&key, RsaDigest::Sha256).sign(&[SIGNED_STRING.as_bytes()]).unwrap();
    assert_eq!(sha256.verify(&[SIGNED_STRING.as_bytes()], by_sha256.as_bytes()), Ok(()));
    let sha256_body = format!("{{{SIGNED},\"sign\":\"{}\"}}", by_sha256.to_base64()).into_bytes();

    assert_eq!(sm2.merchant().open(&bodies[0], &*rsa.verifier), Err(ResponseError::BadSignature));
    assert_eq!(rsa.merchant().open(&bodies[1], &*sm2.verifier), Err(ResponseError::BadSignature));
    assert_eq!(sm2.merchant().open(&bodies[0], &*sm2.verifier), Err(ResponseError::BadSignature));
    assert_eq!(rsa.merchant().open(&sha256_body, &sha256), Err(ResponseError::BadSignature));
    assert_eq!(rsa.merchant().open(&sha256_body, &*rsa.verifier), Err(ResponseError::BadSignature));

    // `signtype` in a response is a member like any other: signed, and not obeyed.
    let members = format!(r#"{SIGNED},"signtype":"MD5""#);
    let body = rsa.seal(&members, &format!("{SIGNED_STRING}&signtype=MD5"));
    assert_eq!(rsa.open(&body).unwrap().get("signtype"), Some("MD5"));

    // A verifier that expects DER, or another user id, takes nothing of the platform's.
    let PrivateKey::Sm2(key) = demo_key("production_demo", "sm2") else { panic!("an SM2 key") };
    for (user, encoding) in [
        (PLATFORM_USER_ID, Sm2SignatureEncoding::Der),
        (APPID, Sm2SignatureEncoding::Raw),
        (SM2_DEFAULT_USER_ID, Sm2SignatureEncoding::Raw),
    ] {
        let other = Sm2Verifier::new(&key.public_key(), user, encoding).unwrap();
        assert_eq!(sm2.merchant().open(&bodies[1], &other), Err(ResponseError::BadSignature), "{user} {encoding:?}");
    }
}

#[test]
fn a_member_that_stands_twice_is_malformed() {
    for platform in both() {
        for (members, string) in [
            (r#""retcode":"SUCCESS","retcode":"SUCCESS""#, "retcode=SUCCESS"),
            (r#""retcode":"FAIL","retcode":"SUCCESS""#, "retcode=SUCCESS"),
            (r#""retcode":"SUCCESS","appid":"00000051","app\u0069d":"00000052""#, "appid=00000051&retcode=SUCCESS"),
            (r#""retcode":"SUCCESS","new":"1","new":"1""#, "new=1&retcode=SUCCESS"),
            (r#""retcode":"SUCCESS","new":"1","n\u0065w":"""#, "new=1&retcode=SUCCESS"),
            (r#""retcode":"SUCCESS","new":null,"new":null"#, "retcode=SUCCESS"),
            (r#""sign":"","retcode":"SUCCESS""#, "retcode=SUCCESS"),
            (r#""sign":null,"retcode":"SUCCESS""#, "retcode=SUCCESS"),
            (r#""s\u0069gn":"AAAA","retcode":"SUCCESS""#, "retcode=SUCCESS"),
            (r#""":"1","":"2","retcode":"SUCCESS""#, "=1&retcode=SUCCESS"),
        ] {
            let body = platform.seal(members, string);
            let error = platform.open(&body).unwrap_err();
            assert!(malformed(&error) && error.to_string().contains("stands twice"), "{members}: {error}");
            assert!(Members::parse(&body).is_err(), "{members}");
        }
        // Inside a member's own value, names are that value's business.
        let body = platform.seal(r#""retcode":"SUCCESS","o":{"a":1,"a":2}"#, r#"o={"a":1,"a":2}&retcode=SUCCESS"#);
        assert!(platform.open(&body).is_ok());
    }
}

/// The same string to sign, cut into members otherwise: without `appid`, without `handlestate`.
#[test]
fn a_response_that_hides_members_is_malformed() {
    for platform in both() {
        for (honest, name, value, string) in [
            (
                r#""acct":"1","appid":"00000052","cusid":"990440148166000","retcode":"SUCCESS""#,
                r#""acct":"1","appid=00000052&cusid":"990440148166000","retcode":"SUCCESS""#,
                r#""acct":"1&appid=00000052&cusid=990440148166000","retcode":"SUCCESS""#,
                "acct=1&appid=00000052&cusid=990440148166000&retcode=SUCCESS",
            ),
            (
                r#""handlemsg":"x","handlestate":"3999","retcode":"SUCCESS""#,
                r#""handlemsg=x\u0026handlestate":"3999","retcode":"SUCCESS""#,
                r#""handlemsg":"x\u0026handlestate=3999","retcode":"SUCCESS""#,
                "handlemsg=x&handlestate=3999&retcode=SUCCESS",
            ),
            (
                r#""a":1,"records":"e30=","retcode":"SUCCESS""#,
                r#""a=1&records":"e30=","retcode":"SUCCESS""#,
                r#""a":"1&records=e30=","retcode":"SUCCESS""#,
                "a=1&records=e30=&retcode=SUCCESS",
            ),
            (
                r#""randomstr":"1","retcode":"FAIL""#,
                r#""randomstr=1&retcode":"FAIL""#,
                r#""randomstr":"1&retcode=FAIL","retcode":"SUCCESS""#,
                "randomstr=1&retcode=FAIL",
            ),
        ] {
            let honest = platform.seal(honest, string);
            assert!(!platform.open(&honest).is_err_and(|error| malformed(&error)));
            for hiding in [name, value] {
                let error = platform.open(&platform.seal(hiding, string)).unwrap_err();
                assert!(malformed(&error), "{hiding}: {error}");
            }
        }
        // Other addresses and words have their ampersands.
        for (members, string) in [
            (r#""url":"https://a?b=1&c=2&appid","retcode":"SUCCESS""#, "retcode=SUCCESS&url=https://a?b=1&c=2&appid"),
            (r#""retmsg":"appid=1 & cusid=2","retcode":"SUCCESS""#, "retcode=SUCCESS&retmsg=appid=1 & cusid=2"),
        ] {
            assert!(platform.open(&platform.seal(members, string)).is_ok(), "{members}");
        }
    }
}

#[test]
fn a_response_has_no_more_members_than_fit() {
    let platform = Platform::sm2();
    let names: Vec<String> = (0..MAX_RESPONSE_MEMBERS).map(|at| format!("m{at}")).collect();
    // Two of a success, and the signature.
    let members: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "1")).collect();
    assert!(platform.open(&platform.success(&members[3..])).is_ok());
    assert!(malformed(&platform.open(&platform.success(&members[2..])).unwrap_err()));
}

#[test]
fn an_error_names_what_was_expected_of_a_response() {
    for text in ["[]", "1", "\"canary\""] {
        let error = Members::parse(text.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("a response: expected an object, line 1 "), "{text}: {error}");
    }
}

#[test]
fn a_response_for_another_merchant_is_refused() {
    for platform in both() {
        let opened = |merchant: &Merchant, members: &[(&str, &str)]| {
            merchant.open(&platform.success(members), &*platform.verifier).map(|_| ())
        };
        let merchant = platform.merchant();
        let agent = merchant.clone().with_orgid("55058100780004S").unwrap();
        for own in [
            &[][..],
            &[("appid", "\"00000051\"")],
            &[("cusid", "\"990581007426001\"")],
            &[("appid", "\"0000005\\u0031\""), ("cusid", "\"990581007426001\"")],
            &[("appid", "\"\""), ("cusid", "null")],
            // The organisation is not compared, where it is not given as a merchant.
            &[("orgid", "\"55058100780004S\"")],
        ] {
            assert_eq!(opened(&merchant, own), Ok(()), "{own:?}");
            assert_eq!(opened(&agent, own), Ok(()), "{own:?}");
        }
        for foreign in [
            &[("appid", "\"00000052\"")][..],
            &[("appid", "51")],
            &[("appid", "\"00000051 \"")],
            &[("appid", "\"990581007426001\"")],
            &[("cusid", "\"990581007426002\"")],
            &[("cusid", "\"00000051\"")],
            &[("cusid", "990581007426002")],
            &[("appid", "\"00000051\""), ("cusid", "\"x\"")],
            &[("appid", "\"x\""), ("cusid", "\"990581007426001\"")],
            &[("appid", "[\"00000051\"]")],
        ] {
            assert_eq!(opened(&merchant, foreign), Err(ResponseError::WrongAppid), "{foreign:?}");
            assert_eq!(opened(&agent, foreign), Err(ResponseError::WrongAppid), "{foreign:?}");
        }
        // The organisation's number is the organisation's alone.
        let of_organisation: &[(&str, &str)] = &[("cusid", "\"55058100780004S\"")];
        assert_eq!(opened(&agent, of_organisation), Ok(()));
        assert_eq!(opened(&agent.about("111").unwrap(), of_organisation), Ok(()));
        assert_eq!(opened(&merchant, of_organisation), Err(ResponseError::WrongAppid));
        let about = agent.about("111").unwrap();
        assert_eq!(opened(&about, &[("cusid", "\"111\"")]), Ok(()));
        assert_eq!(opened(&about, &[("cusid", "\"990581007426001\"")]), Err(ResponseError::WrongAppid));

        // Whom a forgery names is of no interest.
        let body = platform.seal(r#""retcode":"SUCCESS","appid":"00000052""#, "retcode=SUCCESS");
        assert_eq!(platform.open(&body), Err(ResponseError::BadSignature));
    }
}

#[test]
fn a_refusal_is_kept_and_not_believed() {
    for platform in both() {
        let signed = platform.response(&[("retcode", "\"FAIL\""), ("retmsg", "\"商户不存在\"")]);
        let forged = br#"{"retcode":"FAIL","retmsg":"\u5546\u6237\u4e0d\u5b58\u5728","sign":"AAAA"}"#;
        let plain = r#"{"retcode":"FAIL","retmsg":"商户不存在"}"#.as_bytes();
        let foreign = r#"{"retcode":"FAIL","retmsg":"商户不存在","appid":"00000052"}"#.as_bytes();
        for body in [&signed, &forged[..], plain, foreign] {
            let error = platform.open(body).unwrap_err();
            assert_eq!((error.failure().fault, error.failure().delivery), (Fault::Caller, Delivery::Unknown));
            assert!(error.to_string().contains("unauthenticated"), "{error}");
            let ResponseError::Rejected { retcode, retmsg } = error else { panic!("{error}") };
            assert_eq!(retcode, "FAIL");
            assert_eq!(retmsg.expect("there are words").trust_anyway().expose(), "商户不存在");
        }
        // Anything but the one word is no success, under any signature.
        for (json, code) in [
            (r#""FAIL""#, "FAIL"),
            (r#""success""#, "success"),
            (r#""SUCCESS ""#, "SUCCESS "),
            ("0", "0"),
            ("true", "true"),
            ("[]", "[]"),
        ] {
            let error = platform.open(&platform.response(&[("retcode", json)])).unwrap_err();
            assert_eq!(error, ResponseError::Rejected { retcode: code.to_owned(), retmsg: None }, "{json}");
        }
    }
}

#[test]
fn another_document_is_malformed_as_a_response() {
    let platform = Platform::rsa();
    let bodies: &[&[u8]] = &[
        b"",
        b" ",
        b"null",
        b"\"SUCCESS\"",
        b"1",
        b"[]",
        br#"[{"retcode":"SUCCESS"}]"#,
        b"{}",
        br#"{"retmsg":"x"}"#,
        br#"{"retcode":null}"#,
        br#"{"retcode":""}"#,
        br#"{"RETCODE":"FAIL"}"#,
        br#"{"retcode":"FAIL""#,
        br#"{"retcode":"FAIL"}}"#,
        br#"{"retcode":"FAIL"} x"#,
        br#"{"retcode":"FAIL"}{"retcode":"FAIL"}"#,
        br#"{"retcode":"FAIL",}"#,
        br#"{'retcode':'FAIL'}"#,
        br#"{retcode:"FAIL"}"#,
        br#"{"retcode":FAIL}"#,
        br#"{1:"FAIL"}"#,
        b"{\"retcode\":\"FAIL\xff\"}",
        br#"{"retcode":"FAIL","a":007}"#,
        br#"{"retcode":"FAIL","a":1.}"#,
        br#"{"retcode":"FAIL","a":.5}"#,
        br#"{"retcode":"FAIL","a":+1}"#,
        br#"{"retcode":"FAIL","a":NaN}"#,
        br#"{"retcode":"FAIL","a":"\x41"}"#,
        b"<html>502 Bad Gateway</html>",
        b"retcode=FAIL&retmsg=x",
    ];
    for body in bodies {
        let error = platform.open(body).unwrap_err();
        assert!(malformed(&error), "{}: {error}", String::from_utf8_lossy(body));
        assert_eq!((error.failure().fault, error.failure().delivery), (Fault::Platform, Delivery::Unknown));
        assert!(error.to_string().starts_with("a response: "), "{error}");
    }
    let error = platform.open(b"{\"retcode\":\"FAIL\",\n\"a\":007}").unwrap_err();
    assert_eq!(error.to_string(), "a response: invalid number, line 2 column 6");
    assert_eq!(
        platform.open(br#"{"a":1}"#).unwrap_err().to_string(),
        "a response: missing member `retcode`, line 1 column 8"
    );
}

#[test]
fn the_largest_response_is_taken_and_a_larger_one_is_not() {
    let platform = Platform::sm2();
    let mut body = platform.seal(SIGNED, SIGNED_STRING);
    body.resize(MAX_BASE64_IMAGE_BODY, b' ');
    assert!(platform.open(&body).is_ok());
    assert!(Members::parse(&body).is_ok());
    body.push(b' ');
    let large = |limit| ResponseError::TooLarge { limit };
    let error = large(MAX_BASE64_IMAGE_BODY);
    assert_eq!(platform.open(&body), Err(error.clone()));
    assert_eq!(Members::parse(&body).map(|_| ()), Err(error.clone()));
    assert_eq!((error.failure().fault, error.failure().delivery), (Fault::Peer, Delivery::Unknown));
    assert_eq!(error.to_string(), "the response has more than 15728640 bytes");

    // What becomes a model has the bound of every other.
    let with_records = |length: usize| {
        let mut document = RECORD.as_bytes().to_vec();
        document.resize(length / 4 * 3, b' ');
        platform.records(document)
    };
    assert!(platform.decode::<WxComplaintDetail>(&with_records(MAX_RESPONSE_BODY)).is_ok());
    let larger = with_records(MAX_RESPONSE_BODY + 4);
    assert_eq!(platform.decode::<WxComplaintDetail>(&larger).map(|_| ()), Err(large(MAX_RESPONSE_BODY)));
    assert_eq!(platform.decode::<WxComplaintHistory>(&larger).map(|_| ()), Err(large(MAX_RESPONSE_BODY)));
}

/// A signature is over what stands there, raw or as an escape.
#[test]
fn raw_control_characters_in_a_text_are_read_and_signed() {
    for platform in both() {
        let body = String::from_utf8(platform.success(&[("retmsg", r#""一\n二\t\u0007""#)])).unwrap();
        let raw = body.replace(r"\n", "\n").replace(r"\t", "\t").replace(r"\u0007", "\u{7}");
        assert_ne!(raw, body);
        let response = platform.open(raw.as_bytes()).unwrap();
        assert_eq!(response.get("retmsg"), Some("一\n二\t\u{7}"));
        let forged = raw.replace('一', "三");
        assert_eq!(platform.open(forged.as_bytes()).err(), Some(ResponseError::BadSignature));
        // A refusal is one, whatever its words.
        for retmsg in ["a\nb", r"a\ud83d", r"\udc00", r"\u12", "\u{7}"] {
            let refusal =
                platform.open(format!(r#"{{"retcode":"FAIL","retmsg":"{retmsg}"}}"#).as_bytes()).err().unwrap();
            assert!(matches!(refusal, ResponseError::Rejected { .. }), "{refusal:?}");
        }
    }
}

#[test]
fn a_deep_member_costs_no_stack() {
    let platform = Platform::sm2();
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let body = platform.success(&[("deep", &deep)]);
    assert_eq!(platform.open(&body).unwrap().get("deep"), Some(&*deep));
    // An unknown member is kept as its text; one that is known does not fit with such
    // depth, and is kept as well.
    let records = |member: &str| platform.records(format!(r#"{{"complaint_id":"1","{member}":{deep}}}"#));
    let complaint = platform.decode::<WxComplaintDetail>(&records("new")).unwrap();
    assert_eq!(complaint.extra.get("new"), Some(&*deep));
    let complaint = platform.decode::<WxComplaintDetail>(&records("complaint_media_list")).unwrap();
    assert_eq!(complaint.misfits()[0].place(), "complaint_media_list");
    assert_eq!(complaint.extra.get("complaint_media_list"), Some(&*deep));
}

const RECORD: &str = r#"{"complaint_id":"200201820200101080076610000","complaint_detail":"投诉"}"#;

#[test]
fn records_are_read_with_blanks_in_their_base64() {
    for platform in both() {
        let text = to_base64(RECORD);
        let lines = |end: &str| {
            text.as_bytes().chunks(20).map(|line| std::str::from_utf8(line).unwrap()).collect::<Vec<_>>().join(end)
        };
        for written in
            [text.clone(), lines("\\r\\n"), lines("\\n"), lines(" "), format!(" {text}\\t"), lines("\\u000a")]
        {
            // The signature covers the blanks.
            let body = platform.success(&[("records", &format!("\"{written}\""))]);
            let complaint = platform.decode::<WxComplaintDetail>(&body).unwrap();
            assert_eq!(complaint.complaint_id, "200201820200101080076610000");
            if written != text {
                let stripped = String::from_utf8(body).unwrap().replace(&written, &text);
                assert_eq!(platform.open(stripped.as_bytes()), Err(ResponseError::BadSignature));
            }
        }
    }
}

#[test]
fn records_are_looked_at_after_the_signature() {
    let history = r#"{"data":[{"operator":"x"}]}"#;
    for (label, records) in [
        ("no base64", "\"***\"".to_owned()),
        ("the URL alphabet", format!("\"{}\"", to_base64(b"\xfb\xff\xfe").replace('+', "-").replace('/', "_"))),
        ("no padding", format!("\"{}\"", to_base64("{}").trim_end_matches('='))),
        ("bits behind the last byte", r#""e31=""#.to_owned()),
        ("no JSON", format!("\"{}\"", to_base64("<html>"))),
        ("half of JSON", format!("\"{}\"", to_base64(&RECORD[..20]))),
        ("two documents", format!("\"{}\"", to_base64(format!("{RECORD}{RECORD}")))),
        ("no UTF-8", format!("\"{}\"", to_base64(b"{\"complaint_id\":\"\xff\"}"))),
        ("JSON of another shape", format!("\"{}\"", to_base64("[1]"))),
        ("an entry without its id", format!("\"{}\"", to_base64(history))),
        ("the document itself", serde_json::to_string(RECORD).unwrap()),
        ("the document as an object", RECORD.to_owned()),
        ("a number", "12345678".to_owned()),
    ] {
        for platform in both() {
            let body = platform.success(&[("records", &records)]);
            assert!(platform.open(&body).is_ok(), "{label}");
            let mut errors = vec![platform.decode::<WxComplaintDetail>(&body).unwrap_err()];
            let history = platform.decode::<WxComplaintHistory>(&body);
            if ["JSON of another shape", "an entry without its id"].contains(&label) {
                // Where it is an entry that cannot be read, the others would be.
                assert_eq!(history.unwrap().unreadable.len(), 1, "{label}");
            } else {
                errors.push(history.unwrap_err());
            }
            for error in errors {
                assert!(matches!(error, ResponseError::Malformed(_)), "{label}: {error}");
                assert!(!error.failure().is_retryable, "{label}: what was signed will not be another one");
            }
            // If they are forged, the error does not say what is wrong with them.
            let forged = String::from_utf8(body).unwrap().replace("abc", "abd");
            let error = platform.decode::<WxComplaintDetail>(forged.as_bytes()).unwrap_err();
            assert_eq!(error, ResponseError::BadSignature, "{label}");
            // Of an act, anything may be a refusal but an empty object.
            let body = platform.success(&[("records", &records)]);
            let is_empty = ["no padding", "bits behind the last byte"].contains(&label);
            assert_eq!(platform.decode::<ComplaintsComplete>(&body).is_ok(), is_empty, "{label}");
        }
    }
    let platform = Platform::sm2();
    let missing = platform.decode::<WxComplaintDetail>(&platform.success(&[])).unwrap_err();
    let why = "the request succeeded, but the response could not be parsed: records: missing, line 1 column 1";
    assert_eq!(missing.to_string(), why);
}

#[test]
fn every_error_says_whose_fault_it_is() {
    let platform = Platform::sm2();
    let failed = platform.success(&[("handlestate", "\"3999\""), ("handlemsg", "\"处理失败\"")]);
    let failed = platform.decode::<ComplaintsComplete>(&failed).unwrap_err();
    for (error, fault, delivery, words) in [
        (ResponseError::BadSignature, Fault::Peer, Delivery::Unknown, "the signature does not verify"),
        (
            ResponseError::NoSignature(NoSignature::Missing),
            Fault::Peer,
            Delivery::Unknown,
            "the response has no `sign`",
        ),
        (
            ResponseError::WrongAppid,
            Fault::Peer,
            Delivery::Unknown,
            "the response is for another application or merchant",
        ),
        (failed, Fault::Platform, Delivery::Processed, "the platform reports that the request failed"),
    ] {
        assert_eq!(
            (error.failure().fault, error.failure().delivery, error.to_string().as_str()),
            (fault, delivery, words)
        );
    }
}

/// Every published platform key makes a verifier of the key's algorithm; none of them accepts a
/// demo key's signature.
#[test]
fn published_keys_verify_nothing_of_others() {
    for key in protocol_core::allinpay::PUBLISHED_PLATFORM_KEYS {
        let public = protocol_core::crypto::PublicKey::read(key.spki.as_bytes()).unwrap();
        let published = verifier(&public).unwrap();
        for platform in both() {
            let merchant = Merchant::new(APPID, CUSID, key.sign_type).unwrap();
            let body = platform.seal(SIGNED, SIGNED_STRING);
            assert_eq!(merchant.open(&body, &*published), Err(ResponseError::BadSignature), "{}", key.name);
        }
    }
    assert_eq!([SignType::Rsa.as_str(), SignType::Sm2.as_str()], ["RSA", "SM2"]);
}

#[test]
fn only_what_is_no_response_at_all_is_worth_another_try() {
    let platform = Platform::sm2();
    let merchant = platform.merchant();
    let open = |body: &[u8]| merchant.open(body, &*platform.verifier).unwrap_err();
    for page in ["<html>", "", "[]", "{}"] {
        assert!(open(page.as_bytes()).failure().is_retryable, "{page}");
    }
    let refused = open(r#"{"retcode":"FAIL","retmsg":"处理失败"}"#.as_bytes());
    let forged = open(br#"{"retcode":"SUCCESS","sign":"AAAA"}"#);
    let foreign = open(&platform.success(&[("appid", "\"00000052\"")]));
    let failed = platform.decode::<ComplaintsComplete>(&platform.success(&[("handlestate", "\"3999\"")])).unwrap_err();
    let unreadable = platform.decode::<WxComplaintDetail>(&platform.records("no JSON")).unwrap_err();
    for error in [&refused, &forged, &foreign, &failed, &unreadable] {
        assert!(!error.failure().is_retryable, "{error}");
    }
    // None of them proves that nothing happened, but the one that is signed.
    for error in [&refused, &forged, &foreign, &unreadable] {
        assert_eq!(error.failure().delivery, Delivery::Unknown, "{error}");
    }
    assert_eq!(failed.failure().delivery, Delivery::Processed);
}
