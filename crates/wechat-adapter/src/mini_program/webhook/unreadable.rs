//! A push that cannot be read, as it is kept.

use std::sync::Arc;

use protocol_core::DecodeError;
use protocol_core::mini_program::{Document, Received};

/// A push that is the platform's, as far as the mode proves it, but cannot be read or has no
/// number. It may be a complaint.
///
/// In plain mode the document is [`Received::Unverified`]: a stranger who knows a signed query that
/// was not used yet can have one kept.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Unreadable {
    /// The Mini Program it is for.
    pub appid: Arc<str>,
    /// The message in clear, and what vouches for it: in plain mode, nothing does.
    pub document: Received<Document>,
    /// The reason.
    pub error: DecodeError,
    /// The complaint's number, if it precedes the damage. It is a hint for reading the complaint.
    pub complaint_order_id: Option<String>,
}
