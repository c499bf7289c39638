//! A key file: one document in it is at most one kind of thing, whatever it is written in and
//! whatever stands around it; and what is read works.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use protocol_core::codec::text_of_file;
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

/// Only messages that a key signed verify under it, and no key makes that panic.
fn works(key: &PublicKey) {
    let verifier = verifier(key).expect("a key verifies");
    for signature in [vec![], vec![1; 64], vec![0x5a; 128], vec![0x5a; 256], vec![0x5a; 512]] {
        assert!(verifier.verify(&[b"message"], &signature).is_err());
    }
}

/// The result of each reader for a file; for a private key, its public half.
#[derive(Debug, PartialEq)]
struct Readings {
    private: Result<PublicKey, KeyError>,
    public: Result<PublicKey, KeyError>,
    certificate: Result<Certificate, KeyError>,
    either: Result<(PublicKey, Option<Certificate>), KeyError>,
}

fn readings(file: &[u8]) -> Readings {
    Readings {
        private: PrivateKey::read(file).map(|key| key.public_key()),
        public: PublicKey::read(file),
        certificate: Certificate::read(file),
        either: PublicKey::read_with_certificate(file),
    }
}

/// The same text, saved and pasted otherwise: nothing changes.
fn otherwise(text: &str, expected: &Readings) {
    let crlf = text.replace("\r\n", "\n").replace('\n', "\r\n");
    let marked = format!("\u{feff}{text}");
    let mut files = vec![
        format!("\u{feff}\r\n {crlf}\r\n\r\n").into_bytes(),
        marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ];
    if text.contains("-----BEGIN ") {
        files.push([b"\xc9\xcc\xbb\xa7\n", text.as_bytes(), b"\n\xff"].concat());
    }
    for file in files.iter().filter(|file| file.len() < 60_000) {
        assert_eq!(readings(file), *expected);
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fuzz_target!(|bytes: &[u8]| {
    let private = fuzz::within(128, bytes.len(), || PrivateKey::read(bytes));
    let public = fuzz::within(128, bytes.len(), || PublicKey::read(bytes));
    let certificate = fuzz::within(128, bytes.len(), || Certificate::read(bytes));
    let either = fuzz::within(128, bytes.len(), || PublicKey::read_with_certificate(bytes));
    let kinds = [private.is_ok(), public.is_ok(), certificate.is_ok()];
    let blocks = text_of_file(bytes).windows(11).filter(|window| window == b"-----BEGIN ").count();
    // Of several blocks, each reader takes the first that is its own.
    if blocks < 2 {
        assert!(kinds.iter().filter(|&&kind| kind).count() <= 1, "{kinds:?}");
        assert_eq!(either.is_ok(), public.is_ok() || certificate.is_ok());
    }
    assert!(either.is_err() || public.is_ok() || certificate.is_ok());

    let read = readings(bytes);
    match std::str::from_utf8(bytes) {
        // With a zero in it, text may be UTF-16 already.
        Ok(text) if text.contains("-----") && !text.contains('\0') => otherwise(text, &read),
        // DER: not a block among other bytes.
        Err(_) if blocks == 0 && bytes.first() == Some(&0x30) && kinds.contains(&true) => {
            assert_eq!(readings(hexadecimal(bytes).as_bytes()), read);
            assert_eq!(readings(format!("\"{}\"", STANDARD.encode(bytes)).as_bytes()), read);
        }
        _ => {}
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
        Ok(key) => assert!(either == Ok((key.clone(), None)) || kinds[2] || either.is_err()),
        Err(error) => refused(*error, Expected::PublicKey),
    }
    match &certificate {
        Ok(certificate) => {
            assert!(certificate.serial_no().bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte)));
            let with_key = Ok((certificate.public_key().clone(), Some(certificate.clone())));
            assert!(either == with_key || kinds[1] || either.is_err());
        }
        Err(error) => refused(*error, Expected::Certificate),
    }
    match &either {
        Ok((key, _)) => works(key),
        Err(error) => refused(*error, Expected::PublicKeyOrCertificate),
    }
});
