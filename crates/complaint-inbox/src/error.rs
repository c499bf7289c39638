//! The errors of stores.

use std::path::PathBuf;

/// A store that could not do what it was asked for. Nothing was changed.
///
/// A webhook responds with 503, and the platform retries. The text names the store and the fault,
/// never the content of a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another program has locked it, or too many calls wait for it.
    #[error("the inbox is busy: nothing was stored; try again, and end the other program that holds the database")]
    Busy,
    /// The disk has no room.
    #[error("the disk of the inbox is full: nothing was stored; free some space, no restart is needed")]
    Full,
    /// The disk failed, or the process may not write there.
    #[error("the inbox cannot be read or written ({0}): nothing was stored; check the disk and the file's permissions")]
    Disk(String),
    /// The content is damaged.
    #[error("the inbox is damaged ({0}): stop, keep the file, and restore the last backup")]
    Damaged(String),
    /// It is stopping.
    #[error("the inbox is closed: nothing was stored; try again once the service runs")]
    Closed,
    /// Another process has the file.
    #[error("{}: another process has this inbox; stop it first, or name another file", .0.display())]
    InUse(PathBuf),
    /// The file is of a newer version.
    #[error("{}: the inbox has version {found}, and this program knows versions up to {known}; run the newer program, or restore the backup from before the upgrade", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of the file.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The file is of an older version, and was opened to be read.
    #[error("{}: the inbox has version {found}, and this program reads version {known}; open it once with the service of this version", path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// The version of the file.
        found: i64,
        /// The version that this program reads.
        known: i64,
    },
    /// There is no file, and it was to be read.
    #[error("{}: there is no inbox; start the service once, or name another file", .0.display())]
    Missing(PathBuf),
    /// The store was opened to be read.
    #[error("the inbox was opened to be read: nothing was stored; ask the process that has it")]
    ReadOnly,
    /// The file is another program's.
    #[error("{}: this file is no inbox; name another file", .0.display())]
    NoInbox(PathBuf),
    /// The SQLite library may lose what was committed.
    #[error("SQLite {0} can lose what it committed; build with 3.51.3 or newer")]
    OldLibrary(String),
}

impl StoreError {
    /// Whether a later attempt may succeed without anybody's doing.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy | Self::Full | Self::Disk(_) | Self::Closed)
    }
}
