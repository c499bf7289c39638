//! An `Authorization` header: what is read is written back, and what a merchant writes is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol_core::crypto::Signature;
use protocol_core::wechat_pay::{Authorization, Merchant, Scheme};
use protocol_core::{Method, RequestParts, Stamp};

fn comes_back(header: &str) -> bool {
    match fuzz::within(16, header.len(), || Authorization::parse(header)) {
        Ok(read) => {
            let written = read.to_string();
            let again = Authorization::parse(&written).expect("what was written can be read");
            assert!(again == read);
            assert_eq!(again.to_string(), written);
            true
        }
        Err(error) => {
            fuzz::quiet(&error);
            false
        }
    }
}

/// A request of a merchant whose ids, nonce and target are whatever the lines say; `None` where one
/// cannot be signed.
fn of_a_merchant(text: &str) -> Option<()> {
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (mchid, serial_no, nonce, target) = (line(), line(), line(), line());
    let merchant = Merchant::new(mchid, serial_no, Scheme::Sm2).ok()?;
    let stamp = Stamp { now: fuzz::NOW, nonce };
    let unsigned = merchant.prepare_parts(RequestParts::without_body(Method::Get, target.to_owned()), &stamp).ok()?;
    let signed = unsigned.parts_to_sign().concat();
    assert_eq!(signed, format!("GET\n{target}\n{}\n{nonce}\n\n", fuzz::NOW).into_bytes());
    let request = unsigned.attach(&Signature::new(signed));
    let (_, header) = request.headers().find(|(name, _)| *name == "Authorization")?;
    assert!(comes_back(header) && header.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    let read = Authorization::parse(header).expect("it comes back");
    assert_eq!((&*read.mchid, &*read.serial_no, &*read.nonce_str), (mchid, serial_no, nonce));
    assert_eq!((&*read.scheme, read.timestamp), (Scheme::Sm2.as_str(), fuzz::NOW));
    Some(())
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    comes_back(text);
    of_a_merchant(text);
});
