//! `open`: a stored message, verified, decrypted and printed.

use protocol_core::codec::decode_json;
use protocol_core::complaint::Timestamp;
use protocol_core::limits::{MAX_ANSWER_BODY, MAX_NOTIFICATION_BODY};
use protocol_core::wechat_pay::{CertificateList, PlatformCertificate, RawAnswer, verify_notification};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::args;
use crate::config::WechatPay;
use crate::error::Error;
use crate::{input, output};

pub(crate) fn run(command: &args::Open, config: &std::path::Path) -> Result<(), Error> {
    let config = WechatPay::load(config)?;
    match command {
        args::Open::Notification(arguments) => notification(arguments, &config),
        args::Open::Answer(arguments) => answer(arguments, &config),
        args::Open::Certificates(arguments) => certificates(arguments, &config),
    }
}

fn notification(arguments: &args::Message, config: &WechatPay) -> Result<(), Error> {
    let (keys, _) = config.platform_keys()?;
    let key = config.api_v3_key()?;
    let headers = input::read_headers(&arguments.headers)?;
    let body = input::read(&arguments.body, MAX_NOTIFICATION_BODY)?;
    let now = input::now(arguments.now)?;
    let notification = verify_notification(&headers, &body, &keys, now)?.open(&key)?;
    output::print(&notification)
}

fn answer(arguments: &args::Answer, config: &WechatPay) -> Result<(), Error> {
    let (keys, _) = config.platform_keys()?;
    let headers = input::read_headers(&arguments.message.headers)?;
    let body = input::read(&arguments.message.body, MAX_ANSWER_BODY)?;
    let now = input::now(arguments.message.now)?;
    let answer = RawAnswer { status: arguments.status, headers: &headers, body: &body }.verify(&keys, now)?;
    output::print(&answer_json(answer.body)?)
}

/// The body's JSON as it is; nothing, as after 204, is `null`.
pub(crate) fn answer_json(body: &[u8]) -> Result<Option<Box<RawValue>>, Error> {
    if body.is_empty() { Ok(None) } else { Ok(Some(decode_json("an answer", body)?.trust_anyway())) }
}

/// What is printed of a certificate list: the wire's names, the certificates' own serials and times.
#[derive(Serialize)]
struct Certificates<'a> {
    data: Vec<PrintedCertificate<'a>>,
}

#[derive(Serialize)]
struct PrintedCertificate<'a> {
    serial_no: &'a str,
    effective_time: Timestamp,
    expire_time: Timestamp,
    pem: &'a str,
}

fn certificates(arguments: &args::Certificates, config: &WechatPay) -> Result<(), Error> {
    let key = config.api_v3_key()?;
    let body = input::read(&arguments.body, MAX_ANSWER_BODY)?;
    let opened = CertificateList::open(&body, &key)?;
    output::print(&Certificates { data: opened.certificates.iter().map(printed).collect() })?;
    opened.failed.into_iter().next().map_or(Ok(()), |error| Err(error.into()))
}

fn printed(certificate: &PlatformCertificate) -> PrintedCertificate<'_> {
    let validity = certificate.certificate().validity();
    PrintedCertificate {
        serial_no: certificate.certificate().serial_no(),
        effective_time: validity.not_before.into(),
        expire_time: validity.not_after.into(),
        pem: certificate.pem(),
    }
}
