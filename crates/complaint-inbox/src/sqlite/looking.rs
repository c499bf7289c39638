//! Lists, whole complaints, figures.

use std::collections::BTreeSet;

use protocol_core::{Personal, UnixTime};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::complaints::{COLUMNS, row_of, summary};
use super::{acts, events, people, pictures, rows};
use crate::complaint::{
    Choices, ComplaintKey, ComplaintRecord, Cursor, Exported, Figures, Filter, MAX_CHOICES, Page, Source,
};
use crate::reading::Entry;
use crate::rules::{CLOSED, MET};
use crate::search::{MAX_SEARCHED, Search};
use crate::signature::Sieve;

/// A list in the order of its index: `?1` to `?4` are the place after which it begins, `?5` is its
/// last urgency. [`Among`] says where it looks.
pub(super) fn list_statement(among: Among) -> String {
    let (free, among) = among.words();
    format!(
        "SELECT urgency, channel, merchant, id, row, signature FROM complaint
         WHERE ({free}urgency, channel, merchant, id) > (?1, ?2, ?3, ?4) AND {free}urgency <= ?5 AND {FITTING} {among}
         ORDER BY {free}urgency, channel, merchant, id"
    )
}

/// An export in the order of the keys: `?1` to `?3` are the key after which it begins, `?4` and `?5`
/// its first and its last urgency. The `+` keeps SQLite from the index of the list, after which it
/// would sort all rows for each page.
pub(super) fn export_statement(among: Among) -> String {
    let (free, among) = among.words();
    format!(
        "SELECT {COLUMNS}, document, row, signature FROM complaint
         WHERE ({free}channel, merchant, id) > (?1, ?2, ?3) AND +urgency BETWEEN ?4 AND ?5 AND {FITTING} {among}
         ORDER BY {free}channel, merchant, id"
    )
}

/// The rows that a statement looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    /// All, in the order of an index.
    All,
    /// Those of `?11`, a list in JSON: few, which are sorted.
    Known,
}

impl Among {
    /// What keeps SQLite from an index, and the condition.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::All => ("", "AND ?11 IS NULL"),
            Self::Known => ("+", "AND row IN (SELECT value FROM json_each(?11))"),
        }
    }
}

/// The members of a filter: `?6` to `?10` are channel, merchant, number, state and product, or NULL.
const FITTING: &str = "(?6 IS NULL OR channel = ?6) AND (?7 IS NULL OR merchant = ?7) AND (?8 IS NULL OR id = ?8)
         AND (?9 IS NULL OR state = ?9) AND (?10 IS NULL OR product = ?10)";

/// What a filter looks for, and where.
struct Looking {
    /// The first and the last urgency of the rows that it shows.
    urgencies: (i64, i64),
    /// The words that are looked for in texts.
    search: Option<(Search, Sieve)>,
    /// The rows that have the whole numbers of the filter, in JSON; `None` if it names no number.
    known: Option<String>,
}

impl Looking {
    fn new(connection: &Connection, filter: &Filter) -> rusqlite::Result<Self> {
        let first = if filter.is_open == Some(false) { CLOSED } else { i64::MIN };
        let last = if filter.is_open == Some(true) { MET } else { CLOSED };
        let urgencies = (first, filter.due_by.map_or(last, |time| last.min(time.0.min(MET - 1))));
        let mut known = filter.id.as_ref().map(|id| rows_of_id(connection, id)).transpose()?;
        let mut search = filter.text.as_deref().map(Search::new);
        if let Some(search) = &mut search {
            search.leave_out(|word| {
                let rows = rows_of_number(connection, word)?;
                let is_number = !rows.is_empty();
                if is_number {
                    known = Some(known.take().map_or_else(|| rows.clone(), |known| &known & &rows));
                }
                Ok::<_, rusqlite::Error>(is_number)
            })?;
        }
        let search = search.map(|search| {
            let sieve = Sieve::new(&search);
            (search, sieve)
        });
        Ok(Self { urgencies, search, known: known.as_ref().map(super::to_json).transpose()? })
    }

    const fn among(&self) -> Among {
        if self.known.is_some() { Among::Known } else { Among::All }
    }

    /// Whether the search finds a row. Without one, each is found. Few texts are read, since the
    /// signature rules out most of those that have not the words.
    fn is_found(
        &self,
        connection: &Connection,
        row: &Row<'_>,
        [id, number, signature]: [usize; 3],
    ) -> rusqlite::Result<bool> {
        let Some((search, sieve)) = &self.search else { return Ok(true) };
        let id = row.get_ref(id)?.as_str()?;
        if !sieve.passes(id, row.get_ref(signature)?.as_blob_or_null()?) {
            return Ok(false);
        }
        let mut text = connection.prepare_cached(TEXT)?;
        let mut text = text.query([row.get::<_, i64>(number)?])?;
        let text = text.next()?.map(|row| row.get_ref(0)).transpose()?.map(|text| text.as_str()).transpose()?;
        Ok(search.finds(id, text))
    }
}

/// The complaints of this number: each source may have one.
fn rows_of_id(connection: &Connection, id: &str) -> rusqlite::Result<BTreeSet<i64>> {
    let mut rows = BTreeSet::new();
    let mut last = None;
    while let Some(Source { channel, merchant }) = next_source(connection, last.as_ref())? {
        let key = ComplaintKey::new(channel, merchant, id);
        rows.extend(row_of(connection, &key)?);
        last = Some(key.source());
    }
    Ok(rows)
}

/// The complaints that have this number, or an order of this number.
fn rows_of_number(connection: &Connection, number: &str) -> rusqlite::Result<BTreeSet<i64>> {
    let mut rows = connection.prepare_cached(OF_NUMBER)?;
    rows.query_map([number], |row| row.get(0))?.collect()
}

pub(super) const TEXT: &str = "SELECT text FROM searched WHERE complaint = ?1";

pub(super) const OF_NUMBER: &str = "SELECT complaint FROM number WHERE number = ?1";

/// The source after another one, by channel and merchant.
fn next_source(connection: &Connection, last: Option<&Source>) -> rusqlite::Result<Option<Source>> {
    let read = |row: &Row<'_>| Ok(Source { channel: row.get(0)?, merchant: row.get(1)? });
    let [of_channel, of_next, ..] = CHOICES;
    let (channel, merchant) = last.map_or(("", ""), |last| (&*last.channel, &*last.merchant));
    let next = connection.prepare_cached(of_channel)?.query_row([channel, merchant], read).optional()?;
    match next {
        None => connection.prepare_cached(of_next)?.query_row([channel], read).optional(),
        next => Ok(next),
    }
}

pub(super) fn list(
    connection: &Connection,
    filter: &Filter,
    from: Option<&Cursor>,
    limit: u32,
) -> rusqlite::Result<Page> {
    let looking = Looking::new(connection, filter)?;
    let (first, last) = looking.urgencies;
    let Filter { channel: of_channel, merchant: of_merchant, id: of_id, state, product, .. } = filter;
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
        looking.known
    ];
    let cursor = |row: &Row<'_>| {
        let key = ComplaintKey { channel: row.get(1)?, merchant: row.get(2)?, id: row.get(3)? };
        Ok::<_, rusqlite::Error>(Cursor::new(row.get(0)?, key))
    };
    let limit = usize::try_from(rows(limit)).unwrap_or(usize::MAX);
    let (mut found, mut looked, mut next) = (Vec::<(i64, Cursor)>::new(), 0, None);
    let mut list = connection.prepare_cached(&list_statement(looking.among()))?;
    let mut list = list.query(place)?;
    while let Some(row) = list.next()? {
        looked += 1;
        if looking.is_found(connection, row, [3, 4, 5])? {
            if found.len() == limit {
                next = found.last().map(|(_, cursor)| cursor.clone());
                break;
            }
            found.push((row.get(4)?, cursor(row)?));
        }
        if looking.search.is_some() && looked == MAX_SEARCHED {
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
    let [.., states, products] = CHOICES;
    let (mut channels, mut merchants) = (BTreeSet::new(), BTreeSet::new());
    let mut last = None;
    for _ in 0..MAX_CHOICES {
        let Some(next) = next_source(connection, last.as_ref())? else { break };
        channels.insert(next.channel.clone());
        merchants.insert(next.merchant.clone());
        last = Some(next);
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

/// The value after another one: a source of the same channel, of the next channel, a state, a product.
/// (For `(channel, merchant) > (?1, ?2)`, SQLite would look at every complaint of the source.)
pub(super) const CHOICES: [&str; 4] = [
    "SELECT channel, merchant FROM complaint WHERE channel = ?1 AND merchant > ?2 ORDER BY merchant LIMIT 1",
    "SELECT channel, merchant FROM complaint WHERE channel > ?1 ORDER BY channel, merchant LIMIT 1",
    "SELECT state FROM complaint WHERE state > ?1 ORDER BY state LIMIT 1",
    "SELECT product FROM complaint WHERE product > ?1 ORDER BY product LIMIT 1",
];

pub(super) fn export(
    connection: &Connection,
    filter: &Filter,
    after: Option<&ComplaintKey>,
    limit: u32,
) -> rusqlite::Result<Vec<Exported>> {
    let looking = Looking::new(connection, filter)?;
    let (first, last) = looking.urgencies;
    let Filter { channel: of_channel, merchant: of_merchant, id: of_id, state, product, .. } = filter;
    let begin = ComplaintKey::new("", "", "");
    let ComplaintKey { channel, merchant, id } = after.unwrap_or(&begin);
    let place =
        params![channel, merchant, id, first, last, of_channel, of_merchant, of_id, state, product, looking.known];
    let limit = usize::try_from(rows(limit)).unwrap_or(usize::MAX);
    let mut exported = Vec::new();
    let mut export = connection.prepare_cached(&export_statement(looking.among()))?;
    let mut export = export.query(place)?;
    while exported.len() < limit {
        let Some(row) = export.next()? else { break };
        if looking.is_found(connection, row, [2, 15, 16])? {
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
