//! `explain` for virtual payment's `pay_sig`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use protocol_core::Secret;
use protocol_core::limits::MAX_RESPONSE_BODY;
use protocol_core::virtual_payment::{Env, pay_sig};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::changes::for_each_body;
use super::replace::{changed, replace};
use super::report::{Explained, Key, Report};
use super::undo::from_hex;
use super::variants::{Finder, Found};
use crate::commands::sign;
use crate::config::Config;
use crate::error::Error;
use crate::input;
use crate::language::say;

/// The usual causes that cannot be tried.
const LOST: &str = "lost-pay-sig";

pub(super) fn request(arguments: &sign::VirtualPaymentRequest, config: &Config) -> Result<Explained, Error> {
    let config = config.virtual_payment()?;
    let (env, app_key) = (config.env(), config.app_key()?);
    let mut report = Report::default();
    let mut first = Ok(());
    let Some(body) = report.check("size", input::read(&arguments.body, MAX_RESPONSE_BODY), &mut first) else {
        return Ok((report, first));
    };
    let path = &*arguments.target;
    let pay_sig = pay_sig(app_key.expose(), path, &body);
    report.show_string(&[path.as_bytes(), b"&", &body]);
    let id = match env {
        Env::Production => "app_key, production",
        Env::Sandbox => "app_key, sandbox",
    };
    report.key = Some(Key { id: id.to_owned(), algorithm: "HMAC-SHA256" });
    report.check("environment", sign::check_env(&body, env), &mut first);
    if let Some(given) = &arguments.pay_sig {
        let compared = sign::compare(Some(given), &pay_sig);
        if report.check("given pay_sig", compared, &mut first).is_none() {
            // Its absence rules out one cause alone.
            let app_secret = config.mini_program().and_then(|mini_program| mini_program.app_secret()).ok();
            let keys = keys(&app_key, app_secret.as_ref());
            report.tell(that_verify(given, path, &body, env, &keys), &body, LOST);
        }
    }
    report.pay_sig = Some(pay_sig);
    Ok((report, first))
}

/// The usual changes of the body, and confusions of message, key, digest and form, whose signature
/// is the given one.
fn that_verify(given: &str, path: &str, body: &[u8], env: Env, keys: &[(Words, Vec<u8>)]) -> Found {
    let mut finder = Finder::default();
    let readings = readings(given);
    for_each_body(body, |changes, body| {
        // Other confusions are seldom met beside a changed body.
        let (messages, keys) = if changes.is_empty() {
            (messages(path, body, env), keys)
        } else {
            (vec![(None, signed(path, body))], keys.get(..1).unwrap_or_default())
        };
        for (message_words, message) in &messages {
            for (key_words, key) in keys {
                for (digest_words, mac) in macs(key, message, changes.is_empty()) {
                    for (words, _) in readings.iter().filter(|(_, bytes)| *bytes == mac) {
                        let confusions = [*message_words, *key_words, digest_words, *words];
                        finder.found(changes, confusions.into_iter().flatten().map(say));
                    }
                }
            }
        }
    });
    finder.fewest("variant-pay-sig-unchanged")
}

/// The name of the text for a confusion; `None` for the documented way.
type Words = Option<&'static str>;

/// The given signature in every reading.
fn readings(given: &str) -> Vec<(Words, Vec<u8>)> {
    let trimmed = given.trim_matches(|character: char| character.is_whitespace() || "\"'".contains(character));
    let is_lower = !given.bytes().any(|byte| byte.is_ascii_uppercase());
    let readings = [
        (None, from_hex(given).filter(|_| is_lower)),
        (Some("variant-pay-sig-capitals"), from_hex(given).filter(|_| !is_lower)),
        (Some("variant-pay-sig-quotes"), from_hex(trimmed).filter(|_| trimmed != given)),
        (Some("variant-pay-sig-base64"), STANDARD.decode(trimmed).ok()),
    ];
    readings.into_iter().filter_map(|(words, bytes)| Some((words, bytes?))).collect()
}

fn signed(path: &str, body: &[u8]) -> Vec<u8> {
    [path.as_bytes(), b"&", body].concat()
}

/// The message that is signed, and those that are signed by mistake.
fn messages(path: &str, body: &[u8], env: Env) -> Vec<(Words, Vec<u8>)> {
    let host = "https://api.weixin.qq.com";
    let mut messages = vec![
        (None, signed(path, body)),
        (Some("variant-pay-sig-body"), body.to_vec()),
        (Some("variant-pay-sig-no-mark"), [path.as_bytes(), body].concat()),
        (Some("variant-pay-sig-path"), path.as_bytes().to_vec()),
        (Some("variant-pay-sig-no-body"), signed(path, b"")),
        (Some("variant-pay-sig-no-slash"), signed(path.trim_start_matches('/'), body)),
        (Some("variant-pay-sig-address"), signed(&format!("{host}{path}"), body)),
        (Some("variant-pay-sig-query"), signed(&format!("{path}?"), body)),
        (Some("variant-pay-sig-order"), [body, b"&", path.as_bytes()].concat()),
    ];
    messages.extend(other_env(body, env).map(|body| (Some("variant-pay-sig-env"), signed(path, &body))));
    messages
}

/// The body with the code of the other environment.
fn other_env(body: &[u8], env: Env) -> Option<Vec<u8>> {
    let other = 1 - env.code();
    ["\"env\":", "\"env\": "].into_iter().find_map(|name| {
        let member = |code: u8| format!("{name}{code}").into_bytes();
        changed(body, replace(body, &member(env.code()), &member(other)))
    })
}

/// The key, first, and those that are taken by mistake.
fn keys(app_key: &Secret, app_secret: Option<&Secret>) -> Vec<(Words, Vec<u8>)> {
    let key = app_key.expose();
    let text = String::from_utf8_lossy(key).into_owned();
    let mut keys = vec![
        (None, key.to_vec()),
        (Some("variant-app-key-line"), [key, b"\n"].concat()),
        (Some("variant-app-key-empty"), Vec::new()),
    ];
    keys.extend(from_hex(&text).map(|bytes| (Some("variant-app-key-hex"), bytes)));
    keys.extend(STANDARD.decode(&text).ok().map(|bytes| (Some("variant-app-key-base64"), bytes)));
    keys.extend(app_secret.map(|secret| (Some("variant-app-secret"), secret.expose().to_vec())));
    keys
}

/// The HMAC, and on request the digests that are taken for it.
fn macs(key: &[u8], message: &[u8], with_others: bool) -> Vec<(Words, Vec<u8>)> {
    let mut macs = vec![(None, hmac::<Sha256>(key, message))];
    if with_others {
        let sha256 = |pieces: [&[u8]; 2]| Sha256::digest(pieces.concat()).to_vec();
        macs.extend([
            (Some("variant-hmac-sha-1"), hmac::<Sha1>(key, message)),
            (Some("variant-hmac-exchanged"), hmac::<Sha256>(message, key)),
            (Some("variant-sha-before"), sha256([key, message])),
            (Some("variant-sha-after"), sha256([message, key])),
        ]);
    }
    macs
}

fn hmac<D: EagerHash>(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<D>::new_from_slice(key) else { return Vec::new() };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}
