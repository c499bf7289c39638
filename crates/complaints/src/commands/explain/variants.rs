//! The usual changes of a message and confusions of keys. Each is tried; only those that verify are
//! named.

use complaint_channels::PlatformKey;
use protocol_core::crypto::{RsaDigest, SM2_DEFAULT_USER_ID, Sm2SignatureEncoding, is_same_key_id};
use protocol_core::wechat_pay::SignatureHeaders;

use super::changes::{Change, for_each_body};
use super::escapes::{percent_decode, unescape_html};
use super::roles::{Role, roles};
use super::undo::from_hex;
use crate::language::{say, say_with};

/// The changes that verify.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Those with the fewest changes.
    pub(super) would_verify: Vec<String>,
    /// Their usual places.
    pub(super) places: Vec<String>,
}

/// Collects what verifies.
#[derive(Debug, Default)]
pub(super) struct Finder(Vec<(Vec<String>, Vec<&'static str>)>);

impl Finder {
    /// Notes that these changes verify.
    pub(super) fn found(&mut self, changes: &[&'static Change], words: impl IntoIterator<Item = String>) {
        let of_body = changes.iter().map(|change| say(change.words));
        let words: Vec<_> = of_body.chain(words).collect();
        self.0.push((words, changes.iter().map(|change| change.place).collect()));
    }

    /// Those with the fewest changes. `unchanged` is the name of the text for no change.
    pub(super) fn fewest(mut self, unchanged: &str) -> Found {
        let fewest = self.0.iter().map(|(words, _)| words.len()).min();
        self.0.retain(|(words, _)| Some(words.len()) == fewest);
        let mut found = Found::default();
        for (words, places) in self.0 {
            let both = |first: String, second: String| {
                say_with("variant-both", [("first", first.into()), ("second", second.into())])
            };
            let sentence = words.into_iter().reduce(both).unwrap_or_else(|| say(unchanged));
            if !found.would_verify.contains(&sentence) {
                found.would_verify.push(sentence);
            }
            for place in places {
                let place = say(place);
                if !found.places.contains(&place) {
                    found.places.push(place);
                }
            }
        }
        found.would_verify.sort();
        found
    }
}

/// A reading of a signature that was damaged on the way, with the name of its text.
type Reading = (&'static str, fn(&str) -> Option<Vec<u8>>);

const SIGNATURES: &[Reading] = &[
    ("", decode_base64),
    ("variant-sign-plus", |text| decode_base64(&text.replace(' ', "+"))),
    ("variant-sign-percent", |text| decode_base64(&String::from_utf8_lossy(&percent_decode(text.as_bytes())))),
    ("variant-sign-url-safe", |text| decode_base64(&text.replace('-', "+").replace('_', "/"))),
    ("variant-sign-slashes", |text| decode_base64(&text.replace("\\/", "/"))),
    ("variant-sign-html", |text| decode_base64(&String::from_utf8_lossy(&unescape_html(text.as_bytes())?))),
    ("variant-sign-quotes", |text| {
        decode_base64(text.trim_matches(|character: char| character.is_whitespace() || "\"'".contains(character)))
    }),
    ("variant-sign-blanks", |text| decode_base64(&text.split_whitespace().collect::<String>())),
    ("variant-sign-padding", |text| decode_base64(&format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4)))),
    ("variant-sign-hex", from_hex),
];

/// The signature fits the key; something around them does not.
const UNCHANGED: &str = "variant-unchanged";

/// The fewest changes under which a message of WeChat Pay's verifies.
pub(super) fn that_verify(headers: &SignatureHeaders<'_>, body: &[u8], keys: &[PlatformKey]) -> Found {
    let signatures = signatures(headers.signature());
    let keys: Vec<_> = keys.iter().flat_map(|key| verifiers(key, headers.serial())).collect();
    let mut finder = Finder::default();
    for_each_body(body, |changes, body| {
        for (signature_words, signature) in &signatures {
            for (key_words, key) in &keys {
                if key.verify(&headers.parts_to_verify(body), signature).is_ok() {
                    finder.found(
                        changes,
                        signature_words.iter().map(|words| say(words)).chain(key_words.iter().cloned()),
                    );
                }
            }
        }
    });
    finder.fewest(UNCHANGED)
}

/// A signature's bytes in every reading, each once, with the text's name of the unusual readings.
pub(super) fn signatures(text: &str) -> Vec<(Option<&'static str>, Vec<u8>)> {
    let mut signatures: Vec<(Option<&'static str>, Vec<u8>)> = Vec::new();
    for (words, read) in SIGNATURES {
        if let Some(bytes) = read(text)
            && signatures.iter().all(|(_, known)| *known != bytes)
        {
            signatures.push(((!words.is_empty()).then_some(*words), bytes));
        }
    }
    signatures
}

/// A key in every role that a signature may be made for.
fn verifiers(key: &PlatformKey, serial: &str) -> Vec<Role> {
    let another =
        (!is_same_key_id(&key.id, serial)).then(|| say_with("variant-another-key", [("id", key.id.as_str().into())]));
    let users = [("", SM2_DEFAULT_USER_ID), ("variant-sm2-empty", ""), ("variant-sm2-allinpay", "Allinpay")];
    let encodings = [("", Sm2SignatureEncoding::Der), ("variant-raw-for-der", Sm2SignatureEncoding::Raw)];
    let digests = [("", RsaDigest::Sha256), ("variant-sha-1", RsaDigest::Sha1)];
    roles(&key.key, another, &users, encodings, digests)
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}
