//! A verified request of a merchant.

use bytes::Bytes;
use protocol_core::UnixTime;

use super::authenticate::Caller;

/// A verified request.
pub(crate) struct Request<'r> {
    pub(crate) caller: &'r Caller,
    pub(crate) target: &'r str,
    /// The `{id}` in the path, escaped as received; empty for an operation without one.
    pub(crate) id: &'r str,
    pub(crate) content_type: &'r str,
    /// `Wechatpay-Serial`.
    pub(crate) platform_key: Option<&'r str>,
    pub(crate) body: &'r Bytes,
    pub(crate) now: UnixTime,
}
