//! The rows of lists as they are handed out: the one loop around the [`Pages`] of a stream, and
//! what is told at the end.

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

impl<P: Paged, E: From<ListError>> Rows<P, E> {
    /// Before the first page: several lists are read one after the other, and a row that stands in more than one comes once.
    #[must_use]
    pub fn new(lists: Vec<P>) -> Self {
        Self { pages: Pages::new(lists), ready: VecDeque::new(), failure: None }
    }

    /// The next row, or what is amiss; `None` after everything. `ask` sends the request for a page.
    /// An error of it ends the reading, unless it may mean that the page is too large and there are
    /// smaller ones.
    pub async fn next<F: Future<Output = Result<P::Response, E>>>(
        &mut self,
        mut ask: impl FnMut(P) -> F,
        may_be_too_large: fn(&E) -> bool,
    ) -> Option<Result<P::Row, E>> {
        while self.ready.is_empty()
            && let Some(page) = self.pages.next()
        {
            self.take(ask(page).await, may_be_too_large);
        }
        if self.ready.is_empty() {
            let amiss = self.pages.amiss().into_iter().map(E::from);
            self.ready.extend(amiss.chain(self.failure.take()).map(Err));
        }
        self.ready.pop_front()
    }

    fn take(&mut self, page: Result<P::Response, E>, may_be_too_large: fn(&E) -> bool) {
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
