//! Events on their way to endpoints.

use protocol_core::UnixTime;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::leases::{lease_end, next_fence};
use super::{count, events, rows};
use crate::handover::{Handover, HandoverOutcome, Replay, StartAt};
use crate::rules::{MAX_LEASE_SECONDS, MAX_WAIT_SECONDS, latest_end};

pub(super) fn open(connection: &Connection, name: &str, start: StartAt) -> rusqlite::Result<()> {
    let position = if start == StartAt::Oldest { 0 } else { events::newest(connection)? };
    let open = "INSERT INTO endpoint (name, position) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    connection.prepare_cached(open)?.execute(params![name, position]).map(drop)
}

pub(super) fn close(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    Ok(connection.prepare_cached("DELETE FROM endpoint WHERE name = ?1")?.execute([name])? == 1)
}

pub(super) fn claim(
    connection: &Connection,
    name: &str,
    limit: u32,
    lease_seconds: u32,
    now: UnixTime,
) -> rusqlite::Result<Vec<Handover>> {
    take_new(connection, name, limit)?;
    end_what_lapsed(connection, name, now)?;
    let read = |row: &Row<'_>| {
        Ok(Handover { endpoint: name.to_owned(), event: events::read(row)?, failed: row.get(7)?, fence: 0 })
    };
    let mut due = connection.prepare_cached(&due_statement())?;
    let due = due.query_map(params![name, now.0, rows(limit)], read)?;
    let mut due: Vec<Handover> = due.collect::<Result<_, _>>()?;
    due.sort_unstable_by_key(|handover| handover.event.number);
    for handover in &mut due {
        handover.fence = next_fence(connection)?;
        let lease = "UPDATE handover SET fence = ?3, leased = ?4 WHERE endpoint = ?1 AND event = ?2";
        let leased = params![name, handover.event.number, handover.fence, lease_end(lease_seconds, now)];
        connection.prepare_cached(lease)?.execute(leased)?;
    }
    Ok(due)
}

/// The events that may be sent, those that have waited longest first.
pub(super) fn due_statement() -> String {
    format!(
        "SELECT {}, failed FROM handover JOIN event ON event.number = handover.event
         JOIN complaint ON complaint.row = event.complaint
         WHERE endpoint = ?1 AND is_oldest = 1 AND handover.leased = 0 AND handover.later <= ?2
         ORDER BY handover.later, handover.event LIMIT ?3",
        events::COLUMNS
    )
}

/// Gives rows to events that have none yet.
fn take_new(connection: &Connection, name: &str, limit: u32) -> rusqlite::Result<()> {
    let position = "SELECT position FROM endpoint WHERE name = ?1";
    let position = connection.prepare_cached(position)?.query_row([name], |row| row.get(0)).optional()?;
    let Some(position): Option<i64> = position else { return Ok(()) };
    let new = "SELECT number, complaint FROM event WHERE number > ?1 ORDER BY number LIMIT ?2";
    let mut new = connection.prepare_cached(new)?;
    let new = new.query_map(params![position, rows(limit)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let new: Vec<(i64, i64)> = new.collect::<Result<_, _>>()?;
    for (number, complaint) in &new {
        let take = "INSERT INTO handover (endpoint, event, complaint) VALUES (?1, ?2, ?3)";
        connection.prepare_cached(take)?.execute(params![name, number, complaint])?;
        mark_oldest(connection, name, *complaint)?;
    }
    if let Some((last, _)) = new.last() {
        let raise = "UPDATE endpoint SET position = ?2 WHERE name = ?1";
        connection.prepare_cached(raise)?.execute(params![name, last])?;
    }
    Ok(())
}

/// Marks the event that those after it of its complaint wait for.
fn mark_oldest(connection: &Connection, name: &str, complaint: i64) -> rusqlite::Result<()> {
    let mark = "UPDATE handover SET is_oldest = 1 WHERE endpoint = ?1 AND is_oldest = 0 AND event = (
                    SELECT min(event) FROM handover WHERE endpoint = ?1 AND complaint = ?2 AND dead = 0)";
    connection.prepare_cached(mark)?.execute(params![name, complaint]).map(drop)
}

/// Ends leases that are over, and those and waits that end later than they could: the clock was set
/// back.
fn end_what_lapsed(connection: &Connection, name: &str, now: UnixTime) -> rusqlite::Result<()> {
    let leases = "UPDATE handover SET leased = 0
                  WHERE endpoint = ?1 AND leased <> 0 AND NOT (leased > ?2 AND leased <= ?3)";
    let latest = latest_end(MAX_LEASE_SECONDS, now);
    connection.prepare_cached(leases)?.execute(params![name, now.0, latest.0])?;
    let waits = "UPDATE handover SET later = 0
                 WHERE endpoint = ?1 AND is_oldest = 1 AND leased = 0 AND later > ?2";
    connection.prepare_cached(waits)?.execute(params![name, latest_end(MAX_WAIT_SECONDS, now).0]).map(drop)
}

pub(super) fn finish(
    connection: &Connection,
    handover: &Handover,
    outcome: HandoverOutcome,
    now: UnixTime,
) -> rusqlite::Result<bool> {
    let (name, number, fence) = (&handover.endpoint, handover.event.number, handover.fence);
    let ended = match outcome {
        HandoverOutcome::Delivered => {
            let delivered = "DELETE FROM handover WHERE endpoint = ?1 AND event = ?2 AND fence = ?3";
            connection.prepare_cached(delivered)?.execute(params![name, number, fence])?
        }
        HandoverOutcome::Failed(wait) => {
            let failed = "UPDATE handover SET fence = 0, leased = 0, failed = failed + 1, later = ?4
                          WHERE endpoint = ?1 AND event = ?2 AND fence = ?3";
            let later = now.plus(wait.after(handover.failed).0).0;
            connection.prepare_cached(failed)?.execute(params![name, number, fence, later])?
        }
        HandoverOutcome::Dead => {
            let dead = "UPDATE handover SET fence = 0, leased = 0, dead = 1, is_oldest = 0
                        WHERE endpoint = ?1 AND event = ?2 AND fence = ?3";
            connection.prepare_cached(dead)?.execute(params![name, number, fence])?
        }
    };
    if ended == 1 && !matches!(outcome, HandoverOutcome::Failed(_)) {
        let complaint = "SELECT complaint FROM event WHERE number = ?1";
        let complaint = connection.prepare_cached(complaint)?.query_row([number], |row| row.get(0))?;
        mark_oldest(connection, name, complaint)?;
    }
    Ok(ended == 1)
}

pub(super) fn replay(connection: &Connection, name: &str, replay: Replay) -> rusqlite::Result<u64> {
    let again = match replay {
        Replay::Dead => {
            let dead = "UPDATE handover SET dead = 0, failed = 0, later = 0 WHERE endpoint = ?1 AND dead = 1";
            connection.prepare_cached(dead)?.execute([name])?
        }
        Replay::After(number) => {
            let after = "INSERT INTO handover (endpoint, event, complaint)
                         SELECT name, number, complaint FROM endpoint JOIN event ON number > ?2 AND number <= position
                         WHERE name = ?1
                         ON CONFLICT (endpoint, event)
                         DO UPDATE SET dead = 0, failed = 0, later = 0, fence = 0, leased = 0";
            connection.prepare_cached(after)?.execute(params![name, number])?
        }
    };
    let mark = "UPDATE handover SET is_oldest = dead = 0 AND NOT EXISTS (
                    SELECT 1 FROM handover AS older WHERE older.endpoint = handover.endpoint AND older.dead = 0
                    AND older.complaint = handover.complaint AND older.event < handover.event)
                WHERE endpoint = ?1";
    connection.prepare_cached(mark)?.execute([name])?;
    Ok(count(again))
}
