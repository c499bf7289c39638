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
use crate::language::{of_results, say, say_with};

/// Changes of a response that cannot be undone. The order of members and blanks are not signed.
const LOST: &str = "lost-allinpay";

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
    keys.extend(PUBLISHED_PLATFORM_KEYS.iter().filter_map(|published| {
        Some((Some(name_of(published.name)), PublicKey::read(published.spki.as_bytes()).ok()?))
    }));
    keys.extend(config.private_key().ok().map(|key| (Some(say("published-key-own")), key.public_key())));
    let users = [
        ("", PLATFORM_USER_ID.to_owned()),
        ("variant-sm2-default", SM2_DEFAULT_USER_ID.to_owned()),
        ("variant-sm2-appid", appid.to_owned()),
        ("variant-sm2-none", String::new()),
    ];
    let users: Vec<_> = users.iter().map(|(words, user)| (*words, user.as_str())).collect();
    let encodings = [("", Sm2SignatureEncoding::Raw), ("variant-der-for-raw", Sm2SignatureEncoding::Der)];
    let digests = [("", RsaDigest::Sha1), ("variant-sha-256", RsaDigest::Sha256)];
    let roles: Vec<_> = keys
        .iter()
        .filter(|(name, key)| name.is_none() || *key != configured)
        .flat_map(|(name, key)| {
            let another = name.as_deref().map(|name| say_with("variant-other-key", [("key", name.into())]));
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
                    let words = words.into_iter().chain(signature_words).map(say);
                    finder.found(changes, words.chain(role_words.iter().cloned()));
                }
            }
        }
    });
    Ok(finder.fewest(unchanged))
}

/// A published key in words.
fn name_of(published: &str) -> String {
    let name = published.trim_start_matches("the platform's ").replace(' ', "-");
    of_results().known_word("published-key", &name).unwrap_or_else(|| published.to_owned())
}

/// A body's string to sign and its signature, and the name of the text for an unusual reading.
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
const UNCHANGED: &str = "variant-response-unchanged";

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
