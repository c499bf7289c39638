//! The WeChat Mini Program: its message push verified, decrypted and typed, and its server's five
//! complaint interfaces.
//!
//! # The push
//!
//! A [`Receiver`] holds one Mini Program's configuration (application id, token, key, mode) and
//! opens pushed messages. A message is [`Received::Verified`] if a signature covers it, and
//! [`Received::Unverified`] in plain mode, whose signature covers the query only.
//!
//! Some changes are not pushed (a withdrawal was seen to be one). Read the complaint's detail again
//! instead of relying on the push. Source: the Mini Program documentation of the event
//! `complaint_callback` and of the message push.
//!
//! # The server
//!
//! Each [`Operation`] is a plain value that makes a request; a [`ServerRequest`] adds the
//! [`AccessToken`] to its query. The responses are not signed, so they stay
//! [`Unverified`](crate::Unverified): TLS and the host vouch for them. Source: the documentation of
//! the transaction guarantee interfaces, and responses that were seen.

mod acknowledgement;
mod act;
mod callback;
mod cipher;
mod codes;
mod document;
mod evidence;
mod media;
mod operation;
mod order_detail;
mod penalties;
mod push;
mod push_error;
mod push_signature;
mod push_writer;
mod query;
mod received;
mod receiver;
mod replies;
mod response;
mod response_error;
mod sealed;
mod sent_acts;
mod server_code;
mod server_request;
mod signed_parts;
mod token;
mod xpay;

pub use acknowledgement::Acknowledgement;
pub use act::{ACTS, ActOperation, ActVisitor};
#[cfg(feature = "virtual-payment")]
pub(crate) use callback::push_object;
pub use callback::{ComplaintCallback, HistoryEntry, MediaIds};
pub use cipher::EncodingAesKey;
pub use codes::OptionType;
pub use document::Document;
pub use evidence::{Counted, Evidence};
pub use media::{MAX_TEMP_MEDIA, TempMedia, UploadTempMedia};
pub use operation::{Operation, Response};
pub use order_detail::GetOrderDetail;
pub use penalties::{GetPenaltyList, MAX_PENALTIES, Penalty, PenaltyList};
pub use push::{Event, Push};
pub use push_error::PushError;
pub use push_signature::push_signature;
pub use received::Received;
pub use receiver::{Format, Mode, Receiver, SUCCESS};
pub use replies::{Appeal, BussiHandle, RespondComplaint, SubmitRefund, SupplyProof};
pub use response::responded_at;
pub use response_error::ResponseError;
pub use sent_acts::SentActs;
pub use server_code::ServerCode;
pub use server_request::ServerRequest;
pub use signed_parts::SignedParts;
pub use token::{AccessToken, GetStableToken, IssuedToken, MAX_ACCESS_TOKEN};
#[cfg(feature = "virtual-payment")]
pub(crate) use xpay::{XPAY_COMPLAINT, XPAY_RESTRICTION};

pub use crate::complaint::{CallbackStatus, CallbackType};
