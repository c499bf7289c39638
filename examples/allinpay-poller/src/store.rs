//! Finds, and the poller's cursor, in one SQLite file: both change in one transaction.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use allinpay_adapter::{Cursor, Found};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use serving::private_database;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS allinpay_complaint (
        number TEXT PRIMARY KEY,
        document TEXT NOT NULL          -- as it was when it was found; its history tells the rest
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS allinpay_entry (
        number TEXT NOT NULL,
        log_id TEXT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (number, log_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS allinpay_cursor (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        cursor TEXT NOT NULL
    ) STRICT;";

/// How long a writer waits for another process.
const BUSY: Duration = Duration::from_secs(5);

/// The store failed: it stored no find, and the cursor is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The file cannot be created, or is not this user's.
    #[error("the database cannot be opened: {0}")]
    File(#[from] std::io::Error),
    /// A document or the cursor that cannot be written, or read again.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The runtime is shutting down, or the statement panicked.
    #[error("the statement did not come to its end")]
    Interrupted,
}

/// The file. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store(Arc<Mutex<Connection>>);

impl Store {
    /// Opens the file, and creates it if it is not there, for this user alone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(private_database(path)?)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// How far the last process got; `None` at the very first start.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cursor(&self) -> Result<Option<Cursor>, StoreError> {
        self.with(|connection| {
            let cursor = "SELECT cursor FROM allinpay_cursor";
            let cursor: Option<String> = connection.query_row(cursor, [], |row| row.get(0)).optional()?;
            Ok(cursor.map(|cursor| serde_json::from_str(&cursor)).transpose()?)
        })
        .await
    }

    /// Stores finds and the cursor behind them: all, or none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn store(&self, found: Vec<Found>, cursor: Cursor) -> Result<(), StoreError> {
        self.with(move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for found in &found {
                store_one(&transaction, found)?;
            }
            let save = "INSERT INTO allinpay_cursor (only, cursor) VALUES (1, ?1)
                        ON CONFLICT (only) DO UPDATE SET cursor = excluded.cursor";
            transaction.execute(save, [serde_json::to_string(&cursor)?])?;
            Ok(transaction.commit()?)
        })
        .await
    }

    /// SQLite waits for the disk and for locks: not on the runtime's own threads.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = Arc::clone(&self.0);
        let working =
            tokio::task::spawn_blocking(move || work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner)));
        working.await.map_err(|_| StoreError::Interrupted)?
    }
}

/// A find that a clock ahead of time brings a second time replaces itself.
fn store_one(connection: &Connection, found: &Found) -> Result<(), StoreError> {
    match found {
        Found::Complaint(complaint) => {
            let store = "INSERT OR REPLACE INTO allinpay_complaint (number, document) VALUES (?1, ?2)";
            connection.execute(store, params![complaint.complaint_id, serde_json::to_string(complaint)?])?;
        }
        Found::Entry { complaint_id, record, .. } => {
            let store = "INSERT OR REPLACE INTO allinpay_entry (number, log_id, document) VALUES (?1, ?2, ?3)";
            connection.execute(store, params![complaint_id, record.log_id, serde_json::to_string(record)?])?;
        }
        _ => tracing::warn!("something of an unknown kind was found, and not stored"),
    }
    Ok(())
}
