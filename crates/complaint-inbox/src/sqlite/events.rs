//! Events.

use protocol_core::UnixTime;
use rusqlite::{Connection, Row, params};

use super::complaints::row_of;
use super::{json, rows, unreadable};
use crate::complaint::ComplaintKey;
use crate::event::{Event, EventKind, NewEvent};

/// Writes the events of a complaint's row. One writer numbers them, so the order of numbers is that
/// of commits.
pub(super) fn write(connection: &Connection, row: i64, events: &[NewEvent], now: UnixTime) -> rusqlite::Result<()> {
    for NewEvent { kind, once, data } in events {
        // A conflict would use up a number. In one statement with the look, SQLite would copy each page
        // that it changes, in case that it fails.
        let is_there = "SELECT 1 FROM event WHERE complaint = ?1 AND kind = ?2 AND once = ?3";
        if once.is_some() && connection.prepare_cached(is_there)?.exists(params![row, kind.as_str(), once])? {
            continue;
        }
        let write = "INSERT INTO event (complaint, kind, once, at, data) VALUES (?1, ?2, ?3, ?4, ?5)";
        connection.prepare_cached(write)?.execute(params![row, kind.as_str(), once, now.0, data.to_string()])?;
        let number = connection.last_insert_rowid();
        let raise = "UPDATE complaint SET version = ?2, changed = ?3, payers = iif(?4, ?2, payers) WHERE row = ?1";
        connection.prepare_cached(raise)?.execute(params![row, number, now.0, kind.is_the_payers()])?;
    }
    Ok(())
}

pub(super) fn after(connection: &Connection, after: i64, limit: u32) -> rusqlite::Result<Vec<Event>> {
    let events = format!(
        "SELECT {COLUMNS} FROM event JOIN complaint ON complaint.row = event.complaint
                  WHERE number > ?1 ORDER BY number LIMIT ?2"
    );
    connection.prepare_cached(&events)?.query_map([after, rows(limit)], read)?.collect()
}

/// The events of one complaint.
pub(super) fn of(connection: &Connection, key: &ComplaintKey, after: i64, limit: u32) -> rusqlite::Result<Vec<Event>> {
    let Some(row) = row_of(connection, key)? else { return Ok(Vec::new()) };
    let events = format!(
        "SELECT {COLUMNS} FROM event JOIN complaint ON complaint.row = event.complaint
                  WHERE event.complaint = ?1 AND number > ?2 ORDER BY number LIMIT ?3"
    );
    connection.prepare_cached(&events)?.query_map([row, after, rows(limit)], read)?.collect()
}

/// The number of the newest event, though it may be forgotten.
pub(super) fn newest(connection: &Connection) -> rusqlite::Result<i64> {
    let newest = "SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'event'";
    connection.prepare_cached(newest)?.query_row([], |row| row.get(0))
}

/// The columns that [`read`] takes, of `event` joined with `complaint`.
pub(super) const COLUMNS: &str = "number, channel, merchant, id, kind, at, data";

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Event> {
    let kind: String = row.get(4)?;
    Ok(Event {
        number: row.get(0)?,
        complaint: ComplaintKey { channel: row.get(1)?, merchant: row.get(2)?, id: row.get(3)? },
        kind: EventKind::from_name(&kind).ok_or_else(|| unreadable(4))?,
        at: UnixTime(row.get(5)?),
        data: json(row, 6)?,
    })
}
