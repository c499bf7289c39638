//! The engine: webhooks, reader, sweeper, acts and the clock of deadlines, over a store and the channels.

mod acts;
mod after_failure;
mod alipay_reading;
mod arrival;
mod failed;
mod keeper;
#[cfg(feature = "mini-program")]
mod order_reading;
mod pace;
mod picture_places;
mod pictures;
mod progress;
mod reader;
mod reading;
mod run;
mod search_text;
mod signals;
mod story;
mod sweeper;
mod trace;
mod webhooks;

pub(crate) use self::arrival::ALIPAY;
#[cfg(feature = "page")]
pub(crate) use self::failed::Failed;
pub(crate) use self::pace::LiveSteps;
pub use self::pace::Pace;
#[cfg(feature = "page")]
pub(crate) use self::picture_places::places_of_entries;
#[cfg(all(feature = "mini-program", feature = "page"))]
pub(crate) use self::reader::NO_APP_SECRET;
pub use self::run::Engine;
pub(crate) use self::run::{account_of, panicked};
pub(crate) use self::signals::pause;
pub use self::signals::{Bell, Listener};
pub use self::webhooks::check_webhooks;
