//! A request's `Authorization` header. Goal: at most 0.5 µs above its floor.
//!
//! The floor has the time as text and checks nothing: aws-lc's RSA signature over the parts,
//! base64, one `format!`. Ours makes the whole request with the header.
//!
//! An RSA signature takes hundreds of microseconds and varies by several, which hides the overhead.
//! The second line shows the overhead alone, and has the goal: both sides use a signature made
//! beforehand.

use std::hint::black_box;

use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::crypto::{PrivateKey, SignatureAlgorithm, Signer};
use protocol_core::wechat_pay::{Merchant, Scheme, signer};
use protocol_core::{Method, RequestParts, Stamp, UnixTime, UnsentRequest};

use benches::alternate::Alternate;
use benches::comparison::{Comparison, Goal};
use benches::paths::Yes;

const KEY: &str = include_str!("../../crates/protocol-core/tests/vectors/wechatpay/official/apiclient_test_key.pem");
const MCHID: &str = "1900007291";
const SERIAL_NO: &str = "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB";
const TARGET: &str = "/v3/merchant-service/complaints-v2/200201820200101080076610000";
const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";
const NOW: UnixTime = UnixTime(1_741_936_166);
const NOW_AS_TEXT: &str = "1741936166";

pub(crate) fn compare(bench: Alternate) -> Vec<Comparison> {
    let merchant = Merchant::new(MCHID, SERIAL_NO, Scheme::Rsa).unwrap();
    let signer = signer(&PrivateKey::read(KEY.as_bytes()).unwrap()).unwrap();
    let ours = |signer: &dyn Signer| -> UnsentRequest {
        let parts = RequestParts::without_body(Method::Get, black_box(TARGET));
        let stamp = Stamp { now: black_box(NOW), nonce: black_box(NONCE) };
        merchant.prepare_parts(parts, &stamp).unwrap().sign(signer).unwrap()
    };

    let base64: String = KEY.lines().filter(|line| !line.starts_with("-----")).collect();
    let key = RsaKeyPair::from_pkcs8(&STANDARD.decode(base64).unwrap()).unwrap();
    let floor = |sign: &dyn Fn(&[&[u8]]) -> Vec<u8>| -> String {
        floor(sign, black_box(TARGET), black_box(NOW_AS_TEXT), black_box(NONCE))
    };

    let request = ours(&*signer);
    let header = floor(&|parts| sign(&key, parts));
    assert_eq!(request.headers().find(|(name, _)| *name == "Authorization"), Some(("Authorization", header.as_str())));

    let made = Yes(SignatureAlgorithm::RsaSha256);
    let signature = made.sign(&[]).unwrap();
    vec![
        bench.compare("authorization", || floor(&|parts| sign(&key, parts)), || ours(&*signer)),
        bench
            .compare("authorization_without_rsa", || floor(&|_| signature.as_bytes().to_vec()), || ours(&made))
            .goal(Goal::OverheadNs(500.0)),
    ]
}

fn floor(sign: &dyn Fn(&[&[u8]]) -> Vec<u8>, target: &str, timestamp: &str, nonce: &str) -> String {
    let signature = sign(&["GET\n", target, "\n", timestamp, "\n", nonce, "\n\n"].map(str::as_bytes));
    let signature = STANDARD.encode(signature);
    format!(
        "WECHATPAY2-SHA256-RSA2048 mchid=\"{MCHID}\",nonce_str=\"{nonce}\",signature=\"{signature}\",timestamp=\"{timestamp}\",serial_no=\"{SERIAL_NO}\""
    )
}

fn sign(key: &RsaKeyPair, parts: &[&[u8]]) -> Vec<u8> {
    let mut digest = Context::new(&SHA256);
    parts.iter().for_each(|part| digest.update(part));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign_digest(&RSA_PKCS1_SHA256, &digest.finish(), &mut signature).unwrap();
    signature
}
