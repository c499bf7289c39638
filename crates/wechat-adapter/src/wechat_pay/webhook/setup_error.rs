//! Merchants that a webhook could not tell apart.

use std::sync::Arc;

/// A webhook that cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// Two merchants at one path, or at every path, have the same APIv3 key: what is for one would
    /// be taken for the other's.
    #[error(
        "the merchants {one} and {other} have the same APIv3 key {}: give each a path of its own (`account_at`), or one of them another key",
        at(path.as_deref())
    )]
    SharedKey {
        /// A merchant's number.
        one: Arc<str>,
        /// The other's.
        other: Arc<str>,
        /// Their path; `None` for every path.
        path: Option<String>,
    },
}

fn at(path: Option<&str>) -> String {
    path.map_or_else(|| "and no path of their own".to_owned(), |path| format!("at the path {path}"))
}
