//! The virtual payment of WeChat Mini Programs (虚拟支付): it has its own interfaces to list, read,
//! reply to and complete complaints.
//!
//! # The server
//!
//! Requests go to the Mini Program's server under the same access token, and are signed with the
//! virtual payment's [`Merchant`] too. Each [`Operation`] is a plain value; [`Merchant::sign`]
//! makes its request. The responses are not signed, so they stay
//! [`Unverified`](crate::Unverified): TLS and the host vouch for them. Complaints and their history
//! are WeChat Pay's documents, see [`complaint`](crate::complaint). Source: the documentation of
//! the interfaces `/xpay/…`, and clients of them.
//!
//! # The push
//!
//! Complaints arrive among the pushes of the Mini Program, see
//! [`mini_program::Receiver`](crate::mini_program::Receiver). [`Notice::of`] reads the two events
//! of virtual payment. A push may lack the complaint's number, and pushes get lost: read the list
//! now and then.

mod act;
mod complaints;
mod evidence;
mod files;
mod link;
mod merchant;
mod notice;
mod operation;
mod pages;
mod replies;

pub use crate::call::EvidenceResponse;
pub use act::{ACTS, ActOperation, ActVisitor};
pub use complaints::{GetComplaintDetail, GetComplaintList, GetNegotiationHistory};
pub use evidence::{Evidence, EvidenceQuery, HISTORY_PAGE};
pub use files::{FileSign, GetUploadFileSign, MAX_VP_FILE, UploadVpFile, UploadedFile};
pub use link::receive_image;
pub use merchant::{Env, Merchant, Signed, pay_sig};
pub use notice::{ComplaintNotify, Notice, RestrictionNotify};
pub use operation::Operation;
pub use replies::{CompleteComplaint, ResponseComplaint};

pub use crate::mini_program::{Response, ResponseError, ServerCode};
