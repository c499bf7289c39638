//! Allinpay's gateway, simulated: merchants sign forms, the gateway signs responses and notices.

mod account;
mod alipay;
mod alipay_complaint;
mod call;
mod delivery;
mod notice;
mod response;
mod routes;
mod sandbox;
mod serve;
mod state;
mod verify;
mod wechat;

pub use account::AllinpayAccount;
pub use alipay_complaint::NewAlipayComplaint;
pub use verify::{AllinpayCaller, AllinpayKeys, verify_allinpay_request};

pub(crate) use alipay_complaint::AlipayComplaint;
pub(crate) use delivery::deliver;
pub(crate) use routes::operation_names;
pub(crate) use serve::is_path;
pub(crate) use state::Allinpay;
