//! `explain` for WeChat Pay.

use complaint_channels::PlatformKey;
use protocol_core::codec::decode_json;
use protocol_core::crypto::{KeyStore as _, Keyring, SignatureAlgorithm};
use protocol_core::limits::{MAX_NOTIFICATION_BODY, MAX_RESPONSE_BODY};
use protocol_core::wechat_pay::{
    CertificateList, RawResponse, Scheme, SignatureHeaders, signer, verifier, verify_notification,
};
use protocol_core::{Headers, UnixTime};

use super::changes::LOST;
use super::report::{Explained, Key, Report};
use super::variants;
use crate::commands::{open, sign};
use crate::config::Config;
use crate::error::Error;
use crate::input;
use crate::input::headers;
use crate::language::say;

fn algorithm(algorithm: SignatureAlgorithm) -> &'static str {
    Scheme::of(algorithm).map_or("not WeChat Pay's", Scheme::as_str)
}

pub(super) fn notification(message: &open::Message, config: &Config) -> Result<Explained, Error> {
    let config = config.wechat_pay()?;
    let (ring, keys) = (config.keyring()?, config.platform_keys()?);
    let api_v3_key = config.api_v3_key()?;
    let headers = headers::read(&message.headers)?;
    let now = input::now(message.now)?;
    let mut report = Report::default();
    let mut first = Ok(());
    let Some(body) = report.check("size", input::read(&message.body, MAX_NOTIFICATION_BODY), &mut first) else {
        return Ok((report, first));
    };
    signature_checks(&mut report, &mut first, &headers, &body, &ring, &keys, now);
    if first.is_err() {
        report.skip("envelope");
        report.skip("decryption");
        return Ok((report, first));
    }
    let envelope = verify_notification(&headers, &body, &ring, now).map_err(Error::from);
    match report.check("envelope", envelope, &mut first) {
        Some(envelope) => {
            report.check("decryption", envelope.open(&api_v3_key).map_err(Error::from), &mut first);
        }
        None => report.skip("decryption"),
    }
    Ok((report, first))
}

pub(super) fn response(arguments: &open::Response, config: &Config) -> Result<Explained, Error> {
    let config = config.wechat_pay()?;
    let (ring, keys) = (config.keyring()?, config.platform_keys()?);
    let headers = headers::read(&arguments.message.headers)?;
    let now = input::now(arguments.message.now)?;
    let mut report = Report::default();
    let mut first = Ok(());
    let Some(body) = report.check("size", input::read(&arguments.message.body, MAX_RESPONSE_BODY), &mut first) else {
        return Ok((report, first));
    };
    let success = (200..300).contains(&arguments.status);
    if success || SignatureHeaders::any(&headers) {
        signature_checks(&mut report, &mut first, &headers, &body, &ring, &keys, now);
    } else {
        report.pass_with("headers", say("explain-unsigned"));
    }
    let raw = RawResponse { status: arguments.status, headers: &headers, body: &body };
    match first {
        Err(_) => report.skip("status"),
        Ok(()) => {
            let verified = raw.verify(&ring, now).map_err(Error::from);
            if report.check("status", verified, &mut first).is_some() {
                report.check("body", open::response_json(&body), &mut first);
            }
        }
    }
    Ok((report, first))
}

/// Headers, probe, clock, key, signature, in the library's order. A failed clock ends nothing.
fn signature_checks(
    report: &mut Report,
    first: &mut Result<(), Error>,
    headers: &(impl Headers + ?Sized),
    body: &[u8],
    ring: &Keyring,
    keys: &[PlatformKey],
    now: UnixTime,
) {
    let Some(headers) = report.check("headers", SignatureHeaders::read(headers).map_err(Error::from), first) else {
        ["probe", "clock", "key", "signature"].into_iter().for_each(|check| report.skip(check));
        return;
    };
    report.show_string(&headers.parts_to_verify(body));
    if report.check("probe", headers.check_probe().map_err(Error::from), first).is_none() {
        ["clock", "key", "signature"].into_iter().for_each(|check| report.skip(check));
        return;
    }
    report.check("clock", headers.check_clock(now).map_err(Error::from), first);
    let found = ring.find(headers.serial(), now).map_err(Error::from);
    let verified = match report.check("key", found, first) {
        Some(key) => {
            report.key = Some(Key { id: headers.serial().to_owned(), algorithm: algorithm(key.algorithm()) });
            let verified = headers.check_signature(body, &*key).map_err(Error::from);
            report.check("signature", verified, first).is_some()
        }
        None => {
            report.skip("signature");
            false
        }
    };
    if !verified {
        report.tell(variants::that_verify(&headers, body, keys), body, LOST);
    }
}

pub(super) fn certificates(arguments: &open::Certificates, config: &Config) -> Result<Explained, Error> {
    let config = config.wechat_pay()?;
    let key = config.api_v3_key()?;
    let mut report = Report::default();
    let mut first = Ok(());
    let Some(body) = report.check("size", input::read(&arguments.body, MAX_RESPONSE_BODY), &mut first) else {
        return Ok((report, first));
    };
    let list = open::check_certificates(&body, arguments)
        .and_then(|()| decode_json::<CertificateList>("a certificate list", &body).map_err(Error::from));
    if report.check("list", list, &mut first).is_none() {
        report.skip("certificates");
        return Ok((report, first));
    }
    let opened = CertificateList::open(&body, &key).map_err(Error::from);
    let opened = opened.and_then(|opened| opened.failed.into_iter().next().map_or(Ok(()), |error| Err(error.into())));
    report.check("certificates", opened, &mut first);
    Ok((report, first))
}

pub(super) fn request(arguments: &sign::WechatPayRequest, config: &Config) -> Result<Explained, Error> {
    let config = config.wechat_pay()?;
    let merchant = config.merchant()?;
    let key = config.private_key()?;
    let request = sign::Request::read(arguments)?;
    let mut report = Report::default();
    let mut first = Ok(());
    let signer = signer(&key).map_err(Error::config)?;
    let unsigned = merchant.prepare_parts(request.parts, &request.stamp.as_stamp())?;
    report.show_string(&unsigned.parts_to_sign());
    report.key = Some(Key { id: merchant.serial_no().to_owned(), algorithm: algorithm(signer.algorithm()) });
    let signature = signer.sign(&unsigned.parts_to_sign()).map_err(Error::config);
    if let Some(signature) = report.check("signature", signature, &mut first) {
        let own = verifier(&key.public_key()).map_err(Error::config)?;
        let verified = own.verify(&unsigned.parts_to_sign(), signature.as_bytes());
        let verified = verified.map_err(|_| {
            Error::config("the signature does not verify under the public half of the key; check the key file")
        });
        report.check("own public key", verified, &mut first);
        let signed = unsigned.attach(&signature);
        report.authorization =
            signed.headers().find(|(name, _)| *name == "Authorization").map(|(_, value)| value.to_owned());
    }
    Ok((report, first))
}
