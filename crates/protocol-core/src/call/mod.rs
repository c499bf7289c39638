//! A call, without I/O: what to do next, decided here; sending and waiting are the caller's.
//!
//! A client of any runtime pumps these: it sends what a step names, says what came of it, and waits as long as it is told. The
//! adapters do, and so does a blocking client or one whose key is a service.

mod act;
mod attempts;
mod blocking;
mod error;
mod exchange;
mod hosts;
mod outside_error;
mod pages;
mod perform;
mod rows;

pub use act::{
    ActOnce, ActState, ActStep, Before, Doubt, Evidence, Look, Looked, Moment, RECHECK_DELAYS, Setback, Sight,
};
pub use attempts::{Attempts, Next};
pub use blocking::blocking;
pub use error::{CallError, ResponseFailure};
pub use exchange::{CallResponse, Exchanger, FailedCall, exchange};
pub use hosts::Hosts;
pub use outside_error::OutsideError;
pub use pages::{Ending, ListError, Page, Paged, Pages};
pub use perform::{Performer, perform};
pub use rows::Rows;
