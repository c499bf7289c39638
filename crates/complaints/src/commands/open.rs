//! `open`: a stored message, verified, decrypted and printed.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use complaint_channels::{AllinpaySettings, MiniProgramSettings, WechatPaySettings};
use protocol_core::Verified;
use protocol_core::allinpay;
use protocol_core::allinpay::NoticeError;
use protocol_core::codec::decode_json;
use protocol_core::complaint::Timestamp;
use protocol_core::limits::{
    MAX_BASE64_IMAGE_BODY, MAX_NOTICE_BODY, MAX_NOTIFICATION_BODY, MAX_PUSH_BODY, MAX_RESPONSE_BODY,
};
use protocol_core::mini_program::PushError;
use protocol_core::wechat_pay::{
    CertificateList, NotificationError, PlatformCertificate, RawResponse, UnreadNotification, verify_notification,
};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::config::Config;
use crate::error::Error;
use crate::input;
use crate::input::headers;
use crate::input::kind::{self, Kind};
use crate::view::printed::Printed;
use crate::view::{output, pushed};

#[derive(Debug, Subcommand)]
pub(crate) enum Arguments {
    /// A notification of WeChat Pay.
    #[command(name = "wechat-pay")]
    Notification(Message),
    /// A response of WeChat Pay's interfaces.
    #[command(name = "wechat-pay-response")]
    Response(Response),
    /// The list of WeChat Pay's platform certificates, which the APIv3 key decrypts.
    #[command(name = "wechat-pay-certificates")]
    Certificates(Certificates),
    /// A message pushed to a Mini Program.
    MiniProgram(Push),
    /// A response of Allinpay's complaint interfaces. Its `records` are decoded.
    Allinpay(AllinpayBody),
    /// A notice that Allinpay posted to the risk notification URL.
    AllinpayNotice(AllinpayBody),
}

#[derive(Debug, Args)]
pub(crate) struct Message {
    /// The headers: lines of `Name: value`, `curl -v`, JSON, or a map as a program prints it.
    #[arg(long, value_name = "FILE")]
    pub(crate) headers: PathBuf,

    /// The body, byte for byte as received; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: PathBuf,

    /// The time to check against, in seconds since 1970. Default: the machine's clock.
    #[arg(long, value_name = "UNIX", allow_negative_numbers = true)]
    pub(crate) now: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct Response {
    /// The HTTP status.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(100..=599))]
    pub(crate) status: u16,

    #[command(flatten)]
    pub(crate) message: Message,
}

#[derive(Debug, Args)]
pub(crate) struct Certificates {
    /// The body of the response; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Push {
    /// The query of the URL it was posted to, `signature=…&timestamp=…&nonce=…`, as received.
    #[arg(long, value_name = "QUERY")]
    pub(crate) query: String,

    /// The body, byte for byte as received; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: PathBuf,

    /// The time to check against, in seconds since 1970. Default: the machine's clock.
    #[arg(long, value_name = "UNIX", allow_negative_numbers = true)]
    pub(crate) now: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct AllinpayBody {
    /// The body, byte for byte as received; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: PathBuf,
}

pub(crate) fn run(command: &Arguments, config: &Config) -> Result<(), Error> {
    match command {
        Arguments::Notification(arguments) => notification(arguments, &config.wechat_pay()?),
        Arguments::Response(arguments) => response(arguments, &config.wechat_pay()?),
        Arguments::Certificates(arguments) => certificates(arguments, &config.wechat_pay()?),
        Arguments::MiniProgram(arguments) => push(arguments, &config.mini_program()?),
        Arguments::Allinpay(arguments) => allinpay_response(arguments, &config.allinpay()?),
        Arguments::AllinpayNotice(arguments) => allinpay_notice(arguments, &config.allinpay()?),
    }
}

fn notification(arguments: &Message, config: &WechatPaySettings) -> Result<(), Error> {
    let keys = config.keyring()?;
    let key = config.api_v3_key()?;
    let headers = headers::read(&arguments.headers)?;
    let body = input::read(&arguments.body, MAX_NOTIFICATION_BODY)?;
    let now = input::now(arguments.now)?;
    let opened = verify_notification(&headers, &body, &keys, now).and_then(|envelope| envelope.open(&key));
    let opened = match opened {
        Err(NotificationError::Malformed(unread)) if !unread.is_sealed => {
            let UnreadNotification { error, id, complaint_id, document, .. } = *unread;
            output::print(&Unread { id, complaint_id, document: document.expose(), ..Unread::default() })?;
            return Err(Error::of_unread(&error));
        }
        opened => opened.map_err(Error::from),
    };
    let notification = kind::told(opened, &body)?;
    output::note_misfits(None, &notification.misfits());
    Printed::notification(&notification)?.print()
}

fn response(arguments: &Response, config: &WechatPaySettings) -> Result<(), Error> {
    let keys = config.keyring()?;
    let headers = headers::read(&arguments.message.headers)?;
    let body = input::read(&arguments.message.body, MAX_RESPONSE_BODY)?;
    let now = input::now(arguments.message.now)?;
    let response = RawResponse { status: arguments.status, headers: &headers, body: &body }.verify(&keys, now);
    let response = kind::told(response.map_err(Error::from), &body)?;
    output::print(&kind::told(response_json(response.body), &body)?)
}

fn push(arguments: &Push, config: &MiniProgramSettings) -> Result<(), Error> {
    let receiver = config.receiver()?;
    let body = input::read(&arguments.body, MAX_PUSH_BODY)?;
    let received = match receiver.open(&arguments.query, &body, input::now(arguments.now)?) {
        Err(PushError::Unreadable { error, complaint_order_id: number, document, .. }) => {
            let document = document.as_str();
            // The number has the name that its push gives it.
            let (complaint_id, complaint_order_id) =
                if document.contains(pushed::XPAY_COMPLAINT) { (number, None) } else { (None, number) };
            output::print(&Unread { complaint_id, complaint_order_id, document, ..Unread::default() })?;
            return Err(Error::of_unread(&error));
        }
        received => kind::told(received.map_err(Error::from), &body)?,
    };
    pushed::print(received.push())
}

/// The printed form of a message that opens but cannot be read, with the ids that can.
#[derive(Default, Serialize)]
struct Unread<'a> {
    /// A notification's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The complaint of a notification, or of virtual payment's push.
    #[serde(skip_serializing_if = "Option::is_none")]
    complaint_id: Option<String>,
    /// The complaint of a push.
    #[serde(skip_serializing_if = "Option::is_none")]
    complaint_order_id: Option<String>,
    /// The message in clear.
    document: &'a str,
}

fn allinpay_response(arguments: &AllinpayBody, config: &AllinpaySettings) -> Result<(), Error> {
    let merchant = config.merchant()?;
    let verifier = config.verifier()?;
    let body = input::read(&arguments.body, MAX_BASE64_IMAGE_BODY)?;
    kind::check_blank(&body, &arguments.body)?;
    let response = kind::told(merchant.open(&body, &*verifier).map_err(Error::from), &body)?;
    output::print(&AllinpayMembers::of(&response)?)
}

fn allinpay_notice(arguments: &AllinpayBody, config: &AllinpaySettings) -> Result<(), Error> {
    let merchant = config.merchant()?;
    let verifier = config.verifier()?;
    let body = input::read(&arguments.body, MAX_NOTICE_BODY)?;
    kind::check_blank(&body, &arguments.body)?;
    let notice = match merchant.open_notice(&body, &*verifier) {
        Err(NoticeError::Unreadable(unread)) => {
            output::print(&Unread { document: unread.document.expose(), ..Unread::default() })?;
            return Err(Error::of_unread(&unread.error));
        }
        opened => kind::told(opened.map_err(Error::from), &body)?,
    };
    output::note_misfits(None, &notice.misfits());
    output::print(&*notice)
}

/// A response's members, unchanged except for `records`, which are decoded.
pub(crate) struct AllinpayMembers(Vec<(String, Box<RawValue>)>);

impl AllinpayMembers {
    pub(crate) fn of(response: &Verified<allinpay::Members<'_>>) -> Result<Self, Error> {
        let members = response.members().map(|(name, json)| {
            let value = match name {
                "records" if response.get(name).is_some() => response.records("records")?,
                _ => decode_json("a response", json.as_bytes())?.trust_anyway(),
            };
            Ok((name.to_owned(), value))
        });
        members.collect::<Result<_, Error>>().map(Self)
    }
}

impl Serialize for AllinpayMembers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The body's JSON, unchanged. An empty body, as after 204, is `null`.
pub(crate) fn response_json(body: &[u8]) -> Result<Option<Box<RawValue>>, Error> {
    if body.is_empty() { Ok(None) } else { Ok(Some(decode_json("a response", body)?.trust_anyway())) }
}

/// The printed form of a certificate list: the wire's names, serials and times of the certificates.
#[derive(Serialize)]
struct PrintedCertificates<'a> {
    data: Vec<PrintedCertificate<'a>>,
}

#[derive(Serialize)]
struct PrintedCertificate<'a> {
    serial_no: &'a str,
    effective_time: Timestamp,
    expire_time: Timestamp,
    pem: &'a str,
}

/// Refuses other documents than a list of certificates, such as a refusal.
pub(crate) fn check_certificates(body: &[u8], arguments: &Certificates) -> Result<(), Error> {
    kind::check_blank(body, &arguments.body)?;
    Kind::expect(body, &Kind::Certificates, "a list of certificates")
}

fn certificates(arguments: &Certificates, config: &WechatPaySettings) -> Result<(), Error> {
    let key = config.api_v3_key()?;
    let body = input::read(&arguments.body, MAX_RESPONSE_BODY)?;
    check_certificates(&body, arguments)?;
    let opened = CertificateList::open(&body, &key)?;
    output::print(&PrintedCertificates { data: opened.certificates.iter().map(printed).collect() })?;
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
