//! The platform's words on how an act went, beside SUCCESS.

use crate::secret::Personal;

/// `handlestate` of a completed act, as the payment interfaces have it. No response to an act was
/// seen with one.
const DONE: &str = "0000";

/// The platform's words on how a request went, beside SUCCESS.
///
/// `retmsg` decides nothing: it was seen with words of success and without. A `handlestate` of 3999
/// is [`ResponseError::Failed`](super::ResponseError::Failed). Any other value than `0000` has no
/// known meaning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Handled {
    /// `handlestate`, as written.
    pub handlestate: Option<String>,
    /// `handlemsg`, in words.
    pub handlemsg: Option<Personal<String>>,
    /// `retmsg`, in words.
    pub retmsg: Option<Personal<String>>,
}

impl Handled {
    /// Whether the meaning of the state is unknown. An act with such a state may have been done or
    /// not. A document with one is signed, and is read as usual.
    ///
    /// ```
    /// use protocol_core::allinpay::Handled;
    ///
    /// assert!(!Handled::default().is_unclear());
    /// ```
    #[must_use]
    pub fn is_unclear(&self) -> bool {
        self.handlestate.as_deref().map(str::trim).is_some_and(|state| !state.is_empty() && state != DONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_state_is_unclear() {
        let of = |state: &str| Handled { handlestate: Some(state.to_owned()), ..Handled::default() }.is_unclear();
        assert_eq!(["0000", "", " ", " 0000 "].map(of), [false; 4]);
        assert_eq!(["2008", "0", "00000", "SUCCESS", "[]", "false"].map(of), [true; 6]);
    }
}
