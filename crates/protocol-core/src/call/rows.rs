//! The rows of lists as they are handed out: the one loop around the [`Pages`] of a stream, and
//! what is told at the end.

use std::collections::VecDeque;

use super::error::CallError;
use super::pages::{Paged, Pages};

/// The rows of several lists, one after the other, and their problems. `R` is the channel's error
/// of a response.
#[derive(Debug)]
pub struct Rows<P: Paged, R> {
    pages: Pages<P>,
    ready: VecDeque<Result<P::Row, CallError<R>>>,
    /// The error that ended the reading, returned last.
    failure: Option<CallError<R>>,
}

impl<P: Paged, R> Rows<P, R> {
    /// Before the first page. Several lists are read one after the other, and a row that stands in
    /// more than one comes once.
    #[must_use]
    pub fn new(lists: Vec<P>) -> Self {
        Self { pages: Pages::new(lists), ready: VecDeque::new(), failure: None }
    }

    /// The next row, or a problem; `None` at the end. `ask` sends the request for a page. If it
    /// fails, the reading ends; if the page may be too large and a smaller one is possible, the
    /// smaller one is requested instead.
    pub async fn next<F: Future<Output = Result<P::Response, CallError<R>>>>(
        &mut self,
        mut ask: impl FnMut(P) -> F,
        may_be_too_large: fn(&CallError<R>) -> bool,
    ) -> Option<Result<P::Row, CallError<R>>> {
        while self.ready.is_empty()
            && let Some(page) = self.pages.next()
        {
            self.take(ask(page).await, may_be_too_large);
        }
        if self.ready.is_empty() {
            let amiss = self.pages.amiss().into_iter();
            self.ready.extend(amiss.chain(self.failure.take()).map(Err));
        }
        self.ready.pop_front()
    }

    fn take(&mut self, page: Result<P::Response, CallError<R>>, may_be_too_large: fn(&CallError<R>) -> bool) {
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
