//! The handlers of verified requests, one file for each group of operations.

mod accused;
mod image;
mod immediate_reply;
mod notification_url;
mod read;
mod refund;
mod reply;
mod security;
