//! Messages, the digests of their signatures, and letters.

use protocol_core::UnixTime;
use protocol_core::replay::SignedDigest;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::complaints::hear_of;
use super::file::meaning;
use super::{events, reason, reason_columns, rows, to_json, unreadable};
use crate::complaint::{ComplaintKey, Source};
use crate::error::StoreError;
use crate::message::{Heard, Letter, Message, NewLetter};
use crate::reservations::DoneMessages;
use crate::rules::removed_key;

/// The messages that are done, as a connection sees them.
pub(super) struct Done<'c>(pub(super) &'c Connection);

impl DoneMessages for Done<'_> {
    fn is_done(&self, id: &str) -> Result<bool, StoreError> {
        is_done(self.0, id).map_err(|error| meaning(&error))
    }

    fn owner(&self, signed: &SignedDigest) -> Result<Option<String>, StoreError> {
        let owner = || {
            let owner = "SELECT message FROM signed WHERE digest = ?1";
            self.0.prepare_cached(owner)?.query_row([signed.as_bytes()], |row| row.get(0)).optional()
        };
        owner().map_err(|error| meaning(&error))
    }
}

pub(super) fn is_done(connection: &Connection, id: &str) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM message WHERE key = ?1")?.exists([id])
}

/// Marks a message as done, with its content if it is about a complaint. `false` if it is done.
pub(super) fn finish(
    connection: &Connection,
    id: &str,
    message: Option<&Message>,
    signed: &[SignedDigest],
    now: UnixTime,
) -> rusqlite::Result<bool> {
    let keep = "INSERT INTO message (key, at, complaint, kind, content) VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT DO NOTHING";
    let complaint = message
        .map(|Message { complaint: ComplaintKey { channel, merchant, id }, .. }| to_json(&[channel, merchant, id]));
    let kind = message.and_then(|message| message.kind.as_ref());
    let content = message.and_then(|message| message.content.as_ref()).map(|content| content.expose());
    let kept = params![id, now.0, complaint.transpose()?, kind, content];
    let is_new = connection.prepare_cached(keep)?.execute(kept)? == 1;
    if is_new {
        spend(connection, id, signed, now)?;
    }
    Ok(is_new)
}

pub(super) fn hear(
    connection: &Connection,
    message: &Message,
    signed: &[SignedDigest],
    now: UnixTime,
) -> rusqlite::Result<Heard> {
    if !finish(connection, &message.dedup_key, Some(message), signed, now)? {
        return Ok(Heard::Copy);
    }
    let row = hear_of(connection, &message.complaint, message.accused.as_deref(), now)?;
    events::write(connection, row, &message.events, now)?;
    Ok(Heard::First)
}

/// These signatures are done with the message.
pub(super) fn spend(connection: &Connection, id: &str, signed: &[SignedDigest], now: UnixTime) -> rusqlite::Result<()> {
    let mut spend = connection
        .prepare_cached("INSERT INTO signed (digest, message, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
    signed.iter().try_for_each(|signed| spend.execute(params![signed.as_bytes(), id, now.0]).map(drop))
}

pub(super) fn keep_letter(connection: &Connection, letter: &NewLetter, now: UnixTime) -> rusqlite::Result<bool> {
    let NewLetter { source: Source { channel, merchant }, complaint_id, reason, content } = letter;
    if is_done(connection, &removed_key(letter))? {
        return Ok(false);
    }
    // A conflict would use up a number.
    let keep = "INSERT INTO letter (at, channel, merchant, complaint_id, content, reason, code, quote)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS (
                    SELECT 1 FROM letter WHERE channel = ?2 AND merchant = ?3 AND content = ?5)";
    let [words, code, quote] = reason_columns(Some(reason));
    let kept = params![now.0, channel, merchant, complaint_id, content.expose(), words, code, quote];
    if connection.prepare_cached(keep)?.execute(kept)? == 0 {
        return Ok(false);
    }
    if let Some(id) = complaint_id {
        hear_of(connection, &ComplaintKey::new(channel, merchant, id), None, now)?;
    }
    Ok(true)
}

pub(super) fn letters(connection: &Connection, after: i64, limit: u32) -> rusqlite::Result<Vec<Letter>> {
    let letters = "SELECT number, at, channel, merchant, complaint_id, content, reason, code, quote FROM letter
                   WHERE number > ?1 ORDER BY number LIMIT ?2";
    connection.prepare_cached(letters)?.query_map([after, rows(limit)], letter)?.collect()
}

fn letter(row: &Row<'_>) -> rusqlite::Result<Letter> {
    let source = Source { channel: row.get(2)?, merchant: row.get(3)? };
    let content: Vec<u8> = row.get(5)?;
    let reason = reason(row, 6)?.ok_or_else(|| unreadable(6))?;
    let letter = NewLetter { source, complaint_id: row.get(4)?, reason, content: content.into() };
    Ok(Letter { number: row.get(0)?, at: UnixTime(row.get(1)?), letter })
}

pub(super) fn remove_letter(connection: &Connection, number: i64, now: UnixTime) -> rusqlite::Result<bool> {
    let remove = "DELETE FROM letter WHERE number = ?1
                  RETURNING number, at, channel, merchant, complaint_id, content, reason, code, quote";
    let removed = connection.prepare_cached(remove)?.query_row([number], letter).optional()?;
    let Some(Letter { letter, .. }) = removed else { return Ok(false) };
    finish(connection, &removed_key(&letter), None, &[], now)?;
    Ok(true)
}
