//! Success and refusal in the responses of the Mini Program's server, in every shape that was seen.

use crate::codec::json::wire_object;
use crate::secret::Personal;

wire_object! {
    /// The members of every response.
    pub(crate) struct Outcome {
        /// 0 for success.
        errcode: Option<i64> as decisive,
        /// `errcode` in words.
        errmsg: Option<Personal<String>>,
        /// 0 for success, in responses without `errcode`.
        code: Option<i64> as decisive,
        /// `code` in words, in responses without `errcode`.
        msg: Option<Personal<String>>,
        /// Whether the request succeeded.
        success: Option<bool> as decisive,
        /// The request's id.
        rid: Option<String>,
    }
}

impl Outcome {
    /// The code of a refusal. Some refusals have none.
    pub(crate) fn refusal_code(&self) -> Option<i64> {
        self.errcode.or(self.code).filter(|code| *code != 0)
    }

    /// Whether the request did not succeed.
    pub(crate) fn is_refusal(&self) -> bool {
        self.refusal_code().is_some() || (self.errcode.is_none() && self.success == Some(false))
    }

    /// The server's words.
    pub(crate) fn words(&mut self) -> Option<Personal<String>> {
        self.errmsg.take().or_else(|| self.msg.take())
    }
}
