//! Errors as the command line tells them: a code, what happened, what to do.

mod call;
mod code;
mod refusal;

use protocol_core::allinpay;
use protocol_core::mini_program::PushError;
use protocol_core::wechat_pay::{CertificateError, NotificationError, RefusalProof, ResponseError, VerificationError};
use protocol_core::{BuildError, DecodeError};

pub(crate) use self::call::Failure;
pub(crate) use self::code::{Code, Error};

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::new(Code::Malformed, format_args!("{error}"))
    }
}

impl Code {
    /// What is wrong with a message that is not proven.
    const fn of(error: &VerificationError) -> Self {
        match error {
            VerificationError::TooLarge { .. } => Self::TooLarge,
            VerificationError::MissingHeader(_) => Self::MissingHeader,
            VerificationError::Probe => Self::Probe,
            VerificationError::StaleTimestamp { .. } => Self::StaleTimestamp,
            VerificationError::UnknownKey(_) => Self::UnknownKey,
            VerificationError::BadSignature => Self::BadSignature,
            _ => Self::Malformed,
        }
    }
}

/// What to do about a key that nobody configured.
const ADD_THE_KEY: &str = "add the platform's certificate or public key under [[wechat-pay.platform_keys]]";

/// Of a stored message.
impl From<VerificationError> for Error {
    fn from(error: VerificationError) -> Self {
        let remedy = match &error {
            VerificationError::TooLarge { .. } => "this is not the platform's; refuse it unread",
            VerificationError::MissingHeader(_) => {
                "give every Wechatpay-* header as it was received; a proxy may have dropped them"
            }
            VerificationError::RepeatedHeader(_) | VerificationError::MalformedHeader { .. } => {
                "give the headers as they were received; the platform writes each once"
            }
            VerificationError::Probe => "answer it with 4xx or 5xx; the platform sends the message again",
            VerificationError::StaleTimestamp { .. } => {
                "check this machine's clock; for a stored message, fix the time with --now"
            }
            VerificationError::UnknownKey(_) => ADD_THE_KEY,
            VerificationError::BadSignature => "the message is forged, or its bytes were changed on the way",
            _ => "give the message as it was received",
        };
        let told = Self::new(Code::of(&error), format_args!("{error}; {remedy}"));
        if told.code == Code::BadSignature { told.suggesting("tries the usual changes") } else { told }
    }
}

impl From<NotificationError> for Error {
    fn from(error: NotificationError) -> Self {
        match error {
            NotificationError::Verification(error) => error.into(),
            NotificationError::DecryptFailed => Self::new(
                Code::DecryptFailed,
                format_args!("{error}; compare the APIv3 key with the one in the merchant's console"),
            ),
            NotificationError::Malformed(unread) => unread.error.into(),
            other => Self::new(Code::Malformed, other),
        }
    }
}

impl From<ResponseError> for Error {
    fn from(error: ResponseError) -> Self {
        match error {
            ResponseError::Verification(error) => error.into(),
            ResponseError::Rejected { proof: RefusalProof::Failed(ref unproven), .. } => {
                Self::from(unproven.clone()).and(refusal::in_full(&error))
            }
            ResponseError::Rejected { .. } => Self::new(Code::Rejected, refusal::in_full(&error)),
            ResponseError::NotFinished => Self::new(Code::Rejected, error),
            ResponseError::Certificates(error) => (*error).into(),
            other => Self::new(Code::Malformed, other),
        }
    }
}

impl From<CertificateError> for Error {
    fn from(error: CertificateError) -> Self {
        match error {
            CertificateError::Response(error) => error.into(),
            CertificateError::Malformed(error) => error.into(),
            CertificateError::DecryptFailed { .. } => Self::new(
                Code::DecryptFailed,
                format_args!("{error}; compare the APIv3 key with the one in the merchant's console"),
            ),
            other => Self::new(Code::Malformed, other),
        }
    }
}

impl Error {
    /// Of a message that opened: its text is printed.
    pub(crate) fn of_unread(error: &DecodeError) -> Self {
        Self::new(
            Code::Malformed,
            format_args!("{error}; the message opened, and is printed as it came: read the complaint by its number"),
        )
    }
}

impl From<PushError> for Error {
    fn from(error: PushError) -> Self {
        let (code, remedy) = match &error {
            PushError::Malformed(error) | PushError::Unreadable { error, .. } => {
                return Self::new(Code::Malformed, error);
            }
            PushError::TooLarge => (Code::TooLarge, "this is not the platform's; refuse it unread"),
            PushError::MissingParameter(_) => (Code::MissingHeader, "give the whole query, as it was received"),
            PushError::RepeatedParameter(_) | PushError::MalformedParameter(_) => {
                (Code::Malformed, "give the query as it was received")
            }
            PushError::StaleTimestamp { .. } => {
                (Code::StaleTimestamp, "check this machine's clock; for a stored message, fix the time with --now")
            }
            PushError::BadSignature => (
                Code::BadSignature,
                "the message is forged, was changed, or came in clear where `mode` wants it encrypted",
            ),
            PushError::DecryptFailed => (Code::DecryptFailed, "compare the EncodingAESKey with the one in the console"),
            PushError::WrongAppid => (Code::WrongAppid, "compare `appid` with the application it was sent to"),
            PushError::Encrypted => (Code::Config, "set `mode` to what the console says"),
            _ => (Code::Malformed, "give the message as it was received"),
        };
        let told = Self::new(code, format_args!("{error}; {remedy}"));
        if code == Code::BadSignature { told.suggesting("tries the usual causes") } else { told }
    }
}

impl From<allinpay::ResponseError> for Error {
    fn from(error: allinpay::ResponseError) -> Self {
        use allinpay::ResponseError;

        let (code, remedy) = match error {
            ResponseError::NoResponse(error) => return Self::new(Code::Malformed, error),
            ResponseError::Malformed(_) => return refusal::unparsed(&error),
            ResponseError::Refused(refusal) => return refusal::behind_allinpay(&refusal),
            ResponseError::Unclear(handled) => return refusal::unclear(&handled),
            ResponseError::Rejected { retcode, retmsg } => {
                let words = retmsg.map(|words| format!(": {}", words.trust_anyway().expose())).unwrap_or_default();
                let message = format_args!(
                    "the platform answered {retcode}{words} (unauthenticated: believe it no further than you must)"
                );
                return Self::new(Code::Rejected, message);
            }
            ResponseError::Failed { handlemsg } => {
                let words = handlemsg.map(|words| format!(": {}", words.expose())).unwrap_or_default();
                return Self::new(Code::Rejected, format_args!("the platform could not do it{words} (signed)"));
            }
            ResponseError::TooLarge { .. } => (Code::TooLarge, "this is not the platform's; refuse it unread"),
            ResponseError::NoSignature(none) => (Code::BadSignature, no_signature(none)),
            ResponseError::BadSignature => (
                Code::BadSignature,
                "the response is forged, was changed, or is signed with another key or under another user id",
            ),
            ResponseError::WrongAppid => (Code::WrongAppid, "compare `appid` and `cusid` with the request it answers"),
            _ => (Code::Malformed, "give the response as it was received"),
        };
        let told = Self::new(code, format_args!("{error}; {remedy}"));
        if code == Code::BadSignature { told.suggesting("tries the usual causes") } else { told }
    }
}

/// What to do about a response of Allinpay's without a signature.
const fn no_signature(none: allinpay::NoSignature) -> &'static str {
    match none {
        allinpay::NoSignature::Missing => {
            "the platform signs every success: this one is not the platform's, or it was changed on the way"
        }
        allinpay::NoSignature::Md5 => {
            "the complaint interfaces offer RSA and SM2 alone; the console says which algorithm the account has: choose one \
             of the two there, and say so in `sign_type`"
        }
        _ => "give the response as it was received",
    }
}

/// A value that does not fit comes from the arguments: those of the configuration are checked where they are read. A key that
/// does not sign is the configuration's.
impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Field { .. } | BuildError::NotTaken { .. } => Self::usage(error),
            _ => Self::config(error),
        }
    }
}
