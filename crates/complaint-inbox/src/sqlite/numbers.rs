//! Numbers by day of filing.

use protocol_core::UnixTime;
use rusqlite::{Connection, params};

use crate::day::Day;
use crate::numbers::{Counter, DayNumbers, Milestone, Progress, span};

pub(super) fn of(
    connection: &Connection,
    from: Day,
    to: Day,
    channel: Option<&str>,
    merchant: Option<&str>,
) -> rusqlite::Result<Vec<DayNumbers>> {
    let span = span(from, to);
    let mut statement = connection.prepare_cached(FILED)?;
    let mut rows = statement.query(params![span.start.0, span.end.0, channel, merchant])?;
    let mut counter = Counter::default();
    while let Some(row) = rows.next()? {
        let progress = Progress {
            reply: Milestone::from_code(row.get(3)?),
            finish: Milestone::from_code(row.get(4)?),
            times: row.get(5)?,
            is_overdue: row.get(6)?,
        };
        let (channel, merchant) = (row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
        counter.add(UnixTime(row.get(0)?), channel, merchant, progress);
    }
    Ok(counter.finish())
}

/// The complaints of a span of time (`?1`, `?2`), of a channel and a merchant (`?3`, `?4`) or of all: one
/// scan of an index that has every column.
pub(super) const FILED: &str = "SELECT filed, channel, merchant, reply, finish, times, overdue FROM complaint
    WHERE filed >= ?1 AND filed < ?2 AND (?3 IS NULL OR channel = ?3) AND (?4 IS NULL OR merchant = ?4)";
