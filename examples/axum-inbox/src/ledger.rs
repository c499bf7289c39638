//! The service's own table: which complaint led to what. Each event is taken down once, though it may
//! be handed on twice.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use complaint_inbox::{ComplaintKey, Event};
use rusqlite::{Connection, params};
use serving::private_database;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS ledger (
        event TEXT PRIMARY KEY,         -- the event's number and time, by which a copy is known
        channel TEXT NOT NULL,
        merchant TEXT NOT NULL,
        complaint TEXT NOT NULL,
        kind TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;";

/// How long a statement waits for another program that has the file open, such as `sqlite3`.
const BUSY: Duration = Duration::from_secs(5);

/// The ledger failed: the event was not taken down, and is handed on again.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// SQLite refused: the disk is full, say.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The file cannot be created, or is not this user's.
    #[error("the ledger cannot be opened: {0}")]
    File(#[from] io::Error),
    /// The runtime is shutting down, or the statement panicked.
    #[error("the statement did not come to its end")]
    Interrupted,
}

/// The file. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ledger(Arc<Mutex<Connection>>);

impl Ledger {
    /// Opens the file, and creates it if it is not there, for this user alone.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let connection = Connection::open(private_database(path)?)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Takes an event down, once however often it is handed on. Other tables of the service would
    /// change in the same transaction.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn take_down(&self, event: Event) -> Result<(), LedgerError> {
        let Event { number, complaint: ComplaintKey { channel, merchant, id }, kind, at, .. } = event;
        self.with(move |connection| {
            let insert = "INSERT OR IGNORE INTO ledger (event, channel, merchant, complaint, kind)
                          VALUES (?1, ?2, ?3, ?4, ?5)";
            let event = format!("{number}-{at}");
            connection.execute(insert, params![event, channel, merchant, id, kind.as_str()]).map(drop)
        })
        .await
    }

    /// The kinds of a complaint's events, in the order of the table.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn kinds(&self, complaint: ComplaintKey) -> Result<Vec<String>, LedgerError> {
        self.with(move |connection| {
            let kinds =
                "SELECT kind FROM ledger WHERE channel = ?1 AND merchant = ?2 AND complaint = ?3 ORDER BY event";
            let ComplaintKey { channel, merchant, id } = complaint;
            let mut kinds = connection.prepare(kinds)?;
            kinds.query_map([channel, merchant, id], |row| row.get(0))?.collect()
        })
        .await
    }

    /// SQLite waits for the disk and for locks: not on the runtime's own threads.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let connection = Arc::clone(&self.0);
        let working =
            tokio::task::spawn_blocking(move || work(&connection.lock().unwrap_or_else(PoisonError::into_inner)));
        let worked = working.await.map_err(|_| LedgerError::Interrupted)?;
        worked.map_err(LedgerError::Sqlite).inspect_err(|error| tracing::error!(%error, "the ledger failed"))
    }
}
