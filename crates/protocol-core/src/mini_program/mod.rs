//! The WeChat Mini Program's message push: verified, decrypted, and the complaint in it typed.
//!
//! A [`Receiver`] holds what one Mini Program has configured (application id, token, key, mode) and opens
//! what is pushed. What it opens is [`Received::Verified`] where a signature covers the message, and
//! [`Received::Unverified`] in plain mode, whose signature covers the query only.
//!
//! The push is never complete: changes go unpushed (a withdrawal has been seen to). Read the complaint's
//! detail again instead of relying on it. Source of the facts: the Mini Program documentation of the event
//! `complaint_callback` and of the message push.

mod callback;
mod cipher;
mod codes;
mod push;
mod query;
mod receiver;

pub use callback::{ComplaintCallback, HistoryEntry, MediaIds};
pub use cipher::{EncodingAesKey, EncodingAesKeyFault};
pub use codes::{CallbackStatus, CallbackType, OptionType};
pub use push::{Document, Event, Push};
pub use receiver::{Format, Mode, PushError, Received, Receiver, SUCCESS, SetupError, SignedParts, push_signature};
