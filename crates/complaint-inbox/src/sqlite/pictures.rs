//! Pictures of complaints.

use protocol_core::{Personal, UnixTime};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::complaints::row_of;
use super::leases::lease_due;
use super::{reason, reason_columns};
use crate::complaint::{ComplaintKey, Source};
use crate::picture::{MAX_PICTURES, Picture, PictureClaim, PictureOutcome, PictureRecord, PictureState};

/// Wants the pictures at these places, and ends the waits of those that are wanted: a reading has
/// fresh links.
pub(super) fn want(connection: &Connection, row: i64, places: &[String]) -> rusqlite::Result<()> {
    let again = "UPDATE picture SET later = 0 WHERE complaint = ?1 AND finished_at IS NULL AND later <> 0";
    connection.prepare_cached(again)?.execute([row])?;
    let want = "INSERT INTO picture (complaint, number, place)
                SELECT ?1, coalesce(max(number), 0) + 1, ?2 FROM picture WHERE complaint = ?1 HAVING count(*) < ?3
                ON CONFLICT DO NOTHING";
    let mut want = connection.prepare_cached(want)?;
    places.iter().try_for_each(|place| want.execute(params![row, place, MAX_PICTURES]).map(drop))
}

pub(super) fn claim(
    connection: &Connection,
    source: &Source,
    limit: u32,
    lease_seconds: u32,
    now: UnixTime,
) -> rusqlite::Result<Vec<PictureClaim>> {
    let Source { channel, merchant } = source;
    let read = |row: &Row<'_>| {
        let claim = PictureClaim {
            complaint: ComplaintKey::new(channel, merchant, row.get::<_, String>(1)?),
            number: row.get(2)?,
            place: row.get(3)?,
            fence: 0,
            refused: row.get(4)?,
            read: row.get(5)?,
            is_read_since: row.get(6)?,
        };
        Ok((row.get(0)?, claim))
    };
    let lease = "UPDATE picture SET fence = ?2, leased = ?3 WHERE row = ?1";
    let leased = lease_due(connection, source, [DUE, lease], limit, lease_seconds, now, read)?;
    Ok(leased.into_iter().map(|(fence, claim)| PictureClaim { fence, ..claim }).collect())
}

pub(super) fn finish(
    connection: &Connection,
    claim: &PictureClaim,
    outcome: &PictureOutcome,
    now: UnixTime,
) -> rusqlite::Result<bool> {
    let Some(row) = row_of(connection, &claim.complaint)? else { return Ok(false) };
    let (mut later, mut refused) = (0, claim.refused);
    let (reason, finished_at, content) = match outcome {
        PictureOutcome::Kept(content) => (None, Some(now.0), Some(content.expose())),
        PictureOutcome::GivenUp { reason } => (Some(reason), Some(now.0), None),
        PictureOutcome::Failed { reason, wait } => {
            let seconds;
            (seconds, refused) = wait.after(refused);
            later = now.plus(seconds).0;
            (Some(reason), None, None)
        }
    };
    let [words, code, quote] = reason_columns(reason);
    // A reading meanwhile has a fresh link: there is no reason to wait.
    let finish = "UPDATE picture SET fence = 0, leased = 0, refused = ?5, reason = ?6, code = ?10, quote = ?11,
                      later = CASE WHEN (SELECT read FROM complaint WHERE row = ?1) > ?9 THEN 0 ELSE ?4 END,
                      finished_at = ?7, content = ?8, failed_read = ?9
                  WHERE complaint = ?1 AND number = ?2 AND fence = ?3 AND finished_at IS NULL";
    let finished = connection.prepare_cached(finish)?.execute(params![
        row,
        claim.number,
        claim.fence,
        later,
        refused,
        words,
        finished_at,
        content,
        claim.read,
        code,
        quote
    ])?;
    Ok(finished == 1)
}

pub(super) fn of(connection: &Connection, row: i64) -> rusqlite::Result<Vec<PictureRecord>> {
    let pictures = format!("SELECT {COLUMNS} FROM picture WHERE complaint = ?1 ORDER BY number");
    connection.prepare_cached(&pictures)?.query_map([row], record)?.collect()
}

pub(super) fn get(connection: &Connection, key: &ComplaintKey, number: u32) -> rusqlite::Result<Option<Picture>> {
    let Some(row) = row_of(connection, key)? else { return Ok(None) };
    let picture = format!("SELECT {COLUMNS}, content FROM picture WHERE complaint = ?1 AND number = ?2");
    let read = |row: &Row<'_>| {
        Ok(Picture { record: record(row)?, content: row.get::<_, Option<Vec<u8>>>(7)?.map(Personal::new) })
    };
    connection.prepare_cached(&picture)?.query_row(params![row, number], read).optional()
}

/// The columns that [`record`] takes.
const COLUMNS: &str = "number, place, length(content), finished_at, reason, code, quote";

fn record(row: &Row<'_>) -> rusqlite::Result<PictureRecord> {
    let (size, finished_at): (Option<i64>, Option<i64>) = (row.get(2)?, row.get(3)?);
    let reason = reason(row, 4)?;
    Ok(PictureRecord {
        number: row.get(0)?,
        place: row.get(1)?,
        state: PictureState::of(finished_at.is_some(), size.is_some(), reason.is_some()),
        size: size.and_then(|size| u64::try_from(size).ok()),
        reason,
        finished_at: finished_at.map(UnixTime),
    })
}

/// Pictures of a source (`?1`, `?2`) that are wanted, in the order in which they were first seen. `?3`
/// is now, `?4` and `?5` are the latest ends of a lease and of a wait that hold. Those that are wanted
/// are few; the complaints of a source are many.
pub(super) const DUE: &str =
    "SELECT picture.row, id, number, place, picture.refused, read, failed_read IS NULL OR read > failed_read
    FROM picture INDEXED BY picture_wanted CROSS JOIN complaint ON complaint.row = picture.complaint
    WHERE finished_at IS NULL AND channel = ?1 AND merchant = ?2
    AND NOT (picture.leased > ?3 AND picture.leased <= ?4) AND NOT (picture.later > ?3 AND picture.later <= ?5)
    ORDER BY picture.row LIMIT ?6";
