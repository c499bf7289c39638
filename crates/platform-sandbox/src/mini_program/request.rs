//! A request to the Mini Program's server.

use bytes::Bytes;
use protocol_core::UnixTime;

/// A request.
pub(super) struct Request<'r> {
    /// The query, decoded.
    pub(super) query: &'r [(String, String)],
    pub(super) is_post: bool,
    pub(super) content_type: &'r str,
    pub(super) body: &'r Bytes,
    pub(super) now: UnixTime,
}
