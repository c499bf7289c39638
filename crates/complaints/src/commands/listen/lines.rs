//! A message as it is printed: one line of JSON to a pipe, a form on a terminal.

use allinpay_adapter::{Noticed, Unreadable as UnreadableNotice};
use complaint_channels::ChannelName;
use protocol_core::mini_program::Received as Signed;
use serde::Serialize;
use wechat_adapter::mini_program::{Pushed, Unreadable as UnreadablePush};
use wechat_adapter::{Received, Unreadable};

use crate::error::Error;
use crate::language::{say, say_with};
use crate::view::output::{self, visible};
use crate::view::printed::Printed;
use crate::view::pushed;
use crate::view::words::word;

/// A line.
#[derive(Serialize)]
pub(super) struct Line {
    channel: &'static str,
    /// The account that the message is for; `null` if several have the key that verified it.
    merchant: Option<String>,
    /// Whether a signature covers the message. Pushes of the mode `plain` have none.
    verified: bool,
    /// The reason why a message of the platform's cannot be read. `message` is then its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<String>,
    /// The status of the response to the request that was handed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    forwarded: Option<u16>,
    message: Printed,
}

impl Line {
    pub(super) fn new(heard: &impl Heard, forwarded: Option<u16>) -> Result<Self, Error> {
        Ok(Self { forwarded, ..heard.line()? })
    }

    pub(super) fn print(&self) -> Result<(), Error> {
        output::print_either(self, || self.text())
    }

    fn text(&self) -> String {
        let merchant = self.merchant.as_deref().map(|merchant| format!(" {}", visible(merchant))).unwrap_or_default();
        let unsigned = if self.verified { String::new() } else { say("listen-unsigned") };
        let forwarded = self.forwarded.map(|status| say_with("listen-forwarded", [("status", status.into())]));
        let unreadable =
            self.unreadable.as_ref().map(|why| say_with("listen-unreadable", [("why", visible(why).into())]));
        let (forwarded, unreadable) = (forwarded.unwrap_or_default(), unreadable.unwrap_or_default());
        let channel = word("channel", self.channel);
        format!("\n{channel}{merchant}{unsigned}{forwarded}{unreadable}\n{}", self.message.text())
    }
}

/// A message or a letter of a channel.
pub(super) trait Heard: Send {
    fn line(&self) -> Result<Line, Error>;
}

impl Heard for Received {
    fn line(&self) -> Result<Line, Error> {
        output::note_misfits(None, &self.notification.misfits());
        let message = Printed::notification(&self.notification)?;
        Ok(line(ChannelName::WechatPay, Some(&self.mchid), message))
    }
}

impl Heard for Unreadable {
    fn line(&self) -> Result<Line, Error> {
        let message = Printed::new(&self.notification.document)?;
        let line = line(ChannelName::WechatPay, self.mchid.as_deref(), message);
        Ok(Line { unreadable: Some(self.notification.error.to_string()), ..line })
    }
}

impl Heard for Pushed {
    fn line(&self) -> Result<Line, Error> {
        let (message, problem) = pushed::printed(self.received.push())?;
        let line = line(ChannelName::MiniProgram, Some(&self.appid), message);
        let unreadable = problem.map(|problem| problem.to_string());
        Ok(Line { verified: matches!(self.received, Signed::Verified(_)), unreadable, ..line })
    }
}

impl Heard for UnreadablePush {
    fn line(&self) -> Result<Line, Error> {
        let line = line(ChannelName::MiniProgram, Some(&self.appid), Printed::new(&self.document.as_str())?);
        let verified = matches!(self.document, Signed::Verified(_));
        Ok(Line { verified, unreadable: Some(self.error.to_string()), ..line })
    }
}

impl Heard for Noticed {
    fn line(&self) -> Result<Line, Error> {
        output::note_misfits(None, &self.notice.misfits());
        Ok(line(ChannelName::Allinpay, Some(&self.cusid), Printed::new(&*self.notice)?))
    }
}

impl Heard for UnreadableNotice {
    fn line(&self) -> Result<Line, Error> {
        let line = line(ChannelName::Allinpay, Some(&self.cusid), Printed::new(&self.notice.document)?);
        Ok(Line { unreadable: Some(self.notice.error.to_string()), ..line })
    }
}

/// The line of a message that verified.
fn line(channel: ChannelName, merchant: Option<&str>, message: Printed) -> Line {
    let merchant = merchant.map(str::to_owned);
    Line { channel: channel.as_str(), merchant, verified: true, unreadable: None, forwarded: None, message }
}
