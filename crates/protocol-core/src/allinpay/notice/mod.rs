//! Notices that Allinpay posts to the merchant's risk notification URL: signed forms about Alipay's
//! complaints.

mod document;
mod error;
mod fields;
mod receive;

pub use document::{Notice, UnreadNotice};
pub use error::NoticeError;
pub use fields::NoticeFields;

/// The body of the response to a notice that was stored. The platform retries after any other body.
pub const NOTICE_SUCCESS: &str = "success";
