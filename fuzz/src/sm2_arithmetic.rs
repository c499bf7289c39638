//! The arithmetic of SM2's signatures beside its references.

use sm2_precomputed::arithmetic::{Results, field, field_forms, scalar, scalar_forms};

pub use references::{check_field, check_scalar};

#[path = "../../crates/sm2-precomputed/src/arithmetic/references.rs"]
mod references;

/// Two integers of 32 bytes, at the front of an input.
pub fn pair(bytes: &[u8]) -> Option<(&[u8; 32], &[u8; 32])> {
    let (a, rest) = bytes.split_first_chunk()?;
    Some((a, rest.first_chunk()?))
}
