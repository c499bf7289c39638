//! WeChat Pay APIv3, simulated.

mod account;
mod acts;
mod authenticate;
mod complaint;
mod delivery;
mod images;
mod new_complaint;
mod new_violation;
mod notification;
mod operations;
mod query;
mod refusal;
mod request;
mod routes;
mod sandbox;
mod serve;
mod shape;
mod sign;
mod state;

pub use account::{MerchantAccount, PlatformKeyInfo, Signing};
pub use acts::PlatformService;
pub use authenticate::{Caller, MerchantKeys, verify_request};
pub use new_complaint::NewComplaint;
pub use new_violation::{NewViolation, ViolationEvent};
pub use notification::SignedNotification;

pub(crate) use account::{Merchant, PlatformKey};
pub(crate) use authenticate::only;
pub(crate) use complaint::{Complaint, PROCESSED, Refund};
pub(crate) use delivery::deliver;
pub(crate) use images::{IMAGE_URL, Images, content_type, in_base64};
pub(crate) use notification::Notification;
pub(crate) use request::Request;
pub(crate) use routes::{Handler, operation_names};
pub(crate) use sign::signature_headers;
pub(crate) use state::WechatPay;
