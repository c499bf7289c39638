//! `explain`: the string to sign and each check. For a bad signature also a change that makes it
//! verify, if one is found.
//!
//! The report goes to standard output. An error is reported as by the explained command.

mod allinpay;
mod changes;
mod escapes;
mod mini_program;
mod replace;
mod report;
mod roles;
mod undo;
mod variants;
mod wechat_pay;

use std::path::Path;

use crate::args;
use crate::error::Error;
use crate::view::output;

pub(crate) fn run(command: &args::Explain, config: &Path) -> Result<(), Error> {
    let (report, outcome) = match command {
        args::Explain::Open(args::Open::Notification(arguments)) => wechat_pay::notification(arguments, config)?,
        args::Explain::Open(args::Open::Response(arguments)) => wechat_pay::response(arguments, config)?,
        args::Explain::Open(args::Open::Certificates(arguments)) => wechat_pay::certificates(arguments, config)?,
        args::Explain::Open(args::Open::MiniProgram(arguments)) => mini_program::push(arguments, config)?,
        args::Explain::Open(args::Open::Allinpay(arguments)) => allinpay::response(arguments, config)?,
        args::Explain::Sign(args::Sign::WechatPay(arguments)) => wechat_pay::request(arguments, config)?,
        args::Explain::Sign(args::Sign::Allinpay(arguments)) => allinpay::request(arguments, config)?,
    };
    output::print(&report).and(outcome.map_err(|error| report.explained(error)))
}
