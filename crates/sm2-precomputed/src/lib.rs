//! SM2 signatures (GB/T 32918, GM/T 0003) for keys that live long: over tables of multiples that
//! are made once, signing and verifying take a fraction of the time.
//!
//! ```
//! use sm2_precomputed::{Signature, SigningKey, UserId, VerifyingKey};
//!
//! let scalar = [7; 32];
//! let key = SigningKey::new(&scalar, UserId::DEFAULT).ok_or("the scalar is out of range")?;
//! let signature = key.sign([&b"GET\n"[..], b"/v3/certificates\n"]).to_der();
//!
//! let point = key.verifying_key().to_bytes();
//! let verifier = VerifyingKey::new(&point, UserId::DEFAULT).ok_or("not a point of the curve")?;
//! verifier.prepare();
//! let signature = Signature::from_der(&signature).ok_or("not a signature")?;
//! verifier.verify([&b"GET\n/v3/certificates\n"[..]], &signature)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
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
