//! How the Mini Program's server tells a success from a refusal, in every shape that was seen.

use crate::codec::json::wire_object;
use crate::secret::Personal;

wire_object! {
    /// The members of every response.
    pub(crate) struct Outcome {
        /// 0 for success.
        errcode: Option<i64> as decisive,
        /// In words.
        errmsg: Option<Personal<String>>,
        /// 0 for success, in responses without `errcode`.
        code: Option<i64> as decisive,
        /// In words, in responses without `errcode`.
        msg: Option<Personal<String>>,
        /// Whether it is one.
        success: Option<bool> as decisive,
        /// The request's id.
        rid: Option<String>,
    }
}

impl Outcome {
    /// The code of a refusal. Some have none.
    pub(crate) fn refusal_code(&self) -> Option<i64> {
        self.errcode.or(self.code).filter(|code| *code != 0)
    }

    /// Whether it is no success.
    pub(crate) fn is_refusal(&self) -> bool {
        self.refusal_code().is_some() || (self.errcode.is_none() && self.success == Some(false))
    }

    /// In words.
    pub(crate) fn words(&mut self) -> Option<Personal<String>> {
        self.errmsg.take().or_else(|| self.msg.take())
    }
}
