//! Errors of the command line: a code, what happened, and what to do.

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
    /// The code of a message that is not proven.
    const fn of(error: &VerificationError) -> Self {
        match error {
            VerificationError::TooLarge { .. } => Self::TooLarge,
            VerificationError::MissingHeader(_) => Self::MissingHeader,
            VerificationError::Probe => Self::Probe,
            VerificationError::StaleTimestamp { .. } => Self::StaleTimestamp,
            VerificationError::UnknownKey { .. } => Self::UnknownKey,
            VerificationError::BadSignature => Self::BadSignature,
            _ => Self::Malformed,
        }
    }
}

/// The remedy for a key that is not configured.
const ADD_THE_KEY: &str = "add the platform's certificate or public key under [[wechat-pay.platform_keys]]";

/// For a stored message.
impl From<VerificationError> for Error {
    fn from(error: VerificationError) -> Self {
        let remedy = match &error {
            VerificationError::TooLarge { .. } => "the platform sends no such message; refuse it unread",
            VerificationError::MissingHeader(_) => {
                "give every Wechatpay-* header unchanged; a proxy may have dropped them"
            }
            VerificationError::RepeatedHeader(_) | VerificationError::MalformedHeader { .. } => {
                "give the headers unchanged; the platform sends each once"
            }
            VerificationError::Probe => "respond with 4xx or 5xx; the platform sends the message again",
            VerificationError::StaleTimestamp { .. } => {
                "check this machine's clock; for a stored message, give its time with --now"
            }
            VerificationError::UnknownKey { .. } => ADD_THE_KEY,
            VerificationError::BadSignature => "the message is forged, or was changed on the way",
            _ => "give the message unchanged",
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
    /// For a message that was opened and printed, but cannot be read.
    pub(crate) fn of_unread(error: &DecodeError) -> Self {
        Self::new(
            Code::Malformed,
            format_args!("{error}; the message was opened and is printed unchanged; read the complaint by its number"),
        )
    }
}

impl From<PushError> for Error {
    fn from(error: PushError) -> Self {
        let (code, remedy) = match &error {
            PushError::Malformed(error) | PushError::Unreadable { error, .. } => {
                return Self::new(Code::Malformed, error);
            }
            PushError::TooLarge => (Code::TooLarge, "the platform sends no such message; refuse it unread"),
            PushError::MissingParameter(_) => (Code::MissingHeader, "give the whole query, unchanged"),
            PushError::RepeatedParameter(_) | PushError::MalformedParameter(_) => {
                (Code::Malformed, "give the query unchanged")
            }
            PushError::StaleTimestamp { .. } => {
                (Code::StaleTimestamp, "check this machine's clock; for a stored message, give its time with --now")
            }
            PushError::BadSignature => (
                Code::BadSignature,
                "the message is forged, was changed, or is not encrypted although `mode` requires it",
            ),
            PushError::DecryptFailed => (Code::DecryptFailed, "compare the EncodingAESKey with the one in the console"),
            PushError::WrongAppid => (Code::WrongAppid, "compare `appid` with the application it was sent to"),
            PushError::Encrypted => (Code::Config, "set `mode` to what the console says"),
            _ => (Code::Malformed, "give the message unchanged"),
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
                    "the platform responded with {retcode}{words} (unauthenticated: it may not be the platform's)"
                );
                return Self::new(Code::Rejected, message);
            }
            ResponseError::Failed { handlemsg } => {
                let words = handlemsg.map(|words| format!(": {}", words.expose())).unwrap_or_default();
                return Self::new(Code::Rejected, format_args!("the platform could not do it{words} (signed)"));
            }
            ResponseError::TooLarge { .. } => (Code::TooLarge, "the platform sends no such message; refuse it unread"),
            ResponseError::NoSignature(none) => (Code::BadSignature, no_signature(none)),
            ResponseError::BadSignature => (
                Code::BadSignature,
                "the response is forged, was changed, or is signed with another key or under another user id",
            ),
            ResponseError::WrongAppid => (Code::WrongAppid, "compare `appid` and `cusid` with those of the request"),
            _ => (Code::Malformed, "give the response unchanged"),
        };
        let told = Self::new(code, format_args!("{error}; {remedy}"));
        if code == Code::BadSignature { told.suggesting("tries the usual causes") } else { told }
    }
}

impl From<allinpay::NoticeError> for Error {
    fn from(error: allinpay::NoticeError) -> Self {
        use allinpay::{NoSignature, NoticeError};

        let (code, remedy) = match &error {
            NoticeError::Malformed(error) => return Self::new(Code::Malformed, error),
            NoticeError::Unreadable(unread) => return Self::new(Code::Malformed, &unread.error),
            NoticeError::TooLarge => (Code::TooLarge, "the platform sends no such message; refuse it unread"),
            NoticeError::NoSignature(NoSignature::Missing) => (
                Code::BadSignature,
                "the platform signs every notice: this one is not the platform's, or was changed on the way",
            ),
            NoticeError::NoSignature(none) => (Code::BadSignature, no_signature(*none)),
            NoticeError::OtherSignType => (Code::Config, "set `sign_type` and `platform_key` to what the console says"),
            NoticeError::BadSignature => {
                (Code::BadSignature, "the notice is forged, was changed, or is signed with another key")
            }
            NoticeError::WrongAppid => {
                (Code::WrongAppid, "compare `appid` and `cusid` with the merchant it was posted to")
            }
            _ => (Code::Malformed, "give the body unchanged"),
        };
        let told = Self::new(code, format_args!("{error}; {remedy}"));
        if code == Code::BadSignature { told.suggesting("tries the usual causes") } else { told }
    }
}

/// The remedy for a response of Allinpay's without a signature.
const fn no_signature(none: allinpay::NoSignature) -> &'static str {
    match none {
        allinpay::NoSignature::Missing => {
            "the platform signs every success: this response is not the platform's, or was changed on the way"
        }
        allinpay::NoSignature::Md5 => {
            "the complaint interfaces offer RSA and SM2 only; the console says which algorithm the account \
             has: choose one of the two there, and set `sign_type` to it"
        }
        _ => "give the response unchanged",
    }
}

/// A wrong value comes from the arguments: the configuration's values are checked when they are
/// read. A key that does not sign is the configuration's.
impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Field { .. } | BuildError::NotTaken { .. } => Self::usage(error),
            _ => Self::config(error),
        }
    }
}
