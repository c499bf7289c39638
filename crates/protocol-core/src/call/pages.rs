//! Reading pages that shift while they are read: each row once, none missed.
//!
//! A row that was there when the reading began is found because pages are read forward: rows that arrive push older ones
//! towards pages yet to be read, where they are met once more and dropped by their id. Arrivals at the end, or in an order that
//! nobody documents, are found because the reading does not end before it has met as many rows as the platform says there are
//! (`total_count`): until then it begins again at the first page, as long as that brings anything new. Nor does it believe that a
//! short page is the last one while rows are missing: the platform may give smaller pages than it was asked for. Nor, after a full
//! page, that no other follows: the count may be the page's own, and so the next page is asked for in any case. Without a count,
//! the end is a page without rows.
//!
//! Rows are not known to leave: a list goes by when a complaint was filed, a history only grows. Should the count fall all the
//! same, rows were pulled towards pages already read, and the list is read once more.
//!
//! Rows that cannot be read count like all others. What is amiss in the end (those rows; fewer rows than the platform counts) is
//! told when everything else was.

use std::collections::{BTreeMap, HashSet, VecDeque};

use crate::complaint::UnreadableRow;

/// The last page there can be.
const LAST_PAGE: u32 = 999_999;

/// So many pages without anything new are an end: a platform that repeats itself.
const STALE_PAGES: usize = 3;

/// So often a list is read once more because its count fell.
const MOST_DOUBTS: u32 = 3;

/// So many pages without anything new, after which a platform that ends its lists by a short page is taken to have lost count.
const MOST_STALE_PAGES: u32 = 20;

/// What ends a list. Exhaustive: each is what one of the platforms documents, or was seen to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As many rows as the platform counts, on pages that are read again until they were met; without a count, an empty page.
    Count,
    /// A page that is shorter than it was made, once the platform counts no more, or an empty page. Rows come in an order in which
    /// new ones push no older one out of reach, so that one reading is enough.
    ShortPage,
}

/// An operation whose response is a page of a list.
pub trait Paged: Clone {
    /// The response.
    type Response;

    /// What it lists.
    type Row;

    /// What ends it.
    const ENDING: Ending = Ending::Count;

    /// The same list at another page, from 1; so many rows stand before it, those before its [`start`](Self::start) included.
    #[must_use]
    fn at(&self, page: u32, rows_before: u32) -> Self;

    /// Rows asked for.
    fn page_size(&self) -> u32;

    /// Rows before the first page. Default: none.
    fn start(&self) -> u32 {
        0
    }

    /// The same list in smaller pages, where the platform may refuse large ones. Default: `None`.
    #[must_use]
    fn smaller(&self) -> Option<Self> {
        None
    }

    /// What stands on a page.
    fn page(response: Self::Response) -> Page<Self::Row>;

    /// What tells rows apart.
    fn id(row: &Self::Row) -> &str;
}

/// What stands on a page.
#[derive(Debug)]
pub struct Page<R> {
    /// Rows that were read.
    pub rows: Vec<R>,
    /// Rows that cannot be read.
    pub unreadable: Vec<UnreadableRow>,
    /// How many rows there are in all.
    pub total: Option<i64>,
    /// How many rows the platform says it makes a page of.
    pub size: Option<i64>,
}

/// What is amiss with lists that were read to their end: told last, since all else was handed out. No retry mends it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// A row that cannot be read.
    #[error("{0}")]
    Unreadable(Box<UnreadableRow>),
    /// A list ended before as many rows came as the platform counts, however often it was read. The platform may page otherwise than
    /// it was asked to, or count what it does not list.
    #[error("the platform counts {counted} rows, but only {met} came: what came may not be all")]
    Incomplete {
        /// Different rows that came.
        met: usize,
        /// Rows that there are, as the platform last said.
        counted: usize,
    },
    /// The platform keeps returning pages with nothing new on them.
    #[error("the platform keeps returning pages with nothing new on them; what came so far may not be all")]
    Stale,
}

/// Where the reading of some lists stands: which page comes next, and what on it is new.
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
/// assert_eq!((read, pages.amiss().len()), (vec!["a", "b", "c"], 0));
/// ```
#[derive(Debug)]
pub struct Pages<P> {
    /// The list that is being read, and those to come.
    lists: VecDeque<P>,
    /// Ids met in earlier lists, and in this one.
    before: HashSet<String>,
    seen: HashSet<String>,
    /// Rows that cannot be read, by what tells them apart: of earlier lists, and of this one.
    unreadable_before: BTreeMap<String, UnreadableRow>,
    unreadable: BTreeMap<String, UnreadableRow>,
    /// Lists that ended before as many rows were met as there are.
    incomplete: Vec<ListError>,
    /// Whether every list was read to its end.
    is_complete: bool,
    /// How many rows this list has, as last told.
    total: Option<usize>,
    /// The next page of this pass, from 1, and the rows before it.
    page: u32,
    rows: u32,
    pass: Pass,
    /// How often rows were seen to leave this list.
    doubts: u32,
    /// Pages in a row with nothing new.
    stale_pages: u32,
}

/// One walk from the first page to the last.
#[derive(Debug, Default)]
struct Pass {
    fresh: usize,
    met_again: usize,
    /// Rows met again since the last new one.
    stale: usize,
    /// Whether rows left while it went on, or before it: as many rows as there are may not be the same ones then.
    shrunk: bool,
    in_doubt: bool,
}

impl<P: Paged> Pages<P> {
    /// Before the first page: several lists are read one after the other, and a row that stands in more than one comes once.
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

    /// The page to ask for; `None` at the end. The same one until [`Pages::take`].
    #[must_use]
    pub fn next(&self) -> Option<P> {
        self.lists.front().map(|list| list.at(self.page, list.start().saturating_add(self.rows)))
    }

    /// Takes the page in that was asked for; its rows that were not met before.
    pub fn take(&mut self, response: P::Response) -> Vec<P::Row> {
        let Page { mut rows, unreadable, total, size } = P::page(response);
        let length = rows.len() + unreadable.len();
        let total = total.and_then(|total| usize::try_from(total).ok());
        self.pass.shrunk |= total.zip(self.total).is_some_and(|(now, before)| now < before);
        self.total = total.or(self.total);
        let known = self.met();
        rows.retain(|row| self.seen.insert(P::id(row).to_owned()));
        // One of them may have stood on an earlier page, not to be read yet.
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

    /// Asks for smaller pages from here on, where the page that was asked for may be too large. `false`: there are none.
    pub fn shrink(&mut self) -> bool {
        let Some((list, smaller)) =
            self.lists.front_mut().and_then(|list| list.smaller().map(|smaller| (list, smaller)))
        else {
            return false;
        };
        *list = smaller;
        true
    }

    /// Leaves the list that is being read, whose page cannot be had: the others are still read.
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

    /// At the end: what is amiss, each once. Complaints that could not be read, then lists.
    pub fn amiss(&mut self) -> Vec<ListError> {
        let unreadable = core::mem::take(&mut self.unreadable_before).into_iter();
        let unreadable = unreadable.filter(|(identity, _)| !self.before.contains(identity));
        let mut amiss: Vec<_> = unreadable.map(|(_, row)| ListError::Unreadable(Box::new(row))).collect();
        amiss.append(&mut self.incomplete);
        amiss
    }

    fn end_at_a_short_page(&mut self, length: usize, size: Option<i64>) {
        let Some(list) = self.lists.front() else { return };
        let asked = list.page_size() as usize;
        let made = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0).unwrap_or(asked);
        // A count of none is no count: the platform tells it on the first page alone.
        let is_counted = self.total.is_none_or(|total| list.start().saturating_add(self.rows) as usize >= total);
        let is_over = length == 0 || (length < asked.min(made) && is_counted);
        let is_stale = self.stale_pages > MOST_STALE_PAGES || self.rows == u32::MAX;
        if is_stale && !is_over {
            self.incomplete.push(ListError::Stale);
        }
        if is_over || is_stale {
            self.end_list();
        }
    }

    /// Different rows of this list so far.
    fn met(&self) -> usize {
        self.seen.len() + self.unreadable.len()
    }

    /// Whether as many rows were met as there are.
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

    /// Begins again where rows are missing, or may be; ends the list where that brought nothing or there is no need.
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
                self.incomplete.push(ListError::Incomplete { met: self.met(), counted });
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
