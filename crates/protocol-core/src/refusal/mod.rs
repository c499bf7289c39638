//! Refusals in place of an expected document: in a 200 of WeChat Pay's, in `records` of Allinpay's.
//!
//! There are three vocabularies: WeChat Pay's `code` and `message`, the Mini Program's `errcode`
//! and `errmsg`, Alipay's `code` and `msg` with `sub_code` and `sub_msg`. A complaint, a page and a
//! history have none of them. The members that decide between success and refusal are never read
//! leniently: a code of an unreadable kind is a refusal, and so is a code beside unreadable words.

mod detail;
mod members;
mod quotes;

pub use detail::{Cause, Detail};

use crate::error::{Delivery, Fault};
use crate::failure::Failure;
use crate::limits::MAX_ID;
use crate::secret::Personal;

#[cfg(feature = "wechat-pay")]
pub(crate) use members::find_in_error;
pub(crate) use members::{Found, find, find_anywhere, find_of_act};

/// The refusal of WeChat or Alipay, in its own words and codes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// `code` or `errcode`. `None` if it cannot be read, or if only a false `success` marks the
    /// refusal.
    pub code: Option<String>,
    /// `message`, `errmsg` or `msg`, in words.
    pub message: Option<Personal<String>>,
    /// Alipay's code for the reason.
    pub sub_code: Option<String>,
    /// Alipay's reason, in words.
    pub sub_message: Option<Personal<String>>,
    /// WeChat Pay's `detail`.
    pub detail: Option<Detail>,
    /// Whether `code` was an `errcode`.
    pub(crate) is_errcode: bool,
}

/// The meaning of a refusal for the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The request had no effect.
    Definite,
    /// The request had no effect: there were too many.
    TooMany,
    /// The system failed; the request may have had an effect before.
    System,
    /// A code of no known kind.
    Unclear,
}

impl Kind {
    /// The meaning for the call.
    pub(crate) const fn failure(self) -> Failure {
        match self {
            Self::Definite => Failure::new(Fault::Caller, Delivery::Processed),
            Self::TooMany => Failure::new(Fault::Platform, Delivery::Processed).with_is_retryable(true),
            Self::System => Failure::new(Fault::Platform, Delivery::Unknown).with_is_retryable(true),
            Self::Unclear => Failure::new(Fault::Platform, Delivery::Unknown),
        }
    }

    /// The kind of a code in WeChat Pay's vocabulary.
    pub(crate) fn of_code(code: &str) -> Self {
        match code {
            "SYSTEM_ERROR" | "SERVICE_UNAVAILABLE" => Self::System,
            "FREQUENCY_LIMITED" | "RATELIMIT_EXCEEDED" | "RATE_LIMITED" => Self::TooMany,
            _ if code.starts_with(|first: char| first.is_ascii_alphabetic()) => Self::Definite,
            _ => Self::Unclear,
        }
    }
}

impl Refusal {
    pub(crate) fn kind(&self) -> Kind {
        /// The Mini Program's minute quota.
        const MINUTE_QUOTA: &str = "45011";

        let Some(code) = self.code.as_deref() else { return Kind::Unclear };
        if self.is_errcode {
            return match code {
                MINUTE_QUOTA => Kind::TooMany,
                _ if code.starts_with('-') => Kind::System,
                _ => Kind::Definite,
            };
        }
        // Alipay's codes 2xxxx are failures of the platform, except 20001 (no authority). 4xxxx are
        // refusals.
        let is_alipays = code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_digit());
        match code {
            _ if self.sub_code.as_deref().is_some_and(is_the_systems) => Kind::System,
            "20001" => Kind::Definite,
            _ if is_alipays && code.starts_with('4') => Kind::Definite,
            _ if is_alipays && code.starts_with('2') => Kind::System,
            _ if code.starts_with('-') => Kind::System,
            _ => Kind::of_code(code),
        }
    }

    /// The meaning for the call. A refusal had no effect; a system that failed may have taken
    /// effect before.
    #[must_use]
    pub fn failure(&self) -> Failure {
        self.kind().failure()
    }

    /// The codes for an error's text, each after a space. A code is omitted unless it consists of
    /// capitals, digits and `_ . -`.
    pub(crate) fn for_display(&self) -> String {
        let mut text = String::new();
        for code in [&self.code, &self.sub_code].into_iter().flatten().filter(|code| is_plain(code)) {
            text.push(' ');
            text.push_str(code);
        }
        if let Some(detail) = &self.detail {
            text.push_str(&detail.for_display());
        }
        text
    }
}

/// Whether a code of Alipay's reports a failure of its own.
fn is_the_systems(sub_code: &str) -> bool {
    sub_code.starts_with("isp.") || sub_code.starts_with("aop.") || sub_code.ends_with("SYSTEM_ERROR")
}

/// Whether a code may be shown unchanged.
pub(crate) fn is_plain(code: &str) -> bool {
    (1..=MAX_ID).contains(&code.len())
        && code.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-'))
}
