//! Complaints: heard of, seen by a sweep, due again, near their deadlines.

use protocol_core::UnixTime;
use protocol_core::complaint::Deadlines;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{count, events, optional_json, rows};
use crate::complaint::{ComplaintKey, Source, Summary};
use crate::reading::Sighting;
use crate::rules::{NearSteps, deadline_events, is_over, next_alarm, urgency};

/// There is reason to read it at once. Returns its row.
pub(super) fn hear_of(
    connection: &Connection,
    key: &ComplaintKey,
    accused: Option<&str>,
    now: UnixTime,
) -> rusqlite::Result<i64> {
    // No RETURNING: SQLite would copy each page that the statement changes, in case that it fails.
    if let Some(row) = row_of(connection, key)? {
        let again = "UPDATE complaint SET heard = heard + 1, refused = 0, later = 0, changed = ?2,
                     accused = ifnull(?3, accused) WHERE row = ?1";
        connection.prepare_cached(again)?.execute(params![row, now.0, accused])?;
        return Ok(row);
    }
    let first = "INSERT INTO complaint (channel, merchant, id, accused, urgency, heard, changed)
                 VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)";
    let ComplaintKey { channel, merchant, id } = key;
    let heard = params![channel, merchant, id, accused, urgency(None, false), now.0];
    connection.prepare_cached(first)?.execute(heard)?;
    Ok(connection.last_insert_rowid())
}

pub(super) fn sight(connection: &Connection, sightings: &[Sighting], now: UnixTime) -> rusqlite::Result<u64> {
    let sight = "INSERT INTO complaint (channel, merchant, id, accused, urgency, heard, changed)
                 VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)
                 ON CONFLICT (channel, merchant, id) DO UPDATE SET heard = heard + 1, accused = ifnull(?4, accused)
                 WHERE read = heard AND standing IS NOT ifnull(?7, standing)";
    let mut sight = connection.prepare_cached(sight)?;
    let mut due = 0;
    for Sighting { key: ComplaintKey { channel, merchant, id }, standing, accused } in sightings {
        due += count(sight.execute(params![channel, merchant, id, accused, urgency(None, false), now.0, standing])?);
    }
    Ok(due)
}

pub(super) fn read_again(
    connection: &Connection,
    source: &Source,
    unread_seconds: u32,
    limit: u32,
    now: UnixTime,
) -> rusqlite::Result<u64> {
    let again = "UPDATE complaint SET heard = heard + 1 WHERE row IN (
                     SELECT row FROM complaint
                     WHERE channel = ?1 AND merchant = ?2 AND read = heard AND closed = 0 AND read_at <= ?3
                     ORDER BY read_at, id LIMIT ?4)";
    let before = now.0.saturating_sub(i64::from(unread_seconds));
    let again =
        connection.prepare_cached(again)?.execute(params![source.channel, source.merchant, before, rows(limit)]);
    again.map(count)
}

pub(super) fn note_deadlines(
    connection: &Connection,
    steps: &NearSteps,
    limit: u32,
    now: UnixTime,
) -> rusqlite::Result<u64> {
    let due = "SELECT row, deadlines, closed FROM complaint WHERE alarm <= ?1
               ORDER BY alarm, channel, merchant, id LIMIT ?2";
    let read = |row: &Row<'_>| Ok((row.get(0)?, optional_json(row, 1)?, row.get(2)?));
    let due: Vec<(i64, Option<Deadlines>, bool)> =
        connection.prepare_cached(due)?.query_map([now.0, rows(limit)], read)?.collect::<Result<_, _>>()?;
    for (row, deadlines, is_closed) in &due {
        let next = next_alarm(deadlines.as_ref(), *is_closed, steps, Some(now)).map(|alarm| alarm.0);
        let events = deadlines.map(|deadlines| deadline_events(&deadlines, steps, now)).unwrap_or_default();
        let noted = "UPDATE complaint SET alarm = ?2, overdue = max(overdue, ?3) WHERE row = ?1";
        connection.prepare_cached(noted)?.execute(params![row, next, is_over(&events)])?;
        events::write(connection, *row, &events, now)?;
    }
    Ok(count(due.len()))
}

/// The row of a complaint.
pub(super) fn row_of(connection: &Connection, key: &ComplaintKey) -> rusqlite::Result<Option<i64>> {
    let ComplaintKey { channel, merchant, id } = key;
    let row = "SELECT row FROM complaint WHERE channel = ?1 AND merchant = ?2 AND id = ?3";
    connection.prepare_cached(row)?.query_row([channel, merchant, id], |row| row.get(0)).optional()
}

/// The columns that [`summary`] takes.
pub(super) const COLUMNS: &str =
    "channel, merchant, id, version, heard, read, read_at, refused, state, filed, deadlines, amount, closed, product";

pub(super) fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    let time = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(UnixTime));
    Ok(Summary {
        key: ComplaintKey { channel: row.get(0)?, merchant: row.get(1)?, id: row.get(2)? },
        version: row.get(3)?,
        heard: row.get(4)?,
        read: row.get(5)?,
        read_at: time(6)?,
        refused: row.get(7)?,
        state: row.get(8)?,
        filed: time(9)?,
        deadlines: optional_json(row, 10)?,
        amount: row.get(11)?,
        is_closed: row.get(12)?,
        product: row.get(13)?,
    })
}
