//! The rows of lists, one at a time: the page to request when no row is left, and the problems at
//! the end.

use std::collections::VecDeque;

use super::error::CallError;
use super::pages::{Paged, Pages};

/// The rows of several lists, one after the other, and their problems. `R` is the channel's error of
/// a response.
#[derive(Debug)]
pub struct Rows<P: Paged, R> {
    pages: Pages<P>,
    ready: VecDeque<Result<P::Row, CallError<R>>>,
    /// The error that ended the reading, returned last.
    failure: Option<CallError<R>>,
}

/// The next step. Exhaustive.
#[derive(Debug)]
pub enum NextRow<P: Paged, R> {
    /// A row, or a problem.
    Row(Result<P::Row, CallError<R>>),
    /// Request this page, then call [`Rows::take`].
    Ask(P),
    /// Every row was read.
    End,
}

impl<P: Paged, R> Rows<P, R> {
    /// Before the first page. Several lists are read one after the other, and a row that stands in
    /// more than one comes once.
    #[must_use]
    pub fn new(lists: Vec<P>) -> Self {
        Self { pages: Pages::new(lists), ready: VecDeque::new(), failure: None }
    }

    /// The next step.
    pub fn next_row(&mut self) -> NextRow<P, R> {
        if self.ready.is_empty() {
            if let Some(page) = self.pages.next() {
                return NextRow::Ask(page);
            }
            let amiss = self.pages.amiss().into_iter();
            self.ready.extend(amiss.chain(self.failure.take()).map(Err));
        }
        self.ready.pop_front().map_or(NextRow::End, NextRow::Row)
    }

    /// Takes a page, or the error of its request. An error ends the reading, except if it may mean
    /// that the page is too large and there are smaller ones.
    pub fn take(
        &mut self,
        page: Result<P::Response, CallError<R>>,
        may_be_too_large: impl FnOnce(&CallError<R>) -> bool,
    ) {
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
