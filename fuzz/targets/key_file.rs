//! A key file: it is at most one kind of thing, whatever its line ends and the blanks around it, and what is read works.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol_core::crypto::{
    Certificate, Expected, KeyError, PrivateKey, PublicKey, Signer as _, Sm2SignatureEncoding, Sm2Signer,
};
use protocol_core::wechat_pay::verifier;

fn refused(error: KeyError, needed: Expected) {
    fuzz::quiet(&error);
    if let KeyError::Mismatch { expected, .. } = error {
        assert_eq!(expected, needed);
    }
}

/// Nothing verifies under a key but what it signed, and nothing about a key makes that panic.
fn works(key: &PublicKey) {
    let verifier = verifier(key).expect("a key verifies");
    for signature in [vec![], vec![1; 64], vec![0x5a; 128], vec![0x5a; 256], vec![0x5a; 512]] {
        assert!(verifier.verify(&[b"message"], &signature).is_err());
    }
}

fuzz_target!(|bytes: &[u8]| {
    let private = fuzz::within(128, bytes.len(), || PrivateKey::read(bytes));
    let public = fuzz::within(128, bytes.len(), || PublicKey::read(bytes));
    let certificate = fuzz::within(128, bytes.len(), || Certificate::read(bytes));
    let either = fuzz::within(128, bytes.len(), || PublicKey::read_with_certificate(bytes));
    let kinds = [private.is_ok(), public.is_ok(), certificate.is_ok()];
    assert!(kinds.iter().filter(|&&kind| kind).count() <= 1, "{kinds:?}");
    assert_eq!(either.is_ok(), public.is_ok() || certificate.is_ok());

    if let Ok(text) = std::str::from_utf8(bytes) {
        let pasted = format!("\u{feff}\r\n {}\r\n\r\n", text.replace("\r\n", "\n").replace('\n', "\r\n"));
        if pasted.len() < 60_000 && text.contains("-----") {
            assert_eq!(PublicKey::read_with_certificate(pasted.as_bytes()), either);
            assert_eq!(PrivateKey::read(pasted.as_bytes()).is_ok(), private.is_ok());
        }
    }
    match &private {
        Ok(key) => {
            works(&key.public_key());
            if let PrivateKey::Sm2(key) = key {
                let signer = Sm2Signer::new(key, "1234567812345678", Sm2SignatureEncoding::Der).expect("a signer");
                let signature = signer.sign(&[b"message"]).expect("a key signs");
                let verifier = verifier(&PublicKey::Sm2(key.public_key())).expect("a key verifies");
                assert!(verifier.verify(&[b"message"], signature.as_bytes()).is_ok());
            }
        }
        Err(error) => refused(*error, Expected::PrivateKey),
    }
    match &public {
        Ok(key) => assert_eq!(either, Ok((key.clone(), None))),
        Err(error) => refused(*error, Expected::PublicKey),
    }
    match &certificate {
        Ok(certificate) => {
            assert!(certificate.serial_no().bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte)));
            assert_eq!(either, Ok((certificate.public_key().clone(), Some(certificate.clone()))));
        }
        Err(error) => refused(*error, Expected::Certificate),
    }
    match &either {
        Ok((key, _)) => works(key),
        Err(error) => refused(*error, Expected::PublicKeyOrCertificate),
    }
});
