//! The tables: numbered migrations, and the recognition of a file.

use std::path::Path;

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, TransactionBehavior};

use super::file::meaning;
use crate::abort_point::{AbortPoint, Verb};
use crate::error::StoreError;
use crate::signature::signature;

/// The migrations: the first makes version 1, and so on. One that was released never changes.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
    include_str!("migrations/4.sql"),
    include_str!("migrations/5.sql"),
    include_str!("migrations/6.sql"),
];

/// Marks a file as an inbox: `CmIn`.
const APPLICATION: i64 = 0x436d_496e;

/// Refuses a file that is not for this program, before anything in it changes. Returns its version,
/// and the newest one.
pub(super) fn recognise(connection: &Connection, path: &Path) -> Result<(i64, i64), StoreError> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let read = || {
        Ok((
            number("PRAGMA application_id")?,
            number("PRAGMA user_version")?,
            number("SELECT count(*) FROM sqlite_schema")?,
        ))
    };
    let (application, version, tables) = match read() {
        Ok(read) => read,
        Err(error) => {
            return Err(match meaning(&error) {
                // Its first bytes are not SQLite's.
                StoreError::Damaged(_) if is_no_database(&error) => StoreError::NoInbox(path.to_owned()),
                other => other,
            });
        }
    };
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    match (application, tables) {
        (APPLICATION, _) if version > known => Err(StoreError::Newer { path: path.to_owned(), found: version, known }),
        (APPLICATION, _) | (0, 0) => Ok((version, known)),
        _ => Err(StoreError::NoInbox(path.to_owned())),
    }
}

fn is_no_database(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase)
}

/// Brings the tables up to date. Each migration is one transaction with its number: it is done whole,
/// or not at all.
pub(super) fn migrate(connection: &mut Connection, migrations: &[&str]) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("search_signature", 1, flags, |arguments| {
        Ok(signature(arguments.get_raw(0).as_str()?))
    })?;
    for (migration, version) in migrations.iter().zip(1_i64..) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if done >= version {
            continue;
        }
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        AbortPoint::Uncommitted(Verb::Migrate).reach();
        transaction.commit()?;
        AbortPoint::Committed(Verb::Migrate).reach();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(connection: &Connection) -> i64 {
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    }

    fn tables(connection: &Connection) -> Vec<String> {
        let mut names = connection.prepare("SELECT name FROM sqlite_schema ORDER BY name").unwrap();
        names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn a_migration_is_done_whole_or_not_at_all() {
        const FIRST: &str = "CREATE TABLE a (x INTEGER);";
        let mut connection = Connection::open_in_memory().unwrap();
        let broken = [FIRST, "CREATE TABLE b (x INTEGER); INSERT INTO missing VALUES (1);"];
        assert!(migrate(&mut connection, &broken).is_err());
        assert_eq!((version(&connection), tables(&connection)), (1, vec!["a".to_owned()]));
        let mended = [FIRST, "CREATE TABLE b (x INTEGER);"];
        migrate(&mut connection, &mended).unwrap();
        assert_eq!((version(&connection), tables(&connection)), (2, vec!["a".to_owned(), "b".to_owned()]));
        migrate(&mut connection, &mended).unwrap();
        assert_eq!(version(&connection), 2);
    }

    #[test]
    fn a_process_that_dies_in_a_migration_leaves_the_former_version() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("inbox.db");
        let dying = Connection::open(&path).unwrap();
        dying.execute_batch("BEGIN IMMEDIATE; CREATE TABLE half (x INTEGER); PRAGMA user_version = 1;").unwrap();
        drop(dying);
        let mut connection = Connection::open(&path).unwrap();
        assert_eq!((version(&connection), tables(&connection).len()), (0, 0));
        migrate(&mut connection, MIGRATIONS).unwrap();
        assert_eq!(version(&connection), i64::try_from(MIGRATIONS.len()).unwrap());
    }
}
