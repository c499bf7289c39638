//! A client whose private key lies elsewhere: a key service signs, this process only says what.

mod client;
pub mod kms;
mod remote_key;

pub use client::{CallError, Client};
pub use remote_key::{RemoteKey, RemoteKeyError};
