//! Lists, whole complaints, figures.

use std::collections::BTreeSet;

use protocol_core::{Personal, UnixTime};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::complaints::{COLUMNS, row_of, summary};
use super::{acts, events, people, pictures, rows};
use crate::complaint::{Choices, ComplaintKey, ComplaintRecord, Cursor, Exported, Figures, Filter, MAX_CHOICES, Page};
use crate::reading::Entry;
use crate::rules::{CLOSED, MET};
use crate::search::{MAX_SEARCHED, Search};

/// A list in the order of its index: `?1` to `?4` are the place after which it begins, `?5` is its
/// last urgency.
pub(super) fn list_statement() -> String {
    format!(
        "SELECT urgency, channel, merchant, id, row, {TEXT} FROM complaint
         WHERE (urgency, channel, merchant, id) > (?1, ?2, ?3, ?4) AND urgency <= ?5 AND {FITTING}
         ORDER BY urgency, channel, merchant, id"
    )
}

/// An export in the order of the keys: `?1` to `?3` are the key after which it begins, `?4` and `?5`
/// its first and its last urgency. The `+` keeps SQLite from the index of the list, after which it
/// would sort all rows for each page.
pub(super) fn export_statement() -> String {
    format!(
        "SELECT {COLUMNS}, document, {TEXT} FROM complaint
         WHERE (channel, merchant, id) > (?1, ?2, ?3) AND +urgency BETWEEN ?4 AND ?5 AND {FITTING}
         ORDER BY channel, merchant, id"
    )
}

/// The members of a filter: `?6` to `?10` are channel, merchant, number, state and product, or NULL.
const FITTING: &str = "(?6 IS NULL OR channel = ?6) AND (?7 IS NULL OR merchant = ?7) AND (?8 IS NULL OR id = ?8)
         AND (?9 IS NULL OR state = ?9) AND (?10 IS NULL OR product = ?10)";

/// The text that is searched, if `?11` asks for it.
const TEXT: &str = "iif(?11, (SELECT text FROM searched WHERE searched.complaint = complaint.row), NULL)";

/// Whether a search finds a row. Without one, each is found.
fn is_found(search: Option<&Search>, row: &Row<'_>, id: usize, text: usize) -> rusqlite::Result<bool> {
    let Some(search) = search else { return Ok(true) };
    let text = row.get_ref(text)?.as_str_or_null()?;
    Ok(search.finds(row.get_ref(id)?.as_str()?, text))
}

/// The first and the last urgency of the rows that a filter shows.
fn urgencies(filter: &Filter) -> (i64, i64) {
    let first = if filter.is_open == Some(false) { CLOSED } else { i64::MIN };
    let last = if filter.is_open == Some(true) { MET } else { CLOSED };
    (first, filter.due_by.map_or(last, |time| last.min(time.0.min(MET - 1))))
}

pub(super) fn list(
    connection: &Connection,
    filter: &Filter,
    from: Option<&Cursor>,
    limit: u32,
) -> rusqlite::Result<Page> {
    let (first, last) = urgencies(filter);
    let Filter { channel: of_channel, merchant: of_merchant, id: of_id, state, product, text, .. } = filter;
    let search = text.as_deref().map(Search::new);
    // No complaint has an empty key.
    let begin = Cursor::new(first, ComplaintKey::new("", "", ""));
    let from = from.filter(|from| from.urgency >= first).unwrap_or(&begin);
    let ComplaintKey { channel, merchant, id } = &from.key;
    let place = params![
        from.urgency,
        channel,
        merchant,
        id,
        last,
        of_channel,
        of_merchant,
        of_id,
        state,
        product,
        search.is_some()
    ];
    let cursor = |row: &Row<'_>| {
        let key = ComplaintKey { channel: row.get(1)?, merchant: row.get(2)?, id: row.get(3)? };
        Ok::<_, rusqlite::Error>(Cursor::new(row.get(0)?, key))
    };
    let limit = usize::try_from(rows(limit)).unwrap_or(usize::MAX);
    let (mut found, mut looked, mut next) = (Vec::<(i64, Cursor)>::new(), 0, None);
    let mut list = connection.prepare_cached(&list_statement())?;
    let mut list = list.query(place)?;
    while let Some(row) = list.next()? {
        looked += 1;
        if is_found(search.as_ref(), row, 3, 5)? {
            if found.len() == limit {
                next = found.last().map(|(_, cursor)| cursor.clone());
                break;
            }
            found.push((row.get(4)?, cursor(row)?));
        }
        if search.is_some() && looked == MAX_SEARCHED {
            let last = cursor(row)?;
            next = list.next()?.map(|_| last);
            break;
        }
    }
    let of_row = format!("SELECT {COLUMNS} FROM complaint WHERE row = ?1");
    let mut of_row = connection.prepare_cached(&of_row)?;
    let rows = found.into_iter().map(|(row, _)| of_row.query_row([row], summary)).collect::<Result<_, _>>()?;
    Ok(Page { rows, next })
}

pub(super) fn choices(connection: &Connection) -> rusqlite::Result<Choices> {
    let [sources, states, products] = CHOICES;
    let mut sources = connection.prepare_cached(sources)?;
    let (mut channels, mut merchants) = (BTreeSet::new(), BTreeSet::new());
    let mut last = (String::new(), String::new());
    for _ in 0..MAX_CHOICES {
        let next = sources.query_row([&last.0, &last.1], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some(next) = next else { break };
        last = next;
        channels.insert(last.0.clone());
        merchants.insert(last.1.clone());
    }
    let distinct = |sql: &str| {
        let mut after = connection.prepare_cached(sql)?;
        let mut values: Vec<String> = Vec::new();
        while values.len() < MAX_CHOICES {
            let last = values.last().map_or("", String::as_str);
            match after.query_row([last], |row| row.get(0)).optional()? {
                Some(next) => values.push(next),
                None => break,
            }
        }
        Ok::<_, rusqlite::Error>(values)
    };
    Ok(Choices {
        channels: channels.into_iter().collect(),
        merchants: merchants.into_iter().collect(),
        states: distinct(states)?,
        products: distinct(products)?,
    })
}

/// The value after another one: a source, a state, a product.
pub(super) const CHOICES: [&str; 3] = [
    "SELECT channel, merchant FROM complaint WHERE (channel, merchant) > (?1, ?2) ORDER BY channel, merchant LIMIT 1",
    "SELECT state FROM complaint WHERE state > ?1 ORDER BY state LIMIT 1",
    "SELECT product FROM complaint WHERE product > ?1 ORDER BY product LIMIT 1",
];

pub(super) fn export(
    connection: &Connection,
    filter: &Filter,
    after: Option<&ComplaintKey>,
    limit: u32,
) -> rusqlite::Result<Vec<Exported>> {
    let (first, last) = urgencies(filter);
    let Filter { channel: of_channel, merchant: of_merchant, id: of_id, state, product, text, .. } = filter;
    let search = text.as_deref().map(Search::new);
    let begin = ComplaintKey::new("", "", "");
    let ComplaintKey { channel, merchant, id } = after.unwrap_or(&begin);
    let place =
        params![channel, merchant, id, first, last, of_channel, of_merchant, of_id, state, product, search.is_some()];
    let limit = usize::try_from(rows(limit)).unwrap_or(usize::MAX);
    let mut exported = Vec::new();
    let mut export = connection.prepare_cached(&export_statement())?;
    let mut export = export.query(place)?;
    while exported.len() < limit {
        let Some(row) = export.next()? else { break };
        if is_found(search.as_ref(), row, 2, 15)? {
            let document = row.get::<_, Option<String>>(14)?.map(Personal::new);
            exported.push(Exported { summary: summary(row)?, document });
        }
    }
    Ok(exported)
}

pub(super) fn complaint(connection: &Connection, key: &ComplaintKey) -> rusqlite::Result<Option<ComplaintRecord>> {
    let Some(row) = row_of(connection, key)? else { return Ok(None) };
    let complaint = format!("SELECT {COLUMNS}, accused, document FROM complaint WHERE row = ?1");
    let read = |row: &Row<'_>| Ok((summary(row)?, row.get(14)?, row.get::<_, Option<String>>(15)?.map(Personal::new)));
    let (summary, accused, document) = connection.prepare_cached(&complaint)?.query_row([row], read)?;
    let entries = "SELECT id, kind, at, document FROM entry WHERE complaint = ?1 ORDER BY place";
    let read = |row: &Row<'_>| {
        let (at, document): (Option<i64>, String) = (row.get(2)?, row.get(3)?);
        Ok(Entry { id: row.get(0)?, kind: row.get(1)?, at: at.map(UnixTime), document: document.into() })
    };
    let entries = connection.prepare_cached(entries)?.query_map([row], read)?.collect::<Result<_, _>>()?;
    Ok(Some(ComplaintRecord {
        summary,
        accused,
        document,
        entries,
        acts: acts::of(connection, row)?,
        pictures: pictures::of(connection, row)?,
        phone_looks: people::phone_looks(connection, row)?,
    }))
}

pub(super) fn figures(connection: &Connection) -> rusqlite::Result<Figures> {
    let count = |sql: &str| {
        let number: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok::<_, rusqlite::Error>(u64::try_from(number).unwrap_or(0))
    };
    let open = format!("SELECT count(*) FROM complaint WHERE urgency <= {MET}");
    let pending = count("SELECT count(*) FROM handover WHERE dead = 0")?;
    let new = count("SELECT count(*) FROM endpoint JOIN event ON number > position")?;
    Ok(Figures {
        open: count(&open)?,
        due: count("SELECT count(*) FROM complaint WHERE read < heard")?,
        acts: count("SELECT count(*) FROM act WHERE finished_at IS NULL")?,
        pictures: count("SELECT count(*) FROM picture WHERE finished_at IS NULL")?,
        letters: count("SELECT count(*) FROM letter")?,
        handovers: pending.saturating_add(new),
        dead: count("SELECT count(*) FROM handover WHERE dead = 1")?,
        newest_event: events::newest(connection)?,
    })
}
