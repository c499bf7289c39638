//! Leases: rows that one caller has in hand, until a time.

use protocol_core::UnixTime;
use rusqlite::{Connection, Row, params};

use super::rows;
use crate::complaint::Source;
use crate::rules::{MAX_LEASE_SECONDS, MAX_WAIT_SECONDS, latest_end};

/// Leases what is due of a source: the rows of the first statement, each by the second. Beside each:
/// the number of its claim.
pub(super) fn lease_due<C>(
    connection: &Connection,
    source: &Source,
    [due, lease]: [&str; 2],
    limit: u32,
    lease_seconds: u32,
    now: UnixTime,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<(i64, C)>,
) -> rusqlite::Result<Vec<(i64, C)>> {
    let Source { channel, merchant } = source;
    let (leases, waits) = (latest_end(MAX_LEASE_SECONDS, now), latest_end(MAX_WAIT_SECONDS, now));
    let mut due = connection.prepare_cached(due)?;
    let due = due.query_map(params![channel, merchant, now.0, leases.0, waits.0, rows(limit)], read)?;
    let due: Vec<(i64, C)> = due.collect::<Result<_, _>>()?;
    let mut lease = connection.prepare_cached(lease)?;
    let leased = |(row, claim)| {
        let fence = next_fence(connection)?;
        lease.execute([row, fence, lease_end(lease_seconds, now)])?;
        Ok((fence, claim))
    };
    due.into_iter().map(leased).collect()
}

/// The number of the next claim, larger than that of every other.
pub(super) fn next_fence(connection: &Connection) -> rusqlite::Result<i64> {
    let next = "UPDATE claim SET last = last + 1 RETURNING last";
    connection.prepare_cached(next)?.query_row([], |row| row.get(0))
}

/// The end of a lease that begins now.
pub(super) fn lease_end(lease_seconds: u32, now: UnixTime) -> i64 {
    now.plus(lease_seconds.min(MAX_LEASE_SECONDS)).0
}
