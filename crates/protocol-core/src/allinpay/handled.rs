//! What the platform says beside SUCCESS of how an act went.

use crate::secret::Personal;

/// `handlestate` of what was done: the payment family's. None was seen in responses to acts.
const DONE: &str = "0000";

/// What the platform says, beside SUCCESS, of how it went.
///
/// `retmsg` decides nothing: it was seen with words of success and with none. A `handlestate` of 3999 is
/// [`ResponseError::Failed`](super::ResponseError::Failed); one that is neither absent nor `0000` says nothing that is known.
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
    /// Whether the state is one that nobody knows. An act beside it may have been done or not; a document beside it is
    /// signed, and so what it says it is.
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
    fn a_state_that_nobody_knows_is_unclear() {
        let of = |state: &str| Handled { handlestate: Some(state.to_owned()), ..Handled::default() }.is_unclear();
        assert_eq!(["0000", "", " ", " 0000 "].map(of), [false; 4]);
        assert_eq!(["2008", "0", "00000", "SUCCESS", "[]", "false"].map(of), [true; 6]);
    }
}
