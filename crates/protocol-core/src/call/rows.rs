//! The rows of lists as they are handed out: which page to ask for when none is left, and what is told at the end.

use std::collections::VecDeque;

use super::pages::{ListError, Paged, Pages};

/// The rows of some lists, one after the other, and what is amiss with them.
#[derive(Debug)]
pub struct Rows<P: Paged, E> {
    pages: Pages<P>,
    ready: VecDeque<Result<P::Row, E>>,
    /// What ended the reading, told last.
    failure: Option<E>,
}

/// What comes next. Exhaustive.
#[derive(Debug)]
pub enum NextRow<P: Paged, E> {
    /// A row, or what is amiss.
    Row(Result<P::Row, E>),
    /// This page is to be asked for, then [`Rows::take`] called.
    Ask(P),
    /// Every row was read.
    End,
}

impl<P: Paged, E: From<ListError>> Rows<P, E> {
    /// Before the first page: several lists are read one after the other, and a row that stands in more than one comes once.
    #[must_use]
    pub fn new(lists: Vec<P>) -> Self {
        Self { pages: Pages::new(lists), ready: VecDeque::new(), failure: None }
    }

    /// What comes next.
    pub fn next_row(&mut self) -> NextRow<P, E> {
        if self.ready.is_empty() {
            if let Some(page) = self.pages.next() {
                return NextRow::Ask(page);
            }
            let amiss = self.pages.amiss().into_iter().map(E::from);
            self.ready.extend(amiss.chain(self.failure.take()).map(Err));
        }
        self.ready.pop_front().map_or(NextRow::End, NextRow::Row)
    }

    /// Takes in what came of a page. An error ends the reading, unless it may mean that the page is too large and there are smaller
    /// ones.
    pub fn take(&mut self, page: Result<P::Response, E>, may_be_too_large: impl FnOnce(&E) -> bool) {
        match page {
            Ok(page) => self.ready.extend(self.pages.take(page).into_iter().map(Ok)),
            Err(error) if may_be_too_large(&error) && self.pages.shrink() => {}
            Err(error) => {
                self.failure = Some(error);
                self.pages.leave_all();
            }
        }
    }
}
