//! `explain` for the Mini Program push.

use protocol_core::UnixTime;
use protocol_core::limits::MAX_PUSH_BODY;
use protocol_core::mini_program::{Mode, Push, PushError, SignedParts, push_signature};

use super::changes::for_each_body;
use super::escapes::unescape_html;
use super::report::{Explained, Key, Report};
use super::variants::{Finder, Found};
use crate::commands::open;
use crate::config::Config;
use crate::error::Error;
use crate::input;
use crate::language::say;

/// The checks of a push, in the library's order.
const CHECKS: [&str; 6] = ["query and envelope", "clock", "signature", "decryption", "application", "message"];

/// Changes of a push that cannot be undone.
const LOST: &str = "lost-push";

/// In plain mode the body is not signed.
const LOST_PLAIN: &str = "lost-plain";

/// Stands for the token in the string to sign.
const TOKEN: &str = "<token>";

pub(super) fn push(arguments: &open::Push, config: &Config) -> Result<Explained, Error> {
    let config = config.mini_program()?;
    let receiver = config.receiver()?;
    let mode = config.mode()?;
    let token = config.token()?;
    let now = input::now(arguments.now)?;
    let mut report = Report::default();
    let mut first = Ok(());
    let Some(body) = report.check("size", input::read(&arguments.body, MAX_PUSH_BODY), &mut first) else {
        return Ok((report, first));
    };
    let parts = SignedParts::read(&arguments.query, &body);
    let encrypted = mode != Mode::Plain;
    if let Ok(parts) = &parts {
        let encrypt = parts.encrypt.as_deref().filter(|_| encrypted);
        show(&mut report, token.expose(), parts, encrypt);
        report.key = Some(Key { id: "token".to_owned(), algorithm: "SHA-1" });
    }
    let mut outcome = receiver.open(&arguments.query, &body, now);
    if let (Err(PushError::StaleTimestamp { .. }), Ok(parts)) = (&outcome, &parts) {
        // The clock is reported, and everything after it is checked at the message's time.
        report.pass(CHECKS[0]);
        report.check::<()>(CHECKS[1], outcome.map(drop).map_err(Error::from), &mut first);
        let then = UnixTime::from_digits(&parts.timestamp).unwrap_or(now);
        outcome = receiver.open(&arguments.query, &body, then);
    }
    let reached = match &outcome {
        Ok(_) => CHECKS.len(),
        Err(PushError::BadSignature) => 2,
        Err(PushError::DecryptFailed | PushError::Encrypted) => 3,
        Err(PushError::WrongAppid) => 4,
        Err(PushError::Unreadable { .. }) => 5,
        Err(_) => 0,
    };
    // A body that cannot be parsed may have been changed as a whole, or the query may have been.
    let unproven = reached == 2 || matches!(outcome, Err(PushError::Malformed(_)));
    let query_amiss = matches!(outcome, Err(PushError::MissingParameter(_) | PushError::MalformedParameter(_)));
    let noted = report.checks.len() - 1;
    CHECKS.iter().take(reached).skip(noted).for_each(|check| report.pass(check));
    if let (Err(error), Some(failed)) = (outcome, CHECKS.get(reached)) {
        report.check::<()>(failed, Err(error.into()), &mut first);
    }
    CHECKS.iter().skip(reached + 1).for_each(|check| report.skip(check));
    if unproven || query_amiss {
        let found = that_verify(&arguments.query, &body, token.expose(), encrypted);
        // For an incomplete query, the check suffices, except if a change of it verifies.
        if unproven || !found.would_verify.is_empty() {
            report.tell(found, &body, if encrypted { LOST } else { LOST_PLAIN });
        }
    }
    Ok((report, first))
}

/// The sorted pieces, the token masked.
fn show(report: &mut Report, token: &[u8], parts: &SignedParts, encrypt: Option<&str>) {
    let mut pieces =
        vec![(token, TOKEN), (parts.timestamp.as_bytes(), &parts.timestamp), (parts.nonce.as_bytes(), &parts.nonce)];
    pieces.extend(encrypt.map(|encrypt| (encrypt.as_bytes(), encrypt)));
    pieces.sort_unstable();
    let shown: Vec<_> = pieces.iter().map(|(_, shown)| shown.as_bytes()).collect();
    report.show_string(&shown);
}

/// The usual accidents, and changes of body and query, under which the push verifies.
fn that_verify(query: &str, body: &[u8], token: &[u8], encrypted: bool) -> Found {
    let mut finder = Finder::default();
    let in_clear = is_clear_push(body);
    let unescaped = unescape_html(query.as_bytes()).and_then(|query| String::from_utf8(query).ok());
    let queries = [(None, Some(query)), (Some("variant-query-html"), unescaped.as_deref())];
    // In plain mode no signature covers the body. Another mode's signature in the query does.
    for_each_body(body, |changes, body| {
        for (words, query) in queries {
            let Some(parts) = query.and_then(|query| SignedParts::read(query, body).ok()) else { continue };
            if encrypted && is_signed(&parts, token) {
                finder.found(changes, words.map(say));
            }
            if changes.is_empty() {
                for accident in accidents(&parts, token, encrypted, in_clear) {
                    finder.found(&[], words.into_iter().chain([accident]).map(say));
                }
            }
        }
    });
    finder.fewest("variant-push-unchanged")
}

/// Whether an encrypted message bears its signature.
fn is_signed(parts: &SignedParts, token: &[u8]) -> bool {
    let signature = push_signature(token, &parts.timestamp, &parts.nonce, parts.encrypt.as_deref());
    parts.encrypt.is_some() && parts.msg_signature.as_deref() == Some(&*signature)
}

/// Whether a body reads as a push in clear. `signature` in the query verifies beside any body.
fn is_clear_push(body: &[u8]) -> bool {
    Push::decode(body).is_ok_and(|push| {
        let Push { to_user_name, from_user_name, msg_type, event, .. } = push.trust_anyway();
        [to_user_name, msg_type, event].iter().any(Option::is_some) || from_user_name.is_some()
    })
}

/// Confusions of query, token and mode under which the push verifies.
fn accidents(parts: &SignedParts, token: &[u8], encrypted: bool, in_clear: bool) -> Vec<&'static str> {
    let sign = |token: &[u8], encrypt: Option<&str>| push_signature(token, &parts.timestamp, &parts.nonce, encrypt);
    let given = if encrypted { &parts.msg_signature } else { &parts.signature };
    let given = given.as_deref().unwrap_or_default();
    let encrypt = parts.encrypt.as_deref();
    let due = if encrypted { encrypt } else { None };
    let trimmed = token.trim_ascii();
    let with_line_end = [trimmed, b"\n"].concat();
    let plus = encrypt.map(|encrypt| encrypt.replace(' ', "+"));
    let tries = [
        ("variant-query-signature", encrypted && encrypt.is_some() && sign(token, None) == given),
        (
            "variant-query-plain",
            encrypted && in_clear && encrypt.is_none() && Some(sign(token, None)) == parts.signature,
        ),
        (
            "variant-query-encrypted",
            !encrypted
                && encrypt.is_some()
                && [Some(given), parts.msg_signature.as_deref()].contains(&Some(&*sign(token, encrypt))),
        ),
        ("variant-sign-lower", given.to_ascii_lowercase() != given && sign(token, due) == given.to_ascii_lowercase()),
        ("variant-token-blanks", trimmed != token && sign(trimmed, due) == given),
        ("variant-token-line", sign(&with_line_end, due) == given),
        ("variant-encrypt-plus", encrypted && plus.as_deref() != encrypt && sign(token, plus.as_deref()) == given),
    ];
    tries.into_iter().filter(|(_, verifies)| *verifies).map(|(words, _)| words).collect()
}
