//! The file: for one user, of one process, sound, and of this program's version.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::schema;
use crate::error::StoreError;

/// The file that a process has.
#[derive(Debug)]
pub(super) struct InboxFile {
    /// The path that it is really at, whatever links lead there.
    pub(super) path: PathBuf,
    /// The system releases it when the process dies.
    _lock: File,
}

/// The oldest library whose write-ahead log loses nothing (sqlite.org/wal.html).
const LEAST_LIBRARY: i32 = 3_051_003;

/// How long a statement waits for another program that has the file open, such as `sqlite3`: less
/// than a webhook waits for its store.
pub(super) const BUSY: Duration = Duration::from_millis(400);

/// Statements that a connection keeps prepared: all of the crate's.
const STATEMENTS: usize = 128;

/// Opens the file, creates it if it is not there, and brings it up to date.
pub(super) fn open(path: &Path) -> Result<(Connection, InboxFile), StoreError> {
    check_library(rusqlite::version_number(), rusqlite::version())?;
    let path = private_database(path).map_err(|error| disk(&error))?;
    // The lock is beside the file itself, so a process that comes through a link meets it, too.
    let file = InboxFile { _lock: lock(&path)?, path };
    let mut connection = Connection::open(&file.path).map_err(|error| meaning(&error))?;
    let prepared = prepare(&mut connection, &file.path);
    prepared.map(|()| (connection, file))
}

fn prepare(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let sqlite = |error: rusqlite::Error| meaning(&error);
    connection.busy_timeout(BUSY).map_err(sqlite)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    schema::recognise(connection, path)?;
    check(connection)?;
    // An acknowledgement is a promise. By default a log survives a crash of the process, and not of
    // the machine.
    connection.pragma_update(None, "journal_mode", "WAL").map_err(sqlite)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(sqlite)?;
    connection.pragma_update(None, "fullfsync", true).map_err(sqlite)?;
    connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES).map_err(sqlite)?;
    // What a call that fails would undo is kept in memory. In a file, it was 13 pages a message.
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(sqlite)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(sqlite)?;
    // A removed document is overwritten.
    connection.pragma_update(None, "secure_delete", true).map_err(sqlite)?;
    schema::migrate(connection, schema::MIGRATIONS).map_err(sqlite)?;
    // Those of processes that are dead.
    connection.execute_batch(END_LEASES).map_err(sqlite)
}

/// The pages of the log before it is copied into the database, which takes two more syncs: 32 MiB.
const LOG_PAGES: u32 = 8192;

const END_LEASES: &str = "
    BEGIN IMMEDIATE;
    UPDATE complaint INDEXED BY complaint_due SET leased = 0 WHERE read < heard AND leased <> 0;
    UPDATE act SET leased = 0 WHERE finished_at IS NULL AND leased <> 0;
    UPDATE picture SET leased = 0 WHERE finished_at IS NULL AND leased <> 0;
    UPDATE handover SET leased = 0 WHERE leased <> 0;
    COMMIT;";

/// The path of a file that this version can read.
pub(super) fn find(path: &Path) -> Result<PathBuf, StoreError> {
    check_library(rusqlite::version_number(), rusqlite::version())?;
    let path = path.canonicalize().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::Missing(path.to_owned()),
        _ => disk(&error),
    })?;
    let (found, known) = schema::recognise(&open_to_read(&path)?, &path)?;
    if found < known { Err(StoreError::Older { path, found, known }) } else { Ok(path) }
}

/// A connection that reads.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| meaning(&error))?;
    connection.busy_timeout(BUSY).map_err(|error| meaning(&error))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Looks for damage.
pub(super) fn check(connection: &Connection) -> Result<(), StoreError> {
    let found = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    match found.map_err(|error| meaning(&error))?.as_str() {
        "ok" => Ok(()),
        // Its words name tables and pages.
        damage => Err(StoreError::Damaged(damage.to_owned())),
    }
}

/// Copies the database into a new file.
pub(super) fn back_up(connection: &Connection, to: &Path) -> Result<(), StoreError> {
    let file = private_options().create_new(true).open(to).map_err(|error| disk(&error))?;
    let name = to.to_str().ok_or_else(|| StoreError::Disk("the name of the copy is not UTF-8".to_owned()));
    let copied = name.and_then(|name| {
        connection.execute("VACUUM INTO ?1", [name]).map_err(|error| meaning(&error))?;
        file.sync_all().map_err(|error| disk(&error))?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // The name is on disk, too. (Only Unix opens folders.)
        if cfg!(unix) {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| disk(&error))
        } else {
            Ok(())
        }
    });
    copied.inspect_err(|_| drop(std::fs::remove_file(to)))
}

/// The meaning of SQLite's error. Its text is SQLite's own, and quotes no row.
pub(super) fn meaning(error: &rusqlite::Error) -> StoreError {
    let Some(cause) = error.sqlite_error() else {
        return StoreError::Damaged("a row cannot be read".to_owned());
    };
    match cause.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => StoreError::Busy,
        ErrorCode::DiskFull => StoreError::Full,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged(cause.to_string()),
        _ => StoreError::Disk(cause.to_string()),
    }
}

fn disk(error: &io::Error) -> StoreError {
    if error.kind() == io::ErrorKind::StorageFull { StoreError::Full } else { StoreError::Disk(error.to_string()) }
}

fn check_library(number: i32, name: &str) -> Result<(), StoreError> {
    if number < LEAST_LIBRARY { Err(StoreError::OldLibrary(name.to_owned())) } else { Ok(()) }
}

/// The lock of the inbox's process. The file stays: deleting it could take it from the next
/// process.
fn lock(path: &Path) -> Result<File, StoreError> {
    let opened = private_file(&beside(path, ".lock")).map(|file| (file.try_lock(), file));
    match opened {
        Ok((Ok(()), file)) => Ok(file),
        Ok((Err(TryLockError::WouldBlock), _)) => Err(StoreError::InUse(path.to_owned())),
        Ok((Err(TryLockError::Error(error)), _)) | Err(error) => Err(disk(&error)),
    }
}

/// Creates a database's file if it is not there, and closes it and those that SQLite keeps beside it
/// to other users: a process that died may have left them open. Returns the path that it is really
/// at, since SQLite keeps its files beside that one.
///
/// An existing file is not opened: closing it would end the locks that SQLite has on it in this
/// process.
fn private_database(path: &Path) -> io::Result<PathBuf> {
    if !path.exists() {
        drop(private_file(path)?);
    }
    let path = path.canonicalize()?;
    #[cfg(unix)]
    for suffix in ["", "-wal", "-shm"] {
        match std::fs::set_permissions(beside(&path, suffix), std::os::unix::fs::PermissionsExt::from_mode(0o600)) {
            // The last connection of another process removes them.
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(path)
}

/// Opens a file, and creates it if it is not there. Only its user may read it, from its first byte
/// on, whatever the umask says.
fn private_file(path: &Path) -> io::Result<File> {
    let file = private_options().create(true).open(path)?;
    #[cfg(unix)]
    if file.metadata()?.is_file() {
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    Ok(file)
}

/// On other systems than Unix the folder decides who may read it.
fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The path of the file beside this one whose name goes on with a suffix.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_library_is_refused() {
        assert!(check_library(LEAST_LIBRARY, "3.51.3").is_ok());
        let refused = check_library(LEAST_LIBRARY - 1, "3.51.2");
        assert_eq!(refused, Err(StoreError::OldLibrary("3.51.2".to_owned())));
        assert!(check_library(rusqlite::version_number(), rusqlite::version()).is_ok());
    }
}
