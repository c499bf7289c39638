//! Allinpay pushes no WeChat complaint: this process asks, and stores new ones in SQLite together
//! with its progress.

mod rounds;
mod store;

pub use rounds::{Rounds, client};
pub use store::{Store, StoreError};
