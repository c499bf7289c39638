//! The error of a call.

use std::error::Error as _;

use http_transport::SendError;
use protocol_core::call::CallError;
use protocol_core::mini_program::{AccessToken, ResponseError};

use crate::sending;

/// A call that did not succeed. It never shows a token: an error of the transport that shows one is
/// left out. The cause of [`CallError::Send`] is a [`SendError`].
///
/// The cause of [`CallError::Credential`] is this type too, if the server refused to give a token.
/// Its code tells the reason.
///
/// ```
/// use protocol_core::call::OutsideError;
/// use protocol_core::mini_program::{ServerCode, ResponseError};
/// use wechat_adapter::mini_program::Error;
///
/// let refusal = ResponseError::Refused {
///     status: 200,
///     code: Some(ServerCode::AddressNotListed),
///     words: None,
///     rid: None,
/// };
/// let error = OutsideError::from(Error::from(refusal));
/// let code = error.cause::<Error>().and_then(Error::response).and_then(ResponseError::code);
/// assert_eq!(code, Some(ServerCode::AddressNotListed));
/// ```
pub type Error = CallError<ResponseError>;

/// A transport's error. Its cause is left out if it shows the token, alone or in the target that
/// ends with it.
pub(super) fn of_sending(error: SendError, token: Option<&AccessToken>) -> Error {
    const UNTOLD: &str = "a cause that shows the access token, and so is not told";
    let tells = |text: &str| text.contains("access_token") || token.is_some_and(|token| text.contains(token.expose()));
    let mut cause = error.source();
    while let Some(link) = cause {
        if tells(&format!("{link} {link:?}")) {
            let untold = if error.may_have_been_sent() { SendError::unknown } else { SendError::not_sent };
            return sending::of_sending(untold(error.kind(), UNTOLD));
        }
        cause = link.source();
    }
    sending::of_sending(error)
}
