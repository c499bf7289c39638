//! Errors of calls: the response, or its absence, and whether the request may have taken effect
//! nevertheless.

use http_transport::{SendError, SendErrorKind};
use protocol_core::call::{CallError, OutsideError, ResponseFailure};
use protocol_core::channel::ChannelError;
use protocol_core::complaint::UnreadableRow;
use protocol_core::mini_program::{self, ServerCode};
use protocol_core::wechat_pay::{RefusalProof, ResponseError, VerificationError};
use protocol_core::{DecodeError, Delivery, Fault, allinpay};
use wechat_adapter::virtual_payment;

use super::{ADD_THE_KEY, Code, Error, refusal};

/// The error of a call through any channel.
pub(crate) trait Failure: Into<Error> {
    /// Whether the request may have taken effect nevertheless.
    fn may_have_happened(&self) -> bool;

    /// Why a document could not be parsed, where that is the error.
    fn unparsed(&self) -> Option<&DecodeError>;
}

impl<R: Received> Failure for CallError<R> {
    fn may_have_happened(&self) -> bool {
        self.failure().delivery == Delivery::Unknown && !matches!(self, Self::Response(response) if response.is_401())
    }

    fn unparsed(&self) -> Option<&DecodeError> {
        self.response().and_then(R::malformed)
    }
}

/// Of a channel that is usable as any other: in the words of its own error.
impl Failure for ChannelError {
    fn may_have_happened(&self) -> bool {
        let wechat_pay = self.cause::<wechat_adapter::Error>().map(Failure::may_have_happened);
        let virtual_payment = || self.cause::<virtual_payment::Error>().map(Failure::may_have_happened);
        let allinpay = || self.cause::<allinpay_adapter::Error>().map(Failure::may_have_happened);
        let own = wechat_pay.or_else(virtual_payment).or_else(allinpay);
        own.unwrap_or_else(|| self.failure().delivery == Delivery::Unknown)
    }

    fn unparsed(&self) -> Option<&DecodeError> {
        let wechat_pay = self.cause::<wechat_adapter::Error>().and_then(Failure::unparsed);
        let virtual_payment = || self.cause::<virtual_payment::Error>().and_then(Failure::unparsed);
        let allinpay = || self.cause::<allinpay_adapter::Error>().and_then(Failure::unparsed);
        wechat_pay.or_else(virtual_payment).or_else(allinpay)
    }
}

impl From<ChannelError> for Error {
    fn from(error: ChannelError) -> Self {
        let wechat_pay = error.cause::<wechat_adapter::Error>().cloned().map(Self::from);
        let virtual_payment = || error.cause::<virtual_payment::Error>().cloned().map(Self::from);
        let allinpay = || error.cause::<allinpay_adapter::Error>().cloned().map(Self::from);
        let own = wechat_pay.or_else(virtual_payment).or_else(allinpay);
        own.unwrap_or_else(|| Self::new(Code::Rejected, error))
    }
}

/// A channel's error of a response that just came, not of a stored one.
pub(crate) trait Received: ResponseFailure {
    /// As the command line tells it.
    fn received(self) -> Error;

    /// The one refusal that WeChat Pay never signs.
    fn is_401(&self) -> bool {
        false
    }
}

impl<R: Received> From<CallError<R>> for Error {
    fn from(error: CallError<R>) -> Self {
        match error {
            CallError::Build(error) => error.into(),
            CallError::Credential(ref cause) => Self::of_credential(cause, &error),
            CallError::Send(error) => Self::of_sending(&error),
            CallError::Response(error) => error.received(),
            // The caller that acts says what may have happened earlier.
            CallError::AfterUnknown(error) => Self::from(*error),
            CallError::Unprepared { what, error } => {
                let cause = match error.unparsed() {
                    Some(problem) => Self::new(Code::Malformed, problem),
                    None => Self::from(*error),
                };
                Self { message: format!("{what} could not be read, and nothing was sent: {}", cause.message), ..cause }
            }
            CallError::Unreadable(complaint) => Self::of_unreadable(&complaint),
            other => Self::new(Code::Rejected, other),
        }
    }
}

impl Error {
    /// As `From`, for a request that changes something: the text says whether it may have taken
    /// effect.
    pub(crate) fn of_act(error: impl Failure) -> Self {
        let may_have_happened = error.may_have_happened();
        Self { may_have_happened, ..error.into() }
    }

    /// As `From`, for the read of a complaint before an act: the text says that nothing was sent,
    /// and how to go on.
    pub(crate) fn of_preparation(error: impl Failure, go_on: &str) -> Self {
        const UNREAD: &str = "the complaint could not be read, and nothing was sent";

        let cause = match error.unparsed() {
            Some(problem) => Self::new(Code::Malformed, problem),
            None => error.into(),
        };
        Self { message: format!("{UNREAD}; {go_on}: {}", cause.message), ..cause }
    }

    /// Of a complaint that stands in a list.
    pub(crate) fn of_unreadable(complaint: &UnreadableRow) -> Self {
        Self::new(Code::Malformed, complaint)
    }

    /// Of a response that just came.
    fn of_response(error: VerificationError) -> Self {
        let remedy = match &error {
            VerificationError::Probe => "ask again: the next response is rightly signed",
            VerificationError::StaleTimestamp { .. } => "check this machine's clock",
            VerificationError::UnknownKey { .. } => ADD_THE_KEY,
            VerificationError::BadSignature => {
                "the response is forged, was changed on the way, or the key under [[wechat-pay.platform_keys]] is not the \
                 platform's"
            }
            _ => "this is not the platform's response; check `base_url`, `proxy` and who stands between",
        };
        Self::new(Code::of(&error), format_args!("{error}; {remedy}"))
    }
    /// Of a credential that is not there: what the server said, or else what to mend.
    fn of_credential(cause: &OutsideError, error: &impl std::fmt::Display) -> Self {
        let server = cause
            .cause::<CallError<mini_program::ResponseError>>()
            .and_then(CallError::response)
            .or_else(|| cause.cause());
        if let Some(server) = server.filter(|server| server.code().is_some()) {
            return Self::new(Code::Rejected, format_args!("no access token: {}", of_the_server(server)));
        }
        match cause.failure().fault {
            Fault::Network => {
                let bottom = bottom(cause).map(|cause| format!(" ({cause})")).unwrap_or_default();
                Self::new(Code::Network, format_args!("{error}{bottom}; check the network, `base_url` and `proxy`"))
            }
            Fault::Caller => Self::new(Code::Rejected, format_args!("{error}; compare `appid` and `app_secret_file`")),
            _ => Self::new(Code::Rejected, format_args!("{error}; try again later")),
        }
    }

    /// Of a request that got no response.
    fn of_sending(error: &OutsideError) -> Self {
        let remedy = match error.cause().map(SendError::kind) {
            Some(SendErrorKind::Connect) => "check the network, `base_url` and `proxy`",
            Some(SendErrorKind::Tls) => "check `root_certificate`, and who stands between",
            Some(SendErrorKind::Request) => "check `base_url`",
            _ => "try again later",
        };
        // What keeps it from being sent has a cause that names what to mend: the one at the bottom.
        let cause = if error.failure().delivery == Delivery::NotSent { bottom(error) } else { None };
        let cause = cause.map(|cause| format!(" ({cause})")).unwrap_or_default();
        Self::new(Code::Network, format_args!("{error}{cause}; {remedy}"))
    }
}

impl Received for ResponseError {
    fn received(self) -> Error {
        const COMPARE: &str = "compare `mchid`, `serial_no`, `private_key` and this machine's clock";

        match self {
            _ if self.is_401() => Error::from(self).and(COMPARE),
            Self::Verification(error) => Error::of_response(error),
            Self::Rejected { proof: RefusalProof::Failed(ref unproven), .. } => {
                Error::of_response(unproven.clone()).and(refusal::in_full(&self))
            }
            Self::Malformed(_) => refusal::unparsed(&self),
            other => other.into(),
        }
    }

    fn is_401(&self) -> bool {
        matches!(self, Self::Rejected { status: 401, proof: RefusalProof::Unsigned, .. })
    }
}

/// Allinpay signs no refusal: what one says is not proven.
impl Received for allinpay::ResponseError {
    fn received(self) -> Error {
        const STRANGER: &str = "this is not the platform's response; check `base_url`, `proxy` and who stands between";

        match self {
            Self::Status { .. } => Error::new(Code::Rejected, format_args!("{self}: {STRANGER}")),
            Self::BadSignature => Error::new(
                Code::BadSignature,
                "the response's signature does not verify; it is forged, was changed on the way, or `platform_key` is not the \
                 platform's",
            ),
            Self::NoSignature(none) => {
                let remedy = super::no_signature(none);
                Error::new(Code::BadSignature, format_args!("{none}; {remedy}; check `base_url` too"))
            }
            Self::NoResponse(error) => Error::new(Code::Malformed, format_args!("{error}; {STRANGER}")),
            other => other.into(),
        }
    }
}

/// The Mini Program's server signs no response: TLS and the host vouch for it.
impl Received for mini_program::ResponseError {
    fn received(self) -> Error {
        match self {
            Self::TooLarge => Error::new(Code::TooLarge, self),
            Self::Malformed(_) => Error::new(Code::Malformed, self),
            Self::NoResponse { .. } => Error::new(
                Code::Rejected,
                format_args!("{self}: check `base_url`, `proxy` and who stands between, or try again later"),
            ),
            _ => Error::new(Code::Rejected, of_the_server(&self)),
        }
    }
}

/// A refusal with all that is known of it, and what to do about it.
fn of_the_server(error: &mini_program::ResponseError) -> String {
    let words = error.words().map(|words| format!(": {}", words.peek().expose())).unwrap_or_default();
    let request = error.rid().map(|rid| format!(" (request {rid})")).unwrap_or_default();
    let remedy = error.code().and_then(remedy).map(|remedy| format!("; {remedy}")).unwrap_or_default();
    format!("{error}{words}{request}{remedy}")
}

/// The remedy for a refusal of the Mini Program's server.
fn remedy(code: ServerCode) -> Option<&'static str> {
    Some(match code {
        ServerCode::Busy => "the system is busy: try again later",
        ServerCode::NoSuchComplaint => "compare the number, and `appid` with the application it was filed with",
        ServerCode::BadMaterial => "upload the pictures again: their ids last 3 days",
        ServerCode::BadMember => "compare the complaint's number; the words may name another value",
        ServerCode::BadPaySignature => {
            "compare `app_key_file` and `environment`: production and sandbox have a key each"
        }
        ServerCode::NotAllowed => "the platform does not allow the text or the picture: write it differently",
        ServerCode::TooFrequent => "too many requests: try again in a minute",
        ServerCode::WrongStatus => {
            "the complaint has moved on and this can no longer be done: `mini-program show` shows where it stands"
        }
        ServerCode::StateForbids => {
            "the complaint's state does not allow an appeal, or its time is over: `mini-program show` shows it"
        }
        ServerCode::InvalidToken | ServerCode::MalformedToken | ServerCode::ExpiredToken => {
            "compare `appid` and `app_secret_file`"
        }
        ServerCode::BadAppid | ServerCode::NoAppid => "compare `appid` with the console",
        ServerCode::BadSecret | ServerCode::NoSecret => "compare `app_secret_file` with the console",
        ServerCode::SecretFrozen => "unfreeze the secret in the console",
        ServerCode::AddressNotListed => "add this machine's address to the application's list in the console",
        ServerCode::DailyQuota => "the day's quota is used up: try again tomorrow",
        ServerCode::MinuteQuota => "the minute's quota is used up: try again in a minute",
        ServerCode::Forbidden => "the interface is forbidden to this account: see the console",
        ServerCode::AccountFrozen => "the account is frozen: see the console",
        ServerCode::ConfirmationWanted => "the account's administrator has to confirm that this machine asks",
        ServerCode::ConfirmationRefused | ServerCode::ConfirmationRefusedTwice => {
            "the account's administrator refused this machine: it may ask again in an hour"
        }
        _ => return None,
    })
}

/// The first cause of an error.
fn bottom(error: &dyn std::error::Error) -> Option<&dyn std::error::Error> {
    let mut cause = error.source()?;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Some(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_a_token(code: ServerCode) -> String {
        let refusal = mini_program::ResponseError::Refused {
            status: 200,
            code: Some(code),
            words: None,
            rid: Some("r-1".to_owned()),
        };
        let token = OutsideError::from(CallError::from(refusal));
        Error::from(CallError::<mini_program::ResponseError>::Credential(token)).to_string()
    }

    #[test]
    fn what_is_advised_about_a_missing_token_depends_on_the_refusal() {
        for (code, advice) in [
            (ServerCode::BadSecret, "`app_secret_file`"),
            (ServerCode::BadAppid, "`appid`"),
            (ServerCode::AddressNotListed, "this machine's address"),
            (ServerCode::SecretFrozen, "unfreeze"),
            (ServerCode::DailyQuota, "tomorrow"),
            (ServerCode::MinuteQuota, "in a minute"),
            (ServerCode::AccountFrozen, "the account is frozen"),
            (ServerCode::ConfirmationWanted, "administrator"),
        ] {
            let message = without_a_token(code);
            assert!(message.contains(&format!("no access token: the server refused with code {code} (request r-1); ")));
            assert!(message.contains(advice), "{message}");
            let about_the_secret = message.contains("app_secret_file");
            assert_eq!(about_the_secret, code == ServerCode::BadSecret, "{message}");
        }
        let unknown = without_a_token(ServerCode::from(49_999));
        assert!(unknown.ends_with("code 49999 (request r-1)"), "{unknown}");
    }
}
