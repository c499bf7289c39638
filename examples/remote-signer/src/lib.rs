//! A client with a remote private key: a key service signs the bytes that this process sends it.

mod client;
pub mod kms;
mod remote_key;

pub use client::{CallError, Client};
pub use remote_key::{RemoteKey, RemoteKeyError};
