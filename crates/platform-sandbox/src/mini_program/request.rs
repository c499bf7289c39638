//! A request to the Mini Program's server.

use bytes::Bytes;
use protocol_core::UnixTime;

/// A request.
pub(crate) struct Request<'r> {
    pub(crate) path: &'r str,
    /// The query, decoded.
    pub(crate) query: &'r [(String, String)],
    pub(crate) is_post: bool,
    pub(crate) content_type: &'r str,
    pub(crate) body: &'r Bytes,
    pub(crate) now: UnixTime,
}
