//! Acts.

use protocol_core::UnixTime;
use protocol_core::call::ActState;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::complaints::{hear_of, row_of};
use super::leases::{lease_due, lease_end};
use super::{events, json, optional_json, reason, reason_columns, to_json, unreadable};
use crate::act::{ActClaim, ActOutcome, ActRecord, ActStage, Ask, Asked, finished};
use crate::complaint::{ComplaintKey, Source};
use crate::reason::Reason;
use crate::rules::Wait;

pub(super) fn ask(connection: &Connection, ask: &Ask, now: UnixTime) -> rusqlite::Result<Asked> {
    if let Some(record) = get(connection, &ask.key)? {
        let is_same = record.ask.complaint == ask.complaint && record.ask.act == ask.act;
        return Ok(if is_same { Asked::Same(record) } else { Asked::OtherContent });
    }
    let Some(row) = row_of(connection, &ask.complaint)? else { return Ok(Asked::UnknownComplaint) };
    let versions = "SELECT version, payers FROM complaint WHERE row = ?1";
    let (version, payers): (i64, i64) =
        connection.prepare_cached(versions)?.query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if ask.seen < payers || ask.seen > events::newest(connection)? {
        return Ok(Asked::Stale { version });
    }
    let kind = ask.act.kind().as_str();
    let other = "SELECT key FROM act WHERE complaint = ?1 AND kind = ?2 AND finished_at IS NULL";
    let other = connection.prepare_cached(other)?.query_row(params![row, kind], |row| row.get(0)).optional()?;
    if let Some(key) = other {
        return Ok(Asked::InHand { key });
    }
    let insert = "INSERT INTO act (key, complaint, kind, content, seen, asked_by, asked_at, stage)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let stage = ActStage::Asked;
    let content = to_json(&ask.act)?;
    let inserted = params![ask.key, row, kind, content, ask.seen, ask.by, now.0, stage.as_str()];
    connection.prepare_cached(insert)?.execute(inserted)?;
    Ok(Asked::New(ActRecord { ask: ask.clone(), asked_at: now, stage, state: None, finished_at: None, reason: None }))
}

pub(super) fn claim(
    connection: &Connection,
    source: &Source,
    limit: u32,
    lease_seconds: u32,
    now: UnixTime,
) -> rusqlite::Result<Vec<ActClaim>> {
    let due = format!(
        "SELECT {COLUMNS}, act.refused, act.number FROM act JOIN complaint ON complaint.row = act.complaint
         WHERE finished_at IS NULL AND channel = ?1 AND merchant = ?2
         AND NOT (act.leased > ?3 AND act.leased <= ?4) AND NOT (act.later > ?3 AND act.later <= ?5)
         AND NOT EXISTS (SELECT 1 FROM act AS older WHERE older.complaint = act.complaint
                         AND older.number < act.number AND older.finished_at IS NULL)
         ORDER BY act.number LIMIT ?6"
    );
    let read = |row: &Row<'_>| Ok((row.get(16)?, ActClaim { record: record(row)?, fence: 0, refused: row.get(15)? }));
    let lease = "UPDATE act SET fence = ?2, leased = ?3 WHERE number = ?1";
    let leased = lease_due(connection, source, [&due, lease], limit, lease_seconds, now, read)?;
    Ok(leased.into_iter().map(|(fence, claim)| ActClaim { fence, ..claim }).collect())
}

pub(super) fn keep(
    connection: &Connection,
    claim: &ActClaim,
    kept: Option<&ActState>,
    lease_seconds: u32,
    now: UnixTime,
) -> rusqlite::Result<bool> {
    let stage = if kept.is_some() { ActStage::Sending } else { ActStage::Asked };
    let state = kept.map(to_json).transpose()?;
    let keep = "UPDATE act SET state = ?3, stage = ?4, leased = ?5 WHERE key = ?1 AND fence = ?2";
    let kept = params![claim.record.ask.key, claim.fence, state, stage.as_str(), lease_end(lease_seconds, now)];
    Ok(connection.prepare_cached(keep)?.execute(kept)? == 1)
}

pub(super) fn put_back(connection: &Connection, claim: &ActClaim, wait: Wait, now: UnixTime) -> rusqlite::Result<bool> {
    let (seconds, refused) = wait.after(claim.refused);
    let put_back = "UPDATE act SET fence = 0, leased = 0, later = ?3, refused = ?4 WHERE key = ?1 AND fence = ?2";
    let put_back = connection.prepare_cached(put_back)?.execute(params![
        claim.record.ask.key,
        claim.fence,
        now.plus(seconds).0,
        refused
    ])?;
    Ok(put_back == 1)
}

pub(super) fn finish(
    connection: &Connection,
    claim: &ActClaim,
    outcome: ActOutcome,
    reason: Option<&Reason>,
    now: UnixTime,
) -> rusqlite::Result<bool> {
    let ask = &claim.record.ask;
    let finish = "UPDATE act SET fence = 0, leased = 0, stage = ?3, finished_at = ?4, words = ?5, code = ?6, quote = ?7
                  WHERE key = ?1 AND fence = ?2";
    let [words, code, quote] = reason_columns(reason);
    let ended = params![ask.key, claim.fence, outcome.stage().as_str(), now.0, words, code, quote];
    if connection.prepare_cached(finish)?.execute(ended)? == 0 {
        return Ok(false);
    }
    let row = hear_of(connection, &ask.complaint, None, now)?;
    events::write(connection, row, &[finished(ask, outcome)], now)?;
    Ok(true)
}

pub(super) fn get(connection: &Connection, key: &str) -> rusqlite::Result<Option<ActRecord>> {
    let get = format!("SELECT {COLUMNS} FROM act JOIN complaint ON complaint.row = act.complaint WHERE key = ?1");
    connection.prepare_cached(&get)?.query_row([key], record).optional()
}

/// The acts on a complaint, oldest first.
pub(super) fn of(connection: &Connection, row: i64) -> rusqlite::Result<Vec<ActRecord>> {
    let of = format!(
        "SELECT {COLUMNS} FROM act JOIN complaint ON complaint.row = act.complaint WHERE complaint = ?1 ORDER BY number"
    );
    connection.prepare_cached(&of)?.query_map([row], record)?.collect()
}

/// The columns that [`record`] takes, of `act` joined with `complaint`.
const COLUMNS: &str = "key, channel, merchant, complaint.id, content, seen, asked_by, asked_at, stage, act.state, \
    finished_at, words, act.code, act.quote, act.complaint";

fn record(row: &Row<'_>) -> rusqlite::Result<ActRecord> {
    let stage: String = row.get(8)?;
    Ok(ActRecord {
        ask: Ask {
            key: row.get(0)?,
            complaint: ComplaintKey { channel: row.get(1)?, merchant: row.get(2)?, id: row.get(3)? },
            act: json(row, 4)?,
            seen: row.get(5)?,
            by: row.get(6)?,
        },
        asked_at: UnixTime(row.get(7)?),
        stage: ActStage::from_name(&stage).ok_or_else(|| unreadable(8))?,
        state: optional_json(row, 9)?,
        finished_at: row.get::<_, Option<i64>>(10)?.map(UnixTime),
        reason: reason(row, 11)?,
    })
}
