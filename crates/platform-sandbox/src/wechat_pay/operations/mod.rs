//! The handlers of verified requests, one file for each group of operations.

mod image;
mod notification_url;
mod read;
mod refund;
mod reply;
mod security;
