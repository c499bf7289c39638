//! X.509 certificates for RSA and SM2, written by hand, with the few members that a platform's
//! certificate needs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::UnixTime;
use protocol_core::crypto::{CryptoError, SignatureAlgorithm, Signer};

use crate::clock::utc_time;
use crate::random;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;

/// 1.2.840.113549.1.1.11 with its NULL.
const SHA256_WITH_RSA: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00];
/// 1.2.156.10197.1.501
const SM2_WITH_SM3: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75];
/// 2.5.4.3
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// 2.5.29.19
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];

/// The issuer of the sandbox's certificates. Its key is the platform's public key of the same
/// algorithm.
const ISSUER: &str = "Sandbox Tenpay CA";

/// An issued certificate.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    /// 40 upper-case hexadecimal digits.
    pub(crate) serial_no: String,
    pub(crate) pem: String,
    pub(crate) not_before: UnixTime,
    pub(crate) not_after: UnixTime,
}

/// Issues a certificate over a public key (`SubjectPublicKeyInfo`).
pub(crate) fn issue(
    subject: &str,
    public_der: &[u8],
    not_before: UnixTime,
    not_after: UnixTime,
    issuer: &dyn Signer,
) -> Result<Issued, CryptoError> {
    let mut serial = random::bytes::<20>();
    if let Some(first) = serial.first_mut() {
        // Keeps the serial positive, and 40 hexadecimal digits long.
        *first = 0x10 | (*first & 0x6f);
    }
    let algorithm = match issuer.algorithm() {
        SignatureAlgorithm::Sm2Sm3 => SM2_WITH_SM3,
        _ => SHA256_WITH_RSA,
    };
    let validity = [time(not_before), time(not_after)].concat();
    let constraints = [der(OBJECT_IDENTIFIER, BASIC_CONSTRAINTS), der(OCTET_STRING, &der(SEQUENCE, &[]))].concat();
    let body = [
        der(VERSION, &der(INTEGER, &[2])),
        der(INTEGER, &serial),
        algorithm.to_vec(),
        name(ISSUER),
        der(SEQUENCE, &validity),
        name(subject),
        public_der.to_vec(),
        der(EXTENSIONS, &der(SEQUENCE, &der(SEQUENCE, &constraints))),
    ]
    .concat();
    let body = der(SEQUENCE, &body);
    let signature = issuer.sign(&[&body])?;
    let signature = [&[0], signature.as_bytes()].concat();
    let certificate = der(SEQUENCE, &[body, algorithm.to_vec(), der(BIT_STRING, &signature)].concat());
    Ok(Issued { serial_no: random::upper_hex(&serial), pem: pem("CERTIFICATE", &certificate), not_before, not_after })
}

/// The DER in a PEM block; empty without one.
pub(crate) fn pem_body(pem: &str) -> Vec<u8> {
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(base64).unwrap_or_default()
}

fn pem(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(64).unwrap_or((rest, ""));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem + &format!("-----END {label}-----\n")
}

fn name(common_name: &str) -> Vec<u8> {
    let attribute = [der(OBJECT_IDENTIFIER, COMMON_NAME), der(UTF8_STRING, common_name.as_bytes())].concat();
    der(SEQUENCE, &der(SET, &der(SEQUENCE, &attribute)))
}

fn time(time: UnixTime) -> Vec<u8> {
    der(UTC_TIME, utc_time(time).as_bytes())
}

/// Tag, length, content.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut der = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => der.push(short),
        _ => {
            let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            der.push(0x80 | u8::try_from(bytes.len()).unwrap_or_default());
            der.extend(bytes);
        }
    }
    der.extend_from_slice(content);
    der
}

#[cfg(test)]
mod tests {
    use protocol_core::crypto::Certificate;
    use protocol_core::wechat_pay::Scheme;

    use super::*;
    use crate::keys::{Owner, key_material};

    /// The start and end of the first value's content.
    fn extent(der: &[u8]) -> (usize, usize) {
        let octets = if der[1] < 0x80 { 0 } else { usize::from(der[1] & 0x7f) };
        let length = der[2..2 + octets].iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        let start = 2 + octets;
        (start, start + if octets == 0 { usize::from(der[1]) } else { length })
    }

    #[test]
    fn certificates_of_both_algorithms_read_back() {
        for scheme in [Scheme::Rsa, Scheme::Sm2] {
            let key = key_material(scheme, Owner::Platform(0)).unwrap();
            let (from, to) = (UnixTime(1_700_000_000), UnixTime(1_900_000_000));
            let issued = issue("1900000001", &key.public_der, from, to, &*key.signer).unwrap();
            let read = Certificate::read(issued.pem.as_bytes()).unwrap();
            assert_eq!(read.serial_no(), issued.serial_no);
            assert_eq!(read.serial_no().len(), 40);
            assert_eq!((read.validity().not_before, read.validity().not_after), (from, to));
            // The first member is signed, byte for byte. The last member is the signature, after a
            // byte that counts the unused bits.
            let whole = pem_body(&issued.pem);
            let (start, _) = extent(&whole);
            let content = &whole[start..];
            let (_, body_end) = extent(content);
            let (body, rest) = content.split_at(body_end);
            let signature = &rest[extent(rest).1..];
            assert!(key.verifier.verify(&[body], &signature[extent(signature).0 + 1..]).is_ok());
        }
    }
}
