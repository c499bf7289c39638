//! Handing on: events on their way to other services, as Standard Webhooks, and to functions of this
//! process.

mod attempt;
mod endpoint;
mod endpoints;
mod handler;
mod ladder;
mod sender;
mod signature;

pub(crate) use self::attempt::{ATTEMPT_TIMEOUT, exchange, reply};
pub use self::endpoint::Endpoint;
pub use self::endpoints::Endpoints;
pub use self::ladder::LADDER_SECONDS;
pub(crate) use self::ladder::{LocalFault, Reply, Then, verdict};
pub(crate) use self::sender::LEASE_SECONDS;
pub use self::sender::{MAX_IN_FLIGHT, Onward};
pub use self::signature::{MAX_SECRET_BYTES, MIN_SECRET_BYTES, SigningSecret};
