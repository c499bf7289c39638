//! Claims, and the readings that are kept under them.

use protocol_core::UnixTime;
use rusqlite::{Connection, Row, params};

use super::leases::lease_due;
use super::{complaints, events};
use crate::complaint::{ComplaintKey, Source};
use crate::reading::{Claim, Entry, Reading};
use crate::rules::{Wait, first_alarm, urgency};
use crate::signature::signature;

pub(super) fn claim(
    connection: &Connection,
    source: &Source,
    limit: u32,
    lease_seconds: u32,
    now: UnixTime,
) -> rusqlite::Result<Vec<Claim>> {
    let Source { channel, merchant } = source;
    let read = |row: &Row<'_>| {
        let claim = Claim {
            key: ComplaintKey::new(channel, merchant, row.get::<_, String>(1)?),
            heard: row.get(2)?,
            fence: 0,
            refused: row.get(3)?,
            version: row.get(4)?,
            accused: row.get(5)?,
            document: row.get::<_, Option<String>>(6)?.map(Into::into),
        };
        Ok((row.get(0)?, claim))
    };
    let lease = "UPDATE complaint SET fence = ?2, leased = ?3 WHERE row = ?1";
    let leased = lease_due(connection, source, [DUE, lease], limit, lease_seconds, now, read)?;
    Ok(leased.into_iter().map(|(fence, claim)| Claim { fence, ..claim }).collect())
}

pub(super) fn keep_reading(
    connection: &Connection,
    claim: &Claim,
    reading: &Reading,
    now: UnixTime,
) -> rusqlite::Result<bool> {
    let Some(row) = complaints::row_of(connection, &claim.key)? else { return Ok(false) };
    let Reading {
        document,
        standing,
        state,
        filed,
        deadlines,
        amount,
        product,
        numbers,
        searched,
        progress,
        is_closed,
        entries,
        pictures,
        events,
    } = reading;
    let due = |deadline: fn(&protocol_core::complaint::Deadlines) -> Option<UnixTime>| {
        deadlines.as_ref().and_then(deadline).map(|time| time.0)
    };
    let keep = "UPDATE complaint SET fence = 0, leased = 0, later = 0, refused = 0, read = ?3, read_at = ?4,
                    document = ?5, standing = ?6, state = ?7, filed = ?8, amount = ?9, closed = ?10,
                    deadlines = ?11, reply_due = ?12, finish_due = ?13, urgency = ?14, alarm = ?15, product = ?16,
                    reply = ?17, finish = ?18, times = ?19, overdue = max(overdue, ?20), signature = ?21
                WHERE row = ?1 AND fence = ?2";
    let kept = connection.prepare_cached(keep)?.execute(params![
        row,
        claim.fence,
        claim.heard,
        now.0,
        document.expose(),
        standing,
        state,
        filed.map(|time| time.0),
        amount,
        is_closed,
        deadlines.as_ref().map(super::to_json).transpose()?,
        due(|deadlines| deadlines.reply.at()),
        due(|deadlines| deadlines.finish.at()),
        urgency(deadlines.as_ref(), *is_closed),
        first_alarm(deadlines.as_ref(), *is_closed).map(|alarm| alarm.0),
        product,
        progress.reply.code(),
        progress.finish.code(),
        progress.times,
        progress.is_overdue,
        signature(searched.expose()),
    ])?;
    if kept == 0 {
        return Ok(false);
    }
    let search = "INSERT INTO searched (complaint, text) VALUES (?1, ?2)
                  ON CONFLICT DO UPDATE SET text = ?2 WHERE text <> ?2";
    connection.prepare_cached(search)?.execute(params![row, searched.expose()])?;
    keep_numbers(connection, row, numbers)?;
    if let Some(entries) = entries {
        keep_entries(connection, row, entries)?;
    }
    super::pictures::want(connection, row, pictures)?;
    events::write(connection, row, events, now)?;
    Ok(true)
}

/// Numbers that did not change are not written again.
fn keep_numbers(connection: &Connection, row: i64, numbers: &[String]) -> rusqlite::Result<()> {
    let numbers = super::to_json(&numbers)?;
    for keep in [
        "DELETE FROM number WHERE complaint = ?1 AND number NOT IN (SELECT value FROM json_each(?2))",
        "INSERT INTO number (complaint, number) SELECT ?1, value FROM json_each(?2) WHERE true ON CONFLICT DO NOTHING",
    ] {
        connection.prepare_cached(keep)?.execute(params![row, numbers])?;
    }
    Ok(())
}

/// A history that did not change is not written again.
fn keep_entries(connection: &Connection, row: i64, entries: &[Entry]) -> rusqlite::Result<()> {
    let keep = "INSERT INTO entry (complaint, place, id, kind, at, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                ON CONFLICT (complaint, place) DO UPDATE SET id = ?3, kind = ?4, at = ?5, document = ?6
                WHERE id <> ?3 OR kind IS NOT ?4 OR at IS NOT ?5 OR document <> ?6";
    let mut keep = connection.prepare_cached(keep)?;
    for (place, Entry { id, kind, at, document }) in (0_i64..).zip(entries) {
        keep.execute(params![row, place, id, kind, at.map(|time| time.0), document.expose()])?;
    }
    let places = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    connection.prepare_cached("DELETE FROM entry WHERE complaint = ?1 AND place >= ?2")?.execute([row, places])?;
    Ok(())
}

pub(super) fn put_back(connection: &Connection, claim: &Claim, wait: Wait, now: UnixTime) -> rusqlite::Result<bool> {
    let Some(row) = complaints::row_of(connection, &claim.key)? else { return Ok(false) };
    // The claim has the refusals from before a message that arrived meanwhile, which has ended them.
    let (seconds, refused) = wait.after(claim.refused);
    let put_back = "UPDATE complaint SET fence = 0, leased = 0,
                        later = iif(heard = ?3, ?4, later), refused = iif(heard = ?3, ?5, refused)
                    WHERE row = ?1 AND fence = ?2";
    let put_back = connection.prepare_cached(put_back)?.execute(params![
        row,
        claim.fence,
        claim.heard,
        now.plus(seconds).0,
        refused
    ])?;
    Ok(put_back == 1)
}

/// Complaints of a source (`?1`, `?2`) that are due to be read, by deadline, those that were never read
/// before those whose deadline is unknown, and the newest number first. `?3` is now,
/// `?4` and `?5` are the latest ends of a lease and of a wait that hold.
pub(super) const DUE: &str = "SELECT row, id, heard, refused, version, accused, document FROM complaint
    WHERE channel = ?1 AND merchant = ?2 AND read < heard
    AND NOT (leased > ?3 AND leased <= ?4) AND NOT (later > ?3 AND later <= ?5)
    ORDER BY urgency, read_at IS NOT NULL, length(id) DESC, id DESC LIMIT ?6";
