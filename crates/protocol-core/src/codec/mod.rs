//! How bytes become values and back: base64 as each platform writes it, JSON as each really sends it.

pub(crate) mod base64;
pub(crate) mod json;
#[cfg(feature = "xml")]
pub(crate) mod xml;

pub use json::{Extra, decode_json};
