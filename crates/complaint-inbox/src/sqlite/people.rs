//! Those who are logged in, and the journal.

use protocol_core::UnixTime;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::complaints::row_of;
use super::{count, rows};
use crate::complaint::ComplaintKey;
use crate::deed::{Deed, DeedRecord};
use crate::picture::{MAX_PHONE_LOOKS, PhoneLook, PhoneLooks};
use crate::session::Session;

pub(super) fn open_session(connection: &Connection, session: &Session) -> rusqlite::Result<()> {
    let Session { digest, user, opened, expires } = session;
    let open = "INSERT INTO session (digest, user, opened, expires) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT DO UPDATE SET user = ?2, opened = ?3, expires = ?4";
    connection.prepare_cached(open)?.execute(params![digest, user, opened.0, expires.0]).map(drop)
}

/// The session of a digest, though it may be over.
pub(super) fn session(connection: &Connection, digest: &[u8; 32]) -> rusqlite::Result<Option<Session>> {
    let session = "SELECT digest, user, opened, expires FROM session WHERE digest = ?1";
    let read = |row: &Row<'_>| {
        Ok(Session {
            digest: row.get(0)?,
            user: row.get(1)?,
            opened: UnixTime(row.get(2)?),
            expires: UnixTime(row.get(3)?),
        })
    };
    connection.prepare_cached(session)?.query_row([digest], read).optional()
}

pub(super) fn close_session(connection: &Connection, digest: &[u8; 32]) -> rusqlite::Result<bool> {
    Ok(connection.prepare_cached("DELETE FROM session WHERE digest = ?1")?.execute([digest])? == 1)
}

pub(super) fn close_sessions_of(connection: &Connection, user: &str) -> rusqlite::Result<u64> {
    connection.prepare_cached("DELETE FROM session WHERE user = ?1")?.execute([user]).map(count)
}

pub(super) fn note(connection: &Connection, deed: &Deed, now: UnixTime) -> rusqlite::Result<bool> {
    let Deed { user, word, complaint, detail } = deed;
    let row = match complaint {
        None => None,
        Some(key) => match row_of(connection, key)? {
            None => return Ok(false),
            row => row,
        },
    };
    let note = "INSERT INTO deed (at, user, word, complaint, detail) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(note)?.execute(params![now.0, user, word, row, detail])?;
    Ok(true)
}

pub(super) fn deeds(connection: &Connection, before: Option<i64>, limit: u32) -> rusqlite::Result<Vec<DeedRecord>> {
    let deeds = "SELECT number, at, user, word, detail, channel, merchant, id
                 FROM deed LEFT JOIN complaint ON complaint.row = deed.complaint
                 WHERE number < ?1 ORDER BY number DESC LIMIT ?2";
    let read = |row: &Row<'_>| {
        let complaint = match row.get(5)? {
            None => None,
            Some(channel) => Some(ComplaintKey { channel, merchant: row.get(6)?, id: row.get(7)? }),
        };
        let deed = Deed { user: row.get(2)?, word: row.get(3)?, complaint, detail: row.get(4)? };
        Ok(DeedRecord { number: row.get(0)?, at: UnixTime(row.get(1)?), deed })
    };
    connection.prepare_cached(deeds)?.query_map([before.unwrap_or(i64::MAX), rows(limit)], read)?.collect()
}

pub(super) fn phone_looks(connection: &Connection, row: i64) -> rusqlite::Result<PhoneLooks> {
    let times = "SELECT count(*) FROM deed WHERE complaint = ?1 AND word = ?2";
    let times: i64 = connection.prepare_cached(times)?.query_row(params![row, Deed::PHONE_SHOWN], |row| row.get(0))?;
    let latest = "SELECT user, at FROM deed WHERE complaint = ?1 AND word = ?2 ORDER BY number DESC LIMIT ?3";
    let read = |row: &Row<'_>| Ok(PhoneLook { by: row.get(0)?, at: UnixTime(row.get(1)?) });
    let most = i64::try_from(MAX_PHONE_LOOKS).unwrap_or(i64::MAX);
    let mut latest = connection.prepare_cached(latest)?;
    let latest = latest.query_map(params![row, Deed::PHONE_SHOWN, most], read)?.collect::<Result<_, _>>()?;
    Ok(PhoneLooks { times: u64::try_from(times).unwrap_or(0), latest })
}
