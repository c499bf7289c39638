#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod accumulator;
#[cfg(any(test, fuzzing))]
pub mod arithmetic;
mod digest;
mod field;
mod lazy;
mod limbs;
mod nonce;
mod point;
mod scalar;
mod signature;
mod signing;
mod table;
mod traits;
mod verifying;
mod window;

pub use ::signature::Error;
pub use digest::{Digest, UserId};
pub use signature::Signature;
pub use signing::SigningKey;
pub use verifying::VerifyingKey;
pub use window::Window;
