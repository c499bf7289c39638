//! Reading pages that shift while they are read: each row once, none missed.
//!
//! Pages are read forward, so every row that was there at the beginning is found. Arriving rows
//! push older ones towards later pages; a row that is met twice is recognised by its id and
//! dropped.
//!
//! A list with [`Ending::Count`] may get rows at its end, or in an undocumented order. So it is
//! read again from the first page while rows are missing, compared with the platform's count
//! (`total_count`). It ends with an error when a pass brings no new row. A short page does not end
//! it while rows are missing, since the platform may give smaller pages than requested. The count
//! may be only the number of rows on this page, so a full page is always followed by another
//! request. Without a count, an empty page ends the pass; if the pass met rows twice and brought
//! new ones, the list is read again.
//!
//! Rows are not known to leave: a list is ordered by filing time, and a history only grows. If the
//! count falls nevertheless, rows may have moved to pages already read, and a list with
//! [`Ending::Count`] is read once more.
//!
//! A list with [`Ending::ShortPage`] is read once. Pages that bring no new row end every list in
//! the end.
//!
//! Rows that cannot be read count like all others. Problems (these rows, and fewer rows than the
//! platform counts) are returned after all other rows.

use std::collections::{BTreeMap, HashSet, VecDeque};

use super::error::CallError;
use crate::complaint::UnreadableRow;

/// The last possible page.
const LAST_PAGE: u32 = 999_999;

/// A pass ends after so many pages' rows without a new one: the platform repeats itself. While rows
/// are missing, it ends after as many rows as the platform counts, if that is more.
const STALE_PAGES: usize = 3;

/// A list is read again at most this often because its count fell.
const MOST_DOUBTS: u32 = 3;

/// After more pages than this without new rows, a list that ends by a short page ends with an
/// error: the platform has lost count.
const MOST_STALE_PAGES: u32 = 20;

/// The end of a list. Exhaustive: each one was documented by a platform, or seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The list ends with as many rows as the platform counts, and its pages are read again until
    /// all were met. Without a count, an empty page ends a pass, and the list is read again if the
    /// pass met rows twice and brought new ones.
    Count,
    /// The list ends with an empty page, or with a page that is shorter than requested once the
    /// platform counts no more rows. New rows never move an older row to a page that was already
    /// read, so one reading is enough.
    ShortPage,
}

/// An operation whose response is a page of a list.
pub trait Paged: Clone {
    /// The response.
    type Response;

    /// A row of the list.
    type Row;

    /// The end of the list.
    const ENDING: Ending = Ending::Count;

    /// The same list at another page, from 1. `rows_before` rows precede it, including those before
    /// its [`start`](Self::start).
    #[must_use]
    fn at(&self, page: u32, rows_before: u32) -> Self;

    /// The number of rows requested per page.
    fn page_size(&self) -> u32;

    /// Rows before the first page. Default: none.
    fn start(&self) -> u32 {
        0
    }

    /// The same list in smaller pages, if the platform may refuse large ones. Default: `None`.
    #[must_use]
    fn smaller(&self) -> Option<Self> {
        None
    }

    /// The content of a page.
    fn page(response: Self::Response) -> Page<Self::Row>;

    /// The id that tells rows apart.
    fn id(row: &Self::Row) -> &str;
}

/// The content of a page.
#[derive(Debug)]
pub struct Page<R> {
    /// Rows that were read.
    pub rows: Vec<R>,
    /// Rows that cannot be read.
    pub unreadable: Vec<UnreadableRow>,
    /// The number of rows in all, by the platform's count.
    pub total: Option<i64>,
    /// The size of a page, as the platform states it.
    pub size: Option<i64>,
}

/// The reading of several lists: the next page, and the rows on it that are new.
///
/// ```
/// use protocol_core::call::{Page, Paged, Pages};
///
/// /// Letters, two a page.
/// #[derive(Clone)]
/// struct Letters(u32);
///
/// impl Paged for Letters {
///     type Response = Vec<&'static str>;
///     type Row = &'static str;
///
///     fn at(&self, _: u32, rows_before: u32) -> Self {
///         Self(rows_before)
///     }
///
///     fn page_size(&self) -> u32 {
///         2
///     }
///
///     fn page(rows: Self::Response) -> Page<Self::Row> {
///         Page { rows, unreadable: Vec::new(), total: Some(3), size: None }
///     }
///
///     fn id(row: &Self::Row) -> &str {
///         row
///     }
/// }
///
/// let mut pages = Pages::new(vec![Letters(0)]);
/// let mut read = Vec::new();
/// while let Some(Letters(offset)) = pages.next() {
///     // A client sends the operation here.
///     let response = if offset == 0 { vec!["a", "b"] } else { vec!["b", "c"] };
///     read.extend(pages.take(response));
/// }
/// assert_eq!((read, pages.amiss::<()>().len()), (vec!["a", "b", "c"], 0));
/// ```
#[derive(Debug)]
pub struct Pages<P> {
    /// The list that is being read, and those to come.
    lists: VecDeque<P>,
    /// Ids met in earlier lists, and in this one.
    before: HashSet<String>,
    seen: HashSet<String>,
    /// Rows that cannot be read, by their id: of earlier lists, and of this one.
    unreadable_before: BTreeMap<String, UnreadableRow>,
    unreadable: BTreeMap<String, UnreadableRow>,
    /// Lists that ended before as many rows were met as the platform counts.
    incomplete: Vec<Cut>,
    /// Whether every list was read to its end.
    is_complete: bool,
    /// The number of rows of this list, by the last count.
    total: Option<usize>,
    /// The next page of this pass, from 1, and the rows before it.
    page: u32,
    rows: u32,
    pass: Pass,
    /// The number of times that rows were seen to leave this list.
    doubts: u32,
    /// Pages in a row with nothing new.
    stale_pages: u32,
}

/// Why a list ended before as many rows were met as there are.
#[derive(Debug)]
enum Cut {
    Incomplete { met: usize, counted: usize },
    Stale,
}

/// One walk from the first page to the last.
#[derive(Debug, Default)]
struct Pass {
    fresh: usize,
    met_again: usize,
    /// Rows met again since the last new one.
    stale: usize,
    /// Whether rows left during it, or before it: a full count may then hold other rows than those
    /// there are.
    shrunk: bool,
    in_doubt: bool,
}

impl<P: Paged> Pages<P> {
    /// Before the first page. Several lists are read one after the other, and a row that stands in
    /// more than one comes once.
    #[must_use]
    pub fn new(lists: Vec<P>) -> Self {
        Self {
            lists: lists.into(),
            before: HashSet::new(),
            seen: HashSet::new(),
            unreadable_before: BTreeMap::new(),
            unreadable: BTreeMap::new(),
            incomplete: Vec::new(),
            is_complete: true,
            total: None,
            page: 1,
            rows: 0,
            pass: Pass::default(),
            doubts: 0,
            stale_pages: 0,
        }
    }

    /// The page to request; `None` at the end. It stays the same until [`Pages::take`],
    /// [`Pages::shrink`], [`Pages::leave`] or [`Pages::leave_all`].
    #[must_use]
    pub fn next(&self) -> Option<P> {
        self.lists.front().map(|list| list.at(self.page, list.start().saturating_add(self.rows)))
    }

    /// Takes the requested page. Returns its rows that were not met before.
    pub fn take(&mut self, response: P::Response) -> Vec<P::Row> {
        let Page { mut rows, unreadable, total, size } = P::page(response);
        let length = rows.len() + unreadable.len();
        let total = total.and_then(|total| usize::try_from(total).ok());
        self.pass.shrunk |= total.zip(self.total).is_some_and(|(now, before)| now < before);
        self.total = total.or(self.total);
        let known = self.met();
        rows.retain(|row| self.seen.insert(P::id(row).to_owned()));
        // A row that can be read now may have been unreadable on an earlier page.
        for row in &rows {
            self.unreadable.remove(P::id(row));
        }
        let unreadable = unreadable.into_iter().filter(|row| !self.seen.contains(row.identity()));
        self.unreadable.extend(unreadable.map(|row| (row.identity().to_owned(), row)));
        let fresh = self.met() - known;
        rows.retain(|row| !self.before.contains(P::id(row)));
        self.page += 1;
        self.rows = self.rows.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
        self.pass.fresh += fresh;
        self.pass.met_again += length - fresh;
        self.pass.stale = if fresh == 0 { self.pass.stale + length } else { 0 };
        self.stale_pages = if fresh == 0 { self.stale_pages + 1 } else { 0 };
        match P::ENDING {
            Ending::ShortPage => self.end_at_a_short_page(length, size),
            Ending::Count if self.pass_ends(length, fresh) => self.end_pass(),
            Ending::Count => {}
        }
        rows
    }

    /// Requests smaller pages from here on: call this if the requested page may be too large.
    /// `false`: no smaller page is possible.
    pub fn shrink(&mut self) -> bool {
        let Some((list, smaller)) =
            self.lists.front_mut().and_then(|list| list.smaller().map(|smaller| (list, smaller)))
        else {
            return false;
        };
        *list = smaller;
        true
    }

    /// Leaves the current list, one of whose pages cannot be read. The others are still read.
    pub fn leave(&mut self) {
        self.is_complete = false;
        self.end_list();
    }

    /// Leaves all lists.
    pub fn leave_all(&mut self) {
        while !self.lists.is_empty() {
            self.leave();
        }
    }

    /// Whether every list so far was read to its end.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The problems, at the end, each once: complaints that could not be read
    /// ([`CallError::Unreadable`]), then lists ([`CallError::Incomplete`],
    /// [`CallError::StalePages`]). No retry helps.
    pub fn amiss<R>(&mut self) -> Vec<CallError<R>> {
        let unreadable = std::mem::take(&mut self.unreadable_before).into_iter();
        let unreadable = unreadable.filter(|(identity, _)| !self.before.contains(identity));
        let mut amiss: Vec<_> = unreadable.map(|(_, row)| CallError::Unreadable(Box::new(row))).collect();
        amiss.extend(self.incomplete.drain(..).map(|cut| match cut {
            Cut::Incomplete { met, counted } => CallError::Incomplete { met, counted },
            Cut::Stale => CallError::StalePages,
        }));
        amiss
    }

    fn end_at_a_short_page(&mut self, length: usize, size: Option<i64>) {
        let Some(list) = self.lists.front() else { return };
        let asked = list.page_size() as usize;
        let made = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0).unwrap_or(asked);
        // A missing count counts nothing: the platform states it on the first page alone.
        let is_counted = self.total.is_none_or(|total| list.start().saturating_add(self.rows) as usize >= total);
        let is_over = length == 0 || (length < asked.min(made) && is_counted);
        let is_stale = self.stale_pages > MOST_STALE_PAGES || self.rows == u32::MAX;
        if is_stale && !is_over {
            self.incomplete.push(Cut::Stale);
        }
        if is_over || is_stale {
            self.end_list();
        }
    }

    /// Different rows of this list so far.
    fn met(&self) -> usize {
        self.seen.len() + self.unreadable.len()
    }

    /// Whether as many rows were met as the platform counts.
    fn has_met_all(&self) -> bool {
        self.total.is_some_and(|total| self.met() >= total)
    }

    fn pass_ends(&self, length: usize, fresh: usize) -> bool {
        let size = self.lists.front().map_or(0, |list| list.page_size() as usize);
        let is_complete = self.has_met_all() && !self.pass.shrunk && !self.pass.in_doubt;
        let patience = match self.total {
            Some(total) if !is_complete => total.max(STALE_PAGES * size),
            _ => STALE_PAGES * size,
        };
        let looks_last = length < size || fresh == 0;
        let is_over = length == 0 || self.pass.stale >= patience || (is_complete && looks_last);
        is_over || self.page > LAST_PAGE || self.rows == u32::MAX
    }

    /// Begins again if rows are missing, or may be. Ends the list if a pass brought no new rows, or
    /// no other is needed.
    fn end_pass(&mut self) {
        let missing = match self.total {
            Some(_) => !self.has_met_all(),
            None => self.pass.met_again > 0,
        };
        let in_doubt = self.pass.shrunk && self.doubts < MOST_DOUBTS;
        if in_doubt {
            self.doubts += 1;
        } else if !missing || self.pass.fresh == 0 {
            if let Some(counted) = self.total.filter(|_| missing) {
                self.incomplete.push(Cut::Incomplete { met: self.met(), counted });
            }
            self.end_list();
        }
        self.begin_pass(in_doubt);
    }

    fn end_list(&mut self) {
        self.lists.pop_front();
        self.before.extend(self.seen.drain());
        self.unreadable_before.append(&mut self.unreadable);
        self.total = None;
        self.stale_pages = 0;
        self.doubts = 0;
        self.begin_pass(false);
    }

    fn begin_pass(&mut self, in_doubt: bool) {
        self.pass = Pass { in_doubt, ..Pass::default() };
        self.page = 1;
        self.rows = 0;
    }
}
