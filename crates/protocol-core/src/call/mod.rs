//! A call, without I/O: what to do next, decided here; sending and waiting are the caller's.
//!
//! A client of any runtime pumps these: it sends what a step names, says what came of it, and waits as long as it is told. The
//! adapters do, and so does a blocking client or one whose key is a service.

mod attempts;
mod error;
mod hosts;
mod outside_error;
mod pages;

pub use attempts::{Attempts, Next};
pub use error::{CallError, ResponseFailure};
pub use hosts::Hosts;
pub use outside_error::OutsideError;
pub use pages::{Page, Paged, Pages};
