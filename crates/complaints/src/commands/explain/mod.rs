//! `explain`: the string to sign and each check. For a bad signature also a change that makes it
//! verify, if one is found.
//!
//! The report goes to standard output. An error is reported as by the explained command.

mod allinpay;
mod allinpay_notice;
mod changes;
mod escapes;
mod mini_program;
mod replace;
mod report;
mod roles;
mod undo;
mod variants;
mod virtual_payment;
mod wechat_pay;

use clap::Subcommand;

use crate::commands::{open, sign};
use crate::config::Config;
use crate::error::Error;

#[derive(Debug, Subcommand)]
pub(crate) enum Arguments {
    /// The same as `open`.
    #[command(subcommand)]
    Open(open::Arguments),
    /// The same as `sign`.
    #[command(subcommand)]
    Sign(sign::Arguments),
}

pub(crate) fn run(command: &Arguments, config: &Config) -> Result<(), Error> {
    let (report, outcome) = match command {
        Arguments::Open(open::Arguments::Notification(arguments)) => wechat_pay::notification(arguments, config)?,
        Arguments::Open(open::Arguments::Response(arguments)) => wechat_pay::response(arguments, config)?,
        Arguments::Open(open::Arguments::Certificates(arguments)) => wechat_pay::certificates(arguments, config)?,
        Arguments::Open(open::Arguments::MiniProgram(arguments)) => mini_program::push(arguments, config)?,
        Arguments::Open(open::Arguments::Allinpay(arguments)) => allinpay::response(arguments, config)?,
        Arguments::Open(open::Arguments::AllinpayNotice(arguments)) => allinpay_notice::notice(arguments, config)?,
        Arguments::Sign(sign::Arguments::WechatPay(arguments)) => wechat_pay::request(arguments, config)?,
        Arguments::Sign(sign::Arguments::VirtualPayment(arguments)) => virtual_payment::request(arguments, config)?,
        Arguments::Sign(sign::Arguments::Allinpay(arguments)) => allinpay::request(arguments, config)?,
    };
    report.print().and(outcome.map_err(|error| report.explained(error)))
}

/// Completes `explain wechat-pay …` to `explain open wechat-pay …`, or to `explain sign …` if a
/// method or a parameter is given. Virtual payment has no message to open: its pushes are the Mini
/// Program's.
pub(crate) fn complete_explain(mut arguments: Vec<std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let Some(explain) = arguments.iter().skip(1).position(|argument| argument == "explain").map(|at| at + 1) else {
        return arguments;
    };
    let next = arguments.get(explain + 1).and_then(|next| next.to_str()).unwrap_or_default();
    let messages =
        ["wechat-pay", "wechat-pay-response", "wechat-pay-certificates", "mini-program", "allinpay", "allinpay-notice"];
    let is_a_message = messages.contains(&next);
    let is_a_request = next == "virtual-payment";
    if is_a_message || is_a_request {
        let signs = is_a_request
            || arguments.iter().any(|argument| {
                let argument = argument.to_string_lossy();
                argument.starts_with("--method") || argument.starts_with("--param")
            });
        arguments.insert(explain + 1, if signs { "sign" } else { "open" }.into());
    }
    arguments
}
