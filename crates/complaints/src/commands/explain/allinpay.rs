//! `explain` for Allinpay.

use std::collections::HashSet;

use complaint_channels::AllinpaySettings;
use protocol_core::allinpay::{Members, PLATFORM_USER_ID, PUBLISHED_PLATFORM_KEYS, ResponseError, SignType};
use protocol_core::crypto::{PublicKey, RsaDigest, SM2_DEFAULT_USER_ID, Sm2SignatureEncoding};
use protocol_core::limits::MAX_BASE64_IMAGE_BODY;

use super::changes::for_each_body;
use super::report::{Explained, Key, Report};
use super::roles::roles;
use super::variants::{Finder, Found, signatures};
use crate::commands::{open, sign};
use crate::config::Config;
use crate::error::Error;
use crate::input;

/// Changes of a response that cannot be undone. The order of members and blanks are not signed.
const LOST: &str = "these changes cannot be undone: members left out or added, numbers and objects parsed and written in \
                    another way, text cut or masked in a log, UTF-8 read as GBK; store the body's bytes before anything \
                    parses them";

/// The checks of a response, in the library's order.
const CHECKS: [&str; 6] = ["members", "retcode", "signature", "application", "handlestate", "records"];

pub(super) fn response(arguments: &open::AllinpayBody, config: &Config) -> Result<Explained, Error> {
    let config = config.allinpay()?;
    let merchant = config.merchant()?;
    let verifier = config.verifier()?;
    let mut report = Report::default();
    let mut first = Ok(());
    let Some(body) = report.check("size", input::read(&arguments.body, MAX_BASE64_IMAGE_BODY), &mut first) else {
        return Ok((report, first));
    };
    let opened = merchant.open(&body, &*verifier);
    let reached = match &opened {
        Ok(_) | Err(ResponseError::Refused(_)) => 5,
        Err(ResponseError::Failed { .. }) => 4,
        Err(ResponseError::WrongAppid) => 3,
        Err(ResponseError::NoSignature(_) | ResponseError::BadSignature) => 2,
        Err(ResponseError::Rejected { .. }) => 1,
        Err(_) => 0,
    };
    // A body that cannot be parsed may have been changed as a whole.
    let unproven = matches!(
        opened,
        Err(ResponseError::NoSignature(_) | ResponseError::BadSignature | ResponseError::NoResponse(_))
    );
    CHECKS.iter().take(reached).for_each(|check| report.pass(check));
    let failed = CHECKS.get(reached).copied().unwrap_or_default();
    match opened {
        Ok(response) => {
            report.check(failed, open::AllinpayMembers::of(&response).map(drop), &mut first);
        }
        Err(error) => {
            report.check::<()>(failed, Err(error.into()), &mut first);
        }
    }
    CHECKS.iter().skip(reached + 1).for_each(|check| report.skip(check));
    if unproven {
        report.tell(that_verify(&body, merchant.appid(), &config, signed, UNCHANGED)?, &body, LOST);
    }
    if reached >= 2
        && let Ok(response) = Members::parse(&body)
    {
        let response = response.peek();
        report.show_string(&response.parts_to_sign());
        let algorithm = merchant.sign_type().as_str();
        report.key = Some(Key { id: "platform_key".to_owned(), algorithm });
    }
    Ok((report, first))
}

/// Tries each usual change of a body under the platform's configured key, its published keys and
/// the merchant's key, with every user id and in every form.
pub(super) fn that_verify(
    body: &[u8],
    appid: &str,
    config: &AllinpaySettings,
    read: fn(&[u8]) -> Option<Signed>,
    unchanged: &str,
) -> Result<Found, Error> {
    let configured = config.platform_key()?;
    let mut keys = vec![(None, configured.clone())];
    keys.extend(
        PUBLISHED_PLATFORM_KEYS
            .iter()
            .filter_map(|published| Some((Some(published.name), PublicKey::read(published.spki.as_bytes()).ok()?))),
    );
    keys.extend(config.private_key().ok().map(|key| (Some("the merchant's own key"), key.public_key())));
    let users = [
        ("", PLATFORM_USER_ID.to_owned()),
        ("the SM2 user id `1234567812345678` instead of `Allinpay`", SM2_DEFAULT_USER_ID.to_owned()),
        ("the appid as the SM2 user id instead of `Allinpay`", appid.to_owned()),
        ("an empty SM2 user id instead of `Allinpay`", String::new()),
    ];
    let users: Vec<_> = users.iter().map(|(words, user)| (*words, user.as_str())).collect();
    let encodings =
        [("", Sm2SignatureEncoding::Raw), ("a DER signature where raw r‖s is due", Sm2SignatureEncoding::Der)];
    let digests = [("", RsaDigest::Sha1), ("SHA-256 for SHA-1", RsaDigest::Sha256)];
    let roles: Vec<_> = keys
        .iter()
        .filter(|(name, key)| name.is_none() || *key != configured)
        .flat_map(|(name, key)| {
            let another = name.map(|name| format!("{name} instead of the configured one"));
            roles(key, another, &users, encodings, digests)
        })
        .collect();
    let mut finder = Finder::default();
    // Two changes of the body may result in the same string.
    let mut tried = HashSet::new();
    for_each_body(body, |changes, body| {
        let Some(Signed { words, string, sign }) = read(body) else { return };
        if !tried.insert((string.clone(), sign.clone())) {
            return;
        }
        for (signature_words, signature) in signatures(&sign) {
            for (role_words, verifier) in &roles {
                if verifier.verify(&[&string], &signature).is_ok() {
                    let words = words.into_iter().chain(signature_words).map(str::to_owned);
                    finder.found(changes, words.chain(role_words.iter().cloned()));
                }
            }
        }
    });
    Ok(finder.fewest(unchanged))
}

/// A body's string to sign and its signature, and the words for an unusual reading.
pub(super) struct Signed {
    pub(super) words: Option<&'static str>,
    pub(super) string: Vec<u8>,
    pub(super) sign: String,
}

/// What a response signs.
fn signed(body: &[u8]) -> Option<Signed> {
    let response = Members::parse(body).ok()?;
    let response = response.peek();
    let sign = response.get("sign").unwrap_or_default().to_owned();
    Some(Signed { words: None, string: response.parts_to_sign().concat(), sign })
}

/// The signature fits the key; only its form does not.
const UNCHANGED: &str = "the response unchanged: `sign_type` does not fit";

pub(super) fn request(arguments: &sign::AllinpayRequest, config: &Config) -> Result<Explained, Error> {
    let config = config.allinpay()?;
    let (parameters, signature) = sign::allinpay_signature(arguments, &config)?;
    let mut report = Report::default();
    let mut first = Ok(());
    report.show_string(&parameters.parts_to_sign());
    let user = parameters.get("appid").unwrap_or_default();
    let sign_type = config.merchant()?.sign_type();
    let id = match sign_type {
        SignType::Sm2 => format!("private_key, SM2 user id {user}"),
        _ => "private_key".to_owned(),
    };
    report.key = Some(Key { id, algorithm: sign_type.as_str() });
    let own = roles(
        &config.private_key()?.public_key(),
        None,
        &[("", user)],
        [("", Sm2SignatureEncoding::Raw); 2],
        [("", RsaDigest::Sha1); 2],
    );
    let verified = own.iter().any(|(_, key)| key.verify(&parameters.parts_to_sign(), signature.as_bytes()).is_ok());
    let verified = if verified {
        Ok(())
    } else {
        Err(Error::config("the signature does not verify under the public half of the key; check the key file"))
    };
    report.pass("signature");
    report.check("own public key", verified, &mut first);
    report.sign = Some(signature.to_base64());
    Ok((report, first))
}
