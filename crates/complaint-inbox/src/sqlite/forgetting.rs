//! Retention.

use protocol_core::{FIRST_OF_SET_CLOCK, UnixTime};
use rusqlite::Connection;

use super::{count, rows};
use crate::complaint::Forgotten;
use crate::rules::{REMEMBERED_SECONDS, SIGNED_SECONDS, forgotten_pictures, held_since, kept_since};

pub(super) fn forget(
    connection: &Connection,
    keep_days: u32,
    limit: u32,
    now: UnixTime,
) -> rusqlite::Result<Forgotten> {
    if now.is_of_unset_clock() {
        return Ok(Forgotten::default());
    }
    date(connection, now)?;
    let (before, held_since) = (kept_since(keep_days, now).0, held_since(keep_days, now).0);
    let ago = |seconds: u32| now.0.saturating_sub(i64::from(seconds));
    let run = |sql: &str, before: i64, limit: i64| connection.prepare_cached(sql)?.execute([before, limit]).map(count);
    let not_held =
        |sql: &str, limit: i64| connection.prepare_cached(sql)?.execute([before, limit, held_since]).map(count);

    let keys = run(OLD_KEYS, before.min(ago(REMEMBERED_SECONDS)), rows(limit))?;
    let left = rows(limit).saturating_sub_unsigned(keys);
    let contents = run(OLD_CONTENTS, before, left)?;
    connection.prepare_cached("DELETE FROM signed WHERE at < ?1")?.execute([ago(SIGNED_SECONDS)])?;
    let pictures = not_held(OLD_PICTURES, rows(forgotten_pictures(limit)))?;
    Ok(Forgotten {
        complaints: not_held(OLD_COMPLAINTS, rows(limit))?,
        messages: keys.saturating_add(contents),
        letters: run(OLD_LETTERS, before, rows(limit))?,
        pictures,
        deeds: run(OLD_DEEDS, before, rows(limit))?,
        sessions: run(OVER_SESSIONS, now.0, rows(limit))?,
    })
}

/// What was kept under a clock that was not set counts from now on.
fn date(connection: &Connection, now: UnixTime) -> rusqlite::Result<()> {
    for undated in [
        "UPDATE message SET at = ?1 WHERE at < ?2",
        "UPDATE signed SET at = ?1 WHERE at < ?2",
        "UPDATE letter SET at = ?1 WHERE at < ?2",
        "UPDATE complaint SET changed = ?1 WHERE changed < ?2",
        "UPDATE deed SET at = ?1 WHERE at < ?2",
    ] {
        connection.prepare_cached(undated)?.execute([now.0, FIRST_OF_SET_CLOCK.0])?;
    }
    Ok(())
}

const OLD_KEYS: &str =
    "DELETE FROM message WHERE key IN (SELECT key FROM message WHERE at < ?1 ORDER BY at, key LIMIT ?2)";

const OLD_CONTENTS: &str = "UPDATE message SET content = NULL WHERE key IN (
    SELECT key FROM message WHERE at < ?1 AND content IS NOT NULL ORDER BY at, key LIMIT ?2)";

const OLD_LETTERS: &str =
    "DELETE FROM letter WHERE number IN (SELECT number FROM letter WHERE at < ?1 ORDER BY number LIMIT ?2)";

/// Those about a complaint go with it.
const OLD_DEEDS: &str = "DELETE FROM deed WHERE number IN (
    SELECT number FROM deed WHERE complaint IS NULL AND at < ?1 ORDER BY at, number LIMIT ?2)";

const OVER_SESSIONS: &str = "DELETE FROM session WHERE digest IN (
    SELECT digest FROM session WHERE expires <= ?1 ORDER BY expires, digest LIMIT ?2)";

/// They are large, and go before their complaints.
const OLD_PICTURES: &str = "DELETE FROM picture WHERE row IN (
    SELECT picture.row FROM complaint CROSS JOIN picture ON picture.complaint = complaint.row WHERE changed < ?1
    AND NOT EXISTS (SELECT 1 FROM act WHERE act.complaint = complaint.row AND act.finished_at IS NULL
                    AND act.asked_at >= ?3)
    ORDER BY changed, channel, merchant, id, number LIMIT ?2)";

/// What belongs to a complaint goes with it.
const OLD_COMPLAINTS: &str = "DELETE FROM complaint WHERE row IN (
    SELECT row FROM complaint WHERE changed < ?1
    AND NOT EXISTS (SELECT 1 FROM act WHERE act.complaint = complaint.row AND finished_at IS NULL AND asked_at >= ?3)
    AND NOT EXISTS (SELECT 1 FROM picture WHERE picture.complaint = complaint.row)
    ORDER BY changed, channel, merchant, id LIMIT ?2)";
