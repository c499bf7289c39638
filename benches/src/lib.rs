//! The common parts of the benches: the harness that times two functions in turns, documents of any
//! size, ours and floor over each, and their budgets.
//!
//! This crate needs the parsers alone, so that the benches that count build quickly.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run has to say so and stop")]
#![allow(clippy::indexing_slicing, reason = "so does a floor that meets another document than its own")]
#![allow(clippy::print_stderr, reason = "what is over its budget is said there")]
#![allow(missing_docs, reason = "a floor's members are named as ours, and mean the same")]
#![allow(missing_debug_implementations, reason = "nobody prints a floor")]

pub mod allinpay_response;
pub mod alternate;
pub mod budget;
pub mod comparison;
pub mod history;
pub mod hostile;
pub mod paths;
pub mod push_xml;
