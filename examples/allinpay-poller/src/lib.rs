//! Allinpay tells of nothing by itself: this process asks, and stores what is new in SQLite together with how far it got.

mod rounds;
mod store;

pub use rounds::{Rounds, client};
pub use store::{Store, StoreError};
