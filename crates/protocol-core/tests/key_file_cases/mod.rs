//! Kinds of key files, a module each.

mod bare;
mod curves;
mod damage;
mod others;

pub(crate) use damage::damaged_sm2;

/// One DER value.
fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = match value.len() {
        short @ 0..=0x7f => vec![u8::try_from(short).unwrap()],
        long => {
            let bytes = u16::try_from(long).unwrap().to_be_bytes();
            if bytes[0] == 0 { vec![0x81, bytes[1]] } else { vec![0x82, bytes[0], bytes[1]] }
        }
    };
    [&[tag], &*length, value].concat()
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

fn oid(text: &str) -> Vec<u8> {
    ::der::Encode::to_der(&::der::asn1::ObjectIdentifier::new(text).unwrap()).unwrap()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The standard's example key (GM/T 0003.5): private, x, y.
fn standards_numbers() -> [Vec<u8>; 3] {
    let vector = include_bytes!("../vectors/crypto/gmt0003_5_sm2.json");
    let vector: serde_json::Value = serde_json::from_slice(vector).unwrap();
    ["d", "Px", "Py"].map(|name| unhex(vector["sign"][name].as_str().unwrap()))
}

/// `ECPrivateKey` of a scalar, with what else is given: curve parameters, a point.
fn sec1(scalar: &[u8], parameters: Option<&[u8]>, point: Option<&[u8]>) -> Vec<u8> {
    let mut members = [der(INTEGER, &[1]), der(OCTET_STRING, scalar)].concat();
    members.extend(parameters.map(|parameters| der(0xa0, parameters)).into_iter().flatten());
    members.extend(point.map(|point| der(0xa1, &der(BIT_STRING, &[&[0], point].concat()))).into_iter().flatten());
    der(SEQUENCE, &members)
}

/// `PrivateKeyInfo` around it, under an algorithm's members.
fn pkcs8(algorithm: &[Vec<u8>], inner: &[u8]) -> Vec<u8> {
    der(SEQUENCE, &[der(INTEGER, &[0]), der(SEQUENCE, &algorithm.concat()), der(OCTET_STRING, inner)].concat())
}

fn spki(algorithm: &[Vec<u8>], point: &[u8]) -> Vec<u8> {
    der(SEQUENCE, &[der(SEQUENCE, &algorithm.concat()), der(BIT_STRING, &[&[0], point].concat())].concat())
}

const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
const SM2_CURVE: &str = "1.2.156.10197.1.301";
const P_256: &str = "1.2.840.10045.3.1.7";
