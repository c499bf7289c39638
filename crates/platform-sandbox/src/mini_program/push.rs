//! A push as posted: signed, in its mode and format, right or wrong on command.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::UnixTime;
use protocol_core::crypto::MessageCipher;
use sha1::{Digest as _, Sha1};

use super::account::{MiniProgramAccount, cipher};
use super::document::cdata;
use super::message::Message;
use super::push_config::{PushConfig, PushFormat, PushMode};
use crate::fault::PushFault;
use crate::random;

/// The age of a stale push's signature, in seconds.
const STALE_SECONDS: i64 = 600;

/// A queued push.
#[derive(Clone)]
pub(crate) struct QueuedPush {
    pub(super) event: Message,
    pub(super) config: PushConfig,
    pub(super) account: Arc<MiniProgramAccount>,
    pub(crate) fault: Option<PushFault>,
}

/// A signed push, to be posted to any URL.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedPush {
    /// The query, without the `?`.
    pub query: String,
    /// The body.
    pub body: Vec<u8>,
    /// `Content-Type`.
    pub content_type: &'static str,
}

impl fmt::Debug for SignedPush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedPush").field("content_type", &self.content_type).finish_non_exhaustive()
    }
}

/// `signature` and `msg_signature`: SHA-1 over what is signed, sorted and joined.
pub(super) fn signature(signed: &[&str]) -> String {
    let mut sorted = signed.to_vec();
    sorted.sort_unstable();
    Sha1::digest(sorted.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The text of `Encrypt`: 16 random bytes, the length, the message, the application's id.
fn seal(key: &MessageCipher, random: &[u8; 16], message: &[u8], appid: &str) -> String {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
    let framed = [random.as_slice(), &length, message, appid.as_bytes()].concat();
    STANDARD.encode(key.encrypt(&framed))
}

/// Signs a push about a complaint now.
pub(crate) fn sign(
    account: &MiniProgramAccount,
    event: &Message,
    mode: PushMode,
    format: PushFormat,
    now: UnixTime,
    fault: Option<PushFault>,
) -> SignedPush {
    let mode = match (fault, mode) {
        (Some(PushFault::WrongMode), PushMode::Plain) => PushMode::Secure,
        (Some(PushFault::WrongMode), _) => PushMode::Plain,
        _ => mode,
    };
    let appid = if fault == Some(PushFault::WrongAppid) { "wx0000000000000000" } else { &account.appid };
    let message = message(account, event, appid, format, fault);
    let parts = PushParts { account, appid, open_id: event.open_id(), mode, format };
    parts.sign(message, now, fault)
}

/// Signs a push of this message now.
pub(crate) fn sign_message(
    account: &MiniProgramAccount,
    message: Vec<u8>,
    mode: PushMode,
    format: PushFormat,
    now: UnixTime,
) -> SignedPush {
    let open_id = random::alphanumeric(28);
    PushParts { account, appid: &account.appid, open_id: &open_id, mode, format }.sign(message, now, None)
}

/// The parts of a push besides its message.
struct PushParts<'a> {
    account: &'a MiniProgramAccount,
    appid: &'a str,
    open_id: &'a str,
    mode: PushMode,
    format: PushFormat,
}

impl PushParts<'_> {
    fn sign(self, message: Vec<u8>, now: UnixTime, fault: Option<PushFault>) -> SignedPush {
        let Self { account, appid, open_id, mode, format } = self;
        let encrypt = (mode != PushMode::Plain).then(|| {
            let random = random::alphanumeric(16);
            let random = <&[u8; 16]>::try_from(random.as_bytes()).copied().unwrap_or_default();
            seal(&cipher(&account.encoding_aes_key), &random, &message, appid)
        });
        let mut body = match (&encrypt, mode) {
            (Some(encrypt), PushMode::Compatible) => with_encrypt(&message, encrypt, format),
            (Some(encrypt), _) => envelope(account, encrypt, format).into_bytes(),
            (None, _) => message,
        };
        if fault == Some(PushFault::Doctype) {
            body = [b"<!DOCTYPE xml [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>".as_slice(), &body].concat();
        }
        let seconds = if fault == Some(PushFault::Stale) { now.0.saturating_sub(STALE_SECONDS) } else { now.0 };
        let (timestamp, nonce) = (seconds.to_string(), random::digits(10));
        let token = if fault == Some(PushFault::Forged) { "forged" } else { &account.token };
        let mut query = format!(
            "signature={}&timestamp={timestamp}&nonce={nonce}&openid={open_id}",
            signature(&[token, &timestamp, &nonce]),
        );
        if let Some(encrypt) = &encrypt {
            let signature = signature(&[token, &timestamp, &nonce, encrypt]);
            query.push_str(&format!("&encrypt_type=aes&msg_signature={signature}"));
        }
        let content_type = if format == PushFormat::Json { "application/json" } else { "text/xml" };
        SignedPush { query, body, content_type }
    }
}

/// The message before encryption.
fn message(
    account: &MiniProgramAccount,
    event: &Message,
    appid: &str,
    format: PushFormat,
    fault: Option<PushFault>,
) -> Vec<u8> {
    let mut event = event.clone();
    // Marks the place: JSON would escape the control characters.
    const PLACE: &str = "\u{e000}";
    if fault == Some(PushFault::ControlCharacters) {
        event.push_str(PLACE);
    }
    let text = event.write(&account.original_id, appid, format);
    match fault {
        Some(PushFault::ControlCharacters) => text.replace(PLACE, "\u{10}\u{1d}").into_bytes(),
        Some(PushFault::Truncated) => {
            let mut bytes = text.into_bytes();
            bytes.truncate(bytes.len() / 2);
            bytes
        }
        Some(PushFault::EntityBomb) => bomb().into_bytes(),
        _ => text.into_bytes(),
    }
}

/// A billion laughs, in ten lines.
fn bomb() -> String {
    let mut declared = String::from("<!ENTITY e0 \"ha\">");
    for level in 1..10 {
        let inner = format!("&e{};", level - 1).repeat(10);
        declared.push_str(&format!("<!ENTITY e{level} \"{inner}\">"));
    }
    format!("<?xml version=\"1.0\"?><!DOCTYPE xml [{declared}]><xml><Event>&e9;</Event></xml>")
}

fn envelope(account: &MiniProgramAccount, encrypt: &str, format: PushFormat) -> String {
    if format == PushFormat::Json {
        return serde_json::json!({"ToUserName": account.original_id, "Encrypt": encrypt}).to_string();
    }
    let mut xml = String::from("<xml>");
    cdata(&mut xml, "ToUserName", &account.original_id);
    cdata(&mut xml, "Encrypt", encrypt);
    xml.push_str("</xml>");
    xml
}

/// The clear message with its encrypted copy inside. A truncated message gets the copy at its end.
fn with_encrypt(message: &[u8], encrypt: &str, format: PushFormat) -> Vec<u8> {
    let (end, member) = if format == PushFormat::Json {
        ("}", format!(",\"Encrypt\":\"{encrypt}\""))
    } else {
        let mut member = String::new();
        cdata(&mut member, "Encrypt", encrypt);
        ("</xml>", member)
    };
    let head = message.strip_suffix(end.as_bytes()).unwrap_or(message);
    [head, member.as_bytes(), end.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Value;

    use super::*;

    fn vectors(name: &str) -> Vec<Value> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol-core/tests/vectors/wechat-mp/crypto/");
        serde_json::from_slice(&fs::read(format!("{folder}{name}")).unwrap()).unwrap()
    }

    #[test]
    fn published_signatures_are_reproduced() {
        for vector in vectors("plain-signature-vectors.json") {
            let text = |name: &str| vector[name].as_str().unwrap();
            let made = signature(&[text("token"), text("timestamp"), text("nonce")]);
            assert_eq!(made, text("signature"), "{}", vector["name"]);
        }
    }

    #[test]
    fn published_ciphertexts_and_their_signatures_are_reproduced() {
        let (mut sealed, mut signed) = (0, 0);
        for vector in vectors("msgcrypt-vectors.json") {
            let text = |name: &str| vector[name].as_str();
            let (Some(key), Some(encrypt)) = (text("encodingAESKey"), text("encrypt")) else { continue };
            let random = text("random16").and_then(|random| <&[u8; 16]>::try_from(random.as_bytes()).ok());
            if let (Some(random), Some(plain), Some(id)) = (random, text("plaintext"), text("receive_id")) {
                assert_eq!(seal(&cipher(key), random, plain.as_bytes(), id), encrypt, "{}", vector["name"]);
                sealed += 1;
            }
            let parts = [text("token"), text("timestamp"), text("nonce"), Some(encrypt)];
            if let (Some(expected), [Some(token), Some(time), Some(nonce), Some(encrypt)]) =
                (text("msg_signature"), parts)
            {
                assert_eq!(signature(&[token, time, nonce, encrypt]), expected, "{}", vector["name"]);
                signed += 1;
            }
        }
        assert_eq!((sealed, signed), (6, 5));
    }
}
