//! Finds new complaints and entries by polling a list and the histories of its complaints.
//!
//! | type | |
//! |---|---|
//! | [`Cursor`] | the record of what was handed out, to be saved |
//! | [`Polling`] | the settings |
//! | [`Rounds`] | the decisions: the next request, and the new items of its response |
#![cfg_attr(
    feature = "channel",
    doc = "| [`Poller`] | a stream over a [`PollClient`], which the adapters' clients are |"
)]

mod cursor;
mod list;
mod order;
#[cfg(feature = "channel")]
mod pump;
mod rounds;
mod settings;
#[cfg(any(feature = "wechat-pay", feature = "virtual-payment", feature = "allinpay"))]
mod spans;

pub use cursor::{Cursor, LOOK_BACK_DAYS};
pub use list::PolledList;
#[cfg(feature = "channel")]
pub use pump::{PollClient, Poller};
pub use rounds::{DueHistory, Found, PollStep, Rounds};
pub use settings::Polling;
#[cfg(any(feature = "wechat-pay", feature = "virtual-payment"))]
pub(crate) use spans::pieces_in_days;
#[cfg(feature = "allinpay")]
pub(crate) use spans::{china, in_china, pieces};
