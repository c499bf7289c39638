//! Key files as people save them: read by their content, or refused with the kind of file and the
//! command to run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test states what must hold, and vectors are files"
)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::crypto::{Certificate, Expected, Found, KeyError, PrivateKey, PublicKey};

mod key_file_cases;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/wechatpay/");
const RSA_KEY: &str = "java/merchant_private_key.pem";
const RSA_CERTIFICATE: &str = "java/wechat_pay_certificate.pem";
const RSA_PUBLIC: &str = "java/wechat_pay_public_key.pem";
const SM2_KEY: &str = "java-shangmi/merchant_private_key.pem";
const SM2_CERTIFICATE: &str = "java-shangmi/merchant_certificate.pem";

fn pem(file: &str) -> String {
    std::fs::read_to_string(format!("{VECTORS}{file}")).unwrap()
}

/// The base64 of a file's one block, on one line.
fn body(file: &str) -> String {
    pem(file).lines().filter(|line| !line.starts_with("-----")).collect()
}

fn bytes(file: &str) -> Vec<u8> {
    STANDARD.decode(body(file)).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The public half of what is read as a private key.
#[track_caller]
fn half(file: impl AsRef<[u8]>) -> PublicKey {
    PrivateKey::read(file.as_ref()).unwrap_or_else(|error| panic!("{error}")).public_key()
}

fn mismatch(found: Found, expected: Expected) -> KeyError {
    KeyError::Mismatch { found, expected }
}

#[test]
fn bytes_outside_a_block_may_be_of_any_encoding() {
    // 商户私钥 in GBK, Latin-1, a lone continuation byte, a backslash that GBK has as a second byte,
    // and UTF-8.
    for comment in [
        &b"# \xc9\xcc\xbb\xa7\xcb\xbd\xd4\xbf\r\n"[..],
        b"cl\xe9 priv\xe9e\n",
        b"\x80",
        b"\x81\x5c-\x81\x5c\n",
        "商户私钥\n".as_bytes(),
        b"Bag Attributes\n    friendlyName: \xff\xfe\n",
    ] {
        let around = [comment, pem(RSA_KEY).as_bytes(), comment].concat();
        assert_eq!(half(&around), half(pem(RSA_KEY)));
        let around = [comment, pem(RSA_CERTIFICATE).as_bytes(), comment].concat();
        assert_eq!(Certificate::read(&around), Certificate::read(pem(RSA_CERTIFICATE).as_bytes()));
    }
    // Within the block, it is damage.
    let broken = pem(RSA_KEY).replacen("MII", "MI\u{fffd}", 1);
    assert_eq!(PrivateKey::read(broken.as_bytes()).unwrap_err(), mismatch(Found::DamagedPem, Expected::PrivateKey));
    // An invisible character is none: web pages put it between words.
    assert_eq!(half(pem(RSA_KEY).replacen("MII", "M\u{200b}I\u{a0}I", 1)), half(pem(RSA_KEY)));
}

#[test]
fn utf_16_is_read_in_either_byte_order() {
    for mark in ["\u{feff}", ""] {
        for (file, is_private) in [(RSA_KEY, true), (SM2_KEY, true), (RSA_CERTIFICATE, false), (RSA_PUBLIC, false)] {
            let text = format!("{mark}{}", pem(file).replace('\n', "\r\n"));
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for saved in [little, big] {
                if is_private {
                    assert_eq!(half(&saved), half(pem(file)));
                } else {
                    assert_eq!(
                        PublicKey::read_with_certificate(&saved).unwrap(),
                        PublicKey::read_with_certificate(pem(file).as_bytes()).unwrap()
                    );
                }
            }
        }
    }
    let bare: Vec<u8> = format!("\u{feff}{}", body(SM2_KEY)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(half(bare), half(pem(SM2_KEY)));
}

#[test]
fn quotes_around_base64_are_left_out() {
    let base64 = body(RSA_KEY);
    for quoted in [
        format!("\"{base64}\""),
        format!("'{base64}'"),
        format!(" \"{base64}\"\r\n"),
        format!("\u{feff}' {base64} '"),
        format!("\"{}\"", pem(RSA_KEY).trim().replace('\n', "\\n")),
        format!("'{}'", hex(&bytes(RSA_KEY))),
    ] {
        assert_eq!(half(quoted), half(pem(RSA_KEY)));
    }
    for unpaired in [format!("\"{base64}'"), format!("\"{base64}"), format!("\"'{base64}'\"")] {
        assert_eq!(
            PrivateKey::read(unpaired.as_bytes()).unwrap_err(),
            mismatch(Found::Unrecognised, Expected::PrivateKey)
        );
    }
}

#[test]
fn hexadecimal_of_a_document_is_read() {
    for (file, separator) in [(RSA_KEY, ""), (SM2_KEY, ":"), (SM2_KEY, " ")] {
        let digits: Vec<String> = bytes(file).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(half(digits.join(separator)), half(pem(file)));
        assert_eq!(half(format!("0x{}", digits.concat().to_uppercase())), half(pem(file)));
    }
    let certificate = hex(&bytes(SM2_CERTIFICATE));
    // As `xxd -p` breaks lines.
    let lines: Vec<&str> = certificate.as_bytes().chunks(60).map(|line| str::from_utf8(line).unwrap()).collect();
    assert_eq!(Certificate::read(lines.join("\n").as_bytes()), Certificate::read(pem(SM2_CERTIFICATE).as_bytes()));
    let cut = &certificate[..certificate.len() - 2];
    assert_eq!(Certificate::read(cut.as_bytes()).unwrap_err(), mismatch(Found::Unrecognised, Expected::Certificate));
}

#[test]
fn of_several_blocks_the_one_that_is_needed_is_read() {
    let (key, certificate, public) = (pem(RSA_KEY), pem(RSA_CERTIFICATE), pem(RSA_PUBLIC));
    for both in
        [format!("{certificate}{key}"), format!("{key}{certificate}"), format!("{certificate}\n\n{certificate}{key}")]
    {
        assert_eq!(half(&both), half(&key));
        assert_eq!(Certificate::read(both.as_bytes()), Certificate::read(certificate.as_bytes()));
        assert_eq!(
            PublicKey::read_with_certificate(both.as_bytes()),
            PublicKey::read_with_certificate(certificate.as_bytes())
        );
        // A public key on its own is not in there.
        assert!(matches!(
            PublicKey::read(both.as_bytes()),
            Err(KeyError::Mismatch { expected: Expected::PublicKey, .. })
        ));
    }
    assert_eq!(PublicKey::read(format!("{certificate}{public}").as_bytes()), PublicKey::read(public.as_bytes()));
    assert_eq!(PublicKey::read(format!("{key}{public}").as_bytes()), PublicKey::read(public.as_bytes()));
    // The first of two keys, whatever its label says.
    let labelled = pem(SM2_KEY).replace("PRIVATE KEY", "CERTIFICATE");
    assert_eq!(half(format!("{labelled}{key}")), half(&labelled));
    // A block that is damaged hides no sound one; alone, it is told.
    let cut = certificate.replace("-----END CERTIFICATE-----", "");
    assert_eq!(half(format!("{cut}{key}")), half(&key));
    let holed = certificate.replacen("MII", "M*I", 1);
    assert_eq!(half(format!("{holed}{key}")), half(&key));
    for (text, found) in
        [(format!("{public}{cut}"), Found::UnclosedPem), (format!("{public}{holed}"), Found::DamagedPem)]
    {
        assert_eq!(PrivateKey::read(text.as_bytes()).unwrap_err(), mismatch(found, Expected::PrivateKey));
    }
    // A key of the needed kind that does not fit is not passed over.
    let damaged = key_file_cases::damaged_sm2();
    assert_eq!(PrivateKey::read(format!("{damaged}{key}").as_bytes()).unwrap_err(), KeyError::Damaged);
}
