//! The server's responses: always 200, with `errcode` inside, in the shapes that were seen.

use serde_json::{Value, json};

use crate::platform_response::PlatformResponse;

/// A refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// `errcode` and `errmsg`, as documented.
    Code(i64, &'static str),
    /// The complaint has left the state: `code`, `msg` and `success` where `errcode` is documented.
    MovedOn,
    /// The state does not allow an appeal: `errcode` without `errmsg`.
    NoAppeal,
}

impl Refusal {
    pub(super) const NO_COMPLAINT: Self = Self::Code(1, "complaint order not exist");
    pub(super) const EMPTY: Self = Self::Code(10_001, "content or image may not be empty");
    pub(super) const PARAMETER: Self = Self::Code(10_001, "param error");
}

impl From<Refusal> for PlatformResponse {
    fn from(refused: Refusal) -> Self {
        let rid = rid();
        Self::json(&match refused {
            Refusal::Code(code, message) => json!({"errcode": code, "errmsg": format!("{message} rid: {rid}")}),
            Refusal::MovedOn => json!({"code": 309, "msg": format!(" rid: {rid}"), "success": false}),
            Refusal::NoAppeal => json!({"errcode": 1002, "rid": rid}),
        })
    }
}

/// A success. The documents have two forms; each operation has one of them.
pub(super) fn done(with_words: bool) -> Value {
    if with_words { json!({"errcode": 0, "errmsg": "ok"}) } else { json!({"errcode": 0}) }
}

/// A `rid`, as the platform writes it.
fn rid() -> String {
    format!("{:08x}-{:08x}-{:08x}", fastrand::u32(..), fastrand::u32(..), fastrand::u32(..))
}
