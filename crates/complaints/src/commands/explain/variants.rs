//! The usual changes of a message and confusions of keys. Each is tried; only those that verify are
//! named.

use complaint_channels::PlatformKey;
use protocol_core::crypto::{RsaDigest, SM2_DEFAULT_USER_ID, Sm2SignatureEncoding, is_same_key_id};
use protocol_core::wechat_pay::SignatureHeaders;

use super::changes::{Change, for_each_body};
use super::escapes::{percent_decode, unescape_html};
use super::roles::{Role, roles};
use super::undo::from_hex;

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
        let of_body = changes.iter().map(|change| change.words.to_owned());
        let words: Vec<_> = of_body.chain(words).collect();
        self.0.push((words, changes.iter().map(|change| change.place).collect()));
    }

    /// Those with the fewest changes. `unchanged` are the words for no change.
    pub(super) fn fewest(mut self, unchanged: &str) -> Found {
        let fewest = self.0.iter().map(|(words, _)| words.len()).min();
        self.0.retain(|(words, _)| Some(words.len()) == fewest);
        let mut found = Found::default();
        for (words, places) in self.0 {
            let sentence = if words.is_empty() { unchanged.to_owned() } else { words.join(", and ") };
            if !found.would_verify.contains(&sentence) {
                found.would_verify.push(sentence);
            }
            for place in places {
                if !found.places.iter().any(|known| known == place) {
                    found.places.push(place.to_owned());
                }
            }
        }
        found.would_verify.sort();
        found
    }
}

/// A reading of a signature that was damaged on the way, with its words.
type Reading = (&'static str, fn(&str) -> Option<Vec<u8>>);

const SIGNATURES: &[Reading] = &[
    ("", decode_base64),
    ("the signature with `+` for its blanks", |text| decode_base64(&text.replace(' ', "+"))),
    ("the signature with its percent-escapes decoded", |text| {
        decode_base64(&String::from_utf8_lossy(&percent_decode(text.as_bytes())))
    }),
    ("the signature with `+` and `/` for its `-` and `_`", |text| {
        decode_base64(&text.replace('-', "+").replace('_', "/"))
    }),
    ("the signature with `/` for its `\\/`", |text| decode_base64(&text.replace("\\/", "/"))),
    ("the signature without HTML's escapes", |text| {
        decode_base64(&String::from_utf8_lossy(&unescape_html(text.as_bytes())?))
    }),
    ("the signature without the blanks and quotes around it", |text| {
        decode_base64(text.trim_matches(|character: char| character.is_whitespace() || "\"'".contains(character)))
    }),
    ("the signature without the line ends and blanks within it", |text| {
        decode_base64(&text.split_whitespace().collect::<String>())
    }),
    ("the signature with the padding that is missing after it", |text| {
        decode_base64(&format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4)))
    }),
    ("the signature read as hexadecimal", from_hex),
];

/// The signature fits the key; something around them does not.
const UNCHANGED: &str = "the message unchanged, under its key: the key's validity failed, or the algorithm that \
                         Wechatpay-Signature-Type names";

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
                        signature_words.iter().map(ToString::to_string).chain(key_words.iter().cloned()),
                    );
                }
            }
        }
    });
    finder.fewest(UNCHANGED)
}

/// A signature's bytes in every reading, each once, with words for the unusual readings.
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
        (!is_same_key_id(&key.id, serial)).then(|| format!("the key {} instead of the one the message names", key.id));
    let users = [("", SM2_DEFAULT_USER_ID), ("an empty SM2 user id", ""), ("the SM2 user id `Allinpay`", "Allinpay")];
    let encodings =
        [("", Sm2SignatureEncoding::Der), ("a raw r‖s signature where DER is due", Sm2SignatureEncoding::Raw)];
    let digests = [("", RsaDigest::Sha256), ("SHA-1 for SHA-256", RsaDigest::Sha1)];
    roles(&key.key, another, &users, encodings, digests)
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}
