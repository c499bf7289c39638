//! Errors of calls: what came back, or did not, and whether what was asked for may have happened all the same.

use http_transport::{SendError, SendErrorKind};
use protocol_core::Delivery;
use protocol_core::wechat_pay::{AnswerError, RefusalProof, VerificationError};

use super::{ADD_THE_KEY, Code, Error};

impl Error {
    /// As `From`, for a request that changes something: whether it may have, is part of what happened.
    pub(crate) fn of_act(error: wechat_adapter::Error) -> Self {
        let may_have_happened = error.delivery() == Delivery::Unknown && !is_401(&error);
        let error = Self::from(error);
        if may_have_happened { error.and("it may have taken effect: look before you try again") } else { error }
    }

    /// Of an answer that just came.
    fn of_answer(error: VerificationError) -> Self {
        let remedy = match &error {
            VerificationError::Probe => "ask again: the next answer is rightly signed",
            VerificationError::StaleTimestamp { .. } => "check this machine's clock",
            VerificationError::UnknownKey(_) => ADD_THE_KEY,
            VerificationError::BadSignature => {
                "the answer is forged, was changed on the way, or the key under [[wechat-pay.platform_keys]] is not the \
                 platform's"
            }
            _ => "this is not the platform's answer; check `base_url`, `proxy` and who stands between",
        };
        Self::new(Code::of(&error), format_args!("{error}; {remedy}"))
    }
}

/// The one refusal that the platform never signs.
const fn is_401(error: &wechat_adapter::Error) -> bool {
    let wechat_adapter::Error::Answer(AnswerError::Rejected { status, proof, .. }) = error else { return false };
    matches!((status, proof), (401, RefusalProof::Unsigned))
}

impl From<wechat_adapter::Error> for Error {
    fn from(error: wechat_adapter::Error) -> Self {
        let about_us = is_401(&error);
        match error {
            wechat_adapter::Error::Answer(error) if about_us => {
                Self::from(error).and("compare `mchid`, `serial_no`, `private_key` and this machine's clock")
            }
            wechat_adapter::Error::Build(error) => error.into(),
            wechat_adapter::Error::Send(error) => error.into(),
            wechat_adapter::Error::Answer(
                AnswerError::Verification(error) | AnswerError::Rejected { proof: RefusalProof::Failed(error), .. },
            ) => Self::of_answer(error),
            wechat_adapter::Error::Answer(error) => error.into(),
            // What may have happened earlier is said by whoever acts.
            wechat_adapter::Error::AfterUnknown(error) => Self::from(*error),
            other => Self::new(Code::Rejected, other),
        }
    }
}

impl From<SendError> for Error {
    fn from(error: SendError) -> Self {
        let remedy = match error.kind() {
            SendErrorKind::Connect => "check the network, `base_url` and `proxy`",
            SendErrorKind::Tls => "check `root_certificate`, and who stands between",
            SendErrorKind::Request => "check `base_url`",
            _ => "try again later",
        };
        // What keeps it from being sent has a cause that names what to mend: the one at the bottom.
        let mut cause: Option<&dyn std::error::Error> = None;
        if !error.may_have_been_sent() {
            cause = std::error::Error::source(&error);
            while let Some(deeper) = cause.and_then(std::error::Error::source) {
                cause = Some(deeper);
            }
        }
        let cause = cause.map(|cause| format!(" ({cause})")).unwrap_or_default();
        Self::new(Code::Network, format_args!("{error}{cause}; {remedy}"))
    }
}
