//! The rows of lists, one at a time: the page to request when no row is left, and the problems at
//! the end.

use std::collections::VecDeque;

use super::pages::{ListError, Paged, Pages};

/// The rows of several lists, one after the other, and their problems.
#[derive(Debug)]
pub struct Rows<P: Paged, E> {
    pages: Pages<P>,
    ready: VecDeque<Result<P::Row, E>>,
    /// The error that ended the reading, returned last.
    failure: Option<E>,
}

/// The next step. Exhaustive.
#[derive(Debug)]
pub enum NextRow<P: Paged, E> {
    /// A row, or a problem.
    Row(Result<P::Row, E>),
    /// Request this page, then call [`Rows::take`].
    Ask(P),
    /// Every row was read.
    End,
}

impl<P: Paged, E: From<ListError>> Rows<P, E> {
    /// Before the first page. Several lists are read one after the other, and a row that stands in
    /// more than one comes once.
    #[must_use]
    pub fn new(lists: Vec<P>) -> Self {
        Self { pages: Pages::new(lists), ready: VecDeque::new(), failure: None }
    }

    /// The next step.
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

    /// Takes a page, or the error of its request. An error ends the reading, except if it may mean
    /// that the page is too large and there are smaller ones.
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
