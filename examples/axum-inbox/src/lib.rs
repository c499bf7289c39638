//! What the crates leave over to a service that embeds the inbox: a router of its own around the
//! webhooks, and a table of its own beside the inbox.

mod ledger;
mod router;

pub use crate::ledger::{Ledger, LedgerError};
pub use crate::router::router;
