//! WeChat Pay APIv3, simulated.

mod account;
mod acts;
mod authenticate;
mod case;
mod delivery;
mod images;
mod log;
mod new_complaint;
mod notification;
mod operations;
mod platform;
mod query;
mod reply;
mod request_bodies;
mod route;
mod serve;
mod shape;
mod sign;
mod state;

pub use account::{MerchantAccount, PlatformKeyInfo, Signing};
pub use acts::PlatformService;
pub use authenticate::{Caller, MerchantKeys, RequestRefusal, verify_request};
pub use log::{ReceivedRequest, SentNotification};
pub use new_complaint::NewComplaint;
pub use notification::SignedNotification;

pub(crate) use authenticate::only;
pub(crate) use case::Case;
pub(crate) use images::IMAGE_URL;
pub(crate) use operations::Request;
pub(crate) use platform::Platform;
pub(crate) use reply::Reply;
pub(crate) use route::Operation;
pub(crate) use state::State;
