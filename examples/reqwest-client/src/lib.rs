//! A client over `reqwest`: the core makes requests and reads responses, and decides what follows.

mod client;

pub use client::{CallError, Client};
