//! The words of a `[[notice]]` in the configuration. They stand alone, with the members of the file.

use serde::Deserialize;

/// The receiver of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum NoticeKind {
    /// A group robot of WeCom (企业微信).
    Wecom,
    /// A custom robot of DingTalk (钉钉).
    Dingtalk,
    /// A custom bot of Feishu (飞书) or Lark.
    Feishu,
    /// A program of this machine.
    Command,
    /// A URL of yours.
    Url,
}

impl NoticeKind {
    /// The word in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wecom => "wecom",
            Self::Dingtalk => "dingtalk",
            Self::Feishu => "feishu",
            Self::Command => "command",
            Self::Url => "url",
        }
    }
}

/// The reason for a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoticeEvent {
    /// A complaint is new.
    Filed,
    /// The payer wrote, or continued the complaint.
    PayerResponded,
    /// The payer asks for a refund.
    RefundRequested,
    /// A deadline is near.
    Near,
    /// A deadline passed.
    Overdue,
    /// An act was refused, or its outcome is unknown.
    ActFailed,
    /// A message cannot be read, or an endpoint was given up on.
    DeadLetter,
}

impl NoticeEvent {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::Filed,
        Self::PayerResponded,
        Self::RefundRequested,
        Self::Near,
        Self::Overdue,
        Self::ActFailed,
        Self::DeadLetter,
    ];

    /// The word in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::PayerResponded => "payer_responded",
            Self::RefundRequested => "refund_requested",
            Self::Near => "near",
            Self::Overdue => "overdue",
            Self::ActFailed => "act_failed",
            Self::DeadLetter => "dead_letter",
        }
    }
}

/// The people whom a robot mentions in each message.
#[derive(Debug, Default, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Mention {
    /// Ids of the platform: WeCom's and DingTalk's user ids, Feishu's open ids or user ids.
    pub users: Vec<String>,
    /// Telephone numbers. Feishu takes none.
    pub mobiles: Vec<String>,
    /// Whether all of the group are mentioned.
    pub all: bool,
}

/// A language of notices, in the configuration.
#[derive(Debug, Default, Clone, Copy, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum NoticeLanguage {
    #[default]
    Zh,
    En,
}
