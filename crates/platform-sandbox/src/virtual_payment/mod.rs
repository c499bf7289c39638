//! The virtual payment of the Mini Program, simulated: its complaint operations and its events. Its
//! complaints are WeChat Pay's, of a merchant of its own.

mod account;
mod files;
mod notice;
mod operations;
mod routes;
mod sandbox;
mod state;
mod verify;

pub use account::VirtualPaymentAccount;

pub(crate) use notice::{ComplaintNotice, RestrictionNotice, Shape};
pub(crate) use routes::{Handler, find, is_path, operation_names};
pub(crate) use state::VirtualPayment;
pub(crate) use verify::check_pay_sig;
