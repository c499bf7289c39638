//! The channels as configured, and what the commands ask of each.

pub(crate) mod act;
pub(crate) mod allinpay;
pub(crate) mod dry_run;
mod interface;
pub(crate) mod mini_program;
pub(crate) mod wechat_pay;
mod wechat_pay_acts;

pub(crate) use self::interface::{Act, Channel, ClientError, Command, Decision, Image, only_wechat_pay, perform, run};
