//! The usual ways in which a message is changed, or a key mixed up: each is tried, and only what really
//! verifies is named.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use protocol_core::crypto::{RsaDigest, SM2_DEFAULT_USER_ID, Sm2SignatureEncoding};
use protocol_core::wechat_pay::SignatureHeaders;

use super::roles::{Role, fewest, roles};
use crate::config::PlatformKey;

/// A change of the body, with the words for it. `None` where it changes nothing.
type Change = (&'static str, fn(&[u8]) -> Option<Vec<u8>>);

/// From the particular to the general: of two changes that come to the same bytes, the first is named.
const CHANGES: &[Change] = &[
    ("the body without its final newline", |body| {
        body.strip_suffix(b"\r\n").or(body.strip_suffix(b"\n")).map(<[u8]>::to_vec)
    }),
    ("the body with a final newline added", |body| Some([body, b"\n"].concat())),
    ("the body with LF for CRLF", |body| changed(body, replace(body, b"\r\n", b"\n"))),
    ("the body without its byte-order mark", |body| body.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec)),
    ("the body with `/` for `\\/`", |body| changed(body, replace(body, b"\\/", b"/"))),
    ("the body with `\\/` for `/`", |body| changed(body, escape_slashes(body))),
    ("the body with UTF-8 for `\\u` escapes", unescape_unicode),
    ("the body with `\\u` escapes for UTF-8", escape_unicode),
    ("the body with its percent-escapes decoded", |body| changed(body, percent_decode(body))),
    ("the body minified", |body| changed(body, minify(body))),
];

/// A repair of the signature's text, with the words for it.
type Repair = (&'static str, fn(&str) -> String);

/// How a signature is spoilt on the way.
const SIGNATURES: &[Repair] = &[
    ("", str::to_owned),
    ("the signature with `+` for its blanks", |signature| signature.replace(' ', "+")),
    ("the signature with its percent-escapes decoded", |signature| {
        String::from_utf8_lossy(&percent_decode(signature.as_bytes())).into_owned()
    }),
    ("the signature with `+` and `/` for its `-` and `_`", |signature| signature.replace('-', "+").replace('_', "/")),
];

/// The signature and the key fit; only something around them does not.
const UNCHANGED: &str = "the message as it is, under its own key: what failed is the key's validity or the algorithm that \
                         Wechatpay-Signature-Type names";

/// Everything that verifies with the fewest changes, in words.
pub(super) fn that_verify(headers: &SignatureHeaders<'_>, body: &[u8], keys: &[PlatformKey]) -> Vec<String> {
    let signatures = signatures(headers.signature());
    let keys: Vec<_> = keys.iter().flat_map(|key| verifiers(key, headers.serial())).collect();
    let mut verifying: Vec<Vec<String>> = Vec::new();
    for_each_body(body, |body_words, body| {
        for (signature_words, signature) in &signatures {
            for (key_words, key) in &keys {
                if key.verify(&headers.parts_to_verify(body), signature).is_ok() {
                    let words = body_words.iter().chain(signature_words).map(|words| (*words).to_owned());
                    verifying.push(words.chain(key_words.iter().cloned()).collect());
                }
            }
        }
    });
    let sentences = fewest(verifying).into_iter();
    sentences.map(|words| if words.is_empty() { UNCHANGED.to_owned() } else { words }).collect()
}

/// Hands on the body, each change of it, and each two changes one after the other, one at a time. Two ways to the
/// same bytes are one: the shorter way is handed on.
fn for_each_body(body: &[u8], mut try_body: impl FnMut(&[&'static str], &[u8])) {
    let hasher = RandomState::new();
    let mut seen = HashSet::from([hasher.hash_one(body)]);
    try_body(&[], body);
    let mut once = |body: &[u8], before: Option<&'static str>, seen: &mut HashSet<u64>| {
        for (words, change) in CHANGES {
            if let Some(changed) = change(body)
                && seen.insert(hasher.hash_one(changed.as_slice()))
            {
                let words: Vec<_> = before.into_iter().chain([*words]).collect();
                try_body(&words, &changed);
            }
        }
    };
    once(body, None, &mut seen);
    for (words, change) in CHANGES {
        if let Some(changed) = change(body) {
            once(&changed, Some(*words), &mut seen);
        }
    }
}

fn signatures(text: &str) -> Vec<(Vec<&'static str>, Vec<u8>)> {
    let mut signatures: Vec<(Vec<&'static str>, Vec<u8>)> = Vec::new();
    for (words, change) in SIGNATURES {
        if let Some(bytes) = decode_base64(&change(text))
            && signatures.iter().all(|(_, known)| *known != bytes)
        {
            let words = if words.is_empty() { Vec::new() } else { vec![*words] };
            signatures.push((words, bytes));
        }
    }
    signatures
}

/// A key in every role a signature may have been made for, with what is unusual about each.
fn verifiers(key: &PlatformKey, serial: &str) -> Vec<Role> {
    let another = (key.id != serial).then(|| format!("the key {} instead of the one the message names", key.id));
    let users = [("", SM2_DEFAULT_USER_ID), ("an empty SM2 user id", ""), ("the SM2 user id `Allinpay`", "Allinpay")];
    let encodings =
        [("", Sm2SignatureEncoding::Der), ("a raw r‖s signature where DER is due", Sm2SignatureEncoding::Raw)];
    let digests = [("", RsaDigest::Sha256), ("SHA-1 for SHA-256", RsaDigest::Sha1)];
    roles(&key.key, another, &users, encodings, digests)
}

fn changed(before: &[u8], after: Vec<u8>) -> Option<Vec<u8>> {
    (before != after).then_some(after)
}

/// Drops the white space between JSON tokens; what stands in strings stays.
fn minify(body: &[u8]) -> Vec<u8> {
    let mut in_string = false;
    let mut escaped = false;
    body.iter()
        .copied()
        .filter(|&byte| {
            if in_string {
                in_string = escaped || byte != b'"';
                escaped = byte == b'\\' && !escaped;
                return true;
            }
            in_string = byte == b'"';
            !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
        })
        .collect()
}

fn replace(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((&byte, after)) = rest.split_first() {
        match rest.strip_prefix(from) {
            Some(behind) => {
                replaced.extend_from_slice(to);
                rest = behind;
            }
            None => {
                replaced.push(byte);
                rest = after;
            }
        }
    }
    replaced
}

fn escape_slashes(body: &[u8]) -> Vec<u8> {
    replace(&replace(body, b"\\/", b"/"), b"/", b"\\/")
}

/// Every character beyond ASCII as `\uXXXX`, as many JSON writers do by default.
fn escape_unicode(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            escaped.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    changed(body, escaped.into_bytes())
}

/// The reverse; escapes of ASCII stay, since strings need them.
fn unescape_unicode(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        let (before, from) = rest.split_at(at);
        unescaped.push_str(before);
        let unit =
            |text: &str| text.strip_prefix("\\u")?.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let units: Vec<u16> = [unit(from), from.get(6..).and_then(unit)].into_iter().map_while(|unit| unit).collect();
        match char::decode_utf16(units).next() {
            Some(Ok(character)) if !character.is_ascii() => {
                unescaped.push(character);
                rest = from.get(6 * character.len_utf16()..).unwrap_or_default();
            }
            _ => {
                unescaped.push_str("\\u");
                rest = from.get(2..).unwrap_or_default();
            }
        }
    }
    unescaped.push_str(rest);
    changed(body, unescaped.into_bytes())
}

fn percent_decode(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let escape = after.get(..2).filter(|_| byte == b'%');
        let value = escape.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        decoded.push(value.unwrap_or(byte));
        rest = if value.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    decoded
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_what_their_words_say() {
        assert_eq!(minify(b"{ \"a b\\\" \" : [ 1 ,\n 2 ] }"), b"{\"a b\\\" \":[1,2]}");
        assert_eq!(escape_slashes(b"a/b\\/c"), b"a\\/b\\/c");
        assert_eq!(escape_unicode("é投\u{1f600}".as_bytes()).unwrap(), b"\\u00e9\\u6295\\ud83d\\ude00");
        assert_eq!(
            unescape_unicode(b"\\u00e9\\u6295\\ud83d\\ude00\\u0041\\ud83d").unwrap(),
            "é投\u{1f600}\\u0041\\ud83d".as_bytes()
        );
        assert_eq!(percent_decode(b"%2B%2f%zz%4"), b"+/%zz%4");
        assert_eq!(replace(b"\r\n\r\n", b"\r\n", b"\n"), b"\n\n");
    }
}
