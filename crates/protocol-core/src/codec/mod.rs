//! How bytes become values and back: base64 as each platform writes it, JSON as each really sends
//! it, text as people save it.

pub(crate) mod base64;
#[cfg(feature = "allinpay")]
pub(crate) mod form;
pub(crate) mod id;
pub(crate) mod json;
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub(crate) mod multipart;
pub(crate) mod pasted;
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub(crate) mod percent;
pub(crate) mod text;
#[cfg(feature = "mini-program")]
pub(crate) mod xml;

#[cfg(feature = "allinpay")]
pub use form::Parameters;
pub use json::{Extra, decode_json};
pub use pasted::text_of_file;
