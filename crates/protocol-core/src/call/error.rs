//! A call that did not succeed, in any channel.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::outside_error::OutsideError;
use crate::complaint::UnreadableRow;
use crate::error::{DecodeError, Delivery, Fault};
use crate::failure::Failure;
use crate::request::BuildError;
use crate::secret::Personal;

/// A call that did not succeed. `R` is the channel's error of a response.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum CallError<R> {
    /// A value is out of bounds. No request was sent.
    Build(BuildError),
    /// There is no credential: no access token, no signature of a key service. No request was sent.
    Credential(OutsideError),
    /// The client's own rate has no turn within [`Rates::max_wait`](crate::rate::Rates::max_wait).
    /// This attempt was not sent.
    OverRate {
        /// The wait until the turn; [`Duration::MAX`] if the rate is zero.
        wait: Duration,
    },
    /// No response, or none that is HTTP.
    Send(OutsideError),
    /// The response is a refusal, is not proven, or cannot be read.
    Response(R),
    /// The last attempt failed with the error within. An earlier attempt of the same call may have
    /// taken effect.
    AfterUnknown(Box<Self>),
    /// The read before a change failed. The change was not sent.
    Unprepared {
        /// The document to read.
        what: &'static str,
        /// The error of the read.
        error: Box<Self>,
    },
    /// A complaint of a list, or an entry of a history, that cannot be read; the others are
    /// returned. No retry helps: read a complaint by its number, and report it.
    Unreadable(Box<UnreadableRow>),
    /// A list or a history ended before it had as many rows as the platform counts, in every
    /// attempt. All received rows were returned. The platform may page differently, or count rows
    /// that it does not list.
    Incomplete {
        /// Number of different rows received.
        met: usize,
        /// Number of rows by the platform's last count.
        counted: usize,
    },
    /// The platform keeps returning pages without new rows.
    StalePages,
    /// A setting at the platform did not take the wanted value: another program keeps changing it.
    NotConverged {
        /// The setting.
        what: &'static str,
    },
    /// The act's state could not be stored. This attempt was not sent.
    Store(OutsideError),
    /// Another process may have sent this act, and no look at the complaint shows it, or none could
    /// be read. Read the complaint before sending the act again.
    Unresolved,
}

/// A channel's error of a response.
pub trait ResponseFailure: Error + 'static {
    /// The channel's name of the credential that [`CallError::Credential`] lacks.
    const CREDENTIAL: &'static str = "signature";

    /// The meaning for the call.
    fn failure(&self) -> Failure;

    /// The problem of a success's document, if that is the error.
    fn malformed(&self) -> Option<&DecodeError> {
        None
    }

    /// The platform's own words, if it refused in some: its code and its message. Whether something
    /// vouches for them depends on the channel.
    fn quote(&self) -> Option<Personal<String>> {
        None
    }
}

/// Codes and messages of a platform as one text; `None` if it has none.
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub(crate) fn quoted<'t>(
    codes: impl IntoIterator<Item = Option<&'t str>>,
    messages: impl IntoIterator<Item = Option<&'t Personal<String>>>,
) -> Option<Personal<String>> {
    let messages = messages.into_iter().map(|message| message.map(|message| message.expose().as_str()));
    let texts = codes.into_iter().chain(messages).flatten().map(str::trim).filter(|text| !text.is_empty());
    let texts: Vec<&str> = texts.collect();
    (!texts.is_empty()).then(|| Personal::new(texts.join(" ")))
}

impl<R> CallError<R> {
    /// The error of the response, if there was one; also from within [`CallError::AfterUnknown`] or
    /// [`CallError::Unprepared`].
    #[must_use]
    pub const fn response(&self) -> Option<&R> {
        let mut error = self;
        loop {
            match error {
                Self::Response(response) => return Some(response),
                Self::AfterUnknown(within) | Self::Unprepared { error: within, .. } => error = within,
                _ => return None,
            }
        }
    }

    /// The row that cannot be read, if that is the error.
    #[must_use]
    pub const fn unreadable(&self) -> Option<&UnreadableRow> {
        match self {
            Self::Unreadable(row) => Some(row),
            _ => None,
        }
    }

    /// Whether only some rows of a list or a history are concerned: the rows handed out stand, and
    /// more may come.
    #[must_use]
    pub const fn leaves_the_others(&self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::Incomplete { .. })
    }

    /// Wraps the error of a read before a change.
    #[must_use]
    pub fn unprepared(self, what: &'static str) -> Self {
        Self::Unprepared { what, error: Box::new(self) }
    }
}

impl<R: ResponseFailure> CallError<R> {
    /// The platform's own words, if it refused in some ([`ResponseFailure::quote`]).
    #[must_use]
    pub fn quote(&self) -> Option<Personal<String>> {
        self.response().and_then(R::quote)
    }

    /// The meaning for the call.
    #[must_use]
    pub fn failure(&self) -> Failure {
        match self {
            Self::Build(error) => error.failure(),
            Self::Credential(error) | Self::Send(error) => error.failure(),
            Self::Response(error) => error.failure(),
            Self::AfterUnknown(error) => {
                Failure { delivery: Delivery::Unknown, may_have_happened: true, ..error.failure() }
            }
            Self::Unprepared { error, .. } => {
                Failure { delivery: Delivery::NotSent, may_have_happened: false, ..error.failure() }
            }
            Self::Store(error) => Failure { delivery: Delivery::NotSent, may_have_happened: false, ..error.failure() },
            Self::Unreadable(_) | Self::Incomplete { .. } | Self::StalePages => {
                Failure::new(Fault::Platform, Delivery::Processed)
            }
            Self::OverRate { wait } => {
                let wait = Some(*wait).filter(|wait| *wait < Duration::MAX);
                let failure = Failure::new(Fault::Local, Delivery::NotSent);
                failure.with_is_retryable(wait.is_some()).with_retry_after(wait)
            }
            Self::NotConverged { .. } => Failure::new(Fault::Caller, Delivery::Processed),
            Self::Unresolved => Failure::new(Fault::Local, Delivery::Unknown),
        }
    }

    /// Wraps the error of a call of which an earlier attempt may have taken effect.
    #[must_use]
    pub fn after_unknown(self) -> Self {
        // An unsigned refusal leaves its delivery unknown, and says that it did nothing itself.
        let Failure { delivery, may_have_happened, .. } = self.failure();
        let says_so = delivery == Delivery::Unknown && may_have_happened;
        if says_so { self } else { Self::AfterUnknown(Box::new(self)) }
    }
}

impl<R: ResponseFailure> fmt::Display for CallError<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(error) => error.fmt(f),
            Self::Credential(error) => write!(f, "no {}: {error}", R::CREDENTIAL),
            Self::OverRate { wait: Duration::MAX } => {
                f.write_str("the client's own rate is zero, and nothing was sent: change the client's rates")
            }
            Self::OverRate { wait } => write!(
                f,
                "the client's own rate has no turn for another {} s, longer than a call waits, and nothing was sent: \
                 send it later, or change the client's rates",
                wait.as_secs().max(1)
            ),
            Self::Send(error) => error.fmt(f),
            Self::Response(error) => fmt::Display::fmt(error, f),
            Self::AfterUnknown(error) => write!(f, "{error}; an earlier attempt may have taken effect"),
            Self::Unprepared { what, error } => {
                write!(f, "{what} could not be read, and nothing was sent: ")?;
                // "The request succeeded" would suggest that the change had.
                match error.response().and_then(R::malformed) {
                    Some(problem) => problem.fmt(f),
                    None => error.fmt(f),
                }
            }
            Self::Unreadable(row) => row.fmt(f),
            Self::Incomplete { met, counted } => {
                write!(f, "the platform counts {counted} rows, but only {met} came: what came may not be all")
            }
            Self::StalePages => f.write_str(
                "the platform keeps returning pages with nothing new on them; what came so far may not be all",
            ),
            Self::NotConverged { what } => {
                write!(f, "{what} is still another one after several attempts; another program is changing it")
            }
            Self::Store(error) => write!(f, "the act's state could not be stored: {error}"),
            Self::Unresolved => f.write_str(
                "another process may have sent this, and no look at the complaint shows it, or none could be read: \
                 look there before sending it again",
            ),
        }
    }
}

impl<R: ResponseFailure> Error for CallError<R> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Build(error) => error.source(),
            Self::Credential(error) | Self::Send(error) | Self::Store(error) => error.source(),
            Self::Response(error) => error.source(),
            Self::AfterUnknown(error) | Self::Unprepared { error, .. } => Some(&**error),
            Self::OverRate { .. }
            | Self::Unreadable(_)
            | Self::Incomplete { .. }
            | Self::StalePages
            | Self::NotConverged { .. }
            | Self::Unresolved => None,
        }
    }
}

impl<R> From<BuildError> for CallError<R> {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

/// A target or a header that HTTP cannot express. No request was sent.
#[cfg(feature = "http")]
impl<R> From<http::Error> for CallError<R> {
    fn from(error: http::Error) -> Self {
        Self::Send(OutsideError::new(Failure::new(Fault::Caller, Delivery::NotSent), error))
    }
}

/// For a call before another one, such as for a token. The other request was not sent.
impl<R: ResponseFailure + Send + Sync> From<CallError<R>> for OutsideError {
    fn from(error: CallError<R>) -> Self {
        let Failure { fault, is_retryable, .. } = error.failure();
        Self::new(Failure::new(fault, Delivery::NotSent).with_is_retryable(is_retryable), error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A response, distinguished by its failure.
    #[derive(Debug, thiserror::Error)]
    enum Odd {
        #[error("refused")]
        Refused,
        #[error("the request succeeded, but: {0}")]
        Malformed(DecodeError),
    }

    impl ResponseFailure for Odd {
        fn failure(&self) -> Failure {
            Failure::new(Fault::Platform, Delivery::Processed).with_is_retryable(true)
        }

        fn malformed(&self) -> Option<&DecodeError> {
            match self {
                Self::Malformed(error) => Some(error),
                Self::Refused => None,
            }
        }
    }

    #[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
    #[test]
    fn a_quote_is_the_codes_and_messages_that_there_are() {
        let message = |text: &str| Personal::new(text.to_owned());
        let quote = |code, text: Option<&str>| {
            let text = text.map(message);
            quoted([code], [text.as_ref()]).map(Personal::into_exposed)
        };
        assert_eq!(quote(Some("PARAM_ERROR"), Some(" 参数错误 ")).as_deref(), Some("PARAM_ERROR 参数错误"));
        assert_eq!(quote(None, Some("参数错误")).as_deref(), Some("参数错误"));
        assert_eq!(quote(Some("PARAM_ERROR"), None).as_deref(), Some("PARAM_ERROR"));
        assert_eq!([quote(Some(" "), Some("")), quote(None, None)], [None, None]);
    }

    fn lost() -> CallError<Odd> {
        CallError::Send(OutsideError::new(Failure::new(Fault::Network, Delivery::Unknown), "the connection broke"))
    }

    #[test]
    fn an_earlier_attempt_makes_the_outcome_unknown_and_hides_no_response() {
        let error = CallError::Response(Odd::Refused).after_unknown();
        let within = Odd::Refused.failure();
        assert_eq!(error.failure(), Failure { delivery: Delivery::Unknown, may_have_happened: true, ..within });
        assert!(matches!(error.response(), Some(Odd::Refused)));
        assert_eq!(error.to_string(), "refused; an earlier attempt may have taken effect");
        assert!(matches!(lost().after_unknown(), CallError::Send(_)), "it says so already");
        let unsigned = Failure::new(Fault::Caller, Delivery::Unknown).with_may_have_happened(false);
        let error = CallError::<Odd>::Send(OutsideError::new(unsigned, "refused")).after_unknown();
        assert!(matches!(error, CallError::AfterUnknown(_)) && error.failure().may_have_happened);
    }

    #[test]
    fn a_read_that_fails_before_a_change_sends_nothing_and_does_not_speak_of_success() {
        let problem = DecodeError::at("a complaint", b"[]", 0, "an object is due");
        let unread = CallError::Response(Odd::Malformed(problem)).unprepared("the complaint");
        let told =
            "the complaint could not be read, and nothing was sent: a complaint: an object is due, line 1 column 1";
        assert_eq!(unread.to_string(), told);
        let lost = lost().unprepared("the complaint").failure();
        assert_eq!((lost.delivery, lost.may_have_happened, lost.fault), (Delivery::NotSent, false, Fault::Network));
    }

    #[cfg(feature = "http")]
    #[test]
    fn a_request_that_http_cannot_express_was_not_sent() {
        let error =
            http::Uri::try_from("no host").map_err(http::Error::from).map_err(CallError::<Odd>::from).unwrap_err();
        let failure = error.failure();
        assert_eq!((failure.fault, failure.delivery, failure.is_retryable), (Fault::Caller, Delivery::NotSent, false));
    }

    #[test]
    fn a_call_for_a_credential_sends_nothing_of_the_call_that_lacks_it() {
        let error = OutsideError::from(lost());
        assert_eq!((error.failure().delivery, error.failure().fault), (Delivery::NotSent, Fault::Network));
        assert!(matches!(error.cause::<CallError<Odd>>(), Some(CallError::Send(_))));
        assert_eq!(CallError::<Odd>::Credential(error).to_string(), "no signature: the connection broke");
    }
}
