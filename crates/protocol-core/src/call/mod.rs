//! A call, without I/O. This module decides the next step; the caller sends and waits.
//!
//! A client of any runtime pumps these machines: it sends the request that a step names, reports
//! the outcome, and waits as long as a step says. The adapters do so, and so can a blocking client
//! or one with a remote key service.

mod act;
mod act_state;
mod attempts;
mod blocking;
mod error;
mod evidence;
#[cfg(any(feature = "wechat-pay", feature = "virtual-payment", feature = "allinpay"))]
pub(crate) mod evidence_query;
mod exchange;
#[cfg(any(feature = "wechat-pay", feature = "virtual-payment"))]
pub(crate) mod history_look;
mod hosts;
mod outside_error;
mod pages;
mod perform;
mod rows;
mod store;
mod turns;

pub use act::{ActOnce, ActStep, RECHECK_DELAYS, Setback};
pub use act_state::ActState;
pub use attempts::{Attempts, Next};
pub use blocking::blocking;
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub(crate) use error::quoted;
pub use error::{CallError, ResponseFailure};
pub use evidence::{Before, Doubt, Evidence, Look, Looked, Moment, Sight};
#[cfg(any(feature = "wechat-pay", feature = "virtual-payment", feature = "allinpay"))]
pub use evidence_query::{EvidenceQuery, EvidenceResponse};
pub use exchange::{CallResponse, Exchanger, FailedCall, exchange};
pub use hosts::Hosts;
pub use outside_error::OutsideError;
pub use pages::{Ending, Page, Paged, Pages};
pub use perform::{Performer, perform, perform_unseen};
pub use rows::Rows;
pub use store::{ActStore, StoreFuture, is_kept};
pub use turns::Turns;
